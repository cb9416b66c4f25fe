"""The folder of a course: what is found, what is refused, and that nothing is half-written."""

from __future__ import annotations

import shutil

import pytest

from grader.building import build
from grader.errors import LabError, UsageError
from grader.lab_reader import read_lab
from grader.nbgrader_course import course as folder_of
from grader.nbgrader_course.course import (
    names_in,
    read_folder,
    read_settings,
    write_labs,
)
from grader.nbgrader_course.regions import Marks
from tests.nbgrader_courses import cell, course, imported, made_of, notebook

GOOD = notebook(cell("def f(): ...", "answer", "f"), cell("assert f()", "test", "t", 1))


@pytest.fixture
def one(tmp_path):
    return course(tmp_path / "course", ps1={"a.ipynb": GOOD, "x.png": b"\x89PNG"})


def everything(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_folders_with_notebooks_are_named(one):
    course(one, ps2={"b.ipynb": GOOD}, images={"x.png": b""})
    (one / "source" / "header.ipynb").write_bytes(GOOD)
    assert names_in(one) == ["ps1", "ps2"]


def test_an_imported_lab_is_one_that_the_grader_reads_and_builds(one, tmp_path):
    lab = imported(one, tmp_path / "out")
    assert [check.id for check in lab.lab.checks] == ["t"]
    assert lab.lab.origin.name == "ps1"
    assert lab.public.name == "01-ps1"
    assert build(lab, check=True) == []
    assert dict(lab.lab.worker_files)["x.png"] == b"\x89PNG"
    assert set(lab.reference().as_dict()) == {"a.ipynb", "x.png"}


def test_a_source_that_is_changed_later_makes_a_starter_anew(one, tmp_path):
    lab = imported(one, tmp_path / "out")
    source = lab.source / "a.ipynb"
    source.write_bytes(source.read_bytes().replace(b"assert f()", b"assert f() == 1"))
    (change,) = build(lab)
    assert change.path == lab.public / "a.ipynb"
    assert b"assert f() == 1" in change.path.read_bytes()


def test_labs_get_the_next_numbers(one, tmp_path):
    course(one, ps2={"b.ipynb": GOOD})
    out = tmp_path / "out"
    (out / "labs" / "04-other").mkdir(parents=True)
    first = write_labs([made_of(one, "ps1"), made_of(one, "ps2")], out)
    assert [each.public.name for each in first] == ["05-ps1", "06-ps2"]


@pytest.mark.parametrize(
    ("name", "slug"), [("Problem Set 1", "01-problem-set-1"), ("数", "01-lab"), ("A_b", "01-a-b")]
)
def test_a_name_becomes_a_slug_and_is_remembered(tmp_path, name, slug):
    lab = imported(course(tmp_path / "course", **{name: {"a.ipynb": GOOD}}), tmp_path / "out")
    assert (lab.public.name, lab.lab.origin.name) == (slug, name)


def test_a_second_import_is_refused_and_changes_nothing(one, tmp_path):
    imported(one, tmp_path / "out")
    before = everything(tmp_path / "out")
    with pytest.raises(UsageError, match="was imported before"):
        write_labs([made_of(one)], tmp_path / "out")
    assert everything(tmp_path / "out") == before


def test_replacing_keeps_the_place_and_what_people_added(one, tmp_path):
    lab = imported(one, tmp_path / "out")
    lab.public.rename(lab.public.with_name("07-squares"))
    lab.private.rename(lab.private.with_name("07-squares"))
    private = tmp_path / "out" / "solutions" / "07-squares"
    added = private / "submissions" / "wrong__none" / "expected.toml"
    added.parent.mkdir(parents=True)
    added.write_text('loses = ["t"]')
    (private / "DESIGN.md").write_text("Goal.")
    (private / "test_hidden_a.py").write_text("")
    (written,) = write_labs([made_of(one)], tmp_path / "out", replaced=True)
    assert written.public.name == "07-squares"
    assert added.read_text() == 'loses = ["t"]'
    assert (private / "DESIGN.md").read_text() == "Goal."
    assert not (private / "test_hidden_a.py").exists()
    read_lab(written.public, written.private)


def test_where_one_lab_is_wrong_none_is_written(one, tmp_path):
    course(one, ps2={"a.ipynb": GOOD, "lab_toml": b""})
    good, other = made_of(one, "ps1"), made_of(one, "ps2")
    other.public["lab.toml"] = b"nonsense"
    with pytest.raises(LabError, match="the lab that was made of it is wrong") as caught:
        write_labs([good, other], tmp_path / "out")
    assert caught.value.where == "source/ps2"
    assert everything(tmp_path / "out") == {}


def test_where_nothing_can_be_written_it_is_told_and_nothing_is_left(one, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "solutions").write_text("a file in the way")
    with pytest.raises(UsageError, match="cannot be written"):
        write_labs([made_of(one)], tmp_path / "out")
    assert everything(tmp_path / "out") == {"solutions": b"a file in the way"}


def test_a_full_disk_leaves_the_old_lab(one, tmp_path, monkeypatch):
    imported(one, tmp_path / "out")
    before = everything(tmp_path / "out")

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder_of, "_put", full)
    with pytest.raises(UsageError, match="No space left"):
        write_labs([made_of(one)], tmp_path / "out", replaced=True)
    assert everything(tmp_path / "out") == before


def test_a_header_and_a_footer_are_part_of_every_notebook(one, tmp_path):
    (one / "source" / "header.ipynb").write_bytes(notebook(cell("top = 1")))
    (one / "source" / "footer.ipynb").write_bytes(notebook(cell("end = 1")))
    (one / "nbgrader_config.py").write_text(
        "c = get_config()\nc.IncludeHeaderFooter.header = 'source/header.ipynb'\n"
        "c.IncludeHeaderFooter.footer = 'source/footer.ipynb'\n"
    )
    made = read_folder(one, "ps1", read_settings(one)).notebooks["a.ipynb"]
    assert [each.source for each in made.cells] == [
        "top = 1",
        "def f(): ...",
        "assert f()",
        "end = 1",
    ]


def test_words_of_the_configuration_are_read_and_the_rest_is_left_alone(one):
    (one / "nbgrader_config.py").write_text(
        "import os\nc = get_config()\nos.remove(__file__)\nc.Exchange.root = os.getcwd()\n"
        "c.ClearSolutions.code_stub = {'python': '...', 'R': 'stop()'}\n"
        "c.ClearSolutions.text_stub = 'Write here.'\n"
        "c.ClearHiddenTests.begin_test_delimeter = 'HIDE'\n"
        "c.ClearHiddenTests.end_test_delimeter = 'SHOW'\nc.x = 1\na.b.c.d = 2\n"
    )
    assert read_settings(one).marks == Marks(
        hidden=("HIDE", "SHOW"), code_stub="...", text_stub="Write here."
    )
    assert (one / "nbgrader_config.py").exists()


def test_without_a_configuration_all_is_as_nbgrader_has_it(one):
    assert read_settings(one).marks == Marks()


def test_tests_that_nbgrader_wrote_are_taken(one, tmp_path):
    wanted = notebook(cell("def f(): ...", "answer", "f"), cell("### AUTOTEST f()", "test", "t", 1))
    (one / "source" / "ps1" / "a.ipynb").write_bytes(wanted)
    with pytest.raises(LabError, match="source_with_tests"):
        made_of(one)
    (one / "source_with_tests" / "ps1").mkdir(parents=True)
    (one / "source_with_tests" / "ps1" / "a.ipynb").write_bytes(GOOD)
    assert [row.cell for row in made_of(one).rows] == ["t"]


def no_source(root):
    shutil.rmtree(root / "source")


def no_notebooks(root):
    (root / "source" / "ps1" / "a.ipynb").unlink()


def no_header(root):
    (root / "nbgrader_config.py").write_text("c.IncludeHeaderFooter.header = 'none.ipynb'")


def no_python(root):
    (root / "nbgrader_config.py").write_text("c = get_config(\n")


WRONG = {
    "no source": (no_source, "this is no nbgrader course"),
    "no notebooks": (no_notebooks, "nothing to import"),
    "no header": (no_header, "cannot be read"),
    "a configuration that is none": (no_python, "not Python"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_folder_that_is_no_course_is_refused(one, case):
    spoil, said = WRONG[case]
    spoil(one)
    with pytest.raises(UsageError, match=said):
        made_of(one)


def test_a_name_that_is_not_there_is_told_with_those_that_are(one):
    with pytest.raises(UsageError) as caught:
        read_folder(one, "ps9", read_settings(one))
    assert "Folders with notebooks are: ps1." in str(caught.value)


def test_a_link_in_the_course_is_refused(one):
    (one / "source" / "ps1" / "link").symlink_to("/etc/hostname")
    with pytest.raises(LabError, match="links are not allowed"):
        made_of(one)


def test_a_notebook_of_100_mb_is_refused_without_being_read(one):
    with (one / "source" / "ps1" / "big.ipynb").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    with pytest.raises(LabError, match="100 MB; 16 MB are the limit"):
        made_of(one)
