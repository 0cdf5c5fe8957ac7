"""Right answers in odd styles to notebooks 01, 02, 06, 07 and 08."""

# ruff: noqa: RUF059  (students unpack shapes whole)
import functools
import heapq
import itertools
import math
import random
from fractions import Fraction

import numpy as np
from scipy import ndimage, signal, special
from scipy.linalg import toeplitz

from tests.evidence.students.answer import right


@right("pool_output_size")
def by_floats(H, F, S):
    if not H >= F:
        raise ValueError
    return math.floor(float(H - F) / S) + 1


@right("pool_output_size")
def by_a_range(H, F, S):
    starts = range(0, H - F + 1, S)
    if len(starts) == 0:
        raise ValueError("no window")
    return np.int32(len(starts))


@right("pool_output_size")
def by_fractions(H, F, S):
    size = Fraction(H - F, S) + 1
    if size < 1 and F > H:
        raise ValueError(f"{F} > {H}")
    return size.numerator // size.denominator


def patches(x, p):
    """All windows, one after the other, as a generator."""
    for i in itertools.count(0, p["stride"]):
        if i + p["pool_height"] > x.shape[2]:
            return
        yield [
            x[:, :, i : i + p["pool_height"], j : j + p["pool_width"]]
            for j in range(0, x.shape[3] - p["pool_width"] + 1, p["stride"])
        ]


@right("max_pool_forward_naive")
def by_generators(x, pool_param):
    rows = [np.stack([w.max((2, 3)) for w in row], axis=-1) for row in patches(x, pool_param)]
    return [np.stack(rows, axis=2), [x, pool_param]]  # a list, no tuple


@right("max_pool_forward_naive")
def by_sorting(x, pool_param):
    rows = [[np.sort(w.reshape(*w.shape[:2], -1))[..., -1] for w in row] for row in patches(x, pool_param)]
    return np.array(rows).transpose(2, 3, 0, 1), None


@right("max_pool_forward_naive")
def by_heaps(x, pool_param):
    def largest(w):
        return [[heapq.nlargest(1, m.ravel().tolist())[0] for m in image] for image in w]

    out = np.array([[largest(w) for w in row] for row in patches(x, pool_param)], dtype=np.float64)
    return np.moveaxis(out, (0, 1), (2, 3)), None


@right("max_pool_forward_naive")
def by_folding(x, pool_param):
    def one(w):
        return functools.reduce(np.maximum, (w[..., i, j] for i, j in np.ndindex(w.shape[2:])))

    return np.asfortranarray(
        np.array([[one(w) for w in row] for row in patches(x, pool_param)]).transpose(2, 3, 0, 1)
    ), 0


@right("avg_pool_forward_naive")
def by_an_image_filter(x, pool_param):
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    kernel = np.ones((1, 1, ph, pw)) / (ph * pw)
    return signal.correlate(x.astype(float), kernel, mode="valid", method="direct")[:, :, ::s, ::s], None


@right("avg_pool_forward_naive")
def by_two_matrices(x, pool_param):
    """Pooling is linear in the rows and in the columns: A x Bᵀ."""
    s = pool_param["stride"]

    def pooling_matrix(side, window):
        count = (side - window) // s + 1
        m = np.zeros((count, side))
        for k in range(count):
            m[k, k * s : k * s + window] = 1 / window
        return m

    A, B = pooling_matrix(x.shape[2], pool_param["pool_height"]), pooling_matrix(x.shape[3], pool_param["pool_width"])
    return A @ x @ B.T, (A, B)


@right("avg_pool_backward_naive", avg_pool_forward_naive=by_two_matrices.function)
def by_the_same_two_matrices(dout, cache):
    A, B = cache
    return np.einsum("ih,ncij,jw->nchw", A, dout, B)


def with_closure(x, pool_param):
    """The cache is the backward pass."""
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    oh, ow = (x.shape[2] - ph) // s + 1, (x.shape[3] - pw) // s + 1
    out, winner = np.empty((*x.shape[:2], oh, ow)), {}
    for n, c, i, j in np.ndindex(out.shape):
        places = [(n, c, i * s + u, j * s + v) for u in range(ph) for v in range(pw)]
        best = max(places, key=lambda place: x[place])
        out[n, c, i, j], winner[n, c, i, j] = x[best], best

    def back(dout):
        dx = np.zeros(x.shape)
        for place, best in winner.items():
            dx[best] += dout[place]
        return dx

    return out, back


@right("max_pool_backward_naive", max_pool_forward_naive=with_closure)
def calls_the_cache(dout, cache):
    return cache(dout)


@right("max_pool_backward_fast", max_pool_forward_fast=by_generators.function)
def counts_with_bincount(dout, cache):
    x, p = cache
    ph, pw, s = p["pool_height"], p["pool_width"], p["stride"]
    places = np.lib.stride_tricks.sliding_window_view(np.arange(x.size).reshape(x.shape), (ph, pw), axis=(2, 3))
    places = places[:, :, ::s, ::s].reshape(*dout.shape, -1)
    winners = np.take_along_axis(places, x.ravel()[places].argmax(-1)[..., None], -1)
    return np.bincount(winners.ravel(), dout.ravel(), x.size).reshape(x.shape)


@right("max_pool_forward_fast")
def by_maximum_filter(x, pool_param):
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    best = ndimage.maximum_filter(x, (1, 1, ph, pw), mode="nearest")[:, :, ph // 2 :, pw // 2 :]
    oh, ow = (x.shape[2] - ph) // s + 1, (x.shape[3] - pw) // s + 1
    return best[:, :, ::s, ::s][:, :, :oh, :ow], None


@right("global_avg_pool_forward")
def by_tensordot(x):
    n, c, h, w = x.shape
    return np.tensordot(x, np.full((h, w), 1 / (h * w)), axes=2), {"shape": x.shape}


@right("global_avg_pool_backward", global_avg_pool_forward=by_tensordot.function)
def as_a_read_only_view(dout, cache):
    n, c, h, w = cache["shape"]
    return np.broadcast_to((dout / h / w).reshape(n, c, 1, 1), cache["shape"])


@right("global_max_pool_forward")
def by_partition(x):
    flat = x.reshape(len(x), -1, x[0, 0].size)
    return np.partition(flat, -1, axis=-1)[:, :, -1], x


@right("global_max_pool_backward", global_max_pool_forward=by_partition.function)
def ties_share_alike(dout, cache):
    mask = cache == cache.max((2, 3), keepdims=True)
    return np.einsum("nc,nchw->nchw", dout / np.count_nonzero(mask, axis=(2, 3)), mask)


@right("sigmoid_forward")
def by_tanh(x):
    s = (1 + np.tanh(x / 2)) / 2
    return s, s


@right("sigmoid_forward")
def by_scipy(x):
    return special.expit(x), x


@right("sigmoid_forward")
def number_by_number(x):
    def one(t):
        return 1 / (1 + math.exp(-t)) if t >= 0 else math.exp(t) / (1 + math.exp(t))

    s = np.vectorize(one, otypes=[float])(x)
    return s, s


@right("sigmoid_backward", sigmoid_forward=by_scipy.function)
def by_the_hyperbolic_cosine(dout, cache):
    return dout / (2 + 2 * np.cosh(np.clip(cache, -300, 300)))


@right("sigmoid_backward", sigmoid_forward=by_tanh.function)
def by_squares(dout, cache):
    return dout * (0.25 - (cache - 0.5) ** 2)


@right("softmax_loss")
def by_scipys_log_softmax(x, y):
    logs = special.log_softmax(x, axis=1)
    onehot = np.eye(x.shape[1])[y]
    return -np.sum(logs * onehot) / len(x), (special.softmax(x, axis=1) - onehot) / len(x)


@right("softmax_loss")
def example_by_example(x, y):
    loss, dx = 0.0, np.zeros_like(x, dtype=float)
    for n, (row, k) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        top = max(row)
        e = [math.exp(v - top) for v in row]
        loss += top + math.log(math.fsum(e)) - row[k]
        dx[n] = [v / math.fsum(e) - (c == k) for c, v in enumerate(e)]
    return np.array(loss / len(x)), np.divide(dx, len(x))


def pythons_own_dice(x, dropout_param):
    if dropout_param["mode"] != "train":
        return x, None
    dice, p = random.Random(dropout_param.get("seed")), dropout_param["p"]
    mask = np.fromiter((dice.random() < p for _ in range(x.size)), float, x.size).reshape(x.shape) / p
    return mask * x, mask


pythons_dice = right("dropout_forward")(pythons_own_dice)


@right("dropout_forward")
def an_exact_share(x, dropout_param):
    """Shuffled, and the first so many are kept: a draw of another kind."""
    if dropout_param["mode"] == "test":
        return x, None
    p, flat = dropout_param["p"], np.zeros(x.size)
    flat[: round(p * x.size)] = 1 / p
    np.random.RandomState(dropout_param.get("seed")).shuffle(flat)
    return x * flat.reshape(x.shape), None


@right("dropout_forward")
def global_seed(x, dropout_param):
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])  # noqa: NPY002
    if dropout_param["mode"] == "test":
        return x, None
    p = dropout_param["p"]
    return np.where(np.random.uniform(0, 1, x.shape) > p, 0, x / p), None  # noqa: NPY002


@right("dropout_backward", dropout_forward=pythons_own_dice)
def none_is_one(dout, cache):
    return dout * (np.ones(()) if cache is None else cache)


@right("affine_forward")
def by_vectorized_dots(x, w, b):
    return np.array([[np.vdot(image, column) for column in w.T] for image in x]) + b, (x, w)


@right("affine_backward", affine_forward=by_vectorized_dots.function)
def by_outer_products(dout, cache):
    x, w = cache
    dw = sum(np.outer(image, d) for image, d in zip(x, dout, strict=True))
    return np.stack([(w @ d).reshape(x.shape[1:]) for d in dout]), dw, np.ones(len(dout)) @ dout


@right("conv_forward_naive")
def by_scipys_correlate(x, w, b, conv_param):
    p, s = conv_param["pad"], conv_param["stride"]
    xp = np.pad(x, ((0,), (0,), (p,), (p,)))
    maps = [[sum(signal.correlate2d(c, k, "valid") for c, k in zip(image, f, strict=True)) for f in w] for image in xp]
    return np.array(maps)[:, :, ::s, ::s] + np.reshape(b, (-1, 1, 1)), None


def rows_of_patches(x, w, b, conv_param):
    p, s = conv_param["pad"], conv_param["stride"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    view = np.lib.stride_tricks.sliding_window_view(xp, w.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
    return np.einsum("ncijuv,fcuv->nfij", view, w) + b[None, :, None, None], (x.shape, view, w, conv_param)


@right("conv_backward_naive", conv_forward_naive=rows_of_patches)
def by_a_full_correlation(dout, cache):
    shape, view, w, conv_param = cache
    p, s = conv_param["pad"], conv_param["stride"]
    n, c, h, wd = shape
    dw = np.einsum("nfij,ncijuv->fcuv", dout, view)
    wide = np.zeros((n, len(w), h + 2 * p, wd + 2 * p))
    wide[:, :, : dout.shape[2] * s : s, : dout.shape[3] * s : s][:, :, : dout.shape[2], : dout.shape[3]] = dout
    dx = np.zeros((n, c, h + 2 * p, wd + 2 * p))
    for i, j in np.ndindex(w.shape[2:]):
        moved = np.roll(wide, (i, j), axis=(2, 3))
        dx += np.einsum("nfhw,fc->nchw", moved, w[:, :, i, j])
    return dx[:, :, p : p + h, p : p + wd], dw, np.einsum("nfij->f", dout)


@right("conv1x1_forward")
def pixel_by_pixel(x, w, b):
    out = np.zeros((len(x), len(w), *x.shape[2:]))
    for i, j in np.ndindex(x.shape[2:]):
        out[:, :, i, j] = x[:, :, i, j] @ w.squeeze(axis=(2, 3)).T + b
    return out, (x, w)


@right("conv1x1_backward", conv1x1_forward=pixel_by_pixel.function)
def channels_first(dout, cache):
    x, w = cache
    d, rows = dout.swapaxes(0, 1).reshape(len(w), -1), x.swapaxes(0, 1).reshape(x.shape[1], -1)
    dx = (w[..., 0, 0].T @ d).reshape(x.shape[1], len(x), *x.shape[2:]).swapaxes(0, 1)
    return dx, (d @ rows.T).reshape(w.shape), d.sum(1)


@right("fc_to_conv")
def filter_by_filter(w, b, input_shape):
    return np.array([column.reshape(input_shape) for column in w.T]), b.copy()


@right("fc_to_conv")
def index_by_index(w, b, input_shape):
    C, H, W = input_shape
    if w.shape[0] != C * H * W:
        raise ValueError("sizes")
    out = np.empty((w.shape[1], C, H, W))
    for m, c, i, j in np.ndindex(out.shape):
        out[m, c, i, j] = w[np.ravel_multi_index((c, i, j), input_shape), m]
    return [out, b]


@right("conv_to_fc")
def filters_as_columns(w, b):
    return np.column_stack([f.ravel() for f in w]), b


@right("convify_head")
def recursively(head, input_shape):
    if not head:
        return []
    (w, b), *rest = head
    return [(np.moveaxis(w.reshape(*input_shape, -1), -1, 0), b), *recursively.function(rest, (len(b), 1, 1))]


@right("conv_transpose_forward")
def by_scipys_convolve(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    n, f, h, wd = x.shape
    wide = np.zeros((n, f, (h - 1) * s + 1, (wd - 1) * s + 1))
    wide[:, :, ::s, ::s] = x
    out = np.array(
        [[sum(signal.convolve2d(m, w[k, c]) for k, m in enumerate(image)) for c in range(w.shape[1])] for image in wide]
    )
    return out[:, :, p : out.shape[2] - p or None, p : out.shape[3] - p or None] + b[:, None, None], (x, w, conv_param)


@right("conv_transpose_backward", conv_transpose_forward=by_scipys_convolve.function)
def pixel_after_pixel(dout, cache):
    x, w, conv_param = cache
    s, p, (hh, ww) = conv_param["stride"], conv_param["pad"], w.shape[2:]
    d = np.pad(dout, [(0, 0), (0, 0), (p, p), (p, p)])
    dx, dw = np.zeros_like(x, dtype=float), np.zeros_like(w, dtype=float)
    for n, i, j in itertools.product(range(len(x)), range(x.shape[2]), range(x.shape[3])):
        patch = d[n, :, i * s : i * s + hh, j * s : j * s + ww]
        dx[n, :, i, j] = np.tensordot(w, patch, 3)
        dw += np.multiply.outer(x[n, :, i, j], patch)
    return dx, dw, dout.sum(axis=3).sum(axis=2).sum(axis=0)


@right("avg_pool_forward_naive")
def by_toeplitz(x, pool_param):
    s = pool_param["stride"]

    def matrix(side, window):
        first = np.r_[np.full(window, 1 / window), np.zeros(side - window)]
        column = np.r_[first[:1], np.zeros(side - window)]
        return toeplitz(column, first)[::s]

    left, across = matrix(x.shape[2], pool_param["pool_height"]), matrix(x.shape[3], pool_param["pool_width"])
    return np.einsum("ih,nchw,jw->ncij", left, x, across), None


@right("rel_error")
def entry_by_entry(x, y):
    return max(abs(a - b) / max(1e-8, abs(a) + abs(b)) for a, b in zip(np.ravel(x), np.ravel(y), strict=True))


@right("eval_numerical_gradient")
def by_unit_vectors(f, x, h=1e-5):
    basis = np.eye(x.size).reshape(x.size, *x.shape)
    return np.reshape([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in basis], x.shape)


@right("eval_numerical_gradient")
def by_richardson(f, x, h=1e-5):
    g = np.empty(x.shape)
    for k in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[k] = h
        g[k] = (f(x + e) - f(x - e)) / h / 2
    return g


@right("eval_numerical_gradient_array")
def through_the_scalar_one(f, x, df, h=1e-5):
    g = np.zeros_like(x)
    for k, _ in np.ndenumerate(x):
        moved = [x.copy(), x.copy()]
        moved[0][k] += h
        moved[1][k] -= h
        up, down = (np.vdot(np.array(f(z)), df) for z in moved)
        g[k] = (up - down) / (2 * h)
    return g


@right("directional_error")
def from_a_uniform_cube(f, x, dx, df, seed):
    u = np.random.RandomState(seed).uniform(-1, 1, x.shape)
    u /= np.sqrt(np.vdot(u, u))
    a = np.vdot(f(x + 1e-5 * u) - f(x - 1e-5 * u), df) / 2e-5
    b = np.vdot(dx, u)
    return np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b))
