"""Wrong answers to notebooks 07 and 08, in other ways than the references go."""

# ruff: noqa: RUF059  (students unpack shapes and caches whole)
import numpy as np

from tests.evidence.students.answer import wrong


def affine(x, w, b):
    return np.einsum("nd,dm->nm", x.reshape(x.shape[0], -1), w) + b, (x, w, b)


@wrong("affine_forward", "flattened_across_examples")
def reshapes_the_wrong_way(x, w, b):
    return x.reshape(-1, len(x)).T @ w + b, (x, w, b)


@wrong("affine_forward", "column_major")
def matlab_order(x, w, b):
    return np.stack([image.ravel("F") for image in x]) @ w + b, (x, w, b)


@wrong("affine_backward", "bias_gradient_axes", affine_forward=affine)
def db_over_the_outputs(dout, cache):
    x, w, b = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, np.sum(dout, axis=1)


@wrong("affine_backward", "input_shape_lost", affine_forward=affine)
def dx_stays_flat(dout, cache):
    x, w, b = cache
    return np.dot(dout, w.T), np.dot(x.reshape(len(x), -1).T, dout), dout.sum(0)


@wrong("affine_backward", "averaged_over_batch", affine_forward=affine)
def averages(dout, cache):
    x, w, b = cache
    n = len(x)
    return (dout @ w.T).reshape(x.shape), x.reshape(n, -1).T @ dout / n, dout.mean(0)


def slide(x, w, b, conv_param, *, step=None, pads=None, flip=False, bias=True):
    """A convolution in loops, with places to go wrong."""
    s, p = conv_param["stride"], conv_param["pad"]
    step = step or (s, s)
    xp = np.pad(x, ((0, 0), (0, 0), *(pads or ((p, p), (p, p)))))
    n, (f, _, hh, ww) = len(x), w.shape
    oh, ow = 1 + (x.shape[2] + 2 * p - hh) // s, 1 + (x.shape[3] + 2 * p - ww) // s
    k = w[:, :, ::-1, ::-1] if flip else w
    out = np.zeros((n, f, oh, ow))
    for i, a, u, v in np.ndindex(n, f, oh, ow):
        patch = xp[i, :, u * step[0] : u * step[0] + hh, v * step[1] : v * step[1] + ww]
        out[i, a, u, v] = (patch * k[a]).sum() + (b[a] if bias else 0)
    return out, (x, w, b, conv_param)


@wrong("conv_forward_naive", "filter_flipped")
def a_true_convolution(x, w, b, conv_param):
    return slide(x, w, b, conv_param, flip=True)


@wrong("conv_forward_naive", "pads_one_side")
def pads_in_front_only(x, w, b, conv_param):
    p = 2 * conv_param["pad"]
    return slide(x, w, b, conv_param, pads=((p, 0), (p, 0)))


@wrong("conv_forward_naive", "stride_missing_in_slice", "stride_hard_coded")
def stride_for_the_size_only(x, w, b, conv_param):
    return slide(x, w, b, conv_param, step=(1, 1))


@wrong("conv_forward_naive", "bias_added_at_every_weight")
def bias_inside_of_the_sum(x, w, b, conv_param):
    out, cache = slide(x, w, b, conv_param, bias=False)
    return out + (b * w[0].size)[None, :, None, None], cache


@wrong("conv_forward_naive", "bias_missing")
def no_bias(x, w, b, conv_param):
    return slide(x, w, b, conv_param, bias=False)


@wrong("conv_forward_naive", "padding_missing", "output_size_without_pad")
def pad_is_not_read(x, w, b, conv_param):
    return slide(x, w, b, {"stride": conv_param["stride"], "pad": 0})


def spread(dout, cache, assign=False, cut=True):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dxp, dw = np.zeros_like(xp, dtype=float), np.zeros_like(w)
    hh, ww = w.shape[2:]
    for i, a, u, v in np.ndindex(dout.shape):
        here = (i, slice(None), slice(u * s, u * s + hh), slice(v * s, v * s + ww))
        share = w[a] * dout[i, a, u, v]
        dxp[here] = share if assign else dxp[here] + share
        dw[a] += xp[here] * dout[i, a, u, v]
    dx = dxp[:, :, p : p + x.shape[2], p : p + x.shape[3]] if cut else dxp
    return dx, dw, dout.sum((0, 2, 3))


@wrong("conv_backward_naive", "padding_not_cut", conv_forward_naive=slide)
def dx_of_the_padded_image(dout, cache):
    return spread(dout, cache, cut=False)


@wrong("conv_backward_naive", "filters_replace_one_another", conv_forward_naive=slide)
def overwrites(dout, cache):
    return spread(dout, cache, assign=True)


@wrong("conv_backward_naive", "cut_empty_without_padding", conv_forward_naive=slide)
def cuts_with_minus_pad(dout, cache):
    p = cache[3]["pad"]
    dx, dw, db = spread(dout, cache, cut=False)
    return dx[:, :, p:-p, p:-p], dw, db


@wrong("conv_backward_naive", "bias_gradient_axes", conv_forward_naive=slide)
def db_per_image(dout, cache):
    dx, dw, _ = spread(dout, cache)
    return dx, dw, dout.sum((1, 2, 3))


@wrong("conv1x1_forward", "reshape_without_transpose")
def pixels_by_reshape(x, w, b):
    N, C, H, W = x.shape
    return (x.reshape(N * H * W, C) @ w[:, :, 0, 0].T + b).reshape(N, -1, H, W), (x, w)


@wrong("conv1x1_forward", "axes_not_moved_back", "channels_last")
def tensordot_and_done(x, w, b):
    return np.tensordot(x, w[:, :, 0, 0], axes=(1, 1)) + b, (x, w)


def pointwise(x, w, b):
    return np.matmul(w[:, :, 0, 0], x.reshape(*x.shape[:2], -1)).reshape(len(x), -1, *x.shape[2:]) + b[:, None, None], (
        x,
        w,
    )


@wrong("conv1x1_backward", "weight_gradient_shape", conv1x1_forward=pointwise)
def dw_without_its_ones(dout, cache):
    x, w = cache
    return np.einsum("fcij,nfhw->nchw", w, dout), np.tensordot(dout, x, ((0, 2, 3), (0, 2, 3))), dout.sum((0, 2, 3))


@wrong("fc_to_conv", "reshape_without_transpose")
def reshaped_right_away(w, b, input_shape):
    C, H, W = input_shape
    return w.reshape(-1, C, H, W), b


@wrong("fc_to_conv", "height_width_channel_order")
def as_tensorflow_flattens(w, b, input_shape):
    C, H, W = input_shape
    return w.reshape(H, W, C, -1).transpose(3, 2, 0, 1), b


@wrong("fc_to_conv", "height_width_exchanged")
def sides_exchanged(w, b, input_shape):
    C, H, W = input_shape
    return w.reshape(C, W, H, -1).transpose(3, 0, 2, 1), b


@wrong("fc_to_conv", "filters_on_the_last_axis")
def outputs_stay_behind(w, b, input_shape):
    return w.reshape(*input_shape, len(b)), b


@wrong("conv_to_fc", "reshape_without_transpose")
def one_reshape(w, b):
    return w.reshape(-1, w.shape[0]), b


@wrong("conv_to_fc", "height_width_channel_order")
def channels_last_rows(w, b):
    return w.transpose(2, 3, 1, 0).reshape(-1, len(w)), b


def to_filters(w, b, shape):
    return w.T.reshape(-1, *shape), b


@wrong("convify_head", "told_apart_by_size")
def all_layers_see_the_map(head, input_shape):
    c, h, w = input_shape
    return [to_filters(m, b, (len(m) // (h * w), h, w) if len(m) % (h * w) == 0 else (len(m), 1, 1)) for m, b in head]


@wrong("convify_head", "transpose_missing_in_later_layers")
def later_layers_reshaped(head, input_shape):
    first, *rest = head
    return [to_filters(*first, input_shape), *((m.reshape(m.shape[1], m.shape[0], 1, 1), b) for m, b in rest)]


def stamp(x, w, b, conv_param, *, assign=False, flip=False, cut=True):
    """A transposed convolution in loops, with places to go wrong."""
    s, p = conv_param["stride"], conv_param["pad"]
    (n, _, h, wd), (_, c, hh, ww) = x.shape, w.shape
    canvas = np.zeros((n, c, (h - 1) * s + hh, (wd - 1) * s + ww))
    k = w[:, :, ::-1, ::-1] if flip else w
    for u, v in np.ndindex(h, wd):
        ink = np.tensordot(x[:, :, u, v], k, axes=(1, 0))
        here = (..., slice(u * s, u * s + hh), slice(v * s, v * s + ww))
        canvas[here] = ink if assign else canvas[here] + ink
    if cut:
        canvas = canvas[:, :, p : canvas.shape[2] - p, p : canvas.shape[3] - p]
    return canvas + b.reshape(-1, 1, 1), (x, w, conv_param)


@wrong("conv_transpose_forward", "filter_flipped")
def stamps_upside_down(x, w, b, conv_param):
    return stamp(x, w, b, conv_param, flip=True)


@wrong("conv_transpose_forward", "overlap_assigned")
def last_stamp_wins(x, w, b, conv_param):
    return stamp(x, w, b, conv_param, assign=True)


@wrong("conv_transpose_forward", "padding_ignored")
def nothing_is_cut(x, w, b, conv_param):
    return stamp(x, w, b, conv_param, cut=False)


@wrong("conv_transpose_backward", "stride_ignored", conv_transpose_forward=stamp)
def reads_every_pixel(dout, cache):
    x, w, conv_param = cache
    p, (hh, ww) = conv_param["pad"], w.shape[2:]
    pad = np.pad(dout, ((0, 0), (0, 0), (p, p), (p, p)))
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for u, v in np.ndindex(x.shape[2:]):
        patch = pad[:, :, u : u + hh, v : v + ww]
        dx[:, :, u, v] = np.tensordot(patch, w, ((1, 2, 3), (1, 2, 3)))
        dw += np.tensordot(x[:, :, u, v], patch, (0, 0))
    return dx, dw, dout.sum((0, 2, 3))


@wrong("conv_transpose_backward", "weight_gradient_assigned", conv_transpose_forward=stamp)
def only_dw_of_the_last_pixel(dout, cache):
    x, w, conv_param = cache
    s, p, (hh, ww) = conv_param["stride"], conv_param["pad"], w.shape[2:]
    pad = np.pad(dout, ((0, 0), (0, 0), (p, p), (p, p)))
    dx = np.zeros(x.shape)
    for u, v in np.ndindex(x.shape[2:]):
        patch = pad[:, :, u * s : u * s + hh, v * s : v * s + ww]
        dx[:, :, u, v] = np.tensordot(patch, w, ((1, 2, 3), (1, 2, 3)))
        dw = np.tensordot(x[:, :, u, v], patch, (0, 0))
    return dx, dw, dout.sum((0, 2, 3))
