"""Right answers in many styles get full marks: whoever writes good code in another way must not notice a grader.

Each variant is a class whose static methods are what a student might hand in for the exercises of those names.
"""

import itertools
import math
import sys
import warnings
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from scipy.ndimage import maximum_filter

from autograder.exercises import find_assignment
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

ASSIGNMENT = find_assignment("02_pooling")


def unpack(pool_param):
    return pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]


def windows(x, pool_param):
    """Views of all windows, (N, C, H_out, W_out, HH, WW)."""
    HH, WW, S = unpack(pool_param)
    return sliding_window_view(x, (HH, WW), axis=(2, 3))[:, :, ::S, ::S]


def flat_places(x, pool_param):
    """For every pixel of every window its place in x.ravel(), (N, C, H_out, W_out, HH * WW)."""
    places = windows(np.arange(x.size).reshape(x.shape), pool_param)
    return places.reshape(*places.shape[:4], -1)


class NestedLoops:
    """Six loops and no NumPy but for the arrays."""

    @staticmethod
    def pool_output_size(H, F, S):
        if H < F:
            raise ValueError("too large")
        count = 0
        while count * S + F <= H:
            count += 1
        return count

    @staticmethod
    def max_pool_forward_naive(x, pool_param):
        HH, WW, S = unpack(pool_param)
        N, C, H, W = x.shape
        rows, columns = NestedLoops.pool_output_size(H, HH, S), NestedLoops.pool_output_size(W, WW, S)
        out = np.zeros((N, C, rows, columns))
        for n in range(N):
            for c in range(C):
                for i in range(rows):
                    for j in range(columns):
                        best = -math.inf
                        for p in range(HH):
                            for q in range(WW):
                                best = max(best, x[n, c, i * S + p, j * S + q])
                        out[n, c, i, j] = best
        cache = (x, pool_param)
        return out, cache

    @staticmethod
    def max_pool_backward_naive(dout, cache):
        x, pool_param = cache
        HH, WW, S = unpack(pool_param)
        dx = np.zeros(x.shape)
        for n, c, i, j in itertools.product(*map(range, dout.shape)):
            here = [(x[n, c, i * S + p, j * S + q], p, q) for p in range(HH) for q in range(WW)]
            _, p, q = max(here)  # the last tied pixel, as tuples are compared from the left
            dx[n, c, i * S + p, j * S + q] += dout[n, c, i, j]
        return dx

    @staticmethod
    def avg_pool_forward_naive(x, pool_param):
        HH, WW, S = unpack(pool_param)
        N, C, H, W = x.shape
        rows, columns = NestedLoops.pool_output_size(H, HH, S), NestedLoops.pool_output_size(W, WW, S)
        out = np.zeros((N, C, rows, columns))
        for n, c, i, j, p, q in itertools.product(*map(range, (N, C, rows, columns, HH, WW))):
            out[n, c, i, j] += x[n, c, i * S + p, j * S + q] / (HH * WW)
        return out, (x.shape, pool_param)

    @staticmethod
    def avg_pool_backward_naive(dout, cache):
        shape, pool_param = cache
        HH, WW, S = unpack(pool_param)
        dx = np.zeros(shape)
        for n, c, i, j in np.ndindex(dout.shape):
            for p, q in np.ndindex(HH, WW):
                dx[n, c, i * S + p, j * S + q] += dout[n, c, i, j] / HH / WW
        return dx

    @staticmethod
    def global_avg_pool_forward(x):
        return np.array([[sum(map(sum, channel)) / channel.size for channel in image] for image in x]), x.shape

    @staticmethod
    def global_avg_pool_backward(dout, cache):
        dx = np.empty(cache)
        for n, c in np.ndindex(dout.shape):
            dx[n, c] = dout[n, c] / cache[2] / cache[3]
        return dx

    @staticmethod
    def global_max_pool_forward(x):
        return np.array([[max(map(max, channel)) for channel in image] for image in x]), x

    @staticmethod
    def global_max_pool_backward(dout, cache):
        dx = np.zeros(cache.shape)
        for n, c in np.ndindex(dout.shape):
            dx[n, c][np.unravel_index(np.argmax(cache[n, c]), cache[n, c].shape)] = dout[n, c]
        return dx


class SlidingWindows:
    """sliding_window_view, and np.add.at to bring gradients back."""

    @staticmethod
    def max_pool_forward_naive(x, pool_param):
        return windows(x, pool_param).max(axis=(4, 5)), (x, pool_param)

    @staticmethod
    def max_pool_backward_naive(dout, cache):
        x, pool_param = cache
        places = flat_places(x, pool_param)
        winners = windows(x, pool_param).reshape(places.shape).argmax(axis=-1)
        dx = np.zeros(x.size)
        np.add.at(dx, np.take_along_axis(places, winners[..., None], axis=-1)[..., 0], dout)
        return dx.reshape(x.shape)

    @staticmethod
    def avg_pool_forward_naive(x, pool_param):
        return np.mean(windows(x, pool_param), (-1, -2)), (x.shape, pool_param)

    @staticmethod
    def avg_pool_backward_naive(dout, cache):
        shape, pool_param = cache
        dx = np.zeros(shape)
        places = flat_places(dx, pool_param)
        np.add.at(dx.reshape(-1), places, (dout / places.shape[-1])[..., None])
        return dx

    max_pool_forward_fast = max_pool_forward_naive
    max_pool_backward_fast = max_pool_backward_naive


class Strided:
    """as_strided, with a dictionary as cache and sizes that are NumPy's ints; float32 inside."""

    @staticmethod
    def pool_output_size(H, F, S):
        if np.any(np.asarray(F) > H):
            raise ValueError(f"{F} > {H}")
        return np.int64(np.floor((H - F) / S)) + 1

    @staticmethod
    def max_pool_forward_naive(x, pool_param):
        HH, WW, S = unpack(pool_param)
        N, C, H, W = x.shape
        x = np.ascontiguousarray(x, dtype=np.float32)
        n, c, h, w = x.strides
        shape = (N, C, Strided.pool_output_size(H, HH, S), Strided.pool_output_size(W, WW, S), HH, WW)
        out = as_strided(x, shape, (n, c, h * S, w * S, h, w), writeable=False).max((4, 5))
        return out, {"x": x, "pool_param": pool_param}

    @staticmethod
    def max_pool_backward_naive(dout, cache):
        return SlidingWindows.max_pool_backward_naive(dout.astype(np.float32), (cache["x"], cache["pool_param"]))

    max_pool_forward_fast = max_pool_forward_naive
    max_pool_backward_fast = max_pool_backward_naive


class ImageToColumns:
    """im2col: gather by indices, reduce columns, and bincount to scatter back."""

    @staticmethod
    def columns(x, pool_param):
        HH, WW, S = unpack(pool_param)
        N, C, H, W = x.shape
        i = S * np.arange((H - HH) // S + 1)[:, None, None, None] + np.arange(HH)[:, None]
        j = S * np.arange((W - WW) // S + 1)[:, None, None] + np.arange(WW)
        i, j = np.broadcast_arrays(i, j)
        return x.reshape(N * C, H, W)[:, i, j].reshape(N, C, *i.shape[:2], HH * WW), i, j

    @staticmethod
    def max_pool_forward_fast(x, pool_param):
        columns, i, j = ImageToColumns.columns(x, pool_param)
        winner = columns.argmax(axis=-1)
        out = np.take_along_axis(columns, winner[..., None], -1).squeeze(-1)
        return out, SimpleNamespace(winner=winner, i=i, j=j, shape=x.shape)

    @staticmethod
    def max_pool_backward_fast(dout, cache):
        N, C, H, W = cache.shape
        rows, columns = np.indices(cache.winner.shape)[2:]
        p, q = np.divmod(cache.winner, cache.i.shape[3])
        maps = np.arange(N * C).reshape(N, C, 1, 1)
        place = (maps * H + cache.i[rows, columns, p, q]) * W + cache.j[rows, columns, p, q]
        return np.bincount(place.ravel(), weights=dout.ravel(), minlength=N * C * H * W).reshape(cache.shape)

    max_pool_forward_naive = max_pool_forward_fast
    max_pool_backward_naive = max_pool_backward_fast


class Einsum:
    """Average pooling as a contraction, both ways."""

    @staticmethod
    def matrices(x_shape, pool_param):
        HH, WW, S = unpack(pool_param)
        return [
            np.array([[i * S <= k < i * S + F for k in range(side)] for i in range((side - F) // S + 1)]) / F
            for side, F in ((x_shape[2], HH), (x_shape[3], WW))
        ]

    @staticmethod
    def avg_pool_forward_naive(x, pool_param):
        rows, columns = Einsum.matrices(x.shape, pool_param)
        return np.einsum("ncij,hi,wj->nchw", x, rows, columns), (rows, columns)

    @staticmethod
    def avg_pool_backward_naive(dout, cache):
        return np.einsum("nchw,hi,wj->ncij", dout, *cache)

    @staticmethod
    def global_avg_pool_forward(x):
        return np.einsum("nchw->nc", x) / np.prod(x.shape[2:]), x.shape

    @staticmethod
    def global_avg_pool_backward(dout, cache):
        return np.einsum("nc,hw->nchw", dout, np.full(cache[2:], 1 / np.prod(cache[2:])))


class SharedTies:
    """Ties share their gradient equally."""

    @staticmethod
    def max_pool_forward_naive(x, pool_param):
        return windows(x, pool_param).max(axis=(4, 5)), (x, pool_param)

    @staticmethod
    def max_pool_backward_naive(dout, cache):
        x, pool_param = cache
        HH, WW, S = unpack(pool_param)
        dx = np.zeros_like(x, dtype=float)
        for n, c, i, j in np.ndindex(dout.shape):
            here = n, c, slice(i * S, i * S + HH), slice(j * S, j * S + WW)
            mask = x[here] == np.max(x[here])
            dx[here] += mask * dout[n, c, i, j] / mask.sum()
        return dx

    @staticmethod
    def global_max_pool_forward(x):
        return np.amax(x, axis=(2, 3)), x

    @staticmethod
    def global_max_pool_backward(dout, cache):
        mask = cache == cache.max(axis=(2, 3), keepdims=True)
        return mask / mask.sum(axis=(2, 3), keepdims=True) * dout[..., np.newaxis, np.newaxis]

    max_pool_forward_fast = max_pool_forward_naive

    @staticmethod
    def max_pool_backward_fast(dout, cache):
        x, pool_param = cache
        HH, WW, S = unpack(pool_param)
        views = windows(x, pool_param)
        mask = views == views.max(axis=(4, 5), keepdims=True)
        shares = mask * (dout / mask.sum(axis=(4, 5)))[..., None, None]
        dx = np.zeros(x.shape)
        for p, q in np.ndindex(HH, WW):
            rows, columns = slice(p, p + S * dout.shape[2], S), slice(q, q + S * dout.shape[3], S)
            dx[:, :, rows, columns] += shares[..., p, q]
        return dx


class LastTie:
    """The last tied pixel of a window wins; the window is turned round to find it."""

    @staticmethod
    def max_pool_forward_naive(x, pool_param):
        return SlidingWindows.max_pool_forward_naive(x, pool_param)

    @staticmethod
    def max_pool_backward_naive(dout, cache):
        x, pool_param = cache
        HH, WW, S = unpack(pool_param)
        dx = np.zeros(x.shape)
        for n, c, i, j in np.ndindex(dout.shape):
            reversed_window = x[n, c, i * S : i * S + HH, j * S : j * S + WW].ravel()[::-1]
            last = HH * WW - 1 - np.argmax(reversed_window)
            dx[n, c, i * S + last // WW, j * S + last % WW] += dout[n, c, i, j]
        return dx

    @staticmethod
    def global_max_pool_forward(x):
        return x.max((2, 3)), x

    @staticmethod
    def global_max_pool_backward(dout, cache):
        flat = cache.reshape(*dout.shape, -1)
        last = flat.shape[2] - 1 - flat[..., ::-1].argmax(2)
        return (np.arange(flat.shape[2]) == last[..., None]).reshape(cache.shape) * dout[:, :, None, None]


class Views:
    """Results that are views, in Fortran order, read-only, or broadcast; lists for tuples."""

    @staticmethod
    def max_pool_forward_naive(x, pool_param):
        out = windows(x, pool_param).max(axis=(4, 5))
        return [np.asfortranarray(out), [x, pool_param]]

    @staticmethod
    def max_pool_backward_naive(dout, cache):
        dx = SlidingWindows.max_pool_backward_naive(dout, cache)
        larger = np.full((*dx.shape[:2], 2 * dx.shape[2], 3 * dx.shape[3]), np.nan)
        larger[:, :, ::2, ::3] = dx
        return larger[:, :, ::2, ::3]

    @staticmethod
    def avg_pool_forward_naive(x, pool_param):
        out = np.moveaxis(windows(x.transpose(0, 1, 2, 3), pool_param).mean(axis=(4, 5)), 1, -1).copy()
        return [np.moveaxis(out, -1, 1), (x, pool_param)]

    @staticmethod
    def avg_pool_backward_naive(dout, cache):
        dx = SlidingWindows.avg_pool_backward_naive(dout, (cache[0].shape, cache[1]))
        dx.flags.writeable = False
        return dx

    @staticmethod
    def global_avg_pool_forward(x):
        return [x.mean(-1).mean(-1), [x]]

    @staticmethod
    def global_avg_pool_backward(dout, cache):
        H, W = cache[0].shape[2:]
        return np.broadcast_to((dout / H / W)[:, :, None, None], cache[0].shape)

    @staticmethod
    def global_max_pool_forward(x):
        N, C = x.shape[:2]
        ordered = np.sort(x.reshape(N, C, -1))
        return ordered[..., -1], x

    @staticmethod
    def global_max_pool_backward(dout, cache):
        dx = np.zeros(cache.shape, order="F")
        best = cache.reshape(*dout.shape, -1).argmax(-1)
        n, c = np.ogrid[: dout.shape[0], : dout.shape[1]]
        dx[n, c, best // cache.shape[3], best % cache.shape[3]] = dout
        return dx


class Careful:
    """Reads pool_param through .get, checks it, copies it, leaves keys of its own in it, prints and warns."""

    @staticmethod
    def pool_output_size(H, F, S):
        if not F <= H:
            print("the window is too large", file=sys.stderr)
            raise ValueError
        return len(range(0, H - F + 1, S))

    @staticmethod
    def max_pool_forward_naive(x, pool_param):
        HH, WW = pool_param.get("pool_height", 2), pool_param.get("pool_width", 2)
        S = pool_param.get("stride", max(HH, WW))
        pool_param["seen"] = pool_param.get("seen", 0) + 1
        print(f"pooling {x.shape} by {HH}×{WW}/{S}")
        warnings.warn("a loop over output pixels", RuntimeWarning, stacklevel=2)
        np.log(np.zeros(1))  # a RuntimeWarning of NumPy's
        padded = np.pad(x.astype(float), ((0, 0), (0, 0), (0, HH), (0, WW)), constant_values=-np.inf)
        full = maximum_filter(padded, (1, 1, HH, WW), origin=(0, 0, -(HH // 2), -(WW // 2)), mode="nearest")
        rows, columns = Careful.pool_output_size(x.shape[2], HH, S), Careful.pool_output_size(x.shape[3], WW, S)
        return full[:, :, : rows * S : S, : columns * S : S], (None, x, dict(pool_param), None)

    @staticmethod
    def max_pool_backward_naive(dout, cache):
        _, x, pool_param, _ = cache
        assert dout.ndim == 4, "dout has four axes"
        return LastTie.max_pool_backward_naive(dout, (x, pool_param))


class Closures:
    """The cache is the backward pass itself."""

    @staticmethod
    def max_pool_forward_naive(x, pool_param):
        out, _ = SlidingWindows.max_pool_forward_naive(x, pool_param)
        return out, lambda dout: SlidingWindows.max_pool_backward_naive(dout, (x, pool_param))

    @staticmethod
    def avg_pool_forward_naive(x, pool_param):
        out, cache = Einsum.avg_pool_forward_naive(x, pool_param)
        return out, partial(Einsum.avg_pool_backward_naive, cache=cache)

    @staticmethod
    def global_avg_pool_forward(x):
        return x.mean((2, 3)), lambda dout: np.tile(dout[:, :, None, None], (1, 1, *x.shape[2:])) / x[0, 0].size

    @staticmethod
    def global_max_pool_forward(x):
        def backward(dout):
            dx = np.zeros(x.shape)
            for n, c in np.ndindex(dout.shape):
                dx[n, c].flat[np.argmax(x[n, c])] = dout[n, c]
            return dx

        return x.max((2, 3)), backward

    @staticmethod
    def backward(dout, cache):
        return cache(dout)

    max_pool_backward_naive = avg_pool_backward_naive = backward
    global_avg_pool_backward = global_max_pool_backward = backward


class SinglePrecision:
    """Everything in float32, as one would on a graphics card."""

    @staticmethod
    def max_pool_forward_naive(x, pool_param):
        return windows(np.float32(x), pool_param).max((4, 5)), (np.float32(x), pool_param)

    @staticmethod
    def max_pool_backward_naive(dout, cache):
        return SlidingWindows.max_pool_backward_naive(np.float32(dout), cache).astype(np.float32)

    @staticmethod
    def avg_pool_forward_naive(x, pool_param):
        return windows(np.float32(x), pool_param).mean((4, 5)), (x.shape, pool_param)

    @staticmethod
    def avg_pool_backward_naive(dout, cache):
        return SlidingWindows.avg_pool_backward_naive(np.float32(dout), cache).astype(np.float32)

    @staticmethod
    def global_avg_pool_forward(x):
        return np.float32(x).mean((2, 3)), x.shape

    @staticmethod
    def global_avg_pool_backward(dout, cache):
        return np.ones(cache, np.float32) * np.float32(dout[:, :, None, None]) / np.float32(cache[2] * cache[3])

    @staticmethod
    def global_max_pool_forward(x):
        return np.float32(x).max((2, 3)), np.float32(x)

    @staticmethod
    def global_max_pool_backward(dout, cache):
        return LastTie.global_max_pool_backward(np.float32(dout), cache)


class CumulativeSums:
    """Average pooling from an integral image; global pooling as the largest window there is."""

    @staticmethod
    def avg_pool_forward_naive(x, pool_param):
        HH, WW, S = unpack(pool_param)
        sums = np.pad(x.cumsum(2).cumsum(3), ((0, 0), (0, 0), (1, 0), (1, 0)))
        total = sums[..., HH:, WW:] - sums[..., :-HH, WW:] - sums[..., HH:, :-WW] + sums[..., :-HH, :-WW]
        return total[..., ::S, ::S] / (HH * WW), (x.shape, pool_param)

    @staticmethod
    def avg_pool_backward_naive(dout, cache):
        return SlidingWindows.avg_pool_backward_naive(dout, cache)

    @staticmethod
    def whole(x):
        return {"pool_height": x.shape[2], "pool_width": x.shape[3], "stride": 1}

    @staticmethod
    def global_avg_pool_forward(x):
        out, cache = CumulativeSums.avg_pool_forward_naive(x, CumulativeSums.whole(x))
        return out[:, :, 0, 0], cache

    @staticmethod
    def global_avg_pool_backward(dout, cache):
        return CumulativeSums.avg_pool_backward_naive(dout[:, :, None, None], cache)

    @staticmethod
    def global_max_pool_forward(x):
        out, cache = SharedTies.max_pool_forward_naive(x, CumulativeSums.whole(x))
        return np.squeeze(out, axis=(2, 3)), cache

    @staticmethod
    def global_max_pool_backward(dout, cache):
        return SharedTies.max_pool_backward_naive(dout.reshape(*dout.shape, 1, 1), cache)


class Recomputing:
    """Backward passes that lean on linearity, masks and comparison, with hardly anything in the cache."""

    @staticmethod
    def max_pool_forward_fast(x, pool_param):
        HH, WW, S = unpack(pool_param)
        rows, columns = (x.shape[2] - HH) // S + 1, (x.shape[3] - WW) // S + 1
        pieces = [x[:, :, p:, q:][:, :, ::S, ::S][:, :, :rows, :columns] for p, q in np.ndindex(HH, WW)]
        stacked = np.stack(pieces)
        return stacked.max(axis=0), (np.argmax(stacked, axis=0), x.shape, pool_param)

    @staticmethod
    def max_pool_backward_fast(dout, cache):
        winner, shape, pool_param = cache
        HH, WW, S = unpack(pool_param)
        dx = np.zeros(shape)
        for place, (p, q) in enumerate(np.ndindex(HH, WW)):
            rows, columns = slice(p, p + S * dout.shape[2], S), slice(q, q + S * dout.shape[3], S)
            dx[:, :, rows, columns] += np.where(winner == place, dout, 0)
        return dx

    max_pool_forward_naive = max_pool_forward_fast
    max_pool_backward_naive = max_pool_backward_fast


class Questions:
    """Answers in other types than the reference's."""

    activations_discarded = staticmethod(lambda: np.float32(75))
    learnable_parameters = staticmethod(lambda: 0.0)
    two_by_two_pool_size = staticmethod(lambda: np.int8(27))
    overlapping_pool_size = staticmethod(lambda: np.array([27]))
    depth_after_pooling = staticmethod(lambda: 9.6e1)


VARIANTS = (
    NestedLoops,
    SlidingWindows,
    Strided,
    ImageToColumns,
    Einsum,
    SharedTies,
    LastTie,
    Views,
    Careful,
    Closures,
    SinglePrecision,
    CumulativeSums,
    Recomputing,
    Questions,
)


@pytest.mark.parametrize("kind", SEEDS)
@pytest.mark.parametrize(("variant", "exercise"), pairs(ASSIGNMENT, VARIANTS))
def test_full_marks_and_nothing_to_say(variant, exercise, kind):
    key = key_of(ASSIGNMENT, exercise.name, kind)
    assert_full_marks(judged(key, functions_of(variant, key)))


def test_every_exercise_has_variants():
    count = variants_per_exercise(ASSIGNMENT, VARIANTS)
    assert min(count.values()) >= 1
    assert all(n >= 3 for e, n in count.items() if not e.sealed)


def test_a_variant_with_an_error_planted_in_it_is_rejected():
    """What is said of the variants above could be otherwise."""
    key = key_of(ASSIGNMENT, "avg_pool_forward_naive", "fresh 1")

    def off_by_little(x, pool_param):
        out, cache = Einsum.avg_pool_forward_naive(x, pool_param)
        return out * 1.001, cache

    assert judged(key, {key.name: off_by_little}).status is Status.FAILED
