"""One endless loop, in max_pool_backward_naive; the other naive answers are right, and there are no fast ones."""

import numpy as np


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError("F > H")
    k = 0
    while k * S + F <= H:
        k += 1
    return k


def max_pool_forward_naive(x, pool_param):
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    out = np.zeros((N, C, pool_output_size(H, HH, S), pool_output_size(W, WW, S)))
    i = 0
    while i < out.shape[2]:
        j = 0
        while j < out.shape[3]:
            out[:, :, i, j] = x[:, :, i*S:i*S+HH, j*S:j*S+WW].max(axis=(2, 3))
            j += 1
        i += 1
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(x.shape)
    for n in range(dout.shape[0]):
        for c in range(dout.shape[1]):
            i = 0
            while i < dout.shape[2]:
                j = 0
                while j < dout.shape[3]:
                    window = x[n, c, i*S:i*S+HH, j*S:j*S+WW]
                    p, q = np.unravel_index(window.argmax(), window.shape)
                    dx[n, c, i*S + p, j*S + q] += dout[n, c, i, j]
                    i += 1 if j == dout.shape[3] else 0
    return dx


def avg_pool_forward_naive(x, pool_param):
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    out = np.zeros((N, C, pool_output_size(H, HH, S), pool_output_size(W, WW, S)))
    i = 0
    while i < out.shape[2]:
        j = 0
        while j < out.shape[3]:
            out[:, :, i, j] = x[:, :, i*S:i*S+HH, j*S:j*S+WW].mean(axis=(2, 3))
            j += 1
        i += 1
    return out, (x, pool_param)


def avg_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(x.shape)
    i = 0
    while i < dout.shape[2]:
        j = 0
        while j < dout.shape[3]:
            dx[:, :, i*S:i*S+HH, j*S:j*S+WW] += dout[:, :, i:i+1, j:j+1] / (HH * WW)
            j += 1
        i += 1
    return dx


def global_avg_pool_forward(x):
    return x.mean(axis=(2, 3)), x.shape


def global_avg_pool_backward(dout, cache):
    return np.ones(cache) * dout[:, :, None, None] / (cache[2] * cache[3])


def global_max_pool_forward(x):
    return x.max(axis=(2, 3)), x


def global_max_pool_backward(dout, cache):
    dx = np.zeros(cache.shape)
    for n in range(dout.shape[0]):
        for c in range(dout.shape[1]):
            p, q = np.unravel_index(cache[n, c].argmax(), cache[n, c].shape)
            dx[n, c, p, q] += dout[n, c]
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
