"""Right. Everything goes through three small helpers that stand in a cell of their own."""

import itertools

import numpy as np

HANDED_IN = "2026-03-02 17:41:00 UTC"

ANSWERS = {
    "explain_pooling_invariance": """
- Shared weights: the answer moves with the cat (part 8).
- 2×2 pooling: a shift *inside* a window may be lost, a shift over the border of a window is not. I measured smaller
  changes after pooling, but never no change (part 7).
- Global pooling: gives the same number wherever the maximum is.

So my friend is right about the last one only, and only because of the first one.
""",
}


def geometry(x, pool_param):
    """the two lists of corners"""
    HH, WW, S = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    tops = range(0, x.shape[2] - HH + 1, S)
    lefts = range(0, x.shape[3] - WW + 1, S)
    return tops, lefts, HH, WW


def each_window(x, pool_param):
    """yields (row of out, col of out, the slices of x)"""
    tops, lefts, HH, WW = geometry(x, pool_param)
    for (i, top), (j, left) in itertools.product(enumerate(tops), enumerate(lefts)):
        yield i, j, (slice(None), slice(None), slice(top, top + HH), slice(left, left + WW))


def empty_output(x, pool_param):
    tops, lefts, _, _ = geometry(x, pool_param)
    return np.empty(x.shape[:2] + (len(tops), len(lefts)))


def pool_output_size(H, F, S):
    if F > H: raise ValueError
    return len(range(0, H - F + 1, S))


def max_pool_forward_naive(x, pool_param):
    out = empty_output(x, pool_param)
    for i, j, here in each_window(x, pool_param):
        out[:, :, i, j] = np.amax(x[here], axis=(2, 3))
    return out, dict(x=x, pool_param=pool_param)


def max_pool_backward_naive(dout, cache):
    x = cache['x']
    dx = np.zeros(x.shape)
    for i, j, here in each_window(x, cache['pool_param']):
        window = x[here]
        hit = window == window.max(axis=(2, 3), keepdims=True)
        hit = hit / hit.sum(axis=(2, 3), keepdims=True)  # share between equal ones
        dx[here] += hit * dout[:, :, i:i + 1, j:j + 1]
    return dx


def avg_pool_forward_naive(x, pool_param):
    out = empty_output(x, pool_param)
    for i, j, here in each_window(x, pool_param):
        out[:, :, i, j] = np.average(x[here], axis=(2, 3))
    return out, dict(x=x, pool_param=pool_param)


def avg_pool_backward_naive(dout, cache):
    dx = np.zeros_like(cache['x'], dtype=float)
    area = cache['pool_param']['pool_height'] * cache['pool_param']['pool_width']
    for i, j, here in each_window(dx, cache['pool_param']):
        dx[here] += dout[:, :, i, j][:, :, None, None] / area
    return dx


def global_avg_pool_forward(x):
    whole = {'pool_height': x.shape[2], 'pool_width': x.shape[3], 'stride': 1}
    out, cache = avg_pool_forward_naive(x, whole)
    return out[:, :, 0, 0], cache


def global_avg_pool_backward(dout, cache):
    return avg_pool_backward_naive(dout[:, :, None, None], cache)


def global_max_pool_forward(x):
    whole = {'pool_height': x.shape[2], 'pool_width': x.shape[3], 'stride': 1}
    out, cache = max_pool_forward_naive(x, whole)
    return out[:, :, 0, 0], cache


def global_max_pool_backward(dout, cache):
    return max_pool_backward_naive(dout[:, :, None, None], cache)


def offsets(x, pool_param):
    """the slices of x that hold the same place of every window"""
    tops, lefts, HH, WW = geometry(x, pool_param)
    S = pool_param['stride']
    for p, q in itertools.product(range(HH), range(WW)):
        yield ..., slice(p, p + tops[-1] + 1, S), slice(q, q + lefts[-1] + 1, S)


def max_pool_forward_fast(x, pool_param):
    stack = np.stack([x[here] for here in offsets(x, pool_param)])
    return stack.max(axis=0), dict(x=x, pool_param=pool_param, winner=stack.argmax(axis=0))


def max_pool_backward_fast(dout, cache):
    x, winner = cache['x'], cache['winner']
    dx = np.zeros(x.shape)
    for k, here in enumerate(offsets(x, cache['pool_param'])):
        dx[here] += (winner == k) * dout
    return dx


def activations_discarded():
    kept = 1 / (2 * 2)
    return 100 * (1 - kept)


def learnable_parameters():
    return 0


def two_by_two_pool_size():
    return pool_output_size(55, 2, 2)


def overlapping_pool_size():
    return pool_output_size(55, 3, 2)


def depth_after_pooling():
    return 96
