"""cohort.toml: what it may say, what it may not, and that its secret is never told."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.cohort import SAMPLE, Cohort, SecretRef, class_grades, parse_cohort, read_cohort
from grader.errors import CohortError, UsageError
from grader.grade import AttemptRule, LateRule, State
from grader.lab import Check, Lab, Visibility
from grader.moments import MomentError, parse_moment
from grader.outcome import CheckResult, Run, Status, Verdict

EXAMPLE = Path(__file__).parent / "resources" / "cohort.toml"
LAB = "02-data-quality"
HEAD = f"""
[deadlines]
{LAB} = 2026-10-02T23:59:00Z
[[student]]
id = "ada"
[[student]]
id = "budi"
"""


def parse(text: str, **options: object) -> Cohort:
    return parse_cohort(text, where="cohort.toml", folder=Path("course"), **options)


def refused(text: str, **options: object) -> CohortError:
    with pytest.raises(CohortError) as caught:
        parse(text, **options)
    assert caught.value.where.startswith("cohort.toml")
    assert caught.value.exit_code == 2
    return caught.value


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# What it may say


def test_the_example_is_read_whole():
    cohort = read_cohort(EXAMPLE, labs=[LAB, "03-experiments", "04-drift"])
    assert [student.id for student in cohort.students] == ["ada", "budi.santoso", "chloé", "dan"]
    assert cohort.student("ada").lms_id == "101"
    assert cohort.student("nobody") is None
    assert cohort.policy.attempts is AttemptRule.LAST
    late = cohort.policy.late
    assert (late.rule, late.percent_per_day) == (LateRule.PERCENT, Decimal("12.5"))
    assert (late.grace, late.maximum_days) == (timedelta(hours=1), 4)
    assert cohort.deadline("ada", LAB) == utc("2026-10-02 16:59")
    assert cohort.deadline("budi.santoso", LAB) == utc("2026-10-04 16:59")
    assert cohort.deadline("ada", "03-experiments") == utc("2026-10-25 22:59")
    assert cohort.deadline("dan", "03-experiments") == utc("2026-11-01 05:00")
    assert cohort.deadline("ada", "04-drift") == utc("2026-11-13 16:59")
    assert cohort.deadline("ada", "05-other") is None
    assert str(cohort.deadlines[LAB].tzinfo) == "Asia/Jakarta"
    assert cohort.overrides[0].at == utc("2026-10-07 02:30")
    assert cohort.warnings == ()


def test_the_sample_in_the_documentation_is_a_cohort():
    cohort = parse(SAMPLE)
    assert len(cohort.students) == 2
    assert len(cohort.deadlines) == 3
    assert cohort.secret.file == Path("course") / "course.secret"


def test_an_empty_file_is_a_cohort_without_rules():
    cohort = parse("")
    assert cohort == replace(cohort, students=(), deadlines={}, overrides=(), secret=None)
    assert cohort.policy.late.rule is LateRule.NONE


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-02T23:59:00+07:00",
        "2026-10-02T16:59:00Z",
        '"2026-10-02T23:59+07:00"',
        '"2026-10-02 23:59 Asia/Jakarta"',
        '"2026-10-02T23:59:00   Asia/Jakarta"',
    ],
)
def test_a_deadline_may_have_an_offset_or_a_zone(text):
    assert parse(f"[deadlines]\nx = {text}").deadlines["x"] == utc("2026-10-02 16:59")


@pytest.mark.parametrize("text", ["2026-10-02 23:59:00", '"2026-10-02 23:59"'])
def test_a_local_time_takes_the_zone_of_the_file_and_without_one_it_is_refused(text):
    body = f"[deadlines]\nx = {text}"
    assert parse(f'zone = "Asia/Jakarta"\n{body}').deadlines["x"] == utc("2026-10-02 16:59")
    error = refused(body)
    assert "deadlines.x" in str(error)
    assert "has no zone" in str(error)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"2026-03-29 02:30 Europe/Berlin"', "does not exist"),
        ('"2026-10-25 02:30 Europe/Berlin"', "comes twice"),
        ('"2026-10-02 23:59 Asia/Jakarata"', "Asia/Jakarta"),
        ('"2026-10-02 23:59 ../../etc/passwd"', "not a moment"),
        ('"2026-10-02 23:59+07:00 Asia/Jakarta"', "both"),
        ('"2026-10-02"', "day without a time"),
        ("2026-10-02", "day without a time"),
        ("23:59:00", "time without a day"),
        ('"next friday"', "not a moment"),
        ('"2026-02-30 12:00 UTC"', "not a moment"),
        ('"0001-01-01 00:00 Asia/Jakarta"', "range"),
        ("20261002", "must be a day with a time"),
        ("true", "must be a day with a time"),
    ],
)
def test_a_moment_that_could_be_another_one_is_refused(text, words):
    error = refused(f"[deadlines]\nx = {text}")
    assert words in str(error)
    assert "deadlines.x" in error.where


@settings(max_examples=300)
@given(st.text(max_size=60), st.sampled_from(["", "UTC", "Europe/Berlin"]))
def test_any_text_is_an_aware_moment_or_an_error(text, zone):
    try:
        at = parse_moment(text, zone)
    except MomentError:
        return
    assert at.tzinfo is not None


# What it may not say


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("studnet = 1", "studnet", "unknown"),
        ('[[student]]\nid = "a"\nnaem = "A"', "student[1].naem", "'name'"),
        ("[[student]]\nname = 'A'", "student[1].id", "missing"),
        ('[[student]]\nid = "../bob"', "student[1].id", "path"),
        ('[[student]]\nid = "bob "', "student[1].id", "'bob' could"),
        ("[[student]]\nid = 7", "student[1].id", "text in quotes"),
        ('[[student]]\nid = "a"\nemail = "nobody"', "student[1].email", "e-mail"),
        ('[[student]]\nid = "a"\nname = "A\\nB"', "student[1].name", "one line"),
        ('[[student]]\nid = "a"\nname = "A\\u202EB"', "student[1].name", "one line"),
        ('[[student]]\nid="bob"\n[[student]]\nid="Bob"', "student[2].id", "too like"),
        ('[[student]]\nid="bob"\n[[student]]\nid="bob"', "student[2].id", "too like"),
        (
            '[[student]]\nid="a"\nlms_id="1"\n[[student]]\nid="b"\nlms_id="1"',
            "student[2].lms_id",
            "too like",
        ),
        ('attempts = "worst"', "attempts", "best"),
        ('zone = "Mars/Base"', "zone", "no time zone"),
        ('[late]\nrule = "half"', "late.rule", "percent"),
        ('[late]\nrule = "percent"', "late.percent_per_day", "0 percent"),
        ("[late]\npercent_per_day = 10", "late.percent_per_day", "does nothing"),
        ('[late]\nrule = "percent"\npercent_per_day = 101', "late.percent_per_day", "at most 100"),
        ("[late]\ngrace_hours = -1", "late.grace_hours", "at least 0"),
        ("[late]\ngrace_hours = nan", "late.grace_hours", "finite"),
        ("[late]\nmaximum_days = 1.5", "late.maximum_days", "whole number"),
        ("schema = 2", "schema", "1"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_file_key_and_reason(text, key, words):
    error = refused(text)
    assert key in str(error)
    assert words in str(error)


EXTENSION = f'[[extension]]\nstudent = "ada"\nlab = "{LAB}"\nhours = 1\nwhy = "x"\n'
OVERRIDE = (
    f'[[override]]\nstudent = "ada"\nlab = "{LAB}"\npoints = 1\nwho = "R"\nwhy = "x"\n'
    "when = 2026-10-07T09:30:00Z\n"
)


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        (EXTENSION.replace('"ada"', '"adda"'), "extension[1].student", "Did you mean 'ada'"),
        (OVERRIDE.replace('"ada"', '"adda"'), "override[1].student", "Did you mean 'ada'"),
        (OVERRIDE.replace('"ada"', '"\u0430da"'), "override[1].student", "'\\u0430da'"),
        (EXTENSION.replace(LAB, "2-data-quality"), "extension[1].lab", f"mean '{LAB}'"),
        (EXTENSION.replace("hours = 1\n", ""), "extension[1]", "either `until` or `hours`"),
        (EXTENSION + "until = 2026-10-09T00:00:00Z\n", "extension[1]", "either"),
        (
            EXTENSION.replace("hours = 1", "until = 2026-10-01T00:00:00Z"),
            "extension[1].until",
            "before the deadline",
        ),
        (EXTENSION + EXTENSION, "extension[2]", "another extension"),
        (EXTENSION.replace('why = "x"\n', ""), "extension[1].why", "missing"),
        (OVERRIDE.replace("points = 1", "points = -1"), "override[1].points", "at least 0"),
        (OVERRIDE.replace("points = 1", "points = 1.5"), "override[1].points", "whole number"),
        (OVERRIDE.replace('who = "R"', 'who = " "'), "override[1].who", "one line"),
        (OVERRIDE.replace("09:30:00Z", "09:30:00"), "override[1].when", "no zone"),
    ],
)
def test_a_mistake_in_an_extension_or_an_override_is_said_with_its_number(text, key, words):
    error = refused(HEAD + text)
    assert key in str(error)
    assert words in str(error)


def test_a_lab_that_does_not_exist_is_said_where_the_labs_are_known():
    text = HEAD.replace(LAB, "02-data-qualty") + OVERRIDE.replace(LAB, "3")
    assert parse(text).deadlines
    error = refused(text, labs=[LAB])
    assert "deadlines.02-data-qualty" in str(error)
    assert f"Did you mean '{LAB}'" in str(error)
    assert "override[1].lab" in str(error)


def test_all_mistakes_are_said_at_once():
    text = HEAD + EXTENSION.replace('"ada"', '"x"') + OVERRIDE.replace('"ada"', '"y"')
    assert "2 things are wrong" in str(refused(text))


@pytest.mark.parametrize("data", [b"id = ", b"\xff\xfe", b"x = 1\nx = 2", b"a" * 300_000])
def test_what_is_not_toml_is_said_with_its_line(data, tmp_path):
    path = tmp_path / "cohort.toml"
    path.write_bytes(data)
    with pytest.raises(CohortError) as caught:
        read_cohort(path)
    assert caught.value.where.startswith("cohort.toml")


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CohortError, match="cannot be read"):
        read_cohort(tmp_path / "cohort.toml")


def test_a_cohort_error_is_an_error_of_use():
    assert issubclass(CohortError, UsageError)


def test_ids_that_look_alike_are_a_warning():
    cohort = parse('[[student]]\nid = "bob"\n[[student]]\nid = "b\u043eb"')
    assert "'b\\u043eb'" in cohort.warnings[0]


def test_an_override_above_the_points_of_the_lab_is_refused_before_grading():
    cohort = parse(HEAD + OVERRIDE.replace("points = 1", "points = 11"))
    with pytest.raises(CohortError, match="11 points, but 02-data-quality has 10"):
        cohort.check_lab(lab())
    parse(HEAD + OVERRIDE).check_lab(lab())


# The secret

SECRET = "correct-horse-battery-staple"


def test_a_secret_is_read_from_a_file_or_the_environment(tmp_path, monkeypatch):
    (tmp_path / "s").write_text(f"{SECRET}\n")
    assert SecretRef(file=tmp_path / "s").reveal() == SECRET.encode()
    assert SecretRef(env="X").reveal({"X": SECRET}) == SECRET.encode()
    monkeypatch.setenv("X", SECRET)
    assert SecretRef(env="X").reveal() == SECRET.encode()


def test_a_secret_that_is_absent_or_short_is_said_without_repeating_it(tmp_path):
    (tmp_path / "s").write_text("hunter2")
    for ref in (SecretRef(file=tmp_path / "s"), SecretRef(env="X")):
        with pytest.raises(CohortError) as caught:
            ref.reveal({"X": "hunter2"})
        assert "hunter2" not in str(caught.value)
        assert "token_hex" in caught.value.advice
    with pytest.raises(CohortError, match="cannot be read"):
        SecretRef(file=tmp_path / "gone").reveal()


def test_the_secret_itself_is_nowhere_in_a_cohort(tmp_path):
    (tmp_path / "course.secret").write_text(SECRET)
    cohort = parse_cohort(SAMPLE, where="cohort.toml", folder=tmp_path)
    assert cohort.secret.reveal() == SECRET.encode()
    for shown in (repr(cohort), str(cohort), json.dumps(asdict(cohort), default=str)):
        assert SECRET not in shown


@pytest.mark.parametrize(
    "text",
    [
        'secret = "hunter2hunter2"',
        "secret = 7777777777",
        'secret = ["hunter2hunter2"]',
        '[secret]\nvalue = "hunter2hunter2"',
        '[secret]\nfile = "a"\nvalue = "hunter2hunter2"',
        '[secret]\nfile = "hunter2hunter2"\nenv = "b"',
        "[secret]\nfile = 7777777777",
        "[secret]\nfile = ''",
        "[secret]",
    ],
)
def test_a_secret_that_is_written_in_the_file_is_refused_and_never_repeated(text):
    error = refused(text)
    assert "secret" in str(error)
    for told in (str(error), repr(error)):
        assert "hunter2" not in told
        assert "7777777777" not in told


# Grades of the class


def lab() -> Lab:
    check = Check(id="a", points=10, visibility=Visibility.PUBLIC, file="t", node="t", title="t")
    return Lab(slug=LAB, title="Quality", checks=(check,))


def run(student: str, earned: int, at: str) -> Run:
    return Run(
        id=f"{student}-{at}",
        student=student,
        lab=LAB,
        attempt=1,
        received_at=utc(at),
        graded_at=utc(at),
        bundle_digest="d",
        verdict=Verdict.GRADED,
        results=(CheckResult(id="a", status=Status.PASSED, earned=earned),),
        out_of=10,
    )


def test_everybody_on_the_roster_has_a_grade_and_so_has_who_is_not_on_it():
    cohort = read_cohort(EXAMPLE)
    runs = [
        run("budi.santoso", 10, "2026-10-04 16:00"),
        run("chloé", 8, "2026-10-03 00:00"),
        run("stranger", 10, "2026-10-01 00:00"),
    ]
    grades = class_grades(lab(), runs, replace(cohort, overrides=()))
    assert [(grade.student, grade.state, grade.points) for grade in grades] == [
        ("ada", State.ABSENT, None),
        ("budi.santoso", State.GRADED, 10),
        ("chloé", State.GRADED, 7),
        ("dan", State.ABSENT, None),
        ("stranger", State.GRADED, 10),
    ]


def test_without_a_cohort_every_student_with_a_run_has_a_grade():
    grades = class_grades(lab(), [run("bob", 4, "2026-10-01 00:00")])
    assert [(grade.student, grade.points) for grade in grades] == [("bob", 4)]
