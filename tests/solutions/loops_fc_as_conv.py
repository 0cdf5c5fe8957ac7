"""Affine layers and convolutions one number at a time; each backward pass takes the inputs instead of a cache."""

import numpy as np


def places(shape):
    """Count the index (c, i, j) of a map, and beside it the number d that row-major flattening gives it."""
    d = 0
    for c in range(shape[0]):
        for i in range(shape[1]):
            for j in range(shape[2]):
                yield d, c, i, j
                d += 1


def affine_forward(x, w, b):
    """x of shape (N, C, H, W)."""
    out = np.zeros((x.shape[0], w.shape[1]))
    for n in range(x.shape[0]):
        for m in range(w.shape[1]):
            out[n, m] = b[m]
            for d, c, i, j in places(x.shape[1:]):
                out[n, m] += x[n, c, i, j] * w[d, m]
    return out


def affine_backward(dout, x, w, b):
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(b.shape)
    for n in range(x.shape[0]):
        for m in range(w.shape[1]):
            db[m] += dout[n, m]
            for d, c, i, j in places(x.shape[1:]):
                dx[n, c, i, j] += dout[n, m] * w[d, m]
                dw[d, m] += dout[n, m] * x[n, c, i, j]
    return dx, dw, db


def output_size(H, F, S, P):
    """Slide the filter along and count."""
    count, start = 0, -P
    while start + F <= H + P:
        count += 1
        start += S
    return count


def meetings(x, w, S, P):
    """Yield (n, f, i, j, c, p, q, row, column) wherever a weight meets a pixel of x, not of the padding."""
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    for n in range(N):
        for f in range(F):
            for i in range(output_size(H, HH, S, P)):
                for j in range(output_size(W, WW, S, P)):
                    for c in range(C):
                        for p in range(HH):
                            for q in range(WW):
                                row, column = i * S + p - P, j * S + q - P
                                if 0 <= row < H and 0 <= column < W:
                                    yield n, f, i, j, c, p, q, row, column


def conv_forward(x, w, b, S, P):
    sizes = output_size(x.shape[2], w.shape[2], S, P), output_size(x.shape[3], w.shape[3], S, P)
    out = np.zeros((x.shape[0], w.shape[0], *sizes))
    for f in range(w.shape[0]):
        out[:, f] = b[f]
    for n, f, i, j, c, p, q, row, column in meetings(x, w, S, P):
        out[n, f, i, j] += w[f, c, p, q] * x[n, c, row, column]
    return out


def conv_backward(dout, x, w, b, S, P):
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(b.shape)
    for n, f, i, j, c, p, q, row, column in meetings(x, w, S, P):
        dx[n, c, row, column] += dout[n, f, i, j] * w[f, c, p, q]
        dw[f, c, p, q] += dout[n, f, i, j] * x[n, c, row, column]
    for n, f, i, j in np.ndindex(*dout.shape):
        db[f] += dout[n, f, i, j]
    return dx, dw, db


def fc_to_conv(w, shape):
    filters = np.zeros((w.shape[1], *shape))
    for m in range(w.shape[1]):
        for d, c, i, j in places(shape):
            filters[m, c, i, j] = w[d, m]
    return filters


def conv_to_fc(filters):
    M, C, H, W = filters.shape
    w = np.zeros((C * H * W, M))
    for m in range(M):
        for d, c, i, j in places((C, H, W)):
            w[d, m] = filters[m, c, i, j]
    return w
