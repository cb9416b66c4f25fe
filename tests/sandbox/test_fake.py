"""The fake keeps the contract of a box, and plays every misfortune that a service must survive."""

from __future__ import annotations

import time

import pytest

from grader.errors import (
    BoxGoneError,
    BoxTimeoutError,
    EngineError,
    EngineUnavailableError,
)
from grader.sandbox.base import BoxSpec, Role
from grader.sandbox.fake import (
    FakeSandbox,
    answering,
    deaf,
    dripping,
    dying,
    playing,
    saying,
    silent,
    speaking,
    starving,
)
from grader.sandbox.link import Link
from grader.wire.frames import Kind
from tests.sandbox import probes
from tests.sandbox.contract import BoxContract, read_exactly, read_to_end

WORKER = BoxSpec(role=Role.WORKER, argv=())


def hold_then_echo(box):
    size = int.from_bytes(box.read_exactly(4), "big")
    box.write(box.read_exactly(size))


def answer_once(box):
    box.read()
    box.write(b"here")
    box.read()


def closes_stdout(box):
    box.write(b"last words")
    box.output.end()
    box.wait()


def up_and_deaf(box):
    box.write(b"up")
    box.wait()


def flood(box):
    while True:
        box.write(b"x" * 65536)


PLAYED = {
    probes.ECHO: answering(bytes),
    probes.HOLD_THEN_ECHO: hold_then_echo,
    probes.EXIT_THREE: dying(3),
    probes.MUTE: silent,
    probes.ANSWER_ONCE: answer_once,
    probes.DEAF: up_and_deaf,
    probes.CLOSES_STDOUT: closes_stdout,
    probes.LOUD_STDERR: dying(0, b"e" * (2 << 20) + b"THE END"),
    probes.FLOOD: flood,
}


class TestContract(BoxContract):
    @pytest.fixture
    def sandbox(self):
        with FakeSandbox(lambda box: PLAYED[box.spec.argv[1]](box)) as sandbox:
            yield sandbox

    def leftovers(self, sandbox):
        return {box.name for box in sandbox.living}


@pytest.fixture
def play():
    sandboxes = []

    def play(script):
        sandboxes.append(FakeSandbox(script))
        return sandboxes[-1].start(WORKER)

    yield play
    for sandbox in sandboxes:
        sandbox.close()


def test_a_generator_is_a_conversation(play):
    def scene(spec):
        heard = yield b"hello"
        heard = yield heard.upper()
        yield b"bye " + heard

    box = play(playing(scene))

    assert read_exactly(box, 5) == b"hello"
    box.write(b"x", 1)
    assert read_exactly(box, 1) == b"X"
    box.write(b"y", 1)
    assert read_exactly(box, 5) == b"bye y"
    box.write(b"z", 1)
    assert read_to_end(box) == b""
    assert box.certificate().exit_code == 0


def test_a_script_that_raises_is_a_crashed_box_with_its_traceback(play):
    def script(box):
        raise ZeroDivisionError("in the script")

    box = play(script)

    assert read_to_end(box) == b""
    assert box.certificate().exit_code == 1
    assert "ZeroDivisionError: in the script" in box.certificate().stderr_tail


def test_a_starving_box_says_so_in_its_certificate(play):
    box = play(starving)

    box.write(b"work", 1)

    assert read_to_end(box) == b""
    assert box.certificate().out_of_memory is True


def test_a_dripping_box_says_one_byte_at_a_time(play):
    box = play(dripping(b"abc", 0.001))

    assert [box.read(1) for _ in range(3)] == [b"a", b"b", b"c"]


def test_a_deaf_box_ends_when_it_is_killed(play):
    box = play(deaf)

    box.kill()

    assert box.certificate().exit_code == 137


def test_a_box_may_say_anything(play):
    assert play(saying(b"\xff" * 9)).read(1) == b"\xff" * 9


def test_reading_inside_may_have_a_deadline(play):
    def script(box):
        with pytest.raises(BoxTimeoutError):
            box.read(0.001)
        box.write(b"it was raised")

    assert play(script).read(1) == b"it was raised"


def test_a_box_speaks_frames_after_saying_that_it_is_ready(play):
    link = Link(play(speaking(lambda kind, payload: [(kind + 1, payload * 2)], {"a": 1})))

    assert link.await_ready(1) == {"a": 1}
    link.send(Kind.HELLO, b"ab", 1)
    assert link.receive(1) == (Kind.TO_WORKER, b"abab")


def test_each_role_can_have_its_own_script():
    sandbox = FakeSandbox({Role.WORKER: saying(b"w"), Role.CHECKER: saying(b"c")})

    checks = BoxSpec(role=Role.CHECKER, argv=())
    with sandbox, sandbox.start(WORKER) as worker, sandbox.start(checks) as checker:
        assert (worker.read(1), checker.read(1)) == (b"w", b"c")

    assert [spec.role for spec in sandbox.started] == [Role.WORKER, Role.CHECKER]
    assert [spec.role for spec in sandbox.closed] == [Role.CHECKER, Role.WORKER]


def test_a_start_can_be_made_to_fail():
    def second(number, spec):
        return EngineError("the second one fails") if number == 2 else None

    with FakeSandbox(silent, fails=second) as sandbox:
        sandbox.start(WORKER)
        with pytest.raises(EngineError, match="second one"):
            sandbox.start(WORKER)
        sandbox.start(WORKER)

        assert len(sandbox.started) == 3
        assert len(sandbox.living) == 2


def test_an_engine_can_stop_in_mid_batch_and_come_back():
    with FakeSandbox(answering(bytes)) as sandbox:
        box = sandbox.start(WORKER)

        sandbox.break_down()

        assert box.read(1) == b""
        with pytest.raises(BoxGoneError):
            box.write(b"x", 1)
        with pytest.raises(EngineUnavailableError):
            sandbox.start(WORKER)

        sandbox.repair()
        with sandbox.start(WORKER) as again:
            again.write(b"x", 1)
            assert again.read(1) == b"x"


def test_closing_a_fake_takes_no_time():
    before = time.monotonic()

    with FakeSandbox(silent) as sandbox:
        for _ in range(20):
            sandbox.start(WORKER)

    assert time.monotonic() - before < 2
    assert sandbox.living == []
    assert sandbox.sweep() == 0
