"""Which known mistakes do wrong answers show? One that a whole answer equals, or one for each of its results."""

from collections.abc import Sequence
from dataclasses import replace

from cs231n_utils.checking.compare import agrees, fingerprinted
from cs231n_utils.checking.finding import Answer, Finding, Status
from cs231n_utils.checking.key import ExerciseKey, Mistake

__all__ = ["name_mistakes"]


def name_mistakes(key: ExerciseKey, answers: Sequence[Answer], findings: Sequence[Finding]) -> list[Finding]:
    """Where a wrong answer equals what a known mistake answers, say so.

    A mistake that agrees on every case on which it makes a difference comes first, then the one that explains most of
    the wrong cases; it is named on those cases only.
    """
    wrong = [i for i, finding in enumerate(findings) if finding.status not in (Status.PASSED, Status.NOT_IMPLEMENTED)]
    candidates: list[tuple[bool, int, int]] = []
    explains: list[list[int]] = []
    for number, mistake in enumerate(key.mistakes if wrong else ()):
        agreed = [i for i in range(len(answers)) if _explains(key, mistake, i, answers[i])]
        contradicted = sum(map(bool, mistake.records)) > len(agreed)
        explains.append([i for i in agreed if i in wrong])
        candidates.append((contradicted, -len(explains[-1]), number))
    named = list(findings)
    for _, _, number in sorted(candidates):
        mistake = key.mistakes[number]
        for i in explains[number]:
            if named[i].mistake is None:
                named[i] = replace(named[i], mistake=mistake.id, title=mistake.title, hint=mistake.hint)
    return named


def _explains(key: ExerciseKey, mistake: Mistake, index: int, answer: Answer) -> bool:
    record = mistake.records[index]
    if answer.record is None or not record:
        return False
    return agrees(record, fingerprinted(key.cases[index], answer.record), key.tolerance)
