"""Workers that serve several hand-ins of ours, and those that are thrown away instead."""

from dataclasses import replace

import pytest

from grader.lab import Lab, Limits, Submit
from grader.sandbox.base import Role
from grader.sandbox.fake import FakeSandbox, speaking
from grader.sandbox.pool import Pool
from grader.sandbox.reuse import AGE_S, USES, ReusedWorkers
from grader.wire.frames import Kind, message, read_message

LAB = Lab(slug="04-experiment-tracking", title="Runs", preload=("mlflow",), tools=True)


class Worker:
    """Answers orders as it is told to, and everything else with an echo."""

    def __init__(self):
        self.orders, self.obeys, self.extra = [], True, []

    def __call__(self, kind, payload):
        if payload[:1] != b"P":
            return [(Kind.FROM_WORKER, payload)]
        self.orders.append(read_message(payload[1:])[0])
        answer = b"P" + bytes(9) + message({"ok": self.obeys})
        return [(Kind.FROM_WORKER, answer), *self.extra]


class Clock:
    now = 50.0

    def __call__(self):
        return self.now


@pytest.fixture
def worker():
    return Worker()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def boxes(worker, clock):
    sandbox = FakeSandbox(speaking(worker))
    sandbox.isolates = True
    with Pool(sandbox, slots=1, warm=0) as pool, ReusedWorkers(pool, clock) as reused:
        yield reused
    assert sandbox.living == []


def started(boxes):
    return sum(spec.role is Role.WORKER for spec in boxes.sandbox.started)


def use(boxes, lab=LAB):
    link = boxes.worker(lab)
    link.send(Kind.TO_WORKER, b"question", 5)
    assert link.receive(5) == (Kind.FROM_WORKER, b"question")
    link.close()
    return link


def test_a_worker_that_comes_back_serves_the_next_hand_in(boxes, worker):
    for _ in range(3):
        use(boxes)
    assert started(boxes) == 1
    assert [order["op"] for order in worker.orders] == ["remember", *["begin_anew"] * 3]


def test_two_at_a_time_are_two_boxes(boxes):
    first, second = boxes.worker(LAB), boxes.worker(LAB)
    first.close()
    second.close()
    use(boxes)
    assert started(boxes) == 2


def test_closing_twice_gives_back_once(boxes):
    link = boxes.worker(LAB)
    link.close()
    link.close()
    assert boxes.worker(LAB).box is link.box
    assert boxes.worker(LAB).box is not link.box


def test_another_time_limit_needs_no_other_box_and_other_memory_does(boxes):
    use(boxes)
    use(boxes, replace(LAB, limits=Limits(call_s=1.0)))
    assert started(boxes) == 1
    use(boxes, replace(LAB, limits=Limits(memory_mb=2048)))
    use(boxes, replace(LAB, preload=()))
    assert started(boxes) == 3
    use(boxes, replace(LAB, submit=Submit(modules=("a",), notebooks=(("a", "a.ipynb"),))))
    assert started(boxes) == 4


def test_a_box_is_thrown_away_after_its_number_of_uses(boxes):
    for _ in range(USES + 1):
        use(boxes)
    assert started(boxes) == 2


def test_a_box_that_has_grown_old_is_thrown_away(boxes, clock):
    use(boxes)
    clock.now += AGE_S + 1
    use(boxes)
    assert started(boxes) == 2


def test_a_box_that_grows_old_on_the_shelf_is_thrown_away(boxes, clock):
    link = boxes.worker(LAB)
    clock.now += AGE_S + 1
    link.close()
    use(boxes)
    assert started(boxes) == 2


def test_a_box_that_is_not_emptied_is_thrown_away(boxes, worker):
    link = boxes.worker(LAB)
    worker.obeys = False
    link.close()
    worker.obeys = True
    use(boxes)
    assert started(boxes) == 2


def test_a_box_that_cannot_remember_serves_once(boxes, worker):
    worker.obeys = False
    use(boxes)
    worker.obeys = True
    use(boxes)
    assert started(boxes) == 2
    assert [order["op"] for order in worker.orders] == ["remember", "remember", "begin_anew"]


def test_a_box_that_says_more_than_it_was_asked_is_thrown_away(boxes, worker):
    link = boxes.worker(LAB)
    worker.extra = [(Kind.FROM_WORKER, b"and another thing")]
    link.close()
    worker.extra = []
    use(boxes)
    assert started(boxes) == 2


def test_a_late_answer_is_not_taken_for_obedience(boxes):
    link = boxes.worker(LAB)
    link.send(Kind.TO_WORKER, b"question", 5)  # its answer is never fetched
    link.close()
    use(boxes)
    assert started(boxes) == 2


def test_a_spoiled_link_is_not_reused(boxes):
    link = boxes.worker(LAB)
    link.spoil()
    link.close()
    use(boxes)
    assert started(boxes) == 2


def test_boxes_that_contain_nothing_are_not_shared():
    with (
        FakeSandbox(speaking(Worker())) as sandbox,
        Pool(sandbox, slots=1, warm=0) as pool,
        pytest.raises(ValueError, match="contain nothing"),
    ):
        ReusedWorkers(pool)


def test_checkers_are_those_of_the_pool(boxes):
    assert boxes.sandbox.isolates
    with boxes.checker(LAB) as link:
        assert link.box.spec.role is Role.CHECKER
