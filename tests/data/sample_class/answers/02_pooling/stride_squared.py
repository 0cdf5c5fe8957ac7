"""Wrong: the average is divided by stride squared (divides_by_stride_squared), on the way back too.

So avg_pool_backward_naive is right for its own forward pass and earns the follow-through share.
"""

import numpy as np


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError("window > image")
    return (H - F) // S + 1


def avg_pool_forward_naive(x, pool_param):
    ph, pw, st = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    out = np.zeros((*x.shape[:2], pool_output_size(x.shape[2], ph, st), pool_output_size(x.shape[3], pw, st)))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i*st:i*st+ph, j*st:j*st+pw].sum(axis=(2, 3)) / st**2
    return out, (x.shape, ph, pw, st)


def avg_pool_backward_naive(dout, cache):
    shape, ph, pw, st = cache
    dx = np.zeros(shape)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dx[:, :, i*st:i*st+ph, j*st:j*st+pw] += dout[:, :, i, j][:, :, None, None] / st**2
    return dx


def max_pool_forward_naive(x, pool_param):
    ph, pw, st = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    out = np.zeros((*x.shape[:2], pool_output_size(x.shape[2], ph, st), pool_output_size(x.shape[3], pw, st)))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i*st:i*st+ph, j*st:j*st+pw].max(axis=(2, 3))
    return out, (x, ph, pw, st)


def max_pool_backward_naive(dout, cache):
    x, ph, pw, st = cache
    dx = np.zeros(x.shape)
    N, C = x.shape[:2]
    n, c = np.mgrid[:N, :C]
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            k = x[:, :, i*st:i*st+ph, j*st:j*st+pw].reshape(N, C, -1).argmax(2)
            dx[n, c, i*st + k // pw, j*st + k % pw] += dout[:, :, i, j]
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
