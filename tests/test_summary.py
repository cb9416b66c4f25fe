from __future__ import annotations

from dataclasses import replace

import pytest

from grader.outcome import Status
from grader.summary import lighter, normalised, summarise
from tests.classroom import (
    broken,
    make_class,
    make_grade,
    make_lab,
    make_run,
    not_passed,
    ungradable,
)


def run_of(student, *results, points=None, **changes):
    run = make_run(student=student, id=f"run-of-{student}", results=results, **changes)
    return make_grade(student, points=run.earned if points is None else points, run=run), run


def summary_of(*pairs):
    return summarise(
        make_lab(), [pair[0] for pair in pairs], [pair[1] for pair in pairs if pair[1]]
    )


def check(summary, check_id):
    return next(each for each in summary.checks if each.id == check_id)


def test_students_stand_by_points_and_those_without_points_come_last():
    summary = summary_of(
        run_of("low", points=10),
        (make_grade("gone"), None),
        run_of("high", points=90),
        run_of("zero", points=0),
    )
    assert [row.student for row in summary.students] == ["high", "low", "zero", "gone"]
    assert [row.student for row in summary.attention] == ["gone"]


def test_a_zero_is_a_number_of_points_and_nothing_is_not():
    summary = summary_of(run_of("zero", points=0), (make_grade("gone"), None))
    assert (summary.median, summary.mean) == (0, 0)
    assert summary.bins[0].students == ("zero",)


def test_a_class_without_any_run_has_no_mean_and_no_median():
    summary = summary_of((make_grade("gone"), None))
    assert summary.median is None
    assert summary.mean is None
    assert summary.graded_at is None
    assert summary.slowest == ()
    assert summary.stuck == ()


@pytest.mark.parametrize("run", [ungradable("ann"), broken("ann")])
def test_a_run_without_results_tells_its_reason_and_no_status(run):
    grade = make_grade("ann", run=run)
    (row,) = summarise(make_lab(), [grade], [run]).students
    assert row.why == run.reason
    assert set(row.statuses) == {None}
    assert row.points is None


def test_the_run_that_the_grade_names_counts_and_not_the_last_one():
    grade, first = run_of("ann")
    later = make_run(student="ann", id="later", attempt=3, results=[not_passed("accuracy")])
    summary = summarise(make_lab(), [grade], [first, later])
    assert check(summary, "accuracy").not_passed == 0
    unnamed = make_grade("ann", points=90)
    summary = summarise(make_lab(), [unnamed], [later, first])
    assert check(summary, "accuracy").not_passed == 1


def test_the_hardest_check_comes_first_and_skipped_hand_ins_do_not_count_against_it():
    skipped = not_passed("idempotent", Status.SKIPPED)
    pairs = [run_of(f"s{at}", not_passed("orphans_kept"), skipped) for at in range(3)]
    pairs.append(run_of("other", not_passed("idempotent", Status.CRASHED)))
    summary = summary_of(*pairs)
    assert [each.id for each in summary.stuck] == ["orphans_kept", "idempotent"]
    assert check(summary, "idempotent").not_passed == 1
    assert check(summary, "idempotent").skipped == 3
    assert check(summary, "idempotent").graded == 4


def test_messages_are_grouped_without_their_numbers_and_addresses():
    said = ["seen 0.5 on 200 rows", "seen 1.0 on 180 rows", "raised KeyError"]
    pairs = [run_of(f"s{at}", not_passed("accuracy", message=text)) for at, text in enumerate(said)]
    groups = check(summary_of(*pairs), "accuracy").groups
    assert [(group.text, group.students) for group in groups] == [
        ("seen N on N rows", ("s0", "s1")),
        ("raised KeyError", ("s2",)),
    ]
    assert groups[0].example == "seen 0.5 on 200 rows"


def test_a_hidden_check_is_grouped_by_its_assertion_and_not_by_its_template():
    detail = "def test():\n>   assert f() == 2\nE   assert 3 == 2\nE    +  where 3 = f()\n"
    failed = not_passed("sentinels", message="Not yet: a template.", detail=detail)
    (group,) = check(summary_of(run_of("ann", failed)), "sentinels").groups
    assert group.text == "assert N == N"


def test_a_result_without_any_text_is_grouped_by_its_status():
    late = not_passed("sentinels", Status.TIMED_OUT)
    (group,) = check(summary_of(run_of("ann", late)), "sentinels").groups
    assert group.text == "timed out"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("<object at 0x7f3a12>", "<object at 0x…>"),
        ("seen -1.5e-3, meant 2", "seen N, meant N"),
        ("dtype float64 became int32", "dtype float64 became int32"),
        ("on 2024-01-05\n   at 08:00", "on N at N"),
        ("\x1b[31m7", "␛[31m7"),
        ("version2 of x.5", "version2 of x.5"),
    ],
)
def test_normalised_messages_lose_only_what_differs_between_students(message, text):
    assert normalised(message) == text


def test_a_huge_message_is_grouped_by_its_beginning():
    assert len(normalised("word " * 100_000).encode()) <= 300


@pytest.mark.parametrize(
    ("points", "label"),
    [
        (0, "0 to 9"),
        (9.5, "0 to 9"),
        (10, "10 to 19"),
        (99.9, "90 to 99"),
        (100, "100"),
        (120, "100"),
    ],
)
def test_every_number_of_points_falls_into_its_bar(points, label):
    summary = summary_of(run_of("ann", points=points))
    assert [held.label for held in summary.bins if held.students] == [label]


def test_a_small_lab_has_a_bar_for_each_point():
    lab = make_lab(checks=make_lab().checks[:1])
    run = make_run(lab)
    summary = summarise(lab, [make_grade(run.student, points=5, run=run)], [run])
    assert [held.label for held in summary.bins] == ["0", "1", "2", "3", "4", "5"]


def test_phases_tell_the_middle_the_slow_end_and_the_slowest():
    pairs = [run_of(f"s{at:03}", phases={"tests": float(at)}) for at in range(1, 101)]
    (phase,) = summary_of(*pairs).phases
    assert (phase.name, phase.median, phase.p95, phase.highest) == ("tests", 50.5, 95.0, 100.0)


def test_the_slowest_runs_come_first():
    pairs = [run_of(f"s{at}", phases={"total": float(at)}) for at in range(20)]
    assert [row.student for row in summary_of(*pairs).slowest][:3] == ["s19", "s18", "s17"]


def test_what_limits_the_trust_in_a_class_is_said():
    loose = run_of("a", sandbox="process", trusts_student=True)
    other = run_of("b", lab_digest="00")
    said = " ".join(summary_of(loose, other).warnings)
    assert "1 of 2 runs were graded without isolation" in said
    assert "trusted to the students" in said
    assert "same version" in said


def test_names_are_made_visible_and_keep_their_key():
    grade, run = run_of("a\x1b[2J")
    (row,) = summary_of((grade, run)).students
    assert (row.student, row.key) == ("a␛[2J", "a\x1b[2J")


def test_a_lighter_run_gives_the_same_summary():
    lab, grades, runs = make_class(40)
    light = [lighter(run) for run in runs]
    assert summarise(lab, grades, light) == summarise(lab, grades, runs)
    assert all(result.output == "" for run in light for result in run.results)


def test_a_lighter_run_is_small_whatever_a_student_printed():
    failed = not_passed("accuracy", message="m" * 9_000, detail="d" * 9_000, output="o" * 9_000)
    light = lighter(make_run(results=[failed]))
    assert len(repr(light)) < len(repr(lighter(make_run()))) + 1_000


def test_order_of_grades_and_runs_does_not_matter():
    lab, grades, runs = make_class(30)
    assert (
        summarise(lab, grades[::-1], runs[::-1]).students == summarise(lab, grades, runs).students
    )


def test_a_lab_without_points_has_no_distribution():
    lab = make_lab(checks=tuple(replace(each, points=0) for each in make_lab().checks))
    assert summarise(lab, [make_grade("ann", points=0)], []).bins == ()
