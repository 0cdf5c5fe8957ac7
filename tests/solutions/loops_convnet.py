"""Notebook 08 by nested loops: slow, obvious, and what the references are tested against."""

import numpy as np


def conv_transpose_forward(x, w, b, stride, pad):
    """Every number of x lays its stamp, weight by weight; what falls on the padding is dropped."""
    N, F, H, W = x.shape
    _, C, HH, WW = w.shape
    out = np.zeros((N, C, (H - 1) * stride - 2 * pad + HH, (W - 1) * stride - 2 * pad + WW))
    for n, f, i, j, c, p, q in np.ndindex(N, F, H, W, C, HH, WW):
        u, v = i * stride + p - pad, j * stride + q - pad
        if 0 <= u < out.shape[2] and 0 <= v < out.shape[3]:
            out[n, c, u, v] += x[n, f, i, j] * w[f, c, p, q]
    for c in range(C):
        out[:, c] += b[c]
    return out


def conv_transpose_backward(dout, x, w, stride, pad):
    """(dx, dw, db): each product of the forward pass hands its gradient to both of its factors."""
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for n, f, i, j, c, p, q in np.ndindex(*x.shape, *w.shape[1:]):
        u, v = i * stride + p - pad, j * stride + q - pad
        if 0 <= u < dout.shape[2] and 0 <= v < dout.shape[3]:
            dx[n, f, i, j] += dout[n, c, u, v] * w[f, c, p, q]
            dw[f, c, p, q] += dout[n, c, u, v] * x[n, f, i, j]
    return dx, dw, np.array([dout[:, c].sum() for c in range(dout.shape[1])])


def scores(X, blocks, convolutions, affines):
    """The scores of a network: convolutions and affines are lists of (w, b), in order."""
    convolutions = list(convolutions)
    for _, repeats, pool in blocks:
        for _ in range(repeats):
            w, b = convolutions.pop(0)
            X = np.maximum(_same_convolution(X, w, b), 0)
        if pool:
            X = _halved(X)
    X = X.reshape(len(X), -1)
    for k, (w, b) in enumerate(affines):
        X = X @ w + b
        if k + 1 < len(affines):
            X = np.maximum(X, 0)
    return X


def _same_convolution(x, w, b):
    N, C, H, W = x.shape
    out = np.zeros((N, len(w), H, W))
    for n, f, i, j in np.ndindex(out.shape):
        out[n, f, i, j] = b[f]
        for c, p, q in np.ndindex(C, 3, 3):
            if 0 <= i + p - 1 < H and 0 <= j + q - 1 < W:
                out[n, f, i, j] += x[n, c, i + p - 1, j + q - 1] * w[f, c, p, q]
    return out


def _halved(x):
    N, C, H, W = x.shape
    out = np.zeros((N, C, H // 2, W // 2))
    for n, c, i, j in np.ndindex(out.shape):
        out[n, c, i, j] = x[n, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max()
    return out
