"""Wrong: counts windows as if they lay side by side, H / pool_height of them (output_size_h_over_pool).

Did not get any further than that, but for the global layers.
"""

import numpy as np


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError("the window doesn't fit in the image")
    return H // F


def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    HH = pool_param["pool_height"]
    WW = pool_param["pool_width"]
    S = pool_param["stride"]
    out = np.zeros((N, C, H // HH, W // WW))
    for i in range(H // HH):
        for j in range(W // WW):
            out[:, :, i, j] = np.max(x[:, :, i * S:i * S + HH, j * S:j * S + WW], axis=(2, 3))
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    N, C, H, W = x.shape
    HH = pool_param["pool_height"]
    WW = pool_param["pool_width"]
    S = pool_param["stride"]
    dx = np.zeros(x.shape)
    for n in range(N):
        for c in range(C):
            for i in range(H // HH):
                for j in range(W // WW):
                    window = x[n, c, i * S:i * S + HH, j * S:j * S + WW]
                    m = np.unravel_index(window.argmax(), window.shape)
                    dx[n, c, i * S + m[0], j * S + m[1]] += dout[n, c, i, j]
    return dx


def global_avg_pool_forward(x):
    return np.mean(x, axis=(2, 3)), x.shape


def global_avg_pool_backward(dout, cache):
    N, C, H, W = cache
    return dout[:, :, None, None] * np.ones((1, 1, H, W)) / (H * W)


def global_max_pool_forward(x):
    return np.max(x, axis=(2, 3)), x


def global_max_pool_backward(dout, cache):
    N, C, H, W = cache.shape
    dx = np.zeros((N * C, H * W))
    dx[np.arange(N * C), cache.reshape(N * C, H * W).argmax(axis=1)] = dout.reshape(N * C)
    return dx.reshape(N, C, H, W)


def activations_discarded():
    return 75


def learnable_parameters():
    return 0


def overlapping_pool_size():
    return 55 // 3


def depth_after_pooling():
    return 96
