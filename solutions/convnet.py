"""Reference solutions of notebook 08, a convolutional network.

Letters: N images in the minibatch, C channels, H and W their height and width in pixels, F
filters of HH×WW pixels, S the stride, P the padding, D inputs and M outputs of an affine layer.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from cs231n_utils.layers import (
    affine_backward,
    affine_forward,
    conv_backward,
    conv_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
)

__all__ = [
    "MODEL_ANSWERS",
    "ConvNet",
    "conv_transpose_backward",
    "conv_transpose_forward",
    "first_loss_of_100_classes",
    "receptive_field_side",
    "side_after_three_pools",
    "small_vgg_parameters",
    "train_digits",
    "transposed_side",
]


class ConvNet:
    """A convolutional network: INPUT → [[CONV → RELU] · n → POOL?] · m → [FC → RELU] · k → FC.

    CONV: 3×3 filters, stride 1, padding 1, so that maps keep their size. POOL: max pooling,
    2×2 windows, stride 2, sizes rounded down. Where pixels tie for a maximum any of the usual
    ways is right. The last FC has one output, a *score*, for each class.

    Args:
        input_shape: of one image, (C, H, W).
        blocks: m triples (filters, n, pool): n convolutions of that many filters, each with its
            ReLU, and then pooling where pool is true.
        hidden: k numbers, the outputs of the fully-connected layers before the last one.
        num_classes: how many scores.
        normalization: None; or, if you like, your own pair of functions (forward, backward) of
            spatial batch normalization, which then stands between each CONV and its ReLU.
            What is graded is None.
        weight_scale: of the initial weights, in a way of your own; so is its default. Biases
            start at 0.
        seed: of the initial weights. Equal seeds make equal weights, other seeds other ones.

    Attributes:
        params: a dictionary of all arrays that are learned, under names of your choice, each of
            the shape that its layer in cs231n_utils.layers takes: weights (F, C, 3, 3) or
            (D, M), biases (F,) or (M,). The Solver puts new arrays in the place of these after
            every step, so look them up whenever you need them.

    With new weights each class must be about as probable as the others: the first loss is
    log(num_classes), give or take a fifth. And the network must be able to learn: the given
    Solver has to fit 50 digits with it (pixels with mean 0 and standard deviation 1).

    >>> net = ConvNet((1, 8, 8), [(4, 2, True), (8, 1, False)], hidden=[16], num_classes=10)
    >>> net.loss(np.ones((5, 1, 8, 8))).shape
    (5, 10)
    >>> loss, grads = net.loss(np.ones((5, 1, 8, 8)), np.arange(5))
    >>> bool(abs(loss - np.log(10)) < 0.2), grads.keys() == net.params.keys()
    (True, True)
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        blocks: Sequence[tuple[int, int, bool]],
        hidden: Sequence[int],
        num_classes: int,
        normalization: Any = None,
        weight_scale: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Draw the weights, and remember which layers there are."""
        # BEGIN SOLUTION
        rng = np.random.default_rng(seed)
        self.params: dict[str, np.ndarray] = {}
        self.layers: list[tuple[str, str]] = []  # kind and name, in order
        self.normalization = normalization
        self.bn_params: dict[str, dict[str, Any]] = {}

        def learn(
            kind: str, name: str, shape: tuple[int, ...], fan_in: int, outputs: int
        ) -> None:
            std = weight_scale * np.sqrt(2 / fan_in)  # He et al., arXiv 1502.01852, eq. 10
            self.params[f"{name}_w"] = std * rng.standard_normal(shape)
            self.params[f"{name}_b"] = np.zeros(outputs)
            self.layers.append((kind, name))

        C, H, W = input_shape
        for m, (filters, repeats, pool) in enumerate(blocks, start=1):
            for n in range(1, repeats + 1):
                learn("conv", f"conv{m}_{n}", (filters, C, 3, 3), 9 * C, filters)
                if normalization is not None:
                    self.params |= {
                        f"bn{m}_{n}_w": np.ones(filters),
                        f"bn{m}_{n}_b": np.zeros(filters),
                    }
                    self.layers.append(("bn", f"bn{m}_{n}"))
                self.layers.append(("relu", ""))
                C = filters
            if pool:
                self.layers.append(("pool", ""))
                H, W = H // 2, W // 2
        D = C * H * W
        for k, M in enumerate(hidden, start=1):
            learn("fc", f"fc{k}", (D, M), D, M)
            self.layers.append(("relu", ""))
            D = M
        learn("fc", "scores", (D, num_classes), D, num_classes)
        self.params["scores_w"] *= 0.1  # small scores: no class is preferred at first
        # END SOLUTION

    def loss(self, X: np.ndarray, y: np.ndarray | None = None) -> Any:
        """Forward through all layers; and where classes are given, the loss, and all gradients.

        Args:
            X: images, shape (N, C, H, W).
            y: the right classes, shape (N,), from 0 to num_classes - 1; or None.

        Returns:
            Without y: the scores, shape (N, num_classes).
            With y: (loss, grads). The softmax loss, its mean over the images; and a dictionary
                with the keys of params, which holds for each parameter the gradient of the
                loss, an array of the parameter's shape.
        """
        # BEGIN SOLUTION
        out, caches = X, []
        for kind, name in self.layers:
            cache: Any
            if kind == "pool":
                shape = out.shape
                H, W = shape[2] // 2 * 2, shape[3] // 2 * 2
                corners = [out[:, :, p:H:2, q:W:2] for p, q in np.ndindex(2, 2)]
                out, cache = np.max(corners, axis=0), (shape, np.argmax(corners, axis=0))
            elif kind == "relu":
                out, cache = relu_forward(out)
            else:
                w, b = self.params[f"{name}_w"], self.params[f"{name}_b"]
                if kind == "conv":
                    out, cache = conv_forward(out, w, b, {"stride": 1, "pad": 1})
                elif kind == "fc":
                    out, cache = affine_forward(out, w, b)
                else:
                    bn_param = self.bn_params.setdefault(name, {})
                    bn_param["mode"] = "test" if y is None else "train"
                    out, cache = self.normalization[0](out, w, b, bn_param)
            caches.append(cache)
        if y is None:
            return out
        loss, dout = softmax_loss(out, y)
        grads: dict[str, np.ndarray] = {}
        for (kind, name), cache in zip(reversed(self.layers), reversed(caches), strict=True):
            if kind == "pool":
                shape, winner = cache
                H, W = shape[2] // 2 * 2, shape[3] // 2 * 2
                dx = np.zeros(shape)
                for k, (p, q) in enumerate(np.ndindex(2, 2)):
                    dx[:, :, p:H:2, q:W:2] = dout * (winner == k)
                dout = dx
            elif kind == "relu":
                dout = relu_backward(dout, cache)
            else:
                backward = {"conv": conv_backward, "fc": affine_backward}.get(kind)
                backward = self.normalization[1] if backward is None else backward
                dout, grads[f"{name}_w"], grads[f"{name}_b"] = backward(dout, cache)
        return loss, grads
        # END SOLUTION


def conv_transpose_forward(
    x: np.ndarray, w: np.ndarray, b: np.ndarray, conv_param: dict[str, int]
) -> tuple[np.ndarray, Any]:
    """Transposed convolution, forward: every pixel of x lays a stamp of HH×WW pixels.

    Pixel (i, j) of map f puts x[n, f, i, j] · w[f, c] on channel c of an empty canvas, its
    upper left corner at (i·S, j·S). Where stamps overlap they add up. Then P pixels are cut off
    on every side, and the bias is added:

    out[n, c, u, v] = b[c] + sum of x[n, f, i, j] · w[f, c, p, q] over all f, i, j, p, q
                             with i·S + p = u + P and j·S + q = v + P

    This is what a convolution with the same w, stride and padding does to its upstream
    gradient, as a layer. Source: Dumoulin and Visin, A guide to convolution arithmetic for deep
    learning, arXiv 1603.07285, chapter 4.

    Args:
        x: input, shape (N, F, H, W).
        w: filters, shape (F, C, HH, WW): from F maps to C channels.
        b: biases, shape (C,).
        conv_param: 'stride' S and 'pad' P, in pixels of the output.

    Returns:
        out: shape (N, C, (H - 1)·S - 2·P + HH, (W - 1)·S - 2·P + WW).
        cache: whatever your backward pass needs.

    >>> x, w = np.array([[[[1.0, 2.0]]]]), np.ones((1, 1, 2, 2))
    >>> out, cache = conv_transpose_forward(x, w, np.zeros(1), {"stride": 2, "pad": 0})
    >>> out[0, 0]
    array([[1., 1., 2., 2.],
           [1., 1., 2., 2.]])
    >>> out, cache = conv_transpose_forward(x, w, np.zeros(1), {"stride": 1, "pad": 0})
    >>> out[0, 0]
    array([[1., 3., 2.],
           [1., 3., 2.]])
    """
    # BEGIN SOLUTION
    N, _, H, W = x.shape
    C, HH, WW = w.shape[1:]
    S, P = conv_param["stride"], conv_param["pad"]
    stamps = np.tensordot(w, x, axes=(0, 1))  # (C, HH, WW, N, H, W)
    canvas = np.zeros((C, N, (H - 1) * S + HH, (W - 1) * S + WW), dtype=stamps.dtype)
    for p, q in np.ndindex(HH, WW):  # no two stamps have the same pixel at their place (p, q)
        rows, columns = slice(p, p + (H - 1) * S + 1, S), slice(q, q + (W - 1) * S + 1, S)
        canvas[:, :, rows, columns] += stamps[:, p, q]
    out = canvas[:, :, P : canvas.shape[2] - P, P : canvas.shape[3] - P].swapaxes(0, 1)
    return out + b[:, None, None], (x, w, conv_param)
    # END SOLUTION


def conv_transpose_backward(
    dout: np.ndarray, cache: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Transposed convolution, backward.

    A pixel of x is answerable for its whole stamp. So dx is a convolution of dout with the same
    w, stride and padding:

    dx[n, f, i, j] = sum over c, p, q of w[f, c, p, q] · doutpad[n, c, i·S + p, j·S + q]

    where doutpad is dout with P zeros around it (the pixels that were cut off).

    Args:
        dout: upstream gradient, shape of out.
        cache: what your conv_transpose_forward returned.

    Returns:
        dx: gradient with respect to x, shape (N, F, H, W).
        dw: gradient with respect to w, shape (F, C, HH, WW).
        db: gradient with respect to b, shape (C,).

    >>> x, w = np.array([[[[1.0, 2.0]]]]), np.ones((1, 1, 2, 2))
    >>> out, cache = conv_transpose_forward(x, w, np.zeros(1), {"stride": 2, "pad": 0})
    >>> dx, dw, db = conv_transpose_backward(np.arange(8.0).reshape(1, 1, 2, 4), cache)
    >>> dx[0, 0], dw[0, 0], db
    (array([[10., 18.]]), array([[ 4.,  7.],
           [16., 19.]]), array([28.]))
    """
    # BEGIN SOLUTION
    x, w, conv_param = cache
    S, P = conv_param["stride"], conv_param["pad"]
    padded = np.pad(dout, ((0, 0), (0, 0), (P, P), (P, P)))
    stamps = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))
    stamps = stamps[:, :, ::S, ::S]  # (N, C, H, W, HH, WW)
    dx = np.tensordot(stamps, w, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)
    dw = np.tensordot(x, stamps, axes=((0, 2, 3), (0, 2, 3)))
    return dx, dw, dout.sum(axis=(0, 2, 3))
    # END SOLUTION


def train_digits(Solver: Any, X: np.ndarray, y: np.ndarray, seed: int) -> ConvNet:
    """Make a network and train it, so that it can read digits that it has never seen.

    Everything is up to you: the architecture, the Solver's settings, what you do with the
    examples. Graded is the accuracy on 250 other digits, with several seeds and splits, each of
    which must reach 88 % and take less than eight seconds or so. (If your network loops over
    pixels in Python: no convolution at all is quick, and may be good enough.)

    Args:
        Solver: the given class cs231n_utils.solver.Solver, if you want to use it.
        X: training images, shape (N, 1, 8, 8), pixels from 0 to 1; N is 500.
        y: their classes, shape (N,), from 0 to 9.
        seed: of all that is random.

    Returns:
        The trained network. Its loss(X) takes images as they are above.

    >>> from cs231n_utils.data import load_digits
    >>> from cs231n_utils.solver import Solver
    >>> digits = load_digits()
    >>> net = train_digits(Solver, digits["X_train"][:500], digits["y_train"][:500], seed=0)
    >>> right = net.loss(digits["X_test"]).argmax(axis=1) == digits["y_test"]
    >>> bool(right.mean() > 0.88)
    True
    """
    # BEGIN SOLUTION
    net = ConvNet((1, 8, 8), [(16, 1, True)], hidden=[], num_classes=10, seed=seed)
    solver = Solver(
        net,
        {"X_train": X, "y_train": y},
        optim_config={"learning_rate": 1e-2},
        lr_decay=0.85,
        num_epochs=20,
        batch_size=32,
        seed=seed,
        measure_every=20,
        progress=False,
    )
    solver.train()
    return net
    # END SOLUTION


def small_vgg_parameters() -> int:
    """How many numbers does this network learn, weights and biases together?

    ConvNet((3, 32, 32), blocks=[(32, 2, True), (64, 2, True)], hidden=[128], num_classes=10)
    """
    # BEGIN SOLUTION
    return 896 + 9248 + 18496 + 36928 + 524416 + 1290  # 89 % of them in the first FC
    # END SOLUTION


def side_after_three_pools() -> int:
    """How high are the maps of an image of 28×28 pixels behind three blocks that pool?"""
    # BEGIN SOLUTION
    return 3  # 28 → 14 → 7 → 3, rounded down
    # END SOLUTION


def receptive_field_side() -> int:
    """How many pixels high is the part of the image that one number sees, behind these layers?

    CONV → CONV → POOL → CONV → CONV, convolutions of 3×3 with stride 1, pooling of 2×2 with
    stride 2. Far from the image's edge.
    """
    # BEGIN SOLUTION
    return 14  # 3, 5, 6; from here on one step is two pixels wide: 10, 14
    # END SOLUTION


def first_loss_of_100_classes() -> float:
    """Near which value is the first loss of a network of 100 classes? Give the exact number."""
    # BEGIN SOLUTION
    return float(np.log(100))  # -log of a probability of 1/100
    # END SOLUTION


def transposed_side() -> int:
    """How high does a transposed convolution make a map of 7 pixels?

    Filters of 4×4 pixels, stride 2, padding 1.
    """
    # BEGIN SOLUTION
    return 14  # (7 - 1)·2 - 2·1 + 4: exactly twice as high
    # END SOLUTION


MODEL_ANSWERS: dict[str, str] = {}
"""Model answers and rubrics of the questions that a person grades, by grade_id."""
