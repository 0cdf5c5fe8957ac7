"""`check(function)`: is this exercise right so far, and if not, what is wrong and what might help?"""

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cs231n_utils.checking import panel
from cs231n_utils.checking.calls import run
from cs231n_utils.checking.key import Case, ExerciseKey, Speed, UnknownExerciseError, key_names, load
from cs231n_utils.checking.verdict import Answer, Status, judge

__all__ = ["CheckFailed", "check"]

REPEATS = 3
"""A timed case runs so many times, and the fastest run counts: noise only ever makes a run slower."""


class CheckFailed(Exception):
    """A check did not pass. Raised after the panel has said everything, so that nbgrader's Validate notices."""

    def _render_traceback_(self) -> list[str]:
        """IPython shows this in place of a traceback, which would show our code and not the student's."""
        return [str(self)]


def check(function: Callable[..., Any]) -> None:
    """Run an exercise's public cases on your function, and show what is right and what is not.

    The exercise is found by the function's name. A backward pass is given the cache of your own forward pass, so that
    both must be defined in the notebook.

    Args:
        function: your function, by itself: check(max_pool_forward_naive), without calling it.

    Raises:
        CheckFailed: a case is wrong, or nothing is implemented yet.
    """
    namespace = sys._getframe(1).f_globals
    key = _key_of(function, namespace)
    missing = [name for name in key.functions if name != key.name and not callable(namespace.get(name))]
    if missing:
        raise CheckFailed(f"{key.name} is checked together with {missing[0]}: run the cell that defines it first.")
    functions = {name: namespace.get(name) for name in key.functions} | {key.name: function}
    verdict = judge(key, [_answer(key, case, functions) for case in key.cases])
    panel.show(verdict)
    if verdict.status != Status.PASSED:
        raise CheckFailed(f"{key.name}: {panel.summary(verdict)}")


def _key_of(function: Any, namespace: Mapping[str, Any]) -> ExerciseKey:
    """Find the exercise that a function is meant for: by its own name, or by the name it has in the notebook."""
    if not callable(function):
        raise CheckFailed(
            f"check() takes a function, and this is {type(function).__name__!r}. "
            "Write check(max_pool_forward_naive), without brackets behind the function's name."
        )
    names = [str(getattr(function, "__name__", ""))]
    names += [name for name in key_names() if namespace.get(name) is function]
    for name in reversed(names):
        try:
            return load(name)
        except UnknownExerciseError as unknown:
            problem = unknown
    raise CheckFailed(f"check() knows the exercises by their functions' names, and {problem}")


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
