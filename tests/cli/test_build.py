"""`grader build`."""

from tests.cli.conftest import call


def test_what_is_up_to_date_is_left_alone(course):
    result = call("build")
    assert result.exit_code == 0
    assert "Up to date: 07-columns." in result.stderr


def test_check_shows_the_difference_and_writes_nothing(course):
    starter = course.lab / "column.py"
    starter.write_text("x = 1\n")
    result = call("build", "--check")
    assert result.exit_code == 3
    assert "-x = 1" in result.stdout
    assert "Run: grader build" in result.stderr
    assert starter.read_text() == "x = 1\n"


def test_building_writes_the_starter(course):
    (course.lab / "column.py").unlink()
    result = call("build", "07")
    assert "created:" in result.stdout
    assert "raise NotImplementedError" in (course.lab / "column.py").read_text()
    assert call("build", "--check").exit_code == 0


def test_a_marker_that_has_no_end_is_told_with_file_and_line(course):
    source = course.root / "solutions" / "07-columns" / "source" / "column.py"
    source.write_text(source.read_text().replace("### END SOLUTION", ""))
    result = call("build")
    assert result.exit_code == 3
    assert "column.py:9" in result.stderr


def test_a_lab_without_a_source_cannot_be_built(course):
    folder = course.root / "suite"
    folder.mkdir()
    (folder / "lab.toml").write_text('[submit]\nmodules = ["it"]\n')
    (folder / "test_it.py").write_text("from it import f\ndef test_f():\n    assert f()\n")
    result = call("build", folder)
    assert result.exit_code == 3
    assert "no reference solution" in result.stderr
