"""Spatial batch normalization as slowly and obviously as it can be written: one channel, one pixel at a time."""

import math

import numpy as np


def channel_statistics(x, c):
    """Mean and (biased) variance of a channel, over all images and pixels."""
    numbers = []
    for n in range(x.shape[0]):
        for i in range(x.shape[2]):
            for j in range(x.shape[3]):
                numbers.append(x[n, c, i, j])
    mean = sum(numbers) / len(numbers)
    return mean, sum((number - mean) ** 2 for number in numbers) / len(numbers)


def forward(x, gamma, beta, eps, statistics=None):
    """`statistics` are (means, variances) to be used in place of the minibatch's own."""
    out = np.zeros(x.shape)
    for c in range(x.shape[1]):
        mean, variance = channel_statistics(x, c) if statistics is None else (statistics[0][c], statistics[1][c])
        for n in range(x.shape[0]):
            for i in range(x.shape[2]):
                for j in range(x.shape[3]):
                    out[n, c, i, j] = gamma[c] * (x[n, c, i, j] - mean) / math.sqrt(variance + eps) + beta[c]
    return out


def backward(dout, x, gamma, eps):
    """The chain rule step by step, nothing simplified."""
    dx, dgamma, dbeta = np.zeros(x.shape), np.zeros(len(gamma)), np.zeros(len(gamma))
    N, _, H, W = x.shape
    places = [(n, i, j) for n in range(N) for i in range(H) for j in range(W)]
    for c in range(len(gamma)):
        mean, variance = channel_statistics(x, c)
        std = math.sqrt(variance + eps)
        dmean, dvariance = 0.0, 0.0
        for n, i, j in places:
            dgamma[c] += dout[n, c, i, j] * (x[n, c, i, j] - mean) / std
            dbeta[c] += dout[n, c, i, j]
            dx_hat = dout[n, c, i, j] * gamma[c]
            dx[n, c, i, j] += dx_hat / std
            dmean -= dx_hat / std
            dvariance += dx_hat * (x[n, c, i, j] - mean) * -0.5 * std**-3
        for n, i, j in places:
            dx[n, c, i, j] += dmean / len(places) + dvariance * 2 * (x[n, c, i, j] - mean) / len(places)
    return dx, dgamma, dbeta
