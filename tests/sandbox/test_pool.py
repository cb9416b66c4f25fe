from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from grader.errors import EngineError, EngineUnavailableError
from grader.lab import Lab, Limits, Submit
from grader.sandbox.base import Role
from grader.sandbox.fake import FakeSandbox, dying, silent, speaking
from grader.sandbox.pool import CHECKER_MB, SLACK_S, Pool, PoolTimes
from grader.wire.frames import Kind

LAB = Lab(slug="02-data-quality", title="Data", preload=("pandas", "numpy"))
OTHER = Lab(slug="03-other", title="Other", limits=Limits(memory_mb=2048, wall_s=60.0))
ECHO = speaking(lambda kind, payload: [(kind, payload)])


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def make(clock):
    """Make pools over fakes, and see that each leaves nothing behind."""
    made = []

    def make(script=ECHO, *, fails=lambda number, spec: None, **fields):
        sandbox = FakeSandbox(script, fails=fails)
        fields.setdefault("slots", 2)
        fields.setdefault("warm", 0)
        made.append((sandbox, Pool(sandbox, clock=clock, **fields)))
        return made[-1][1]

    yield make
    for sandbox, pool in made:
        pool.close()
        assert sandbox.living == []


def started(pool, role):
    return [spec for spec in pool.sandbox.started if spec.role is role]


def until(condition, seconds=5.0):
    """Wait for what a background thread does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        threading.Event().wait(0.001)


def works(link):
    link.send(Kind.HELLO, b"ping", 5)
    return link.receive(5) == (Kind.HELLO, b"ping")


# workers


def test_a_worker_has_said_that_it_is_ready(make):
    pool = make(speaking(lambda *_: [], {"versions": {"python": "3"}}))

    assert pool.worker(LAB).hello == {"versions": {"python": "3"}}


def test_a_box_is_what_the_lab_asks_for(make):
    pool = make(times=PoolTimes(start_s=5.0, idle_s=100.0, checker_s=1000.0))
    pool.worker(LAB)
    with pool.checker(LAB), pool.checker(OTHER):
        pass
    worker, checker, other = pool.sandbox.started

    assert (worker.role, checker.role) == (Role.WORKER, Role.CHECKER)
    assert worker.argv == ("-m", "grader.worker", "--preload", "pandas,numpy")
    assert checker.argv == ("-m", "grader.checker", "--preload", "pandas,numpy")
    assert other.argv == ("-m", "grader.checker"), "nothing to import first"
    assert worker.limits == LAB.limits
    assert (checker.limits.memory_mb, other.limits.memory_mb) == (CHECKER_MB, 2048)
    assert worker.lifetime_s == 5.0 + 100.0 + LAB.limits.wall_s + SLACK_S
    assert checker.lifetime_s == 5.0 + 1000.0 + LAB.limits.wall_s + SLACK_S
    assert "02" not in worker.label + checker.label
    assert not worker.tools


def test_only_the_students_side_has_the_large_tools(make):
    pool = make()
    lab = replace(LAB, tools=True)
    pool.worker(lab)
    with pool.checker(lab):
        pass
    worker, checker = pool.sandbox.started

    assert worker.tools
    assert not checker.tools


def test_no_worker_is_given_twice(make):
    pool = make(warm=2)

    links = [pool.worker(LAB) for _ in range(10)]

    assert len({link.box.name for link in links}) == 10
    assert all(works(link) for link in links)


def test_workers_are_started_ahead_of_need(make):
    pool = make(warm=2)

    first = pool.worker(LAB)
    until(lambda: len(started(pool, Role.WORKER)) == 3)
    second = pool.worker(LAB)

    assert (first.box.name, second.box.name) == ("fake-1", "fake-2")
    until(lambda: len(started(pool, Role.WORKER)) == 4)


def test_no_worker_is_started_ahead_where_none_is_wanted(make):
    pool = make(warm=0)

    pool.worker(LAB).close()

    until(lambda: pool.sandbox.living == [])
    assert len(pool.sandbox.started) == 1


def test_workers_of_another_lab_are_not_given(make):
    pool = make(warm=1)
    pool.worker(LAB)
    until(lambda: len(pool.sandbox.started) == 2)

    other = pool.worker(OTHER)

    assert other.box.spec.limits == OTHER.limits


def test_ready_workers_make_room_for_another_lab(make):
    pool = make(warm=2)
    pool.worker(LAB)
    for _ in range(3):
        pool.worker(OTHER)

    until(lambda: len(pool.sandbox.closed) >= 1)
    assert pool.sandbox.closed[0].limits == LAB.limits
    until(lambda: len(pool.sandbox.living) == 4 + 2)


def test_a_worker_that_died_while_it_waited_is_not_given(make):
    pool = make(warm=1)
    pool.worker(LAB)
    until(lambda: len(pool.sandbox.living) == 2)
    pool.sandbox.living[1].kill()

    link = pool.worker(LAB)

    assert link.box.name != "fake-2"
    assert works(link)


def test_a_worker_that_waited_too_long_is_not_given(make, clock):
    pool = make(warm=1, times=PoolTimes(idle_s=10.0))
    pool.worker(LAB)
    pool.worker(LAB)  # the one that stood ready: from here on its successor does
    until(lambda: len(pool.sandbox.started) == 3)
    until(lambda: all(future.done() for _, future in pool._workers))
    clock.now += 11

    link = pool.worker(LAB)

    assert link.box.name not in ("fake-1", "fake-2", "fake-3")
    assert works(link)


def test_closing_a_worker_does_not_wait_for_its_removal(make):
    gate = threading.Event()
    pool = make()
    link = pool.worker(LAB)
    close = link.box.close
    link.box.close = lambda: (gate.wait(10), close())

    link.close()
    link.close()

    assert pool.sandbox.living != []
    gate.set()
    until(lambda: pool.sandbox.living == [])


# slots


def test_living_boxes_have_slots_of_their_own_and_give_them_back(make):
    pool = make(slots=3)
    workers = [pool.worker(LAB) for _ in range(3)]
    with pool.checker(LAB):
        assert [spec.slot for spec in pool.sandbox.started] == [0, 1, 2, 3]

        workers[1].close()
        until(lambda: len(pool.sandbox.living) == 3)
        until(lambda: 1 not in pool._live._slots)

        assert pool.worker(LAB).box.spec.slot == 1


def test_no_two_living_boxes_share_a_slot_when_many_threads_ask(make):
    pool = make(slots=4, warm=3)
    in_use, clashes, lock = set(), [], threading.Lock()
    start = pool.sandbox.start

    def watched(spec):
        with lock:
            clashes.extend([spec.slot] if spec.slot in in_use else [])
            in_use.add(spec.slot)
        box = start(spec)
        close = box.close

        def closing():
            close()
            with lock:
                in_use.discard(spec.slot)

        box.close = closing
        return box

    pool.sandbox.start = watched

    def grade(_):
        with pool.checker(LAB) as checker, pool.worker(LAB) as worker:
            return works(checker) and works(worker)

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(grade, range(60)))

    assert clashes == []
    assert len(started(pool, Role.CHECKER)) <= 4
    assert len(started(pool, Role.WORKER)) <= 60 + 3


# checkers


def test_a_checker_is_used_again(make):
    pool = make()

    for _ in range(5):
        with pool.checker(LAB) as link:
            assert works(link)

    assert len(pool.sandbox.started) == 1


def test_a_checker_has_one_run_at_a_time(make):
    pool = make()

    with pool.checker(LAB) as one, pool.checker(LAB) as other:
        assert one.box is not other.box


def test_a_checker_is_replaced_after_its_number_of_runs(make):
    pool = make(runs_per_checker=3)
    names = []

    for _ in range(7):
        with pool.checker(LAB) as link:
            names.append(link.box.name)

    assert [names.count(name) for name in dict.fromkeys(names)] == [3, 3, 1]


def test_a_spoiled_checker_is_not_used_again(make):
    pool = make()
    with pool.checker(LAB) as first:
        first.spoil()

    with pool.checker(LAB) as second:
        assert second.box is not first.box
        assert works(second)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_checker_that_an_exception_left_is_not_used_again(make, error):
    pool = make()
    with pytest.raises(error), pool.checker(LAB) as first:
        raise error

    with pool.checker(LAB) as second:
        assert second.box is not first.box


def test_a_checker_that_speaks_unasked_is_not_used_again(make):
    def twice(kind, payload):
        return [(kind, payload)] * 2

    pool = make(speaking(twice))
    with pool.checker(LAB) as first:
        assert works(first)
    until(lambda: first.box._inside.output._chunks)

    with pool.checker(LAB) as second:
        assert second.box is not first.box


def test_a_checker_that_died_between_runs_is_replaced(make):
    pool = make(slots=1)
    with pool.checker(LAB) as first:
        pass
    first.box.kill()

    with pool.checker(LAB) as second:
        assert works(second)


def test_an_old_checker_is_replaced(make, clock):
    pool = make(times=PoolTimes(checker_s=100.0))
    with pool.checker(LAB) as first:
        clock.now += 101
    with pool.checker(LAB) as second:
        pass
    clock.now += 101
    with pool.checker(LAB) as third:
        pass

    assert len({first.box.name, second.box.name, third.box.name}) == 3


def test_a_checker_of_another_lab_makes_room(make):
    pool = make(slots=1)
    for lab in (LAB, OTHER, LAB):
        with pool.checker(lab) as link:
            assert works(link)
            assert len(pool.sandbox.living) == 1

    assert len(pool.sandbox.started) == 3


def test_one_who_asks_for_more_checkers_than_slots_waits(make):
    pool = make(slots=1)
    order = []

    def second():
        with pool.checker(LAB) as link:
            order.append(("second", link.box.name))

    with pool.checker(LAB) as link:
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.02)
        order.append(("first", link.box.name))
    thread.join(5)

    assert order == [("first", "fake-1"), ("second", "fake-1")]


# preparing


def test_both_sides_can_be_started_at_once_before_they_are_asked_for(make):
    pool = make()

    pool.prepare(LAB)
    pool.prepare(LAB)
    with pool.checker(LAB) as checker, pool.worker(LAB) as worker:
        assert works(checker)
        assert works(worker)

    assert len(pool.sandbox.started) == 2


def test_what_failed_while_preparing_is_told_to_the_one_who_asks(make):
    pool = make(fails=lambda number, spec: EngineUnavailableError("gone"))
    pool.prepare(LAB)

    with pytest.raises(EngineUnavailableError), pool.checker(LAB):
        pass
    with pytest.raises(EngineUnavailableError):
        pool.worker(LAB)


# failures


def test_one_failed_start_is_tried_again(make):
    pool = make(fails=lambda number, spec: EngineError("a stumble") if number == 1 else None)

    assert works(pool.worker(LAB))
    assert len(pool.sandbox.started) == 2


def test_a_start_that_keeps_failing_is_told_after_two_attempts(make):
    pool = make(fails=lambda number, spec: EngineError("no space left"), warm=2)

    with pytest.raises(EngineError) as caught:
        pool.worker(LAB)

    assert str(caught.value) == (
        "no worker could be started, tried 2 times: no space left. See what `grader doctor` says."
    )
    assert len(pool.sandbox.started) == 2
    assert pool.sandbox.living == []


def test_an_engine_that_is_gone_is_not_asked_twice(make):
    pool = make(fails=lambda number, spec: EngineUnavailableError("no engine answers"))

    with pytest.raises(EngineUnavailableError, match="no engine answers"), pool.checker(LAB):
        pass

    assert len(pool.sandbox.started) == 1


def test_an_engine_that_stops_in_mid_batch_is_told_and_nothing_spins(make):
    pool = make(warm=2)
    with pool.checker(LAB), pool.worker(LAB):
        pass
    until(lambda: len(started(pool, Role.WORKER)) == 3)
    pool.sandbox.break_down()
    before = len(pool.sandbox.started)

    for _ in range(3):
        with pytest.raises(EngineUnavailableError):
            pool.worker(LAB)
        with pytest.raises(EngineUnavailableError), pool.checker(LAB):
            pass

    assert len(pool.sandbox.started) - before <= 6

    pool.sandbox.repair()
    with pool.checker(LAB) as checker, pool.worker(LAB) as worker:
        assert works(checker)
        assert works(worker)


def test_a_failed_start_ahead_of_need_is_made_up_for(make):
    pool = make(fails=lambda number, spec: EngineError("once") if number == 2 else None, warm=1)
    pool.worker(LAB)
    until(lambda: len(pool.sandbox.started) == 2)

    assert works(pool.worker(LAB))


def test_failed_starts_of_checkers_give_their_places_back(make):
    pool = make(slots=1, fails=lambda number, spec: EngineError("no") if number < 5 else None)
    for _ in range(2):
        with pytest.raises(EngineError), pool.checker(LAB):
            pass

    with pool.checker(LAB) as link:
        assert works(link)


def test_a_box_that_dies_while_starting_is_told_with_its_last_words(make):
    pool = make(dying(1, b"ModuleNotFoundError: No module named 'pandas'"))

    with pytest.raises(EngineError, match=r"tried 2 times.*No module named 'pandas'"):
        pool.worker(LAB)

    until(lambda: pool.sandbox.living == [])


def test_a_box_that_never_gets_ready_is_told_and_removed(make):
    pool = make(silent, times=PoolTimes(start_s=0.02))

    with pytest.raises(EngineError, match="nothing came in time"):
        pool.worker(LAB)

    until(lambda: pool.sandbox.living == [])


# the end


def test_closing_ends_what_is_in_use_and_what_stands_ready(make):
    pool = make(warm=3)
    pool.worker(LAB)
    with pool.checker(LAB) as checker:
        until(lambda: len(pool.sandbox.living) == 5)

        pool.close()

        assert pool.sandbox.living == []
        assert checker.receive(1) is None
    pool.close()


def test_closing_ends_starts_that_are_under_way(make):
    pool = make(silent, warm=1)
    errors = []

    def ask():
        try:
            pool.worker(LAB)
        except EngineError as error:
            errors.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    until(lambda: pool.sandbox.living)

    pool.close()
    thread.join(5)

    assert pool.sandbox.living == []
    assert len(errors) == 1


def test_a_closed_pool_starts_nothing(make):
    pool = make(warm=2)
    pool.close()

    with pytest.raises(EngineError, match="closed"):
        pool.worker(LAB)
    with pytest.raises(EngineError, match="closed"), pool.checker(LAB):
        pass
    assert pool.sandbox.started == []


def test_closing_frees_those_who_wait_for_a_checker(make):
    pool = make(slots=1)
    errors = []

    def second():
        try:
            with pool.checker(LAB):
                pass
        except EngineError as error:
            errors.append(str(error))

    with pool.checker(LAB):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.02)
        pool.close()
        thread.join(5)

    assert len(errors) == 1
    assert "closed" in errors[0]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_leaving_by_an_exception_leaves_nothing(clock, error):
    sandbox = FakeSandbox(ECHO)

    def interrupted():
        with Pool(sandbox, slots=2, clock=clock) as pool, pool.checker(LAB):
            pool.worker(LAB)
            raise error

    with pytest.raises(error):
        interrupted()

    assert sandbox.living == []


def test_an_engine_that_hangs_while_removing_does_not_hang_the_end(make, monkeypatch):
    monkeypatch.setattr("grader.sandbox.pool.CLOSE_S", 0.05)
    gate = threading.Event()
    pool = make()
    link = pool.worker(LAB)
    close = link.box.close
    link.box.close = lambda: (gate.wait(20), close())
    before = time.monotonic()

    pool.close()

    assert time.monotonic() - before < 5
    gate.set()
    until(lambda: pool.sandbox.living == [])


@pytest.mark.parametrize(("slots", "warm"), [(0, 0), (2, 4), (2, -1)])
def test_impossible_numbers_are_refused(slots, warm):
    with pytest.raises(ValueError, match="slots"):
        Pool(FakeSandbox(silent), slots=slots, warm=warm)


def test_only_the_students_side_runs_cells(make):
    pool = make()
    lab = replace(LAB, submit=Submit(modules=("a",), notebooks=(("a", "a.ipynb"),)))
    pool.worker(lab)
    with pool.checker(lab):
        pass
    worker, checker = pool.sandbox.started

    assert worker.argv[-1] == "pandas,numpy,grader.worker.shell"
    assert checker.argv[-1] == "pandas,numpy"


@pytest.mark.parametrize(("required", "runs_cells"), [(("a.py",), False), (("a.ipynb",), True)])
def test_a_worker_that_stands_ready_runs_cells_where_they_are_the_rule(make, required, runs_cells):
    pool = make()
    submit = Submit(required=required, modules=("a",), notebooks=(("a", "a.ipynb"),))
    pool.prepare(replace(LAB, submit=submit))
    until(lambda: len(pool.sandbox.started) == 2)

    worker = next(spec for spec in pool.sandbox.started if spec.role is Role.WORKER)
    assert ("grader.worker.shell" in worker.argv[-1]) is runs_cells
