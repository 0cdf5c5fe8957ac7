"""Right answers in odd styles to notebooks 03, 04 and 05."""

# ruff: noqa: RUF059  (students unpack shapes whole)
import math
import statistics

import numpy as np
from scipy import stats

from tests.evidence.students.answer import right


def statistics_of(bn_param, D):
    return (np.asarray(bn_param.get(k, np.zeros(D)), dtype=float) for k in ("running_mean", "running_var"))


def keep(bn_param, mean, var):
    m = bn_param.get("momentum", 0.9)
    old_mean, old_var = statistics_of(bn_param, len(mean))
    bn_param["running_mean"], bn_param["running_var"] = m * old_mean + (1 - m) * mean, m * old_var + (1 - m) * var


@right("batchnorm_forward")
def by_moments(x, gamma, beta, bn_param):
    """E[x²] − E[x]²."""
    e = bn_param.get("eps", 1e-5)
    if bn_param["mode"] == "train":
        mean = x.mean(0)
        var = np.maximum((x * x).mean(0) - mean * mean, 0)
        keep(bn_param, mean, var)
    elif bn_param["mode"] == "test":
        mean, var = statistics_of(bn_param, x.shape[1])
    else:
        raise ValueError("mode")
    scale = gamma / np.sqrt(var + e)
    return x * scale + (beta - mean * scale), (x, mean, var, e, gamma)


@right("batchnorm_forward")
def feature_by_feature(x, gamma, beta, bn_param):
    e, mode = bn_param.get("eps", 1e-5), bn_param["mode"]
    if mode not in {"train", "test"}:
        raise ValueError(mode)
    means, variances, columns = [], [], []
    kept_mean, kept_var = statistics_of(bn_param, x.shape[1])
    for d, column in enumerate(x.T.tolist()):
        mu = statistics.fmean(column) if mode == "train" else kept_mean[d]
        var = statistics.pvariance(column, mu) if mode == "train" else kept_var[d]
        means.append(mu)
        variances.append(var)
        columns.append([gamma[d] * (v - mu) / math.sqrt(var + e) + beta[d] for v in column])
    if mode == "train":
        keep(bn_param, np.array(means), np.array(variances))
    return np.array(columns).T, None


@right("batchnorm_forward")
def by_a_centring_matrix(x, gamma, beta, bn_param):
    e, N = bn_param.get("eps", 1e-5), len(x)
    match bn_param["mode"]:
        case "train":
            xc = (np.eye(N) - 1 / N) @ x
            var = np.diag(xc.T @ xc) / N
            keep(bn_param, np.ones(N) @ x / N, var)
        case "test":
            mean, var = statistics_of(bn_param, x.shape[1])
            xc = x - mean
        case other:
            raise ValueError(other)
    return xc @ np.diag(gamma * (var + e) ** -0.5) + beta, None


@right("batchnorm_forward")
def updates_in_place(x, gamma, beta, bn_param):
    e, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    if bn_param["mode"] == "train":
        for name, new in (("running_mean", np.average(x, axis=0)), ("running_var", np.var(x, axis=0))):
            bn_param.setdefault(name, np.zeros_like(new))
            bn_param[name] *= m
            bn_param[name] += (1 - m) * new
        return (x - np.average(x, axis=0)) / np.sqrt(np.var(x, axis=0) + e) * gamma + beta, None
    if bn_param["mode"] != "test":
        raise ValueError("train or test")
    zeros = np.zeros(x.shape[1])
    normal = (x - bn_param.get("running_mean", zeros)) / np.sqrt(bn_param.get("running_var", zeros) + e)
    return gamma * normal + beta, None


@right("batchnorm_backward", batchnorm_forward=by_moments.function)
def by_the_jacobian(dout, cache):
    """∂x̂[i]/∂x[j] = (δij − 1/N − x̂[i] x̂[j] / N) / σ, a matrix for each feature."""
    x, mean, var, e, gamma = cache
    N, D = x.shape
    s = np.sqrt(var + e)
    z = (x - mean) / s
    J = (np.eye(N)[:, :, None] - 1 / N - z[:, None] * z[None] / N) / s
    return np.einsum("ijd,id->jd", J, dout * gamma), (z * dout).sum(0), dout.sum(0)


@right("batchnorm_backward", batchnorm_forward=by_moments.function)
def by_complex_steps(dout, cache):
    """The derivative of sum(out * dout) from an imaginary step, entry by entry."""
    x, mean, var, e, gamma = cache
    dx = np.zeros(x.shape)
    for k in np.ndindex(x.shape):
        z = x.astype(complex)
        z[k] += 1e-20j
        c = z - z.mean(0)
        dx[k] = np.sum(gamma * c / np.sqrt((c * c).mean(0) + e) * dout).imag / 1e-20
    return dx, ((x - mean) / np.sqrt(var + e) * dout).sum(0), dout.sum(0)


@right("batchnorm_backward", batchnorm_forward=by_moments.function)
def by_covariances(dout, cache):
    x, mean, var, e, gamma = cache
    c, g = x - mean, dout - dout.mean(0)
    cov = (c * g).mean(0)
    dx = gamma / np.sqrt(var + e) * (g - c * cov / (var + e))
    return [dx, len(x) * cov / np.sqrt(var + e) + dout.mean(0) * (c / np.sqrt(var + e)).sum(0), dout.sum(0)]


@right("batchnorm_backward_alt", batchnorm_forward=by_moments.function)
def with_n_in_front(dout, cache):
    x, mean, var, e, gamma = cache
    N, ivar = len(x), (var + e) ** -0.5
    z = (x - mean) * ivar
    db, dg = dout.sum(0), np.sum(z * dout, 0)
    return (1.0 / N) * gamma * ivar * (N * dout - db - z * dg), dg, db


@right("batchnorm_backward_alt", batchnorm_forward=by_moments.function)
def feature_after_feature(dout, cache):
    x, mean, var, e, gamma = cache
    columns = []
    for c, d, m, v, g in zip(x.T, dout.T, mean, var, gamma, strict=True):
        s = math.sqrt(v + e)
        z = (c - m) / s
        columns.append((g / s * (d - d.mean() - z * (z @ d) / len(z)), z @ d, math.fsum(d)))
    dx, dg, db = zip(*columns, strict=True)
    return np.array(dx).T, np.array(dg), np.array(db)


@right("population_statistics")
def one_batch_after_the_other(batches):
    mean, var = 0, 0
    for k, batch in enumerate(batches, start=1):
        mean = mean + (batch.mean(0) - mean) / k
        var = var + (np.var(batch, axis=0, ddof=1) - var) / k
    return mean, var


@right("population_statistics")
def by_the_statistics_module(batches):
    means = [[statistics.fmean(c) for c in batch.T.tolist()] for batch in batches]
    variances = [[statistics.variance(c) for c in batch.T.tolist()] for batch in batches]
    return np.mean(means, 0), np.mean(variances, 0)


@right("fold_batchnorm")
def measured_at_unit_vectors(w, b, gamma, beta, mean, var, eps):
    """The folded layer is affine: its values at 0 and at the unit vectors say it all."""

    def layer(x):
        return gamma * (x @ w + b - mean) / (var + eps) ** 0.5 + beta

    at_zero = layer(np.zeros(len(w)))
    return layer(np.eye(len(w))) - at_zero, at_zero


def pixels(x):
    return np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


def maps(rows, shape):
    N, C, H, W = shape
    return np.moveaxis(rows.reshape(N, H, W, C), -1, 1)


@right("spatial_batchnorm_forward")
def pixels_are_examples(x, gamma, beta, bn_param):
    out, cache = by_moments.function(pixels(x), gamma, beta, bn_param)
    return maps(out, x.shape), cache


@right("spatial_batchnorm_forward")
def channel_by_channel(x, gamma, beta, bn_param):
    e = bn_param.get("eps", 1e-5)
    train = {"train": True, "test": False}.get(bn_param["mode"])
    if train is None:
        raise ValueError(bn_param["mode"])
    if train:
        stats_ = np.array([[x[:, c].mean(), x[:, c].var()] for c in range(x.shape[1])])
        keep(bn_param, stats_[:, 0], stats_[:, 1])
    else:
        stats_ = np.stack(list(statistics_of(bn_param, x.shape[1])), axis=1)
    out = np.empty(x.shape)
    for c, (mean, var) in enumerate(stats_):
        out[:, c] = gamma[c] * (x[:, c] - mean) / np.sqrt(var + e) + beta[c]
    return out, None


@right("spatial_batchnorm_backward", spatial_batchnorm_forward=pixels_are_examples.function)
def gradients_of_pixels(dout, cache):
    dx, dg, db = with_n_in_front.function(pixels(dout), cache)
    return maps(dx, dout.shape), dg, db


@right("spatial_batchnorm_backward", spatial_batchnorm_forward=pixels_are_examples.function)
def channels_in_front(dout, cache):
    x, mean, var, e, gamma = cache
    d = dout.swapaxes(0, 1).reshape(len(gamma), -1)
    z = maps((x - mean) / np.sqrt(var + e), dout.shape).swapaxes(0, 1).reshape(d.shape)
    g = d - d.mean(1, keepdims=True) - z * (d * z).mean(1, keepdims=True)
    g *= (gamma / np.sqrt(var + e))[:, None]
    N, C, H, W = dout.shape
    return g.reshape(C, N, H, W).swapaxes(0, 1), (d * z).sum(1), d.sum(1)


@right("batchnorm_parameter_count")
def by_shapes(channels, height, width, per_channel):
    shape = (2, channels) if per_channel else (2, channels, height, width)
    return np.empty(shape).size


def rows_one_by_one(x, gamma, beta, ln_param):
    e = ln_param.get("eps", 1e-5)
    z = np.apply_along_axis(lambda row: (row - row.mean()) / math.sqrt(row.var() + e), 1, x)
    return gamma * z + beta, (x, e, gamma)


rows_alone = right("layernorm_forward")(rows_one_by_one)


@right("layernorm_forward")
def batchnorm_of_the_transpose(x, gamma, beta, ln_param):
    ones, zeros = np.ones(len(x)), np.zeros(len(x))
    eps = {"eps": ln_param["eps"]} if "eps" in ln_param else {}
    z, _ = by_moments.function(x.T, ones, zeros, {"mode": "train", **eps})
    return z.T * gamma + beta, None


@right("layernorm_forward")
def by_scipys_moments(x, gamma, beta, ln_param):
    var = stats.moment(x, 2, axis=1) if x.shape[1] > 1 else np.zeros(len(x))
    return ((x.T - x.mean(1)) / np.sqrt(var + ln_param.get("eps", 1e-5))).T * gamma + beta, ln_param


@right("layernorm_backward", layernorm_forward=rows_one_by_one)
def rows_through_jacobians(dout, cache):
    x, e, gamma = cache
    D = x.shape[1]
    dx, zs = [], []
    for row, d in zip(x, dout * gamma, strict=True):
        s = math.sqrt(row.var() + e)
        z = (row - row.mean()) / s
        dx.append((np.eye(D) - 1 / D - np.outer(z, z) / D) @ d / s)
        zs.append(z)
    return np.array(dx), np.einsum("nd,nd->d", dout, np.array(zs)), dout.sum(0)


@right("layernorm_backward", layernorm_forward=rows_one_by_one)
def by_small_steps(dout, cache):
    """Central differences: right to nine digits."""
    x, e, gamma = cache

    def loss(z):
        return np.sum(rows_one_by_one(z, gamma, 0, {"eps": e})[0] * dout)

    dx = np.zeros(x.shape)
    for k in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[k] = 1e-5
        dx[k] = (loss(x + step) - loss(x - step)) / 2e-5
    z = rows_one_by_one(x, 1, 0, {"eps": e})[0]
    return dx, (dout * z).sum(0), dout.sum(0)


def grouped(x, gamma, beta, G, gn_param):
    if x.shape[1] % G:
        raise ValueError("G must divide C")
    e, parts = gn_param.get("eps", 1e-5), []
    for part in np.split(x, G, axis=1):
        mean, var = part.mean((1, 2, 3)), part.var((1, 2, 3))
        parts.append(((part.T - mean) / np.sqrt(var + e)).T)
    return np.concatenate(parts, axis=1) * gamma + beta, (x, e, gamma, G)


by_splitting = right("spatial_groupnorm_forward")(grouped)


@right("spatial_groupnorm_forward")
def five_axes(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    y = x.reshape(N, G, C // G, H, W)  # raises ValueError by itself
    y = y - y.mean((2, 3, 4), keepdims=True)
    y = y / np.sqrt((y**2).mean((2, 3, 4), keepdims=True) + gn_param.get("eps", 1e-5))
    return np.add(np.multiply(y.reshape(x.shape), gamma), beta), None


@right("spatial_groupnorm_backward", spatial_groupnorm_forward=grouped)
def group_after_group(dout, cache):
    x, e, gamma, G = cache
    dx, z = np.empty(x.shape), np.empty(x.shape)
    k = x.shape[1] // G
    for n, g in np.ndindex(len(x), G):
        here = (n, slice(g * k, g * k + k))
        part, d = x[here], dout[here] * gamma[0, here[1]]
        s = np.sqrt(part.var() + e)
        z[here] = (part - part.mean()) / s
        dx[here] = (d - d.mean() - z[here] * (d * z[here]).mean()) / s
    total = (dout * z).sum((0, 2, 3)), dout.sum((0, 2, 3))
    return dx, *(t.reshape(gamma.shape) for t in total)


@right("instancenorm_forward")
def groups_of_one_channel(x, gamma, beta, in_param):
    out, cache = grouped(x, gamma.reshape(1, -1, 1, 1), beta.reshape(1, -1, 1, 1), x.shape[1], in_param)
    return out, cache


@right("instancenorm_forward")
def maps_as_rows(x, gamma, beta, in_param):
    N, C, H, W = x.shape
    z, _ = rows_one_by_one(x.reshape(N * C, H * W), np.ones(H * W), np.zeros(H * W), in_param)
    return np.einsum("c,nchw->nchw", gamma, z.reshape(x.shape)) + np.expand_dims(beta, (1, 2)), None


@right("instancenorm_backward", instancenorm_forward=groups_of_one_channel.function)
def gradients_of_groups(dout, cache):
    dx, dg, db = group_after_group.function(dout, cache)
    return dx, dg.ravel(), db.ravel()
