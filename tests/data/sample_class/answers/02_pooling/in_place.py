"""Wrong: both average backward passes divide dout in place, and so change the caller's array. Values are right."""

import numpy as np


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError("window does not fit")
    return (H - F) // S + 1


def avg_pool_forward_naive(x, pool_param):
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    out = np.zeros((N, C, pool_output_size(H, HH, S), pool_output_size(W, WW, S)))
    for p in range(HH):
        for q in range(WW):
            out += x[:, :, p:, q:][:, :, ::S, ::S][:, :, :out.shape[2], :out.shape[3]]
    out /= HH * WW
    return out, (x.shape, pool_param)


def avg_pool_backward_naive(dout, cache):
    shape, pool_param = cache
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dout /= HH * WW
    dx = np.zeros(shape)
    for p in range(HH):
        for q in range(WW):
            dx[:, :, p:, q:][:, :, ::S, ::S][:, :, :dout.shape[2], :dout.shape[3]] += dout
    return dx


def global_avg_pool_forward(x):
    return x.mean(axis=(2, 3)), x.shape


def global_avg_pool_backward(dout, cache):
    dx = np.empty(cache)
    dout /= dx[0, 0].size
    dx[...] = dout[:, :, None, None]
    return dx


def global_max_pool_forward(x):
    return x.max(axis=(2, 3)), x


def global_max_pool_backward(dout, cache):
    dx = np.zeros(cache.shape)
    for n, image in enumerate(cache):
        for c, channel in enumerate(image):
            dx[(n, c) + np.unravel_index(channel.argmax(), channel.shape)] = dout[n, c]
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
