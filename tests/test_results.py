import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import ResultsError, UsageError
from grader.formats.runjson import run_to_json
from grader.outcome import Verdict
from grader.results import Results, Version, key_of, safe_name
from tests.pretend import (
    NOON,
    accept,
    graded,
    lab_of,
    run_of,
    submission_of,
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


# -- recording and reading back ------------------------------------------------------------------


def test_what_was_recorded_is_there_after_opening_again(folder):
    with Results.open(folder, LAB, clock=clock) as results:
        run = graded(results, "ann", "a b")
    with Results.open(folder, LAB, clock=clock) as again:
        assert list(again.official()) == [run]
        assert again.has(key_of(run))
        assert again.notes == []


def test_a_line_of_runs_jsonl_is_exactly_one_run(results):
    run = graded(results)
    assert json.loads((results.folder / "runs.jsonl").read_text()) == run_to_json(run)


def test_the_same_run_is_never_recorded_twice(results):
    run = graded(results)
    assert not results.record(replace(run, id="f" * 64))
    assert len((results.folder / "runs.jsonl").read_text().splitlines()) == 1


def test_a_broken_run_is_a_note_and_never_a_result(results):
    receipt = accept(results)
    broken = run_of(LAB, results.handins.submission(receipt, LAB.slug), verdict=Verdict.BROKEN)
    broken = replace(broken, results=(), reason="A box was lost.")
    with pytest.raises(ValueError, match="a note, not a result"):
        results.record(broken)
    results.note_broken(broken)
    assert list(results.official()) == []
    assert results.broken() == [broken]
    assert results.pending() == [receipt]


def test_a_broken_run_is_forgotten_once_the_hand_in_has_a_result(results):
    receipt = accept(results)
    run = run_of(LAB, results.handins.submission(receipt, LAB.slug))
    results.note_broken(replace(run, verdict=Verdict.BROKEN, results=()))
    results.record(run)
    assert results.broken() == []


def test_a_result_of_an_old_version_that_comes_late_does_not_replace_the_official_one(results):
    run = graded(results)
    late = run_of(lab_of("a b c d"), submission_of("a"))
    assert results.record(late)
    assert list(results.official()) == [run]


def test_reading_needs_no_lock_and_changes_nothing(folder):
    with Results.open(folder, LAB, clock=clock) as results:
        run = graded(results)
        (folder / "runs.jsonl").open("ab").write(b'{"torn')
        before = sorted(path.name for path in folder.rglob("*"))
        assert list(Results.read(folder).official()) == [run]
        assert sorted(path.name for path in folder.rglob("*")) == before
        assert (folder / "runs.jsonl").read_bytes().endswith(b'{"torn')


# -- file names of students ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ann", "s1234567", "ann.lee", "a_b-c", "0"])
def test_plain_ids_name_their_own_files(name):
    assert safe_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["../ann", "..", ".", "", "/etc/passwd", "ann/..", "a\\b", "con", "nul.txt", "com1", "Ann",
     "ann ", "ann.", "zoë", "a\0b", "a" * 300, "\udcff", "-x", "ann:x", "<b>"],
)  # fmt: skip
def test_other_ids_get_a_safe_name_with_a_hash(name):
    safe = safe_name(name)
    assert safe != name
    assert len(safe) <= 60
    assert set(safe) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
    assert safe[0] not in "-."


@given(st.lists(st.text(max_size=12), max_size=8, unique=True))
def test_different_ids_get_different_file_names_even_where_case_does_not_count(names):
    assert len({safe_name(name).casefold() for name in names}) == len(names)


def test_an_id_that_looks_like_a_hashed_name_cannot_take_its_place():
    taken = safe_name("Ann")
    assert safe_name(taken) != taken


# -- which folder is it --------------------------------------------------------------------------


def test_a_folder_with_other_things_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="other things") as caught:
        Results.open(tmp_path, LAB, clock=clock)
    assert "--out" in caught.value.advice
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_in_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="not a folder"):
        Results.open(tmp_path / "file", LAB, clock=clock)


def test_a_folder_without_results_cannot_be_read(tmp_path):
    with pytest.raises(UsageError, match="no results here"):
        Results.read(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_results_of_another_lab_are_refused(folder):
    Results.open(folder, LAB, clock=clock).close()
    with pytest.raises(UsageError, match=r"of lab 09-pretend, not of 10-other"):
        Results.open(folder, lab_of(slug="10-other"), clock=clock)


def test_a_changed_lab_is_refused_when_there_are_runs_and_sent_to_regrade(folder):
    with Results.open(folder, LAB, clock=clock) as results:
        graded(results)
    with pytest.raises(UsageError, match="another version") as caught:
        Results.open(folder, lab_of("a b"), clock=clock)
    assert "regrade" in caught.value.advice


def test_a_lab_that_changed_before_the_first_run_is_taken(folder):
    Results.open(folder, LAB, clock=clock).close()
    with Results.open(folder, lab_of("a b"), clock=clock) as results:
        assert results.lab_digest == lab_of("a b").digest


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": 1}', '{"schema": 1, "lab": "x", "versions": [{"no": 1}]}']
)
def test_an_unreadable_batch_json_is_named(folder, text):
    Results.open(folder, LAB, clock=clock).close()
    (folder / "batch.json").write_text(text)
    with pytest.raises(ResultsError, match=r"batch\.json: this file cannot be read"):
        Results.open(folder, LAB, clock=clock)


def test_results_of_a_newer_grader_are_refused(folder):
    Results.open(folder, LAB, clock=clock).close()
    data = json.loads((folder / "batch.json").read_text()) | {"schema": 99}
    (folder / "batch.json").write_text(json.dumps(data))
    with pytest.raises(ResultsError, match="schema 99"):
        Results.open(folder, LAB, clock=clock)


def test_runs_without_batch_json_are_not_guessed_about(folder):
    with Results.open(folder, LAB, clock=clock) as results:
        graded(results)
    (folder / "batch.json").unlink()
    with pytest.raises(ResultsError, match=r"batch\.json is missing"):
        Results.open(folder, LAB, clock=clock)


# -- versions of the lab -------------------------------------------------------------------------


def test_runs_of_a_new_version_count_only_once_it_is_official(results):
    old = graded(results, "ann", "a d")
    new_lab = lab_of("a b c d")
    new = run_of(new_lab, submission_of("a d"))
    results.record(new)
    assert list(results.official()) == [old]
    results.make_official(Version(digest=new_lab.digest, since="2025-03-04", who="Kim", why="d"))
    assert list(results.official()) == [new]
    assert [v.who for v in Results.read(results.folder).versions] == ["", "Kim"]


def test_a_hand_in_without_a_run_of_the_new_version_keeps_its_old_one(results):
    old = graded(results, "ann")
    results.make_official(Version(digest="new", since="2025-03-04"))
    assert list(results.official()) == [old]


def test_a_refused_hand_in_gives_way_to_the_accepted_one_of_the_same_attempt(results):
    refused = run_of(LAB, submission_of("a"), verdict=Verdict.UNGRADABLE)
    refused = replace(refused, bundle_digest="", results=(), reason="holds a link", id="1" * 64)
    results.record(refused)
    assert list(results.official()) == [refused]
    run = graded(results, "ann", "a")
    results.record(replace(refused, reason="holds another link", id="2" * 64))
    assert list(results.official()) == [run]
