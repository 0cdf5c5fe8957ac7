"""Batch normalization as slowly and as obviously as it can be written: one number at a time.

The backward pass goes through the definition of the derivative: how much does output j of a feature change when example
i of it does, added up over all j.
"""

import math

import numpy as np


def mean_of(values):
    total = 0.0
    for value in values:
        total += value
    return total / len(values)


def variance_of(values):
    mean = mean_of(values)
    return mean_of([(value - mean) ** 2 for value in values])


def forward(x, gamma, beta, mean, var, eps):
    """(x - mean) / sqrt(var + eps), scaled and shifted, with statistics that are given."""
    out = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for d in range(x.shape[1]):
            out[i, d] = gamma[d] * (x[i, d] - mean[d]) / math.sqrt(var[d] + eps) + beta[d]
    return out


def statistics(x):
    """Mean and biased variance of every feature."""
    columns = [[x[i, d] for i in range(x.shape[0])] for d in range(x.shape[1])]
    return np.array([mean_of(c) for c in columns]), np.array([variance_of(c) for c in columns])


def backward(dout, x, gamma, eps):
    """The backward pass, from the slope of every x_hat[j] in every x[i]. With s the root of var + eps, it is

    (1 if i is j) / s - 1 / (N s) - (x[i] - mean) (x[j] - mean) / (N s³).
    """
    N, D = x.shape
    mean, var = statistics(x)
    dx, dgamma, dbeta = np.zeros((N, D)), np.zeros(D), np.zeros(D)
    for d in range(D):
        s = math.sqrt(var[d] + eps)
        for j in range(N):
            dgamma[d] += dout[j, d] * (x[j, d] - mean[d]) / s
            dbeta[d] += dout[j, d]
            for i in range(N):
                slope = (1.0 if i == j else 0.0) / s - 1 / (N * s)
                slope -= (x[i, d] - mean[d]) * (x[j, d] - mean[d]) / (N * s**3)
                dx[i, d] += dout[j, d] * gamma[d] * slope
    return dx, dgamma, dbeta


def population(batches):
    """Means of the batch means and of the unbiased batch variances."""
    D, m = batches[0].shape[1], len(batches[0])
    mean, var = np.zeros(D), np.zeros(D)
    for d in range(D):
        columns = [[batch[i, d] for i in range(m)] for batch in batches]
        mean[d] = mean_of([mean_of(column) for column in columns])
        squares = [sum((value - mean_of(column)) ** 2 for value in column) for column in columns]
        var[d] = mean_of([square / (m - 1) for square in squares])
    return mean, var
