from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch import run_batch
from grader.errors import ResultsError, UsageError
from grader.outcome import CheckResult, Run, Status, Verdict
from grader.progress import RecordingProgress
from grader.regrade import Decision, Regrade, apply, compare, compared, plan, rows
from grader.results import Results
from tests.pretend import NOON, Grader, hand_in, lab_of, run_of, settings, submission_of

OLD = lab_of("a b c")
NEW = lab_of("a b d")
DECISION = Decision(who="Kim", why="c was unfair", when=NOON + timedelta(days=1))


def clock():
    return NOON


@pytest.fixture
def results(tmp_path):
    """A class that was graded with the old lab: one will gain, one lose, one not care."""
    inbox = tmp_path / "inbox"
    found = [
        hand_in(inbox, "gains", "a d"),
        hand_in(inbox, "loses", "a b c"),
        hand_in(inbox, "same", "a"),
        hand_in(inbox, "empty", "ungradable"),
        hand_in(inbox, "refused", "refuse"),
    ]
    with Results.open(tmp_path / "results", OLD, clock=clock) as opened:
        run_batch(OLD, found, opened, grade=Grader(), settings=settings())
        yield opened


def try_out(results, grade=None, lab=NEW, **changes):
    return plan(results, lab, grade=grade or Grader(), settings=settings(**changes))


def points(results):
    return {run.student: run.earned for run in results.official()}


# -- planning ---------------------------------------------------------------------------------


def test_a_plan_says_who_gains_who_loses_by_how_much_and_why(results):
    regrade = try_out(results)
    assert [(c.student, c.points) for c in regrade.gains] == [("gains", 10)]
    assert [(c.student, c.points) for c in regrade.loses] == [("loses", -10)]
    loses = regrade.loses[0]
    assert (loses.before, loses.after) == (30, 20)
    assert [(c.check, c.before, c.after, c.points) for c in loses.checks] == [
        ("c", Status.PASSED, None, -10),
        ("d", None, Status.FAILED, 0),
    ]
    assert regrade.complete
    assert regrade.exit_code == 0


def test_the_old_scores_stay_official_until_the_regrade_is_applied(results):
    before = points(results)
    lines = (results.folder / "runs.jsonl").read_bytes()
    try_out(results)
    assert points(results) == before
    assert (results.folder / "runs.jsonl").read_bytes() == lines
    assert (results.folder / "regrades" / NEW.digest / "runs.jsonl").exists()


def test_only_what_changes_is_listed_and_the_rest_is_counted(results):
    bigger = lab_of("a b c", digest="f" * 64)
    regrade = try_out(results, lab=bigger)
    assert regrade.changes == ()
    assert regrade.unchanged == 4  # the refused one was never accepted, so it is not graded


def test_a_second_plan_grades_nothing_twice(results):
    first = try_out(results)
    grade, progress = Grader(), RecordingProgress()
    assert try_out(results, grade, progress=progress) == first
    assert not grade.graded
    assert ("gains", "regraded before") in progress.of("skipped")


def test_an_interrupted_plan_goes_on_where_it_stopped(results):
    def stops(lab, submission):
        if submission.student == "loses":
            raise SystemExit  # whatever ends one grading
        return run_of(lab, submission)

    with pytest.raises(SystemExit):
        try_out(results, stops, jobs=1)
    grade = Grader()
    assert try_out(results, grade).complete
    assert ("loses", 1) in grade.graded
    assert ("empty", 1) not in grade.graded


def test_a_torn_line_of_a_plan_is_set_aside_and_graded_again(results):
    whole = try_out(results)
    path = results.folder / "regrades" / NEW.digest / "runs.jsonl"
    path.write_bytes(path.read_bytes()[:-7])
    progress, grade = RecordingProgress(), Grader()
    assert try_out(results, grade, progress=progress) == whole
    assert len(grade.graded) == 1
    assert "cut off" in progress.of("note")[0][0]


def test_broken_runs_are_tried_again_and_then_named(results):
    broken = Grader()

    def grade(lab, submission):
        run = broken(lab, submission)
        if submission.student == "gains":
            return replace(run, verdict=Verdict.BROKEN, results=())
        return run

    regrade = try_out(results, grade)
    assert broken.graded["gains", 1] == 2
    assert regrade.broken == (("gains", 1),)
    assert not regrade.complete
    assert regrade.exit_code == 5
    assert points(results)["gains"] == 10


def test_an_engine_that_is_gone_leaves_a_plan_that_can_go_on(results):
    grade = Grader()
    grade.engine_is_gone = True
    regrade = try_out(results, grade)
    assert "the engine is gone" in regrade.halted
    assert len(regrade.broken) == 4
    assert try_out(results).complete


def test_the_same_version_of_the_lab_has_nothing_to_regrade(results):
    with pytest.raises(UsageError, match="has not changed"):
        try_out(results, lab=OLD)


def test_another_lab_is_no_new_version(results):
    with pytest.raises(UsageError, match="not of 10-other"):
        try_out(results, lab=lab_of(slug="10-other"))


def test_only_hand_ins_that_count_are_regraded(results):
    results.handins.accept("waits", submission_of("d").bundle, NOON)
    grade = Grader()
    try_out(results, grade)
    assert ("waits", 1) not in grade.graded


# -- applying ---------------------------------------------------------------------------------


def test_applying_makes_the_new_scores_official_and_keeps_the_old_runs(results):
    old = list(results.official())
    regrade = try_out(results)
    assert apply(results, regrade, DECISION) == 4
    assert points(results) == {"gains": 20, "loses": 20, "same": 10, "empty": 0, "refused": 0}
    kept = (results.folder / "runs.jsonl").read_text()
    assert all(run.id in kept for run in old)


def test_who_decided_why_and_when_is_written_down(results):
    apply(results, try_out(results), DECISION)
    version = Results.read(results.folder).versions[-1]
    assert (version.who, version.why) == ("Kim", "c was unfair")
    assert version.since == (NOON + timedelta(days=1)).isoformat()
    assert version.digest == NEW.digest


@pytest.mark.parametrize("missing", [{"who": " "}, {"why": ""}])
def test_nothing_counts_without_a_name_and_a_reason(results, missing):
    regrade = try_out(results)
    with pytest.raises(UsageError, match="a name and a reason"):
        apply(results, regrade, replace(DECISION, **missing))
    assert points(results)["gains"] == 10


def test_applying_twice_changes_nothing(results):
    regrade = try_out(results)
    apply(results, regrade, DECISION)
    before = (results.folder / "runs.jsonl").read_bytes()
    assert apply(results, regrade, DECISION) == 0
    assert (results.folder / "runs.jsonl").read_bytes() == before
    assert len(results.versions) == 2


def test_an_incomplete_regrade_is_refused_unless_somebody_insists(results):
    grade = Grader()

    def breaks(lab, submission):
        if submission.student == "gains":
            raise KeyError("a bug")
        return grade(lab, submission)

    regrade = try_out(results, breaks)
    with pytest.raises(UsageError, match="1 of 4 hand-ins have no result"):
        apply(results, regrade, DECISION)
    assert points(results)["loses"] == 30
    apply(results, regrade, replace(DECISION, despite_missing=True))
    assert points(results)["loses"] == 20
    assert points(results)["gains"] == 10, "no new result: the old one stays"


def test_hand_ins_graded_after_the_plan_keep_it_from_being_applied(results, tmp_path):
    regrade = try_out(results)
    late = [hand_in(tmp_path / "late", "late", "a d")]
    run_batch(OLD, late, results, grade=Grader(), settings=settings())
    with pytest.raises(UsageError, match="1 of 5 hand-ins"):
        apply(results, regrade, DECISION)
    apply(results, try_out(results), DECISION)
    assert points(results)["late"] == 20


def test_after_applying_the_batch_goes_on_with_the_new_lab(results, tmp_path):
    apply(results, try_out(results), DECISION)
    folder = results.folder
    results.close()
    with pytest.raises(UsageError, match="another version"):
        Results.open(folder, OLD, clock=clock)
    with Results.open(folder, NEW, clock=clock) as again:
        found = [hand_in(tmp_path / "inbox", "loses", "a b c"), hand_in(tmp_path, "zoe", "d")]
        outcome = run_batch(NEW, found, again, grade=Grader(), settings=settings())
        assert (outcome.graded, outcome.skipped) == (1, 1)
        assert points(again)["zoe"] == 10


def test_a_regrade_can_be_undone_by_a_third_version_only_not_by_the_first_again(results):
    apply(results, try_out(results), DECISION)
    third = lab_of("a b c", digest="3" * 64)
    apply(results, try_out(results, lab=third), DECISION)
    assert points(results)["loses"] == 30
    assert [version.digest for version in results.versions] == [OLD.digest, NEW.digest, "3" * 64]


def test_going_back_to_an_earlier_version_makes_its_runs_official_again(results):
    before = points(results)
    apply(results, try_out(results), DECISION)
    apply(results, try_out(results, lab=OLD), DECISION)
    assert points(results) == before


def test_a_corrupt_line_of_a_plan_stops_with_its_number(results):
    try_out(results)
    path = results.folder / "regrades" / NEW.digest / "runs.jsonl"
    path.write_bytes(b"rubbish\n" + path.read_bytes())
    with pytest.raises(ResultsError, match="line 1"):
        try_out(results)


# -- comparing: a pure function ---------------------------------------------------------------

statuses = st.sampled_from([s for s in Status if s is not Status.MISSING])


@st.composite
def some_runs(draw):
    """A run of a lab of up to five checks of up to nine points each."""
    checks = draw(st.dictionaries(st.sampled_from("abcde"), st.integers(0, 9), max_size=5))
    results = tuple(
        CheckResult(
            id=check,
            status=(status := draw(statuses)),
            earned=worth if status is Status.PASSED else 0,
        )
        for check, worth in checks.items()
    )
    graded = draw(st.booleans())
    return replace(
        run_of(OLD, submission_of("a")),
        results=results if graded else (),
        out_of=sum(checks.values()),
        verdict=Verdict.GRADED if graded else Verdict.UNGRADABLE,
        reason="" if graded else "empty",
    )


@given(some_runs())
def test_a_run_does_not_differ_from_itself(run):
    assert compare(run, run) is None
    assert compare(run, replace(run, id="other", seed=7, graded_at=NOON)) is None


@given(some_runs(), some_runs())
def test_the_points_of_a_change_are_those_of_its_checks(old: Run, new: Run):
    change = compare(old, new)
    if change is None:
        assert old.earned == new.earned
        return
    assert change.points == new.earned - old.earned
    assert change.points == sum(check.points for check in change.checks)
    assert len({check.check for check in change.checks}) == len(change.checks)
    assert all(check.points or check.before is not check.after for check in change.checks)


@given(some_runs(), some_runs())
def test_what_one_regrade_gives_the_way_back_takes(old: Run, new: Run):
    forth, back = compare(old, new), compare(new, old)
    assert (forth is None) == (back is None)
    if forth and back:
        assert forth.points == -back.points
        assert {c.check: c.points for c in forth.checks} == {
            c.check: -c.points for c in back.checks
        }


@given(st.lists(st.tuples(some_runs(), some_runs()), max_size=6))
def test_every_pair_is_either_a_change_or_unchanged_and_losses_come_first(pairs):
    regrade = compared(Regrade(lab="l", old_digest="o", new_digest="n"), pairs)
    assert len(regrade.changes) + regrade.unchanged == len(pairs)
    gains, loses = len(regrade.gains), len(regrade.loses)
    even = sum(change.points == 0 for change in regrade.changes)
    assert gains + loses + even == len(regrade.changes)
    assert [c.points for c in regrade.changes] == sorted(c.points for c in regrade.changes)
    table = rows(regrade)
    assert len(table) == 1 + len(regrade.changes)
    assert {len(row) for row in table} == {5}


def test_the_table_reads_like_a_sentence(results):
    table = rows(try_out(results))
    assert table[0] == ("student", "now", "with the new lab", "points", "because of")
    assert table[1] == ("loses", "30/30", "20/30", "-10", "c (passed → gone), d (new → failed)")
    assert table[-1] == ("gains", "10/30", "20/30", "+10", "c (failed → gone), d (new → passed)")


def test_an_ungradable_hand_in_that_the_new_lab_grades_is_a_change():
    old = run_of(OLD, submission_of("ungradable"))
    new = replace(run_of(OLD, submission_of("a")), student="ann", attempt=2)
    change = compare(old, new)
    assert (change.before, change.after, change.points) == (None, 10, 10)
    [_, row] = rows(compared(Regrade(lab="l", old_digest="o", new_digest="n"), [(old, new)]))
    assert row[:4] == ("ann #2", "ungradable", "10/30", "+10")


def test_a_check_that_is_worth_more_says_so_and_a_new_total_too():
    submission = submission_of("a b")
    small, large = lab_of("a b"), lab_of("a b", points=20)
    frame = Regrade(lab="l", old_digest="o", new_digest="n")
    [_, row] = rows(compared(frame, [(run_of(small, submission), run_of(large, submission))]))
    assert row[-1] == "a (worth +10), b (worth +10)"

    grown = replace(run_of(small, submission), out_of=30)
    [_, row] = rows(compared(frame, [(run_of(small, submission), grown)]))
    assert row[-1] == "the lab's total (20 → 30)"
