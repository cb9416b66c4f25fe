"""`grader pack`."""

import zipfile

from tests.cli.conftest import RIGHT, call


def test_the_zip_holds_what_the_lab_asks_for(course):
    (course.lab / "column.py").write_text(RIGHT)
    (course.lab / "notes.md").write_text("My notes.\n")
    result = call("pack", course.lab)
    assert result.exit_code == 0, result.output
    assert "07-columns.zip is ready to hand in." in result.stdout
    with zipfile.ZipFile(course.root / "07-columns.zip") as packed:
        assert sorted(packed.namelist()) == ["column.py", "notes.md"]


def test_a_missing_file_is_refused_before_the_course_would(course):
    (course.lab / "column.py").unlink()
    result = call("pack", course.lab)
    assert result.exit_code == 4
    assert "column.py" in result.stderr
    assert not (course.root / "07-columns.zip").exists()


def test_a_python_file_that_is_left_out_is_named(course):
    (course.lab / "mine.py").write_text("x = 1\n")
    result = call("pack", course.lab)
    assert "Warning: Not on the lab's list and left out: mine.py" in result.stderr


def test_a_place_that_cannot_be_written_is_a_usage_error(course):
    result = call("pack", course.lab, "--out", course.root / "no" / "folder" / "x.zip")
    assert result.exit_code == 2
    assert "Choose another place" in result.stderr
