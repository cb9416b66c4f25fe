"""Frames: `u32 length | u8 kind | payload`, and messages inside them: `u32 n | JSON | blobs`.

The supervisor looks at length and kind only. Messages are read by the checker and the worker; JSON
is parsed strictly (no duplicate keys, no NaN, bounded depth), and raw buffers follow it.
Everything that can be wrong with bytes raises WireError, and nothing else.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable
from enum import IntEnum
from typing import Any, Final

from grader.errors import ValueRefusedError, WireError

HEADER: Final = struct.Struct(">IB")
MAX_FRAME: Final = 256 * 1024 * 1024
MAX_JSON: Final = 8 * 1024 * 1024
MAX_BLOBS: Final = 100_000
MAX_DEPTH: Final = 250
"""Twice the depth of values, and some for the message around them."""
MAX_BRACKETS: Final = 600_000
"""Lists and objects in one header: empty ones are small to send and costly to hold."""
_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class Kind(IntEnum):
    """What a frame is for. Numbers are grouped by direction."""

    # supervisor -> checker
    RUN = 1  # message: lab, tests, seed; starts one run
    REPLY = 2  # the worker's frame payload, untouched
    WORKER_GONE = 3  # message: why (timeout, ended, memory, output, protocol, budget)
    WORKER_UP = 4  # message: a fresh worker stands ready
    MAKE = 8  # message: lab, module, seeds; asks for the data of students
    DONE = 5  # message: what an order to the engine came to
    # checker -> supervisor
    CHECKER_READY = 16  # message: versions
    CALL = 17  # u32 milliseconds | payload for the worker
    FRESH_WORKER = 18  # the worker is of no more use; a new box, please
    EVENT = 19  # message: one result, or a note
    END = 20  # message: the run is over
    DIED = 21  # message: the forked run ended without END (said by the warm parent)
    MADE = 24  # message: paths and contents of one student's data
    ORDER = 22  # message: something that only the holder of the engine can do
    # supervisor -> worker
    HELLO = 32  # message: files, limits
    TO_WORKER = 33  # payload of a CALL
    # worker -> supervisor
    WORKER_READY = 48  # message: pre-imports done
    FROM_WORKER = 49  # answer to the last TO_WORKER


def frame(kind: int, payload: bytes) -> bytes:
    """Return one frame. Raises ValueRefusedError when the payload is larger than MAX_FRAME."""
    if len(payload) > MAX_FRAME:
        raise ValueRefusedError(f"a frame of {len(payload)} bytes is over the limit of {MAX_FRAME}")
    return HEADER.pack(len(payload), kind) + payload


class FrameReader:
    """Cuts a stream of chunks into frames, and never holds more than one frame's size."""

    def __init__(self, read: Callable[[float], bytes], *, max_frame: int = MAX_FRAME) -> None:
        """Read chunks with `read(seconds)`, which returns b"" at the end of the stream."""
        self._read = read
        self._max = max_frame
        self._buffer = bytearray()
        self._eof = False

    def frame(self, remaining: Callable[[], float]) -> tuple[int, bytes] | None:
        """Return (kind, payload), or None at a clean end of the stream.

        `remaining()` gives the seconds left for the whole frame, so that one byte a second does
        not stretch a deadline. Raises WireError on a length over the limit or a cut-off frame, and
        lets the errors of `read` through.
        """
        if not self._fill(HEADER.size, remaining):
            if self._buffer:
                raise WireError("the stream ended inside a frame header")
            return None
        length, kind = HEADER.unpack_from(self._buffer)
        if length > self._max:
            raise WireError(f"a frame announces {length} bytes; the limit is {self._max}")
        if not self._fill(HEADER.size + length, remaining):
            raise WireError("the stream ended inside a frame")
        with memoryview(self._buffer) as view:
            payload = bytes(view[HEADER.size : HEADER.size + length])
        del self._buffer[: HEADER.size + length]
        return kind, payload

    def holds_frame(self) -> bool:
        """Whether a whole frame has been read already, so that `frame` will not wait."""
        if len(self._buffer) < HEADER.size:
            return False
        return len(self._buffer) >= HEADER.size + int(HEADER.unpack_from(self._buffer)[0])

    def _fill(self, size: int, remaining: Callable[[], float]) -> bool:
        while len(self._buffer) < size:
            if self._eof:
                return False
            chunk = self._read(remaining())
            if not chunk:
                self._eof = True
                return False
            self._buffer += chunk
        return True


def message(header: dict[str, Any], blobs: list[bytes] | tuple[bytes, ...] = ()) -> bytes:
    """Return `u32 n | JSON | blobs`; the blobs' sizes are put into the header as `~`.

    Raises ValueRefusedError when that is more than the other end would take.
    """
    head = dict(header)
    if blobs:
        head["~"] = [len(blob) for blob in blobs]
    try:
        text = json.dumps(
            head, ensure_ascii=True, allow_nan=False, separators=(",", ":"), check_circular=False
        ).encode("ascii")
    except (ValueError, RecursionError) as error:  # a NaN; nested beyond reason
        raise ValueRefusedError(f"a message header cannot be written: {error}") from None
    if len(text) > MAX_JSON or len(blobs) > MAX_BLOBS:
        raise ValueRefusedError(
            f"a message of {len(text)} bytes of text and {len(blobs)} buffers is too large;"
            f" the limits are {MAX_JSON} and {MAX_BLOBS}."
        )
    return b"".join([len(text).to_bytes(4, "big"), text, *blobs])


def read_message(payload: bytes) -> tuple[dict[str, Any], list[memoryview]]:
    """Return (header, blobs) of a message. Raises WireError, and nothing else, on any bytes."""
    view = memoryview(payload)
    if len(view) < 4:  # noqa: PLR2004 - the u32 that opens a message
        raise WireError("a message is shorter than its own length field")
    size = int.from_bytes(view[:4], "big")
    if size > MAX_JSON or 4 + size > len(view):
        raise WireError("a message header does not fit its frame")
    header = _strict_json(bytes(view[4 : 4 + size]))
    if not isinstance(header, dict):
        raise WireError("a message header is not an object")
    return header, _cut(view[4 + size :], header.pop("~", []))


def _cut(rest: memoryview, sizes: object) -> list[memoryview]:
    if not isinstance(sizes, list) or len(sizes) > MAX_BLOBS:
        raise WireError("the list of buffer sizes is malformed")
    blobs: list[memoryview] = []
    at = 0
    for size in sizes:
        if type(size) is not int or size < 0 or at + size > len(rest):
            raise WireError("a buffer size does not fit its frame")
        blobs.append(rest[at : at + size])
        at += size
    if at != len(rest):
        raise WireError("a message has bytes that no buffer size accounts for")
    return blobs


def _strict_json(text: bytes) -> object:
    brackets = text.count(b"[") + text.count(b"{")
    if brackets > MAX_BRACKETS:  # a second look, without those that stand in text
        bare = _TEXT.sub(b"", text)
        if bare.count(b"[") + bare.count(b"{") > MAX_BRACKETS:
            raise WireError("a message header holds too many lists and objects")
    try:
        value = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_no_twins,
            parse_float=_finite,
            parse_constant=_no_constant,
        )
    except WireError:
        raise
    except (ValueError, RecursionError, MemoryError) as error:
        raise WireError(f"a message header is not JSON: {type(error).__name__}") from None
    if brackets > MAX_DEPTH:
        _bound_depth(value)
    return value


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise WireError("a number in a message is too large for a float")
    return value


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise WireError("an object in a message has the same key twice")
    return made


def _no_constant(name: str) -> None:
    raise WireError(f"{name} is not allowed in a message")


def _bound_depth(value: object) -> None:
    level: list[object] = [value]
    for _ in range(MAX_DEPTH):
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        if not below:
            return
        level = below
    raise WireError("a message is nested too deeply")
