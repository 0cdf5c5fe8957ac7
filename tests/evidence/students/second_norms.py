"""A second set of wrong answers to notebooks 03 to 05, written when all of the first set were caught."""

# ruff: noqa: RUF059  (students unpack shapes and caches whole)
import numpy as np

from tests.evidence.students.answer import wrong


def graph(x, gamma, beta, bn_param):
    """A right forward pass by the computational graph, one step a line."""
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D))
    running_var = bn_param.get("running_var", np.zeros(D))
    if bn_param["mode"] == "train":
        mu = 1.0 / N * np.sum(x, axis=0)
        xmu = x - mu
        sq = xmu**2
        var = 1.0 / N * np.sum(sq, axis=0)
        sqrtvar = np.sqrt(var + eps)
        ivar = 1.0 / sqrtvar
        xhat = xmu * ivar
        out = gamma * xhat + beta
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mu
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
        return out, (xhat, gamma, xmu, ivar, sqrtvar, var, eps)
    if bn_param["mode"] == "test":
        return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None
    raise ValueError(f"invalid mode {bn_param['mode']}")


@wrong("batchnorm_forward", "one_statistic_for_all")
def mean_of_everything(x, gamma, beta, bn_param):
    if bn_param["mode"] != "train":
        return graph(x, gamma, beta, bn_param)
    mu, sd = np.mean(x), np.std(x)
    eps, m, D = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9), x.shape[1]
    bn_param["running_mean"] = m * bn_param.get("running_mean", np.zeros(D)) + (1 - m) * mu
    bn_param["running_var"] = m * bn_param.get("running_var", np.zeros(D)) + (1 - m) * sd**2
    return gamma * ((x - mu) / np.sqrt(sd**2 + eps)) + beta, None


@wrong("batchnorm_forward", "running_standard_deviation")
def running_std_kept(x, gamma, beta, bn_param):
    old = bn_param.get("running_var", np.zeros(x.shape[1]))
    out, cache = graph(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train":
        m = bn_param.get("momentum", 0.9)
        bn_param["running_var"] = m * old + (1 - m) * x.std(axis=0)
    return out, cache


@wrong("batchnorm_forward", "train_running_statistics")
def updates_first_and_normalizes_then(x, gamma, beta, bn_param):
    if bn_param["mode"] != "train":
        return graph(x, gamma, beta, bn_param)
    m, D = bn_param.get("momentum", 0.9), x.shape[1]
    for key, value in (("running_mean", x.mean(0)), ("running_var", x.var(0))):
        bn_param[key] = m * bn_param.get(key, np.zeros(D)) + (1 - m) * value
    std = np.sqrt(bn_param["running_var"] + bn_param.get("eps", 1e-5))
    return gamma * (x - bn_param["running_mean"]) / std + beta, None


@wrong("batchnorm_forward", "running_start")
def variance_begins_at_one(x, gamma, beta, bn_param):
    bn_param.setdefault("running_var", np.ones(x.shape[1]))
    return graph(x, gamma, beta, bn_param)


@wrong("batchnorm_forward", "eps_missing")
def no_eps_in_training(x, gamma, beta, bn_param):
    out, cache = graph(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train":
        out = gamma * (x - x.mean(0)) / np.std(x, 0) + beta
    return out, cache


@wrong("batchnorm_forward", "gamma_beta_exchanged")
def scales_by_beta(x, gamma, beta, bn_param):
    return graph(x, beta, gamma, bn_param)


@wrong("batchnorm_backward", "mean_path_missing", batchnorm_forward=graph)
def stops_before_the_mean(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    N, D = dout.shape
    dbeta, dgamma = np.sum(dout, axis=0), np.sum(dout * xhat, axis=0)
    dxhat = dout * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / (sqrtvar**2) * divar
    dvar = 0.5 / np.sqrt(var + eps) * dsqrtvar
    dsq = 1.0 / N * np.ones((N, D)) * dvar
    return dxmu1 + 2 * xmu * dsq, dgamma, dbeta


@wrong("batchnorm_backward", "mean_sign", batchnorm_forward=graph)
def adds_the_mean(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    N, D = dout.shape
    dxhat = dout * gamma
    dvar = -0.5 * ivar**3 * np.sum(dxhat * xmu, axis=0)
    dx1 = dxhat * ivar + 2 * xmu * dvar / N
    return dx1 + dx1.sum(0) / N, np.sum(dout * xhat, axis=0), np.sum(dout, axis=0)


@wrong("batchnorm_backward", "factor_two", batchnorm_forward=graph)
def half_forgotten(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    N, D = dout.shape
    dxhat = dout * gamma
    dvar = -(ivar**3) * np.sum(dxhat * xmu, axis=0)
    dx1 = dxhat * ivar + 2 * xmu * dvar / N
    return dx1 - dx1.sum(0) / N, np.sum(dout * xhat, axis=0), np.sum(dout, axis=0)


@wrong("batchnorm_backward", "features_for_examples", batchnorm_forward=graph)
def shape_unpacked_the_other_way(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    D, N = dout.shape
    dgamma, dbeta = np.sum(dout * xhat, axis=0), np.sum(dout, axis=0)
    return gamma * ivar / N * (N * dout - dbeta - xhat * dgamma), dgamma, dbeta


@wrong("batchnorm_backward_alt", "normalized_x_missing", batchnorm_forward=graph)
def xhat_lost(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    N = dout.shape[0]
    dgamma, dbeta = np.sum(dout * xhat, axis=0), np.sum(dout, axis=0)
    return gamma * ivar / N * (N * dout - dbeta - dgamma), dgamma, dbeta


@wrong("batchnorm_backward_alt", "mean_for_sum", batchnorm_forward=graph)
def parameters_averaged(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    dgamma, dbeta = np.mean(dout * xhat, axis=0), np.mean(dout, axis=0)
    return gamma * ivar * (dout - dbeta - xhat * dgamma), dgamma, dbeta


@wrong("batchnorm_backward_alt", "divided_by_variance", batchnorm_forward=graph)
def root_forgotten(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    N = dout.shape[0]
    dgamma, dbeta = np.sum(dout * xhat, axis=0), np.sum(dout, axis=0)
    return gamma / (var + eps) / N * (N * dout - dbeta - xhat * dgamma), dgamma, dbeta


@wrong("population_statistics", "variance_of_the_means")
def spread_of_the_means(batches):
    means = np.array([b.mean(axis=0) for b in batches])
    return means.mean(axis=0), means.var(axis=0) * len(batches[0]) / (len(batches[0]) - 1)


@wrong("population_statistics", "factor_upside_down")
def factor_turned_round(batches):
    m = batches[0].shape[0]
    return sum(b.mean(0) for b in batches) / len(batches), (m - 1) / m * sum(b.var(0) for b in batches) / len(batches)


@wrong("fold_batchnorm", "mean_ignored")
def mean_forgotten(w, b, gamma, beta, mean, var, eps):
    a = gamma / np.sqrt(var + eps)
    return a[None, :] * w, a * b + beta


@wrong("fold_batchnorm", "beta_missing")
def beta_forgotten(w, b, gamma, beta, mean, var, eps):
    a = gamma / np.sqrt(var + eps)
    return a * w, a * (b - mean)


def to_rows(x):
    return x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])


def to_maps(rows, shape):
    N, C, H, W = shape
    return rows.reshape(N, H, W, C).transpose(0, 3, 1, 2)


def spatial(x, gamma, beta, bn_param):
    out, cache = graph(to_rows(x), gamma, beta, bn_param)
    return to_maps(out, x.shape), cache


@wrong("spatial_batchnorm_forward", "reshaped_without_transpose")
def one_row_per_channel_by_reshape(x, gamma, beta, bn_param):
    """reshape(C, -1) of (N, C, H, W) mixes channels as soon as there are two images."""
    N, C, H, W = x.shape
    out, cache = graph(x.reshape(C, -1).T, gamma, beta, bn_param)
    return out.T.reshape(N, C, H, W), cache


@wrong("spatial_batchnorm_forward", "momentum_reversed")
def momentum_turned_round(x, gamma, beta, bn_param):
    inner = dict(bn_param, momentum=1 - bn_param.get("momentum", 0.9))
    out, cache = graph(to_rows(x), gamma, beta, inner)
    bn_param.update({k: inner[k] for k in ("running_mean", "running_var") if k in inner})
    return to_maps(out, x.shape), cache


@wrong("spatial_batchnorm_forward", "running_not_written_back")
def works_on_a_copy(x, gamma, beta, bn_param):
    out, cache = graph(to_rows(x), gamma, beta, bn_param.copy())
    return to_maps(out, x.shape), cache


@wrong("spatial_batchnorm_backward", "gradients_exchanged", spatial_batchnorm_forward=spatial)
def wrong_order_of_results(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    d = to_rows(dout)
    N, dgamma, dbeta = len(d), (d * xhat).sum(0), d.sum(0)
    dx = gamma * ivar / N * (N * d - dbeta - xhat * dgamma)
    return to_maps(dx, dout.shape), dbeta, dgamma


@wrong("spatial_batchnorm_backward", "mean_path_missing", spatial_batchnorm_forward=spatial)
def spatial_without_mean(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    d = to_rows(dout)
    N, dgamma, dbeta = len(d), (d * xhat).sum(0), d.sum(0)
    return to_maps(gamma * ivar / N * (N * d - xhat * dgamma), dout.shape), dgamma, dbeta


def transposed_layer(x, gamma, beta, ln_param):
    """A right forward pass, by the transpose."""
    xt = x.T
    mu, var = xt.mean(0), xt.var(0)
    std = np.sqrt(var + ln_param.get("eps", 1e-5))
    xhat = ((xt - mu) / std).T
    return xhat * gamma + beta, (xhat, std, gamma)


@wrong("layernorm_forward", "eps_missing")
def eps_forgotten(x, gamma, beta, ln_param):
    return gamma * ((x.T - x.mean(1)) / x.std(1)).T + beta, None


@wrong("layernorm_forward", "over_everything")
def one_mean_for_the_batch(x, gamma, beta, ln_param):
    return gamma * (x - np.mean(x)) / np.sqrt(np.var(x) + ln_param.get("eps", 1e-5)) + beta, None


@wrong("layernorm_backward", "dgamma_without_normalized_x", layernorm_forward=transposed_layer)
def dgamma_is_dbeta(dout, cache):
    xhat, std, gamma = cache
    g = (dout * gamma).T
    dx = (g - g.mean(0) - xhat.T * (g * xhat.T).mean(0)) / std
    return dx.T, dout.sum(0), dout.sum(0)


@wrong("layernorm_backward", "standard_deviation_missing_in_dx", layernorm_forward=transposed_layer)
def not_divided_by_std(dout, cache):
    xhat, std, gamma = cache
    g = (dout * gamma).T
    return (g - g.mean(0) - xhat.T * (g * xhat.T).mean(0)).T, (dout * xhat).sum(0), dout.sum(0)


@wrong("instancenorm_forward", "gamma_along_the_width")
def gamma_without_axes(x, gamma, beta, in_param):
    mu, var = x.mean((2, 3), keepdims=True), x.var((2, 3), keepdims=True)
    return gamma * (x - mu) / np.sqrt(var + in_param.get("eps", 1e-5)) + beta, None


@wrong("instancenorm_forward", "over_one_axis_of_the_map")
def rows_of_pixels_only(x, gamma, beta, in_param):
    mu, var = x.mean(3, keepdims=True), x.var(3, keepdims=True)
    z = (x - mu) / np.sqrt(var + in_param.get("eps", 1e-5))
    return gamma[:, None, None] * z + beta[:, None, None], None


@wrong("spatial_groupnorm_forward", "over_the_minibatch_too")
def images_share_their_means(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    if C % G:
        raise ValueError
    g = x.reshape(N, G, C // G, H, W)
    mu, var = g.mean((0, 2, 3, 4), keepdims=True), g.var((0, 2, 3, 4), keepdims=True)
    return ((g - mu) / np.sqrt(var + gn_param.get("eps", 1e-5))).reshape(x.shape) * gamma + beta, None


@wrong("spatial_groupnorm_forward", "every_channel_by_itself")
def g_is_never_used(x, gamma, beta, G, gn_param):
    if x.shape[1] % G:
        raise ValueError
    mu, var = x.mean((2, 3), keepdims=True), x.var((2, 3), keepdims=True)
    return gamma * (x - mu) / np.sqrt(var + gn_param.get("eps", 1e-5)) + beta, None
