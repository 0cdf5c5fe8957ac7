"""A second set of wrong answers to the other notebooks, written when all of the first set were caught."""

# ruff: noqa: RUF059  (students unpack shapes and caches whole)
import numpy as np

from tests.evidence.students.answer import wrong


def params(p):
    return p["pool_height"], p["pool_width"], p["stride"]


def loops(x, p):
    """A right forward pass, and the backward pass's cache."""
    ph, pw, s = params(p)
    N, C, H, W = x.shape
    out = np.zeros((N, C, 1 + (H - ph) // s, 1 + (W - pw) // s))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = np.max(x[:, :, i * s : i * s + ph, j * s : j * s + pw], axis=(2, 3))
    return out, (x, p)


def mean_loops(x, p):
    ph, pw, s = params(p)
    N, C, H, W = x.shape
    out = np.zeros((N, C, 1 + (H - ph) // s, 1 + (W - pw) // s))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = np.mean(x[:, :, i * s : i * s + ph, j * s : j * s + pw], axis=(2, 3))
    return out, (x, p)


@wrong("pool_output_size", "plus_one_missing")
def steps_between_windows(H, F, S):
    if F > H:
        raise ValueError(F)
    return int((H - F) / S)


@wrong("max_pool_forward_naive", "first_image_only")
def returns_inside_the_loop(x, p):
    out, cache = loops(x, p)
    for n in range(len(x)):
        return out[n : n + 1], cache
    return None


@wrong("max_pool_forward_naive", "mean_for_maximum")
def copied_from_average(x, p):
    return mean_loops(x, p)


@wrong("max_pool_forward_naive", "maximum_of_magnitudes")
def magnitudes(x, p):
    return loops(np.abs(x), p)


@wrong("max_pool_forward_naive", "height_width_exchanged")
def window_turned(x, p):
    ph, pw, s = params(p)
    return loops(x, {"pool_height": pw, "pool_width": ph, "stride": s})


@wrong("max_pool_backward_naive", "stride_missing_in_slice", "offset_forgotten", max_pool_forward_naive=loops)
def stride_forgotten_on_the_way_back(dout, cache):
    x, p = cache
    ph, pw, s = params(p)
    dx = np.zeros_like(x, dtype=float)
    for n, c, i, j in np.ndindex(dout.shape):
        patch = x[n, c, i : i + ph, j : j + pw]
        u, v = np.unravel_index(np.argmax(patch), patch.shape)
        dx[n, c, i + u, j + v] += dout[n, c, i, j]
    return dx


@wrong("max_pool_backward_naive", "gradient_spread_evenly", max_pool_forward_naive=loops)
def backward_of_average(dout, cache):
    x, p = cache
    ph, pw, s = params(p)
    dx = np.zeros_like(x, dtype=float)
    for i, j in np.ndindex(dout.shape[2:]):
        dx[:, :, i * s : i * s + ph, j * s : j * s + pw] += dout[:, :, i, j][:, :, None, None] / (ph * pw)
    return dx


@wrong("avg_pool_backward_naive", "divides_by_stride_squared", avg_pool_forward_naive=mean_loops)
def shares_by_the_stride(dout, cache):
    x, p = cache
    ph, pw, s = params(p)
    dx = np.zeros_like(x, dtype=float)
    for i, j in np.ndindex(dout.shape[2:]):
        dx[:, :, i * s : i * s + ph, j * s : j * s + pw] += dout[:, :, i : i + 1, j : j + 1] / s / s
    return dx


@wrong("global_avg_pool_forward", "sum_for_mean")
def sums_only(x):
    return np.einsum("nchw->nc", x), x.shape


@wrong("global_max_pool_forward", "keeps_spatial_axes")
def one_by_one_maps(x):
    return np.amax(x, axis=(2, 3), keepdims=True), x


@wrong("max_pool_forward_fast", "non_overlapping_only")
def reshape_trick(x, p):
    N, C, H, W = x.shape
    ph, pw, _ = params(p)
    return x.reshape(N, C, H // ph, ph, W // pw, pw).max(axis=3).max(axis=4), (x, p)


@wrong("max_pool_backward_fast", "full_gradient_to_ties", max_pool_forward_fast=loops)
def masks_without_counting(dout, cache):
    x, p = cache
    ph, pw, s = params(p)
    oh, ow = dout.shape[2:]
    out, dx = loops(x, p)[0], np.zeros(x.shape)
    for u in range(ph):
        for v in range(pw):
            here = (slice(None), slice(None), slice(u, u + s * oh, s), slice(v, v + s * ow, s))
            view = x[here][:, :, :oh, :ow]
            dx[here][:, :, :oh, :ow] += (view == out) * dout
    return dx


@wrong("sigmoid_forward", "tanh_for_sigmoid")
def hyperbolic(x):
    return np.tanh(x), x


@wrong("sigmoid_backward", "one_factor_only", sigmoid_forward=lambda x: ((1 + np.tanh(x / 2)) / 2,) * 2)
def slope_is_s(dout, cache):
    return cache * dout


@wrong("softmax_loss", "wrong_axis")
def columns_normalized(x, y):
    e = np.exp(x - x.max(0))
    p = e / e.sum(0)
    N = len(y)
    loss = -np.log(p[np.arange(N), y]).sum() / N
    p[np.arange(N), y] -= 1
    return loss, p / N


@wrong("softmax_loss", "sign_of_loss")
def positive_logarithm(x, y):
    z = x - x.max(axis=1, keepdims=True)
    logs = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    d = np.exp(logs)
    d[np.arange(len(y)), y] -= 1
    return np.mean(logs[np.arange(len(y)), y]), d / len(y)


@wrong("dropout_forward", "p_is_drop_probability")
def drops_with_p(x, dropout_param):
    p, rng = dropout_param["p"], np.random.default_rng(dropout_param.get("seed"))
    if dropout_param["mode"] == "train":
        mask = (rng.random(x.shape) >= p) / max(1 - p, 1e-9)
        return x * mask, mask
    return x, None


@wrong("dropout_forward", "modes_exchanged")
def trains_at_test(x, dropout_param):
    p, rng = dropout_param["p"], np.random.default_rng(dropout_param.get("seed"))
    if dropout_param["mode"] == "test":
        return x * (rng.random(x.shape) < p) / p, None
    return x, None


@wrong("dropout_forward", "seed_fixed")
def seed_of_42(x, dropout_param):
    rng = np.random.default_rng(42)
    if dropout_param["mode"] == "test":
        return x, None
    return x * (rng.random(x.shape) < dropout_param["p"]) / dropout_param["p"], None


@wrong("affine_forward", "bias_missing")
def without_b(x, w, b):
    return np.dot(x.reshape(x.shape[0], -1), w), (x, w, b)


def affine(x, w, b):
    return np.dot(x.reshape(x.shape[0], -1), w) + b, (x, w, b)


@wrong("affine_backward", "another_order", affine_forward=affine)
def dw_first(dout, cache):
    x, w, b = cache
    return x.reshape(len(x), -1).T @ dout, (dout @ w.T).reshape(x.shape), dout.sum(axis=0)


@wrong("affine_backward", "bias_gradient_keeps_axis", affine_forward=affine)
def db_as_a_row(dout, cache):
    x, w, b = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0, keepdims=True)


def convolve(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), "constant")
    F, C, HH, WW = w.shape
    N, _, H, W = x.shape
    out = np.zeros((N, F, 1 + (H + 2 * p - HH) // s, 1 + (W + 2 * p - WW) // s))
    for f in range(F):
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                patch = xp[:, :, i * s : i * s + HH, j * s : j * s + WW]
                out[:, f, i, j] = np.sum(patch * w[f], axis=(1, 2, 3)) + b[f]
    return out, (x, w, b, conv_param)


@wrong("conv_forward_naive", "pads_every_axis")
def pads_it_all(x, w, b, conv_param):
    p = conv_param["pad"]
    xp = np.pad(x, p)
    s, (F, C, HH, WW) = conv_param["stride"], w.shape
    out = np.zeros((len(xp), F, 1 + (xp.shape[2] - HH) // s, 1 + (xp.shape[3] - WW) // s))
    for f, i, j in np.ndindex(out.shape[1:]):
        patch = xp[:, :C, i * s : i * s + HH, j * s : j * s + WW]
        out[:, f, i, j] = np.sum(patch * w[f], axis=(1, 2, 3)) + b[f]
    return out, (x, w, b, conv_param)


@wrong("conv_forward_naive", "one_window_too_few")
def size_without_one(x, w, b, conv_param):
    out, cache = convolve(x, w, b, conv_param)
    return out[:, :, :-1, :-1], cache


@wrong("conv_backward_naive", "weight_gradient_from_unpadded_image", conv_forward_naive=convolve)
def dw_from_x(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    HH, WW = w.shape[2:]
    N, C, H, W = x.shape
    dxp, dw = np.zeros((N, C, H + 2 * p, W + 2 * p)), np.zeros_like(w)
    for n, f, i, j in np.ndindex(dout.shape):
        top, left = i * s, j * s
        dxp[n, :, top : top + HH, left : left + WW] += dout[n, f, i, j] * w[f]
        patch = x[n, :, top : top + HH, left : left + WW]
        dw[f, :, : patch.shape[1], : patch.shape[2]] += dout[n, f, i, j] * patch
    return dxp[:, :, p : p + H, p : p + W], dw, dout.sum((0, 2, 3))


@wrong("conv1x1_forward", "weights_transposed")
def channels_for_filters(x, w, b):
    return np.einsum("cf,nchw->nfhw", w[:, :, 0, 0], x) + b.reshape(1, -1, 1, 1), (x, w)


@wrong("fc_to_conv", "column_major")
def fortran_reshape(w, b, input_shape):
    C, H, W = input_shape
    return w.reshape((C, H, W, -1), order="F").transpose(3, 0, 1, 2), b


@wrong("conv_to_fc", "outputs_first")
def rows_are_outputs(w, b):
    return w.reshape(len(w), -1), b


@wrong("conv_transpose_forward", "stride_ignored")
def stamps_side_by_side(x, w, b, conv_param):
    p, (N, _, H, W), (_, C, HH, WW) = conv_param["pad"], x.shape, w.shape
    out = np.zeros((N, C, H - 1 + HH, W - 1 + WW))
    for i, j in np.ndindex(H, W):
        out[:, :, i : i + HH, j : j + WW] += np.einsum("nf,fcuv->ncuv", x[:, :, i, j], w)
    return out[:, :, p : out.shape[2] - p, p : out.shape[3] - p] + b[None, :, None, None], (x, w, conv_param)


@wrong("rel_error", "absolute_error")
def largest_difference(x, y):
    return np.abs(x - y).max()


@wrong("eval_numerical_gradient", "two_missing")
def divided_by_h(f, x, h=1e-5):
    g = np.zeros_like(x)
    for k in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[k] = h
        g[k] = (f(x + e) - f(x - e)) / h
    return g


@wrong("eval_numerical_gradient_array", "upstream_gradient_missing")
def sums_of_the_outputs(f, x, df, h=1e-5):
    g = np.zeros_like(x)
    for k in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[k] = h
        g[k] = np.sum(np.array(f(x + e)) - np.array(f(x - e))) / (2 * h)
    return g
