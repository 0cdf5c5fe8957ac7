"""Where wrong entries lie: in words that are true, and as small maps."""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from cs231n_utils.checking.location import Maps, maps_of, where

SHAPE = (2, 3, 4, 6)


def marked(*places, shape=SHAPE):
    """A mask, True at these indices or slices."""
    mask = np.zeros(shape, dtype=bool)
    for place in places:
        mask[place] = True
    return mask


ALL = slice(None)
LAST_ROW, LAST_COLUMN = (..., -1, ALL), (..., -1)
CHECKERED = np.indices(SHAPE).sum(axis=0) % 2 == 0
X = np.where(CHECKERED, 1.0, -1.0) * np.arange(1, 145).reshape(SHAPE)

WORDS = [
    ("out", marked(...), "everywhere: all 144 entries are wrong"),
    ("out", marked((ALL, 2)), "all of channel 2: 48 of 144 entries are wrong"),
    ("out", marked(0), "all of image 0: 72 of 144 entries are wrong"),
    ("out", marked((1, 2)), "all of channel 2 of image 1: 24 of 144 entries are wrong"),
    ("out", marked(LAST_ROW), "the last row of every map: 36 of 144 entries are wrong"),
    ("out", marked((..., 0)), "the first column of every map: 24 of 144 entries are wrong"),
    ("out", marked((..., 1, ALL)), "row 1 of every map: 36 of 144 entries are wrong"),
    ("out", marked((1, 2, -1)), "the last row of channel 2 of image 1: 6 of 144 entries are wrong"),
    ("out", marked((1, 2, 1, 3)), "column 3 of row 1 of channel 2 of image 1: 1 of 144 entries is wrong"),
    ("out", marked((..., slice(1, None, 2), ALL)), "every second row (from row 1 on) of every map: 72 of"),
    ("out", marked((..., slice(0, None, 2))), "every second column (from column 0 on) of every map: 72 of"),
    ("out", marked((..., slice(3, None))), "the last 3 columns of every map: 72 of 144 entries are wrong"),
    ("out", marked((..., slice(0, 2))), "the first 2 columns of every map: 48 of 144 entries are wrong"),
    ("out", marked((..., slice(2, 5))), "the columns 2 to 4 of every map: 72 of 144 entries are wrong"),
    ("out", marked((..., [0, 1, 2, 4, 5])), "all columns but column 3 of every map: 120 of 144 entries are wrong"),
    ("out", marked((..., [0, -1])), "the first and the last column of every map: 48 of 144 entries are wrong"),
    ("out", marked((..., [1, 2, 4])), "the columns 1, 2 and 4 of every map: 72 of 144 entries are wrong"),
    ("out", marked(LAST_ROW, LAST_COLUMN), "the last row and the last column of every map: 54 of 144 entries"),
    ("out", ~marked((..., slice(1, -1), slice(1, -1))), "the border of every map: 96 of 144 entries are wrong"),
    ("out", ~marked((1, 2, 1, 3)), "everywhere but in column 3 of row 1 of channel 2 of image 1: 143 of 144"),
    ("out", CHECKERED, "exactly where x is positive: 72 of 144 entries are wrong"),
    ("out", marked((1, ALL, 0, 0), (1, 0, 1, 1)), "in image 1 only: 4 of 144 entries are wrong"),
    ("out", marked((0, 0, 0, 0), (1, 1, 1, 1)), "in various places: 2 of 144 entries are wrong"),
    ("dw", marked(1), "all of filter 1: 72 of 144 entries are wrong"),
    ("w", marked(1), "all of filter 1: 72 of 144 entries are wrong"),
    ("dx", marked(1, shape=(4, 3)), "all of example 1: 3 of 12 entries are wrong"),
    ("dx", marked((ALL, 1), shape=(4, 3)), "all of feature 1: 4 of 12 entries are wrong"),
    ("dw", marked((ALL, 1), shape=(4, 3)), "all of column 1: 4 of 12 entries are wrong"),
    ("grad", marked((ALL, 1), shape=(4, 3)), "all of column 1: 4 of 12 entries are wrong"),
    ("layers[0][0]", marked(1), "all of filter 1: 72 of 144 entries are wrong"),
    ("dgamma", marked(1, shape=(4,)), "entry 1: 1 of 4 entries is wrong"),
    ("dgamma", marked([0, 1], shape=(5,)), "the first 2 entries: 2 of 5 entries are wrong"),
    ("scores", marked((ALL, 1), shape=(2, 3, 4)), "row 1 of every map: 8 of 24 entries are wrong"),
]


@pytest.mark.parametrize(("name", "wrong", "words"), WORDS, ids=[words for _, _, words in WORDS])
def test_words(name, wrong, words):
    assert where(name, wrong, {"x is": X}).startswith(words)


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_a_single_number_lies_nowhere(shape):
    assert where("out", np.ones(shape, dtype=bool), {}) == ""


def test_nothing_wrong_is_nowhere():
    assert where("out", marked(), {}) == ""


EXACT = ("everywhere:", "all of channel", "the last row of every map:", "the first column of every map:")


@pytest.mark.parametrize("words", EXACT)
def test_one_entry_more_or_less_is_another_place(words):
    wrong = next(mask for _, mask, said in WORDS if said.startswith(words))
    for place in itertools.product(*map(range, SHAPE)):
        near = wrong.copy()
        near[place] = not near[place]
        assert not where("out", near, {}).startswith(words)


@given(arrays(bool, array_shapes(max_dims=5, max_side=4)))
def test_any_mask_has_words_and_its_count(wrong):
    said = where("out", wrong, {})
    assert bool(said) == (wrong.any() and wrong.size > 1)
    if said:
        assert str(int(wrong.sum())) in said


# --- maps ---


def test_a_map_is_the_slice_with_the_first_wrong_entry():
    want = np.arange(144.0).reshape(SHAPE)
    came = want.copy()
    came[1, 2, 3, 4] = -1
    maps = maps_of("out", came, want, came != want)
    assert (maps.name, maps.row, maps.column) == ("out[1, 2]", 0, 0)
    assert np.array_equal(maps.expected, want[1, 2])
    assert np.array_equal(maps.came, came[1, 2])


def test_a_map_differs_where_the_answer_is_wrong_and_nowhere_else():
    want = np.array([[1.0, 2.0, 3.0]])
    came = np.array([[1.0000001, 2.0000004, 3.5]])
    maps = maps_of("out", came, want, np.array([[False, True, True]]))
    assert [e != c for e, c in zip(maps.expected[0], maps.came[0], strict=True)] == [False, True, True]


@given(st.integers(0, 29), st.integers(0, 19))
def test_a_large_map_is_cut_around_the_first_wrong_entry(row, column):
    want = np.arange(600.0).reshape(30, 20)
    came = want.copy()
    came[row, column] = -1
    maps = maps_of("out", came, want, came != want)
    assert maps.name == "out"
    assert np.shape(maps.came) == np.shape(maps.expected) == (12, 12)
    assert maps.came[row - maps.row][column - maps.column] == -1
    assert maps.expected[0][0] == want[maps.row, maps.column]


def test_a_row_of_numbers_has_no_map():
    assert maps_of("out", np.zeros(3), np.ones(3), np.ones(3, dtype=bool)) is None


def test_maps_survive_json_with_nan_and_infinity():
    want, came = np.array([[1.0, -np.inf]]), np.array([[np.nan, np.inf]])
    maps = maps_of("out", came, want, np.ones((1, 2), dtype=bool))
    assert math.isnan(maps.came[0][0])
    text = json.dumps(maps.to_value(), allow_nan=False)
    assert Maps.from_value(json.loads(text)) == maps
