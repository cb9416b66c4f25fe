"""`grader release`: copies for a class, whose data a file holds, and grading with the same data."""

import json

import pytest

from grader.seeding import variant_of
from tests.cli.conftest import RIGHT, SLUG, call

SECRET = b"0123456789abcdef-of-the-course"
COHORT = """
schema = 1
[secret]
file = "course.secret"
[[student]]
id = "ada"
[[student]]
id = "budi"
"""
MAKER = """
def extract(lab, seed):
    rows = [f"2026-05-{day:02},K01,{(seed + day) % 10**9}" for day in range(1, 29)]
    return {"n.csv": "\\n".join(["date,outlet,units", *rows, str(seed)]) + "\\n"}
"""


@pytest.fixture
def own(course):
    """A course whose lab has data of each student's own, and a cohort with a secret."""
    (course.lab / "data").mkdir()
    (course.lab / "data" / "n.csv").write_text("date,outlet,units\n2026-05-01,K01,5\n0\n")
    private = course.root / "solutions" / SLUG
    (private / "maker.py").write_text(MAKER)
    manifest = course.lab / "lab.toml"
    manifest.write_text(manifest.read_text() + '\n[private]\ndata = "maker"\n')
    course.write("cohort.toml", COHORT)
    (course.root / "course.secret").write_bytes(SECRET + b"\n")
    return course


def released(*more):
    return call("release", "07", "--sandbox", "process", *more)


def data_of(course, student, where="handout"):
    return (course.root / where / student / SLUG / "data" / "n.csv").read_text()


def test_everybody_on_the_roster_gets_a_copy_with_data_of_their_own(own):
    result = released()
    assert result.exit_code == 0, result.output
    assert "2 created. They are in handout." in result.stdout
    for student in ("ada", "budi"):
        assert data_of(own, student).splitlines()[-1] == str(variant_of(SECRET, SLUG, student))
    result = released("--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "copies": [
            {"student": name, "path": f"handout/{name}/{SLUG}", "what": "unchanged"}
            for name in ("ada", "budi")
        ]
    }


def test_one_student_in_another_place_as_a_zip(own):
    result = released("--student", "budi", "--out", "there", "--zip", "--cohort", "cohort.toml")
    assert result.exit_code == 0, result.output
    names = [
        path.relative_to(own.root / "there").as_posix() for path in own.root.glob("there/**/*")
    ]
    assert sorted(names) == ["budi", f"budi/{SLUG}.zip"]


def test_the_public_checks_work_in_a_copy(own):
    released("--student", "ada")
    copy = own.root / "handout" / "ada" / SLUG
    (copy / "column.py").write_text(RIGHT)
    result = call("check", copy)
    assert result.exit_code == 0, result.output
    assert "All public checks passed." in result.stdout
    assert call("pack", copy).exit_code == 0


def test_a_copy_in_which_somebody_worked_is_left_and_named(own):
    released()
    work = own.root / "handout" / "ada" / SLUG / "column.py"
    work.write_text("hours of work\n")
    result = released()
    assert result.exit_code == 1
    assert "1 unchanged, 1 left" in result.stdout
    assert f"handout/ada/{SLUG}" in result.stdout
    assert "--replace" in result.stdout
    assert work.read_text() == "hours of work\n"
    result = released("--replace")
    assert result.exit_code == 0
    assert "1 unchanged, 1 replaced" in result.stdout
    assert work.read_text() != "hours of work\n"


@pytest.mark.parametrize(
    ("change", "words", "said"),
    [
        (lambda own: (own.root / "cohort.toml").unlink(), (), "no cohort.toml in this folder"),
        (lambda _own: None, ("--cohort", "none.toml"), "no cohort file at this path"),
        (lambda own: own.write("cohort.toml", "schema = 1\n"), (), "the roster is empty"),
        (
            lambda own: own.write(
                "cohort.toml", COHORT.replace('[secret]\nfile = "course.secret"', "")
            ),
            (),
            "it names no secret",
        ),
        (lambda own: (own.root / "course.secret").unlink(), (), "secret cannot be read"),
        (lambda own: own.write("course.secret", "short"), (), "shorter than 16"),
        (lambda _own: None, ("--student", "bud"), "no student on the roster has the id 'bud'"),
        (lambda _own: None, ("--out", "labs/copies"), "the course's own folder labs/"),
        (lambda _own: None, ("--whose", "none.csv"), "no file at this path"),
        (lambda own: own.write("words.csv", "a\n"), ("--whose", "words.csv"), "be recognised"),
    ],
)
def test_what_is_missing_or_wrong_gets_one_message_and_writes_nothing(own, change, words, said):
    change(own)
    result = released(*words)
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert not (own.root / "handout").exists()
    assert not (own.root / "labs" / "copies").exists()


def test_without_a_roster_an_id_must_be_one_that_can_name_a_folder(own):
    own.write("cohort.toml", '[secret]\nfile = "course.secret"\n')
    result = released("--student", "../ada")
    assert result.exit_code == 2
    assert "--student" in result.stderr
    assert released("--student", "citra").exit_code == 0


def test_a_generator_that_fails_is_three_and_named(own):
    (own.root / "solutions" / SLUG / "maker.py").write_text("def extract(lab, seed): 1 / 0\n")
    result = released()
    assert result.exit_code == 3
    assert "ZeroDivisionError" in result.stderr
    assert "private.data" in result.stderr


def test_a_lab_given_as_a_path_would_hand_out_its_hidden_tests(own, tmp_path):
    place = tmp_path / "else"
    place.mkdir()
    (place / "lab.toml").write_text('[submit]\nmodules = ["shop"]\n')
    (place / "test_it.py").write_text("def test_a(): ...\n")
    result = call("release", place)
    assert result.exit_code == 2
    assert "hidden tests" in result.stderr


def test_a_lab_without_own_data_is_handed_out_without_a_secret(course):
    course.write("cohort.toml", '[[student]]\nid = "ada"\n')
    result = released()
    assert result.exit_code == 0, result.output
    assert (course.root / "handout" / "ada" / SLUG / "column.py").is_file()
    assert released("--whose", "cohort.toml").exit_code == 2


def test_rows_say_whose_they_are_and_nothing_is_written(own):
    released()
    rows = data_of(own, "budi").splitlines()[3:6]
    own.write("copied.txt", "I found these:\n" + "\n".join(rows))
    before = sorted(own.root.rglob("*"))
    result = released("--whose", "copied.txt")
    assert result.exit_code == 0, result.output
    assert "These data are drawn for budi." in result.stdout
    assert "not who copied them" in result.stdout
    assert sorted(own.root.rglob("*")) == before
    told = json.loads(released("--whose", "copied.txt", "--json").stdout)
    assert told == {"asked": 3, "likeness": [{"student": "budi", "found": 3}]}


def test_everybodys_copy_and_nobodys_rows_are_told_apart(own):
    own.write("common.csv", "2026-05-01,K01,5\n")
    assert "everybody's copy" in released("--whose", "common.csv").stdout
    own.write("foreign.csv", "2030-01-01,K77,123456\n")
    assert "Nobody's" in released("--whose", "foreign.csv").stdout


HIDDEN = '''
from pathlib import Path

from column import first, share_present

DATA = Path(__file__).parent.parent / "data" / "n.csv"


def test_blank_text_is_missing(variant):
    """The student's process reads the data that the student was given."""
    assert first() == DATA.read_text().splitlines()[-1] == str(variant or 0)


def test_empty_column_is_refused(variant):
    """The seed is known."""
    assert share_present([1]) == 1
'''
WORK = """
from pathlib import Path

LAST = Path("data/n.csv").read_text().splitlines()[-1]

def first():
    return LAST

def share_present(values):
    return sum(value is not None for value in values) / len(values)
"""


def batch(own, *more):
    words = ("--out", own.results, "--sandbox", "process", *more)
    return call("batch", "07", own.hand_ins, *words)


def variants(own):
    lines = (own.results / "runs.jsonl").read_text().splitlines()
    return {run["student"]: (run["earned"], run["variant"]) for run in map(json.loads, lines)}


@pytest.fixture
def graded(own):
    """The same course with a hidden check that reads data, and two students' work."""
    (own.root / "solutions" / SLUG / "test_hidden.py").write_text(HIDDEN)
    for student in ("ada", "budi"):
        own.hand_in(student, WORK)
    return own


def test_a_class_is_graded_with_the_data_that_it_received(graded):
    result = batch(graded, "--cohort", "cohort.toml", "--jobs", "1")
    assert result.exit_code == 0, result.output
    assert "with the data of its student" in result.stderr
    assert variants(graded) == {
        student: (100, variant_of(SECRET, SLUG, student)) for student in ("ada", "budi")
    }
    assert "2 needed nothing" in batch(graded).stdout
    (graded.root / "course.secret").write_bytes(b"another secret of the course")
    result = batch(graded)
    assert result.exit_code == 2
    assert "2 of the runs in these results had other data" in result.stderr
    test = graded.root / "solutions" / SLUG / "test_hidden.py"
    test.write_text(HIDDEN + "\n# changed\n")
    result = call("regrade", graded.results, "--sandbox", "process")
    assert result.exit_code == 2
    assert "had other data" in result.stderr
    (graded.root / "course.secret").write_bytes(SECRET)
    result = call("regrade", graded.results, "--sandbox", "process")
    assert result.exit_code == 0, result.output
    assert "2 stay as they are" in result.stdout


def test_without_a_secret_everybody_has_the_same_data(graded):
    result = batch(graded)
    assert result.exit_code == 0
    assert "the data of its student" not in result.stderr
    assert variants(graded) == dict.fromkeys(("ada", "budi"), (100, None))


def test_one_hand_in_is_graded_with_its_students_data(graded):
    words = ("grade", "07", graded.hand_ins / "ada", "--sandbox", "process")
    assert call(*words, "--cohort", "cohort.toml").exit_code == 0
    assert call(*words).exit_code == 0
    result = call(*words, "--cohort", "cohort.toml", "--student", "adda")
    assert result.exit_code == 2
    assert "Did you mean" in result.stderr
