"""Orders to the engine: what the checker may ask, and what an order that makes no sense is."""

import pytest

from grader.errors import WireError
from grader.orders import Orders
from grader.sandbox.fake_shipyard import BASE, FakeShipyard
from grader.sandbox.shipyard import Reply
from grader.wire.frames import message, read_message

HAND_IN = {"Dockerfile": f"FROM {BASE}\nUSER 1\n".encode(), "secret.py": b"theirs"}
BUILD = {
    "order": "build",
    "files": ["app.py"],
    "from_hand_in": ["Dockerfile", ".dockerignore"],
    "arguments": {"TOKEN": "t"},
    "wheels": "wheels",
}
LAUNCH = {"order": "launch", "image": 0, "environment": {"A": "1"}, "writable": ["/tmp"]}
LAUNCH |= {"memory_mb": 64, "processes": 8}
ASK = {"order": "ask", "container": 0, "method": "GET", "target": "/", "port": 80, "seconds": 1}


@pytest.fixture
def yard():
    return FakeShipyard(lambda question: Reply(status=200, body=question.body or b"hi"))


@pytest.fixture
def orders(yard):
    return Orders(yard, HAND_IN)


def tell(orders, header, *blobs, left=60.0):
    told, views = read_message(orders.carry_out(message(header, list(blobs)), left))
    return told, [bytes(view) for view in views]


@pytest.fixture
def running(orders):
    tell(orders, BUILD, b"print()")
    tell(orders, LAUNCH)
    return orders


def test_a_build_takes_the_named_files_of_the_hand_in_and_no_other(orders, yard):
    told, _ = tell(orders, BUILD, b"print()")
    assert told["told"]["image"] == 0
    assert told["told"]["problem"] == ""
    (recipe,) = yard.recipes
    assert recipe.files == {"app.py": b"print()", "Dockerfile": HAND_IN["Dockerfile"]}
    assert (recipe.arguments, recipe.wheels) == ({"TOKEN": "t"}, "wheels")


def test_a_container_is_launched_asked_looked_at_and_stopped(running, yard):
    assert tell(running, ASK) == ({"told": {"status": 200, "problem": ""}}, [b"hi"])
    assert tell(running, ASK | {"method": "POST"}, b"body")[1] == [b"body"]
    assert tell(running, {"order": "state", "container": 0})[0]["told"]["running"] is True
    assert tell(running, {"order": "logs", "container": 0})[1] == [b"container 0 is running\n"]
    assert tell(running, {"order": "look", "image": 0})[0]["told"]["user"] == "1"
    found, _ = tell(running, {"order": "search", "image": 0, "names": ["a"]}, b"print")
    assert found["told"] == {"found": ["a"]}
    stopped, _ = tell(running, {"order": "stop", "container": 0, "seconds": 5})
    assert stopped["told"] == {"seconds": 0.0, "exit_code": 0}
    assert tell(running, {"order": "remove", "container": 0})[0] == {"told": {}}
    assert yard.launches[0].environment == {"A": "1"}


def test_limits_are_kept_within_bounds(orders, yard):
    tell(orders, BUILD, b"")
    tell(orders, LAUNCH | {"memory_mb": 10**9, "processes": 10**9})
    assert (yard.launches[0].memory_mb, yard.launches[0].processes) == (4096, 1024)


def test_when_the_time_of_the_run_is_over_nothing_is_done(orders, yard):
    assert tell(orders, BUILD, b"", left=0.0) == ({"late": True}, [])
    assert yard.recipes == []


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"order": "party"},
        {"order": "build"},
        BUILD | {"files": "app.py"},
        BUILD | {"files": ["a", "b"]},
        BUILD | {"arguments": ["a"]},
        {"order": "look", "image": 7},
        {"order": "look", "image": -1},
        {"order": "look", "image": True},
        {"order": "look", "image": None},
        {"order": "state", "container": 3},
        ASK | {"seconds": "soon"},
        ASK | {"port": "80"},
        LAUNCH | {"image": "0"},
    ],
    ids=str,
)
def test_an_order_that_makes_no_sense_is_an_error_of_the_wire(running, header):
    blobs = [b""] if header.get("order") == "build" else []
    with pytest.raises(WireError):
        tell(running, header, *blobs)
