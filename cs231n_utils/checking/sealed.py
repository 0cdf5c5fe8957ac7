"""Sealed answers: a question's right value as a salted hash, so that the answer key does not give it away.

A seal stops a glance, not an attack: the answers are small numbers, and somebody who searches will find them. The
questions are worth few points; their purpose is to make the student stop and think.
"""

import hashlib
import math
from functools import lru_cache

import numpy as np

from cs231n_utils.checking.values import Value

__all__ = ["is_sealed", "opens", "seal"]

_SEAL = "sealed"
_LONGEST = 100  # characters of a word: there is no longer answer
_ROUNDS = 20_000  # about 5 ms: slow for who tries many, not felt by who tries one


def seal(value: Value, salt: str) -> Value:
    """Seal a number, a truth value or a word.

    >>> opens(seal(75, "salt"), 75.0), opens(seal(75, "salt"), 25)
    (True, False)
    """
    return {_SEAL: _digest(value, salt), "salt": salt}


def is_sealed(value: Value) -> bool:
    """Is this a sealed answer?"""
    return isinstance(value, dict) and _SEAL in value


def opens(sealed: Value, value: Value) -> bool:
    """Is `value` the answer that was sealed?

    Numbers count to five significant digits, those from 100,000 on to the whole number; words without regard to case.
    """
    return bool(sealed[_SEAL] == _digest(value, sealed["salt"]))


def _digest(value: Value, salt: str) -> str:
    return _slow_hash(_canonical(value), salt)


@lru_cache(maxsize=1024)  # a class gives the same few answers again and again
def _slow_hash(text: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", text.encode(errors="replace"), salt.encode(), _ROUNDS).hex()


def _canonical(value: Value) -> str:
    if isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "biuf":
        value = value.item()
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        number = float(value) if abs(value) < 1e300 else math.inf
        return f"{number + 0.0:.5g}" if abs(number) < 99999.5 else f"{number:.0f}"  # + 0.0 makes -0.0 zero
    return str(value)[:_LONGEST].strip().lower()
