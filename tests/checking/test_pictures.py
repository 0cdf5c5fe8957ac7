"""Three small maps: what was expected, what came, and the difference."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cs231n_utils.checking import pictures
from cs231n_utils.checking.location import Maps

SMALL = Maps("out[0, 2]", ((1.0, -2.0), (3.0, 4.0)), ((1.0, 0.5), (2.99, 4.0)))
WIDE = Maps("dx", tuple(tuple(float(i + j) for j in range(12)) for i in range(9)), ((9.0,) * 12,) * 9, row=3, column=4)


def cells(page, title):
    """The texts of one map's cells, and their classes."""
    (part,) = re.findall(rf">{title}</div>(.*?</div></div>)</div>|$", page)[:1]
    return re.findall(r"<span class='([^']*)'[^>]*>([^<]*)</span>", part)


def test_as_text():
    assert pictures.to_text(SMALL) == [
        "out[0, 2], expected:   yours:        difference:",
        " 1 −2                      1  *0.5       ·  +2.5",
        " 3  4                  *2.99     4   −0.01     ·",
    ]


def test_wide_maps_stand_one_below_the_other():
    lines = pictures.to_text(WIDE)
    assert len(lines) == 3 * (1 + 9)
    assert max(map(len, lines)) < 80


def test_small_maps_show_their_numbers():
    page = pictures.to_html(SMALL)
    assert [text for _, text in cells(page, "expected")] == ["1", "−2", "3", "4"]
    assert [text for _, text in cells(page, "yours")] == ["1", "0.5", "2.99", "4"]
    assert [text for _, text in cells(page, "difference")] == ["·", "+2.5", "−0.01", "·"]
    assert "out[0, 2]. Difference: yours − expected" in page


def test_wrong_entries_are_framed_in_yours_and_in_the_difference():
    page = pictures.to_html(SMALL)
    marked = {title: ["check-wrong" in names for names, _ in cells(page, title)] for title in ("yours", "difference")}
    assert marked == {title: [False, True, True, False] for title in marked}
    assert "check-wrong" not in page.split("yours")[0]


def test_shades_grow_with_the_numbers():
    page = pictures.to_html(SMALL)
    shades = [int(re.search(r"check-grey-(\d)", names)[1]) for names, _ in cells(page, "expected")]
    assert shades == [4, 0, 7, 8]
    signed = [int(re.search(r"check-signed-(\d)", names)[1]) for names, _ in cells(page, "difference")]
    assert signed == [4, 8, 3, 4]  # too large by much, too small by a little


def test_wide_maps_have_signs_and_a_label_instead():
    page = pictures.to_html(WIDE)
    wrong = sum(i + j != 9.0 for i in range(9) for j in range(12))
    assert page.count(">≠<") == 2 * wrong
    assert f"role='img' aria-label='yours: {wrong} of 108 entries differ'" in page
    assert "dx, from row 3 and column 4 on." in page
    assert "≠ marks the wrong ones" in page


@pytest.mark.parametrize(
    ("expected", "came", "text"),
    [(1.0, math.nan, "nan"), (math.nan, 1.0, "nan"), (1.0, math.inf, "inf"), (-math.inf, math.inf, "inf")],
)
def test_what_is_no_number(expected, came, text):
    page = pictures.to_html(Maps("out", ((expected, 2.0),), ((came, 2.0),)))
    (names, said), (_, other) = cells(page, "difference")
    assert said == text
    assert other == "·"
    assert "check-wrong" in names
    assert "*" in "".join(pictures.to_text(Maps("out", ((expected, 2.0),), ((came, 2.0),))))


def test_nan_where_it_is_expected_is_right():
    assert "check-wrong" not in pictures.to_html(Maps("out", ((math.nan,),), ((math.nan,),)))


def contrast(one, other):
    """WCAG 2's contrast of two colours."""

    def luminance(colour):
        colour = "#" + "".join(2 * char for char in colour[1:]) if len(colour) == 4 else colour
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", [*pictures.GREYS, *pictures.SIGNED])
def test_numbers_are_readable_on_every_shade(ground):
    assert contrast(ground, pictures.ink(ground)) >= 4.5


SHAPES = arrays.array_shapes(min_dims=2, max_dims=2, max_side=12)


@given(st.data())
def test_any_numbers_can_be_drawn(data):
    shape = data.draw(SHAPES)
    numbers = st.floats(allow_nan=True, allow_infinity=True)
    one, two = (data.draw(arrays.arrays(float, shape, elements=numbers)) for _ in range(2))
    maps = Maps("out", tuple(map(tuple, one.tolist())), tuple(map(tuple, two.tolist())))
    page = pictures.to_html(maps)
    assert page.count("check-cell") == 3 * one.size
    assert set(map(int, re.findall(r"check-width-(\d+)", page))) <= set(range(1, 13))
    pictures.to_text(maps)
