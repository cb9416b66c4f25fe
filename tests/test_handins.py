import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import ResultsError
from grader.handins import packed
from grader.results import Results
from grader.submission import Bundle
from tests.pretend import (
    NOON,
    accept,
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


def test_an_accepted_hand_in_is_on_the_disk_with_its_receipt(results):
    receipt = accept(results, "ann", "a b")
    with zipfile.ZipFile(results.folder / "handins" / f"{receipt.digest}.zip") as archive:
        assert archive.read("answer.txt") == b"a b"
    line = json.loads((results.folder / "ledger.jsonl").read_text())
    assert line["student"] == "ann"
    assert line["attempt"] == 1
    assert line["digest"] == receipt.digest
    assert line["received_at"] == NOON.isoformat()


def test_a_second_hand_in_is_a_second_attempt_and_both_stay(results):
    accept(results, "ann", "a")
    accept(results, "ann", "a b", minutes=5)
    accept(results, "bob", "a")
    assert [(r.student, r.attempt) for r in results.handins.all()] == [
        ("ann", 1),
        ("ann", 2),
        ("bob", 1),
    ]
    assert len(list((results.folder / "handins").iterdir())) == 2


def test_a_damaged_snapshot_is_named_and_never_graded(results):
    receipt = accept(results, "ann", "a")
    path = results.folder / "handins" / f"{receipt.digest}.zip"
    path.write_bytes(packed(Bundle.of({"answer.txt": b"a b c"})))
    with pytest.raises(ResultsError, match="not what was accepted") as caught:
        results.handins.submission(receipt, LAB.slug)
    assert caught.value.where == str(path)
    path.write_bytes(b"PK")
    with pytest.raises(ResultsError, match="damaged"):
        results.handins.submission(receipt, LAB.slug)


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="/\\\0"), min_size=1, max_size=8),
        st.binary(max_size=50),
        max_size=5,
    )
)
def test_a_snapshot_depends_on_its_files_alone_and_comes_back_whole(files):
    bundle = Bundle.of(files)
    assert packed(bundle) == packed(Bundle.of(dict(reversed(files.items()))))


def test_names_from_outside_survive_the_ledger(folder):
    odd = "../Zoë \udcff\n"
    with Results.open(folder, LAB, clock=clock) as results:
        accept(results, odd, "a")
    with Results.open(folder, LAB, clock=clock) as again:
        assert [receipt.student for receipt in again.handins.all()] == [odd]
