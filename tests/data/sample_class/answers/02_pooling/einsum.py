"""Right. Reshape where the windows tile the image, a general way where they do not, and einsum for the averages."""

import numpy as np


def selector(H, F, S):
    """0/1 matrix A of shape (H_out, F, H): A[i, p] picks pixel i*S+p."""
    Ho = (H - F) // S + 1
    A = np.zeros((Ho, F, H))
    for i in range(Ho):
        A[i, np.arange(F), i * S + np.arange(F)] = 1.0
    return A


def tiles(x, HH, WW, S):
    return HH == WW == S and x.shape[2] % S == 0 and x.shape[3] % S == 0


def columns(x, HH, WW, S):
    """(N, C, Ho, Wo, HH*WW)"""
    N, C, H, W = x.shape
    if tiles(x, HH, WW, S):
        t = x.reshape(N, C, H // HH, HH, W // WW, WW)
        return t.transpose(0, 1, 2, 4, 3, 5).reshape(N, C, H // HH, W // WW, HH * WW)
    rows = S * np.arange((H - HH) // S + 1)[:, None] + np.arange(HH)
    cols = S * np.arange((W - WW) // S + 1)[:, None] + np.arange(WW)
    w = x[:, :, rows[:, None, :, None], cols[None, :, None, :]]
    return w.reshape(*w.shape[:4], HH * WW)


def back(dcol, shape, HH, WW, S):
    """the transpose of columns: adds everything up again"""
    Ho, Wo = dcol.shape[2:4]
    d = dcol.reshape(*dcol.shape[:4], HH, WW)
    dx = np.zeros(shape)
    for p in range(HH):
        for q in range(WW):
            dx[:, :, p:p + S * (Ho - 1) + 1:S, q:q + S * (Wo - 1) + 1:S] += d[..., p, q]
    return dx


def params(pool_param):
    return [pool_param[k] for k in ("pool_height", "pool_width", "stride")]


def onehot(winner, n):
    return winner[..., None] == np.arange(n)


def pool_output_size(H, F, S):
    assert S > 0
    if F > H:
        raise ValueError("no window fits")
    return int(np.floor((H - F) / S)) + 1


def max_pool_forward_naive(x, pool_param):
    col = columns(x, *params(pool_param))
    return col.max(-1), (x.shape, col.argmax(-1), params(pool_param))


def max_pool_backward_naive(dout, cache):
    shape, winner, (HH, WW, S) = cache
    return back(np.einsum("ncij,ncijk->ncijk", dout, onehot(winner, HH * WW)), shape, HH, WW, S)


def avg_pool_forward_naive(x, pool_param):
    HH, WW, S = params(pool_param)
    A = selector(x.shape[2], HH, S).mean(1)
    B = selector(x.shape[3], WW, S).mean(1)
    return np.einsum("ih,nchw,jw->ncij", A, x, B), (A, B)


def avg_pool_backward_naive(dout, cache):
    A, B = cache
    return np.einsum("ih,ncij,jw->nchw", A, dout, B)


def global_avg_pool_forward(x):
    return np.einsum("nchw->nc", x) / (x.shape[2] * x.shape[3]), x.shape


def global_avg_pool_backward(dout, cache):
    return np.einsum("nc,hw->nchw", dout, np.full(cache[2:], 1 / (cache[2] * cache[3])))


def global_max_pool_forward(x):
    flat = x.reshape(x.shape[0], x.shape[1], -1)
    return flat.max(-1), (x.shape, flat.argmax(-1))


def global_max_pool_backward(dout, cache):
    shape, winner = cache
    return np.einsum("nc,nck->nck", dout, onehot(winner, shape[2] * shape[3])).reshape(shape)


def max_pool_forward_fast(x, pool_param):
    return max_pool_forward_naive(x, pool_param)  # has no loop over pixels anyway


def max_pool_backward_fast(dout, cache):
    return max_pool_backward_naive(dout, cache)


def activations_discarded():
    return 75


def learnable_parameters():
    return 0


def two_by_two_pool_size():
    return (55 - 2) // 2 + 1


def overlapping_pool_size():
    return (55 - 3) // 2 + 1


def depth_after_pooling():
    return 96
