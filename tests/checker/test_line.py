"""Frames to the supervisor and back: what a call, a fresh box and the end look like on the pipe."""

from __future__ import annotations

import io

import pytest

from grader.checker.line import Gone, PipeLine, take_apart
from grader.errors import WireError
from grader.wire.frames import FrameReader, Kind, frame, message, read_message

ANSWER = b"C\x00" + (3).to_bytes(4, "big") + b"out" + (0).to_bytes(4, "big") + b"body"


class Pipe:
    """What the supervisor would say next, and what was said to it."""

    def __init__(self, *frames: bytes) -> None:
        self.coming = io.BytesIO(b"".join(frames))
        self.written = bytearray()
        self.line = PipeLine(lambda _seconds: self.coming.read(7), self.written.extend)

    def said(self):
        reader = FrameReader(io.BytesIO(bytes(self.written)).read1)
        return list(iter(lambda: reader.frame(lambda: -1), None))


def test_a_call_carries_its_milliseconds_and_brings_the_answer():
    pipe = Pipe(frame(Kind.REPLY, ANSWER))
    answer = pipe.line.call(b"payload", 1.5)
    assert (answer.kind, answer.child, answer.stdout, answer.body) == ("C", 0, b"out", b"body")
    assert pipe.said() == [(Kind.CALL, (1500).to_bytes(4, "big") + b"payload")]


def test_a_call_has_a_millisecond_at_least():
    pipe = Pipe(frame(Kind.REPLY, ANSWER))
    pipe.line.call(b"", 0.0)
    assert pipe.said() == [(Kind.CALL, (1).to_bytes(4, "big"))]


def test_a_box_that_is_gone_says_why():
    pipe = Pipe(frame(Kind.WORKER_GONE, message({"why": "memory", "note": "x" * 900})))
    with pytest.raises(Gone) as caught:
        pipe.line.call(b"", 1.0)
    assert (caught.value.why, len(caught.value.note)) == ("memory", 500)


def test_a_fresh_box_is_asked_for_and_comes():
    pipe = Pipe(frame(Kind.WORKER_UP, message({})))
    pipe.line.fresh()
    assert [kind for kind, _ in pipe.said()] == [Kind.FRESH_WORKER]


def test_a_fresh_box_may_be_refused():
    pipe = Pipe(frame(Kind.WORKER_GONE, message({"why": "budget"})))
    with pytest.raises(Gone, match="budget"):
        pipe.line.fresh()


def test_events_and_the_end_are_told_in_order():
    pipe = Pipe()
    pipe.line.event({"event": "note"})
    pipe.line.end({"phases": {}})
    said = [(kind, read_message(payload)[0]) for kind, payload in pipe.said()]
    assert said == [(Kind.EVENT, {"event": "note"}), (Kind.END, {"phases": {}})]


def test_a_supervisor_who_hung_up_ends_the_process():
    with pytest.raises(SystemExit):
        Pipe().line.call(b"", 1.0)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"C",
        b"X\x00" + bytes(8),
        b"\xff\x00" + bytes(8),
        b"C\x00" + (9).to_bytes(4, "big") + b"out",
        b"C\x00" + (0).to_bytes(4, "big"),
        b"C\x00" + (0).to_bytes(4, "big") + (1).to_bytes(4, "big"),
    ],
)
def test_an_answer_that_is_cut_or_unknown_is_a_wire_error(payload):
    with pytest.raises(WireError, match="an answer"):
        take_apart(payload)


def test_an_answer_may_have_no_body():
    assert take_apart(b"G\x05" + bytes(8)).body == b""
