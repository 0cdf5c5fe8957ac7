"""Wrong: momentum is the other way round (momentum_reversed), the population's variance lacks its factor (biased), the
bias is dropped when folding (bias_dropped). The backward passes are right."""

import numpy as np

ANSWERS = {
    "explain_batchnorm": "It is faster (part 12, two epochs in place of about eight), but not with tiny batches (part 9).",
}


def normalized_by_hand():
    return 1.5628  # 2 * 1.2814 - 1


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    D = x.shape[1]
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    if mode == "train":
        mu, var = x.mean(axis=0), x.var(axis=0)
        std = np.sqrt(var + eps)
        normed = (x - mu) / std
        running_mean = (1 - momentum) * running_mean + momentum * mu
        running_var = (1 - momentum) * running_var + momentum * var
        bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
        return gamma * normed + beta, {"normed": normed, "std": std, "gamma": gamma}
    if mode == "test":
        return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None
    raise ValueError("mode must be train or test")


def output_mean():
    return -2


def output_standard_deviation():
    return 9


def batchnorm_parameters():
    return 200


def steps_to_ninety_percent():
    return 1


def batchnorm_backward(dout, cache):
    normed, std, gamma = cache["normed"], cache["std"], cache["gamma"]
    N = dout.shape[0]
    dnormed = dout * gamma
    dvar = np.sum(dnormed * normed, axis=0) * -0.5 / std**2
    dmu = np.sum(-dnormed / std, axis=0)
    dx = dnormed / std + dvar * 2 * normed * std / N + dmu / N
    return dx, np.sum(dout * normed, axis=0), np.sum(dout, axis=0)


def batchnorm_backward_alt(dout, cache):
    normed, std, gamma = cache["normed"], cache["std"], cache["gamma"]
    dnormed = dout * gamma
    dx = (dnormed - dnormed.mean(axis=0) - normed * (dnormed * normed).mean(axis=0)) / std
    return dx, np.sum(dout * normed, axis=0), np.sum(dout, axis=0)


def gradient_of_the_bias():
    return 0


def population_statistics(batches):
    mean = np.mean([np.mean(b, axis=0) for b in batches], axis=0)
    var = np.mean([np.var(b, axis=0) for b in batches], axis=0)
    return mean, var


def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    factor = gamma / np.sqrt(var + eps)
    return w * factor, beta - mean * factor
