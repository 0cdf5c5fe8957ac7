"""Right. as_strided views of all windows at once, and np.add.at for the way back."""

import numpy as np
from numpy.lib.stride_tricks import as_strided


def view_as_windows(x, HH, WW, S):
    """(N, C, H_out, W_out, HH, WW), no copy. Read only!"""
    N, C, H, W = x.shape
    Ho = 1 + (H - HH) // S
    Wo = 1 + (W - WW) // S
    sn, sc, sh, sw = x.strides
    return as_strided(x, (N, C, Ho, Wo, HH, WW), (sn, sc, S * sh, S * sw, sh, sw), writeable=False)


def unpack(p):
    return p["pool_height"], p["pool_width"], p["stride"]


def scatter_max(dout, x, HH, WW, S):
    win = view_as_windows(x, HH, WW, S)
    flat = win.reshape(*win.shape[:4], HH * WW).argmax(axis=-1)
    r, q = np.divmod(flat, WW)
    n, c, i, j = np.ogrid[tuple(slice(k) for k in dout.shape)]
    dx = np.zeros(x.shape)
    np.add.at(dx, (n, c, i * S + r, j * S + q), dout)
    return dx


def pool_output_size(H, F, S):
    size = 1 + (H - F) // S
    if size < 1:
        raise ValueError(f"window {F} > input {H}")
    return size


def max_pool_forward_naive(x, pool_param):
    HH, WW, S = unpack(pool_param)
    return view_as_windows(x, HH, WW, S).max(axis=(-2, -1)), (x, HH, WW, S)


def max_pool_backward_naive(dout, cache):
    return scatter_max(dout, *cache)


def avg_pool_forward_naive(x, pool_param):
    HH, WW, S = unpack(pool_param)
    return view_as_windows(x, HH, WW, S).mean(axis=(-2, -1)), (x.shape, HH, WW, S)


def avg_pool_backward_naive(dout, cache):
    shape, HH, WW, S = cache
    N, C, Ho, Wo = dout.shape
    rows = (S * np.arange(Ho)[:, None] + np.arange(HH)).reshape(1, 1, Ho, 1, HH, 1)
    cols = (S * np.arange(Wo)[:, None] + np.arange(WW)).reshape(1, 1, 1, Wo, 1, WW)
    n = np.arange(N).reshape(N, 1, 1, 1, 1, 1)
    c = np.arange(C).reshape(1, C, 1, 1, 1, 1)
    dx = np.zeros(shape)
    np.add.at(dx, (n, c, rows, cols), dout[..., None, None] / (HH * WW))
    return dx


def global_avg_pool_forward(x):
    return x.mean((2, 3)), x.shape


def global_avg_pool_backward(dout, cache):
    _, _, H, W = cache
    # a read-only view would do, but let's give back a real array
    return np.array(np.broadcast_to(dout[..., None, None], cache)) / (H * W)


def global_max_pool_forward(x):
    return x.max((2, 3)), x


def global_max_pool_backward(dout, cache):
    _, _, H, W = cache.shape
    return scatter_max(dout[:, :, None, None], cache, H, W, 1)


def max_pool_forward_fast(x, pool_param):
    HH, WW, S = unpack(pool_param)
    win = view_as_windows(x, HH, WW, S)
    # first over the columns, then over the rows
    return win.max(axis=-1).max(axis=-1), (x, HH, WW, S)


def max_pool_backward_fast(dout, cache):
    return scatter_max(dout, *cache)


def activations_discarded():
    return 75.0


def learnable_parameters():
    return 0


def two_by_two_pool_size():
    return 27


def overlapping_pool_size():
    return 27


def depth_after_pooling():
    return 96
