"""Right answers to notebook 03 in many styles get full marks, see test_right_variants.py."""

# ruff: noqa: RUF059, SIM401  (students unpack shapes whole, and look twice into a dictionary)
import inspect
import math
import statistics
import sys
import warnings
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

import solutions.batchnorm
from autograder.exercises import batchnorm
from autograder.keys import make_key
from cs231n_utils.checking.verdict import Status
from tests.exercises.layers_file import batchnorm_backward, batchnorm_forward
from tests.exercises.right_answers import (
    SEEDS,
    assert_full_marks,
    functions_of,
    judged,
    key_of,
    pairs,
    variants_per_exercise,
)

ASSIGNMENT = batchnorm.ASSIGNMENT


class NestedLoops:
    """One number after the other, with Python's own floats."""

    @staticmethod
    def batchnorm_forward(x, gamma, beta, bn_param):
        mode = bn_param["mode"]
        if mode not in ("train", "test"):
            raise ValueError(mode)
        eps = bn_param["eps"] if "eps" in bn_param else 1e-5
        momentum = bn_param["momentum"] if "momentum" in bn_param else 0.9
        N, D = x.shape
        for name in ("running_mean", "running_var"):
            if name not in bn_param:
                bn_param[name] = np.zeros(D)
        out, normal, stds = np.empty((N, D)), np.empty((N, D)), []
        for d in range(D):
            mu, var = bn_param["running_mean"][d], bn_param["running_var"][d]
            if mode == "train":
                mu = sum(x[n, d] for n in range(N)) / N
                var = sum((x[n, d] - mu) ** 2 for n in range(N)) / N
                bn_param["running_mean"][d] = momentum * bn_param["running_mean"][d] + (1 - momentum) * mu
                bn_param["running_var"][d] = momentum * bn_param["running_var"][d] + (1 - momentum) * var
            stds.append(math.sqrt(var + eps))
            for n in range(N):
                normal[n, d] = (x[n, d] - mu) / stds[d]
                out[n, d] = gamma[d] * normal[n, d] + beta[d]
        return out, (normal, stds, gamma)

    @staticmethod
    def batchnorm_backward(dout, cache):
        normal, stds, gamma = cache
        N, D = dout.shape
        dx, dgamma, dbeta = np.zeros((N, D)), np.zeros(D), np.zeros(D)
        for d in range(D):
            for n in range(N):
                dgamma[d] += dout[n, d] * normal[n, d]
                dbeta[d] += dout[n, d]
                for k in range(N):  # how output k answers to input n
                    answer = (n == k) - 1 / N - normal[n, d] * normal[k, d] / N
                    dx[n, d] += dout[k, d] * gamma[d] * answer / stds[d]
        return dx, dgamma, dbeta

    batchnorm_backward_alt = batchnorm_backward

    @staticmethod
    def population_statistics(batches):
        D = batches[0].shape[1]
        mean, var = [0.0] * D, [0.0] * D
        for batch in batches:
            for d in range(D):
                column = [float(value) for value in batch[:, d]]
                mean[d] += statistics.fmean(column) / len(batches)
                var[d] += statistics.variance(column) / len(batches)
        return np.array(mean), np.array(var)

    @staticmethod
    def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
        D, M = w.shape
        w2, b2 = np.zeros((D, M)), np.zeros(M)
        for k in range(M):
            s = math.sqrt(var[k] + eps)
            for d in range(D):
                w2[d, k] = w[d, k] * gamma[k] / s
            b2[k] = gamma[k] * (b[k] - mean[k]) / s + beta[k]
        return w2, b2


class OneLayersFile:
    """As in CS231n's layers.py: the computation graph node by node, everything that was computed goes into the cache,
    and the running statistics are stored at the end of either mode."""

    batchnorm_forward = staticmethod(batchnorm_forward)
    batchnorm_backward = staticmethod(batchnorm_backward)

    @staticmethod
    def batchnorm_backward_alt(dout, cache):
        xhat, gamma, xmu, ivar, sqrtvar, var, eps, bn_param = cache
        N = dout.shape[0]
        dbeta = dout.sum(0)
        dgamma = np.sum(dout * xhat, 0)
        dx = (gamma * ivar / N) * (N * dout - xhat * dgamma - dbeta)
        return dx, dgamma, dbeta

    @staticmethod
    def population_statistics(batches):
        means, variances = [], []
        for X in batches:
            mu = np.mean(X, axis=0)
            means.append(mu)
            variances.append(np.sum((X - mu) ** 2, axis=0) / (X.shape[0] - 1))
        return sum(means) / len(means), sum(variances) / len(variances)

    @staticmethod
    def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
        invstd = 1.0 / np.sqrt(var + eps)
        return w.dot(np.diag(gamma * invstd)), gamma * invstd * b + (beta - gamma * invstd * mean)


class Einsum:
    """Subscripts for every sum, E[x²] − E[x]² for the variance, running statistics changed where they are."""

    @staticmethod
    def batchnorm_forward(x, gamma, beta, bn_param):
        eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
        running_mean = bn_param.setdefault("running_mean", np.zeros(x.shape[1]))
        running_var = bn_param.setdefault("running_var", np.zeros(x.shape[1]))
        match bn_param["mode"]:
            case "train":
                N = len(x)
                mean = np.einsum("nd->d", x) / N
                var = np.einsum("nd,nd->d", x, x) / N - mean**2
                running_mean *= momentum
                running_mean += (1 - momentum) * mean
                running_var *= momentum
                running_var += (1 - momentum) * var
            case "test":
                mean, var = running_mean, running_var
            case _:
                raise ValueError("no such mode")
        rstd = (var + eps) ** -0.5
        normal = np.einsum("nd,d->nd", x - mean, rstd)
        return np.einsum("nd,d->nd", normal, gamma) + beta, {"normal": normal, "scale": gamma * rstd}

    @staticmethod
    def batchnorm_backward(dout, cache):
        normal, scale = cache["normal"], cache["scale"]
        dgamma, dbeta = np.einsum("nd,nd->d", dout, normal), np.einsum("nd->d", dout)
        N = len(dout)
        along = np.einsum("nd,kd,kd->nd", normal, normal, dout) / N
        centring = np.eye(N) - 1 / N
        return scale * (np.einsum("nk,kd->nd", centring, dout) - along), dgamma, dbeta

    batchnorm_backward_alt = batchnorm_backward

    @staticmethod
    def population_statistics(batches):
        stacked = np.array(batches)
        K, m, D = stacked.shape
        mean = np.einsum("kmd->d", stacked) / (K * m)
        centred = stacked - np.einsum("kmd->kd", stacked)[:, None] / m
        return mean, np.einsum("kmd,kmd->d", centred, centred) / (K * (m - 1))

    @staticmethod
    def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
        rows = np.vstack([w, b - mean])
        folded = np.einsum("dm,m,m->dm", rows, gamma, (var + eps) ** -0.5)
        return folded[:-1], folded[-1] + beta


class SinglePrecision:
    """float32 inside and out, lists for tuples, NumPy's matrices of weights in Fortran order."""

    @staticmethod
    def batchnorm_forward(x, gamma, beta, bn_param):
        if bn_param["mode"] not in {"train", "test"}:
            raise ValueError
        x, gamma, beta = (np.asfortranarray(a, dtype=np.float32) for a in (x, gamma, beta))
        eps, momentum = np.float32(bn_param.get("eps", 1e-5)), np.float32(bn_param.get("momentum", 0.9))
        old = [np.asarray(bn_param.get(f"running_{s}", np.zeros(x.shape[1])), np.float32) for s in ("mean", "var")]
        mean, var = old
        if bn_param["mode"] == "train":
            mean, var = x.mean(0), x.var(0)
            new = [momentum * o + (1 - momentum) * b for o, b in zip(old, (mean, var), strict=True)]
            bn_param.update(running_mean=new[0], running_var=new[1])
        normal = (x - mean) / np.sqrt(var + eps)
        return [gamma * normal + beta, [normal, gamma, np.sqrt(var + eps)]]

    @staticmethod
    def batchnorm_backward(dout, cache):
        normal, gamma, std = cache
        dout = dout.astype("f4")
        dnormal = dout * gamma
        dx = (dnormal - dnormal.mean(0) - normal * (dnormal * normal).mean(0)) / std
        return [np.asfortranarray(dx), (dout * normal).sum(0), dout.sum(0)]

    @staticmethod
    def batchnorm_backward_alt(dout, cache):
        normal, gamma, std = cache
        dout = dout.astype("f4")
        N = np.float32(len(dout))
        dgamma, dbeta = (dout * normal).sum(0), dout.sum(0)
        return [gamma / (N * std) * (N * dout - dbeta - normal * dgamma), dgamma, dbeta]

    @staticmethod
    def population_statistics(batches):
        stacked = np.stack(batches).astype(np.float32)
        return [stacked.mean((0, 1)), stacked.var(1, ddof=1).mean(0)]

    @staticmethod
    def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
        w, b, gamma, beta, mean, var = (np.float32(a) for a in (w, b, gamma, beta, mean, var))
        scale = gamma * np.reciprocal(np.sqrt(var + np.float32(eps)))
        return [np.asfortranarray(w * scale), beta + scale * (b - mean)]


class BatchNorm:
    """A layer object that works on columns: for who comes from classes."""

    def __init__(self, gamma, beta, param):
        self.gamma, self.beta, self.param = gamma.reshape(1, -1), beta.reshape(1, -1), param

    def train(self, x):
        print("training on", x.shape)
        self.N = x.shape[0]
        mean, var = x.mean(axis=0, keepdims=True), np.var(x, axis=0, keepdims=True)
        momentum = self.param.get("momentum", 0.9)
        for name, new in {"running_mean": mean, "running_var": var}.items():
            old = self.param[name] if name in self.param else np.zeros_like(new[0])
            self.param[name] = (old - (1 - momentum) * (old - new)).squeeze(axis=0)
        return self.apply(x, mean, var)

    def apply(self, x, mean, var):
        self.rstd = 1 / np.sqrt(var + self.param.get("eps", 0.00001))
        self.normal = (x - mean) * self.rstd
        return self.gamma * self.normal + self.beta

    def back(self, dout):
        warnings.warn("backward", stacklevel=1)
        parameters = (dout * self.normal).sum(axis=0), dout.sum(axis=0)
        upstream = self.gamma * dout
        upstream = upstream - self.normal * np.mean(upstream * self.normal, axis=0, keepdims=True)
        return (upstream - upstream.mean(axis=0, keepdims=True)) * self.rstd, *parameters


class LayerObjects:
    """Callable objects, partials, layer objects for caches; prints and warnings; SciPy."""

    class Forward:
        def __call__(self, x, gamma, beta, bn_param):
            layer = BatchNorm(gamma, beta, bn_param)
            if bn_param["mode"] == "train":
                return layer.train(x), layer
            if bn_param["mode"] == "test":
                print("testing", file=sys.stderr)
                zeros = np.zeros(x.shape[1])
                mean, var = (bn_param.get(name, zeros) for name in ("running_mean", "running_var"))
                return layer.apply(x, mean[None, :], var[None, :]), None
            raise type("ModeError", (ValueError,), {})("which mode?")

    batchnorm_forward = Forward()
    batchnorm_backward = staticmethod(lambda dout, cache: cache.back(dout))
    batchnorm_backward_alt = partial(lambda layer_method, dout, cache: getattr(cache, layer_method)(dout), "back")

    @staticmethod
    def population_statistics(batches):
        described = [stats.describe(batch) for batch in batches]
        return np.mean([d.mean for d in described], 0), np.mean([d.variance for d in described], 0)

    @staticmethod
    def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
        def layer(x):  # an affine layer is known by what it makes of 0 and of the unit vectors
            return gamma * (x @ w + b - mean) / (var + eps) ** 0.5 + beta

        origin = layer(np.zeros(len(w)))
        return layer(np.eye(len(w))) - origin, origin


class Transposed:
    """Features first: row operations on x.T; variance from the deviations' norm; results are views."""

    @staticmethod
    def batchnorm_forward(x, gamma, beta, bn_param):
        mode, eps, keep = bn_param["mode"], bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
        rows = x.T
        if mode == "train":
            mean = np.array([row.mean() for row in rows])
            var = np.array([np.linalg.norm(row - row.mean()) ** 2 / row.size for row in rows])
            new = [
                np.average([bn_param.get(name, np.zeros(len(rows))), now], axis=0, weights=[keep, 1 - keep])
                for name, now in (("running_mean", mean), ("running_var", var))
            ]
            bn_param |= {"running_mean": new[0], "running_var": new[1], "steps": bn_param.get("steps", 0) + 1}
        elif mode == "test":
            mean, var = (np.array(bn_param.get(name, 0 * gamma)) for name in ("running_mean", "running_var"))
        else:
            raise ValueError(f"unknown mode {mode}")
        std = np.hypot(np.sqrt(var), np.sqrt(eps))
        normal = ((rows.T - mean) / std).T
        return (gamma[:, None] * normal + beta[:, None]).T, SimpleNamespace(**locals())

    @staticmethod
    def batchnorm_backward(dout, cache):
        """Each row of dout is projected: off the ones, and partly off the normalized x."""
        dx = np.empty_like(dout)
        for d, (row, normal) in enumerate(zip(dout.T, cache.normal, strict=True)):
            basis = np.stack([np.ones(row.size), normal])
            dx[:, d] = cache.gamma[d] / cache.std[d] * (row - basis.T @ (basis @ row) / row.size)
        return dx, np.diag(cache.normal @ dout).copy(), np.ones(len(dout)) @ dout

    @staticmethod
    def batchnorm_backward_alt(dout, cache):
        """The derivative along every single x, by a complex step: exact to the last digits."""
        dx = np.zeros_like(dout)
        for n, d in np.ndindex(dout.shape):
            column = cache.x[:, d].astype(complex)
            column[n] += 1e-30j
            centred = column - column.mean()
            out = cache.gamma[d] * centred / np.sqrt((centred**2).mean() + cache.eps)
            dx[n, d] = (out.imag * 1e30) @ dout[:, d]
        return dx, (dout.T * cache.normal).sum(1), dout.T.sum(1)

    @staticmethod
    def population_statistics(batches):
        squares = [np.diag(np.atleast_2d(np.cov(batch, rowvar=False))) for batch in batches]
        return np.concatenate(batches).mean(axis=0), np.mean(squares, axis=0)

    @staticmethod
    def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
        std = np.sqrt(eps + var)
        return (w.T * (gamma / std)[:, np.newaxis]).T, beta - gamma * (mean - b) / std


class Questions:
    """Numbers of other types, and computed ones."""

    normalized_by_hand = staticmethod(lambda: 2 * stats.zscore([0.7, 1.1, 1.8, 2.15, 2.5])[-1] - 1)
    output_mean = staticmethod(lambda: -2.0)
    output_standard_deviation = staticmethod(lambda: np.int64(3))
    batchnorm_parameters = staticmethod(lambda: np.array(200))
    gradient_of_the_bias = staticmethod(lambda: -0.0)

    @staticmethod
    def steps_to_ninety_percent():
        return math.ceil(math.log(0.1) / math.log(0.9))


class MoreQuestions:
    """As one might type them."""

    normalized_by_hand = staticmethod(lambda: 1.562844)
    output_mean = staticmethod(lambda: np.float32(-2))
    output_standard_deviation = staticmethod(lambda: 3)
    batchnorm_parameters = staticmethod(lambda: 2 * 1e2)
    gradient_of_the_bias = staticmethod(lambda: np.zeros(1))
    steps_to_ninety_percent = staticmethod(lambda: 22.0)


VARIANTS = (
    NestedLoops,
    OneLayersFile,
    Einsum,
    SinglePrecision,
    LayerObjects,
    Transposed,
    Questions,
    MoreQuestions,
)


@pytest.mark.parametrize("kind", SEEDS)
@pytest.mark.parametrize(("variant", "exercise"), pairs(ASSIGNMENT, VARIANTS))
def test_full_marks_and_nothing_to_say(variant, exercise, kind):
    key = key_of(ASSIGNMENT, exercise.name, kind)
    assert_full_marks(judged(key, functions_of(variant, key)))


def test_every_exercise_has_variants():
    count = variants_per_exercise(ASSIGNMENT, VARIANTS)
    assert all(n >= (2 if e.sealed else 5) for e, n in count.items())


@pytest.mark.parametrize("exercise", [e for e in ASSIGNMENT.exercises if not e.sealed], ids=lambda e: e.name)
def test_single_precision_has_room_on_all_draws(exercise):
    for seed in range(40):
        key = make_key(ASSIGNMENT, exercise, seed)
        verdict = judged(key, functions_of(SinglePrecision, key))
        assert [finding.message for finding in verdict.findings if finding.message] == []


@pytest.mark.parametrize(
    ("edit", "points", "mistake"),
    [
        (("raise ValueError", "return x, None; raise ValueError"), 10.8, None),
        (
            ("mean, var = running_mean, running_var", "mean, var = x.mean(axis=0), x.var(axis=0)"),
            7.2,
            "test_batch_statistics",
        ),
    ],
    ids=["unknown mode", "test mode"],
)
def test_what_is_right_in_one_mode_counts(edit, points, mistake):
    """A student whose training mode is right has more than half of the points."""
    space = vars(solutions.batchnorm).copy()
    exec(inspect.getsource(solutions.batchnorm.batchnorm_forward).replace(*edit), space)
    verdict = judged(
        key_of(ASSIGNMENT, "batchnorm_forward", "fresh 1"),
        {"batchnorm_forward": space["batchnorm_forward"]},
    )
    assert (verdict.status, verdict.points) == (Status.PARTIAL, points)
    assert mistake in {finding.mistake for finding in verdict.findings if finding.message}


def test_a_variant_with_an_error_planted_in_it_is_rejected():
    """What is said of the variants above could be otherwise."""

    def off_by_little(x, gamma, beta, bn_param):
        out, cache = Einsum.batchnorm_forward(x, gamma, beta, bn_param)
        return out * 1.0001, cache

    verdict = judged(key_of(ASSIGNMENT, "batchnorm_forward", "fresh 1"), {"batchnorm_forward": off_by_little})
    assert verdict.status is Status.FAILED
