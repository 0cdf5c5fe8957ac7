"""Reference solutions of notebook 02, pooling.

Letters: N images, C channels, H and W their height and width in pixels; a window is HH pixels
high and WW wide and moves by S pixels, so that the output is H_out = (H - HH) // S + 1 pixels
high, and likewise wide.
"""

from typing import Any

import numpy as np

__all__ = [
    "MODEL_ANSWERS",
    "activations_discarded",
    "avg_pool_backward_naive",
    "avg_pool_forward_naive",
    "depth_after_pooling",
    "global_avg_pool_backward",
    "global_avg_pool_forward",
    "global_max_pool_backward",
    "global_max_pool_forward",
    "learnable_parameters",
    "max_pool_backward_fast",
    "max_pool_backward_naive",
    "max_pool_forward_fast",
    "max_pool_forward_naive",
    "overlapping_pool_size",
    "pool_output_size",
    "two_by_two_pool_size",
]


def pool_output_size(H: int, F: int, S: int) -> int:
    """Count the positions of a pooling window along one side of an image.

    The first window starts at pixel 0, the next ones S, 2S, 3S ... pixels further, as long as
    the whole window lies inside the image: (H - F) / S + 1 of them. Where that is no whole
    number, the pixels left over at the far end are in no window: round down (CS231n and PyTorch
    do the same).

    Args:
        H: height (or width) of the image in pixels.
        F: height (or width) of the window in pixels.
        S: stride, the distance in pixels from one window to the next.

    Returns:
        The height (or width) of the output, as an int.

    Raises:
        ValueError: the window is larger than the image.

    >>> pool_output_size(4, 2, 2)
    2
    >>> pool_output_size(5, 2, 2)  # the last pixel is in no window
    2
    >>> pool_output_size(5, 3, 1)  # windows may overlap
    3
    """
    # BEGIN SOLUTION
    if F > H:
        raise ValueError(f"a window of {F} pixels does not fit into {H} pixels")
    return (H - F) // S + 1
    # END SOLUTION


def max_pool_forward_naive(x: np.ndarray, pool_param: dict[str, int]) -> tuple[np.ndarray, Any]:
    """Max pooling, forward: keep the largest number of every window.

    out[n, c, i, j] = max of x[n, c, i*S : i*S + HH, j*S : j*S + WW]

    Every image and every channel is pooled by itself, without padding. Python loops are welcome
    here.

    Args:
        x: input, shape (N, C, H, W).
        pool_param: 'pool_height' HH, 'pool_width' WW and 'stride' S, in pixels.

    Returns:
        out: shape (N, C, H_out, W_out), with H_out = pool_output_size(H, HH, S), and W_out
            likewise.
        cache: whatever your backward pass needs.

    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> out, cache = max_pool_forward_naive(x, {"pool_height": 2, "pool_width": 2, "stride": 2})
    >>> out[0, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """
    # BEGIN SOLUTION
    N, C, H, W = x.shape
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    out = np.empty((N, C, (H - HH) // S + 1, (W - WW) // S + 1), dtype=x.dtype)
    for i, j in np.ndindex(out.shape[2:]):
        out[:, :, i, j] = x[:, :, i * S : i * S + HH, j * S : j * S + WW].max(axis=(2, 3))
    return out, (x, pool_param)
    # END SOLUTION


def max_pool_backward_naive(dout: np.ndarray, cache: Any) -> np.ndarray:
    """Max pooling, backward: the gradient of a window goes to the pixel that was its maximum.

    A pixel that is the maximum of several overlapping windows collects the gradients of all of
    them. Where several pixels of a window tie for the maximum, give the gradient to one of
    them, or share it out: the sum must stay.

    Args:
        dout: upstream gradient, shape (N, C, H_out, W_out).
        cache: what your max_pool_forward_naive returned.

    Returns:
        dx: gradient with respect to x, shape (N, C, H, W).

    >>> x = np.array([[[[1.0, 2.0], [4.0, 3.0]]]])
    >>> out, cache = max_pool_forward_naive(x, {"pool_height": 2, "pool_width": 2, "stride": 2})
    >>> max_pool_backward_naive(np.array([[[[10.0]]]]), cache)[0, 0]
    array([[ 0.,  0.],
           [10.,  0.]])
    """
    # BEGIN SOLUTION
    x, pool_param = cache
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(x.shape, dtype=dout.dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        window = x[n, c, i * S : i * S + HH, j * S : j * S + WW]
        # argmax names one pixel, also where several tie
        p, q = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, i * S + p, j * S + q] += dout[n, c, i, j]
    return dx
    # END SOLUTION


def avg_pool_forward_naive(x: np.ndarray, pool_param: dict[str, int]) -> tuple[np.ndarray, Any]:
    """Average pooling, forward: keep the mean of every window.

    out[n, c, i, j] = mean of x[n, c, i*S : i*S + HH, j*S : j*S + WW]

    Args:
        x: input, shape (N, C, H, W).
        pool_param: 'pool_height' HH, 'pool_width' WW and 'stride' S, in pixels.

    Returns:
        out: shape (N, C, H_out, W_out), with H_out = pool_output_size(H, HH, S), and W_out
            likewise.
        cache: whatever your backward pass needs.

    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> out, cache = avg_pool_forward_naive(x, {"pool_height": 2, "pool_width": 2, "stride": 2})
    >>> out[0, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    # BEGIN SOLUTION
    N, C, H, W = x.shape
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    out = np.empty((N, C, (H - HH) // S + 1, (W - WW) // S + 1))
    for i, j in np.ndindex(out.shape[2:]):
        out[:, :, i, j] = x[:, :, i * S : i * S + HH, j * S : j * S + WW].mean(axis=(2, 3))
    return out, (x.shape, pool_param)
    # END SOLUTION


def avg_pool_backward_naive(dout: np.ndarray, cache: Any) -> np.ndarray:
    """Average pooling, backward: each pixel of a window gets an equal share of the gradient.

    A pixel that lies in several overlapping windows collects a share from each of them.

    Args:
        dout: upstream gradient, shape (N, C, H_out, W_out).
        cache: what your avg_pool_forward_naive returned.

    Returns:
        dx: gradient with respect to x, shape (N, C, H, W).

    >>> x = np.ones((1, 1, 2, 2))
    >>> out, cache = avg_pool_forward_naive(x, {"pool_height": 2, "pool_width": 2, "stride": 2})
    >>> avg_pool_backward_naive(np.array([[[[8.0]]]]), cache)[0, 0]
    array([[2., 2.],
           [2., 2.]])
    """
    # BEGIN SOLUTION
    x_shape, pool_param = cache
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(x_shape)
    for i, j in np.ndindex(dout.shape[2:]):
        share = dout[:, :, i : i + 1, j : j + 1] / (HH * WW)
        dx[:, :, i * S : i * S + HH, j * S : j * S + WW] += share
    return dx
    # END SOLUTION


def global_avg_pool_forward(x: np.ndarray) -> tuple[np.ndarray, Any]:
    """Global average pooling, forward: one number per channel, the mean of the whole map.

    out[n, c] = mean of x[n, c]

    Source: Lin et al., Network in Network, arXiv 1312.4400, section 3.2.

    Args:
        x: input, shape (N, C, H, W).

    Returns:
        out: shape (N, C).
        cache: whatever your backward pass needs.

    >>> out, cache = global_avg_pool_forward(np.arange(8.0).reshape(1, 2, 2, 2))
    >>> out
    array([[1.5, 5.5]])
    """
    # BEGIN SOLUTION
    return x.mean(axis=(2, 3)), x.shape
    # END SOLUTION


def global_avg_pool_backward(dout: np.ndarray, cache: Any) -> np.ndarray:
    """Global average pooling, backward: each pixel gets an equal share of the gradient.

    Args:
        dout: upstream gradient, shape (N, C).
        cache: what your global_avg_pool_forward returned.

    Returns:
        dx: gradient with respect to x, shape (N, C, H, W).

    >>> out, cache = global_avg_pool_forward(np.zeros((1, 1, 2, 2)))
    >>> global_avg_pool_backward(np.array([[8.0]]), cache)[0, 0]
    array([[2., 2.],
           [2., 2.]])
    """
    # BEGIN SOLUTION
    N, C, H, W = cache
    return np.broadcast_to(dout[:, :, None, None] / (H * W), (N, C, H, W)).copy()
    # END SOLUTION


def global_max_pool_forward(x: np.ndarray) -> tuple[np.ndarray, Any]:
    """Global max pooling, forward: one number per channel, the largest of the whole map.

    out[n, c] = max of x[n, c]

    Args:
        x: input, shape (N, C, H, W).

    Returns:
        out: shape (N, C).
        cache: whatever your backward pass needs.

    >>> out, cache = global_max_pool_forward(np.arange(8.0).reshape(1, 2, 2, 2))
    >>> out
    array([[3., 7.]])
    """
    # BEGIN SOLUTION
    return x.max(axis=(2, 3)), x
    # END SOLUTION


def global_max_pool_backward(dout: np.ndarray, cache: Any) -> np.ndarray:
    """Global max pooling, backward: the gradient goes to the pixel that was the map's maximum.

    Where several pixels tie for the maximum, give the gradient to one of them, or share it out:
    the sum must stay.

    Args:
        dout: upstream gradient, shape (N, C).
        cache: what your global_max_pool_forward returned.

    Returns:
        dx: gradient with respect to x, shape (N, C, H, W).

    >>> out, cache = global_max_pool_forward(np.array([[[[1.0, 2.0], [4.0, 3.0]]]]))
    >>> global_max_pool_backward(np.array([[10.0]]), cache)[0, 0]
    array([[ 0.,  0.],
           [10.,  0.]])
    """
    # BEGIN SOLUTION
    x = cache
    N, C, H, W = x.shape
    dx = np.zeros((N, C, H * W), dtype=dout.dtype)
    winner = x.reshape(N, C, H * W).argmax(axis=2, keepdims=True)
    np.put_along_axis(dx, winner, dout[:, :, None], axis=2)
    return dx.reshape(x.shape)
    # END SOLUTION


def max_pool_forward_fast(x: np.ndarray, pool_param: dict[str, int]) -> tuple[np.ndarray, Any]:
    """Max pooling, forward, without a Python loop over images, channels or output pixels.

    Same arguments and results as max_pool_forward_naive, for any window and stride. One loop is
    fine, and is the fastest way: the one over the HH * WW places inside a window.

    Args:
        x: input, shape (N, C, H, W).
        pool_param: 'pool_height' HH, 'pool_width' WW and 'stride' S, in pixels.

    Returns:
        out: shape (N, C, H_out, W_out).
        cache: whatever your backward pass needs.

    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> out, cache = max_pool_forward_fast(x, {"pool_height": 3, "pool_width": 3, "stride": 1})
    >>> out[0, 0]
    array([[10., 11.],
           [14., 15.]])
    """
    # BEGIN SOLUTION
    H, W = x.shape[2:]
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    H_out, W_out = (H - HH) // S + 1, (W - WW) // S + 1
    # The pixel at place (p, q) of every window at once is a strided view of x: no copy is made.
    out = x[:, :, : H_out * S : S, : W_out * S : S].copy()
    for p, q in np.ndindex(HH, WW):
        here = (..., slice(p, p + (H_out - 1) * S + 1, S), slice(q, q + (W_out - 1) * S + 1, S))
        np.maximum(out, x[here], out=out)
    # The caller may go on to change out in place (a ReLU, say): the cache keeps a copy.
    return out, (x, out.copy(), pool_param)
    # END SOLUTION


def max_pool_backward_fast(dout: np.ndarray, cache: Any) -> np.ndarray:
    """Max pooling, backward, without a Python loop over images, channels or output pixels.

    Same arguments and results as max_pool_backward_naive, for any window and stride.

    Args:
        dout: upstream gradient, shape (N, C, H_out, W_out).
        cache: what your max_pool_forward_fast returned.

    Returns:
        dx: gradient with respect to x, shape (N, C, H, W).

    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> out, cache = max_pool_forward_fast(x, {"pool_height": 3, "pool_width": 3, "stride": 1})
    >>> max_pool_backward_fast(np.ones((1, 1, 2, 2)), cache)[0, 0]
    array([[0., 0., 0., 0.],
           [0., 0., 0., 0.],
           [0., 0., 1., 1.],
           [0., 0., 1., 1.]])
    """
    # BEGIN SOLUTION
    x, out, pool_param = cache
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    H_out, W_out = out.shape[2:]
    dx = np.zeros(x.shape, dtype=dout.dtype)
    # Windows whose maximum has not been met yet: a tie is paid out once.
    unclaimed = np.ones(out.shape, dtype=bool)
    for p, q in np.ndindex(HH, WW):
        here = (..., slice(p, p + (H_out - 1) * S + 1, S), slice(q, q + (W_out - 1) * S + 1, S))
        winner = unclaimed & (x[here] == out)
        dx[here] += winner * dout  # within one place (p, q) no two windows share a pixel
        unclaimed &= ~winner
    return dx
    # END SOLUTION


def activations_discarded() -> float:
    """What percentage of the activations does 2×2 max pooling with stride 2 discard?

    Returns:
        A number of percent: 50 stands for one half.
    """
    # BEGIN SOLUTION
    return 75  # one activation of every four stays
    # END SOLUTION


def learnable_parameters() -> int:
    """How many learnable parameters does a 3×3 max-pooling layer on 64 channels have?"""
    # BEGIN SOLUTION
    return 0  # the window and the stride are chosen, nothing is learned
    # END SOLUTION


def two_by_two_pool_size() -> int:
    """How high is a map of 55 pixels after 2×2 pooling with stride 2?"""
    # BEGIN SOLUTION
    return 27  # (55 - 2) / 2 + 1 = 27.5, rounded down: the last row is in no window
    # END SOLUTION


def overlapping_pool_size() -> int:
    """How high is a map of 55 pixels after 3×3 pooling with stride 2, where windows overlap?"""
    # BEGIN SOLUTION
    return 27  # (55 - 3) / 2 + 1, with nothing left over
    # END SOLUTION


def depth_after_pooling() -> int:
    """How many channels does a volume of 96×55×55 have after 3×3 pooling with stride 2?"""
    # BEGIN SOLUTION
    return 96  # every channel is pooled by itself
    # END SOLUTION


MODEL_ANSWERS: dict[str, str] = {
    "explain_pooling_invariance": """\
**A model answer.** Right is that max pooling makes a network *less sensitive* to small shifts:
when the photograph moved by one pixel, its edge maps changed by 87 %, after 4×4 max pooling by
29 % (part 7). But that is not 0, and at a shift of four pixels it was 70 %: a feature at the
rim of its window moves on to the next one. The digit networks with 2×2 pooling lost much of
their accuracy when the test digits moved by a single pixel, from 96 % to 57 %; those with
strides lost more (part 9). What finds the cat in another place is the shared weights: with the
same filters everywhere the map moves along exactly (0 % difference, part 8), and when the
reader was moved along, accuracy at column 12 was what it had been at column 4, without any
pooling. 2×2 pooling did not help there: at column 12 that network guessed. Nor did global
pooling on unshared filters, as they had learned nothing at that place. Only shared filters
*and* global pooling, which throws the place away, knew digits everywhere (91 %).

**Rubric, 3 points.**
- 1 point: pooling lowers the sensitivity to small shifts and does not bring it to zero, with a
  measurement of one's own.
- 1 point: finding a feature in another place comes from shared weights (equivariance), with the
  evidence of part 8 (shared against unshared filters, or the reader that was moved along).
- 1 point: tells local from global pooling: 2×2 pooling does not make the network indifferent to
  the place; global pooling after shared filters does (nearly).

Numbers may differ from these. Half a point each where the statement is right and no measurement
supports it.
""",
}
"""Model answers and rubrics of the questions that a person grades, by grade_id."""
