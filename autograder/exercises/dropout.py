"""Notebook 06, dropout and saturation: what is graded, on which inputs, for how many points, with which mistakes."""

from collections.abc import Iterator
from typing import Any

import numpy as np

import solutions.dropout
from autograder.exercises.exercise import Assignment, CaseInputs, Exercise, Words, question
from autograder.exercises.mistakes.dropout import MISTAKES
from cs231n_utils.checking.calls import Call
from cs231n_utils.checking.key import Part

__all__ = ["ASSIGNMENT"]

Shape = tuple[int, ...]
Param = dict[str, Any]

# Scores that are hundreds apart: a probability becomes 0, and its logarithm infinite, in the older way of writing
# softmax that CS231n's own notes show. It is remarked on and costs nothing.
WITH_FAR_APART = (Part("values", 1.0), Part("scores far apart", 0.0))


def _numbers(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Numbers of both signs, none near 0, so that a mask can be seen; rounded, so that they pack well."""
    return np.round(rng.choice([-1.0, 1.0], shape) * rng.uniform(0.5, 2.0, shape) * 64) / 64


def _training(p: float, **more: Any) -> Param:
    return {"mode": "train", "p": p} | more


# label, shape of x, dropout_param of the first call and of the second, public. The masks of two calls are compared
# where there are enough entries: with 20×30 fair draws, neither two masks nor two rows are equal by chance, and 6 sigma
# tell p from 1 - p.
FORWARD: tuple[tuple[str, Shape, Param, Param, bool], ...] = (
    ("train, p = 0.8, seed 3 both times", (20, 30), _training(0.8, seed=3), _training(0.8, seed=3), True),
    ("train, p = 0.3, no seed", (20, 30), _training(0.3), _training(0.3), True),
    ("train, p = 0.5, seeds 1 and 2", (20, 30), _training(0.5, seed=1), _training(0.5, seed=2), True),
    ("train, p = 0.7, seed 0 both times", (20, 30), _training(0.7, seed=0), _training(0.7, seed=0), True),
    ("train, p = 1", (6, 5), _training(1.0), _training(1.0, seed=4), True),
    ("test, p = 0.4", (6, 5), {"mode": "test", "p": 0.4}, {"mode": "test", "p": 0.4, "seed": 5}, True),
    ("train, p = 0.6, maps of 10×12", (3, 4, 10, 12), _training(0.6, seed=8), _training(0.6, seed=8), True),
    ("train, p = 0.9, maps, no seed", (4, 3, 9, 8), _training(0.9), _training(0.9), False),
    ("train, p = 0.1, no seed", (40, 60), _training(0.1), _training(0.1), False),
    ("train, p = 0.75, one example", (1, 700), _training(0.75, seed=11), _training(0.75, seed=11), False),
    ("train, p = 0.35, one axis", (800,), _training(0.35, seed=12), _training(0.35, seed=13), False),
    ("train, p = 0.25, further keys", (25, 30), _training(0.25, rate=0.9, mode2="test"), _training(0.25), False),
    ("test, p = 0.7, maps", (2, 3, 4, 5), {"mode": "test", "p": 0.7}, {"mode": "test", "p": 0.7}, False),
    ("train, p = 1 as a whole number", (4, 3), _training(1), _training(1), False),
)


def _forward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    judges = {"out": "dropout_out", "out2": "dropout_out2"}
    for label, shape, first, second, public in FORWARD:
        inputs = {"x": _numbers(rng, shape), "dropout_param": dict(first)}
        inputs |= {"x2": _numbers(rng, shape), "dropout_param2": dict(second)}
        yield CaseInputs(label, inputs, public, judges=judges)


# With a seed, first: on these a wrong forward pass can be followed through.
BACKWARD: tuple[tuple[str, Shape, Param, bool], ...] = (
    ("train, p = 0.8, seed 3", (12, 15), _training(0.8, seed=3), True),
    ("train, p = 0.3, seed 0", (12, 15), _training(0.3, seed=0), True),
    ("train, p = 0.6, no seed", (12, 15), _training(0.6), True),
    ("train, p = 1", (6, 5), _training(1.0, seed=4), True),
    ("test, p = 0.4", (6, 5), {"mode": "test", "p": 0.4}, True),
    ("train, p = 0.7, maps, seed 9", (2, 3, 6, 7), _training(0.7, seed=9), False),
    ("train, p = 0.25, one axis", (200,), _training(0.25), False),
    ("test, p = 0.7, maps", (2, 3, 4, 5), {"mode": "test", "p": 0.7, "seed": 2}, False),
)


def _backward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for label, shape, param, public in BACKWARD:
        inputs = {"x": _numbers(rng, shape), "dropout_param": dict(param), "dout": _numbers(rng, shape)}
        repeatable = "seed" in param or param["mode"] == "test"
        yield CaseInputs(label, inputs, public, judges={"dx": "seeded_dropout_dx" if repeatable else "dropout_dx"})


def _sigmoid_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for label, shape, public in (
        ("numbers near 0", (4, 5), True),
        ("maps", (2, 3, 4, 3), True),
        ("one axis", (7,), False),
        ("one example", (1, 6), False),
    ):
        yield CaseInputs(label, {"x": 2 * rng.standard_normal(shape)}, public)
    yield CaseInputs("numbers from -30 to 30", {"x": np.linspace(-30, 30, 13).reshape(1, 13)}, public=True)
    large = rng.uniform(720, 5000, (3, 4)) * np.array([1.0, -1.0, 1.0, -1.0])
    yield CaseInputs("numbers of several thousand", {"x": large}, public=True)
    yield CaseInputs("x in Fortran order", {"x": np.asfortranarray(rng.standard_normal((4, 5)))})
    yield CaseInputs("zeros", {"x": np.zeros((2, 3))})


def _sigmoid_backward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for case in _sigmoid_cases(rng):
        dout = 3 * rng.standard_normal(case.inputs["x"].shape)
        yield CaseInputs(case.label, case.inputs | {"dout": dout}, case.public)


def _softmax_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for label, (N, C), spread, offset, public in (
        ("5 examples, 4 classes", (5, 4), 1.0, 0.0, True),
        ("one example", (1, 6), 2.0, 0.0, True),
        ("all scores equal", (4, 10), 0.0, 0.0, True),
        ("scores near 1000", (4, 5), 3.0, 1000.0, True),
        ("scores near -1000", (4, 5), 3.0, -1000.0, True),
        ("two classes", (6, 2), 2.0, 0.0, False),
        ("as many examples as classes", (5, 5), 2.0, 0.0, False),
        ("40 examples, 3 classes", (40, 3), 1.0, 0.5, False),
    ):
        x = offset + _sixteenths(spread * rng.standard_normal((N, C)))
        yield CaseInputs(label, {"x": x, "y": rng.integers(0, C, N)}, public)
    # Every row has its own level: taking off the largest score of all would leave exp(-900) = 0 in the other rows.
    rows = np.array([[900.0], [0.0], [-900.0], [30.0]]) + _sixteenths(rng.standard_normal((4, 5)))
    yield CaseInputs("every example on a level of its own", {"x": rows, "y": rng.integers(0, 5, 4)}, public=True)
    apart = np.array([[0.0, 2000.0, 10.0], [1500.0, 0.0, 0.0]])
    yield CaseInputs("scores far apart", {"x": apart, "y": np.array([0, 1])}, public=True, part="scores far apart")


def _sixteenths(x: np.ndarray) -> np.ndarray:
    """Rounded so that float32 holds them exactly behind 1000 too: who computes in float32 is right."""
    return np.round(16 * x) / 16


COUNTED_UNITS: Words = (
    "counted_units",
    "Each unit has two states",
    "Two units give 2 · 2 networks, three give 2 · 2 · 2.",
)

ASSIGNMENT = Assignment(
    "06_dropout",
    solutions.dropout,
    (
        Exercise(
            "sigmoid_forward",
            2.0,
            (Call("sigmoid_forward", ("x",), ("out", "cache")),),
            _sigmoid_cases,
            mistakes=MISTAKES["sigmoid_forward"],
        ),
        Exercise(
            "sigmoid_backward",
            3.0,
            (
                Call("sigmoid_forward", ("x",), ("out", "cache")),
                Call("sigmoid_backward", ("dout", "cache"), ("dx",)),
            ),
            _sigmoid_backward_cases,
            mistakes=MISTAKES["sigmoid_backward"],
            follow_through=0.5,
        ),
        question(
            "largest_sigmoid_slope",
            ("slope_of_one", "The sigmoid is flatter than that", "Look at x = 0 in the drawing: s (1 - s).", "1"),
            ("value_for_slope", "That is the sigmoid's value at 0, not its slope", "The slope is s (1 - s).", "0.5"),
        ),
        question(
            "layers_to_vanish",
            ("counted_in_halves", "A factor of 1/2 per layer is too large", "How large is the slope at best?", "20"),
            ("one_too_few", "One layer too few", "Multiply it out: is it less than a millionth already?", "9"),
            ("not_a_power", "The factors multiply", "Two layers leave 1/4 of 1/4.", "250000"),
        ),
        Exercise(
            "softmax_loss",
            6.0,
            (Call("softmax_loss", ("x", "y"), ("loss", "dx")),),
            _softmax_cases,
            parts=WITH_FAR_APART,
            mistakes=MISTAKES["softmax_loss"],
        ),
        question(
            "first_softmax_loss",
            ("logarithm_to_base_ten", "That is the logarithm to base 10", "The loss has the natural one.", "2"),
            (
                "logarithm_to_base_two",
                "That is the logarithm to base 2",
                "The loss has the natural one.",
                "np.log2(100)",
            ),
            ("sign_missing", "A loss is not negative", "It is minus the logarithm of a probability.", "-np.log(100)"),
            ("probability_for_loss", "That is the probability", "The loss is minus its logarithm.", "0.01"),
            ("ten_classes", "That is right for 10 classes", "Here there are 100.", "np.log(10)"),
        ),
        Exercise(
            "dropout_forward",
            6.0,
            (
                Call("dropout_forward", ("x", "dropout_param"), ("out", "cache")),
                Call("dropout_forward", ("x2", "dropout_param2"), ("out2", "cache")),
            ),
            _forward_cases,
            mistakes=MISTAKES["dropout_forward"],
        ),
        Exercise(
            "dropout_backward",
            4.0,
            (
                Call("dropout_forward", ("x", "dropout_param"), ("out", "cache")),
                Call("dropout_backward", ("dout", "cache"), ("dx",)),
            ),
            _backward_cases,
            mistakes=MISTAKES["dropout_backward"],
            follow_through=0.5,
        ),
        question(
            "kept_activation",
            ("not_scaled", "What is kept is scaled", "Inverted dropout divides by p, in training.", "6"),
            ("scaled_by_p", "Multiplied by p", "The mean over kept and dropped must be 6 again.", "4.5"),
            (
                "p_is_drop_probability",
                "p is taken as the probability to drop",
                "p is the probability to keep.",
                "24",
            ),
        ),
        question(
            "thinned_networks",
            (*COUNTED_UNITS, "24"),
            (*COUNTED_UNITS, "12"),
            (*COUNTED_UNITS, "144"),
            ("empty_left_out", "The network without any unit counts too", "All 12 dropped is a draw as well.", "4095"),
        ),
    ),
)
