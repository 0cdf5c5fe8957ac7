"""Wrong: written for Python 2 and an old NumPy. xrange comes from a package that is not there, np.float is gone."""

import numpy as np
from past.builtins import xrange


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError("window too big")
    return int((H - F) // S + 1)


def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    out = np.zeros((N, C, (H - h) // s + 1, (W - w) // s + 1))
    for n in xrange(N):
        for c in xrange(C):
            for i in xrange(out.shape[2]):
                for j in xrange(out.shape[3]):
                    out[n, c, i, j] = np.max(x[n, c, i*s:i*s+h, j*s:j*s+w])
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(x.shape)
    for n in xrange(dout.shape[0]):
        for c in xrange(dout.shape[1]):
            for i in xrange(dout.shape[2]):
                for j in xrange(dout.shape[3]):
                    best = np.argmax(x[n, c, i*s:i*s+h, j*s:j*s+w])
                    dx[n, c, i*s + best / w, j*s + best % w] += dout[n, c, i, j]
    return dx


def avg_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    out = np.zeros((N, C, (H - h) // s + 1, (W - w) // s + 1), dtype=np.float)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = np.mean(x[:, :, i*s:i*s+h, j*s:j*s+w], axis=(2, 3))
    return out, (x, pool_param)


def avg_pool_backward_naive(dout, cache):
    x, pool_param = cache
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(x.shape, dtype=np.float)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dx[:, :, i*s:i*s+h, j*s:j*s+w] += dout[:, :, i, j].reshape(x.shape[:2] + (1, 1)) / float(h * w)
    return dx


def global_avg_pool_forward(x):
    return np.mean(x, axis=(2, 3)), x


def global_avg_pool_backward(dout, cache):
    N, C, H, W = cache.shape
    return np.ones(cache.shape) * dout.reshape((N, C, 1, 1)) / float(H * W)


def global_max_pool_forward(x):
    return np.max(x, axis=(2, 3)), x


def global_max_pool_backward(dout, cache):
    N, C, H, W = cache.shape
    dx = np.zeros(cache.shape)
    for n in range(N):
        for c in range(C):
            best = np.argmax(cache[n, c])
            dx[n, c, best // W, best % W] = dout[n, c]
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
