"""Figures: what is written on them, not how they look."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

import matplotlib.pyplot as plt

from cs231n_utils import plotting


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def draw(fig):
    """Lay the figure out and paint it: what overlaps or is missing warns, and warnings are errors here."""
    fig.canvas.draw()


def test_images_in_grey_and_colour():
    fig = plotting.show_images([np.zeros((3, 4, 5)), np.ones((1, 4, 5)), np.eye(4)], ["a", "b", "c"], columns=2)
    assert [axes.get_title() for axes in fig.axes] == ["a", "b", "c", ""]
    draw(fig)
    draw(plotting.show_images([np.linspace(-1, 2, 4).reshape(2, 2)], ["signed"], signed=True))
    with pytest.raises(ValueError, match="2 images and 1 titles"):
        plotting.show_images([np.eye(2), np.eye(2)], ["a"])


@pytest.mark.parametrize(
    ("HH", "WW", "S", "count", "drawn"), [(2, 2, 2, 6, 6), (3, 3, 2, 6, 6), (2, 3, 1, 20, 4), (5, 7, 3, 1, 1)]
)
def test_windows_are_counted(HH, WW, S, count, drawn):
    fig = plotting.show_windows(5, 7, [(HH, WW, S)])
    assert f"= {count} windows" in fig.axes[0].get_title()
    frames = [patch for patch in fig.axes[0].patches if not patch.get_fill()]
    assert len(frames) == drawn
    draw(fig)


def test_curves_and_bars_carry_labels_units_and_legend():
    fig, axes = plotting.figure(1, 2, title="both")
    plotting.show_curves(axes[0, 0], [1, 2, 3], {"a": [1, 2, 3], "b": np.ones((4, 3))}, xlabel="x [1]", ylabel="y [1]")
    plotting.show_bars(axes[0, 1], {"a": 1.0, "b": [2.0, 4.0]}, xlabel="time [s]", log=True)
    assert (axes[0, 0].get_xlabel(), axes[0, 0].get_ylabel()) == ("x [1]", "y [1]")
    assert len(axes[0, 0].get_legend().get_texts()) == 2
    assert [text.get_text() for text in axes[0, 1].get_yticklabels()] == ["a", "b"]
    assert [text.get_text() for text in axes[0, 1].texts] == ["1", "3"]
    assert fig.get_facecolor() == (1, 1, 1, 1)
    draw(fig)


def test_table_refuses_ragged_rows():
    with pytest.raises(ValueError, match="expected 2 in each"):
        plotting.table(["a", "b"], [[1, 2], [3]])


def test_histograms_show_shares_and_count_what_lies_beyond_the_limits():
    rows = {"without": [np.array([0.0, 0.0, 9.0]), np.zeros((2, 2))], "with": [np.arange(3.0), np.arange(8.0)]}
    fig = plotting.show_histograms(rows, ["layer 1", "layer 2"], xlabel="activation", limits=(0, 2), bins=2)
    assert [axes.get_title() for axes in fig.axes] == ["layer 1", "layer 2", "", ""]
    assert [axes.get_ylabel() for axes in fig.axes] == ["without\nshare [%]", "", "with\nshare [%]", ""]
    heights = [[patch.get_height() for patch in axes.patches] for axes in fig.axes]
    np.testing.assert_allclose(heights, [[200 / 3, 100 / 3], [100, 0], [100 / 3, 200 / 3], [12.5, 87.5]])
    draw(fig)
    draw(plotting.show_histograms({"alone": [np.ones(3)]}, ["all the same"], xlabel="activation"))


def test_detections_are_framed_where_they_are_and_coloured_by_whether_they_are_right():
    fig, axes = plotting.figure()
    plotting.show_detections(axes[0, 0], np.eye(20), [(2, 3, "7", True), (9, 10, "1", False)], side=8, title="found")
    frames = [(p.get_x(), p.get_y(), p.get_width(), p.get_height()) for p in axes[0, 0].patches]
    assert frames == [(2.5, 1.5, 8, 8), (9.5, 8.5, 8, 8)]
    assert len({p.get_edgecolor() for p in axes[0, 0].patches}) == 2
    assert len({p.get_linestyle() for p in axes[0, 0].patches}) == 2
    assert axes[0, 0].get_title() == "found"
    draw(fig)
