"""Plain values, and their form as bytes: all that ever crosses the border between a student's process and the grader.

A plain value is None, a bool, an int, a float, a str, a NumPy array of numbers, or a list or dict of plain values.
Arrays travel as `.npy` without pickle, the rest as JSON. Nothing else can be said in this form, so that whatever
arrives, however it was made, is at worst wrong data; it is never an object that acts.
"""

import io
import json
import math
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Literal, TypeAlias

import numpy as np

__all__ = ["Value", "ValueFormatError", "join", "pack", "split", "unpack"]

Value: TypeAlias = Any
"""A plain value, as the module's docstring says; checked when it is packed, not by the type checker."""

_ARRAY = "__array__"  # {"__array__": 3} in the JSON stands for array number 3
_NUMBERS = "biufc"  # the kinds of dtype that hold numbers: bool, int, unsigned, float, complex
_LARGEST_HEADER = 1024  # bytes of a .npy header; real ones take 118
# The one form that NumPy writes for an array of numbers. NumPy's own reader gives the header to Python's parser, and a
# crafted header makes that fail in many ways.
_NPY_HEADER = re.compile(
    r"{'descr': '([<>|][biufc]\d{1,2})', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\), } *\n", re.ASCII
)
_LARGEST_JSON = 16 * 2**20


class ValueFormatError(ValueError):
    """These bytes are not a packed plain value, or this object is not a plain value."""


def split(value: Value) -> tuple[Value, list[np.ndarray]]:
    """Take the arrays out of a plain value: what is left is JSON, with {"__array__": i} where array i was.

    >>> split({"x": np.zeros(2), "stride": 1})
    ({'x': {'__array__': 0}, 'stride': 1}, [array([0., 0.])])
    """
    arrays: list[np.ndarray] = []

    def visit(node: Value) -> Value:
        if isinstance(node, np.ndarray):
            if node.dtype.kind not in _NUMBERS:
                raise ValueFormatError(f"an array of dtype {node.dtype} holds more than numbers")
            arrays.append(node)
            return {_ARRAY: len(arrays) - 1}
        if node is None or isinstance(node, bool | int | float | str):
            return node
        if isinstance(node, list | tuple):
            return [visit(item) for item in node]
        if isinstance(node, dict):
            if _ARRAY in node or not all(isinstance(key, str) for key in node):
                raise ValueFormatError(f"the keys {list(node)} cannot be told from the format's own")
            return {key: visit(item) for key, item in node.items()}
        raise ValueFormatError(f"{type(node).__name__} is not a plain value")

    return visit(value), arrays


def join(skeleton: Value, arrays: list[np.ndarray]) -> Value:
    """The inverse of `split`."""
    if isinstance(skeleton, list):
        return [join(item, arrays) for item in skeleton]
    if isinstance(skeleton, dict):
        if _ARRAY in skeleton:
            index = skeleton[_ARRAY]
            if type(index) is not int or not 0 <= index < len(arrays):
                raise ValueFormatError(f"there is no array number {index!r}")
            return arrays[index]
        return {key: join(item, arrays) for key, item in skeleton.items()}
    return skeleton


def pack(value: Value) -> bytes:
    """Write a plain value as bytes: one line of JSON, then its arrays, one `.npy` after the other.

    Raises:
        ValueFormatError: something in it is not a plain value.

    >>> unpack(pack({"x": np.arange(3), "mode": "train"}))
    {'x': array([0, 1, 2]), 'mode': 'train'}
    """
    try:
        skeleton, arrays = split(value)
        blobs = [_to_npy(array) for array in arrays]
        header = json.dumps({"value": skeleton, "sizes": [len(blob) for blob in blobs]})
    except ValueFormatError:
        raise
    except (ValueError, RecursionError) as problem:  # an int of five thousand digits, a list that holds itself
        raise ValueFormatError(f"cannot be written: {type(problem).__name__}") from None
    return b"".join([header.encode(), b"\n", *blobs])


def unpack(data: bytes, largest_json: int = _LARGEST_JSON) -> Value:
    """Read what `pack` wrote. Safe on any bytes, whoever made them.

    Args:
        data: the bytes.
        largest_json: how much of them may be anything but arrays.

    Raises:
        ValueFormatError: the bytes are not a packed plain value.
    """
    head, newline, body = data.partition(b"\n")
    if not newline or len(head) > largest_json:
        raise ValueFormatError("no header")
    try:
        header = json.loads(head)
        sizes, skeleton = header["sizes"], header["value"]
        if not all(type(size) is int and size >= 0 for size in sizes) or sum(sizes) != len(body):
            raise ValueFormatError("the arrays' sizes do not add up to what came")
        return join(skeleton, list(_from_npys(memoryview(body), sizes)))
    except ValueFormatError:
        raise
    # RecursionError: JSON nested a thousand deep. ValueError: no JSON, or an int of five thousand digits.
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as problem:
        raise ValueFormatError(f"unreadable: {type(problem).__name__}") from None


def _to_npy(array: np.ndarray) -> bytes:
    """As np.save writes it, but several times faster for a small array."""
    array = np.asarray(array)
    fortran_order = array.flags.f_contiguous and not array.flags.c_contiguous
    return _npy_header(array.dtype.str, fortran_order, array.shape) + array.tobytes("F" if fortran_order else "C")


@lru_cache(maxsize=1024)
def _npy_header(descr: str, fortran_order: bool, shape: tuple[int, ...]) -> bytes:
    stream = io.BytesIO()
    header = {"descr": descr, "fortran_order": fortran_order, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue()


def _from_npys(body: memoryview, sizes: Iterable[int]) -> Iterable[np.ndarray]:
    start = 0
    for size in sizes:
        yield _from_npy(body[start : start + size])
        start += size


def _from_npy(blob: memoryview) -> np.ndarray:
    """Read one `.npy`, trusting nothing in its header: the size that it claims must be the size that came."""
    start = 10 + int.from_bytes(blob[8:10], "little")  # behind magic, version and the header's length comes the header
    header = _read_header(bytes(blob[10 : min(start, _LARGEST_HEADER)]))
    if bytes(blob[:8]) != b"\x93NUMPY\x01\x00" or header is None:
        raise ValueFormatError("not a .npy of version 1.0 that holds numbers")
    dtype, order, shape = header
    data = blob[start:]
    if math.prod(shape) * dtype.itemsize != len(data):
        raise ValueFormatError(f"a .npy of {len(data)} bytes that claims to hold {shape} of {dtype}")
    return np.frombuffer(data, dtype=dtype).reshape(shape, order=order).copy("K")


@lru_cache(maxsize=1024)
def _read_header(header: bytes) -> tuple[np.dtype, Literal["C", "F"], tuple[int, ...]] | None:
    """The dtype, the order and the shape that a header speaks of; None where it is not of the one form."""
    match = _NPY_HEADER.fullmatch(header.decode("latin-1"))
    if match is None:
        return None
    shape = tuple(int(side) for side in re.findall(r"\d+", match[3]))
    return np.dtype(match[1]), "F" if match[2] == "True" else "C", shape
