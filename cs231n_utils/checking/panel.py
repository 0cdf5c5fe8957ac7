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
    """One line: how many cases are right.

    A remark is not wrong, and is not counted as such.
    """
    findings = verdict.findings
    if verdict.status == Status.NOT_IMPLEMENTED:
        return "not implemented yet"
    wrong = sum(finding.status not in (Status.PASSED, Status.REMARK) for finding in findings)
    if not wrong:
        return "all right" if len(findings) == 1 else f"all {len(findings)} cases are right"
    return f"{wrong} of {len(findings)} cases {'is' if wrong == 1 else 'are'} wrong"


def to_text(verdict: Verdict) -> str:
    """The panel as plain text."""
    sign, _ = _sign(verdict.status)
    lines = [f"{sign} {verdict.name}: {summary(verdict)}"]
    if verdict.status == Status.NOT_IMPLEMENTED:
        return f"{sign} {verdict.findings[0].message}. Write it, run its cell, and check again."
    for finding in verdict.findings:
        sign, word = _sign(finding.status)
        lines.append(f"  {sign} {finding.case}: {word}{_time(finding)}")
        if finding.message:
            lines.append(f"      {finding.message}")
    for finding in _hints(verdict):
        lines += [f"  → {finding.title}.", f"      {finding.hint}"]
    return "\n".join(lines)


def to_html(verdict: Verdict) -> str:
    """The panel as HTML."""
    colour = _colour(verdict.status)
    sign, _ = _sign(verdict.status)
    if verdict.status == Status.NOT_IMPLEMENTED:
        message = f"{verdict.findings[0].message}. Write it, run its cell, and check again."
        return _box(colour, f"<div>{_badge(sign, colour)} {_code_name(message, verdict.name)}</div>", verdict)
    head = (
        f"<div style='font-weight:600'>{_badge(sign, colour)} <code>{html.escape(verdict.name)}</code>: "
        f"{html.escape(summary(verdict))}</div>"
    )
    rows = "".join(_row(finding) for finding in verdict.findings)
    hints = "".join(
        f"<div style='margin:8px 0 0 4px;padding:6px 10px;border-left:3px solid {_WRONG}'>"
        f"<b>{html.escape(finding.title)}.</b> {html.escape(finding.hint)}</div>"
        for finding in _hints(verdict)
    )
    body = f"{head}<div role='list' style='margin-top:4px'>{rows}</div>{hints}"
    return _box(colour, body, verdict)


def _hints(verdict: Verdict) -> list[Finding]:
    """One finding for each known mistake that was recognised, in order."""
    return list({finding.mistake: finding for finding in reversed(verdict.findings) if finding.mistake}.values())[::-1]


def _row(finding: Finding) -> str:
    sign, word = _sign(finding.status)
    message = ""
    if finding.message:
        message = (
            "<div style='font-family:var(--jp-code-font-family,monospace);font-size:0.92em;white-space:pre-wrap;"
            f"overflow-wrap:anywhere;margin:1px 0 4px 26px'>{html.escape(finding.message)}</div>"
        )
    return (
        f"<div role='listitem' style='margin:2px 0'>{_badge(sign, _colour(finding.status))} "
        f"{html.escape(finding.case)}: {word}<span style='opacity:0.65'>{_time(finding)}</span>{message}</div>"
    )


def _box(colour: str, body: str, verdict: Verdict) -> str:
    label = html.escape(f"Check of {verdict.name}: {summary(verdict)}", quote=True)
    return (
        f"<div role='region' aria-label='{label}' style='border:1px solid var(--jp-border-color1,#bdbdbd);"
        f"border-left:5px solid {colour};border-radius:3px;padding:8px 12px;max-width:60em;"
        "color:var(--jp-content-font-color1,inherit);background:var(--jp-layout-color1,transparent);"
        f"font-family:var(--jp-content-font-family,sans-serif);line-height:1.45'>{body}</div>"
    )


def _badge(sign: str, colour: str) -> str:
    return (
        f"<span aria-hidden='true' style='display:inline-block;width:1.35em;text-align:center;font-weight:700;"
        f"border-radius:3px;color:#fff;background:{colour}'>{sign}</span>"
    )


def _code_name(message: str, name: str) -> str:
    return html.escape(message).replace(name, f"<code>{html.escape(name)}</code>")


def _sign(status: Status) -> tuple[str, str]:
    return _SIGNS.get(status, ("✗", status.value.replace("_", " ")))


def _colour(status: Status) -> str:
    return _COLOURS.get(status, _WRONG)


def _time(finding: Finding) -> str:
    return f" ({1000 * finding.seconds:.0f} ms)" if finding.seconds >= 0.0005 else ""
