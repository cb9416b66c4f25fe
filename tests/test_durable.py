import os

import pytest

from grader.durable import PART, Disk
from grader.errors import ResultsError
from grader.results import Results, key_of
from tests.pretend import (
    NOON,
    accept,
    graded,
    lab_of,
    run_of,
)

LAB = lab_of()


def clock():
    return NOON


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "results"


@pytest.fixture
def results(folder):
    with Results.open(folder, LAB, clock=clock) as opened:
        yield opened


class FullAfter(Disk):
    """A disk with room for so many bytes; then it takes half a write and is full."""

    def __init__(self, room):
        self.room = room

    def _write_all(self, descriptor, data):
        if len(data) > self.room:
            os.write(descriptor, data[: self.room])
            self.room = 0
            raise OSError(28, "No space left on device")
        self.room -= len(data)
        super()._write_all(descriptor, data)


def test_a_full_disk_leaves_no_half_line_and_says_what_to_do(folder):
    with Results.open(folder, LAB, clock=clock) as results:
        first = graded(results, "ann")
    before = (folder / "runs.jsonl").read_bytes()
    disk = FullAfter(10**9)
    with Results.open(folder, LAB, disk=disk, clock=clock) as results:
        receipt = accept(results, "bob", "a")
        run = run_of(LAB, results.handins.submission(receipt, LAB.slug))
        disk.room = 30
        with pytest.raises(ResultsError, match="the disk is full") as caught:
            results.record(run)
        assert "start the same command again" in caught.value.advice
        assert (folder / "runs.jsonl").read_bytes() == before
        assert not results.has(key_of(run))
        disk.room = 10**9
        assert results.record(run)
        assert list(results.official()) == [first, run]


@pytest.mark.parametrize("room", [0, 10, 200])
def test_a_hand_in_that_does_not_fit_is_not_accepted_and_leaves_nothing(folder, room):
    disk = FullAfter(10**9)
    with Results.open(folder, LAB, disk=disk, clock=clock) as results:
        disk.room = room
        with pytest.raises(ResultsError, match="the disk is full"):
            accept(results, "ann", "a")
        assert results.handins.all() == []
        assert not list(folder.rglob(f"*{PART}"))
        ledger = folder / "ledger.jsonl"
        assert not ledger.exists() or ledger.read_bytes() == b""
        disk.room = 10**9
        assert accept(results, "ann", "a").attempt == 1


@pytest.mark.parametrize(
    ("number", "says"),
    [(30, "not allowed"), (13, "not allowed"), (122, "full"), (5, "the file system refuses")],
)
def test_every_refusal_of_the_disk_is_told_in_words(results, number, says):
    class Refusing(Disk):
        def _write_all(self, descriptor, data):
            raise OSError(number, os.strerror(number))

    with pytest.raises(ResultsError, match=says) as caught:
        Refusing().append(results.folder / "runs.jsonl", b"x\n")
    assert caught.value.where.endswith("runs.jsonl")


def test_the_file_before_is_untouched_when_its_replacement_does_not_fit(tmp_path):
    path = tmp_path / "batch.json"
    Disk().write(path, b"old")
    with pytest.raises(ResultsError):
        FullAfter(2).write(path, b"new and long")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["batch.json"]
