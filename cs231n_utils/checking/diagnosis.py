"""What is wrong with an answer that is no known mistake: where it lies, and which general slip it is.

A slip is said only where it explains every entry. Of several, that one is said which explains most of the wrong cases.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from cs231n_utils.checking.around import Around
from cs231n_utils.checking.compare import Difference, Kind, differences, wrong_entries
from cs231n_utils.checking.conditions import condition
from cs231n_utils.checking.finding import Advice, Answer, Finding, Status
from cs231n_utils.checking.given import is_given
from cs231n_utils.checking.key import Case, ExerciseKey, Tolerance
from cs231n_utils.checking.location import maps_of, where
from cs231n_utils.checking.naming import unexplained
from cs231n_utils.checking.shape_slips import shape_slips
from cs231n_utils.checking.value_slips import value_slips
from cs231n_utils.checking.values import Value

__all__ = ["diagnose"]

MOST_CASES = 6  # wrong ones that are looked at: a panel shows four
LARGEST = 20_000  # entries of an array that is looked at
IN_PLACE = (
    "Arrays are handed over, not copied: what you write into an argument, or change with += and the like, changes the "
    "caller's array too. Write into an array of your own."
)
PUT_BACK = (
    "An entry that is moved gets its own number back before the next is moved: keep it, and write it back. What is "
    "added and taken away again leaves a rounding error behind."
)
FEW = 3  # different numbers; fewer could be anything by chance, and need a second case that says the same


Slips = dict[tuple[int, str], list[tuple[Advice, bool]]]
"""By number of the case and name of the result: what may be said, the likeliest first, and whether it is certain."""


def diagnose(key: ExerciseKey, answers: Sequence[Answer], findings: Sequence[Finding]) -> list[Finding]:
    """Say where the wrong entries lie, and what is wrong where no known mistake has been recognised."""
    explained = list(findings)
    wrong = [i for i, finding in enumerate(findings) if finding.status in (Status.FAILED, Status.REMARK)]
    slips: Slips = {}
    for i in wrong[:MOST_CASES]:
        case, record = key.cases[i], answers[i].record
        if record is None or record["error"] or case.expected["error"]:
            continue
        found = list(differences(case, record, key.tolerance))
        explained[i] = _located(case, found, explained[i], key.tolerance)
        rest = found if not findings[i].title else unexplained(key, i, found, findings[i])
        for difference in rest:
            slips.setdefault((i, difference.name), _slips(case, difference, key.tolerance))
    drawn = min(
        (i for i in wrong if explained[i].maps), key=lambda i: explained[i].status == Status.REMARK, default=None
    )
    for i in wrong:  # one picture says enough, and reports stay small
        if i != drawn and explained[i].maps:
            explained[i] = replace(explained[i], maps=None)
    for (i, _), advice in _chosen(slips).items():
        if explained[i].title:
            explained[i] = replace(explained[i], also=(*explained[i].also, advice))
        else:
            explained[i] = replace(explained[i], title=advice.title, hint=advice.hint)
    return _conditioned(key, explained)


def _located(case: Case, found: Sequence[Difference], finding: Finding, tolerance: Tolerance) -> Finding:
    """The finding, with the place of what is wrong first, and with what is right."""
    if not found:
        return finding
    first, words, maps = found[0], [], None
    if first.kind is Kind.VALUE and _comparable(first.came, first.want) and first.came.shape == first.want.shape:
        wrong = wrong_entries(first.came, first.want, tolerance)
        signs = {f"{first.name} should be": first.want}
        signs |= {f"{name} is": array for name, array in Around.of(case).arrays.items()}
        place = where(first.name, wrong, signs)
        words += [place] if place else []
        maps = maps_of(first.name, first.came, first.want, wrong)
    return replace(finding, where="; ".join(words + _others(case, found)), maps=maps)


def _others(case: Case, found: Sequence[Difference]) -> list[str]:
    """Of several results: which of the others are wrong too, and which are right."""
    wrong = list(dict.fromkeys(_result(difference.name) for difference in found))
    results = [name for name in case.expected["results"] if len(case.expected["results"]) > 1]
    too = [name for name in results if name in wrong[1:]]
    right = [name for name in results if name not in wrong]
    return [
        f"{', '.join(names[:-1])}{' and ' if names[1:] else ''}{names[-1]} {'is' if len(names) == 1 else 'are'} {what}"
        for names, what in ((too, "wrong too"), (right, "right"))
        if names
    ]


def _result(name: str) -> str:
    return name.partition("[")[0]


def _slips(case: Case, difference: Difference, tolerance: Tolerance) -> list[tuple[Advice, bool]]:
    """What may be said of one wrong result."""
    name, came, want = difference.name, _as_array(difference.came), _as_array(difference.want)
    if name == "x" and "x" in case.expected["arguments"] and any(map(is_given, case.inputs.values())):  # takes steps
        return [(Advice(None, f"{name} is not put back as it was", PUT_BACK), True)]
    if difference.kind is Kind.ARGUMENT:
        return [(Advice(None, f"{name} is changed in place", IN_PLACE), True)]
    if difference.kind is not Kind.VALUE or not _comparable(came, want):
        return []
    certain = (
        np.unique(np.asarray(want.ravel()[:100], dtype=np.float64).round(9)).size >= FEW or not np.isfinite(came).all()
    )
    look = value_slips if came.shape == want.shape else shape_slips
    slips = look(name, came, want, Around.of(case), tolerance)
    return [(advice, certain) for advice in chain(_exchanged(name, came, case, tolerance), slips)]


def _exchanged(name: str, came: np.ndarray, case: Case, tolerance: Tolerance) -> Iterator[Advice]:
    """Is it another result?"""
    for other, want in case.expected["results"].items():
        same = isinstance(want, np.ndarray) and want.ndim > 0 and want.shape == came.shape and want.any()
        if other != name and other not in case.judges and same and not wrong_entries(came, want, tolerance).any():
            yield Advice(
                None,
                f"{name} is what {other} should be",
                "The numbers are right, under another name. In which order are the results returned?",
            )


def _as_array(value: Value) -> Value:
    """A single number is an array without axes."""
    return np.asarray(float(value)) if type(value) is float or (type(value) is int and abs(value) < 2**53) else value


def _comparable(came: Value, want: Value) -> bool:
    """Two arrays of real numbers that are not too large to be looked at closely."""
    arrays = (came, want)
    return all(isinstance(a, np.ndarray) and a.dtype.kind in "biuf" and a.size <= LARGEST for a in arrays)


def _chosen(slips: Slips) -> dict[tuple[int, str], Advice]:
    """For each wrong result one advice: that which holds for most of the cases, then that which is the likeliest."""
    ranks: dict[Advice, list[int]] = {}
    certain: set[Advice] = set()
    for said in slips.values():
        for rank, (advice, sure) in enumerate(said):
            ranks.setdefault(advice, []).append(rank)
            certain |= {advice} if sure else set()
    chosen = {}
    for (i, name), said in slips.items():
        cases = sum(other == name for _, other in slips)
        possible = [a for a, _ in said if a in certain or len(ranks[a]) == cases > 1]
        if possible:
            chosen[i, name] = min(possible, key=lambda a: (-len(ranks[a]), min(ranks[a])))
    return chosen


def _conditioned(key: ExerciseKey, findings: list[Finding]) -> list[Finding]:
    """Where nothing else is known, what the wrong cases have in common.

    Cases that ask for an error, and free ones, are of another kind: that they are right says nothing of the others.
    """
    free = {part.name for part in key.parts if part.share == 0}
    pairs = list(zip(key.cases, findings, strict=True))
    right = [c for c, f in pairs if f.status == Status.PASSED and not c.expected["error"] and c.part not in free]
    wrong = [c for c, f in pairs if f.status not in (Status.PASSED, Status.REMARK, Status.NOT_IMPLEMENTED)]
    silent = [i for i, f in enumerate(findings) if f.status == Status.FAILED and not f.title]
    advice = condition(right, wrong) if silent else None
    if advice is None:
        return findings
    return [replace(f, title=advice.title, hint=advice.hint) if i in silent else f for i, f in enumerate(findings)]
