"""A made-up lab, and made-up runs of it: what the tests of reports and pages tell about."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from grader.grade import Grade, State
from grader.lab import Check, Lab, Limits, Submit, Visibility
from grader.outcome import CheckResult, Run, Status, Verdict

NOON = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)
FIRST = (
    "Ayu",
    "Bima",
    "Citra",
    "Dewi",
    "Eka",
    "Farah",
    "Gilang",
    "Hana",
    "Intan",
    "Joko",
    "Kartika",
)
LAST = ("Hartono", "Kusuma", "Lestari", "Nugroho", "Pratama", "Rahayu", "Santoso", "Sari", "Utami")
CHECKS = (
    ("completeness", 5, 1, "Completeness counts blank strings as missing."),
    ("validity", 5, 1, "Validity is the share of values inside the declared domain."),
    ("accuracy", 10, 1, "Accuracy compares `revenue` with `price * units`, exactly."),
    ("timeliness", 10, 2, "Timeliness knows that 08:00 in Jakarta is not 08:00 UTC."),
    ("consistency", 10, 2, "Consistency finds orphans, duplicates and totals that disagree."),
)
HIDDEN = (
    ("no_mutation", 5, 1, "No measure changes the frame it is given."),
    ("empty_frame", 5, 1, "An empty frame is not an error."),
    ("sentinels", 10, 1, "Sentinel values such as -999 and `n/a` count as missing."),
    ("orphans_kept", 10, 2, "Orphans are quarantined with a reason, never dropped."),
    ("gate_catches_faults", 15, 3, "The gate stops batches with a seeded fault."),
    ("gate_is_quiet", 10, 3, "The gate lets odd but valid batches through."),
    ("idempotent", 5, 3, "Ingesting a batch twice changes nothing."),
)
MESSAGES = (
    "On 200 rows with 20 blank strings, completeness said 1.0; 0.9 was meant.",
    "On 180 rows with 12 blank strings, completeness said 1.0; 0.93 was meant.",
    "Your function raised KeyError: 'channel'.",
    "Expected a share between 0 and 1, but got <object at 0x7f3a12>.",
)


def make_lab(**changes) -> Lab:
    def made(rows, visibility, file):
        return tuple(
            Check(
                id=name,
                points=points,
                visibility=visibility,
                file=file,
                node=f"test_{name}",
                title=title,
                task=task,
                needs=("orphans_kept",) if name == "idempotent" else (),
                hints=("What does pandas call a missing value?", "`' '` is not NaN."),
                learn=f"development/data-quality.md#{name.replace('_', '-')}",
            )
            for name, points, task, title in rows
        )

    lab = Lab(
        slug="02-data-quality",
        title="A gate for bad data",
        page="development/data-quality.md",
        submit=Submit(required=("quality.py",), optional=("notes.md",), modules=("quality",)),
        limits=Limits(),
        checks=made(CHECKS, Visibility.PUBLIC, "test_public.py")
        + made(HIDDEN, Visibility.HIDDEN, "test_hidden.py"),
        trusted_files=(("test_hidden.py", b"from quality import completeness, ingest\n"),),
        digest="5f0c" * 16,
    )
    return replace(lab, **changes)


def make_run(lab: Lab | None = None, *, results=None, student="ayu.lestari", **changes) -> Run:
    """Return a run in which every check passed, but for `results`, which replace some by id."""
    lab = lab or make_lab()
    instead = {result.id: result for result in results or ()}
    run = Run(
        id="9c1e" * 8,
        student=student,
        lab=lab.slug,
        attempt=2,
        received_at=NOON,
        graded_at=NOON + timedelta(minutes=3),
        bundle_digest="77aa" * 16,
        verdict=Verdict.GRADED,
        results=tuple(
            instead.get(check.id)
            or CheckResult(id=check.id, status=Status.PASSED, earned=check.points, seconds=0.02)
            for check in lab.checks
        ),
        out_of=lab.out_of,
        seed=20250303,
        lab_digest=lab.digest,
        sandbox="docker",
        image="sha256:0a1b",
        versions={"python": "3.11.2", "pandas": "2.3.1"},
        limits={"call_s": 10.0, "memory_mb": 512},
        phases={"queue": 0.1, "start": 0.3, "import": 0.4, "tests": 0.6, "total": 1.5},
        machine="grading-1",
    )
    return replace(run, **changes)


def not_passed(check_id: str, status: Status = Status.FAILED, **texts) -> CheckResult:
    return CheckResult(id=check_id, status=status, earned=0, seconds=0.05, **texts)


def ungradable(student="bima", reason="quality.py is missing. Put it beside notes.md.") -> Run:
    return _without_results(student, Verdict.UNGRADABLE, reason)


def broken(student="citra", reason="The engine stopped in the middle of the run.") -> Run:
    return _without_results(student, Verdict.BROKEN, reason)


def _without_results(student: str, verdict: Verdict, reason: str) -> Run:
    run = make_run(
        student=student, id=f"run-of-{student.replace(' ', '-')}", verdict=verdict, reason=reason
    )
    return replace(run, results=(), phases={}, staff_notes=("Tried twice.",))


STATES = {
    Verdict.GRADED: State.GRADED,
    Verdict.UNGRADABLE: State.UNGRADABLE,
    Verdict.BROKEN: State.PENDING,
}


def make_grade(student, *, points=None, run=None, why="", **more) -> Grade:
    """Return a grade without deciding it: graded or absent, or what the run's verdict makes it."""
    state = STATES[run.verdict] if run else State.ABSENT if points is None else State.GRADED
    return Grade(
        student=student,
        lab="02-data-quality",
        state=state,
        points=points,
        out_of=100,
        run_id=run.id if run else "",
        reasons=(why,) if why else (),
        **more,
    )


def make_class(size: int, seed: int = 7):
    """Return (lab, grades, runs) of a class in which some checks are harder than others."""
    chance = random.Random(seed)
    lab = make_lab()
    grades = []
    runs = []
    for number in range(size):
        student = f"{FIRST[number % len(FIRST)]} {LAST[(number * 7) % len(LAST)]} {number:03}"
        if number % 12 == 5:
            grades.append(make_grade(student, why="Nothing was handed in."))
            continue
        if number % 17 == 3:
            run = ungradable(student) if number % 2 else broken(student)
            runs.append(run)
            grades.append(make_grade(student, run=run))
            continue
        run = _chance_run(lab, student, number, chance)
        runs.append(run)
        late = number % 9 == 4
        points = run.earned * 0.9 if late else run.earned
        why = "1 day late: 10 % off." if late else ""
        grades.append(make_grade(student, points=points, run=run, why=why))
    return lab, grades, runs


def _chance_run(lab: Lab, student: str, number: int, chance: random.Random) -> Run:
    skill = chance.betavariate(4, 1.6)
    results = []
    for at, check in enumerate(lab.checks):
        if chance.random() < skill ** (0.35 + at * 0.09):
            continue
        status = chance.choices(
            [Status.FAILED, Status.CRASHED, Status.TIMED_OUT], weights=[8, 1, 1]
        )[0]
        share = chance.randint(1, 99)
        results.append(
            not_passed(
                check.id,
                status,
                message=chance.choice(MESSAGES),
                detail=f"def test():\n>   assert share == 0.{share}\nE   assert 0.{share} == 0.9\n",
                output="rows: 200\nchannels: 3\n",
            )
        )
    if any(result.id == "orphans_kept" for result in results):
        results = [result for result in results if result.id != "idempotent"]
        results.append(not_passed("idempotent", Status.SKIPPED))
    total = chance.lognormvariate(0.4, 0.4)
    phases = {"queue": 0.05, "start": 0.3, "import": 0.4, "tests": total, "total": total + 0.75}
    return make_run(lab, student=student, id=f"run-{number:04}", results=results, phases=phases)
