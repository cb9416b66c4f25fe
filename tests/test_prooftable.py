"""A proof as rows, as JSON and as Markdown."""

import json
from dataclasses import replace

import pytest

from grader.lab import Floors
from grader.proof import MutationScore, Proof, ProofRow, Refusals, Survivor
from grader.prooftable import (
    HEADER,
    HEADER_OF_ALL,
    SCHEMA_VERSION,
    rows_for_terminal,
    rows_of_all,
    summary_lines,
    to_json,
    total_line,
)
from grader.prooftable import to_markdown as markdown

SURVIVOR = Survivor(
    file="sums.py",
    line=24,
    operator="ReplaceComparisonOperator_Gt_GtE",
    becomes="if value >= best:",
    diff="--- a/sums.py\n+++ b/sums.py\n-if value > best:\n+if value >= best:",
)


def row(name, kind, *, points=100, ok=True, seconds=1.25, wanted="w", saw="s"):
    runs = 0 if ok is None else 2
    return ProofRow(
        name=name,
        kind=kind,
        wanted=wanted,
        saw=saw,
        ok=ok,
        points=None if ok is None else points,
        seconds=None if ok is None else seconds,
        runs=runs,
    )


ROWS = (
    row("reference", "reference"),
    row("starter", "starter", points=4),
    row("right__loop", "right"),
    row("right__other", "right", seconds=3.0),
    row("wrong__secret_misconception", "wrong", points=80),
    row("hostile__exits", "hostile", points=0),
    row("liar__returns_true", "liar", points=0, seconds=0.4),
    row("liar__echoes", "liar", points=7, seconds=0.2),
)


def proof(**changes):
    made = {
        "lab": "90-sums",
        "title": "Sums",
        "lab_digest": "d" * 64,
        "out_of": 100,
        "floors": Floors(),
        "sandbox": "docker",
        "isolates": True,
        "seeds": (1, 2, 3),
        "rows": ROWS,
        "mutation": MutationScore(possible=200, tried=40, killed=38, survivors=(SURVIVOR,) * 2),
        "refusals": (Refusals(check="total", count=2), Refusals(check="largest", count=1)),
        "findings": (),
        "reference_seconds": 1.25,
        "seconds": 61.2,
    }
    return Proof(**(made | changes))


def test_a_row_has_a_cell_for_every_column():
    rows = rows_for_terminal(proof())
    assert {len(one.cells) for one in rows} == {len(HEADER)}
    assert rows[0].cells == ("ok", "reference", "w", "s", "100", "1.2")
    assert len(rows) == len(ROWS) + 1


def test_what_was_not_run_has_no_points_and_no_mark_of_success():
    unrun = row("hostile__exits", "hostile", ok=None, saw="not run: nothing contains it here")
    (first, *_) = rows_for_terminal(proof(rows=(unrun,)))
    assert first.cells == (
        "-",
        "hostile__exits",
        "w",
        "not run: nothing contains it here",
        "",
        "",
    )
    assert first.ok is None


def test_what_went_wrong_is_marked_in_words():
    (first, *_) = rows_for_terminal(proof(rows=(row("starter", "starter", ok=False),)))
    assert (first.ok, first.cells[0]) == (False, "WRONG")


def test_mutants_have_a_line_of_their_own():
    last = rows_for_terminal(proof())[-1]
    assert last.cells[1:4] == (
        "40 of 200 mutants (seed 0)",
        "at least 90% killed",
        "95% killed",
    )
    assert last.ok is True


def test_a_rate_just_below_the_floor_does_not_look_like_the_floor():
    close = MutationScore(possible=999, tried=999, killed=899, survivors=(SURVIVOR,) * 100)
    last = rows_for_terminal(proof(mutation=close))[-1]
    assert (last.ok, last.cells[3]) == (False, "89% killed")


def test_no_mutant_at_all_is_neither_good_nor_bad():
    last = rows_for_terminal(proof(mutation=MutationScore(possible=0, tried=0, killed=0)))[-1]
    assert (last.ok, last.cells[3]) == (None, "none could be made")


class TestAllLabs:
    """One line for each lab, and the total."""

    def test_a_lab_that_is_proved(self):
        (line,) = rows_of_all([proof()])
        assert len(line.cells) == len(HEADER_OF_ALL)
        assert line.cells[:5] == ("ok", "90-sums", "16", "8 of 8", "38 of 40")
        assert line.ok is True

    def test_a_lab_that_is_not_proved(self):
        rows = (row("reference", "reference"), row("starter", "starter", ok=False))
        (line,) = rows_of_all([proof(rows=rows, findings=("the starter earns too much",))])
        assert line.cells[:4] == ("WRONG", "90-sums", "4", "1 of 2")
        assert line.ok is False

    def test_a_lab_of_which_not_everything_was_tried(self):
        (line,) = rows_of_all([proof(mutation=None)])
        assert (line.cells[0], line.cells[4], line.ok) == ("-", "not tried", None)

    def test_a_lab_without_mutants(self):
        nothing = MutationScore(possible=0, tried=0, killed=0)
        (line,) = rows_of_all([proof(mutation=nothing)])
        assert line.cells[4] == "none made"

    def test_the_total_counts_labs_and_adds_their_seconds(self):
        proofs = [proof(seconds=100.4), proof(seconds=50.2), proof(seconds=9.0, mutation=None)]
        assert total_line(proofs) == "2 of 3 labs proved in 2 min 40 s."


def test_the_summary_says_that_it_is_proved_and_how_long_it_took():
    lines = summary_lines(proof())
    assert lines[0] == "90-sums is proved."
    assert "A run of the reference takes 1.2 s (median)." in lines
    assert lines[-1] == "The proof took 61 s."


def test_the_summary_names_findings_notes_and_survivors():
    equivalent = replace(SURVIVOR, equivalent="An equal value changes nothing.")
    score = MutationScore(possible=9, tried=3, killed=1, survivors=(SURVIVOR, equivalent))
    lines = summary_lines(proof(findings=("x is wrong.",), notes=("y.",), mutation=score))
    assert lines[0] == "90-sums is not proved: 1 finding."
    assert "finding: x is wrong." in lines
    assert "note: y." in lines
    place = "sums.py:24 ReplaceComparisonOperator_Gt_GtE: if value >= best:"
    assert f"surviving mutant: {place}" in lines
    assert f"equivalent mutant: {place} (An equal value changes nothing.)" in lines


def test_a_proof_that_is_not_whole_does_not_say_that_the_lab_is_proved():
    for partial in (proof(mutation=None), proof(rows=(row("h", "hostile", ok=None),))):
        assert summary_lines(partial)[0] == (
            "90-sums: nothing wrong was found, but not everything was tried."
        )


def test_the_json_has_a_version_and_everything_in_it():
    data = json.loads(json.dumps(to_json(proof()), allow_nan=False))
    assert data["schema_version"] == SCHEMA_VERSION == 1
    assert (data["lab"], data["proved"], data["complete"]) == ("90-sums", True, True)
    assert [one["name"] for one in data["rows"]] == [one.name for one in ROWS]
    assert data["mutation"]["rate"] == 0.95
    assert data["mutation"]["survivors"][0]["becomes"] == "if value >= best:"
    assert data["refusals"] == {"total": 2, "largest": 1}
    assert data["floors"]["liars_max"] == 10


def test_the_json_of_a_proof_without_mutants_says_null():
    assert to_json(proof(mutation=None))["mutation"] is None


def test_the_markdown_counts_kinds_and_shows_the_worst_case():
    text = markdown(proof())
    assert (
        "| The reference solution | 1 | 100 points, with 3 draws of the data | as wanted |" in text
    )
    assert (
        "| Liars: answers without work | 2 | at most 10 points each | as wanted | 7 of 100 p"
        in text
    )
    assert "| Work with one typical mistake | 1 | " in text
    assert "0 differ" in text
    assert "38 of 40 (95%)" in text
    assert "Each of the 2 checks said no" in text
    assert text.endswith("\n")


def test_the_markdown_gives_nothing_away():
    text = markdown(proof(findings=("wrong__secret_misconception keeps total.",)))
    for secret in ("misconception", "value", "sums.py", "hostile__", "Operator", "docker", "ddd"):
        assert secret not in text


def test_the_markdown_is_the_same_on_machines_of_about_the_same_speed():
    slower = proof(
        rows=tuple(replace(one, seconds=one.seconds * 1.2) for one in ROWS),
        seconds=99.0,
        reference_seconds=1.9,
    )
    assert markdown(slower) == markdown(proof())
    assert "under 2 s" in markdown(proof())


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.5, "under 1 s"), (1.0, "under 2 s"), (59, "under 60 s"), (601, "over 10 min")],
)
def test_times_are_told_in_classes(seconds, said):
    assert said in markdown(proof(rows=(row("reference", "reference", seconds=seconds),)))


def test_the_markdown_warns_of_a_lab_that_is_not_proved():
    text = markdown(proof(findings=("x",), rows=(row("right__a", "right", ok=False, points=60),)))
    assert text.startswith("**This lab is not proved at present")
    assert "0 of 1 as wanted | 60 of 100 points" in text


def test_the_markdown_says_what_was_not_run():
    rows = (row("hostile__a", "hostile", ok=None), row("hostile__b", "hostile", points=0))
    text = markdown(proof(rows=rows))
    assert "Not everything could be tried" in text
    assert "as wanted (1 not run) | 0 of 100 points" in text
    assert "| not run | — | — |" in markdown(proof(rows=rows[:1]))


def test_the_markdown_leaves_mutants_out_where_there_are_none():
    assert "by machine" not in markdown(proof(mutation=None))
    assert "by machine" not in markdown(
        proof(mutation=MutationScore(possible=0, tried=0, killed=0))
    )


def test_the_markdown_counts_equivalent_mutants_and_silent_checks():
    score = MutationScore(
        possible=9, tried=3, killed=2, survivors=(replace(SURVIVOR, equivalent="Same."),)
    )
    silent = (Refusals(check="total", count=0), Refusals(check="largest", count=1))
    text = markdown(proof(mutation=score, refusals=silent))
    assert "2 of 2 (100%, leaving out 1 that cannot change any result)" in text
    assert "Of 2 checks, 1 never said no" in text
