from __future__ import annotations

import threading

import pytest

from grader.errors import EngineError
from grader.lab import Limits
from grader.sandbox.base import Role
from grader.sandbox.fake import FakeSandbox, silent, speaking
from grader.sandbox.live import LiveBoxes, Wanted

WANTED = Wanted(role=Role.WORKER, limits=Limits(), preload=(), tools=False, lifetime_s=10.0)
ECHO = speaking(lambda kind, payload: [(kind, payload)])


@pytest.fixture
def live():
    sandbox = FakeSandbox(ECHO)
    live = LiveBoxes(sandbox, start_timeout_s=5.0, removals=1)
    live.sandbox = sandbox
    yield live
    live.close(5.0)


def test_what_was_started_is_described_by_what_was_wanted():
    wanted = Wanted(
        role=Role.CHECKER, limits=Limits(), preload=("a", "b.c"), tools=True, lifetime_s=7.0
    )

    spec = wanted.spec(3)

    assert spec.argv == ("-m", "grader.checker", "--preload", "a,b.c")
    assert spec.tools
    assert (spec.slot, spec.lifetime_s, spec.label) == (3, 7.0, "checker")


def test_what_follows_a_removal_is_called_once_and_after_it(live):
    calls = []
    link = live.start(WANTED)

    live.end(link.box, then=lambda: calls.append(list(live.sandbox.living)))
    live.end(link.box, then=lambda: calls.append("again"))
    live.close(5.0)

    assert calls == [[]]


def test_removals_are_bounded(live):
    gates = [threading.Event(), threading.Event()]
    at_once, most, lock = [], [], threading.Lock()
    boxes = [live.start(WANTED).box for _ in gates]

    def slow(box, gate):
        close = box.close

        def closing():
            with lock:
                at_once.append(box)
                most.append(len(at_once))
            gate.wait(5)
            close()
            with lock:
                at_once.remove(box)

        return closing

    for box, gate in zip(boxes, gates, strict=True):
        box.close = slow(box, gate)
    live.end(boxes[0])
    second = threading.Thread(target=live.end, args=(boxes[1],))
    second.start()
    second.join(0.02)
    assert second.is_alive(), "it waits for the first removal"
    for gate in gates:
        gate.set()
    second.join(5)
    live.close(5.0)

    assert max(most) == 1


def test_an_engine_that_hangs_lets_another_removal_begin(live, monkeypatch):
    monkeypatch.setattr("grader.sandbox.live.REMOVAL_S", 0.01)
    gate = threading.Event()
    first, second = (live.start(WANTED).box for _ in range(2))
    close = first.close
    first.close = lambda: (gate.wait(10), close())

    live.end(first)
    live.end(second)
    live.close(0.05)

    assert live.sandbox.living == [first]
    gate.set()
    live.close(5.0)


def test_a_box_that_gets_ready_after_the_end_is_removed_at_once():
    sandbox = FakeSandbox(silent)
    live = LiveBoxes(sandbox, start_timeout_s=5.0, removals=1)
    start = sandbox.start

    def late(spec):
        live.shut()
        return start(spec)

    sandbox.start = late

    with pytest.raises(EngineError, match="closed"):
        live.start(WANTED)
    assert sandbox.living == []


def test_what_is_due_soon_happens_at_once_where_no_thread_can_start(live, monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    done = []

    live.soon(lambda: done.append(1))

    assert done == [1]
