"""Bytes on a pipe: a length of eight bytes, then so many bytes. A length is checked before anything is read."""

from __future__ import annotations

import os
import struct

__all__ = ["HEADER", "receive", "send"]

HEADER = struct.Struct(">Q")
CHUNK = 2**20


def send(fd: int, data: bytes) -> None:
    """Writes one message to a blocking pipe."""
    for part in (HEADER.pack(len(data)), data):
        view = memoryview(part)
        while view:
            view = view[os.write(fd, view[:CHUNK]) :]


def receive(fd: int, limit: int) -> bytes | None:
    """Reads one message from a blocking pipe; None when the other side has closed it."""
    header = _read(fd, HEADER.size)
    if not header:
        return None
    (size,) = HEADER.unpack(header)
    if size > limit:
        raise ValueError(f"a message of {size} bytes, where at most {limit} are allowed")
    return _read(fd, size)


def _read(fd: int, size: int) -> bytes:
    """Exactly size bytes; nothing at all if the pipe was closed before the first."""
    data = bytearray()
    while len(data) < size:
        part = os.read(fd, min(CHUNK, size - len(data)))
        if not part:
            if data:
                raise EOFError(f"the pipe was closed after {len(data)} of {size} bytes")
            break
        data += part
    return bytes(data)
