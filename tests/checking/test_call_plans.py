"""Call plans that change a dictionary between calls, and cases with a call plan of their own."""

from dataclasses import asdict

import numpy as np
import pytest

from cs231n_utils.checking.calls import Call, run
from cs231n_utils.checking.key import Case, ExerciseKey, Part, Tolerance, read, write
from cs231n_utils.checking.values import pack, unpack

COUNT = Call("count", ("x", "param"), ("first",))
COUNT_AGAIN = Call("count", ("x", "param"), ("second",))
LOOK = Call("count", ("x", "param"), ("looked",), {"param": {"mode": "test", "offset": np.array([10.0])}})
INPUTS = {"x": np.array([1.0]), "param": {"mode": "train"}}


def count(x, param):
    """Stands for batch norm: in train mode it adds up what it has seen, in test mode it looks at the sum."""
    if param["mode"] == "train":
        param["seen"] = param.get("seen", 0) + x
        return x
    param["offset"] += 1
    return param["seen"] + param["offset"]


def test_a_dictionary_is_kept_from_call_to_call_and_changed_in_between():
    record = run([COUNT, COUNT_AGAIN, LOOK], {"count": count}, INPUTS)
    assert record["error"] is None
    assert record["results"] == {"first": 1, "second": 1, "looked": 13}
    assert record["arguments"]["param"] == {"mode": "test", "seen": 2, "offset": 11}
    assert INPUTS["param"] == {"mode": "train"}
    assert LOOK.set["param"]["offset"] == 10  # though the function wrote into what it was given


def test_every_run_starts_afresh():
    first, second = (run([COUNT, LOOK], {"count": count}, INPUTS)["results"] for _ in range(2))
    assert first == second


@pytest.mark.parametrize("call", [COUNT, LOOK], ids=["plain", "with changes"])
def test_a_call_is_a_plain_value(call):
    came = Call.from_value(unpack(pack(asdict(call))))
    assert came == call
    assert type(came.arguments) is type(came.returns) is tuple


def test_calls_written_before_there_were_changes_can_be_read():
    value = asdict(COUNT)
    del value["set"]
    assert Call.from_value(value) == COUNT


def key_with_plans():
    expected = {"results": {}, "arguments": {}, "error": None}
    cases = (Case("the exercise's plan", INPUTS, expected), Case("its own", INPUTS, expected, calls=(COUNT, LOOK)))
    other = (Case("another function", INPUTS, expected, calls=(Call("other"),)),)
    return ExerciseKey("count", 1.0, (COUNT,), Tolerance(0, 0, "none"), (Part("values", 1.0),), cases + other)


def test_a_case_may_have_a_plan_of_its_own(tmp_path):
    write(key_with_plans(), tmp_path / "count.npz")
    for key in (key_with_plans(), read(tmp_path / "count.npz")):
        assert [key.plan(case) for case in key.cases] == [(COUNT,), (COUNT, LOOK), (Call("other"),)]
        assert key.functions == ("count", "other")
