"""Right. A whole layers.py in CS231n's style, pasted into the first answer's cell; the other answers' cells are emptied."""

CHANGES = [("everything_in_one_cell", "pool_output_size")]

from builtins import range

import numpy as np


def affine_forward(x, w, b):
    """Not needed for this notebook."""
    out = x.reshape(x.shape[0], -1).dot(w) + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    dx, dw, db = None, None, None
    ###########################################################################
    # not done yet, that's the next assignment                                #
    ###########################################################################
    pass
    return dx, dw, db


def relu_forward(x):
    return np.maximum(0, x), x


def pool_output_size(H, F, S):
    if H < F:
        raise ValueError('pooling window does not fit')
    return 1 + (H - F) // S


def max_pool_forward_naive(x, pool_param):
    out = None
    ###########################################################################
    #                            max pooling, forward                         #
    ###########################################################################
    N, C, H, W = x.shape
    pool_height = pool_param.get('pool_height', 2)
    pool_width = pool_param.get('pool_width', 2)
    stride = pool_param.get('stride', 2)
    H_prime = int(1 + (H - pool_height) / stride)
    W_prime = int(1 + (W - pool_width) / stride)
    out = np.zeros((N, C, H_prime, W_prime))
    for n in range(N):
        for i in range(H_prime):
            for j in range(W_prime):
                h1 = i * stride
                h2 = i * stride + pool_height
                w1 = j * stride
                w2 = j * stride + pool_width
                window = x[n, :, h1:h2, w1:w2]
                out[n, :, i, j] = np.max(window.reshape((C, pool_height * pool_width)), axis=1)
    ###########################################################################
    cache = (x, pool_param)
    return out, cache


def max_pool_backward_naive(dout, cache):
    dx = None
    x, pool_param = cache
    N, C, H_prime, W_prime = dout.shape
    pool_height = pool_param.get('pool_height', 2)
    pool_width = pool_param.get('pool_width', 2)
    stride = pool_param.get('stride', 2)
    dx = np.zeros(x.shape)
    for n in range(N):
        for c in range(C):
            for i in range(H_prime):
                for j in range(W_prime):
                    h1, w1 = i * stride, j * stride
                    window = x[n, c, h1:h1 + pool_height, w1:w1 + pool_width]
                    ind = np.unravel_index(np.argmax(window, axis=None), window.shape)
                    dx[n, c, h1 + ind[0], w1 + ind[1]] += dout[n, c, i, j]
    return dx


def avg_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    pool_height, pool_width, stride = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    H_prime = 1 + (H - pool_height) // stride
    W_prime = 1 + (W - pool_width) // stride
    out = np.zeros((N, C, H_prime, W_prime))
    for n in range(N):
        for c in range(C):
            for i in range(H_prime):
                for j in range(W_prime):
                    out[n, c, i, j] = np.mean(x[n, c, i * stride:i * stride + pool_height,
                                                j * stride:j * stride + pool_width])
    cache = (x, pool_param)
    return out, cache


def avg_pool_backward_naive(dout, cache):
    x, pool_param = cache
    N, C, H_prime, W_prime = dout.shape
    pool_height, pool_width, stride = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    dx = np.zeros(x.shape)
    for n in range(N):
        for c in range(C):
            for i in range(H_prime):
                for j in range(W_prime):
                    share = dout[n, c, i, j] / (pool_height * pool_width)
                    dx[n, c, i * stride:i * stride + pool_height, j * stride:j * stride + pool_width] += share
    return dx


def global_avg_pool_forward(x):
    out = np.mean(x, axis=(2, 3))
    cache = x
    return out, cache


def global_avg_pool_backward(dout, cache):
    x = cache
    N, C, H, W = x.shape
    dx = np.ones((N, C, H, W)) * dout.reshape(N, C, 1, 1) / (H * W)
    return dx


def global_max_pool_forward(x):
    out = np.max(x, axis=(2, 3))
    cache = (x, out)
    return out, cache


def global_max_pool_backward(dout, cache):
    x, out = cache
    N, C, H, W = x.shape
    mask = (x == out.reshape(N, C, 1, 1))
    dx = mask * dout.reshape(N, C, 1, 1) / mask.sum(axis=(2, 3), keepdims=True)
    return dx


def max_pool_forward_fast(x, pool_param):
    """Reshape if the windows are square and tile x, else take the window apart."""
    N, C, H, W = x.shape
    pool_height, pool_width, stride = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    same_size = pool_height == pool_width == stride
    if same_size and H % pool_height == 0 and W % pool_width == 0:
        x_reshaped = x.reshape(N, C, H // pool_height, pool_height, W // pool_width, pool_width)
        out = x_reshaped.max(axis=5).max(axis=3)
    else:
        H_prime = 1 + (H - pool_height) // stride
        W_prime = 1 + (W - pool_width) // stride
        out = np.full((N, C, H_prime, W_prime), -np.inf)
        for i in range(pool_height):
            for j in range(pool_width):
                np.maximum(out, x[:, :, i:H - pool_height + i + 1:stride, j:W - pool_width + j + 1:stride], out)
    cache = (x, out, pool_param)
    return out, cache


def max_pool_backward_fast(dout, cache):
    x, out, pool_param = cache
    N, C, H, W = x.shape
    pool_height, pool_width, stride = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    dx = np.zeros(x.shape)
    # count the winners of each window first, so that they can share
    count = np.zeros(out.shape)
    for i in range(pool_height):
        for j in range(pool_width):
            count += x[:, :, i:H - pool_height + i + 1:stride, j:W - pool_width + j + 1:stride] == out
    for i in range(pool_height):
        for j in range(pool_width):
            hit = x[:, :, i:H - pool_height + i + 1:stride, j:W - pool_width + j + 1:stride] == out
            dx[:, :, i:H - pool_height + i + 1:stride, j:W - pool_width + j + 1:stride] += hit * dout / count
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
