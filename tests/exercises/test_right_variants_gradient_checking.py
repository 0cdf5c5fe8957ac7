"""Notebook 01: right answers in many styles get full marks, and wrong ones with directions of their own are rejected.

Each variant is a class whose static methods are what a student might hand in for the exercises of those names.
"""

# ruff: noqa: NPY002  (students draw from the old global generator, as CS231n does)

import math

import numpy as np
import pytest

from autograder.exercises.gradient_checking import ASSIGNMENT
from cs231n_utils import gradient_check
from cs231n_utils.checking.verdict import Status
from tests.exercises.right_answers import (
    SEEDS,
    assert_full_marks,
    functions_of,
    judged,
    key_of,
    pairs,
    variants_per_exercise,
)


class Cs231nStyle:
    """As in CS231n's gradient_check.py: nditer, the old value put back, copies."""

    @staticmethod
    def rel_error(x, y):
        """returns relative error"""
        return np.max(np.abs(x - y) / (np.maximum(1e-8, np.abs(x) + np.abs(y))))

    @staticmethod
    def eval_numerical_gradient(f, x, verbose=True, h=0.00001):
        fx = f(x)
        grad = np.zeros_like(x)
        it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
        while not it.finished:
            ix = it.multi_index
            oldval = x[ix]
            x[ix] = oldval + h
            fxph = f(x)
            x[ix] = oldval - h
            fxmh = f(x)
            x[ix] = oldval
            grad[ix] = (fxph - fxmh) / (2 * h)
            if verbose:
                print(ix, grad[ix], fx)
            it.iternext()
        return grad

    @staticmethod
    def eval_numerical_gradient_array(f, x, df, h=1e-5):
        grad = np.zeros_like(x)
        it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
        while not it.finished:
            ix = it.multi_index
            oldval = x[ix]
            x[ix] = oldval + h
            pos = f(x).copy()
            x[ix] = oldval - h
            neg = f(x).copy()
            x[ix] = oldval
            grad[ix] = np.sum((pos - neg) * df) / (2 * h)
            it.iternext()
        return grad

    @staticmethod
    def directional_error(f, x, dx, df, seed):
        np.random.seed(seed)
        v = np.random.randn(*x.shape)
        v /= np.sqrt(np.sum(v**2))
        numeric = np.sum(df * (f(x + 1e-5 * v) - f(x - 1e-5 * v))) / 2e-5
        analytic = (dx * v).sum()
        return Cs231nStyle.rel_error(numeric, analytic)


class NeverTouchingX:
    """Steps are taken on copies and unit arrays; the step's sum in a comprehension."""

    @staticmethod
    def rel_error(x, y):
        worst = 0
        for a, b in zip(x.ravel(), y.ravel(), strict=True):
            worst = max(worst, abs(a - b) / max(1e-8, abs(a) + abs(b)))
        return worst

    @staticmethod
    def eval_numerical_gradient(f, x, h=1e-5):
        steps = h * np.eye(x.size).reshape(x.size, *x.shape)
        return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in steps]).reshape(x.shape)

    @staticmethod
    def eval_numerical_gradient_array(f, x, df, h=1e-5):
        grad = np.empty(x.shape)
        for i in np.ndindex(*x.shape):
            plus, minus = np.copy(x), np.copy(x)
            plus[i] += h
            minus[i] -= h
            grad[i] = np.vdot(f(plus) - f(minus), df) / 2 / h
        return grad

    @staticmethod
    def directional_error(f, x, dx, df, seed):
        u = np.random.RandomState(seed).uniform(-1, 1, x.shape)
        u = u / math.sqrt(sum(value**2 for value in u.ravel()))
        numeric = (np.sum(f(x + 1e-5 * u) * df) - np.sum(f(x - 1e-5 * u) * df)) / 2e-5
        analytic = np.vdot(dx, u)
        if numeric == analytic == 0:
            return 0
        return np.asarray(abs(numeric - analytic) / max(1e-8, abs(numeric) + abs(analytic)))


class HigherOrder:
    """Five-point formulas and Richardson's extrapolation."""

    @staticmethod
    def rel_error(x, y):
        error = np.zeros(x.shape)
        size = np.abs(x) + np.abs(y)
        np.divide(np.abs(x - y), np.clip(size, 1e-8, None), out=error, where=size > 0)
        return error.max()

    @staticmethod
    def eval_numerical_gradient(f, x, h=1e-5):
        def central(i, step):
            kept = x[i]
            x[i] = kept + step
            up = f(x)
            x[i] = kept - step
            down = f(x)
            x[i] = kept
            return (up - down) / (2 * step)

        grad = np.zeros(x.shape)
        for i in np.ndindex(x.shape):
            grad[i] = (4 * central(i, h / 2) - central(i, h)) / 3
        return grad

    @staticmethod
    def eval_numerical_gradient_array(f, x, df, h=1e-5):
        grad = np.zeros(x.shape)
        for i in np.ndindex(x.shape):
            e = np.zeros(x.shape)
            e[i] = h
            terms = -f(x + 2 * e) + 8 * f(x + e) - 8 * f(x - e) + f(x - 2 * e)
            grad[i] = np.sum(terms * df) / (12 * h)
        return grad

    @staticmethod
    def directional_error(f, x, dx, df, seed):
        u = np.random.default_rng([seed, 7]).normal(size=x.shape)
        h = 1e-5 / np.linalg.norm(u)
        values = [np.sum(f(x + k * h * u) * df) for k in (-2, -1, 1, 2)]
        numeric = np.dot([1, -8, 8, -1], values) / 12e-5
        analytic = np.tensordot(dx, u, axes=x.ndim) / np.linalg.norm(u)
        return HigherOrder.rel_error(np.array([numeric]), np.array([analytic]))


class FlatViews:
    """Works on a flat view of x where there is one; results are float32 and in Fortran order."""

    @staticmethod
    def rel_error(x, y):
        return np.float32((abs(x - y) / np.where(abs(x) + abs(y) > 1e-8, abs(x) + abs(y), 1e-8)).max())

    @staticmethod
    def eval_numerical_gradient(f, x, h=1e-5):
        grad = np.zeros(x.size)
        for k, value in enumerate(x.flat):
            differences = []
            for step in (h, -h):
                x.flat[k] = value + step
                differences.append(float(f(x)))
                x.flat[k] = value
            grad[k] = (differences[0] - differences[1]) / (2 * h)
        return np.asfortranarray(grad.reshape(x.shape), dtype=np.float32)

    @staticmethod
    def eval_numerical_gradient_array(f, x, df, h=1e-5):
        def loss(x):
            return np.einsum("i,i->", np.ravel(f(x)), np.ravel(df))

        return FlatViews.eval_numerical_gradient(loss, x, h)

    @staticmethod
    def directional_error(f, x, dx, df, seed):
        u = np.random.default_rng(seed).standard_normal(x.size).reshape(x.shape)
        u *= 1 / np.linalg.norm(u.ravel())

        def along(t):
            return np.sum(f(x + t * u) * df)

        slope = gradient_check.eval_numerical_gradient(lambda t: along(t[0]), np.zeros(1))[0]
        return FlatViews.rel_error(slope, np.sum(dx * u))


class TheToolkit:
    """The functions of the toolkit itself; a direction from a list of Python's random numbers."""

    rel_error = staticmethod(gradient_check.rel_error)
    eval_numerical_gradient = staticmethod(gradient_check.eval_numerical_gradient)
    eval_numerical_gradient_array = staticmethod(gradient_check.eval_numerical_gradient_array)
    directional_error = staticmethod(gradient_check.directional_error)


class Questions:
    """Answers in other types than the reference's."""

    error_of_factor_two = staticmethod(lambda: np.float64(0.33333))
    error_of_smaller_step = staticmethod(lambda: 1e2)
    calls_of_f = staticmethod(lambda: np.int64(20_000))
    slope_at_the_kink = staticmethod(lambda: np.array(0.5))


VARIANTS = (Cs231nStyle, NeverTouchingX, HigherOrder, FlatViews, TheToolkit, Questions)


@pytest.mark.parametrize("kind", SEEDS)
@pytest.mark.parametrize(("variant", "exercise"), pairs(ASSIGNMENT, VARIANTS))
def test_full_marks_and_nothing_to_say(variant, exercise, kind):
    key = key_of(ASSIGNMENT, exercise.name, kind)
    assert_full_marks(judged(key, functions_of(variant, key)))


def test_every_exercise_has_variants():
    count = variants_per_exercise(ASSIGNMENT, VARIANTS)
    assert all(n >= (1 if e.sealed else 5) for e, n in count.items())


def directional(direction, ratio=Cs231nStyle.rel_error, factor=1.0):
    def directional_error(f, x, dx, df, seed):
        u = direction(np.random.RandomState(seed), x.shape)
        numeric = factor * np.sum((f(x + 1e-5 * u) - f(x - 1e-5 * u)) * df) / 2e-5
        return ratio(numeric, np.sum(dx * u))

    return directional_error


def normal(rng, shape):
    u = rng.standard_normal(shape)
    return u / np.linalg.norm(u)


@pytest.mark.parametrize("kind", SEEDS)
@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (directional(lambda rng, shape: rng.standard_normal(shape)), "direction_not_unit"),
        (directional(normal, factor=2.0), "two_missing"),
        (directional(lambda rng, shape: np.ones(shape) / np.sqrt(np.prod(shape))), "same_direction_for_every_seed"),
        (directional(lambda rng, shape: normal(np.random.default_rng(), shape)), None),
        (directional(normal, ratio=lambda a, b: abs(a - b)), None),
        (lambda f, x, dx, df, seed: 0.0, None),
        (lambda f, x, dx, df, seed: None, None),
        (lambda f, x, dx, df, seed: dx, None),
        (lambda f, x, dx, df, seed: math.nan, None),
    ],
    ids=["long", "two missing", "fixed", "seed ignored", "absolute", "zero", "none", "array", "nan"],
)
def test_wrong_directions(function, mistake, kind):
    verdict = judged(key_of(ASSIGNMENT, "directional_error", kind), {"directional_error": function})
    assert verdict.status is Status.FAILED
    named = [f.mistake for f in verdict.findings if f.mistake]
    if mistake:
        assert max(set(named), key=named.count) == mistake
