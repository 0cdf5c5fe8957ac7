"""Wrong: the rows of a window begin at i, not at i * stride (stride_missing_in_slice), in max pooling.

max_pool_backward_naive uses the same rows and is right for that: the follow-through share. The average is right.
"""

import numpy as np


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError
    return (H - F) // S + 1


def max_pool_forward_naive(x, pool_param):
    h, w, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    H1 = pool_output_size(x.shape[2], h, stride)
    W1 = pool_output_size(x.shape[3], w, stride)
    out = np.zeros((len(x), len(x[0]), H1, W1))
    for n in range(len(x)):
        for c in range(len(x[0])):
            for i in range(H1):
                for j in range(W1):
                    out[n, c, i, j] = x[n, c, i:i+h, j*stride:j*stride+w].max()
    return out, (x, h, w, stride)


def max_pool_backward_naive(dout, cache):
    x, h, w, stride = cache
    dx = np.zeros(x.shape)
    for n in range(dout.shape[0]):
        for c in range(dout.shape[1]):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    window = x[n, c, i:i+h, j*stride:j*stride+w]
                    best = window.argmax()
                    dx[n, c, i + best // w, j*stride + best % w] += dout[n, c, i, j]
    return dx


def avg_pool_forward_naive(x, pool_param):
    h, w, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    H1 = pool_output_size(x.shape[2], h, stride)
    W1 = pool_output_size(x.shape[3], w, stride)
    out = np.zeros((len(x), len(x[0]), H1, W1))
    for n in range(len(x)):
        for c in range(len(x[0])):
            for i in range(H1):
                for j in range(W1):
                    out[n, c, i, j] = x[n, c, i*stride:i*stride+h, j*stride:j*stride+w].mean()
    return out, (x, h, w, stride)


def avg_pool_backward_naive(dout, cache):
    x, h, w, stride = cache
    dx = np.zeros(x.shape)
    for n in range(dout.shape[0]):
        for c in range(dout.shape[1]):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    dx[n, c, i*stride:i*stride+h, j*stride:j*stride+w] += dout[n, c, i, j] / (h*w)
    return dx


def activations_discarded():
    return 75


def learnable_parameters():
    return 0
