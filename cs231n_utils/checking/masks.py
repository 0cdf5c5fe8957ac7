"""Judging dropout, where every draw of the mask is right.

Inputs and upstream gradients hold no zeros, so that the mask can be seen in the output: kept entries are x / p, the
others 0. A case calls the forward pass twice, on `x` and `x2` of the same shape, so that masks can be compared.

A wrong answer is recognised by its *fingerprint*: what of it does not depend on the draw (by how much the kept entries
are scaled, whether about p of them are kept, whether equal seeds gave equal masks, ...). Answer keys hold fingerprints
and no draws.
"""

from collections.abc import Mapping
from typing import Any, TypeGuard

import numpy as np

from cs231n_utils.checking.key import Tolerance
from cs231n_utils.checking.values import Value

__all__ = ["backward_fingerprint", "forward_fingerprint", "judge_dx", "judge_out", "judge_out2"]

SIGMAS = 6.0  # a fair draw is further off in one of 500 million
FEWEST = 100  # entries from which on two masks, or two rows, are not equal by chance

Values = Mapping[str, Value]


def judge_out(inputs: Values, results: Values, tolerance: Tolerance) -> str | None:
    """Judge the first output of dropout_forward: `out` for `x` and `dropout_param`."""
    return _judge_mask("out", inputs["x"], results["out"], inputs["dropout_param"], tolerance)


def judge_out2(inputs: Values, results: Values, tolerance: Tolerance) -> str | None:
    """Judge the second output, `out2` for `x2` and `dropout_param2`, by itself and against the first one."""
    first, second = inputs["dropout_param"], inputs["dropout_param2"]
    message = _judge_mask("out2", inputs["x2"], results["out2"], second, tolerance)
    if message is not None or _keeps_all(second):
        return message
    same = np.array_equal(results["out"] != 0, results["out2"] != 0)
    if "seed" in first and first.get("seed") == second.get("seed"):
        wanted = f"two calls with the seed {first['seed']} drop different entries"
        return None if same else f"{wanted}, expected equal masks"
    if not same:
        return None
    if "seed" in first:
        return f"the seeds {first['seed']} and {second['seed']} drop the same entries, expected different masks"
    return "two calls without a seed drop the same entries, expected a new mask for each call"


def judge_dx(inputs: Values, results: Values, tolerance: Tolerance) -> str | None:
    """Judge `dx` of dropout_backward for `dout` against the mask that is seen in the forward pass's `out`."""
    out, dx, dout, p = results.get("out"), results["dx"], inputs["dout"], _keep(inputs["dropout_param"])
    if not _is_like(out, inputs["x"]):
        return f"dx cannot be judged: dropout_forward must return an out of shape {inputs['x'].shape} first"
    kept = out != 0
    if not kept.any() or kept.all() != _keeps_all(
        inputs["dropout_param"]
    ):  # as if any dx were right for no mask at all
        entries = "every entry" if _keeps_all(inputs["dropout_param"]) else "some entries and drop the others"
        return f"dx cannot be judged: dropout_forward must keep {entries} first"
    want = np.where(kept, dout / p, 0.0)
    wrong = np.argwhere(~_close(dx, want, tolerance))
    if len(wrong) == 0:
        return None
    first = tuple(int(i) for i in wrong[0])
    place = ", ".join(map(str, first))
    why = f"out[{place}] was {'kept' if kept[first] else 'dropped'}"
    return f"dx[{place}] = {dx[first]:.4g}, expected {want[first]:.4g}: {why} ({len(wrong)} of {dx.size} are wrong)"


def forward_fingerprint(inputs: Values, results: Values, arguments: Values) -> np.ndarray:
    """What of the two outputs of dropout_forward does not depend on the draw."""
    features: list[float] = _changes(inputs, arguments)
    for x, out in ((inputs["x"], results.get("out")), (inputs["x2"], results.get("out2"))):
        if not _is_like(out, x):
            return np.array([-1.0, *np.shape(out if isinstance(out, np.ndarray) else 0)])
        kept = out != 0
        repeats = [_repeats(kept, axis) for axis in range(kept.ndim)]
        # Where a draw serves many entries, how many are kept is chance.
        plausible = not any(repeats) and _plausible(kept, inputs["dropout_param"]["p"])
        features += [*_range(out / x, kept), plausible, kept.all(), kept.any(), *repeats]
    features.append(np.array_equal(results["out"] != 0, results["out2"] != 0))
    return np.array(features, dtype=float)


def backward_fingerprint(inputs: Values, results: Values, arguments: Values) -> np.ndarray:
    """What of dx does not depend on the draw: the share of dout that is handed on, where out was kept and dropped."""
    out, dx, dout = results.get("out"), results.get("dx"), inputs["dout"]
    if not _is_like(out, dout) or not _is_like(dx, dout):
        return np.array([-1.0, *np.shape(dx if isinstance(dx, np.ndarray) else 0)])
    kept = out != 0
    features = [*_range(dx / dout, kept), *_range(dx / dout, ~kept), *_changes({"dout": dout}, arguments)]
    return np.array(features, dtype=float)


def _judge_mask(
    name: str, x: np.ndarray, out: np.ndarray, param: Mapping[str, Any], tolerance: Tolerance
) -> str | None:
    p, whole = _keep(param), _keeps_all(param)
    kept = np.ones(x.shape, dtype=bool) if whole else out != 0
    wrong = np.argwhere(kept & ~_close(out, x / p, tolerance))
    if len(wrong):
        first = tuple(int(i) for i in wrong[0])
        expected = f"{x[first]:.4g}" if whole else f"0 or x / p = {x[first] / p:.4g}"
        place = f"{name}[{', '.join(map(str, first))}]"
        return f"{place} = {out[first]:.4g}, expected {expected} ({len(wrong)} of {out.size} entries are wrong)"
    if whole:
        return None
    if not _plausible(kept, p):
        return f"{name} keeps {kept.sum()} of {kept.size} entries, expected about {p * kept.size:.0f} for p = {p:g}"
    for axis in range(kept.ndim):
        if _repeats(kept, axis):
            return f"{name} drops the same entries all along axis {axis}, expected a draw for each entry by itself"
    return None


def _keep(param: Mapping[str, Any]) -> float:
    """The share that is kept: all of it in test mode."""
    return 1.0 if param["mode"] == "test" else float(param["p"])


def _keeps_all(param: Mapping[str, Any]) -> bool:
    return _keep(param) == 1.0


def _is_like(value: Value, like: np.ndarray) -> TypeGuard[np.ndarray]:
    return isinstance(value, np.ndarray) and value.shape == like.shape and value.dtype.kind in "biuf"


def _close(came: np.ndarray, want: np.ndarray, tolerance: Tolerance) -> np.ndarray:
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.abs(np.subtract(came, want, dtype=np.float64))
        return np.asarray(distance <= tolerance.absolute + tolerance.relative * np.abs(want))  # False for NaN


def _plausible(kept: np.ndarray, p: float) -> bool:
    """Could so many be kept by fair draws? One more or less is always granted."""
    slack = SIGMAS * np.sqrt(kept.size * p * (1 - p)) + 1
    return bool(abs(kept.sum() - p * kept.size) <= slack)


def _repeats(kept: np.ndarray, axis: int) -> bool:
    """Is the mask the same all along this axis, by more than chance?"""
    first = kept.take([0], axis=axis)
    return kept.shape[axis] > 1 and kept.size >= FEWEST and not kept.all() and bool(np.all(kept == first))


def _range(ratios: np.ndarray, where: np.ndarray) -> tuple[float, float]:
    chosen = ratios[where]
    return (float(chosen.min()), float(chosen.max())) if chosen.size else (np.nan, np.nan)


def _changes(inputs: Values, arguments: Values) -> list[float]:
    """For each argument: 1.0 where it was changed."""
    return [float(name in arguments and not _same(inputs[name], arguments[name])) for name in sorted(inputs)]


def _same(before: Value, after: Value) -> bool:
    if isinstance(before, dict) and isinstance(after, dict):
        return all(key in after and _same(value, after[key]) for key, value in before.items())
    return bool(np.array_equal(before, after))
