"""Wrong types: a float for a count, lists for arrays, one value too many, whole numbers for means, words and None for
numbers. The backward passes of the two naive layers compute the right gradient; max pooling's returns it in a tuple.
"""

import numpy as np


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError("bad window")
    return (H - F) / S + 1


def max_pool_forward_naive(x, pool_param):
    a, b, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    out = []
    for n in range(N):
        out.append([])
        for c in range(C):
            out[n].append([])
            for i in range((H - a) // s + 1):
                out[n][c].append([])
                for j in range((W - b) // s + 1):
                    out[n][c][i].append(float(x[n, c, i*s:i*s+a, j*s:j*s+b].max()))
    return out, (x, a, b, s)


def max_pool_backward_naive(dout, cache):
    x, a, b, s = cache
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dout.shape):
        k = x[n, c, i*s:i*s+a, j*s:j*s+b].argmax()
        dx[n, c, i*s + k // b, j*s + k % b] += dout[n, c, i, j]
    return dx, cache


def avg_pool_forward_naive(x, pool_param):
    a, b, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    out = np.zeros((N, C, (H - a) // s + 1, (W - b) // s + 1), dtype=int)
    for n, c, i, j in np.ndindex(out.shape):
        out[n, c, i, j] = x[n, c, i*s:i*s+a, j*s:j*s+b].mean()
    return out, (x, a, b, s)


def avg_pool_backward_naive(dout, cache):
    x, a, b, s = cache
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dout.shape):
        dx[n, c, i*s:i*s+a, j*s:j*s+b] += dout[n, c, i, j] / (a * b)
    return dx


def global_avg_pool_forward(x):
    return x.mean(axis=(2, 3))  # the backward pass does not need anything else, does it?


def global_avg_pool_backward(dout, cache):
    H, W = cache
    return np.ones((1, 1, H, W)) * dout[:, :, None, None] / (H * W)


def global_max_pool_forward(x):
    return x.max(axis=(2, 3)), x, x.shape


def global_max_pool_backward(dout, x, shape):
    dx = np.zeros(shape)
    for n, c in np.ndindex(dout.shape):
        dx[n, c].flat[x[n, c].argmax()] = dout[n, c]
    return dx


def activations_discarded():
    return 0.75


def learnable_parameters():
    return "none"


def two_by_two_pool_size():
    return (55 - 2) / 2 + 1


def overlapping_pool_size():
    print((55 - 3) / 2 + 1)


def depth_after_pooling():
    return (96, 27, 27)
