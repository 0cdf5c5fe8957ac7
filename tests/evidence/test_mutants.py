"""Slips of the pen: a mutant of a reference that no case notices is as right as the reference, or a case is missing."""

import pytest

from tests.evidence.measure import Equivalent, mutated, rate
from tests.evidence.mutants import mutants
from tests.evidence.samples import FREE, mutants_of
from tests.evidence.trial import BENCHES, bench_of

SHARE, SLOW_SHARE = 0.1, 0.02  # of all; `make evidence` tries every one

PROGRAMMED = [bench for bench in BENCHES if not bench.exercise.sealed and bench.name not in FREE]
EQUIVALENT = Equivalent()


@pytest.fixture(scope="module")
def counted(say):
    tried = []
    yield tried
    counts = rate(tried)
    say(
        f"mutants that are caught when graded: {counts.tried}, of which {counts.check} are caught by check, "
        f"and {counts.diagnosed} diagnosed; all others are as right as the reference"
    )
    if counts.tried > 300:
        assert counts.share(counts.check) >= 0.95
        assert counts.share(counts.diagnosed) >= 0.6


@pytest.mark.parametrize("bench", PROGRAMMED, ids=lambda bench: bench.name)
def test_survivors_are_as_right_as_the_reference(bench, counted):
    tried = mutated(bench, SLOW_SHARE if bench.trains else SHARE)
    assert [t.what for mutant, t in tried if not t.trial.caught and mutant not in EQUIVALENT] == []
    counted.extend(t for mutant, t in tried if t.trial.caught)


def test_the_list_names_mutants_only():
    assert EQUIVALENT.unknown() == set()


def test_every_reference_has_mutants():
    assert min(len(mutants_of(bench)) for bench in PROGRAMMED) >= 9
    assert sum(len(mutants_of(bench)) for bench in PROGRAMMED) > 4500


def test_what_a_mutant_is():
    edits = {(m.before, m.after) for m in mutants("def f(x, N):\n    'Mean.'\n    return x.sum(axis=0) / N\n")}
    assert ("return x.sum(axis=0) / N", "return x.sum(axis=0) * N") in edits
    assert ("return x.sum(axis=0) / N", "return x.sum(axis=1) / N") in edits
    assert ("return x.sum(axis=0) / N", "return x.sum() / N") in edits
    assert ("return x.sum(axis=0) / N", "return x.mean(axis=0) / N") in edits
    assert ("return x.sum(axis=0) / N", "return x.sum(axis=0)") in edits
    assert all(before.startswith("return") for before, _ in edits)  # not the docstring


def test_a_mutant_runs():
    (minus,) = [m for m in mutants("def f(a):\n    return a + 1\n") if m.after == "return a - 1"]
    assert minus.function_in({})(3) == 2


def test_a_wrong_cache_is_noticed_by_the_backward_pass():
    """In its own exercise such a forward pass is right."""
    tried = [t for mutant, t in mutated(bench_of("affine_forward")) if mutant.after.endswith(", (w, x))")]
    assert [(t.exercise, t.trial.caught, t.trial.graded.name) for t in tried] == [
        ("affine_forward", True, "affine_backward")
    ]
