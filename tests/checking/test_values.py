"""Plain values and their bytes: what is packed comes back; of anything else comes a ValueFormatError, and no more."""

import contextlib
import io
import json
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from cs231n_utils.checking.values import ValueFormatError, join, pack, split, unpack

DTYPES = npst.boolean_dtypes() | npst.integer_dtypes() | npst.floating_dtypes() | npst.complex_number_dtypes()
ARRAYS = npst.arrays(DTYPES, npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
NAMES = st.text(max_size=5).filter(lambda name: name != "__array__")
VALUES = st.recursive(
    SCALARS | ARRAYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def same(one, other):
    """Equal to the bit; arrays in dtype and memory order too."""
    if isinstance(one, np.ndarray):
        return (
            isinstance(other, np.ndarray)
            and one.dtype == other.dtype
            and one.shape == other.shape
            and one.tobytes() == other.tobytes()
        )
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return type(one) is type(other) and (one == other or one != one)


def npy(header, data=b"", version=(1, 0)):
    """A `.npy` with a header of one's own."""
    text = header.encode("latin-1")
    return b"\x93NUMPY" + bytes(version) + len(text).to_bytes(2 if version == (1, 0) else 4, "little") + text + data


def header(descr="'<f8'", shape="(1,)", fortran="False"):
    return f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n"


def packet(*blobs, value=None, sizes=None):
    """A packet with crafted arrays in it."""
    value = {"__array__": 0} if value is None else value
    sizes = [len(blob) for blob in blobs] if sizes is None else sizes
    return json.dumps({"value": value, "sizes": sizes}).encode() + b"\n" + b"".join(blobs)


def saved(array, version=None, allow_pickle=False):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=version, allow_pickle=allow_pickle)
    return stream.getvalue()


# --- what is packed comes back ---


@settings(deadline=None)
@given(VALUES)
def test_round_trip(value):
    assert same(unpack(pack(value)), value)


@settings(deadline=None)
@given(VALUES)
def test_joining_what_was_split(value):
    skeleton, arrays = split(value)
    json.dumps(skeleton)
    assert same(join(skeleton, arrays), value)


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "|b1", "|u1", "<c16", "<f2", np.longdouble])
def test_byte_orders_and_sizes_of_numbers(dtype):
    array = np.arange(6).astype(dtype).reshape(2, 3)
    assert same(unpack(pack(array)), array)


def test_fortran_order_stays():
    array = np.asfortranarray(np.arange(24.0).reshape(2, 3, 4))
    came = unpack(pack(array))
    assert came.flags.f_contiguous
    np.testing.assert_array_equal(came, array)


def test_what_comes_back_can_be_written_to():
    came = unpack(pack(np.zeros(3)))
    came += 1
    assert came.sum() == 3


def test_views_are_packed_without_what_they_view():
    array = np.zeros((1000, 1000))[::500, ::500]
    assert len(pack(array)) < 1000


def holds_itself():
    items = []
    items.append(items)
    return items


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1: 2},
        {"__array__": 0},
        [{"a": {3}}],
        1j,
        b"bytes",
        np.array([None]),
        np.array(["text"]),
        np.zeros(2, dtype=[("a", float)]),
        np.array(["2026-01-01"], dtype="datetime64[D]"),
        10**5000,
        holds_itself(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_plain_is_refused(value):
    with pytest.raises(ValueFormatError):
        pack(value)


# --- anything else is refused ---


@settings(deadline=None)
@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda body: b'{"value": null, "sizes": []}\n' + body))
def test_arbitrary_bytes(data):
    try:
        value = unpack(data)
    except ValueFormatError:
        return
    assert same(unpack(pack(value)), value)  # they happened to be a packet


@settings(deadline=None)
@given(VALUES, st.data())
def test_truncated(value, data):
    whole = pack(value)
    with pytest.raises(ValueFormatError):
        unpack(whole[: data.draw(st.integers(0, len(whole) - 1).filter(lambda cut: whole[cut:] != b"\n"))])


@settings(deadline=None)
@given(VALUES, st.binary(min_size=1, max_size=9))
def test_lengthened(value, more):
    with pytest.raises(ValueFormatError):
        unpack(pack(value) + more)


@settings(deadline=None)
@given(VALUES, st.data())
def test_flipped_bits(value, data):
    flipped = bytearray(pack(value))
    for _ in range(data.draw(st.integers(1, 3))):
        flipped[data.draw(st.integers(0, len(flipped) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with contextlib.suppress(ValueFormatError):  # nothing else is raised
        unpack(bytes(flipped))


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=255), max_size=200), st.binary(max_size=16))
def test_arbitrary_npy_headers(text, data):
    with pytest.raises(ValueFormatError):
        unpack(packet(npy(text, data)))


@settings(deadline=None)
@given(st.text("{}()[],:'\"\\ \n0123456789LdescrfotanhpFTu<>|iOVSM#-.", max_size=40), st.integers(0, 70))
def test_npy_headers_with_something_put_in(text, place):
    good = header()
    crafted = packet(npy(good[:place] + text + good[place:], bytes(8)))
    try:
        value = unpack(crafted)
    except ValueFormatError:
        return
    assert value.size * value.itemsize == 8


CRAFTED_HEADERS = {
    "negative side": header(shape="(-1,)"),
    "two negative sides": header(shape="(-1, -1)"),
    "huge side": header(shape=f"({2**62},)"),
    "sides whose product overflows": header(shape=f"({2**32}, {2**32}, 1)"),
    "huge side and none": header(shape=f"({2**70}, 0)"),
    "a hundred sides": header(shape=f"({'1, ' * 100})"),
    "side that is a float": header(shape="(1.0,)"),
    "side that is a truth value": header(shape="(True,)"),
    "shape that is no tuple": header(shape="[1]"),
    "shape that is no number": header(shape="('a',)"),
    "long of Python 2": header(shape="(1L,)"),
    "objects": header("'|O'"),
    "text": header("'<U2'"),
    "bytes": header("'|S8'"),
    "old name of bytes": header("'a'"),
    "raw": header("'|V8'"),
    "times": header("'<M8[ns]'"),
    "structure": header("[('a', '<f8')]"),
    "structure with an offset": header("{'names': ['a'], 'formats': ['<f8'], 'offsets': [0]}"),
    "no fields": header("[]"),
    "sub-array": header("('<f8', (1,))"),
    "empty tuples": header("((), ())"),
    "list of types": header("'<f8,,'"),
    "stray bracket": header("'i4,)'"),
    "float of three bytes": header("'<f3'"),
    "order that is a number": header(fortran="1"),
    "key that is not known": header()[:-2] + "'more': 1}\n",
    "keys of two types": "{1: 2, 'a': 3}\n",
    "a thousand brackets": "(" * 900,
    "nested brackets": "[" * 190 + "]" * 190,
    "nine hundred signs": "-" * 900 + "1",
    "open string": "'''",
    "open dictionary": "{'descr'",
    "line that goes on": "\\\n",
    "bad indentation": "if 1:\n  x\n y",
    "name of no character": "'\\N{no such}'",
    "zero byte": "\0",
    "code": "__import__('os').abort()\n",
    "nothing": "",
}


@pytest.mark.parametrize("data", [b"", bytes(8)], ids=["no data", "8 bytes"])
@pytest.mark.parametrize("text", CRAFTED_HEADERS.values(), ids=CRAFTED_HEADERS)
def test_crafted_npy_headers(text, data):
    with pytest.raises(ValueFormatError):
        unpack(packet(npy(text, data)))


@pytest.mark.parametrize("version", [(2, 0), (3, 0), (1, 1), (0, 0), (255, 255)])
def test_other_versions_of_npy(version):
    with pytest.raises(ValueFormatError):
        unpack(packet(npy(header(), bytes(8), version)))


def test_header_that_is_longer_than_the_file():
    blob = bytearray(npy(header(), bytes(8)))
    blob[8:10] = b"\xff\xff"
    with pytest.raises(ValueFormatError):
        unpack(packet(bytes(blob)))


def test_long_header():
    text = header()[:-1] + " " * 5000 + "\n"
    with pytest.raises(ValueFormatError):
        unpack(packet(npy(text, bytes(8))))


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("a pickle was loaded",)


@pytest.mark.parametrize(
    "blob",
    [pickle.dumps(Bomb()), saved(np.array([Bomb()]), allow_pickle=True), b"PK\x03\x04", b"\x93NUMPY", b""],
    ids=["pickle", "pickled npy", "zip", "magic only", "empty"],
)
def test_what_is_no_npy_of_numbers(blob):
    with pytest.raises(ValueFormatError):
        unpack(packet(blob))


@pytest.mark.parametrize(
    ("value", "sizes"),
    [
        ({"__array__": 1}, None),
        ({"__array__": -1}, None),
        ({"__array__": True}, None),
        ({"__array__": 0.0}, None),
        ({"__array__": "0"}, None),
        ({"__array__": [0]}, None),
        ({"__array__": {"__array__": 0}}, None),
        (0, [-1, 137]),
        (0, [2**80]),
        (0, [136.0]),
        (0, [True]),
        (0, "136"),
        (0, 136),
        (0, {"136": 136}),
        (0, [[136]]),
    ],
)
def test_crafted_counts_and_sizes(value, sizes):
    blob = saved(np.zeros(1))
    assert len(blob) == 136
    with pytest.raises(ValueFormatError):
        unpack(packet(blob, value=value, sizes=sizes))


@pytest.mark.parametrize("head", [b"[]", b"null", b"1", b"{}", b'{"value": 1}', b'{"sizes": []}', b"{", b"\xff\xfe"])
def test_crafted_first_lines(head):
    with pytest.raises(ValueFormatError):
        unpack(head + b"\n")


@pytest.mark.parametrize("depth", [1000, 100_000])
@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"a":', "}")], ids=["lists", "dictionaries"])
def test_deep_nesting(opened, closed, depth):
    text = f'{{"sizes": [], "value": {opened * depth}1{closed * depth}}}\n'
    with pytest.raises(ValueFormatError, match="RecursionError"):
        unpack(text.encode())


def test_number_of_five_thousand_digits():
    with pytest.raises(ValueFormatError):
        unpack(b'{"sizes": [], "value": ' + b"1" * 5000 + b"}\n")


def test_no_header_is_looked_for_without_end():
    with pytest.raises(ValueFormatError, match="no header"):
        unpack(b" " * (16 * 2**20 + 1) + b"\n")
