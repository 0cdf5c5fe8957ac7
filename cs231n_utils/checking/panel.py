"""How a verdict looks: a panel in Jupyter, plain text elsewhere.

Nothing is said by colour alone: every line has a sign and a word. Colours are JupyterLab's own variables, so that the
panel is readable in its light and its dark theme, with fallbacks for other front ends.
"""

import html
import sys

from cs231n_utils.checking.verdict import Finding, Status, Verdict

__all__ = ["show", "summary", "to_html", "to_text"]

_SIGNS = {
    Status.PASSED: ("✓", "right"),
    Status.FAILED: ("✗", "wrong"),
    Status.REMARK: ("!", "remark, costs nothing"),
    Status.NOT_IMPLEMENTED: ("…", "not implemented yet"),
    Status.CRASHED: ("✗", "stopped by an error"),
    Status.TIMED_OUT: ("✗", "took too long"),
    Status.OUT_OF_MEMORY: ("✗", "out of memory"),
    Status.MISSING: ("?", "missing"),
    Status.UNGRADABLE: ("?", "could not be graded"),
    Status.GRADER_ERROR: ("?", "not graded yet: the grader failed"),
}

# One hue for right and one for wrong that the common kinds of colour blindness keep apart: blue and orange.
_COLOURS = {Status.PASSED: "#0072b2", Status.NOT_IMPLEMENTED: "#7a7a7a", Status.REMARK: "#7a7a7a"}
_WRONG = "#c05000"


def show(verdict: Verdict) -> None:
    """Display a verdict where the student is: rich in a notebook, as text in a terminal."""
    text = to_text(verdict)
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None and hasattr(shell, "kernel"):
        from IPython.display import display

        display({"text/html": to_html(verdict), "text/plain": text}, raw=True)
    else:
        print(text)


def summary(verdict: Verdict) -> str:
    """One line: how many cases are right, or what kept them from being tried. A remark is not wrong."""
    findings = verdict.findings
    if verdict.status in (Status.NOT_IMPLEMENTED, Status.MISSING, Status.UNGRADABLE, Status.GRADER_ERROR):
        return _sign(verdict.status)[1]
    wrong = [finding for finding in findings if finding.status not in (Status.PASSED, Status.REMARK)]
    if not wrong:
        return "right" if len(findings) == 1 else f"all {len(findings)} cases are right"
    if len(findings) == 1:
        return _sign(wrong[0].status)[1]
    return f"{len(wrong)} of {len(findings)} cases {'is' if len(wrong) == 1 else 'are'} wrong"


def to_text(verdict: Verdict, brief: bool = False) -> str:
    """The panel as plain text; a brief one leaves the right cases out."""
    sign, _ = _sign(verdict.status)
    if verdict.status == Status.NOT_IMPLEMENTED:
        return f"{sign} {_unwritten(verdict)}"
    lines = [f"{sign} {verdict.name}: {summary(verdict)}"]
    shown, rest = _shown(verdict, brief)
    lines += [f"  {_sign(finding.status)[0]} {_line(finding)}" for finding in shown]
    if rest:
        lines.append(f"  ✗ and {rest} more")
    for finding in _hints(verdict):
        lines += [f"  → {finding.title}.", f"    {finding.hint}"]
    return "\n".join(lines)


def to_html(verdict: Verdict, brief: bool = False) -> str:
    """The panel as HTML. Its look is in styles, and in classes for pages that take styles away and bring their own."""
    sign = _badge(verdict.status)
    if verdict.status == Status.NOT_IMPLEMENTED:
        text = html.escape(_unwritten(verdict)).replace(verdict.name, f"<code>{html.escape(verdict.name)}</code>")
        return _box(f"{sign} {text}", verdict)
    head = f"<b>{sign} <code>{html.escape(verdict.name)}</code>: {html.escape(summary(verdict))}</b>"
    shown, rest = _shown(verdict, brief)
    items = [_item(finding.status, _line(finding), bool(finding.message)) for finding in shown]
    if rest:
        items.append(_item(Status.FAILED, f"and {rest} more"))
    cases = f"<ul style='list-style:none;margin:4px 0 0;padding:0'>{''.join(items)}</ul>" if items else ""
    hints = "".join(
        f"<div class='check-hint' style='margin:8px 0 0 4px;padding:6px 10px;border-left:3px solid {_WRONG}'>"
        f"<b>{html.escape(finding.title)}.</b> {html.escape(finding.hint)}</div>"
        for finding in _hints(verdict)
    )
    return _box(head + cases + hints, verdict)


def _hints(verdict: Verdict) -> list[Finding]:
    """One finding for each known mistake that was recognised, in order."""
    return list({finding.mistake: finding for finding in reversed(verdict.findings) if finding.mistake}.values())[::-1]


_MOST_WRONG = 4


def _shown(verdict: Verdict, brief: bool) -> tuple[list[Finding], int]:
    """The right cases, unless it is brief, and the first wrong ones: four say as much as forty. And how many more."""
    shown: list[Finding] = []
    wrong = 0
    for finding in verdict.findings:
        fine = finding.status == Status.PASSED and not finding.message
        wrong += finding.status not in (Status.PASSED, Status.REMARK)
        if not (brief if fine else wrong > _MOST_WRONG):
            shown.append(finding)
    return shown, max(0, wrong - _MOST_WRONG)


def _line(finding: Finding) -> str:
    """A finding in one line; a message names its case in brackets itself."""
    word = "" if finding.status in (Status.PASSED, Status.FAILED) else f"{_sign(finding.status)[1]}: "
    return f"{word}{_printable(finding.message or finding.case)}{_time(finding)}"


def _unwritten(verdict: Verdict) -> str:
    return f"{_printable(verdict.findings[0].message)}. Write it, run its cell, and check again."


def _printable(text: str) -> str:
    """In one line, without control characters and broken unicode: an error's message may hold anything."""
    return "".join(char if char.isprintable() else " " if char.isspace() else "�" for char in text)


def _item(status: Status, text: str, code: bool = False) -> str:
    look = "font-family:var(--jp-code-font-family,monospace);font-size:0.92em" if code else ""
    text = f"<span class='{'check-message' if code else ''}' style='{look}'>{html.escape(text)}</span>"
    return (
        f"<li aria-label='{_sign(status)[1]}' "
        "style='margin:2px 0;padding-left:1.8em;text-indent:-1.8em;overflow-wrap:anywhere'>"
        f"{_badge(status)} {text}</li>"
    )


def _box(body: str, verdict: Verdict) -> str:
    label = html.escape(f"Check of {verdict.name}: {summary(verdict)}", quote=True)
    return (
        f"<div class='check check-{verdict.status}' role='region' aria-label='{label}' "
        f"style='border:1px solid var(--jp-border-color1,#bdbdbd);border-left:5px solid {_colour(verdict.status)};"
        "border-radius:3px;padding:8px 12px;max-width:60em;"
        "color:var(--jp-content-font-color1,inherit);background:var(--jp-layout-color1,transparent);"
        f"font-family:var(--jp-content-font-family,sans-serif);line-height:1.45'>{body}</div>"
    )


def _badge(status: Status) -> str:
    return (
        f"<span class='check-sign check-sign-{status}' aria-hidden='true' style='display:inline-block;width:1.35em;"
        "text-align:center;text-indent:0;font-weight:700;border-radius:3px;color:#fff;"
        f"background:{_colour(status)}'>{_sign(status)[0]}</span>"
    )


def _sign(status: Status) -> tuple[str, str]:
    return _SIGNS.get(status, ("✗", status.value.replace("_", " ")))


def _colour(status: Status) -> str:
    return _COLOURS.get(status, _WRONG)


def _time(finding: Finding) -> str:
    return f" ({1000 * finding.seconds:.0f} ms)" if finding.seconds >= 0.0005 else ""
