"""Which known mistakes are named: one for an answer, one for each of its results, or two for one result."""

from dataclasses import replace

import numpy as np
import pytest

from cs231n_utils.checking.calls import Call, run
from cs231n_utils.checking.key import Case, ExerciseKey, Mistake, Part, Tolerance
from cs231n_utils.checking.verdict import Answer, Status, judge

CALLS = (Call("layer", ("x", "gamma", "beta"), ("out", "total")),)
RNG = np.random.default_rng(0)
GAMMA, BETA = RNG.uniform(1.2, 2, 3), RNG.uniform(0.5, 1, 3)
XS = [RNG.standard_normal((4, 3)) for _ in range(3)]
INPUTS = [{"x": x, "gamma": GAMMA, "beta": BETA} for x in XS]


def layer(x, gamma, beta):
    return gamma * x + beta, x.sum(axis=0)


KNOWN = {
    "gamma_missing": lambda x, gamma, beta: (x + beta, x.sum(axis=0)),
    "beta_missing": lambda x, gamma, beta: (gamma * x, x.sum(axis=0)),
    "mean_for_sum": lambda x, gamma, beta: (gamma * x + beta, x.mean(axis=0)),
    "squares_added": lambda x, gamma, beta: (gamma * x + beta, np.sum(x**2, axis=0)),
    "cubes": lambda x, gamma, beta: (gamma * x**3 + beta, np.sum(x**3, axis=0)),
}


def answers_of(function):
    return [run(CALLS, {"layer": function}, inputs) for inputs in INPUTS]


def key(known=tuple(KNOWN)):
    cases = tuple(Case(str(i), inputs, run(CALLS, {"layer": layer}, inputs)) for i, inputs in enumerate(INPUTS))
    mistakes = tuple(
        Mistake(name, f"Title of {name}", f"Hint of {name}", tuple(answers_of(KNOWN[name]))) for name in known
    )
    tolerance = Tolerance(1e-6, 1e-9, "for these tests")
    return ExerciseKey("layer", 1.0, CALLS, tolerance, (Part("values", 1.0),), cases, mistakes)


def findings(function, **more):
    return judge(key(**more), [Answer(record) for record in answers_of(function)]).findings


def said(finding):
    """The mistakes of a finding, each with its title."""
    first = {finding.mistake: finding.title} if finding.mistake else {}
    return first | {advice.mistake: advice.title for advice in finding.also if advice.mistake}


@pytest.mark.parametrize("name", KNOWN)
def test_one_mistake(name):
    assert [said(finding) for finding in findings(KNOWN[name])] == [{name: f"Title of {name}"}] * 3


@pytest.mark.parametrize(("one", "other"), [("gamma_missing", "mean_for_sum"), ("beta_missing", "squares_added")])
def test_one_mistake_for_each_result(one, other):
    def both(*arguments):
        return KNOWN[one](*arguments)[0], KNOWN[other](*arguments)[1]

    assert [said(finding) for finding in findings(both)] == [
        {one: f"out: Title of {one}", other: f"total: Title of {other}"}
    ] * 3
    assert findings(both)[0].also[0].hint == f"Hint of {other}"


def test_a_result_that_is_no_known_mistake_is_left_open():
    given = findings(lambda x, gamma, beta: (x + beta, np.cos(x).sum(axis=0)))
    assert [said(finding) for finding in given] == [{"gamma_missing": "out: Title of gamma_missing"}] * 3
    assert "total is wrong too" in given[0].where


def test_a_result_that_is_no_known_mistake_is_diagnosed():
    given = findings(lambda x, gamma, beta: (x + beta, -x.sum(axis=0)))
    assert [finding.mistake for finding in given] == ["gamma_missing"] * 3
    assert [[advice.title for advice in finding.also] for finding in given] == [["total has the wrong sign"]] * 3


def test_what_a_mistake_explains_is_not_diagnosed_again():
    """The mean is the sum divided by N, and its known mistake says so better."""
    assert [finding.also for finding in findings(KNOWN["mean_for_sum"])] == [()] * 3


def test_a_mistake_in_one_result_only():
    """The mistake makes both results wrong, and the student has made it in one place of two."""
    given = findings(lambda x, gamma, beta: (gamma * x**3 + beta, x.sum(axis=0)))
    assert [said(finding) for finding in given] == [{"cubes": "Title of cubes"}] * 3


def test_a_mistake_that_makes_nothing_else_wrong_is_named_first():
    """total equals that of both mistakes; out is right, and would not be with cubes."""

    def square_or_cube(x, gamma, beta):
        return gamma * x + beta, x.sum(axis=0) + 1

    records = answers_of(square_or_cube)
    of = key(known=("cubes", "squares_added"))
    same = tuple(
        replace(
            mistake,
            records=tuple(
                r | {"results": r["results"] | {"total": w["results"]["total"]}}
                for r, w in zip(mistake.records, records, strict=True)
            ),
        )
        for mistake in of.mistakes
    )
    for mistakes in (same, same[::-1]):
        verdict = judge(replace(of, mistakes=mistakes), [Answer(record) for record in records])
        assert {finding.mistake for finding in verdict.findings} == {"squares_added"}


def test_of_two_that_explain_a_case_the_one_that_disagrees_less_is_named():
    """Both give the student's first answer; one of them would have been seen on the other cases, too."""
    of = key(known=("gamma_missing",))
    everywhere = of.mistakes[0]
    once = replace(everywhere, id="once", records=(everywhere.records[0], everywhere.records[1], {}))
    records = [everywhere.records[0], *answers_of(lambda *arguments: (arguments[0], arguments[1]))[1:]]
    for mistakes in ((everywhere, once), (once, everywhere)):
        verdict = judge(replace(of, mistakes=mistakes), [Answer(record) for record in records])
        assert verdict.findings[0].mistake == "once"


def test_two_mistakes_in_one_result():
    given = findings(lambda x, gamma, beta: (x, x.sum(axis=0)), known=("gamma_missing", "mean_for_sum", "beta_missing"))
    assert [set(said(finding)) for finding in given] == [{"gamma_missing", "beta_missing"}] * 3


def test_two_mistakes_that_multiply():
    def scaled(factor):
        return lambda x, gamma, beta: (factor * (gamma * x + beta), x.sum(axis=0))

    KNOWN["tripled"], KNOWN["negative"] = scaled(3.0), scaled(-1.0)
    try:
        given = findings(scaled(-3.0), known=("tripled", "negative", "gamma_missing"))
    finally:
        del KNOWN["tripled"], KNOWN["negative"]
    assert [set(said(finding)) for finding in given] == [{"tripled", "negative"}] * 3


def test_two_mistakes_are_not_guessed_from_one_case():
    of = key(known=("gamma_missing", "beta_missing"))
    records = [run(CALLS, {"layer": layer}, inputs) for inputs in INPUTS]
    records[0]["results"]["out"] = XS[0]
    assert {f.mistake for f in judge(of, [Answer(record) for record in records]).findings} == {None}


def test_two_mistakes_that_nearly_explain_it():
    given = findings(lambda x, gamma, beta: (x + 1e-3 * x**2, x.sum(axis=0)), known=("gamma_missing", "beta_missing"))
    assert {finding.mistake for finding in given} == {None}


def test_right_answers_show_no_mistake():
    given = findings(layer)
    assert {(finding.status, finding.mistake, finding.title) for finding in given} == {(Status.PASSED, None, "")}


def test_without_reasons_nothing_is_named():
    verdict = judge(key(), [Answer(record) for record in answers_of(KNOWN["cubes"])], explain_why=False)
    assert verdict.status is Status.FAILED
    assert {(finding.mistake, finding.title, finding.where) for finding in verdict.findings} == {(None, "", "")}
