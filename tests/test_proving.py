"""A lab is proved, or it is said what is wrong with it and what to do."""

import json
import re
from dataclasses import replace

import pytest

from grader.errors import EngineUnavailableError, LabError, NotProvedError
from grader.lab_reader import read_lab
from grader.outcome import Status, Verdict
from grader.proof import MutationScore
from grader.prooftable import to_json, to_markdown
from grader.proving import ProofSettings, prove
from grader.sandbox.pool import Pool
from grader.sandbox.process import ProcessSandbox
from grader.sandbox.reuse import ReusedWorkers
from tests.provable import (
    HOSTILE,
    MANIFEST,
    RIGHT,
    SOURCE,
    TEST_HIDDEN,
    WRONG,
    Saying,
    boxes,
    probing,
    provable_lab,
)

FAILED, SKIPPED, CRASHED, TIMED_OUT = (
    Status.FAILED,
    Status.SKIPPED,
    Status.CRASHED,
    Status.TIMED_OUT,
)

LINES = [line.strip() for line in SOURCE.splitlines()]
BEGINNING = LINES.index("found = 0") + 1
COMPARISON = LINES.index("if value > best:") + 1


class Heard:
    """Keeps what a proof says while it runs."""

    def __init__(self):
        self.total, self.events, self.ended = 0, [], 0

    def begin(self, total):
        self.total = total

    def ran(self, name, *, good):
        self.events.append((name, good))

    def end(self):
        self.ended += 1


@pytest.fixture
def folder(tmp_path):
    return provable_lab(tmp_path)


def proof_of(folder, said=None, *, isolates=True, grade=None, **settings):
    grade = grade or Saying(folder, said)
    chosen = {"mutants": 0, "seeds": (1, 2, 3), "grade": grade, "probe": probing(grade)}
    return prove(folder, boxes(isolates=isolates), ProofSettings(**(chosen | settings)))


def row(proof, name):
    (found,) = [row for row in proof.rows if row.name == name]
    return found


def test_a_good_lab_is_proved(folder):
    proof = proof_of(folder, mutants=6)
    assert proof.findings == ()
    assert proof.is_proved
    assert proof.is_complete
    assert all(row.ok for row in proof.rows)
    proof.demand()


def test_the_rows_stand_in_a_fixed_order_whatever_ends_first(folder):
    names = [row.name for row in proof_of(folder, jobs=4).rows]
    assert names[:7] == [
        "reference",
        "starter",
        "right__built_in",
        "wrong__first_is_largest",
        "wrong__first_value_only",
        "wrong__starts_from_zero",
        "hostile__exits",
    ]
    assert all(name.startswith("liar__") for name in names[7:])
    assert len(names) > 15


def test_attacks_begin_first_since_some_last_until_a_limit_ends_them(folder):
    grade = Saying(folder)
    proof_of(folder, grade=grade, jobs=1)
    assert list(grade.graded)[:3] == ["reference", "hostile__exits", "starter"]


def test_each_kind_is_run_under_its_number_of_seeds(folder):
    grade = Saying(folder)
    proof_of(folder, grade=grade, seeds=(1, 2, 3, 4, 5), mutants=0)
    assert grade.graded["reference"] == 5
    assert grade.graded["right__built_in"] == 2
    assert grade.graded["wrong__first_is_largest"] == 1
    assert (grade.graded["starter"], grade.graded["hostile__exits"]) == (1, 1)
    assert grade.graded["liar__returns_true"] == 1


def test_a_thorough_proof_runs_wrong_examples_under_two_seeds(folder):
    grade = Saying(folder)
    proof_of(folder, grade=grade, seeds=(1, 2, 3), thorough=True)
    assert grade.graded["wrong__first_is_largest"] == 2
    assert grade.graded["liar__returns_true"] == 1


def test_a_row_says_what_was_wanted_and_seen(folder):
    proof = proof_of(folder)
    wrong = row(proof, "wrong__first_is_largest")
    assert wrong.wanted == wrong.saw == "loses largest, largest_of_negatives"
    assert (wrong.points, wrong.runs, wrong.seconds) == (40, 1, 0.5)
    assert row(proof, "reference").wanted == row(proof, "reference").saw == "100 points"
    assert row(proof, "starter").wanted == "at most 10 points"
    assert row(proof, "hostile__exits").wanted == "at most 0 points; total crashed"
    assert row(proof, "hostile__exits").saw == "0 points; total crashed"


def test_a_reference_that_fails_under_one_seed_is_found_and_nothing_else_is_tried(folder):
    grade = Saying(folder, {("reference", 2): {"largest": FAILED, "largest_of_negatives": SKIPPED}})
    proof = proof_of(folder, grade=grade)
    (finding,) = proof.findings
    assert finding == (
        "reference (seed 2): it loses largest (failed), largest_of_negatives (skipped). It depends "
        "on the seed: look at what the checks draw at random. Nobody can earn what the reference "
        "does not: correct the reference or the check."
    )
    assert set(grade.graded) == {"reference"}
    assert row(proof, "reference").points == 40
    assert row(proof, "starter").saw == "not run: the reference must pass first"
    assert proof.mutation is None
    assert not proof.is_complete


def test_a_broken_reference_is_no_fault_of_the_reference(folder):
    proof = proof_of(folder, {"reference": Verdict.BROKEN})
    assert "reference (seeds 1, 2, 3): the grader itself could not finish" in proof.findings[0]
    assert "the checker died" in proof.findings[0]
    assert "look at the lab's tests and at the grader" in proof.findings[0]
    assert row(proof, "reference").saw == "broken"
    assert row(proof, "reference").points is None


def test_what_the_grader_told_staff_stands_in_the_notes(folder):
    saying = Saying(folder)

    def noting(lab, submission, boxes, **named):
        run = saying(lab, submission, boxes, **named)
        noted = submission.student.startswith(("hostile", "mutant"))
        return replace(run, staff_notes=("a worker was lost",) if noted else ())

    notes = proof_of(folder, grade=noting, mutants=3).notes
    assert "hostile__exits: a worker was lost" in notes
    assert "mutants: a worker was lost (3 times)" in notes
    assert len(notes) == 2


def test_a_starter_that_earns_too_much_is_found_with_the_checks_it_passes(folder):
    proof = proof_of(folder, {"starter": {"largest": FAILED, "largest_of_negatives": SKIPPED}})
    (finding,) = proof.findings
    assert finding.startswith(
        "starter (seed 1): it earns 40 points where at most 10 may be earned, through total."
    )
    assert "starter_max" in finding


def test_a_starter_that_is_turned_away_is_found(folder):
    proof = proof_of(folder, {"starter": Verdict.UNGRADABLE})
    assert "ended ungradable (sums.py is not there) instead of graded" in proof.findings[0]


def test_correct_work_that_loses_a_check_is_found(folder):
    proof = proof_of(folder, {"right__built_in": {"total": FAILED}})
    (finding,) = proof.findings
    assert finding.startswith("right__built_in (seeds 1, 2): it loses total (failed).")
    assert "Correct work must earn everything" in finding
    assert row(proof, "right__built_in").points == 60


def test_a_wrong_submission_that_loses_another_check_is_found(folder):
    lost = {"total": FAILED, "largest": FAILED, "largest_of_negatives": SKIPPED}
    proof = proof_of(folder, {"wrong__first_value_only": {**lost}})
    assert proof.findings[0].startswith(
        "wrong__first_value_only (seed 2): it also loses largest (failed), "
        "largest_of_negatives (skipped). Correct the check, or `loses`"
    )


def test_a_wrong_submission_that_keeps_a_declared_check_is_found(folder):
    proof = proof_of(folder, {"wrong__first_is_largest": {"largest": FAILED}})
    assert "it keeps largest_of_negatives." in proof.findings[0]
    assert row(proof, "wrong__first_is_largest").ok is False


def test_a_skipped_check_is_lost_and_must_be_declared(folder):
    lost = {"largest": FAILED, "largest_of_negatives": SKIPPED}
    assert proof_of(folder, {"wrong__first_is_largest": lost}).is_proved


def test_a_lost_check_that_ends_in_another_way_than_declared_is_found(folder):
    lost = {"total": FAILED, "largest": FAILED, "largest_of_negatives": FAILED}
    proof = proof_of(folder, {"hostile__exits": lost})
    assert "total ended failed instead of crashed" in proof.findings[0]


def test_a_liar_over_the_floor_is_found_with_the_checks_it_passes(folder):
    proof = proof_of(folder, {"liar__echoes": {"total": FAILED, "largest": FAILED}})
    (finding,) = proof.findings
    assert finding.startswith("liar__echoes (seed 1): it earns 20 points where at most 10 may be")
    assert "through largest_of_negatives. It knows nothing of the work" in finding
    assert row(proof, "liar__echoes").points == 20


def test_a_liar_at_the_floor_is_allowed(tmp_path):
    folder = provable_lab(tmp_path, manifest=MANIFEST + "\n[floors]\nliars_max = 20\n")
    assert proof_of(folder, {"liar__echoes": {"total": FAILED, "largest": FAILED}}).is_proved


def test_a_liar_that_hangs_gets_a_second_instead_of_ten(folder):
    grade = Saying(folder)
    proof_of(folder, grade=grade)
    assert grade.limits["liar__hangs"].call_s == 1.0
    assert grade.limits["liar__returns_true"].call_s == folder.lab.limits.call_s == 10.0


def test_a_check_that_never_said_no_is_found(tmp_path):
    kept = {name: WRONG[name] for name in ("wrong__first_value_only", "wrong__starts_from_zero")}
    proof = proof_of(provable_lab(tmp_path, examples=RIGHT | kept | HOSTILE))
    (finding,) = proof.findings
    assert finding.startswith("check largest never said no: no wrong__ submission")
    assert [refused.count for refused in proof.refusals] == [1, 0, 1]


@pytest.mark.parametrize("end", [SKIPPED, CRASHED])
def test_a_skip_or_a_crash_is_no_no_of_the_check(folder, end):
    lost = {"largest": FAILED, "largest_of_negatives": end}
    said = {
        "wrong__first_is_largest": lost,
        "wrong__starts_from_zero": {**lost, "largest": CRASHED},
    }
    assert any(
        "largest_of_negatives never said no" in one for one in proof_of(folder, said).findings
    )


def test_a_no_to_a_submission_that_earns_nothing_does_not_count(tmp_path):
    everything = 'why = "Nothing is there."\nloses = ["total", "largest", "largest_of_negatives"]\n'
    folder = provable_lab(tmp_path, examples=RIGHT | {"wrong__empty": (everything, "")})
    findings = proof_of(folder).findings
    assert [finding.split(":")[0] for finding in findings] == [
        "check total never said no",
        "check largest never said no",
        "check largest_of_negatives never said no",
    ]


def test_hostile_submissions_are_not_run_where_nothing_contains_them(folder):
    grade = Saying(folder)
    proof = proof_of(folder, grade=grade, isolates=False)
    assert "hostile__exits" not in grade.graded
    hostile = row(proof, "hostile__exits")
    assert (hostile.ok, hostile.saw, hostile.runs) == (
        None,
        "not run: nothing contains it here",
        0,
    )
    assert proof.is_proved
    assert not proof.is_complete
    assert any("Hostile submissions not run: 1" in note for note in proof.notes)


def test_a_lab_without_right_submissions_gets_a_note(tmp_path):
    proof = proof_of(provable_lab(tmp_path, examples=WRONG))
    assert any("no right__ submission" in note for note in proof.notes)
    assert proof.is_proved


def test_mutants_are_counted_and_get_short_limits(folder):
    grade = Saying(folder)
    proof = proof_of(folder, grade=grade, mutants=6)
    assert proof.mutation.tried == proof.mutation.killed == 6
    assert proof.mutation.rate == 1.0
    assert proof.mutation.possible > 20
    assert proof.mutation.call_s == 3.0
    (name, *_) = [name for name in grade.graded if name.startswith("mutant sums.py:")]
    assert (grade.limits[name].call_s, grade.limits[name].wall_s) == (3.0, 30.0)


def test_the_reference_must_pass_again_in_boxes_that_were_shared(folder):
    proof = proof_of(folder, {"reference again": {"total": FAILED}}, mutants=2)
    (finding,) = proof.findings
    assert finding.startswith("the reference does not pass in a box that had served other")
    assert proof_of(folder, {"reference again": {"total": FAILED}}, isolates=False).findings == ()


@pytest.mark.parametrize(("thorough", "wrong"), [(False, True), (True, False)])
def test_only_submissions_of_ours_share_boxes(folder, thorough, wrong):
    saying, shared = Saying(folder), {}

    def noting(lab, submission, boxes, **named):
        shared[submission.student.partition("__")[0].split()[0]] = isinstance(boxes, ReusedWorkers)
        return saying(lab, submission, boxes, **named)

    proof_of(folder, grade=noting, probe=probing(noting), mutants=2, thorough=thorough)
    assert shared == {
        "starter": False,
        "right": False,
        "wrong": wrong,
        "hostile": False,
        "liar": True,
        "mutant": True,
        "reference": True,  # the last time
    }


def test_short_limits_leave_room_for_a_slow_reference(folder):
    saying = Saying(folder)

    def slow(lab, submission, boxes, **named):
        run = saying(lab, submission, boxes, **named)
        results = tuple(replace(result, student_seconds=1.5) for result in run.results)
        return replace(run, results=results, phases={"total": 20.0})

    assert proof_of(folder, grade=slow, mutants=2).mutation.call_s == 7.5
    name = next(name for name in saying.graded if name.startswith("mutant"))
    assert saying.limits[name].wall_s == 100.0


def test_mutants_get_the_labs_limits_when_the_reference_needs_them(folder):
    saying = Saying(folder)

    def late(lab, submission, boxes, **named):
        if submission.student == "reference" and lab.limits.call_s < 10:
            saying.said = {"reference": {"total": TIMED_OUT}}
        return saying(lab, submission, boxes, **named)

    proof = proof_of(folder, grade=late, mutants=2)
    assert proof.mutation.call_s == 10.0
    assert any("did not keep the short time limits" in note for note in proof.notes)


def test_too_many_survivors_are_found_and_named(folder):
    saying = Saying(folder)

    def blind(lab, submission, boxes, **named):
        if submission.student.startswith("mutant"):
            saying.said[submission.student] = {}
        return saying(lab, submission, boxes, **named)

    proof = proof_of(folder, grade=blind, mutants=6)
    assert (proof.mutation.killed, proof.mutation.rate) == (0, 0.0)
    assert len(proof.mutation.survivors) == 6
    (finding,) = proof.findings
    assert finding.startswith("the checks noticed 0 of 6 mutants (0%); at least 90% is demanded.")
    assert "sums.py:" in finding
    assert "and 1 more" in finding


def test_a_mutant_that_breaks_a_run_is_found_and_counts_neither_way(folder):
    saying = Saying(folder)

    def breaking(lab, submission, boxes, **named):
        if submission.student.startswith("mutant") and not broken:
            broken.append(submission.student)
            saying.said[submission.student] = Verdict.BROKEN
        return saying(lab, submission, boxes, **named)

    broken = []
    proof = proof_of(folder, grade=breaking, jobs=1, mutants=6)
    assert (proof.mutation.tried, proof.mutation.noticeable) == (6, 5)
    assert proof.findings[0].startswith(f"{broken[0]}: the run ended broken (attempt 1")


def test_no_mutants_may_be_asked_for_and_then_the_proof_is_not_complete(folder):
    proof = proof_of(folder, mutants=0)
    assert proof.mutation is None
    assert proof.is_proved
    assert not proof.is_complete


def test_all_mutants_may_be_asked_for(folder):
    mutation = proof_of(folder, mutants=None).mutation
    assert 20 < mutation.tried <= mutation.possible


def test_a_reference_without_anything_to_mutate_is_found(tmp_path):
    given = MANIFEST + '\n[build]\ngiven = ["sums.py"]\n'
    folder = provable_lab(tmp_path, manifest=given, source=re.sub(r" *### .*\n", "", SOURCE))
    proof = proof_of(folder, mutants=6)
    assert proof.mutation.rate is None
    assert proof.findings[0].startswith("no mutant can be made: no Python stands between")


def test_a_declared_equivalent_leaves_the_denominator(tmp_path):
    folder = provable_lab(tmp_path)
    saying = Saying(folder)

    def blind(lab, submission, boxes, **named):
        if submission.student == f"mutant sums.py:{COMPARISON} ReplaceComparisonOperator_Gt_GtE":
            saying.said[submission.student] = {}
        return saying(lab, submission, boxes, **named)

    before = proof_of(folder, grade=blind, mutants=None).mutation
    assert (len(before.survivors), before.equivalent) == (1, 0)
    declare(folder, line=COMPARISON, operator="ReplaceComparisonOperator_Gt_GtE")
    after = proof_of(folder, grade=blind, mutants=None)
    assert after.findings == ()
    assert (after.mutation.equivalent, after.mutation.rate) == (1, 1.0)
    assert after.mutation.survivors[0].equivalent == "An equal value changes nothing."


def declare(folder, *, line, operator, becomes=""):
    text = (
        f'[[mutant]]\nfile = "sums.py"\nline = {line}\noperator = "{operator}"\n'
        'why = "An equal value changes nothing."\n'
    )
    extra = f"becomes = '{becomes}'\n" if becomes else ""
    (folder.private / "equivalent.toml").write_text(text + extra)


def test_a_declared_equivalent_that_is_killed_is_found(folder):
    declare(folder, line=COMPARISON, operator="ReplaceComparisonOperator_Gt_GtE")
    (finding,) = proof_of(folder, mutants=None).findings
    assert finding.endswith(
        f"90-sums/equivalent.toml: sums.py:{COMPARISON} ReplaceComparisonOperator_Gt_GtE: declared "
        "equivalent, but a check noticed this mutant. Remove the entry."
    )


def test_a_stale_declaration_is_found(folder):
    declare(folder, line=3, operator="NumberReplacer")
    assert "there is no such mutant" in proof_of(folder, mutants=1).findings[0]


def test_a_declaration_that_may_mean_two_mutants_must_say_which(folder):
    declare(folder, line=BEGINNING, operator="NumberReplacer")
    (finding,) = proof_of(folder, mutants=1).findings
    assert "can change the line in 2 ways" in finding
    assert "'found = 1', 'found = -1'" in finding
    declare(folder, line=BEGINNING, operator="NumberReplacer", becomes="found = 1")
    assert proof_of(folder, mutants=1).findings == ()


def test_progress_is_told_from_beginning_to_end(folder):
    heard = Heard()
    proof_of(folder, {"starter": {}}, progress=heard, mutants=2)
    assert heard.total == len(heard.events)
    assert heard.ended == 1
    assert ("starter", False) in heard.events
    assert ("reference", True) in heard.events


def test_an_engine_that_fails_ends_the_proof(folder):
    with pytest.raises(EngineUnavailableError, match="gone"):
        proof_of(folder, {"wrong__first_is_largest": EngineUnavailableError("gone")})


def test_a_lab_that_was_given_as_a_path_cannot_be_proved(tmp_path):
    (tmp_path / "lab.toml").write_text('[submit]\nmodules = ["sums"]\n')
    (tmp_path / "test_sums.py").write_text("def test_nothing():\n    assert True\n")
    with pytest.raises(LabError, match="no reference solution") as caught:
        prove(read_lab(tmp_path, None), boxes())
    assert "solutions/" in caught.value.advice


def test_a_lab_whose_private_folder_has_no_source_cannot_be_proved(folder):
    (folder.private / "source" / "sums.py").rename(folder.private / "sums.txt")
    (folder.private / "source").rmdir()
    with pytest.raises(LabError, match="no reference solution"):
        prove(folder, boxes())


def test_a_proof_without_seeds_is_refused(folder):
    with pytest.raises(ValueError, match="at least one seed"):
        proof_of(folder, seeds=())


def test_demand_raises_with_every_finding(folder):
    proof = proof_of(folder, {"starter": {}, "right__built_in": {"total": FAILED}})
    with pytest.raises(NotProvedError) as caught:
        proof.demand()
    assert "2 things are wrong." in str(caught.value)
    assert all(finding in str(caught.value) for finding in proof.findings)
    assert caught.value.exit_code == 3


def test_a_proof_has_no_mutation_score_of_chance():
    nothing = MutationScore(possible=0, tried=0, killed=0)
    assert (nothing.rate, nothing.percent) == (None, 0)


# -- for real: pytest, two processes, a lab with three faults on purpose

WEAK = TEST_HIDDEN.replace("assert largest(values) == meant", "assert largest(values) is not None")
CARELESS = {
    "wrong__first_is_largest": (
        'why = "Never looks further, in both."\nloses = ["largest"]\n',
        WRONG["wrong__first_is_largest"][1].replace("sum(values)", "values[0]"),
    ),
}


@pytest.mark.slow
def test_faults_of_a_real_lab_come_to_light(tmp_path):
    folder = provable_lab(
        tmp_path,
        test_hidden=WEAK,
        examples=RIGHT | CARELESS | HOSTILE,
        manifest=MANIFEST.replace('needs = ["largest"]', "") + '[image]\npreload = ["numpy"]\n',
    )
    with ProcessSandbox() as sandbox, Pool(sandbox, slots=2) as pool:
        proof = prove(folder, pool, ProofSettings(seeds=(1, 2), mutants=6))
    found = "\n".join(proof.findings)
    assert "wrong__first_is_largest (seed 1): it also loses total (failed)" in found
    assert "check largest_of_negatives never said no" in found
    assert "liar__returns_one (seed 1): it earns 20 points where at most 10 may be earned" in found
    assert not any("liar__raises" in finding or "right__" in finding for finding in proof.findings)
    points = {one.name: one.points for one in proof.rows}
    assert (points["reference"], points["right__built_in"], points["starter"]) == (100, 100, 0)
    assert (points["liar__hangs"], points["liar__raises"]) == (0, 0)
    assert row(proof, "hostile__exits").ok is None
    assert proof.mutation.tried == proof.mutation.killed + len(proof.mutation.survivors) == 6
    assert proof.mutation.killed > 0
    assert "not proved" in to_markdown(proof)
    assert json.loads(json.dumps(to_json(proof), allow_nan=False))["complete"] is False
