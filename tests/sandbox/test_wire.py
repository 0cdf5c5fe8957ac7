"""The messages between the grader and a job."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.inside import wire


@pytest.fixture(scope="module")
def pipe():
    reader, writer = os.pipe()
    yield reader, writer
    os.close(reader)
    os.close(writer)


@given(messages=st.lists(st.binary(max_size=1000), max_size=8))
def test_what_is_sent_is_received(pipe, messages):
    reader, writer = pipe
    for message in messages:
        wire.send(writer, message)
    assert [wire.receive(reader, 1000) for _ in messages] == messages


def test_a_length_is_checked_before_anything_is_read(pipe):
    reader, writer = pipe
    wire.send(writer, b"12345")
    with pytest.raises(ValueError, match="5 bytes, where at most 4"):
        wire.receive(reader, 4)
    assert os.read(reader, 100) == b"12345"


@pytest.mark.parametrize(("sent", "expected"), [(b"", None), (b"\0\0\0", EOFError), (b"\0" * 7 + b"\x05123", EOFError)])
def test_a_pipe_that_is_closed(sent, expected):
    reader, writer = os.pipe()
    os.write(writer, sent)
    os.close(writer)
    try:
        if expected is None:
            assert wire.receive(reader, 100) is None
        else:
            with pytest.raises(expected):
                wire.receive(reader, 100)
    finally:
        os.close(reader)
