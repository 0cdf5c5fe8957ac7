"""Probes: how an exercise that is a class is used, so that plain values come of it.

A model, as the Solver wants it, has a dictionary `params` and a method `loss(X, y=None)`. Names and order of its
parameters are its own business. So a probe puts weights of its own into it that depend on an array's shape alone:
arrays of equal shape get equal numbers, whatever they are called. Then every right network gives the same scores. Axes
of length 1 do not count.

A probe runs where the student's code runs. It says nothing about right or wrong.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = ["PROBES", "GradientMissingError", "LossReturnError", "ParamsError"]

STEPS = (1e-5, 1e-4, 1e-3)
"""Of central differences: the first for float64, the others for models that compute in float32."""


class ParamsError(Exception):
    """A model's params is not a dictionary of arrays."""


class LossReturnError(Exception):
    """What loss returns is neither scores nor (loss, grads)."""


class GradientMissingError(Exception):
    """A parameter has no gradient, or one of another shape."""


def model_scores(
    model: Callable[..., Any], input_shape: Any, blocks: Any, hidden: Any, num_classes: Any, X: np.ndarray
) -> tuple[list[str], Any]:
    """The shapes of the parameters, and the scores at weights that only depend on them."""
    net = model(input_shape, blocks, hidden, num_classes)
    shapes = _shapes(net)
    _fill(net)
    return shapes, net.loss(X)


def model_gradients(
    model: Callable[..., Any],
    input_shape: Any,
    blocks: Any,
    hidden: Any,
    num_classes: Any,
    X: np.ndarray,
    y: np.ndarray,
) -> tuple[list[str], Any, np.ndarray, np.ndarray]:
    """Shapes, the loss, and its slopes along one random direction for each shape of parameters, by gradients and
    measured.

    Returns:
        shapes; loss; slopes by the gradients, (K,); slopes by central differences, (K, number of STEPS).
    """
    net = model(input_shape, blocks, hidden, num_classes)
    shapes = _shapes(net)
    _fill(net)
    loss, grads = _loss_and_grads(net, X, y)
    slopes, measured = [], []
    for shape in sorted(set(shapes)):
        names = [name for name, value in net.params.items() if _text(value) == shape]
        directions = {name: _direction(net.params[name]) for name in names}
        slopes.append(sum(float(np.sum(grads[name] * directions[name])) for name in names))
        measured.append([_slope(net, X, y, directions, step) for step in STEPS])
    return shapes, loss, np.array(slopes), np.array(measured)


def model_start(
    model: Callable[..., Any],
    input_shape: Any,
    blocks: Any,
    hidden: Any,
    num_classes: Any,
    X: np.ndarray,
    y: np.ndarray,
) -> tuple[float, bool, bool]:
    """The loss at the model's own first weights, and whether equal and other seeds make the same weights."""
    one, same, other = (model(input_shape, blocks, hidden, num_classes, seed=seed) for seed in (1, 1, 2))
    loss, _ = _loss_and_grads(one, X, y)
    return float(loss), _equal(one, same), _equal(one, other)


def model_fit(
    model: Callable[..., Any],
    input_shape: Any,
    blocks: Any,
    hidden: Any,
    num_classes: Any,
    X: np.ndarray,
    y: np.ndarray,
    solver: Mapping[str, Any],
) -> float:
    """The share of training examples that the model knows when the Solver has trained it."""
    from cs231n_utils.solver import Solver

    net = model(input_shape, blocks, hidden, num_classes)
    _loss_and_grads(net, X[:2], y[:2])
    training = Solver(
        net,
        {"X_train": X, "y_train": y},
        optim_config={"learning_rate": solver["learning_rate"]},
        num_epochs=solver["num_epochs"],
        batch_size=solver["batch_size"],
        measure_every=solver["num_epochs"],
        progress=False,
    )
    training.train()
    return training.train_acc_history[-1]


def trained_accuracy(
    train: Callable[..., Any], X: np.ndarray, y: np.ndarray, X_test: np.ndarray, y_test: np.ndarray, seed: int
) -> float:
    """The share of X_test that a model knows which `train` has made from X and y."""
    from cs231n_utils.solver import Solver

    net = train(Solver, X, y, seed)
    return float(np.mean(np.argmax(net.loss(X_test), axis=1) == y_test))


def _params(net: Any) -> dict[str, np.ndarray]:
    params = getattr(net, "params", None)
    if not isinstance(params, dict) or not params:
        raise ParamsError("the network has no dictionary params, or an empty one; expected self.params = {name: array}")
    for name, value in params.items():
        if not isinstance(value, np.ndarray):
            raise ParamsError(f"params[{name!r}] is of type {type(value).__name__}, expected a NumPy array")
    return params


def _text(value: np.ndarray) -> str:
    """A shape without its ones: '16×8×3×3'."""
    return "×".join(str(side) for side in value.shape if side != 1) or "1"


def _shapes(net: Any) -> list[str]:
    return sorted(map(_text, _params(net).values()))


def _draw(value: np.ndarray, salt: int) -> np.ndarray:
    """Normal random numbers that depend on the shape alone."""
    sides = [side for side in value.shape if side != 1]
    return np.random.default_rng([salt, *sides]).standard_normal(sides).reshape(value.shape)


def _fill(net: Any) -> None:
    """Weights of the size that keeps activations alive, and biases that are not 0."""
    for name, value in list(net.params.items()):
        sides = [side for side in value.shape if side != 1]
        fan_in = {0: 9, 1: 9, 2: sides[0] if sides else 1}.get(len(sides), int(np.prod(sides[1:])))
        net.params[name] = (np.sqrt(2 / fan_in) * _draw(value, 1)).astype(value.dtype)


def _direction(value: np.ndarray) -> np.ndarray:
    draw = _draw(value, 2)
    return np.asarray(draw / np.linalg.norm(draw))


def _loss_and_grads(net: Any, X: np.ndarray, y: np.ndarray) -> tuple[Any, dict[str, np.ndarray]]:
    returned = net.loss(X, y)
    if not isinstance(returned, tuple | list) or len(returned) != 2 or not isinstance(returned[1], dict):
        raise LossReturnError("loss(X, y) did not return (loss, grads), with a dictionary grads")
    loss, grads = returned
    for name, value in _params(net).items():
        if name not in grads:
            raise GradientMissingError(
                f"grads has no {name!r}, which is in params; grads has {sorted(map(str, grads))}"
            )
        if np.shape(grads[name]) != value.shape:
            raise GradientMissingError(f"grads[{name!r}].shape = {np.shape(grads[name])}, expected {value.shape}")
    return loss, grads


def _slope(net: Any, X: np.ndarray, y: np.ndarray, directions: Mapping[str, np.ndarray], step: float) -> float:
    losses = []
    before = dict(net.params)
    for signed in (step, -step):
        for name, direction in directions.items():
            net.params[name] = (before[name] + signed * direction).astype(before[name].dtype)
        losses.append(float(net.loss(X, y)[0]))
        net.params.update(before)
    return (losses[0] - losses[1]) / (2 * step)


def _equal(one: Any, other: Any) -> bool:
    a, b = _params(one), _params(other)
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


PROBES: dict[str, Callable[..., Any]] = {
    "model_scores": model_scores,
    "model_gradients": model_gradients,
    "model_start": model_start,
    "model_fit": model_fit,
    "trained_accuracy": trained_accuracy,
}
"""By name. The first argument is the student's class, the others are inputs of the case."""
