"""From answers to a verdict: points, statuses, remarks, speed, and which known mistake is named on which case."""

import json
import math
from dataclasses import replace

import pytest

from cs231n_utils.checking.calls import Call, run
from cs231n_utils.checking.key import Case, ExerciseKey, Mistake, Part, Speed, Tolerance
from cs231n_utils.checking.location import Maps
from cs231n_utils.checking.verdict import Advice, Answer, Finding, Status, Verdict, judge

CALLS = (Call("double", ("x",), ("out",)),)
TOLERANCE = Tolerance(1e-6, 1e-9, "for these tests")
INPUTS = (1.0, -2.0, 0.0)


def answer_of(function, x):
    return run(CALLS, {"double": function}, {"x": x})


def right(x):
    return 2.0 * x


def mistake(name, function):
    """A known mistake as a key has it: {} where it makes no difference."""
    records = tuple(answer_of(function, x) for x in INPUTS)
    expected = tuple(answer_of(right, x) for x in INPUTS)
    return Mistake(
        name,
        f"Title of {name}",
        f"Hint of {name}",
        tuple(r if r != e else {} for r, e in zip(records, expected, strict=True)),
    )


MISTAKES = {
    "only_positive": lambda x: 2.0 * abs(x),
    "square": lambda x: x * x,
    "raises": lambda x: [][0],
}


WHOLE = (Part("values", 1.0),)


def key(*, parts=WHOLE, places=("values",) * 3, known=(), speed=None):
    cases = tuple(
        Case(f"case {i}", {"x": x}, answer_of(right, x), part, speed=speed if part == "speed" else None)
        for i, (x, part) in enumerate(zip(INPUTS, places, strict=True))
    )
    mistakes = tuple(mistake(name, MISTAKES[name]) for name in known)
    return ExerciseKey("double", 10.0, CALLS, TOLERANCE, parts, cases, mistakes)


def verdict_of(function, of=None, **answer):
    of = of or key()
    return judge(of, [Answer(run(CALLS, {"double": function}, case.inputs), **answer) for case in of.cases])


def statuses(verdict):
    return [finding.status.value for finding in verdict.findings]


def test_a_verdict_survives_json():
    findings = (
        Finding("case 0", Status.PASSED, seconds=0.25),
        Finding(
            "case 1",
            Status.FAILED,
            "out[0, 0] = nan, expected 1",
            mistake="one",
            title="One",
            hint="First.",
            where="all of column 0",
            maps=Maps("out", ((1.0, 2.0),), ((math.nan, 2.0),)),
            numeric="dx is not what the forward pass does",
            also=(Advice("two", "Two", "Second."),),
        ),
    )
    verdict = Verdict("double", Status.FAILED, 0.0, 10.0, findings)
    assert Verdict.from_value(json.loads(json.dumps(verdict.to_value(), allow_nan=False))) == verdict


# --- points and statuses ---


def test_right():
    verdict = verdict_of(right)
    assert (verdict.status, verdict.points, verdict.max_points) == (Status.PASSED, 10, 10)
    assert [finding.case for finding in verdict.findings] == ["case 0", "case 1", "case 2"]
    assert not any(finding.message for finding in verdict.findings)


def test_one_wrong_case_costs_the_part():
    verdict = verdict_of(lambda x: 2.0 * abs(x))
    assert (verdict.status, verdict.points) == (Status.FAILED, 0)
    assert statuses(verdict) == ["passed", "failed", "passed"]
    assert verdict.findings[1].message == "out = 4, expected -4  [double, case 1]"


def not_implemented(x):
    raise NotImplementedError


def test_not_implemented():
    verdict = verdict_of(not_implemented)
    assert (verdict.status, verdict.points) == (Status.NOT_IMPLEMENTED, 0)
    assert verdict.findings[0].message == "double is not implemented yet"


def test_another_function_is_not_implemented():
    plan = (Call("forward", ("x",), ("out",)), Call("double", ("out",), ("dx",)))
    record = run(plan, {"forward": not_implemented, "double": right}, {"x": 1.0})
    verdict = judge(replace(key(), calls=plan), [Answer(record)] * 3)
    assert verdict.status is Status.NOT_IMPLEMENTED
    assert verdict.findings[0].message == "double needs forward, which is not implemented yet"


def test_an_error_names_the_students_line():
    def double(x):
        return x / 0

    verdict = verdict_of(double)
    assert verdict.status is Status.CRASHED
    assert verdict.findings[0].message == "double raised ZeroDivisionError: float division by zero  [double, case 0]"
    place, variables = verdict.findings[0].lines
    assert place.endswith(", in double: return x / 0")
    assert variables.startswith("x: ")
    assert verdict.findings[0].title == "A number is divided by 0"
    assert "which length or count is 0" in verdict.findings[0].hint


def test_nothing_returned():
    plan = (Call("double", ("x",), ("out", "cache")),)
    record = run(plan, {"double": lambda x: None}, {"x": 1.0})
    verdict = judge(replace(key(), calls=plan), [Answer(record)] * 3)
    assert verdict.status is Status.FAILED
    assert "is the return line missing?" in verdict.findings[0].message


def hungry(x):
    raise MemoryError


@pytest.mark.parametrize(
    ("function", "status"),
    [(hungry, Status.OUT_OF_MEMORY), (lambda x: exit(0), Status.CRASHED), (lambda x: x / 0, Status.CRASHED)],
)
def test_what_stops_it_gives_the_status(function, status):
    verdict = verdict_of(function)
    assert (verdict.status, verdict.points) == (status, 0)


@pytest.mark.parametrize("status", [Status.TIMED_OUT, Status.OUT_OF_MEMORY, Status.CRASHED])
def test_no_record(status):
    answers = [Answer(answer_of(right, 1.0)), *[Answer(None, status=status, detail="no answer")] * 2]
    verdict = judge(key(), answers)
    assert (verdict.status, verdict.points) == (status, 0)
    assert verdict.findings[1].message == "no answer  [double, case 1]"


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        (("wrong", "error", "right"), Status.FAILED),
        (("error", "timed out", "wrong"), Status.TIMED_OUT),
        (("not implemented", "error", "right"), Status.CRASHED),
    ],
)
def test_one_word_for_several_problems(kinds, status):
    functions = {"right": right, "wrong": lambda x: 9.0, "error": lambda x: [][0], "not implemented": not_implemented}
    answers = [
        Answer(None, status=Status.TIMED_OUT) if kind == "timed out" else Answer(answer_of(functions[kind], x))
        for kind, x in zip(kinds, INPUTS, strict=True)
    ]
    assert judge(key(), answers).status is status


def test_every_case_needs_an_answer():
    with pytest.raises(ValueError, match="shorter"):
        judge(key(), [Answer(answer_of(right, 1.0))])


# --- parts ---

PARTS = (Part("values", 0.6), Part("remarks", 0.0), Part("speed", 0.4))
PLACES = ("values", "remarks", "speed")
SPEED = Speed(windows=100, window=(3, 3), factor=10.0, noise=2.0)


@pytest.mark.parametrize(
    ("wrong_on", "points", "status", "found"),
    [
        ((), 10, Status.PASSED, ["passed", "passed", "passed"]),
        ((1,), 10, Status.PASSED, ["passed", "remark", "passed"]),
        ((2,), 6, Status.PARTIAL, ["passed", "passed", "failed"]),
        ((1, 2), 6, Status.PARTIAL, ["passed", "remark", "failed"]),
        ((0,), 0, Status.FAILED, ["failed", "passed", "passed"]),
        ((0, 1, 2), 0, Status.FAILED, ["failed", "remark", "failed"]),
    ],
)
def test_parts_are_earned_in_order(wrong_on, points, status, found):
    of = key(parts=PARTS, places=PLACES)
    verdict = verdict_of(lambda x: 9.0 if INPUTS.index(x) in wrong_on else 2.0 * x, of)
    assert (verdict.points, verdict.status, statuses(verdict)) == (points, status, found)


def test_a_remark_needs_an_answer():
    answers = [Answer(answer_of(right, 1.0)), Answer(None, status=Status.TIMED_OUT), Answer(answer_of(right, 0.0))]
    assert statuses(judge(key(parts=PARTS, places=PLACES), answers)) == ["passed", "timed_out", "passed"]


@pytest.mark.parametrize(
    ("seconds", "baseline", "status"),
    [(0.19, 1.0, "passed"), (0.2, 1.0, "passed"), (0.21, 1.0, "failed"), (99.0, None, "passed")],
)
def test_speed(seconds, baseline, status):
    of = key(parts=PARTS, places=PLACES, speed=SPEED)
    verdict = verdict_of(right, of, seconds=seconds, baseline_seconds=baseline)
    assert statuses(verdict) == ["passed", "passed", status]
    if status == "failed":
        assert verdict.findings[2].message.startswith("took 210 ms, expected 100 ms: 10 times faster than np.max")


def test_a_wrong_answer_is_not_called_slow():
    of = key(parts=PARTS, places=PLACES, speed=SPEED)
    verdict = verdict_of(lambda x: 9.0, of, seconds=9.0, baseline_seconds=1.0)
    assert verdict.findings[2].message == "out = 9, expected 0  [double, case 2]"


# --- known mistakes ---


def named(verdict):
    return [finding.mistake for finding in verdict.findings]


@pytest.mark.parametrize("known", MISTAKES)
def test_a_known_mistake_is_named_where_it_is_wrong(known):
    verdict = verdict_of(MISTAKES[known], key(known=MISTAKES))
    wrong = [status != "passed" for status in statuses(verdict)]
    assert any(wrong)
    assert named(verdict) == [known if is_wrong else None for is_wrong in wrong]
    finding = verdict.findings[wrong.index(True)]
    assert (finding.title, finding.hint) == (f"Title of {known}", f"Hint of {known}")


def test_an_unknown_mistake_is_not_named():
    assert named(verdict_of(lambda x: 3.0 * x + 1, key(known=MISTAKES))) == [None, None, None]


def test_a_right_answer_is_never_named():
    assert named(verdict_of(right, key(known=MISTAKES))) == [None, None, None]


def test_the_mistake_that_agrees_everywhere_comes_before_one_that_agrees_here_only():
    # On case 1 both say 4; only one of them says 1 on case 0.
    for order in (("only_positive", "square"), ("square", "only_positive")):
        assert named(verdict_of(MISTAKES["square"], key(known=order))) == ["square", "square", None]
        assert named(verdict_of(MISTAKES["only_positive"], key(known=order))) == [None, "only_positive", None]


def test_two_mistakes_may_share_a_submission():
    def both(x):
        return 4.0 if x < 0 else [][0]

    assert named(verdict_of(both, key(known=("only_positive", "raises")))) == ["raises", "only_positive", "raises"]


def test_what_is_not_implemented_is_no_mistake():
    assert named(verdict_of(not_implemented, key(known=MISTAKES))) == [None, None, None]
