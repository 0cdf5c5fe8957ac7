"""Right answers to notebook 05 in many styles get full marks, see test_right_variants.py."""

# ruff: noqa: RUF059, SIM401  (students unpack shapes whole, and look twice into a dictionary)
import math
import sys
import warnings
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.exercises import group_norms
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

ASSIGNMENT = group_norms.ASSIGNMENT


class NestedLoops:
    """One number after the other; groups found by counting channels."""

    @staticmethod
    def layernorm_forward(x, gamma, beta, ln_param):
        eps = ln_param.get("eps", 1e-5)
        N, D = x.shape
        out, normal, stds = np.zeros((N, D)), np.zeros((N, D)), []
        for n in range(N):
            mu = sum(x[n, d] for d in range(D)) / D
            var = sum((x[n, d] - mu) ** 2 for d in range(D)) / D
            stds.append(math.sqrt(var + eps))
            for d in range(D):
                normal[n, d] = (x[n, d] - mu) / stds[n]
                out[n, d] = gamma[d] * normal[n, d] + beta[d]
        return out, (normal, stds, gamma)

    @staticmethod
    def layernorm_backward(dout, cache):
        normal, stds, gamma = cache
        N, D = dout.shape
        dx, dgamma, dbeta = np.zeros((N, D)), np.zeros(D), np.zeros(D)
        for n in range(N):
            for d in range(D):
                dgamma[d] += dout[n, d] * normal[n, d]
                dbeta[d] += dout[n, d]
                for e in range(D):  # how output e answers to input d
                    answer = (d == e) - 1 / D - normal[n, d] * normal[n, e] / D
                    dx[n, d] += dout[n, e] * gamma[e] * answer / stds[n]
        return dx, dgamma, dbeta

    @staticmethod
    def instancenorm_forward(x, gamma, beta, in_param):
        out = np.zeros(x.shape)
        caches = {}
        for n in range(x.shape[0]):
            for c in range(x.shape[1]):
                flat = x[n, c].reshape(1, -1)
                ones = np.ones(flat.shape[1])
                row, caches[n, c] = NestedLoops.layernorm_forward(flat, gamma[c] * ones, beta[c] * ones, in_param)
                out[n, c] = row.reshape(x.shape[2:])
        return out, caches

    @staticmethod
    def instancenorm_backward(dout, cache):
        dx, dgamma, dbeta = np.zeros(dout.shape), np.zeros(dout.shape[1]), np.zeros(dout.shape[1])
        for (n, c), one in cache.items():
            row, dg, db = NestedLoops.layernorm_backward(dout[n, c].reshape(1, -1), one)
            dx[n, c] = row.reshape(dout.shape[2:])
            dgamma[c] += dg.sum()
            dbeta[c] += db.sum()
        return dx, dgamma, dbeta

    @staticmethod
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        N, C, H, W = x.shape
        if G * (C // G) != C:
            raise ValueError("G must divide C")
        size = C // G
        out, mus, stds = np.zeros(x.shape), np.zeros((N, C)), np.zeros((N, C))
        for n in range(N):
            for g in range(G):
                numbers = x[n, g * size : (g + 1) * size]
                mu, var = np.mean(numbers), np.var(numbers)
                for c in range(g * size, (g + 1) * size):
                    mus[n, c], stds[n, c] = mu, np.sqrt(var + gn_param.get("eps", 1e-5))
                    out[n, c] = gamma[0, c, 0, 0] * (x[n, c] - mus[n, c]) / stds[n, c] + beta[0, c, 0, 0]
        return out, (x, mus, stds, gamma, G)

    @staticmethod
    def spatial_groupnorm_backward(dout, cache):
        x, mus, stds, gamma, G = cache
        N, C, H, W = x.shape
        dx, dgamma, dbeta = np.zeros(x.shape), np.zeros((1, C, 1, 1)), np.zeros((1, C, 1, 1))
        for n in range(N):
            for channels in np.split(np.arange(C), G):
                m = len(channels) * H * W
                std = stds[n, channels[0]]
                normal = (x[n, channels] - mus[n, channels[0]]) / std
                dnormal = dout[n, channels] * gamma[0, channels]
                dx[n, channels] = (dnormal - dnormal.sum() / m - normal * (dnormal * normal).sum() / m) / std
                dgamma[0, channels, 0, 0] += (dout[n, channels] * normal).sum(axis=(1, 2))
                dbeta[0, channels, 0, 0] += dout[n, channels].sum(axis=(1, 2))
        return dx, dgamma, dbeta


class OneLayersFile:
    """The style of CS231n files: layer norm is the batch norm of the transpose, forward and backward."""

    @staticmethod
    def layernorm_forward(x, gamma, beta, ln_param):
        out, cache = None, None
        eps = ln_param.get("eps", 1e-5)
        bn_param = {"mode": "train", "eps": eps}
        out, cache = batchnorm_forward(x.T, gamma[:, np.newaxis], beta[:, np.newaxis], bn_param)
        out = out.T
        ln_param["layernorm"] = 1  # a further key: does no harm
        return out, cache

    @staticmethod
    def layernorm_backward(dout, cache):
        dbeta = np.sum(dout, axis=0)
        dgamma = np.sum(dout.T * cache[0], axis=1)
        dx, _, _ = batchnorm_backward(dout.T, cache)
        return dx.T, dgamma, dbeta

    @staticmethod
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        out, cache = None, None
        eps = gn_param.get("eps", 1e-5)
        N, C, H, W = x.shape
        if C % G != 0:
            raise ValueError("bad number of groups", G)
        size = (N * G, C // G * H * W)
        x = x.reshape(size).T
        gamma = gamma.reshape(1, C, 1, 1)
        beta = beta.reshape(1, C, 1, 1)
        mu = x.mean(axis=0)
        var = x.var(axis=0) + eps
        std = np.sqrt(var)
        z = (x - mu) / std
        z = z.T.reshape(N, C, H, W)
        out = gamma * z + beta
        cache = {"std": std, "gamma": gamma, "z": z, "size": size}
        return out, cache

    @staticmethod
    def spatial_groupnorm_backward(dout, cache):
        N, C, H, W = dout.shape
        size = cache["size"]
        dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)
        dgamma = np.sum(dout * cache["z"], axis=(0, 2, 3), keepdims=True)
        z = cache["z"].reshape(size).T
        M = z.shape[0]
        dfdz = (dout * cache["gamma"]).reshape(size).T
        dfdz_sum = np.sum(dfdz, axis=0)
        dx = dfdz - dfdz_sum / M - np.sum(dfdz * z, axis=0) * z / M
        dx /= cache["std"]
        dx = dx.T.reshape(N, C, H, W)
        return dx, dgamma, dbeta

    @staticmethod
    def instancenorm_forward(x, gamma, beta, in_param):
        N, C, H, W = x.shape
        flat = x.reshape(N * C, H * W)
        mu, var = flat.mean(1), flat.var(1)
        ivar = (1.0 / np.sqrt(var + in_param.get("eps", 1e-5))).reshape(N, C, 1, 1)
        xmu = x - mu.reshape(N, C, 1, 1)
        return gamma.reshape(1, C, 1, 1) * (xmu * ivar) + beta.reshape(1, C, 1, 1), (xmu, ivar, gamma)

    @staticmethod
    def instancenorm_backward(dout, cache):
        xmu, ivar, gamma = cache
        N, C, H, W = dout.shape
        dxhat = dout * gamma.reshape(1, C, 1, 1)
        dvar = np.sum(dxhat * xmu * -0.5 * ivar**3, axis=(2, 3), keepdims=True)
        dmu = np.sum(-dxhat * ivar, axis=(2, 3), keepdims=True)
        dmu += dvar * np.sum(-2.0 * xmu, axis=(2, 3), keepdims=True) / (H * W)
        dx = dxhat * ivar + dvar * 2.0 * xmu / (H * W) + dmu / (H * W)
        return dx, np.sum(dout * xmu * ivar, axis=(0, 2, 3)), np.sum(dout, axis=(0, 2, 3))


class Einsum:
    """Means as sums of products, over named axes; groups as an axis of their own."""

    @staticmethod
    def layernorm_forward(x, gamma, beta, ln_param):
        D = x.shape[1]
        centred = x - np.einsum("nd->n", x)[:, None] / D
        std = np.sqrt(np.einsum("nd,nd->n", centred, centred) / D + ln_param.get("eps", 1e-5))
        normal = np.einsum("nd,n->nd", centred, 1 / std)
        return np.einsum("nd,d->nd", normal, gamma) + beta, SimpleNamespace(normal=normal, std=std, gamma=gamma)

    @staticmethod
    def layernorm_backward(dout, cache):
        D = dout.shape[1]
        pull = np.einsum("nd,d->nd", dout, cache.gamma)
        along = np.einsum("nd,nd->n", pull, cache.normal)[:, None] * cache.normal / D
        dx = (pull - pull.mean(axis=1)[:, None] - along) / cache.std[:, None]
        return dx, np.einsum("nd,nd->d", dout, cache.normal), np.einsum("nd->d", dout)

    @staticmethod
    def instancenorm_forward(x, gamma, beta, in_param):
        m = x.shape[2] * x.shape[3]
        centred = x - np.einsum("nchw->nc", x)[..., None, None] / m
        std = np.sqrt(np.einsum("nchw,nchw->nc", centred, centred) / m + in_param.get("eps", 1e-5))
        normal = centred / std[..., None, None]
        return np.einsum("nchw,c->nchw", normal, gamma) + beta.reshape(-1, 1, 1), (normal, std, gamma)

    @staticmethod
    def instancenorm_backward(dout, cache):
        normal, std, gamma = cache
        m = dout.shape[2] * dout.shape[3]
        # Here gamma may be taken out: it is the same for all numbers of a map.
        shift = np.einsum("nchw->nc", dout)[..., None, None] / m
        stretch = np.einsum("nchw,nchw->nc", dout, normal)[..., None, None] / m
        dx = np.einsum("c,nc,nchw->nchw", gamma, 1 / std, dout - shift - normal * stretch)
        return dx, np.einsum("nchw,nchw->c", dout, normal), np.einsum("nchw->c", dout)

    @staticmethod
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        if x.shape[1] % G:
            raise ValueError(G)
        groups = x.reshape(len(x), G, -1, *x.shape[2:])
        m = groups[0, 0].size
        centred = groups - np.einsum("ngkhw->ng", groups)[..., None, None, None] / m
        std = np.sqrt(np.einsum("ngkhw,ngkhw->ng", centred, centred) / m + gn_param.get("eps", 1e-5))
        normal = np.einsum("ngkhw,ng->ngkhw", centred, 1 / std)
        return gamma * normal.reshape(x.shape) + beta, (normal, std, gamma)

    @staticmethod
    def spatial_groupnorm_backward(dout, cache):
        normal, std, gamma = cache
        pull = (dout * gamma).reshape(normal.shape)
        m = normal[0, 0].size
        shift = np.einsum("ngkhw->ng", pull)[..., None, None, None] / m
        stretch = np.einsum("ngkhw,ngkhw->ng", pull, normal)[..., None, None, None] / m
        dx = np.einsum("ngkhw,ng->ngkhw", pull - shift - stretch * normal, 1 / std)
        dgamma = np.einsum("nchw,nchw->c", dout, normal.reshape(dout.shape))
        return dx.reshape(dout.shape), dgamma[None, :, None, None], np.einsum("nchw->c", dout)[None, :, None, None]


class RawMoments:
    """The variance as E[x²] - E[x]², groups by np.split, results in lists."""

    @staticmethod
    def layernorm_forward(x, gamma, beta, ln_param):
        eps = ln_param["eps"] if "eps" in ln_param else 1e-5
        mean = x.mean(-1, keepdims=True)
        std = (np.mean(np.square(x, dtype=float), -1, keepdims=True) - mean**2 + eps) ** 0.5
        return [(x - mean) / std * gamma + beta, [x, mean, std, gamma]]

    @staticmethod
    def layernorm_backward(dout, cache):
        x, mean, std, gamma = cache
        D = x.shape[1]
        normal = (x - mean) / std
        g = dout * gamma
        dx = (D * g - g.sum(1, keepdims=True) - normal * (g * normal).sum(1, keepdims=True)) / (D * std)
        return [dx, (dout * normal).sum(0), dout.sum(0)]

    @staticmethod
    def instancenorm_forward(x, gamma, beta, in_param):
        shape = (1, x.shape[1], 1, 1)
        return RawMoments.spatial_groupnorm_forward(x, gamma.reshape(shape), beta.reshape(shape), shape[1], in_param)

    @staticmethod
    def instancenorm_backward(dout, cache):
        dx, dgamma, dbeta = RawMoments.spatial_groupnorm_backward(dout, cache)
        return dx, dgamma[0, :, 0, 0], dbeta[0, :, 0, 0]

    @staticmethod
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        groups = np.split(x, G, axis=1)  # raises a ValueError itself where G does not divide C
        gammas, betas = np.split(gamma, G, axis=1), np.split(beta, G, axis=1)
        parts, kept = [], []
        for part, own_gamma, own_beta in zip(groups, gammas, betas, strict=True):
            flat = part.reshape(len(x), -1)
            pixels = x.shape[2] * x.shape[3]
            gamma_per_number, beta_per_number = np.repeat(own_gamma, pixels), np.repeat(own_beta, pixels)
            out, one = RawMoments.layernorm_forward(flat, gamma_per_number, beta_per_number, gn_param)
            parts.append(out.reshape(part.shape))
            kept.append(one)
        return [np.concatenate(parts, axis=1), kept]

    @staticmethod
    def spatial_groupnorm_backward(dout, cache):
        results = []
        for part, one in zip(np.split(dout, len(cache), axis=1), cache, strict=True):
            dx, dgamma, dbeta = RawMoments.layernorm_backward(part.reshape(len(dout), -1), one)
            per_channel = (1, part.shape[1], 1, 1)
            channels = part.shape[1]
            sums = [gradient.reshape(channels, -1).sum(1).reshape(per_channel) for gradient in (dgamma, dbeta)]
            results.append([dx.reshape(part.shape), *sums])
        return [np.concatenate(gradients, axis=1) for gradients in zip(*results, strict=True)]


class SinglePrecision:
    """float32 inside and out, Fortran order, caches that are functions."""

    @staticmethod
    def layernorm_forward(x, gamma, beta, ln_param):
        x, gamma, beta = (np.asfortranarray(a, dtype=np.float32) for a in (x, gamma, beta))
        mean, var = x.mean(axis=1)[:, None], x.var(axis=1)[:, None]
        std = np.sqrt(var + np.float32(ln_param.get("eps", 1e-5)))
        normal = (x - mean) / std

        def back(dout):
            dout = dout.astype(np.float32)
            g = dout * gamma
            dx = (g - g.mean(axis=1)[:, None] - normal * np.mean(g * normal, axis=1)[:, None]) / std
            return dx, (dout * normal).sum(axis=0), dout.sum(axis=0)

        return normal * gamma + beta, back

    @staticmethod
    def layernorm_backward(dout, cache):
        return cache(dout)

    @staticmethod
    def instancenorm_forward(x, gamma, beta, in_param):
        x = x.astype(np.float32)
        mean, std = x.mean(axis=(2, 3), keepdims=True), x.std(axis=(2, 3), keepdims=True)
        std = np.sqrt(std**2 + np.float32(in_param.get("eps", 1e-5)))
        normal = ((x - mean) / std).astype(np.float32)
        out = np.einsum("nchw,c->nchw", normal, gamma.astype(np.float32)) + beta[None, :, None, None]
        return np.asfortranarray(out.astype(np.float32)), (normal, std, gamma)

    @staticmethod
    def instancenorm_backward(dout, cache):
        normal, std, gamma = cache
        g = (dout * gamma[:, None, None]).astype(np.float32)
        m = np.float32(g[0, 0].size)
        dx = g - g.sum(axis=(2, 3), keepdims=True) / m
        dx -= normal * np.sum(g * normal, axis=(2, 3), keepdims=True) / m
        return dx / std, np.float32(1) * (dout * normal).sum(axis=(0, 2, 3)), dout.sum(axis=(0, 2, 3))

    @staticmethod
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        N, C, H, W = x.shape
        if C / G != C // G:
            raise ValueError
        group = x.astype(np.float32).reshape((N, G, C // G, H, W))
        mean, var = np.mean(group, (2, 3, 4), keepdims=True), np.var(group, (2, 3, 4), keepdims=True)
        std = np.sqrt(var + np.float32(gn_param.get("eps", 1e-5)))
        normal = ((group - mean) / std).reshape(x.shape)
        out = (normal * gamma + beta).astype(np.float32)
        return out, (normal, np.repeat(std.reshape(N, G), C // G, axis=1)[..., None, None], gamma, G)

    @staticmethod
    def spatial_groupnorm_backward(dout, cache):
        normal, std, gamma, G = cache
        N, C, H, W = dout.shape

        def spread_mean(a):
            means = a.reshape(N, G, -1).mean(axis=2)
            return np.repeat(means, C // G, axis=1)[..., None, None]

        g = (dout * gamma).astype(np.float32)
        dx = (g - spread_mean(g) - normal * spread_mean(g * normal)) / std
        channel = partial(np.sum, axis=(0, 2, 3))
        return dx, channel(dout * normal).reshape(gamma.shape), channel(dout)[None, :, None, None]


class Jacobians:
    """The derivative as a matrix for every pocket of numbers; what is looked at is printed, and there are warnings."""

    @staticmethod
    def jacobian(numbers, eps):
        m = numbers.size
        std = np.sqrt(numbers.var() + eps)
        normal = (numbers - numbers.mean()).ravel() / std
        return normal, (np.eye(m) - np.ones((m, m)) / m - np.outer(normal, normal) / m) / std

    @staticmethod
    def layernorm_forward(x, gamma, beta, ln_param):
        print("layernorm", x.shape, file=sys.stderr)
        eps = ln_param.get("eps", 1e-5)
        rows = [Jacobians.jacobian(row, eps) for row in x]
        return np.array([normal for normal, _ in rows]) * gamma + beta, (rows, gamma)

    @staticmethod
    def layernorm_backward(dout, cache):
        rows, gamma = cache
        warnings.warn("on the way back", stacklevel=1)
        dx = np.stack([J.T @ (gamma * d) for d, (_, J) in zip(dout, rows, strict=True)])
        return dx, sum(d * normal for d, (normal, _) in zip(dout, rows, strict=True)), np.ones(len(dout)) @ dout

    @staticmethod
    def instancenorm_forward(x, gamma, beta, in_param):
        eps = in_param.get("eps", 1e-5)
        maps = {place: Jacobians.jacobian(x[place], eps) for place in np.ndindex(x.shape[:2])}
        out = np.empty_like(x, dtype=float)
        for (n, c), (normal, _) in maps.items():
            out[n, c] = gamma[c] * normal.reshape(x.shape[2:]) + beta[c]
        return out, (maps, gamma)

    @staticmethod
    def instancenorm_backward(dout, cache):
        maps, gamma = cache
        dx = np.empty(dout.shape)
        dgamma = np.zeros_like(gamma)
        for (n, c), (normal, J) in maps.items():
            dx[n, c] = (gamma[c] * dout[n, c].ravel() @ J).reshape(dout.shape[2:])
            dgamma[c] += dout[n, c].ravel() @ normal
        return dx, dgamma, dout.sum((0, 2, 3))

    @staticmethod
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        N, C, H, W = x.shape
        if C not in [k * G for k in range(1, C + 1)]:
            raise ValueError("groups of equal size are wanted")
        eps = gn_param.get("eps", 1e-5)
        found = [[Jacobians.jacobian(numbers, eps) for numbers in image.reshape(G, -1)] for image in x]
        normal = np.array([[normal for normal, _ in image] for image in found]).reshape(x.shape)
        return gamma * normal + beta, (found, normal, gamma)

    @staticmethod
    def spatial_groupnorm_backward(dout, cache):
        found, normal, gamma = cache
        pull = (dout * gamma).reshape(len(found), len(found[0]), -1)
        dx = [[d @ J for d, (_, J) in zip(ds, image, strict=True)] for ds, image in zip(pull, found, strict=True)]
        dgamma = np.apply_over_axes(np.sum, dout * normal, (0, 2, 3))
        return np.reshape(dx, dout.shape), dgamma, np.apply_over_axes(np.sum, dout, (0, 2, 3))


class Questions:
    """Answers of other types than the reference's."""

    layernorm_stored_statistics = staticmethod(lambda: np.int64(0))
    batchnorm_means = staticmethod(lambda: np.array(12))
    groupnorm_means = staticmethod(lambda: 8 * 3)
    groups_of_instance_norm = staticmethod(lambda: np.zeros((1, 12, 1, 1)).size)
    groups_of_layer_norm = staticmethod(lambda: 12 // 12)
    instancenorm_of_one_pixel = staticmethod(lambda: 2 * 0.0 + 5)


VARIANTS = (NestedLoops, OneLayersFile, Einsum, RawMoments, SinglePrecision, Jacobians, Questions)


@pytest.mark.parametrize("kind", SEEDS)
@pytest.mark.parametrize(("variant", "exercise"), pairs(ASSIGNMENT, VARIANTS))
def test_full_marks_and_nothing_to_say(variant, exercise, kind):
    key = key_of(ASSIGNMENT, exercise.name, kind)
    assert_full_marks(judged(key, functions_of(variant, key)))


def test_every_exercise_has_variants():
    count = variants_per_exercise(ASSIGNMENT, VARIANTS)
    assert min(count.values()) >= 1
    assert all(n >= 5 for e, n in count.items() if not e.sealed)


def test_an_array_of_x_s_integer_type_is_remarked_on_and_free():
    def cut(x, gamma, beta, ln_param):
        out, _ = Einsum.layernorm_forward(x, gamma, beta, ln_param)
        return out.astype(x.dtype), None

    key = key_of(ASSIGNMENT, "layernorm_forward", "fresh 1")
    verdict = judged(key, {key.name: cut})
    assert verdict.points == verdict.max_points
    assert [finding.case for finding in verdict.findings if finding.status is Status.REMARK] == ["x of whole numbers"]


def test_only_the_error_missing_costs_a_tenth():
    def without_error(x, gamma, beta, G, gn_param):
        eps = gn_param.get("eps", 1e-5)
        groups = x.reshape(len(x), G, -1)
        std = np.sqrt(groups.var(axis=2, keepdims=True) + eps)
        return gamma * ((groups - groups.mean(axis=2, keepdims=True)) / std).reshape(x.shape) + beta, None

    exercise = ASSIGNMENT.exercise("spatial_groupnorm_forward")
    key = key_of(ASSIGNMENT, exercise.name, "fresh 1")
    verdict = judged(key, {key.name: without_error})
    assert (verdict.status, verdict.points) == (Status.PARTIAL, 0.9 * exercise.points)
    assert {finding.mistake for finding in verdict.findings if finding.message} == {"error_missing"}


def test_a_variant_with_an_error_planted_in_it_is_rejected():
    """What is said of the variants above could be otherwise."""
    key = key_of(ASSIGNMENT, "instancenorm_forward", "fresh 1")

    def off_by_little(x, gamma, beta, in_param):
        out, cache = Einsum.instancenorm_forward(x, gamma, beta, in_param)
        return out * 1.0001, cache

    assert judged(key, {key.name: off_by_little}).status is Status.FAILED
