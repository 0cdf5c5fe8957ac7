"""Reference solutions of notebook 07, fully-connected layers as convolutions.

Letters: N examples, D inputs and M outputs of a fully-connected (affine) layer; C channels of
H×W pixels, F filters of HH×WW pixels, S the stride, P the padding in pixels on each side.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = [
    "affine_backward",
    "affine_forward",
    "bottleneck_parameters",
    "conv1x1_backward",
    "conv1x1_forward",
    "conv_backward_naive",
    "conv_forward_naive",
    "conv_to_fc",
    "convify_head",
    "fc6_kernel_side",
    "fc6_parameters",
    "fc7_parameters",
    "fc8_parameters",
    "fc_to_conv",
    "pixels_between_windows",
    "score_map_side",
    "trunk_work_saved",
]


def affine_forward(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, Any]:
    """A fully-connected layer, forward: every output is a weighted sum of all inputs.

    out[n, m] = b[m] + sum over d of x[n, d] * w[d, m]

    An example may be of any shape. It is first flattened into D numbers in row-major order (the
    last axis runs fastest, NumPy's own order).

    Args:
        x: input, shape (N, d1, ..., dk), with D = d1 * ... * dk.
        w: weights, shape (D, M).
        b: biases, shape (M,).

    Returns:
        out: shape (N, M).
        cache: whatever your backward pass needs.

    >>> x = np.array([[[1.0, 2.0], [3.0, 4.0]]])  # one example of shape (2, 2)
    >>> w = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    >>> out, cache = affine_forward(x, w, np.array([0.5, -1.0]))
    >>> out
    array([[4.5, 5. ]])
    """
    # BEGIN SOLUTION
    return x.reshape(len(x), -1) @ w + b, (x, w)
    # END SOLUTION


def affine_backward(dout: np.ndarray, cache: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A fully-connected layer, backward.

    dx[n, d] = sum over m of dout[n, m] * w[d, m]
    dw[d, m] = sum over n of x[n, d] * dout[n, m]
    db[m] = sum over n of dout[n, m]

    Args:
        dout: upstream gradient, shape (N, M).
        cache: what your affine_forward returned.

    Returns:
        dx: gradient with respect to x, in x's own shape (N, d1, ..., dk).
        dw: gradient with respect to w, shape (D, M).
        db: gradient with respect to b, shape (M,).

    >>> x, w = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0], [6.0]])
    >>> out, cache = affine_forward(x, w, np.zeros(1))
    >>> dx, dw, db = affine_backward(np.array([[1.0], [10.0]]), cache)
    >>> dx
    array([[ 5.,  6.],
           [50., 60.]])
    >>> dw.ravel(), db
    (array([31., 42.]), array([11.]))
    """
    # BEGIN SOLUTION
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)
    # END SOLUTION


def conv_forward_naive(
    x: np.ndarray, w: np.ndarray, b: np.ndarray, conv_param: dict[str, int]
) -> tuple[np.ndarray, Any]:
    """A convolution, forward: every filter is laid on every place of the image.

    out[n, f, i, j] = b[f] + sum over c, p, q of w[f, c, p, q] * xpad[n, c, i*S + p, j*S + q]

    Here xpad is x with P rows and columns of zeros on each of its four sides. The filter is not
    flipped (strictly speaking this is a cross-correlation; in deep learning everybody calls it
    convolution). Python loops are welcome here.

    Args:
        x: input, shape (N, C, H, W).
        w: filters, shape (F, C, HH, WW), no larger than the padded image.
        b: biases, shape (F,).
        conv_param: 'stride' S and 'pad' P, in pixels.

    Returns:
        out: shape (N, F, H_out, W_out), with H_out = (H + 2P - HH) // S + 1, and W_out
            likewise.
        cache: whatever your backward pass needs.

    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> w = np.array([[[[1.0, 0.0], [0.0, -1.0]]]])
    >>> out, cache = conv_forward_naive(x, w, np.array([10.0]), {"stride": 1, "pad": 0})
    >>> out[0, 0]
    array([[6., 6.],
           [6., 6.]])
    """
    # BEGIN SOLUTION
    S, P = conv_param["stride"], conv_param["pad"]
    HH, WW = w.shape[2:]
    xpad = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P)))
    H_out, W_out = (xpad.shape[2] - HH) // S + 1, (xpad.shape[3] - WW) // S + 1
    out = np.empty((len(x), len(w), H_out, W_out))
    for i, j in np.ndindex(H_out, W_out):
        window = xpad[:, :, i * S : i * S + HH, j * S : j * S + WW]
        out[:, :, i, j] = np.tensordot(window, w, axes=((1, 2, 3), (1, 2, 3))) + b
    return out, (x.shape, xpad, w, conv_param)
    # END SOLUTION


def conv_backward_naive(
    dout: np.ndarray, cache: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A convolution, backward.

    Output (i, j) of filter f has seen one window of xpad through w[f]. So the window gets
    dout * w[f] as its share of the gradient, and w[f] gets dout * window; a pixel collects from
    all windows it lies in, a weight from all windows of all images. The padding is not part of
    x: its gradient is cut off.

    Args:
        dout: upstream gradient, shape (N, F, H_out, W_out).
        cache: what your conv_forward_naive returned.

    Returns:
        dx: gradient with respect to x, shape (N, C, H, W).
        dw: gradient with respect to w, shape (F, C, HH, WW).
        db: gradient with respect to b, shape (F,).

    >>> x, w = np.ones((1, 1, 3, 3)), np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> out, cache = conv_forward_naive(x, w, np.zeros(1), {"stride": 1, "pad": 0})
    >>> dx, dw, db = conv_backward_naive(np.ones((1, 1, 2, 2)), cache)
    >>> dx[0, 0]
    array([[ 1.,  3.,  2.],
           [ 4., 10.,  6.],
           [ 3.,  7.,  4.]])
    >>> dw[0, 0], db
    (array([[4., 4.],
           [4., 4.]]), array([4.]))
    """
    # BEGIN SOLUTION
    (_, _, H, W), xpad, w, conv_param = cache
    S, P = conv_param["stride"], conv_param["pad"]
    HH, WW = w.shape[2:]
    dxpad, dw = np.zeros(xpad.shape), np.zeros(w.shape)
    for i, j in np.ndindex(dout.shape[2:]):
        here = (..., slice(i * S, i * S + HH), slice(j * S, j * S + WW))
        dxpad[here] += np.tensordot(dout[:, :, i, j], w, axes=1)
        dw += np.tensordot(dout[:, :, i, j], xpad[here], axes=(0, 0))
    return dxpad[:, :, P : P + H, P : P + W], dw, dout.sum(axis=(0, 2, 3))
    # END SOLUTION


def conv1x1_forward(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, Any]:
    """A 1×1 convolution, forward: one fully-connected layer, used at every pixel.

    out[n, f, i, j] = b[f] + sum over c of w[f, c, 0, 0] * x[n, c, i, j]

    The C numbers at a pixel are its inputs. Stride 1, no padding: the map keeps its size, only
    the number of channels changes. No Python loop is needed.

    Source: Lin et al., Network in Network, arXiv 1312.4400, section 3.1.

    Args:
        x: input, shape (N, C, H, W).
        w: filters, shape (F, C, 1, 1).
        b: biases, shape (F,).

    Returns:
        out: shape (N, F, H, W).
        cache: whatever your backward pass needs.

    >>> x = np.array([[[[1.0, 2.0]], [[10.0, 20.0]]]])  # two channels of 1×2 pixels
    >>> w = np.array([1.0, 1.0, 0.0, -1.0]).reshape(2, 2, 1, 1)
    >>> out, cache = conv1x1_forward(x, w, np.array([0.0, 5.0]))
    >>> out[0, 0], out[0, 1]
    (array([[11., 22.]]), array([[ -5., -15.]]))
    """
    # BEGIN SOLUTION
    out = np.einsum("fc,nchw->nfhw", w[:, :, 0, 0], x, optimize=True) + b[:, None, None]
    return out, (x, w)
    # END SOLUTION


def conv1x1_backward(dout: np.ndarray, cache: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A 1×1 convolution, backward: that of an affine layer with every pixel an example.

    Args:
        dout: upstream gradient, shape (N, F, H, W).
        cache: what your conv1x1_forward returned.

    Returns:
        dx: gradient with respect to x, shape (N, C, H, W).
        dw: gradient with respect to w, shape (F, C, 1, 1).
        db: gradient with respect to b, shape (F,).

    >>> x, w = np.array([[[[1.0, 2.0]]]]), np.full((1, 1, 1, 1), 3.0)
    >>> out, cache = conv1x1_forward(x, w, np.zeros(1))
    >>> dx, dw, db = conv1x1_backward(np.array([[[[10.0, 20.0]]]]), cache)
    >>> dx
    array([[[[30., 60.]]]])
    >>> dw, db
    (array([[[[50.]]]]), array([30.]))
    """
    # BEGIN SOLUTION
    x, w = cache
    dx = np.einsum("fc,nfhw->nchw", w[:, :, 0, 0], dout, optimize=True)
    dw = np.einsum("nfhw,nchw->fc", dout, x, optimize=True)
    return dx, dw[:, :, None, None], dout.sum(axis=(0, 2, 3))
    # END SOLUTION


def fc_to_conv(
    w: np.ndarray, b: np.ndarray, input_shape: tuple[int, int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Turn a fully-connected layer that reads a whole map into a convolution.

    Each of the M outputs becomes one filter as large as the map. On a map of input_shape the
    convolution (stride 1, no padding) gives the affine layer's M outputs, as a map of 1×1
    pixels; on a larger map it gives them at every place where the filters fit.

    Source: Long, Shelhamer, Darrell, arXiv 1411.4038, section 3.1.

    Args:
        w: weights of the affine layer, shape (C * H * W, M); row c*H*W + i*W + j belongs to
            pixel (i, j) of channel c, as affine_forward flattens.
        b: biases, shape (M,).
        input_shape: (C, H, W) of the map that the affine layer flattens.

    Returns:
        w: filters, shape (M, C, H, W).
        b: biases, shape (M,).

    Raises:
        ValueError: w has not C * H * W rows.

    >>> w = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0]])
    >>> w_conv, b_conv = fc_to_conv(w, np.zeros(2), (1, 2, 2))
    >>> w_conv[1, 0]
    array([[10., 20.],
           [30., 40.]])
    """
    # BEGIN SOLUTION
    C, H, W = input_shape
    D, M = w.shape
    if D != C * H * W:
        raise ValueError(f"w has {D} rows, and a map of {C}×{H}×{W} has {C * H * W} numbers")
    return w.T.reshape(M, C, H, W), b
    # END SOLUTION


def conv_to_fc(w: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The way back: filters as large as the map become the weights of a fully-connected layer.

    Args:
        w: filters, shape (M, C, H, W).
        b: biases, shape (M,).

    Returns:
        w: weights for affine_forward on maps of shape (C, H, W), shape (C * H * W, M).
        b: biases, shape (M,).

    >>> w, b = conv_to_fc(np.array([[[[1.0, 2.0]]], [[[3.0, 4.0]]]]), np.zeros(2))
    >>> w
    array([[1., 3.],
           [2., 4.]])
    """
    # BEGIN SOLUTION
    return w.reshape(len(w), -1).T, b
    # END SOLUTION


def convify_head(
    head: Sequence[tuple[np.ndarray, np.ndarray]], input_shape: tuple[int, int, int]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Turn a whole head of fully-connected layers into convolutions.

    The head is affine, ReLU, affine, ReLU, ..., affine: only the affine layers are listed, the
    ReLUs between them are understood. (A ReLU works number by number, so it is the same between
    convolutions.) The converted head is used with stride 1 and no padding everywhere.

    Think of what shape the map has that each layer sees, when the head sits on a map of
    input_shape.

    Args:
        head: one (w, b) for each affine layer, w of shape (inputs, outputs), b of (outputs,).
        input_shape: (C, H, W) of the map that the first of them flattens.

    Returns:
        One (w, b) for each convolution, in the same order: w of shape (filters, channels,
        height, width), b of shape (filters,).

    >>> head = [(np.ones((18, 5)), np.zeros(5)), (np.ones((5, 4)), np.zeros(4))]
    >>> [w.shape for w, b in convify_head(head, (2, 3, 3))]
    [(5, 2, 3, 3), (4, 5, 1, 1)]
    """
    # BEGIN SOLUTION
    layers = []
    for w, b in head:
        layers.append(fc_to_conv(w, b, input_shape))
        input_shape = (len(b), 1, 1)
    return layers
    # END SOLUTION


def bottleneck_parameters() -> int:
    """How many parameters, biases included, have these three convolutions in a row?

    1×1 from 256 channels to 64 (narrow), 3×3 from 64 to 64 (work), 1×1 from 64 to 256 (widen).
    """
    # BEGIN SOLUTION
    return (256 * 64 + 64) + (64 * 64 * 9 + 64) + (64 * 256 + 256)
    # END SOLUTION


def fc6_kernel_side() -> int:
    """How high is a kernel of VGG-16's fc6, when fc6 has become a convolution?

    VGG-16 takes 224×224 pixels and halves their sides five times. fc6 is its first
    fully-connected layer; it sits on the map that is left then, of 512 channels.
    """
    # BEGIN SOLUTION
    return 224 // 2**5
    # END SOLUTION


def fc6_parameters() -> int:
    """How many parameters, biases included, has fc6: from all of that map to 4096 outputs?"""
    # BEGIN SOLUTION
    return 7 * 7 * 512 * 4096 + 4096
    # END SOLUTION


def fc7_parameters() -> int:
    """How many parameters, biases included, has fc7: 4096 inputs to 4096 outputs?"""
    # BEGIN SOLUTION
    return 4096 * 4096 + 4096
    # END SOLUTION


def fc8_parameters() -> int:
    """How many parameters, biases included, has fc8: 4096 inputs to 1000 outputs?"""
    # BEGIN SOLUTION
    return 4096 * 1000 + 1000
    # END SOLUTION


def score_map_side() -> int:
    """How high is the output of VGG-16, its head made of convolutions, for 384×384 pixels?"""
    # BEGIN SOLUTION
    return 384 // 2**5 - 7 + 1
    # END SOLUTION


def pixels_between_windows() -> int:
    """By how many pixels of the image are two neighbours of that output apart?

    Each number of the output has seen a window of 224×224 pixels. From one row of the output to
    the next, the window moves down by ... pixels.
    """
    # BEGIN SOLUTION
    return 2**5
    # END SOLUTION


def trunk_work_saved() -> float:
    """How many times more pixels go through the trunk in all crops than in the one large image?

    The trunk is everything before fc6. Compare all windows of 224×224 pixels of the previous
    question, each cut out and passed through by itself, with one pass of the 384×384 image.
    """
    # BEGIN SOLUTION
    return 6 * 6 * 224**2 / 384**2
    # END SOLUTION
