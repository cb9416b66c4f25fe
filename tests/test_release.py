"""Copies for students: whole or not at all, the same again, never among the course's files."""

import stat
import zipfile

import pytest

from grader import release
from grader.building import build
from grader.errors import LabError, UsageError
from grader.lab_reader import read_lab
from grader.release import Handout, What, copy_of, lab_files, refuse_place, write
from grader.scaffold import new

SLUG = "07-columns"
DATA = {"data/n.csv": b"mine\n"}


@pytest.fixture
def course(tmp_path):
    root = tmp_path / "course"
    new(root, SLUG, "How full is a column?")
    public = root / "labs" / SLUG
    (public / "data").mkdir()
    (public / "data" / "n.csv").write_text("everybody's\n")
    (public / ".github").mkdir()
    (public / ".github" / "ml.yml").write_text("on: push\n")
    (public / "run.sh").write_text("echo\n")
    (public / "run.sh").chmod(0o755)
    return root


@pytest.fixture
def folder(course):
    return read_lab(course / "labs" / SLUG, course / "solutions" / SLUG)


@pytest.fixture
def files(folder):
    return copy_of(lab_files(folder), "ada", DATA)


def contents(place):
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in sorted(place.rglob("*"))
        if path.is_file()
    }


def test_a_copy_holds_what_students_receive_and_their_own_data(folder, files):
    assert set(files) == {
        *(".github/ml.yml", "README.md", "column.py", "conftest.py", "data/n.csv"),
        *("lab.toml", "run.sh", "test_public.py"),
    }
    assert files["data/n.csv"] == b"mine\n"
    assert files["lab.toml"] == (folder.public / "lab.toml").read_bytes()
    title, blank, note = files["README.md"].decode().splitlines()[:3]
    assert title == (folder.public / "README.md").read_text().splitlines()[0]
    assert blank == ""
    assert "This copy is for ada." in note


def test_a_lab_without_own_data_is_copied_as_it_is(folder):
    assert copy_of(lab_files(folder), "ada", {}) == lab_files(folder)


def test_leftovers_are_not_handed_out(folder):
    (folder.public / f"{SLUG}.zip").write_bytes(b"a hand-in")
    (folder.public / "__pycache__").mkdir()
    (folder.public / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert not {f"{SLUG}.zip", "__pycache__/x.pyc"} & set(lab_files(folder))


def test_an_old_starter_is_not_handed_out(folder):
    (folder.public / "column.py").write_text("old\n")
    with pytest.raises(LabError, match="starter") as caught:
        lab_files(folder)
    assert caught.value.advice == f"Run: grader build {SLUG}"
    build(folder)
    assert lab_files(folder)


def test_a_folder_is_written_whole_with_its_executable_files(tmp_path, folder, files):
    copy = write(Handout(folder=tmp_path / "out"), folder, "ada", files)
    assert (copy.path, copy.what) == (tmp_path / "out" / "ada" / SLUG, What.CREATED)
    assert contents(copy.path) == files
    assert (copy.path / "run.sh").stat().st_mode & stat.S_IXUSR
    assert not (copy.path / "column.py").stat().st_mode & stat.S_IXUSR
    assert [path.name for path in copy.path.parent.iterdir()] == [SLUG]


def test_a_zip_holds_the_folder_and_its_bytes_depend_on_nothing_else(tmp_path, folder, files):
    one, other = (
        write(Handout(folder=tmp_path / name, as_zip=True), folder, "ada", files).path
        for name in ("one", "other")
    )
    assert one == tmp_path / "one" / "ada" / f"{SLUG}.zip"
    assert one.read_bytes() == other.read_bytes()
    with zipfile.ZipFile(one) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            f"{SLUG}/{path}": content for path, content in files.items()
        }


@pytest.mark.parametrize("as_zip", [False, True])
def test_a_second_release_touches_nothing(tmp_path, folder, files, as_zip):
    handout = Handout(folder=tmp_path / "out", as_zip=as_zip)
    path = write(handout, folder, "ada", files).path
    before = path.stat()
    assert write(handout, folder, "ada", files).what is What.UNCHANGED
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


@pytest.mark.parametrize("as_zip", [False, True])
def test_a_copy_that_differs_is_left_unless_it_may_be_replaced(tmp_path, folder, files, as_zip):
    handout = Handout(folder=tmp_path / "out", as_zip=as_zip)
    path = write(handout, folder, "ada", files | {"column.py": b"hours of work\n"}).path
    before = path.read_bytes() if as_zip else contents(path)
    assert write(handout, folder, "ada", files).what is What.LEFT
    assert (path.read_bytes() if as_zip else contents(path)) == before
    anew = Handout(folder=handout.folder, as_zip=as_zip, replace=True)
    assert write(anew, folder, "ada", files).what is What.REPLACED
    assert write(anew, folder, "ada", files).what is What.UNCHANGED
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_link_in_a_copy_is_somebodys_and_not_followed(tmp_path, folder, files):
    handout = Handout(folder=tmp_path / "out")
    path = write(handout, folder, "ada", files).path
    (path / "column.py").unlink()
    (path / "column.py").symlink_to(folder.public / "column.py")
    assert write(handout, folder, "ada", files).what is What.LEFT


class KilledError(BaseException):
    """Stands for an end in the middle."""


@pytest.mark.parametrize("as_zip", [False, True])
@pytest.mark.parametrize("number", range(1, 9))
def test_whenever_it_ends_a_copy_is_whole_or_not_there(
    tmp_path, folder, files, monkeypatch, number, as_zip
):
    handout = Handout(folder=tmp_path / "out", as_zip=as_zip)
    count = 0

    def killed(path, content, mode=0o644):
        nonlocal count
        count += 1
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content[:3])
        if count == number or as_zip:
            raise KilledError
        path.write_bytes(content)

    with monkeypatch.context() as patch:
        patch.setattr(release, "_write", killed)
        patch.setattr(release, "_mend", lambda _target: None)  # a killed process mends nothing
        with pytest.raises(KilledError):
            write(handout, folder, "ada", files)
    target = tmp_path / "out" / "ada" / (f"{SLUG}.zip" if as_zip else SLUG)
    assert not target.exists()
    assert write(handout, folder, "ada", files).what is What.CREATED
    assert [each.name for each in target.parent.iterdir()] == [target.name]


def test_an_end_between_old_and_new_brings_the_old_copy_back(tmp_path, folder, files):
    handout = Handout(folder=tmp_path / "out", replace=True)
    path = write(handout, folder, "ada", files | {"column.py": b"old\n"}).path
    path.rename(path.with_name(f".{SLUG}.old"))
    assert write(Handout(folder=handout.folder), folder, "ada", files).what is What.LEFT
    assert (path / "column.py").read_bytes() == b"old\n"
    assert [each.name for each in path.parent.iterdir()] == [SLUG]


def test_a_full_disk_is_told_and_leaves_the_old_copy(tmp_path, folder, files, monkeypatch):
    handout = Handout(folder=tmp_path / "out", replace=True)
    path = write(handout, folder, "ada", files | {"column.py": b"old\n"}).path

    def full(*_words):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(release, "_write", full)
    with pytest.raises(UsageError, match="No space left") as caught:
        write(handout, folder, "ada", files)
    assert "same command again" in caught.value.advice
    assert (path / "column.py").read_bytes() == b"old\n"
    assert [each.name for each in path.parent.iterdir()] == [SLUG]


def test_a_file_where_a_folder_should_be_is_told(tmp_path, folder, files):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UsageError, match="cannot be written"):
        write(Handout(folder=tmp_path / "out"), folder, "ada", files)


@pytest.mark.parametrize(
    "place", ["labs", f"labs/{SLUG}", "solutions/x", "course", "labs/../labs/y"]
)
def test_no_copy_goes_among_the_courses_own_files(course, place):
    with pytest.raises(UsageError, match="own folder") as caught:
        refuse_place(Handout(folder=course / place), course, ["ada"])
    assert "--out" in caught.value.advice


def test_a_student_called_labs_changes_nothing_about_that(course, tmp_path):
    with pytest.raises(UsageError, match="own folder labs/"):
        refuse_place(Handout(folder=course), course, ["ada", "labs"])
    refuse_place(Handout(folder=course), course, ["ada"])
    refuse_place(Handout(folder=tmp_path / "labs"), course, ["labs"])


def test_a_link_into_the_course_is_seen_through(course, tmp_path):
    (tmp_path / "out").symlink_to(course / "labs")
    with pytest.raises(UsageError, match="own folder labs/"):
        refuse_place(Handout(folder=tmp_path / "out"), course, ["ada"])
