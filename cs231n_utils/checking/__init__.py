"""`check(function)`: is this exercise right so far, and if not, what is wrong and what might help?"""

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cs231n_utils.checking import by_hand, overview, panel, specification
from cs231n_utils.checking.calls import handed_over, run
from cs231n_utils.checking.contents import notebook_at_hand, notebooks
from cs231n_utils.checking.finding import Answer, Status, Verdict
from cs231n_utils.checking.gradients import explain_gradient
from cs231n_utils.checking.key import Case, ExerciseKey, Speed, UnknownExerciseError, key_names, load
from cs231n_utils.checking.progress_book import ProgressBook
from cs231n_utils.checking.verdict import judge

__all__ = ["CheckFailed", "check", "progress", "show"]

REPEATS = 3
"""A timed case runs so many times, and the fastest run counts: noise only ever makes a run slower."""


class CheckFailed(Exception):
    """A check did not pass. Raised after the panel has said everything, so that nbgrader's Validate notices."""

    def _render_traceback_(self) -> list[str]:
        """IPython shows this in place of a traceback, which would show our code and not the student's."""
        return [str(self)]


class _Check:
    """`check(function)`, and what else can be asked of it: `check.all()`, `check.inputs(function, case)`."""

    def __call__(self, function: Callable[..., Any], hint: int = 1) -> None:
        """Run an exercise's public cases on your function, and show what is right and what is not.

        The exercise is found by the function's name. A backward pass is given the cache of your own forward pass, so
        that both must be defined in the notebook.

        Args:
            function: your function, by itself: check(max_pool_forward_naive), without calling it.
            hint: how much help you want with what is wrong. 1: what is wrong. 2: a hint, too. 3: and the smallest case
                that fails, as code to paste into a cell.

        Raises:
            CheckFailed: a case is wrong, or nothing is implemented yet.
        """
        namespace = sys._getframe(1).f_globals
        key = _key_of(function, namespace)
        if type(hint) is not int or hint not in (1, 2, 3):
            raise CheckFailed(
                f"hint={str(hint)[:20]} is no step of help. There are three: hint=1 says what is wrong, hint=2 adds a "
                f"hint, hint=3 adds a small case to try by hand. Write check({key.name}, hint=2)."
            )
        verdict = _verdict(key, {**namespace, key.name: function})
        if namespace.get(key.name) is function:  # another one's, or an example's, is nobody's progress
            _BOOK.record(verdict)
        case = by_hand.smallest_failing(key, verdict.findings)
        code = by_hand.snippet(key, case) if case and hint == 3 else ""
        panel.show(verdict, panel.Guidance(hint, code, f"check({key.name})", case is not None))
        if verdict.status != Status.PASSED:
            raise CheckFailed(f"{key.name}: {panel.summary(verdict)}")

    def all(self) -> None:
        """Check all exercises of this notebook whose functions are defined, and show the points so far."""
        namespace = sys._getframe(1).f_globals
        notebook = notebook_at_hand(namespace)
        names = [name for name in notebooks().get(notebook or "", ()) if callable(namespace.get(name))]
        texts, pages = [], []
        for name in names:
            try:
                verdict = _verdict(load(name), namespace)
            except CheckFailed:  # its forward pass is missing, and the overview says that it is not checked
                continue
            _BOOK.record(verdict)
            if verdict.status not in (Status.PASSED, Status.NOT_IMPLEMENTED):
                texts.append(panel.to_text(verdict, brief=True, guidance=panel.NUDGE))
                pages.append(panel.to_html(verdict, brief=True, guidance=panel.NUDGE))
        overview_of = (notebook, _BOOK.entries())
        text = "\n".join([*texts, overview.to_text(*overview_of)])
        panel.display(text, lambda: "\n".join([*pages, overview.to_html(*overview_of)]))

    def inputs(self, function: Callable[..., Any], case: str) -> dict[str, Any]:
        """The inputs of one of the exercise's cases, to try by hand.

        Args:
            function: your function, or its name.
            case: the case's label, as the panel shows it.

        Raises:
            CheckFailed: there is no such case; the message names those that there are.
        """
        key = load(function) if isinstance(function, str) else _key_of(function, sys._getframe(1).f_globals)
        for known in key.cases:
            if known.label == case:
                return handed_over(known.inputs)
        labels = "; ".join(repr(known.label) for known in key.cases)
        raise CheckFailed(f"{key.name} has no case {str(case)[:80]!r}. There are: {labels}")


check = _Check()


def progress() -> None:
    """Show what is done in this notebook, what is next, and the points so far.

    It remembers the last `check` of each exercise in a small file beside the notebook. Nobody grades by it.
    """
    notebook, entries = notebook_at_hand(sys._getframe(1).f_globals), _BOOK.entries()
    notes = ["Points are for the cases of check; hidden ones of the same kind are graded."] if entries else []
    if entries and not _BOOK.is_kept:
        notes.append("This is kept until the kernel stops: no file could be written beside the notebook.")
    panel.display(overview.to_text(notebook, entries, notes), lambda: overview.to_html(notebook, entries, notes))


def show(function: Callable[..., Any]) -> None:
    """Show an exercise's specification once more, with the shapes that the checks use.

    Args:
        function: your function, by itself: show(max_pool_forward_naive).

    Raises:
        CheckFailed: there is no exercise of this name.
    """
    key = _key_of(function, sys._getframe(1).f_globals, "show")
    panel.display(specification.to_text(key, function), lambda: specification.to_html(key, function))


_BOOK = ProgressBook.here()


def _verdict(key: ExerciseKey, namespace: Mapping[str, Any]) -> Verdict:
    """Judge an exercise by the functions of a namespace.

    Raises:
        CheckFailed: a function that is called with it is not there.
    """
    missing = [name for name in key.functions if name != key.name and not callable(namespace.get(name))]
    if missing:
        raise CheckFailed(f"{key.name} is checked together with {missing[0]}: run the cell that defines it first.")
    functions = {name: namespace[name] for name in key.functions}
    answers = [_answer(key, case, functions) for case in key.cases]
    return explain_gradient(key, answers, functions, judge(key, answers))


def _key_of(function: Any, namespace: Mapping[str, Any], asked: str = "check") -> ExerciseKey:
    """Find the exercise that a function is meant for: by its own name, or by the name it has in the notebook."""
    if not callable(function):
        raise CheckFailed(
            f"{asked}() takes a function, and this is {type(function).__name__!r}. "
            f"Write {asked}(max_pool_forward_naive), without brackets behind the function's name."
        )
    names = [str(getattr(function, "__name__", ""))]
    names += [name for name in key_names() if namespace.get(name) is function]
    for name in reversed(names):
        try:
            return load(name)
        except UnknownExerciseError as unknown:
            problem = unknown
    raise CheckFailed(f"{asked}() knows the exercises by their functions' names, and {problem}")


def _answer(key: ExerciseKey, case: Case, functions: Mapping[str, Any]) -> Answer:
    fastest, record = np.inf, {}
    for _ in range(REPEATS if case.speed else 1):
        start = time.perf_counter()
        record = run(key.plan(case), functions, case.inputs)
        fastest = min(fastest, time.perf_counter() - start)
    return Answer(record, fastest, baseline_seconds(case.speed) if case.speed else None)


def baseline_seconds(speed: Speed, sample: int = 2000) -> float:
    """The time of as many calls of np.max on one window as there are windows: a sample's fastest time, scaled up."""
    return speed.windows / sample * min(time_of_windows(speed.window, sample) for _ in range(REPEATS))


def time_of_windows(window: tuple[int, int], calls: int) -> float:
    """Seconds that so many calls of np.max on one window of an image take."""
    image = np.arange(100.0 * 100.0).reshape(100, 100)
    height, width = window
    start = time.perf_counter()
    for i in range(calls):
        corner = i % 50
        np.max(image[corner : corner + height, corner : corner + width])
    return time.perf_counter() - start
