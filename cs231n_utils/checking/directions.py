"""Judging directional_error, where every random direction of unit length is right.

A case calls the function twice, with `seed` and `seed2`. Where the analytic gradient dx is c times the right one, the
relative error is |1 - c| / (1 + |c|) along every direction, so that it can be judged without knowing which was drawn.
Where dx is wrong in another way, the error depends on the direction: then it must be equal for equal seeds and differ
for different ones.
"""

from collections.abc import Mapping

import numpy as np

from cs231n_utils.checking.given import GIVEN
from cs231n_utils.checking.key import Tolerance
from cs231n_utils.checking.values import Value
from cs231n_utils.gradient_check import eval_numerical_gradient_array

__all__ = ["fingerprint", "judge_error", "judge_error2"]

SEEN = 2e-6  # an error above this is one; central differences and rounding stay well below it

Values = Mapping[str, Value]


def judge_error(inputs: Values, results: Values, tolerance: Tolerance) -> str | None:
    """Judge the first call's result, `error`."""
    return _judge("error", inputs, float(results["error"]))


def judge_error2(inputs: Values, results: Values, tolerance: Tolerance) -> str | None:
    """Judge the second call's result, `error2`, by itself and against the first one."""
    error, error2 = float(results["error"]), float(results["error2"])
    message = _judge("error2", inputs, error2)
    if message is not None or _expected(inputs) is not None:
        return message
    if inputs["seed"] == inputs["seed2"]:
        if abs(error - error2) <= SEEN:
            return None
        return f"two calls with the seed {inputs['seed']} give {error:.4g} and {error2:.4g}, expected equal directions"
    if abs(error - error2) > 1e-9:
        return None
    return f"the seeds {inputs['seed']} and {inputs['seed2']} both give {error:.7g}, expected different directions"


def fingerprint(inputs: Values, results: Values, arguments: Values) -> np.ndarray:
    """What of two errors does not depend on the directions."""
    errors = [np.asarray(results.get(name)) for name in ("error", "error2")]
    if not all(error.size == 1 and error.dtype.kind in "biuf" for error in errors):
        return np.array([-1.0])
    numbers = [float(error.ravel()[0]) for error in errors]
    same = float(abs(numbers[0] - numbers[1]) <= SEEN)
    seen = [float(SEEN < number <= 1) for number in numbers]
    if _expected(inputs) is None:
        return np.array([*seen, same])
    return np.array([*seen, *np.round(numbers, 4)])


def _judge(name: str, inputs: Values, error: float) -> str | None:
    expected = _expected(inputs)
    if expected is None:
        return None if SEEN < error <= 1 else f"{name} = {error:.4g}, expected between 0 and 1: dx is wrong here"
    if abs(error - expected) <= SEEN:
        return None
    about = f"below {SEEN:g}" if expected == 0 else f"{expected:.6g} along every direction"
    return f"{name} = {error:.4g}, expected {about}"


def _expected(inputs: Values) -> float | None:
    """The error along every direction, where dx is a multiple of the right gradient; else None."""
    dx = inputs["dx"]
    right = eval_numerical_gradient_array(GIVEN[inputs["f"]["given"]], inputs["x"].copy(), inputs["df"])
    size = float(np.sum(right**2))
    if size == 0:
        return float(np.any(dx != 0))
    factor = float(np.sum(dx * right)) / size
    if np.linalg.norm(dx - factor * right) > 1e-6 * np.sqrt(size):
        return None
    error = abs(1 - factor) / (1 + abs(factor))
    return error if error > 1e-7 else 0.0
