"""From what a student's functions answered to a verdict: status, points, and one finding per case.

The same judgement serves `check` in the notebook and the grader; only the cases differ. Everything here works on plain
values. Findings are data; panel.py and the feedback pages show them.
"""

from collections.abc import Sequence
from dataclasses import replace

from cs231n_utils.checking.calls import Record
from cs231n_utils.checking.compare import difference
from cs231n_utils.checking.diagnosis import diagnose
from cs231n_utils.checking.errors import own_lines
from cs231n_utils.checking.explanations import explain
from cs231n_utils.checking.finding import Advice, Answer, Finding, Status, Verdict
from cs231n_utils.checking.key import Case, ExerciseKey
from cs231n_utils.checking.naming import name_mistakes

__all__ = ["Advice", "Answer", "Finding", "Status", "Verdict", "judge"]


def judge(key: ExerciseKey, answers: Sequence[Answer], explain_why: bool = True) -> Verdict:
    """Judge one exercise's answers, one per case of the key; right or wrong alone where nobody asks why."""
    pairs = list(zip(key.cases, answers, strict=True))
    findings = [_examine(key, case, answer) for case, answer in pairs]
    points, status = _score(key, findings)
    if explain_why and any(f.status not in (Status.PASSED, Status.NOT_IMPLEMENTED) for f in findings):
        findings = diagnose(key, answers, name_mistakes(key, answers, findings))
    return Verdict(key.name, status, points, key.points, tuple(findings))


def _examine(key: ExerciseKey, case: Case, answer: Answer) -> Finding:
    status, message = _assess(key, case, answer)
    if status not in (Status.PASSED, Status.NOT_IMPLEMENTED):
        message = f"{message}  [{key.name}, {case.label}]"
        if answer.record is not None and next(part.share for part in key.parts if part.name == case.part) == 0:
            status = Status.REMARK
    finding = Finding(case.label, status, message, seconds=answer.seconds)
    return _with_explanation(finding, answer.record["error"]) if answer.record and status == Status.CRASHED else finding


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
    return Status.CRASHED, f"{function} raised {kind}{f': {message}' if message else ''}"


def _with_explanation(finding: Finding, error: Record) -> Finding:
    """What an error means in plain words, and where it happened; a known mistake that fits goes first."""
    title, hint = explain(error["bases"], error["message"]) or ("", "")
    return replace(finding, title=title, hint=hint, lines=own_lines(error))


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
