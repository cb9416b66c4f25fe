"""CTRF: its schema, counts that agree, points null where there is no grade."""

from __future__ import annotations

import json

import pytest

from grader.formats.ctrf import ctrf_json
from tests.formats.published import CTRF, problems
from tests.formats.standings import SECRET, of, same_as_golden, standings


def read(student, **telling):
    return json.loads(ctrf_json(of(student, **telling)))


def test_a_file_is_what_it_was(update_golden):
    same_as_golden("ctrf-budi.json", ctrf_json(of("budi")), update_golden)


@pytest.mark.parametrize("audience", ["student", "staff"])
def test_every_file_fits_the_schema(audience):
    files = [ctrf_json(each) for each in standings(audience=audience)]
    assert [problems(data, CTRF) for data in files if data] == [[]] * 7


def test_the_summary_counts_the_checks():
    summary = read("budi")["results"]["summary"]
    assert (summary["tests"], summary["failed"], summary["skipped"]) == (4, 3, 1)
    assert summary["stop"] - summary["start"] == 500  # two public checks of 0.25 s


def test_a_timeout_is_failed_and_keeps_its_own_name():
    found = {test["name"]: test for test in read("budi")["results"]["tests"]}
    assert (found["Gate.rejects"]["status"], found["Gate.rejects"]["rawStatus"]) == (
        "failed",
        "timed_out",
    )


def test_points_are_null_where_there_is_no_grade():
    assert read("citra")["extra"]["points"] == 3
    for student in ("dewi", "eko"):
        assert read(student)["extra"]["points"] is None
        assert read(student)["results"]["tests"] == []


def test_who_has_no_run_has_no_report():
    assert ctrf_json(of("fitri")) is None
    assert ctrf_json(of("gilang")) is None


def test_a_report_for_staff_has_another_id():
    assert read("budi")["reportId"] != read("budi", audience="staff")["reportId"]
    assert SECRET not in json.dumps(read("budi"))
    assert SECRET in json.dumps(read("budi", audience="staff"))
