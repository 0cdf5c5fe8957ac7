"""The judges of dropout: every fair draw is right, whatever else is not; and fingerprints do not depend on the draw."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs231n_utils.checking.key import Tolerance
from cs231n_utils.checking.masks import backward_fingerprint, forward_fingerprint, judge_dx, judge_out, judge_out2

TOLERANCE = Tolerance(1e-5, 1e-6, "for these tests")
SHAPE = (20, 30)
seeds = st.integers(0, 2**32 - 1)
probabilities = st.sampled_from([0.1, 0.3, 0.5, 0.8, 0.9, 1.0])


def numbers(rng):
    return rng.choice([-1.0, 1.0], SHAPE) * rng.uniform(0.5, 2.0, SHAPE)


def case(p=0.5, mode="train", seed=0, **seeds_given):
    """Inputs of two calls; first= and second= give the calls' seeds."""
    rng = np.random.default_rng(seed)
    params = [{"p": p, "mode": mode} | ({"seed": seeds_given[k]} if k in seeds_given else {}) for k in seeds_given]
    params = (params + [{"p": p, "mode": mode}] * 2)[:2]
    return {"x": numbers(rng), "x2": numbers(rng), "dropout_param": params[0], "dropout_param2": params[1]}


def draw(x, p, rng):
    return x * (rng.random(x.shape) < p) / p


@given(seed=seeds, p=probabilities)
def test_fair_draws_are_right(seed, p):
    rng = np.random.default_rng(seed)
    inputs = case(p)
    results = {"out": draw(inputs["x"], p, rng), "out2": draw(inputs["x2"], p, rng)}
    assert judge_out(inputs, results, TOLERANCE) is None
    assert judge_out2(inputs, results, TOLERANCE) is None
    single = {name: value.astype(np.float32) for name, value in results.items()}
    assert judge_out(inputs, single, TOLERANCE) is None


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda x, p, rng: x * (rng.random(SHAPE) < p), "expected 0 or x / p = "),
        (lambda x, p, rng: draw(x, 1 - p, rng) * (1 - p) / p, "out keeps .* expected about 480 for p = 0.8"),
        (lambda x, p, rng: x / p, "out keeps 600 of 600 entries"),
        (lambda x, p, rng: 0 * x, "out keeps 0 of 600 entries"),
        (lambda x, p, rng: np.nan * x, r"out\[0, 0\] = nan, expected 0 or x / p"),
        (lambda x, p, rng: x * (rng.random(SHAPE[1:]) < p) / p, "same entries all along axis 0|out keeps"),
        (lambda x, p, rng: x * (rng.random((SHAPE[0], 1)) < p) / p, "same entries all along axis 1|out keeps"),
    ],
    ids=["not scaled", "p is the drop probability", "all kept", "none kept", "nan", "rows alike", "columns alike"],
)
def test_wrong_draws(wrong, message):
    inputs = case(0.8)
    out = wrong(inputs["x"], 0.8, np.random.default_rng(5))
    assert re.search(message, judge_out(inputs, {"out": out}, TOLERANCE) or "")


@pytest.mark.parametrize(
    ("given_seeds", "same", "message"),
    [
        ({"first": 3, "second": 3}, True, None),
        ({"first": 3, "second": 3}, False, "two calls with the seed 3 drop different entries, expected equal masks"),
        ({"first": 1, "second": 2}, False, None),
        ({"first": 1, "second": 2}, True, "the seeds 1 and 2 drop the same entries, expected different masks"),
        ({}, False, None),
        ({}, True, "two calls without a seed drop the same entries, expected a new mask for each call"),
    ],
)
def test_masks_of_two_calls(given_seeds, same, message):
    inputs = case(0.5, **given_seeds)
    rngs = [np.random.default_rng(k) for k in ((0, 0) if same else (0, 1))]
    results = {"out": draw(inputs["x"], 0.5, rngs[0]), "out2": draw(inputs["x2"], 0.5, rngs[1])}
    assert judge_out2(inputs, results, TOLERANCE) == message


@pytest.mark.parametrize(("p", "mode"), [(1.0, "train"), (0.4, "test")])
def test_where_nothing_is_dropped(p, mode):
    inputs = case(p, mode)
    assert judge_out(inputs, {"out": inputs["x"].copy()}, TOLERANCE) is None
    dropped = inputs["x"].copy()
    dropped[1, 2] = 0
    message = judge_out(inputs, {"out": dropped}, TOLERANCE)
    assert message == f"out[1, 2] = 0, expected {inputs['x'][1, 2]:.4g} (1 of 600 entries are wrong)"


def test_gradient():
    inputs = case(0.8) | {"dout": numbers(np.random.default_rng(9))}
    out = draw(inputs["x"], 0.8, np.random.default_rng(1))
    right = inputs["dout"] * (out != 0) / 0.8
    assert judge_dx(inputs, {"out": out, "dx": right}, TOLERANCE) is None
    assert judge_dx(inputs, {"out": out, "dx": right.astype(np.float32)}, TOLERANCE) is None
    for wrong in (inputs["dout"], right * 0.8, inputs["dout"] / 0.8, inputs["dout"] * (out == 0), right * np.nan):
        assert "are wrong" in (judge_dx(inputs, {"out": out, "dx": wrong}, TOLERANCE) or "")
    for nothing in (None, 3, np.zeros(4), "out"):
        assert "dropout_forward must return" in (judge_dx(inputs, {"out": nothing, "dx": right}, TOLERANCE) or "")


@given(seed=seeds, p=st.sampled_from([0.3, 0.5, 0.8]))
def test_fingerprints_do_not_depend_on_the_draw(seed, p):
    inputs = case(p) | {"dout": numbers(np.random.default_rng(2))}
    arguments = {"x": inputs["x"], "dout": inputs["dout"]}
    forward, backward = [], []
    for rng in (np.random.default_rng(seed), np.random.default_rng(seed + 1)):
        # not scaled
        results = {"out": p * draw(inputs["x"], p, rng), "out2": p * draw(inputs["x2"], p, rng)}
        forward.append(forward_fingerprint(inputs, results, arguments))
        backward.append(
            backward_fingerprint(inputs, results | {"dx": inputs["dout"] * (results["out"] != 0)}, arguments)
        )
    np.testing.assert_allclose(forward[0], forward[1], rtol=1e-12)
    np.testing.assert_allclose(backward[0], backward[1], rtol=1e-12)
