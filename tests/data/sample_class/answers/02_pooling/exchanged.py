"""Wrong: height and width exchanged in max pooling's forward and average pooling's backward pass
(height_width_exchanged). Max pooling's backward pass follows its forward pass and is wrong with it. No fast versions.
"""

import numpy as np


def pool_output_size(H, F, S):
    if F > H: raise ValueError("F must not be larger than H")
    return int((H - F) / S) + 1


def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    WW, HH, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    H_out = (H - HH) // S + 1
    W_out = (W - WW) // S + 1
    out = np.zeros((N, C, H_out, W_out))
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    out[n, c, i, j] = np.max(x[n, c, i * S : i * S + HH, j * S : j * S + WW])
    return out, (x, HH, WW, S)


def max_pool_backward_naive(dout, cache):
    x, HH, WW, S = cache
    N, C, H, W = x.shape
    dx = np.zeros((N, C, H, W))
    for n in range(N):
        for c in range(C):
            for i in range(min(dout.shape[2], (H - HH) // S + 1)):
                for j in range(min(dout.shape[3], (W - WW) // S + 1)):
                    window = x[n, c, i * S : i * S + HH, j * S : j * S + WW]
                    p, q = np.argwhere(window == window.max())[0]
                    dx[n, c, i * S + p, j * S + q] += dout[n, c, i, j]
    return dx


def avg_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    H_out = (H - HH) // S + 1
    W_out = (W - WW) // S + 1
    out = np.zeros((N, C, H_out, W_out))
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    out[n, c, i, j] = np.mean(x[n, c, i * S : i * S + HH, j * S : j * S + WW])
    return out, (x.shape, pool_param)


def avg_pool_backward_naive(dout, cache):
    shape, pool_param = cache
    HH, WW, S = pool_param["pool_width"], pool_param["pool_height"], pool_param["stride"]
    dx = np.zeros(shape)
    for n in range(dout.shape[0]):
        for c in range(dout.shape[1]):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    dx[n, c, i * S : i * S + HH, j * S : j * S + WW] += dout[n, c, i, j] / (HH * WW)
    return dx


def global_avg_pool_forward(x):
    out = np.mean(x, axis=(2, 3))
    return out, x


def global_avg_pool_backward(dout, cache):
    N, C, H, W = cache.shape
    return np.einsum("nc,nchw->nchw", dout, np.ones(cache.shape)) / (H * W)


def global_max_pool_forward(x):
    out = np.max(x, axis=(2, 3))
    return out, x


def global_max_pool_backward(dout, cache):
    N, C, H, W = cache.shape
    dx = np.zeros((N, C, H, W))
    for n in range(N):
        for c in range(C):
            p, q = np.argwhere(cache[n, c] == cache[n, c].max())[0]
            dx[n, c, p, q] = dout[n, c]
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
