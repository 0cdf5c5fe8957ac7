"""Notebook 07, fully-connected layers as convolutions: what is graded, on which inputs, for how many points."""

from collections.abc import Callable, Iterator

import numpy as np

import solutions.fc_as_conv
from autograder.exercises.exercise import WHOLE, Assignment, CaseInputs, Exercise, question
from autograder.exercises.mistakes.fc_as_conv import MISTAKES, QUESTION_MISTAKES
from cs231n_utils.checking.calls import Call
from cs231n_utils.checking.key import Part, Tolerance

__all__ = ["ASSIGNMENT"]

SUMMED = Tolerance(
    1e-5, 2e-5, "sums of up to a hundred products of numbers near 1: float32 rounds each step by 6e-8 of the sum so far"
)
COPIED = Tolerance(1e-6, 1e-9, "every weight is one of the inputs: nothing is computed, float32 keeps seven digits")

WITH_WHOLE_NUMBERS = (Part("values", 1.0), Part("whole numbers", 0.0))

Shape = tuple[int, ...]

# label, shape of x, number of outputs, public. Examples, inputs and outputs differ in number: exchanged axes show.
AFFINE: tuple[tuple[str, Shape, int, bool], ...] = (
    ("4 examples of 3 numbers", (4, 3), 2, True),
    ("2 maps of 2×2×3", (2, 2, 2, 3), 4, True),
    ("3 examples of 3×4", (3, 3, 4), 5, True),
    ("one map of 3×2×2", (1, 3, 2, 2), 3, False),
    ("one output, 4 maps of 2×3×2", (4, 2, 3, 2), 1, False),
    ("5 maps of 3×4×5", (5, 3, 4, 5), 7, False),
)

# label, shape of x, shape of w, stride, pad, public. Non-square everywhere.
CONV: tuple[tuple[str, Shape, Shape, int, int, bool], ...] = (
    ("2×3 filters, stride 1, no padding", (2, 2, 4, 5), (3, 2, 2, 3), 1, 0, True),
    ("3×2 filters, stride 1, pad 1", (2, 2, 3, 4), (2, 2, 3, 2), 1, 1, True),
    ("2×3 filters, stride 2, pixels left over", (2, 2, 5, 6), (3, 2, 2, 3), 2, 0, True),
    ("3×2 filters, stride 2, pad 2", (2, 2, 4, 3), (3, 2, 3, 2), 2, 2, True),
    ("a filter as large as the map", (3, 2, 3, 4), (4, 2, 3, 4), 1, 0, False),
    ("one image, one channel, one filter", (1, 1, 5, 4), (1, 1, 3, 3), 1, 1, False),
    ("1×1 filters, stride 2", (2, 3, 5, 4), (2, 3, 1, 1), 2, 0, False),
    ("2×2 filters, stride 3, gaps between them", (2, 2, 8, 7), (3, 2, 2, 2), 3, 1, False),
    ("3×3 filters on 9×7, pad 1", (2, 3, 9, 7), (4, 3, 3, 3), 1, 1, False),
)

CONV1X1: tuple[tuple[str, Shape, int, bool], ...] = (
    ("3 channels to 2, maps of 2×4", (2, 3, 2, 4), 2, True),
    ("as many filters as channels", (2, 3, 4, 2), 3, True),
    ("as many filters as columns", (3, 2, 2, 4), 4, True),
    ("one image, maps of one pixel", (1, 4, 1, 1), 3, False),
    ("one channel to 5, maps of 3×5", (2, 1, 3, 5), 5, False),
    ("6 channels to one, maps of 5×4", (3, 6, 5, 4), 1, False),
)

# label, shape of the map, number of outputs, public
MAPS: tuple[tuple[str, tuple[int, int, int], int, bool], ...] = (
    ("maps of 2×2×3, 4 outputs", (2, 2, 3), 4, True),
    ("maps of 3×2×2, 5 outputs", (3, 2, 2), 5, True),
    ("maps of 2×3×4, one output", (2, 3, 4), 1, True),
    ("maps of one pixel", (6, 1, 1), 4, False),
    ("maps of one channel", (1, 4, 3), 5, False),
    ("maps of 4×3×5, 6 outputs", (4, 3, 5), 6, False),
    ("as many outputs as inputs", (2, 2, 3), 12, False),
)

# label, shape of the map, outputs of each layer, public
HEADS: tuple[tuple[str, tuple[int, int, int], tuple[int, ...], bool], ...] = (
    ("three layers on maps of 2×2×3", (2, 2, 3), (5, 4, 3), True),
    ("two layers on maps of 3×3×2", (3, 3, 2), (4, 6), True),
    ("layers as wide as the first one, on 2×3×2", (2, 3, 2), (4, 4, 4), True),
    ("hidden layers as large as the map, on 3×2×2", (3, 2, 2), (12, 8, 5), True),
    ("one layer only", (2, 3, 4), (5,), False),
    ("five layers on maps of 3×2×4", (3, 2, 4), (6, 5, 4, 5, 2), False),
    ("maps of one pixel", (6, 1, 1), (4, 3), False),
    ("two layers on maps of 4×5×3", (4, 5, 3), (7, 10), False),
)


def _numbers(rng: np.random.Generator, shape: int | Shape) -> np.ndarray:
    """Normal random numbers, rounded to 1/32 so that they pack small."""
    return np.round(rng.standard_normal(shape) * 32) / 32


def _affine_inputs(rng: np.random.Generator, shape: Shape, outputs: int) -> dict[str, np.ndarray]:
    inputs = int(np.prod(shape[1:]))
    return {
        "x": _numbers(rng, shape),
        "w": _numbers(rng, (inputs, outputs)),
        "b": _numbers(rng, outputs),
        "dout": _numbers(rng, (shape[0], outputs)),
    }


def _affine_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for label, shape, outputs, public in AFFINE:
        yield CaseInputs(label, _affine_inputs(rng, shape, outputs), public)
    inputs = _affine_inputs(rng, (3, 2, 3, 2), 4)
    yield CaseInputs("x in Fortran order", inputs | {"x": np.asfortranarray(inputs["x"])})
    small = _affine_inputs(rng, (3, 2, 2, 2), 3)
    yield CaseInputs("large biases", small | {"b": 10 * small["b"]})


def _conv_inputs(rng: np.random.Generator, shape: Shape, w_shape: Shape, stride: int, pad: int) -> dict[str, object]:
    sizes = [
        (side + 2 * pad - filter_side) // stride + 1 for side, filter_side in zip(shape[2:], w_shape[2:], strict=True)
    ]
    return {
        "x": _numbers(rng, shape),
        "w": _numbers(rng, w_shape),
        "b": _numbers(rng, w_shape[0]),
        "conv_param": {"stride": stride, "pad": pad},
        "dout": _numbers(rng, (shape[0], w_shape[0], *sizes)),
    }


def _conv_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for label, shape, w_shape, stride, pad, public in CONV:
        yield CaseInputs(label, _conv_inputs(rng, shape, w_shape, stride, pad), public)
    inputs = _conv_inputs(rng, (2, 2, 5, 4), (3, 2, 2, 2), 1, 1)
    fortran = {name: np.asfortranarray(inputs[name]) for name in ("x", "w", "dout")}
    yield CaseInputs("x and w in Fortran order", inputs | fortran)
    further = _conv_inputs(rng, (2, 2, 4, 5), (2, 2, 3, 2), 1, 1)
    further["conv_param"] = {"stride": 1, "pad": 1, "mode": "train", "pool_height": 2}
    yield CaseInputs("further keys in conv_param", further)


def _conv_backward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    yield from _conv_cases(rng)
    inputs = _conv_inputs(rng, (1, 2, 3, 4), (2, 2, 2, 3), 1, 0)
    whole = rng.integers(-9, 9, (1, 2, 3, 4))
    yield CaseInputs("x of whole numbers", inputs | {"x": whole}, public=True, part="whole numbers")


def _conv1x1_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    labelled = [*CONV1X1, ("x in Fortran order", (2, 3, 4, 5), 4, False)]
    for label, shape, filters, public in labelled:
        inputs = {
            "x": _numbers(rng, shape),
            "w": _numbers(rng, (filters, shape[1], 1, 1)),
            "b": _numbers(rng, filters),
            "dout": _numbers(rng, (shape[0], filters, *shape[2:])),
        }
        if "Fortran" in label:
            inputs = {name: np.asfortranarray(value) for name, value in inputs.items()}
        yield CaseInputs(label, inputs, public)


def _forward(cases: Callable[[np.random.Generator], Iterator[CaseInputs]]) -> Callable[..., Iterator[CaseInputs]]:
    """The cases of a backward pass without their upstream gradients."""

    def forward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
        for case in cases(rng):
            inputs = {name: value for name, value in case.inputs.items() if name != "dout"}
            yield CaseInputs(case.label, inputs, case.public, case.part)

    return forward_cases


def _affine_layer(rng: np.random.Generator, inputs: int, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights and biases of which no two are alike."""
    numbers = rng.permutation(inputs * outputs + outputs) / 8.0 + 0.125
    return numbers[outputs:].reshape(inputs, outputs), numbers[:outputs]


def _fc_to_conv_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for label, shape, outputs, public in MAPS:
        w, b = _affine_layer(rng, int(np.prod(shape)), outputs)
        yield CaseInputs(label, {"w": w, "b": b, "input_shape": list(shape)}, public)
    w, b = _affine_layer(rng, 12, 5)
    yield CaseInputs("w in Fortran order", {"w": np.asfortranarray(w), "b": b, "input_shape": [2, 3, 2]})
    w, b = _affine_layer(rng, 24, 3)
    yield CaseInputs("weights for a larger map", {"w": w, "b": b, "input_shape": [2, 2, 3]}, public=True)
    w, b = _affine_layer(rng, 30, 4)
    yield CaseInputs("weights for another map", {"w": w, "b": b, "input_shape": [2, 2, 5]})


def _conv_to_fc_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for label, shape, outputs, public in MAPS:
        w, b = _affine_layer(rng, int(np.prod(shape)), outputs)
        yield CaseInputs(label, {"w": w.reshape(outputs, *shape), "b": b}, public)
    w, b = _affine_layer(rng, 12, 5)
    yield CaseInputs("w in Fortran order", {"w": np.asfortranarray(w.reshape(5, 2, 3, 2)), "b": b})


def _head_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for label, shape, widths, public in HEADS:
        sizes = [int(np.prod(shape)), *widths]
        head = [list(_affine_layer(rng, sizes[k], width)) for k, width in enumerate(widths)]
        yield CaseInputs(label, {"head": head, "input_shape": list(shape)}, public)


def _layer(
    name: str, points: tuple[float, float], cases: Callable[[np.random.Generator], Iterator[CaseInputs]], *further: str
) -> tuple[Exercise, Exercise]:
    """The exercises of a layer: its forward and its backward pass. `further` arguments come after x, w and b."""
    suffix = "_naive" if name == "conv" else ""
    forward, backward = f"{name}_forward{suffix}", f"{name}_backward{suffix}"
    first = Call(forward, ("x", "w", "b", *further), ("out", "cache"))
    second = Call(backward, ("dout", "cache"), ("dx", "dw", "db"))
    backward_cases = _conv_backward_cases if name == "conv" else cases
    parts = WITH_WHOLE_NUMBERS if name == "conv" else WHOLE
    return (
        Exercise(forward, points[0], (first,), _forward(cases), SUMMED, mistakes=MISTAKES[forward]),
        Exercise(
            backward,
            points[1],
            (first, second),
            backward_cases,
            SUMMED,
            parts,
            MISTAKES[backward],
            follow_through=0.5,
        ),
    )


def _asked(name: str) -> Exercise:
    return question(name, *((*words, wrong) for words, wrong in QUESTION_MISTAKES[name]))


ASSIGNMENT = Assignment(
    "07_fc_as_conv",
    solutions.fc_as_conv,
    (
        *_layer("affine", (2.0, 4.0), _affine_cases),
        *_layer("conv", (6.0, 8.0), _conv_cases, "conv_param"),
        *_layer("conv1x1", (3.0, 4.0), _conv1x1_cases),
        _asked("bottleneck_parameters"),
        Exercise(
            "fc_to_conv",
            5.0,
            (Call("fc_to_conv", ("w", "b", "input_shape"), ("w_conv", "b_conv")),),
            _fc_to_conv_cases,
            COPIED,
            mistakes=MISTAKES["fc_to_conv"],
        ),
        Exercise(
            "conv_to_fc",
            3.0,
            (Call("conv_to_fc", ("w", "b"), ("w_fc", "b_fc")),),
            _conv_to_fc_cases,
            COPIED,
            mistakes=MISTAKES["conv_to_fc"],
        ),
        _asked("fc6_kernel_side"),
        _asked("fc6_parameters"),
        _asked("fc7_parameters"),
        _asked("fc8_parameters"),
        Exercise(
            "convify_head",
            5.0,
            (Call("convify_head", ("head", "input_shape"), ("layers",)),),
            _head_cases,
            COPIED,
            mistakes=MISTAKES["convify_head"],
        ),
        _asked("score_map_side"),
        _asked("pixels_between_windows"),
        _asked("trunk_work_saved"),
    ),
)
