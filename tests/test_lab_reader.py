"""One lab is read whole, or refused before anybody is graded by it."""

import json
from dataclasses import replace

import pytest

from grader.building import build
from grader.errors import LabError, ManifestError
from grader.lab import Visibility
from grader.lab_reader import _submit, digest_of, read_lab
from grader.scaffold import new

SLUG = "12-columns"


@pytest.fixture
def course(tmp_path):
    new(tmp_path, SLUG)
    return tmp_path


def read(course, **options):
    return read_lab(course / "labs" / SLUG, course / "solutions" / SLUG, **options)


def change(place, old, new_text):
    text = place.read_text()
    assert old in text
    place.write_text(text.replace(old, new_text))


def test_a_new_lab_is_read_whole(course):
    lab = read(course).lab
    assert [(check.id, check.points, check.visibility) for check in lab.checks] == [
        ("none_is_missing", 40, Visibility.PUBLIC),
        ("blank_text_is_missing", 40, Visibility.HIDDEN),
        ("empty_column_is_refused", 20, Visibility.HIDDEN),
    ]
    assert lab.out_of == 100
    assert [path for path, _ in lab.trusted_files] == [
        "conftest.py",
        "hidden/conftest.py",
        "hidden/test_hidden.py",
        "test_public.py",
    ]
    assert lab.worker_files == ()


def test_public_data_lies_beside_tests_and_beside_the_student(course):
    (course / "labs" / SLUG / "data").mkdir()
    (course / "labs" / SLUG / "data" / "sales.csv").write_bytes(b"\xff\x00")
    lab = read(course).lab
    assert dict(lab.worker_files) == {"data/sales.csv": b"\xff\x00"}
    assert dict(lab.trusted_files)["data/sales.csv"] == b"\xff\x00"


def test_an_included_folder_lies_beside_the_hidden_tests(course):
    (course / "solutions" / "kopi").mkdir()
    (course / "solutions" / "kopi" / "__init__.py").write_text("X = 1\n")
    manifest = course / "labs" / SLUG / "lab.toml"
    manifest.write_text(manifest.read_text() + '\n[private]\ninclude = ["kopi"]\n')
    assert dict(read(course).lab.trusted_files)["hidden/kopi/__init__.py"] == b"X = 1\n"


def test_an_included_folder_must_be_there(course):
    manifest = course / "labs" / SLUG / "lab.toml"
    manifest.write_text(manifest.read_text() + '\n[private]\ninclude = ["kopi"]\n')
    with pytest.raises(ManifestError, match="no folder solutions/kopi"):
        read(course)


def with_generator(course, *, module="maker", data=True):
    if data:
        (course / "labs" / SLUG / "data").mkdir()
        (course / "labs" / SLUG / "data" / "sales.csv").write_text("units\n5\n")
    (course / "solutions" / SLUG / "maker.py").write_text("def extract(lab, seed): ...\n")
    manifest = course / "labs" / SLUG / "lab.toml"
    manifest.write_text(manifest.read_text() + f'\n[private]\ndata = "{module}"\n')


def test_a_generator_is_found_and_is_part_of_the_digest(course):
    without = read(course).lab
    with_generator(course)
    lab = read(course).lab
    assert (without.data_from, lab.data_from, lab.variant) == ("", "maker", None)
    assert digest_of(lab) == lab.digest != digest_of(replace(lab, data_from=""))


def test_a_students_copy_knows_no_generator(course):
    with_generator(course)
    assert read_lab(course / "labs" / SLUG, None, public_only=True).lab.data_from == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"module": "kopi.extracts"}, "no module 'kopi.extracts'"),
        ({"data": False}, "no folder data/"),
    ],
)
def test_a_generator_that_cannot_be_is_refused_with_its_place(course, options, said):
    with_generator(course, **options)
    with pytest.raises(ManifestError, match=said) as caught:
        read(course)
    assert caught.value.where == f"labs/{SLUG}/lab.toml: private.data"


def test_a_check_whose_test_is_gone_is_refused_with_both_lists(course):
    change(course / "solutions" / SLUG / "test_hidden.py", "def test_empty_", "def test_hollow_")
    with pytest.raises(ManifestError) as caught:
        read(course)
    assert "empty_column_is_refused" in caught.value.message
    assert "hollow_column_is_refused (hidden/test_hidden.py:" in caught.value.message
    assert caught.value.where == f"labs/{SLUG}/lab.toml"


def test_a_test_that_is_defined_twice_is_refused(course):
    hidden = course / "solutions" / SLUG / "test_hidden.py"
    hidden.write_text(hidden.read_text() + "\n\ndef test_empty_column_is_refused():\n    pass\n")
    with pytest.raises(LabError, match="defined twice") as caught:
        read(course)
    assert caught.value.where == f"solutions/{SLUG}/test_hidden.py"


def test_a_test_file_that_is_no_python_is_refused(course):
    (course / "solutions" / SLUG / "test_hidden.py").write_text("def test_(:\n")
    with pytest.raises(LabError, match="not Python") as caught:
        read(course)
    assert caught.value.where == f"solutions/{SLUG}/test_hidden.py:1"


def test_tests_are_read_and_never_imported(course):
    hidden = course / "solutions" / SLUG / "test_hidden.py"
    hidden.write_text("raise SystemExit(9)\n" + hidden.read_text())
    assert len(read(course).lab.checks) == 3


@pytest.mark.parametrize("key", ["schema", "title"])
def test_a_lab_of_the_course_needs_its_first_keys(course, key):
    manifest = course / "labs" / SLUG / "lab.toml"
    lines = [line for line in manifest.read_text().splitlines() if not line.startswith(key)]
    manifest.write_text("\n".join(lines))
    with pytest.raises(ManifestError, match="needs this key") as caught:
        read(course)
    assert caught.value.where == f"labs/{SLUG}/lab.toml: {key}"


@pytest.mark.parametrize(
    ("files", "required"),
    [
        (["shop.py"], ("shop.py",)),
        (["shop/__init__.py", "shop/till.py"], ("shop/__init__.py",)),
        ([], ("shop.py",)),
    ],
)
def test_what_is_required_follows_from_the_modules(tmp_path, files, required):
    (tmp_path / "lab.toml").write_text('[submit]\nmodules = ["shop"]\n')
    (tmp_path / "test_it.py").write_text("def test_a(): ...\n")
    for file in files:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text("")
    assert read_lab(tmp_path, None).lab.submit.required == required


def test_a_path_lab_cannot_include_a_folder_of_solutions(tmp_path):
    (tmp_path / "lab.toml").write_text(
        '[submit]\nmodules = ["shop"]\n[private]\ninclude = ["kopi"]\n'
    )
    (tmp_path / "test_it.py").write_text("def test_a(): ...\n")
    with pytest.raises(ManifestError, match="only a lab with a folder in solutions/"):
        read_lab(tmp_path, None)


def test_a_lab_without_any_test_is_refused(tmp_path):
    (tmp_path / "lab.toml").write_text('[submit]\nmodules = ["shop"]\n')
    with pytest.raises(ManifestError, match="no test function"):
        read_lab(tmp_path, None)


def test_given_files_go_to_both_sides(tmp_path):
    (tmp_path / "lab.toml").write_text(
        '[submit]\nmodules = ["a"]\n[build]\ngiven = ["plumbing.py"]\n'
    )
    (tmp_path / "plumbing.py").write_text("")
    (tmp_path / "test_it.py").write_text("def test_a(): ...\n")
    lab = read_lab(tmp_path, None).lab
    assert [path for path, _ in lab.worker_files] == ["plumbing.py"]
    assert "plumbing.py" in dict(lab.trusted_files)


def test_reading_twice_gives_the_same_digest(course):
    assert read(course).lab.digest == read(course).lab.digest


MARKS = [
    ("labs/{}/lab.toml", "points = 20", "points = 30"),
    ("labs/{}/lab.toml", "[[check]]", "[limits]\ncall_s = 3\n\n[[check]]"),
    ("labs/{}/lab.toml", "[[check]]", '[image]\npreload = ["json"]\n\n[[check]]'),
    ("labs/{}/lab.toml", "[submit]", "remote_operators = true\n[submit]"),
    ("labs/{}/lab.toml", 'optional = ["notes.md"]', "optional = []"),
    ("labs/{}/lab.toml", "task = 2", 'needs = ["none_is_missing"]'),
    ("labs/{}/test_public.py", "rows=50", "rows=60"),
    ("labs/{}/conftest.py", "* 100", "* 200"),
    ("solutions/{}/test_hidden.py", "rows=40", "rows=41"),
    ("solutions/{}/conftest.py", "rng.random()", "rng.random() + 1"),
]


@pytest.mark.parametrize(("file", "old", "new_text"), MARKS)
def test_what_can_change_a_mark_changes_the_digest(course, file, old, new_text):
    before = read(course).lab.digest
    place = course / file.format(SLUG)
    text = place.read_text()
    assert old in text
    place.write_text(text.replace(old, new_text, 1))
    assert read(course).lab.digest != before


WORDS = [
    ("labs/{}/lab.toml", "minutes = 30", "minutes = 40"),
    ("labs/{}/lab.toml", "A zero is a value", "Zero is a value"),
    ("labs/{}/lab.toml", "task = 2", "task = 3"),
    ("labs/{}/lab.toml", "task = 2", 'learn = "development/x.md#y"'),
    ("labs/{}/lab.toml", "[submit]", "[floors]\nstarter_max = 1\n[submit]"),
    ("labs/{}/README.md", "The story", "A story"),
    ("labs/{}/column.py", "yours to write", "yours"),
    ("solutions/{}/DESIGN.md", "Goal", "Aim"),
    ("solutions/{}/source/column.py", "texts", "words"),
]


@pytest.mark.parametrize(("file", "old", "new_text"), WORDS)
def test_words_alone_do_not_change_the_digest(course, file, old, new_text):
    before = read(course).lab.digest
    change(course / file.format(SLUG), old, new_text)
    assert read(course).lab.digest == before


NOTEBOOK = '[submit.notebooks]\ncolumn = "column.ipynb"\n\n[[check]]'


@pytest.fixture
def in_cells(course):
    """A lab whose module may be a notebook, its starters built."""
    source = course / "solutions" / SLUG / "source" / "column.py"
    change(source, "def share_present", "# %% share-present\ndef share_present")
    manifest = course / "labs" / SLUG / "lab.toml"
    manifest.write_text(manifest.read_text().replace("[[check]]", NOTEBOOK, 1))
    build(read(course))
    return course


def test_the_record_of_the_starters_is_read(in_cells):
    lab = read(in_cells).lab
    assert lab.submit.notebooks == (("column", "column.ipynb"),)
    assert [path for path, _ in lab.submit.starters] == [
        "column.ipynb",
        "column.ipynb#cells",
        "column.py",
    ]
    assert "starter.toml" not in dict(lab.trusted_files) | dict(lab.worker_files)
    assert "column.ipynb" not in dict(lab.trusted_files)


def test_a_student_s_own_copy_knows_how_the_starters_looked(in_cells):
    (in_cells / "labs" / SLUG / "column.py").write_text("mine = 1\n")
    theirs = read(in_cells, public_only=True).lab.submit.starters
    assert theirs == read(in_cells).lab.submit.starters


def test_a_notebook_is_part_of_the_digest_and_its_absence_is_not(in_cells):
    lab = read(in_cells).lab
    bare = replace(lab, submit=replace(lab.submit, notebooks=(), starters=()))
    known = replace(lab, submit=replace(lab.submit, starters=()))
    assert len({digest_of(lab), digest_of(bare), digest_of(known)}) == 3
    assert '"notebooks"' not in json.dumps(_submit(bare.submit))


def test_starter_and_reference_as_notebooks(in_cells):
    folder = read(in_cells)
    assert sorted(folder.starter().as_dict()) == ["column.ipynb", "column.py"]
    assert list(folder.starter_as_notebook().as_dict()) == ["column.ipynb"]
    assert list(folder.reference_as_notebook().as_dict()) == ["column.ipynb"]
    (in_cells / "labs" / SLUG / "column.ipynb").unlink()
    with pytest.raises(LabError, match="the starter is missing"):
        folder.starter()


def test_a_lab_without_notebooks_has_neither(course):
    folder = read(course)
    assert (folder.starter_as_notebook(), folder.reference_as_notebook()) == (None, None)
