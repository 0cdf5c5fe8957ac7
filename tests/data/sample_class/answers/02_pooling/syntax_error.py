"""A syntax error in one cell, avg_pool_backward_naive: a missing parenthesis. The other answers are there, and right."""

import numpy as np

CHANGES = [("replaced", "avg_pool_backward_naive", "(pool_height * pool_width)", "(pool_height * pool_width")]


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError("pooling window larger than input")
    return (H - F) // S + 1


def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    pool_height, pool_width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    out = np.zeros((N, C, pool_output_size(H, pool_height, stride), pool_output_size(W, pool_width, stride)))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            y, z = i * stride, j * stride
            out[:, :, i, j] = np.max(x[:, :, y:y+pool_height, z:z+pool_width], axis=(2, 3))
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    pool_height, pool_width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dout.shape):
        y, z = i * stride, j * stride
        window = x[n, c, y:y+pool_height, z:z+pool_width]
        mask = np.zeros(window.shape)
        mask[np.unravel_index(np.argmax(window), window.shape)] = 1
        dx[n, c, y:y+pool_height, z:z+pool_width] += mask * dout[n, c, i, j]
    return dx


def avg_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    pool_height, pool_width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    out = np.zeros((N, C, pool_output_size(H, pool_height, stride), pool_output_size(W, pool_width, stride)))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            y, z = i * stride, j * stride
            out[:, :, i, j] = np.mean(x[:, :, y:y+pool_height, z:z+pool_width], axis=(2, 3))
    return out, (x, pool_param)


def avg_pool_backward_naive(dout, cache):
    x, pool_param = cache
    pool_height, pool_width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dout.shape):
        y, z = i * stride, j * stride
        dx[n, c, y:y+pool_height, z:z+pool_width] += dout[n, c, i, j] / (pool_height * pool_width)
    return dx


def global_avg_pool_forward(x):
    return np.mean(x, axis=(2, 3)), x


def global_avg_pool_backward(dout, cache):
    pixels = cache.shape[2] * cache.shape[3]
    return np.broadcast_to(dout[:, :, None, None] / pixels, cache.shape)


def global_max_pool_forward(x):
    return np.max(x, axis=(2, 3)), x


def global_max_pool_backward(dout, cache):
    dx = np.zeros(cache.shape)
    for n, c in np.ndindex(dout.shape):
        dx[n, c][np.unravel_index(np.argmax(cache[n, c]), cache[n, c].shape)] = dout[n, c]
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
