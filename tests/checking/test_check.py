"""check() as a student calls it: from a notebook's namespace, with whatever stands there under the exercise's name."""

import functools
import re
import sys
import types
import warnings

import numpy as np
import pytest

from autograder.exercises import ASSIGNMENTS
from cs231n_utils import CheckFailed, check, checking
from cs231n_utils.checking.key import key_names
from cs231n_utils.checking.progress_book import ProgressBook
from solutions import pooling

RIGHT = vars(pooling)
REFERENCES = {name: value for assignment in ASSIGNMENTS for name, value in vars(assignment.solutions).items()}


def checked(name="max_pool_forward_naive", given=None, **namespace):
    """Call check(name) in a namespace of its own, as a cell of a notebook does."""
    space = {"check": check, "np": np} | namespace
    if given is not None:
        space[name] = given
    exec(f"check({name})", space)


def failure(capsys, name="max_pool_forward_naive", given=None, **namespace):
    """What the panel says of a wrong function, and the error behind it."""
    with pytest.raises(CheckFailed) as caught:
        checked(name, given, **namespace)
    return capsys.readouterr().out, str(caught.value)


# --- right ---


def forward(x, pool_param):
    return pooling.max_pool_forward_naive(x, pool_param)


class Layer:
    def forward(self, x, pool_param):
        return forward(x, pool_param)

    __call__ = forward


def decorated(function):
    @functools.wraps(function)
    def inner(*arguments):
        return function(*arguments)

    return inner


def returns_a_list(x, pool_param):
    return list(forward(x, pool_param))


def returns_no_cache(x, pool_param):
    return forward(x, pool_param)[0], None


def returns_float32(x, pool_param):
    return forward(x, pool_param)[0].astype(np.float32), None


def takes_more_arguments(x, pool_param, verbose=False, **options):
    return forward(x, pool_param)


RIGHT_FORMS = {
    "function": forward,
    "lambda": lambda x, pool_param: forward(x, pool_param),
    "partial": functools.partial(takes_more_arguments, verbose=True),
    "bound method": Layer().forward,
    "callable object": Layer(),
    "static method": staticmethod(forward),
    "decorated": decorated(forward),
    "list": returns_a_list,
    "no cache": returns_no_cache,
    "float32": returns_float32,
    "more arguments": takes_more_arguments,
}


@pytest.mark.parametrize("form", RIGHT_FORMS)
def test_right_in_any_form(form, capsys):
    checked(given=RIGHT_FORMS[form])
    assert capsys.readouterr().out.startswith("✓ max_pool_forward_naive: all 6 cases are right")


def test_a_class_that_is_called(capsys):
    class Pool(tuple):
        def __new__(cls, x, pool_param):
            return super().__new__(cls, forward(x, pool_param))

    checked(given=Pool)
    assert "all 6 cases are right" in capsys.readouterr().out


@pytest.mark.parametrize("name", [name for name in pooling.__all__ if name != "MODEL_ANSWERS"])
def test_every_reference_passes(name, capsys):
    checked(name, **RIGHT)
    assert re.match(rf"✓ {name}: (all \d+ cases are )?right\n", capsys.readouterr().out)


def test_the_function_that_is_given_counts_and_not_the_one_of_that_name(capsys):
    space = {"check": check, "max_pool_forward_naive": None}
    exec("def wrong(x, pool_param): return x, None\nwrong.__name__ = 'max_pool_forward_naive'", space)
    with pytest.raises(CheckFailed):
        exec("check(wrong)", space)


def test_prints_and_warnings_cost_nothing(capsys):
    def chatty(x, pool_param):
        print("pooling", x.shape)
        print("pooling", file=sys.stderr)
        warnings.warn("slow", stacklevel=1)
        np.float64(1) / np.float64(0)
        return forward(x, pool_param)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        checked(given=chatty)
    assert {"slow"} < {str(warning.message) for warning in caught}
    assert "all 6 cases are right" in capsys.readouterr().out


def test_questions(capsys):
    checked("activations_discarded", lambda: 75.0)
    assert "✓ activations_discarded: right" in capsys.readouterr().out
    panel, _ = failure(capsys, "activations_discarded", lambda: 25)
    assert "answer = 25 is not the answer" in panel
    assert "That is the part that is kept" in panel


# --- wrong ---


def test_a_known_mistake_gets_its_hint(capsys):
    def zero_maximum(x, pool_param):
        out, cache = forward(x, pool_param)
        return np.maximum(out, 0), cache

    panel, error = failure(capsys, given=zero_maximum)
    assert "✗ max_pool_forward_naive: " in panel
    assert "→ The maximum starts from 0." in panel
    assert "For a hint: check(max_pool_forward_naive, hint=2)" in panel
    assert error.startswith("max_pool_forward_naive: ")
    assert error.endswith("wrong")


def mutates(x, pool_param):
    out, cache = forward(x, pool_param)
    x -= 1
    return out, cache


def mutates_parameters(x, pool_param):
    pool_param["stride"] += 1
    return forward(x, pool_param | {"stride": pool_param["stride"] - 1})


def returns_none(x, pool_param):
    forward(x, pool_param)


def returns_out_only(x, pool_param):
    return forward(x, pool_param)[0]


def returns_lists(x, pool_param):
    return forward(x, pool_param)[0].tolist(), None


def returns_itself(x, pool_param):
    out = []
    out.append(out)
    return out, None


WRONG = {
    "mutates x": (mutates, "x was changed by the call: work on a copy of it"),
    "mutates pool_param": (mutates_parameters, "pool_param['stride'] was changed by the call"),
    "returns None": (returns_none, "returned nothing (is the return line missing?), expected (out, cache)"),
    "returns out only": (returns_out_only, "max_pool_forward_naive returned one ndarray, expected (out, cache)"),
    "returns nested lists": (returns_lists, "out is a list, expected a NumPy array of shape (2, 3, 2, 3)"),
    "returns a list without end": (returns_itself, "out is a value of type list nested too deeply"),
    "wrong arguments": (lambda x: (x, None), "raised TypeError"),
    "exits": (lambda x, pool_param: sys.exit(0), "raised SystemExit"),
    "raises": (lambda x, pool_param: {}["pool_heigth"], "raised KeyError: 'pool_heigth'"),
    "returns truth values": (lambda x, p: (forward(x, p)[0] > 0, None), "out[0, 0, 0, 0] = "),
    "returns complex numbers": (lambda x, p: (forward(x, p)[0] + 0j, None), "out.dtype = complex128, expected float64"),
    "returns NaN": (lambda x, p: (forward(x, p)[0] * np.nan, None), "out[0, 0, 0, 0] = nan"),
}


@pytest.mark.parametrize(("function", "said"), WRONG.values(), ids=WRONG)
def test_wrong(function, said, capsys):
    panel, error = failure(capsys, given=function)
    assert said in panel
    assert panel.startswith("✗ max_pool_forward_naive: 6 of 6 cases are wrong")
    assert error == "max_pool_forward_naive: 6 of 6 cases are wrong"


def test_a_call_without_arguments_left_behind(capsys):
    """A mistake in one call leaves the next one alone: inputs are copied."""
    failure(capsys, given=mutates)
    checked(given=forward)


# --- nothing to judge ---


def not_yet(*arguments):
    raise NotImplementedError


def test_not_implemented_is_said_calmly(capsys):
    panel, error = failure(capsys, given=types.FunctionType(not_yet.__code__, {}, "max_pool_forward_naive"))
    assert panel == "… max_pool_forward_naive is not implemented yet. Write it, run its cell, and check again.\n"
    assert error == "max_pool_forward_naive: not implemented yet"


def test_the_forward_pass_is_not_implemented(capsys):
    panel, _ = failure(
        capsys,
        "max_pool_backward_naive",
        pooling.max_pool_backward_naive,
        max_pool_forward_naive=not_yet,
    )
    assert "max_pool_backward_naive needs max_pool_forward_naive, which is not implemented yet" in panel


@pytest.mark.parametrize("forward_pass", [{}, {"max_pool_forward_naive": 3}], ids=["missing", "not a function"])
def test_the_forward_pass_is_missing(forward_pass, capsys):
    panel, error = failure(capsys, "max_pool_backward_naive", pooling.max_pool_backward_naive, **forward_pass)
    assert panel == ""
    assert error == (
        "max_pool_backward_naive is checked together with max_pool_forward_naive: run the cell that defines it first."
    )


@pytest.mark.parametrize("given", [3, None, "max_pool_forward_naive", (np.zeros(1), None)], ids=repr)
def test_not_a_function(given):
    with pytest.raises(CheckFailed, match=r"Write check\(max_pool_forward_naive\), without brackets"):
        check(given)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("max_pool_foward_naive", "Did you mean max_pool_forward_naive"),
        ("my_pooling", "there is no exercise called 'my_pooling'"),
    ],
)
def test_a_function_of_another_name(name, said):
    with pytest.raises(CheckFailed, match=said):
        checked(name, types.FunctionType(not_yet.__code__, {}, name))


def test_an_unknown_callable_without_a_name():
    with pytest.raises(CheckFailed, match="by their functions' names"):
        check(functools.partial(forward))


def test_in_ipython_no_traceback_of_ours_is_shown():
    assert CheckFailed("one line")._render_traceback_() == ["one line"]


def test_a_backward_pass_gets_its_own_forward_passs_cache(capsys):
    def own_forward(x, pool_param):
        out, (x, pool_param) = pooling.max_pool_forward_naive(x, pool_param)
        return out, lambda: (x, pool_param)

    def own_backward(dout, cache):
        return pooling.max_pool_backward_naive(dout, cache())

    checked("max_pool_backward_naive", own_backward, max_pool_forward_naive=own_forward)
    assert "right" in capsys.readouterr().out


# --- help in steps ---


def zero_maximum(x, pool_param):
    out, cache = forward(x, pool_param)
    return np.maximum(out, 0), cache


def said_with(hint, capsys, function=zero_maximum):
    space = {"check": check, "max_pool_forward_naive": function}
    with pytest.raises(CheckFailed) as caught:
        exec(f"check(max_pool_forward_naive, hint={hint!r})", space)
    return capsys.readouterr().out, str(caught.value)


def test_hints_in_steps(capsys):
    first, second, third = (said_with(hint, capsys)[0] for hint in (1, 2, 3))
    assert "The maximum starts from 0." in first
    assert "What is the maximum of -3 and -2?" not in first
    assert "What is the maximum of -3 and -2?" in second
    assert "For a small case to try by hand: check(max_pool_forward_naive, hint=3)" in second
    assert "out, cache = max_pool_forward_naive(x, pool_param)" in third


@pytest.mark.parametrize("hint", [0, 4, -1, "2", 2.0, True, None, "x" * 1000], ids=lambda hint: str(hint)[:9])
def test_no_such_step(hint, capsys):
    panel, error = said_with(hint, capsys)
    assert panel == ""
    assert "is no step of help. There are three: hint=1" in error
    assert error.endswith("Write check(max_pool_forward_naive, hint=2).")
    assert len(error) < 300


def test_a_question_promises_no_case(capsys):
    panel, _ = failure(capsys, "activations_discarded", lambda: 30)
    assert "hint=3" not in panel


def test_an_error_is_explained(capsys):
    def mismatched(x, pool_param):
        return x + np.zeros(7), None

    panel, _ = said_with(2, capsys, mismatched)
    assert "raised ValueError: operands could not be broadcast" in panel
    assert ", in mismatched: return x + np.zeros(7), None" in panel
    assert "x: shape (2, 3, 4, 6), float64" in panel
    assert panel.count("NumPy lines shapes up from the right") == 1
    assert "Here axis -1 is 6 long in the one and 7 in the other." in panel


# --- all, progress, show, inputs ---


def ask(question, **space):
    exec(question, {"check": check, "progress": checking.progress, "show": checking.show} | space)


@pytest.fixture
def _fresh_book(monkeypatch, tmp_path):
    monkeypatch.setattr(checking, "_BOOK", ProgressBook(tmp_path))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


@pytest.mark.usefixtures("_fresh_book")
def test_check_all(capsys):
    namespace = RIGHT | {"max_pool_forward_naive": zero_maximum, "avg_pool_forward_naive": not_yet}
    del namespace["pool_output_size"]
    ask("check.all()", **namespace)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("✗ max_pool_forward_naive: 4 of 6 cases are wrong")
    assert "  → The maximum starts from 0." in lines
    assert not [line for line in lines if "What is the maximum" in line]
    (head,) = [number for number, line in enumerate(lines) if line.startswith("02_pooling: ")]
    said = {line.split()[1]: line for line in lines[head + 1 :]}
    assert len(said) == 16
    assert said["pool_output_size"].startswith("  … ")
    assert "not checked yet" in said["pool_output_size"]
    assert "not implemented yet" in said["avg_pool_forward_naive"]
    assert "0 of 6, wrong" in said["max_pool_forward_naive"]
    assert lines[head].startswith("02_pooling: 12 of 16 right")


@pytest.mark.usefixtures("_fresh_book")
def test_check_all_where_nothing_is_defined(capsys):
    ask("check.all()")
    assert "Nothing has been checked yet" in capsys.readouterr().out


@pytest.mark.usefixtures("_fresh_book")
def test_check_all_without_a_forward_pass(capsys):
    ask("check.all()", max_pool_backward_naive=pooling.max_pool_backward_naive)
    assert "✗" not in capsys.readouterr().out


@pytest.mark.usefixtures("_fresh_book")
def test_progress(capsys):
    ask("progress()")
    assert capsys.readouterr().out == "Nothing has been checked yet: run check(...) below an exercise.\n"
    ask("check(pool_output_size)", **RIGHT)
    capsys.readouterr()
    ask("progress()", **RIGHT)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "02_pooling: 1 of 16 right, 2 of 52 points so far"
    assert "← next" in lines[2]
    assert "hidden ones of the same kind are graded" in lines[-2]
    assert "no file could be written" in lines[-1]


@pytest.mark.usefixtures("_fresh_book")
def test_an_examples_function_is_nobodys_progress(capsys):
    somebody = types.FunctionType(zero_maximum.__code__, globals(), "max_pool_forward_naive")
    with pytest.raises(CheckFailed):
        ask("check(somebody)", **RIGHT, somebody=somebody)
    capsys.readouterr()
    ask("progress()", **RIGHT)
    assert "✗" not in capsys.readouterr().out


@pytest.mark.usefixtures("_fresh_book")
def test_progress_is_kept_beside_the_notebook(capsys, tmp_path):
    (tmp_path / "02_pooling.ipynb").write_text("{}")
    ask("check(pool_output_size)", **RIGHT)
    ask("progress()", **RIGHT)
    assert "no file" not in capsys.readouterr().out
    assert "pool_output_size" in (tmp_path / ".progress.json").read_text()


def test_show(capsys):
    ask("show(max_pool_backward_naive)", **RIGHT)
    said = capsys.readouterr().out
    assert said.startswith("max_pool_backward_naive(dout: ")
    assert "Max pooling, backward: the gradient of a window" in said
    assert "  2×2 windows, stride 2\n    dout (2, 3, 2, 3) → dx (2, 3, 4, 6)\n" in said


def test_show_a_question(capsys):
    ask("show(activations_discarded)", **RIGHT)
    said = capsys.readouterr().out
    assert "75" not in said
    assert "The checks call it with" not in said


def test_show_without_a_docstring(capsys):
    def max_pool_forward_naive(x, pool_param): ...

    ask("show(f)", f=max_pool_forward_naive)
    assert "This function has no docstring any more" in capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(key_names()))
def test_every_exercise_can_be_shown(name, capsys):
    ask(f"show({name})", **{name: REFERENCES[name]})
    assert REFERENCES[name].__doc__.splitlines()[0] in capsys.readouterr().out


def test_show_is_no_check():
    with pytest.raises(CheckFailed, match=r"Write show\(max_pool_forward_naive\), without brackets"):
        ask("show(3)")


def test_the_inputs_of_a_case():
    first = check.inputs(forward_of_that_name, "2×2 windows, stride 2")
    assert first.keys() == {"x", "pool_param"}
    first["x"][:] = 0
    assert check.inputs("max_pool_forward_naive", "2×2 windows, stride 2")["x"].any()
    with pytest.raises(CheckFailed, match=r"has no case .no such.\. There are: .2×2 windows"):
        check.inputs(forward_of_that_name, "no such")


forward_of_that_name = types.FunctionType(forward.__code__, globals(), "max_pool_forward_naive")
