"""Right. Nested Python loops, one number at a time, with the running statistics changed in place where there are any."""

import math

import numpy as np

ANSWERS = {
    "explain_batchnorm": """
Reason: with the noise behind BN the inputs moved more than without BN (part 13), and it still learned nearly as fast as
with BN. So less shift can't be why, at least not alone. Faster: yes, 95 % after 2 epochs and not after 5 to 10, although
a step took longer (part 12). More accurate: I got about one percent, which is three digits, and the seeds overlap, so I
would not say so. Any batch size: no, with batches of 2 I only had about 32 % in part 9, the network without BN had 70 %.
""",
}


def normalized_by_hand():
    batch = [0.7, 1.1, 1.8, 2.15, 2.5]
    mean = sum(batch) / 5
    var = sum((number - mean) ** 2 for number in batch) / 5
    return 2 * (2.5 - mean) / math.sqrt(var + 1e-8) - 1


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param['mode']
    eps = bn_param.get('eps', 1e-5)
    momentum = bn_param.get('momentum', 0.9)
    N, D = x.shape
    running_mean = bn_param.get('running_mean', np.zeros(D))
    running_var = bn_param.get('running_var', np.zeros(D))
    means, stds = np.zeros(D), np.zeros(D)
    for d in range(D):
        if mode == 'train':
            mean = 0.0
            for n in range(N):
                mean += x[n, d] / N
            var = 0.0
            for n in range(N):
                var += (x[n, d] - mean) ** 2 / N
            running_mean[d] = momentum * running_mean[d] + (1 - momentum) * mean
            running_var[d] = momentum * running_var[d] + (1 - momentum) * var
        elif mode == 'test':
            mean, var = running_mean[d], running_var[d]
        else:
            raise ValueError('Invalid forward batchnorm mode "%s"' % mode)
        means[d], stds[d] = mean, math.sqrt(var + eps)
    bn_param['running_mean'] = running_mean
    bn_param['running_var'] = running_var
    out = np.zeros((N, D))
    for n in range(N):
        for d in range(D):
            out[n, d] = gamma[d] * (x[n, d] - means[d]) / stds[d] + beta[d]
    return out, (x.copy(), gamma, means, stds)


def output_mean():
    return -2


def output_standard_deviation():
    return 3


def batchnorm_parameters():
    return 200


def steps_to_ninety_percent():
    running, steps = 0.0, 0
    while running <= 0.9:
        running = 0.9 * running + 0.1
        steps += 1
    return steps


def batchnorm_backward(dout, cache):
    x, gamma, means, stds = cache
    N, D = x.shape
    dx, dgamma, dbeta = np.zeros((N, D)), np.zeros(D), np.zeros(D)
    for d in range(D):
        dmean = 0.0
        dvar = 0.0
        for n in range(N):
            centred = x[n, d] - means[d]
            dbeta[d] += dout[n, d]
            dgamma[d] += dout[n, d] * centred / stds[d]
            dx_hat = dout[n, d] * gamma[d]
            dmean -= dx_hat / stds[d]
            dvar -= 0.5 * dx_hat * centred / stds[d] ** 3
        for n in range(N):
            direct = dout[n, d] * gamma[d] / stds[d]
            dx[n, d] = direct + dmean / N + dvar * 2 * (x[n, d] - means[d]) / N
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    x, gamma, means, stds = cache
    N, D = x.shape
    _, dgamma, dbeta = batchnorm_backward(dout, cache)
    dx = np.zeros((N, D))
    for n in range(N):
        for d in range(D):
            x_hat = (x[n, d] - means[d]) / stds[d]
            dx[n, d] = gamma[d] / stds[d] * (dout[n, d] - dbeta[d] / N - x_hat * dgamma[d] / N)
    return dx, dgamma, dbeta


def gradient_of_the_bias():
    return 0


def population_statistics(batches):
    m = len(batches[0])
    D = batches[0].shape[1]
    mean, var = np.zeros(D), np.zeros(D)
    for batch in batches:
        for d in range(D):
            batch_mean = sum(batch[:, d]) / m
            mean[d] += batch_mean / len(batches)
            var[d] += sum((batch[:, d] - batch_mean) ** 2) / (m - 1) / len(batches)
    return mean, var


def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    folded_w, folded_b = np.zeros(w.shape), np.zeros(b.shape)
    for k in range(len(b)):
        factor = gamma[k] / math.sqrt(var[k] + eps)
        folded_b[k] = factor * (b[k] - mean[k]) + beta[k]
        for d in range(len(w)):
            folded_w[d, k] = factor * w[d, k]
    return folded_w, folded_b
