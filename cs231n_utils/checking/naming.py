"""Which known mistakes do wrong answers show? One that a whole answer equals, or one for each of its results."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from cs231n_utils.checking.calls import Record
from cs231n_utils.checking.compare import (
    Difference,
    Kind,
    agrees,
    differences,
    fingerprinted,
    leaves,
    value_difference,
)
from cs231n_utils.checking.finding import Advice, Answer, Finding, Status
from cs231n_utils.checking.key import Case, ExerciseKey, Mistake, Tolerance
from cs231n_utils.checking.pairs import Wrong, pairs
from cs231n_utils.checking.values import Value

__all__ = ["name_mistakes", "unexplained"]

MOST_CASES = 6  # unexplained ones that are looked at, result by result


def name_mistakes(key: ExerciseKey, answers: Sequence[Answer], findings: Sequence[Finding]) -> list[Finding]:
    """Where a wrong answer equals what a known mistake answers, say so.

    A mistake that agrees on every case on which it makes a difference comes first, then the one that explains most of
    the wrong cases, then the one that disagrees on fewest; it is named on those cases only.
    """
    wrong = [i for i, finding in enumerate(findings) if finding.status not in (Status.PASSED, Status.NOT_IMPLEMENTED)]
    candidates: list[tuple[bool, int, int, int]] = []
    explains: list[list[int]] = []
    for number, mistake in enumerate(key.mistakes if wrong else ()):
        agreed = [i for i in range(len(answers)) if _explains(key, mistake, i, answers[i])]
        disagrees = sum(map(bool, mistake.records)) - len(agreed)
        explains.append([i for i in agreed if i in wrong])
        candidates.append((disagrees > 0, -len(explains[-1]), disagrees, number))
    named = list(findings)
    for *_, number in sorted(candidates):
        mistake = key.mistakes[number]
        for i in explains[number]:
            if named[i].mistake is None:
                named[i] = replace(named[i], mistake=mistake.id, title=mistake.title, hint=mistake.hint)
    return _name_by_result(key, answers, named) if key.mistakes else named


def unexplained(key: ExerciseKey, index: int, found: Sequence[Difference], finding: Finding) -> list[Difference]:
    """What of a case's differences is not what one of the mistakes gives that the finding names.

    Nothing, where the finding names them together, or by what an answer of chance has in common with theirs.
    """
    case, ids = key.cases[index], {finding.mistake, *(advice.mistake for advice in finding.also)}
    values = [_values(mistake.records[index], case) for mistake in key.mistakes if mistake.id in ids]
    rest = [difference for difference in found if not _matching(difference, values, key.tolerance)]
    return rest if len(rest) < len(found) else []


def _explains(key: ExerciseKey, mistake: Mistake, index: int, answer: Answer) -> bool:
    record = mistake.records[index]
    if answer.record is None or not record:
        return False
    return agrees(record, fingerprinted(key.cases[index], answer.record), key.tolerance)


def _name_by_result(key: ExerciseKey, answers: Sequence[Answer], named: list[Finding]) -> list[Finding]:
    """Several mistakes at once: where a whole answer equals none, name for each wrong result what it equals.

    That is one mistake's value, or else what two of them make of it together. Of several mistakes that one comes first
    that makes no further result wrong, then the one that is named elsewhere, then the one that explains most results.
    """
    wrong: Wrong = {}
    for i in _unnamed(key, answers, named)[:MOST_CASES]:
        found = differences(key.cases[i], answers[i].record or {}, key.tolerance)
        wrong |= {(i, difference.name): difference for difference in found if difference.kind is not Kind.OTHER}
    count = Counter(i for i, _ in wrong)
    elsewhere = {finding.mistake for finding in named}
    values = {i: [_values(mistake.records[i], key.cases[i]) for mistake in key.mistakes] for i, _ in wrong}
    matches = {place: _matching(difference, values[place[0]], key.tolerance) for place, difference in wrong.items()}
    counts = Counter(number for numbers in matches.values() for number in numbers)

    def likelihood(i: int, number: int) -> tuple[bool, bool, int, int]:
        expected = _values(key.cases[i].expected, key.cases[i])
        further = {name for name in expected if (i, name) not in wrong}
        alone = not any(_differs(name, values[i][number], expected, key.tolerance) for name in further)
        return alone, key.mistakes[number].id in elsewhere, counts[number], -number

    for (i, name), numbers in matches.items():
        if numbers:
            best = max(numbers, key=partial(likelihood, i))
            named[i] = _with(named[i], key.mistakes[best], name, count[i] == 1)
    rest = {place: difference for place, difference in wrong.items() if not matches[place]}
    ids = [mistake.id for mistake in key.mistakes]
    for (i, name), pair in pairs(rest, values, ids, key.tolerance).items():
        for number in pair:
            named[i] = _with(named[i], key.mistakes[number], name, count[i] == 1)
    return named


def _unnamed(key: ExerciseKey, answers: Sequence[Answer], named: Sequence[Finding]) -> list[int]:
    """The cases whose wrong numbers are not explained, and can be: no errors on either side, no chance in them."""
    return [
        i
        for i, (case, answer, finding) in enumerate(zip(key.cases, answers, named, strict=True))
        if finding.status in (Status.FAILED, Status.REMARK)
        and not finding.title
        and answer.record is not None
        and not answer.record["error"]
        and not case.expected["error"]
        and fingerprinted(case, answer.record) is answer.record
    ]


def _matching(difference: Difference, values: Sequence[Mapping[str, Value]], tolerance: Tolerance) -> list[int]:
    """The numbers of the mistakes that give this value under this name."""
    name, came = difference.name, difference.came
    return [
        number
        for number, given in enumerate(values)
        if name in given and value_difference(name, came, given[name], tolerance) is None
    ]


def _differs(name: str, given: Mapping[str, Value], expected: Mapping[str, Value], tolerance: Tolerance) -> bool:
    return name in given and value_difference(name, given[name], expected[name], tolerance) is not None


def _values(record: Record, case: Case) -> dict[str, Value]:
    """A record's single values by name, as `differences` names them."""
    if not record or record["error"]:
        return {}
    return {
        leaf: came
        for group in ("results", "arguments")
        for name, want in case.expected[group].items()
        for leaf, came, _ in leaves(name, record[group].get(name), want)
    }


def _with(finding: Finding, mistake: Mistake, name: str, alone: bool) -> Finding:
    """The finding with a mistake that one of its wrong results shows; of several the title says which."""
    title = mistake.title if alone or name in mistake.title else f"{name}: {mistake.title}"
    if finding.mistake is None:
        return replace(finding, mistake=mistake.id, title=title, hint=mistake.hint)
    if mistake.id in (finding.mistake, *(advice.mistake for advice in finding.also)):
        return finding
    return replace(finding, also=(*finding.also, Advice(mistake.id, title, mistake.hint)))
