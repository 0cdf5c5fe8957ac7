"""What is found out about an answer: statuses, findings and verdicts, as plain data that survives JSON."""

from dataclasses import dataclass
from enum import StrEnum

from cs231n_utils.checking.calls import Record
from cs231n_utils.checking.location import Maps
from cs231n_utils.checking.values import Value

__all__ = ["Advice", "Answer", "Finding", "Status", "Verdict"]


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
    lines: tuple[str, ...] = ()
    """Of an error: the student's own lines that led to it, and what stood in the last one's variables."""
    also: tuple[Advice, ...] = ()
    """What else is wrong: further known mistakes that the answer shows, or what can be said of its other results."""


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
        # By hand: dataclasses.asdict copies each string, and would be half of what a large class costs its coordinator.
        findings = [
            vars(finding)
            | {
                "maps": finding.maps.to_value() if finding.maps else None,
                "also": tuple(dict(vars(advice)) for advice in finding.also),
            }
            for finding in self.findings
        ]
        return vars(self) | {"findings": findings}

    @classmethod
    def from_value(cls, value: Value) -> "Verdict":
        """Read what `to_value` wrote."""
        findings = tuple(
            Finding(
                **{
                    **finding,
                    "status": Status(finding["status"]),
                    "maps": Maps.from_value(finding["maps"]) if finding["maps"] else None,
                    "lines": tuple(finding["lines"]),
                    "also": tuple(Advice(**advice) for advice in finding["also"]),
                }
            )
            for finding in value["findings"]
        )
        return cls(value["name"], Status(value["status"]), value["points"], value["max_points"], findings)
