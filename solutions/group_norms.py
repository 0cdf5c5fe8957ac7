"""Reference solutions of notebook 05: layer, instance and group normalization.

Letters: N examples in the minibatch, D features of an example; for images C channels of H by W
pixels, in G groups of C / G channels. All three normalize every example by itself.
"""

from typing import Any

import numpy as np

__all__ = [
    "batchnorm_means",
    "groupnorm_means",
    "groups_of_instance_norm",
    "groups_of_layer_norm",
    "instancenorm_backward",
    "instancenorm_forward",
    "instancenorm_of_one_pixel",
    "layernorm_backward",
    "layernorm_forward",
    "layernorm_stored_statistics",
    "spatial_groupnorm_backward",
    "spatial_groupnorm_forward",
]


def layernorm_forward(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, ln_param: dict[str, Any]
) -> tuple[np.ndarray, Any]:
    """Layer normalization, forward: each example is normalized over its own features.

        μ[n] = mean of x[n, :]        σ²[n] = mean of (x[n, :] - μ[n])²
        out[n, d] = gamma[d] · (x[n, d] - μ[n]) / √(σ²[n] + eps) + beta[d]

    The variance is the biased one (divided by D). No example looks at another, so training and
    test are the same: there is no mode and there are no running statistics. Further keys that
    may stand in ln_param, such as 'mode', have no effect, and ln_param is not changed.

    Source: Ba, Kiros, Hinton, Layer Normalization, arXiv 1607.06450, equations 3 and 4.

    Args:
        x: input, shape (N, D).
        gamma: scale, shape (D,).
        beta: shift, shape (D,).
        ln_param: 'eps', added to the variance; 1e-5 where it is not given.

    Returns:
        out: shape (N, D).
        cache: whatever your backward pass needs.

    >>> x = np.array([[1.0, 1.0, 5.0, 5.0], [30.0, 10.0, 30.0, 10.0]])
    >>> out, cache = layernorm_forward(x, np.ones(4), np.zeros(4), {"eps": 0.0})
    >>> out
    array([[-1., -1.,  1.,  1.],
           [ 1., -1.,  1., -1.]])
    """
    # BEGIN SOLUTION
    eps = ln_param.get("eps", 1e-5)
    centred = x - x.mean(axis=1, keepdims=True)
    rstd = 1 / np.sqrt(np.mean(centred**2, axis=1, keepdims=True) + eps)
    x_hat = centred * rstd
    return gamma * x_hat + beta, (x_hat, rstd, gamma)
    # END SOLUTION


def layernorm_backward(
    dout: np.ndarray, cache: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Layer normalization, backward.

    Every feature of an example moves the mean and the variance of that example, so dx[n, d]
    depends on dout[n, :], and on no other row. gamma and beta serve all examples alike: their
    gradients are sums over the minibatch.

    Args:
        dout: upstream gradient, shape (N, D).
        cache: what your layernorm_forward returned.

    Returns:
        dx: gradient with respect to x, shape (N, D).
        dgamma: gradient with respect to gamma, shape (D,).
        dbeta: gradient with respect to beta, shape (D,).

    >>> x = np.array([[1.0, 1.0, 5.0, 5.0]])
    >>> out, cache = layernorm_forward(x, np.ones(4), np.zeros(4), {"eps": 0.0})
    >>> dx, dgamma, dbeta = layernorm_backward(np.array([[8.0, 0.0, 0.0, 0.0]]), cache)
    >>> dx
    array([[ 2., -2.,  0.,  0.]])
    >>> dgamma, dbeta
    (array([-8.,  0.,  0.,  0.]), array([8., 0., 0., 0.]))
    """
    # BEGIN SOLUTION
    x_hat, rstd, gamma = cache
    dx_hat = dout * gamma
    # What shifts all features of an example, or stretches them, is lost: take it out.
    shift = dx_hat.mean(axis=1, keepdims=True)
    stretch = np.mean(dx_hat * x_hat, axis=1, keepdims=True)
    dx = rstd * (dx_hat - shift - x_hat * stretch)
    return dx, np.sum(dout * x_hat, axis=0), np.sum(dout, axis=0)
    # END SOLUTION


def instancenorm_forward(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, in_param: dict[str, Any]
) -> tuple[np.ndarray, Any]:
    """Instance normalization, forward: each channel of each image is normalized by itself.

        μ[n, c] = mean of x[n, c]        σ²[n, c] = mean of (x[n, c] - μ[n, c])²
        out[n, c] = gamma[c] · (x[n, c] - μ[n, c]) / √(σ²[n, c] + eps) + beta[c]

    The variance is the biased one (divided by H · W). There is no mode and there are no running
    statistics; in_param is not changed.

    Source: Ulyanov, Vedaldi, Lempitsky, Instance Normalization, arXiv 1607.08022, equation 4.

    Args:
        x: input, shape (N, C, H, W).
        gamma: scale of each channel, shape (C,).
        beta: shift of each channel, shape (C,).
        in_param: 'eps', added to the variance; 1e-5 where it is not given.

    Returns:
        out: shape (N, C, H, W).
        cache: whatever your backward pass needs.

    >>> x = np.array([[[[1.0, 1.0], [5.0, 5.0]], [[30.0, 10.0], [30.0, 10.0]]]])  # two maps
    >>> out, cache = instancenorm_forward(x, np.ones(2), np.array([0.0, 7.0]), {"eps": 0.0})
    >>> out[0]
    array([[[-1., -1.],
            [ 1.,  1.]],
    <BLANKLINE>
           [[ 8.,  6.],
            [ 8.,  6.]]])
    """
    # BEGIN SOLUTION
    eps = in_param.get("eps", 1e-5)
    centred = x - x.mean(axis=(2, 3), keepdims=True)
    rstd = 1 / np.sqrt(np.mean(centred**2, axis=(2, 3), keepdims=True) + eps)
    x_hat = centred * rstd
    return gamma[:, None, None] * x_hat + beta[:, None, None], (x_hat, rstd, gamma)
    # END SOLUTION


def instancenorm_backward(
    dout: np.ndarray, cache: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Instance normalization, backward.

    Args:
        dout: upstream gradient, shape (N, C, H, W).
        cache: what your instancenorm_forward returned.

    Returns:
        dx: gradient with respect to x, shape (N, C, H, W).
        dgamma: gradient with respect to gamma, shape (C,).
        dbeta: gradient with respect to beta, shape (C,).

    >>> x = np.array([[[[1.0, 1.0], [5.0, 5.0]]]])
    >>> out, cache = instancenorm_forward(x, np.ones(1), np.zeros(1), {"eps": 0.0})
    >>> dout = np.array([[[[8.0, 0.0], [0.0, 0.0]]]])
    >>> dx, dgamma, dbeta = instancenorm_backward(dout, cache)
    >>> dx[0, 0]
    array([[ 2., -2.],
           [ 0.,  0.]])
    >>> dgamma, dbeta
    (array([-8.]), array([8.]))
    """
    # BEGIN SOLUTION
    x_hat, rstd, gamma = cache
    dx_hat = dout * gamma[:, None, None]
    shift = dx_hat.mean(axis=(2, 3), keepdims=True)
    stretch = np.mean(dx_hat * x_hat, axis=(2, 3), keepdims=True)
    dx = rstd * (dx_hat - shift - x_hat * stretch)
    return dx, np.sum(dout * x_hat, axis=(0, 2, 3)), np.sum(dout, axis=(0, 2, 3))
    # END SOLUTION


def spatial_groupnorm_forward(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, G: int, gn_param: dict[str, Any]
) -> tuple[np.ndarray, Any]:
    """Group normalization, forward: the channels of an image in G groups, each by itself.

    Neighbouring channels belong together: group g holds channels g·C/G to (g + 1)·C/G - 1. All
    C/G · H · W numbers of a group share one mean and one (biased) variance; each channel has
    its own gamma and beta. For a channel c of group g:

        μ[n, g] = mean of x[n, channels of g]
        σ²[n, g] = mean of (x[n, channels of g] - μ[n, g])²
        out[n, c] = gamma[c] · (x[n, c] - μ[n, g]) / √(σ²[n, g] + eps) + beta[c]

    There is no mode and there are no running statistics; gn_param is not changed.

    Source: Wu, He, Group Normalization, arXiv 1803.08494, equations 1, 2, 3, 6 and 7.

    Args:
        x: input, shape (N, C, H, W).
        gamma: scale of each channel, shape (1, C, 1, 1).
        beta: shift of each channel, shape (1, C, 1, 1).
        G: number of groups.
        gn_param: 'eps', added to the variance; 1e-5 where it is not given.

    Returns:
        out: shape (N, C, H, W).
        cache: whatever your backward pass needs.

    Raises:
        ValueError: G does not divide C, so that the groups would not be equally large.

    >>> x = np.array([3.0, 3.0, 7.0, 7.0, 40.0, 20.0, 40.0, 20.0]).reshape(1, 4, 1, 2)
    >>> gamma, beta = np.ones((1, 4, 1, 1)), np.zeros((1, 4, 1, 1))
    >>> out, cache = spatial_groupnorm_forward(x, gamma, beta, 2, {"eps": 0.0})
    >>> out[0, :, 0, :]
    array([[-1., -1.],
           [ 1.,  1.],
           [ 1., -1.],
           [ 1., -1.]])
    """
    # BEGIN SOLUTION
    N, C, H, W = x.shape
    if C % G:
        raise ValueError(f"{C} channels cannot be split into {G} groups of equal size")
    eps = gn_param.get("eps", 1e-5)
    groups = x.reshape(N, G, C // G * H * W)
    centred = groups - groups.mean(axis=2, keepdims=True)
    rstd = 1 / np.sqrt(np.mean(centred**2, axis=2, keepdims=True) + eps)
    x_hat = centred * rstd
    return gamma * x_hat.reshape(x.shape) + beta, (x_hat, rstd, gamma)
    # END SOLUTION


def spatial_groupnorm_backward(
    dout: np.ndarray, cache: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Group normalization, backward.

    Args:
        dout: upstream gradient, shape (N, C, H, W).
        cache: what your spatial_groupnorm_forward returned.

    Returns:
        dx: gradient with respect to x, shape (N, C, H, W).
        dgamma: gradient with respect to gamma, shape (1, C, 1, 1).
        dbeta: gradient with respect to beta, shape (1, C, 1, 1).

    >>> x = np.array([1.0, 1.0, 5.0, 5.0]).reshape(1, 2, 1, 2)
    >>> gamma, beta = np.ones((1, 2, 1, 1)), np.zeros((1, 2, 1, 1))
    >>> out, cache = spatial_groupnorm_forward(x, gamma, beta, 1, {"eps": 0.0})
    >>> dout = np.array([8.0, 0.0, 0.0, 0.0]).reshape(1, 2, 1, 2)
    >>> dx, dgamma, dbeta = spatial_groupnorm_backward(dout, cache)
    >>> dx[0, :, 0, :]
    array([[ 2., -2.],
           [ 0.,  0.]])
    >>> dgamma.shape, dbeta.shape
    ((1, 2, 1, 1), (1, 2, 1, 1))
    """
    # BEGIN SOLUTION
    x_hat, rstd, gamma = cache
    dx_hat = (dout * gamma).reshape(x_hat.shape)
    shift = dx_hat.mean(axis=2, keepdims=True)
    stretch = np.mean(dx_hat * x_hat, axis=2, keepdims=True)
    dx = rstd * (dx_hat - shift - x_hat * stretch)
    dgamma = np.sum(dout * x_hat.reshape(dout.shape), axis=(0, 2, 3), keepdims=True)
    return dx.reshape(dout.shape), dgamma, np.sum(dout, axis=(0, 2, 3), keepdims=True)
    # END SOLUTION


def layernorm_stored_statistics() -> int:
    """How many running means and variances does layer norm on 512 features keep for test time?

    (Batch norm keeps 1024: a mean and a variance for every feature.)
    """
    # BEGIN SOLUTION
    return 0  # an example is normalized by its own statistics, also at test time
    # END SOLUTION


def batchnorm_means() -> int:
    """How many means does spatial batch norm take, of a minibatch of 8 images of 12×6×6?"""
    # BEGIN SOLUTION
    return 12  # one for each channel, over the images and the pixels
    # END SOLUTION


def groupnorm_means() -> int:
    """How many means does group norm with G = 3 take, of a minibatch of 8 images of 12×6×6?"""
    # BEGIN SOLUTION
    return 24  # one for each group of each image
    # END SOLUTION


def groups_of_instance_norm() -> int:
    """For which G is group norm on 12 channels the same as instance norm?"""
    # BEGIN SOLUTION
    return 12  # every channel is a group of its own
    # END SOLUTION


def groups_of_layer_norm() -> int:
    """For which G does group norm on 12 channels take one mean over all C, H and W?"""
    # BEGIN SOLUTION
    return 1  # all channels are one group
    # END SOLUTION


def instancenorm_of_one_pixel() -> float:
    """What does instance norm make of maps of one pixel, when gamma is 2 and beta is 5?

    The pixels hold any numbers, different for each image. Return the number that comes out.
    """
    # BEGIN SOLUTION
    return 5  # a pixel alone is its own mean, so what is left is 0, and beta is added
    # END SOLUTION
