"""Wrong: starts a window at every multiple of the stride, also where it does not fit (loops_over_range_stride).

In average pooling the output is an array that has no room for these windows, so that it crashes.
"""

import numpy as np


def pool_output_size(H, F, S):
    return len(range(0, H, S))


def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    HH, WW, stride = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    rows = []
    for i in range(0, H, stride):
        row = []
        for j in range(0, W, stride):
            row.append(x[:, :, i:i + HH, j:j + WW].max(axis=(2, 3)))
        rows.append(row)
    out = np.array(rows).transpose(2, 3, 0, 1)
    return out, (x, pool_param)


def avg_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    HH, WW, stride = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    out = np.zeros((N, C, (H - HH) // stride + 1, (W - WW) // stride + 1))
    for i in range(0, H, stride):
        for j in range(0, W, stride):
            out[:, :, i, j] = x[:, :, i:i + HH, j:j + WW].mean(axis=(2, 3))
    return out, (x, pool_param)


def avg_pool_backward_naive(dout, cache):
    x, pool_param = cache
    N, C, H, W = x.shape
    HH, WW, stride = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    dx = np.zeros((N, C, H, W))
    for i in range(0, H, stride):
        for j in range(0, W, stride):
            dx[:, :, i:i + HH, j:j + WW] += dout[:, :, i, j, None, None] / (HH * WW)
    return dx


def global_avg_pool_forward(x):
    N, C, H, W = x.shape
    return np.sum(x, axis=(2, 3)) / (H * W), (N, C, H, W)


def global_avg_pool_backward(dout, cache):
    N, C, H, W = cache
    dx = np.zeros((N, C, H, W))
    for n in range(N):
        for c in range(C):
            dx[n, c] = dout[n, c] / (H * W)
    return dx


def global_max_pool_forward(x):
    return np.amax(x, axis=(2, 3)), x


def activations_discarded():
    return 75


def learnable_parameters():
    return 3 * 3


def two_by_two_pool_size():
    return 28


def overlapping_pool_size():
    return 28


def depth_after_pooling():
    return 96
