"""Reference solutions of notebook 06, dropout and saturation.

Letters: N examples in the minibatch, C classes; p is the probability to *keep* an activation.
"""

from typing import Any

import numpy as np

__all__ = [
    "MODEL_ANSWERS",
    "dropout_backward",
    "dropout_forward",
    "first_softmax_loss",
    "kept_activation",
    "largest_sigmoid_slope",
    "layers_to_vanish",
    "sigmoid_backward",
    "sigmoid_forward",
    "softmax_loss",
    "thinned_networks",
]


def sigmoid_forward(x: np.ndarray) -> tuple[np.ndarray, Any]:
    """The logistic sigmoid, forward, number by number.

    out = 1 / (1 + exp(-x))

    No number of x, however large or small, may give NaN. (A warning that exp overflows costs
    nothing.)

    Args:
        x: input, any shape.

    Returns:
        out: shape of x, numbers from 0 to 1.
        cache: whatever your backward pass needs.

    >>> out, cache = sigmoid_forward(np.array([-1000.0, 0.0, 1000.0]))
    >>> out
    array([0. , 0.5, 1. ])
    """
    # BEGIN SOLUTION
    # exp(-log(1 + exp(-x))), where logaddexp has the logarithm without computing exp(1000).
    out = np.exp(-np.logaddexp(0.0, -x))
    # The caller may go on to change out in place (a dropout mask, say): the cache keeps a copy.
    return out, out.copy()
    # END SOLUTION


def sigmoid_backward(dout: np.ndarray, cache: Any) -> np.ndarray:
    """The logistic sigmoid, backward.

    The slope of the sigmoid can be had from its output s alone: s (1 - s).

    Args:
        dout: upstream gradient, shape of x.
        cache: what your sigmoid_forward returned.

    Returns:
        dx: gradient with respect to x, shape of x.

    >>> out, cache = sigmoid_forward(np.array([0.0, 1000.0]))
    >>> sigmoid_backward(np.array([8.0, 8.0]), cache)
    array([2., 0.])
    """
    # BEGIN SOLUTION
    s = cache
    dx: np.ndarray = dout * s * (1 - s)
    return dx
    # END SOLUTION


def softmax_loss(x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Softmax and cross-entropy: scores and right classes to a loss and its gradient.

    P[n, c] = exp(x[n, c]) / sum over k of exp(x[n, k])
    loss    = mean over n of -log(P[n, y[n]])

    Scores of 1000 must be no harder than scores of 1: take the largest score of each row off
    first. P stays the same, and exp cannot overflow.

    Args:
        x: scores, shape (N, C).
        y: right classes, shape (N,), whole numbers from 0 to C - 1.

    Returns:
        loss: a number.
        dx: gradient of the loss with respect to x, shape (N, C).

    >>> loss, dx = softmax_loss(np.array([[1000.0, 1000.0]]), np.array([1]))
    >>> round(float(loss), 4)
    0.6931
    >>> dx
    array([[ 0.5, -0.5]])
    """
    # BEGIN SOLUTION
    N = len(x)
    shifted = x - x.max(axis=1, keepdims=True)
    # log P, and not the logarithm of P: a probability of exp(-1000) is 0 in floating point.
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_probs[np.arange(N), y].mean()
    dx = np.exp(log_probs)
    dx[np.arange(N), y] -= 1
    return float(loss), dx / N
    # END SOLUTION


def dropout_forward(x: np.ndarray, dropout_param: dict[str, Any]) -> tuple[np.ndarray, Any]:
    """Inverted dropout, forward.

    In training each number of x is kept with probability p, by itself, and otherwise set to 0.
    What is kept is divided by p, so that the mean over many draws is x. In test mode nothing
    happens: out = x.

    Args:
        x: input, any shape.
        dropout_param: a dictionary with
            'p': the probability to KEEP a number, 0 < p <= 1 (in PyTorch: to drop it);
            'mode': 'train' or 'test';
            'seed': may be missing. With equal seeds the masks are equal, for inputs of equal
                shape; without a seed every call draws a new mask.

    Returns:
        out: shape of x.
        cache: whatever your backward pass needs.

    Source: Srivastava et al., Journal of Machine Learning Research 15 (2014), section 10.

    >>> x = np.array([[1.0, 2.0, 3.0]])
    >>> out, cache = dropout_forward(x, {"p": 0.5, "mode": "test"})
    >>> out
    array([[1., 2., 3.]])
    >>> out, cache = dropout_forward(x, {"p": 0.5, "mode": "train", "seed": 1})
    >>> bool(np.all((out == 0) | (out == 2 * x)))
    True
    """
    # BEGIN SOLUTION
    if dropout_param["mode"] == "test":
        return x.copy(), None
    p = dropout_param["p"]
    rng = np.random.default_rng(dropout_param.get("seed"))
    mask = (rng.random(x.shape) < p) / p
    return x * mask, mask
    # END SOLUTION


def dropout_backward(dout: np.ndarray, cache: Any) -> np.ndarray:
    """Inverted dropout, backward: the gradient passes where, and as, the activation has passed.

    Args:
        dout: upstream gradient, shape of x.
        cache: what your dropout_forward returned, in training or in test mode.

    Returns:
        dx: gradient with respect to x, shape of x.

    >>> x = np.ones((2, 3))
    >>> out, cache = dropout_forward(x, {"p": 0.5, "mode": "train", "seed": 1})
    >>> bool(np.all(dropout_backward(x, cache) == out))
    True
    """
    # BEGIN SOLUTION
    mask = cache
    return dout.copy() if mask is None else dout * mask
    # END SOLUTION


def largest_sigmoid_slope() -> float:
    """What is the largest slope that the sigmoid has anywhere?"""
    # BEGIN SOLUTION
    return 0.25  # s (1 - s) is largest at s = 1/2, where x = 0
    # END SOLUTION


def layers_to_vanish() -> int:
    """A gradient goes back through a chain of sigmoids, one behind the other, all weights 1.

    After how many of them is less than one millionth of it left, at the very best?
    """
    # BEGIN SOLUTION
    return 10  # 4**10 is 1 048 576, the first power of 4 above a million
    # END SOLUTION


def first_softmax_loss() -> float:
    """Which softmax loss has a classifier of 100 classes that knows nothing: all scores 0?"""
    # BEGIN SOLUTION
    return float(np.log(100))  # every class has the probability 1/100
    # END SOLUTION


def kept_activation() -> float:
    """An activation of 6 meets inverted dropout with p = 0.75 and is kept. What comes out?"""
    # BEGIN SOLUTION
    return 8  # 6 / 0.75
    # END SOLUTION


def thinned_networks() -> int:
    """A hidden layer has 12 units. How many different thinned networks can dropout make of it?

    Count those too in which all units, or no unit, are kept.
    """
    # BEGIN SOLUTION
    return 4096  # each unit is in or out: 2**12
    # END SOLUTION


MODEL_ANSWERS: dict[str, str] = {
    "advise_on_dropout": """\
**A model answer.** Keep dropout, but in fewer places, and switch it off to test.
*Does it overfit?* On 400 digits with right labels dropout brought nothing (96.4 against 96.6 %
on new digits, part 7); with three wrong labels in ten it brought 77 to 89 %. So look at the gap
between training and new examples first. *Everywhere:* input, hidden 1 and 2 together were too
much, 83 % against 89 % for the hidden layers alone, and only 62 % of the training labels were
learned: it underfits (part 8). *On the scores* it gained hardly anything (79 against 77 %), and
has no meaning: 0 is a score like any other. *In front of batch normalization:* dropout
with p = 0.5 makes the variance of the next sums four times as large in training as in test mode
(4.4, part 7), so the running variance is wrong in test mode; put it behind the last batch
normalization. (In our small net "both" did not suffer, 88 %.) *p = 0.5* is a fair start for
hidden layers, 0.4 to 0.6 were equally good (part 6); at the input less should be dropped.
*Left on in test mode* a single thinned network had 76 % where the whole one had 90 % (part 9).
Training and test then are the same, and both are worse. Only a mean over some 50 such passes
comes up to test mode.

**Rubric, 3 points.**
- 1 point: switch it off in test mode (or average many passes), with a measurement.
- 1 point: not on the scores and not everywhere, with measurements of part 8; too much of it
  underfits.
- 1 point: one of: the variance shift in front of batch normalization, with the ratio measured;
  or that dropout helps where there is overfitting only, with both pictures of part 7.

Numbers may differ from these. Half a point each where the statement is right and no measurement
supports it.
""",
}
"""Model answers and rubrics of the questions that a person grades, by grade_id."""
