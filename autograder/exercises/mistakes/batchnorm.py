"""Known mistakes of notebook 03, batch normalization: each a small edit of the reference, with a title and a hint."""

from autograder.exercises.exercise import KnownMistake, Words, mistake
from autograder.exercises.mistakes import normalizing as words

__all__ = ["MISTAKES"]

# Texts that stand in batchnorm_forward.
SETTINGS = 'eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)'
BATCH = "mean, var = x.mean(axis=0), x.var(axis=0)"
NEW_MEAN = "momentum * running_mean + (1 - momentum) * mean"
NEW_VAR = "momentum * running_var + (1 - momentum) * var"
KEEP_MEAN = f'bn_param["running_mean"] = {NEW_MEAN}'
KEEP_VAR = f'bn_param["running_var"] = {NEW_VAR}'
STORED = "mean, var = running_mean, running_var"
STD = "std = np.sqrt(var + eps)"
X_HAT = "x_hat = (x - mean) / std"
OUT = "return gamma * x_hat + beta,"
IN_TRAINING = 'bn_param["mode"] == "train"'

MOMENTUM_REVERSED: Words = (
    "momentum_reversed",
    "Momentum is the other way round",
    "Momentum says how much of the old running value is kept: with 0.9 it moves slowly. (PyTorch calls one minus this "
    "its momentum.)",
)
NOT_KEPT: Words = (
    "running_not_written_back",
    "The running statistics are not written back",
    "The next call gets the same bn_param, and your local variables are gone by then. Where must the new values go?",
)
REPLACED: Words = (
    "running_replaced",
    "The running statistics are those of the last batch",
    "They are to be averages over many batches: keep a part of the old value, and take a part of the new one.",
)
RUNNING_MEAN_FIXED: Words = (
    "running_mean_never_updated",
    "The running mean is never updated",
    "There are two running statistics, and both move in every training step.",
)
RUNNING_VAR_FIXED: Words = (
    "running_var_never_updated",
    "The running variance is never updated",
    "There are two running statistics, and both move in every training step.",
)
START: Words = (
    "running_start",
    "The running statistics do not start from zero",
    "Where bn_param holds none yet, both running statistics begin as zeros.",
)
TEST_BATCH: Words = (
    "test_batch_statistics",
    "In test mode the batch's own statistics are used",
    "At test time an example must not depend on its neighbours: what was it that you kept in training for this?",
)
TEST_UPDATES: Words = (
    "test_updates_running",
    "Test mode changes the running statistics",
    "Nothing is learned at test time: bn_param is read only then.",
)
RUNNING_SHAPE: Words = (
    "running_shape",
    "The running statistics have the shape (1, D)",
    "One number for each feature: (D,). Did keepdims leave an axis standing?",
)
RUNNING_VAR_UNBIASED: Words = (
    "unbiased_running_variance",
    "The running variance divides by N − 1",
    "Here the same (biased) batch variance is used for both. PyTorch does divide by N − 1 in this one place; the "
    "correction has an exercise of its own.",
)
WHOLE_BATCH: Words = (
    "one_statistic_for_all",
    "One mean and one variance for all features together",
    "Each feature is normalized by itself: there are D means. Along which axis must be averaged?",
)
NO_MODE_ERROR: Words = (
    "error_missing",
    "An unknown mode is let through",
    "A typo in the mode should be noticed at once: raise a ValueError.",
)

FORWARD_MISTAKES = (
    mistake(
        ("unbiased_variance", "The variance divides by N − 1", "The variance is the mean of (x − μ)²: divide by N."),
        (BATCH, "mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)"),
    ),
    mistake(RUNNING_VAR_UNBIASED, (NEW_VAR, "momentum * running_var + (1 - momentum) * x.var(axis=0, ddof=1)")),
    mistake(
        RUNNING_VAR_UNBIASED,
        (NEW_VAR, "momentum * running_var + (1 - momentum) * var * len(x) / max(len(x) - 1, 1)"),
    ),
    mistake(
        MOMENTUM_REVERSED,
        (NEW_MEAN, "(1 - momentum) * running_mean + momentum * mean"),
        (NEW_VAR, "(1 - momentum) * running_var + momentum * var"),
    ),
    mistake(MOMENTUM_REVERSED, (NEW_VAR, "(1 - momentum) * running_var + momentum * var")),
    mistake(MOMENTUM_REVERSED, (NEW_MEAN, "(1 - momentum) * running_mean + momentum * mean")),
    mistake(NOT_KEPT, (KEEP_MEAN, f"running_mean = {NEW_MEAN}"), (KEEP_VAR, f"running_var = {NEW_VAR}")),
    mistake(REPLACED, (NEW_MEAN, "mean"), (NEW_VAR, "var")),
    mistake(REPLACED, (NEW_MEAN, "mean")),
    mistake(REPLACED, (NEW_VAR, "var")),
    mistake(RUNNING_MEAN_FIXED, (NEW_MEAN, "running_mean")),
    mistake(RUNNING_MEAN_FIXED, (KEEP_MEAN, "pass")),
    mistake(RUNNING_VAR_FIXED, (NEW_VAR, "running_var")),
    mistake(RUNNING_VAR_FIXED, (KEEP_VAR, "pass")),
    mistake(
        ("running_var_with_eps", "eps is kept in the running variance", "Keep σ² itself; eps comes in when dividing."),
        (NEW_VAR, "momentum * running_var + (1 - momentum) * (var + eps)"),
    ),
    mistake(
        (
            "running_standard_deviation",
            "The running variance averages standard deviations",
            "running_var averages variances; the root is taken when it is used.",
        ),
        (NEW_VAR, "momentum * running_var + (1 - momentum) * np.sqrt(var + eps)"),
    ),
    mistake(
        (
            "running_standard_deviation",
            "The running variance averages standard deviations",
            "running_var averages variances; the root is taken when it is used.",
        ),
        (NEW_VAR, "momentum * running_var + (1 - momentum) * np.sqrt(var)"),
    ),
    mistake(RUNNING_SHAPE, (BATCH, "mean, var = x.mean(axis=0, keepdims=True), x.var(axis=0, keepdims=True)")),
    mistake(
        (
            "running_not_averaged",
            "The running statistics add up",
            "The shares of old and new must add up to one, otherwise the statistics grow from step to step.",
        ),
        (NEW_MEAN, "running_mean + (1 - momentum) * mean"),
        (NEW_VAR, "running_var + (1 - momentum) * var"),
    ),
    mistake(START, ('"running_var", np.zeros(x.shape[1])', '"running_var", np.ones(x.shape[1])')),
    mistake(
        START,
        ('"running_mean", np.zeros(x.shape[1])', '"running_mean", x.mean(axis=0)'),
        ('"running_var", np.zeros(x.shape[1])', '"running_var", x.var(axis=0)'),
    ),
    mistake(words.EPS_MISSING, (STD, "std = np.sqrt(var)")),
    mistake(words.EPS_OUTSIDE, (STD, "std = np.sqrt(var) + eps")),
    mistake(
        words.EPS_HARD_CODED,
        (SETTINGS, 'eps, momentum = 1e-5, bn_param.get("momentum", 0.9)'),
    ),
    mistake(
        words.EPS_DEFAULT,
        ('"eps", 1e-5', '"eps", 1e-3'),
    ),
    mistake(
        ("momentum_hard_coded", "Momentum is a fixed number", "Take momentum from bn_param, where it is given there."),
        (SETTINGS, 'eps, momentum = bn_param.get("eps", 1e-5), 0.9'),
    ),
    mistake(
        (
            "test_without_gamma_beta",
            "Test mode leaves out gamma and beta",
            "The next layer has learned from outputs that were scaled and shifted. At test time it needs the same.",
        ),
        (OUT, f"return gamma * x_hat + beta if {IN_TRAINING} else x_hat,"),
    ),
    mistake(TEST_BATCH, (STORED, BATCH)),
    mistake(
        (
            "test_eps_outside_root",
            "In test mode eps is added after the square root",
            "Divide as in training: eps is added to the variance.",
        ),
        (STD, f"std = np.sqrt(var + eps) if {IN_TRAINING} else np.sqrt(var) + eps"),
    ),
    mistake(
        ("test_without_eps", "In test mode eps is left out", "Divide as in training: eps is added to the variance."),
        (STD, f"std = np.sqrt(var + eps) if {IN_TRAINING} else np.sqrt(var)"),
    ),
    mistake(
        (
            "test_divided_by_variance",
            "In test mode x is divided by the running variance",
            "running_var is a variance: take the root, as in training.",
        ),
        (STD, f"std = np.sqrt(var + eps) if {IN_TRAINING} else var + eps"),
    ),
    mistake(
        TEST_UPDATES,
        (
            STORED,
            f"{STORED}\n"
            '        bn_param["running_mean"] = momentum * mean + (1 - momentum) * x.mean(axis=0)\n'
            '        bn_param["running_var"] = momentum * var + (1 - momentum) * x.var(axis=0)',
        ),
    ),
    mistake(
        TEST_UPDATES,
        (
            STORED,
            'mean = bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * x.mean(axis=0)\n'
            '        var = bn_param["running_var"] = momentum * running_var + (1 - momentum) * x.var(axis=0)',
        ),
    ),
    mistake(
        (
            "train_running_statistics",
            "In training mode x is normalized by the running statistics",
            "In training each batch is normalized by its own mean and variance. The running ones are kept for later.",
        ),
        (STD, 'mean, var = bn_param.get("running_mean", mean), bn_param.get("running_var", var)\n    ' + STD),
    ),
    mistake(
        words.X_CHANGED,
        (X_HAT, "x -= mean\n    x_hat = x / std"),
    ),
    mistake(
        words.X_CHANGED,
        (X_HAT, "x -= mean\n    x /= std\n    x_hat = x"),
    ),
    mistake(
        (
            "statistics_per_example",
            "Mean and variance are taken over the features of an example",
            "A feature is compared with itself in other examples: average down the columns, over axis 0. (Over the "
            "features is another method, layer normalization.)",
        ),
        (BATCH, "mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)"),
    ),
    mistake(
        (
            "statistics_per_example",
            "Mean and variance are taken over the features of an example",
            "A feature is compared with itself in other examples: average down the columns, over axis 0. (Over the "
            "features is another method, layer normalization.)",
        ),
        (KEEP_VAR, f"{KEEP_VAR}\n        mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)"),
    ),
    mistake(words.STD_MISSING, (X_HAT, "x_hat = x - mean")),
    mistake(words.MULTIPLIED, (X_HAT, "x_hat = (x - mean) * std")),
    mistake(words.SHIFTED_FIRST, (OUT, "return gamma * (x_hat + beta),")),
    mistake(WHOLE_BATCH, (BATCH, "mean, var = x.mean(), x.var()")),
    mistake(WHOLE_BATCH, (BATCH, "mean, var = x.mean(axis=0), x.var()")),
    mistake(
        words.VARIANCE_AROUND_ZERO,
        (BATCH, "mean, var = x.mean(axis=0), (x**2).mean(axis=0)"),
    ),
    mistake(words.VARIANCE_FOR_STD, (STD, "std = var + eps")),
    mistake(
        words.EXCHANGED,
        (OUT, "return beta * x_hat + gamma,"),
    ),
    mistake(words.GAMMA_MISSING, (OUT, "return x_hat + beta,")),
    mistake(words.BETA_MISSING, (OUT, "return gamma * x_hat,")),
    mistake(
        words.BOTH_MISSING,
        (OUT, "return x_hat,"),
    ),
    mistake(
        words.MEAN_STAYS,
        (X_HAT, "x_hat = x / std"),
    ),
    mistake(NO_MODE_ERROR, ("raise ValueError(f\"mode is {bn_param['mode']!r}, expected 'train' or 'test'\")", STORED)),
    mistake(
        NO_MODE_ERROR,
        ("raise ValueError(f\"mode is {bn_param['mode']!r}, expected 'train' or 'test'\")", f"{BATCH}"),
    ),
    mistake(
        words.ANOTHER_ERROR,
        ("raise ValueError(", "raise KeyError("),
    ),
)

KEPT_AXIS: Words = (
    "gradients_keep_an_axis",
    "dgamma or dbeta has the shape (1, D)",
    "A gradient has the shape of what it belongs to, and gamma and beta are (D,). Did keepdims leave an axis standing?",
)
NOT_SUMMED: Words = (
    "not_summed",
    "dgamma or dbeta is not summed over the batch",
    "gamma and beta were used once for every example, and collect the gradients of all of them.",
)
DGAMMA_MATRIX: Words = (
    "dgamma_matrix",
    "dgamma is a matrix",
    "Feature d of gamma touches feature d of the output only: multiply number by number, then sum over the batch.",
)
NO_BATCH_SIZE: Words = (
    "batch_size_missing",
    "A division by N is missing",
    "Mean and variance divide by N. Going back through them does too, in both places.",
)
ONE_TOO_MANY: Words = (
    "one_batch_size_too_many",
    "The whole of dx is divided by N",
    "Only what came through the mean and the variance is divided by N. With N in front, dout must carry N too.",
)
GAMMA_TWICE: Words = (
    "gamma_twice",
    "gamma is in the sums as well as in front of them",
    "gamma comes in once, between out and x̂. Is dx̂ in your sums, or dout? The factor in front differs.",
)
MINUS_ONE: Words = (
    "unbiased_in_backward",
    "Divided by N − 1 where the forward pass divides by N",
    "The backward pass is the derivative of your forward pass, whose mean and variance divide by N.",
)
DGAMMA_CENTRED: Words = (
    "dgamma_not_normalized",
    "dgamma is computed with x − μ, not with the normalized x",
    "gamma multiplies the normalized x. That is what its gradient is made of.",
)
PER_EXAMPLE: Words = (
    "summed_over_features",
    "dgamma and dbeta are summed over the features",
    "There is one gamma for each feature: sum over the examples, axis 0.",
)
FEATURES_COUNTED: Words = (
    "features_for_examples",
    "The number of features is taken for the number of examples",
    "Mean and variance are over the N examples: dout has shape (N, D).",
)

ORDER = ", dgamma, dbeta"


def _parameter_mistakes(results: str) -> tuple[KnownMistake, ...]:
    """What goes wrong with dgamma and dbeta, and leaves dx as it is; `results` is the return line."""
    dx = results.removeprefix("return ").removesuffix(ORDER)

    def returned(dgamma: str, dbeta: str) -> tuple[str, str]:
        return results, f"return {dx}, {dgamma}, {dbeta}"

    return (
        mistake(KEPT_AXIS, returned("dgamma[None]", "dbeta[None]")),
        mistake(KEPT_AXIS, returned("dgamma[None]", "dbeta")),
        mistake(KEPT_AXIS, returned("dgamma", "dbeta[None]")),
        mistake(NOT_SUMMED, returned("dout * x_hat", "dbeta")),
        mistake(NOT_SUMMED, returned("dout * x_hat", "dout.copy()")),
        mistake(NOT_SUMMED, returned("dgamma", "dout.copy()")),
        mistake(words.GRADIENTS_AVERAGED, returned("dgamma / len(dout)", "dbeta / len(dout)")),
        mistake(DGAMMA_MATRIX, returned("x_hat.T @ dout", "dbeta")),
        mistake(DGAMMA_MATRIX, returned("dout.T @ x_hat", "dbeta")),
        mistake(words.GRADIENTS_EXCHANGED, returned("dbeta", "dgamma")),
        mistake(DGAMMA_CENTRED, returned("(dout * x_hat * std).sum(axis=0)", "dbeta")),
        mistake(words.DGAMMA_HOLDS_GAMMA, returned("dgamma * gamma", "dbeta")),
        mistake(PER_EXAMPLE, returned("(dout * x_hat).sum(axis=1)", "dout.sum(axis=1)")),
        mistake(
            ("dx_returned_last", "The gradients come in another order", "Return dx first, then dgamma, then dbeta."),
            (results, f"return dgamma, dbeta, {dx}"),
        ),
    )


THROUGH_VARIANCE = "dcentred = dx_hat / std + dvar * 2 * centred / N"
BACK = "return dcentred + dmean / N, dgamma, dbeta"
SCALED = "dx_hat = dout * gamma"
PATH_NOT_SUMMED: Words = (
    "path_not_summed",
    "What comes back to the mean, or to the variance, is not summed",
    "One mean and one variance serve all examples of the minibatch: their gradients are sums over it.",
)
VARIANCE_POWER: Words = (
    "variance_power",
    "The power of σ is wrong on the path through the variance",
    "The derivative of v to the power −1/2 is −1/2 times v to the power −3/2. What is that in terms of σ = √v?",
)
FACTOR_TWO: Words = (
    "factor_two",
    "A factor 2 is lost or too much on the path through the variance",
    "A square brings a factor 2, a root a factor 1/2. Write both down, in the places where they arise.",
)

BACKWARD_MISTAKES = (
    mistake(words.MEAN_PATH, (BACK, "return dcentred, dgamma, dbeta")),
    mistake(words.VARIANCE_PATH, (THROUGH_VARIANCE, "dcentred = dx_hat / std")),
    mistake(words.CONSTANTS, (BACK, "return dx_hat / std, dgamma, dbeta")),
    mistake(words.CONSTANTS, (BACK, "return dout / std, dgamma, dbeta")),
    mistake(
        (
            "dx_without_statistics",
            "dx is dout · γ alone",
            "Between x and the output stand a subtraction and a division.",
        ),
        (BACK, "return dx_hat, dgamma, dbeta"),
    ),
    mistake(words.NO_GAMMA_IN_DX, (SCALED, "dx_hat = dout")),
    mistake(words.VARIANCE_SIGN, ("* -0.5", "* 0.5")),
    mistake(VARIANCE_POWER, ("/ std**3", "/ std")),
    mistake(VARIANCE_POWER, (" / std**3", "")),
    mistake(
        (
            "std_missing_in_direct_path",
            "The direct path is not divided by σ",
            "The normalized x is the centred x divided by σ. On the way back its gradient is divided by the same σ.",
        ),
        (THROUGH_VARIANCE, "dcentred = dx_hat + dvar * 2 * centred / N"),
    ),
    mistake(PATH_NOT_SUMMED, ("dmean = -dcentred.sum(axis=0)", "dmean = -dcentred")),
    mistake(PATH_NOT_SUMMED, ("(dx_hat * centred).sum(axis=0) * -0.5", "dx_hat * centred * -0.5")),
    mistake(VARIANCE_POWER, ("/ std**3", "/ std**1.5")),
    mistake(VARIANCE_POWER, ("/ std**3", "/ std**2")),
    mistake(FACTOR_TWO, ("dvar * 2 * centred", "dvar * centred")),
    mistake(FACTOR_TWO, ("* -0.5", "* -1.0")),
    mistake(NO_BATCH_SIZE, ("2 * centred / N", "2 * centred")),
    mistake(NO_BATCH_SIZE, ("dmean / N", "dmean")),
    mistake(NO_BATCH_SIZE, ("2 * centred / N", "2 * centred"), ("dmean / N", "dmean")),
    mistake(ONE_TOO_MANY, (BACK, "return gamma / std / N * (dout - dbeta - x_hat * dgamma), dgamma, dbeta")),
    mistake(GAMMA_TWICE, (BACK, "return (dcentred + dmean / N) * gamma, dgamma, dbeta")),
    mistake(MINUS_ONE, ("2 * centred / N", "2 * centred / (N - 1)")),
    mistake(
        (
            "mean_sign",
            "The sign of the mean's gradient is wrong",
            "The mean is subtracted: what comes back to it comes with a minus.",
        ),
        ("dmean = -dcentred", "dmean = dcentred"),
    ),
    mistake(FEATURES_COUNTED, ("N = len(dout)", "N = dout.shape[1]")),
    mistake(words.DOUT_CHANGED, (SCALED, "dout *= gamma\n    dx_hat = dout")),
    mistake(
        (
            "eps_missing",
            "eps is left out in the backward pass",
            "The forward pass divided by √(σ² + eps). Its derivative divides by the same.",
        ),
        ("centred = x_hat * std", "centred = x_hat * std\n    std = np.sqrt((centred**2).mean(axis=0))"),
    ),
    *_parameter_mistakes(BACK),
)

FORMULA = "dx = gamma / std * (dout - (dbeta + x_hat * dgamma) / len(dout))"
RESULTS = "return dx, dgamma, dbeta"

ALT_MISTAKES = (
    mistake(words.MEAN_PATH, ("(dbeta + x_hat * dgamma)", "(x_hat * dgamma)")),
    mistake(words.VARIANCE_PATH, ("(dbeta + x_hat * dgamma)", "dbeta")),
    mistake(words.CONSTANTS, (FORMULA, "dx = gamma / std * dout")),
    mistake(words.CONSTANTS, (FORMULA, "dx = dout / std")),
    mistake(words.NO_GAMMA_IN_DX, ("dx = gamma / std *", "dx = 1 / std *")),
    mistake(NO_BATCH_SIZE, (" / len(dout)", "")),
    mistake(
        NO_BATCH_SIZE, ("(dout - (dbeta + x_hat * dgamma) / len(dout))", "(dout - dbeta - x_hat * dgamma / len(dout))")
    ),
    mistake(
        NO_BATCH_SIZE, ("(dout - (dbeta + x_hat * dgamma) / len(dout))", "(dout - dbeta / len(dout) - x_hat * dgamma)")
    ),
    mistake(
        ONE_TOO_MANY,
        (FORMULA, "dx = gamma / std * (dout - dbeta - x_hat * dgamma) / len(dout)"),
    ),
    mistake(ONE_TOO_MANY, (FORMULA, f"{FORMULA} / len(dout)")),
    mistake(GAMMA_TWICE, ("(dbeta + x_hat * dgamma)", "gamma * (dbeta + x_hat * dgamma)")),
    mistake(GAMMA_TWICE, (FORMULA, f"{FORMULA} * gamma")),
    mistake(MINUS_ONE, ("/ len(dout)", "/ (len(dout) - 1)")),
    mistake(FEATURES_COUNTED, ("/ len(dout)", "/ dout.shape[1]")),
    mistake(
        (
            "path_added",
            "The two further paths are added, not taken away",
            "Raising one x raises the mean, which lowers every output: those paths come with a minus.",
        ),
        ("(dout - (", "(dout + ("),
    ),
    mistake(
        (
            "normalized_x_missing",
            "A factor x̂ is missing on the path through the variance",
            "How much an example moves the variance depends on how far from the mean it lies.",
        ),
        ("x_hat * dgamma", "dgamma"),
    ),
    mistake(
        (
            "sums_exchanged_in_dx",
            "The two sums are exchanged in dx",
            "The path through the mean brings the sum of dout, the path through the variance the sum with x̂.",
        ),
        ("(dbeta + x_hat * dgamma)", "(dgamma + x_hat * dbeta)"),
    ),
    mistake(
        (
            "divided_by_variance",
            "dx is divided by the variance, not by its root",
            "The direct path is dout · γ / σ: one σ, not two.",
        ),
        ("gamma / std *", "gamma / std**2 *"),
    ),
    mistake(words.DOUT_CHANGED, (FORMULA, "dout -= (dbeta + x_hat * dgamma) / len(dout)\n    dx = gamma / std * dout")),
    *_parameter_mistakes(RESULTS),
)

FACTOR = "m / (m - 1) * "
MEAN_OF_MEANS = "np.mean([batch.mean(axis=0) for batch in batches], axis=0)"
MEAN_OF_VARS = "np.mean([batch.var(axis=0) for batch in batches], axis=0)"
BIASED: Words = (
    "biased",
    "The factor m / (m − 1) is missing",
    "A batch's variance is measured around the batch's own mean, and comes out too small on average.",
)
TOGETHER: Words = (
    "all_batches_together",
    "The variance is taken over all batches together",
    "The mean of the variances inside the batches is asked for. What lies between the batches is left out: in "
    "training, too, no batch saw another one's mean.",
)
ONE_BATCH: Words = (
    "one_batch_only",
    "Only one batch is used",
    "The statistics of a single batch are noisy. Average over all of them.",
)
FACTOR_REVERSED: Words = (
    "factor_upside_down",
    "The factor is upside down",
    "The batch variance is too small on average. Does your factor make it larger?",
)
MIXED: Words = (
    "features_mixed",
    "The features are averaged too",
    "Every feature has a mean and a variance of its own: the results have the shape (D,).",
)
SUMMED: Words = (
    "sum_for_mean",
    "The batches are summed, not averaged",
    "With twice as many batches of the same data the estimate should stay the same.",
)

POPULATION_MISTAKES = (
    mistake(BIASED, (FACTOR, "")),
    mistake(FACTOR_REVERSED, (FACTOR, "(m - 1) / m * ")),
    mistake(
        (
            "batches_counted",
            "m is taken as the number of batches",
            "m is the number of examples in a batch: it is inside a batch that one degree of freedom is lost.",
        ),
        ("m = len(batches[0])", "m = len(batches)"),
    ),
    mistake(
        (
            "examples_counted_in_all",
            "m is taken as the number of all examples together",
            "One degree of freedom is lost in every batch, because each was measured around its own mean.",
        ),
        ("m = len(batches[0])", "m = len(batches[0]) * len(batches)"),
    ),
    mistake(
        (
            "features_counted",
            "m is taken as the number of features",
            "m is the number of examples in a batch: a batch has the shape (m, D).",
        ),
        ("m = len(batches[0])", "m = batches[0].shape[1]"),
    ),
    mistake(TOGETHER, (FACTOR + MEAN_OF_VARS, "np.concatenate(batches).var(axis=0)")),
    mistake(TOGETHER, (FACTOR + MEAN_OF_VARS, "np.concatenate(batches).var(axis=0, ddof=1)")),
    mistake(TOGETHER, (MEAN_OF_VARS, "np.concatenate(batches).var(axis=0)")),
    mistake(
        (
            "corrected_twice",
            "The correction is made twice",
            "Either divide by m − 1, or multiply by m / (m − 1): both say the same.",
        ),
        ("batch.var(axis=0)", "batch.var(axis=0, ddof=1)"),
    ),
    mistake(ONE_BATCH, (MEAN_OF_MEANS, "batches[-1].mean(axis=0)"), (MEAN_OF_VARS, "batches[-1].var(axis=0)")),
    mistake(ONE_BATCH, (MEAN_OF_MEANS, "batches[0].mean(axis=0)"), (MEAN_OF_VARS, "batches[0].var(axis=0)")),
    mistake(ONE_BATCH, (MEAN_OF_VARS, "batches[0].var(axis=0)")),
    mistake(
        MIXED,
        (MEAN_OF_MEANS, "np.mean([batch.mean(axis=0) for batch in batches])"),
        (MEAN_OF_VARS, "np.mean([batch.var(axis=0) for batch in batches])"),
    ),
    mistake(SUMMED, (MEAN_OF_MEANS, MEAN_OF_MEANS.replace("np.mean", "np.sum"))),
    mistake(SUMMED, (MEAN_OF_VARS, MEAN_OF_VARS.replace("np.mean", "np.sum"))),
    mistake(
        SUMMED,
        (MEAN_OF_MEANS, MEAN_OF_MEANS.replace("np.mean", "np.sum")),
        (MEAN_OF_VARS, MEAN_OF_VARS.replace("np.mean", "np.sum")),
    ),
    mistake(
        (
            "standard_deviations",
            "Standard deviations are averaged, not variances",
            "The mean of the squares is not the square of the mean: average the variances themselves.",
        ),
        ("batch.var(axis=0)", "batch.std(axis=0)"),
    ),
    mistake(
        (
            "standard_deviations",
            "Standard deviations are averaged, not variances",
            "The mean of the squares is not the square of the mean: average the variances themselves.",
        ),
        (MEAN_OF_VARS, "np.mean([batch.std(axis=0) for batch in batches], axis=0) ** 2"),
    ),
    mistake(
        (
            "mean_corrected_too",
            "The mean is corrected too",
            "The mean of a batch is neither too large nor too small on average. Only the variance needs the factor.",
        ),
        ("mean = np.mean", "mean = m / (m - 1) * np.mean"),
    ),
    mistake(
        (
            "variance_of_the_means",
            "The variance of the batch means is taken",
            "How much batch means differ says how noisy they are. The spread of the examples themselves is asked for.",
        ),
        (MEAN_OF_VARS, "np.var([batch.mean(axis=0) for batch in batches], axis=0)"),
    ),
    mistake(
        ("exchanged", "Mean and variance are exchanged", "Return the mean first."),
        ("return mean, var", "return var, mean"),
    ),
    mistake(
        (
            "keeps_an_axis",
            "The results have the shape (1, D)",
            "One number for each feature: (D,). Did keepdims leave an axis standing?",
        ),
        ("return mean, var", "return mean[None], var[None]"),
    ),
)

FOLDED = "return w * scale, (b - mean) * scale + beta"
BIAS_NOT_SCALED: Words = (
    "bias_not_scaled",
    "The old bias is not scaled",
    "The bias goes through the normalization like everything else that comes out of the layer.",
)
BIAS_DROPPED: Words = (
    "bias_dropped",
    "The old bias is left out",
    "In test mode the bias does count: the running mean was measured after it. (Only in training it cancels.)",
)
MEAN_IGNORED: Words = ("mean_ignored", "The mean is left out", "Set x = 0 in the equation: what is left is b'.")

FOLD_MISTAKES = (
    mistake(words.EPS_MISSING, ("np.sqrt(var + eps)", "np.sqrt(var)")),
    mistake(words.EPS_OUTSIDE, ("np.sqrt(var + eps)", "(np.sqrt(var) + eps)")),
    mistake(words.VARIANCE_FOR_STD, ("np.sqrt(var + eps)", "(var + eps)")),
    mistake(words.GAMMA_MISSING, ("scale = gamma /", "scale = 1 /")),
    mistake(words.BETA_MISSING, (FOLDED, "return w * scale, (b - mean) * scale")),
    mistake(MEAN_IGNORED, (FOLDED, "return w * scale, b * scale + beta")),
    mistake(
        (
            "mean_not_scaled",
            "The mean is not scaled",
            "Set x = 0 in the equation: the mean stands inside the brackets, and is scaled with them.",
        ),
        (FOLDED, "return w * scale, b * scale - mean + beta"),
    ),
    mistake(BIAS_NOT_SCALED, (FOLDED, "return w * scale, b - mean * scale + beta")),
    mistake(BIAS_NOT_SCALED, (FOLDED, "return w * scale, b - mean + beta")),
    mistake(BIAS_DROPPED, (FOLDED, "return w * scale, beta - mean * scale")),
    mistake(
        (
            "bias_unchanged",
            "The bias is left as it was",
            "Set x = 0 in the equation: what is left is b'. Is it b?",
        ),
        (FOLDED, "return w * scale, b.copy()"),
    ),
    mistake(
        (
            "beta_scaled",
            "beta is scaled too",
            "beta is added last, after the division.",
        ),
        (FOLDED, "return w * scale, (b - mean + beta) * scale"),
    ),
    mistake(
        ("mean_added", "The mean is added", "The normalization takes the mean away."),
        (FOLDED, "return w * scale, (b + mean) * scale + beta"),
    ),
    mistake(
        (
            "weights_unchanged",
            "The weights are left as they were",
            "The normalization divides what x contributes, too, and scales it by gamma.",
        ),
        (FOLDED, "return w.copy(), (b - mean) * scale + beta"),
    ),
    mistake(
        (
            "rows_scaled",
            "The rows of w are scaled, not its columns",
            "Each of the M outputs has its own scale, and column number k of w makes output number k.",
        ),
        (FOLDED, "return w * scale[:, None], (b - mean) * scale + beta"),
    ),
    mistake(
        (
            "weights_overwritten",
            "w itself is overwritten",
            "w *= ... changes the caller's array: the network would be normalized twice. Make a new one.",
        ),
        (FOLDED, "w *= scale\n    return w, (b - mean) * scale + beta"),
    ),
    mistake(
        (
            "keeps_an_axis",
            "b' has the shape (1, M)",
            "A bias has the shape (M,).",
        ),
        (FOLDED, "return w * scale, ((b - mean) * scale + beta)[None]"),
    ),
)


def _wrong(answer: str, *wrong: tuple[str, str, str, str]) -> tuple[KnownMistake, ...]:
    """Wrong answers to a question, as (id, title, hint, code); `answer` is the code of the right one."""
    return tuple(
        KnownMistake(id, title, hint, ((f"return {answer}", f"return {code}"),)) for id, title, hint, code in wrong
    )


BY_HAND = "float(2 * (2.5 - mean) / np.sqrt(var + 1e-8) - 1)"

MISTAKES: dict[str, tuple[KnownMistake, ...]] = {
    "batchnorm_forward": FORWARD_MISTAKES,
    "batchnorm_backward": BACKWARD_MISTAKES,
    "batchnorm_backward_alt": ALT_MISTAKES,
    "population_statistics": POPULATION_MISTAKES,
    "fold_batchnorm": FOLD_MISTAKES,
    "normalized_by_hand": _wrong(
        BY_HAND,
        (
            "unbiased_variance",
            "The variance was divided by 4",
            "Divide by the number of examples, which is 5.",
            "float(2 * (2.5 - mean) / np.sqrt(var * 5 / 4 + 1e-8) - 1)",
        ),
        (
            "gamma_beta_missing",
            "That is before γ and β",
            "Scale it by γ, and shift it by β.",
            "float((2.5 - mean) / np.sqrt(var + 1e-8))",
        ),
        (
            "gamma_missing",
            "γ is missing",
            "Scale the normalized number by γ, before you shift it by β.",
            "float((2.5 - mean) / np.sqrt(var + 1e-8) - 1)",
        ),
        (
            "beta_missing",
            "β is missing",
            "At the end, shift it by β.",
            "float(2 * (2.5 - mean) / np.sqrt(var + 1e-8))",
        ),
        (
            "divided_by_variance",
            "Divided by the variance, not by its root",
            "Take the root of σ² + ε first.",
            "float(2 * (2.5 - mean) / (var + 1e-8) - 1)",
        ),
        (
            "too_few_digits",
            "Rounded too early",
            "Let Python do the arithmetic, and return the number as it is.",
            "1.56",
        ),
        (
            "too_few_digits",
            "Rounded too early",
            "Let Python do the arithmetic, and return the number as it is.",
            "1.563",
        ),
    ),
    "output_mean": _wrong(
        "-2",
        (
            "mean_before",
            "That is before the normalization",
            "The normalized x has mean 0, whatever x was. And then?",
            "10",
        ),
        (
            "normalized_mean",
            "That is before the shift",
            "The normalized x has mean 0. What is added to it?",
            "0",
        ),
        (
            "mean_carried_along",
            "The mean of x is gone",
            "The mean of x is taken away before γ and β come in.",
            "28",
        ),
        (
            "gamma_and_beta",
            "γ does not move the mean",
            "γ times a mean of 0 is 0.",
            "1",
        ),
    ),
    "output_standard_deviation": _wrong(
        "3",
        (
            "deviation_before",
            "That is before the normalization",
            "The normalized x has deviation 1, whatever x was. And then?",
            "5",
        ),
        (
            "deviation_carried_along",
            "The deviation of x is gone",
            "x is divided by its deviation before γ comes in.",
            "15",
        ),
        ("variance_given", "That is the variance", "Asked for is the standard deviation.", "9"),
        ("normalized_deviation", "That is before γ", "The normalized x has deviation 1. What multiplies it?", "1"),
        ("shift_counted", "A shift does not change a deviation", "β moves all outputs alike.", "-2"),
    ),
    "batchnorm_parameters": _wrong(
        "200",
        (
            "running_statistics_counted",
            "The running statistics are not learned",
            "They are measured. What does gradient descent change?",
            "400",
        ),
        ("gamma_only", "γ or β was forgotten", "There are a scale and a shift for each neuron.", "100"),
        ("one_pair", "Each neuron has its own", "Each of the 100 neurons is normalized by itself.", "2"),
        (
            "counted_like_an_affine_layer",
            "Neurons are not mixed",
            "Each neuron is normalized by itself: there is no matrix.",
            "10100",
        ),
    ),
    "gradient_of_the_bias": _wrong(
        "0",
        (
            "bias_without_normalization",
            "The batch mean contains b, too",
            "Add 1 to b: by how much does x w + b change, by how much its mean, and by how much the difference?",
            "1",
        ),
    ),
    "steps_to_ninety_percent": _wrong(
        "22",
        (
            "one_step_off",
            "One step too few",
            "After k steps what is missing is momentum to the power k. More than 90 % is asked for.",
            "21",
        ),
        (
            "one_step_too_many",
            "One step too many",
            "After one step it is at 10 %, after two at 19 %. Count in a loop.",
            "23",
        ),
        (
            "linear",
            "Not every step covers 10 % of the way",
            "Each step covers 10 % of what is left. The second one brings it to 19 %.",
            "9",
        ),
        (
            "linear",
            "Not every step covers 10 % of the way",
            "Each step covers 10 % of what is left. The second one brings it to 19 %.",
            "10",
        ),
        (
            "one_step",
            "Momentum is what is kept, not what is taken",
            "With momentum 0.9 a step takes 10 % of the new mean.",
            "1",
        ),
        (
            "one_step",
            "Momentum is what is kept, not what is taken",
            "With momentum 0.9 a step takes 10 % of the new mean.",
            "2",
        ),
    ),
}
"""By exercise."""
