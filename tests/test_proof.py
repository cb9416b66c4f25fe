"""What a proof says of itself."""

from dataclasses import replace

import pytest

from grader.errors import NotProvedError
from grader.proof import MutationScore, Survivor
from tests.test_prooftable import proof, row

SURVIVOR = Survivor(file="a.py", line=1, operator="AddNot", becomes="x", diff="")


def test_the_rate_leaves_out_what_is_declared_equivalent():
    declared = replace(SURVIVOR, equivalent="Same.")
    score = MutationScore(possible=9, tried=10, killed=8, survivors=(SURVIVOR, declared))
    assert (score.equivalent, score.noticeable) == (1, 9)
    assert score.rate == pytest.approx(8 / 9)
    assert score.percent == 88


def test_without_mutants_there_is_no_rate():
    nothing = MutationScore(possible=0, tried=0, killed=0)
    assert (nothing.rate, nothing.percent) == (None, 0)


def test_a_proof_is_proved_without_findings_and_complete_when_all_was_tried():
    assert (proof().is_proved, proof().is_complete) == (True, True)
    assert not proof(findings=("x",)).is_proved
    assert not proof(mutation=None).is_complete
    assert not proof(rows=(row("hostile__a", "hostile", ok=None),)).is_complete


def test_demand_is_silent_for_a_proved_lab():
    assert proof().demand() is None


def test_demand_raises_with_every_finding():
    with pytest.raises(NotProvedError) as caught:
        proof(findings=("one.", "two.")).demand()
    assert str(caught.value) == "90-sums: 2 things are wrong.\n  one.\n  two."
    assert caught.value.exit_code == 3
