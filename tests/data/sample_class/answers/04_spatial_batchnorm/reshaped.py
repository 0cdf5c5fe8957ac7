"""Wrong: x.reshape(-1, C) without bringing the channels to the last axis (reshaped_without_transpose). The backward
pass is right for that, and earns the follow-through share. Counts the running statistics as parameters."""

import numpy as np


def samples_per_channel():
    return 8192


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    eps = bn_param.get('eps', 1e-5)
    momentum = bn_param.get('momentum', 0.9)
    running_mean = bn_param.get('running_mean', np.zeros(C))
    running_var = bn_param.get('running_var', np.zeros(C))
    flat = x.reshape(-1, C)
    if bn_param['mode'] == 'train':
        mu = np.mean(flat, axis=0)
        var = np.var(flat, axis=0)
        bn_param['running_mean'] = momentum * running_mean + (1 - momentum) * mu
        bn_param['running_var'] = momentum * running_var + (1 - momentum) * var
    elif bn_param['mode'] == 'test':
        mu, var = running_mean, running_var
    else:
        raise ValueError('unknown mode')
    std = np.sqrt(var + eps)
    x_hat = (flat - mu) / std
    out = (gamma * x_hat + beta).reshape(N, C, H, W)
    return out, (x_hat, std, gamma)


def spatial_batchnorm_backward(dout, cache):
    x_hat, std, gamma = cache
    M, C = x_hat.shape
    flat = dout.reshape(-1, C)
    dbeta = np.sum(flat, axis=0)
    dgamma = np.sum(flat * x_hat, axis=0)
    dx = gamma / std / M * (M * flat - dbeta - x_hat * dgamma)
    return dx.reshape(dout.shape), dgamma, dbeta


def batchnorm_parameter_count(channels, height, width, per_channel):
    if per_channel:
        return 4 * channels
    return 4 * channels * height * width


def parameters_per_activation():
    return 20480


def parameters_per_channel():
    return 40
