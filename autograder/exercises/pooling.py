"""Notebook 02, pooling: what is graded, on which inputs, for how many points, and which mistakes are known."""

from collections.abc import Callable, Iterator

import numpy as np

import solutions.pooling
from autograder.exercises.exercise import Assignment, CaseInputs, Exercise, Words, question
from autograder.exercises.mistakes.pooling import MISTAKES
from cs231n_utils.checking.calls import Call
from cs231n_utils.checking.key import Part, Speed, Tolerance

__all__ = ["ASSIGNMENT"]

COPIED = Tolerance(1e-6, 1e-9, "the maximum is one of the inputs: nothing is computed, float32 keeps seven digits")

WITH_WHOLE_NUMBERS = (Part("values", 1.0), Part("whole numbers", 0.0))
WITH_SPEED = (Part("values", 0.6), Part("whole numbers", 0.0), Part("speed", 0.4))

# Ten times faster than np.max window by window is asked for, and right vectorised ways are 20 to 300 times faster. A
# loop over all windows is not faster at all. Between them lies room for the noise of a busy machine.
ASKED_FACTOR, NOISE = 10.0, 4.0

TIES = {"dx": "max_pool_subgradient"}


def pool(height: int, width: int, stride: int) -> dict[str, int]:
    """A pool_param: window of height by width pixels, moved by stride pixels."""
    return {"pool_height": height, "pool_width": width, "stride": stride}


Shape = tuple[int, int, int, int]

# label, shape of x, window and stride, public. Non-square everywhere, so that exchanged sides show.
WINDOWS: tuple[tuple[str, Shape, dict[str, int], bool], ...] = (
    ("2×2 windows, stride 2", (2, 3, 4, 6), pool(2, 2, 2), True),
    ("2×3 windows, stride 2, pixels left over", (2, 2, 7, 8), pool(2, 3, 2), True),
    ("3×3 windows, stride 1, overlapping", (2, 3, 5, 6), pool(3, 3, 1), True),
    ("3×2 windows, stride 2, overlapping", (3, 2, 7, 6), pool(3, 2, 2), True),
    ("1×2 windows, stride 3, gaps between them", (2, 2, 7, 8), pool(1, 2, 3), True),
    ("one image, one channel, 4×3 windows, stride 1", (1, 1, 6, 7), pool(4, 3, 1), False),
    ("one window as large as the image", (2, 3, 4, 5), pool(4, 5, 1), False),
    ("3×3 windows, stride 2, on 11×9", (2, 4, 11, 9), pool(3, 3, 2), False),
    ("5×2 windows, stride 4, on 14×13", (2, 2, 14, 13), pool(5, 2, 4), False),
)


def _forward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for label, shape, pool_param, public in WINDOWS:
        yield CaseInputs(label, {"x": rng.standard_normal(shape), "pool_param": pool_param}, public)
    negative = -1 - rng.random((2, 2, 4, 4))
    yield CaseInputs("all numbers negative", {"x": negative, "pool_param": pool(2, 2, 2)}, public=True)
    small = 1e-3 * rng.standard_normal((2, 2, 5, 4))
    yield CaseInputs("small numbers", {"x": small, "pool_param": pool(2, 2, 1)})
    constant = np.full((2, 2, 4, 4), 3.5)
    yield CaseInputs("a constant image", {"x": constant, "pool_param": pool(3, 3, 1)})
    fortran = np.asfortranarray(rng.standard_normal((2, 3, 6, 5)))
    yield CaseInputs("x in Fortran order", {"x": fortran, "pool_param": pool(2, 2, 1)})
    further = pool(2, 2, 2) | {"pad": 1, "mode": "train"}
    yield CaseInputs("further keys in pool_param", {"x": rng.standard_normal((2, 2, 4, 6)), "pool_param": further})
    whole = rng.integers(-9, 9, (2, 2, 6, 6))
    yield CaseInputs("x of whole numbers", {"x": whole, "pool_param": pool(2, 2, 2)}, part="whole numbers")


def _out_shape(x: np.ndarray, pool_param: dict[str, int]) -> Shape:
    rows = solutions.pooling.pool_output_size(x.shape[2], pool_param["pool_height"], pool_param["stride"])
    columns = solutions.pooling.pool_output_size(x.shape[3], pool_param["pool_width"], pool_param["stride"])
    return x.shape[0], x.shape[1], rows, columns


def _with_dout(rng: np.random.Generator, case: CaseInputs) -> CaseInputs:
    dout = rng.standard_normal(_out_shape(case.inputs["x"], case.inputs["pool_param"]))
    return CaseInputs(case.label, case.inputs | {"dout": dout}, case.public, case.part)


def _backward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for case in _forward_cases(rng):
        if case.label != "a constant image":
            yield _with_dout(rng, case)


def _distinct_whole_numbers(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    return rng.permutation(np.prod(shape)).reshape(shape)


def _max_backward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for case in _backward_cases(rng):
        if case.part == "values":
            yield case
    for label, shape, pool_param, public in (
        ("ties, 2×2 windows, stride 2", (2, 2, 4, 6), pool(2, 2, 2), True),
        ("ties, 2×3 windows, stride 3", (2, 2, 6, 7), pool(2, 3, 3), False),
    ):
        tied = rng.integers(0, 2, shape).astype(float)
        tied[0, 0] = 1.0  # and one map that is constant
        case = _with_dout(rng, CaseInputs(label, {"x": tied, "pool_param": pool_param}, public))
        yield CaseInputs(label, case.inputs, public, judges=TIES)
    whole = _distinct_whole_numbers(rng, (2, 2, 4, 4))
    yield _with_dout(
        rng,
        CaseInputs("x of whole numbers", {"x": whole, "pool_param": pool(2, 2, 2)}, public=True, part="whole numbers"),
    )


def _fast(
    cases: Callable[[np.random.Generator], Iterator[CaseInputs]], passes: int
) -> Callable[[np.random.Generator], Iterator[CaseInputs]]:
    """The cases of a naive exercise, and one that is timed; `passes` is 2 where forward and backward both run."""

    def fast_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
        yield from cases(rng)
        x = np.tile(rng.standard_normal((1, 1, 51, 51)), (4, 4, 1, 1))  # a repeated block packs small
        case = CaseInputs("16 maps of 51×51, 3×3 windows, stride 1", {"x": x, "pool_param": pool(3, 3, 1)}, True)
        if passes == 2:
            case = _with_dout(np.random.default_rng(0), case)
            case.inputs["dout"][:] = case.inputs["dout"][:1, :1]
        speed = Speed(windows=passes * 16 * 49 * 49, window=(3, 3), factor=ASKED_FACTOR, noise=NOISE)
        yield CaseInputs(case.label, case.inputs, public=True, part="speed", speed=speed)
        # Nothing is repeated here: who pools one map and copies the result is not fast.
        different = {"x": rng.standard_normal(x.shape), "pool_param": pool(3, 3, 1)}
        case = CaseInputs("16 different maps of 51×51", different)
        case = _with_dout(rng, case) if passes == 2 else case
        yield CaseInputs(case.label, case.inputs, part="speed", speed=speed)

    return fast_cases


def _global_forward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for label, shape, public in (
        ("maps of 4×6", (3, 2, 4, 6), True),
        ("maps of 7×3", (2, 5, 7, 3), True),
        ("one image", (1, 4, 5, 5), False),
        ("maps of one pixel", (3, 4, 1, 1), False),
        ("as many images as channels", (3, 3, 3, 3), False),
    ):
        yield CaseInputs(label, {"x": rng.standard_normal(shape)}, public)
    yield CaseInputs("all numbers negative", {"x": -1 - rng.random((2, 3, 4, 5))}, public=True)
    fortran = np.asfortranarray(rng.standard_normal((2, 3, 4, 5)))
    yield CaseInputs("x in Fortran order", {"x": fortran})


def _global_backward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for case in _global_forward_cases(rng):
        dout = rng.standard_normal(case.inputs["x"].shape[:2])
        yield CaseInputs(case.label, case.inputs | {"dout": dout}, case.public)


def _global_max_backward_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    yield from _global_backward_cases(rng)
    tied = rng.integers(0, 3, (2, 3, 4, 5)).astype(float)
    yield CaseInputs("ties", {"x": tied, "dout": rng.standard_normal((2, 3))}, public=True, judges=TIES)
    whole = _distinct_whole_numbers(rng, (2, 3, 4, 4))
    inputs = {"x": whole, "dout": rng.standard_normal((2, 3))}
    yield CaseInputs("x of whole numbers", inputs, public=True, part="whole numbers")


def _size_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    for label, (height, window, stride), public in (
        ("4 pixels, window 2, stride 2", (4, 2, 2), True),
        ("7 pixels, window 3, stride 2", (7, 3, 2), True),
        ("8 pixels, window 3, stride 2: pixels left over", (8, 3, 2), True),
        ("6 pixels, window 3, stride 1", (6, 3, 1), True),
        ("10 pixels, window 2, stride 5: gaps", (10, 2, 5), True),
        ("a window as large as the image", (5, 5, 3), True),
        ("a window larger than the image", (3, 4, 1), True),
        ("a window much larger than the image", (4, 9, 2), False),
    ):
        yield CaseInputs(label, {"H": height, "F": window, "S": stride}, public)
    for _ in range(3):
        window, stride = int(rng.integers(1, 9)), int(rng.integers(1, 6))
        height = window + int(rng.integers(0, 40))
        label = f"{height} pixels, window {window}, stride {stride}"
        yield CaseInputs(label, {"H": height, "F": window, "S": stride})


def _one_function(name: str, *arguments: str, returns: tuple[str, ...] = ("out", "cache")) -> tuple[Call, ...]:
    return (Call(name, arguments, returns),)


def _two_passes(forward: str, backward: str, *arguments: str) -> tuple[Call, ...]:
    return Call(forward, arguments, ("out", "cache")), Call(backward, ("dout", "cache"), ("dx",))


LIKE_A_CONVOLUTION: Words = (
    "counted_like_a_convolution",
    "A pooling window has no weights",
    "What would gradient descent change in a pooling layer?",
)

ASSIGNMENT = Assignment(
    "02_pooling",
    solutions.pooling,
    (
        Exercise(
            "pool_output_size",
            2.0,
            _one_function("pool_output_size", "H", "F", "S", returns=("size",)),
            _size_cases,
            mistakes=MISTAKES["pool_output_size"],
        ),
        question(
            "two_by_two_pool_size",
            ("rounds_up", "The last row is in no window", "Round down, as pool_output_size does.", "28"),
            ("true_division", "A number of rows is whole", "Round down, as pool_output_size does.", "27.5"),
        ),
        question(
            "overlapping_pool_size",
            ("rounds_up", "Count again with pool_output_size", "(H - F) / S + 1", "28"),
            ("plus_one_missing", "The + 1 is missing", "(H - F) / S + 1", "26"),
            ("output_size_h_over_pool", "Divided by the window, not by the stride", "(H - F) / S + 1", "18"),
        ),
        Exercise(
            "max_pool_forward_naive",
            6.0,
            _one_function("max_pool_forward_naive", "x", "pool_param"),
            _forward_cases,
            COPIED,
            WITH_WHOLE_NUMBERS,
            MISTAKES["max_pool_forward_naive"],
        ),
        Exercise(
            "max_pool_backward_naive",
            8.0,
            _two_passes("max_pool_forward_naive", "max_pool_backward_naive", "x", "pool_param"),
            _max_backward_cases,
            parts=WITH_WHOLE_NUMBERS,
            mistakes=MISTAKES["max_pool_backward_naive"],
            follow_through=0.5,
        ),
        question(
            "activations_discarded",
            (
                "part_kept",
                "That is the part that is kept",
                "Four pixels come in. How many stay, and how many go?",
                "25",
            ),
            (
                "one_side_only",
                "Half the rows go, and half of the columns too",
                "Count pixels: a window has four.",
                "50",
            ),
            ("not_percent", "Percent are asked for", "One half is 50 percent.", "0.75"),
            ("not_percent", "Percent are asked for", "One half is 50 percent.", "0.25"),
        ),
        question(
            "learnable_parameters",
            (*LIKE_A_CONVOLUTION, "9"),
            (*LIKE_A_CONVOLUTION, "576"),
            (*LIKE_A_CONVOLUTION, "640"),
        ),
        question(
            "depth_after_pooling",
            (
                "depth_halved",
                "The depth is halved, as height and width are",
                "The depth does not change: every channel is pooled by itself.",
                "48",
            ),
            (
                "depth_by_window",
                "The depth is divided by the window's size",
                "The depth does not change: every channel is pooled by itself.",
                "32",
            ),
            (
                "channels_pooled_together",
                "The channels are pooled together",
                "The depth does not change: every channel is pooled by itself.",
                "1",
            ),
        ),
        Exercise(
            "avg_pool_forward_naive",
            4.0,
            _one_function("avg_pool_forward_naive", "x", "pool_param"),
            _forward_cases,
            parts=WITH_WHOLE_NUMBERS,
            mistakes=MISTAKES["avg_pool_forward_naive"],
        ),
        Exercise(
            "avg_pool_backward_naive",
            4.0,
            _two_passes("avg_pool_forward_naive", "avg_pool_backward_naive", "x", "pool_param"),
            _backward_cases,
            parts=WITH_WHOLE_NUMBERS,
            mistakes=MISTAKES["avg_pool_backward_naive"],
            follow_through=0.5,
        ),
        Exercise(
            "global_avg_pool_forward",
            2.0,
            _one_function("global_avg_pool_forward", "x"),
            _global_forward_cases,
            mistakes=MISTAKES["global_avg_pool_forward"],
        ),
        Exercise(
            "global_avg_pool_backward",
            2.0,
            _two_passes("global_avg_pool_forward", "global_avg_pool_backward", "x"),
            _global_backward_cases,
            mistakes=MISTAKES["global_avg_pool_backward"],
            follow_through=0.5,
        ),
        Exercise(
            "global_max_pool_forward",
            2.0,
            _one_function("global_max_pool_forward", "x"),
            _global_forward_cases,
            COPIED,
            mistakes=MISTAKES["global_max_pool_forward"],
        ),
        Exercise(
            "global_max_pool_backward",
            3.0,
            _two_passes("global_max_pool_forward", "global_max_pool_backward", "x"),
            _global_max_backward_cases,
            parts=WITH_WHOLE_NUMBERS,
            mistakes=MISTAKES["global_max_pool_backward"],
            follow_through=0.5,
        ),
        Exercise(
            "max_pool_forward_fast",
            6.0,
            _one_function("max_pool_forward_fast", "x", "pool_param"),
            _fast(_forward_cases, passes=1),
            COPIED,
            WITH_SPEED,
            MISTAKES["max_pool_forward_fast"],
        ),
        Exercise(
            "max_pool_backward_fast",
            8.0,
            _two_passes("max_pool_forward_fast", "max_pool_backward_fast", "x", "pool_param"),
            _fast(_max_backward_cases, passes=2),
            parts=WITH_SPEED,
            mistakes=MISTAKES["max_pool_backward_fast"],
            follow_through=0.5,
        ),
    ),
)
