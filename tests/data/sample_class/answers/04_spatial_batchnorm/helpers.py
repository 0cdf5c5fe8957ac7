"""Right. The batch norm of notebook 03 stands in a cell of its own, and every pixel becomes a row for it and back."""

import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    old_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    old_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * old_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * old_var + (1 - momentum) * var
    elif bn_param["mode"] == "test":
        mean, var = old_mean, old_var
    else:
        raise ValueError(f"there is no mode {bn_param['mode']}")
    normalized = (x - mean) / np.sqrt(var + eps)
    return gamma * normalized + beta, (normalized, gamma / np.sqrt(var + eps))


def batchnorm_backward(dout, cache):
    normalized, factor = cache
    dgamma, dbeta = np.sum(dout * normalized, axis=0), np.sum(dout, axis=0)
    return factor * (dout - (dbeta + normalized * dgamma) / len(dout)), dgamma, dbeta


def pixels_as_rows(maps):
    return np.moveaxis(maps, 1, -1).reshape(-1, maps.shape[1])


def rows_as_pixels(rows, shape):
    N, C, H, W = shape
    return np.moveaxis(rows.reshape(N, H, W, C), -1, 1)


def samples_per_channel():
    return 8 * 32 * 32


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    rows, cache = batchnorm_forward(pixels_as_rows(x), gamma, beta, bn_param)
    return rows_as_pixels(rows, x.shape), cache


def spatial_batchnorm_backward(dout, cache):
    rows, dgamma, dbeta = batchnorm_backward(pixels_as_rows(dout), cache)
    return rows_as_pixels(rows, dout.shape), dgamma, dbeta


def batchnorm_parameter_count(channels, height, width, per_channel):
    return 2 * channels if per_channel else 2 * channels * height * width


def parameters_per_activation():
    return batchnorm_parameter_count(10, 32, 32, False)


def parameters_per_channel():
    return batchnorm_parameter_count(10, 32, 32, True)
