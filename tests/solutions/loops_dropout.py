"""Sigmoid, softmax and dropout one number at a time, with the standard library's exp and log.

Dropout takes the mask itself, an array of 0 and 1, in place of a draw.
"""

import math

import numpy as np


def sigmoid(x):
    out = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        value = float(x[index])
        out[index] = 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))
    return out


def sigmoid_backward(dout, x):
    dx = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        s = 1 / (1 + math.exp(-abs(float(x[index]))))  # the slope is even in x
        dx[index] = dout[index] * s * (1 - s)
    return dx


def softmax_loss(x, y):
    """(loss, dx); the largest score is taken off, so that exp stays at most 1."""
    N, C = x.shape
    loss, dx = 0.0, np.zeros(x.shape)
    for n in range(N):
        largest = max(x[n, c] for c in range(C))
        total = math.fsum(math.exp(x[n, c] - largest) for c in range(C))
        loss += (math.log(total) + largest - x[n, y[n]]) / N
        for c in range(C):
            dx[n, c] = (math.exp(x[n, c] - largest) / total - (1 if c == y[n] else 0)) / N
    return loss, dx


def dropout(x, mask, p):
    """Forward with x, backward with dout: the same multiplication."""
    out = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        if mask[index]:
            out[index] = x[index] / p
    return out
