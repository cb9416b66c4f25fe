"""Frames and messages arrive whole; every other kind of bytes is a WireError, quickly."""

from __future__ import annotations

import contextlib
import json
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import ValueRefusedError, WireError
from grader.wire.frames import (
    HEADER,
    MAX_BLOBS,
    MAX_BRACKETS,
    MAX_FRAME,
    MAX_JSON,
    FrameReader,
    Kind,
    frame,
    message,
    read_message,
)


def reader(data: bytes, *, size: int = 7, max_frame: int = MAX_FRAME) -> FrameReader:
    """Return a reader over a stream that comes in chunks of `size` bytes."""
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    return FrameReader(lambda _seconds: chunks.pop(0) if chunks else b"", max_frame=max_frame)


def second() -> float:
    return 1.0


def payload(text: str | bytes, blobs: bytes = b"", *, size: int | None = None) -> bytes:
    """Return a message with this header, as a liar would write it."""
    data = text.encode() if isinstance(text, str) else text
    return (len(data) if size is None else size).to_bytes(4, "big") + data + blobs


# Frames


@pytest.mark.parametrize("size", [1, 2, 5, 7, 1000])
def test_frames_are_cut_from_chunks_of_any_size(size):
    stream = reader(frame(Kind.RUN, b"abc") + frame(250, b"") + frame(3, b"x" * 50), size=size)
    assert stream.frame(second) == (Kind.RUN, b"abc")
    assert stream.frame(second) == (250, b"")
    assert stream.frame(second) == (3, b"x" * 50)
    assert stream.frame(second) is None
    assert stream.frame(second) is None


@pytest.mark.parametrize("cut", range(1, 8))
def test_a_stream_that_ends_inside_a_frame_is_a_wire_error(cut):
    with pytest.raises(WireError, match="ended inside"):
        reader(frame(1, b"abc")[:cut]).frame(second)


def test_a_reader_knows_whether_it_already_holds_a_whole_frame():
    stream = reader(frame(1, b"a") + frame(2, b"bcd") + frame(3, b"e")[:2], size=100)
    assert not stream.holds_frame()
    assert stream.frame(second) == (1, b"a")
    assert stream.holds_frame()
    assert stream.frame(second) == (2, b"bcd")
    assert not stream.holds_frame()


def test_a_length_of_four_gibibytes_is_refused_before_anything_is_read_or_kept():
    asked = []

    def read(seconds: float) -> bytes:
        asked.append(seconds)
        return HEADER.pack(2**32 - 1, 1) if len(asked) == 1 else b"x" * 65536

    tracemalloc.start()
    try:
        with pytest.raises(WireError, match="announces 4294967295 bytes"):
            FrameReader(read).frame(second)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(asked) == 1
    assert peak < 1_000_000


def test_a_length_over_a_readers_own_limit_is_refused():
    assert reader(frame(1, b"abcd"), max_frame=4).frame(second) == (1, b"abcd")
    with pytest.raises(WireError, match="the limit is 3"):
        reader(frame(1, b"abcd"), max_frame=3).frame(second)


def test_a_frame_that_is_too_large_is_not_written(monkeypatch):
    monkeypatch.setattr("grader.wire.frames.MAX_FRAME", 10)
    with pytest.raises(ValueRefusedError, match="over the limit"):
        frame(1, b"x" * 11)


def test_the_time_for_a_frame_is_asked_before_each_read():
    left = iter([3.0, 2.0, 1.0])
    given_to_read = []
    chunks = [frame(1, b"abc")[:2], frame(1, b"abc")[2:6], frame(1, b"abc")[6:]]

    def read(seconds: float) -> bytes:
        given_to_read.append(seconds)
        return chunks.pop(0)

    assert FrameReader(read).frame(lambda: next(left)) == (1, b"abc")
    assert given_to_read == [3.0, 2.0, 1.0]


def test_what_a_read_raises_passes_through():
    def read(_seconds: float) -> bytes:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        FrameReader(read).frame(second)


def test_a_thousand_frames_in_one_chunk_are_cut_in_no_time():
    data = frame(1, b"x" * 1000) * 10_000
    stream = reader(data, size=len(data))
    began = time.perf_counter()
    count = 0
    while stream.frame(second):
        count += 1
    assert count == 10_000
    assert time.perf_counter() - began < 5


# Messages


def test_a_message_arrives_with_its_buffers():
    header, blobs = read_message(message({"op": "call", "n": [1, None]}, [b"ab", b"", b"c"]))
    assert header == {"op": "call", "n": [1, None]}
    assert [bytes(blob) for blob in blobs] == [b"ab", b"", b"c"]


def test_a_header_without_buffers_needs_no_sizes():
    assert read_message(message({})) == ({}, [])


def test_text_of_all_kinds_arrives():
    header = {"v": "ä😀\ud800\x00\u2028"}
    assert read_message(message(header))[0] == header


BROKEN = {
    "nothing": b"",
    "half a length": b"\0\0",
    "a header that is cut off": payload("{}", size=3),
    "a header that is longer than allowed": payload("{}", size=MAX_JSON + 1),
    "a length of four gibibytes": payload("{}", size=2**32 - 1),
    "bytes after the end": payload("{}", b"x"),
    "no JSON": payload("{"),
    "nothing as JSON": payload(""),
    "a list": payload("[]"),
    "null": payload("null"),
    "bad UTF-8": payload(b'{"a":"\xff"}'),
    "an overlong encoding": payload(b'{"a":"\xc0\x80"}'),
    "a byte order mark": payload(b"\xef\xbb\xbf{}"),
    "UTF-16": payload('{"a":1}'.encode("utf-16")),
    "a key twice": payload('{"score":0,"score":100}'),
    "a key twice, far inside": payload('{"a":[{"b":{"c":1,"c":1}}]}'),
    "NaN": payload('{"a":NaN}'),
    "Infinity": payload('{"a":Infinity}'),
    "minus Infinity": payload('{"a":-Infinity}'),
    "a float that is infinite": payload('{"a":1e999}'),
    "a comment": payload("{} // x"),
    "two objects": payload("{}{}"),
    "a number of a million digits": payload('{"a":' + "9" * 1_000_000 + "}"),
    "lists nested a hundred thousand deep": payload('{"a":' + "[" * 100_000 + "]" * 100_000 + "}"),
    "objects nested deep": payload('{"a":' * 100_000 + "1" + "}" * 100_000),
    "lists nested a little too deep": payload('{"a":' + "[" * 260 + "]" * 260 + "}"),
    "sizes that are not a list": payload('{"~":5}', b"x" * 5),
    "a negative size": payload('{"~":[-1,6]}', b"x" * 5),
    "a size that is true": payload('{"~":[true]}', b"x"),
    "a size that is a float": payload('{"~":[1.0]}', b"x"),
    "a size that is text": payload('{"~":["1"]}', b"x"),
    "a size that is beyond the end": payload('{"~":[6]}', b"x" * 5),
    "a size of 2**64": payload('{"~":[18446744073709551616]}', b"x" * 5),
    "bytes without a size": payload('{"~":[4]}', b"x" * 5),
    "very many sizes": payload(json.dumps({"~": [0] * (MAX_BLOBS + 1)})),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_message_is_a_wire_error_quickly_and_in_little_memory(name):
    tracemalloc.start()
    began = time.perf_counter()
    try:
        with pytest.raises(WireError):
            read_message(BROKEN[name])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.perf_counter() - began < 5
    assert peak < 64 * 1024 * 1024


def test_millions_of_empty_lists_are_refused_before_they_are_made():
    data = payload('{"a":[' + "[]," * 2_700_000 + "1]}")
    assert len(data) < MAX_JSON
    tracemalloc.start()
    try:
        with pytest.raises(WireError, match="too many lists"):
            read_message(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64 * 1024 * 1024


def test_brackets_in_text_do_not_count():
    header = {"a": ["[{" * 500] * 700, "b": '\\"[[' * 10}
    assert len(json.dumps(header)) > MAX_BRACKETS
    assert read_message(message(header))[0] == header


@pytest.mark.parametrize(
    ("header", "blobs"),
    [
        ({"a": "x" * MAX_JSON}, []),
        ({"a": float("nan")}, []),
        ({"a": float("inf")}, []),
        ({}, [b""] * (MAX_BLOBS + 1)),
    ],
)
def test_a_message_that_would_be_refused_is_not_written(header, blobs):
    with pytest.raises(ValueRefusedError):
        message(header, blobs)


def test_a_header_nested_beyond_reason_is_not_written():
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ValueRefusedError, match="cannot be written"):
        message({"a": deep})


@given(st.binary())
def test_any_bytes_give_a_message_or_a_wire_error(data):
    try:
        header, blobs = read_message(data)
    except WireError:
        return
    assert isinstance(header, dict)
    assert isinstance(blobs, list)


@given(st.text(st.sampled_from('{}[]",:~0123456789.eE-+tfn \\u')), st.binary(max_size=8))
def test_any_text_that_looks_like_json_gives_a_message_or_a_wire_error(text, rest):
    with contextlib.suppress(WireError):
        read_message(payload("{" + text + "}", rest))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=100))), st.integers(1, 50))
def test_any_frames_arrive_in_any_chunks(frames, size):
    stream = reader(b"".join(frame(kind, data) for kind, data in frames), size=size)
    assert [stream.frame(second) for _ in frames] == frames
    assert stream.frame(second) is None
