"""Wrong: average pooling's gradients are not divided by the number of pixels (gradient_not_divided). No fast versions."""

import numpy as np


def pool_output_size(H, F, S):
    if not F <= H:
        raise ValueError("F is too big")
    return (H - F) // S + 1


def max_pool_forward_naive(x, pool_param):
    p1, p2, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    h, w = pool_output_size(x.shape[2], p1, s), pool_output_size(x.shape[3], p2, s)
    out = [[[[img[r*s:r*s+p1, q*s:q*s+p2].max() for q in range(w)] for r in range(h)] for img in imgs] for imgs in x]
    return np.array(out), (x, p1, p2, s)


def max_pool_backward_naive(dout, cache):
    x, p1, p2, s = cache
    dx = np.zeros(x.shape)
    for (n, c, r, q), g in np.ndenumerate(dout):
        patch = x[n, c, r*s:r*s+p1, q*s:q*s+p2]
        one = np.zeros(patch.size)
        one[patch.argmax()] = g
        dx[n, c, r*s:r*s+p1, q*s:q*s+p2] += one.reshape(patch.shape)
    return dx


def avg_pool_forward_naive(x, pool_param):
    p1, p2, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    h, w = pool_output_size(x.shape[2], p1, s), pool_output_size(x.shape[3], p2, s)
    out = [[[[img[r*s:r*s+p1, q*s:q*s+p2].mean() for q in range(w)] for r in range(h)] for img in imgs] for imgs in x]
    return np.array(out), (x, p1, p2, s)


def avg_pool_backward_naive(dout, cache):
    x, p1, p2, s = cache
    dx = np.zeros(x.shape)
    for (n, c, r, q), g in np.ndenumerate(dout):
        dx[n, c, r*s:r*s+p1, q*s:q*s+p2] += g
    return dx


def global_avg_pool_forward(x):
    return x.mean(axis=(2, 3)), x


def global_avg_pool_backward(dout, cache):
    return np.ones_like(cache) * dout[:, :, np.newaxis, np.newaxis]


def global_max_pool_forward(x):
    return x.max(axis=(2, 3)), x


def global_max_pool_backward(dout, cache):
    dx = np.zeros(cache.shape)
    for (n, c), g in np.ndenumerate(dout):
        one = np.zeros(cache[n, c].size)
        one[cache[n, c].argmax()] = g
        dx[n, c] = one.reshape(cache[n, c].shape)
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
