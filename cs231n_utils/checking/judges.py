"""Judges: where more than one answer is right, they decide instead of equality with the reference.

A judge gets the case's inputs, the results and the tolerance, and says what is wrong, or None. It ships with the
package, so that `check` and the grader judge alike.

Where chance makes every answer different (dropout), a wrong answer cannot be recognised by being equal to what a known
mistake answers. Then a *fingerprint* says what of an answer does not depend on chance, and fingerprints are compared.
"""

from collections.abc import Callable, Mapping

import numpy as np

from cs231n_utils.checking import directions, masks, training
from cs231n_utils.checking.key import Tolerance
from cs231n_utils.checking.values import Value

__all__ = ["DIFFERENTIABLE", "FINGERPRINTS", "JUDGES", "Fingerprint", "Judge"]

Judge = Callable[[Mapping[str, Value], Mapping[str, Value], Tolerance], str | None]

Fingerprint = Callable[[Mapping[str, Value], Mapping[str, Value], Mapping[str, Value]], np.ndarray]
"""From a case's inputs, an answer's results and its arguments afterwards."""


def max_pool_subgradient(inputs: Mapping[str, Value], results: Mapping[str, Value], tolerance: Tolerance) -> str | None:
    """Judge `dx` of a max pooling whose windows do not overlap, with ties.

    Right is every subgradient of the maximum: a window's gradient goes to its maxima, to each a share between nothing
    and all of it, and the shares add up to the whole. Inputs `x`, `dout` and, but for global pooling, `pool_param`.
    """
    x, dx = inputs["x"], results["dx"]
    height, width = x.shape[2:]
    dout = inputs["dout"].reshape(*x.shape[:2], -1) if inputs["dout"].ndim == 2 else inputs["dout"]
    pool = inputs.get("pool_param", {"pool_height": height, "pool_width": width, "stride": max(height, width)})
    tall, wide, stride = pool["pool_height"], pool["pool_width"], pool["stride"]
    if stride < max(tall, wide) and (height > tall or width > wide):
        raise ValueError("ties can be judged only where windows do not overlap")
    outside = np.ones(x.shape[2:], dtype=bool)
    rows, columns = (height - tall) // stride + 1, (width - wide) // stride + 1
    for n, c, i, j in np.ndindex(*x.shape[:2], rows, columns):
        here = (slice(i * stride, i * stride + tall), slice(j * stride, j * stride + wide))
        outside[here] = False
        window, gradient = x[n, c][here], dx[n, c][here]
        upstream = dout[n, c, 0] if dout.ndim == 3 else dout[n, c, i, j]
        slack = tolerance.absolute + tolerance.relative * abs(upstream)
        place = f"the window at dx[{n}, {c}, {here[0].start}:{here[0].stop}, {here[1].start}:{here[1].stop}]"
        if np.any(np.abs(gradient[window < window.max()]) > slack):
            return f"{place} gives gradient to a pixel that is not its maximum"
        if not abs(gradient.sum() - upstream) <= slack * window.size:
            return f"{place} hands on {gradient.sum():.4g} in all, expected {upstream:.4g}"
        if np.any(gradient * np.sign(upstream) < -slack):
            return f"{place} holds a share of the wrong sign"
    if np.any(dx[:, :, outside] != 0):
        return "dx is not 0 at pixels that are in no window"
    return None


JUDGES: dict[str, Judge] = {
    "max_pool_subgradient": max_pool_subgradient,
    "direction_error": directions.judge_error,
    "direction_error2": directions.judge_error2,
    "dropout_out": masks.judge_out,
    "dropout_out2": masks.judge_out2,
    "dropout_dx": masks.judge_dx,
    "seeded_dropout_dx": masks.judge_dx,
    "slopes_as_measured": training.judge_slopes,
    "first_loss": training.judge_first_loss,
    "fitted": training.judge_accuracy,
    "held_out": training.judge_held_out,
}

FINGERPRINTS: dict[str, Fingerprint] = {
    "direction_error": directions.fingerprint,
    "dropout_out": masks.forward_fingerprint,
    "dropout_dx": masks.backward_fingerprint,
    "seeded_dropout_dx": masks.backward_fingerprint,
    "first_loss": training.start_fingerprint,
    "fitted": training.fit_fingerprint,
    "held_out": training.fit_fingerprint,
}
"""By the name of the judge whose cases they are for. Results that such a judge decides on are not kept in keys."""

DIFFERENTIABLE = frozenset({"seeded_dropout_dx"})
"""Judges on whose cases the forward pass has a derivative that can be measured: no ties, no new draw at each call."""
