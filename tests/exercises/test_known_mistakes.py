"""Known mistakes are rejected and named: on public cases, as `check` sees them, and on fresh ones, as the grader."""

import ast
import warnings
from collections import Counter, defaultdict
from functools import cache

import numpy as np
import pytest

from autograder.exercises import ASSIGNMENTS
from autograder.keys import PUBLIC_SEED, function_source, make_key, mistaken_functions, with_mistakes
from cs231n_utils.checking.calls import run
from cs231n_utils.checking.verdict import Answer, Status, judge

SEEDS = {"public": PUBLIC_SEED, "fresh": 1}
REMARKS = {"integer_gradient", "logarithm_of_zero"}  # worth saying, and free

EXERCISES = [
    pytest.param(assignment, exercise, id=exercise.name)
    for assignment in ASSIGNMENTS
    for exercise in assignment.exercises
]
KNOWN = [
    pytest.param(assignment, exercise, known, id=f"{exercise.name}-{number}-{known.id}")
    for assignment in ASSIGNMENTS
    for exercise in assignment.exercises
    for number, known in enumerate(exercise.mistakes)
]


@cache
def key_of(assignment, exercise, kind):
    return with_mistakes(assignment, exercise, make_key(assignment, exercise, SEEDS[kind], public=kind == "public"))


@cache
def verdict_on(assignment, exercise, known, kind):
    key = key_of(assignment, exercise, kind)
    functions = mistaken_functions(assignment.solutions, exercise, known, key.cases)
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
        return judge(key, [Answer(run(key.plan(case), functions, case.inputs)) for case in key.cases])


def is_caught(verdict, known):
    """Rejected, and for the right reason: the mistake that most of the wrong findings name is this one."""
    wrong = [finding for finding in verdict.findings if finding.status != Status.PASSED]
    names = Counter(finding.mistake for finding in wrong)
    rejected = verdict.points < verdict.max_points or known.id in REMARKS
    return bool(wrong) and rejected and names.most_common(1)[0][0] == known.id


@pytest.fixture(scope="module")
def rate(request):
    """Counts, and prints at the end, how many known mistakes were rejected and named."""
    counts = {kind: Counter() for kind in SEEDS}
    yield counts
    lines = [f"{count[True]} of {count.total()} on {kind} cases" for kind, count in counts.items()]
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\nknown mistakes rejected and named: {', '.join(lines)}")


@pytest.mark.parametrize("kind", SEEDS)
@pytest.mark.parametrize(("assignment", "exercise", "known"), KNOWN)
def test_rejected_and_named(assignment, exercise, known, kind, rate):
    verdict = verdict_on(assignment, exercise, known, kind)
    caught = is_caught(verdict, known)
    rate[kind][caught] += 1
    assert caught, [(finding.status.value, finding.mistake, finding.message) for finding in verdict.findings]


@pytest.mark.parametrize(("assignment", "exercise", "known"), KNOWN)
def test_the_hint_comes_with_it(assignment, exercise, known):
    findings = verdict_on(assignment, exercise, known, "public").findings
    said = {(finding.title, finding.hint) for finding in findings if finding.mistake == known.id}
    assert len(said) == 1  # one submission gets one hint for one mistake
    title, hint = said.pop()
    assert (title, hint) in {(other.title, other.hint) for other in exercise.mistakes if other.id == known.id}


@pytest.mark.parametrize(("assignment", "exercise"), EXERCISES)
def test_the_reference_makes_none_of_them(assignment, exercise):
    for kind in SEEDS:
        key = key_of(assignment, exercise, kind)
        functions = {name: getattr(assignment.solutions, name) for name in key.functions}
        verdict = judge(key, [Answer(run(key.plan(case), functions, case.inputs)) for case in key.cases])
        assert verdict.status is Status.PASSED
        assert {(finding.status, finding.mistake) for finding in verdict.findings} == {(Status.PASSED, None)}


@pytest.mark.parametrize(("assignment", "exercise", "known"), KNOWN)
def test_every_edit_applies(assignment, exercise, known):
    source = function_source(assignment.solutions, known.function or exercise.name)
    for old, new in known.edits:
        assert source.count(old) == 1
        source = source.replace(old, new)
    ast.parse(source)


def test_an_edit_that_does_not_apply_is_refused():
    assignment = ASSIGNMENTS[0]
    exercise = next(e for e in assignment.exercises if e.mistakes)
    known = exercise.mistakes[0]
    changed = type(known)(known.id, known.title, known.hint, (("no such text", "x"),))
    with pytest.raises(ValueError, match=f"known mistake {known.id} of {exercise.name}: 'no such text' stands 0 times"):
        mistaken_functions(assignment.solutions, exercise, changed)


@pytest.mark.parametrize(("assignment", "exercise"), EXERCISES)
def test_words(assignment, exercise):
    """Ids are identifiers, titles stand before a full stop of the panel's, and no hint is empty."""
    for known in exercise.mistakes:
        assert known.id.isidentifier()
        assert known.id == known.id.lower()
        assert known.title.strip() == known.title != ""
        assert known.title[-1] not in ".!?:"
        assert known.hint.strip() == known.hint != ""


@pytest.mark.parametrize(("assignment", "exercise"), EXERCISES)
def test_one_title_stands_for_one_mistake(assignment, exercise):
    ids = defaultdict(set)
    for known in exercise.mistakes:
        ids[known.title].add(known.id)
    assert {title: names for title, names in ids.items() if len(names) > 1} == {}


@pytest.mark.parametrize(("assignment", "exercise"), EXERCISES)
def test_hints_do_not_give_the_line_away(assignment, exercise):
    source = function_source(assignment.solutions, exercise.name)
    answer = "".join(part.split("# END SOLUTION")[0] for part in source.split("# BEGIN SOLUTION")[1:])
    body = [line.split("#")[0].strip() for line in answer.splitlines()]
    long = [line for line in body if len(line) > 12]
    for known in exercise.mistakes:
        assert not [line for line in long if line in known.hint or line in known.title]
