"""A wrong gradient is held against the student's own forward pass, and what is said of it is true."""

from dataclasses import replace

import numpy as np
import pytest

from cs231n_utils.checking import gradients
from cs231n_utils.checking.calls import Call, run
from cs231n_utils.checking.gradients import Move, explain_gradient, follows
from cs231n_utils.checking.key import Case, ExerciseKey, Part, Tolerance
from cs231n_utils.checking.verdict import Answer, judge

DROPOUT = {"x": np.ones((3, 4)), "dout": np.ones((3, 4)), "dropout_param": {"mode": "train", "p": 0.5}}
CALLS = (Call("square_forward", ("x", "w"), ("out", "cache")), Call("square_backward", ("dout", "cache"), ("dx", "dw")))
RNG = np.random.default_rng(0)
X, W, DOUT = RNG.standard_normal((3, 4)), RNG.uniform(1, 2, 4), RNG.standard_normal((3, 4))


def square_forward(x, w):
    return w * x**2, (x, w)


def square_backward(dout, cache):
    x, w = cache
    return 2 * w * x * dout, np.sum(x**2 * dout, axis=0)


def key(**inputs):
    inputs = {"x": X, "w": W, "dout": DOUT} | inputs
    expected = run(CALLS, {"square_forward": square_forward, "square_backward": square_backward}, inputs)
    expected["results"].pop("out")
    tolerance = Tolerance(1e-6, 1e-9, "for these tests")
    case = Case("a case", inputs, expected)
    return ExerciseKey("square_backward", 4.0, CALLS, tolerance, (Part("values", 1.0),), (case,))


def said(forward=square_forward, backward=square_backward, seconds=0.001, of=None):
    of = of or key()
    functions = {"square_forward": forward, "square_backward": backward}
    answers = [Answer(run(of.plan(case), functions, case.inputs), seconds) for case in of.cases]
    (finding,) = explain_gradient(of, answers, functions, judge(of, answers)).findings
    return finding.numeric


def cube_forward(x, w):
    return w * x**3, (x, w)


def cube_backward(dout, cache):
    x, w = cache
    return 3 * w * x**2 * dout, np.sum(x**3 * dout, axis=0)


def no_two(dout, cache):
    dx, dw = square_backward(dout, cache)
    return dx / 2, dw


def no_sum(dout, cache):
    dx, dw = square_backward(dout, cache)
    return dx, dw / 3


def test_a_right_gradient_is_not_spoken_of():
    assert said() == ""


def test_a_wrong_backward_pass_of_a_right_forward_pass():
    text = said(backward=no_two)
    worst = np.unravel_index(np.abs(W * X * DOUT).argmax(), X.shape)
    right = (2 * W * X * DOUT)[worst]
    place = ", ".join(map(str, worst))
    assert text.startswith(
        f"At dx[{place}] your gradient is {right / 2:.4g}. "
        f"The numeric gradient of your own output is {right:.4g} there, expected {right:.4g}: "
    )
    assert text.endswith("the output has the right slope in this place, and your gradient has not.")


def test_a_forward_pass_in_float32_is_right_too():
    def in_float32(x, w):
        return (w * x**2).astype(np.float32), (x, w)

    assert said(in_float32, no_two).endswith("the output has the right slope in this place, and your gradient has not.")


def test_one_that_is_nearly_right_is_not_told_from_it():
    def nearly(dout, cache):
        dx, dw = square_backward(dout, cache)
        return 1.001 * dx, dw

    assert said(backward=nearly) == ""


def test_the_gradient_that_is_wrong_is_measured():
    assert said(backward=no_sum).startswith("At dw[")


def test_a_backward_pass_that_is_right_for_its_own_forward_pass():
    text = said(cube_forward, cube_backward)
    assert "square_backward is right for your own square_forward, which is wrong. Mend square_forward" in text


def test_one_that_fits_in_one_of_its_gradients_only():
    def half(dout, cache):
        dx, dw = cube_backward(dout, cache)
        return dx, 2 * dw

    text = said(cube_forward, half)
    assert text.endswith("your gradient fits your own output in this place, so look at the output first.")


def test_neither_is_right():
    assert said(cube_forward, no_two).endswith("neither is right, so begin with the output.")


def test_a_loss_that_returns_its_own_gradient():
    calls = (Call("loss_of", ("x",), ("loss", "dx")),)
    expected = {"results": {"loss": float(np.sum(X**2)), "dx": 2 * X}, "arguments": {}, "error": None}
    of = ExerciseKey(
        "loss_of", 4.0, calls, Tolerance(1e-6, 1e-9, "tests"), (Part("values", 1.0),), (Case("a", {"x": X}, expected),)
    )
    functions = {"loss_of": lambda x: (float(np.sum(x**2)), x)}
    answers = [Answer(run(calls, functions, {"x": X}))]
    (finding,) = explain_gradient(of, answers, functions, judge(of, answers)).findings
    assert finding.numeric.endswith("the loss has the right slope in this place, and your gradient has not.")


# --- where nothing certain can be said, nothing is ---


def with_a_step(x, w):
    return w * np.round(x, 4), (x, w)


def of_another_shape(x, w):
    return (w * x**3)[:1], (x, w)


def random(x, w):
    return w * x + RNG.standard_normal(x.shape), (x, w)


@pytest.mark.parametrize("forward", [with_a_step, of_another_shape, random])
def test_forward_passes_without_a_derivative(forward):
    assert said(forward, no_two) == ""


@pytest.mark.parametrize(
    "backward",
    [
        lambda dout, cache: (np.full(X.shape, np.nan), W),
        lambda dout, cache: (X[:1], W),
        lambda dout, cache: (None, W),
        lambda dout, cache: 1 / 0,
        lambda dout, cache: X,
    ],
)
def test_gradients_that_cannot_be_measured(backward):
    assert said(backward=backward) == ""


def test_where_chance_decides_what_is_right_nothing_is_expected():
    of = key()
    of = replace(of, cases=(replace(of.cases[0], judges={"dx": "seeded_dropout_dx"}, inputs=DROPOUT | {"w": W}),))
    assert (
        said(lambda x, w: (x * (x > 0), (x, w)), lambda dout, cache: (7 * dout, np.sum(X**2 * DOUT, axis=0)), of=of)
        == ""
    )


def test_whole_numbers_have_no_neighbours():
    assert said(backward=no_two, of=key(x=np.arange(12).reshape(3, 4))) == ""


def test_a_slow_forward_pass_is_not_run_again():
    calls = []

    def counted(x, w):
        calls.append(x)
        return square_forward(x, w)

    assert said(counted, no_two, seconds=1.0) == ""
    assert len(calls) == 1


@pytest.mark.parametrize(("seconds", "directions"), [(1e-4, 3), (0.007, 2), (0.0099, 1)])
def test_the_time_is_bounded(seconds, directions):
    calls = []

    def counted(x, w):
        calls.append(x)
        return cube_forward(x, w)

    assert "Mend square_forward" in said(counted, cube_backward, seconds=seconds)
    assert len(calls) == 1 + 2 * len(gradients.STEPS) + 2 * 2 * directions
    assert seconds * (len(calls) - 1) <= 2 * gradients.SECONDS


def test_what_the_forward_pass_prints_is_not_printed_again(capsys):
    def talking(x, w):
        print("here")
        return square_forward(x, w)

    said(talking, no_two)
    assert capsys.readouterr().out == "here\n"


# --- follow-through ---


def moves(*claims):
    return [Move("x", claim, {}, {}) for claim in claims]


def test_all_claims_must_agree():
    assert follows(moves(1.0, 2.0), [1.0, 2.0])
    assert not follows(moves(1.0, 2.0), [1.0, 2.1])
    assert not follows(moves(1.0, 2.0), [1.0, None])
    assert not follows([], [])


def test_a_forward_pass_that_does_not_depend_on_its_input_earns_nothing():
    assert not follows(moves(0.0, 0.0), [0.0, 0.0])


def test_a_claim_without_bounds_agrees_with_nothing():
    assert not follows(moves(np.inf), [1.0])
    assert not follows(moves(np.nan), [1.0])
