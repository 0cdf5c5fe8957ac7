"""Right answers to notebook 08 in many styles get full marks.

Each variant is a class whose attributes are what a student might hand in for the exercises of those names.
"""

import time

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d

from autograder.exercises.convnet import ASSIGNMENT
from autograder.sandbox.model import Limits
from cs231n_utils.checking.calls import run
from cs231n_utils.layers import (
    affine_backward,
    affine_forward,
    conv_backward,
    conv_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
)
from cs231n_utils.nets import Affine, Conv, Network, Pool, Relu
from tests.exercises.right_answers import SEEDS, assert_full_marks, functions_of, judged, key_of, pairs


class NestedLoops:
    """Seven loops, and np.zeros."""

    @staticmethod
    def conv_transpose_forward(x, w, b, conv_param):
        stride, pad = conv_param["stride"], conv_param["pad"]
        N, F, H, W = x.shape
        F, C, HH, WW = w.shape
        out = np.zeros((N, C, stride * (H - 1) + HH, stride * (W - 1) + WW))
        for n in range(N):
            for f in range(F):
                for i in range(H):
                    for j in range(W):
                        out[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW] += x[n, f, i, j] * w[f]
        if pad > 0:
            out = out[:, :, pad:-pad, pad:-pad]
        for c in range(C):
            out[:, c] += b[c]
        cache = (x, w, b, conv_param)
        return out, cache

    @staticmethod
    def conv_transpose_backward(dout, cache):
        x, w, b, conv_param = cache
        stride, pad = conv_param["stride"], conv_param["pad"]
        dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(b.shape)
        padded = np.pad(dout, [(0, 0), (0, 0), (pad, pad), (pad, pad)], mode="constant")
        for n, f, i, j in np.ndindex(x.shape):
            window = padded[n, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]]
            dx[n, f, i, j] = np.sum(window * w[f])
            dw[f] += window * x[n, f, i, j]
        for c in range(len(b)):
            db[c] = dout[:, c].sum()
        return dx, dw, db


class ByTheGivenConvolution:
    """The layer is the backward pass of the given convolution, and the other way round. Lists for tuples."""

    @staticmethod
    def conv_transpose_forward(x, w, b, conv_param):
        S, P = conv_param["stride"], conv_param["pad"]
        (N, F, H, W), (_, C, HH, WW) = x.shape, w.shape
        canvas = np.empty((N, C, (H - 1) * S + HH - 2 * P, (W - 1) * S + WW - 2 * P))
        _, cache = conv_forward(canvas, w, np.zeros(F), conv_param)
        return [conv_backward(x, cache)[0] + b.reshape(1, -1, 1, 1), [x, w, dict(conv_param)]]

    @staticmethod
    def conv_transpose_backward(dout, cache):
        x, w, conv_param = cache
        dx, inner = conv_forward(dout, w, np.zeros(len(w)), conv_param)
        return [dx, conv_backward(x, inner)[1], np.einsum("nchw->c", dout)]


class Dilated:
    """Zeros between the numbers of x, and then a full convolution by SciPy; float32 results; the cache is a closure."""

    @staticmethod
    def conv_transpose_forward(x, w, b, conv_param):
        S, P = conv_param["stride"], conv_param["pad"]
        N, F, H, W = x.shape
        dilated = np.zeros((N, F, (H - 1) * S + 1, (W - 1) * S + 1))
        dilated[:, :, ::S, ::S] = x
        out = np.array(
            [[sum(convolve2d(dilated[n, f], w[f, c]) for f in range(F)) for c in range(w.shape[1])] for n in range(N)]
        )
        out = out[:, :, P : out.shape[2] - P, P : out.shape[3] - P] + b[None, :, None, None]

        def backward(dout):
            wide = np.pad(dout, ((0, 0), (0, 0), (P, P), (P, P)))
            dx, dw = np.zeros(x.shape), np.zeros(w.shape)
            for n, f, c in np.ndindex(N, F, w.shape[1]):
                dx[n, f] += correlate2d(wide[n, c], w[f, c], mode="valid")[::S, ::S]
                dw[f, c] += correlate2d(wide[n, c], dilated[n, f], mode="valid")
            return np.float32(dx), np.float32(dw), dout.sum((0, 2, 3)).astype(np.float32)

        return out.astype(np.float32), backward

    @staticmethod
    def conv_transpose_backward(dout, cache):
        return cache(dout)


class Einsum:
    """Everything in two contractions with matrices that say which stamp covers which pixel; Fortran order."""

    @staticmethod
    def covers(length, side, S, P):
        pixels = (length - 1) * S + side - 2 * P
        i, p, u = np.ogrid[:length, :side, :pixels]
        return (i * S + p - P == u).astype(float)

    @staticmethod
    def conv_transpose_forward(x, w, b, conv_param):
        rows, columns = (Einsum.covers(x.shape[k], w.shape[k], conv_param["stride"], conv_param["pad"]) for k in (2, 3))
        print("rows", rows.shape)
        out = np.einsum("nfij,fcpq,ipu,jqv->ncuv", x, w, rows, columns, optimize=True) + b[:, np.newaxis, np.newaxis]
        return np.asfortranarray(out), {"x": x, "w": w, "rows": rows, "columns": columns}

    @staticmethod
    def conv_transpose_backward(dout, cache):
        x, w, rows, columns = cache["x"], cache["w"], cache["rows"], cache["columns"]
        dx = np.einsum("ncuv,fcpq,ipu,jqv->nfij", dout, w, rows, columns, optimize=True)
        dw = np.einsum("ncuv,nfij,ipu,jqv->fcpq", dout, x, rows, columns, optimize=True)
        return np.asfortranarray(dx), np.asfortranarray(dw), dout.sum(axis=3).sum(axis=2).sum(axis=0)


def halve_forward(x, pool_param=None):
    """Six-axis reshape, ties share."""
    N, C, H, W = x.shape
    windows = x[:, :, : H // 2 * 2, : W // 2 * 2].reshape(N, C, H // 2, 2, W // 2, 2)
    out = windows.max(axis=3).max(axis=4)
    return out, (x.shape, windows == out[:, :, :, None, :, None])


def halve_backward(dout, cache):
    shape, mask = cache
    shares = mask / mask.sum(axis=(3, 5), keepdims=True) * dout[:, :, :, None, :, None]
    dx = np.zeros(shape)
    H, W = shape[2] // 2 * 2, shape[3] // 2 * 2
    dx[:, :, :H, :W] = shares.reshape(*shape[:2], H, W)
    return dx


class CS231n:
    """W1, b1, W2 ... as in fc_net.py; flat weight_scale; pooling in front of the ReLU, which is the same."""

    class ConvNet:
        def __init__(
            self, input_shape, blocks, hidden, num_classes, normalization=None, weight_scale=1e-2, seed=0, dtype=float
        ):
            np.random.seed(seed)  # noqa: NPY002  (as students have it)
            self.params = {}
            self.blocks, self.hidden = blocks, hidden
            C, H, W = input_shape
            i = 1
            for filters, n, pool in blocks:
                for _ in range(n):
                    self.params["W%d" % i] = weight_scale * np.random.randn(filters, C, 3, 3)  # noqa: NPY002, UP031
                    self.params["b%d" % i] = np.zeros(filters)  # noqa: UP031
                    C = filters
                    i += 1
                if pool:
                    H //= 2
                    W //= 2
            sizes = [C * H * W, *hidden, num_classes]
            for k in range(len(sizes) - 1):
                self.params[f"W{i}"] = weight_scale * np.random.randn(sizes[k], sizes[k + 1])  # noqa: NPY002
                self.params[f"b{i}"] = np.zeros(sizes[k + 1])
                i += 1
            self.num_layers = i - 1

        def loss(self, X, y=None):
            X = X.astype(np.float64)
            mode = "test" if y is None else "train"
            caches, out, i = [], X, 1
            for _, n, pool in self.blocks:
                for k in range(n):
                    w, b = self.params[f"W{i}"], self.params[f"b{i}"]
                    out, conv_cache = conv_forward(out, w, b, {"stride": 1, "pad": 1})
                    pool_cache = None
                    if pool and k == n - 1:
                        out, pool_cache = halve_forward(out)
                    out, relu_cache = relu_forward(out)
                    caches.append((conv_cache, pool_cache, relu_cache))
                    i += 1
            for k in range(len(self.hidden) + 1):
                out, fc_cache = affine_forward(out, self.params[f"W{i}"], self.params[f"b{i}"])
                relu_cache = None
                if k < len(self.hidden):
                    out, relu_cache = relu_forward(out)
                caches.append((fc_cache, relu_cache))
                i += 1
            scores = out
            if mode == "test":
                return scores
            loss, dout = softmax_loss(scores, y)
            grads = {}
            for i in range(self.num_layers, 0, -1):
                cache = caches[i - 1]
                if len(cache) == 2:
                    if cache[1] is not None:
                        dout = relu_backward(dout, cache[1])
                    dout, grads[f"W{i}"], grads[f"b{i}"] = affine_backward(dout, cache[0])
                else:
                    dout = relu_backward(dout, cache[2])
                    if cache[1] is not None:
                        dout = halve_backward(dout, cache[1])
                    dout, grads[f"W{i}"], grads[f"b{i}"] = conv_backward(dout, cache[0])
            return loss, grads

    @staticmethod
    def train_digits(Solver, X, y, seed):
        model = CS231n.ConvNet((1, 8, 8), [(16, 1, True)], [], 10, weight_scale=0.1, seed=seed)
        data = {"X_train": X[50:], "y_train": y[50:], "X_val": X[:50], "y_val": y[:50]}
        Solver(model, data, optim_config={"learning_rate": 1e-2}, num_epochs=8, batch_size=25, progress=False).train()
        return model


class Wrapped:
    """The given Network does the work; names of its own; a dictionary that is handed on; gradients in another order."""

    class ConvNet:
        def __init__(self, input_shape, blocks, hidden, num_classes, normalization=None, weight_scale=None, seed=0):
            layers = []
            for filters, n, pool in blocks:
                layers += [Conv(filters, 3, 1, 1), Relu()] * n + [Pool(halve_forward, halve_backward)] * pool
            for width in hidden:
                layers += [Affine(width), Relu()]
            self.net = Network(input_shape, [*layers, Affine(num_classes)], seed=seed)
            last = list(self.net.params)[-2]
            self.net.params[last] = self.net.params[last] / 20

        @property
        def params(self):
            return self.net.params

        def loss(self, X, y=None):
            if y is None:
                return self.net.loss(X)
            loss, grads = self.net.loss(X, y)
            return np.array(loss), dict(sorted(grads.items(), reverse=True)) | {"not a parameter": 0}


class SinglePrecision:
    """All weights and all computation in float32; biases as rows (1, M); a list is returned."""

    class ConvNet:
        def __init__(self, input_shape, blocks, hidden, num_classes, normalization=None, weight_scale=0.05, seed=0):
            rng = np.random.RandomState(seed)
            C, H, W = input_shape
            self.plan, self.params = [], {}

            def add(kind, *shape, outputs):
                k = len(self.plan)
                self.params[k, "bias"] = np.zeros((1, outputs), np.float32)
                self.params[k, "weight"] = (rng.randn(*shape) * weight_scale).astype(np.float32)
                self.plan.append((kind, k))

            for filters, n, pool in blocks:
                for _ in range(n):
                    add("conv", filters, C, 3, 3, outputs=filters)
                    C = filters
                    self.plan.append(("relu", None))
                if pool:
                    H, W = H // 2, W // 2
                    self.plan.append(("pool", None))
            D = C * H * W
            for width in [*hidden, num_classes]:
                add("affine", D, width, outputs=width)
                self.plan.append(("relu", None))
                D = width
            self.plan.pop()

        def loss(self, X, y=None):
            tape, out = [], X.astype(np.float32)
            for kind, k in self.plan:
                if kind == "conv":
                    w, b = self.params[k, "weight"], self.params[k, "bias"][0]
                    out, cache = conv_forward(out, w, b, {"stride": 1, "pad": 1})
                elif kind == "affine":
                    out, cache = affine_forward(out, self.params[k, "weight"], self.params[k, "bias"][0])
                else:
                    out, cache = relu_forward(out) if kind == "relu" else halve_forward(out)
                tape.append((kind, k, cache))
            if y is None:
                return out
            loss, d = softmax_loss(out, y)
            grads = {}
            while tape:
                kind, k, cache = tape.pop()
                if kind in ("conv", "affine"):
                    d, dw, db = (conv_backward if kind == "conv" else affine_backward)(d.astype(np.float32), cache)
                    grads[k, "weight"], grads[k, "bias"] = dw, db[None]
                else:
                    d = relu_backward(d, cache) if kind == "relu" else halve_backward(d, cache)
            return [np.float32(loss), grads]


class NaiveNetwork:
    """Convolution and pooling in nested Python loops over single windows, as in CS231n's naive exercises."""

    class ConvNet:
        def __init__(self, input_shape, blocks, hidden, num_classes, normalization=None, weight_scale=1e-1, seed=0):
            rng = np.random.default_rng(seed)
            self.params, self.layers = {}, []
            C, H, W = input_shape
            for filters, n, pool in blocks:
                for _ in range(n):
                    self.add("conv", weight_scale * rng.standard_normal((filters, C, 3, 3)), filters)
                    self.layers.append(("relu", 0))
                    C = filters
                if pool:
                    self.layers.append(("pool", 0))
                    H, W = H // 2, W // 2
            D = C * H * W
            for M in (*hidden, num_classes):
                self.add("affine", weight_scale * rng.standard_normal((D, M)), M)
                self.layers.append(("relu", 0))
                D = M
            self.layers.pop()

        def add(self, kind, w, outputs):
            k = len(self.layers)
            self.params[f"W{k}"], self.params[f"b{k}"] = w, np.zeros(outputs)
            self.layers.append((kind, k))

        def loss(self, X, y=None):
            caches, out = [], X
            for kind, k in self.layers:
                if kind == "conv":
                    out, cache = NaiveNetwork.conv_forward(out, self.params[f"W{k}"], self.params[f"b{k}"])
                elif kind == "affine":
                    out, cache = affine_forward(out, self.params[f"W{k}"], self.params[f"b{k}"])
                elif kind == "relu":
                    out, cache = relu_forward(out)
                else:
                    out, cache = NaiveNetwork.pool_forward(out)
                caches.append(cache)
            if y is None:
                return out
            loss, d = softmax_loss(out, y)
            grads = {}
            for (kind, k), cache in zip(self.layers[::-1], caches[::-1], strict=True):
                if kind == "conv":
                    d, grads[f"W{k}"], grads[f"b{k}"] = NaiveNetwork.conv_backward(d, cache)
                elif kind == "affine":
                    d, grads[f"W{k}"], grads[f"b{k}"] = affine_backward(d, cache)
                else:
                    d = relu_backward(d, cache) if kind == "relu" else NaiveNetwork.pool_backward(d, cache)
            return loss, grads

    @staticmethod
    def conv_forward(x, w, b):
        N, _, H, W = x.shape
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        out = np.zeros((N, len(w), H, W))
        for n in range(N):
            for f in range(len(w)):
                for i in range(H):
                    for j in range(W):
                        out[n, f, i, j] = np.sum(padded[n, :, i : i + 3, j : j + 3] * w[f]) + b[f]
        return out, (padded, w)

    @staticmethod
    def conv_backward(dout, cache):
        padded, w = cache
        dx, dw, db = np.zeros(padded.shape), np.zeros(w.shape), np.zeros(len(w))
        for n in range(len(dout)):
            for f in range(len(w)):
                for i in range(dout.shape[2]):
                    for j in range(dout.shape[3]):
                        db[f] += dout[n, f, i, j]
                        dw[f] += padded[n, :, i : i + 3, j : j + 3] * dout[n, f, i, j]
                        dx[n, :, i : i + 3, j : j + 3] += w[f] * dout[n, f, i, j]
        return dx[:, :, 1:-1, 1:-1], dw, db

    @staticmethod
    def pool_forward(x):
        N, C, H, W = x.shape
        out = np.zeros((N, C, H // 2, W // 2))
        for n in range(N):
            for c in range(C):
                for i in range(H // 2):
                    for j in range(W // 2):
                        out[n, c, i, j] = np.max(x[n, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
        return out, x

    @staticmethod
    def pool_backward(dout, x):
        dx = np.zeros(x.shape)
        for n in range(dout.shape[0]):
            for c in range(dout.shape[1]):
                for i in range(dout.shape[2]):
                    for j in range(dout.shape[3]):
                        window = x[n, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
                        dx[n, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2] += (window == np.max(window)) * dout[n, c, i, j]
        return dx

    @staticmethod
    def train_digits(Solver, X, y, seed):
        net = NaiveNetwork.ConvNet((1, 8, 8), [], [50], 10, seed=seed)
        settings = {"optim_config": {"learning_rate": 3e-3}, "num_epochs": 15, "batch_size": 20, "seed": seed}
        Solver(net, {"X_train": X, "y_train": y}, **settings, progress=False).train()
        return net


VARIANTS = [NestedLoops, NaiveNetwork, ByTheGivenConvolution, Dilated, Einsum, CS231n, Wrapped, SinglePrecision]


def quick_key(exercise, kind):
    """Known mistakes of training take long to answer, and have nothing to say of right answers."""
    return key_of(ASSIGNMENT, exercise.name, kind, mistakes=exercise.name not in ("ConvNet", "train_digits"))


@pytest.mark.parametrize("kind", SEEDS)
@pytest.mark.parametrize(("variant", "exercise"), pairs(ASSIGNMENT, VARIANTS))
def test_full_marks_and_nothing_to_say(variant, exercise, kind):
    key = quick_key(exercise, kind)
    assert_full_marks(judged(key, functions_of(variant, key)))


def test_nested_loops_have_time_enough():
    """Each case in half of the ten seconds that the sandbox gives it, measured in processor time."""
    exercise = ASSIGNMENT.exercise("ConvNet")
    seconds = []
    for case in quick_key(exercise, "fresh 1").cases:
        start = time.process_time()
        run(exercise.plan(case), {"ConvNet": NaiveNetwork.ConvNet}, case.inputs)
        seconds.append(time.process_time() - start)
    assert max(seconds) < Limits().request_seconds / 2
    assert sum(seconds) < Limits().total_seconds / 2


def test_every_exercise_that_is_programmed_has_variants():
    programmed = {exercise.name for exercise in ASSIGNMENT.exercises if not exercise.sealed}
    assert programmed == {name for variant in VARIANTS for name in vars(variant) if name in programmed}
