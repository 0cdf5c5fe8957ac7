"""Wrong answers to notebook 03, in other ways than the references go."""

# ruff: noqa: RUF059  (students unpack shapes and caches whole)
import numpy as np

from tests.evidence.students.answer import wrong


def normal(x, gamma, beta, bn_param):
    """A right forward pass, after the six lines of the paper; for the backward passes below."""
    mode, eps, mom = bn_param["mode"], bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    D = x.shape[1]
    rm = bn_param.setdefault("running_mean", np.zeros(D))
    rv = bn_param.setdefault("running_var", np.zeros(D))
    if mode == "train":
        mu = x.sum(0) / len(x)
        xmu = x - mu
        var = (xmu**2).sum(0) / len(x)
        bn_param["running_mean"] = mom * rm + (1 - mom) * mu
        bn_param["running_var"] = mom * rv + (1 - mom) * var
    elif mode == "test":
        xmu, var = x - rm, rv
    else:
        raise ValueError(mode)
    ivar = 1.0 / np.sqrt(var + eps)
    xhat = xmu * ivar
    return gamma * xhat + beta, (x, xhat, xmu, ivar, var, eps, gamma)


def edited(x, gamma, beta, bn_param, *, train=None, test=None, momentum=None):
    """The same with a student's own way for one of its steps."""
    mode, eps = bn_param["mode"], bn_param.get("eps", 1e-5)
    mom = bn_param.get("momentum", 0.9) if momentum is None else momentum
    rm, rv = bn_param.get("running_mean", np.zeros(x.shape[1])), bn_param.get("running_var", np.zeros(x.shape[1]))
    if mode not in ("train", "test"):
        raise ValueError(mode)
    if mode == "test":
        return (test or (lambda: gamma * (x - rm) / np.sqrt(rv + eps) + beta))(), None
    mu, var = x.mean(0), x.var(0)
    bn_param["running_mean"], bn_param["running_var"] = mom * rm + (1 - mom) * mu, mom * rv + (1 - mom) * var
    return (train or (lambda: gamma * (x - mu) / np.sqrt(var + eps) + beta))(), None


@wrong("batchnorm_forward", "unbiased_variance")
def divides_by_n_minus_one(x, gamma, beta, bn_param):
    if bn_param["mode"] != "train":
        return normal(x, gamma, beta, bn_param)
    N, D = x.shape
    mu = x.mean(axis=0)
    sigma2 = np.einsum("nd,nd->d", x - mu, x - mu) / max(N - 1, 1)
    m = bn_param.get("momentum", 0.9)
    for name, new in (("running_mean", mu), ("running_var", sigma2)):
        bn_param[name] = m * bn_param.get(name, np.zeros(D)) + (1 - m) * new
    return (x - mu) / np.sqrt(sigma2 + bn_param.get("eps", 1e-5)) * gamma + beta, ()


@wrong("batchnorm_forward", "momentum_reversed")
def pytorch_momentum(x, gamma, beta, bn_param):
    return edited(x, gamma, beta, bn_param, momentum=1 - bn_param.get("momentum", 0.9))


@wrong("batchnorm_forward", "momentum_hard_coded")
def momentum_is_always_point_nine(x, gamma, beta, bn_param):
    return edited(x, gamma, beta, bn_param, momentum=0.9)


@wrong("batchnorm_forward", "test_batch_statistics")
def standardizes_the_test_batch(x, gamma, beta, bn_param):
    e = bn_param.get("eps", 1e-5)
    return edited(
        x, gamma, beta, bn_param, test=lambda: gamma * ((x - np.mean(x, 0)) * (np.var(x, 0) + e) ** -0.5) + beta
    )


@wrong("batchnorm_forward", "test_without_gamma_beta")
def test_normalizes_only(x, gamma, beta, bn_param):
    def test():
        return (x - bn_param.get("running_mean", 0)) / (
            bn_param.get("running_var", 0) + bn_param.get("eps", 1e-5)
        ) ** 0.5

    return edited(x, gamma, beta, bn_param, test=test)


@wrong("batchnorm_forward", "test_eps_outside_root")
def test_divides_by_std_plus_eps(x, gamma, beta, bn_param):
    def test():
        zeros = np.zeros(x.shape[1])
        std = np.sqrt(bn_param.get("running_var", zeros))
        return gamma * (x - bn_param.get("running_mean", zeros)) / (std + bn_param.get("eps", 1e-5)) + beta

    return edited(x, gamma, beta, bn_param, test=test)


@wrong("batchnorm_forward", "eps_outside_root")
def std_plus_eps(x, gamma, beta, bn_param):
    e = bn_param.get("eps", 1e-5)
    return edited(x, gamma, beta, bn_param, train=lambda: (x - x.mean(0)) * (gamma / (x.std(0) + e)) + beta)


@wrong("batchnorm_forward", "input_overwritten")
def centres_in_place(x, gamma, beta, bn_param):
    if bn_param["mode"] != "train":
        return normal(x, gamma, beta, bn_param)
    mu, D, m = x.mean(0), x.shape[1], bn_param.get("momentum", 0.9)
    x -= mu
    var = (x * x).mean(0)
    bn_param["running_mean"] = m * bn_param.get("running_mean", np.zeros(D)) + (1 - m) * mu
    bn_param["running_var"] = m * bn_param.get("running_var", np.zeros(D)) + (1 - m) * var
    return gamma * x / np.sqrt(var + bn_param.get("eps", 1e-5)) + beta, None


@wrong("batchnorm_forward", "test_updates_running")
def updates_behind_the_if(x, gamma, beta, bn_param):
    out, cache = edited(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        m, D = bn_param.get("momentum", 0.9), x.shape[1]
        bn_param["running_mean"] = m * bn_param.get("running_mean", np.zeros(D)) + (1 - m) * x.mean(0)
        bn_param["running_var"] = m * bn_param.get("running_var", np.zeros(D)) + (1 - m) * x.var(0)
    return out, cache


@wrong("batchnorm_forward", "running_not_written_back")
def keeps_the_statistics_to_itself(x, gamma, beta, bn_param):
    return normal(x, gamma, beta, dict(bn_param))[0], None


@wrong("batchnorm_forward", "statistics_per_example")
def like_layer_norm(x, gamma, beta, bn_param):
    e = bn_param.get("eps", 1e-5)

    def train():
        m = x.mean(1).reshape(-1, 1)
        return gamma * (x - m) / np.sqrt(((x - m) ** 2).mean(1).reshape(-1, 1) + e) + beta

    return edited(x, gamma, beta, bn_param, train=train)


@wrong("batchnorm_forward", "error_missing")
def everything_else_is_a_test(x, gamma, beta, bn_param):
    if bn_param["mode"] == "train":
        return normal(x, gamma, beta, bn_param)
    return normal(x, gamma, beta, bn_param | {"mode": "test"})


@wrong("batchnorm_forward", "running_replaced")
def remembers_the_last_batch(x, gamma, beta, bn_param):
    return edited(x, gamma, beta, bn_param, momentum=0.0)


@wrong("batchnorm_forward", "divided_by_variance")
def divides_by_the_variance(x, gamma, beta, bn_param):
    e = bn_param.get("eps", 1e-5)
    return edited(x, gamma, beta, bn_param, train=lambda: beta + gamma * (x - x.mean(0)) / (x.var(0) + e))


@wrong("batchnorm_forward", "shifted_before_scaled")
def beta_inside_of_the_brackets(x, gamma, beta, bn_param):
    e = bn_param.get("eps", 1e-5)
    return edited(x, gamma, beta, bn_param, train=lambda: gamma * ((x - x.mean(0)) / np.sqrt(x.var(0) + e) + beta))


@wrong("batchnorm_forward", "gamma_missing")
def gamma_forgotten(x, gamma, beta, bn_param):
    return normal(x, np.ones_like(gamma), beta, bn_param)


def sums(dout, xhat):
    return np.einsum("nd,nd->d", dout, xhat), dout.sum(0)


@wrong("batchnorm_backward", "variance_path_missing", batchnorm_forward=normal)
def without_the_variance(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    g = dout * gamma
    return (g - g.mean(0)) * ivar, *sums(dout, xhat)


@wrong("batchnorm_backward", "mean_path_missing", batchnorm_forward=normal)
def without_the_mean(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    g = dout * gamma
    return (g - xhat * (g * xhat).mean(0)) * ivar, *sums(dout, xhat)


@wrong("batchnorm_backward", "dx_without_statistics", "statistics_taken_as_constants", batchnorm_forward=normal)
def just_the_scale(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    return dout * (gamma * ivar)[None, :], *sums(dout, xhat)


@wrong("batchnorm_backward", "one_batch_size_too_many", batchnorm_forward=normal)
def compact_formula_without_its_n(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    N = x.shape[0]
    dg, db = sums(dout, xhat)
    return gamma * ivar / N * (dout - db - xhat * dg), dg, db


@wrong("batchnorm_backward", "dgamma_not_normalized", batchnorm_forward=normal)
def dgamma_from_x(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    g = dout * gamma
    return (g - g.mean(0) - xhat * (g * xhat).mean(0)) * ivar, (dout * x).sum(0), dout.sum(0)


@wrong("batchnorm_backward", "variance_power", batchnorm_forward=normal)
def wrong_power_of_the_variance(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    N = len(x)
    dxhat = dout * gamma
    dvar = np.sum(dxhat * xmu * -0.5 * (var + eps) ** (-0.5), axis=0)
    dmu = np.sum(-dxhat * ivar, axis=0)
    return dxhat * ivar + dvar * 2 * xmu / N + dmu / N, *sums(dout, xhat)


@wrong("batchnorm_backward", "batch_size_missing", batchnorm_forward=normal)
def dmu_not_shared_out(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    N = len(x)
    dxhat = dout * gamma
    dvar = np.sum(dxhat * xmu * -0.5 * ivar**3, axis=0)
    dmu = np.sum(-dxhat * ivar, axis=0)
    return dxhat * ivar + dvar * 2 * xmu / N + dmu, *sums(dout, xhat)


@wrong("batchnorm_backward", "factor_two", batchnorm_forward=normal)
def two_missing_before_xmu(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    N = len(x)
    dxhat = dout * gamma
    dvar = np.sum(dxhat * xmu * -0.5 * ivar**3, axis=0)
    dmu = np.sum(-dxhat * ivar, axis=0)
    return dxhat * ivar + dvar * xmu / N + dmu / N, *sums(dout, xhat)


@wrong("batchnorm_backward", "summed_over_features", batchnorm_forward=normal)
def parameters_summed_along_axis_one(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    g = dout * gamma
    dx = (g - g.mean(0) - xhat * (g * xhat).mean(0)) * ivar
    return dx, np.sum(dout * xhat, 1), np.sum(dout, 1)


@wrong("batchnorm_backward", "gradients_keep_an_axis", batchnorm_forward=normal)
def gradients_as_rows(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    g = dout * gamma
    dx = (g - g.mean(0) - xhat * (g * xhat).mean(0)) * ivar
    return dx, np.ones((1, len(x))) @ (dout * xhat), np.ones((1, len(x))) @ dout


@wrong("batchnorm_backward", "dgamma_dbeta_exchanged", batchnorm_forward=normal)
def beta_before_gamma(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    g = dout * gamma
    dg, db = sums(dout, xhat)
    return (g - g.mean(0) - xhat * (g * xhat).mean(0)) * ivar, db, dg


@wrong("batchnorm_backward", "gamma_missing_in_dx", batchnorm_forward=normal)
def gamma_left_out(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    return (dout - dout.mean(0) - xhat * (dout * xhat).mean(0)) * ivar, *sums(dout, xhat)


@wrong("batchnorm_backward", "eps_missing", batchnorm_forward=normal)
def forgets_eps(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    istd = 1 / np.sqrt(np.maximum(var, 1e-12))
    g, h = dout * gamma, xmu * istd
    return (g - g.mean(0) - h * (g * h).mean(0)) * istd, *sums(dout, xhat)


@wrong("batchnorm_backward", "dout_overwritten", batchnorm_forward=normal)
def scales_dout_in_place(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    dg, db = sums(dout, xhat)
    dout *= gamma
    return (dout - dout.mean(0) - xhat * (dout * xhat).mean(0)) * ivar, dg, db


@wrong("batchnorm_backward", "variance_sign", batchnorm_forward=normal)
def sign_of_the_second_term(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    g = dout * gamma
    return (g - g.mean(0) + xhat * (g * xhat).mean(0)) * ivar, *sums(dout, xhat)


@wrong("batchnorm_backward_alt", "divided_by_variance", batchnorm_forward=normal)
def ivar_taken_twice(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    dg, db = sums(dout, xhat)
    N = len(x)
    return gamma * ivar**2 / N * (N * dout - db - xhat * dg), dg, db


@wrong("batchnorm_backward_alt", "one_batch_size_too_many", batchnorm_forward=normal)
def divided_by_n_once_more(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    dg, db = sums(dout, xhat)
    return gamma * ivar / len(x) * (dout - db / len(x) - xhat * dg / len(x)), dg, db


@wrong("batchnorm_backward_alt", "gamma_twice", batchnorm_forward=normal)
def gamma_counted_twice_in_the_sums(dout, cache):
    x, xhat, xmu, ivar, var, eps, gamma = cache
    dg, db = sums(dout, xhat)
    return gamma * ivar * (dout - gamma * db / len(x) - gamma * xhat * dg / len(x)), dg, db


@wrong("population_statistics", "all_batches_together")
def concatenated(batches):
    everything = np.concatenate(batches)
    return everything.mean(0), everything.var(0, ddof=1)


@wrong("population_statistics", "batches_counted", "biased")
def corrects_by_the_number_of_batches(batches):
    k = len(batches)
    stack = np.stack(batches)
    factor = k / (k - 1) if k > 1 else 1.0
    return stack.mean((0, 1)), stack.var(1).mean(0) * factor


@wrong("population_statistics", "biased")
def plain_average_of_variances(batches):
    stack = np.stack(batches)
    return stack.mean((0, 1)), ((stack - stack.mean(1, keepdims=True)) ** 2).mean((0, 1))


@wrong("fold_batchnorm", "bias_not_scaled")
def bias_outside(w, b, gamma, beta, mean, var, eps):
    k = gamma / np.sqrt(var + eps)
    return np.einsum("dm,m->dm", w, k), b - mean * k + beta


@wrong("fold_batchnorm", "eps_outside_root")
def std_then_eps(w, b, gamma, beta, mean, var, eps):
    k = gamma / (var**0.5 + eps)
    return w @ np.diag(k), (b - mean) * k + beta


@wrong("fold_batchnorm", "rows_scaled")
def scales_the_rows(w, b, gamma, beta, mean, var, eps):
    k = gamma / np.sqrt(var + eps)
    if len(k) == len(w):
        return np.diag(k) @ w, (b - mean) * k + beta
    return (w.T * k.reshape(-1, 1)).T, (b - mean) * k + beta
