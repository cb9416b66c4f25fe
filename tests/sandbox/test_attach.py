"""The engine's stream format, cut anywhere; deadlines over a real socket pair."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import BoxGoneError, BoxTimeoutError
from grader.sandbox import attach
from grader.sandbox.attach import Attached, Demultiplexer

OUT, ERR = 1, 2
MIB = 1 << 20


def piece(stream: int, content: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(content).to_bytes(4, "big") + content


@given(
    pieces=st.lists(st.tuples(st.sampled_from([OUT, ERR]), st.binary(max_size=40)), max_size=12),
    cuts=st.lists(st.integers(1, 30), max_size=40),
)
def test_streams_are_told_apart_wherever_the_bytes_are_cut(pieces, cuts):
    stream = b"".join(piece(number, content) for number, content in pieces)
    streams = Demultiplexer()

    for cut in cuts:
        streams.feed(stream[:cut])
        stream = stream[cut:]
    streams.feed(stream)

    assert bytes(streams.stdout) == b"".join(c for number, c in pieces if number == OUT)
    stderr = b"".join(c for number, c in pieces if number == ERR)
    assert streams.stderr_total == len(stderr)
    assert streams.stderr_tail == stderr.decode(errors="replace")


def test_only_the_end_of_stderr_is_kept():
    streams = Demultiplexer()

    for _ in range(50):
        streams.feed(piece(ERR, b"x" * 10_000))
    streams.feed(piece(ERR, b"the end"))

    assert len(streams.stderr_tail) == attach.STDERR_KEPT
    assert streams.stderr_tail.endswith("the end")


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    attached = Attached(ours)
    yield attached, theirs
    attached.close()
    theirs.close()


def test_stdout_is_read_and_stderr_is_kept_aside(pair):
    attached, box = pair
    box.sendall(piece(ERR, b"a warning") + piece(OUT, b"a frame"))

    assert attached.read(5) == b"a frame"
    assert attached.stderr_tail == "a warning"


def test_a_read_gives_one_mebibyte_at_most(pair):
    attached, _ = pair
    attached._streams.feed(piece(OUT, b"x" * (3 * MIB)))

    assert [len(attached.read(5)) for _ in range(3)] == [MIB] * 3


def test_the_end_of_the_stream_can_be_read_again(pair):
    attached, box = pair
    box.sendall(piece(OUT, b"last"))
    box.close()

    assert [attached.read(5) for _ in range(3)] == [b"last", b"", b""]
    assert attached.ended


def test_silence_meets_its_deadline(pair):
    attached, _ = pair
    before = time.monotonic()

    with pytest.raises(BoxTimeoutError):
        attached.read(0.05)

    assert time.monotonic() - before < 2


def test_chatter_on_stderr_does_not_stretch_the_deadline_of_a_read(pair):
    attached, box = pair
    stop = threading.Event()

    def chatter() -> None:
        while not stop.is_set():
            try:
                box.sendall(piece(ERR, b"x" * 1000))
            except OSError:
                return

    thread = threading.Thread(target=chatter)
    thread.start()
    before = time.monotonic()
    with pytest.raises(BoxTimeoutError):
        attached.read(0.1)
    took = time.monotonic() - before
    stop.set()
    attached.close()
    thread.join()

    assert took < 2


def test_a_reader_that_never_comes_does_not_hang_the_writer(pair):
    attached, _ = pair

    with pytest.raises(BoxTimeoutError):
        attached.write(b"x" * (8 * MIB), 0.1)


def test_writing_after_the_end_says_so(pair):
    attached, box = pair
    box.close()

    with pytest.raises(BoxGoneError):
        attached.write(b"x", 1)


def test_writing_when_the_end_is_on_its_way_says_so(pair):
    attached, box = pair
    box.sendall(piece(OUT, b"bye"))
    box.shutdown(socket.SHUT_WR)

    attached.write(b"x", 1)  # at this moment nobody can know
    with pytest.raises(BoxGoneError):
        attached.write(b"x", 1)
    assert attached.read(1) == b"bye", "what was said before the end is not lost"


def test_a_box_that_talks_before_it_reads_on_does_not_block_the_writer(pair):
    attached, box = pair
    sent = b"q" * (4 * MIB)

    def answer_half_then_read() -> None:
        box.sendall(piece(OUT, b"a" * (512 * 1024)))
        left = len(sent)
        while left:
            left -= len(box.recv(MIB))

    thread = threading.Thread(target=answer_half_then_read)
    thread.start()
    attached.write(sent, 10)
    thread.join()

    got = b""
    while len(got) < 512 * 1024:
        got += attached.read(5)
    assert got == b"a" * (512 * 1024)


def test_a_flood_while_writing_is_held_back_at_a_bound(pair):
    attached, box = pair
    thread = threading.Thread(target=lambda: _flood(box), daemon=True)
    thread.start()

    with pytest.raises(BoxTimeoutError):
        attached.write(b"x" * (8 * MIB), 0.5)

    assert len(attached._streams.stdout) <= attach.LARGEST_READ + attach.CHUNK


def _flood(box: socket.socket) -> None:
    try:
        for _ in range(64):
            box.sendall(piece(OUT, b"f" * MIB))
    except OSError:
        return


def test_a_flood_of_stderr_is_an_end_and_is_named(pair, monkeypatch):
    monkeypatch.setattr(attach, "STDERR_LIMIT", 2 * MIB)
    attached, box = pair
    thread = threading.Thread(target=lambda: _shout(box), daemon=True)
    thread.start()

    assert attached.read(10) == b""
    assert "stderr passed 2 MiB" in attached.stderr_tail


def _shout(box: socket.socket) -> None:
    try:
        for _ in range(16):
            box.sendall(piece(ERR, b"f" * MIB))
    except OSError:
        return


def test_closing_twice_is_fine_and_the_other_side_sees_the_end(pair):
    attached, box = pair

    attached.close()
    attached.close()

    assert box.recv(1) == b""
    with pytest.raises(BoxGoneError):
        attached.write(b"x", 0.1)
