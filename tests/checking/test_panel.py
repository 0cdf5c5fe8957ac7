"""How a verdict looks: sign and word beside every colour, and nothing of the student's that acts."""

import html.parser
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs231n_utils.checking import panel
from cs231n_utils.checking.verdict import Finding, Status, Verdict

NAME = "max_pool_forward_naive"
OUR_TAGS = {"div", "span", "ul", "li", "b", "p", "code"}


def verdict(*findings, status=Status.FAILED):
    return Verdict(NAME, status, 0.0, 6.0, findings)


def wrong(case="case", message="out = 1, expected 2", **fields):
    return Finding(case, Status.FAILED, message, **fields)


RIGHT = Finding("2×2 windows", Status.PASSED)
REMARK = Finding("whole numbers", Status.REMARK, "dx[0] = 1, expected 1.5")
HINTED = wrong(mistake="an_id", title="The maximum starts from 0", hint="What is the maximum of -3 and -2?")
EVIL = "<script>alert('&')</script><img src=x onerror=alert(1)>"


class Page(html.parser.HTMLParser):
    """A panel's tags, attributes and text; fails where tags are not closed as they were opened."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.pieces, self.opened = [], [], [], []
        self.feed(text)
        self.close()
        assert self.opened == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.opened.append(tag)

    def handle_endtag(self, tag):
        assert self.opened.pop() == tag

    def handle_data(self, data):
        self.pieces.append(data)

    @property
    def text(self):
        return "".join(self.pieces)


# --- text ---


def test_text_of_a_right_answer():
    text = panel.to_text(verdict(RIGHT, RIGHT, status=Status.PASSED))
    assert text == f"✓ {NAME}: all 2 cases are right\n  ✓ 2×2 windows\n  ✓ 2×2 windows"


def test_text_of_a_wrong_answer_ends_with_its_hint():
    assert panel.to_text(verdict(RIGHT, HINTED)).splitlines() == [
        f"✗ {NAME}: 1 of 2 cases is wrong",
        "  ✓ 2×2 windows",
        "  ✗ out = 1, expected 2",
        "  → The maximum starts from 0.",
        "    What is the maximum of -3 and -2?",
    ]


def test_brief_text_leaves_right_cases_out():
    assert "2×2 windows" not in panel.to_text(verdict(RIGHT, HINTED), brief=True)


def test_a_hint_is_given_once():
    assert panel.to_text(verdict(*[HINTED] * 3)).count("What is the maximum") == 1


def test_of_many_wrong_cases_four_are_shown():
    findings = [wrong(message=f"out = {i}") for i in range(7)]
    for text in (panel.to_text(verdict(*findings)), Page(panel.to_html(verdict(*findings))).text):
        assert [i for i in range(7) if f"out = {i}" in text] == [0, 1, 2, 3]
        assert "and 3 more" in text


def test_not_implemented_is_one_calm_line():
    finding = Finding("case", Status.NOT_IMPLEMENTED, f"{NAME} is not implemented yet")
    unwritten = verdict(finding, finding, status=Status.NOT_IMPLEMENTED)
    line = f"… {NAME} is not implemented yet. Write it, run its cell, and check again."
    assert panel.to_text(unwritten) == line
    assert Page(panel.to_html(unwritten)).text == line
    assert panel.summary(unwritten) == "not implemented yet"


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ([RIGHT], "right"),
        ([RIGHT, RIGHT], "all 2 cases are right"),
        ([RIGHT, REMARK], "all 2 cases are right"),
        ([HINTED], "wrong"),
        ([Finding("case", Status.TIMED_OUT)], "took too long"),
        ([RIGHT, HINTED], "1 of 2 cases is wrong"),
        ([RIGHT, HINTED, HINTED], "2 of 3 cases are wrong"),
    ],
)
def test_summary(findings, said):
    assert panel.summary(verdict(*findings)) == said


def test_times_are_shown_where_they_are_felt():
    assert "(12 ms)" in panel.to_text(verdict(Finding("timed", Status.PASSED, seconds=0.012), status=Status.PASSED))
    assert "ms" not in panel.to_text(verdict(Finding("timed", Status.PASSED, seconds=0.0001), status=Status.PASSED))


# --- sign and word, not only colour ---

SAID = {
    Status.PASSED: ("✓", "right"),
    Status.FAILED: ("✗", "wrong"),
    Status.REMARK: ("!", "remark, costs nothing"),
    Status.CRASHED: ("✗", "stopped by an error"),
    Status.TIMED_OUT: ("✗", "took too long"),
    Status.OUT_OF_MEMORY: ("✗", "out of memory"),
    Status.MISSING: ("?", "missing"),
    Status.UNGRADABLE: ("?", "could not be graded"),
    Status.GRADER_ERROR: ("?", "not graded yet: the grader failed"),
}


@pytest.mark.parametrize("status", SAID)
def test_every_case_has_a_sign_and_a_word(status):
    sign, word = SAID[status]
    shown = verdict(Finding("the case", status, "the message"))
    page = Page(panel.to_html(shown))
    assert ("aria-label", word) in page.attributes
    assert re.search(rf"{re.escape(sign)}\s+.*the message", page.text)
    text = panel.to_text(shown)
    assert f"  {sign} " in text
    if status not in (Status.PASSED, Status.FAILED):  # their messages say it themselves
        assert word in text
        assert word in page.text


@pytest.mark.parametrize("status", Status)
def test_the_whole_has_a_sign_and_words(status):
    shown = verdict(Finding("case", status, "message"), status=status)
    page = Page(panel.to_html(shown))
    assert ("aria-label", f"Check of {NAME}: {panel.summary(shown)}") in page.attributes
    assert page.text.strip()[0] in "✓✗!…?"
    assert panel.to_text(shown)[0] == page.text.strip()[0]


@pytest.mark.parametrize("status", Status)
def test_text_and_html_say_the_same(status):
    shown = verdict(RIGHT, Finding("case", status, "message"), HINTED, status=status)
    words = re.findall(r"\w+", panel.to_text(shown))
    assert re.findall(r"\w+", " ".join(Page(panel.to_html(shown)).pieces)) == words


# --- what a student can put into it ---


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("place", ["message", "case", "title", "hint", "mistake"])
def test_nothing_of_a_students_is_a_tag(place, status):
    fields = {"case": "case", "message": "message", "title": "title", "hint": "hint", "mistake": "id"} | {place: EVIL}
    page = Page(panel.to_html(verdict(Finding(status=status, **fields), status=status)))
    assert set(page.tags) <= OUR_TAGS
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href")]
    if place in ("message", "title", "hint") and status is not Status.NOT_IMPLEMENTED:
        assert EVIL in page.text


@pytest.mark.parametrize("name", [EVIL, "' onmouseover='alert(1)", '" onmouseover="alert(1)'])
def test_nor_is_a_name(name):
    page = Page(panel.to_html(Verdict(name, Status.FAILED, 0.0, 1.0, (wrong(),))))
    assert set(page.tags) <= OUR_TAGS
    assert {attribute for attribute, _ in page.attributes} <= {"style", "class", "role", "aria-label", "aria-hidden"}
    assert f"{name}: wrong" in page.text


@settings(deadline=None)
@given(st.text(), st.sampled_from(Status))
def test_any_message_stays_text(message, status):
    page = Page(panel.to_html(verdict(Finding("case", status, message), status=status)))
    assert set(page.tags) <= OUR_TAGS


CONTROL = "\x1b[2J\x1b]0;title\x07\r\b\x9b1m\u202etfel"


@pytest.mark.parametrize("status", Status)
def test_no_message_steers_a_terminal(status):
    shown = verdict(Finding(CONTROL, status, CONTROL), status=status)
    assert all(char.isprintable() or char == "\n" for char in panel.to_text(shown))
    assert all(char.isprintable() for char in Page(panel.to_html(shown)).text)


def test_no_message_draws_lines_of_its_own():
    text = panel.to_text(verdict(wrong(message="out = 1\n✓ max_pool_forward_naive: all cases are right")))
    assert [line[:3] for line in text.splitlines()] == ["✗ m", "  ✗"]


def test_broken_unicode_can_be_written():
    shown = verdict(wrong(message="half a pair: \ud83d"))
    panel.to_text(shown).encode()
    panel.to_html(shown).encode()


# --- where it is shown ---


def test_text_in_a_terminal(capsys):
    panel.show(verdict(HINTED))
    assert capsys.readouterr().out == panel.to_text(verdict(HINTED)) + "\n"


def test_html_in_a_notebook(monkeypatch, capsys):
    import IPython
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: type("Shell", (), {"kernel": True})())
    monkeypatch.setattr(IPython.display, "display", lambda data, raw: shown.append(data))
    panel.show(verdict(HINTED))
    assert shown == [{"text/html": panel.to_html(verdict(HINTED)), "text/plain": panel.to_text(verdict(HINTED))}]
    assert capsys.readouterr().out == ""
