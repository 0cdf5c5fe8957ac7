"""The given layers, fast: affine, ReLU, convolution, and the softmax loss.

Each forward pass returns (out, cache), each backward pass takes (dout, cache), as in CS231n. Letters: N images in the
minibatch, C channels, H and W pixels, F filters of HH×WW pixels, D inputs and M outputs of an affine layer.
"""

from typing import Any

import numpy as np

__all__ = [
    "affine_backward",
    "affine_forward",
    "conv_backward",
    "conv_forward",
    "relu_backward",
    "relu_forward",
    "softmax_loss",
]


def affine_forward(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, Any]:
    """A fully-connected layer: out = x w + b, each example flattened first, row by row.

    Args:
        x: input, shape (N, d1, ..., dk), with D = d1 · ... · dk.
        w: weights, shape (D, M).
        b: biases, shape (M,).

    Returns:
        out: shape (N, M).
        cache: for affine_backward.

    >>> out, cache = affine_forward(np.ones((1, 2, 2)), np.ones((4, 3)), np.array([0.0, 1.0, 2.0]))
    >>> out
    array([[4., 5., 6.]])
    """
    D = int(np.prod(x.shape[1:]))
    if w.shape[0] != D:
        raise ValueError(
            f"affine_forward: w.shape = {w.shape}, expected ({D}, M), because each example of x has "
            f"{' × '.join(map(str, x.shape[1:]))} = {D} numbers"
        )
    return x.reshape(len(x), D) @ w + b, (x, w)


def affine_backward(dout: np.ndarray, cache: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Backward pass of affine_forward: dx = dout wᵀ, dw = xᵀ dout, db = the sum of dout over the minibatch.

    Args:
        dout: upstream gradient, shape (N, M).
        cache: from affine_forward.

    Returns:
        dx: shape (N, d1, ..., dk); dw: shape (D, M); db: shape (M,).

    >>> out, cache = affine_forward(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]), np.zeros(1))
    >>> dx, dw, db = affine_backward(np.array([[10.0]]), cache)
    >>> dx, dw.ravel(), db
    (array([[30., 40.]]), array([10., 20.]), array([10.]))
    """
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


def relu_forward(x: np.ndarray) -> tuple[np.ndarray, Any]:
    """The rectifier: out = max(0, x), number by number, for any shape.

    >>> relu_forward(np.array([-1.0, 2.0]))[0]
    array([0., 2.])
    """
    return np.maximum(x, 0), x


def relu_backward(dout: np.ndarray, cache: Any) -> np.ndarray:
    """Backward pass of relu_forward: the gradient goes on where x was positive.

    >>> out, cache = relu_forward(np.array([-1.0, 2.0]))
    >>> relu_backward(np.array([5.0, 5.0]), cache)
    array([0., 5.])
    """
    return np.asarray(dout * (cache > 0))


def conv_forward(x: np.ndarray, w: np.ndarray, b: np.ndarray, conv_param: dict[str, int]) -> tuple[np.ndarray, Any]:
    """A convolution (without flipping the filter, as everywhere in deep learning), as one matrix product.

    out[n, f, i, j] = b[f] + sum over c, p, q of w[f, c, p, q] · xpad[n, c, i·S + p, j·S + q]

    The windows of x are laid side by side as the columns of a matrix of C·HH·WW rows (im2col).

    Args:
        x: input, shape (N, C, H, W).
        w: filters, shape (F, C, HH, WW).
        b: biases, shape (F,).
        conv_param: 'stride' S, and 'pad' P, the number of zeros set around x on every side.

    Returns:
        out: shape (N, F, H_out, W_out), with H_out = (H + 2P - HH) // S + 1, and W_out likewise.
        cache: for conv_backward.

    Source: Chellapilla, Puri, Simard, High Performance Convolutional Neural Networks for Document Processing (2006).

    >>> out, cache = conv_forward(np.ones((1, 2, 3, 3)), np.ones((1, 2, 2, 2)), np.zeros(1), {"stride": 1, "pad": 0})
    >>> out[0, 0]
    array([[8., 8.],
           [8., 8.]])
    """
    S, P = conv_param["stride"], conv_param["pad"]
    if x.ndim != 4 or w.ndim != 4 or w.shape[1] != x.shape[1]:
        raise ValueError(
            f"conv_forward: x.shape = {x.shape}, w.shape = {w.shape}, expected (N, C, H, W) and (F, C, HH, WW) "
            "with the same C"
        )
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    if H + 2 * P < HH or W + 2 * P < WW:
        raise ValueError(
            f"conv_forward: a filter of {HH}×{WW} pixels does not fit into {H}×{W} pixels with pad {P}; "
            "use a smaller filter or more padding"
        )
    padded = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P))) if P else x
    windows = np.lib.stride_tricks.sliding_window_view(padded, (HH, WW), axis=(2, 3))[:, :, ::S, ::S]
    H_out, W_out = windows.shape[2:4]
    columns = windows.transpose(1, 4, 5, 0, 2, 3).reshape(C * HH * WW, N * H_out * W_out)
    out = w.reshape(F, -1) @ columns + b[:, None]
    return np.ascontiguousarray(out.reshape(F, N, H_out, W_out).swapaxes(0, 1)), (x.shape, w, conv_param, columns)


def conv_backward(dout: np.ndarray, cache: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Backward pass of conv_forward.

    Args:
        dout: upstream gradient, shape (N, F, H_out, W_out).
        cache: from conv_forward.

    Returns:
        dx: shape (N, C, H, W); dw: shape (F, C, HH, WW); db: shape (F,).

    >>> out, cache = conv_forward(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)), np.zeros(1), {"stride": 1, "pad": 0})
    >>> dx, dw, db = conv_backward(np.ones((1, 1, 2, 2)), cache)
    >>> dx[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    (N, C, H, W), w, conv_param, columns = cache
    S, P = conv_param["stride"], conv_param["pad"]
    F, _, HH, WW = w.shape
    H_out, W_out = dout.shape[2:]
    flat = dout.swapaxes(0, 1).reshape(F, -1)
    dw = (flat @ columns.T).reshape(w.shape)
    dcolumns = (w.reshape(F, -1).T @ flat).reshape(C, HH, WW, N, H_out, W_out)
    dpadded = np.zeros((C, N, H + 2 * P, W + 2 * P), dtype=dcolumns.dtype)
    for p, q in np.ndindex(HH, WW):  # within one place (p, q) of the filter no two windows share a pixel
        dpadded[:, :, p : p + (H_out - 1) * S + 1 : S, q : q + (W_out - 1) * S + 1 : S] += dcolumns[:, p, q]
    dx = dpadded[:, :, P : P + H, P : P + W].swapaxes(0, 1)
    return np.ascontiguousarray(dx), dw, flat.sum(axis=1)


def softmax_loss(x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Softmax and cross-entropy: the mean over the minibatch of -log(probability of the right class).

    probability[n, c] = exp(x[n, c]) / sum over k of exp(x[n, k])

    Args:
        x: scores, shape (N, C) for C classes.
        y: right classes, shape (N,), whole numbers from 0 to C - 1.

    Returns:
        loss: a float.
        dx: gradient with respect to x, shape (N, C).

    >>> loss, dx = softmax_loss(np.zeros((1, 4)), np.array([2]))
    >>> round(loss, 4), dx
    (1.3863, array([[ 0.25,  0.25, -0.75,  0.25]]))
    """
    shifted = x - x.max(axis=1, keepdims=True)  # the same probabilities, and exp cannot overflow
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(x))
    dx = np.exp(log_probs)
    dx[rows, y] -= 1
    return float(-log_probs[rows, y].mean()), dx / len(x)
