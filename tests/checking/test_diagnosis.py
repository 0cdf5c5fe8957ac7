"""What is said of wrong answers that are no known mistake: each slip is named, and what is nearly one is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from cs231n_utils.checking.calls import Call
from cs231n_utils.checking.key import Case, ExerciseKey, Part, Tolerance
from cs231n_utils.checking.verdict import Answer, Status, judge

RNG = np.random.default_rng(0)
N, C, H, W = 2, 3, 4, 5
X = RNG.standard_normal((N, C, H, W)) + 0.3
GAMMA, BETA = RNG.uniform(1.2, 2, C), RNG.uniform(0.5, 1, C)
DOUT = RNG.standard_normal((N, C, H, W))
OUT = 3 * np.sin(X) + X**2 * np.arange(W) + 5
PARAM = {"stride": 7, "eps": 0.3}
INPUTS = {"x": X, "gamma": GAMMA, "beta": BETA, "dout": DOUT, "pool_param": PARAM}
TOLERANCE = Tolerance(1e-6, 1e-9, "for these tests")
FLAT = OUT[0, 0]
CALLS = (Call("layer", ("x",), ("out",)),)


def record(arguments=None, error=None, **results):
    return {"results": results, "arguments": arguments or {}, "error": error}


def key(*cases):
    return ExerciseKey("layer", 1.0, CALLS, TOLERANCE, (Part("values", 1.0),), cases)


def case_of(want, label="a case", inputs=None, arguments=None, **more):
    expected = record(arguments, **(want if isinstance(want, dict) else {"out": want}))
    return Case(label, INPUTS if inputs is None else inputs, expected, **more)


def findings(came, want, arguments=None, **more):
    """The findings on one case or on several: what came and what was wanted may be tuples."""
    pairs = list(zip(came, want, strict=True)) if isinstance(came, tuple) else [(came, want)]
    cases = [case_of(want, str(i), **more) for i, (_, want) in enumerate(pairs)]
    answers = [Answer(record(arguments, **(came if isinstance(came, dict) else {"out": came}))) for came, _ in pairs]
    return judge(key(*cases), answers).findings


def title(came, want, **more):
    return findings(came, want, **more)[0].title


# --- the right shape ---

VALUES = {
    "out is zero everywhere": 0 * OUT,
    "out holds NaN, which is no number": np.where(OUT > 6, np.nan, OUT),
    "out holds infinite numbers": np.where(OUT > 6, np.inf, OUT),
    "out is x, unchanged": X,
    "out is the upstream gradient dout, unchanged": DOUT,
    "out has lost all that stands behind the decimal point": OUT.astype(int),
    "out has its rows in reverse order": OUT[:, :, ::-1],
    "out has its channels in reverse order": OUT[:, ::-1],
    "out has its rows and columns in reverse order": OUT[:, :, ::-1, ::-1],
    "out is shifted: each row comes one too late": np.roll(OUT, 1, axis=2),
    "out is shifted: each column comes one too early": np.roll(OUT, -1, axis=3),
    "out was reshaped where its axes had to be exchanged": OUT.transpose(0, 2, 3, 1).reshape(OUT.shape),
    "out holds the right numbers in wrong places": RNG.permutation(OUT.ravel()).reshape(OUT.shape),
    "out has the wrong sign": -OUT,
    "out is half of what it should be, and N is 2": OUT / 2,
    "out is C times what it should be": C * OUT,
    "out is divided by W once too often": OUT / W,
    "out is H · W times what it should be": H * W * OUT,
    "out is divided by stride once too often": OUT / 7,
    "out is N / (N - 1) times what it should be, and has the wrong sign": -OUT * 2.0,
    "out is 11 times what it should be": 11 * OUT,
    "out is right but for one constant factor": 1.2345 * OUT,
    "out is 1 too large": OUT + 1,
    "out is 2 too small": OUT - 2,
    "out is off by the same amount everywhere": OUT + 0.123,
    "out has the factor gamma once too often": OUT * GAMMA[:, None, None],
    "out lacks the factor gamma": OUT / GAMMA[:, None, None],
    "out lacks the summand beta": OUT - BETA[:, None, None],
    "beta is added to out once too often": OUT + BETA[:, None, None],
    "out has the factor dout once too often": OUT * DOUT,
    "out lacks the summand x": OUT - X,
    "out is off by a multiple of dout": OUT + 0.3 * DOUT,
    "out is off by a multiple of gamma": OUT - 0.7 * GAMMA[:, None, None],
    "out is off by a factor of its own in each image": OUT * np.array([1.5, 2.5])[:, None, None, None],
    "out is off by a summand of its own in each column": OUT + np.arange(1, W + 1) ** 2,
    "out is off by a factor and a summand of its own in each channel": OUT * BETA[:, None, None] + GAMMA[:, None, None],
    "out is off by a factor of its own in each channel of each image": OUT * (1.5 + DOUT[:, :, :1, :1]),
    "out is off by a factor and a summand of its own in each channel of each image": OUT * DOUT[:, :, :1, :1]
    + DOUT[:, :, :1, 1:2],
    "out is the square of what it should be": OUT**2,
    "out is the square root of what it should be": np.sqrt(OUT + 20),
    "out is 1 divided by what it should be": 1 / OUT,
    "out is the exponential of what it should be": np.exp(OUT),
    "out is the logarithm of what it should be": np.log(OUT + 20),
    "All images of out are what image 0 should be": OUT[[0, 0]],
    "All channels of out are what channel 2 should be": OUT[:, [2, 2, 2]],
    "The wrong entries of out are all 0": np.where(DOUT > 0, OUT, 0),
    "out is nearly right": OUT + 1e-3 * np.cos(7 * DOUT),
}
WANTED = {
    "out is the square root of what it should be": OUT + 20,
    "out is the logarithm of what it should be": OUT + 20,
    "out has lost its minus signs": OUT - 5,
    "out has zeros in place of negative numbers": OUT - 5,
}
VALUES["out has lost its minus signs"] = np.abs(OUT - 5)
VALUES["out has zeros in place of negative numbers"] = np.maximum(OUT - 5, 0)
VALUES["out is twice too large, and N is 2, and has the wrong sign"] = VALUES.pop(
    "out is N / (N - 1) times what it should be, and has the wrong sign"
)


@pytest.mark.parametrize("said", VALUES)
def test_slips_of_values(said):
    (finding,) = findings(VALUES[said], WANTED.get(said, OUT))
    assert finding.title == said
    assert finding.hint
    assert finding.mistake is None


@pytest.mark.parametrize("said", [s for s in VALUES if "NaN" not in s and "infinite" not in s and "nearly" not in s])
def test_one_entry_that_does_not_fit_is_another_mistake(said):
    """Nothing is said of most entries that is not so of all."""
    came = np.array(VALUES[said], dtype=float)
    came[1, 1, 1, 2] += 0.5 + 0.01 * came[1, 1, 1, 2]
    assert title(came, WANTED.get(said, OUT)) != said


def test_right_answers_are_not_spoken_of():
    (finding,) = findings(OUT.astype(np.float32).astype(float) * (1 + 1e-8), OUT.astype(np.float32).astype(float))
    assert (finding.status, finding.title, finding.where, finding.maps) == (Status.PASSED, "", "", None)


def test_noise_is_nothing_that_is_known():
    assert title(RNG.standard_normal(OUT.shape), OUT) == ""


def test_transposed():
    square = RNG.standard_normal((4, 4))
    assert title(square.T, square) == "The axes of out are in another order"


def test_results_that_are_exchanged():
    dx, dw, db = DOUT[0, 0], DOUT[0, 1], DOUT[0, 2]
    (finding,) = findings({"dx": dx, "dw": db, "db": dw}, {"dx": dx, "dw": dw, "db": db})
    assert finding.title == "dw is what db should be"
    assert [advice.title for advice in finding.also] == ["db is what dw should be"]
    assert finding.where.endswith("; db is wrong too; dx is right")


def test_results_of_other_shapes_that_are_exchanged():
    given = {"dx": GAMMA, "dw": DOUT[0, 1]}
    (finding,) = findings(given, {"dx": DOUT[0, 1], "dw": GAMMA})
    assert finding.title == "dx is what dw should be"
    assert [advice.title for advice in finding.also] == ["dw is what dx should be"]


def test_a_factor_of_two_that_is_no_size():
    want = RNG.standard_normal((3, 5))
    assert title(2 * want, want, inputs={"x": want}) == "out is twice too large"


def test_a_factor_that_is_a_size_in_all_cases():
    wants = [RNG.standard_normal((n, 5)) for n in (2, 3)]
    cases = [case_of(want, str(len(want)), {"x": want}) for want in wants]
    verdict = judge(key(*cases), [Answer(record(out=want / len(want))) for want in wants])
    assert {finding.title for finding in verdict.findings} == {"out is divided by N once too often"}


def test_an_argument_that_is_changed():
    case = case_of(OUT, arguments={"x": X})
    (finding,) = judge(key(case), [Answer(record({"x": X - 1}, out=OUT))]).findings
    assert finding.title == "x is changed in place"
    assert finding.hint.startswith("Arrays are handed over, not copied")


def test_an_argument_that_takes_steps():
    inputs = {"f": {"given": "cubes"}, "x": X, "dx": DOUT}
    case = case_of(OUT, inputs=inputs, arguments=inputs)
    for name, said in (("x", "x is not put back as it was"), ("dx", "dx is changed in place")):
        (finding,) = judge(key(case), [Answer(record(inputs | {name: inputs[name] + 1}, out=OUT))]).findings
        assert finding.title == said
    rounded = record(inputs | {"x": X * (1 + 1e-15)}, out=OUT)
    assert judge(key(case), [Answer(rounded)]).findings[0].title == "x is not put back as it was"


def test_an_argument_that_was_to_be_changed():
    inputs = {"x": X, "bn_param": {"running_mean": GAMMA}}
    case = case_of(OUT, inputs=inputs, arguments={"bn_param": {"running_mean": BETA}})
    (finding,) = judge(key(case), [Answer(record(inputs, out=OUT))]).findings
    assert finding.title == "bn_param['running_mean'] is as it was before the call"


# --- another shape ---

SHAPES = {
    "out has an axis of length 1 too many": (GAMMA[None], GAMMA),
    "out lacks an axis of length 1": (GAMMA, GAMMA[None]),
    "The axes of out are in another order": (OUT.transpose(1, 0, 2, 3), OUT),
    "out has the right numbers in another shape": (OUT.reshape(N, -1), OUT),
    "out is not summed over the examples": (FLAT, FLAT.sum(axis=0)),
    "out is not averaged over the features": (FLAT, FLAT.mean(axis=1)),
    "out is not summed over the images, rows and columns": (OUT, OUT.sum(axis=(0, 2, 3))),
    "out is summed over the rows and columns": (OUT.sum(axis=(2, 3)), OUT),
    "out is averaged over the examples": (FLAT.mean(axis=0, keepdims=True), FLAT),
    "out holds the right numbers several times": (np.stack([FLAT, FLAT]), FLAT),
    "out holds a number for each pair of entries": (np.outer(GAMMA, BETA), GAMMA * BETA),
    "out has one number for each image and row, not for each image and channel": (OUT.max((1, 3)), OUT.min((2, 3))),
    "out ends too early": (OUT[:, :, :-1, :-2], OUT),
    "out begins too late": (OUT[:, :, 1:], OUT),
    "out goes on too far": (np.pad(OUT, ((0, 0), (0, 0), (0, 1), (0, 2))), OUT),
    "out still has a border around it": (np.pad(OUT, ((0, 0), (0, 0), (1, 1), (1, 1))), OUT),
}


@pytest.mark.parametrize("said", SHAPES)
def test_slips_of_shapes(said):
    (finding,) = findings(*SHAPES[said])
    assert finding.title == said
    assert finding.hint


@pytest.mark.parametrize("said", [s for s in SHAPES if "pair" not in s and "each image" not in s])
def test_another_shape_of_other_numbers_is_another_mistake(said):
    came, want = SHAPES[said]
    came = came.copy()
    came[tuple(side // 2 for side in came.shape)] += 0.5
    assert title(came, want) != said


def test_shapes_that_could_be_of_several_axes():
    square = X[:, :, :, :H]
    given = findings(square.max(axis=(1, 3)), square.min(axis=(2, 3)), inputs={"x": square})
    assert given[0].title == ""


# --- several cases ---


def test_what_holds_for_most_cases_is_said():
    """A factor of 2 is N here and C there: only one of the two is it on both cases."""
    small, large = RNG.standard_normal((2, 5)), RNG.standard_normal((4, 2))
    cases = [case_of({"out": want}, str(i), {"x": want}) for i, want in enumerate((small, large))]
    verdict = judge(key(*cases), [Answer(record(out=2 * small)), Answer(record(out=4 * large))])
    assert {finding.title for finding in verdict.findings} == {"out is N times what it should be"}


@pytest.mark.parametrize(("came", "said"), [((4.0, 6.0), "out is 1 too large"), ((4.0, 8.0), ""), ((4.0, 5.0), "")])
def test_a_single_number_needs_a_second_case(came, said):
    given = findings(came, (3.0, 5.0))
    assert [finding.title for finding in given if finding.status is Status.FAILED] == [said] * sum(
        a != b for a, b in zip(came, (3.0, 5.0), strict=True)
    )


def test_nan_is_seen_at_once():
    assert title(np.nan, 3.0) == "out holds NaN, which is no number"


def test_a_zero_may_be_one_too_small():
    assert {finding.title for finding in findings((0, 3), (1, 4))} == {"out is 1 too small"}


def strides(*pairs):
    """Cases with these strides, each right or wrong, in ways that have nothing in common."""
    cases = [case_of(OUT, str(i), {"x": X, "pool_param": {"stride": s}}) for i, (s, _) in enumerate(pairs)]
    return judge(key(*cases), [Answer(record(out=OUT if ok else RNG.standard_normal(OUT.shape))) for _, ok in pairs])


def test_a_parameter_that_all_wrong_cases_have_in_common():
    verdict = strides((1, True), (2, False), (1, True), (3, False))
    assert [f.title for f in verdict.findings] == ["", "Right but for the cases with another stride than 1"] * 2


def test_a_value_that_all_wrong_cases_have_in_common():
    verdict = strides((1, True), (2, False), (3, True), (2, False))
    assert verdict.findings[1].title == "Right but for the cases with stride 2"


@pytest.mark.parametrize(
    "pairs",
    [
        ((1, True), (2, False), (2, True), (3, False)),  # a right case has it too
        ((1, True), (2, False), (3, False)),  # one right case could be chance
        ((1, False), (2, False), (3, False)),
    ],
)
def test_what_the_wrong_cases_do_not_have_in_common(pairs):
    assert {finding.title for finding in strides(*pairs).findings} == {""}


def test_a_shape_that_all_wrong_cases_have_in_common():
    xs = [X, X[:1], X[:, :2], X[:1, :2]]
    cases = [case_of(x, str(i), {"x": x}) for i, x in enumerate(xs)]
    answers = [Answer(record(out=x if len(x) > 1 else RNG.standard_normal(x.shape))) for x in xs]
    verdict = judge(key(*cases), answers)
    assert verdict.findings[1].title == verdict.findings[3].title == "Right but for the cases of a single image"


def test_a_mode_that_all_wrong_cases_have_in_common():
    cases = [case_of(OUT, mode + str(i), {"x": X, "mode": mode}) for mode in ("train", "test") for i in (0, 1)]
    answers = [
        Answer(record(out=OUT if case.inputs["mode"] == "train" else RNG.standard_normal(OUT.shape))) for case in cases
    ]
    assert judge(key(*cases), answers).findings[2].title == "Right but for the cases with mode 'test'"


# --- where, and maps ---


def test_the_place_is_said_and_shown():
    came = OUT.copy()
    came[:, 1] = RNG.standard_normal((N, H, W))
    (finding,) = findings(came, OUT)
    assert finding.where == "all of channel 1: 40 of 120 entries are wrong"
    assert finding.maps.name == "out[0, 1]"
    assert np.allclose(finding.maps.came, came[0, 1], rtol=1e-4)
    assert np.allclose(finding.maps.expected, OUT[0, 1], rtol=1e-4)


def test_one_picture_is_enough():
    given = findings((OUT + 1, OUT, OUT + 1), (OUT, OUT, OUT))
    assert [finding.maps is None for finding in given] == [False, True, True]


def test_the_sign_that_decides():
    want = X + 1.7
    came = np.where(X < 0, want * DOUT, want)
    assert findings(came, want)[0].where.startswith("exactly where x is negative: ")


# --- whatever comes ---

anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.lists(st.floats(), max_size=3),
    arrays(
        st.sampled_from([bool, np.int8, np.uint64, np.float16, np.float32, np.float64, np.complex64]),
        array_shapes(min_dims=0, max_dims=6, min_side=0, max_side=4),
    ),
)


@settings(max_examples=300)
@given(anything, anything)
def test_no_answer_breaks_the_diagnosis(came, other):
    want = {"out": OUT[0, 0, :2, :3], "dgamma": GAMMA}
    first, second = findings(({"out": came, "dgamma": other}, {"out": other}), (want, want))
    assert isinstance(first.title + second.where, str)


@settings(max_examples=300)
@given(st.data())
def test_no_numbers_of_the_right_shape_break_it(data):
    shape = data.draw(array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
    want = data.draw(arrays(np.float64, shape, elements=st.floats(-1e6, 1e6)))
    came = data.draw(arrays(st.sampled_from([np.float64, np.int8, bool]), shape))
    (finding,) = findings(came, want, inputs={"x": want, "gamma": GAMMA})
    assert (finding.status is Status.PASSED) <= (finding.title == "")


def test_large_arrays_are_not_looked_at_closely():
    want = np.zeros((1000, 1000))
    (finding,) = findings(want + 1.0, want)
    assert (finding.status, finding.title, finding.maps) == (Status.FAILED, "", None)
