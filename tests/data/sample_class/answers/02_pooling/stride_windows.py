"""Wrong: max windows are as large as the stride (window_as_large_as_stride); the way back is right for that.

So max_pool_backward_naive earns the follow-through share. Average and global pooling are right; no fast versions.
"""

import numpy as np


def pool_output_size(H, F, S):
    if H < F:
        raise ValueError('H < F')
    return (H - F) // S + 1


def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    stride = pool_param['stride']
    H_new = pool_output_size(H, pool_param['pool_height'], stride)
    W_new = pool_output_size(W, pool_param['pool_width'], stride)
    out = np.zeros((N, C, H_new, W_new))
    for i in range(H_new):
        for j in range(W_new):
            patch = x[:, :, i * stride:(i + 1) * stride, j * stride:(j + 1) * stride]
            out[:, :, i, j] = patch.max(axis=(2, 3))
    return out, (x, stride)


def max_pool_backward_naive(dout, cache):
    x, stride = cache
    N, C, H_new, W_new = dout.shape
    dx = np.zeros(x.shape)
    for n in range(N):
        for c in range(C):
            for i in range(H_new):
                for j in range(W_new):
                    patch = x[n, c, i * stride:(i + 1) * stride, j * stride:(j + 1) * stride]
                    r, s = np.unravel_index(patch.argmax(), patch.shape)
                    dx[n, c, i * stride + r, j * stride + s] += dout[n, c, i, j]
    return dx


def avg_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    ph, pw, stride = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    H_new = pool_output_size(H, ph, stride)
    W_new = pool_output_size(W, pw, stride)
    out = np.zeros((N, C, H_new, W_new))
    for i in range(H_new):
        for j in range(W_new):
            patch = x[:, :, i * stride:i * stride + ph, j * stride:j * stride + pw]
            out[:, :, i, j] = patch.mean(axis=(2, 3))
    return out, (x, ph, pw, stride)


def avg_pool_backward_naive(dout, cache):
    x, ph, pw, stride = cache
    dx = 0 * x.astype(float)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dx[:, :, i * stride:i * stride + ph, j * stride:j * stride + pw] += dout[:, :, i, j, None, None] / (ph * pw)
    return dx


def global_avg_pool_forward(x):
    return x.mean(axis=-1).mean(axis=-1), x


def global_avg_pool_backward(dout, cache):
    dx = np.empty(cache.shape)
    dx.T[...] = dout.T / (cache.shape[2] * cache.shape[3])
    return dx


def global_max_pool_forward(x):
    return x.max(axis=-1).max(axis=-1), x


def global_max_pool_backward(dout, cache):
    dx = np.zeros(cache.shape)
    for n in range(cache.shape[0]):
        for c in range(cache.shape[1]):
            k = cache[n, c].argmax()
            dx[n, c].flat[k] = dout[n, c]
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
