"""Right answers to notebook 07 in many styles get full marks. Each class holds what one student might hand in."""

import warnings
from functools import partial, reduce

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from scipy.signal import correlate

from autograder.exercises.fc_as_conv import ASSIGNMENT
from tests.exercises.right_answers import (
    SEEDS,
    assert_full_marks,
    functions_of,
    judged,
    key_of,
    pairs,
    variants_per_exercise,
)


class LayersFile:
    """As it is commonly written in a layers.py of CS231n: four loops, zeros_like, `None` first."""

    @staticmethod
    def affine_forward(x, w, b):
        out = None
        N = x.shape[0]
        D = np.prod(x.shape[1:])
        x_rsp = np.reshape(x, (N, D))
        out = x_rsp.dot(w) + b
        cache = (x, w, b)
        return out, cache

    @staticmethod
    def affine_backward(dout, cache):
        x, w, _b = cache
        dx, dw, db = None, None, None
        dx = np.dot(dout, w.T).reshape(x.shape)
        dw = np.dot(x.reshape(x.shape[0], -1).T, dout)
        db = np.dot(np.ones(dout.shape[0]), dout)
        return dx, dw, db

    @staticmethod
    def conv_forward_naive(x, w, b, conv_param):
        stride, pad = conv_param.get("stride", 1), conv_param.get("pad", 0)
        N, _C, H, W = x.shape
        F, _, HH, WW = w.shape
        H_ = int(1 + (H + 2 * pad - HH) / stride)
        W_ = int(1 + (W + 2 * pad - WW) / stride)
        out = np.zeros((N, F, H_, W_))
        x_pad = np.pad(x, ((0,), (0,), (pad,), (pad,)), "constant")
        for n in range(N):
            for f in range(F):
                for i in range(H_):
                    for j in range(W_):
                        hs, ws = i * stride, j * stride
                        out[n, f, i, j] = np.sum(x_pad[n, :, hs : hs + HH, ws : ws + WW] * w[f]) + b[f]
        return out, (x, w, b, conv_param)

    @staticmethod
    def conv_backward_naive(dout, cache):
        x, w, b, conv_param = cache
        stride, pad = conv_param["stride"], conv_param["pad"]
        HH, WW = w.shape[2:]
        x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        dx_pad, dw, db = np.zeros_like(x_pad, dtype=float), np.zeros_like(w), np.zeros_like(b)
        for n in range(dout.shape[0]):
            for f in range(dout.shape[1]):
                db[f] += dout[n, f].sum()
                for i in range(dout.shape[2]):
                    for j in range(dout.shape[3]):
                        rows, columns = slice(i * stride, i * stride + HH), slice(j * stride, j * stride + WW)
                        dw[f] += x_pad[n, :, rows, columns] * dout[n, f, i, j]
                        dx_pad[n, :, rows, columns] += w[f] * dout[n, f, i, j]
        dx = dx_pad[:, :, pad : x_pad.shape[2] - pad, pad : x_pad.shape[3] - pad]
        return dx, dw, db

    @staticmethod
    def conv1x1_forward(x, w, b):
        return LayersFile.conv_forward_naive(x, w, b, {"stride": 1, "pad": 0})

    @staticmethod
    def conv1x1_backward(dout, cache):
        return LayersFile.conv_backward_naive(dout, cache)

    @staticmethod
    def fc_to_conv(w, b, input_shape):
        if w.shape[0] != input_shape[0] * input_shape[1] * input_shape[2]:
            raise ValueError("shapes")
        return np.reshape(w.T, (-1,) + input_shape), b  # noqa: RUF005  (students add tuples)

    @staticmethod
    def conv_to_fc(w, b):
        return np.reshape(w, (w.shape[0], -1)).T, b

    @staticmethod
    def convify_head(head, input_shape):
        new = []
        for i in range(len(head)):
            w, b = head[i]
            if i == 0:
                w2, b2 = LayersFile.fc_to_conv(w, b, input_shape)
            else:
                w2, b2 = LayersFile.fc_to_conv(w, b, (w.shape[0], 1, 1))
            new.append((w2, b2))
        return new


class NestedLoops:
    """One number at a time, Python lists inside."""

    @staticmethod
    def affine_forward(x, w, b):
        rows = [example.ravel().tolist() for example in x]
        out = [[b[m] + sum(v * w[d, m] for d, v in enumerate(row)) for m in range(w.shape[1])] for row in rows]
        return np.array(out), {"x": x, "w": w}

    @staticmethod
    def affine_backward(dout, cache):
        x, w = cache["x"], cache["w"]
        dx, dw, db = np.zeros((len(x), len(w))), np.zeros(w.shape), np.zeros(w.shape[1])
        for n, m in np.ndindex(dout.shape):
            db[m] += dout[n, m]
            for d in range(len(w)):
                dx[n, d] += dout[n, m] * w[d, m]
                dw[d, m] += dout[n, m] * x[n].flat[d]
        return dx.reshape(x.shape), dw, db

    @staticmethod
    def conv_forward_naive(x, w, b, conv_param):
        S, P = conv_param["stride"], conv_param["pad"]
        N, _, H, W = x.shape
        F, _, HH, WW = w.shape
        out = np.zeros((N, F, 1 + (H + 2 * P - HH) // S, 1 + (W + 2 * P - WW) // S))
        for n, f, i, j in np.ndindex(out.shape):
            out[n, f, i, j] = b[f]
            for c, p, q in np.ndindex(w.shape[1:]):
                row, column = i * S + p - P, j * S + q - P
                if 0 <= row < H and 0 <= column < W:
                    out[n, f, i, j] += w[f, c, p, q] * x[n, c, row, column]
        return out, (x, w, S, P)

    @staticmethod
    def conv_backward_naive(dout, cache):
        x, w, S, P = cache
        dx, dw = np.zeros(x.shape), np.zeros(w.shape)
        for n, f, i, j in np.ndindex(dout.shape):
            for c, p, q in np.ndindex(w.shape[1:]):
                row, column = i * S + p - P, j * S + q - P
                if 0 <= row < x.shape[2] and 0 <= column < x.shape[3]:
                    dx[n, c, row, column] += w[f, c, p, q] * dout[n, f, i, j]
                    dw[f, c, p, q] += x[n, c, row, column] * dout[n, f, i, j]
        return [dx, dw, np.array([dout[:, f].sum() for f in range(dout.shape[1])])]

    @staticmethod
    def conv1x1_forward(x, w, b):
        out = np.zeros((len(x), len(w), *x.shape[2:]))
        for n, i, j in np.ndindex(len(x), *x.shape[2:]):
            out[n, :, i, j] = w[:, :, 0, 0] @ x[n, :, i, j] + b
        return [out, [x, w]]

    @staticmethod
    def conv1x1_backward(dout, cache):
        x, w = cache
        dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(len(w))
        for n, i, j in np.ndindex(len(x), *x.shape[2:]):
            dx[n, :, i, j] = w[:, :, 0, 0].T @ dout[n, :, i, j]
            dw[:, :, 0, 0] += np.outer(dout[n, :, i, j], x[n, :, i, j])
            db += dout[n, :, i, j]
        return dx, dw, db

    @staticmethod
    def fc_to_conv(w, b, input_shape):
        C, H, W = input_shape
        if len(w) != C * H * W:
            raise ValueError
        out = np.zeros((w.shape[1], C, H, W))
        for m, c, i, j in np.ndindex(out.shape):
            out[m, c, i, j] = w[c * H * W + i * W + j, m]
        return out, b.copy()

    @staticmethod
    def conv_to_fc(w, b):
        M, C, H, W = w.shape
        out = np.zeros((C * H * W, M))
        for m, c, i, j in np.ndindex(w.shape):
            out[c * H * W + i * W + j, m] = w[m, c, i, j]
        return [out, b]

    @staticmethod
    def convify_head(head, input_shape):
        first, *rest = head
        return [NestedLoops.fc_to_conv(*first, input_shape)] + [
            NestedLoops.fc_to_conv(w, b, [len(w), 1, 1]) for w, b in rest
        ]


class ImageToColumns:
    """im2col with index arrays, np.add.at on the way back; conversions by way of np.stack and np.split."""

    @staticmethod
    def affine_forward(x, w, b):
        flat = x.reshape(x.shape[0], -1)
        return np.hstack([flat, np.ones((len(x), 1))]) @ np.vstack([w, b]), (flat, w, x.shape)

    @staticmethod
    def affine_backward(dout, cache):
        flat, w, shape = cache
        both = np.hstack([flat, np.ones((len(flat), 1))]).T @ dout
        return np.matmul(dout, np.transpose(w)).reshape(shape), both[:-1], both[-1]

    @staticmethod
    def places(padded, w, S):
        windows = sliding_window_view(np.arange(padded.size).reshape(padded.shape), w.shape[2:], axis=(2, 3))
        windows = windows[:, :, ::S, ::S].transpose(0, 2, 3, 1, 4, 5)  # N, H_out, W_out, C, HH, WW
        return windows.shape[:3], windows.reshape(-1, w[0].size)

    @staticmethod
    def conv_forward_naive(x, w, b, conv_param):
        S, P = conv_param["stride"], conv_param["pad"]
        padded = np.pad(x, [(0, 0)] * 2 + [(P, P)] * 2)
        sizes, places = ImageToColumns.places(padded, w, S)
        out = padded.ravel()[places] @ w.reshape(len(w), -1).T + b
        return out.reshape(*sizes, len(w)).transpose(0, 3, 1, 2), (padded, places, w, P)

    @staticmethod
    def conv_backward_naive(dout, cache):
        padded, places, w, P = cache
        flat = dout.transpose(0, 2, 3, 1).reshape(-1, len(w))
        dpadded = np.zeros(padded.size)
        np.add.at(dpadded, places, flat @ w.reshape(len(w), -1))
        dpadded = dpadded.reshape(padded.shape)
        dx = dpadded[:, :, P : dpadded.shape[2] - P, P : dpadded.shape[3] - P]
        return dx, (flat.T @ padded.ravel()[places]).reshape(w.shape), flat.sum(0)

    @staticmethod
    def conv1x1_forward(x, w, b):
        flat = x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])
        out = flat @ w.reshape(w.shape[:2]).T + b
        N, _, H, W = x.shape
        return out.reshape(N, H, W, -1).transpose(0, 3, 1, 2), (flat, w, x.shape)

    @staticmethod
    def conv1x1_backward(dout, cache):
        flat, w, (N, C, H, W) = cache
        dflat = dout.transpose(0, 2, 3, 1).reshape(-1, len(w))
        dx = (dflat @ w.squeeze((2, 3))).reshape(N, H, W, C).transpose(0, 3, 1, 2)
        return dx, (dflat.T @ flat).reshape(w.shape), dflat.sum(axis=0)

    @staticmethod
    def fc_to_conv(w, b, input_shape):
        return np.stack([column.reshape(input_shape) for column in w.T]), b

    @staticmethod
    def conv_to_fc(w, b):
        return np.column_stack([filt.ravel() for filt in w]), b

    @staticmethod
    def convify_head(head, input_shape):
        shapes = [tuple(input_shape)] + [(len(b), 1, 1) for _, b in head[:-1]]
        return tuple(ImageToColumns.fc_to_conv(w, b, shape) for (w, b), shape in zip(head, shapes, strict=True))


class Einsum:
    """np.einsum throughout, strided views, results in whatever order of memory."""

    @staticmethod
    def affine_forward(x, w, b):
        return np.einsum("nd,dm->nm", x.reshape(len(x), -1), w) + b[None], (x, w)

    @staticmethod
    def affine_backward(dout, cache):
        x, w = cache
        dx = np.einsum("nm,dm->nd", dout, w).reshape(x.shape)
        return dx, np.einsum("nd,nm->dm", x.reshape(len(x), -1), dout), np.einsum("nm->m", dout)

    @staticmethod
    def windows(padded, w, S):
        N, C, H, W = padded.shape
        HH, WW = w.shape[2:]
        n, c, i, j = padded.strides
        sizes = (N, C, (H - HH) // S + 1, (W - WW) // S + 1, HH, WW)
        return as_strided(padded, sizes, (n, c, i * S, j * S, i, j), writeable=False)

    @staticmethod
    def conv_forward_naive(x, w, b, conv_param):
        S, P = conv_param["stride"], conv_param["pad"]
        N, C, H, W = x.shape
        padded = np.zeros((N, C, H + 2 * P, W + 2 * P))
        padded[:, :, P : P + H, P : P + W] = x
        windows = Einsum.windows(padded, w, S)
        return np.einsum("ncijpq,fcpq->nfij", windows, w) + b[:, None, None], (x.shape, padded, w, S, P)

    @staticmethod
    def conv_backward_naive(dout, cache):
        (_, _, H, W), padded, w, S, P = cache
        dw = np.einsum("ncijpq,nfij->fcpq", Einsum.windows(padded, w, S), dout)
        spread = np.zeros((*dout.shape[:2], padded.shape[2] + w.shape[2] - 1, padded.shape[3] + w.shape[3] - 1))
        rows, columns = (
            slice(side - 1, side - 1 + S * n, S) for side, n in zip(w.shape[2:], dout.shape[2:], strict=True)
        )
        spread[:, :, rows, columns][:] = dout  # a full correlation with the turned filter
        turned = np.einsum("nfijpq,fcpq->ncij", Einsum.windows(spread, w, 1), w[:, :, ::-1, ::-1])
        return turned[:, :, P : P + H, P : P + W], dw, np.einsum("nfij->f", dout)

    @staticmethod
    def conv1x1_forward(x, w, b):
        return np.tensordot(w[..., 0, 0], x, axes=(1, 1)).transpose(1, 0, 2, 3) + b.reshape(1, -1, 1, 1), (x, w)

    @staticmethod
    def conv1x1_backward(dout, cache):
        x, w = cache
        dx = np.moveaxis(np.tensordot(dout, w, axes=(1, 0))[..., 0, 0], -1, 1)
        dw = np.tensordot(dout, x, axes=((0, 2, 3), (0, 2, 3)))
        return dx, np.expand_dims(dw, (2, 3)), dout.sum((0, 2, 3))

    @staticmethod
    def fc_to_conv(w, b, input_shape):
        return np.moveaxis(w.reshape(*input_shape, w.shape[1]), -1, 0), b

    @staticmethod
    def conv_to_fc(w, b):
        return np.rollaxis(w, 0, 4).reshape(-1, len(w)), b

    @staticmethod
    def convify_head(head, input_shape):
        def step(layers, layer):
            w, b = layer
            shape = input_shape if not layers else (len(w), 1, 1)
            return [*layers, [np.einsum("chwm->mchw", w.reshape(*shape, len(b))), b]]

        return reduce(step, head, [])


class SinglePrecision:
    """float32 everywhere, prints and warnings, Fortran order in what is returned."""

    @staticmethod
    def f32(*arrays):
        warnings.warn("working in float32", stacklevel=2)
        print("shapes:", [np.shape(a) for a in arrays])
        return tuple(np.asfortranarray(np.asarray(a, dtype=np.float32)) for a in arrays)

    @classmethod
    def affine_forward(cls, x, w, b):
        return LayersFile.affine_forward(*cls.f32(x, w, b))

    @classmethod
    def affine_backward(cls, dout, cache):
        return cls.f32(*LayersFile.affine_backward(*cls.f32(dout), cache))

    @classmethod
    def conv_forward_naive(cls, x, w, b, conv_param):
        out, cache = ImageToColumns.conv_forward_naive(*cls.f32(x, w, b), conv_param)
        return cls.f32(out)[0], cache

    @classmethod
    def conv_backward_naive(cls, dout, cache):
        return cls.f32(*ImageToColumns.conv_backward_naive(*cls.f32(dout), cache))

    @classmethod
    def conv1x1_forward(cls, x, w, b):
        return Einsum.conv1x1_forward(*cls.f32(x, w, b))

    @classmethod
    def conv1x1_backward(cls, dout, cache):
        return cls.f32(*Einsum.conv1x1_backward(*cls.f32(dout), cache))

    @classmethod
    def fc_to_conv(cls, w, b, input_shape):
        return LayersFile.fc_to_conv(*cls.f32(w, b), input_shape)

    @classmethod
    def conv_to_fc(cls, w, b):
        return cls.f32(*LayersFile.conv_to_fc(w, b))

    @classmethod
    def convify_head(cls, head, input_shape):
        return [cls.f32(w, b) for w, b in LayersFile.convify_head(head, input_shape)]


class OneThroughTheOther:
    """Each layer by way of another: affine layers as 1×1 convolutions, convolutions by SciPy, closures as caches."""

    @staticmethod
    def affine_forward(x, w, b):
        flat = x.reshape(len(x), -1, 1, 1)
        out, cache = OneThroughTheOther.conv1x1_forward(flat, w.T[:, :, None, None], b)

        def backward(dout):
            dx, dw, db = OneThroughTheOther.conv1x1_backward(dout[:, :, None, None], cache)
            return dx.reshape(x.shape), dw[:, :, 0, 0].T, db

        return out[:, :, 0, 0], backward

    affine_backward = staticmethod(lambda dout, cache: cache(dout))

    @staticmethod
    def conv_forward_naive(x, w, b, conv_param):
        S, P = conv_param["stride"], conv_param["pad"]
        padded = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P)))
        out = np.array(
            [
                [correlate(image, filt, "valid")[0, ::S, ::S] + bias for filt, bias in zip(w, b, strict=True)]
                for image in padded
            ]
        )
        return out, partial(OneThroughTheOther.backward, x, padded, w, S, P)

    @staticmethod
    def backward(x, padded, w, S, P, dout):
        dx, dw = np.zeros(padded.shape), np.empty(w.shape)
        for p, q in np.ndindex(w.shape[2:]):
            rows = slice(p, p + S * (dout.shape[2] - 1) + 1, S)
            columns = slice(q, q + S * (dout.shape[3] - 1) + 1, S)
            dw[:, :, p, q] = np.einsum("nfij,ncij->fc", dout, padded[:, :, rows, columns])
            dx[:, :, rows, columns] += np.einsum("nfij,fc->ncij", dout, w[:, :, p, q])
        return dx[:, :, P : P + x.shape[2], P : P + x.shape[3]], dw, np.sum(dout, (0, 2, 3))

    conv_backward_naive = staticmethod(lambda dout, cache: cache(dout))

    @staticmethod
    def conv1x1_forward(x, w, b):
        out, _ = Einsum.conv_forward_naive(x, w, b, {"stride": 1, "pad": 0})
        return out, (x, w)

    @staticmethod
    def conv1x1_backward(dout, cache):
        x, w = cache
        return OneThroughTheOther.backward(x, x, w, 1, 0, dout)

    @staticmethod
    def fc_to_conv(w, b, input_shape):
        """Ask the affine layer what it answers to every unit vector."""
        C, H, W = input_shape
        D = C * H * W
        return (np.eye(D) @ w).reshape(C, H, W, -1).transpose(3, 0, 1, 2), 1.0 * b  # matmul raises ValueError itself

    @staticmethod
    def conv_to_fc(w, b):
        M, C, H, W = w.shape
        units = np.eye(C * H * W).reshape(-1, C, H, W)
        out, _ = Einsum.conv_forward_naive(units, w, 0 * b, {"stride": 1, "pad": 0})
        return out.reshape(-1, M), np.array(b)

    @staticmethod
    def convify_head(head, input_shape):
        layers = [OneThroughTheOther.fc_to_conv(head[0][0], head[0][1], input_shape)]
        layers.extend((w.T[..., None, None], b) for w, b in head[1:])
        return layers


class Questions:
    """Answers as they come out of other ways of computing them."""

    bottleneck_parameters = staticmethod(lambda: np.int64(70016))
    fc6_kernel_side = staticmethod(lambda: 224 / 2 / 2 / 2 / 2 / 2)
    fc6_parameters = staticmethod(lambda: np.zeros((4096, 512, 7, 7), dtype=bool).size + 4096.0)
    fc7_parameters = staticmethod(lambda: np.array(16_781_312))
    fc8_parameters = staticmethod(lambda: np.float64(4_097_000))
    score_map_side = staticmethod(lambda: np.float32(6))
    pixels_between_windows = staticmethod(lambda: (384 - 224) / 5)
    trunk_work_saved = staticmethod(lambda: (6 * 224 / 384) ** 2)


VARIANTS = (LayersFile, NestedLoops, ImageToColumns, Einsum, SinglePrecision, OneThroughTheOther, Questions)


@pytest.mark.parametrize("kind", SEEDS)
@pytest.mark.parametrize(("variant", "exercise"), pairs(ASSIGNMENT, VARIANTS))
def test_full_marks_and_nothing_to_say(variant, exercise, kind):
    key = key_of(ASSIGNMENT, exercise.name, kind)
    assert_full_marks(judged(key, functions_of(variant, key)))


def test_every_exercise_has_variants():
    count = variants_per_exercise(ASSIGNMENT, VARIANTS)
    assert min(count.values()) >= 1
    assert all(n >= 5 for e, n in count.items() if not e.sealed)
