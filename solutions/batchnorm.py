"""Reference solutions of notebook 03, batch normalization.

Letters: N examples in the minibatch, D features of each; M outputs of an affine layer. γ is
gamma, β is beta, μ and σ² are the mean and the variance over the minibatch, ε is eps.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = [
    "MODEL_ANSWERS",
    "batchnorm_backward",
    "batchnorm_backward_alt",
    "batchnorm_forward",
    "batchnorm_parameters",
    "fold_batchnorm",
    "gradient_of_the_bias",
    "normalized_by_hand",
    "output_mean",
    "output_standard_deviation",
    "population_statistics",
    "steps_to_ninety_percent",
]


def batchnorm_forward(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, bn_param: dict[str, Any]
) -> tuple[np.ndarray, Any]:
    """Batch normalization, forward: give every feature the mean beta and the deviation gamma.

    mode 'train', for each feature, over the N examples of the minibatch:

        μ = mean of x        σ² = mean of (x - μ)²
        out = gamma · (x - μ) / √(σ² + eps) + beta
        running_mean ← momentum · running_mean + (1 - momentum) · μ
        running_var  ← momentum · running_var  + (1 - momentum) · σ²

    mode 'test': the same out, with running_mean in place of μ and running_var in place of σ².
    Nothing is averaged, so that an example's output does not depend on its neighbours.

    Source: Ioffe and Szegedy, arXiv 1502.03167, algorithm 1. The running averages are CS231n's;
    for the paper's own see population_statistics.

    Args:
        x: input, shape (N, D).
        gamma, beta: scale and shift, each of shape (D,).
        bn_param: 'mode', and as far as given 'eps' (else 1e-5), 'momentum' (else 0.9),
            'running_mean' and 'running_var' (else zeros), each of shape (D,). In mode 'train'
            the new running statistics are written back into it. Everything else in it, and the
            other arguments, stay as they are.

    Returns:
        out: shape (N, D).
        cache: whatever your backward pass needs after a call in mode 'train'.

    Raises:
        ValueError: the mode is neither 'train' nor 'test'.

    >>> x = np.array([[1.0, 10.0], [3.0, 30.0]])
    >>> bn_param = {"mode": "train", "eps": 0.0}
    >>> out, cache = batchnorm_forward(x, np.array([1.0, 2.0]), np.array([0.0, 5.0]), bn_param)
    >>> out
    array([[-1.,  3.],
           [ 1.,  7.]])
    >>> bn_param["running_mean"].round(6)  # 0.9 · 0 + 0.1 · μ
    array([0.2, 2. ])
    """
    # BEGIN SOLUTION
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    elif bn_param["mode"] == "test":
        mean, var = running_mean, running_var
    else:
        raise ValueError(f"mode is {bn_param['mode']!r}, expected 'train' or 'test'")
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    return gamma * x_hat + beta, (x_hat, std, gamma)
    # END SOLUTION


def batchnorm_backward(
    dout: np.ndarray, cache: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Batch normalization in mode 'train', backward, step by step through the graph.

    Every x reaches the outputs on three paths: directly, through the mean μ, and through the
    variance σ². Write down the steps of the forward pass, and go back through them one by one.

    Source: Ioffe and Szegedy, arXiv 1502.03167, section 3, the six derivatives below
    algorithm 1.

    Args:
        dout: upstream gradient, shape (N, D).
        cache: what your batchnorm_forward returned.

    Returns:
        dx: gradient with respect to x, shape (N, D).
        dgamma, dbeta: gradients with respect to gamma and beta, each of shape (D,).

    >>> x = np.array([[0.0], [0.0], [3.0], [1.0]])
    >>> bn_param = {"mode": "train", "eps": 0.0}
    >>> out, cache = batchnorm_forward(x, np.ones(1), np.zeros(1), bn_param)
    >>> dx, dgamma, dbeta = batchnorm_backward(np.array([[6.0], [0.0], [0.0], [0.0]]), cache)
    >>> dbeta
    array([6.])
    >>> bool(np.allclose(dx.sum(), 0))  # to raise all x alike changes nothing
    True
    """
    # BEGIN SOLUTION
    x_hat, std, gamma = cache
    N = len(dout)
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = dout * gamma
    # x_hat = centred / std, and the variance hidden in std is the mean of centred²
    centred = x_hat * std
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 / std**3
    dcentred = dx_hat / std + dvar * 2 * centred / N
    # centred = x - mean, and the mean listens to all x alike
    dmean = -dcentred.sum(axis=0)
    return dcentred + dmean / N, dgamma, dbeta
    # END SOLUTION


def batchnorm_backward_alt(
    dout: np.ndarray, cache: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Batch normalization in mode 'train', backward, by one formula.

    Same arguments, results and cache as batchnorm_backward. On paper, the steps of the graph
    melt into one short line for dx that needs no more than the normalized x, the standard
    deviation, gamma and the two sums dgamma and dbeta.

    Args:
        dout: upstream gradient, shape (N, D).
        cache: what your batchnorm_forward returned.

    Returns:
        dx: gradient with respect to x, shape (N, D).
        dgamma, dbeta: gradients with respect to gamma and beta, each of shape (D,).

    >>> x = np.random.default_rng(0).standard_normal((5, 3))
    >>> out, cache = batchnorm_forward(x, np.ones(3), np.zeros(3), {"mode": "train"})
    >>> dout = np.cos(x)
    >>> dx, dgamma, dbeta = batchnorm_backward_alt(dout, cache)
    >>> np.allclose(dx, batchnorm_backward(dout, cache)[0])
    True
    """
    # BEGIN SOLUTION
    x_hat, std, gamma = cache
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    # What is left of dout when its mean, and the part of it along x_hat, are taken away
    dx = gamma / std * (dout - (dbeta + x_hat * dgamma) / len(dout))
    return dx, dgamma, dbeta
    # END SOLUTION


def population_statistics(batches: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Estimate mean and variance of the whole population from minibatches, after training.

        mean = mean over the batches of μ        var = m / (m - 1) · mean over the batches of σ²

    where μ and σ² are a batch's own mean and (biased) variance, as in training. The factor
    makes good that σ² is measured around the batch's own mean, which lies nearer to the batch
    than the true mean does.

    Source: Ioffe and Szegedy, arXiv 1502.03167, algorithm 2, steps 8 to 10.

    Args:
        batches: a list of minibatches, each of shape (m, D), with the same m of at least 2.

    Returns:
        mean: shape (D,).
        var: shape (D,).

    >>> mean, var = population_statistics([np.array([[1.0], [3.0]]), np.array([[5.0], [5.0]])])
    >>> mean, var  # batch means 2 and 5; batch variances 1 and 0, and m / (m - 1) is 2
    (array([3.5]), array([1.]))
    """
    # BEGIN SOLUTION
    m = len(batches[0])
    mean = np.mean([batch.mean(axis=0) for batch in batches], axis=0)
    var = m / (m - 1) * np.mean([batch.var(axis=0) for batch in batches], axis=0)
    return mean, var
    # END SOLUTION


def fold_batchnorm(
    w: np.ndarray,
    b: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    mean: np.ndarray,
    var: np.ndarray,
    eps: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Fold a batch normalization in mode 'test' into the affine layer in front of it.

    Find w' and b' such that for every x

        x w' + b' = gamma · (x w + b - mean) / √(var + eps) + beta

    so that at test time one affine layer does the work of both.

    Args:
        w, b: weights and biases of the affine layer, shapes (D, M) and (M,).
        gamma, beta: of the normalization, each of shape (M,).
        mean, var: the running (or population) statistics, each of shape (M,).
        eps: what is added to the variance.

    Returns:
        w': shape (D, M).
        b': shape (M,).

    >>> w, one = np.array([[4.0], [8.0]]), np.ones(1)
    >>> w, b = fold_batchnorm(w, one, 3 * one, 7 * one, mean=5 * one, var=4 * one, eps=0.0)
    >>> w.ravel(), b  # γ / σ is 3/2; and 3/2 · (1 - 5) + 7 is 1
    (array([ 6., 12.]), array([1.]))
    """
    # BEGIN SOLUTION
    scale = gamma / np.sqrt(var + eps)
    return w * scale, (b - mean) * scale + beta
    # END SOLUTION


def normalized_by_hand() -> float:
    """What does batch norm make of the 2.5 among 0.7, 1.1, 1.8, 2.15, 2.5, with γ = 2, β = -1?

    One feature, a minibatch of five, mode 'train', ε = 1e-8.

    Returns:
        A number, to five digits: let Python do the arithmetic.
    """
    # BEGIN SOLUTION
    mean, var = 1.65, 0.44
    return float(2 * (2.5 - mean) / np.sqrt(var + 1e-8) - 1)
    # END SOLUTION


def output_mean() -> float:
    """Mode 'train', γ = 3, β = -2, an x of mean 10 and deviation 5: what is the mean of out?"""
    # BEGIN SOLUTION
    return -2  # β, whatever came in
    # END SOLUTION


def output_standard_deviation() -> float:
    """The same γ = 3, β = -2 and x (ε is too small to matter): what is out's deviation?"""
    # BEGIN SOLUTION
    return 3  # γ, whatever came in
    # END SOLUTION


def batchnorm_parameters() -> int:
    """How many learnable parameters does batch normalization of 100 neurons have?"""
    # BEGIN SOLUTION
    return 200  # γ and β for each; the running statistics are measured, not learned
    # END SOLUTION


def gradient_of_the_bias() -> float:
    """What is the gradient of the loss with respect to b, in out = BN(x w + b), mode 'train'?

    Returns:
        One number: it is the same for every entry of b, for every loss and every x.
    """
    # BEGIN SOLUTION
    return 0  # the batch mean contains b and takes it away again
    # END SOLUTION


def steps_to_ninety_percent() -> int:
    """After how many steps is the running mean above 90 % of a batch mean that never changes?

    Momentum is 0.9, and the running mean starts from 0.
    """
    # BEGIN SOLUTION
    return 22  # after k steps it is 1 - 0.9^k of the way, and 0.9^22 = 0.098
    # END SOLUTION


MODEL_ANSWERS: dict[str, str] = {
    "explain_batchnorm": """\
**A model answer.** *Shift as the reason:* batch norm does reduce the shift, from 0.06 to 0.26
standard deviations per step to less than 0.001 (part 13, ReLU). But when noise brought the
shift back, to 0.6 and so to more than without batch norm, the network trained nearly as fast
as with it, and the sigmoid network reached its 97 % while the one without batch norm stayed at
10 %. So a smaller shift is an effect, and was not shown to be the reason. *Faster:* yes. 95 %
were reached in two epochs instead of five to eleven, in less than half of the time although a
step took about 1.6 times as long (part 12); ten times larger learning rates still worked
(part 8). *More accurate:* not shown. 98.7 % against 97.8 % is three digits of 300, the seeds
overlap, and with 192 training digits it was no better than without (part 9). *Everywhere and
with any batch size:* no. With minibatches of 2 it fell below 40 %, far below the network
without, and in groups of 2 it lost a third even when each step saw 64 digits (part 9).

**Rubric, 3 points.**
- 1 point: the shift is told apart from the speed: it is reduced, and the noise experiment
  speaks against its being the reason (to say that this is not settled is right, too).
- 1 point: faster is confirmed, more accurate is called unproven or small, both with numbers.
- 1 point: small batches hurt, with numbers of one's own. Any numbers that were measured count.
""",
}
