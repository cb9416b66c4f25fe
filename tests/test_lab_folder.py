"""The reference, the starter and the example submissions of a lab."""

import pytest

from grader.errors import LabError, ManifestError
from grader.lab_reader import read_lab
from grader.scaffold import new

SLUG = "12-columns"


@pytest.fixture
def course(tmp_path):
    new(tmp_path, SLUG)
    return tmp_path


@pytest.fixture
def private(course):
    return course / "solutions" / SLUG


def read(course, **options):
    return read_lab(course / "labs" / SLUG, course / "solutions" / SLUG, **options)


def test_the_reference_is_the_source(course, private):
    files = read(course).reference().as_dict()
    assert files == {"column.py": (private / "source" / "column.py").read_bytes()}


def test_files_whose_names_begin_with_a_dot_can_be_handed_in(course, private):
    workflow = private / "source" / ".github" / "workflows" / "ml.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text("on: push\n")
    assert ".github/workflows/ml.yml" in read(course).reference().as_dict()


def test_the_starter_is_what_the_public_folder_holds(course):
    public = course / "labs" / SLUG
    (public / "notes.md").write_text("My notes\n")
    starter = read(course).starter().as_dict()
    assert set(starter) == {"column.py", "notes.md"}
    assert b"raise NotImplementedError" in starter["column.py"]


def test_a_starter_that_was_not_built_is_named_with_the_command(course):
    (course / "labs" / SLUG / "column.py").unlink()
    with pytest.raises(LabError, match="starter is missing") as caught:
        read(course).starter()
    assert caught.value.where == f"labs/{SLUG}/column.py"
    assert f"grader build {SLUG}" in caught.value.advice


def test_a_withheld_file_is_no_part_of_the_starter(course, private):
    (private / "source" / "notes.md").write_text("why\n")
    manifest = course / "labs" / SLUG / "lab.toml"
    manifest.write_text(manifest.read_text() + '\n[build]\nwithheld = ["notes.md"]\n')
    assert set(read(course).starter().as_dict()) == {"column.py"}


def test_examples_are_overlays_on_the_reference(course, private):
    (private / "source" / "notes.md").write_text("why\n")
    examples = {example.name: example for example in read(course).examples()}
    assert list(examples) == sorted(examples)
    wrong = examples["wrong__only_none"]
    assert (wrong.kind, wrong.expected.loses) == ("wrong", ("blank_text_is_missing",))
    files = wrong.bundle.as_dict()
    assert set(files) == {"column.py", "notes.md"}
    assert (
        files["column.py"]
        == (private / "submissions" / "wrong__only_none" / "column.py").read_bytes()
    )


def test_an_example_may_lack_a_file_of_the_reference(course, private):
    place = private / "submissions" / "wrong__nothing"
    place.mkdir()
    (place / "expected.toml").write_text(
        'why = "forgot it"\nverdict = "ungradable"\nremoves = ["column.py"]\n'
    )
    (example,) = [e for e in read(course).examples() if e.name == "wrong__nothing"]
    assert example.bundle.files == ()


def test_only_what_is_there_can_be_removed(course, private):
    expected = private / "submissions" / "right__loop" / "expected.toml"
    expected.write_text('why = "x"\nremoves = ["colum.py"]\n')
    with pytest.raises(LabError, match=r"removes 'colum\.py'") as caught:
        read(course).examples()
    assert caught.value.advice == "Did you mean 'column.py'?"


@pytest.mark.parametrize("name", ["maybe__x", "right_x", "Wrong__x", "wrong__X", "right__"])
def test_the_name_of_an_example_must_say_how_it_ends(course, private, name):
    (private / "submissions" / name).mkdir()
    with pytest.raises(LabError, match="says how it ends") as caught:
        read(course).examples()
    assert caught.value.where == f"solutions/{SLUG}/submissions/{name}"


def test_an_example_without_an_expectation_is_refused(course, private):
    (private / "submissions" / "right__loop" / "expected.toml").unlink()
    with pytest.raises(LabError, match=r"no expected\.toml"):
        read(course).examples()


@pytest.mark.parametrize(
    "text",
    [
        'why = "x"\nloses = ["only_none"]\n',
        'why = "x"\nloses = ["none_is_missing"]\nstatus = {none_is_missin = "failed"}\n',
    ],
)
def test_an_expectation_about_an_unknown_check_is_refused(course, private, text):
    (private / "submissions" / "wrong__only_none" / "expected.toml").write_text(text)
    with pytest.raises(ManifestError) as caught:
        read(course).examples()
    assert caught.value.where.startswith(
        f"solutions/{SLUG}/submissions/wrong__only_none/expected.toml"
    )


def test_a_lab_without_examples_has_none(course, private):
    (private / "submissions").rename(private.parent / "elsewhere")
    assert read(course).examples() == ()


def test_a_students_copy_has_no_reference_and_no_examples(course):
    copy = read(course, public_only=True)
    assert copy.examples() == ()
    assert copy.hidden() == ()
    with pytest.raises(LabError, match="no reference solution"):
        copy.reference()


def test_the_code_of_the_trusted_side_is_named(course, private):
    assert read(course).hidden() == (private / "conftest.py", private / "test_hidden.py")


def test_a_path_lab_names_its_hidden_tests(tmp_path):
    (tmp_path / "lab.toml").write_text('[submit]\nmodules = ["shop"]\n')
    (tmp_path / "test_public.py").write_text("def test_a(): ...\n")
    (tmp_path / "test_hidden.py").write_text("def test_b(): ...\n")
    assert read_lab(tmp_path, None).hidden() == (tmp_path / "test_hidden.py",)


def test_a_path_lab_may_bring_a_reference_and_examples(tmp_path):
    (tmp_path / "lab.toml").write_text('[submit]\nmodules = ["shop"]\n')
    (tmp_path / "test_public.py").write_text("def test_a(): ...\n")
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "shop.py").write_text("X = 1\n")
    place = tmp_path / "submissions" / "wrong__a"
    place.mkdir(parents=True)
    (place / "shop.py").write_text("X = 2\n")
    (place / "expected.toml").write_text('why = "x"\nloses = ["a"]\n')
    lab = read_lab(tmp_path, None)
    assert lab.reference().as_dict() == {"shop.py": b"X = 1\n"}
    assert [example.bundle.as_dict() for example in lab.examples()] == [{"shop.py": b"X = 2\n"}]
    assert [path for path, _ in lab.lab.trusted_files] == ["test_public.py"]
