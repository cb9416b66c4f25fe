"""Options that verbs share."""

import json

import pytest

from grader.cli import options
from tests.cli.conftest import call


def test_json_goes_to_a_file_and_says_so(course):
    result = call("labs", "--json", "labs.json")
    assert "JSON: labs.json" in result.stderr
    assert json.loads((course.root / "labs.json").read_text())[0]["slug"] == "07-columns"


def test_json_without_a_file_is_all_that_stdout_has(course):
    assert json.loads(call("labs", "--json").stdout)[0]["points"] == 100
    assert json.loads(call("labs", "--json", "-").stdout)[0]["points"] == 100


def test_json_to_a_place_that_cannot_be_written_is_a_usage_error(course):
    result = call("labs", "--json", course.root / "no" / "such" / "folder.json")
    assert result.exit_code == 2
    assert "cannot be written (No such file or directory)" in result.stderr


@pytest.mark.parametrize("jobs", ["0", "-1", "many", "1000"])
def test_jobs_is_a_number_of_at_least_one(jobs, course):
    result = call("batch", "07", "x", "--out", "y", "--jobs", jobs)
    assert result.exit_code == 2
    assert "--jobs" in result.stderr


def test_cores_are_those_that_this_process_may_use(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 3, 5}, raising=False)
    assert options.cores() == 3


def test_a_sandbox_that_is_not_there_is_a_usage_error(course):
    result = call("grade", "07", "x", "--sandbox", "chroot")
    assert result.exit_code == 2
    assert "'auto', 'docker', 'process'" in result.stderr
