"""Known mistakes of notebook 08, a convolutional network: each a small edit of the reference."""

from autograder.exercises.exercise import KnownMistake, Words, mistake

__all__ = ["MISTAKES", "QUESTION_MISTAKES"]

SIZES = (
    "sizes_do_not_fit",
    "Arrays meet whose shapes do not fit",
    "Follow the shape of the data on paper, layer by layer: convolutions with padding 1 keep height and width, every "
    "pooling halves them and rounds down, and a convolution's filters have as many channels as the layer before it has "
    "filters. The first fully-connected layer must be made for what is left.",
)
NO_GRADIENT = (
    "gradient_missing",
    "A parameter has no gradient, or that of another one",
    "grads has the keys of params, all of them, and under each key an array of the parameter's shape. Print both, name "
    "by name.",
)
LOSS_RETURN = (
    "loss_return",
    "With y, loss returns something else than (loss, grads)",
    "With y the Solver writes loss, grads = model.loss(X, y): first a number, then a dictionary.",
)
NO_BIAS = (
    "bias_missing",
    "The bias is left out",
    "Every convolution and every fully-connected layer adds a bias, the last one too.",
)
NO_RELU = (
    "relu_missing",
    "A ReLU is missing",
    "Two linear layers in a row are one linear layer. Every convolution and every fully-connected layer but the last "
    "has a ReLU behind it.",
)
POOL_PLACES = (
    "pooling_at_other_places",
    "Pooling stands at other places",
    "A block pools once, behind the last of its convolutions, and only where its third entry is true.",
)
MEAN_TWICE = (
    "mean_of_loss_and_gradient",
    "Loss or gradient is a sum over the images where a mean is meant, or a mean taken twice",
    "softmax_loss has the mean over the minibatch in it, in the loss as well as in the gradient. Nothing more is to be "
    "multiplied or divided by the number of images.",
)

_GRADS = 'dout, grads[f"{name}_w"], grads[f"{name}_b"] = backward(dout, cache)'
_LOSS = "loss, dout = softmax_loss(out, y)"
_SCORES = 'learn("fc", "scores", (D, num_classes), D, num_classes)'
_POOL = (
    '            if pool:\n                self.layers.append(("pool", ""))\n                H, W = H // 2, W // 2\n'
)
_POOLS = "".join(f"    {line}\n" for line in _POOL.splitlines())
_WEIGHTS = 'w, b = self.params[f"{name}_w"], self.params[f"{name}_b"]'
_RANDOM = 'self.params[f"{name}_w"] = std * rng.standard_normal(shape)'

CONVNET = (
    mistake(SIZES, ('"pad": 1}', '"pad": 0}')),
    mistake(SIZES, ("H, W = H // 2, W // 2\n", "pass\n")),
    mistake(SIZES, ("H, W = H // 2, W // 2\n", "H, W = -(-H // 2), -(-W // 2)\n")),
    mistake(SIZES, ('"pad": 1}', '"pad": 2}')),
    mistake(NO_GRADIENT, (_GRADS, 'dout, grads[f"{name}_w"], _ = backward(dout, cache)')),
    mistake(NO_GRADIENT, (_GRADS, 'dout, grads[f"{name}_b"], grads[f"{name}_w"] = backward(dout, cache)')),
    mistake(NO_GRADIENT, (_GRADS, 'dout, grads[f"d{name}_w"], grads[f"d{name}_b"] = backward(dout, cache)')),
    mistake(LOSS_RETURN, ("return loss, grads", "return loss")),
    mistake(LOSS_RETURN, ("return loss, grads", "return grads, loss")),
    mistake(LOSS_RETURN, ("return loss, grads", "return loss, list(grads.values())")),
    mistake(NO_BIAS, ("conv_forward(out, w, b, ", "conv_forward(out, w, 0 * b, ")),
    mistake(NO_BIAS, ("affine_forward(out, w, b)", "affine_forward(out, w, 0 * b)")),
    mistake(
        (
            "biases_not_learned",
            "The biases are not among the parameters",
            "The Solver changes what stands in params, and nothing else. What is not in there stays as it is for ever.",
        ),
        ('            self.params[f"{name}_b"] = np.zeros(outputs)\n', ""),
        (
            _WEIGHTS,
            'w = self.params[f"{name}_w"]\n                b = np.zeros(w.shape[1] if kind == "fc" else len(w))',
        ),
    ),
    mistake(
        NO_RELU, ('                self.layers.append(("relu", ""))\n                C = ', "                C = ")
    ),
    mistake(NO_RELU, ('            self.layers.append(("relu", ""))\n            D = ', "            D = ")),
    mistake(
        NO_RELU,
        ('                self.layers.append(("relu", ""))\n                C = ', "                C = "),
        ('            self.layers.append(("relu", ""))\n            D = ', "            D = "),
    ),
    mistake(
        (
            "relu_on_scores",
            "The scores go through a ReLU",
            "Scores may be negative: softmax makes probabilities of them. Behind the last layer nothing follows.",
        ),
        (_SCORES, f'{_SCORES}\n        self.layers.append(("relu", ""))'),
    ),
    mistake(POOL_PLACES, ("            if pool:", "            if repeats:")),
    mistake(POOL_PLACES, (_POOL, _POOLS)),
    mistake(POOL_PLACES, ("            if pool:", "            if pool and m == len(blocks):")),
    mistake(POOL_PLACES, ("            if pool:", "            if not pool:")),
    mistake(POOL_PLACES, ("            if pool:", "            if False:")),
    mistake(
        (
            "one_convolution_per_block",
            "A block has one convolution, whatever its second entry says",
            "The second entry of a block counts its convolutions. Only the first of them sees the channels of the "
            "block before.",
        ),
        ("range(1, repeats + 1)", "range(1, 2)"),
    ),
    mistake(
        (
            "block_entries_exchanged",
            "The first two entries of a block are exchanged",
            "A block is (filters, number of convolutions, pool).",
        ),
        ("(filters, repeats, pool)", "(repeats, filters, pool)"),
    ),
    mistake(
        (
            "hidden_layers_left_out",
            "Not every hidden layer is there",
            "hidden lists the widths of all hidden layers: as many fully-connected layers, each with its ReLU, and "
            "then the one that makes the scores.",
        ),
        ("enumerate(hidden, start=1)", "enumerate(hidden[:1], start=1)"),
    ),
    mistake(
        (
            "hidden_layers_left_out",
            "Not every hidden layer is there",
            "hidden lists the widths of all hidden layers: as many fully-connected layers, each with its ReLU, and "
            "then the one that makes the scores.",
        ),
        ("enumerate(hidden, start=1)", "enumerate(hidden[:0], start=1)"),
    ),
    mistake(
        (
            "another_filter_size",
            "The filters are not 3×3",
            "All convolutions of this network have filters of 3×3 pixels.",
        ),
        ("(filters, C, 3, 3), 9 * C", "(filters, C, 5, 5), 25 * C"),
        ('"pad": 1}', '"pad": 2}'),
    ),
    mistake(
        (
            "average_pooling",
            "Windows are averaged",
            "This network keeps the largest number of every window.",
        ),
        ("np.max(corners, axis=0)", "np.mean(corners, axis=0)"),
        ("dout * (winner == k)", "dout / 4"),
    ),
    mistake(
        (
            "probabilities_for_scores",
            "Without y, probabilities are returned in place of scores",
            "Scores are what the last layer puts out; the softmax belongs to the loss.",
        ),
        (
            "            return out\n",
            "            e = np.exp(out)\n            return e / e.sum(axis=1, keepdims=True)\n",
        ),
    ),
    mistake(
        (
            "input_changed",
            "The images are changed in place",
            "Who calls loss wants to use the images again. Look for -=, /= and the like on X.",
        ),
        ("out, caches = X, []", "X -= X.mean()\n        out, caches = X, []"),
    ),
    mistake(MEAN_TWICE, (_LOSS, f"{_LOSS}\n        loss, dout = loss * len(y), dout * len(y)")),
    mistake(MEAN_TWICE, (_LOSS, f"{_LOSS}\n        loss, dout = loss / len(y), dout / len(y)")),
    mistake(MEAN_TWICE, (_LOSS, f"{_LOSS}\n        dout = dout / len(y)")),
    mistake(MEAN_TWICE, (_LOSS, f"{_LOSS}\n        dout = dout * len(y)")),
    mistake(
        (
            "relu_ignored_backward",
            "The backward pass goes past a ReLU as if it were not there",
            "Where a ReLU put out 0 no gradient goes back. Each layer that stands in the forward pass stands in the "
            "backward pass too.",
        ),
        ("dout = relu_backward(dout, cache)", "pass"),
    ),
    mistake(
        (
            "pool_gradient_everywhere",
            "Pooling gives its gradient to every pixel of the window",
            "An output of max pooling listens to one pixel of its window. Only that one gets the gradient.",
        ),
        ("dout * (winner == k)", "dout"),
    ),
    mistake(
        (
            "pool_gradient_everywhere",
            "Pooling gives its gradient to every pixel of the window",
            "An output of max pooling listens to one pixel of its window. Only that one gets the gradient.",
        ),
        ("dout * (winner == k)", "dout / 4"),
    ),
    mistake(
        (
            "gradient_sign",
            "The gradients have the wrong sign",
            "The gradient points uphill. That training goes downhill is the Solver's business.",
        ),
        ("return loss, grads", "return loss, {name: -grad for name, grad in grads.items()}"),
    ),
    mistake(
        (
            "not_backwards",
            "The backward pass goes through the layers in another order",
            "What came last in the forward pass comes first in the backward pass, each layer with its own cache.",
        ),
        ("zip(reversed(self.layers), reversed(caches), strict=True)", "zip(self.layers, caches, strict=True)"),
    ),
    mistake(
        (
            "parameters_kept_elsewhere",
            "The weights that are used are not those in params",
            "The Solver puts new arrays into params after every step. A layer that keeps the array it was made with "
            "never learns.",
        ),
        (
            'self.params["scores_w"] *= 0.1',
            'self.params["scores_w"] *= 0.1\n        self.kept = dict(self.params)',
        ),
        (_WEIGHTS, _WEIGHTS.replace("params", "kept")),
    ),
    mistake(
        (
            "first_loss_large",
            "The first scores are large: the network is sure of itself before it has learned anything",
            "Before training no class should be preferred. Scores near 0 make all probabilities alike: look at the "
            "scale of the last layer's first weights.",
        ),
        ('self.params["scores_w"] *= 0.1', 'self.params["scores_w"] *= 10'),
    ),
    KnownMistake(
        "zero_weights",
        "The network learns nothing at all",
        "After the first minibatch, print the largest gradient under each name: where is it 0? Weights that all start "
        "at 0, or very near it, let nothing through and keep all filters alike; only biases start at 0. And behind the "
        "scores there is no ReLU.",
        edits=((_RANDOM, 'self.params[f"{name}_w"] = np.zeros(shape)'),),
        trains=True,
    ),
    mistake(
        (
            "seed_ignored",
            "The seed makes no difference",
            "Two networks with different seeds have different weights.",
        ),
        ("np.random.default_rng(seed)", "np.random.default_rng(0)"),
    ),
    mistake(
        (
            "unseeded",
            "Equal seeds give different weights",
            "Draw all weights from one generator that was made from the seed; NumPy's global one knows nothing of it.",
        ),
        ("np.random.default_rng(seed)", "np.random.default_rng()"),
    ),
)

FIRST_IMAGE = (
    "first_image_only",
    "Only the first image is used",
    "x has N images. Look for an index 0 where all of them should be.",
)
FLIPPED = (
    "filter_flipped",
    "The filter is turned by 180 degrees",
    "The stamp's upper left weight lands on its upper left pixel: nothing is turned. (In the way by a padded "
    "convolution the filter is turned; in the way by stamps it is not.)",
)
EXCHANGED = (
    "height_width_exchanged",
    "Height and width are exchanged",
    "HH goes with rows (axis 2), WW with columns (axis 3). With square filters nobody notices.",
)
MAPS_CHANNELS = (
    "maps_and_channels_exchanged",
    "The two first axes of w are exchanged",
    "w is (F, C, HH, WW), as for the convolution that goes the other way: F is what comes in here, C what comes out.",
)
STRIDE = (
    "stride_ignored",
    "The stride is left out",
    "The next stamp starts S pixels further on, in rows and in columns. With S = 1 nobody notices.",
)
PADDING = (
    "padding_ignored",
    "The padding is left out",
    "Forward, P rows and columns are cut off on all four sides; backward, their gradient is 0, so that P zeros go "
    "around dout.",
)
_SLICES = "slice(p, p + (H - 1) * S + 1, S), slice(q, q + (W - 1) * S + 1, S)"
_CROP = "P : canvas.shape[2] - P, P : canvas.shape[3] - P"

TRANSPOSE_FORWARD = (
    mistake(
        (
            "cut_empty_without_padding",
            "Nothing is left where there is no padding",
            "What is a[P:-P] for P = 0? -0 is 0, and the slice ends where it begins.",
        ),
        (_CROP, "P:-P, P:-P"),
    ),
    mistake(
        (
            "bias_missing",
            "The bias is left out",
            "Put zeros in for x: every output must then be the bias of its channel.",
        ),
        ("return out + b[:, None, None], ", "return out, "),
    ),
    mistake(
        (
            "bias_before_cut",
            "The bias is added once for every stamp",
            "Each output gets its channel's bias once, however many stamps lie on it.",
        ),
        (
            "canvas[:, :, rows, columns] += stamps[:, p, q]",
            "canvas[:, :, rows, columns] += stamps[:, p, q] + b[:, None, None, None] / (HH * WW)",
        ),
        ("return out + b[:, None, None], ", "return out, "),
    ),
    mistake(
        (
            "overlap_assigned",
            "Where stamps overlap, one replaces the other",
            "Stamps that overlap add up.",
        ),
        ("canvas[:, :, rows, columns] += ", "canvas[:, :, rows, columns] = "),
    ),
    mistake(
        (
            "overlap_assigned",
            "Where stamps overlap, one replaces the other",
            "Stamps that overlap add up.",
        ),
        (
            "    out = canvas[",
            "    for i, j in np.ndindex(H, W):\n"
            "        stamp = stamps[..., i, j].transpose(0, 3, 1, 2)\n"
            "        canvas[:, :, i * S : i * S + HH, j * S : j * S + WW] = stamp\n"
            "    out = canvas[",
        ),
    ),
    mistake(FLIPPED, ("stamps[:, p, q]", "stamps[:, HH - 1 - p, WW - 1 - q]")),
    mistake(STRIDE, ('S, P = conv_param["stride"], conv_param["pad"]', 'S, P = 1, conv_param["pad"]')),
    mistake(PADDING, (_CROP, ":, :")),
    mistake(PADDING, (_CROP, "P:, P:")),
    mistake(PADDING, (_CROP, ": canvas.shape[2] - P, : canvas.shape[3] - P")),
    mistake(
        (
            "padding_added",
            "The padding makes the output larger",
            "For the transposed convolution the padding works the other way round: P pixels are cut off on every side.",
        ),
        (
            "return out + b[:, None, None], ",
            "out = np.pad(canvas, ((0, 0), (0, 0), (P, P), (P, P))).swapaxes(0, 1)\n"
            "    return out + b[:, None, None], ",
        ),
    ),
    mistake(
        (
            "size_rounded_to_stride",
            "The output is S times as large as the input",
            "Along one side there are H stamps, S pixels apart, and the last one is HH pixels long. S·H is the size "
            "for some filters only.",
        ),
        (
            "return out + b[:, None, None], ",
            "full = np.zeros((N, C, H * S, W * S))\n    h, w_ = min(H * S, out.shape[2]), min(W * S, out.shape[3])\n"
            "    full[:, :, :h, :w_] = out[:, :, :h, :w_]\n    out = full\n    return out + b[:, None, None], ",
        ),
    ),
    mistake(FIRST_IMAGE, ("np.tensordot(w, x, axes=(0, 1))", "np.tensordot(w, 0 * x + x[:1], axes=(0, 1))")),
    mistake(
        (
            "first_map_only",
            "Only one of the maps that come in is used",
            "Every one of the F maps lays its stamps, on all C channels.",
        ),
        ("np.tensordot(w, x, axes=(0, 1))", "np.tensordot(w[:1], x[:, :1], axes=(0, 1))"),
    ),
    mistake(
        EXCHANGED,
        ("np.tensordot(w, x, axes=(0, 1))", "np.tensordot(w.swapaxes(2, 3), x, axes=(0, 1))"),
        ("C, HH, WW = w.shape[1:]", "C, WW, HH = w.shape[1:]"),
    ),
    mistake(
        MAPS_CHANNELS,
        ("axes=(0, 1))", "axes=(1, 1))"),
        ("C, HH, WW = w.shape[1:]", "C, HH, WW = w.shape[0], *w.shape[2:]"),
    ),
    mistake(
        (
            "overlap_averaged",
            "Where stamps overlap, they are averaged",
            "Stamps that overlap add up. (Dividing by their number would make another layer.)",
        ),
        (
            "    out = canvas[",
            "    count = 0 * canvas\n    for p, q in np.ndindex(HH, WW):\n"
            f"        rows, columns = {_SLICES}\n        count[:, :, rows, columns] += 1\n"
            "    canvas = canvas / np.maximum(count, 1)\n    out = canvas[",
        ),
    ),
    mistake(
        (
            "relu_included",
            "Negative results are cut off",
            "A ReLU is a layer of its own. This layer alone is linear: its outputs may be negative.",
        ),
        ("return out + b[:, None, None], ", "return np.maximum(out + b[:, None, None], 0), "),
    ),
)

_DX = "np.tensordot(stamps, w, axes=((1, 4, 5), (1, 2, 3)))"
_RETURN = "return dx, dw, dout.sum(axis=(0, 2, 3))"

TRANSPOSE_BACKWARD = (
    mistake(
        (
            "weight_gradient_assigned",
            "dw keeps the last pixel only",
            "The same weights make the stamps of all pixels, so each pixel has its share in dw. Does your code add, or "
            "replace?",
        ),
        ("return dx, dw, ", "return dx, np.tensordot(x[:, :, -1, -1], stamps[:, :, -1, -1], axes=(0, 0)), "),
    ),
    mistake(FLIPPED, (_DX, "np.tensordot(stamps, w[:, :, ::-1, ::-1], axes=((1, 4, 5), (1, 2, 3)))")),
    mistake(FLIPPED, ("return dx, dw, ", "return dx, dw[:, :, ::-1, ::-1], ")),
    mistake(
        (
            "axes_not_moved",
            "dx has its axes in another order",
            "A product over axes leaves the remaining axes in a certain order. dx has the shape of x, (N, F, H, W).",
        ),
        (".transpose(0, 3, 1, 2)", ""),
    ),
    mistake(
        (
            "axes_not_moved",
            "dx has its axes in another order",
            "A product over axes leaves the remaining axes in a certain order. dx has the shape of x, (N, F, H, W).",
        ),
        (".transpose(0, 3, 1, 2)", ".reshape(x.shape)"),
    ),
    mistake(MAPS_CHANNELS, ("return dx, dw, ", "return dx, dw.swapaxes(0, 1), ")),
    mistake(
        (
            "gradients_averaged",
            "A gradient is divided by the number of images",
            "The mean over the minibatch is in dout already. A layer adds up.",
        ),
        ("return dx, dw, ", "return dx, dw / len(x), "),
    ),
    mistake(
        (
            "gradients_averaged",
            "A gradient is divided by the number of images",
            "The mean over the minibatch is in dout already. A layer adds up.",
        ),
        (_RETURN, "return dx, dw / len(x), dout.sum(axis=(0, 2, 3)) / len(x)"),
    ),
    mistake(
        (
            "bias_gradient_axes",
            "The bias's gradient is not the sum over images and pixels",
            "There is one bias for every channel of the output, and it has its part in every image and at every pixel.",
        ),
        (_RETURN, "return dx, dw, dout.sum(axis=0)"),
    ),
    mistake(
        (
            "bias_gradient_axes",
            "The bias's gradient is not the sum over images and pixels",
            "There is one bias for every channel of the output, and it has its part in every image and at every pixel.",
        ),
        (_RETURN, "return dx, dw, dout.mean(axis=(0, 2, 3))"),
    ),
    mistake(
        (
            "bias_gradient_axes",
            "The bias's gradient is not the sum over images and pixels",
            "There is one bias for every channel of the output, and it has its part in every image and at every pixel.",
        ),
        (_RETURN, "return dx, dw, x.sum(axis=(0, 2, 3))"),
    ),
    mistake(
        (
            "gradients_in_another_order",
            "The gradients come in another order",
            "Return them as the docstring lists them: dx, dw, db.",
        ),
        (_RETURN, "return dw, dx, dout.sum(axis=(0, 2, 3))"),
    ),
    mistake(
        FIRST_IMAGE,
        (
            "np.tensordot(x, stamps, axes=((0, 2, 3), (0, 2, 3)))",
            "np.tensordot(x[:1], stamps[:1], axes=((0, 2, 3), (0, 2, 3)))",
        ),
    ),
    mistake(
        STRIDE,
        ("stamps[:, :, ::S, ::S]", "stamps[:, :, : x.shape[2], : x.shape[3]]"),
    ),
    mistake(
        PADDING,
        ("np.pad(dout, ((0, 0), (0, 0), (P, P), (P, P)))", "np.pad(dout, ((0, 0), (0, 0), (0, 2 * P), (0, 2 * P)))"),
    ),
    mistake(
        (
            "kept_as_weights",
            "dx does not depend on w as it should",
            "A pixel of x is multiplied by the weights of its stamp. So its gradient is dout, weighted by the same "
            "weights, and summed over the stamp.",
        ),
        (_DX, "np.tensordot(stamps, np.ones_like(w), axes=((1, 4, 5), (1, 2, 3)))"),
    ),
)

NOTHING_LEARNED = (
    "nothing_learned",
    "The network knows hardly more than chance",
    "Does the loss fall? Look at the Solver's loss_history: a flat line says that nothing was trained, or at a "
    "learning rate that is too small; a wild one that it is too large.",
)
LEARNED_TOO_LITTLE = (
    "learned_too_little",
    "The network has learned something, and not enough",
    "Compare the accuracy on training and on other digits. Where both are low, train longer or with a better learning "
    "rate; where only the second one is, the network learns by heart.",
)
NO_NETWORK = (
    "no_network",
    "What is returned is no network",
    "Return the network itself: an object with a method loss.",
)

TRAIN_DIGITS = (
    mistake(NOTHING_LEARNED, ("    solver.train()\n", "")),
    mistake(NOTHING_LEARNED, ('"learning_rate": 1e-2', '"learning_rate": 1e-7')),
    mistake(NOTHING_LEARNED, ('"learning_rate": 1e-2', '"learning_rate": 10.0')),
    mistake(NOTHING_LEARNED, ('"y_train": y}', '"y_train": np.zeros_like(y)}')),
    mistake(LEARNED_TOO_LITTLE, ("num_epochs=20", "num_epochs=1"), ("measure_every=20", "measure_every=1")),
    mistake(LEARNED_TOO_LITTLE, ('{"X_train": X, "y_train": y}', '{"X_train": X[:60], "y_train": y[:60]}')),
    mistake(NO_NETWORK, ("    return net\n", "    return solver\n")),
    mistake(NO_NETWORK, ("    return net\n", "")),
)

MISTAKES: dict[str, tuple[KnownMistake, ...]] = {
    "ConvNet": CONVNET,
    "train_digits": TRAIN_DIGITS,
    "conv_transpose_forward": TRANSPOSE_FORWARD,
    "conv_transpose_backward": TRANSPOSE_BACKWARD,
}
"""By exercise."""

QUESTION_MISTAKES: dict[str, tuple[tuple[Words, str], ...]] = {
    "small_vgg_parameters": (
        (
            (
                "biases_forgotten",
                "The biases are not counted",
                "Every filter has a bias, and every output of a fully-connected layer.",
            ),
            "590976",
        ),
        (
            (
                "maps_not_halved",
                "Counted as if no block pooled",
                "Pooling learns nothing, but the first fully-connected layer gets what it leaves over.",
            ),
            "64 * 32 * 32 * 128 + 128 + 896 + 9248 + 18496 + 36928 + 1290",
        ),
        (
            (
                "one_convolution_counted",
                "One convolution per block is counted",
                "A block (filters, n, pool) has n convolutions.",
            ),
            "896 + 18496 + 524416 + 1290",
        ),
        (
            (
                "channels_forgotten",
                "A filter has weights for every channel that it sees",
                "A filter of 3×3 pixels on C channels has 9·C weights.",
            ),
            "320 + 320 + 640 + 640 + 524416 + 1290",
        ),
    ),
    "side_after_three_pools": (
        (("rounded_up", "Rounded up", "What does not fill a window is left out: round down."), "4"),
        (("exact_fraction", "A map has a whole number of pixels", "Round down at every pooling."), "3.5"),
        (("one_pool_too_few", "Two blocks are counted", "Three blocks pool, three times the side is halved."), "7"),
        (("one_pool_too_many", "Four blocks are counted", "Three blocks pool, three times the side is halved."), "1"),
    ),
    "receptive_field_side": (
        (
            (
                "step_forgotten",
                "Counted as if pooling left the pixels as large as they were",
                "Behind the pooling, neighbours are two pixels of the image apart. So a 3×3 convolution there reaches "
                "further than one in front of it.",
            ),
            "10",
        ),
        (
            (
                "sizes_multiplied",
                "The sizes of the windows are multiplied",
                "Two 3×3 convolutions in a row see 5×5 pixels, not 9×9: draw it.",
            ),
            "162",
        ),
        (
            (
                "pool_window_forgotten",
                "The pooling's own window is forgotten",
                "An output of 2×2 pooling sees two neighbouring numbers, and so one pixel more than each of them.",
            ),
            "13",
        ),
        (("only_last_block", "Only the last two convolutions are counted", "Go back to the image itself."), "5"),
    ),
    "first_loss_of_100_classes": (
        (("log_10_taken", "The logarithm to base 10", "The loss uses the natural logarithm, np.log."), "2"),
        (
            ("log_2_taken", "The logarithm to base 2", "The loss uses the natural logarithm, np.log."),
            "float(np.log2(100))",
        ),
        (
            (
                "probability_not_loss",
                "A probability, not a loss",
                "The right class has a probability of 1/100 at first. The loss is minus its logarithm.",
            ),
            "0.01",
        ),
        (
            ("sign_wrong", "The sign is wrong", "Minus the logarithm of a number below 1 is positive."),
            "-float(np.log(100))",
        ),
        (("ten_classes", "That would be ten classes", "Here there are 100 classes."), "float(np.log(10))"),
    ),
    "transposed_side": (
        (
            (
                "size_of_convolution",
                "The size that a convolution would give",
                "A transposed convolution turns that round: it makes maps larger.",
            ),
            "3",
        ),
        (
            (
                "padding_or_stamps",
                "Two pixels too many",
                "P pixels are cut off on every side, so 2·P in all. And the first stamp starts at pixel 0, so the last "
                "of 7 stamps starts at 6·S.",
            ),
            "16",
        ),
        (("padding_added", "The padding is added", "Here padding takes away: 2·P pixels in all."), "18"),
    ),
}
