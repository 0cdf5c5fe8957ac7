"""Gradient checking on lists of Python numbers, one number at a time."""

import math


def rel_error(x, y):
    """x and y are lists of numbers."""
    largest = 0.0
    for a, b in zip(x, y, strict=True):
        largest = max(largest, abs(a - b) / max(1e-8, abs(a) + abs(b)))
    return largest


def gradient(f, x, h):
    """f takes a list of numbers and returns one."""
    grad = []
    for i in range(len(x)):
        up = [value + h if k == i else value for k, value in enumerate(x)]
        down = [value - h if k == i else value for k, value in enumerate(x)]
        grad.append((f(up) - f(down)) / (2 * h))
    return grad


def length(u):
    return math.sqrt(math.fsum(value * value for value in u))
