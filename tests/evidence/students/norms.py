"""Wrong answers to notebooks 04 and 05, in other ways than the references go."""

# ruff: noqa: RUF059  (students unpack shapes and caches whole)
import numpy as np

from tests.evidence.students import batchnorm
from tests.evidence.students.answer import wrong

bn_forward = batchnorm.normal


def bn_backward(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    g = dout * gamma
    return (g - g.mean(0) - xhat * (g * xhat).mean(0)) * ivar, (dout * xhat).sum(0), dout.sum(0)


def spatial(x, gamma, beta, bn_param):
    """A right forward pass: pixels become examples."""
    N, C, H, W = x.shape
    rows, cache = bn_forward(x.transpose(0, 2, 3, 1).reshape(-1, C), gamma, beta, bn_param)
    return rows.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache


@wrong("spatial_batchnorm_forward", "reshaped_without_transpose")
def flattens_as_it_lies(x, gamma, beta, bn_param):
    out, cache = bn_forward(x.reshape(-1, x.shape[1]), gamma, beta, bn_param)
    return out.reshape(x.shape), cache


@wrong("spatial_batchnorm_forward", "not_transposed_back")
def comes_back_another_way(x, gamma, beta, bn_param):
    rows, cache = bn_forward(np.moveaxis(x, 1, 3).reshape(-1, x.shape[1]), gamma, beta, bn_param)
    return rows.reshape(x.shape), cache


@wrong("spatial_batchnorm_forward", "not_transposed_back")
def rolls_the_axis_to_the_wrong_place(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    rows, cache = bn_forward(x.swapaxes(1, 3).reshape(-1, C), gamma, beta, bn_param)
    return np.moveaxis(rows.reshape(N, W, H, C), 3, 1), cache


@wrong("spatial_batchnorm_forward", "statistics_per_location")
def every_pixel_a_feature(x, gamma, beta, bn_param):
    if bn_param["mode"] != "train":
        return spatial(x, gamma, beta, bn_param)
    out, cache = spatial(x, gamma, beta, bn_param)
    e = bn_param.get("eps", 1e-5)
    z = (x - x.mean(0)) / np.sqrt(x.var(0) + e)
    return gamma.reshape(1, -1, 1, 1) * z + beta.reshape(1, -1, 1, 1), cache


@wrong("spatial_batchnorm_forward", "statistics_per_image")
def every_image_by_itself(x, gamma, beta, bn_param):
    outs = []
    for image in x:
        out, cache = spatial(image[None], gamma, beta, bn_param)
        outs.append(out[0])
    return np.array(outs), cache


@wrong("spatial_batchnorm_forward", "running_shape")
def keeps_the_axes_of_the_statistics(x, gamma, beta, bn_param):
    out, cache = spatial(
        x, gamma, beta, bn_param | {k: np.ravel(bn_param[k]) for k in ("running_mean", "running_var") if k in bn_param}
    )
    if bn_param["mode"] == "train":
        m, C = bn_param.get("momentum", 0.9), x.shape[1]
        for name, new in (("running_mean", x.mean((0, 2, 3))), ("running_var", x.var((0, 2, 3)))):
            old = np.ravel(bn_param.get(name, np.zeros(C)))
            bn_param[name] = (m * old + (1 - m) * new).reshape(1, C, 1, 1)
    return out, cache


@wrong("spatial_batchnorm_backward", "wrong_number_of_samples", spatial_batchnorm_forward=spatial)
def divides_by_the_images(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    N, C, H, W = dout.shape
    d = dout.transpose(0, 2, 3, 1).reshape(-1, C)
    dg, db = (d * xhat).sum(0), d.sum(0)
    dx = gamma * ivar / N * (N * d - db - xhat * dg)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dg, db


@wrong("spatial_batchnorm_backward", "reshaped_without_transpose", spatial_batchnorm_forward=spatial)
def backward_flattens_as_it_lies(dout, cache):
    dx, dg, db = bn_backward(dout.reshape(-1, dout.shape[1]), cache)
    return dx.reshape(dout.shape), dg, db


@wrong("spatial_batchnorm_backward", "not_transposed_back", spatial_batchnorm_forward=spatial)
def dx_left_channels_last(dout, cache):
    N, C, H, W = dout.shape
    dx, dg, db = bn_backward(dout.transpose(0, 2, 3, 1).reshape(-1, C), cache)
    return dx.reshape(N, C, H, W), dg, db


@wrong("spatial_batchnorm_backward", "mean_for_sum", spatial_batchnorm_forward=spatial)
def averages_the_gradients(dout, cache):
    N, C, H, W = dout.shape
    d = dout.transpose(0, 2, 3, 1).reshape(-1, C)
    dx, dg, db = bn_backward(d, cache)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dg / len(d), db / len(d)


@wrong("batchnorm_parameter_count", "the_other_kind")
def takes_per_channel_for_per_pixel(channels, height, width, per_channel):
    return 2 * channels * height * width if per_channel else 2 * channels


def layer(x, gamma, beta, ln_param):
    """A right forward pass."""
    mu = x.mean(1)[:, None]
    ivar = (((x - mu) ** 2).mean(1)[:, None] + ln_param.get("eps", 1e-5)) ** -0.5
    return gamma * (x - mu) * ivar + beta, ((x - mu) * ivar, ivar, gamma)


@wrong("layernorm_forward", "over_axis_0")
def batchnorm_once_more(x, gamma, beta, ln_param):
    return bn_forward(x, gamma, beta, {"mode": "train", "eps": ln_param.get("eps", 1e-5)})


@wrong("layernorm_forward", "divides_by_n_minus_1")
def like_a_statistician(x, gamma, beta, ln_param):
    D = x.shape[1]
    mu = x.sum(1, keepdims=True) / D
    s2 = ((x - mu) ** 2).sum(1, keepdims=True) / max(1, D - 1)
    return gamma * ((x - mu) / np.sqrt(s2 + ln_param.get("eps", 1e-5))) + beta, None


@wrong("layernorm_forward", "eps_outside_root")
def layer_std_plus_eps(x, gamma, beta, ln_param):
    return (x - x.mean(1, keepdims=True)) / (x.std(1, keepdims=True) + ln_param.get("eps", 1e-5)) * gamma + beta, None


@wrong("layernorm_forward", "mode_leaks_in")
def has_running_statistics(x, gamma, beta, ln_param):
    """Copied from batch norm, transposed."""
    if ln_param.get("mode", "train") == "test":
        return gamma * x / np.sqrt(1 + ln_param.get("eps", 1e-5)) + beta, None
    return layer(x, gamma, beta, ln_param)


@wrong("layernorm_forward", "eps_hard_coded")
def eps_is_a_constant(x, gamma, beta, ln_param):
    return layer(x, gamma, beta, {})


@wrong("layernorm_forward")
def gamma_before_the_transpose_back(x, gamma, beta, ln_param):
    """Batch norm of x.T wants a gamma for each row of it."""
    xt = x.T
    z = (xt - xt.mean(0)) / np.sqrt(xt.var(0) + ln_param.get("eps", 1e-5))
    n = x.shape[0]
    return (np.resize(gamma, n) * z + np.resize(beta, n)).T, None


@wrong("layernorm_backward", "divides_by_the_number_of_examples", layernorm_forward=layer)
def n_for_d(dout, cache):
    z, ivar, gamma = cache
    g, n = dout * gamma, len(dout)
    dx = ivar * (g - g.sum(1, keepdims=True) / n - z * (g * z).sum(1, keepdims=True) / n)
    return dx, (dout * z).sum(0), dout.sum(0)


@wrong("layernorm_backward", "dx_over_axis_0", layernorm_forward=layer)
def sums_over_the_batch(dout, cache):
    z, ivar, gamma = cache
    g = dout * gamma
    return ivar * (g - g.mean(0) - z * (g * z).mean(0)), (dout * z).sum(0), dout.sum(0)


@wrong("layernorm_backward", "gamma_taken_out_of_the_means", layernorm_forward=layer)
def formula_of_batchnorm(dout, cache):
    z, ivar, gamma = cache
    dx = gamma * ivar * (dout - dout.mean(1)[:, None] - z * (dout * z).mean(1)[:, None])
    return dx, (dout * z).sum(0), dout.sum(0)


@wrong("layernorm_backward", "parameter_gradients_summed_over_features", layernorm_forward=layer)
def dgamma_for_each_example(dout, cache):
    z, ivar, gamma = cache
    g = dout * gamma
    dx = ivar * (g - g.mean(1)[:, None] - z * (g * z).mean(1)[:, None])
    return dx, np.einsum("nd,nd->n", dout, z), np.einsum("nd->n", dout)


@wrong("layernorm_backward", "mean_path_missing", layernorm_forward=layer)
def layer_without_the_mean(dout, cache):
    z, ivar, gamma = cache
    g = dout * gamma
    return ivar * (g - z * (g * z).mean(1)[:, None]), (dout * z).sum(0), dout.sum(0)


def instance(x, gamma, beta, in_param):
    """A right forward pass."""
    flat = x.reshape(*x.shape[:2], -1)
    mu = flat.mean(-1, keepdims=True)
    ivar = 1 / np.sqrt(flat.var(-1, keepdims=True) + in_param.get("eps", 1e-5))
    z = (flat - mu) * ivar
    return (gamma[:, None] * z + beta[:, None]).reshape(x.shape), (z, ivar, gamma)


@wrong("instancenorm_forward", "over_the_channels_too")
def instance_over_everything_but_n(x, gamma, beta, in_param):
    mu, v = x.mean((1, 2, 3), keepdims=True), x.var((1, 2, 3), keepdims=True)
    return gamma.reshape(1, -1, 1, 1) * (x - mu) / (v + in_param.get("eps", 1e-5)) ** 0.5 + beta.reshape(1, -1, 1, 1), 0


@wrong("instancenorm_forward", "over_the_minibatch_too")
def instance_like_batchnorm(x, gamma, beta, in_param):
    return spatial(x, gamma, beta, {"mode": "train", "eps": in_param.get("eps", 1e-5)})


@wrong("instancenorm_forward", "divided_by_variance")
def instance_by_the_variance(x, gamma, beta, in_param):
    f = x.reshape(*x.shape[:2], -1)
    z = (f - f.mean(2)[..., None]) / (f.var(2)[..., None] + in_param.get("eps", 1e-5))
    return (z * gamma.reshape(1, -1, 1) + beta.reshape(1, -1, 1)).reshape(x.shape), None


@wrong("instancenorm_backward", "divides_by_one_side", instancenorm_forward=instance)
def divides_by_the_width(dout, cache):
    z, ivar, gamma = cache
    w, d = dout.shape[-1], dout.reshape(z.shape)
    g = d * gamma[:, None]
    dx = ivar * (g - g.sum(2)[..., None] / w - z * (g * z).sum(2)[..., None] / w)
    return dx.reshape(dout.shape), (d * z).sum((0, 2)), d.sum((0, 2))


@wrong("instancenorm_backward", "parameter_gradients_per_image", instancenorm_forward=instance)
def one_gamma_for_every_image(dout, cache):
    z, ivar, gamma = cache
    d = dout.reshape(z.shape)
    g = d * gamma[:, None]
    dx = ivar * (g - g.mean(2)[..., None] - z * (g * z).mean(2)[..., None])
    return dx.reshape(dout.shape), (d * z).sum(2), d.sum(2)


def group(x, gamma, beta, G, gn_param):
    """A right forward pass."""
    N, C, H, W = x.shape
    if C % G != 0:
        raise ValueError(f"{C} channels, {G} groups")
    f = x.reshape(N * G, -1)
    mu, v = f.mean(1, keepdims=True), f.var(1, keepdims=True)
    ivar = (v + gn_param.get("eps", 1e-5)) ** -0.5
    z = ((f - mu) * ivar).reshape(x.shape)
    return gamma * z + beta, (z, ivar, gamma, G)


@wrong("spatial_groupnorm_forward", "g_taken_as_group_size")
def groups_of_g_channels(x, gamma, beta, G, gn_param):
    C = x.shape[1]
    if C % G != 0:
        raise ValueError("G")
    return group(x, gamma, beta, C // G, gn_param)


@wrong("spatial_groupnorm_forward", "groups_interleaved")
def every_gth_channel(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    if C % G != 0:
        raise ValueError("G")
    out = np.empty_like(x, dtype=float)
    for k in range(G):
        part = x[:, k::G]
        mu, v = part.mean((1, 2, 3), keepdims=True), part.var((1, 2, 3), keepdims=True)
        out[:, k::G] = (part - mu) / np.sqrt(v + gn_param.get("eps", 1e-5))
    return out * gamma + beta, None


@wrong("spatial_groupnorm_forward", "per_pixel")
def over_the_channels_of_a_pixel(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    if C % G != 0:
        raise ValueError("G")
    y = x.reshape(N, G, C // G, H, W)
    y = (y - y.mean(2, keepdims=True)) / np.sqrt(y.var(2, keepdims=True) + gn_param.get("eps", 1e-5))
    return y.reshape(N, C, H, W) * gamma + beta, None


@wrong("spatial_groupnorm_forward", "gamma_indexed_again")
def seven_axes(x, gamma, beta, G, gn_param):
    out, cache = group(x, np.ones_like(gamma), np.zeros_like(beta), G, gn_param)
    return gamma[None, :, None, None] * out + beta[None, :, None, None], cache


@wrong("spatial_groupnorm_backward", "means_per_channel_in_dx", spatial_groupnorm_forward=group)
def backward_of_instance_norm(dout, cache):
    z, ivar, gamma, G = cache
    N, C, H, W = dout.shape
    g = dout * gamma
    mean = lambda a: a.mean((2, 3), keepdims=True)  # noqa: E731
    inv = np.repeat(ivar.reshape(N, G), C // G, axis=1)[:, :, None, None]
    axes = (0, 2, 3)
    dx = inv * (g - mean(g) - z * mean(g * z))
    return dx, (dout * z).sum(axes, keepdims=True), dout.sum(axes, keepdims=True)


@wrong("spatial_groupnorm_backward", "parameter_gradients_without_axes", spatial_groupnorm_forward=group)
def gradients_of_c_numbers(dout, cache):
    z, ivar, gamma, G = cache
    g, h = (dout * gamma).reshape(len(ivar), -1), z.reshape(len(ivar), -1)
    dx = ivar * (g - g.mean(1)[:, None] - h * (g * h).mean(1)[:, None])
    return dx.reshape(dout.shape), (dout * z).sum((0, 2, 3)), dout.sum((0, 2, 3))


@wrong("spatial_groupnorm_backward", "divides_by_the_pixels_of_one_map", spatial_groupnorm_forward=group)
def counts_one_map(dout, cache):
    z, ivar, gamma, G = cache
    n = dout.shape[2] * dout.shape[3]
    g, h = (dout * gamma).reshape(len(ivar), -1), z.reshape(len(ivar), -1)
    dx = ivar * (g - g.sum(1)[:, None] / n - h * (g * h).sum(1)[:, None] / n)
    axes = (0, 2, 3)
    return dx.reshape(dout.shape), (dout * z).sum(axes, keepdims=True), dout.sum(axes, keepdims=True)
