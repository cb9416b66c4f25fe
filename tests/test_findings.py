"""Rows, findings and notes of a proof."""

from dataclasses import replace
from types import SimpleNamespace

from grader.findings import findings_of, median_seconds, notes_of, row_of, staff_notes
from grader.judging import EVERYTHING, Wanted
from grader.lab import Submit
from grader.outcome import Status, Verdict
from grader.submission import Bundle
from grader.trials import Trial
from tests.pretend import lab_of, submission_of
from tests.provable import run_of

LAB = replace(lab_of("a b"), submit=Submit(modules=("sums",)))
FAILED = Status.FAILED


def run(lost=None, **changes):
    return run_of(LAB, submission_of("-"), lost, **changes)


def trial(kind, *runs, wanted=EVERYTHING, name=""):
    return Trial(
        name=name or f"{kind}__x",
        kind=kind,
        lab=LAB,
        bundle=Bundle.of({}),
        wanted=wanted,
        seeds=tuple(range(1, len(runs) + 1)) or (1,),
        runs=runs,
    )


REFERENCE = trial("reference", run(), name="reference")
WRONG = (
    trial("wrong", run({"a": FAILED}), wanted=Wanted(loses=("a",)), name="wrong__a"),
    trial("wrong", run({"b": FAILED}), wanted=Wanted(loses=("b",)), name="wrong__b"),
)
CONTAINED = SimpleNamespace(name="docker", isolates=True)
LOOSE = SimpleNamespace(name="process", isolates=False)


def told(*trials):
    return list(findings_of((REFERENCE, *WRONG, *trials), LAB))


def test_nothing_is_found_where_all_is_well():
    assert told(trial("right", run(), run())) == []


def test_seeds_with_the_same_complaint_share_a_finding():
    lost = {"a": FAILED}
    (finding,) = told(trial("right", run(lost), run(lost)))
    assert finding.startswith("right__x (seeds 1, 2): it loses a (failed). Correct work must")


def test_a_complaint_under_one_seed_of_two_points_to_chance():
    (finding,) = told(trial("right", run(), run({"a": FAILED})))
    assert finding.startswith("right__x (seed 2): it loses a (failed). It depends on the seed:")


def test_a_broken_run_beside_a_good_one_is_not_blamed_on_chance_or_on_the_work():
    (finding,) = told(trial("right", run(), run(verdict=Verdict.BROKEN)))
    assert finding.endswith("look at the lab's tests and at the grader.")
    assert "depends on the seed" not in finding


def test_every_kind_has_its_advice():
    over = Wanted(max_points=0)
    advice = {
        "starter": "starter_max",
        "wrong": "expected.toml",
        "hostile": "before the lab is offered",
        "liar": "liars_max",
    }
    for kind, said in advice.items():
        (finding,) = told(trial(kind, run(), wanted=over))
        assert said in finding


def test_silent_checks_are_found_only_when_something_was_tried():
    assert [one[:23] for one in findings_of((REFERENCE, trial("right", run())), LAB)] == [
        "check a never said no: ",
        "check b never said no: ",
    ]
    assert list(findings_of((REFERENCE, trial("right")), LAB)) == []


def test_a_row_that_was_not_run_says_why():
    hostile = trial("hostile", wanted=Wanted(max_points=0))
    assert row_of(hostile, is_contained=False).saw == "not run: nothing contains it here"
    assert row_of(hostile, is_contained=True).saw == "not run: the reference must pass first"
    assert row_of(hostile, is_contained=True).ok is None


def test_a_row_shows_the_worst_and_the_median_time():
    made = row_of(
        trial("right", run(seconds=1.0), run({"a": FAILED}, seconds=9.0), run(seconds=2.0)),
        is_contained=True,
    )
    assert (made.ok, made.points, made.saw, made.seconds, made.runs) == (
        False,
        10,
        "loses a",
        2.0,
        3,
    )


def test_time_that_was_not_measured_is_not_told():
    assert median_seconds([replace(run(), phases={})]) is None


def test_notes_say_what_was_left_out():
    hostile = trial("hostile", wanted=Wanted(max_points=0))
    right = trial("right", run())
    assert list(notes_of((REFERENCE, right, hostile), LAB, CONTAINED)) == []
    (note,) = notes_of((REFERENCE, right, hostile), LAB, LOOSE)
    assert note.startswith("Hostile submissions not run: 1. The process sandbox contains nothing")
    (note,) = notes_of((REFERENCE,), LAB, CONTAINED)
    assert "no right__ submission" in note
    (note,) = notes_of((REFERENCE, right), replace(LAB, submit=Submit()), CONTAINED)
    assert "No Python module is handed in" in note


def test_notes_for_staff_are_told_once_with_their_number():
    one, two = replace(run(), staff_notes=("a box\nwas lost",)), replace(run(), staff_notes=("x",))
    assert list(staff_notes("liar__hangs", [one, one, two])) == [
        "liar__hangs: a box was lost (2 times)",
        "liar__hangs: x",
    ]
