"""Wrong: every maximum starts from 0, so images of negative numbers give 0 (zero_initialised_maximum).

Two of the backward passes are right for that wrong forward pass. Global average and the questions are right.
"""

import numpy as np


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError('too large')
    return (H - F) // S + 1


def max_pool_forward_naive(x, pool_param):
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    N, C, H, W = x.shape
    out = np.zeros((N, C, pool_output_size(H, ph, s), pool_output_size(W, pw, s)))
    for n in range(N):
        for c in range(C):
            for i in range(out.shape[2]):
                for j in range(out.shape[3]):
                    for a in range(i * s, i * s + ph):
                        for b in range(j * s, j * s + pw):
                            if x[n, c, a, b] > out[n, c, i, j]:
                                out[n, c, i, j] = x[n, c, a, b]
    return out, (x, out, pool_param)


def max_pool_backward_naive(dout, cache):
    x, out, pool_param = cache
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(*dout.shape):
        done = False
        for a in range(i * s, i * s + ph):
            for b in range(j * s, j * s + pw):
                if not done and x[n, c, a, b] == out[n, c, i, j]:
                    dx[n, c, a, b] += dout[n, c, i, j]
                    done = True
    return dx


def avg_pool_forward_naive(x, pool_param):
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    N, C, H, W = x.shape
    out = np.zeros((N, C, pool_output_size(H, ph, s), pool_output_size(W, pw, s)))
    for a in range(ph):
        for b in range(pw):
            for i in range(out.shape[2]):
                for j in range(out.shape[3]):
                    out[:, :, i, j] += x[:, :, i * s + a, j * s + b]
    return out / (ph * pw), (x, pool_param)


def avg_pool_backward_naive(dout, cache):
    x, pool_param = cache
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    dx = np.zeros(x.shape)
    for a in range(ph):
        for b in range(pw):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    dx[:, :, i * s + a, j * s + b] += dout[:, :, i, j] / (ph * pw)
    return dx


def global_avg_pool_forward(x):
    N, C, H, W = x.shape
    return x.reshape(N, C, H * W).mean(axis=2), x


def global_avg_pool_backward(dout, cache):
    N, C, H, W = cache.shape
    return np.repeat(dout[:, :, None] / (H * W), H * W, axis=2).reshape(N, C, H, W)


def global_max_pool_forward(x):
    out = np.zeros(x.shape[:2])
    for row in range(x.shape[2]):
        for col in range(x.shape[3]):
            out = np.maximum(out, x[:, :, row, col])
    return out, (x, out)


def max_pool_forward_fast(x, pool_param):
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    Ho, Wo = pool_output_size(x.shape[2], ph, s), pool_output_size(x.shape[3], pw, s)
    out = np.zeros(x.shape[:2] + (Ho, Wo))
    for a in range(ph):
        for b in range(pw):
            out = np.maximum(out, x[:, :, a:a + s * Ho - s + 1:s, b:b + s * Wo - s + 1:s])
    return out, (x, out, pool_param)


def max_pool_backward_fast(dout, cache):
    x, out, pool_param = cache
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    Ho, Wo = dout.shape[2:]
    dx = np.zeros(x.shape)
    rest = np.array(dout)
    for a in range(ph):
        for b in range(pw):
            here = np.index_exp[:, :, a:a + s * Ho - s + 1:s, b:b + s * Wo - s + 1:s]
            give = rest * (x[here] == out)
            dx[here] += give
            rest -= give
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
