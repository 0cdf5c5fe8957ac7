"""Two known mistakes at once: caught, and at least one of them named."""

import pytest

from tests.evidence.measure import paired, rate
from tests.evidence.trial import BENCHES

PAIRS_EACH = 5  # of every exercise; `make evidence` tries 40


@pytest.fixture(scope="module")
def tried(say):
    pairs = [
        t for bench in BENCHES if not bench.exercise.sealed and not bench.trains for t in paired(bench, PAIRS_EACH)
    ]
    counts = rate(pairs)
    both = sum(t.mistakes <= t.named for t in pairs)
    say(
        f"pairs of known mistakes: {counts.check} of {counts.tried} caught by check, {counts.graded} when graded; "
        f"one of the two named {counts.rightly} times, both {both} times, another one {counts.wrongly} times"
    )
    return pairs


def test_caught(tried):
    assert len(tried) > 150
    assert [t.what for t in tried if not t.trial.caught] == []
    assert rate(tried).share(rate(tried).check) >= 0.98


def test_one_of_them_is_named(tried):
    counts = rate(tried)
    assert counts.share(counts.rightly) >= 0.8


def test_both_are_named(tried):
    assert sum(t.mistakes <= t.named for t in tried) >= 0.4 * len(tried)


def test_hardly_ever_only_another_one(tried):
    assert sum(bool(t.named) and not t.rightly for t in tried) <= 0.02 * len(tried)
    assert rate(tried).wrongly <= 0.09 * len(tried)
