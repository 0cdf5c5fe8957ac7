"""How a verdict looks: sign and word beside every colour, and nothing of the student's that acts."""

import html.parser
import math
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.filters.strings import clean_html

from cs231n_utils.checking import panel, pictures
from cs231n_utils.checking.finding import Advice, Finding, Status, Verdict
from cs231n_utils.checking.location import Maps

NAME = "max_pool_forward_naive"
OUR_TAGS = {"div", "span", "ul", "li", "b", "code", "pre", "table", "tr", "td"}
OUR_ATTRIBUTES = {"style", "class", "role", "aria-label"}


def verdict(*findings, status=Status.FAILED):
    return Verdict(NAME, status, 0.0, 6.0, findings)


def wrong(case="case", message="out = 1, expected 2", **fields):
    return Finding(case, Status.FAILED, message, **fields)


RIGHT = Finding("2×2 windows", Status.PASSED)
REMARK = Finding("whole numbers", Status.REMARK, "dx[0] = 1, expected 1.5")
HINTED = wrong(mistake="an_id", title="The maximum starts from 0", hint="What is the maximum of -3 and -2?")
MAPS = Maps("out[0, 2]", ((1.0, -2.0), (3.0, math.nan)), ((1.0, 0.5), (2.99, math.nan)))
ERROR = Finding(
    "case",
    Status.CRASHED,
    "f raised ValueError: no",
    title="Shapes (2, 3) and (4,) do not fit together",
    hint="NumPy lines shapes up from the right.",
    lines=("line 3, in f: return x + y", "x: shape (2, 3), float64"),
)
STEPS = [panel.Guidance(step, code="x = np.ones(3)\nf(x)", ask="check(f)") for step in (1, 2, 3)]
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


# --- help in steps ---


def test_first_what_is_wrong_then_a_hint_then_a_case_to_try():
    first, second, third = (panel.to_text(verdict(HINTED), guidance=step) for step in STEPS)
    assert "The maximum starts from 0." in first
    assert "What is the maximum" not in first
    assert first.endswith("For a hint: check(f, hint=2)")
    assert "What is the maximum" in second
    assert "np.ones" not in second
    assert second.endswith("For a small case to try by hand: check(f, hint=3)")
    assert "What is the maximum" in third
    assert "\nx = np.ones(3)\nf(x)\n" in third  # at the margin, to be pasted
    assert "hint=" not in third


def test_on_a_page_nobody_can_ask_for_more():
    assert "hint=" not in panel.to_text(verdict(HINTED), brief=True)
    assert "What is the maximum" in panel.to_text(verdict(HINTED), brief=True)


def test_without_a_case_to_try_none_is_promised():
    assert "hint=3" not in panel.to_text(verdict(HINTED), guidance=panel.Guidance(2, ask="check(f)", has_case=False))


def test_without_a_hint_the_case_comes_next():
    text = panel.to_text(verdict(wrong(title="It is wrong")), guidance=STEPS[0])
    assert text.endswith("For a small case to try by hand: check(f, hint=3)")


def test_a_right_answer_needs_no_help():
    assert "hint" not in panel.to_text(verdict(RIGHT, status=Status.PASSED), guidance=STEPS[0])


def test_an_error_shows_the_students_lines_once():
    text = panel.to_text(verdict(ERROR, ERROR, ERROR))
    assert text.count("line 3, in f: return x + y") == 1
    assert text.splitlines()[2:4] == ["    line 3, in f: return x + y", "    x: shape (2, 3), float64"]
    assert text.splitlines()[4:6] == ["  ✗ stopped by an error: the same with case"] * 2


def test_how_many_are_wrong_is_said_once():
    message = "out[0] = 1, expected 2 (3 of 8 entries are wrong)  [f, case]"
    assert "(3 of 8 entries are wrong)" in panel.to_text(verdict(wrong(message=message)))
    text = panel.to_text(verdict(wrong(message=message, where="all of channel 2: 3 of 8 entries are wrong")))
    assert text.splitlines()[1:] == [
        "  ✗ out[0] = 1, expected 2  [f, case]",
        "    all of channel 2: 3 of 8 entries are wrong",
    ]


def test_the_same_trouble_is_said_once():
    messages = [f"f returned nothing, expected (out, cache)  [f, case {i}]" for i in range(3)]
    text = panel.to_text(verdict(*[wrong(f"case {i}", message) for i, message in enumerate(messages)]))
    assert text.splitlines()[1:] == [f"  ✗ {messages[0]}", "  ✗ the same with case 1", "  ✗ the same with case 2"]


def test_further_mistakes_are_named():
    text = panel.to_text(verdict(wrong(title="One", hint="First.", also=(Advice("two", "Two", "Second."),))))
    assert text.splitlines()[-4:] == ["  → One.", "    First.", "  → Two.", "    Second."]


def test_one_picture_is_enough():
    shown = verdict(wrong(maps=MAPS), wrong(maps=MAPS))
    assert panel.to_text(shown).count("yours:") == 1
    maps = [value for name, value in Page(panel.to_html(shown)).attributes if (name, value) == ("class", "check-map")]
    assert len(maps) == 3


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


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"hint={step.step}")
@pytest.mark.parametrize("status", Status)
def test_text_and_html_say_the_same(status, step):
    other = wrong(where="all of channel 2", numeric="dx says 1", also=(Advice("two", "Twice", "Why?"),))
    shown = verdict(RIGHT, Finding("case", status, "message"), HINTED, ERROR, other, status=status)
    words = re.findall(r"\w+", panel.to_text(shown, guidance=step))
    assert re.findall(r"\w+", " ".join(Page(panel.to_html(shown, guidance=step)).pieces)) == words


# --- what a student can put into it ---


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("place", ["message", "case", "title", "hint", "mistake", "where", "numeric", "lines", "maps"])
def test_nothing_of_a_students_is_a_tag(place, status):
    fields = {"case": "case", "message": "message", "title": "title", "hint": "hint", "mistake": "id"} | {place: EVIL}
    fields |= {"lines": (EVIL,), "maps": Maps(EVIL, MAPS.expected, MAPS.came)}
    page = Page(panel.to_html(verdict(Finding(status=status, **fields), status=status)))
    assert set(page.tags) <= OUR_TAGS
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href")]
    if place in ("message", "title", "hint") and status is not Status.NOT_IMPLEMENTED:
        assert EVIL in page.text


@pytest.mark.parametrize("name", [EVIL, "' onmouseover='alert(1)", '" onmouseover="alert(1)'])
def test_nor_is_a_name(name):
    page = Page(panel.to_html(Verdict(name, Status.FAILED, 0.0, 1.0, (wrong(),))))
    assert set(page.tags) <= OUR_TAGS
    assert {attribute for attribute, _ in page.attributes} <= OUR_ATTRIBUTES
    assert f"{name}: wrong" in page.text


@settings(deadline=None)
@given(st.text(), st.sampled_from(Status))
def test_any_message_stays_text(message, status):
    page = Page(panel.to_html(verdict(Finding("case", status, message), status=status)))
    assert set(page.tags) <= OUR_TAGS


CONTROL = "\x1b[2J\x1b]0;title\x07\r\b\x9b1m\u202etfel"


@pytest.mark.parametrize("status", Status)
def test_no_message_steers_a_terminal(status):
    maps = Maps(CONTROL, MAPS.expected, MAPS.came)
    texts = {"title": CONTROL, "hint": CONTROL, "where": CONTROL, "numeric": CONTROL, "lines": (CONTROL,)}
    shown = verdict(Finding(CONTROL, status, CONTROL, maps=maps, **texts), status=status)
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
    assert capsys.readouterr().out == panel.to_text(verdict(HINTED), guidance=panel.NUDGE) + "\n"


def test_html_in_a_notebook(monkeypatch, capsys):
    import IPython
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: type("Shell", (), {"kernel": True})())
    monkeypatch.setattr(IPython.display, "display", lambda data, raw: shown.append(data))
    panel.show(verdict(HINTED))
    rich = panel.to_html(verdict(HINTED), guidance=panel.NUDGE)
    assert shown == [{"text/html": rich, "text/plain": panel.to_text(verdict(HINTED), guidance=panel.NUDGE)}]
    assert capsys.readouterr().out == ""


# --- pages that take styles away ---


def test_the_feedback_page_has_a_style_for_every_class():
    template = Path(__file__).parents[2] / "autograder" / "templates" / "course_feedback" / "index.html.j2"
    style = template.read_text(encoding="utf-8")
    rules = set(re.findall(r"\.(check[\w-]*)", style)) | {f"check-width-{width}" for width in range(1, 13)}
    wide = Maps("dx", tuple((float(i), *[float(i)] * 8) for i in range(9)), tuple((2.0, *[4.5] * 8) for _ in range(9)))
    odd = Maps("dx", ((math.inf, 1.0),), ((1.0, math.nan),))
    pages = [panel.to_html(verdict(wrong(maps=maps, where="x", lines=("y",)), ERROR)) for maps in (wide, MAPS, odd)]
    pages += [panel.to_html(verdict(Finding("case", status), status=status)) for status in Status]
    used = {name for page in pages for key, names in Page(page).attributes if key == "class" for name in names.split()}
    plain = {f"check-{status}" for status in Status} | {f"check-sign-{status}" for status in Status}  # as .check is
    assert used - rules <= plain | {"check-case", "check-map", "check-rows"}
    for kind, colours in (("grey", pictures.GREYS), ("signed", pictures.SIGNED)):
        for number, ground in enumerate(colours):
            rule = f".check-{kind}-{number} {{ background: {ground}; color: {pictures.ink(ground)}; }}"
            assert rule in style


def test_only_tags_that_a_careful_page_lets_pass():
    page = panel.to_html(verdict(wrong(maps=MAPS, where="x", lines=("y",)), ERROR), brief=True)
    clean = clean_html(page)
    assert Page(clean).text == Page(page).text
    assert set(Page(clean).tags) == set(Page(page).tags)
