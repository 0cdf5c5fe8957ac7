"""Answer keys: through a file and back, found by name, and with no answer to a question in them."""

import numpy as np
import pytest

from autograder.exercises import ASSIGNMENTS
from cs231n_utils.checking.calls import Call
from cs231n_utils.checking.key import (
    Case,
    ExerciseKey,
    Mistake,
    Part,
    Speed,
    Tolerance,
    UnknownExerciseError,
    key_names,
    load,
    read,
    write,
)
from cs231n_utils.checking.sealed import is_sealed
from cs231n_utils.checking.values import pack

EXERCISES = [exercise for assignment in ASSIGNMENTS for exercise in assignment.exercises]
NAMES = [exercise.name for exercise in EXERCISES]


def small_key():
    x = np.asfortranarray([[1.5, np.nan], [np.inf, -0.0]])
    expected = {"results": {"out": x}, "arguments": {"x": x, "param": {"stride": 2}}, "error": None}
    error = {"type": "ValueError", "bases": ["ValueError"], "message": "é", "function": "f", "lines": []}
    raised = {"results": {}, "arguments": {"x": x, "param": {"stride": 2}}, "error": error}
    inputs = {"x": x, "param": {"stride": 2}}
    cases = (
        Case("2×2 windows", inputs, expected, judges={"out": "max_pool_subgradient"}),
        Case("timed", inputs, raised, part="speed", speed=Speed(100, (3, 2), 10.0, 4.0)),
    )
    return ExerciseKey(
        "f",
        4.0,
        (Call("g", ("x", "param"), ("out", "cache")), Call("f", ("out", "cache"), ("dx",))),
        Tolerance(1e-5, 1e-6, "a reason"),
        (Part("values", 0.6), Part("speed", 0.4)),
        cases,
        (Mistake("an_id", "A title", "A hint", (raised, {})),),
    )


def same(one, other):
    return pack(one.to_value()) == pack(other.to_value())


def test_through_a_file_and_back(tmp_path):
    key = small_key()
    write(key, tmp_path / "f.npz")
    came = read(tmp_path / "f.npz")
    assert same(came, key)
    assert came.calls == key.calls
    assert came.parts == key.parts
    assert came.tolerance == key.tolerance
    assert came.cases[1].speed == Speed(100, (3, 2), 10.0, 4.0)
    assert came.cases[0].speed is None
    assert isinstance(came.mistakes[0].records, tuple)
    assert came.cases[0].inputs["x"].flags.f_contiguous


def test_functions_are_named_once_in_order():
    key = small_key()
    assert key.functions == ("g", "f")
    again = ExerciseKey(key.name, key.points, (*key.calls, key.calls[0]), key.tolerance, key.parts, key.cases)
    assert again.functions == ("g", "f")


def test_files_hold_no_objects(tmp_path):
    write(small_key(), tmp_path / "f.npz")
    with np.load(tmp_path / "f.npz", allow_pickle=False) as stored:
        assert {stored[name].dtype.kind for name in stored.files} <= set("biufcU")


def test_every_exercise_has_a_key_and_every_key_an_exercise():
    assert key_names() == sorted(NAMES)


@pytest.mark.parametrize("exercise", EXERCISES, ids=NAMES)
def test_committed_keys(exercise):
    key = load(exercise.name)
    assert key.name == exercise.name
    assert key.points == exercise.points
    assert key.calls == exercise.calls
    assert len(key.cases) >= 1
    assert all(len(mistake.records) == len(key.cases) for mistake in key.mistakes)
    assert all(any(mistake.records) for mistake in key.mistakes)  # on some case each makes a difference
    assert sum(part.share for part in key.parts) == pytest.approx(1)
    assert {case.part for case in key.cases} == {part.name for part in key.parts}


@pytest.mark.parametrize("name", [exercise.name for exercise in EXERCISES if exercise.sealed])
def test_keys_of_questions_hold_no_answer(name):
    for record in [case.expected for case in load(name).cases] + [r for m in load(name).mistakes for r in m.records]:
        assert all(is_sealed(value) for value in record["results"].values())


@pytest.mark.parametrize(
    ("name", "similar"),
    [
        ("max_pool_forward", "Did you mean max_pool_forward_fast or max_pool_forward_naive"),
        ("max_pool_foward_naive", "Did you mean max_pool_forward_naive"),
        ("qqq", "there is no exercise called 'qqq'."),
        ("", "there is no exercise called ''."),
        ("../keys/max_pool_forward_naive", "there is no exercise called"),
    ],
)
def test_unknown_names(name, similar):
    with pytest.raises(UnknownExerciseError, match=similar):
        load(name)
