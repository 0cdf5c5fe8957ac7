"""Right answers in a notebook whose cells are not as they were handed out: one check cell is gone, one answer's cell is
there twice with the same grade_id, and one check cell is empty. None of that may cost anything.
"""

import numpy as np

CHANGES = [
    ("cell_deleted", "check_max_pool_forward_naive"),
    ("cell_duplicated", "avg_pool_forward_naive"),
    ("cell_emptied", "check_avg_pool_backward_naive"),
]


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError("F > H")
    return (H - F) // S + 1


def grid(x, pool_param):
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    return np.moveaxis(np.lib.stride_tricks.sliding_window_view(x, (ph, pw), (2, 3))[:, :, ::s, ::s], (4, 5), (0, 1))


def max_pool_forward_naive(x, pool_param):
    return grid(x, pool_param).max(axis=(0, 1)), (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    s = pool_param["stride"]
    g = grid(x, pool_param)
    best = g.max(axis=(0, 1))
    dx, todo = np.zeros(x.shape), np.ones(dout.shape)
    for p in range(g.shape[0]):
        for q in range(g.shape[1]):
            hit = todo * (g[p, q] == best)
            todo -= hit
            rows = p + s * np.arange(dout.shape[2])
            cols = q + s * np.arange(dout.shape[3])
            dx[:, :, rows[:, None], cols] += hit * dout
    return dx


def avg_pool_forward_naive(x, pool_param):
    return grid(x, pool_param).mean(axis=(0, 1)), (x.shape, pool_param)


def avg_pool_backward_naive(dout, cache):
    shape, pool_param = cache
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(shape)
    for p in range(ph):
        for q in range(pw):
            rows = p + s * np.arange(dout.shape[2])
            cols = q + s * np.arange(dout.shape[3])
            dx[:, :, rows[:, None], cols] += dout / (ph * pw)
    return dx


def global_avg_pool_forward(x):
    return x.mean(axis=(2, 3)), x


def global_avg_pool_backward(dout, cache):
    return np.multiply.outer(dout, np.ones(cache.shape[2:])) / cache[0, 0].size


def global_max_pool_forward(x):
    return x.max(axis=(2, 3)), x


def global_max_pool_backward(dout, cache):
    first = cache.reshape(*dout.shape, -1).argmax(axis=-1)
    return (np.eye(cache[0, 0].size)[first] * dout[..., None]).reshape(cache.shape)


def max_pool_forward_fast(x, pool_param):
    return max_pool_forward_naive(x, pool_param)


def max_pool_backward_fast(dout, cache):
    return max_pool_backward_naive(dout, cache)


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
