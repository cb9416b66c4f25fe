"""`grader labs`."""

import json
import shutil

from tests.cli.conftest import SLUG, call


def test_each_lab_stands_on_a_line_with_its_points(course):
    result = call("labs")
    assert result.exit_code == 0
    line = next(line for line in result.stdout.splitlines() if SLUG in line)
    assert line.split()[-3:] == ["1", "2", "100"]


def test_json_says_more(course):
    [row] = json.loads(call("labs", "--json").stdout)
    assert (row["public"], row["hidden"], row["points"]) == (1, 2, 100)
    assert len(row["digest"]) == 64


def test_a_wrong_lab_is_told_and_hides_no_other(course):
    other = course.root / "labs" / "08-wrong"
    other.mkdir()
    (other / "lab.toml").write_text("schema = 1\nminuts = 3\n")
    result = call("labs")
    assert result.exit_code == 3
    assert SLUG in result.stdout
    assert "minuts" in result.stderr


def test_without_labs_it_says_where_to_go(course, monkeypatch):
    monkeypatch.setenv("GRADER_HOME", str(course.hand_ins))
    result = call("labs")
    assert result.exit_code == 3
    assert "GRADER_HOME" in result.stderr


def test_a_students_copy_counts_the_hidden_checks_that_it_has_not(course):
    shutil.rmtree(course.root / "solutions")
    [row] = json.loads(call("labs", "--json").stdout)
    assert (row["public"], row["hidden"], row["points"]) == (1, 2, 100)
