"""Known mistakes of notebook 06, dropout and saturation: small edits of the references, with hints that teach."""

from autograder.exercises.exercise import KnownMistake, mistake

__all__ = ["MISTAKES"]

UPSTREAM_MISSING = (
    "upstream_gradient_missing",
    "The upstream gradient is left out",
    "The chain rule multiplies by dout: how much the loss changes with this output.",
)
INPUT_OVERWRITTEN = (
    "input_overwritten",
    "The argument itself is overwritten",
    "`x *= ...` and `x -= ...` write into the caller's array. Who calls you still needs it: make a new array.",
)

SIGMOID = "out = np.exp(-np.logaddexp(0.0, -x))"

SIGMOID_FORWARD_MISTAKES = (
    mistake(
        (
            "sign_of_exponent",
            "The sign in the exponent is wrong: the curve falls",
            "A large x must give a number near 1. What does exp(x) do for a large x?",
        ),
        (SIGMOID, "out = np.exp(-np.logaddexp(0.0, x))"),
    ),
    mistake(
        (
            "overflow_to_nan",
            "Large numbers give NaN",
            "exp(1000) is infinite, and infinity divided by infinity is no number. Write the sigmoid so that an "
            "infinite exp stands in the denominator only.",
        ),
        (SIGMOID, "out = np.exp(x) / (1 + np.exp(x))"),
    ),
    mistake(
        (
            "overflow_to_nan",
            "Large negative numbers give NaN",
            "exp(1000) is infinite, and infinity divided by infinity is no number. Write the sigmoid so that an "
            "infinite exp stands in the denominator only.",
        ),
        (SIGMOID, "out = 1 - np.exp(-x) / (1 + np.exp(-x))"),
    ),
    mistake(
        (
            "tanh_for_sigmoid",
            "That is tanh: it runs from -1 to 1",
            "The logistic sigmoid runs from 0 to 1, and is 1/2 at 0.",
        ),
        (SIGMOID, "out = np.tanh(x)"),
    ),
    mistake(
        (
            "one_plus_missing",
            "The 1 + in the denominator is missing",
            "Put x = 0 in: the sigmoid of 0 is 1/2.",
        ),
        (SIGMOID, "out = np.exp(x)"),
    ),
    mistake(
        (
            "shares_for_sigmoid",
            "That is a softmax: the numbers of a row are divided by their sum",
            "The sigmoid looks at each number by itself.",
        ),
        (SIGMOID, "out = np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)"),
    ),
    mistake(INPUT_OVERWRITTEN, (SIGMOID, "x *= -1\n    out = 1 / (1 + np.exp(x))")),
)

SLOPE = "dout * s * (1 - s)"
SIGN_OF_SLOPE = (
    "sign_of_slope",
    "The sign of the slope is wrong",
    "The sigmoid rises everywhere: its slope is never negative.",
)

SIGMOID_BACKWARD_MISTAKES = (
    mistake(UPSTREAM_MISSING, (SLOPE, "s * (1 - s)")),
    mistake(
        (
            "slope_from_input",
            "x stands where the sigmoid of x should be",
            "In s (1 - s) the s is the layer's output. Which of the two did you put into the cache?",
        ),
        ("return out, out.copy()", "return out, x"),
        function="sigmoid_forward",
    ),
    mistake(
        ("one_factor_only", "One of the two factors is missing", "The slope is s (1 - s): it is 0 at both ends."),
        (SLOPE, "dout * s"),
    ),
    mistake(
        ("one_factor_only", "One of the two factors is missing", "The slope is s (1 - s): it is 0 at both ends."),
        (SLOPE, "dout * (1 - s)"),
    ),
    mistake(
        (
            "slope_of_tanh",
            "1 - s² is the slope of tanh",
            "Put s = 1/2 in: the sigmoid's slope is 1/4 there.",
        ),
        (SLOPE, "dout * (1 - s**2)"),
    ),
    mistake(SIGN_OF_SLOPE, (SLOPE, "dout * s * (s - 1)")),
    mistake(
        (
            "sigmoid_twice",
            "The sigmoid is taken of its own output",
            "The cache holds s already. Taking the sigmoid once more gives another function.",
        ),
        ("s = cache", "s = 1 / (1 + np.exp(-cache))"),
    ),
    mistake(
        (
            "forward_for_backward",
            "dout is multiplied by the sigmoid's slope at dout",
            "The slope is taken where the forward pass was, at x; dout only multiplies it.",
        ),
        ("s = cache", "s = 1 / (1 + np.exp(-dout))"),
    ),
    mistake(INPUT_OVERWRITTEN, ("dx: np.ndarray = dout * s * (1 - s)", "dout *= s * (1 - s)\n    dx = dout")),
)

LOSS = "loss = -log_probs[np.arange(N), y].mean()"
SHIFTED = "shifted = x - x.max(axis=1, keepdims=True)"
LOG_PROBS = "log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))"
NOT_AVERAGED = (
    "not_averaged",
    "The sum over the minibatch is taken, not the mean",
    "The loss is the mean over the N examples. Is the gradient that of the mean as well?",
)
OVERFLOW = (
    "overflow",
    "Large scores give NaN or infinity",
    "exp(1000) is infinite. Adding the same number to all scores of an example changes no probability: choose one "
    "that makes the largest score 0.",
)
GLOBAL_MAXIMUM = (
    "one_maximum_for_all",
    "One maximum is taken off all examples",
    "An example whose scores all lie far below another example's has exp(-900) = 0 everywhere, and 0 / 0 is no number. "
    "Every row has its own maximum.",
)
WRONG_AXIS = (
    "wrong_axis",
    "The probabilities are formed over the examples",
    "Each example's probabilities add up to 1: over the classes, axis 1.",
)

SOFTMAX_MISTAKES = (
    mistake(OVERFLOW, (SHIFTED, "shifted = x")),
    mistake(
        OVERFLOW,
        (SHIFTED, "shifted = x"),
        (LOG_PROBS, "log_probs = np.log(np.exp(x) / np.exp(x).sum(axis=1, keepdims=True))"),
    ),
    mistake(GLOBAL_MAXIMUM, (SHIFTED, "shifted = x - x.max()")),
    mistake(
        GLOBAL_MAXIMUM,
        (SHIFTED, "shifted = x - x.max()"),
        (LOG_PROBS, "log_probs = np.log(np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True))"),
    ),
    mistake(NOT_AVERAGED, (LOSS, LOSS.replace("mean", "sum")), ("dx / N", "dx")),
    mistake(NOT_AVERAGED, (LOSS, LOSS.replace("mean", "sum"))),
    mistake(NOT_AVERAGED, ("dx / N", "dx")),
    mistake(
        (
            "one_missing_in_gradient",
            "The gradient is the probabilities alone",
            "For the right class something is missing: its gradient is negative, as a higher score there lowers the "
            "loss. The entries of a row add up to 0.",
        ),
        ("    dx[np.arange(N), y] -= 1\n", ""),
    ),
    mistake(
        (
            "one_missing_in_all_classes",
            "1 is taken off in whole columns",
            "dx[:, y] means all rows, in the columns of y. Wanted is one entry in each row: row n, column y[n].",
        ),
        ("dx[np.arange(N), y] -= 1", "dx[:, y] -= 1"),
    ),
    mistake(
        ("sign_of_gradient", "The gradient has the wrong sign", "Raise the right class's score: the loss falls."),
        ("dx / N", "-dx / N"),
    ),
    mistake(
        ("sign_of_loss", "The loss has the wrong sign", "The logarithm of a probability is negative; the loss is not."),
        (LOSS, LOSS.replace("-", "")),
    ),
    mistake(
        ("base_of_logarithm", "That is another logarithm", "The loss has the natural logarithm, np.log."),
        (LOSS, LOSS.replace(".mean()", ".mean() / np.log(2)")),
    ),
    mistake(
        ("base_of_logarithm", "That is another logarithm", "The loss has the natural logarithm, np.log."),
        (LOSS, LOSS.replace(".mean()", ".mean() / np.log(10)")),
    ),
    mistake(WRONG_AXIS, (LOG_PROBS, LOG_PROBS.replace("axis=1", "axis=0"))),
    mistake(
        WRONG_AXIS, (SHIFTED, SHIFTED.replace("axis=1", "axis=0")), (LOG_PROBS, LOG_PROBS.replace("axis=1", "axis=0"))
    ),
    mistake(
        (
            "keepdims_missing",
            "A column of sums has become a row",
            "x.max(axis=1) has the shape (N,), and subtracting it from (N, C) lines it up with the classes. Keep the "
            "axis: keepdims=True.",
        ),
        (SHIFTED, "shifted = x - x.max(axis=1)"),
        (LOG_PROBS, "log_probs = shifted - np.log(np.exp(shifted).sum(axis=1))"),
    ),
    mistake(
        (
            "keepdims_missing",
            "A column of sums has become a row",
            "x.sum(axis=1) has the shape (N,), and combining it with (N, C) lines it up with the classes. Keep the "
            "axis: keepdims=True.",
        ),
        (LOG_PROBS, "log_probs = shifted - np.log(np.exp(shifted).sum(axis=1))"),
    ),
    mistake(
        (
            "largest_for_right_class",
            "The most probable class is taken for the right one",
            "The loss looks at the probability of class y[n], however small it is.",
        ),
        (LOSS, "loss = -log_probs.max(axis=1).mean()"),
    ),
    mistake(
        (
            "divided_by_classes",
            "Divided by the number of classes too",
            "The mean is over the examples: one term for each.",
        ),
        (LOSS, LOSS.replace(".mean()", ".sum() / x.size")),
        ("dx / N", "dx / x.size"),
    ),
    mistake(
        (
            "divided_by_classes",
            "Divided by the number of classes, not of examples",
            "The mean is over the examples: one term for each.",
        ),
        (LOSS, LOSS.replace(".mean()", ".sum() / x.shape[1]")),
        ("dx / N", "dx / x.shape[1]"),
    ),
    mistake(
        (
            "logarithm_missing",
            "The logarithm is missing",
            "The loss is minus the logarithm of the right class's probability.",
        ),
        (LOSS, "loss = -np.exp(log_probs[np.arange(N), y]).mean()"),
    ),
    mistake(INPUT_OVERWRITTEN, (SHIFTED, "x -= x.max(axis=1, keepdims=True)\n    shifted = x")),
    mistake(
        (
            "logarithm_of_zero",
            "A probability of 0 gives an infinite loss",
            "exp(-2000) is 0 in floating point. The logarithm of a probability can be had without the probability: "
            "log(exp(a) / b) = a - log(b).",
        ),
        (LOSS, "loss = -np.log(np.exp(log_probs[np.arange(N), y])).mean()"),
    ),
)

MASK = "mask = (rng.random(x.shape) < p) / p"
DRAW = "rng.random(x.shape) < p"
SEEDED = 'dropout_param.get("seed")'
TEST = "return x.copy(), None"
P_IS_DROP = (
    "p_is_drop_probability",
    "p is taken as the probability to drop",
    "In this course, as in CS231n, p is the probability to keep. (PyTorch's p is the probability to drop: look it up "
    "each time.)",
)
NOT_SCALED = (
    "mask_not_scaled",
    "What is kept is not scaled",
    "With p = 0.5 half of the numbers are gone, so the mean of the output is half of what it was. Inverted dropout "
    "makes up for that in training.",
)
SCALED_AT_TEST = (
    "scaled_at_test",
    "The output is scaled in test mode",
    "Inverted dropout has done all scaling in training, so that the network can be used as it is.",
)
SCALED_BY_P = (
    "scaled_by_p",
    "What is kept is multiplied by p",
    "Half of the numbers are gone: what is left must become larger, not smaller.",
)
SAME_FOR_ALL = (
    "same_mask_for_all_examples",
    "All examples get the same mask",
    "Each example of the minibatch trains another thinned network. Draw as many numbers as x has, in x's shape.",
)

KEEPS_EVERYTHING = (
    "keeps_everything",
    "Everything is kept in training, as it is",
    "Is the draw compared with p? In `rand < p / p`, say, the division comes first, and p / p is 1. And 'train' is the "
    "mode in which dropout acts; in 'test' it does nothing.",
)

DROPOUT_FORWARD_MISTAKES = (
    mistake(NOT_SCALED, (MASK, "mask = rng.random(x.shape) < p")),
    mistake(P_IS_DROP, (MASK, "mask = (rng.random(x.shape) > p) / p")),
    mistake(P_IS_DROP, (MASK, "mask = (rng.random(x.shape) >= p) / (1 - p)")),
    mistake(
        P_IS_DROP,
        (MASK, "mask = rng.random(x.shape) > p"),
    ),
    mistake(
        (
            "scaled_by_drop_probability",
            "Divided by 1 - p",
            "The share that is kept is p: dividing by it brings the mean back.",
        ),
        (MASK, "mask = (rng.random(x.shape) < p) / (1 - p)"),
    ),
    mistake(
        KEEPS_EVERYTHING,
        (MASK, "mask = rng.random(x.shape) < p / p"),
    ),
    mistake(
        (
            "compares_with_one",
            "Everything is kept, and scaled: the brackets are in the wrong place",
            "First compare with p, then divide the mask by p.",
        ),
        (MASK, "mask = (rng.random(x.shape) < p / p) / p"),
    ),
    mistake(SCALED_BY_P, (MASK, "mask = (rng.random(x.shape) < p) * p")),
    mistake(
        (
            "vanilla_dropout",
            "That is dropout as in the first paper: scaled at test time",
            "Inverted dropout scales in training, by 1/p, and leaves the output alone in test mode. Both have the same "
            "mean; but only this one lets a trained network be used without knowing that there was dropout.",
        ),
        (TEST, 'return x * dropout_param["p"], None'),
        (MASK, "mask = rng.random(x.shape) < p"),
    ),
    mistake(SCALED_AT_TEST, (TEST, 'return x * dropout_param["p"], None')),
    mistake(SCALED_AT_TEST, (TEST, 'return x / dropout_param["p"], None')),
    mistake(
        (
            "drops_at_test",
            "Numbers are dropped in test mode too",
            "In test mode the whole network answers: out = x.",
        ),
        ('if dropout_param["mode"] == "test":', "if False:"),
    ),
    mistake(
        KEEPS_EVERYTHING,
        ('if dropout_param["mode"] == "test":', "if True:"),
    ),
    mistake(
        (
            "modes_exchanged",
            "Training and test are exchanged",
            "'train' is the mode in which dropout acts; in 'test' it does nothing.",
        ),
        ('["mode"] == "test"', '["mode"] == "train"'),
    ),
    mistake(
        (
            "seed_ignored",
            "The seed is not used",
            "With equal seeds two calls must drop the same entries: a gradient check calls the function many times, "
            "and must see the same function each time.",
        ),
        (SEEDED, "None"),
    ),
    mistake(
        (
            "seed_fixed",
            "Every call draws the same mask",
            "Without a seed each call must draw a new mask, otherwise the same units are missing all through training. "
            "Is there a seed in your code that dropout_param did not ask for?",
        ),
        (SEEDED, "231"),
    ),
    mistake(
        (
            "seed_fixed",
            "Without a seed every call draws the same mask",
            "Without a seed each call must draw a new mask, otherwise the same units are missing all through training. "
            "Is there a seed in your code that dropout_param did not ask for?",
        ),
        (SEEDED, 'dropout_param.get("seed", 231)'),
    ),
    mistake(
        (
            "seed_fixed",
            "Different seeds draw the same mask",
            "Use the number that stands in dropout_param['seed'].",
        ),
        (SEEDED, '231 if "seed" in dropout_param else None'),
    ),
    mistake(
        (
            "seed_zero_ignored",
            "The seed 0 is not used",
            "`if seed:` is false for 0, too. Ask whether there is a seed: `if 'seed' in dropout_param`.",
        ),
        (SEEDED, 'dropout_param.get("seed") or None'),
    ),
    mistake(SAME_FOR_ALL, (DRAW, "np.broadcast_to(rng.random(x.shape[1:]), x.shape) < p")),
    mistake(
        (
            "one_draw_per_example",
            "Whole examples are dropped",
            "Each number is kept or dropped by itself. Draw as many numbers as x has, in x's shape.",
        ),
        (DRAW, "np.broadcast_to(rng.random(x.shape[:1] + (1,) * (x.ndim - 1)), x.shape) < p"),
    ),
    mistake(
        (
            "one_draw_per_map",
            "Whole maps are dropped",
            "Dropping whole maps is a layer of its own (spatial dropout). Here each number is kept or dropped by "
            "itself.",
        ),
        (DRAW, "np.broadcast_to(rng.random(x.shape[:2] + (1,) * (x.ndim - 2)), x.shape) < p"),
    ),
    mistake(
        (
            "normal_draws",
            "The draws come from a normal distribution",
            "A number that is uniform between 0 and 1 is below p with probability p. A normal one is not: rand, not "
            "randn.",
        ),
        (MASK, "mask = (rng.standard_normal(x.shape) < p) / p"),
    ),
    mistake(INPUT_OVERWRITTEN, ("return x * mask, mask", "x *= mask\n    return x, mask")),
    mistake(
        (
            "parameters_changed",
            "dropout_param is changed",
            "The dictionary belongs to the caller and is used again: read it with [] or get, not with pop.",
        ),
        (SEEDED, 'dropout_param.pop("seed", None)'),
    ),
)

BACKWARD = "return dout.copy() if mask is None else dout * mask"

DROPOUT_BACKWARD_MISTAKES = (
    mistake(
        (
            "mask_missing",
            "dout is handed on as it is",
            "A number that was dropped had no effect on the loss: its gradient is 0. And one that was kept was "
            "multiplied by something.",
        ),
        (BACKWARD, "return dout.copy()"),
    ),
    mistake(
        (
            "scale_missing",
            "The gradient is not scaled",
            "In the forward pass a kept number was divided by p. The derivative of x / p is 1 / p.",
        ),
        (BACKWARD, "return dout.copy() if mask is None else dout * (mask > 0)"),
    ),
    mistake(
        (
            "scaled_without_mask",
            "The gradient is scaled, but nothing is dropped",
            "A number that was dropped had no effect on the loss: its gradient is 0.",
        ),
        (BACKWARD, "return dout.copy() if mask is None else dout * mask.max()"),
    ),
    mistake(
        (
            "scaled_twice",
            "The gradient is divided by p twice",
            "Does your mask hold the factor 1/p already?",
        ),
        (BACKWARD, "return dout.copy() if mask is None else dout * mask**2"),
    ),
    mistake(
        (
            "scaled_by_p",
            "The gradient is multiplied by p",
            "In the forward pass a kept number was divided by p. The derivative of x / p is 1 / p.",
        ),
        (BACKWARD, "return dout.copy() if mask is None else dout * (mask > 0) / mask.max()"),
    ),
    mistake(
        (
            "mask_drawn_again",
            "The backward pass draws a mask of its own",
            "The gradient must pass where the activation has passed: keep the mask in the cache.",
        ),
        (
            BACKWARD,
            "return dout.copy() if mask is None else dout * np.random.permutation(mask.ravel()).reshape(mask.shape)",
        ),
    ),
    mistake(
        (
            "mask_inverted",
            "The gradient passes where the activation was dropped",
            "A number that was dropped had no effect on the loss: its gradient is 0.",
        ),
        (BACKWARD, "return dout.copy() if mask is None else dout * (mask == 0)"),
    ),
    mistake(
        (
            "test_mode_forgotten",
            "In test mode there is no mask",
            "Who keeps no mask in test mode must not multiply by it: the gradient goes on as it is.",
        ),
        (BACKWARD, "return dout * mask"),
    ),
    mistake(
        SCALED_AT_TEST,
        (TEST, 'return x.copy(), dropout_param["p"]'),
        function="dropout_forward",
    ),
    mistake(
        INPUT_OVERWRITTEN,
        (BACKWARD, "if mask is not None:\n        dout *= mask\n    return dout"),
    ),
)


MISTAKES: dict[str, tuple[KnownMistake, ...]] = {
    "sigmoid_forward": SIGMOID_FORWARD_MISTAKES,
    "sigmoid_backward": SIGMOID_BACKWARD_MISTAKES,
    "softmax_loss": SOFTMAX_MISTAKES,
    "dropout_forward": DROPOUT_FORWARD_MISTAKES,
    "dropout_backward": DROPOUT_BACKWARD_MISTAKES,
}
"""By exercise. Those of the questions stand with the questions."""
