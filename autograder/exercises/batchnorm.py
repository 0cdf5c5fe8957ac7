"""Notebook 03, batch norm: what is graded, on which inputs, for how many points, and which mistakes are known."""

from collections.abc import Iterator

import numpy as np

import solutions.batchnorm
from autograder.exercises.exercise import Assignment, CaseInputs, Exercise, question_cases
from autograder.exercises.mistakes.batchnorm import MISTAKES
from cs231n_utils.checking.calls import Call
from cs231n_utils.checking.key import Part, Tolerance
from cs231n_utils.checking.values import Value

__all__ = ["ASSIGNMENT"]

NORMALIZED = Tolerance(
    1e-5, 1e-5, "float32 keeps seven digits, and centring costs one or two of them: x is up to ten times its spread"
)

TRAIN_AND_TEST = (Part("training mode", 0.6), Part("test mode", 0.3), Part("unknown mode", 0.1))

FORWARD = Call("batchnorm_forward", ("x", "gamma", "beta", "bn_param"), ("out", "cache"))


def _again(number: int, mode: str) -> Call:
    """Call the forward pass once more, in this mode, on input `x{number}`, with the same bn_param."""
    arguments = (f"x{number}", "gamma", "beta", "bn_param")
    return Call("batchnorm_forward", arguments, (f"out{number}", "cache"), {"bn_param": {"mode": mode}})


def _examples(rng: np.random.Generator, N: int, D: int) -> np.ndarray:
    """Features of unequal mean and spread; the mean is below five times the spread."""
    return np.asarray(rng.uniform(-3, 3, D) + rng.uniform(0.7, 2, D) * rng.standard_normal((N, D)))


def _layer(rng: np.random.Generator, N: int, D: int) -> dict[str, Value]:
    gamma = rng.uniform(0.5, 2, D) * np.where(np.arange(D) % 3 == 2, -1, 1)
    return {"x": _examples(rng, N, D), "gamma": gamma, "beta": rng.uniform(0.3, 2, D)}


def _running(rng: np.random.Generator, D: int) -> dict[str, Value]:
    return {"running_mean": rng.uniform(-2, 2, D), "running_var": rng.uniform(0.3, 3, D)}


# label, N, D, eps and momentum as far as given, whether running statistics are given, public
TRAINING: tuple[tuple[str, int, int, dict[str, Value], bool, bool], ...] = (
    ("4 examples, 3 features, everything by default", 4, 3, {}, False, True),
    ("eps 0.3, momentum 0.6, running statistics given", 5, 4, {"eps": 0.3, "momentum": 0.6}, True, True),
    ("more features than examples, eps 0.1", 3, 6, {"eps": 0.1}, True, True),
    ("a batch of one, eps 0.2", 1, 4, {"eps": 0.2}, True, True),
    ("as many features as examples, momentum 0.7", 4, 4, {"eps": 0.5, "momentum": 0.7}, True, False),
    ("one feature", 6, 1, {"eps": 0.1}, False, False),
    ("20 examples, 7 features", 20, 7, {"momentum": 0.95}, True, False),
    ("momentum 0", 5, 3, {"momentum": 0.0}, True, False),
)


def _training_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for label, N, D, given, running, public in TRAINING:
        bn_param: Value = {"mode": "train"} | given | (_running(rng, D) if running else {})
        yield CaseInputs(label, _layer(rng, N, D) | {"bn_param": bn_param}, public, "training mode")
    layer = _layer(rng, 5, 3)
    layer["x"][:, 1] = 2.5
    yield CaseInputs("a feature that never changes", layer | {"bn_param": {"mode": "train"}}, True, "training mode")


def _forward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    yield from _training_cases(rng)
    layer = _layer(rng, 5, 3)
    layer["x"] = np.asfortranarray(layer["x"])
    bn_param = {"mode": "train", "eps": 0.2, "pad": 1, "stride": 2} | _running(rng, 3)
    yield CaseInputs("Fortran order, further keys", layer | {"bn_param": bn_param}, part="training mode")
    yield from _test_cases(rng)


def _test_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    def testing(label: str, inputs: dict[str, Value], public: bool = False, **given: Value) -> CaseInputs:
        return CaseInputs(label, inputs | {"bn_param": {"mode": "test"} | given}, public, "test mode")

    yield testing("test mode, eps 0.3", _layer(rng, 4, 3), True, eps=0.3, **_running(rng, 3))
    yield testing("test mode, one example, eps 0.1", _layer(rng, 1, 5), eps=0.1, **_running(rng, 5))
    yield testing("test mode, as many features as examples", _layer(rng, 4, 4), momentum=0.6, **_running(rng, 4))
    yield testing("test mode before any training, eps 0.4", _layer(rng, 5, 2), eps=0.4)
    for label, count, given, public in (
        ("three training steps, then a test", 3, {"eps": 0.2, "momentum": 0.6}, True),
        ("two training steps by default, then a test", 2, {}, False),
    ):
        steps = {f"x{k}": _examples(rng, 4 + k, 3) for k in range(2, count + 2)}
        inputs = _layer(rng, 5, 3) | steps | {"bn_param": {"mode": "train"} | given}
        plan = (FORWARD, *(_again(k, "train") for k in range(2, count + 1)), _again(count + 1, "test"))
        yield CaseInputs(label, inputs, public, "test mode", calls=plan)
    inputs = _layer(rng, 4, 3) | {"x2": _examples(rng, 6, 3), "x3": _examples(rng, 3, 3)}
    inputs |= {"bn_param": {"mode": "train", "eps": 0.1, "momentum": 0.8} | _running(rng, 3)}
    plan = (FORWARD, _again(2, "test"), _again(3, "train"))
    yield CaseInputs("a test between two training steps", inputs, part="test mode", calls=plan)
    for mode, public in (("validate", True), ("Train", False)):
        inputs = _layer(rng, 3, 2) | {"bn_param": {"mode": mode} | _running(rng, 2)}
        yield CaseInputs(f"the unknown mode {mode!r}", inputs, public, "unknown mode")


def _backward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for case in _training_cases(rng):
        inputs = case.inputs | {"dout": rng.standard_normal(case.inputs["x"].shape) + 0.5}
        if "never changes" in case.label:
            inputs["bn_param"] = {"mode": "train", "eps": 0.3}
        yield CaseInputs(case.label, inputs, case.public)
    layer = _layer(rng, 6, 4)
    layer["x"] = np.asfortranarray(layer["x"])
    dout = np.asfortranarray(rng.standard_normal((6, 4)) * 3)
    yield CaseInputs("Fortran order", layer | {"bn_param": {"mode": "train", "eps": 0.2}, "dout": dout})
    small = _layer(rng, 8, 3) | {"dout": 0.1 * rng.standard_normal((8, 3))}
    yield CaseInputs("a small upstream gradient", small | {"bn_param": {"mode": "train", "eps": 0.4}})


def _two_passes(backward: str) -> tuple[Call, ...]:
    return FORWARD, Call(backward, ("dout", "cache"), ("dx", "dgamma", "dbeta"))


def _population_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for label, K, m, D, public in (
        ("3 batches of 4 examples, 2 features", 3, 4, 2, True),
        ("4 batches of 2 examples, 3 features", 4, 2, 3, True),
        ("one batch", 1, 5, 3, True),
        ("2 batches of 6 examples, one feature", 2, 6, 1, False),
        ("7 batches of 3 examples, 5 features", 7, 3, 5, False),
        ("as many batches as examples and features", 4, 4, 4, False),
    ):
        centre, spread = rng.uniform(-3, 3, D), rng.uniform(0.7, 2, D)
        batches = [centre + spread * rng.standard_normal((m, D)) for _ in range(K)]
        yield CaseInputs(label, {"batches": batches}, public)
    drifting = [_examples(rng, 4, 3) for _ in range(3)]
    yield CaseInputs("batches that are far from one another", {"batches": drifting})


def _fold_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for label, D, M, eps, public in (
        ("3 inputs, 4 outputs, eps 0.2", 3, 4, 0.2, True),
        ("as many outputs as inputs, eps 0.5", 3, 3, 0.5, True),
        ("5 inputs, 2 outputs, eps 1e-5", 5, 2, 1e-5, True),
        ("one output", 4, 1, 0.1, False),
        ("one input", 1, 5, 0.3, False),
        ("12 inputs, 7 outputs", 12, 7, 0.1, False),
    ):
        layer = {"w": rng.standard_normal((D, M)), "b": rng.uniform(0.5, 2, M)}
        norm = {"gamma": rng.uniform(1.2, 2, M), "beta": rng.uniform(0.5, 2, M)}
        statistics = {"mean": rng.uniform(0.5, 2, M), "var": rng.uniform(0.3, 3, M)}
        yield CaseInputs(label, layer | norm | statistics | {"eps": eps}, public)


def _question(name: str) -> Exercise:
    return Exercise(name, 1.0, (Call(name),), question_cases, sealed=True, mistakes=MISTAKES[name])


ASSIGNMENT = Assignment(
    "03_batchnorm",
    solutions.batchnorm,
    (
        _question("normalized_by_hand"),
        Exercise(
            "batchnorm_forward",
            12.0,
            (FORWARD,),
            _forward_cases,
            NORMALIZED,
            TRAIN_AND_TEST,
            MISTAKES["batchnorm_forward"],
        ),
        _question("output_mean"),
        _question("output_standard_deviation"),
        _question("batchnorm_parameters"),
        _question("steps_to_ninety_percent"),
        Exercise(
            "batchnorm_backward",
            10.0,
            _two_passes("batchnorm_backward"),
            _backward_cases,
            NORMALIZED,
            mistakes=MISTAKES["batchnorm_backward"],
            follow_through=0.5,
        ),
        Exercise(
            "batchnorm_backward_alt",
            6.0,
            _two_passes("batchnorm_backward_alt"),
            _backward_cases,
            NORMALIZED,
            mistakes=MISTAKES["batchnorm_backward_alt"],
            follow_through=0.5,
        ),
        _question("gradient_of_the_bias"),
        Exercise(
            "population_statistics",
            4.0,
            (Call("population_statistics", ("batches",), ("mean", "var")),),
            _population_cases,
            NORMALIZED,
            mistakes=MISTAKES["population_statistics"],
        ),
        Exercise(
            "fold_batchnorm",
            4.0,
            (Call("fold_batchnorm", ("w", "b", "gamma", "beta", "mean", "var", "eps"), ("w_folded", "b_folded")),),
            _fold_cases,
            NORMALIZED,
            mistakes=MISTAKES["fold_batchnorm"],
        ),
    ),
)
