"""`grader check`: a student's own work."""

import json
import subprocess
import sys

from grader.errors import ImageMissingError
from tests.cli.conftest import RIGHT, WRONG, call


def test_public_checks_run_and_hidden_ones_are_announced(course, pretend):
    (course.lab / "column.py").write_text(RIGHT)
    result = call("check", course.lab)
    assert result.exit_code == 0, result.output
    assert "1 of 1 checks" in result.output or "Every check passes" in result.output
    assert "2 hidden checks run when it is graded. `grader pack`" in result.output
    assert "isolation" not in result.output
    assert pretend == [("process", False, 1, False)]


def test_the_folder_one_stands_in_is_the_lab(course, pretend, monkeypatch):
    monkeypatch.chdir(course.lab)
    result = call("check", "--seed", "7")
    assert result.exit_code == 1
    assert "--seed 7 tries the same test data again" in result.output


def test_hints_come_as_many_as_asked_for(course, pretend):
    (course.lab / "column.py").write_text(WRONG)
    assert "hint" not in call("check", course.lab, "--hints", "0").output
    assert "hint 1 of 2" in call("check", course.lab).output
    assert "hint 2 of 2" in call("check", course.lab, "--hints", "9").output


def test_the_report_is_data_too(course, pretend):
    report = json.loads(call("check", course.lab, "--json").stdout)
    assert (report["audience"], report["student"], len(report["lines"])) == ("student", "you", 1)


def test_a_missing_file_is_four_with_advice(course, pretend):
    (course.lab / "column.py").unlink()
    result = call("check", course.lab)
    assert result.exit_code == 4
    assert "column.py" in result.stderr
    assert pretend == []


def test_outside_of_a_lab_it_says_where_to_go(course, monkeypatch):
    monkeypatch.chdir(course.root / "solutions")
    result = call("check")
    assert result.exit_code == 3
    assert "What to do: Go into the lab's folder" in result.stderr


def test_a_copy_of_the_public_folder_is_checked_for_real(course, tmp_path, no_engine):
    """What a student does: a folder that was unpacked anywhere, no course, no engine."""
    copy = tmp_path / "elsewhere" / "columns"
    copy.parent.mkdir()
    course.lab.rename(copy)
    (copy / "column.py").write_text(WRONG.replace("value is not None", "value"))
    done = subprocess.run(
        [sys.executable, "-m", "grader.cli.main", "check"],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", "PYTHONPATH": ":".join(sys.path), "COLUMNS": "200"},
    )
    assert done.returncode == 1, done.stderr
    assert "0/40" in done.stdout
    assert "values are None" in done.stdout
    assert "Traceback" not in done.stderr


ENGINE = '\n[engine]\nbases = ["python:3.11-slim-bookworm"]\n'


def test_a_lab_that_builds_images_is_not_graded_without_an_engine(course, no_engine):
    manifest = course.lab / "lab.toml"
    manifest.write_text(manifest.read_text() + ENGINE)
    result = call("check", course.lab)
    assert result.exit_code == 5, (result.output, result.exception)
    assert "not graded: needs a container engine" in result.stderr
    assert "The lab's README says how to try the work" in result.stderr
    assert "No attempt was spent" in result.stderr


def test_an_engine_without_the_courses_images_is_said_with_what_to_do(course, monkeypatch):
    def missing():
        raise ImageMissingError("the image of the worker is not on the engine.")

    manifest = course.lab / "lab.toml"
    manifest.write_text(manifest.read_text() + ENGINE)
    monkeypatch.setattr("grader.cli.boxes.DockerSandbox", missing)
    result = call("check", course.lab)
    assert result.exit_code == 5
    assert "has the course's images; the image of the worker is not" in result.stderr
    assert "README says how to try the work without them" in result.stderr
