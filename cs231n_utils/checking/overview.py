"""`progress()` and the end of `check.all()`: what is done, what is next, points so far."""

import html
from collections.abc import Iterator, Mapping, Sequence

from cs231n_utils.checking import panel
from cs231n_utils.checking.contents import notebooks
from cs231n_utils.checking.finding import Status
from cs231n_utils.checking.progress_book import Entry

__all__ = ["to_html", "to_text"]

Row = tuple[Status, str, str]
"""A line's sign, its name, and what is said of it."""


def to_text(notebook: str | None, entries: Mapping[str, Entry], notes: Sequence[str] = ()) -> str:
    """A notebook's exercises and the course's other notebooks, as text."""
    head, rows, rest = _parts(notebook, entries)
    widest = max((len(name) for _, name, _ in [*rows, *rest]), default=0)
    lines = [f"  {panel.sign(status)} {name.ljust(widest)}  {said}" for status, name, said in rows]
    others = [f"  {panel.sign(status)} {name.ljust(widest)}  {said}" for status, name, said in rest]
    return "\n".join([head, *lines, *(["Other notebooks:", *others] if others else []), *notes])


def to_html(notebook: str | None, entries: Mapping[str, Entry], notes: Sequence[str] = ()) -> str:
    """The same as HTML."""
    head, rows, rest = _parts(notebook, entries)
    body = f"<b>{html.escape(head)}</b>{_table(rows)}"
    if rest:
        body += f"<div class='check-note' style='margin:8px 0 0'>Other notebooks:</div>{_table(rest)}"
    body += "".join(f"<div class='check-note' style='margin:8px 0 0'>{html.escape(note)}</div>" for note in notes)
    done = bool(rows) and all(status == Status.PASSED for status, _, _ in rows)
    return panel.box(body, head, Status.PASSED if done else Status.NOT_IMPLEMENTED)


def _parts(notebook: str | None, entries: Mapping[str, Entry]) -> tuple[str, list[Row], list[Row]]:
    others = [_summary(name, entries) for name in notebooks() if name != notebook]
    begun = [row for row, is_begun in others if is_begun]
    if notebook is None:
        head = "The notebooks so far:" if begun else "Nothing has been checked yet: run check(...) below an exercise."
        return head, begun, []
    (_, _, said), _ = _summary(notebook, entries)
    return f"{notebook}: {said}", list(_rows(notebook, entries)), begun


def _summary(notebook: str, entries: Mapping[str, Entry]) -> tuple[Row, bool]:
    """A notebook in one line, and whether it has been begun."""
    exercises = notebooks()[notebook]
    known = [entries[name] for name in exercises if name in entries]
    right = sum(entry.status == Status.PASSED for entry in known)
    points = sum(entry.points for entry in known)
    said = f"{right} of {len(exercises)} right, {points:g} of {sum(exercises.values()):g} points so far"
    return (Status.PASSED if right == len(exercises) else Status.NOT_IMPLEMENTED, notebook, said), bool(known)


def _rows(notebook: str, entries: Mapping[str, Entry]) -> Iterator[Row]:
    """A line for each exercise; the first that is not right yet is what comes next."""
    following = "  ← next"
    for name, points in notebooks()[notebook].items():
        entry = entries.get(name)
        status = entry.status if entry else Status.NOT_IMPLEMENTED
        said = f"{entry.points if entry else 0:g} of {points:g}"
        if entry is None:
            said += ", not checked yet"
        elif status != Status.PASSED:
            said += f", {panel.word(status)}"
        if status != Status.PASSED:
            said, following = said + following, ""
        yield status, name, said


def _table(rows: Sequence[Row]) -> str:
    lines = "".join(
        f"<tr style='background:none'><td style='{_CELL}'>{panel.badge(status)}</td>"
        f"<td style='{_CELL}'><code>{html.escape(name)}</code></td><td style='{_CELL}'>{html.escape(said)}</td></tr>"
        for status, name, said in rows
    )
    look = "border-collapse:collapse;margin:4px 0 0;font-size:inherit;color:inherit"
    return f"<table class='check-list' style='{look}'>{lines}</table>" if rows else ""


_CELL = "text-align:left;padding:1px 12px 1px 0;border:none"
