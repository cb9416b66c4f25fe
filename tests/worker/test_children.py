"""Children of the worker's parent: one contract for the forked and for the spawned one."""

import os
import time
from pathlib import Path

import pytest

from grader.wire.frames import message, read_message
from grader.worker.children import Capped, ChildGone, ForkedChild, SpawnedChild, new_child

SOURCE = """
import os, sys, time

def double(x): return 2 * x
def talk(): print("out"); print("err", file=sys.stderr)
def flood(): print("x" * 200_000)
def leave(): os._exit(3)
def sleep(): time.sleep(60)
def start():
    import subprocess
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid
"""


@pytest.fixture(params=["forked", "spawned"])
def child(request, tmp_path):
    if request.param == "forked" and not hasattr(os, "fork"):
        pytest.skip("no fork here")
    (tmp_path / "stu.py").write_text(SOURCE)
    setup = {"modules": ["stu"], "spawn": request.param == "spawned"}
    made = new_child(tmp_path, setup, private=(), keeps_folder=False)
    assert isinstance(made, ForkedChild if request.param == "forked" else SpawnedChild)
    yield made
    made.end(last=False)


def ask(child, seconds=20.0, **fields):
    header = {"id": 1, "args": [], "kw": {}, "drop": [], "clear": True} | fields
    return read_message(child.ask(message(header), time.monotonic() + seconds))[0]


def call(child, name, *args, seconds=20.0):
    ask(child, op="import", n="stu")
    number = ask(child, op="name", m="stu", n=name)["val"]["id"]
    return ask(child, seconds, op="call", args=[{"t": "@h", "id": number}, *args])


def is_alive(pid):
    """Whether a process runs; a zombie that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_it_answers_one_request_after_the_other(child):
    assert call(child, "double", 4)["val"] == 8
    assert call(child, "double", 5)["val"] == 10


def test_what_is_printed_is_taken_apart_from_answers(child):
    call(child, "talk")
    deadline = time.monotonic() + 10
    out = err = b""
    while not (out and err) and time.monotonic() < deadline:
        more = child.take_output()
        out, err = out + more[0], err + more[1]
    assert (out.strip(), err.strip()) == (b"out", b"err")


def test_a_flood_is_cut_with_a_note(child):
    call(child, "flood")
    deadline = time.monotonic() + 10
    out = b""
    while b"truncated" not in out and time.monotonic() < deadline:
        out += child.take_output()[0]
    assert b"more bytes]" in out
    assert len(out) < 100_000


def test_its_end_is_told_with_the_code(child):
    with pytest.raises(ChildGone) as caught:
        call(child, "leave")
    assert caught.value.why == "ended"
    assert "3" in caught.value.note


def test_it_is_not_waited_for_beyond_the_deadline(child):
    with pytest.raises(ChildGone) as caught:
        call(child, "sleep", seconds=0.3)
    assert caught.value.why == "timeout"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs /proc")
def test_what_it_started_ends_with_it(tmp_path):
    (tmp_path / "stu.py").write_text(SOURCE)
    forked = new_child(tmp_path, {"modules": ["stu"]}, private=(), keeps_folder=False)
    started = call(forked, "start")["val"]
    assert is_alive(started)
    forked.end(last=False)
    deadline = time.monotonic() + 5
    while is_alive(started) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(started)


def test_a_capped_stream_counts_what_it_drops():
    capped = Capped(4)
    capped.add(b"abc")
    capped.add(b"defg")
    assert capped.take() == b"abcd\n[output truncated: 3 more bytes]\n"
    assert capped.take() == b""
