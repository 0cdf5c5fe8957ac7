"""The right answers of tests/exercises/test_right_variants*.py."""

from importlib import import_module
from pathlib import Path

from tests.evidence.measure import Tried
from tests.evidence.trial import bench_of
from tests.exercises.right_answers import functions_of, pairs

__all__ = ["right_variants"]


def right_variants() -> list[Tried]:
    """Try every one of them on the exercises that it answers."""
    tried = []
    for path in sorted((Path(__file__).parents[1] / "exercises").glob("test_right_variants*.py")):
        module = import_module(f"tests.exercises.{path.stem}")
        for param in pairs(module.ASSIGNMENT, module.VARIANTS):
            variant, exercise = param.values
            bench = bench_of(exercise.name)
            what = f"{path.stem}.{variant.__name__}"
            trial = bench.try_(functions_of(variant, bench.fresh))
            tried.append(Tried(exercise.name, what, frozenset(), trial))
    return tried
