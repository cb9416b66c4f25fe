"""A small class in every state there is, as the formats for other programs get it; and goldens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from grader.cohort import Cohort, Extension, class_grades
from grader.exporting import Telling
from grader.formats.standing import Standing
from grader.grade import LatePolicy, LateRule, Override, Policy
from grader.identity import Student
from grader.lab import Check, Lab, Submit, Visibility
from grader.outcome import CheckResult, Run, Status, Verdict

GOLDEN = Path(__file__).parent / "golden"
NOON = datetime(2026, 10, 2, 12, 0, tzinfo=UTC)
PUBLIC = b'''"""Public checks."""
import pytest
from quality import completeness


def test_completeness(rng):
    """Completeness counts blank strings as missing."""
    values = ["a", " "]
    assert completeness(values) == 0.5


class TestGate:
    def test_rejects(self):
        """The gate rejects a bad batch | and says why."""
        assert gate([]) is None
'''
ROWS = (
    ("completeness", 4, Visibility.PUBLIC, "test_completeness"),
    ("Gate.rejects", 3, Visibility.PUBLIC, "TestGate::test_rejects"),
    ("no_mutation", 2, Visibility.HIDDEN, "test_no_mutation"),
    ("sentinels", 1, Visibility.HIDDEN, "test_sentinels"),
)
TITLES = {
    "completeness": "Completeness counts blank strings as missing.",
    "Gate.rejects": "The gate rejects a bad batch | and says why.",
    "no_mutation": "No measure changes the frame it is given.",
    "sentinels": "Sentinels such as -999 count as missing.",
}
LAB = Lab(
    slug="02-quality",
    title="A gate for bad data",
    submit=Submit(required=("quality.py",), modules=("quality",)),
    checks=tuple(
        Check(
            id=name,
            points=points,
            visibility=visibility,
            file="test_public.py" if visibility is Visibility.PUBLIC else "hidden/test_hidden.py",
            node=node,
            title=TITLES[name],
            task=number // 2 + 1,
            needs=("no_mutation",) if name == "sentinels" else (),
            hints=(f"A hint for {name}.",),
            learn=f"development/data-quality.md#{number}",
        )
        for number, (name, points, visibility, node) in enumerate(ROWS)
    ),
    trusted_files=(("hidden/test_hidden.py", b"HIDDEN = 1\n"), ("test_public.py", PUBLIC)),
    digest="d" * 64,
)
SECRET = "S3CRET-OF-A-HIDDEN-CHECK"
"""What hidden checks recorded: staff may read it, students never."""
COHORT = Cohort(
    name="MLOps",
    students=(
        Student(id="ada", name="Ada Lovelace", email="ada@uni.example", section="A", lms_id="101"),
        Student(id="budi", name='Budi "B" Santoso, jr.', email="budi@uni.example", lms_id="102"),
        Student(id="citra", name="=HYPERLINK(1)", lms_id="103"),
        Student(id="dewi", name="Dewi"),
        Student(id="eko", name="Eko"),
        Student(id="fitri", name="Fitri Ángel"),
        Student(id="gilang", name="Gilang"),
        Student(id="hana", name="Hana", email="hana@uni.example"),
    ),
    deadlines={LAB.slug: NOON},
    extensions=(
        Extension(student="citra", lab=LAB.slug, until=NOON + timedelta(hours=5), why="Ill."),
    ),
    overrides=(
        Override(
            student="gilang",
            lab=LAB.slug,
            points=6,
            who="Dr Roe",
            why="An oral exam.",
            at=NOON + timedelta(days=3),
        ),
        Override(
            student="citra",
            lab=LAB.slug,
            points=3,
            who="Dr Roe",
            why="Copied in part.",
            at=NOON + timedelta(days=3),
        ),
    ),
    policy=Policy(late=LatePolicy(rule=LateRule.PERCENT, percent_per_day=Decimal(10))),
)
"""ada: all points. budi: none. hana: late, so a penalty. citra: overridden. dewi: ungradable.
eko: broke through our fault. fitri: absent. gilang: absent, and given points by a person.
zed: not on the roster, and graded."""


def result(check: str, status: Status = Status.PASSED, **texts) -> CheckResult:
    points = LAB.check(check).points if status is Status.PASSED else 0
    return CheckResult(id=check, status=status, earned=points, seconds=0.25, **texts)


def run(student: str, *results: CheckResult, late: timedelta = timedelta(0), **changes) -> Run:
    """Return a run in which every check passed, but for `results`."""
    instead = {each.id: each for each in results}
    made = Run(
        id=f"run-of-{student}",
        student=student,
        lab=LAB.slug,
        attempt=1,
        received_at=NOON - timedelta(hours=1) + late,
        graded_at=NOON + timedelta(minutes=3),
        bundle_digest="77aa" * 16,
        verdict=Verdict.GRADED,
        results=tuple(instead.get(check.id) or result(check.id) for check in LAB.checks),
        out_of=LAB.out_of,
        seed=7,
        lab_digest=LAB.digest,
        sandbox="docker",
        limits={"call_s": 10.0},
    )
    return replace(made, **changes)


def hidden_failure(status: Status = Status.FAILED, secret: str = SECRET) -> CheckResult:
    return result(
        "no_mutation", status, message=f"saw {secret}", detail=f"E  {secret}", output=secret
    )


RUNS = (
    run("ada"),
    run(
        "budi",
        result(
            "completeness",
            Status.FAILED,
            message='::error::0.5 was meant, not <b>1.0</b>\n```\n"]]> & 100%',
            output="=cmd()\nprinted by the student\n",
        ),
        result("Gate.rejects", Status.TIMED_OUT, message="Your code took more than 10 s."),
        hidden_failure(),
        result("sentinels", Status.SKIPPED),
    ),
    run("hana", late=timedelta(hours=26)),
    run("citra", late=timedelta(hours=3)),
    run(
        "dewi",
        verdict=Verdict.UNGRADABLE,
        results=(),
        reason="quality.py is missing. Put it beside notes.md.",
    ),
    run("eko", verdict=Verdict.BROKEN, results=(), reason="A box was lost."),
    run(
        "zed",
        result("completeness", Status.CRASHED, message="Your module could not be imported: x"),
        result("Gate.rejects", Status.CRASHED, message="Your module could not be imported: x"),
        result("no_mutation", Status.CRASHED, message="Your module could not be imported: x"),
        result("sentinels", Status.SKIPPED),
    ),
)


def standings(
    *runs: Run, audience="student", show_hidden="titles", cohort=COHORT
) -> list[Standing]:
    """Return the class as `grader.exporting.standings` would, from runs that are in memory."""
    runs = runs or RUNS
    telling = Telling(audience=audience, show_hidden=show_hidden)
    by_id = {each.id: each for each in runs}
    known = {student.id: student for student in cohort.students}
    made = []
    for grade in class_grades(LAB, runs, cohort):
        found = by_id.get(grade.run_id)
        made.append(
            Standing(
                student=known.get(grade.student, Student(id=grade.student)),
                grade=grade,
                report=telling.tell(found, LAB) if found else None,
            )
        )
    return made


def of(student: str, **telling) -> Standing:
    """Return the standing of one student of the class."""
    return next(each for each in standings(**telling) if each.student.id == student)


def same_as_golden(name: str, data: bytes, update: bool) -> None:
    """Compare with the golden file, or write it with --update-golden."""
    path = GOLDEN / name
    if update:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    assert path.read_bytes().decode() == data.decode(), f"{name}: see --update-golden"
