"""Notebook 06: right answers in many styles get full marks, and wrong ones with draws of their own get their names.

Each variant is a class whose static methods are what a student might hand in for the exercises of those names.
"""

# ruff: noqa: NPY002  (students draw from the old global generator, as CS231n does)

import math
import random
import sys
import warnings

import numpy as np
import pytest
from scipy.special import expit, log_softmax

from autograder.exercises.dropout import ASSIGNMENT
from cs231n_utils.checking.verdict import Status
from tests.exercises.right_answers import SEEDS, functions_of, judged, key_of, pairs, variants_per_exercise


class Cs231nStyle:
    """As in CS231n's layers.py: the old global generator, a cache of parameters and mask, casts of the dtype."""

    @staticmethod
    def sigmoid_forward(x):
        out = 1 / (1 + np.exp(-x))  # warns of overflow, and is right
        cache = (x, out)
        return out, cache

    @staticmethod
    def sigmoid_backward(dout, cache):
        _, out = cache
        dx = out * (1 - out) * dout
        return dx

    @staticmethod
    def softmax_loss(x, y):
        shifted_logits = x - np.max(x, axis=1, keepdims=True)
        Z = np.sum(np.exp(shifted_logits), axis=1, keepdims=True)
        log_probs = shifted_logits - np.log(Z)
        probs = np.exp(log_probs)
        N = x.shape[0]
        loss = -np.sum(log_probs[np.arange(N), y]) / N
        dx = probs.copy()
        dx[np.arange(N), y] -= 1
        dx /= N
        return loss, dx

    @staticmethod
    def dropout_forward(x, dropout_param):
        p, mode = dropout_param["p"], dropout_param["mode"]
        if "seed" in dropout_param:
            np.random.seed(dropout_param["seed"])
        mask = None
        out = None
        if mode == "train":
            mask = (np.random.rand(*x.shape) < p) / p
            out = x * mask
        elif mode == "test":
            out = x
        cache = (dropout_param, mask)
        out = out.astype(x.dtype, copy=False)
        return out, cache

    @staticmethod
    def dropout_backward(dout, cache):
        dropout_param, mask = cache
        mode = dropout_param["mode"]
        dx = None
        if mode == "train":
            dx = dout * mask
        elif mode == "test":
            dx = dout
        return dx


class Loops:
    """One number at a time, with the standard library; everything written out."""

    @staticmethod
    def sigmoid_forward(x):
        out = np.empty(x.shape)
        for index, value in np.ndenumerate(x):
            out[index] = 1 / (1 + math.exp(-value)) if value > -700 else 0
        return [out, [out]]

    @staticmethod
    def sigmoid_backward(dout, cache):
        dx = np.zeros(dout.shape)
        for index in np.ndindex(*dout.shape):
            dx[index] = dout[index] * cache[0][index] * (1 - cache[0][index])
        return dx

    @staticmethod
    def softmax_loss(x, y):
        loss, dx = 0, np.zeros(x.shape)
        for n, scores in enumerate(x.tolist()):
            top = max(scores)
            total = sum(math.exp(s - top) for s in scores)
            loss += (math.log(total) + top - scores[y[n]]) / len(x)
            for c, s in enumerate(scores):
                dx[n, c] = (math.exp(s - top) / total - (c == y[n])) / len(x)
        return [loss, dx]

    @staticmethod
    def dropout_forward(x, dropout_param):
        rng = random.Random(dropout_param["seed"]) if "seed" in dropout_param else random.Random()
        out, mask = np.zeros(x.shape), np.zeros(x.shape, dtype=int)
        for index in np.ndindex(*x.shape):
            if dropout_param["mode"] == "test":
                out[index], mask[index] = x[index], 1
            elif rng.random() < dropout_param["p"]:
                out[index], mask[index] = x[index] / dropout_param["p"], 1
        return [out, [mask, 1 if dropout_param["mode"] == "test" else dropout_param["p"]]]

    @staticmethod
    def dropout_backward(dout, cache):
        return dout * cache[0] / cache[1]


class SciPy:
    """scipy.special; a Bernoulli draw; a 0-d array for the loss; y as one-hot rows."""

    @staticmethod
    def sigmoid_forward(x):
        return expit(x), x

    @staticmethod
    def sigmoid_backward(dout, cache):
        return dout * expit(cache) * expit(-cache)

    @staticmethod
    def softmax_loss(x, y):
        one_hot = np.eye(x.shape[1])[y]
        logs = log_softmax(x, axis=1)
        return np.asarray(-(one_hot * logs).sum(axis=1).mean()), (np.exp(logs) - one_hot) / len(y)

    @staticmethod
    def dropout_forward(x, dropout_param):
        p = dropout_param["p"] if dropout_param["mode"] == "train" else 1
        mask = np.random.RandomState(dropout_param.get("seed")).binomial(1, p, size=x.shape)
        return np.where(mask == 1, x / p, 0), {"mask": mask, "scale": 1 / p}

    @staticmethod
    def dropout_backward(dout, cache):
        return np.einsum("...,...,->...", dout, cache["mask"], cache["scale"])


class SinglePrecision:
    """Everything in float32, masks of bytes, results in Fortran order."""

    @staticmethod
    def sigmoid_forward(x):
        out = np.float32(1) / (1 + np.exp(np.clip(-np.float32(x), -80, 80)))
        return np.asfortranarray(out), out

    @staticmethod
    def sigmoid_backward(dout, cache):
        return np.asfortranarray(np.float32(dout) * (cache - cache**2))

    @staticmethod
    def softmax_loss(x, y):
        x = np.float32(x)
        probs = np.exp(x - x.max(1)[:, None])
        probs /= probs.sum(1).reshape(-1, 1)
        loss = -np.log(np.maximum(probs[range(len(y)), y], 1e-45)).mean()  # older notes: the logarithm of the share
        probs[range(len(y)), y] -= 1
        return np.float32(loss), probs / np.float32(len(y))

    @staticmethod
    def dropout_forward(x, dropout_param):
        x = np.float32(x)
        if dropout_param["mode"] != "train":
            return x, None
        rng = np.random.default_rng(dropout_param.get("seed"))
        keep = np.uint8(rng.random(x.shape, dtype=np.float32) < dropout_param["p"])
        return np.asfortranarray(x * keep / np.float32(dropout_param["p"])), (keep, np.float32(dropout_param["p"]))

    @staticmethod
    def dropout_backward(dout, cache):
        if cache is None:
            return np.float32(dout)
        keep, p = cache
        return np.float32(dout) / p * keep


class Chatty:
    """Prints, warns, leaves keys of its own in the dictionary, keeps drop masks, returns the mask as a closure."""

    @staticmethod
    def sigmoid_forward(x):
        print("sigmoid of", x.shape)
        with np.errstate(over="ignore"):
            out = np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), 1 - 1 / (1 + np.exp(-np.abs(x))))
        return out, lambda dout: dout * out * (1 - out)

    @staticmethod
    def sigmoid_backward(dout, cache):
        return cache(dout)

    @staticmethod
    def softmax_loss(x, y):
        warnings.warn("softmax", stacklevel=2)
        print(x, file=sys.stderr)
        loss = np.mean(np.logaddexp.reduce(x, axis=1) - np.take_along_axis(x, y[:, None], 1)[:, 0])
        dx = np.exp(x - np.logaddexp.reduce(x, axis=1, keepdims=True))
        np.subtract.at(dx, (np.arange(y.size), y), 1)
        return loss, dx / y.size

    @staticmethod
    def dropout_forward(x, dropout_param):
        dropout_param["calls"] = dropout_param.get("calls", 0) + 1
        if dropout_param["mode"] == "test":
            return x + 0, lambda dout: dout
        if dropout_param.get("seed") is not None:
            np.random.seed(dropout_param["seed"])
        drop = np.random.uniform(size=x.shape) >= dropout_param["p"]
        dropout_param["mask"] = ~drop
        out = x / dropout_param["p"]
        out[drop] = 0
        return out, lambda dout: np.where(drop, 0, dout / dropout_param["p"])

    @staticmethod
    def dropout_backward(dout, cache):
        print("backward")
        return cache(dout)


class Chosen:
    """Masks in other ways: np.random.choice, indices of what goes, a generator handed round; masked arrays."""

    @staticmethod
    def dropout_forward(x, dropout_param):
        p = dropout_param["p"]
        if dropout_param["mode"] == "test":
            return x, np.ones(x.shape)
        rng = np.random.RandomState(dropout_param["seed"]) if "seed" in dropout_param else np.random
        mask = rng.choice([0, 1 / p], size=x.shape, p=[1 - p, p])
        return np.multiply(x, mask), mask

    @staticmethod
    def dropout_backward(dout, cache):
        return np.ma.masked_array(dout * cache, cache == 0).filled(0)

    @staticmethod
    def sigmoid_forward(x):
        return (np.tanh(x / 2) + 1) / 2, np.tanh(x / 2)

    @staticmethod
    def sigmoid_backward(dout, cache):
        return dout * (1 - np.square(cache)) / 4


class Questions:
    """Answers in other types than the reference's."""

    largest_sigmoid_slope = staticmethod(lambda: np.float32(0.25))
    layers_to_vanish = staticmethod(lambda: 10.0)
    first_softmax_loss = staticmethod(lambda: 4.6052)
    kept_activation = staticmethod(lambda: np.array([8.0]))
    thinned_networks = staticmethod(lambda: 2.0**12)


VARIANTS = (Cs231nStyle, Loops, SciPy, SinglePrecision, Chatty, Chosen, Questions)


def verdict_on(name, kind, functions):
    return judged(key_of(ASSIGNMENT, name, kind), functions)


@pytest.mark.parametrize("kind", SEEDS)
@pytest.mark.parametrize(("variant", "exercise"), pairs(ASSIGNMENT, VARIANTS))
def test_full_marks(variant, exercise, kind):
    key = key_of(ASSIGNMENT, exercise.name, kind)
    verdict = judged(key, functions_of(variant, key))
    assert [f.message for f in verdict.findings if f.status not in (Status.PASSED, Status.REMARK)] == []
    assert verdict.status is Status.PASSED
    assert verdict.points == exercise.points
    # What may be remarked on, and costs nothing: the logarithm of a probability that has become 0.
    remarks = {f.case for f in verdict.findings if f.status is Status.REMARK}
    assert remarks <= ({"scores far apart"} if variant is SinglePrecision else set())


def test_every_exercise_has_variants():
    count = variants_per_exercise(ASSIGNMENT, VARIANTS)
    assert all(n >= (1 if e.sealed else 4) for e, n in count.items())


# --- wrong answers that draw with another generator than the reference are named all the same ---


def wrong_forward(mask_of, at_test=lambda x, p: x):
    def dropout_forward(x, dropout_param):
        p = dropout_param["p"]
        if dropout_param["mode"] == "test":
            return at_test(x, p), None
        if "seed" in dropout_param:
            np.random.seed(dropout_param["seed"])
        mask = mask_of(x, p)
        return x * mask, mask

    return dropout_forward


FORWARD = {
    "mask_not_scaled": wrong_forward(lambda x, p: np.random.rand(*x.shape) < p),
    "p_is_drop_probability": wrong_forward(lambda x, p: (np.random.rand(*x.shape) > p) / (1 - p)),
    "scaled_by_drop_probability": wrong_forward(lambda x, p: (np.random.rand(*x.shape) < p) / (1 - p)),
    "scaled_by_p": wrong_forward(lambda x, p: (np.random.rand(*x.shape) < p) * p),
    "same_mask_for_all_examples": wrong_forward(
        lambda x, p: np.broadcast_to((np.random.rand(*x.shape[1:]) < p) / p, x.shape)
    ),
    "normal_draws": wrong_forward(lambda x, p: (np.random.randn(*x.shape) < p) / p),
    "scaled_at_test": wrong_forward(lambda x, p: (np.random.rand(*x.shape) < p) / p, lambda x, p: x * p),
    "vanilla_dropout": wrong_forward(lambda x, p: np.random.rand(*x.shape) < p, lambda x, p: x * p),
}


@pytest.mark.parametrize("kind", SEEDS)
@pytest.mark.parametrize("mistake", FORWARD)
def test_wrong_draws_of_any_generator_are_named(mistake, kind):
    verdict = verdict_on("dropout_forward", kind, {"dropout_forward": FORWARD[mistake]})
    assert verdict.status is Status.FAILED
    named = [f.mistake for f in verdict.findings if f.mistake]
    assert max(set(named), key=named.count) == mistake


@pytest.mark.parametrize("kind", SEEDS)
def test_a_mask_drawn_again_in_the_backward_pass_is_named(kind):
    def dropout_backward(dout, cache):
        param, mask = cache
        return dout if mask is None else dout * (np.random.rand(*dout.shape) < param["p"]) / param["p"]

    functions = {"dropout_forward": Cs231nStyle.dropout_forward, "dropout_backward": dropout_backward}
    verdict = verdict_on("dropout_backward", kind, functions)
    assert verdict.status is Status.FAILED
    assert {f.mistake for f in verdict.findings} == {"mask_drawn_again", None}


def test_a_backward_pass_is_judged_by_the_mask_of_its_own_forward_pass():
    """A forward pass that ignores the seed costs its own points, not those of the backward pass."""
    verdict = verdict_on(
        "dropout_backward",
        "fresh 1",
        {
            "dropout_forward": wrong_forward(lambda x, p: (np.random.default_rng().random(x.shape) < p) / p),
            "dropout_backward": lambda dout, mask: dout if mask is None else dout * mask,
        },
    )
    assert verdict.status is Status.PASSED


@pytest.mark.parametrize("answer", [None, 3, [1.0], np.zeros((2, 2)), "out", np.full((20, 30), np.nan), np.zeros(0)])
def test_nonsense_is_wrong_and_breaks_nothing(answer):
    for name in ("dropout_forward", "dropout_backward"):
        functions = {
            "dropout_forward": lambda x, dropout_param: (answer, None),
            "dropout_backward": lambda dout, cache: answer,
        }
        assert verdict_on(name, "public", functions).status is Status.FAILED
        functions["dropout_forward"] = Cs231nStyle.dropout_forward
        if name == "dropout_backward":
            assert verdict_on(name, "public", functions).status is Status.FAILED
