"""Three small maps side by side: what was expected, what came, and the difference.

Every number stands in its cell where there is room for it, and a wrong entry has a sign, so that nothing is said by
shade alone. Shades are grey for values, and orange and blue for too large and too small, which the common kinds of
colour blindness keep apart. Each cell brings its own ground and a text colour that is readable on it, so that light and
dark themes do not matter.
"""

import html
import math

from cs231n_utils.checking.location import Maps
from cs231n_utils.checking.printable import printable

__all__ = ["GREYS", "LOOK", "SIGNED", "ink", "to_html", "to_text"]

GREYS = ("#ffffff", "#e6e6e6", "#cccccc", "#b3b3b3", "#999999", "#737373", "#595959", "#404040", "#262626")
"""From the smallest number to the largest."""

SIGNED = ("#0b4f8a", "#3d7fbf", "#8ab6dd", "#cfe2f3", "#ffffff", "#fde0c5", "#f5b27a", "#dd7f2e", "#a34700")
"""From far too small to far too large; the one in the middle is for what is right."""

_ROOM = 7  # columns of a map whose numbers are written into its cells
_WIDEST_TEXT = 100  # characters of three maps side by side in a terminal

_Rows = tuple[tuple[float, ...], ...]


def to_text(maps: Maps) -> list[str]:
    """The three maps as lines of text, a star before each wrong entry; side by side where they fit."""
    signs = [[_differs(e, c) for e, c in zip(*pair, strict=True)] for pair in _pairs(maps)]
    blocks = [
        _block(f"{printable(maps.name)}, expected", maps, _numbers(maps.expected), None),
        _block("yours", maps, _numbers(maps.came), signs),
        _block("difference", maps, _differences(maps), None),
    ]
    if sum(len(block[0]) for block in blocks) + 6 <= _WIDEST_TEXT:
        return ["   ".join(lines).rstrip() for lines in zip(*blocks, strict=True)]
    return [line.rstrip() for block in blocks for line in block]


def to_html(maps: Maps) -> str:
    """The three maps as cells. Only tags that a careful page lets pass, with classes beside the styles."""
    finite = [n for rows in (maps.expected, maps.came) for row in rows for n in row if math.isfinite(n)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    greys = [[[_grey(n, low, high) for n in row] for row in rows] for rows in (maps.expected, maps.came)]
    three = [
        _map("expected", maps, _numbers(maps.expected), greys[0], "grey", False),
        _map("yours", maps, _numbers(maps.came), greys[1], "grey", True),
        _map("difference", maps, _differences(maps), _signed(maps), "signed", True),
    ]
    legend = f"{printable(maps.name)}{_from(maps)}. Difference: yours − expected; + and orange: too large, − and blue: "
    legend += "too small. ≠ marks the wrong ones." if _too_wide(maps) else "too small."
    below = f"<div class='check-legend' style='flex-basis:100%;font-size:0.85em'>{html.escape(legend)}</div>"
    look = "display:flex;flex-wrap:wrap;gap:4px 18px;margin:6px 0 2px 1.8em"
    return f"<div class='check-maps' style='{look}'>{''.join(three)}{below}</div>"


def _pairs(maps: Maps) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    return list(zip(maps.expected, maps.came, strict=True))


def _differs(expected: float, came: float) -> bool:
    """Is the entry wrong? Maps give right ones the same number twice."""
    return not (expected == came or (math.isnan(expected) and math.isnan(came)))


def _number(number: float) -> str:
    return f"{number:.3g}".replace("-", "−") if math.isfinite(number) else str(number)


def _numbers(rows: _Rows) -> list[list[str]]:
    return [[_number(number) for number in row] for row in rows]


def _differences(maps: Maps) -> list[list[str]]:
    """Signed, and a dot where there is none."""
    return [
        [_signed_number(e, c) if _differs(e, c) else "·" for e, c in zip(*pair, strict=True)] for pair in _pairs(maps)
    ]


def _signed_number(expected: float, came: float) -> str:
    difference = came - expected
    return f"{difference:+.2g}".replace("-", "−") if math.isfinite(difference) else _number(difference)


def _grey(number: float, low: float, high: float) -> int:
    """Which of GREYS a number gets; -1 for no number."""
    if not math.isfinite(number):
        return -1
    span = high / 2 - low / 2  # halves, so that nothing overflows
    return round((len(GREYS) - 1) * ((number / 2 - low / 2) / span)) if span > 0 else 0


def _signed(maps: Maps) -> list[list[int]]:
    """Which of SIGNED each difference gets: by its size, compared with the largest; -1 where it is no number."""
    differences = [[c - e for e, c in zip(*pair, strict=True)] for pair in _pairs(maps)]
    wrong = [[_differs(e, c) for e, c in zip(*pair, strict=True)] for pair in _pairs(maps)]
    largest = max((abs(d) for row in differences for d in row if math.isfinite(d)), default=0.0)
    middle = len(SIGNED) // 2

    def shade(difference: float, is_wrong: bool) -> int:
        if not is_wrong:
            return middle
        if not math.isfinite(difference):
            return -1
        steps = max(1, round(middle * (abs(difference) / largest))) if largest else 1
        return middle + steps if difference > 0 else middle - steps

    return [[shade(d, w) for d, w in zip(ds, ws, strict=True)] for ds, ws in zip(differences, wrong, strict=True)]


def _too_wide(maps: Maps) -> bool:
    return max(map(len, maps.expected), default=0) > _ROOM


def _from(maps: Maps) -> str:
    """Where the map begins, if it is a part."""
    return f", from row {maps.row} and column {maps.column} on" if maps.row or maps.column else ""


def _block(title: str, maps: Maps, cells: list[list[str]], wrong: list[list[bool]] | None) -> list[str]:
    """A map's lines, all equally long."""
    marked = [
        [f"*{cell}" if wrong and wrong[i][j] else cell for j, cell in enumerate(row)] for i, row in enumerate(cells)
    ]
    width = max((len(cell) for row in marked for cell in row), default=0)
    lines = [title + ":", *(" ".join(cell.rjust(width) for cell in row) for row in marked)]
    longest = max(map(len, lines))
    return [line.ljust(longest) for line in lines]


def _map(title: str, maps: Maps, cells: list[list[str]], shades: list[list[int]], kind: str, signed: bool) -> str:
    """One map: a line of cells for each row. Where it is too wide for numbers, only wrong ones get a sign."""
    wide = _too_wide(maps)
    wrong = [[_differs(e, c) for e, c in zip(*pair, strict=True)] for pair in _pairs(maps)]
    texts = [["≠" if signed and w else "" for w in row] for row in wrong] if wide else cells
    width = 2 if wide else max((len(text) for row in texts for text in row), default=0) + 1
    lines = [
        " ".join(_cell(text, tone, kind, signed and w, width) for text, tone, w in zip(*row, strict=True))
        for row in zip(texts, shades, wrong, strict=True)
    ]
    differ = f": {sum(map(sum, wrong))} of {sum(map(len, wrong))} entries differ" if signed else ""
    label = f" role='img' aria-label='{title}{differ}'" if wide else ""
    rows = "".join(f"<div class='check-row' style='display:flex'>{line}</div>" for line in lines)
    look = "font-size:0.85em"
    return (
        f"<div class='check-map'><div class='check-map-title' style='{look}'>{title}</div>"
        f"<div class='check-rows'{label}>{rows}</div></div>"
    )


def _cell(text: str, tone: int, kind: str, wrong: bool, width: int) -> str:
    colours = GREYS if kind == "grey" else SIGNED
    ground = colours[tone] if tone >= 0 else "#000000"
    names = [f"check-{kind}-{tone}" if tone >= 0 else "check-no-number", f"check-width-{width}"]
    mark = "outline:2px solid #c05000;outline-offset:-2px;font-weight:700;" if wrong else ""
    return (
        f"<span class='check-cell {' '.join(names)}{' check-wrong' if wrong else ''}' style='{mark}{LOOK}"
        f"width:{width}ch;background:{ground};color:{ink(ground)}'>{html.escape(text)}</span>"
    )


LOOK = (
    "display:inline-block;flex:none;min-height:1.4em;padding:0 2px;border:1px solid #808080;margin:0 -1px -1px 0;"
    "text-align:center;line-height:1.4;font-family:monospace;font-size:0.8em;white-space:nowrap;"
)
"""Of every cell."""


def ink(ground: str) -> str:
    """Black or white, whichever is more readable on a colour."""
    return "#000" if _is_light(ground) else "#fff"


def _is_light(colour: str) -> bool:
    """Is black text more readable on it than white? By the relative luminance of WCAG 2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179
