"""The update rules against their equations, written out over three steps."""

import numpy as np
import pytest

from cs231n_utils import optim

GRADIENTS = (np.array([1.0, -2.0]), np.array([0.5, 0.5]), np.array([-3.0, 0.0]))
START = np.array([0.3, 0.7])


def run(rule, config):
    w = START
    for dw in GRADIENTS:
        w, config = rule(w, dw, config)
    return w, config


def test_sgd():
    w, _ = run(optim.sgd, {"learning_rate": 0.1})
    np.testing.assert_allclose(w, START - 0.1 * sum(GRADIENTS))


def test_momentum():
    w, config = run(optim.sgd_momentum, {"learning_rate": 0.1, "momentum": 0.5})
    v1 = -0.1 * GRADIENTS[0]
    v2 = 0.5 * v1 - 0.1 * GRADIENTS[1]
    v3 = 0.5 * v2 - 0.1 * GRADIENTS[2]
    np.testing.assert_allclose(w, START + v1 + v2 + v3)
    np.testing.assert_allclose(config["velocity"], v3)


def test_rmsprop():
    w, _ = run(optim.rmsprop, {"learning_rate": 0.1, "decay_rate": 0.9, "epsilon": 1e-3})
    expected, cache = START.copy(), np.zeros(2)
    for dw in GRADIENTS:
        cache = 0.9 * cache + 0.1 * dw * dw
        expected = expected - 0.1 * dw / (cache**0.5 + 1e-3)
    np.testing.assert_allclose(w, expected)


def test_adam_weighs_the_past_as_the_paper_says():
    w, config = run(optim.adam, {"learning_rate": 0.1, "beta1": 0.8, "beta2": 0.9, "epsilon": 1e-3})
    expected = START.copy()
    for t in (1, 2, 3):  # the bias-corrected averages, as explicit weighted means of all gradients so far
        first = np.array([0.8 ** (t - s) for s in range(1, t + 1)])
        second = np.array([0.9 ** (t - s) for s in range(1, t + 1)])
        seen = np.array(GRADIENTS[:t])
        m = first @ seen / first.sum()
        v = second @ seen**2 / second.sum()
        expected = expected - 0.1 * m / (np.sqrt(v) + 1e-3)
    np.testing.assert_allclose(w, expected)
    assert config["t"] == 3


@pytest.mark.parametrize("rule", [optim.sgd, optim.sgd_momentum, optim.rmsprop, optim.adam])
def test_nothing_is_changed_in_place_and_minima_are_found(rule):
    w, dw, config = np.array([1.0]), np.array([2.0]), {"learning_rate": 0.05}
    rule(w, dw, config)
    assert (w, dw, config) == (np.array([1.0]), np.array([2.0]), {"learning_rate": 0.05})
    for _ in range(200):
        w, config = rule(w, 2 * (w - 3), config)
    assert abs(w[0] - 3) < 0.1
