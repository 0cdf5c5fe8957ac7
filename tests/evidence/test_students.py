"""Answers as students write them, in styles that differ from the references': wrong ones are caught, right ones not."""

import pytest

from tests.evidence.measure import WRITTEN, rate, written
from tests.evidence.trial import bench_of

WRONG = [answer for answer in WRITTEN if not answer.is_right]
RIGHT = [answer for answer in WRITTEN if answer.is_right]


@pytest.fixture(scope="module")
def wrong(say):
    tried = written(WRONG)
    counts = rate(tried)
    say(
        f"wrong answers of students: {counts.check} of {counts.tried} caught by check, {counts.graded} when graded, "
        f"{counts.named} named, {counts.rightly} of them rightly, {counts.diagnosed} diagnosed"
    )
    return tried


def test_wrong_answers_are_caught(wrong):
    assert len(wrong) > 150
    assert [(t.exercise, t.what) for t in wrong if not t.trial.caught] == []
    assert [(t.exercise, t.what) for t in wrong if not t.trial.caught_by_check] == []


def test_they_are_named_and_diagnosed(wrong):
    counts = rate(wrong)
    assert counts.share(counts.rightly) >= 0.9
    assert counts.share(counts.wrongly) <= 0.03
    assert counts.share(counts.diagnosed) >= 0.95


@pytest.mark.parametrize("answer", RIGHT, ids=lambda answer: f"{answer.exercise}-{answer.name}")
def test_a_right_answer_is_never_called_wrong(answer):
    (tried,) = written([answer])
    for verdict in (tried.trial.check, tried.trial.graded):
        assert [(f.case, f.message, f.title) for f in verdict.findings if f.message or f.title or f.mistake] == []
        assert verdict.points == verdict.max_points
    assert tried.named == set()


def test_there_are_enough_of_them():
    assert len(RIGHT) >= 60
    assert {answer.exercise for answer in WRONG} >= {"max_pool_backward_naive", "batchnorm_backward", "fc_to_conv"}
    assert len({answer.exercise for answer in WRITTEN}) >= 40


def test_names_are_ids_of_known_mistakes():
    for answer in WRONG:
        known = {mistake.id for mistake in bench_of(answer.exercise).exercise.mistakes}
        assert answer.mistakes <= known, answer.name
