"""Answers as students write them: loops, einsum, other decompositions, odd names."""

from types import ModuleType

from tests.evidence.students import (
    batchnorm,
    convolutions,
    dropout,
    norms,
    pooling,
    right_layers,
    right_norms,
    second_layers,
    second_norms,
)

MODULES: tuple[ModuleType, ...] = (
    pooling,
    batchnorm,
    norms,
    dropout,
    convolutions,
    second_layers,
    second_norms,
    right_layers,
    right_norms,
)
