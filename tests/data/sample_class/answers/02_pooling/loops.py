"""Right. Nested Python loops everywhere, one number at a time; the fast versions loop over the window's offsets."""

import numpy as np

ANSWERS = {
    "explain_pooling_invariance": """
Two different things are mixed up here. The filter is the same everywhere, so when the cat moves, its response moves
along: in part 8 the maps of the shifted image were the shifted maps. That has nothing to do with pooling. 2×2 pooling
then only forgets where in each window the response was. In my runs of part 7 the output changed less than the pixels
when the photograph was shifted by one pixel, but it was not zero, and for a bigger shift it helped very little. Only the
global pooling at the end throws the place away completely. So the sentence is right for a network with shared filters
and global pooling, not because of max pooling.
""",
}


def pool_output_size(H, F, S):
    if F > H:
        raise ValueError("the window is bigger than the picture")
    n = 0
    pos = 0
    while pos + F <= H:
        n += 1
        pos += S
    return n


def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    ph = pool_param['pool_height']
    pw = pool_param['pool_width']
    st = pool_param['stride']
    Ho = pool_output_size(H, ph, st)
    Wo = pool_output_size(W, pw, st)
    out = np.zeros((N, C, Ho, Wo))
    for n in range(N):
        for c in range(C):
            for a in range(Ho):
                for b in range(Wo):
                    biggest = x[n, c, a * st, b * st]
                    for u in range(ph):
                        for v in range(pw):
                            val = x[n, c, a * st + u, b * st + v]
                            if val > biggest:
                                biggest = val
                    out[n, c, a, b] = biggest
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    ph = pool_param['pool_height']
    pw = pool_param['pool_width']
    st = pool_param['stride']
    dx = np.zeros(x.shape)
    N, C, Ho, Wo = dout.shape
    for n in range(N):
        for c in range(C):
            for a in range(Ho):
                for b in range(Wo):
                    # find where the max was
                    where = (a * st, b * st)
                    for u in range(ph):
                        for v in range(pw):
                            if x[n, c, a * st + u, b * st + v] > x[n, c, where[0], where[1]]:
                                where = (a * st + u, b * st + v)
                    dx[n, c, where[0], where[1]] += dout[n, c, a, b]
    return dx


def avg_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    ph = pool_param['pool_height']
    pw = pool_param['pool_width']
    st = pool_param['stride']
    Ho = pool_output_size(H, ph, st)
    Wo = pool_output_size(W, pw, st)
    out = np.zeros((N, C, Ho, Wo))
    for n in range(N):
        for c in range(C):
            for a in range(Ho):
                for b in range(Wo):
                    total = 0.0
                    for u in range(ph):
                        for v in range(pw):
                            total += x[n, c, a * st + u, b * st + v]
                    out[n, c, a, b] = total / (ph * pw)
    return out, (x, pool_param)


def avg_pool_backward_naive(dout, cache):
    x, pool_param = cache
    ph = pool_param['pool_height']
    pw = pool_param['pool_width']
    st = pool_param['stride']
    dx = np.zeros(x.shape)
    N, C, Ho, Wo = dout.shape
    for n in range(N):
        for c in range(C):
            for a in range(Ho):
                for b in range(Wo):
                    for u in range(ph):
                        for v in range(pw):
                            dx[n, c, a * st + u, b * st + v] += dout[n, c, a, b] / (ph * pw)
    return dx


def global_avg_pool_forward(x):
    N, C, H, W = x.shape
    out = np.zeros((N, C))
    for n in range(N):
        for c in range(C):
            for i in range(H):
                for j in range(W):
                    out[n, c] += x[n, c, i, j]
            out[n, c] /= H * W
    return out, x


def global_avg_pool_backward(dout, cache):
    N, C, H, W = cache.shape
    dx = np.zeros((N, C, H, W))
    for n in range(N):
        for c in range(C):
            for i in range(H):
                for j in range(W):
                    dx[n, c, i, j] = dout[n, c] / (H * W)
    return dx


def global_max_pool_forward(x):
    N, C, H, W = x.shape
    out = np.zeros((N, C))
    places = {}
    for n in range(N):
        for c in range(C):
            best = (0, 0)
            for i in range(H):
                for j in range(W):
                    if x[n, c, i, j] > x[n, c, best[0], best[1]]:
                        best = (i, j)
            places[n, c] = best
            out[n, c] = x[n, c, best[0], best[1]]
    return out, (x.shape, places)


def global_max_pool_backward(dout, cache):
    shape, places = cache
    dx = np.zeros(shape)
    for (n, c), (i, j) in places.items():
        dx[n, c, i, j] = dout[n, c]
    return dx


def max_pool_forward_fast(x, pool_param):
    N, C, H, W = x.shape
    ph = pool_param['pool_height']
    pw = pool_param['pool_width']
    st = pool_param['stride']
    Ho = pool_output_size(H, ph, st)
    Wo = pool_output_size(W, pw, st)
    out = np.full((N, C, Ho, Wo), -np.inf)
    for u in range(ph):
        for v in range(pw):
            out = np.maximum(out, x[:, :, u:u + st * Ho:st, v:v + st * Wo:st][:, :, :Ho, :Wo])
    return out, (x, out, pool_param)


def max_pool_backward_fast(dout, cache):
    x, out, pool_param = cache
    ph = pool_param['pool_height']
    pw = pool_param['pool_width']
    st = pool_param['stride']
    Ho, Wo = dout.shape[2:]
    dx = np.zeros(x.shape)
    left = dout.copy()  # what was not given away yet
    for u in range(ph):
        for v in range(pw):
            part = x[:, :, u:u + st * Ho:st, v:v + st * Wo:st][:, :, :Ho, :Wo]
            give = np.where(part == out, left, 0)
            dx[:, :, u:u + st * Ho:st, v:v + st * Wo:st][:, :, :Ho, :Wo] += give
            left = left - give
    return dx


def activations_discarded():
    return 75


def learnable_parameters():
    return 0


def two_by_two_pool_size():
    return pool_output_size(55, 2, 2)


def overlapping_pool_size():
    return pool_output_size(55, 3, 2)


def depth_after_pooling():
    return 96
