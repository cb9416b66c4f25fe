import pytest

from grader.durable import PART
from grader.errors import ResultsError
from grader.results import Results
from tests.pretend import (
    NOON,
    accept,
    graded,
    lab_of,
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


@pytest.mark.parametrize("keep", [1, 20, -1])
def test_a_torn_last_line_is_set_aside_and_its_hand_in_is_pending_again(folder, keep):
    with Results.open(folder, LAB, clock=clock) as results:
        first = graded(results, "ann")
        graded(results, "bob")
    path = folder / "runs.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1][:keep])
    with Results.open(folder, LAB, clock=clock) as again:
        assert list(again.official()) == [first]
        assert [receipt.student for receipt in again.pending()] == ["bob"]
        assert "runs.jsonl.torn-1" in again.notes[0]
        assert "cut off" in again.notes[0]
    assert (folder / "runs.jsonl.torn-1").read_bytes() == lines[1][:keep]
    assert path.read_bytes() == lines[0]


def test_a_second_torn_line_does_not_overwrite_the_first(folder):
    Results.open(folder, LAB, clock=clock).close()
    for torn in (b'{"one', b'{"two'):
        (folder / "runs.jsonl").write_bytes(torn)
        Results.open(folder, LAB, clock=clock).close()
    assert (folder / "runs.jsonl.torn-1").read_bytes() == b'{"one'
    assert (folder / "runs.jsonl.torn-2").read_bytes() == b'{"two'


def test_a_torn_receipt_is_set_aside_too(folder):
    with Results.open(folder, LAB, clock=clock) as results:
        accept(results, "ann", "a")
        accept(results, "bob", "a")
    path = folder / "ledger.jsonl"
    path.write_bytes(path.read_bytes()[:-9])
    with Results.open(folder, LAB, clock=clock) as again:
        assert [receipt.student for receipt in again.handins.all()] == ["ann"]
        assert "ledger.jsonl" in again.notes[0]


@pytest.mark.parametrize(
    "damage", [b"\0" * 40, b"{}", b"[1]", b'{"id": 3}', b"{" * 40_000, b"\xff"]
)
def test_a_corrupt_line_in_the_middle_stops_with_its_number_and_changes_nothing(folder, damage):
    with Results.open(folder, LAB, clock=clock) as results:
        for student in ("ann", "bob", "cem"):
            graded(results, student)
    path = folder / "runs.jsonl"
    lines = path.read_bytes().splitlines()
    lines[1] = damage
    path.write_bytes(b"\n".join(lines) + b"\n")
    before = path.read_bytes()
    with pytest.raises(ResultsError, match="cannot be read") as caught:
        Results.open(folder, LAB, clock=clock)
    assert caught.value.where == f"{path}, line 2"
    assert "nothing was changed" in str(caught.value)
    assert "done again" in caught.value.advice
    assert path.read_bytes() == before
    with pytest.raises(ResultsError, match="cannot be read"):
        Results.read(folder)


def test_after_a_corrupt_line_was_taken_out_the_rest_is_there(folder):
    with Results.open(folder, LAB, clock=clock) as results:
        graded(results, "ann")
        graded(results, "bob")
    path = folder / "runs.jsonl"
    path.write_bytes(b"rubbish\n" + path.read_bytes().splitlines(keepends=True)[1])
    with pytest.raises(ResultsError):
        Results.open(folder, LAB, clock=clock)
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[1])
    with Results.open(folder, LAB, clock=clock) as again:
        assert [run.student for run in again.official()] == ["bob"]
        assert [receipt.student for receipt in again.pending()] == ["ann"]


def test_leftovers_of_a_cut_off_write_are_swept(folder):
    with Results.open(folder, LAB, clock=clock) as results:
        graded(results)
    for place in (f"batch.json{PART}", f"handins/x.zip{PART}"):
        (folder / place).write_bytes(b"half")
    with Results.open(folder, LAB, clock=clock):
        assert not list(folder.rglob(f"*{PART}"))
