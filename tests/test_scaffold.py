"""A new lab is small, complete and works as it stands."""

import contextlib
import subprocess
import sys
import tomllib
from datetime import UTC, datetime

import pytest

from grader.building import build
from grader.errors import LabError, UsageError
from grader.grading import grade
from grader.library import Library
from grader.outcome import Status
from grader.sandbox.pool import Pool
from grader.sandbox.process import ProcessSandbox
from grader.scaffold import new
from grader.submission import Submission

SLUG = "12-columns"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def lab(tmp_path):
    new(tmp_path, SLUG, "How full is a column?")
    return Library(tmp_path).load(SLUG)


def test_a_new_lab_has_all_that_a_lab_needs(tmp_path):
    files = {path.relative_to(tmp_path).as_posix() for path in new(tmp_path, SLUG)}
    assert {
        f"labs/{SLUG}/lab.toml",
        f"labs/{SLUG}/README.md",
        f"labs/{SLUG}/column.py",
        f"labs/{SLUG}/test_public.py",
        f"labs/{SLUG}/conftest.py",
        f"solutions/{SLUG}/source/column.py",
        f"solutions/{SLUG}/test_hidden.py",
        f"solutions/{SLUG}/conftest.py",
        f"solutions/{SLUG}/DESIGN.md",
    } <= files


def test_the_title_is_written_everywhere(lab):
    assert lab.lab.title == "How full is a column?"
    assert (lab.public / "README.md").read_text().startswith("# How full is a column?\n")


def test_without_a_title_the_words_of_the_slug_are_it(tmp_path):
    new(tmp_path, "12-model-cards")
    assert Library(tmp_path).load("12").lab.title == "Model cards"


@pytest.mark.parametrize("title", ['"', "\\", "Käse & <b>", "{{ x }}", "'''", "a\\u0000"])
def test_no_title_breaks_the_manifest(tmp_path, title):
    new(tmp_path, SLUG, title)
    text = (tmp_path / "labs" / SLUG / "lab.toml").read_text()
    assert tomllib.loads(text)["title"] == title


def test_the_points_add_up_to_a_hundred(lab):
    assert lab.lab.out_of == 100


def test_the_starter_is_up_to_date_and_withholds_the_solution(lab):
    assert build(lab, check=True) == []
    assert b"strip()" in lab.reference().as_dict()["column.py"]
    assert b"strip()" not in lab.starter().as_dict()["column.py"]


def test_there_is_an_example_of_each_kind(lab):
    assert {example.kind for example in lab.examples()} == {"right", "wrong", "hostile"}


def test_every_check_has_a_wrong_submission_that_fails_it(lab):
    lost = {check for example in lab.examples() for check in example.expected.loses or ()}
    assert lost == {check.id for check in lab.lab.checks}


def test_the_design_has_its_fixed_headings(lab):
    text = (lab.private / "DESIGN.md").read_text()
    headings = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert headings == [
        "Goal",
        "Objectives",
        "Not taught",
        "Prerequisites",
        "Misconceptions",
        "Minutes",
    ]
    wrong = {example.name for example in lab.examples() if example.kind == "wrong"}
    assert all(f"`{name}`" in text for name in wrong)


RNG = """
import random
import pytest

@pytest.fixture
def rng():
    return random.Random(7)
"""


def failed(lab, bundle, tmp_path):
    """Run all tests in one process, with a stand-in for the grader's rng; return failed checks."""
    place = tmp_path / "run"
    for path, content in (*lab.lab.trusted_files, *bundle.as_dict().items()):
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(content)
    (place / "stand_in.py").write_text(RNG)
    options = ["-p", "no:cacheprovider", "-p", "no:randomly", "-p", "stand_in", "-q", "-rfE"]
    command = [sys.executable, "-m", "pytest", *options, "--import-mode=importlib", "."]
    paths = {"PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    environment = paths | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    assert " passed" in done.stdout or " failed" in done.stdout, done.stdout
    return {
        check.id
        for check in lab.lab.checks
        for line in done.stdout.splitlines()
        if line.startswith(("FAILED", "ERROR")) and f"{check.file}::{check.node}" in line
    }


def test_the_reference_passes_its_own_tests_under_plain_pytest(lab, tmp_path):
    assert failed(lab, lab.reference(), tmp_path) == set()


def test_the_starter_passes_none(lab, tmp_path):
    assert failed(lab, lab.starter(), tmp_path) == {check.id for check in lab.lab.checks}


@pytest.mark.parametrize(
    "name", ["right__loop", "wrong__zero_is_missing", "wrong__only_none", "wrong__empty_is_zero"]
)
def test_each_example_loses_exactly_what_it_declares(lab, tmp_path, name):
    (example,) = [example for example in lab.examples() if example.name == name]
    assert failed(lab, example.bundle, tmp_path) == set(example.expected.loses or ())


@pytest.mark.slow
def test_a_new_lab_is_graded_as_it_declares(lab):
    bundles = {"reference": (lab.reference(), ()), "starter": (lab.starter(), None)}
    for example in lab.examples():
        bundles[example.name] = (example.bundle, example.expected.loses)
    with ProcessSandbox() as sandbox, contextlib.closing(Pool(sandbox, slots=1)) as pool:
        for name, (bundle, loses) in bundles.items():
            submission = Submission(
                student="ada", lab=SLUG, attempt=1, received_at=NOON, bundle=bundle
            )
            run = grade(lab.lab, submission, pool, reference=lab.reference(), clock=lambda: NOON)
            lost = {result.id for result in run.results if result.status is not Status.PASSED}
            everything = {check.id for check in lab.lab.checks}
            bounded = loses is None and name != "right__loop"  # the starter and the hostile one
            assert lost == (everything if bounded else set(loses or ())), name


@pytest.mark.parametrize(
    "slug",
    ["columns", "1-columns", "12", "12-", "12-Columns", "12_columns", "../12-a", "12-a/b", ""],
)
def test_a_name_that_is_no_slug_is_refused_with_an_example(tmp_path, slug):
    with pytest.raises(UsageError, match="cannot be the name") as caught:
        new(tmp_path, slug)
    assert "12-model-cards" in caught.value.advice
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["labs", "solutions"])
def test_a_lab_that_exists_is_not_touched(tmp_path, folder):
    (tmp_path / folder / SLUG).mkdir(parents=True)
    with pytest.raises(UsageError, match="already") as caught:
        new(tmp_path, SLUG)
    assert "next free number is 01" in caught.value.advice
    assert [path.name for path in (tmp_path / folder).rglob("*")] == [SLUG]


def test_a_number_is_given_once(tmp_path):
    new(tmp_path, "01-first")
    with pytest.raises(UsageError, match="belongs to '01-first'") as caught:
        new(tmp_path, "01-second")
    assert "next free number is 02" in caught.value.advice


def test_a_title_that_cannot_be_shown_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be shown"):
        new(tmp_path, SLUG, "a\x07b")


def test_when_writing_fails_nothing_is_left(tmp_path):
    (tmp_path / "labs").write_text("in the way")
    with pytest.raises(LabError, match="cannot be written"):
        new(tmp_path, SLUG)
    assert list((tmp_path / "solutions").iterdir()) == []
