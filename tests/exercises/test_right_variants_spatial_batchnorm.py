"""Right answers to notebook 04 in many styles get full marks, see test_right_variants.py."""

import itertools
import math
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.exercises import spatial_batchnorm
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

ASSIGNMENT = spatial_batchnorm.ASSIGNMENT


class OneLayersFile:
    """CS231n's way: channels to the back, and the batch norm of the assignment before."""

    @staticmethod
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        N, C, H, W = x.shape
        x_flat = x.transpose(0, 2, 3, 1).reshape(-1, C)
        out_flat, cache = batchnorm_forward(x_flat, gamma, beta, bn_param)
        out = out_flat.reshape(N, H, W, C).transpose(0, 3, 1, 2)
        return out, cache

    @staticmethod
    def spatial_batchnorm_backward(dout, cache):
        N, C, H, W = dout.shape
        dout_flat = dout.transpose(0, 2, 3, 1).reshape(-1, C)
        dx_flat, dgamma, dbeta = batchnorm_backward(dout_flat, cache)
        return dx_flat.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta

    @staticmethod
    def batchnorm_parameter_count(channels, height, width, per_channel):
        if per_channel:
            return channels + channels
        return np.zeros((2, channels, height, width)).size


class ChannelsInFront:
    """Another way to bring a channel together: (C, N·H·W), by swapaxes; ravel on the way."""

    @staticmethod
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        N, C, H, W = x.shape
        rows = np.swapaxes(x, 0, 1).reshape(C, -1)
        out, cache = batchnorm_forward(rows.T, gamma, beta, bn_param)
        return out.T.reshape(C, N, H, W).swapaxes(0, 1), cache

    @staticmethod
    def spatial_batchnorm_backward(dout, cache):
        N, C, H, W = dout.shape
        rows = np.swapaxes(dout, 0, 1).reshape(C, -1)
        dx, dgamma, dbeta = batchnorm_backward(rows.T, cache)
        return dx.T.reshape(C, N, H, W).swapaxes(0, 1), dgamma, dbeta

    batchnorm_parameter_count = staticmethod(
        lambda channels, height, width, per_channel: np.int64(2 * channels * (height * width) ** (not per_channel))
    )


class NestedLoops:
    """One number after the other, and running statistics updated in place."""

    @staticmethod
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        if bn_param["mode"] not in ("train", "test"):
            raise ValueError(bn_param["mode"])
        N, C, H, W = x.shape
        eps, momentum = 1e-5, 0.9
        if "eps" in bn_param:
            eps = bn_param["eps"]
        if "momentum" in bn_param:
            momentum = bn_param["momentum"]
        bn_param.setdefault("running_mean", np.zeros(C))
        bn_param.setdefault("running_var", np.zeros(C))
        out, means, stds = np.zeros((N, C, H, W)), [], []
        for c in range(C):
            mean, var = bn_param["running_mean"][c], bn_param["running_var"][c]
            if bn_param["mode"] == "train":
                numbers = [x[n, c, i, j] for n, i, j in itertools.product(range(N), range(H), range(W))]
                mean = math.fsum(numbers) / len(numbers)
                var = math.fsum((number - mean) ** 2 for number in numbers) / len(numbers)
                bn_param["running_mean"][c] = momentum * bn_param["running_mean"][c] + (1 - momentum) * mean
                bn_param["running_var"][c] = momentum * bn_param["running_var"][c] + (1 - momentum) * var
            means.append(mean)
            stds.append(math.sqrt(var + eps))
            out[:, c] = gamma[c] * (x[:, c] - mean) / stds[c] + beta[c]
        return out, (x, means, stds, gamma)

    @staticmethod
    def spatial_batchnorm_backward(dout, cache):
        x, means, stds, gamma = cache
        dx, dgamma, dbeta = np.zeros(dout.shape), [], []
        for c in range(dout.shape[1]):
            normal = (x[:, c] - means[c]) / stds[c]
            dgamma.append(np.sum(dout[:, c] * normal))
            dbeta.append(np.sum(dout[:, c]))
            m = dout[:, c].size
            dx[:, c] = gamma[c] / (m * stds[c]) * (m * dout[:, c] - dbeta[c] - normal * dgamma[c])
        return dx, np.array(dgamma), np.array(dbeta)

    @staticmethod
    def batchnorm_parameter_count(channels, height, width, per_channel):
        count = 0
        for _ in range(channels):
            count += 2 if per_channel else 2 * height * width
        return count


class Einsum:
    """Raw moments, sums over named axes, keepdims; replaced running statistics; caches with names."""

    @staticmethod
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        (N, C, H, W), mode = x.shape, bn_param["mode"]
        eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
        old = [bn_param.get(name, 0.0 * gamma) for name in ("running_mean", "running_var")]
        if mode == "train":
            mean = np.einsum("nchw->c", x) / (N * H * W)
            var = np.einsum("nchw,nchw->c", x, x) / (N * H * W) - mean**2
            for name, kept, new in zip(("running_mean", "running_var"), old, (mean, var), strict=True):
                bn_param[name] = kept + (1 - momentum) * (new - kept)
        elif mode == "test":
            mean, var = old
        else:
            raise ValueError("mode")
        scale = gamma / np.sqrt(np.maximum(var, 0) + eps)
        out = np.einsum("nchw,c->nchw", x, scale) + (beta - scale * mean).reshape(1, C, 1, 1)
        return [out, SimpleNamespace(x=x, mean=mean, scale=scale, std=np.sqrt(np.maximum(var, 0) + eps))]

    @staticmethod
    def spatial_batchnorm_backward(dout, cache):
        m = dout[:, 0].size
        normal = (cache.x - cache.mean.reshape(1, -1, 1, 1)) / cache.std.reshape(1, -1, 1, 1)
        dbeta, dgamma = np.einsum("nchw->c", dout), np.einsum("nchw,nchw->c", dout, normal)
        inner = dout - dbeta.reshape(1, -1, 1, 1) / m - normal * dgamma.reshape(1, -1, 1, 1) / m
        return [np.einsum("c,nchw->nchw", cache.scale, inner), dgamma, dbeta]

    batchnorm_parameter_count = staticmethod(
        lambda channels, height, width, per_channel: 2 * math.prod([channels, height, width][: 1 if per_channel else 3])
    )


class SinglePrecision:
    """float32 inside and out; the backward pass is a closure; prints and warnings."""

    @staticmethod
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        print("x", x.shape)
        warnings.warn("single precision", stacklevel=1)
        x, gamma, beta = (np.asfortranarray(a, dtype=np.float32) for a in (x, gamma, beta))
        axes, shape = (0, 2, 3), (1, -1, 1, 1)
        match bn_param["mode"]:
            case "train":
                mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
                for name, new in (("running_mean", mean.ravel()), ("running_var", var.ravel())):
                    share = np.float32(bn_param.get("momentum", 0.9))
                    bn_param[name] = (share * bn_param.get(name, 0 * new) + (1 - share) * new).astype(np.float32)
            case "test":
                zeros = np.zeros_like(gamma)
                mean = np.float32(bn_param.get("running_mean", zeros)).reshape(shape)
                var = np.float32(bn_param.get("running_var", zeros)).reshape(shape)
            case other:
                raise ValueError(other)
        std = np.sqrt(var + np.float32(bn_param.get("eps", 1e-5)))
        normal = (x - mean) / std

        def back(dout):
            dout = dout.astype(np.float32)
            dx = gamma.reshape(shape) / std
            dx = dx * (dout - dout.mean(axes, keepdims=True) - normal * (dout * normal).mean(axes, keepdims=True))
            return dx, (dout * normal).sum(axes), dout.sum(axes)

        return gamma.reshape(shape) * normal + beta.reshape(shape), back

    @staticmethod
    def spatial_batchnorm_backward(dout, cache):
        return cache(dout)


class Questions:
    """Answers of other types than the reference's."""

    parameters_per_activation = staticmethod(lambda: 2.0 * 10 * 32 * 32)
    parameters_per_channel = staticmethod(lambda: np.array(20))
    samples_per_channel = staticmethod(lambda: np.int64(8 * 32**2))


VARIANTS = (OneLayersFile, ChannelsInFront, NestedLoops, Einsum, SinglePrecision, Questions)


@pytest.mark.parametrize("kind", SEEDS)
@pytest.mark.parametrize(("variant", "exercise"), pairs(ASSIGNMENT, VARIANTS))
def test_full_marks_and_nothing_to_say(variant, exercise, kind):
    key = key_of(ASSIGNMENT, exercise.name, kind)
    assert_full_marks(judged(key, functions_of(variant, key)))


def test_every_exercise_has_variants():
    count = variants_per_exercise(ASSIGNMENT, VARIANTS)
    assert min(count.values()) >= 1
    assert all(n >= 4 for e, n in count.items() if not e.sealed)


def test_training_right_and_testing_wrong_earns_the_part_for_training():
    def only_training(x, gamma, beta, bn_param):
        if bn_param["mode"] == "test":
            return x, None
        return OneLayersFile.spatial_batchnorm_forward(x, gamma, beta, bn_param)

    exercise = ASSIGNMENT.exercise("spatial_batchnorm_forward")
    key = key_of(ASSIGNMENT, exercise.name, "fresh 1")
    verdict = judged(key, {key.name: only_training})
    assert (verdict.status, verdict.points) == (Status.PARTIAL, 0.6 * exercise.points)


def test_a_variant_with_an_error_planted_in_it_is_rejected():
    """What is said of the variants above could be otherwise."""
    key = key_of(ASSIGNMENT, "spatial_batchnorm_forward", "fresh 1")

    def off_by_little(x, gamma, beta, bn_param):
        out, cache = Einsum.spatial_batchnorm_forward(x, gamma, beta, bn_param)
        return out * 1.0001, cache

    assert judged(key, {key.name: off_by_little}).status is Status.FAILED
