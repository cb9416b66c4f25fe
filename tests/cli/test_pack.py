"""`grader pack`."""

import zipfile

import pytest

from tests.cli.conftest import RIGHT, SLUG, call
from tests.notebooks import notebook_of


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


class TestNotebooks:
    @pytest.fixture(autouse=True)
    def in_cells(self, course):
        source = course.root / "solutions" / SLUG / "source" / "column.py"
        text = source.read_text()
        source.write_text(text.replace("def share", "# %% share-present\ndef share", 1))
        manifest = course.lab / "lab.toml"
        table = '[submit.notebooks]\ncolumn = "column.ipynb"\n\n[[check]]'
        manifest.write_text(manifest.read_text().replace("[[check]]", table, 1))
        assert call("build", SLUG).exit_code == 0
        self.notebook = course.lab / "column.ipynb"

    def packed(self, course, *flags):
        result = call("pack", course.lab, *flags)
        assert result.exit_code == 0, result.output
        with zipfile.ZipFile(course.root / f"{SLUG}.zip") as packed:
            return packed.namelist()

    def work(self, cell="def share_present(values): return 1"):
        self.notebook.write_bytes(notebook_of("import math", cell))

    def test_the_one_that_was_worked_on_is_packed(self, course):
        assert self.packed(course) == ["column.py"]
        self.work()
        assert self.packed(course) == ["column.ipynb"]

    def test_where_both_were_one_must_be_named(self, course):
        self.work()
        (course.lab / "column.py").write_text(RIGHT)
        result = call("pack", course.lab)
        assert result.exit_code == 4
        assert "you have worked on column.py and on column.ipynb" in result.stderr
        assert "--notebook, or --module" in result.stderr
        assert self.packed(course, "--notebook") == ["column.ipynb"]
        assert self.packed(course, "--module") == ["column.py"]

    def test_cells_that_were_lost_are_named(self, course):
        self.work()
        result = call("pack", course.lab)
        assert "column.ipynb has lost cells that the lab gave you: check." in result.stderr

    @pytest.mark.parametrize("content", [b"{", b'{"nbformat": 3}', b"x" * 10_000_000])
    def test_what_is_no_notebook_is_refused_and_nothing_is_written(self, course, content):
        self.notebook.write_bytes(content)
        result = call("pack", course.lab, "--notebook")
        assert result.exit_code == 4
        assert result.stderr.count("column.ipynb cannot be read as a notebook") == 1
        assert not (course.root / f"{SLUG}.zip").exists()

    def test_a_notebook_of_a_hundred_megabytes_is_refused(self, course):
        with self.notebook.open("wb") as file:
            file.truncate(100 * 1024 * 1024)
        result = call("pack", course.lab)
        assert result.exit_code == 4
        assert "larger than 10,485,760 bytes" in result.stderr
        assert not (course.root / f"{SLUG}.zip").exists()

    def test_check_tries_the_one_that_was_worked_on(self, course):
        self.work()
        (course.lab / "column.py").write_text(RIGHT)
        assert call("check", course.lab).exit_code == 4
        said = "column.ipynb was checked, not column.py."
        assert said in call("check", course.lab, "--notebook").output
        assert said not in call("check", course.lab, "--module").output
