"""Known mistakes of notebook 05, layer, instance and group normalization: small edits of the references.

The three layers are one formula over different axes, so that most mistakes can be made in each of them. `_Texts` holds
how a layer's reference says a thing.
"""

from dataclasses import dataclass

from autograder.exercises.exercise import KnownMistake, mistake
from autograder.exercises.mistakes import normalizing as words

__all__ = ["MISTAKES"]
Edit = tuple[str, str]


@dataclass(frozen=True)
class _Texts:
    """Texts that stand once in a layer's reference."""

    param: str
    x: str  # what is averaged
    axis: str  # over which axes
    gamma: str
    beta: str
    x_hat: str  # as it is scaled
    channels: str  # the axes over which dgamma and dbeta are summed
    keepdims: str = ""

    @property
    def mean(self) -> str:
        return f"{self.x}.mean(axis={self.axis}, keepdims=True)"

    @property
    def var(self) -> str:
        return f"np.mean(centred**2, axis={self.axis}, keepdims=True)"

    @property
    def scaled(self) -> str:
        return f"{self.gamma} * {self.x_hat} + {self.beta}"

    @property
    def shift(self) -> str:
        return f"dx_hat.mean(axis={self.axis}, keepdims=True)"

    @property
    def stretch(self) -> str:
        return f"np.mean(dx_hat * x_hat, axis={self.axis}, keepdims=True)"

    def forward_over(self, axis: str) -> tuple[Edit, Edit]:
        """Mean and variance over other axes."""
        return (
            (self.mean, f"{self.x}.mean(axis={axis}, keepdims=True)"),
            (self.var, f"np.mean(centred**2, axis={axis}, keepdims=True)"),
        )

    def backward_over(self, axis: str) -> tuple[Edit, Edit]:
        """The two means of the backward pass over other axes."""
        return (
            (self.shift, f"dx_hat.mean(axis={axis}, keepdims=True)"),
            (self.stretch, f"np.mean(dx_hat * x_hat, axis={axis}, keepdims=True)"),
        )


LAYER = _Texts("ln_param", "x", "1", "gamma", "beta", "x_hat", "0")
INSTANCE = _Texts("in_param", "x", "(2, 3)", "gamma[:, None, None]", "beta[:, None, None]", "x_hat", "(0, 2, 3)")
GROUP = _Texts("gn_param", "groups", "2", "gamma", "beta", "x_hat.reshape(x.shape)", "(0, 2, 3)", ", keepdims=True")

DX = "dx = rstd * (dx_hat - shift - x_hat * stretch)"

# --- forward: words ---

UNBIASED = (
    "divides_by_n_minus_1",
    "The variance is divided by one less than there are numbers",
    "All normalizations of this course take the biased variance: the sum of squares divided by how many numbers there "
    "are. Compute it by hand for (1, 1, 5, 5).",
)
EPS_REQUIRED = (
    "eps_has_no_default",
    "Fails where eps is not given",
    "The dictionary may be empty: dict.get has a second argument.",
)
VARIANCE_NOT_DIVIDED = (
    "variance_not_divided",
    "The squares are added, but not divided by their number",
    "The variance is a mean.",
)
MODE_LEAKS = (
    "mode_leaks_in",
    "A 'mode' in the parameters has an effect",
    "An example is normalized by its own statistics in training and in testing alike: there is nothing to look up, so "
    "a mode that was meant for another layer must change nothing.",
)
MODE_REQUIRED = (
    "mode_is_required",
    "Fails where 'mode' is not given",
    "This layer knows no mode, and its parameters hold none.",
)
PARAM_CHANGED = (
    "parameters_changed",
    "The caller's dictionary was changed",
    "A value was written over that the caller had put there. To hand on other settings, make a copy: dict(...).",
)


def _forward_mistakes(t: _Texts) -> tuple[KnownMistake, ...]:
    """What goes wrong in any of the three forward passes."""
    is_test = f"{t.param}.get('mode') == 'test'"
    return (
        mistake(UNBIASED, (t.var, f"np.var({t.x}, axis={t.axis}, keepdims=True, ddof=1)")),
        mistake(words.EPS_OUTSIDE, (f"np.sqrt({t.var} + eps)", f"(np.sqrt({t.var}) + eps)")),
        mistake(words.EPS_MISSING, (f"{t.var} + eps", t.var)),
        mistake(words.EPS_HARD_CODED, (f'{t.param}.get("eps", 1e-5)', "1e-5")),
        mistake(words.EPS_HARD_CODED, (f'{t.param}.get("eps", 1e-5)', "1e-8")),
        mistake(words.EPS_DEFAULT, (f'{t.param}.get("eps", 1e-5)', f'{t.param}.get("eps", 1e-8)')),
        mistake(words.EPS_DEFAULT, (f'{t.param}.get("eps", 1e-5)', f'{t.param}.get("eps", 1e-3)')),
        mistake(words.EPS_DEFAULT, (f'{t.param}.get("eps", 1e-5)', f'{t.param}.get("eps", 0)')),
        mistake(EPS_REQUIRED, (f'{t.param}.get("eps", 1e-5)', f'{t.param}["eps"]')),
        mistake(words.VARIANCE_FOR_STD, (f"np.sqrt({t.var} + eps)", f"({t.var} + eps)")),
        mistake(words.STD_MISSING, ("x_hat = centred * rstd", "x_hat = centred")),
        mistake(words.MULTIPLIED, ("x_hat = centred * rstd", "x_hat = centred / rstd")),
        mistake(words.MEAN_STAYS, ("x_hat = centred * rstd", f"x_hat = {t.x} * rstd")),
        mistake(words.MEAN_STAYS, (f"centred = {t.x} - {t.mean}", f"centred = 1.0 * {t.x}")),
        mistake(words.VARIANCE_AROUND_ZERO, ("centred**2", f"{t.x}**2")),
        mistake(VARIANCE_NOT_DIVIDED, ("np.mean(", "np.sum(")),
        mistake(words.GAMMA_MISSING, (t.scaled, f"{t.x_hat} + {t.beta}")),
        mistake(words.BETA_MISSING, (t.scaled, f"{t.gamma} * {t.x_hat}")),
        mistake(words.BOTH_MISSING, (t.scaled, t.x_hat)),
        mistake(words.EXCHANGED, (t.scaled, f"{t.beta} * {t.x_hat} + {t.gamma}")),
        mistake(words.SHIFTED_FIRST, (t.scaled, f"{t.gamma} * ({t.x_hat} + {t.beta})")),
        mistake(words.X_CHANGED, (f"centred = {t.x} - {t.mean}", f"{t.x} -= {t.mean}\n    centred = {t.x}")),
        mistake(
            MODE_LEAKS,
            (t.mean, f"(0 if {is_test} else {t.mean})"),
            (t.var, f"(0 if {is_test} else {t.var})"),
        ),
        mistake(MODE_REQUIRED, ("    x_hat = centred", f'    {t.param}["mode"]\n    x_hat = centred')),
        mistake(PARAM_CHANGED, ("    x_hat = centred", f'    {t.param}["mode"] = "train"\n    x_hat = centred')),
        mistake(PARAM_CHANGED, ("    x_hat = centred", f'    {t.param}.pop("mode", None)\n    x_hat = centred')),
    )


OVER_EVERYTHING = (
    "over_everything",
    "One mean is taken of the whole minibatch",
    "How many means should there be? Each example has its own, whatever else is in the minibatch.",
)
PER_PIXEL = (
    "per_pixel",
    "Every pixel is normalized by itself, over the channels",
    "A map's mean is taken over its pixels. Draw which numbers go into one mean: they must fill whole maps.",
)
OVER_BATCH = (
    "over_the_minibatch_too",
    "The images of the minibatch are averaged together",
    "That is batch normalization. Here an image must come out the same, whatever else is in its minibatch.",
)
OVER_CHANNELS = (
    "over_the_channels_too",
    "All channels of an image share one mean",
    "That is layer normalization. Count the means: here there are more of them than images.",
)
ONE_AXIS = (
    "over_one_axis_of_the_map",
    "Each row or column of a map has a mean of its own",
    "A map has H times W pixels, and all of them go into the same mean.",
)

AXIS_0 = (
    "over_axis_0",
    "The mean is taken over the examples, not over the features",
    "That is batch normalization. Here an example must come out the same, whatever else is in its minibatch: which "
    "axis holds its features?",
)

LAYER_FORWARD_MISTAKES = (
    *_forward_mistakes(LAYER),
    mistake(
        AXIS_0,
        *LAYER.forward_over("0"),
    ),
    mistake(OVER_EVERYTHING, *LAYER.forward_over("(0, 1)")),
    mistake(
        AXIS_0,
        LAYER.forward_over("0")[0],
    ),
)


INSTANCE_FORWARD_MISTAKES = (
    *_forward_mistakes(INSTANCE),
    mistake(OVER_BATCH, *INSTANCE.forward_over("(0, 2, 3)")),
    mistake(OVER_CHANNELS, *INSTANCE.forward_over("(1, 2, 3)")),
    mistake(PER_PIXEL, *INSTANCE.forward_over("1")),
    mistake(ONE_AXIS, *INSTANCE.forward_over("2")),
    mistake(ONE_AXIS, *INSTANCE.forward_over("3")),
    mistake(OVER_EVERYTHING, *INSTANCE.forward_over("(0, 1, 2, 3)")),
    mistake(words.ALONG_WIDTH, (INSTANCE.scaled, "gamma * x_hat + beta")),
)

SPLIT = "x.reshape(N, G, C // G * H * W)"
INTERLEAVED = (
    "groups_interleaved",
    "The groups are interleaved",
    "Neighbouring channels belong together: with 6 channels and G = 2 the groups are 0, 1, 2 and 3, 4, 5, not 0, 2, 4 "
    "and 1, 3, 5. Which axis comes first when you reshape?",
)
G_IS_SIZE = (
    "g_taken_as_group_size",
    "G is taken for the number of channels in a group",
    "G says how many groups there are. Each holds C / G channels.",
)

SQUEEZED = (
    "squeezed_away",
    "Axes of length 1 are lost",
    "squeeze takes away every axis of length 1: with G = 1, or a single image, one that you count on.",
)

GROUP_FORWARD_MISTAKES = (
    *_forward_mistakes(GROUP),
    mistake(PER_PIXEL, (SPLIT, "x.reshape(N, G, C // G, H, W)")),
    mistake(
        INTERLEAVED,
        (SPLIT, "x.reshape(N, C // G, G, H * W).swapaxes(1, 2).reshape(N, G, -1)"),
        ("x_hat = centred * rstd", "x_hat = (centred * rstd).reshape(N, G, C // G, H * W).swapaxes(1, 2)"),
    ),
    mistake(
        (
            "groups_not_put_back",
            "The channels come out in another order than they went in",
            "If you exchange axes to bring the groups together, exchange them back before you reshape to (N, C, H, W).",
        ),
        (SPLIT, "x.reshape(N, C // G, G, H * W).swapaxes(1, 2).reshape(N, G, -1)"),
    ),
    mistake(G_IS_SIZE, (SPLIT, "x.reshape(N, C // G, G * H * W)")),
    mistake(OVER_BATCH, *GROUP.forward_over("(0, 2)")),
    mistake(OVER_CHANNELS, *GROUP.forward_over("(1, 2)")),
    mistake(
        (
            "every_channel_by_itself",
            "Every channel has a mean of its own",
            "That is instance normalization, which is right for G = C only: the channels of a group share one mean.",
        ),
        (SPLIT, "x.reshape(N, C, H * W)"),
    ),
    mistake(OVER_EVERYTHING, *GROUP.forward_over("(0, 1, 2)")),
    mistake(
        (
            "gamma_indexed_again",
            "gamma gets further axes although it has them",
            "gamma already has the shape (1, C, 1, 1) and lines up with x. How many axes has your result?",
        ),
        (GROUP.scaled, "gamma[None, :, None, None] * x_hat.reshape(x.shape) + beta[None, :, None, None]"),
    ),
    mistake(
        SQUEEZED,
        (SPLIT, f"{SPLIT}.squeeze()"),
    ),
    mistake(
        SQUEEZED,
        ("return gamma * x_hat.reshape(x.shape) + beta,", "return (gamma * x_hat.reshape(x.shape) + beta).squeeze(),"),
    ),
    mistake(
        (
            "error_missing",
            "A G that does not divide C is let through",
            "6 channels cannot be split into 4 groups of equal size. reshape does not always notice, because it counts "
            "pixels too: ask first, and raise a ValueError.",
        ),
        ("    if C % G:\n", "    if False:\n"),
        (SPLIT, "x.reshape(N, G, -1)"),
    ),
    mistake(
        words.ANOTHER_ERROR,
        ("raise ValueError(", "raise AssertionError("),
    ),
)

# --- backward: words ---

GAMMA_TAKEN_OUT = (
    "gamma_taken_out_of_the_means",
    "gamma is multiplied at the very end",
    "In batch normalization all numbers that share a mean share gamma too, and it may be taken out. Here one mean runs "
    "over numbers with different gammas: multiply before you average.",
)
STD_MISSING = (
    "standard_deviation_missing_in_dx",
    "dx is not divided by the standard deviation",
    "An example with a large spread was divided by much: a small change of its x changes the output by little.",
)
PATHS_NOT_DIVIDED = (
    "sums_for_means_in_dx",
    "The ways over mean and variance are not divided by how many numbers share them",
    "Raise one x by h: by how much does a mean of m numbers rise?",
)
DX_ZERO = (
    "dx_left_zero",
    "dx is 0 everywhere",
    "An array of zeros has been made, and nothing written into it.",
)


def _backward_mistakes(t: _Texts, gamma_may_leave: bool) -> tuple[KnownMistake, ...]:
    """What goes wrong in any of the three backward passes."""
    x_hat = "x_hat.reshape(dout.shape)" if t is GROUP else "x_hat"
    dgamma = f"np.sum(dout * {x_hat}, axis={t.channels}{t.keepdims})"
    dbeta = f"np.sum(dout, axis={t.channels}{t.keepdims})"
    dx_hat = "(dout * gamma).reshape(x_hat.shape)" if t is GROUP else f"dout * {t.gamma}"
    without_gamma = "dout.reshape(x_hat.shape)" if t is GROUP else "dout"
    name = "dgamma" if t is GROUP else dgamma
    dx = "dx.reshape(dout.shape)" if t is GROUP else "dx"
    taken_out = (
        ()
        if gamma_may_leave
        else (
            mistake(
                GAMMA_TAKEN_OUT,
                (f"dx_hat = {dx_hat}", f"dx_hat = {without_gamma}"),
                (f"return {dx},", f"return {t.gamma} * {dx},"),
            ),
        )
    )
    return (
        mistake(words.MEAN_PATH, (DX, "dx = rstd * (dx_hat - x_hat * stretch)")),
        mistake(words.VARIANCE_PATH, (DX, "dx = rstd * (dx_hat - shift)")),
        mistake(words.CONSTANTS, (DX, "dx = rstd * dx_hat")),
        mistake(words.NO_GAMMA_IN_DX, (f"dx_hat = {dx_hat}", f"dx_hat = {without_gamma}")),
        *taken_out,
        mistake(STD_MISSING, (DX, "dx = dx_hat - shift - x_hat * stretch")),
        mistake(
            PATHS_NOT_DIVIDED,
            (t.shift, t.shift.replace("mean", "sum")),
            (t.stretch, t.stretch.replace("mean", "sum")),
        ),
        mistake(words.VARIANCE_SIGN, (DX, "dx = rstd * (dx_hat - shift + x_hat * stretch)")),
        mistake(
            words.GRADIENTS_AVERAGED,
            (dgamma, dgamma.replace("np.sum", "np.mean")),
            (dbeta, dbeta.replace("np.sum", "np.mean")),
        ),
        mistake(words.DGAMMA_WITHOUT_X_HAT, (f"np.sum(dout * {x_hat}", "np.sum(dout")),
        mistake(words.DGAMMA_HOLDS_GAMMA, (f"np.sum(dout * {x_hat}", f"np.sum(dout * {t.gamma} * {x_hat}")),
        mistake(words.GRADIENTS_EXCHANGED, (f"{dx}, {name}, {dbeta}", f"{dx}, {dbeta}, {name}")),
        mistake(words.DOUT_CHANGED, (f"dx_hat = {dx_hat}", f"dout *= {t.gamma}\n    dx_hat = {without_gamma}")),
        mistake(DX_ZERO, (DX, "dx = 0 * dx_hat")),
    )


KEPT_AXIS = (
    "parameter_gradients_keep_an_axis",
    "dgamma and dbeta keep an axis of length 1",
    "A gradient has the shape of what it belongs to: gamma has one axis.",
)
SUMMED_OVER_FEATURES = (
    "parameter_gradients_summed_over_features",
    "dgamma and dbeta are summed over the features, not over the examples",
    "Every feature has a gamma of its own, and all examples share it. Along which axis do you add, so that as many "
    "numbers are left as gamma has?",
)

LAYER_BACKWARD_MISTAKES = (
    *_backward_mistakes(LAYER, gamma_may_leave=False),
    mistake(
        (
            "dx_over_axis_0",
            "The means inside dx run over the examples",
            "The forward pass averaged each example over its features, so the way back does too: no example may hear "
            "of another one's gradient.",
        ),
        *LAYER.backward_over("0"),
    ),
    mistake(
        SUMMED_OVER_FEATURES,
        ("np.sum(dout * x_hat, axis=0)", "np.sum(dout * x_hat, axis=1)"),
        ("np.sum(dout, axis=0)", "np.sum(dout, axis=1)"),
    ),
    mistake(
        KEPT_AXIS,
        ("np.sum(dout * x_hat, axis=0)", "np.sum(dout * x_hat, axis=0, keepdims=True)"),
        ("np.sum(dout, axis=0)", "np.sum(dout, axis=0, keepdims=True)"),
    ),
    mistake(
        (
            "divides_by_the_number_of_examples",
            "The ways over mean and variance are divided by the number of examples",
            "How many numbers went into the mean of one example? Divide by that.",
        ),
        (LAYER.shift, "dx_hat.sum(axis=1, keepdims=True) / len(dout)"),
        (LAYER.stretch, "np.sum(dx_hat * x_hat, axis=1, keepdims=True) / len(dout)"),
    ),
    mistake(
        (
            "dgamma_is_a_matrix",
            "dgamma is a matrix",
            "A matrix product pairs every feature with every other one; dgamma wants each with itself.",
        ),
        ("np.sum(dout * x_hat, axis=0)", "x_hat.T @ dout"),
    ),
)

PER_CHANNEL_AND_IMAGE = (
    "parameter_gradients_per_image",
    "dgamma and dbeta are not summed over the images",
    "One gamma per channel serves all images and all pixels: add over both.",
)
OVER_IMAGES_ONLY = (
    "parameter_gradients_per_pixel",
    "dgamma and dbeta are not summed over the pixels",
    "One gamma per channel serves all images and all pixels: add over both.",
)


def _map_backward_mistakes(t: _Texts) -> tuple[KnownMistake, ...]:
    """What goes wrong with images, where dgamma and dbeta are summed over N, H and W."""
    x_hat = "x_hat.reshape(dout.shape)" if t is GROUP else "x_hat"
    k = t.keepdims

    def summed_over(axis: str) -> tuple[Edit, Edit]:
        return (
            (f"np.sum(dout * {x_hat}, axis=(0, 2, 3){k})", f"np.sum(dout * {x_hat}, axis={axis}{k})"),
            (f"np.sum(dout, axis=(0, 2, 3){k})", f"np.sum(dout, axis={axis}{k})"),
        )

    return (
        mistake(PER_CHANNEL_AND_IMAGE, *summed_over("(2, 3)")),
        mistake(OVER_IMAGES_ONLY, *summed_over("0")),
    )


INSTANCE_BACKWARD_MISTAKES = (
    *_backward_mistakes(INSTANCE, gamma_may_leave=True),
    *_map_backward_mistakes(INSTANCE),
    mistake(OVER_BATCH, *INSTANCE.backward_over("(0, 2, 3)")),
    mistake(OVER_CHANNELS, *INSTANCE.backward_over("(1, 2, 3)")),
    mistake(PER_PIXEL, *INSTANCE.backward_over("1")),
    mistake(
        KEPT_AXIS,
        ("np.sum(dout * x_hat, axis=(0, 2, 3))", "np.sum(dout * x_hat, axis=(0, 2, 3), keepdims=True)"),
        ("np.sum(dout, axis=(0, 2, 3))", "np.sum(dout, axis=(0, 2, 3), keepdims=True)"),
    ),
    mistake(
        (
            "divides_by_one_side",
            "The ways over mean and variance are divided by one side of the map only",
            "How many numbers went into the mean of one map? Divide by that.",
        ),
        (INSTANCE.shift, "dx_hat.sum(axis=(2, 3), keepdims=True) / dout.shape[2]"),
        (INSTANCE.stretch, "np.sum(dx_hat * x_hat, axis=(2, 3), keepdims=True) / dout.shape[2]"),
    ),
    mistake(
        (
            "divides_by_all_pixels_of_the_minibatch",
            "The ways over mean and variance are divided by the pixels of all images",
            "How many numbers went into the mean of one map? Divide by that: the other images had no part in it.",
        ),
        (INSTANCE.shift, "dx_hat.mean(axis=(2, 3), keepdims=True) / len(dout)"),
        (INSTANCE.stretch, "np.mean(dx_hat * x_hat, axis=(2, 3), keepdims=True) / len(dout)"),
    ),
)

GROUP_BACKWARD_MISTAKES = (
    *_backward_mistakes(GROUP, gamma_may_leave=False),
    *_map_backward_mistakes(GROUP),
    mistake(OVER_BATCH, *GROUP.backward_over("(0, 2)")),
    mistake(OVER_CHANNELS, *GROUP.backward_over("(1, 2)")),
    mistake(
        (
            "parameter_gradients_without_axes",
            "dgamma and dbeta have lost their axes of length 1",
            "A gradient has the shape of what it belongs to: gamma and beta are (1, C, 1, 1).",
        ),
        (
            "np.sum(dout * x_hat.reshape(dout.shape), axis=(0, 2, 3), keepdims=True)",
            "np.sum(dout * x_hat.reshape(dout.shape), axis=(0, 2, 3))",
        ),
        ("np.sum(dout, axis=(0, 2, 3), keepdims=True)", "np.sum(dout, axis=(0, 2, 3))"),
    ),
    mistake(
        (
            "means_per_channel_in_dx",
            "The means inside dx run over one channel at a time",
            "The forward pass averaged over all channels of a group, and so does the way back.",
        ),
        (
            "shift = dx_hat.mean(axis=2, keepdims=True)",
            "N, C, H, W = dout.shape\n"
            "    dx_hat, x_hat = dx_hat.reshape(N, C, H * W), x_hat.reshape(N, C, H * W)\n"
            "    rstd = np.repeat(rstd, C // rstd.shape[1], axis=1)\n"
            "    shift = dx_hat.mean(axis=2, keepdims=True)",
        ),
    ),
    mistake(
        (
            "divides_by_the_pixels_of_one_map",
            "The ways over mean and variance are divided by the pixels of one map only",
            "How many numbers went into the mean of one group? Its channels count too.",
        ),
        (GROUP.shift, "dx_hat.sum(axis=2, keepdims=True) / np.prod(dout.shape[2:])"),
        (GROUP.stretch, "np.sum(dx_hat * x_hat, axis=2, keepdims=True) / np.prod(dout.shape[2:])"),
    ),
    mistake(
        (
            "channels_put_back_in_another_order",
            "dx holds the channels in another order",
            "If you exchange axes to bring the groups together, exchange them back before you reshape to (N, C, H, W).",
        ),
        (
            "return dx.reshape(dout.shape),",
            "N, C, H, W = dout.shape\n    G = dx.shape[1]\n"
            "    return dx.reshape(N, G, C // G, H, W).swapaxes(1, 2).reshape(dout.shape),",
        ),
    ),
)


MISTAKES: dict[str, tuple[KnownMistake, ...]] = {
    "layernorm_forward": LAYER_FORWARD_MISTAKES,
    "layernorm_backward": LAYER_BACKWARD_MISTAKES,
    "instancenorm_forward": INSTANCE_FORWARD_MISTAKES,
    "instancenorm_backward": INSTANCE_BACKWARD_MISTAKES,
    "spatial_groupnorm_forward": GROUP_FORWARD_MISTAKES,
    "spatial_groupnorm_backward": GROUP_BACKWARD_MISTAKES,
}
"""By exercise. Those of the questions stand with the questions."""
