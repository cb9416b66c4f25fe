from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import BoxGoneError, BoxTimeoutError
from grader.sandbox.pipe import MAX_PIECES, Pipe


def test_bytes_come_out_in_the_order_they_went_in():
    pipe = Pipe()

    pipe.put(b"one")
    pipe.put(b"two")

    assert (pipe.get(), pipe.get()) == (b"one", b"two")


@settings(deadline=None)  # threads wait for their turn on a busy machine
@given(st.lists(st.binary(max_size=50), max_size=20), st.integers(1, 16), st.integers(1, 9))
def test_nothing_is_lost_or_changed_by_bounds(chunks, capacity, most):
    pipe = Pipe(capacity)

    def fill():
        for chunk in chunks:
            pipe.put(chunk, 5)
        pipe.end()

    thread = threading.Thread(target=fill)
    thread.start()
    got = []
    while chunk := pipe.get(5, most=most):
        assert len(chunk) <= most
        got.append(chunk)
    thread.join()

    assert b"".join(got) == b"".join(chunks)


def test_a_full_pipe_is_a_timeout_and_keeps_what_is_in():
    pipe = Pipe(4)

    with pytest.raises(BoxTimeoutError, match="did not take"):
        pipe.put(b"abcdef", 0.001)

    assert pipe.get() == b"abcd"


def test_very_many_small_pieces_fill_a_pipe_too():
    pipe = Pipe()
    for _ in range(MAX_PIECES):
        pipe.put(b"ab", 1)

    with pytest.raises(BoxTimeoutError):
        pipe.put(b"ab", 0.001)


def test_an_empty_pipe_is_a_timeout_and_can_be_read_again():
    pipe = Pipe()
    with pytest.raises(BoxTimeoutError, match="nothing came"):
        pipe.get(0)

    pipe.put(b"x")

    assert pipe.get(0) == b"x"


def test_an_ended_pipe_gives_what_is_left_and_then_its_end():
    pipe = Pipe()
    pipe.put(b"left")
    pipe.end()

    assert pipe.is_ended
    assert [pipe.get(), pipe.get(), pipe.get(0)] == [b"left", b"", b""]
    with pytest.raises(BoxGoneError):
        pipe.put(b"more")


def test_an_abandoned_pipe_frees_both_who_wait():
    pipe = Pipe(1)
    pipe.put(b"x")
    other = Pipe()
    outcomes = []

    def put():
        try:
            pipe.put(b"y", 10)
        except BoxGoneError:
            outcomes.append("gone")

    threads = [
        threading.Thread(target=put),
        threading.Thread(target=lambda: outcomes.append(other.get(10))),
    ]
    for thread in threads:
        thread.start()
    pipe.abandon()
    other.abandon()
    for thread in threads:
        thread.join(5)

    assert sorted(map(str, outcomes)) == ["b''", "gone"]
    assert pipe.get(0) == b"", "what was under way is forgotten"
