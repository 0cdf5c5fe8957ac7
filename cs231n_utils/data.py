"""Real data that needs no download: scikit-learn's handwritten digits and its two photographs.

A data set is a dictionary of arrays with the keys X_train, y_train, X_val, y_val, X_test and y_test. For who wants
more there is CIFAR-10 (`cs231n_utils.cifar10`), which is downloaded once.
"""

from collections.abc import Sequence

import numpy as np

from cs231n_utils.cifar10 import load_cifar10

__all__ = [
    "Dataset",
    "load_cifar10",
    "load_digits",
    "load_photographs",
    "place_on_canvas",
    "scatter_on_canvas",
    "subsample",
]

Dataset = dict[str, np.ndarray]


def load_digits(num_val: int = 300, num_test: int = 300, seed: int = 0) -> Dataset:
    """The 1797 handwritten digits, shuffled and split.

    Args:
        num_val, num_test: how many go to the validation and to the test set; the rest is for training.
        seed: of the shuffle.

    Returns:
        X_train, X_val, X_test: shape (N, 1, 8, 8), float64 from 0 (paper) to 1 (ink);
        y_train, y_val, y_test: shape (N,), whole numbers from 0 to 9.

    Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository (1998).

    >>> data = load_digits()
    >>> data["X_train"].shape, data["X_test"].shape
    ((1197, 1, 8, 8), (300, 1, 8, 8))
    """
    from sklearn.datasets import load_digits as load  # here, because importing scikit-learn takes a second

    bunch = load()
    total = len(bunch.target)
    if num_val < 0 or num_test < 0 or num_val + num_test >= total:
        raise ValueError(
            f"load_digits: num_val = {num_val}, num_test = {num_test}, expected less than {total} together: "
            "some digits must be left to train on"
        )
    order = np.random.default_rng(seed).permutation(total)
    X = (bunch.images[order] / 16.0).reshape(total, 1, 8, 8)
    y = bunch.target[order].astype(np.int64)
    cuts = [total - num_val - num_test, total - num_test]
    data: Dataset = {}
    for name, X_part, y_part in zip(("train", "val", "test"), np.split(X, cuts), np.split(y, cuts), strict=True):
        data[f"X_{name}"], data[f"y_{name}"] = X_part.copy(), y_part.copy()
    return data


def load_photographs() -> dict[str, np.ndarray]:
    """The two colour photographs of scikit-learn, a temple in China and a flower.

    Returns:
        'temple' and 'flower', each of shape (3, 427, 640): red, green and blue, float64 from 0 (dark) to 1 (bright).

    >>> {name: photo.shape for name, photo in load_photographs().items()}
    {'temple': (3, 427, 640), 'flower': (3, 427, 640)}
    """
    from sklearn.datasets import load_sample_image

    files = {"temple": "china.jpg", "flower": "flower.jpg"}
    return {name: load_sample_image(file).transpose(2, 0, 1) / 255.0 for name, file in files.items()}


def subsample(data: Dataset, num_train: int, seed: int = 0) -> Dataset:
    """The same data set with fewer training examples, as many of each class as of the others (give or take one).

    Args:
        data: a data set.
        num_train: how many training examples to keep.
        seed: of the draw.

    Returns:
        A new data set; validation and test sets are the same arrays as before.

    >>> small = subsample(load_digits(), num_train=50)
    >>> np.bincount(small["y_train"])
    array([5, 5, 5, 5, 5, 5, 5, 5, 5, 5])
    """
    y = data["y_train"]
    if not 0 < num_train <= len(y):
        raise ValueError(f"subsample: num_train = {num_train}, expected a number from 1 to {len(y)}")
    order = np.random.default_rng(seed).permutation(len(y))
    rank = np.empty(len(y), dtype=int)  # how many examples of its class come before it in the shuffled order
    for label in np.unique(y):
        members = order[y[order] == label]
        rank[members] = np.arange(len(members))
    keep = order[np.argsort(rank[order], kind="stable")[:num_train]]
    return data | {"X_train": data["X_train"][keep], "y_train": y[keep]}


def place_on_canvas(
    images: np.ndarray,
    height: int,
    width: int,
    top: int | Sequence[int] | np.ndarray,
    left: int | Sequence[int] | np.ndarray,
) -> np.ndarray:
    """Set each image on an empty (zero) canvas, at a place of its own.

    Args:
        images: shape (N, C, H, W).
        height, width: of the canvas in pixels, at least H and W.
        top, left: pixels above and to the left of each image: one number for all, or N numbers.

    Returns:
        The canvases, shape (N, C, height, width).

    >>> place_on_canvas(np.ones((1, 1, 1, 2)), height=2, width=4, top=1, left=1)[0, 0]
    array([[0., 0., 0., 0.],
           [0., 1., 1., 0.]])
    """
    N, C, H, W = images.shape
    tops, lefts = np.broadcast_to(top, N), np.broadcast_to(left, N)
    if N and (tops.min() < 0 or lefts.min() < 0 or tops.max() + H > height or lefts.max() + W > width):
        raise ValueError(
            f"place_on_canvas: images of {H}×{W} pixels at rows {tops.min()} to {tops.max()} and columns {lefts.min()} "
            f"to {lefts.max()} reach over the edge of a canvas of {height}×{width}"
        )
    canvas = np.zeros((N, C, height, width), dtype=images.dtype)
    for n in range(N):
        canvas[n, :, tops[n] : tops[n] + H, lefts[n] : lefts[n] + W] = images[n]
    return canvas


def scatter_on_canvas(
    images: np.ndarray, height: int, width: int, count: int, gap: int = 0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scatter images over one empty (zero) canvas, so that none touches another.

    Args:
        images: to choose from, shape (N, C, H, W).
        height, width: of the canvas in pixels.
        count: how many to place.
        gap: pixels that stay free between any two of them, at least.
        seed: of the choice and of the places.

    Returns:
        canvas: shape (1, C, height, width); chosen: the numbers of the images, shape (count,); corners: row and column
        of each one's upper left pixel, shape (count, 2).

    >>> canvas, chosen, corners = scatter_on_canvas(np.ones((3, 1, 2, 2)), height=8, width=9, count=4, gap=1)
    >>> canvas.shape, canvas.sum(), corners.shape
    ((1, 1, 8, 9), np.float64(16.0), (4, 2))
    """
    N, C, H, W = images.shape
    rng = np.random.default_rng(seed)
    canvas = np.zeros((1, C, height, width), dtype=images.dtype)
    chosen = rng.integers(N, size=count)
    corners = np.zeros((count, 2), dtype=int)
    free = np.ones((max(height - H + 1, 0), max(width - W + 1, 0)), dtype=bool)  # where a corner may be put
    for k in range(count):
        places = np.argwhere(free)
        if not len(places):
            raise ValueError(
                f"scatter_on_canvas: after {k} of {count} images of {H}×{W} pixels there is no room left on "
                f"{height}×{width} pixels with a gap of {gap}; place fewer, or take a larger canvas"
            )
        i, j = corners[k] = places[rng.integers(len(places))]
        canvas[0, :, i : i + H, j : j + W] = images[chosen[k]]
        free[max(i - H - gap + 1, 0) : i + H + gap, max(j - W - gap + 1, 0) : j + W + gap] = False
    return canvas, chosen, corners
