"""The score of mutants, and what is wrong with it."""

from dataclasses import replace

import pytest

from grader.lab import Floors
from grader.mutants import Equivalent, Orchard
from grader.mutation import declaration_findings, findings, is_killed, score
from grader.outcome import Status, Verdict
from grader.submission import Bundle
from tests.pretend import lab_of, submission_of
from tests.provable import SOURCE, probe_of, run_of

LAB = lab_of("a b")
ORCHARD = Orchard(Bundle.of({"sums.py": SOURCE.encode()}))
MUTANTS = ORCHARD.sample(5, 0)
ENTRY = Equivalent(
    file="sums.py",
    line=MUTANTS[0].spot.line,
    operator=MUTANTS[0].spot.operator,
    becomes=MUTANTS[0].becomes,
    why="No difference.",
)


def probed(*ends):
    """Probe the first mutants: k(illed), s(urvives), b(roken)."""
    runs = {
        "k": run_of(LAB, submission_of("-"), {"a": Status.TIMED_OUT}),
        "s": run_of(LAB, submission_of("-")),
        "b": run_of(LAB, submission_of("-"), verdict=Verdict.BROKEN),
    }
    return [(mutant, probe_of(runs[end])) for mutant, end in zip(MUTANTS, ends, strict=False)]


def kept(ends, declared=()):
    return score(ORCHARD, probed(*ends), declared, 0)


@pytest.mark.parametrize("end", [Status.FAILED, Status.CRASHED, Status.TIMED_OUT])
def test_a_mutant_that_loses_a_point_is_killed(end):
    assert is_killed(probe_of(run_of(LAB, submission_of("-"), {"b": end})))


def test_a_mutant_that_earns_everything_or_breaks_the_run_is_not_killed():
    assert not is_killed(probe_of(run_of(LAB, submission_of("-"))))
    assert not is_killed(probe_of(run_of(LAB, submission_of("-"), verdict=Verdict.BROKEN)))


def test_the_score_counts_what_was_noticed():
    found = kept("kkks")
    assert (found.tried, found.killed, found.noticeable, found.rate) == (4, 3, 4, 0.75)
    assert found.possible == len(ORCHARD.spots)
    (survivor,) = found.survivors
    assert (survivor.line, survivor.becomes) == (MUTANTS[3].spot.line, MUTANTS[3].becomes)


def test_a_broken_run_counts_neither_way():
    assert kept("kkb").rate == 1.0
    assert kept("b").rate is None


def test_a_declared_survivor_leaves_the_denominator():
    found = kept("skk", [ENTRY])
    assert (found.equivalent, found.noticeable, found.rate) == (1, 2, 1.0)
    assert found.survivors[0].equivalent == "No difference."


def test_a_declaration_cannot_cover_two_mutants():
    vague = Equivalent(file="sums.py", line=13, operator="NumberReplacer", why="Both.")
    assert len(ORCHARD.matching(vague)) == 2
    runs = [(mutant, probed("s")[0][1]) for mutant in ORCHARD.matching(vague)]
    assert score(ORCHARD, runs, [vague], 0).equivalent == 0


def test_a_rate_below_the_floor_names_the_survivors():
    (told,) = findings(LAB, kept("kkss"), probed(*"kkss"))
    assert told.startswith("the checks noticed 2 of 4 mutants (50%); at least 90% is demanded.")
    assert f"sums.py:{MUTANTS[2].spot.line}" in told
    assert MUTANTS[3].becomes in told


def test_a_rate_at_the_floor_is_enough():
    lab = replace(LAB, floors=Floors(mutants_killed_min=0.5))
    assert list(findings(lab, kept("kkss"), probed(*"kkss"))) == []


def test_a_broken_run_is_told():
    (told,) = findings(LAB, kept("kb"), probed(*"kb"))
    assert told.startswith(f"mutant {MUTANTS[1].name}: the run ended broken (attempt 1")


def test_declarations_of_what_is_not_there_and_of_what_was_killed_are_told():
    stale = ENTRY.model_copy(update={"line": 1})
    told = list(
        declaration_findings(ORCHARD, probed("k"), [ENTRY, stale], "solutions/x/equivalent.toml")
    )
    assert "a check noticed this mutant" in told[0]
    assert "there is no such mutant" in told[1]
    assert all(one.startswith("solutions/x/equivalent.toml: sums.py:") for one in told)


def test_a_declared_survivor_and_one_that_was_not_drawn_are_fine():
    for runs in (probed("s"), []):
        assert list(declaration_findings(ORCHARD, runs, [ENTRY], "x")) == []
