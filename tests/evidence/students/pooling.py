"""Wrong answers to notebook 02, in other ways than the references go."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tests.evidence.students.answer import wrong


def unpack(pool_param):
    return pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]


def size(x, pool_param):
    ph, pw, s = unpack(pool_param)
    return (x.shape[2] - ph) // s + 1, (x.shape[3] - pw) // s + 1


def keep(x, pool_param):
    """A right forward pass of max pooling, for the backward passes below."""
    ph, pw, s = unpack(pool_param)
    view = sliding_window_view(x, (ph, pw), axis=(2, 3))[:, :, ::s, ::s]
    return view.max(axis=(4, 5)), (x, pool_param)


def average(x, pool_param):
    ph, pw, s = unpack(pool_param)
    view = sliding_window_view(x, (ph, pw), axis=(2, 3))[:, :, ::s, ::s]
    return view.mean(axis=(4, 5)), (x, pool_param)


def keep_x(x):
    return x.max(axis=(2, 3)), x


def average_x(x):
    return x.mean(axis=(2, 3)), x


@wrong("pool_output_size", "rounds_up")
def rounds_to_the_nearest(H, F, S):
    if F > H:
        raise ValueError("too large")
    return round((H - F) / S + 1)


@wrong("pool_output_size", "output_size_h_over_stride")
def counts_the_steps(H, F, S):
    if F > H:
        raise ValueError("too large")
    return len(range(0, H, S))


@wrong("pool_output_size", "error_missing")
def nothing_instead_of_an_error(H, F, S):
    return max(0, (H - F) // S + 1)


@wrong("max_pool_forward_naive", "zero_initialised_maximum")
def starts_from_zero(x, pool_param):
    ph, pw, s = unpack(pool_param)
    oh, ow = size(x, pool_param)
    res = np.zeros((*x.shape[:2], oh, ow))
    for a in range(oh):
        for b in range(ow):
            for u in range(ph):
                for v in range(pw):
                    res[:, :, a, b] = np.maximum(res[:, :, a, b], x[:, :, a * s + u, b * s + v])
    return res, (x, pool_param)


@wrong("max_pool_forward_naive", "height_width_exchanged")
def output_transposed(x, pool_param):
    ph, pw, s = unpack(pool_param)
    oh, ow = size(x, pool_param)
    res = np.zeros((*x.shape[:2], ow, oh))
    for a in range(oh):
        for b in range(ow):
            res[:, :, b, a] = np.amax(x[:, :, a * s : a * s + ph, b * s : b * s + pw], axis=(-1, -2))
    return res, (x, pool_param)


@wrong("max_pool_forward_naive", "channels_pooled_together")
def all_channels_at_once(x, pool_param):
    ph, pw, s = unpack(pool_param)
    oh, ow = size(x, pool_param)
    res = np.zeros((*x.shape[:2], oh, ow))
    for n in range(len(x)):
        for c in range(x.shape[1]):
            for a in range(oh):
                for b in range(ow):
                    res[n, c, a, b] = np.max(x[n, :, a * s : a * s + ph, b * s : b * s + pw])
    return res, (x, pool_param)


@wrong("max_pool_forward_naive", "moves_by_its_own_size")
def moves_by_the_window(x, pool_param):
    ph, pw, _ = unpack(pool_param)
    oh, ow = size(x, pool_param)
    res = np.zeros((*x.shape[:2], oh, ow))
    for a in range(oh):
        for b in range(ow):
            top, left = a * ph, b * pw
            res[:, :, a, b] = x[:, :, top : top + ph, left : left + pw].max(axis=2).max(axis=2)
    return res, (x, pool_param)


@wrong("max_pool_forward_naive", "stride_missing_in_slice")
def steps_down_only(x, pool_param):
    ph, pw, s = unpack(pool_param)
    oh, ow = size(x, pool_param)
    res = np.array(
        [[[[m[a * s : a * s + ph, b : b + pw].max() for b in range(ow)] for a in range(oh)] for m in img] for img in x]
    )
    return res, (x, pool_param)


@wrong("max_pool_forward_naive")
def never_sees_the_last_row(x, pool_param):
    ph, pw, s = unpack(pool_param)
    oh, ow = size(x, pool_param)
    res = np.zeros((*x.shape[:2], oh, ow))
    for a in range(oh):
        for b in range(ow):
            bottom = min(a * s + ph, x.shape[2] - 1)  # "so that it does not run out of the image"
            res[:, :, a, b] = x[:, :, a * s : bottom, b * s : b * s + pw].max(axis=(2, 3))
    return res, (x, pool_param)


@wrong("max_pool_forward_naive", "moves_by_its_own_size")
def splits_into_tiles(x, pool_param):
    n, c, h, w = x.shape
    ph, pw, _ = unpack(pool_param)
    x2 = x[:, :, : h // ph * ph, : w // pw * pw]
    return x2.reshape(n, c, h // ph, ph, w // pw, pw).max(axis=5).max(axis=3), (x, pool_param)


@wrong("max_pool_forward_naive")
def forgets_the_cache(x, pool_param):
    return keep(x, pool_param)[0]


@wrong("max_pool_forward_naive", "one_window_too_few")
def output_without_plus_one(x, pool_param):
    ph, pw, s = unpack(pool_param)
    oh, ow = (x.shape[2] - ph) // s, (x.shape[3] - pw) // s
    res = np.zeros((*x.shape[:2], oh, ow))
    for place in np.ndindex(res.shape):
        n, c, a, b = place
        res[place] = x[n, c, a * s : a * s + ph, b * s : b * s + pw].max()
    return res, (x, pool_param)


@wrong("max_pool_backward_naive", "assigns_on_overlap", max_pool_forward_naive=keep)
def mask_assigned(dout, cache):
    x, pool_param = cache
    ph, pw, s = unpack(pool_param)
    grad = np.zeros(x.shape)
    for n, c, a, b in np.ndindex(dout.shape):
        patch = x[n, c, a * s : a * s + ph, b * s : b * s + pw]
        best = np.argmax(patch)
        onehot = (np.arange(patch.size) == best).reshape(patch.shape)
        grad[n, c, a * s : a * s + ph, b * s : b * s + pw] = onehot * dout[n, c, a, b]
    return grad


@wrong("max_pool_backward_naive", "full_gradient_to_ties", max_pool_forward_naive=keep)
def every_maximum_gets_all(dout, cache):
    x, pool_param = cache
    ph, pw, s = unpack(pool_param)
    grad = np.zeros(x.shape)
    for a in range(dout.shape[2]):
        for b in range(dout.shape[3]):
            patch = x[:, :, a * s : a * s + ph, b * s : b * s + pw]
            mask = patch == patch.max(axis=(2, 3))[:, :, None, None]
            grad[:, :, a * s : a * s + ph, b * s : b * s + pw] += mask * dout[:, :, a, b][:, :, None, None]
    return grad


@wrong("max_pool_backward_naive", "height_width_exchanged", max_pool_forward_naive=keep)
def divides_by_the_height(dout, cache):
    x, pool_param = cache
    ph, pw, s = unpack(pool_param)
    grad = np.zeros(x.shape)
    for n, c, a, b in np.ndindex(dout.shape):
        k = x[n, c, a * s : a * s + ph, b * s : b * s + pw].argmax()
        grad[n, c, a * s + k // ph, b * s + k % ph] += dout[n, c, a, b]
    return grad


@wrong("max_pool_backward_naive", "offset_forgotten", max_pool_forward_naive=keep)
def place_inside_the_window_only(dout, cache):
    x, pool_param = cache
    ph, pw, s = unpack(pool_param)
    grad = np.zeros_like(x, dtype=float)
    for n, c, a, b in np.ndindex(dout.shape):
        k = x[n, c, a * s : a * s + ph, b * s : b * s + pw].argmax()
        grad[n, c][np.unravel_index(k, (ph, pw))] += dout[n, c, a, b]
    return grad


@wrong("max_pool_backward_naive", "full_gradient_to_ties", max_pool_forward_naive=keep)
def maximum_of_the_whole_map(dout, cache):
    x, pool_param = cache
    ph, pw, s = unpack(pool_param)
    grad = np.zeros_like(x, dtype=float)
    for n, c, a, b in np.ndindex(dout.shape):
        patch = x[n, c, a * s : a * s + ph, b * s : b * s + pw]
        grad[n, c, a * s : a * s + ph, b * s : b * s + pw] += (patch == x[n, c].max()) * dout[n, c, a, b]
    return grad


@wrong("max_pool_backward_naive", "upstream_gradient_missing", max_pool_forward_naive=keep)
def ones_at_the_maxima(dout, cache):
    x, pool_param = cache
    ph, pw, s = unpack(pool_param)
    grad = np.zeros_like(x, dtype=float)
    for n, c, a, b in np.ndindex(dout.shape):
        patch = x[n, c, a * s : a * s + ph, b * s : b * s + pw]
        u, v = np.argwhere(patch == patch.max())[0]
        grad[n, c, a * s + u, b * s + v] += 1
    return grad


@wrong("avg_pool_forward_naive", "divides_by_stride_squared")
def sum_over_stride_squared(x, pool_param):
    ph, pw, s = unpack(pool_param)
    view = sliding_window_view(x, (ph, pw), axis=(2, 3))[:, :, ::s, ::s]
    return np.einsum("ncabuv->ncab", view) / s**2, None


@wrong("avg_pool_forward_naive", "square_window_assumed")
def divides_by_the_height_squared(x, pool_param):
    ph, pw, s = unpack(pool_param)
    view = sliding_window_view(x, (ph, pw), axis=(2, 3))[:, :, ::s, ::s]
    return view.sum(-1).sum(-1) / ph**2, None


@wrong("avg_pool_backward_naive", "assigns_on_overlap", avg_pool_forward_naive=average)
def last_window_wins(dout, cache):
    x, pool_param = cache
    ph, pw, s = unpack(pool_param)
    grad = np.zeros(x.shape)
    for n, c, a, b in np.ndindex(dout.shape):
        grad[n, c, a * s : a * s + ph, b * s : b * s + pw] = dout[n, c, a, b] / ph / pw
    return grad


@wrong("avg_pool_backward_naive", "gradient_not_divided", avg_pool_forward_naive=average)
def everyone_gets_all_of_it(dout, cache):
    x, pool_param = cache
    ph, pw, s = unpack(pool_param)
    grad = np.zeros(x.shape)
    for u, v in np.ndindex(ph, pw):
        oh, ow = dout.shape[2:]
        grad[:, :, u : u + s * oh : s, v : v + s * ow : s][:, :, :oh, :ow] += dout
    return grad


@wrong("avg_pool_backward_naive", avg_pool_forward_naive=average)
def weighted_by_x(dout, cache):
    x, pool_param = cache
    ph, pw, s = unpack(pool_param)
    grad = np.zeros(x.shape)
    for a, b in np.ndindex(dout.shape[2:]):
        here = (slice(None), slice(None), slice(a * s, a * s + ph), slice(b * s, b * s + pw))
        grad[here] += x[here] * dout[:, :, a : a + 1, b : b + 1] / (ph * pw)
    return grad


@wrong("global_avg_pool_forward", "axes_counted_anew")
def axes_counted_after_the_first_mean(x):
    return x.mean(axis=2).mean(axis=1), x


@wrong("global_avg_pool_backward", "spread_in_another_order", global_avg_pool_forward=average_x)
def tiled_in_the_wrong_order(dout, cache):
    n, c, h, w = cache.shape
    return np.tile(dout.ravel() / (h * w), h * w).reshape(n, c, h, w)


@wrong("global_avg_pool_backward", "divides_by_one_side", global_avg_pool_forward=average_x)
def divides_by_h(dout, cache):
    return np.ones_like(cache) * dout[..., None, None] / cache.shape[-1]


@wrong("global_max_pool_backward", "full_gradient_to_ties", global_max_pool_forward=keep_x)
def equal_to_the_maximum(dout, cache):
    top = cache.max(axis=3).max(axis=2)
    return np.where(cache == top[:, :, None, None], dout[:, :, None, None], 0.0)


@wrong("global_max_pool_backward", "one_winner_per_image", global_max_pool_forward=keep_x)
def one_winner_per_image(dout, cache):
    grad = np.zeros_like(cache, dtype=float)
    for n in range(len(cache)):
        c, i, j = np.unravel_index(cache[n].argmax(), cache[n].shape)
        grad[n, c, i, j] = dout[n, c]
    return grad


@wrong("max_pool_forward_fast", "maximum_over_the_places")
def maximum_over_the_places(x, pool_param):
    ph, pw, s = unpack(pool_param)
    view = sliding_window_view(x, (ph, pw), axis=(2, 3))[:, :, ::s, ::s]
    return view.max(axis=(2, 3)), (x, pool_param)


@wrong("max_pool_forward_fast", "stride_of_one")
def strided_along_one_axis(x, pool_param):
    ph, pw, s = unpack(pool_param)
    view = sliding_window_view(x, (ph, pw), axis=(2, 3))[:, :, ::s]
    return view.max(axis=(4, 5)), (x, pool_param)


@wrong("max_pool_backward_fast", "place_added_to_once", max_pool_forward_fast=keep)
def fancy_indices_with_plus_equals(dout, cache):
    """grad[places] += values adds only once where a place stands twice in the indices."""
    x, pool_param = cache
    ph, pw, s = unpack(pool_param)
    places = sliding_window_view(np.arange(x.size).reshape(x.shape), (ph, pw), axis=(2, 3))[:, :, ::s, ::s]
    places = places.reshape(*dout.shape, ph * pw)
    best = x.ravel()[places].argmax(axis=-1)
    grad = np.zeros(x.size)
    grad[np.take_along_axis(places, best[..., None], axis=-1)[..., 0].ravel()] += dout.ravel()
    return grad.reshape(x.shape)
