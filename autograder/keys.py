"""Answer keys made from the references: the public ones when the course is built, fresh ones when it is graded.

Both are the same thing. Only the seed differs, and that the public keys hold the public cases alone.
"""

import ast
import inspect
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from autograder.exercises.exercise import Assignment, CaseInputs, Exercise, KnownMistake
from cs231n_utils.checking.calls import Record, run
from cs231n_utils.checking.compare import difference, fingerprinted, last_digits_changed, value_difference
from cs231n_utils.checking.judges import FINGERPRINTS
from cs231n_utils.checking.key import Case, ExerciseKey, Mistake, Tolerance
from cs231n_utils.checking.sealed import seal

__all__ = ["PUBLIC_SEED", "function_source", "make_key", "public_key", "with_mistakes"]

PUBLIC_SEED = 231
"""The seed of the public cases' random numbers. Grading draws its own."""

Functions = dict[str, Callable[..., Any]]


def public_key(assignment: Assignment, exercise: Exercise) -> ExerciseKey:
    """The key that ships to students: public cases, and what known mistakes answer on them."""
    return with_mistakes(assignment, exercise, make_key(assignment, exercise, PUBLIC_SEED, public=True))


def make_key(assignment: Assignment, exercise: Exercise, seed: int, public: bool = False) -> ExerciseKey:
    """Draw an exercise's cases from a seed, and let the reference answer them. Known mistakes are left out."""
    rng = np.random.default_rng([seed, *exercise.name.encode()])
    drawn = [case for case in exercise.cases(rng) if case.public or not public]
    references = {name: getattr(assignment.solutions, name) for name in _functions(exercise, drawn)}
    cases = tuple(_answered(exercise, references, case) for case in drawn)
    used = {case.part for case in cases}
    parts = tuple(part for part in exercise.parts if part.name in used)
    return ExerciseKey(exercise.name, exercise.points, exercise.calls, exercise.tolerance, parts, cases)


def with_mistakes(assignment: Assignment, exercise: Exercise, key: ExerciseKey) -> ExerciseKey:
    """Add what every known mistake answers on the key's cases, so that a wrong answer can be recognised."""
    mistakes = tuple(_mistake(assignment.solutions, exercise, known, key) for known in exercise.mistakes)
    return replace(key, mistakes=mistakes)


def function_source(module: ModuleType, name: str) -> str:
    """The source text of a module's function or class, without decorators of ours or anything around it."""
    for node in ast.parse(_source(module)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            lines = _source(module).splitlines()
            last = (node.end_lineno or node.lineno) + 1  # the END SOLUTION comment stands below the last statement
            if last <= len(lines) and lines[last - 1].strip().startswith("# END SOLUTION"):
                return "\n".join(lines[node.lineno - 1 : last])
            return "\n".join(lines[node.lineno - 1 : last - 1])
    raise LookupError(f"{module.__name__} has no function {name}")


@cache
def _source(module: ModuleType) -> str:
    return inspect.getsource(module)


def mistaken_functions(
    module: ModuleType, exercise: Exercise, known: KnownMistake, cases: Iterable[Case] = ()
) -> Functions:
    """The references that an exercise calls, one of them with a known mistake planted in it.

    Raises:
        ValueError: the text to be replaced does not stand exactly once in the function.
    """
    functions = {name: getattr(module, name) for name in _functions(exercise, cases)}
    target = known.function or exercise.name
    source = function_source(module, target)
    for old, new in known.edits:
        if source.count(old) != 1:
            raise ValueError(
                f"known mistake {known.id} of {exercise.name}: {old!r} stands {source.count(old)} times in {target}, "
                "expected once; the reference has changed, so change the mistake's edit too"
            )
        source = source.replace(old, new)
    namespace = dict(vars(module))
    exec(compile(source, f"<{known.id}>", "exec"), namespace)
    return functions | {target: namespace[target]}


def _answered(exercise: Exercise, functions: Functions, case: CaseInputs) -> Case:
    record = _own_part(exercise, case, run(exercise.plan(case), functions, case.inputs))
    if _drawn(case):  # a judge decides; of what chance gave the reference, the key keeps the shape
        judged = {name: np.zeros_like(record["results"][name]) for name in case.judges}
        record = record | {"results": record["results"] | judged}
    return Case(case.label, case.inputs, _sealed(exercise, record), case.part, case.judges, case.speed, case.calls)


def _drawn(case: CaseInputs | Case) -> bool:
    """Does chance have a part in the answers?"""
    return any(judge in FINGERPRINTS for judge in case.judges.values())


def _functions(exercise: Exercise, cases: Iterable[CaseInputs | Case]) -> list[str]:
    """The names of all functions that an exercise calls, on these cases too, each once."""
    calls = [*exercise.calls, *(call for case in cases for call in case.calls or ())]
    return list(dict.fromkeys(call.function for call in calls))


def _own_part(exercise: Exercise, case: CaseInputs | Case, record: Record) -> Record:
    """What the exercise's own function is answerable for: a backward pass is not for what the forward pass returned."""
    own = [call for call in exercise.plan(case) if call.function == exercise.name]
    returned = {name for call in own for name in call.returns}
    given = {name for call in own for name in call.arguments}
    return {
        "results": {name: value for name, value in record["results"].items() if name in returned},
        "arguments": {name: value for name, value in record["arguments"].items() if name in given},
        "error": record["error"] and record["error"] | {"lines": [], "locals": []},  # a reference's lines stay here
    }


def _mistake(module: ModuleType, exercise: Exercise, known: KnownMistake, key: ExerciseKey) -> Mistake:
    functions = mistaken_functions(module, exercise, known, key.cases)
    records = tuple(
        {}
        if case.speed or (_trains(case) and not known.trains)
        else _recognisable(exercise, case, _run_quietly(exercise, functions, case))
        for case in key.cases
    )
    return Mistake(known.id, known.title, known.hint, records)


def _trains(case: Case) -> bool:
    return "fitted" in case.judges.values()


def _recognisable(exercise: Exercise, case: Case, record: Record) -> Record:
    """What a mistake is recognised by on a case."""
    if _drawn(case):
        return {} if difference(case, record, _EXACT) is None else fingerprinted(case, record)
    return _only_if_wrong(_sealed(exercise, _own_part(exercise, case, record)), case)


def _run_quietly(exercise: Exercise, functions: Functions, case: Case) -> Record:
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
        return run(exercise.plan(case), functions, case.inputs)


_EXACT = Tolerance(1e-9, 1e-12, "the same code on the same numbers")


def _only_if_wrong(record: Record, case: Case) -> Record:
    """A case on which the mistake makes no difference recognises nothing: {} says so, and keeps the key small."""
    if record["error"] or case.expected["error"]:
        return record
    same = all(
        value_difference(name, record[group][name], value, _EXACT) is None
        for group in ("results", "arguments")
        for name, value in case.expected[group].items()
    )
    return {} if same and not last_digits_changed(case, record) else record


def _sealed(exercise: Exercise, record: Record) -> Record:
    if not exercise.sealed:
        return record
    salt = f"cs231n_utils {exercise.name}"
    return record | {"results": {name: seal(value, salt) for name, value in record["results"].items()}}
