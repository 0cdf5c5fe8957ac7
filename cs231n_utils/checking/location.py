"""Where the wrong entries of an array lie: in words, and as a small map."""

import math
from dataclasses import asdict, dataclass

from cs231n_utils.checking.values import Value

__all__ = ["Maps"]

Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Maps:
    """Two axes of an array around its first wrong entry: what was expected there, and what came.

    `name` is the slice, such as out[0, 2]; `row` and `column` are the indices of the map's first entry in it.
    """

    name: str
    expected: Rows
    came: Rows
    row: int = 0
    column: int = 0

    def to_value(self) -> Value:
        """This map as JSON, which knows no NaN and no infinity: they become "nan" and "inf"."""
        return asdict(self) | {"expected": _to_json(self.expected), "came": _to_json(self.came)}

    @classmethod
    def from_value(cls, value: Value) -> "Maps":
        """Read what `to_value` wrote."""
        return cls(**{**value, "expected": _from_json(value["expected"]), "came": _from_json(value["came"])})


def _to_json(rows: Rows) -> Value:
    return [[number if math.isfinite(number) else str(number) for number in row] for row in rows]


def _from_json(rows: Value) -> Rows:
    return tuple(tuple(_number(number) for number in row) for row in rows)


def _number(number: Value) -> float:
    """A float; NaN is always the same object, so that two maps with NaN in the same places are equal."""
    return math.nan if math.isnan(float(number)) else float(number)
