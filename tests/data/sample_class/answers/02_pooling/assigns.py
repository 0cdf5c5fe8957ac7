"""Wrong: = where it must be += , in every backward pass in which windows overlap (assigns_on_overlap)."""

import numpy as np


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError("F > H")
    return (H - F) // S + 1


def max_pool_forward_naive(x, pool_param):
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    H2 = pool_output_size(H, HH, S)
    W2 = pool_output_size(W, WW, S)
    out = np.zeros((N, C, H2, W2))
    for i in range(H2):
        for j in range(W2):
            out[:, :, i, j] = x[:, :, i*S:i*S+HH, j*S:j*S+WW].max(axis=(2, 3))
    return out, (x, HH, WW, S)


def max_pool_backward_naive(dout, cache):
    x, HH, WW, S = cache
    dx = np.zeros(x.shape)
    for n in range(dout.shape[0]):
        for c in range(dout.shape[1]):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    w = x[n, c, i*S:i*S+HH, j*S:j*S+WW]
                    a, b = divmod(np.argmax(w), WW)
                    dx[n, c, i*S + a, j*S + b] = dout[n, c, i, j]
    return dx


def avg_pool_forward_naive(x, pool_param):
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    H2 = pool_output_size(H, HH, S)
    W2 = pool_output_size(W, WW, S)
    out = np.zeros((N, C, H2, W2))
    for i in range(H2):
        for j in range(W2):
            out[:, :, i, j] = x[:, :, i*S:i*S+HH, j*S:j*S+WW].mean(axis=(2, 3))
    return out, (x, HH, WW, S)


def avg_pool_backward_naive(dout, cache):
    x, HH, WW, S = cache
    dx = np.zeros(x.shape)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dx[:, :, i*S:i*S+HH, j*S:j*S+WW] = dout[:, :, i, j].reshape(dout.shape[0], dout.shape[1], 1, 1) / (HH * WW)
    return dx


def global_avg_pool_forward(x):
    return x.mean(axis=(2, 3)), x.shape


def global_avg_pool_backward(dout, cache):
    N, C, H, W = cache
    dx = np.zeros(cache)
    dx[:] = dout.reshape(N, C, 1, 1) / (H * W)
    return dx


def global_max_pool_forward(x):
    return x.max(axis=(2, 3)), x


def global_max_pool_backward(dout, cache):
    dx = np.zeros(cache.shape)
    for n in range(dout.shape[0]):
        for c in range(dout.shape[1]):
            a, b = divmod(np.argmax(cache[n, c]), cache.shape[3])
            dx[n, c, a, b] = dout[n, c]
    return dx


def max_pool_forward_fast(x, pool_param):
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    H2 = pool_output_size(x.shape[2], HH, S)
    W2 = pool_output_size(x.shape[3], WW, S)
    best, who = None, None
    for a in range(HH):
        for b in range(WW):
            this = x[:, :, a:a+(H2-1)*S+1:S, b:b+(W2-1)*S+1:S]
            if best is None:
                best, who = this.copy(), np.zeros(this.shape, int)
            else:
                who[this > best] = a * WW + b
                best = np.maximum(best, this)
    return best, (x, who, HH, WW, S)


def max_pool_backward_fast(dout, cache):
    x, who, HH, WW, S = cache
    H2, W2 = dout.shape[2:]
    dx = np.zeros(x.shape)
    for a in range(HH):
        for b in range(WW):
            dx[:, :, a:a+(H2-1)*S+1:S, b:b+(W2-1)*S+1:S] = (who == a * WW + b) * dout
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
