"""Known mistakes of notebook 02, pooling: each a small edit of the reference, with a title and a hint that teaches.

Most mistakes can be made in several exercises, so that the words for them are written once, as (id, title, hint).
"""

from autograder.exercises.exercise import KnownMistake, Words, mistake

__all__ = ["MISTAKES"]

# Texts that stand in several references.
ROWS, COLUMNS = "i * S : i * S + HH", "j * S : j * S + WW"
OUT_SIZES = "(H - HH) // S + 1, (W - WW) // S + 1"
WINDOW_SIZES = 'HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]'

WINDOW_IS_STRIDE = (
    "window_as_large_as_stride",
    "The window is as large as the stride",
    "Stride and window size are two things: the stride says where a window begins, pool_height and pool_width say how "
    "far it reaches. Draw 3×3 windows with stride 1 on a 5×5 grid.",
)
STRIDE_MISSING = (
    "stride_missing_in_slice",
    "The stride is missing in one bound of a slice",
    "Window number i begins at row i·S. Write down the first and the last row of window number 2 for S = 2, and "
    "compare with your slice, once for rows and once for columns.",
)
EXCHANGED = (
    "height_width_exchanged",
    "Height and width are exchanged",
    "pool_height goes with rows (axis 2), pool_width with columns (axis 3). With square windows nobody notices.",
)
SIZE_BY_WINDOW = (
    "output_size_h_over_pool",
    "The output's size is H divided by the window",
    "H / pool_height counts windows that lie side by side. Where windows overlap, or leave gaps, the stride decides: "
    "use pool_output_size.",
)
SIZE_ROUNDED_UP = (
    "loops_over_range_stride",
    "Windows that reach beyond the image are counted too",
    "range(0, H, stride) also starts windows that do not fit any more. Only windows that lie inside the image count: "
    "use pool_output_size.",
)
FIRST_IMAGE = (
    "first_image_only",
    "Only the first image is pooled",
    "x has N images. Look for an index 0 where all of them should be.",
)
FIRST_CHANNEL = (
    "first_channel_only",
    "Only the first channel is pooled",
    "Every channel is pooled by itself; the depth does not change. Look for an index 0 where all channels should be.",
)
ASSIGNS = (
    "assigns_on_overlap",
    "A pixel in several windows keeps the last gradient only",
    "Where windows overlap, a pixel can matter to several outputs, and its gradient is the sum over all of them. "
    "Does your code add, or replace?",
)
TIES_PAID_TWICE = (
    "full_gradient_to_ties",
    "Every tied maximum gets the whole gradient",
    "Raise all tied pixels by a little: the maximum rises by that little, not by so much for each. So the shares of "
    "the tied pixels add up to one. Pick one of them, or divide.",
)
INTEGER_GRADIENT = (
    "integer_gradient",
    "The gradient has x's integer type, so fractions are cut off",
    "np.zeros_like(x) takes over x's dtype. For an image of whole numbers that cuts off the gradient: make the array "
    "of floats.",
)
UPSTREAM_MISSING = (
    "upstream_gradient_missing",
    "The upstream gradient is left out",
    "The chain rule multiplies by dout: how much the loss changes with this output.",
)
OFFSET_FORGOTTEN = (
    "offset_forgotten",
    "The position inside the window is taken for the position in the image",
    "argmax counts from the window's corner. The corner itself lies at row i·S, column j·S of the image.",
)

SQUARE = (
    "square_window_assumed",
    "The window is taken to be square",
    "pool_height and pool_width may differ: use each for its own side.",
)
OWN_SIZE = (
    "moves_by_its_own_size",
    "The window moves by its own size",
    "From one window to the next it is the stride, however large the window is. Where do 3×3 windows with stride 2 "
    "begin?",
)


def _window_mistakes() -> tuple[KnownMistake, ...]:
    """What goes wrong with windows in any of the naive forward passes."""
    return (
        mistake(WINDOW_IS_STRIDE, (ROWS, "i * S : i * S + S"), (COLUMNS, "j * S : j * S + S")),
        mistake(STRIDE_MISSING, (ROWS, "i * S : i + HH")),
        mistake(STRIDE_MISSING, (COLUMNS, "j * S : j + WW")),
        mistake(STRIDE_MISSING, (ROWS, "i : i + HH"), (COLUMNS, "j : j + WW")),
        mistake(STRIDE_MISSING, (ROWS, "i : i + HH")),
        mistake(STRIDE_MISSING, (ROWS, "i : i * S + HH"), (COLUMNS, "j : j * S + WW")),
        mistake(STRIDE_MISSING, (COLUMNS, "j : j + WW")),
        mistake(EXCHANGED, ("HH, WW, S =", "WW, HH, S =")),
        mistake(EXCHANGED, (ROWS, "i * S : i * S + WW"), (COLUMNS, "j * S : j * S + HH")),
        mistake(
            SQUARE,
            ("HH, WW, S =", "HH, _, S ="),
            (ROWS, "i * S : i * S + HH"),
            (COLUMNS, "j * S : j * S + HH"),
            ("(W - WW)", "(W - HH)"),
        ),
        mistake(SIZE_BY_WINDOW, (OUT_SIZES, "H // HH, W // WW")),
        mistake(OWN_SIZE, (ROWS, "i * HH : i * HH + HH"), (COLUMNS, "j * WW : j * WW + WW")),
        mistake(
            OWN_SIZE,
            (OUT_SIZES, "H // HH, W // WW"),
            (ROWS, "i * HH : i * HH + HH"),
            (COLUMNS, "j * WW : j * WW + WW"),
        ),
        mistake(
            (
                "output_size_h_over_stride",
                "The output's size is H divided by the stride",
                "H / S counts the places where a window could begin, also those where it reaches beyond the image: "
                "use pool_output_size.",
            ),
            (OUT_SIZES, "H // S, W // S"),
        ),
        mistake(SIZE_ROUNDED_UP, (OUT_SIZES, "-(-H // S), -(-W // S)")),
        mistake(
            (
                "output_size_rounded_up",
                "The output's size is rounded up",
                "A window must lie inside the image altogether: (H - HH) / S is rounded down.",
            ),
            (OUT_SIZES, "-((HH - H) // S) + 1, -((WW - W) // S) + 1"),
        ),
        mistake(
            (
                "one_window_too_few",
                "The last window is left out",
                "Count the windows of 2 pixels in 4 pixels, stride 2: (4 - 2) / 2 is 1, and there are two of them.",
            ),
            (OUT_SIZES, "(H - HH) // S, (W - WW) // S"),
        ),
        mistake(FIRST_IMAGE, ("= x[:, :,", "= x[:1, :,")),
        mistake(FIRST_IMAGE, ("np.empty((N,", "np.empty((1,"), ("= x[:, :,", "= x[:1, :,")),
        mistake(FIRST_IMAGE, ("np.empty", "np.zeros"), ("out[:, :, i, j] = x[:, :,", "out[:1, :, i, j] = x[:1, :,")),
        mistake(FIRST_CHANNEL, ("np.empty", "np.zeros"), ("out[:, :, i, j] = x[:, :,", "out[:, :1, i, j] = x[:, :1,")),
        mistake(FIRST_CHANNEL, ("= x[:, :,", "= x[:, :1,")),
    )


ZERO = (
    "zero_initialised_maximum",
    "The maximum starts from 0",
    "What is the maximum of -3 and -2? Start from the first number, or from minus infinity, not from 0.",
)

MAX_FORWARD_MISTAKES = (
    *_window_mistakes(),
    mistake(
        ZERO,
        (".max(axis=(2, 3))", ".max(axis=(2, 3), initial=0)"),
    ),
    mistake(
        (
            "maximum_of_magnitudes",
            "The maximum is taken of absolute values",
            "The largest number is not the number that is farthest from 0.",
        ),
        (f"= x[:, :, {ROWS}, {COLUMNS}].max", f"= abs(x[:, :, {ROWS}, {COLUMNS}]).max"),
    ),
    mistake(
        (
            "mean_for_maximum",
            "The mean is taken, not the maximum",
            "This exercise keeps the largest number of a window.",
        ),
        (".max(", ".mean("),
    ),
    mistake(
        (
            "channels_pooled_together",
            "The channels are pooled together",
            "Every channel has a maximum of its own: reduce over the two axes of the window only.",
        ),
        (".max(axis=(2, 3))", ".max(axis=(1, 2, 3))[:, None]"),
    ),
)

MAX_BACKWARD_MISTAKES = (
    mistake(ASSIGNS, ("+=", "=")),
    mistake(
        ASSIGNS,
        (
            "dx[n, c, i * S + p, j * S + q] += dout[n, c, i, j]",
            f"dx[n, c, {ROWS}, {COLUMNS}] = 0\n        dx[n, c, i * S + p, j * S + q] = dout[n, c, i, j]",
        ),
    ),
    mistake(
        TIES_PAID_TWICE,
        ("p, q = np.unravel_index(window.argmax(), window.shape)", "p, q = np.nonzero(window == window.max())"),
    ),
    mistake(
        TIES_PAID_TWICE,
        ("p, q = np.unravel_index(window.argmax(), window.shape)", "p, q = np.nonzero(window == window.max())"),
        ("+=", "="),
    ),
    mistake(INTEGER_GRADIENT, ("np.zeros(x.shape, dtype=dout.dtype)", "np.zeros_like(x)")),
    mistake(UPSTREAM_MISSING, ("dout[n, c, i, j]\n", "1.0\n")),
    mistake(OFFSET_FORGOTTEN, ("i * S + p, j * S + q", "p, q")),
    mistake(OFFSET_FORGOTTEN, ("i * S + p, j * S + q", "i + p, j + q")),
    mistake(WINDOW_IS_STRIDE, (ROWS, "i * S : i * S + S"), (COLUMNS, "j * S : j * S + S")),
    mistake(EXCHANGED, ("HH, WW, S =", "WW, HH, S =")),
    mistake(
        EXCHANGED,
        ("i * S + p, j * S + q", "i * S + q, j * S + p"),
    ),
    mistake(STRIDE_MISSING, (ROWS, "i : i + HH"), (COLUMNS, "j : j + WW")),
    mistake(STRIDE_MISSING, (ROWS, "i : i + HH"), (COLUMNS, "j : j + WW"), ("i * S + p, j * S + q", "i + p, j + q")),
    mistake(
        (
            "minimum_gets_gradient",
            "The gradient goes to the minimum",
            "Which pixel of the window decided the output?",
        ),
        ("argmax(), ", "argmin(), "),
    ),
    mistake(
        (
            "gradient_spread_evenly",
            "The gradient is shared out among all pixels of the window",
            "That is average pooling. Only the maximum decided the output; a pixel that is smaller can move a little "
            "without any effect.",
        ),
        (
            "dx[n, c, i * S + p, j * S + q] += dout[n, c, i, j]",
            f"dx[n, c, {ROWS}, {COLUMNS}] += dout[n, c, i, j] / (HH * WW)",
        ),
    ),
    mistake(
        (
            "gradient_to_whole_window",
            "Every pixel of the window gets the whole gradient",
            "Only the maximum decided the output; a pixel that is smaller can move a little without any effect.",
        ),
        ("dx[n, c, i * S + p, j * S + q] += dout[n, c, i, j]", f"dx[n, c, {ROWS}, {COLUMNS}] += dout[n, c, i, j]"),
    ),
    mistake(
        (
            "value_times_gradient",
            "The gradient is multiplied by the maximum itself",
            "The derivative of max(a, b) with respect to the larger of them is 1, not its value.",
        ),
        ("dout[n, c, i, j]\n", "dout[n, c, i, j] * window.max()\n"),
    ),
)

AVERAGE_SUM = (
    "sum_for_mean",
    "The window's numbers are added, but not divided",
    "The mean is the sum over the window divided by how many numbers there are.",
)
STRIDE_SQUARED = (
    "divides_by_stride_squared",
    "Divided by the stride squared",
    "How many pixels does a 3×3 window have that moves by 2? The stride says nothing of the window's size.",
)

AVG_FORWARD_MISTAKES = (
    *_window_mistakes(),
    mistake(STRIDE_SQUARED, (".mean(axis=(2, 3))", ".sum(axis=(2, 3)) / S**2")),
    mistake(SQUARE, (".mean(axis=(2, 3))", ".sum(axis=(2, 3)) / HH**2")),
    mistake(SQUARE, (".mean(axis=(2, 3))", ".sum(axis=(2, 3)) / WW**2")),
    mistake(AVERAGE_SUM, (".mean(", ".sum(")),
    mistake(
        ("maximum_for_mean", "The maximum is taken, not the mean", "This exercise keeps the mean of a window."),
        (".mean(", ".max("),
    ),
    mistake(
        (
            "channels_pooled_together",
            "The channels are pooled together",
            "Every channel has a mean of its own: reduce over the two axes of the window only.",
        ),
        (".mean(axis=(2, 3))", ".mean(axis=(1, 2, 3))[:, None]"),
    ),
)

NOT_DIVIDED = (
    "gradient_not_divided",
    "The gradient is not divided by the number of pixels",
    "Raise one pixel by h: by how much does the mean of its window rise?",
)

AVG_BACKWARD_MISTAKES = (
    mistake(ASSIGNS, ("+=", "=")),
    mistake(NOT_DIVIDED, (" / (HH * WW)", "")),
    mistake(STRIDE_SQUARED, ("(HH * WW)", "S**2")),
    mistake(SQUARE, ("(HH * WW)", "HH**2")),
    mistake(SQUARE, ("(HH * WW)", "WW**2")),
    mistake(UPSTREAM_MISSING, ("dout[:, :, i : i + 1, j : j + 1] / (HH * WW)", "1 / (HH * WW)")),
    mistake(WINDOW_IS_STRIDE, (ROWS, "i * S : i * S + S"), (COLUMNS, "j * S : j * S + S")),
    mistake(EXCHANGED, ("HH, WW, S =", "WW, HH, S =")),
    mistake(STRIDE_MISSING, (ROWS, "i : i + HH"), (COLUMNS, "j : j + WW")),
    mistake(FIRST_IMAGE, ("dx[:, :, i", "dx[:1, :, i"), ("dout[:, :, i", "dout[:1, :, i")),
    mistake(
        (
            "gradient_to_corner",
            "Only one pixel of the window gets the gradient",
            "Every pixel of the window has its share in the mean, so each gets its share of the gradient.",
        ),
        (f"{ROWS}, {COLUMNS}] += share", "i * S, j * S] += dout[:, :, i, j]"),
    ),
)

KEEPS_AXES = (
    "keeps_spatial_axes",
    "The result keeps two axes of length 1",
    "One number per image and channel: the shape is (N, C), ready for a fully-connected layer.",
)


def _global_forward_mistakes(reduce: str, other: str, wrong: Words) -> tuple[KnownMistake, ...]:
    return (
        mistake(KEEPS_AXES, (f"x.{reduce}(axis=(2, 3))", f"x.{reduce}(axis=(2, 3), keepdims=True)")),
        mistake(wrong, (f"x.{reduce}(", f"x.{other}(")),
        mistake(
            (
                "pools_over_batch",
                "The images of the batch are pooled together",
                "Every image has its own result: reduce over the two axes of the map, 2 and 3, only.",
            ),
            (f"x.{reduce}(axis=(2, 3))", f"x.{reduce}(axis=(0, 2, 3))"),
        ),
        mistake(
            (
                "pools_over_channels",
                "The channels are pooled together",
                "Every channel has its own result: reduce over the two axes of the map, 2 and 3, only.",
            ),
            (f"x.{reduce}(axis=(2, 3))", f"x.{reduce}(axis=(1, 2, 3))"),
        ),
        mistake(
            (
                "one_axis_only",
                "Only one of the map's two axes is reduced",
                "A map has rows and columns: both go.",
            ),
            (f"x.{reduce}(axis=(2, 3))", f"x.{reduce}(axis=2)"),
        ),
        mistake(
            (
                "axes_counted_anew",
                "The channels are reduced, not the columns",
                "Once axis 2 is gone, the columns are axis 2. Reduce both axes of the map in one call, or the last one "
                "first.",
            ),
            (f"x.{reduce}(axis=(2, 3))", f"x.{reduce}(axis=2).{reduce}(axis=1)"),
        ),
    )


GLOBAL_AVG_FORWARD_MISTAKES = (
    *_global_forward_mistakes(
        "mean", "max", ("maximum_for_mean", "The maximum is taken, not the mean", "Keep the mean of each map.")
    ),
    mistake(AVERAGE_SUM, ("x.mean(", "x.sum(")),
)
GLOBAL_MAX_FORWARD_MISTAKES = (
    *_global_forward_mistakes(
        "max",
        "mean",
        ("mean_for_maximum", "The mean is taken, not the maximum", "Keep the largest number of each map."),
    ),
    mistake(
        ZERO,
        ("x.max(axis=(2, 3))", "x.max(axis=(2, 3), initial=0)"),
    ),
)
GLOBAL_AVG_BACKWARD_MISTAKES = (
    mistake(NOT_DIVIDED, (" / (H * W)", "")),
    mistake(
        (
            "divides_by_one_side",
            "Divided by one side of the map only",
            "How many pixels does a map of H by W have?",
        ),
        ("(H * W), (N", "H, (N"),
    ),
    mistake(
        (
            "divides_by_one_side",
            "Divided by one side of the map only",
            "How many pixels does a map of H by W have?",
        ),
        ("(H * W), (N", "W, (N"),
    ),
    mistake(
        (
            "spread_in_another_order",
            "The gradients land on the maps of other channels",
            "np.tile repeats the whole array, np.repeat each of its numbers. Or give dout two axes of length 1, and "
            "let it broadcast.",
        ),
        (
            "np.broadcast_to(dout[:, :, None, None] / (H * W), (N, C, H, W)).copy()",
            "np.resize(dout / (H * W), (N, C, H, W))",
        ),
    ),
    mistake(
        (
            "divides_by_batch_too",
            "Divided by the number of images or channels too",
            "Each mean is over the H·W pixels of one map; images and channels do not mix.",
        ),
        ("(H * W), (N", "(N * H * W), (N"),
    ),
    mistake(
        (
            "divides_by_batch_too",
            "Divided by the number of images or channels too",
            "Each mean is over the H·W pixels of one map; images and channels do not mix.",
        ),
        ("(H * W), (N", "(C * H * W), (N"),
    ),
    mistake(UPSTREAM_MISSING, ("dout[:, :, None, None]", "np.ones((N, C, 1, 1))")),
)
GLOBAL_MAX_BACKWARD_MISTAKES = (
    mistake(
        TIES_PAID_TWICE,
        (
            "    winner = x.reshape(N, C, H * W).argmax(axis=2, keepdims=True)\n"
            "    np.put_along_axis(dx, winner, dout[:, :, None], axis=2)\n",
            "    dx = dout[:, :, None, None] * (x == x.max(axis=(2, 3), keepdims=True))\n",
        ),
    ),
    mistake(
        INTEGER_GRADIENT,
        ("np.zeros((N, C, H * W), dtype=dout.dtype)", "np.zeros((N, C, H * W), dtype=x.dtype)"),
    ),
    mistake(UPSTREAM_MISSING, ("winner, dout[:, :, None]", "winner, 1.0")),
    mistake(
        (
            "gradient_spread_evenly",
            "The gradient is shared out among all pixels of the map",
            "That is average pooling. Only the maximum decided the output.",
        ),
        ("return dx.reshape(x.shape)", "return np.zeros(x.shape) + dout[:, :, None, None] / (H * W)"),
    ),
    mistake(
        (
            "one_winner_for_all_channels",
            "One position is used for all channels",
            "Every channel has its maximum at a place of its own: argmax runs over the pixels of one map.",
        ),
        (".argmax(axis=2, keepdims=True)", ".argmax(axis=2, keepdims=True)[:, :1].repeat(C, axis=1)"),
    ),
    mistake(
        (
            "one_winner_per_image",
            "Only one channel of each image gets a gradient",
            "Every channel has a maximum of its own: argmax runs over the pixels of one map.",
        ),
        (
            "    winner = x.reshape(N, C, H * W).argmax(axis=2, keepdims=True)\n"
            "    np.put_along_axis(dx, winner, dout[:, :, None], axis=2)\n",
            "    for n in range(N):\n"
            "        c, k = divmod(int(x[n].argmax()), H * W)\n"
            "        dx[n, c, k] = dout[n, c]\n",
        ),
    ),
)

TILES = (
    "non_overlapping_only",
    "The image is cut into tiles of the window's size",
    "Reshaping to (H / HH, HH, W / WW, WW) makes tiles that lie side by side: that is right only where the stride "
    "equals the window and nothing is left over.",
)

STRIDE_OF_ONE = (
    "stride_of_one",
    "The windows move by one pixel, not by the stride",
    "sliding_window_view gives the windows at all places. Of its rows and of its columns only every S-th is wanted.",
)


def _by_windows(words: Words, places: str, axes: str = "(4, 5)") -> KnownMistake:
    """The way by sliding_window_view, with a mistake in it."""
    view = "np.lib.stride_tricks.sliding_window_view(x, (HH, WW), axis=(2, 3))"
    given_back = "    return out, (x, out.copy(), pool_param)"
    return mistake(words, (given_back, f"    out = {view}[{places}].max(axis={axes})\n{given_back}"))


FAST_FORWARD_MISTAKES = (
    _by_windows(STRIDE_OF_ONE, "..."),
    _by_windows(STRIDE_OF_ONE, ":, :, ::S"),
    _by_windows(STRIDE_OF_ONE, ":, :, :, ::S"),
    _by_windows(
        (
            "maximum_over_the_places",
            "The maximum is taken over all windows, not inside of each",
            "In what sliding_window_view returns, axes 2 and 3 number the windows. The pixels of a window come last.",
        ),
        ":, :, ::S, ::S",
        "(2, 3)",
    ),
    mistake(EXCHANGED, ("HH, WW, S =", "WW, HH, S =")),
    mistake(WINDOW_IS_STRIDE, ("np.ndindex(HH, WW)", "np.ndindex(min(S, HH), min(S, WW))")),
    mistake(SIZE_BY_WINDOW, ("H_out, W_out = (H - HH) // S + 1, (W - WW) // S + 1", "H_out, W_out = H // HH, W // WW")),
    mistake(
        ZERO,
        ("S].copy()", "S] * 0"),
    ),
    mistake(
        TILES,
        (
            "    return out, (x, out.copy(), pool_param)",
            "    out = x.reshape(*x.shape[:2], H // HH, HH, W // WW, WW).max(axis=(3, 5))\n"
            "    return out, (x, out.copy(), pool_param)",
        ),
    ),
    mistake(
        TILES,
        (
            "    return out, (x, out.copy(), pool_param)",
            "    tiles = x[:, :, : H // HH * HH, : W // WW * WW]\n"
            "    tiles = tiles.reshape(*x.shape[:2], H // HH, HH, W // WW, WW)\n"
            "    out = tiles.max(axis=(3, 5))\n    return out, (x, out.copy(), pool_param)",
        ),
    ),
    mistake(
        (
            "input_overwritten",
            "x itself is overwritten",
            "A slice of an array is a view: writing to it writes to x. Make a copy first.",
        ),
        ("S].copy()", "S]"),
    ),
)

FAST_BACKWARD_MISTAKES = (
    mistake(ASSIGNS, ("+=", "=")),
    mistake(
        ASSIGNS,
        ("dx[here] += winner * dout", "dx[here] = np.where(winner, dout, dx[here])"),
    ),
    mistake(
        (
            "place_added_to_once",
            "A pixel that is listed several times keeps the last gradient only",
            "dx[places] += values adds one value to each place, though the place be listed twice. np.add.at adds them "
            "all.",
        ),
        (
            "    return dx\n",
            "    pixels = np.arange(x.size).reshape(x.shape)\n"
            "    pixels = np.lib.stride_tricks.sliding_window_view(pixels, (HH, WW), axis=(2, 3))[:, :, ::S, ::S]\n"
            "    pixels = pixels.reshape(*dout.shape, HH * WW)\n"
            "    best = x.ravel()[pixels].argmax(axis=-1)[..., None]\n"
            "    dx = np.zeros(x.size)\n"
            "    dx[np.take_along_axis(pixels, best, axis=-1).ravel()] += dout.ravel()\n"
            "    return dx.reshape(x.shape)\n",
        ),
    ),
    mistake(TIES_PAID_TWICE, ("winner = unclaimed & (x[here] == out)", "winner = x[here] == out")),
    mistake(
        INTEGER_GRADIENT,
        ("np.zeros(x.shape, dtype=dout.dtype)", "np.zeros_like(x)"),
        ("dx[here] += winner * dout", "dx[here] += (winner * dout).astype(x.dtype)"),
    ),
    mistake(UPSTREAM_MISSING, ("winner * dout", "winner * 1.0")),
    mistake(EXCHANGED, ("HH, WW, S =", "WW, HH, S =")),
    mistake(WINDOW_IS_STRIDE, ("np.ndindex(HH, WW)", "np.ndindex(min(S, HH), min(S, WW))")),
    mistake(
        (
            "gradient_spread_evenly",
            "The gradient is shared out among all pixels of the window",
            "That is average pooling. Only the maximum decided the output.",
        ),
        ("winner * dout", "dout / (HH * WW)"),
    ),
)

SIZE_MISTAKES = (
    mistake(
        (
            "plus_one_missing",
            "The + 1 is missing",
            "Count the windows of 2 pixels in 4 pixels, stride 2, with your fingers: (4 - 2) / 2 is 1, and there are "
            "two of them.",
        ),
        ("// S + 1", "// S"),
    ),
    mistake(
        (
            "true_division",
            "The result is a float",
            "A number of windows is whole: // divides and rounds down, / makes a float.",
        ),
        ("(H - F) // S + 1", "(H - F) / S + 1"),
    ),
    mistake(
        (
            "rounds_up",
            "Rounded up, where a window does not fit any more",
            "A window must lie inside the image altogether: round down.",
        ),
        ("(H - F) // S + 1", "-((F - H) // S) + 1"),
    ),
    mistake(
        (
            "rounds_up",
            "Rounded to the nearest whole number",
            "A window must lie inside the image altogether: round down, always.",
        ),
        ("(H - F) // S + 1", "int((H - F) / S + 0.5) + 1"),
    ),
    mistake(SIZE_BY_WINDOW, ("(H - F) // S + 1", "H // F")),
    mistake(
        (
            "output_size_h_over_stride",
            "The image is divided by the stride",
            "H / S counts the places where a window could begin, also those where it reaches beyond the image.",
        ),
        ("(H - F) // S + 1", "H // S"),
    ),
    mistake(
        (
            "output_size_h_over_stride",
            "The image is divided by the stride, rounded up",
            "H / S counts the places where a window could begin, also those where it reaches beyond the image.",
        ),
        ("(H - F) // S + 1", "-(-H // S)"),
    ),
    mistake(
        (
            "error_missing",
            "A window that is too large is let through",
            "Raise a ValueError where the window is larger than the image: no other answer makes sense.",
        ),
        ("    if F > H:\n", "    if False:\n"),
    ),
    mistake(
        (
            "window_and_stride_exchanged",
            "Window and stride are exchanged",
            "The window's size is subtracted, the stride divides.",
        ),
        ("(H - F) // S + 1", "(H - S) // F + 1"),
    ),
)


MISTAKES: dict[str, tuple[KnownMistake, ...]] = {
    "pool_output_size": SIZE_MISTAKES,
    "max_pool_forward_naive": MAX_FORWARD_MISTAKES,
    "max_pool_backward_naive": MAX_BACKWARD_MISTAKES,
    "avg_pool_forward_naive": AVG_FORWARD_MISTAKES,
    "avg_pool_backward_naive": AVG_BACKWARD_MISTAKES,
    "global_avg_pool_forward": GLOBAL_AVG_FORWARD_MISTAKES,
    "global_avg_pool_backward": GLOBAL_AVG_BACKWARD_MISTAKES,
    "global_max_pool_forward": GLOBAL_MAX_FORWARD_MISTAKES,
    "global_max_pool_backward": GLOBAL_MAX_BACKWARD_MISTAKES,
    "max_pool_forward_fast": FAST_FORWARD_MISTAKES,
    "max_pool_backward_fast": FAST_BACKWARD_MISTAKES,
}
"""By exercise. Those of the questions stand with the questions."""
