"""Notebook 04, spatial batch norm: what is graded, on which inputs, for how many points, which mistakes are known."""

from collections.abc import Iterator

import numpy as np

import solutions.spatial_batchnorm
from autograder.exercises.exercise import Assignment, CaseInputs, Exercise, question_cases
from autograder.exercises.mistakes.spatial_batchnorm import MISTAKES
from cs231n_utils.checking.calls import Call
from cs231n_utils.checking.key import Part, Tolerance
from cs231n_utils.checking.values import Value

__all__ = ["ASSIGNMENT"]

NORMALIZED = Tolerance(
    1e-5, 1e-5, "float32 keeps seven digits, and centring costs one or two of them: x is up to ten times its spread"
)

# As in notebook 03: who brings a right function from CS231n, which does not ask for the error in so many words, loses
# little, and a slip in one mode does not cost the other one.
TRAIN_AND_TEST = (Part("training mode", 0.6), Part("test mode", 0.3), Part("unknown mode", 0.1))

ARGUMENTS = ("x", "gamma", "beta", "bn_param")
FORWARD = Call("spatial_batchnorm_forward", ARGUMENTS, ("out", "cache"))

Shape = tuple[int, int, int, int]


def _again(number: int, mode: str) -> Call:
    """Call the forward pass once more, in this mode, on input `x{number}`, with the same bn_param."""
    arguments = (f"x{number}", *ARGUMENTS[1:])
    return Call("spatial_batchnorm_forward", arguments, (f"out{number}", "cache"), {"bn_param": {"mode": mode}})


def _images(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Channels of unequal mean and spread; rows and columns that differ, so that exchanged axes show."""
    C = shape[1]
    spread = rng.uniform(0.7, 2, (C, 1, 1))
    return np.asarray(rng.uniform(-3, 3, (C, 1, 1)) + spread * rng.standard_normal(shape))


def _layer(rng: np.random.Generator, shape: Shape) -> dict[str, Value]:
    C = shape[1]
    gamma = rng.uniform(0.5, 2, C) * np.where(np.arange(C) % 3 == 2, -1, 1)
    return {"x": _images(rng, shape), "gamma": gamma, "beta": rng.uniform(0.3, 2, C)}


def _running(rng: np.random.Generator, C: int) -> dict[str, Value]:
    return {"running_mean": rng.uniform(-2, 2, C), "running_var": rng.uniform(0.3, 3, C)}


# label, shape, eps and momentum as far as given, whether running statistics are given, public
TRAINING: tuple[tuple[str, Shape, dict[str, Value], bool, bool], ...] = (
    ("2 images of 3×2×4, everything by default", (2, 3, 2, 4), {}, False, True),
    ("eps 0.3, momentum 0.6, running statistics given", (3, 2, 3, 1), {"eps": 0.3, "momentum": 0.6}, True, True),
    ("one image, eps 0.2", (1, 3, 2, 2), {"eps": 0.2}, True, True),
    ("as many images as channels, rows and columns", (2, 2, 2, 2), {"eps": 0.1}, True, True),
    ("as wide as deep, eps 0.4", (2, 3, 1, 3), {"eps": 0.4}, False, True),
    ("maps of one pixel", (4, 3, 1, 1), {"eps": 0.5, "momentum": 0.7}, True, False),
    ("one channel", (3, 1, 2, 3), {"eps": 0.1}, False, False),
    ("4 images of 5×6×7", (4, 5, 6, 7), {"momentum": 0.95}, True, False),
)


def _training_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for label, shape, given, running, public in TRAINING:
        bn_param: Value = {"mode": "train"} | given | (_running(rng, shape[1]) if running else {})
        yield CaseInputs(label, _layer(rng, shape) | {"bn_param": bn_param}, public, "training mode")
    layer = _layer(rng, (3, 2, 2, 3))
    layer["x"] = np.asfortranarray(layer["x"])
    bn_param = {"mode": "train", "eps": 0.2, "pad": 1, "stride": 2} | _running(rng, 2)
    yield CaseInputs("Fortran order, further keys", layer | {"bn_param": bn_param}, part="training mode")


def _forward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    yield from _training_cases(rng)
    layer = _layer(rng, (2, 3, 2, 1))
    layer["x"][:, 1] = 2.5
    yield CaseInputs("a channel that never changes", layer | {"bn_param": {"mode": "train"}}, True, "training mode")
    yield from _test_cases(rng)


def _test_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    def testing(label: str, inputs: dict[str, Value], public: bool = False, **given: Value) -> CaseInputs:
        return CaseInputs(label, inputs | {"bn_param": {"mode": "test"} | given}, public, "test mode")

    yield testing("test mode, eps 0.3", _layer(rng, (2, 3, 1, 4)), True, eps=0.3, **_running(rng, 3))
    yield testing("test mode, one image, eps 0.1", _layer(rng, (1, 4, 2, 3)), eps=0.1, **_running(rng, 4))
    yield testing("test mode, as wide as deep", _layer(rng, (2, 3, 4, 3)), momentum=0.6, **_running(rng, 3))
    yield testing("test mode before any training, eps 0.4", _layer(rng, (3, 2, 2, 2)), eps=0.4)
    for label, count, given, public in (
        ("two training steps, then a test", 2, {"eps": 0.2, "momentum": 0.6}, True),
        ("three training steps by default, then a test", 3, {}, False),
    ):
        # Images of another size come to the test: the layer does not mind.
        steps = {f"x{k}": _images(rng, (2, 2, 1 + k % 2, 3)) for k in range(2, count + 2)}
        inputs = _layer(rng, (3, 2, 2, 3)) | steps | {"bn_param": {"mode": "train"} | given}
        plan = (FORWARD, *(_again(k, "train") for k in range(2, count + 1)), _again(count + 1, "test"))
        yield CaseInputs(label, inputs, public, "test mode", calls=plan)
    inputs = _layer(rng, (2, 3, 2, 2)) | {"x2": _images(rng, (3, 3, 2, 2)), "x3": _images(rng, (1, 3, 2, 2))}
    inputs |= {"bn_param": {"mode": "train", "eps": 0.1, "momentum": 0.8} | _running(rng, 3)}
    plan = (FORWARD, _again(2, "test"), _again(3, "train"))
    yield CaseInputs("a test between two training steps", inputs, part="test mode", calls=plan)
    for mode, public in (("validate", True), ("Train", False)):
        inputs = _layer(rng, (2, 2, 1, 2)) | {"bn_param": {"mode": mode} | _running(rng, 2)}
        yield CaseInputs(f"the unknown mode {mode!r}", inputs, public, "unknown mode")


def _backward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for case in _training_cases(rng):
        inputs = case.inputs | {"dout": rng.standard_normal(case.inputs["x"].shape) + 0.5}
        yield CaseInputs(case.label, inputs, case.public)
    layer = _layer(rng, (2, 3, 3, 2))
    layer["x"][:, 1] = 2.5
    layer |= {"bn_param": {"mode": "train", "eps": 0.3}, "dout": rng.standard_normal((2, 3, 3, 2))}
    yield CaseInputs("a channel that never changes", layer, public=True)


def _count_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for channels, height, width, per_channel, public in (
        (4, 3, 5, True, True),
        (4, 3, 5, False, True),
        (1, 2, 2, False, True),
        (16, 1, 1, False, True),
        (64, 55, 55, True, False),
        (7, 9, 4, False, False),
    ):
        kind = "per channel" if per_channel else "per activation"
        sizes = {"channels": channels, "height": height, "width": width, "per_channel": per_channel}
        maps = "1 map" if channels == 1 else f"{channels} maps"
        yield CaseInputs(f"{maps} of {height}×{width}, {kind}", sizes, public)


def _question(name: str) -> Exercise:
    return Exercise(name, 1.0, (Call(name),), question_cases, sealed=True, mistakes=MISTAKES[name])


ASSIGNMENT = Assignment(
    "04_spatial_batchnorm",
    solutions.spatial_batchnorm,
    (
        _question("samples_per_channel"),
        Exercise(
            "spatial_batchnorm_forward",
            10.0,
            (FORWARD,),
            _forward_cases,
            NORMALIZED,
            TRAIN_AND_TEST,
            MISTAKES["spatial_batchnorm_forward"],
        ),
        Exercise(
            "spatial_batchnorm_backward",
            8.0,
            (FORWARD, Call("spatial_batchnorm_backward", ("dout", "cache"), ("dx", "dgamma", "dbeta"))),
            _backward_cases,
            NORMALIZED,
            mistakes=MISTAKES["spatial_batchnorm_backward"],
            follow_through=0.5,
        ),
        Exercise(
            "batchnorm_parameter_count",
            2.0,
            (Call("batchnorm_parameter_count", ("channels", "height", "width", "per_channel"), ("count",)),),
            _count_cases,
            mistakes=MISTAKES["batchnorm_parameter_count"],
        ),
        _question("parameters_per_activation"),
        _question("parameters_per_channel"),
    ),
)
