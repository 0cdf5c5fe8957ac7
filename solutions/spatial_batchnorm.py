"""Reference solutions of notebook 04, spatial batch normalization.

Letters: N images, C channels, H and W their height and width in pixels.
"""

from typing import Any

import numpy as np

__all__ = [
    "batchnorm_parameter_count",
    "parameters_per_activation",
    "parameters_per_channel",
    "samples_per_channel",
    "spatial_batchnorm_backward",
    "spatial_batchnorm_forward",
]


def spatial_batchnorm_forward(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, bn_param: dict[str, Any]
) -> tuple[np.ndarray, Any]:
    """Spatial batch normalization, forward: every channel gets mean beta and deviation gamma.

    Each pixel of each image is a sample, and the channels at that pixel are its features. So
    every channel has one mean and one variance, over N · H · W numbers.

    mode 'train', for each channel c:

        μ[c] = mean of x[:, c, :, :]        σ²[c] = mean of (x[:, c, :, :] - μ[c])²
        out[:, c] = gamma[c] · (x[:, c] - μ[c]) / √(σ²[c] + eps) + beta[c]
        running_mean ← momentum · running_mean + (1 - momentum) · μ
        running_var  ← momentum · running_var  + (1 - momentum) · σ²

    mode 'test': the same out, with running_mean in place of μ and running_var in place of σ².

    You may call your own batchnorm_forward of notebook 03, if you have pasted it.

    Source: Ioffe and Szegedy, arXiv 1502.03167, section 3.2. The running averages are CS231n's.

    Args:
        x: input, shape (N, C, H, W).
        gamma, beta: scale and shift of each channel, each of shape (C,).
        bn_param: 'mode', and as far as given 'eps' (else 1e-5), 'momentum' (else 0.9),
            'running_mean' and 'running_var' (else zeros), each of shape (C,). In mode 'train'
            the new running statistics are written back into it. Everything else in it, and the
            other arguments, stay as they are.

    Returns:
        out: shape (N, C, H, W).
        cache: whatever your backward pass needs after a call in mode 'train'.

    Raises:
        ValueError: the mode is neither 'train' nor 'test'.

    >>> x = np.array([1.0, 1.0, 10.0, 30.0, 3.0, 3.0, 30.0, 10.0]).reshape(2, 2, 1, 2)
    >>> bn_param = {"mode": "train", "eps": 0.0}
    >>> gamma, beta = np.array([1.0, 2.0]), np.array([0.0, 5.0])
    >>> out, cache = spatial_batchnorm_forward(x, gamma, beta, bn_param)
    >>> out[:, 0, 0, :]  # channel 0 of both images
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> out[:, 1, 0, :]
    array([[3., 7.],
           [7., 3.]])
    >>> bn_param["running_mean"].round(6)
    array([0.2, 2. ])
    """
    # BEGIN SOLUTION
    C = x.shape[1]
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(C))
    running_var = bn_param.get("running_var", np.zeros(C))
    if bn_param["mode"] == "train":
        mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    elif bn_param["mode"] == "test":
        mean, var = running_mean, running_var
    else:
        raise ValueError(f"mode is {bn_param['mode']!r}, expected 'train' or 'test'")
    std = np.sqrt(var + eps)
    x_hat = (x - mean[:, None, None]) / std[:, None, None]
    out = gamma[:, None, None] * x_hat + beta[:, None, None]
    return out, (x_hat, std, gamma)
    # END SOLUTION


def spatial_batchnorm_backward(
    dout: np.ndarray, cache: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spatial batch normalization in mode 'train', backward.

    You may call your own batchnorm_backward of notebook 03, if you have pasted it.

    Args:
        dout: upstream gradient, shape (N, C, H, W).
        cache: what your spatial_batchnorm_forward returned.

    Returns:
        dx: gradient with respect to x, shape (N, C, H, W).
        dgamma, dbeta: gradients with respect to gamma and beta, each of shape (C,).

    >>> x = np.array([1.0, 1.0, 5.0, 5.0]).reshape(2, 1, 1, 2)
    >>> bn_param = {"mode": "train", "eps": 0.0}
    >>> out, cache = spatial_batchnorm_forward(x, np.ones(1), np.zeros(1), bn_param)
    >>> dout = np.array([8.0, 0.0, 0.0, 0.0]).reshape(2, 1, 1, 2)
    >>> dx, dgamma, dbeta = spatial_batchnorm_backward(dout, cache)
    >>> dx[:, 0, 0, :]
    array([[ 2., -2.],
           [ 0.,  0.]])
    >>> dgamma, dbeta
    (array([-8.]), array([8.]))
    """
    # BEGIN SOLUTION
    x_hat, std, gamma = cache
    dbeta = dout.sum(axis=(0, 2, 3))
    dgamma = (dout * x_hat).sum(axis=(0, 2, 3))
    samples = dout.size // len(gamma)  # N · H · W numbers share a mean
    shift, stretch = dbeta[:, None, None] / samples, dgamma[:, None, None] / samples
    dx = (gamma / std)[:, None, None] * (dout - shift - x_hat * stretch)
    return dx, dgamma, dbeta
    # END SOLUTION


def batchnorm_parameter_count(channels: int, height: int, width: int, per_channel: bool) -> int:
    """Count the learned parameters of batch normalization after a convolution.

    Gammas and betas together; running statistics are not learned, and not counted.

    Args:
        channels, height, width: of the maps that are normalized.
        per_channel: True: a gamma and a beta for every channel (spatial batch norm).
            False: for every activation, that is for every pixel of every channel.

    Returns:
        The number of parameters, as an int.

    >>> batchnorm_parameter_count(3, 2, 2, per_channel=True)
    6
    >>> batchnorm_parameter_count(3, 2, 2, per_channel=False)
    24
    """
    # BEGIN SOLUTION
    return 2 * channels * (1 if per_channel else height * width)
    # END SOLUTION


def parameters_per_activation() -> int:
    """How many gammas and betas does per-activation batch norm have on 10 maps of 32×32?

    The minibatch holds 8 images.
    """
    # BEGIN SOLUTION
    return 20480  # two for each of 10 · 32 · 32 activations; the minibatch does not matter
    # END SOLUTION


def parameters_per_channel() -> int:
    """How many gammas and betas does spatial batch norm have on 10 maps of 32×32?

    The minibatch holds 8 images.
    """
    # BEGIN SOLUTION
    return 20  # two for each of 10 channels
    # END SOLUTION


def samples_per_channel() -> int:
    """How many numbers go into one mean of spatial batch norm: 8 images, 10 maps of 32×32?"""
    # BEGIN SOLUTION
    return 8192  # 8 · 32 · 32: every pixel of every image
    # END SOLUTION
