"""Wrong: global pooling returns (N, C, 1, 1) (keeps_spatial_axes), and its backward passes expect that shape.

The average's backward pass then broadcasts wrongly or crashes, the maximum's always crashes. The rest is right, naive.
"""

import numpy as np


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError("cannot place the window")
    return (H - F) // S + 1


def windows(x, pool_param):
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    for i in range(pool_output_size(x.shape[2], HH, S)):
        for j in range(pool_output_size(x.shape[3], WW, S)):
            yield (i, j), np.s_[:, :, i * S:i * S + HH, j * S:j * S + WW]


def max_pool_forward_naive(x, pool_param):
    results = {place: x[w].max(axis=(2, 3)) for place, w in windows(x, pool_param)}
    last = max(results)
    out = np.empty((*x.shape[:2], last[0] + 1, last[1] + 1))
    for (i, j), value in results.items():
        out[:, :, i, j] = value
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    dx = np.zeros(x.shape)
    for (i, j), w in windows(x, pool_param):
        N, C, HH, WW = x[w].shape
        flat = x[w].reshape(N * C, HH * WW)
        hot = np.zeros(flat.shape)
        hot[range(N * C), flat.argmax(axis=1)] = dout[:, :, i, j].ravel()
        dx[w] += hot.reshape(N, C, HH, WW)
    return dx


def avg_pool_forward_naive(x, pool_param):
    results = {place: x[w].mean(axis=(2, 3)) for place, w in windows(x, pool_param)}
    last = max(results)
    out = np.empty((*x.shape[:2], last[0] + 1, last[1] + 1))
    for (i, j), value in results.items():
        out[:, :, i, j] = value
    return out, (x, pool_param)


def avg_pool_backward_naive(dout, cache):
    x, pool_param = cache
    dx = np.zeros(x.shape)
    for (i, j), w in windows(x, pool_param):
        dx[w] += dout[:, :, i:i + 1, j:j + 1] / (pool_param["pool_height"] * pool_param["pool_width"])
    return dx


def global_avg_pool_forward(x):
    return np.mean(x, axis=(2, 3), keepdims=True), x.shape


def global_avg_pool_backward(dout, cache):
    N, C, H, W = cache
    return dout * np.ones((N, C, H, W)) / (H * W)


def global_max_pool_forward(x):
    return np.max(x, axis=(2, 3), keepdims=True), x


def global_max_pool_backward(dout, cache):
    N, C, H, W = cache.shape
    dx = np.zeros((N, C, H, W))
    for n in range(N):
        for c in range(C):
            p = np.unravel_index(cache[n, c].argmax(), (H, W))
            dx[n, c][p] = dout[n, c, 0, 0]
    return dx


def activations_discarded():
    return 75


def learnable_parameters():
    return 0


def two_by_two_pool_size():
    return 27


def overlapping_pool_size():
    return 27


def depth_after_pooling():
    return 96
