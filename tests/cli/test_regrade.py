"""`grader regrade`."""

import json

import pytest

from tests.cli.conftest import call
from tests.cli.test_batch import batch, grades


@pytest.fixture
def changed(course, pretend):
    """Results of a lab whose first check is worth less since."""
    course.hand_in("ada")
    course.hand_in("bob", "none_is_missing\n")
    batch(course)
    manifest = course.lab / "lab.toml"
    manifest.write_text(manifest.read_text().replace("points = 40", "points = 30", 1))
    return course


def test_who_loses_is_shown_and_nothing_counts_yet(changed):
    result = call("regrade", changed.results)
    assert result.exit_code == 0, result.output
    assert "bob" in result.stdout
    assert "40/100" in result.stdout
    assert "30/90" in result.stdout
    assert "0 gain points, 2 lose points" in result.stdout
    assert grades(changed)["bob"]["points"] == "40"


def test_apply_needs_a_reason(changed):
    result = call("regrade", changed.results, "--apply")
    assert result.exit_code == 2
    assert 'Add --why "…".' in result.stderr


def test_apply_lets_it_count_and_writes_the_pages(changed):
    result = call("regrade", changed.results, "--apply", "--who", "Dr Roe", "--why", "Too much.")
    assert result.exit_code == 0, result.output
    assert "2 new runs count from now on. Decided by Dr Roe: Too much." in result.stdout
    assert grades(changed)["bob"]["points"] == "30"
    versions = json.loads((changed.results / "batch.json").read_text())["versions"]
    assert [version["who"] for version in versions] == ["", "Dr Roe"]


def test_a_hand_in_without_a_new_result_is_not_passed_over(changed, monkeypatch):
    from grader.cli import boxes

    def falls(*_args, **_more):
        raise KeyError("a bug of ours")

    monkeypatch.setattr(boxes.grading, "grade", falls)
    result = call("regrade", changed.results, "--apply", "--why", "Too much.")
    assert result.exit_code == 2
    assert "have no result with the new lab" in result.stderr
    assert call("regrade", changed.results).exit_code == 5
    assert grades(changed)["bob"]["points"] == "40"


def test_json_lists_the_changes(changed):
    said = json.loads(call("regrade", changed.results, "--json").stdout)
    assert (said["loses"], said["complete"]) == (2, True)
    assert {change["student"] for change in said["changes"]} == {"ada", "bob"}


def test_a_lab_that_has_not_changed_is_a_usage_error(course, pretend):
    course.hand_in("ada")
    batch(course)
    result = call("regrade", course.results)
    assert result.exit_code == 2
    assert "has not changed" in result.stderr
    assert "What to do: Change the lab first." in result.stderr
