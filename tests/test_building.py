"""Starters are written from their source: only when they differ, whole, and nothing else."""

from pathlib import PurePosixPath

import pytest

from grader import building
from grader.building import Source, build, build_folder, starters
from grader.errors import LabError, MarkerError
from grader.lab import Submit
from grader.lab_reader import read_lab
from grader.layout import not_junk
from grader.scaffold import new

SUBMIT = Submit(required=("a.py",), optional=("notes.md", "b.py"), modules=("a",))
MARKED = "def f():\n    ### BEGIN SOLUTION\n    return 42\n    ### END SOLUTION\n"
STARTER = 'def f():\n    raise NotImplementedError("This part is yours to write.")\n'


@pytest.fixture
def place(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "labs").mkdir()
    (tmp_path / "source" / "a.py").write_text(MARKED)
    return tmp_path


def source(place, **options):
    return Source(folder=place / "source", submit=SUBMIT, **options)


def run(place, *, check=False, **options):
    return build_folder(source(place, **options), place / "labs", check=check)


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_starter_is_created(place):
    (change,) = run(place)
    assert (change.path, change.what) == (place / "labs" / "a.py", "created")
    assert (place / "labs" / "a.py").read_text() == STARTER


def test_a_starter_that_is_up_to_date_is_not_touched(place):
    run(place)
    before = (place / "labs" / "a.py").stat()
    assert run(place) == []
    after = (place / "labs" / "a.py").stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


def test_a_starter_that_differs_is_replaced(place):
    (place / "labs" / "a.py").write_text("old\n")
    assert [change.what for change in run(place)] == ["updated"]
    assert (place / "labs" / "a.py").read_text() == STARTER


def test_check_writes_nothing_and_shows_the_difference(place):
    (place / "labs" / "a.py").write_text("def f():\n    return 41\n")
    (change,) = run(place, check=True)
    assert contents(place / "labs") == {"a.py": b"def f():\n    return 41\n"}
    assert "-    return 41\n" in change.diff
    assert "+    raise NotImplementedError" in change.diff
    assert "labs/a.py (built from its source)" in change.diff


def test_check_never_shows_the_solution(place):
    (change,) = run(place, check=True)
    assert "42" not in change.diff


def test_check_of_what_is_up_to_date_finds_nothing(place):
    run(place)
    assert run(place, check=True) == []


def test_what_a_killed_build_left_is_no_content_and_goes_with_the_next_one(place):
    run(place)
    left = place / "labs" / ".a.py.part"
    left.write_text("half a star")

    assert not not_junk(PurePosixPath(left.name))
    run(place)
    assert not left.exists()


def test_other_files_of_the_lab_are_left_alone(place):
    (place / "labs" / "README.md").write_text("mine\n")
    (place / "labs" / "data").mkdir()
    (place / "labs" / "data" / "x.csv").write_text("1\n")
    run(place)
    made = contents(place / "labs")
    assert set(made) == {"a.py", "README.md", "data/x.csv"}
    assert made["README.md"] == b"mine\n"


def test_files_below_folders_are_built_in_place(place):
    (place / "source" / "a").mkdir()
    (place / "source" / "a" / "x.py").write_text(MARKED)
    run(place)
    assert (place / "labs" / "a" / "x.py").read_text() == STARTER


def test_a_source_without_markers_is_refused(place):
    (place / "source" / "b.py").write_text("SECRET = 42\n")
    with pytest.raises(MarkerError, match="no solution markers") as caught:
        run(place)
    assert caught.value.where.endswith("source/b.py")
    assert "given" in caught.value.advice
    assert contents(place / "labs") == {}


def test_a_given_file_is_copied_unchanged(place):
    (place / "source" / "b.py").write_bytes(b"GIVEN = 1\r\n")
    run(place, given=("b.py",))
    assert (place / "labs" / "b.py").read_bytes() == b"GIVEN = 1\r\n"


def test_a_given_file_need_not_be_text(place):
    (place / "source" / "model.bin").write_bytes(b"\xff\x00")
    run(place, given=("model.bin",))
    (place / "labs" / "model.bin").write_bytes(b"\xfe")
    (change,) = run(place, given=("model.bin",), check=True)
    assert "no text" in change.diff


def test_a_given_file_with_markers_is_refused(place):
    with pytest.raises(MarkerError, match="yet it has solution markers"):
        run(place, given=("a.py",))


def test_a_withheld_file_never_leaves_the_source(place):
    (place / "source" / "notes.md").write_text("the answer\n")
    run(place, withheld=("notes.md",))
    assert set(contents(place / "labs")) == {"a.py"}


@pytest.mark.parametrize("key", ["given", "withheld"])
def test_a_declared_file_must_be_there(place, key):
    with pytest.raises(LabError, match=r"names 'gone\.py'"):
        run(place, **{key: ("gone.py",)})


def test_a_mistake_in_one_file_stops_before_any_is_written(place):
    (place / "source" / "b.py").write_text("def f():\n    ## BEGIN SOLUTION\n    return 1\n")
    with pytest.raises(MarkerError) as caught:
        run(place)
    assert caught.value.where.endswith("source/b.py:2")
    assert contents(place / "labs") == {}


def test_a_misspelt_marker_in_a_given_file_stops_too(place):
    (place / "source" / "b.py").write_text("## BEGIN SOLUTION\n")
    with pytest.raises(MarkerError):
        run(place, given=("b.py",))


def test_a_source_that_is_no_text_is_refused_with_its_line(place):
    (place / "source" / "b.py").write_bytes(b"x = 1\ny = '\xff'\n")
    with pytest.raises(MarkerError, match="UTF-8") as caught:
        run(place)
    assert caught.value.where.endswith("b.py:2")


@pytest.mark.parametrize("path", ["lab.toml", "README.md", "test_public.py", "data/x.py"])
def test_what_is_written_by_hand_is_never_overwritten(place, path):
    (place / "source" / "data").mkdir()
    (place / "source" / path).write_text(MARKED)
    with pytest.raises(LabError, match="written by hand"):
        run(place)


def test_a_starter_that_nobody_hands_in_is_refused(place):
    (place / "source" / "other.py").write_text(MARKED)
    with pytest.raises(LabError, match="do not hand it in"):
        run(place)


def test_a_link_in_the_place_of_a_starter_is_not_followed(place):
    (place / "elsewhere.py").write_text("mine\n")
    (place / "labs" / "a.py").symlink_to(place / "elsewhere.py")
    with pytest.raises(LabError, match="no regular file"):
        run(place)
    assert (place / "elsewhere.py").read_text() == "mine\n"


def test_the_executable_bit_is_kept(place):
    (place / "source" / "a.py").chmod(0o755)
    run(place)
    assert (place / "labs" / "a.py").stat().st_mode & 0o777 == 0o755
    (place / "source" / "a.py").chmod(0o644)
    (change,) = run(place)
    assert "executable bit" in change.diff
    assert (place / "labs" / "a.py").stat().st_mode & 0o777 == 0o644


def test_a_write_that_fails_leaves_the_old_starter_and_no_rubbish(place, monkeypatch):
    (place / "labs" / "a.py").write_text("old\n")

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(building.Path, "replace", full)
    with pytest.raises(LabError, match="No space left"):
        run(place)
    assert contents(place / "labs") == {"a.py": b"old\n"}


def test_starters_are_made_without_writing(place):
    assert starters(source(place)) == {"a.py": STARTER.encode()}
    assert contents(place / "labs") == {}


def test_a_whole_lab_is_built_from_its_folder(tmp_path):
    new(tmp_path, "12-columns")
    lab = read_lab(tmp_path / "labs" / "12-columns", tmp_path / "solutions" / "12-columns")
    assert build(lab, check=True) == []
    (lab.public / "column.py").unlink()
    assert [change.what for change in build(lab)] == ["created"]
    assert build(lab, check=True) == []


def test_what_lab_toml_declares_is_heeded(tmp_path):
    new(tmp_path, "12-columns")
    public, private = tmp_path / "labs" / "12-columns", tmp_path / "solutions" / "12-columns"
    (private / "source" / "notes.md").write_text("the answer\n")
    (private / "source" / "plumbing.py").write_text("X = 1\n")
    manifest = (public / "lab.toml").read_text()
    table = '\n[build]\ngiven = ["plumbing.py"]\nwithheld = ["notes.md"]\n'
    (public / "lab.toml").write_text(manifest + table)
    build(read_lab(public, private))
    assert (public / "plumbing.py").read_text() == "X = 1\n"
    assert not (public / "notes.md").exists()
