"""From what a student's functions answered to a verdict: status, points, and one finding per case.

The same judgement serves `check` in the notebook and the grader; only the cases differ. Everything here works on plain
values. Findings are data; panel.py and the feedback pages show them.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from cs231n_utils.checking.calls import Record
from cs231n_utils.checking.compare import agrees, difference, fingerprinted
from cs231n_utils.checking.key import Case, ExerciseKey, Mistake
from cs231n_utils.checking.location import Maps
from cs231n_utils.checking.values import Value

__all__ = ["Advice", "Answer", "Finding", "Status", "Verdict", "judge"]


class Status(StrEnum):
    """How an exercise, or one case of it, ended."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    REMARK = "remark"  # of a case only: worth saying, costs nothing
    NOT_IMPLEMENTED = "not_implemented"
    MISSING = "missing"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    UNGRADABLE = "ungradable"
    GRADER_ERROR = "grader_error"


@dataclass(frozen=True)
class Answer:
    """What came back for one case: the record, the seconds that it took, and those of the speed baseline if asked for.

    Where there is no record, `status` and `detail` say why.
    """

    record: Record | None
    seconds: float = 0.0
    baseline_seconds: float | None = None
    status: Status = Status.CRASHED
    detail: str = ""


@dataclass(frozen=True)
class Advice:
    """What is wrong and what may help, beside what a finding says first; `mistake` is None for a general diagnosis."""

    mistake: str | None
    title: str
    hint: str


@dataclass(frozen=True)
class Finding:
    """What was found on one case: the case's label, how it ended, one message, and what is wrong as far as it is known.

    `title` says in a clause what is wrong, `hint` in a sentence or two what may help: of a known mistake, whose id is
    `mistake`, or of a general diagnosis, whose `mistake` is None.
    """

    case: str
    status: Status
    message: str = ""
    mistake: str | None = None
    title: str = ""
    hint: str = ""
    seconds: float = 0.0
    where: str = ""
    """Where the wrong entries lie, and how many of how many they are."""
    maps: Maps | None = None
    numeric: str = ""
    """Of a gradient: the worst entry beside what the student's own forward pass does there."""
    also: tuple[Advice, ...] = ()
    """Further known mistakes that the same answer shows, in other results than the first one does."""


@dataclass(frozen=True)
class Verdict:
    """The judgement on one exercise."""

    name: str
    status: Status
    points: float
    max_points: float
    findings: tuple[Finding, ...]

    def to_value(self) -> Value:
        """This verdict as a plain value, without NaN and infinity as numbers, so that it is JSON; see `from_value`."""
        maps = [finding.maps.to_value() if finding.maps else None for finding in self.findings]
        fields = asdict(self)
        return fields | {"findings": [f | {"maps": m} for f, m in zip(fields["findings"], maps, strict=True)]}

    @classmethod
    def from_value(cls, value: Value) -> "Verdict":
        """Read what `to_value` wrote."""
        findings = tuple(
            Finding(
                **{
                    **finding,
                    "status": Status(finding["status"]),
                    "maps": Maps.from_value(finding["maps"]) if finding["maps"] else None,
                    "also": tuple(Advice(**advice) for advice in finding["also"]),
                }
            )
            for finding in value["findings"]
        )
        return cls(value["name"], Status(value["status"]), value["points"], value["max_points"], findings)


def judge(key: ExerciseKey, answers: Sequence[Answer]) -> Verdict:
    """Judge one exercise's answers, one per case of the key."""
    pairs = list(zip(key.cases, answers, strict=True))
    findings = [_examine(key, case, answer) for case, answer in pairs]
    named = _name_mistakes(key, answers, findings)
    points, status = _score(key, findings)
    return Verdict(key.name, status, points, key.points, tuple(named))


def _examine(key: ExerciseKey, case: Case, answer: Answer) -> Finding:
    status, message = _assess(key, case, answer)
    if status not in (Status.PASSED, Status.NOT_IMPLEMENTED):
        message = f"{message}  [{key.name}, {case.label}]"
        if answer.record is not None and next(part.share for part in key.parts if part.name == case.part) == 0:
            status = Status.REMARK
    return Finding(case.label, status, message, seconds=answer.seconds)


def _assess(key: ExerciseKey, case: Case, answer: Answer) -> tuple[Status, str]:
    if answer.record is None:
        return answer.status, answer.detail
    error = answer.record["error"]
    if error and (not case.expected["error"] or "NotImplementedError" in error["bases"]):
        return _explain_error(key, error)
    message = difference(case, answer.record, key.tolerance) or _too_slow(case, answer)
    return (Status.FAILED, message) if message else (Status.PASSED, "")


def _explain_error(key: ExerciseKey, error: Record) -> tuple[Status, str]:
    kind, message, function = error["type"], error["message"], error["function"]
    if "NotImplementedError" in error["bases"]:
        if function == key.name:
            return Status.NOT_IMPLEMENTED, f"{function} is not implemented yet"
        return Status.NOT_IMPLEMENTED, f"{key.name} needs {function}, which is not implemented yet"
    if kind == "WrongReturn":
        return Status.FAILED, message
    if kind == "MemoryError":
        return Status.OUT_OF_MEMORY, f"{function} asked for more memory than it may have ({message or 'MemoryError'})"
    where = error["lines"][-1] if error["lines"] else None
    place = f", in {where['in']}, line {where['number']}: {where['text']}" if where and where["text"] else ""
    return Status.CRASHED, f"{function} raised {kind}: {message}{place}"


def _too_slow(case: Case, answer: Answer) -> str | None:
    if case.speed is None or answer.baseline_seconds is None:
        return None
    asked, baseline = answer.baseline_seconds / case.speed.factor, answer.baseline_seconds
    if answer.seconds <= asked * case.speed.noise:
        return None
    return (
        f"took {_milliseconds(answer.seconds)}, expected {_milliseconds(asked)}: {case.speed.factor:g} times faster "
        f"than np.max window by window, {_milliseconds(baseline)} here, and {case.speed.noise:g} times that for noise"
    )


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds >= 0.01 else f"{1000 * seconds:.1f} ms"


def _name_mistakes(key: ExerciseKey, answers: Sequence[Answer], findings: Sequence[Finding]) -> list[Finding]:
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


def _score(key: ExerciseKey, findings: Sequence[Finding]) -> tuple[float, Status]:
    """Parts are earned in order: a later one counts only where those before it are earned."""
    points = 0.0
    failed: list[Finding] = []
    for part in key.parts:
        in_part = [f for case, f in zip(key.cases, findings, strict=True) if case.part == part.name]
        failed = [f for f in in_part if f.status not in (Status.PASSED, Status.REMARK)]
        if part.share > 0 and failed:
            break
        points = round(points + key.points * part.share, 6)
        failed = []
    if not failed:
        return key.points, Status.PASSED
    if points > 0:
        return points, Status.PARTIAL
    reasons = {finding.status for finding in failed}
    return 0.0, reasons.pop() if len(reasons) == 1 else _worst(reasons)


def _worst(reasons: set[Status]) -> Status:
    """One word for several: what stopped the exercise before what was merely wrong."""
    order = (Status.TIMED_OUT, Status.OUT_OF_MEMORY, Status.FAILED, Status.CRASHED, Status.NOT_IMPLEMENTED)
    return next((status for status in order if status in reasons), Status.FAILED)
