"""Notebook 08, a convolutional network: what is graded, on which inputs, for how many points."""

from collections.abc import Iterator

import numpy as np

import solutions.convnet
from autograder.exercises.exercise import Assignment, CaseInputs, Exercise, question
from autograder.exercises.mistakes.convnet import MISTAKES, QUESTION_MISTAKES
from cs231n_utils.checking.calls import Call
from cs231n_utils.checking.key import Part, Tolerance

__all__ = ["ASSIGNMENT"]

DEEP = Tolerance(
    1e-4, 5e-5, "some five layers, each a sum of up to sixty products of numbers near 1: float32 rounds every one"
)
SUMMED = Tolerance(1e-5, 2e-5, "sums of up to fifty products of numbers near 1, rounded by float32 at every step")

NETWORK = ("input_shape", "blocks", "hidden", "num_classes")
SCORES = (Call("ConvNet", (*NETWORK, "X"), ("shapes", "scores"), via="model_scores"),)
GRADIENTS = (Call("ConvNet", (*NETWORK, "X", "y"), ("shapes", "loss", "slopes", "measured"), via="model_gradients"),)
START = (Call("ConvNet", (*NETWORK, "X", "y"), ("first_loss", "same_seed_same", "other_seed_same"), via="model_start"),)
FIT = (Call("ConvNet", (*NETWORK, "X", "y", "solver"), ("accuracy",), via="model_fit"),)

PARTS = (Part("scores", 0.4), Part("gradients", 0.35), Part("training", 0.25))

Shape = tuple[int, ...]
Blocks = list[list[int | bool]]

# label, shape of an image, blocks, hidden, classes, images, public. Maps are not square, and halve unevenly.
NETWORKS: tuple[tuple[str, Shape, Blocks, list[int], int, int, bool], ...] = (
    ("one block, no hidden layer", (1, 5, 6), [[3, 1, True]], [], 4, 3, True),
    (
        "two blocks, only the first one pools, one hidden layer",
        (2, 6, 5),
        [[3, 2, True], [4, 2, False]],
        [7],
        3,
        4,
        True,
    ),
    ("no block, two hidden layers", (2, 2, 3), [], [5, 6], 4, 3, True),
    ("three blocks, two hidden layers", (3, 9, 8), [[4, 1, True], [5, 2, True], [6, 1, False]], [8, 7], 5, 3, False),
    ("three convolutions in a block that pools", (2, 5, 7), [[4, 3, True]], [6], 3, 2, False),
    ("one image, blocks without pooling", (3, 3, 4), [[2, 1, False], [5, 1, False]], [6], 4, 1, False),
)

# label, shape of x, shape of w, stride, pad, public. Images, maps, channels, heights and widths all differ.
TRANSPOSED: tuple[tuple[str, Shape, Shape, int, int, bool], ...] = (
    ("2×3 filters, stride 3: gaps between stamps", (2, 2, 2, 2), (2, 3, 2, 3), 3, 0, False),
    ("2×3 filters, stride 1", (2, 3, 3, 2), (3, 2, 2, 3), 1, 0, True),
    ("3×2 filters, stride 2", (3, 2, 2, 3), (2, 4, 3, 2), 2, 0, True),
    ("4×3 filters, stride 2, pad 1", (2, 3, 2, 3), (3, 2, 4, 3), 2, 1, True),
    ("3×3 filters, stride 1, pad 1", (1, 2, 4, 3), (2, 3, 3, 3), 1, 1, True),
    ("1×1 filters, stride 2", (2, 2, 3, 2), (2, 3, 1, 1), 2, 0, False),
    ("5×4 filters, stride 3, pad 2", (2, 3, 3, 4), (3, 2, 5, 4), 3, 2, False),
    ("as many maps as channels", (2, 3, 3, 4), (3, 3, 3, 2), 2, 1, False),
    ("one image of one pixel", (1, 1, 1, 1), (1, 2, 3, 4), 2, 1, False),
)

CLASSES, DIGITS = 10, 50


def _numbers(rng: np.random.Generator, shape: int | Shape) -> np.ndarray:
    """Normal random numbers, rounded to 1/32 so that they pack small."""
    return np.round(rng.standard_normal(shape) * 32) / 32


def _network_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    networks = []
    for label, shape, blocks, hidden, classes, images, public in NETWORKS:
        inputs = {
            "input_shape": list(shape),
            "blocks": blocks,
            "hidden": hidden,
            "num_classes": classes,
            "X": _numbers(rng, (images, *shape)),
        }
        networks.append((label, inputs, rng.integers(0, classes, images), public))
    for label, inputs, _, public in networks:
        yield CaseInputs(label, inputs, public, "scores")
    for label, inputs, y, public in networks:
        judges = {"slopes": "slopes_as_measured", "measured": "slopes_as_measured"}
        yield CaseInputs(f"gradients, {label}", inputs | {"y": y}, public, "gradients", judges, calls=GRADIENTS)
    for label, public in (("50 digits", True), ("50 other digits", False)):
        X, y = _digits(rng)
        inputs = {"input_shape": [1, 8, 8], "num_classes": CLASSES, "X": X, "y": y}
        deep = inputs | {"blocks": [[8, 1, True], [12, 1, True]], "hidden": [24]}
        yield CaseInputs(f"new weights, {label}", deep, public, "training", {"first_loss": "first_loss"}, calls=START)
        # So little that nested Python loops get through it in a few seconds, too: narrow digits, few filters. All
        # usual first weights, from a standard deviation of 0.001 on, know at least 49 of 50 digits by then.
        solver = {"learning_rate": 8e-3, "num_epochs": 16, "batch_size": 5}
        narrow = inputs | {"input_shape": [1, 8, 6], "X": np.ascontiguousarray(X[:, :, :, 1:7])}
        shallow = narrow | {"blocks": [[5, 1, True]], "hidden": [], "solver": solver}
        yield CaseInputs(f"training on {label}", shallow, public, "training", {"accuracy": "fitted"}, calls=FIT)


def _digits(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Five digits of each kind, in disorder: pixels with mean 0 and standard deviation 1 (rounded to 1/32)."""
    from cs231n_utils.data import load_digits, subsample

    data = subsample(load_digits(), DIGITS, seed=int(rng.integers(2**31)))
    X = data["X_train"]
    return np.round((X - X.mean()) / X.std() * 32) / 32, data["y_train"]


def _held_out_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    from cs231n_utils.data import load_digits

    for label, public in (("a split of the digits", True), ("another split", False), ("a third split", False)):
        data = load_digits(num_val=0, num_test=250, seed=int(rng.integers(2**31)))
        inputs: dict[str, object] = {name: data[name] for name in ("X_test", "y_test")}
        inputs |= {"X": data["X_train"][:500], "y": data["y_train"][:500], "seed": int(rng.integers(1000))}
        yield CaseInputs(label, inputs, public, judges={"accuracy": "held_out"})


def _transposed_inputs(rng: np.random.Generator, shape: Shape, w_shape: Shape, S: int, P: int) -> dict[str, object]:
    sides = [(side - 1) * S - 2 * P + filter_side for side, filter_side in zip(shape[2:], w_shape[2:], strict=True)]
    return {
        "x": _numbers(rng, shape),
        "w": _numbers(rng, w_shape),
        "b": _numbers(rng, w_shape[1]),
        "conv_param": {"stride": S, "pad": P},
        "dout": _numbers(rng, (shape[0], w_shape[1], *sides)),
    }


def _backward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for label, shape, w_shape, S, P, public in TRANSPOSED:
        yield CaseInputs(label, _transposed_inputs(rng, shape, w_shape, S, P), public)
    inputs = _transposed_inputs(rng, (2, 2, 3, 4), (2, 3, 3, 2), 2, 1)
    fortran = {name: np.asfortranarray(inputs[name]) for name in ("x", "w", "dout")}
    yield CaseInputs("x and w in Fortran order", inputs | fortran)


def _forward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for case in _backward_cases(rng):
        inputs = {name: value for name, value in case.inputs.items() if name != "dout"}
        yield CaseInputs(case.label, inputs, case.public)


_FORWARD = Call("conv_transpose_forward", ("x", "w", "b", "conv_param"), ("out", "cache"))
_BACKWARD = Call("conv_transpose_backward", ("dout", "cache"), ("dx", "dw", "db"))


def _asked(name: str) -> Exercise:
    return question(name, *((*words, wrong) for words, wrong in QUESTION_MISTAKES[name]))


ASSIGNMENT = Assignment(
    "08_convnet",
    solutions.convnet,
    (
        _asked("small_vgg_parameters"),
        _asked("side_after_three_pools"),
        _asked("receptive_field_side"),
        _asked("first_loss_of_100_classes"),
        Exercise("ConvNet", 14.0, SCORES, _network_cases, DEEP, PARTS, MISTAKES["ConvNet"]),
        Exercise(
            "train_digits",
            4.0,
            (Call("train_digits", ("X", "y", "X_test", "y_test", "seed"), ("accuracy",), via="trained_accuracy"),),
            _held_out_cases,
            mistakes=MISTAKES["train_digits"],
        ),
        _asked("transposed_side"),
        Exercise(
            "conv_transpose_forward",
            6.0,
            (_FORWARD,),
            _forward_cases,
            SUMMED,
            mistakes=MISTAKES["conv_transpose_forward"],
        ),
        Exercise(
            "conv_transpose_backward",
            6.0,
            (_FORWARD, _BACKWARD),
            _backward_cases,
            SUMMED,
            mistakes=MISTAKES["conv_transpose_backward"],
            follow_through=0.5,
        ),
    ),
)
