"""How a verdict looks: a panel in Jupyter, plain text elsewhere.

Nothing is said by colour alone: every line has a sign with a name for screen readers. Colours are JupyterLab's own
variables, or else VS Code's, so that the panel is readable in light and dark themes; other front ends give it theirs.
"""

import html
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass

from cs231n_utils.checking import pictures
from cs231n_utils.checking.finding import Advice, Finding, Status, Verdict
from cs231n_utils.checking.location import Maps
from cs231n_utils.checking.printable import printable

__all__ = [
    "NUDGE",
    "Guidance",
    "badge",
    "box",
    "display",
    "show",
    "sign",
    "summary",
    "to_html",
    "to_text",
    "word",
]

_SIGNS = {
    Status.PASSED: ("✓", "right"),
    Status.FAILED: ("✗", "wrong"),
    Status.PARTIAL: ("✗", "partly right"),
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
_COLOURS = {Status.PASSED: "#0072b2", Status.NOT_IMPLEMENTED: "#6b6b6b", Status.REMARK: "#6b6b6b"}
_WRONG = "#c05000"

_TEXT = "var(--jp-content-font-color1,var(--vscode-editor-foreground,inherit))"
_GROUND = "var(--jp-layout-color1,transparent)"
_LINE = "var(--jp-border-color1,var(--vscode-panel-border,#9e9e9e))"
_FONT = "var(--jp-content-font-family,var(--vscode-font-family,sans-serif))"
_CODE = "font-family:var(--jp-code-font-family,var(--vscode-editor-font-family,monospace));font-size:0.92em"
_INDENT = "margin:2px 0 2px 1.8em"


@dataclass(frozen=True)
class Guidance:
    """How much help a panel gives: 1, what is wrong; 2, a hint; 3, a case to try by hand, as code."""

    step: int = 2
    code: str = ""
    """The case to try by hand, at step 3."""
    ask: str = ""
    """The call that asks for more; empty where nobody can ask, as on a page."""
    has_case: bool = True
    """Is there a case to try? Not for a question, which takes nothing."""


NUDGE = Guidance(step=1)
"""No more than what is wrong."""


def show(verdict: Verdict, guidance: Guidance = NUDGE) -> None:
    """Display a verdict where the student is: rich in a notebook, as text in a terminal."""
    display(to_text(verdict, guidance=guidance), lambda: to_html(verdict, guidance=guidance))


def display(text: str, rich: Callable[[], str]) -> None:
    """Display a text: in a notebook as the HTML that `rich` makes, elsewhere as it is."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None and hasattr(shell, "kernel"):
        from IPython.display import display as display_in_notebook

        display_in_notebook({"text/html": rich(), "text/plain": text}, raw=True)
    else:
        print(text)


def summary(verdict: Verdict) -> str:
    """One line: how many cases are right, or what kept them from being tried. A remark is not wrong."""
    findings = verdict.findings
    if verdict.status in (Status.NOT_IMPLEMENTED, Status.MISSING, Status.UNGRADABLE, Status.GRADER_ERROR):
        return word(verdict.status)
    wrong = [finding for finding in findings if finding.status not in (Status.PASSED, Status.REMARK)]
    if not wrong:
        return "right" if len(findings) == 1 else f"all {len(findings)} cases are right"
    if len(findings) == 1:
        return word(wrong[0].status)
    return f"{len(wrong)} of {len(findings)} cases {'is' if len(wrong) == 1 else 'are'} wrong"


def to_text(verdict: Verdict, brief: bool = False, guidance: Guidance = Guidance()) -> str:
    """The panel as plain text; a brief one leaves the right cases out."""
    if verdict.status == Status.NOT_IMPLEMENTED:
        return f"{sign(verdict.status)} {_unwritten(verdict)}"
    lines = [f"{sign(verdict.status)} {printable(verdict.name)}: {summary(verdict)}"]
    shown, rest = _shown(verdict, brief)
    for case in _cases(shown):
        lines.append(f"  {sign(case.status)} {case.text}")
        lines += [f"    {detail}" for detail, _ in case.details]
        lines += [f"    {line}" for line in (pictures.to_text(case.maps) if case.maps else ())]
    if rest:
        lines.append(f"  ✗ and {rest} more")
    for advice in _advice(verdict):
        lines.append(f"  → {printable(advice.title)}.")
        if guidance.step > 1 and advice.hint:
            lines.append(f"    {printable(advice.hint)}")
    if guidance.step > 2 and guidance.code:
        lines += ["  → A small case to try by hand:", "", *guidance.code.splitlines(), ""]
    if more := _more(verdict, guidance):
        lines.append(f"  {more[0]} {more[1]}")
    return "\n".join(lines)


def to_html(verdict: Verdict, brief: bool = False, guidance: Guidance = Guidance()) -> str:
    """The panel as HTML. Its look is in styles, and in classes for pages that take styles away and bring their own."""
    if verdict.status == Status.NOT_IMPLEMENTED:
        text = html.escape(_unwritten(verdict)).replace(verdict.name, f"<code>{html.escape(verdict.name)}</code>")
        return _box(f"{badge(verdict.status)} {text}", verdict)
    name = f"<code>{html.escape(printable(verdict.name))}</code>"
    head = f"<b>{badge(verdict.status)} {name}: {html.escape(summary(verdict))}</b>"
    shown, rest = _shown(verdict, brief)
    items = []
    for case in _cases(shown):
        below = "".join(_detail(text, is_code) for text, is_code in case.details)
        below += pictures.to_html(case.maps) if case.maps else ""
        items.append(_item(case.status, case.text, case.is_code, below))
    if rest:
        items.append(_item(Status.FAILED, f"and {rest} more"))
    cases = f"<ul style='list-style:none;margin:4px 0 0;padding:0'>{''.join(items)}</ul>" if items else ""
    return _box(head + cases + _advice_html(verdict, guidance), verdict)


def _advice_html(verdict: Verdict, guidance: Guidance) -> str:
    parts = []
    for advice in _advice(verdict):
        hint = f" {html.escape(printable(advice.hint))}" if guidance.step > 1 and advice.hint else ""
        parts.append(_hint(f"<b>{html.escape(printable(advice.title))}.</b>{hint}"))
    if guidance.step > 2 and guidance.code:
        look = f"{_CODE};margin:4px 0 0;padding:0;overflow-x:auto;white-space:pre;background:none;color:inherit"
        code = f"<pre class='check-code' style='{look}'>{html.escape(guidance.code)}</pre>"
        parts.append(_hint(f"<b>A small case to try by hand:</b>{code}"))
    if more := _more(verdict, guidance):
        text = f"{more[0]} <code style='{_CODE}'>{html.escape(more[1])}</code>"
        parts.append(f"<div class='check-note' style='margin:6px 0 0 4px;font-size:0.9em'>{text}</div>")
    return "".join(parts)


def _hint(body: str) -> str:
    look = f"margin:8px 0 0 4px;padding:6px 10px;border-left:3px solid {_WRONG}"
    return f"<div class='check-hint' style='{look}'>{body}</div>"


def _advice(verdict: Verdict) -> list[Advice]:
    """Each thing that was recognised, once and in order: known mistakes, and what can be said in general.

    An error at one place is explained once, though its numbers may differ from case to case.
    """
    said: dict[str, Advice] = {}
    for finding in verdict.findings:
        first = Advice(finding.mistake, finding.title, finding.hint)
        if first.title:
            said.setdefault(finding.mistake or "".join(finding.lines[:1]) or finding.title, first)
        for advice in finding.also:
            said.setdefault(advice.mistake or advice.title, advice)
    return list(said.values())


def _more(verdict: Verdict, guidance: Guidance) -> tuple[str, str] | None:
    """What the next step of help is, and how to ask for it; None where there is nothing more."""
    wrong = any(finding.status != Status.PASSED for finding in verdict.findings)
    if not guidance.ask or not wrong:
        return None
    if guidance.step == 1 and any(advice.hint for advice in _advice(verdict)):
        return "For a hint:", f"{guidance.ask[:-1]}, hint=2)"
    if guidance.step < 3 and guidance.has_case:
        return "For a small case to try by hand:", f"{guidance.ask[:-1]}, hint=3)"
    return None


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


@dataclass(frozen=True)
class _Case:
    """What is shown of one case."""

    status: Status
    text: str
    is_code: bool
    details: list[tuple[str, bool]]
    """Lines below it, and whether they are code."""
    maps: Maps | None


_COUNT = re.compile(r" \(\d+ of \d+ entries are wrong\)")
"""What a message says of how many are wrong is said with the place, too, if there is one."""


def _cases(shown: list[Finding]) -> list[_Case]:
    """What is shown of each finding. What was said of one case is not said again of the next; one picture is enough."""
    drawn = min((f for f in shown if f.maps), key=lambda finding: finding.status == Status.REMARK, default=None)
    said: set[str] = set()
    cases = []
    for finding in shown:
        before = "" if finding.status in (Status.PASSED, Status.FAILED) else f"{word(finding.status)}: "
        trouble = finding.lines[0] if finding.lines else finding.message.rpartition("  [")[0]
        if trouble and trouble in said:
            cases.append(_Case(finding.status, printable(f"{before}the same with {finding.case}"), False, [], None))
            continue
        said.add(trouble)
        message = _COUNT.sub("", finding.message) if finding.where else finding.message
        text = f"{before}{printable(message or finding.case)}{_time(finding)}"
        texts = [(finding.where, False), *((line, True) for line in finding.lines), (finding.numeric, False)]
        details = [(printable(text), is_code) for text, is_code in texts if text]
        maps = finding.maps if finding is drawn else None
        cases.append(_Case(finding.status, text, bool(finding.message), details, maps))
    return cases


def _unwritten(verdict: Verdict) -> str:
    return f"{printable(verdict.findings[0].message)}. Write it, run its cell, and check again."


def _item(status: Status, text: str, code: bool = False, below: str = "") -> str:
    look = _CODE if code else ""
    text = f"<span class='{'check-message' if code else ''}' style='{look}'>{html.escape(text)}</span>"
    return (
        "<li class='check-case' style='margin:2px 0;overflow-wrap:anywhere'>"
        "<div class='check-line' style='padding-left:1.8em;text-indent:-1.8em'>"
        f"{badge(status)} {text}</div>{below}</li>"
    )


def _detail(text: str, code: bool) -> str:
    name = "check-message" if code else "check-note"
    look = f"{_INDENT};{_CODE}" if code else f"{_INDENT};font-size:0.95em"
    return f"<div class='check-detail {name}' style='{look}'>{html.escape(text)}</div>"


def _box(body: str, verdict: Verdict) -> str:
    return box(body, f"Check of {printable(verdict.name)}: {summary(verdict)}", verdict.status)


def box(body: str, label: str, status: Status) -> str:
    """A frame around a panel's HTML, named for screen readers, with a stripe in the colour of a status."""
    return (
        f"<div class='check check-{status}' role='region' aria-label='{html.escape(label, quote=True)}' "
        f"style='border:1px solid {_LINE};border-left:5px solid {_colour(status)};"
        f"border-radius:3px;padding:8px 12px;margin:2px 0;max-width:60em;color:{_TEXT};background:{_GROUND};"
        f"font-family:{_FONT};line-height:1.45'>{body}</div>"
    )


def badge(status: Status) -> str:
    """A status's sign on a ground of its colour, with a name for screen readers."""
    return (
        f"<span class='check-sign check-sign-{status}' role='img' aria-label='{word(status)}' "
        "style='display:inline-block;width:1.35em;"
        "text-align:center;text-indent:0;font-weight:700;border-radius:3px;color:#fff;"
        f"background:{_colour(status)}'>{sign(status)}</span>"
    )


def sign(status: Status) -> str:
    """One character for a status."""
    return _SIGNS[status][0]


def word(status: Status) -> str:
    """A status in a word or two."""
    return _SIGNS[status][1]


def _colour(status: Status) -> str:
    return _COLOURS.get(status, _WRONG)


def _time(finding: Finding) -> str:
    return f" ({1000 * finding.seconds:.0f} ms)" if finding.seconds >= 0.0005 else ""
