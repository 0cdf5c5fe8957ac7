"""Which code is installed here: machines that grade one class must agree on it, or their scores are not comparable."""

import hashlib
import platform
from dataclasses import dataclass, fields
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Self

import numpy as np

import autograder
import cs231n_utils
import solutions

__all__ = ["Installation", "code_fingerprint"]

DISTRIBUTION = "cs231n-notebooks"
SUFFIXES = (".py", ".json", ".npz")  # code, what it reads, and answer keys


@dataclass(frozen=True)
class Installation:
    """What scores may depend on, apart from the submission, the seed and the limits.

    Attributes:
        python: major and minor version; between two patches of one minor version nothing changes that we use.
        numpy: its version.
        package: this project's version, for the person who reads a message.
        code: a hash of this project's sources, for the machine.
    """

    python: str
    numpy: str
    package: str
    code: str

    @classmethod
    def here(cls) -> Self:
        """What is installed where this runs."""
        major, minor, _ = platform.python_version_tuple()
        try:
            package = version(DISTRIBUTION)
        except PackageNotFoundError:  # a checkout on PYTHONPATH
            package = "not installed"
        return cls(f"{major}.{minor}", np.__version__, package, code_fingerprint())

    def differences(self, other: "Installation") -> list[str]:
        """How the other one differs from this one, for example ``numpy is 2.1.0 there and 2.4.6 here``."""
        # Another version of this class may have come from there, with other fields.
        pairs = [(f.name, getattr(other, f.name, "unknown"), getattr(self, f.name, "unknown")) for f in fields(self)]
        return [
            f"{name} is {_short(there)} there and {_short(here)} here" for name, there, here in pairs if there != here
        ]


@cache
def code_fingerprint() -> str:
    """A hash of all of this project's code: names and contents of what its three packages hold."""
    digest = hashlib.sha256()
    for package in (autograder, cs231n_utils, solutions):
        for folder in map(Path, package.__path__):
            for path in sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES):
                source = path.read_bytes()
                digest.update(f"{package.__name__}/{path.relative_to(folder).as_posix()}\0{len(source)}\0".encode())
                digest.update(source)
    return digest.hexdigest()


def _short(value: str) -> str:
    """A hash by its first signs, as one reads it."""
    return value[:12]
