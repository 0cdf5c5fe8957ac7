"""Update rules: each takes a parameter, its gradient and its own memory, and returns the next parameter and memory.

`w, config = rule(w, dw, config)`, as in CS231n. Nothing is changed in place, w and dw have the same shape, and what is
missing in config is set to the defaults given in each docstring.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["Config", "UpdateRule", "adam", "rmsprop", "sgd", "sgd_momentum"]

Config = dict[str, Any]
UpdateRule = Callable[[np.ndarray, np.ndarray, Config | None], tuple[np.ndarray, Config]]


def _with_defaults(config: Config | None, defaults: Config) -> Config:
    return defaults | (config or {})


def sgd(w: np.ndarray, dw: np.ndarray, config: Config | None = None) -> tuple[np.ndarray, Config]:
    """Stochastic gradient descent: w ← w - learning_rate · dw.

    config: 'learning_rate' 1e-2.

    >>> sgd(np.array([1.0]), np.array([2.0]), {"learning_rate": 0.1})[0]
    array([0.8])
    """
    config = _with_defaults(config, {"learning_rate": 1e-2})
    return w - config["learning_rate"] * dw, config


def sgd_momentum(w: np.ndarray, dw: np.ndarray, config: Config | None = None) -> tuple[np.ndarray, Config]:
    """Gradient descent with momentum: v ← momentum · v - learning_rate · dw; w ← w + v.

    config: 'learning_rate' 1e-2, 'momentum' 0.9; keeps 'velocity'.

    >>> w, config = sgd_momentum(np.array([1.0]), np.array([2.0]), {"learning_rate": 0.1})
    >>> w, config = sgd_momentum(w, np.array([2.0]), config)
    >>> w.round(6)
    array([0.42])
    """
    config = _with_defaults(config, {"learning_rate": 1e-2, "momentum": 0.9, "velocity": np.zeros_like(w)})
    velocity = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
    return w + velocity, config | {"velocity": velocity}


def rmsprop(w: np.ndarray, dw: np.ndarray, config: Config | None = None) -> tuple[np.ndarray, Config]:
    """RMSProp: the step is divided by a running root mean square of the gradient.

    cache ← decay_rate · cache + (1 - decay_rate) · dw²; w ← w - learning_rate · dw / (√cache + epsilon)

    config: 'learning_rate' 1e-2, 'decay_rate' 0.99, 'epsilon' 1e-8; keeps 'cache'.

    Source: Tieleman and Hinton, lecture 6.5 of Neural Networks for Machine Learning (2012).

    >>> rmsprop(np.array([1.0]), np.array([2.0]), {"learning_rate": 0.1})[0].round(6)
    array([0.])
    """
    defaults = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": np.zeros_like(w)}
    config = _with_defaults(config, defaults)
    cache = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
    return w - config["learning_rate"] * dw / (np.sqrt(cache) + config["epsilon"]), config | {"cache": cache}


def adam(w: np.ndarray, dw: np.ndarray, config: Config | None = None) -> tuple[np.ndarray, Config]:
    """Adam: momentum, divided by a running root mean square, both freed of their start at zero.

    t ← t + 1; m ← beta1 · m + (1 - beta1) · dw; v ← beta2 · v + (1 - beta2) · dw²
    w ← w - learning_rate · m / (1 - beta1ᵗ) / (√(v / (1 - beta2ᵗ)) + epsilon)

    config: 'learning_rate' 1e-3, 'beta1' 0.9, 'beta2' 0.999, 'epsilon' 1e-8; keeps 'm', 'v' and 't'.

    Source: Kingma and Ba, arXiv 1412.6980, algorithm 1.

    >>> adam(np.array([1.0]), np.array([2.0]), {"learning_rate": 0.1})[0].round(6)
    array([0.9])
    """
    defaults = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0}
    config = _with_defaults(config, defaults | {"m": np.zeros_like(w), "v": np.zeros_like(w)})
    beta1, beta2, t = config["beta1"], config["beta2"], config["t"] + 1
    m = beta1 * config["m"] + (1 - beta1) * dw
    v = beta2 * config["v"] + (1 - beta2) * dw**2
    step = config["learning_rate"] * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + config["epsilon"])
    return w - step, config | {"m": m, "v": v, "t": t}
