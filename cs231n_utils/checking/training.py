"""Judging a model: its slopes against measured ones, its first loss, and whether it learns.

Weights are drawn by the student's own code, so that first losses and accuracies differ. A wrong one is recognised by
its fingerprint: on which side of what is asked it lies.
"""

from collections.abc import Mapping

import numpy as np

from cs231n_utils.checking.key import Tolerance
from cs231n_utils.checking.values import Value

__all__ = [
    "fit_fingerprint",
    "judge_accuracy",
    "judge_first_loss",
    "judge_held_out",
    "judge_slopes",
    "start_fingerprint",
]

NEAR = (
    0.2  # of log(classes): initial weights as PyTorch, Xavier or He with a small last layer give less than half of it
)
KNOWN = 0.9  # of 50 digits: who learns knows all of them, who does not knows one in ten
UNSEEN = 0.88  # of other digits: our own network knows 96 % of them, and never less than 92 %

Values = Mapping[str, Value]


def judge_slopes(inputs: Values, results: Values, tolerance: Tolerance) -> str | None:
    """Judge `slopes` (K,), by the gradients, against `measured` (K, 3), by central differences with three step widths.

    The small step is for float64: it meets hardly any kink of ReLU or max. With the larger ones float32 is left with
    errors of 1e-7 / step, and a kink now and then. One of them has to agree.
    """
    slopes, measured, shapes = results["slopes"], results.get("measured"), sorted(set(results["shapes"]))
    if not isinstance(measured, np.ndarray) or measured.shape != (len(shapes), 3) or measured.dtype.kind not in "fiu":
        return f"there is no measured slope of shape {(len(shapes), 3)}"
    scale = np.abs(slopes[:, None]) + np.abs(measured)
    close = np.abs(slopes[:, None] - measured) <= scale * (1e-4, 2e-3, 2e-3) + (1e-6, 3e-3, 5e-4)
    for shape, fine, slope, steps in zip(shapes, close, slopes, measured, strict=True):
        if not fine.any():
            return (
                f"along a random direction of the {shape} parameters the loss rises by {steps[0]:.4g} per unit, "
                f"and by your gradients by {slope:.4g}"
            )
    return None


def judge_first_loss(inputs: Values, results: Values, tolerance: Tolerance) -> str | None:
    """Judge `first_loss`: near log(`num_classes`)."""
    classes, loss = inputs["num_classes"], float(results["first_loss"])
    if abs(loss - np.log(classes)) <= NEAR * np.log(classes):
        return None
    return f"the first loss is {loss:.4g}, expected about log({classes}) = {np.log(classes):.4g}"


def judge_accuracy(inputs: Values, results: Values, tolerance: Tolerance) -> str | None:
    """Judge `accuracy` on the training examples when training is over."""
    accuracy = float(results["accuracy"])
    if accuracy >= KNOWN:
        return None
    return f"{accuracy:.0%} of the {len(inputs['y'])} training digits are known after training, expected {KNOWN:.0%}"


def judge_held_out(inputs: Values, results: Values, tolerance: Tolerance) -> str | None:
    """Judge `accuracy` on examples that the model has not seen."""
    accuracy = float(results["accuracy"])
    if accuracy >= UNSEEN:
        return None
    return f"{accuracy:.0%} of {len(inputs['y_test'])} digits that were not trained on are known, expected {UNSEEN:.0%}"


def start_fingerprint(inputs: Values, results: Values, arguments: Values) -> np.ndarray:
    """Is the first loss too large (1), too small (-1) or neither, and do seeds do what they should?"""
    target = np.log(inputs["num_classes"])
    beyond = _number(results.get("first_loss")) / target - 1
    side = 0.0 if abs(beyond) <= NEAR else (1.0 if not beyond < 0 else -1.0)
    return np.array([side, _number(results.get("same_seed_same")), _number(results.get("other_seed_same"))])


def fit_fingerprint(inputs: Values, results: Values, arguments: Values) -> np.ndarray:
    """Was nothing learned at all (0), something (1), or enough (2)?"""
    accuracy = _number(results.get("accuracy"))
    return np.array([0.0 if accuracy <= 0.3 else 1.0 if accuracy < KNOWN else 2.0])


def _number(value: Value) -> float:
    """A record may hold anything: what is no number is not a number."""
    return float(value) if isinstance(value, bool | int | float) and abs(value) < 1e300 else np.nan
