from __future__ import annotations

import time

import pytest

from grader.errors import BoxGoneError, BoxTimeoutError, WireError
from grader.sandbox.base import BoxSpec, Role
from grader.sandbox.fake import (
    FakeSandbox,
    deaf,
    dripping,
    dying,
    saying,
    silent,
    speaking,
    starving,
)
from grader.sandbox.link import Link
from grader.wire.frames import Kind, frame, message

READY = frame(Kind.WORKER_READY, message({"versions": {"python": "3"}}))


@pytest.fixture
def link():
    sandboxes = []

    def link(script, role=Role.WORKER, **fields):
        sandboxes.append(FakeSandbox(script))
        return Link(sandboxes[-1].start(BoxSpec(role=role, argv=())), **fields)

    yield link
    for sandbox in sandboxes:
        sandbox.close()


def doubled(kind, payload):
    return [(Kind.FROM_WORKER, payload * 2)]


# frames


def test_frames_go_there_and_come_back(link):
    link = link(speaking(doubled))
    link.await_ready(5)

    link.send(Kind.TO_WORKER, b"\x00\xff", 5)

    assert link.receive(5) == (Kind.FROM_WORKER, b"\x00\xff\x00\xff")
    assert not link.spoiled


def test_frames_that_came_together_are_taken_one_by_one(link):
    link = link(saying(frame(1, b"a") + frame(2, b"") + frame(250, b"c")))

    assert [link.receive(5) for _ in range(3)] == [(1, b"a"), (2, b""), (250, b"c")]
    assert not link.spoiled


def test_a_frame_larger_than_a_read_is_put_together(link):
    payload = bytes(range(256)) * 20_000
    link = link(saying(frame(7, payload)))

    assert link.receive(10) == (7, payload)


def test_a_closed_other_side_is_none_and_stays_none(link):
    link = link(dying(0))

    assert link.receive(5) is None
    assert link.receive(5) is None
    assert link.spoiled, "nobody can use it again"


def test_a_frame_too_large_to_send_spoils_nothing(link, monkeypatch):
    monkeypatch.setattr("grader.wire.frames.MAX_FRAME", 10)
    link = link(silent)

    with pytest.raises(WireError, match="over the limit"):
        link.send(1, b"x" * 11, 5)

    assert not link.spoiled


def test_a_frame_that_announces_too_much_spoils(link):
    link = link(saying(b"\xff\xff\xff\xff\x01"), max_frame=1000)

    with pytest.raises(WireError, match="announces 4294967295 bytes"):
        link.receive(5)

    assert link.spoiled


def test_a_stream_that_ends_inside_a_frame_spoils(link):
    def cut(box):
        box.write(frame(1, b"whole")[:-2])

    link = link(cut)

    with pytest.raises(WireError, match="ended inside a frame"):
        link.receive(5)

    assert link.spoiled


# deadlines


def test_silence_is_a_timeout_that_spoils_nothing(link):
    link = link(speaking(doubled))
    link.await_ready(5)

    with pytest.raises(BoxTimeoutError):
        link.receive(0.01)

    assert not link.spoiled
    link.send(Kind.TO_WORKER, b"x", 5)
    assert link.receive(5) == (Kind.FROM_WORKER, b"xx")


def test_a_timeout_in_mid_frame_spoils(link):
    link = link(saying(frame(1, b"abc") + frame(2, b"abcdef")[:6]))
    assert link.receive(5) == (1, b"abc")

    with pytest.raises(BoxTimeoutError):
        link.receive(0.01)

    assert link.spoiled


def test_one_byte_at_a_time_does_not_stretch_the_deadline(link):
    link = link(dripping(frame(1, b"x" * 10_000), 0.002))
    before = time.monotonic()

    with pytest.raises(BoxTimeoutError):
        link.receive(0.1)

    assert time.monotonic() - before < 5  # all bytes together would take 20 s
    assert link.spoiled


def test_bytes_that_never_stop_do_not_stretch_the_deadline(link):
    def endless(box):
        box.write(b"\x0f\x00\x00\x00\x01")
        while True:
            box.write(b"x")

    link = link(endless)
    before = time.monotonic()

    with pytest.raises(BoxTimeoutError):
        link.receive(0.1)

    assert time.monotonic() - before < 5


def test_a_frame_that_has_come_is_received_without_any_time(link):
    link = link(speaking(doubled))
    link.await_ready(5)
    link.send(Kind.TO_WORKER, b"x", 5)
    deadline = time.monotonic() + 5
    received = None

    while received is None and time.monotonic() < deadline:
        try:
            received = link.receive(0)
        except BoxTimeoutError:
            continue

    assert received == (Kind.FROM_WORKER, b"xx")


def test_a_box_that_takes_nothing_spoils(link):
    link = link(deaf)

    with pytest.raises(BoxTimeoutError):
        link.send(1, b"x" * (2 << 20), 0.01)

    assert link.spoiled


def test_sending_to_a_box_that_has_ended_spoils(link):
    link = link(dying(0))
    link.receive(5)

    with pytest.raises(BoxGoneError):
        link.send(1, b"x", 5)


# readiness


def test_hello_is_the_message_of_the_ready_frame(link):
    link = link(saying(READY))
    assert link.hello == {}

    assert link.await_ready(5) == {"versions": {"python": "3"}}
    assert link.hello == {"versions": {"python": "3"}}


def test_each_role_has_its_own_ready_frame(link):
    link(saying(frame(Kind.CHECKER_READY, message({}))), Role.CHECKER).await_ready(5)

    wrong = link(saying(READY), Role.CHECKER)
    with pytest.raises(WireError, match=f"checker began with a frame of kind {Kind.WORKER_READY}"):
        wrong.await_ready(5)
    assert wrong.spoiled


def test_a_ready_frame_without_a_message_spoils(link):
    link = link(saying(frame(Kind.WORKER_READY, b"no message")))

    with pytest.raises(WireError):
        link.await_ready(5)

    assert link.spoiled


def test_a_box_that_ends_while_starting_tells_why(link):
    link = link(dying(4, b"Traceback\nModuleNotFoundError: No module named 'pandas'\n"))

    with pytest.raises(BoxGoneError) as caught:
        link.await_ready(5)

    assert str(caught.value) == (
        "the worker ended while starting: ModuleNotFoundError: No module named 'pandas'"
    )


def test_a_box_that_ends_without_a_word_tells_its_exit_code(link):
    with pytest.raises(BoxGoneError, match="exit code 4, without a word"):
        link(dying(4)).await_ready(5)


def test_a_box_that_starves_while_starting_says_so(link):
    link = link(starving)
    link.send(1, b"", 5)

    with pytest.raises(BoxGoneError, match="ran out of memory"):
        link.await_ready(5)


def test_a_box_that_says_nothing_is_a_timeout(link):
    with pytest.raises(BoxTimeoutError):
        link(silent).await_ready(0.01)


# quietness and ends


def test_a_box_that_waits_for_work_is_quiet(link):
    link = link(speaking(doubled))
    link.await_ready(5)

    assert link.is_quiet()
    assert link.is_quiet()


@pytest.mark.parametrize(
    "script",
    [saying(frame(1, b"unasked")), saying(b"\x00"), saying(b"\xff" * 9), dying(0)],
    ids=["a frame", "part of a frame", "garbage", "its end"],
)
def test_a_box_that_said_something_or_ended_is_not_quiet(link, script):
    link = link(script)
    deadline = time.monotonic() + 5

    while link.is_quiet():
        assert time.monotonic() < deadline

    assert link.spoiled
    assert not link.is_quiet()


def test_spoiling_is_for_good(link):
    link = link(speaking(doubled))
    link.await_ready(5)

    link.spoil()

    assert not link.is_quiet()


def test_closing_ends_the_box(link):
    link = link(silent)

    with link:
        assert link.certificate().exit_code is None
    link.close()

    assert link.certificate().exit_code == 137
    assert link.spoiled


def test_closing_can_be_left_to_somebody_else(link):
    ends = []
    link = link(silent, end=lambda: ends.append(1))

    link.close()

    assert ends == [1]
    assert link.certificate().exit_code is None
