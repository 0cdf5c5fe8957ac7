"""Wrong: max pooling reads the first image for all (first_image_only), average pooling the first channel
(first_channel_only). No backward passes of these two; the rest of the naive part is right.
"""

import numpy as np


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError(f'{F} > {H}')
    return 1 + (H - F) // S


def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    F1, F2, S = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    out = np.zeros((N, C, pool_output_size(H, F1, S), pool_output_size(W, F2, S)))
    for c in range(C):
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                out[:, c, i, j] = np.max(x[0, c, i*S:i*S+F1, j*S:j*S+F2])
    return out, None


def avg_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    F1, F2, S = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    out = np.zeros((N, C, pool_output_size(H, F1, S), pool_output_size(W, F2, S)))
    for n in range(N):
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                out[n, :, i, j] = np.mean(x[n, 0, i*S:i*S+F1, j*S:j*S+F2])
    return out, None


def global_avg_pool_forward(x):
    N, C, H, W = x.shape
    out = np.zeros((N, C))
    for n in range(N):
        for c in range(C):
            out[n, c] = np.mean(x[n, c])
    return out, (H, W)


def global_avg_pool_backward(dout, cache):
    H, W = cache
    return np.kron(dout[:, :, None, None], np.ones((H, W))) / (H * W)


def global_max_pool_forward(x):
    N, C, H, W = x.shape
    out = np.zeros((N, C))
    for n in range(N):
        for c in range(C):
            out[n, c] = np.max(x[n, c])
    return out, x


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
