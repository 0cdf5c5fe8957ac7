"""Known mistakes of notebook 07, fully-connected layers as convolutions: each a small edit of the reference.

Many mistakes can be made in several exercises: the words for them are written once, as (id, title, hint).
"""

from autograder.exercises.exercise import KnownMistake, Words, mistake

__all__ = ["MISTAKES", "QUESTION_MISTAKES"]

BIAS_MISSING = (
    "bias_missing",
    "The bias is left out",
    "Put zeros in for x: every output must then be its own bias.",
)
COLUMN_MAJOR = (
    "column_major",
    "The numbers are taken in column-major order",
    "Write down the six numbers of a 2×3 array in the order in which they are flattened: row-major order runs along "
    "the "
    "first row to its end before it begins the second.",
)
CHANNELS_LAST = (
    "height_width_channel_order",
    "The numbers are taken in the order height, width, channel",
    "Here a map is (C, H, W): flattened, it gives the whole first channel, then the whole second. Height, width, "
    "channel is the order of other libraries.",
)
RELU_TOO = (
    "relu_included",
    "Negative results are cut off",
    "The ReLU is a layer of its own. This layer alone is linear: its outputs may be negative.",
)
AVERAGED = (
    "averaged_over_batch",
    "A gradient is divided by the number of examples",
    "The mean over the minibatch is the loss's business: dout has it in it already. A layer adds up.",
)
ANOTHER_ORDER = (
    "another_order",
    "The gradients come in another order",
    "Return them as the docstring lists them: dx, dw, db.",
)
BIAS_AXES = (
    "bias_gradient_axes",
    "The bias's gradient is summed over the wrong axes",
    "There is one bias for each output (or filter), and it has its part in every example and at every pixel. So sum "
    "over everything but the axis of the outputs.",
)
FLIPPED = (
    "filter_flipped",
    "The filter is turned by 180 degrees",
    "A mathematician's convolution flips the filter; a network's does not. The upper left weight meets the upper left "
    "pixel of the window.",
)
FIRST_CHANNEL = (
    "first_channel_only",
    "Only one channel is used",
    "A filter has weights for every channel of x: sum over all C of them.",
)
FIRST_IMAGE = (
    "first_image_only",
    "Only the first image is used",
    "x has N images. Look for an index 0 where all of them should be.",
)
STRIDE_MISSING = (
    "stride_missing_in_slice",
    "The stride is missing in a slice",
    "Window number i begins at row i·S of the padded image. Write down the first and the last row of window number 2 "
    "for S = 2, and compare with your slice, once for rows and once for columns.",
)
EXCHANGED = (
    "height_width_exchanged",
    "Height and width are exchanged",
    "HH goes with rows (axis 2), WW with columns (axis 3). With square filters nobody notices.",
)
NO_TRANSPOSE = (
    "reshape_without_transpose",
    "Reshaped without the transpose: the same numbers in another order",
    "reshape never moves a number, it only reads the same row of numbers in other portions. Which axis runs fastest in "
    "the array that you have, and which in the one that you want? Try it with 12 numbers that you can tell apart.",
)
NOT_MOVED_BACK = (
    "axes_not_moved_back",
    "The axes are not moved back before reshaping",
    "With the pixels as examples you have an array in the order image, row, column, channel. To make (N, C, H, W) of "
    "it "
    "the channels' axis must be moved; reshape alone moves nothing.",
)

AFFINE_FORWARD = (
    mistake(BIAS_MISSING, (" + b, (x, w)", ", (x, w)")),
    mistake(COLUMN_MAJOR, ("x.reshape(len(x), -1)", 'x.reshape(len(x), -1, order="F")')),
    mistake(
        CHANNELS_LAST,
        ("x.reshape(len(x), -1)", "(np.moveaxis(x, 1, -1) if x.ndim > 2 else x).reshape(len(x), -1)"),
    ),
    mistake(
        (
            "flattened_across_examples",
            "The examples are mixed up when x is flattened",
            "The first axis counts the examples. Flatten what belongs to one example, and keep the examples apart: "
            "each "
            "row of the flattened array is one of them.",
        ),
        ("x.reshape(len(x), -1)", "x.reshape(-1, len(x)).T"),
    ),
    mistake(
        (
            "not_flattened",
            "x is not flattened",
            "An example may be a map of shape (C, H, W). The matrix product wants one row of D numbers for each "
            "example.",
        ),
        ("x.reshape(len(x), -1) @", "x @"),
    ),
    mistake(
        ("bias_subtracted", "The bias is subtracted", "Put zeros in for x: every output must then be its own bias."),
        ("+ b", "- b"),
    ),
    mistake(
        RELU_TOO,
        ("return x.reshape(len(x), -1) @ w + b, (x, w)", "return np.maximum(x.reshape(len(x), -1) @ w + b, 0), (x, w)"),
    ),
)

AFFINE_BACKWARD = (
    mistake(
        (
            "input_shape_lost",
            "dx is left flat",
            "dx has x's own shape: what was flattened on the way in is folded up again on the way back. Did your cache "
            "keep the shape?",
        ),
        ("(dout @ w.T).reshape(x.shape)", "dout @ w.T"),
    ),
    mistake(COLUMN_MAJOR, ("(dout @ w.T).reshape(x.shape)", '(dout @ w.T).reshape(x.shape, order="F")')),
    mistake(COLUMN_MAJOR, ("x.reshape(len(x), -1)", 'x.reshape(len(x), -1, order="F")')),
    mistake(AVERAGED, ("dout.sum(axis=0)", "dout.mean(axis=0)")),
    mistake(AVERAGED, ("-1).T @ dout", "-1).T @ dout / len(x)")),
    mistake(AVERAGED, ("-1).T @ dout", "-1).T @ dout / len(x)"), ("dout.sum(axis=0)", "dout.mean(axis=0)")),
    mistake(
        (
            "bias_gradient_keeps_axis",
            "db keeps the axis of the examples",
            "db has b's shape, (M,): sum over the examples, and let their axis go.",
        ),
        ("dout.sum(axis=0)", "dout.sum(axis=0, keepdims=True)"),
    ),
    mistake(BIAS_AXES, ("dout.sum(axis=0)", "dout.sum(axis=1)")),
    mistake(BIAS_AXES, ("dout.sum(axis=0)", "dout.sum()")),
    mistake(
        (
            "bias_gradient_not_summed",
            "db is dout itself",
            "Each bias is used for every example of the minibatch, so its gradient is the sum of what all of them say.",
        ),
        ("dout.sum(axis=0)", "dout"),
    ),
    mistake(
        (
            "weight_gradient_transposed",
            "dw is transposed",
            "dw has w's shape, (D, M). Which factor must have D rows?",
        ),
        ("x.reshape(len(x), -1).T @ dout", "dout.T @ x.reshape(len(x), -1)"),
    ),
    mistake(
        (
            "weights_left_out",
            "dx does not use the weights",
            "How much does output m rise when input d rises a little? By that times w[d, m].",
        ),
        ("dout @ w.T", "dout @ np.ones_like(w).T"),
    ),
    mistake(
        ANOTHER_ORDER,
        (
            "return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)",
            "return x.reshape(len(x), -1).T @ dout, dout.sum(axis=0), (dout @ w.T).reshape(x.shape)",
        ),
    ),
    mistake(
        ANOTHER_ORDER,
        (
            "return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)",
            "return x.reshape(len(x), -1).T @ dout, (dout @ w.T).reshape(x.shape), dout.sum(axis=0)",
        ),
    ),
)

PADDED = "((0, 0), (0, 0), (P, P), (P, P))"
ROWS, COLUMNS = "i * S : i * S + HH", "j * S : j * S + WW"
OUT_SIZES = "(xpad.shape[2] - HH) // S + 1, (xpad.shape[3] - WW) // S + 1"
PADS_ONE_SIDE = (
    "pads_one_side",
    "The zeros are added, or counted, on one side only",
    "'pad' zeros go above and below, to the left and to the right: H + 2P rows, and the filter slides over all.",
)

CONV_FORWARD = (
    mistake(BIAS_MISSING, (" + b\n", "\n")),
    mistake(
        (
            "bias_added_at_every_weight",
            "The bias is added once for every weight",
            "Put zeros in for x: what comes out? The bias is added once to each output, behind the sum.",
        ),
        (" + b\n", " + b * w[0].size\n"),
    ),
    mistake(
        (
            "padding_missing",
            "x is not padded",
            "Set 'pad' rows and columns of zeros around every map first. Windows may then begin outside of the image.",
        ),
        (f"np.pad(x, {PADDED})", "x"),
    ),
    mistake(
        (
            "pads_every_axis",
            "The images and the channels are padded too",
            "np.pad with one number pads every axis. Zeros go around the two axes of the pixels only.",
        ),
        (PADDED, "P"),
        ("(len(x), len(w), H_out", "(len(xpad), len(w), H_out"),
        ("np.tensordot(window, w,", "np.tensordot(window[:, : w.shape[1]], w,"),
    ),
    mistake(PADS_ONE_SIDE, (PADDED, "((0, 0), (0, 0), (P, 0), (P, 0))")),
    mistake(PADS_ONE_SIDE, (PADDED, "((0, 0), (0, 0), (0, P), (0, P))")),
    mistake(PADS_ONE_SIDE, (PADDED, "((0, 0), (0, 0), (2 * P, 0), (2 * P, 0))")),
    mistake(PADS_ONE_SIDE, (PADDED, "((0, 0), (0, 0), (0, 2 * P), (0, 2 * P))")),
    mistake(
        (
            "pads_rows_only",
            "Only rows or only columns of zeros are added",
            "'pad' zeros go above and below, and to the left and to the right.",
        ),
        (PADDED, "((0, 0), (0, 0), (P, P), (0, 0))"),
    ),
    mistake(
        (
            "pads_rows_only",
            "Only rows or only columns of zeros are added",
            "'pad' zeros go above and below, and to the left and to the right.",
        ),
        (PADDED, "((0, 0), (0, 0), (0, 0), (P, P))"),
    ),
    mistake(
        (
            "pads_with_edge",
            "The border is repeated instead of filled with zeros",
            "Padding means zeros here.",
        ),
        (f"np.pad(x, {PADDED})", f'np.pad(x, {PADDED}, mode="edge")'),
    ),
    mistake(
        (
            "pad_hard_coded",
            "The padding is fixed",
            "conv_param['pad'] says how many zeros: it need not be 1.",
        ),
        (PADDED, "((0, 0), (0, 0), (1, 1), (1, 1))"),
    ),
    mistake(
        (
            "stride_hard_coded",
            "The stride is fixed at 1",
            "conv_param['stride'] says how far the filter moves.",
        ),
        ('S, P = conv_param["stride"], conv_param["pad"]', 'S, P = 1, conv_param["pad"]'),
    ),
    mistake(FLIPPED, ("np.tensordot(window, w,", "np.tensordot(window, w[:, :, ::-1, ::-1],")),
    mistake(STRIDE_MISSING, (ROWS, "i : i + HH"), (COLUMNS, "j : j + WW")),
    mistake(STRIDE_MISSING, (ROWS, "i : i + HH")),
    mistake(STRIDE_MISSING, (COLUMNS, "j : j + WW")),
    mistake(EXCHANGED, ("w.shape[2:]", "w.shape[:1:-1]"), ("w, axes", "w.swapaxes(2, 3), axes")),
    mistake(EXCHANGED, (ROWS, "j * S : j * S + HH"), (COLUMNS, "i * S : i * S + WW")),
    mistake(
        (
            "output_size_without_pad",
            "The output's size is counted without the padding",
            "The filter slides over the padded image: H + 2P rows.",
        ),
        (OUT_SIZES, "(x.shape[2] - HH) // S + 1, (x.shape[3] - WW) // S + 1"),
    ),
    mistake(PADS_ONE_SIDE, (OUT_SIZES, "(x.shape[2] + P - HH) // S + 1, (x.shape[3] + P - WW) // S + 1")),
    mistake(
        (
            "one_window_too_few",
            "The last row and column of windows are left out",
            "A filter of 2 rows fits into 4 rows at three places: (4 - 2) / 1 is 2, and there is one more.",
        ),
        (OUT_SIZES, "(xpad.shape[2] - HH) // S, (xpad.shape[3] - WW) // S"),
    ),
    mistake(
        (
            "output_as_large_as_input",
            "The output is taken to be as large as the input",
            "That is so only for stride 1 and a padding of (HH - 1) / 2. Use the formula of the docstring.",
        ),
        (OUT_SIZES, "x.shape[2], x.shape[3]"),
        ("np.empty", "np.zeros"),
        (
            "np.ndindex(H_out, W_out)",
            "np.ndindex((xpad.shape[2] - HH) // S + 1, (xpad.shape[3] - WW) // S + 1)",
        ),
    ),
    mistake(
        FIRST_CHANNEL,
        (
            "np.tensordot(window, w, axes=((1, 2, 3), (1, 2, 3)))",
            "np.tensordot(window[:, 0], w[:, 0], axes=((1, 2),) * 2)",
        ),
    ),
    mistake(
        FIRST_CHANNEL,
        (
            "np.tensordot(window, w, axes=((1, 2, 3), (1, 2, 3)))",
            "np.tensordot(window[:, -1], w[:, -1], axes=((1, 2),) * 2)",
        ),
    ),
    mistake(FIRST_IMAGE, ("= np.tensordot(window, w,", "= np.tensordot(window[:1], w,")),
    mistake(
        FIRST_IMAGE,
        ("np.empty", "np.zeros"),
        ("out[:, :, i, j] = np.tensordot(window,", "out[:1, :, i, j] = np.tensordot(window[:1],"),
    ),
    mistake(RELU_TOO, ("return out,", "return np.maximum(out, 0),")),
)

CUT = "dxpad[:, :, P : P + H, P : P + W]"
NOT_ADDED_DW = (
    "weight_gradient_assigned",
    "dw keeps the last window only",
    "The same weights are used at every place, so each place has its share in dw. Does your code add, or replace?",
)

CONV_BACKWARD = (
    mistake(
        (
            "assigns_on_overlap",
            "A pixel in several windows keeps the last gradient only",
            "Where windows overlap, a pixel matters to several outputs, and its gradient is the sum over all of them. "
            "Does your code add, or replace?",
        ),
        ("dxpad[here] +=", "dxpad[here] ="),
    ),
    mistake(
        (
            "filters_replace_one_another",
            "A pixel keeps the gradient of the last filter and the last window only",
            "Every filter sees every pixel, and windows overlap: a pixel's gradient is the sum over all of them. Does "
            "your code add, or replace?",
        ),
        (
            "dxpad[here] += np.tensordot(dout[:, :, i, j], w, axes=1)",
            "dxpad[here] = np.multiply.outer(dout[:, -1, i, j], w[-1])",
        ),
    ),
    mistake(NOT_ADDED_DW, ("dw +=", "dw =")),
    mistake(
        (
            "padding_not_cut",
            "dx still has the padding around it",
            "dx has x's shape. The zeros around x are no inputs: cut their gradient off.",
        ),
        (CUT, "dxpad"),
    ),
    mistake(
        (
            "cut_empty_without_padding",
            "Without padding nothing is left of dx",
            "What is a[P:-P] for P = 0? -0 is 0, and the slice ends where it begins.",
        ),
        (CUT, "dxpad[:, :, P:-P, P:-P]"),
    ),
    mistake(
        (
            "cut_at_the_wrong_place",
            "The wrong part of the padded gradient is cut out",
            "Pixel (0, 0) of x is pixel (P, P) of the padded image.",
        ),
        (CUT, "dxpad[:, :, :H, :W]"),
    ),
    mistake(
        (
            "cut_at_the_wrong_place",
            "The wrong part of the padded gradient is cut out",
            "Pixel (0, 0) of x is pixel (P, P) of the padded image.",
        ),
        (CUT, "dxpad[:, :, 2 * P :, 2 * P :]"),
    ),
    mistake(BIAS_AXES, ("sum(axis=(0, 2, 3))", "sum(axis=(2, 3))")),
    mistake(BIAS_AXES, ("sum(axis=(0, 2, 3))", "sum(axis=0)")),
    mistake(BIAS_AXES, ("sum(axis=(0, 2, 3))", "sum(axis=(1, 2, 3))")),
    mistake(
        (
            "bias_gradient_keeps_axes",
            "db keeps axes of length 1",
            "db has b's shape, (F,).",
        ),
        ("sum(axis=(0, 2, 3))", "sum(axis=(0, 2, 3), keepdims=True)"),
    ),
    mistake(AVERAGED, ("dw, dout.sum(", "dw / len(dout), dout.sum(")),
    mistake(AVERAGED, ("dw, dout.sum(axis=(0, 2, 3))", "dw / len(dout), dout.sum(axis=(0, 2, 3)) / len(dout)")),
    mistake(AVERAGED, ("sum(axis=(0, 2, 3))", "mean(axis=(0, 2, 3))")),
    mistake(
        (
            "weight_gradient_from_unpadded_image",
            "dw is computed from the image without its padding",
            "The filter slid over the padded image, so the windows that dw multiplies are windows of that one.",
        ),
        (
            "    dxpad, dw =",
            "    bare = np.pad(xpad[:, :, P : P + H, P : P + W], ((0, 0), (0, 0), (0, 2 * P), (0, 2 * P)))\n"
            "    dxpad, dw =",
        ),
        ("xpad[here], axes", "bare[here], axes"),
    ),
    mistake(FLIPPED, ("dout[:, :, i, j], w, axes", "dout[:, :, i, j], w[:, :, ::-1, ::-1], axes")),
    mistake(FLIPPED, ("dw, dout.sum(", "dw[:, :, ::-1, ::-1], dout.sum(")),
    mistake(
        STRIDE_MISSING,
        ("slice(i * S, i * S + HH)", "slice(i, i + HH)"),
        ("slice(j * S, j * S + WW)", "slice(j, j + WW)"),
    ),
    mistake(STRIDE_MISSING, ("slice(i * S, i * S + HH)", "slice(i, i + HH)")),
    mistake(STRIDE_MISSING, ("slice(j * S, j * S + WW)", "slice(j, j + WW)")),
    mistake(
        (
            "weights_left_out",
            "dx does not use the weights",
            "A pixel acts on an output through one weight of the filter: raise the pixel a little, and the output "
            "rises by "
            "that times the weight.",
        ),
        ("dout[:, :, i, j], w, axes", "dout[:, :, i, j], np.ones_like(w), axes"),
    ),
    mistake(
        (
            "weights_for_windows",
            "dw is computed from the weights",
            "A weight acts on an output through the pixel that it lies on: dw is dout times the window.",
        ),
        (
            "np.tensordot(dout[:, :, i, j], xpad[here], axes=(0, 0))",
            "dout[:, :, i, j].sum(axis=0)[:, None, None, None] * w",
        ),
    ),
    mistake(
        (
            "integer_gradient",
            "The gradient has x's integer type, so fractions are lost",
            "np.zeros_like(x) takes over x's dtype. For an image of whole numbers that cuts the gradient off: make the "
            "array of floats.",
        ),
        ("np.zeros(xpad.shape)", "np.zeros_like(xpad)"),
    ),
    mistake(ANOTHER_ORDER, (f"return {CUT}, dw, dout", f"return dw, {CUT}, dout")),
    mistake(
        ANOTHER_ORDER, (f"return {CUT}, dw, dout.sum(axis=(0, 2, 3))", f"return dw, dout.sum(axis=(0, 2, 3)), {CUT}")
    ),
)

PRODUCT_1X1 = 'np.einsum("fc,nchw->nfhw", w[:, :, 0, 0], x, optimize=True)'
BY_PIXELS = "w[:, :, 0, 0].T"
OUT_SHAPE = "reshape(len(x), len(w), *x.shape[2:])"
WEIGHTS_TRANSPOSED = (
    "weights_transposed",
    "The weights are used transposed",
    "w[f, c] is the weight from channel c to filter f. Where there are as many filters as channels, nothing but the "
    "numbers tells them apart.",
)

CONV1X1_FORWARD = (
    mistake(BIAS_MISSING, (" + b[:, None, None]", "")),
    mistake(
        (
            "bias_along_the_row",
            "The biases are laid along the rows of the map",
            "NumPy lines a one-dimensional array up with the last axis, and that is the columns. Bias f belongs to all "
            "pixels of map f.",
        ),
        ("b[:, None, None]", "b"),
    ),
    mistake(
        WEIGHTS_TRANSPOSED,
        ("w[:, :, 0, 0], x", "w[:, :, 0, 0].T.reshape(w.shape[:2]), x"),
    ),
    mistake(
        NO_TRANSPOSE,
        (f"{PRODUCT_1X1} + b[:, None, None]", f"(x.reshape(-1, x.shape[1]) @ {BY_PIXELS} + b).{OUT_SHAPE}"),
    ),
    mistake(
        NOT_MOVED_BACK,
        (f"{PRODUCT_1X1} + b[:, None, None]", f"(x.transpose(0, 2, 3, 1) @ {BY_PIXELS} + b).{OUT_SHAPE}"),
    ),
    mistake(
        (
            "channels_last",
            "The result has its channels on the last axis",
            "Maps are (N, F, H, W) here: move the filters' axis back to its place.",
        ),
        (f"{PRODUCT_1X1} + b[:, None, None]", f"x.transpose(0, 2, 3, 1) @ {BY_PIXELS} + b"),
    ),
    mistake(FIRST_CHANNEL, ("w[:, :, 0, 0], x", "w[:, :1, 0, 0], x[:, :1]")),
    mistake(
        (
            "channels_averaged",
            "The sum over the channels is divided by their number",
            "A weighted sum, as in an affine layer: nothing is divided.",
        ),
        ("optimize=True) +", "optimize=True) / x.shape[1] +"),
    ),
    mistake(
        (
            "pixels_summed",
            "The pixels are summed up too",
            "Each pixel has its own result: the map keeps its height and width.",
        ),
        ("nchw->nfhw", "nchw->nf"),
        ("b[:, None, None]", "b"),
    ),
    mistake(RELU_TOO, ("return out,", "return np.maximum(out, 0),")),
)

CONV1X1_BACKWARD = (
    mistake(
        WEIGHTS_TRANSPOSED,
        ('"fc,nfhw->nchw", w[:, :, 0, 0],', '"cf,nfhw->nchw", w[:, :, 0, 0].reshape(w.shape[1::-1]),'),
    ),
    mistake(
        (
            "weight_gradient_shape",
            "dw has lost its last two axes",
            "dw has w's shape, (F, C, 1, 1).",
        ),
        ("dw[:, :, None, None]", "dw"),
    ),
    mistake(
        (
            "weight_gradient_transposed",
            "dw is transposed",
            "dw has w's shape, (F, C, 1, 1): the filters first, then the channels.",
        ),
        ("nchw->fc", "nchw->cf"),
    ),
    mistake(BIAS_AXES, ("sum(axis=(0, 2, 3))", "sum(axis=0)")),
    mistake(BIAS_AXES, ("sum(axis=(0, 2, 3))", "sum(axis=(0, 1))")),
    mistake(BIAS_AXES, ("sum(axis=(0, 2, 3))", "sum(axis=(2, 3))")),
    mistake(AVERAGED, ("sum(axis=(0, 2, 3))", "mean(axis=(0, 2, 3))")),
    mistake(
        AVERAGED,
        (
            "return dx, dw[:, :, None, None], dout.sum(axis=(0, 2, 3))",
            "return dx, dw[:, :, None, None] / len(x), dout.sum(axis=(0, 2, 3)) / len(x)",
        ),
    ),
    mistake(AVERAGED, ("return dx, dw[:, :, None, None]", "return dx, dw[:, :, None, None] / len(x)")),
    mistake(
        NO_TRANSPOSE,
        (
            'np.einsum("nfhw,nchw->fc", dout, x, optimize=True)',
            "dout.reshape(-1, len(w)).T @ x.reshape(-1, w.shape[1])",
        ),
    ),
    mistake(
        NO_TRANSPOSE,
        (
            'np.einsum("fc,nfhw->nchw", w[:, :, 0, 0], dout, optimize=True)',
            "(dout.reshape(-1, len(w)) @ w[:, :, 0, 0]).reshape(x.shape)",
        ),
        (
            'np.einsum("nfhw,nchw->fc", dout, x, optimize=True)',
            "dout.reshape(-1, len(w)).T @ x.reshape(-1, w.shape[1])",
        ),
    ),
    mistake(
        NOT_MOVED_BACK,
        (
            'np.einsum("fc,nfhw->nchw", w[:, :, 0, 0], dout, optimize=True)',
            "(dout.transpose(0, 2, 3, 1) @ w[:, :, 0, 0]).reshape(x.shape)",
        ),
    ),
    mistake(ANOTHER_ORDER, ("return dx, dw[:, :, None, None], dout", "return dw[:, :, None, None], dx, dout")),
)

FILTERS = "w.T.reshape(M, C, H, W)"
SIDES_EXCHANGED = (
    "height_width_exchanged",
    "Height and width of the filters are exchanged",
    "Row c·H·W + i·W + j of w belongs to pixel (i, j): the column j runs fastest, then the row i. With square maps "
    "nobody "
    "notices.",
)
BIAS_CHANGED = (
    "bias_changed",
    "The biases are not the same any more",
    "Output m has become filter m, and keeps its bias: (M,), unchanged.",
)

FC_TO_CONV = (
    mistake(NO_TRANSPOSE, (FILTERS, "w.reshape(M, C, H, W)")),
    mistake(CHANNELS_LAST, (FILTERS, "w.T.reshape(M, H, W, C).transpose(0, 3, 1, 2)")),
    mistake(
        (
            "filters_of_shape_hwc",
            "The filters have the shape (height, width, channels)",
            "A filter is (C, H, W), as the map is.",
        ),
        (FILTERS, "w.T.reshape(M, H, W, C)"),
    ),
    mistake(
        (
            "filters_of_shape_hwc",
            "The filters have the shape (height, width, channels)",
            "A filter is (C, H, W), as the map is.",
        ),
        (FILTERS, f"{FILTERS}.transpose(0, 2, 3, 1)"),
    ),
    mistake(
        (
            "filters_on_the_last_axis",
            "The filters are counted on the last axis",
            "Filter m is w[m]: the outputs come first, (M, C, H, W).",
        ),
        (FILTERS, "w.reshape(C, H, W, M)"),
    ),
    mistake(SIDES_EXCHANGED, (FILTERS, "w.T.reshape(M, C, W, H).swapaxes(2, 3)")),
    mistake(SIDES_EXCHANGED, (FILTERS, "w.T.reshape(M, C, W, H)")),
    mistake(COLUMN_MAJOR, (FILTERS, 'w.T.reshape(M, C, H, W, order="F")')),
    mistake(FLIPPED, (FILTERS, f"{FILTERS}[:, :, ::-1, ::-1]")),
    mistake(BIAS_CHANGED, ("(M, C, H, W), b", "(M, C, H, W), np.zeros_like(b)")),
    mistake(
        (
            "bias_reshaped",
            "The biases have further axes",
            "A convolution's biases are (F,), one for each filter, just as the affine layer's are.",
        ),
        ("(M, C, H, W), b", "(M, C, H, W), b.reshape(M, 1, 1)"),
    ),
    mistake(
        (
            "error_missing",
            "Weights that do not fit the map are let through",
            "Raise a ValueError where w has not C·H·W rows. (reshape with -1 finds some number of filters for nearly "
            "any "
            "weights.)",
        ),
        ("if D != C * H * W:", "if False:"),
        ("reshape(M, C, H, W)", "reshape(-1, C, H, W)"),
    ),
    mistake(
        (
            "error_missing",
            "Weights that do not fit the map are let through",
            "Raise a ValueError where w has not C·H·W rows. (reshape with -1 finds some number of filters for nearly "
            "any "
            "weights.)",
        ),
        ("if D != C * H * W:", "if False:"),
        (FILTERS, "w.T[:, : C * H * W].reshape(M, C, H, W)"),
    ),
)

WEIGHTS = "w.reshape(len(w), -1).T"
AXES_REVERSED = (
    "axes_reversed",
    "All axes are reversed, not only the first moved",
    "The transpose of a four-dimensional array reverses all of its axes: (W, H, C, M). Only the filters' axis goes "
    "to the end.",
)

CONV_TO_FC = (
    mistake(NO_TRANSPOSE, (WEIGHTS, "w.reshape(-1, len(w))")),
    mistake(
        (
            "outputs_first",
            "The weights are (outputs, inputs)",
            "An affine layer's w is (D, M): one column for each output.",
        ),
        (WEIGHTS, "w.reshape(len(w), -1)"),
    ),
    mistake(CHANNELS_LAST, (WEIGHTS, "w.transpose(0, 2, 3, 1).reshape(len(w), -1).T")),
    mistake(AXES_REVERSED, (WEIGHTS, "w.T.reshape(-1, len(w))")),
    mistake(
        (
            "height_width_exchanged",
            "Height and width of the filters are exchanged",
            "Row c·H·W + i·W + j of w belongs to pixel (i, j): the column j runs fastest, then the row i.",
        ),
        (WEIGHTS, "w.swapaxes(2, 3).reshape(len(w), -1).T"),
    ),
    mistake(AXES_REVERSED, (WEIGHTS, 'w.reshape(len(w), -1, order="F").T')),
    mistake(FLIPPED, (WEIGHTS, "w[:, :, ::-1, ::-1].reshape(len(w), -1).T")),
    mistake(BIAS_CHANGED, (".T, b", ".T, np.zeros_like(b)")),
)

CONVERTED = "fc_to_conv(w, b, input_shape)"
NEXT_SHAPE = "input_shape = (len(b), 1, 1)"
KEPT_LARGE = (
    "later_layers_kept_large",
    "The later layers are given kernels as large as the first one's",
    "Behind the first convolution, on a map of input_shape, there is one pixel left. How large a kernel can the second "
    "layer have, and how many weights has it?",
)
TOLD_APART_BY_SIZE = (
    "told_apart_by_size",
    "A later layer is given large kernels because its size would fit",
    "A hidden layer may have as many inputs as the map has numbers. Not its size tells which layer reads the map, but "
    "its place: only the first one does.",
)

CONVIFY_HEAD = (
    mistake(KEPT_LARGE, (NEXT_SHAPE, "input_shape = (len(b), *input_shape[1:])")),
    mistake(
        KEPT_LARGE,
        (
            f"layers.append({CONVERTED})",
            "if layers:\n"
            "            layers.append((np.tile(w.T[:, :, None, None], (1, 1, *kernel)), b))\n"
            "        else:\n"
            f"            layers.append({CONVERTED})\n"
            "            kernel = input_shape[1:]",
        ),
    ),
    mistake(
        KEPT_LARGE,
        (
            f"layers.append({CONVERTED})",
            "if layers:\n"
            "            wide = np.zeros((len(b), len(w), *kernel))\n"
            "            wide[:, :, 0, 0] = w.T\n"
            "            layers.append((wide, b))\n"
            "        else:\n"
            f"            layers.append({CONVERTED})\n"
            "            kernel = input_shape[1:]",
        ),
    ),
    mistake(
        TOLD_APART_BY_SIZE,
        (CONVERTED, "fc_to_conv(w, b, input_shape if len(w) == np.prod(input_shape) else (len(w), 1, 1))"),
        (NEXT_SHAPE, "pass"),
    ),
    mistake(
        TOLD_APART_BY_SIZE,
        (
            f"layers.append({CONVERTED})",
            "pixels = int(np.prod(input_shape[1:]))\n"
            "        channels, left = divmod(len(w), pixels)\n"
            "        seen = (len(w), 1, 1) if left else (channels, *input_shape[1:])\n"
            "        layers.append(fc_to_conv(w, b, seen))",
        ),
        (NEXT_SHAPE, "pass"),
    ),
    mistake(NO_TRANSPOSE, (CONVERTED, "(w.reshape(len(b), *input_shape), b)")),
    mistake(
        (
            "transpose_missing_in_later_layers",
            "The later layers' weights are reshaped without the transpose",
            "A 1×1 kernel is w.T with two axes of length 1 behind it: filter m needs column m of the affine weights.",
        ),
        (CONVERTED, "(w.reshape(len(b), *input_shape), b) if layers else fc_to_conv(w, b, input_shape)"),
    ),
    mistake(
        CHANNELS_LAST, (CONVERTED, "(w.T.reshape(len(b), *input_shape[1:], input_shape[0]).transpose(0, 3, 1, 2), b)")
    ),
    mistake(
        (
            "first_layer_only",
            "Only the first layer is converted",
            "On a larger map the first convolution leaves more than one pixel. So the later layers must be "
            "convolutions too: "
            "which kernels?",
        ),
        (CONVERTED, "fc_to_conv(w, b, input_shape) if not layers else (w, b)"),
    ),
    mistake(
        (
            "last_layer_missing",
            "A layer is missing from the list",
            "One (w, b) for each affine layer, the last one as well.",
        ),
        ("return layers", "return layers[:-1]"),
    ),
    mistake(
        (
            "layers_reversed",
            "The layers are in reverse order",
            "The first convolution reads the map.",
        ),
        ("return layers", "return layers[::-1]"),
    ),
    mistake(
        (
            "relus_listed",
            "The ReLUs are in the list",
            "They are understood: list the convolutions only.",
        ),
        ("return layers", "return [item for pair in zip(layers, [None] * len(layers)) for item in pair][:-1]"),
    ),
    mistake(BIAS_CHANGED, (CONVERTED, "(fc_to_conv(w, b, input_shape)[0], np.zeros_like(b))")),
    mistake(
        (
            "biases_left_out",
            "The biases are left out",
            "Each item of the list is a pair, (w, b).",
        ),
        (CONVERTED, "fc_to_conv(w, b, input_shape)[0]"),
    ),
)

MISTAKES: dict[str, tuple[KnownMistake, ...]] = {
    "affine_forward": AFFINE_FORWARD,
    "affine_backward": AFFINE_BACKWARD,
    "conv_forward_naive": CONV_FORWARD,
    "conv_backward_naive": CONV_BACKWARD,
    "conv1x1_forward": CONV1X1_FORWARD,
    "conv1x1_backward": CONV1X1_BACKWARD,
    "fc_to_conv": FC_TO_CONV,
    "conv_to_fc": CONV_TO_FC,
    "convify_head": CONVIFY_HEAD,
}
"""By exercise."""

NO_BIASES = (
    "biases_not_counted",
    "The biases are not counted",
    "Each output has one bias: how many are there?",
)
KERNEL_OF_ONE_CHANNEL = (
    "channels_not_counted",
    "The channels are not counted",
    "Every output looks at all pixels of all channels.",
)

Wrong = tuple[Words, str]
"""Words, and the wrong answer as an expression."""

QUESTION_MISTAKES: dict[str, tuple[Wrong, ...]] = {
    "bottleneck_parameters": (
        (NO_BIASES, "256 * 64 + 64 * 64 * 9 + 64 * 256"),
        (
            (
                "work_counted_as_1x1",
                "The middle convolution is 3×3",
                "A 3×3 kernel has nine weights for every channel.",
            ),
            "(256 * 64 + 64) + (64 * 64 + 64) + (64 * 256 + 256)",
        ),
        (
            (
                "plain_3x3",
                "That is one 3×3 convolution from 256 channels to 256",
                "Count the three narrow ones, one after the other, and add them up.",
            ),
            "256 * 256 * 9 + 256",
        ),
    ),
    "fc6_kernel_side": (
        (
            (
                "halved_four_times",
                "Halved four times",
                "224, 112, 56, ... Go on until you have halved five times.",
            ),
            "14",
        ),
        (
            (
                "kernel_of_the_trunk",
                "That is the kernel of the convolutions before it",
                "fc6 must see the whole map at once.",
            ),
            "3",
        ),
        (
            (
                "kernel_of_later_layers",
                "That is the kernel of fc7 and fc8",
                "fc6 must see the whole map at once. How many pixels high is it?",
            ),
            "1",
        ),
        (
            (
                "image_side",
                "That is the side of the image",
                "fc6 sits on the map that is left when the image has been halved five times.",
            ),
            "224",
        ),
    ),
    "fc6_parameters": (
        (NO_BIASES, "7 * 7 * 512 * 4096"),
        (KERNEL_OF_ONE_CHANNEL, "7 * 7 * 4096 + 4096"),
        (
            (
                "one_side_only",
                "A map of 7 by 7 has more than 7 pixels",
                "Height times width times channels: so many inputs has each of the 4096 outputs.",
            ),
            "7 * 512 * 4096 + 4096",
        ),
    ),
    "fc7_parameters": (
        (NO_BIASES, "4096 * 4096"),
        (
            (
                "later_layers_kept_large",
                "That would be kernels of 7×7",
                "Behind fc6, on a map of 7×7, one pixel is left: fc7 reads 4096 numbers.",
            ),
            "4096 * 4096 * 49 + 4096",
        ),
    ),
    "fc8_parameters": (
        (NO_BIASES, "4096 * 1000"),
        (
            (
                "biases_of_the_inputs",
                "One bias for each input is counted",
                "A bias belongs to an output, and fc8 has 1000 of them.",
            ),
            "4096 * 1000 + 4096",
        ),
        (
            (
                "later_layers_kept_large",
                "That would be kernels of 7×7",
                "Behind fc6, on a map of 7×7, one pixel is left: fc8 reads 4096 numbers.",
            ),
            "4096 * 1000 * 49 + 1000",
        ),
    ),
    "score_map_side": (
        (
            (
                "map_before_the_head",
                "That is the map in front of fc6",
                "The trunk leaves so many rows. At how many places does a kernel of fc6 fit into them?",
            ),
            "12",
        ),
        (
            (
                "plus_one_missing",
                "One place too few",
                "Count the places of a window of 7 rows in 12 rows with your fingers.",
            ),
            "5",
        ),
        (
            (
                "original_size_only",
                "That is the answer for 224×224 pixels",
                "On a larger image the map in front of fc6 is larger too, and the kernels fit in more than one place.",
            ),
            "1",
        ),
    ),
    "pixels_between_windows": (
        (
            (
                "head_stride",
                "That is the step on the map in front of fc6",
                "One pixel of that map: how many pixels of the image does the trunk make one of?",
            ),
            "1",
        ),
        (
            (
                "side_by_side",
                "Then the windows would lie side by side",
                "Six windows of 224 pixels are to fit into 384 pixels.",
            ),
            "224",
        ),
        (
            (
                "image_over_places",
                "The image divided by the number of places",
                "The first window begins at row 0, the last ends at row 384: how far apart are the six beginnings?",
            ),
            "64",
        ),
    ),
    "trunk_work_saved": (
        (
            (
                "number_of_crops",
                "That is the number of crops",
                "One large image is not as cheap as one crop: it has more pixels. How many times more?",
            ),
            "36",
        ),
        (
            (
                "one_crop_only",
                "That compares the large image with one crop",
                "There are 6 × 6 crops.",
            ),
            "384**2 / 224**2",
        ),
        (
            (
                "sides_not_areas",
                "Pixels are counted along one side only",
                "An image has as many pixels as its height times its width.",
            ),
            "6 * 224 / 384",
        ),
        (
            (
                "sides_not_areas",
                "Pixels are counted along one side only",
                "An image has as many pixels as its height times its width.",
            ),
            "36 * 224 / 384",
        ),
        (
            (
                "upside_down",
                "The quotient is upside down",
                "How many times MORE pixels are in all crops together: a number above 1.",
            ),
            "384**2 / (36 * 224**2)",
        ),
    ),
}
"""By question."""
