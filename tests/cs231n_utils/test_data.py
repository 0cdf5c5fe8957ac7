"""The data sets: shapes, ranges, that nothing is in two of the sets, subsets and canvases."""

import numpy as np
import pytest

from cs231n_utils.data import load_digits, load_photographs, place_on_canvas, scatter_on_canvas, subsample


def test_digits():
    data = load_digits(num_val=200, num_test=97, seed=3)
    assert {name: X.shape for name, X in data.items()} == {
        "X_train": (1500, 1, 8, 8),
        "y_train": (1500,),
        "X_val": (200, 1, 8, 8),
        "y_val": (200,),
        "X_test": (97, 1, 8, 8),
        "y_test": (97,),
    }
    X = np.concatenate([data["X_train"], data["X_val"], data["X_test"]])
    assert X.dtype == np.float64
    assert (X.min(), X.max()) == (0.0, 1.0)
    assert set(np.unique(data["y_test"])) == set(range(10))
    other = load_digits(num_val=200, num_test=97, seed=4)
    everything = np.concatenate([other["X_train"], other["X_val"], other["X_test"]])
    assert sorted(x.tobytes() for x in X) == sorted(x.tobytes() for x in everything)  # no digit lost or doubled
    assert not np.array_equal(other["X_test"], data["X_test"])
    np.testing.assert_array_equal(load_digits(200, 97, seed=3)["X_train"], data["X_train"])


def test_digits_leaves_something_to_train_on():
    with pytest.raises(ValueError, match="1797"):
        load_digits(num_val=1000, num_test=797)


def test_photographs():
    for photo in load_photographs().values():
        assert photo.shape == (3, 427, 640)
        assert photo.dtype == np.float64
        assert 0 <= photo.min() < photo.max() <= 1


def test_subsample_is_balanced_and_nested():
    data = load_digits()
    small, large = subsample(data, 25, seed=1), subsample(data, 1000, seed=1)
    assert sorted(np.bincount(small["y_train"])) == [2] * 5 + [3] * 5
    assert np.bincount(large["y_train"]).min() >= 90
    np.testing.assert_array_equal(large["X_train"][:25], small["X_train"])
    assert small["X_test"] is data["X_test"]
    pairs = {(x.tobytes(), y) for x, y in zip(data["X_train"], data["y_train"], strict=True)}
    assert all((x.tobytes(), y) in pairs for x, y in zip(small["X_train"], small["y_train"], strict=True))
    with pytest.raises(ValueError, match="from 1 to 1197"):
        subsample(data, 1198)


def test_place_on_canvas():
    images = np.random.default_rng(0).random((3, 2, 4, 5))
    canvas = place_on_canvas(images, 6, 9, top=[0, 1, 2], left=[4, 0, 2])
    assert canvas.shape == (3, 2, 6, 9)
    np.testing.assert_array_equal(canvas[1, :, 1:5, 0:5], images[1])
    np.testing.assert_allclose(canvas.sum(axis=(1, 2, 3)), images.sum(axis=(1, 2, 3)))
    with pytest.raises(ValueError, match="reach over the edge"):
        place_on_canvas(images, 6, 9, top=3, left=0)


def test_scatter_on_canvas():
    images = 1 + np.random.default_rng(0).random((5, 2, 3, 4))
    canvas, chosen, corners = scatter_on_canvas(images, 20, 30, count=12, gap=2, seed=1)
    assert canvas.shape == (1, 2, 20, 30)
    for k, (i, j) in zip(chosen, corners, strict=True):
        np.testing.assert_array_equal(canvas[0, :, i : i + 3, j : j + 4], images[k])
    assert np.count_nonzero(canvas) == 12 * images[0].size
    for a in range(12):
        apart = np.abs(corners - corners[a])
        assert np.sum((apart[:, 0] < 3 + 2) & (apart[:, 1] < 4 + 2)) == 1
    again, _, _ = scatter_on_canvas(images, 20, 30, count=12, gap=2, seed=1)
    np.testing.assert_array_equal(again, canvas)
    with pytest.raises(ValueError, match="after 1 of 2 images of 3×4 pixels there is no room left on 5×6"):
        scatter_on_canvas(images, 5, 6, count=2)
    with pytest.raises(ValueError, match="after 0 of 1"):
        scatter_on_canvas(images, 2, 6, count=1)
