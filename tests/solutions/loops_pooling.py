"""Pooling as slowly and as obviously as it can be written: one number at a time, no NumPy beyond indexing.

Each backward pass takes x itself instead of a cache, and gives a tie to the first pixel in reading order.
"""

import numpy as np


def output_size(H, F, S):
    """Slide the window along and count."""
    count, start = 0, 0
    while start + F <= H:
        count += 1
        start += S
    return count


def windows(x, HH, WW, S):
    """Yield (n, c, i, j, pixels): each output's place, and the list of the pixels (row, column) of its window."""
    N, C, H, W = x.shape
    for n in range(N):
        for c in range(C):
            for i in range(output_size(H, HH, S)):
                for j in range(output_size(W, WW, S)):
                    pixels = []
                    for p in range(HH):
                        for q in range(WW):
                            pixels.append((i * S + p, j * S + q))
                    yield n, c, i, j, pixels


def largest(x, n, c, pixels):
    """The pixel whose value is the largest; the first of them where several tie."""
    winner = pixels[0]
    for pixel in pixels:
        if x[n, c, *pixel] > x[n, c, *winner]:
            winner = pixel
    return winner


def max_pool_forward(x, HH, WW, S):
    out = np.zeros((*x.shape[:2], output_size(x.shape[2], HH, S), output_size(x.shape[3], WW, S)))
    for n, c, i, j, pixels in windows(x, HH, WW, S):
        out[n, c, i, j] = x[n, c, *largest(x, n, c, pixels)]
    return out


def max_pool_backward(dout, x, HH, WW, S):
    dx = np.zeros(x.shape)
    for n, c, i, j, pixels in windows(x, HH, WW, S):
        dx[n, c, *largest(x, n, c, pixels)] += dout[n, c, i, j]
    return dx


def avg_pool_forward(x, HH, WW, S):
    out = np.zeros((*x.shape[:2], output_size(x.shape[2], HH, S), output_size(x.shape[3], WW, S)))
    for n, c, i, j, pixels in windows(x, HH, WW, S):
        for pixel in pixels:
            out[n, c, i, j] += x[n, c, *pixel] / len(pixels)
    return out


def avg_pool_backward(dout, x, HH, WW, S):
    dx = np.zeros(x.shape)
    for n, c, i, j, pixels in windows(x, HH, WW, S):
        for pixel in pixels:
            dx[n, c, *pixel] += dout[n, c, i, j] / len(pixels)
    return dx
