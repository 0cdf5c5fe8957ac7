"""Half finished: training works, test mode is not written yet, and the backward pass takes mean and variance as
constants (statistics_taken_as_constants). No second backward pass, nothing after it, one of the questions is wrong."""

import numpy as np

HANDED_IN = "2026-03-10 00:00:41 UTC"

ANSWERS = {
    "explain_batchnorm": """
no time, sorry
""",
}


def normalized_by_hand():
    x = np.array([0.7, 1.1, 1.8, 2.15, 2.5])
    return (2 * (x - x.mean()) / x.std() - 1)[-1]


def batchnorm_forward(x, gamma, beta, bn_param):
    if bn_param['mode'] == 'train':
        eps = bn_param.get('eps', 1e-5)
        momentum = bn_param.get('momentum', 0.9)
        mu = np.mean(x, axis=0)
        var = np.var(x, axis=0)
        x_norm = (x - mu) / np.sqrt(var + eps)
        out = gamma * x_norm + beta
        for key, value in (('running_mean', mu), ('running_var', var)):
            bn_param[key] = momentum * bn_param.get(key, 0) + (1 - momentum) * value
        return out, (x_norm, gamma, var, eps)
    elif bn_param['mode'] == 'test':
        pass  # TODO
    else:
        raise ValueError('Invalid forward batchnorm mode')


def output_mean():
    return -2


def output_standard_deviation():
    return 3


def batchnorm_parameters():
    return 400


def batchnorm_backward(dout, cache):
    x_norm, gamma, var, eps = cache
    dgamma = np.sum(dout * x_norm, axis=0)
    dbeta = np.sum(dout, axis=0)
    dx = dout * gamma / np.sqrt(var + eps)
    return dx, dgamma, dbeta
