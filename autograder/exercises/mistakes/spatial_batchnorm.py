"""Known mistakes of notebook 04, spatial batch normalization: small edits of the references.

What can go wrong in any batch normalization is worded as in notebook 03.
"""

from autograder.exercises.exercise import KnownMistake, Words, mistake
from autograder.exercises.mistakes import batchnorm as bn
from autograder.exercises.mistakes import normalizing as words

__all__ = ["MISTAKES"]

# Texts that stand in spatial_batchnorm_forward.
SETTINGS = 'eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)'
BATCH = "mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))"
NEW_MEAN = "momentum * running_mean + (1 - momentum) * mean"
NEW_VAR = "momentum * running_var + (1 - momentum) * var"
STORED = "mean, var = running_mean, running_var"
STD = "std = np.sqrt(var + eps)"
X_HAT = "x_hat = (x - mean[:, None, None]) / std[:, None, None]"
OUT = "out = gamma[:, None, None] * x_hat + beta[:, None, None]"
RETURN = "return out, (x_hat, std, gamma)"
RAISE = "raise ValueError(f\"mode is {bn_param['mode']!r}, expected 'train' or 'test'\")"
IN_TRAINING = 'bn_param["mode"] == "train"'

RESHAPED_ONLY: Words = (
    "reshaped_without_transpose",
    "x.reshape(-1, C) does not bring the channels of a pixel together",
    "In memory one whole map lies after the other. reshape only cuts that row of numbers into new lines: print "
    "np.arange(12).reshape(1, 3, 2, 2).reshape(-1, 3), and look for the numbers of one channel. The channels must "
    "first become the last axis.",
)
NOT_BROUGHT_BACK: Words = (
    "not_transposed_back",
    "The result is not brought back into the order of x",
    "You have rows of channels, pixel by pixel. On the way back say first what the axes are, (N, H, W, C), and then "
    "put C back into its place.",
)
PER_LOCATION: Words = (
    "statistics_per_location",
    "Every pixel has statistics of its own",
    "That is per-activation batch norm. All pixels of a channel are samples of the same feature, as one filter made "
    "them: average over them too.",
)
PER_IMAGE: Words = (
    "statistics_per_image",
    "Every image has statistics of its own",
    "A channel's mean is taken over all images of the minibatch and all their pixels together.",
)
ALL_CHANNELS: Words = (
    "one_statistic_for_all",
    "One mean and one variance for all channels together",
    "Each channel is normalized by itself: there are C means.",
)
RUNNING_SHAPE: Words = (
    "running_shape",
    "The running statistics have the shape (1, C, 1, 1)",
    "One number for each channel: (C,). Did keepdims leave axes standing?",
)
RUNNING_UNBIASED: Words = (
    "unbiased_running_variance",
    "The running variance divides by one less than there are samples",
    bn.RUNNING_VAR_UNBIASED[2],
)

STATISTICS_ALONG_WIDTH: Words = (
    "statistics_along_the_width",
    "Mean and variance run along the width, not along the channels",
    "NumPy lines shapes up from the last axis, and there W stands. Mean and variance need axes of length 1 after their "
    "channels.",
)

_LAST = "transpose(0, 2, 3, 1)"

FORWARD_MISTAKES = (
    mistake(STATISTICS_ALONG_WIDTH, (X_HAT, "x_hat = (x - mean) / std")),
    mistake(STATISTICS_ALONG_WIDTH, (X_HAT, "x_hat = (x - mean) / std"), (OUT, "out = gamma * x_hat + beta")),
    mistake(
        RESHAPED_ONLY,
        (BATCH, "mean, var = x.reshape(-1, C).mean(axis=0), x.reshape(-1, C).var(axis=0)"),
        (X_HAT, "x_hat = (x.reshape(-1, C) - mean) / std"),
        (OUT, "out = (gamma * x_hat + beta).reshape(x.shape)"),
    ),
    mistake(
        RESHAPED_ONLY,
        (BATCH, "mean, var = x.reshape(-1, C).mean(axis=0), x.reshape(-1, C).var(axis=0)"),
    ),
    mistake(NOT_BROUGHT_BACK, (RETURN, f"out = out.{_LAST}.reshape(x.shape)\n    {RETURN}")),
    mistake(
        NOT_BROUGHT_BACK,
        (
            RETURN,
            f"N, C, H, W = x.shape\n    out = out.{_LAST}.reshape(N, W, H, C).transpose(0, 3, 2, 1)\n    {RETURN}",
        ),
    ),
    mistake(NOT_BROUGHT_BACK, (RETURN, f"out = out.{_LAST}\n    {RETURN}")),
    mistake(
        PER_LOCATION,
        ('"running_mean", np.zeros(C)', '"running_mean", np.zeros(x.shape[1:])'),
        ('"running_var", np.zeros(C)', '"running_var", np.zeros(x.shape[1:])'),
        (BATCH, "mean, var = x.mean(axis=0), x.var(axis=0)"),
        (X_HAT, "x_hat = (x - mean) / std"),
    ),
    mistake(
        PER_LOCATION,
        (
            X_HAT,
            "mean, std = (a if a.ndim == 3 else a[:, None, None] for a in (mean, std))\n    x_hat = (x - mean) / std",
        ),
        (BATCH, "mean, var = x.mean(axis=0), x.var(axis=0)"),
        (NEW_MEAN, "momentum * running_mean + (1 - momentum) * mean.mean(axis=(1, 2))"),
        (NEW_VAR, "momentum * running_var + (1 - momentum) * var.mean(axis=(1, 2))"),
    ),
    mistake(
        PER_LOCATION,
        (X_HAT, f"x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) if {IN_TRAINING} else {X_HAT[8:]}"),
    ),
    mistake(
        PER_IMAGE,
        (BATCH, "mean, var = x.mean(axis=(2, 3)), x.var(axis=(2, 3))"),
        (X_HAT, "x_hat = (x - mean[..., None, None]) / std[..., None, None]"),
    ),
    mistake(
        PER_IMAGE,
        (
            "    C = x.shape[1]\n",
            "    if len(x) > 1:\n"
            "        outs = [spatial_batchnorm_forward(image[None], gamma, beta, bn_param)[0] for image in x]\n"
            "        return np.concatenate(outs), None\n"
            "    C = x.shape[1]\n",
        ),
    ),
    mistake(
        PER_IMAGE,
        (BATCH, "mean, var = x.mean(axis=(2, 3)), x.var(axis=(2, 3))"),
        (X_HAT, "x_hat = (x - mean[..., None, None]) / std[..., None, None]"),
        (NEW_MEAN, "momentum * running_mean + (1 - momentum) * mean.mean(axis=0)"),
        (NEW_VAR, "momentum * running_var + (1 - momentum) * var.mean(axis=0)"),
    ),
    mistake(ALL_CHANNELS, (BATCH, "mean, var = np.full(C, x.mean()), np.full(C, x.var())")),
    mistake(
        RUNNING_SHAPE,
        (
            'running_mean = bn_param.get("running_mean", np.zeros(C))',
            'running_mean = np.reshape(bn_param.get("running_mean", np.zeros(C)), (1, C, 1, 1))',
        ),
        (
            'running_var = bn_param.get("running_var", np.zeros(C))',
            'running_var = np.reshape(bn_param.get("running_var", np.zeros(C)), (1, C, 1, 1))',
        ),
        (BATCH, "mean, var = x.mean(axis=(0, 2, 3), keepdims=True), x.var(axis=(0, 2, 3), keepdims=True)"),
        (X_HAT, "x_hat = (x - mean) / std"),
    ),
    mistake(
        (
            "unbiased_variance",
            "The variance divides by one less than there are samples",
            "The variance is the mean of (x − μ)²: divide by N · H · W.",
        ),
        (BATCH, "mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3), ddof=1)"),
    ),
    mistake(RUNNING_UNBIASED, (NEW_VAR, "momentum * running_var + (1 - momentum) * x.var(axis=(0, 2, 3), ddof=1)")),
    mistake(
        bn.MOMENTUM_REVERSED,
        (NEW_MEAN, "(1 - momentum) * running_mean + momentum * mean"),
        (NEW_VAR, "(1 - momentum) * running_var + momentum * var"),
    ),
    mistake(
        bn.NOT_KEPT,
        (f'bn_param["running_mean"] = {NEW_MEAN}', f"running_mean = {NEW_MEAN}"),
        (f'bn_param["running_var"] = {NEW_VAR}', f"running_var = {NEW_VAR}"),
    ),
    mistake(bn.REPLACED, (NEW_MEAN, "mean"), (NEW_VAR, "var")),
    mistake(bn.RUNNING_MEAN_FIXED, (NEW_MEAN, "running_mean")),
    mistake(bn.RUNNING_VAR_FIXED, (NEW_VAR, "running_var")),
    mistake(bn.START, ('"running_var", np.zeros(C)', '"running_var", np.ones(C)')),
    mistake(
        ("running_var_with_eps", "eps is kept in the running variance", "Keep σ² itself; eps comes in when dividing."),
        (NEW_VAR, "momentum * running_var + (1 - momentum) * (var + eps)"),
    ),
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
    mistake(words.EPS_MISSING, (STD, "std = np.sqrt(var)")),
    mistake(words.EPS_OUTSIDE, (STD, "std = np.sqrt(var) + eps")),
    mistake(words.VARIANCE_FOR_STD, (STD, "std = var + eps")),
    mistake(bn.TEST_BATCH, (STORED, BATCH)),
    mistake(
        bn.TEST_UPDATES,
        (
            STORED,
            f"{STORED}\n"
            '        bn_param["running_mean"] = momentum * mean + (1 - momentum) * x.mean(axis=(0, 2, 3))\n'
            '        bn_param["running_var"] = momentum * var + (1 - momentum) * x.var(axis=(0, 2, 3))',
        ),
    ),
    mistake(
        (
            "test_without_gamma_beta",
            "Test mode leaves out gamma and beta",
            "The next layer has learned from outputs that were scaled and shifted. At test time it needs the same.",
        ),
        (OUT, f"{OUT} if {IN_TRAINING} else x_hat"),
    ),
    mistake(words.GAMMA_MISSING, (OUT, "out = x_hat + beta[:, None, None]")),
    mistake(words.BETA_MISSING, (OUT, "out = gamma[:, None, None] * x_hat")),
    mistake(words.SHIFTED_FIRST, (OUT, "out = gamma[:, None, None] * (x_hat + beta[:, None, None])")),
    mistake(words.ALONG_WIDTH, (OUT, "out = gamma * x_hat + beta")),
    mistake(words.X_CHANGED, (X_HAT, "x -= mean[:, None, None]\n    x_hat = x / std[:, None, None]")),
    mistake(bn.NO_MODE_ERROR, (RAISE, STORED)),
    mistake(bn.NO_MODE_ERROR, (RAISE, BATCH)),
    mistake(
        words.ANOTHER_ERROR,
        ("raise ValueError(", "raise KeyError("),
    ),
)

# Texts that stand in spatial_batchnorm_backward.
SAMPLES = "samples = dout.size // len(gamma)"
MEANS = "shift, stretch = dbeta[:, None, None] / samples, dgamma[:, None, None] / samples"
DX = "dx = (gamma / std)[:, None, None] * (dout - shift - x_hat * stretch)"
BACK = "return dx, dgamma, dbeta"

COUNT: Words = (
    "wrong_number_of_samples",
    "Divided by the wrong number of samples",
    "The mean of a channel is taken over all images and all their pixels: how many numbers are that?",
)
SUMS: Words = (
    "not_summed",
    "dgamma and dbeta are not summed over all samples",
    "One gamma serves all images and all pixels of its channel, and collects the gradients of all of them.",
)
KEPT_AXES: Words = (
    "gradients_keep_axes",
    "dgamma and dbeta have the shape (1, C, 1, 1)",
    "A gradient has the shape of what it belongs to, and gamma and beta are (C,).",
)

BACKWARD_MISTAKES = (
    mistake(COUNT, (SAMPLES, "samples = len(dout)")),
    mistake(COUNT, (SAMPLES, "samples = dout.shape[2] * dout.shape[3]")),
    mistake(COUNT, (SAMPLES, "samples = dout.size")),
    mistake(COUNT, (SAMPLES, "samples = 1")),
    mistake(
        (
            "all_divided_by_the_samples",
            "The whole of dx is divided by the number of samples",
            "Only what came through the mean and the variance is divided by it. With that factor in front, dout must "
            "carry the number itself.",
        ),
        (MEANS, "shift, stretch = dbeta[:, None, None], dgamma[:, None, None]"),
        (DX, f"{DX} / samples"),
    ),
    mistake(
        bn.GAMMA_TWICE,
        (DX, "dx = (gamma / std)[:, None, None] * (dout - gamma[:, None, None] * (shift + x_hat * stretch))"),
    ),
    mistake(
        RESHAPED_ONLY,
        (
            BACK,
            "C = len(gamma)\n    return dx, (dout * x_hat).reshape(-1, C).sum(axis=0), dout.reshape(-1, C).sum(axis=0)",
        ),
    ),
    mistake(
        RESHAPED_ONLY,
        (
            "dbeta = dout.sum(axis=(0, 2, 3))",
            "C, shape = len(gamma), dout.shape\n"
            f"    dout, x_hat = dout.reshape(-1, C), x_hat.{_LAST}.reshape(-1, C)\n    dbeta = dout.sum(axis=0)",
        ),
        ("dgamma = (dout * x_hat).sum(axis=(0, 2, 3))", "dgamma = (dout * x_hat).sum(axis=0)"),
        (MEANS, "shift, stretch = dbeta / samples, dgamma / samples"),
        (DX, "dx = (gamma / std * (dout - shift - x_hat * stretch)).reshape(shape)"),
    ),
    mistake(NOT_BROUGHT_BACK, (BACK, f"return dx.{_LAST}.reshape(dout.shape), dgamma, dbeta")),
    mistake(
        NOT_BROUGHT_BACK,
        (BACK, f"N, C, H, W = dout.shape\n    dx = dx.{_LAST}.reshape(N, W, H, C).transpose(0, 3, 2, 1)\n    {BACK}"),
    ),
    mistake(NOT_BROUGHT_BACK, (BACK, f"return dx.{_LAST}, dgamma, dbeta")),
    mistake(
        PER_IMAGE,
        (
            MEANS,
            "shift = dout.mean(axis=(2, 3), keepdims=True)\n"
            "    stretch = (dout * x_hat).mean(axis=(2, 3), keepdims=True)",
        ),
    ),
    mistake(PER_LOCATION, (MEANS, "shift, stretch = dout.mean(axis=0), (dout * x_hat).mean(axis=0)")),
    mistake(SUMS, (BACK, "return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)")),
    mistake(SUMS, (BACK, "return dx, (dout * x_hat).sum(axis=(2, 3)), dout.sum(axis=(2, 3))")),
    mistake(KEPT_AXES, (BACK, "return dx, dgamma.reshape(1, -1, 1, 1), dbeta.reshape(1, -1, 1, 1)")),
    mistake(
        words.GRADIENTS_AVERAGED,
        (BACK, "return dx, dgamma / samples, dbeta / samples"),
    ),
    mistake(
        words.DGAMMA_WITHOUT_X_HAT,
        (BACK, "return dx, dbeta, dbeta"),
    ),
    mistake(
        ("gradients_exchanged", "dgamma and dbeta are exchanged", "The order is dx, dgamma, dbeta."),
        (BACK, "return dx, dbeta, dgamma"),
    ),
    mistake(
        (
            "mean_path_missing",
            "The path through the mean is missing in dx",
            "Raise one x a little: the mean of its channel rises too, and all other outputs fall a little.",
        ),
        (DX, "dx = (gamma / std)[:, None, None] * (dout - x_hat * stretch)"),
    ),
    mistake(
        (
            "variance_path_missing",
            "The path through the variance is missing in dx",
            "Raise one x a little: the variance of its channel changes too, and with it all outputs.",
        ),
        (DX, "dx = (gamma / std)[:, None, None] * (dout - shift)"),
    ),
    mistake(
        (
            "only_the_direct_way",
            "Mean and variance are taken as constants in dx",
            "Both depend on x, and each sends a gradient back to it. Three paths lead from x to the output.",
        ),
        (DX, "dx = (gamma / std)[:, None, None] * dout"),
    ),
    mistake(
        ("gamma_missing_in_dx", "dx is computed without gamma", "On its way back the gradient first passes gamma."),
        (DX, "dx = (dout - shift - x_hat * stretch) / std[:, None, None]"),
    ),
    mistake(
        (
            "std_missing_in_dx",
            "dx is not divided by the standard deviation",
            "A channel with a large spread was divided by much: a small change of its x changes the output by little.",
        ),
        (DX, "dx = gamma[:, None, None] * (dout - shift - x_hat * stretch)"),
    ),
    mistake(
        (
            "dout_overwritten",
            "dout itself is overwritten",
            "dout -= ... changes the caller's array: give the difference a name of its own.",
        ),
        (DX, "dout -= shift + x_hat * stretch\n    dx = (gamma / std)[:, None, None] * dout"),
    ),
)

PER_CHANNEL = "(1 if per_channel else height * width)"

COUNT_MISTAKES = (
    mistake(
        ("betas_forgotten", "Only the gammas are counted", "Every gamma has a beta beside it."),
        (f"2 * channels * {PER_CHANNEL}", f"channels * {PER_CHANNEL}"),
    ),
    mistake(
        (
            "running_statistics_counted",
            "The running statistics are counted too",
            "Running mean and variance are measured, not learned: no gradient reaches them.",
        ),
        (f"2 * channels * {PER_CHANNEL}", f"4 * channels * {PER_CHANNEL}"),
    ),
    mistake(
        (
            "the_other_kind",
            "Per channel and per activation are exchanged",
            "per_channel=True is spatial batch norm: all pixels of a channel share one gamma.",
        ),
        ("if per_channel else", "if not per_channel else"),
    ),
    mistake(
        (
            "always_per_activation",
            "per_channel makes no difference",
            "In spatial batch norm all pixels of a channel share one gamma and one beta.",
        ),
        (PER_CHANNEL, "height * width"),
    ),
    mistake(
        (
            "always_per_channel",
            "The pixels are not counted",
            "Per activation means: a gamma and a beta for every pixel of every channel.",
        ),
        (PER_CHANNEL, "1"),
    ),
    mistake(
        (
            "channels_forgotten",
            "The channels are not counted",
            "An activation is one pixel of one channel.",
        ),
        (f"2 * channels * {PER_CHANNEL}", "2 * (channels if per_channel else height * width)"),
    ),
)

NO_BATCH: Words = (
    "minibatch_counted",
    "The minibatch has no part in it",
    "Would the layer learn more parameters if you gave it more images at once?",
)
ONE_OF_TWO: Words = ("betas_forgotten", "Gammas and betas are asked for", "Every gamma has a beta beside it.")
EACH_MAP: Words = (
    "maps_counted",
    "Each map has a mean of its own",
    "One mean is asked for, and it belongs to one channel.",
)


def _answers(right: int, *wrong: tuple[Words, int]) -> tuple[KnownMistake, ...]:
    return tuple(mistake(words, (f"    return {right}", f"    return {answer}")) for words, answer in wrong)


MISTAKES: dict[str, tuple[KnownMistake, ...]] = {
    "spatial_batchnorm_forward": FORWARD_MISTAKES,
    "spatial_batchnorm_backward": BACKWARD_MISTAKES,
    "batchnorm_parameter_count": COUNT_MISTAKES,
    "parameters_per_activation": _answers(20480, (NO_BATCH, 163840), (ONE_OF_TWO, 10240), (NO_BATCH, 81920)),
    "parameters_per_channel": _answers(20, (NO_BATCH, 160), (ONE_OF_TWO, 10), (NO_BATCH, 80)),
    "samples_per_channel": _answers(
        8192,
        (EACH_MAP, 81920),
        (
            (
                "pixels_of_one_image",
                "All images of the minibatch share the mean",
                "Every pixel of every image.",
            ),
            1024,
        ),
        (("images_only", "The pixels are samples too", "Every pixel of every image."), 8),
    ),
}
"""By exercise."""
