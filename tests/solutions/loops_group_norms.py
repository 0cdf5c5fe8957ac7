"""Layer, instance and group normalization as slowly and obviously as they can be written: one number at a time.

All of them are one thing: the numbers of an example are put into pockets, each pocket has its mean and its variance.
`pocket_of` says into which pocket the number at a place (without the axis of examples) goes, `channel_of` whose gamma
and beta it gets. The backward pass follows the chain rule through every step, nothing is simplified.
"""

import math

import numpy as np


def layer(D):
    """pocket_of and channel_of of layer normalization."""
    return lambda place: 0, lambda place: place[0]


def instance(C):
    return lambda place: place[0], lambda place: place[0]


def group(C, G):
    return lambda place: place[0] * G // C, lambda place: place[0]


def pockets(x, pocket_of):
    """Yield (n, places): for every example and pocket, the places whose numbers are in it."""
    for n in range(x.shape[0]):
        found = {}
        for place in np.ndindex(x.shape[1:]):
            found.setdefault(pocket_of(place), []).append(place)
        for places in found.values():
            yield n, places


def statistics(x, n, places):
    mean = sum(x[n, *place] for place in places) / len(places)
    variance = sum((x[n, *place] - mean) ** 2 for place in places) / len(places)
    return mean, variance


def forward(x, gamma, beta, eps, kind):
    pocket_of, channel_of = kind
    out = np.zeros(x.shape)
    for n, places in pockets(x, pocket_of):
        mean, variance = statistics(x, n, places)
        for place in places:
            c = channel_of(place)
            out[n, *place] = gamma[c] * (x[n, *place] - mean) / math.sqrt(variance + eps) + beta[c]
    return out


def backward(dout, x, gamma, eps, kind):
    pocket_of, channel_of = kind
    dx, dgamma, dbeta = np.zeros(x.shape), np.zeros(len(gamma)), np.zeros(len(gamma))
    for n, places in pockets(x, pocket_of):
        m = len(places)
        mean, variance = statistics(x, n, places)
        std = math.sqrt(variance + eps)
        dmean, dvariance = 0.0, 0.0
        for place in places:
            c = channel_of(place)
            dgamma[c] += dout[n, *place] * (x[n, *place] - mean) / std
            dbeta[c] += dout[n, *place]
            dxhat = dout[n, *place] * gamma[c]
            dx[n, *place] += dxhat / std
            dmean -= dxhat / std
            dvariance += dxhat * (x[n, *place] - mean) * -0.5 * std**-3
        for place in places:
            dx[n, *place] += dmean / m + dvariance * 2 * (x[n, *place] - mean) / m
    return dx, dgamma, dbeta
