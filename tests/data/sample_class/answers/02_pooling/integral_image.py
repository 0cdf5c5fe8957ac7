"""Right. Averages from cumulative sums, maxima by sorting and with SciPy; ties are shared out."""

import numpy as np
from scipy import ndimage


def corners(x, pool_param):
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    top = np.arange(0, x.shape[2] - h + 1, s)[:, None]
    left = np.arange(0, x.shape[3] - w + 1, s)[None, :]
    return top, left, h, w, s


def pool_output_size(H, F, S):
    starts = np.arange(0, H - F + 1, S)
    if starts.size == 0:
        raise ValueError("no place for the window")
    return int(starts.size)


def max_pool_forward_naive(x, pool_param):
    # sort each window, the last one is the biggest
    top, left, h, w, s = corners(x, pool_param)
    out = []
    for t in top[:, 0]:
        row = [np.sort(x[:, :, t:t + h, l:l + w].reshape(x.shape[0], x.shape[1], -1))[..., -1] for l in left[0]]
        out.append(np.stack(row, axis=-1))
    out = np.stack(out, axis=-2)
    return out, (x, out, pool_param)


def max_pool_backward_naive(dout, cache):
    x, out, pool_param = cache
    top, left, h, w, s = corners(x, pool_param)
    dx = np.zeros(x.shape, dtype=np.float64)
    for i, t in enumerate(top[:, 0]):
        for j, l in enumerate(left[0]):
            equal = np.equal(x[:, :, t:t + h, l:l + w], out[:, :, i, j, None, None])
            dx[:, :, t:t + h, l:l + w] += equal * (dout[:, :, i, j] / equal.sum((2, 3)))[:, :, None, None]
    return dx


def avg_pool_forward_naive(x, pool_param):
    top, left, h, w, s = corners(x, pool_param)
    table = np.pad(x.cumsum(axis=2).cumsum(axis=3), ((0, 0), (0, 0), (1, 0), (1, 0)))
    total = (table[:, :, top + h, left + w] - table[:, :, top, left + w]
             - table[:, :, top + h, left] + table[:, :, top, left])
    return total / (h * w), (x.shape, pool_param)


def avg_pool_backward_naive(dout, cache):
    # the same backwards: put the corners down, then sum up
    shape, pool_param = cache
    top, left, h, w, s = corners(np.empty(shape), pool_param)
    N, C, H, W = shape
    table = np.zeros((N, C, H + 1, W + 1))
    for down in (0, h):
        for right in (0, w):
            sign = 1 if (down == 0) == (right == 0) else -1
            np.add.at(table, (slice(None), slice(None), top + down, left + right), sign * dout)
    return table.cumsum(axis=2).cumsum(axis=3)[:, :, :H, :W] / (h * w)


def global_avg_pool_forward(x):
    return x.reshape(*x.shape[:2], -1) @ np.full(x.shape[2] * x.shape[3], 1 / (x.shape[2] * x.shape[3])), x.shape


def global_avg_pool_backward(dout, cache):
    return np.repeat(dout / (cache[2] * cache[3]), cache[2] * cache[3]).reshape(cache)


def global_max_pool_forward(x):
    return np.sort(x.reshape(*x.shape[:2], -1))[..., -1], x


def global_max_pool_backward(dout, cache):
    ranks = cache == cache.max(axis=(2, 3), keepdims=True)
    return ranks * (dout / ranks.sum(axis=(2, 3)))[:, :, None, None]


def max_pool_forward_fast(x, pool_param):
    top, left, h, w, s = corners(x, pool_param)
    # origin moves the filter so that its window starts at the pixel, not around it
    dense = ndimage.maximum_filter(x, size=(1, 1, h, w), origin=(0, 0, -(h // 2), -(w // 2)))
    out = dense[:, :, top, left]
    return out, (x, out, pool_param)


def max_pool_backward_fast(dout, cache):
    x, out, pool_param = cache
    top, left, h, w, s = corners(x, pool_param)
    dx = np.zeros(x.shape)
    equal = [[x[:, :, top + a, left + b] == out for b in range(w)] for a in range(h)]
    share = dout / np.sum(equal, axis=(0, 1))
    for a in range(h):
        for b in range(w):
            dx[:, :, top + a, left + b] += equal[a][b] * share
    return dx


def activations_discarded():
    return (1 - 1 / 4) * 100


def learnable_parameters():
    return 0


def two_by_two_pool_size():
    return 27


def overlapping_pool_size():
    return 27


def depth_after_pooling():
    return 96
