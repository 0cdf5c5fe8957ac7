"""Notebook 05, layer, instance and group normalization: what is graded, on which inputs, for how many points."""

from collections.abc import Iterator
from typing import Any

import numpy as np

import solutions.group_norms
from autograder.exercises.exercise import Assignment, CaseInputs, Exercise, question
from autograder.exercises.mistakes.group_norms import MISTAKES
from cs231n_utils.checking.calls import Call
from cs231n_utils.checking.key import Part, Tolerance

__all__ = ["ASSIGNMENT"]

NORMALIZED = Tolerance(
    1e-5,
    1e-5,
    "numbers near 1; float32 keeps seven digits, and loses one or two where nearly equal terms are subtracted",
)

WITH_WHOLE_NUMBERS = (Part("values", 1.0), Part("whole numbers", 0.0))
# CS231n's own exercise does not ask for the error, so that who brings a right function from there loses little.
WITH_ERRORS = (Part("values", 0.9), Part("errors", 0.1), Part("whole numbers", 0.0))

Shape = tuple[int, ...]

# eps is 0.1 to 0.5, near the variance, so that where it stands in the formula can be seen. Sizes differ from one
# another where exchanged axes are to show as a wrong shape, and are equal where they are to show as wrong numbers.
FEATURES: tuple[tuple[str, Shape, float, bool], ...] = (
    ("5 examples of 3 features", (5, 3), 0.3, True),
    ("3 examples of 7 features", (3, 7), 0.1, True),
    ("as many examples as features", (4, 4), 0.5, True),
    ("one example", (1, 6), 0.2, True),
    ("one feature", (4, 1), 0.4, False),
    ("many features", (6, 40), 0.15, False),
)
MAPS: tuple[tuple[str, Shape, float, bool], ...] = (
    ("3 images of 2×2×3", (3, 2, 2, 3), 0.3, True),
    ("2 images of 3×2×3, as wide as deep", (2, 3, 2, 3), 0.1, True),
    ("as many images as channels", (3, 3, 2, 2), 0.5, True),
    ("one image", (1, 2, 3, 2), 0.2, True),
    ("one channel", (3, 1, 2, 4), 0.4, False),
    ("maps of one pixel", (3, 4, 1, 1), 0.25, False),
    ("4 images of 5×9×7", (4, 5, 9, 7), 0.15, False),
)
GROUPS: tuple[tuple[str, Shape, int, float, bool], ...] = (
    ("6 channels in 2 groups", (2, 6, 2, 3), 2, 0.3, True),
    ("6 channels in 3 groups", (3, 6, 1, 2), 3, 0.1, True),
    ("one group", (3, 2, 2, 3), 1, 0.2, True),
    ("as many groups as channels", (2, 3, 2, 3), 3, 0.5, True),
    ("one image, 4 channels in 2 groups", (1, 4, 2, 1), 2, 0.4, True),
    ("maps of one pixel, 6 channels in 2 groups", (2, 6, 1, 1), 2, 0.25, True),
    ("one channel", (3, 1, 3, 2), 1, 0.2, False),
    ("12 channels in 3 groups", (2, 12, 3, 3), 3, 0.15, False),
)


def _inputs(rng: np.random.Generator, shape: Shape, param: dict[str, Any], G: int | None = None) -> dict[str, Any]:
    """x, gamma, beta and the parameters, named as the functions name them.

    Every example has its own spread and mean, and every gamma and beta is another, with both signs among them; no gamma
    is near 0, where much would go unseen.
    """
    N, C = shape[:2]
    each = (N, *(1 for _ in shape[1:]))
    x = rng.uniform(0.6, 1.8, each) * rng.standard_normal(shape) + rng.uniform(-1.5, 1.5, each)
    if len(shape) == 4:  # channels differ too: a mean over them is another one
        x += rng.uniform(-1, 1, (1, C, 1, 1))
    gamma = rng.uniform(0.5, 2, C) * np.resize([1, -1, 1], C)
    beta = rng.uniform(0.5, 1.5, C) * np.resize([1, 1, -1], C)
    if G is None:
        name = "ln_param" if len(shape) == 2 else "in_param"
        return {"x": x, "gamma": gamma, "beta": beta, name: param}
    shape_of_gamma = (1, C, 1, 1)
    return {"x": x, "gamma": gamma.reshape(shape_of_gamma), "beta": beta.reshape(shape_of_gamma), "G": G} | {
        "gn_param": param
    }


def _special_cases(rng: np.random.Generator, shape: Shape, G: int | None) -> Iterator[CaseInputs]:
    """What is asked of every one of the three layers; `shape` has at least two examples."""
    constant = _inputs(rng, shape, {"eps": 0.3}, G)
    constant["x"][1] = 2.5
    yield CaseInputs("one example whose numbers are all equal", constant, public=True)
    leaking = {"eps": 0.2, "mode": "test"}
    yield CaseInputs("a 'mode' that is meant for another layer", _inputs(rng, shape, leaking, G), public=True)
    further = {"eps": 0.4, "momentum": 0.5, "running_mean": np.full(shape[1], 3.0), "running_var": np.ones(shape[1])}
    yield CaseInputs("further keys in the parameters", _inputs(rng, shape, further, G))
    fortran = _inputs(rng, shape, {"eps": 0.1}, G)
    yield CaseInputs("x in Fortran order", fortran | {"x": np.asfortranarray(fortran["x"])})
    whole = _inputs(rng, shape, {"eps": 0.5}, G)
    whole["x"] = rng.integers(-4, 5, shape)
    yield CaseInputs("x of whole numbers", whole, public=True, part="whole numbers")


def _forward_cases(rng: np.random.Generator, kind: str) -> Iterator[CaseInputs]:
    yield from _plain_cases(rng, kind)
    shape, G = _usual(kind)
    default = _inputs(rng, shape, {}, G)
    default["x"] *= 0.01  # a spread at which 1e-5 can be seen, and float32 still suffices
    yield CaseInputs("no eps given, small numbers", default, public=True)


def _plain_cases(rng: np.random.Generator, kind: str) -> Iterator[CaseInputs]:
    if kind == "groups":
        for label, shape, G, eps, public in GROUPS:
            yield CaseInputs(label, _inputs(rng, shape, {"eps": eps}, G), public)
    else:
        for label, shape, eps, public in FEATURES if kind == "features" else MAPS:
            yield CaseInputs(label, _inputs(rng, shape, {"eps": eps}), public)
    yield from _special_cases(rng, *_usual(kind))


def _usual(kind: str) -> tuple[Shape, int | None]:
    """A shape and a number of groups that are nothing special."""
    usual: dict[str, tuple[Shape, int | None]] = {
        "features": ((3, 4), None),
        "maps": ((2, 3, 1, 4), None),
        "groups": ((2, 4, 1, 3), 2),
    }
    return usual[kind]


def _layer_forward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    yield from _forward_cases(rng, "features")


def _instance_forward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    yield from _forward_cases(rng, "maps")


def _group_forward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    yield from _forward_cases(rng, "groups")
    for label, shape, G, public in (
        ("6 channels, G = 4", (2, 6, 2, 4), 4, True),
        ("4 channels, G = 8", (2, 4, 2, 4), 8, True),
        ("9 channels, G = 6", (2, 9, 2, 3), 6, False),
    ):
        yield CaseInputs(label, _inputs(rng, shape, {"eps": 0.2}, G), public, part="errors")


def _with_dout(rng: np.random.Generator, cases: Iterator[CaseInputs]) -> Iterator[CaseInputs]:
    for case in cases:
        dout = rng.standard_normal(case.inputs["x"].shape)
        yield CaseInputs(case.label, case.inputs | {"dout": dout}, case.public, case.part)


def _layer_backward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    yield from _with_dout(rng, _plain_cases(rng, "features"))


def _instance_backward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    yield from _with_dout(rng, _plain_cases(rng, "maps"))


def _group_backward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    yield from _with_dout(rng, _plain_cases(rng, "groups"))


def _forward(name: str, *arguments: str) -> tuple[Call, ...]:
    return (Call(name, arguments, ("out", "cache")),)


def _both(forward: str, backward: str, *arguments: str) -> tuple[Call, ...]:
    return *_forward(forward, *arguments), Call(backward, ("dout", "cache"), ("dx", "dgamma", "dbeta"))


LAYER = ("x", "gamma", "beta", "ln_param")
INSTANCE = ("x", "gamma", "beta", "in_param")
GROUP = ("x", "gamma", "beta", "G", "gn_param")

KEEPS_NONE = (
    "counted_like_batch_norm",
    "Nothing has to be kept",
    "What does layer norm need to know of other examples to normalize one?",
)
MEANS_OF_BATCH_NORM = "Whose numbers share a mean in spatial batch norm: look at the drawing of part 1."
MEANS_OF_GROUP_NORM = "Count the means of one image first, then the images."

ASSIGNMENT = Assignment(
    "05_group_norms",
    solutions.group_norms,
    (
        question(
            "batchnorm_means",
            ("counted_per_activation", "One mean per channel, not per pixel", MEANS_OF_BATCH_NORM, "432"),
            ("counted_per_image", "The images share their means", MEANS_OF_BATCH_NORM, "96"),
            ("counted_per_image", "The images share their means", MEANS_OF_BATCH_NORM, "8"),
        ),
        Exercise(
            "layernorm_forward",
            5.0,
            _forward("layernorm_forward", *LAYER),
            _layer_forward_cases,
            NORMALIZED,
            WITH_WHOLE_NUMBERS,
            MISTAKES["layernorm_forward"],
        ),
        Exercise(
            "layernorm_backward",
            7.0,
            _both("layernorm_forward", "layernorm_backward", *LAYER),
            _layer_backward_cases,
            NORMALIZED,
            WITH_WHOLE_NUMBERS,
            MISTAKES["layernorm_backward"],
            follow_through=0.5,
        ),
        question(
            "layernorm_stored_statistics",
            (*KEEPS_NONE, "1024"),
            (*KEEPS_NONE, "512"),
            (*KEEPS_NONE, "2"),
        ),
        Exercise(
            "instancenorm_forward",
            4.0,
            _forward("instancenorm_forward", *INSTANCE),
            _instance_forward_cases,
            NORMALIZED,
            WITH_WHOLE_NUMBERS,
            MISTAKES["instancenorm_forward"],
        ),
        Exercise(
            "instancenorm_backward",
            5.0,
            _both("instancenorm_forward", "instancenorm_backward", *INSTANCE),
            _instance_backward_cases,
            NORMALIZED,
            WITH_WHOLE_NUMBERS,
            MISTAKES["instancenorm_backward"],
            follow_through=0.5,
        ),
        question(
            "instancenorm_of_one_pixel",
            (
                "beta_forgotten",
                "The normalized number is not the output yet",
                "What is the normalized number, and what do gamma and beta make of it?",
                "0",
            ),
            (
                "normalized_to_1",
                "A number alone does not lie one standard deviation above its mean",
                "What is the mean of a single number? How far is the number from it?",
                "7",
            ),
            (
                "gamma_alone",
                "gamma is multiplied, beta is added",
                "What is the mean of a single number? How far is the number from it?",
                "2",
            ),
        ),
        Exercise(
            "spatial_groupnorm_forward",
            6.0,
            _forward("spatial_groupnorm_forward", *GROUP),
            _group_forward_cases,
            NORMALIZED,
            WITH_ERRORS,
            MISTAKES["spatial_groupnorm_forward"],
        ),
        Exercise(
            "spatial_groupnorm_backward",
            7.0,
            _both("spatial_groupnorm_forward", "spatial_groupnorm_backward", *GROUP),
            _group_backward_cases,
            NORMALIZED,
            WITH_WHOLE_NUMBERS,
            MISTAKES["spatial_groupnorm_backward"],
            follow_through=0.5,
        ),
        question(
            "groupnorm_means",
            ("images_forgotten", "Each image has means of its own", MEANS_OF_GROUP_NORM, "3"),
            ("counted_per_channel", "The channels of a group share a mean", MEANS_OF_GROUP_NORM, "96"),
            ("group_size_for_groups", "G is the number of groups", MEANS_OF_GROUP_NORM, "32"),
        ),
        question(
            "groups_of_instance_norm",
            (
                "the_other_end",
                "That is the other end",
                "With one group, all channels share a mean. In instance norm, how many channels do?",
                "1",
            ),
        ),
        question(
            "groups_of_layer_norm",
            (
                "the_other_end",
                "That is the other end",
                "With 12 groups, every channel is alone. How many groups are there when all are together?",
                "12",
            ),
            ("no_groups", "Zero groups cannot hold any channel", "All channels together: how many groups?", "0"),
        ),
    ),
)
