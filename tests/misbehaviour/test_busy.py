"""Honest rows of the catalogue while all slots are busy: full marks, each time.

Two rounds with a case of each row here; `make attack` has twenty rounds with all of them.
"""

from __future__ import annotations

import os

import pytest

from tests.misbehaviour.busy import SLOTS, under_load
from tests.misbehaviour.catalogue.registry import ROWS
from tests.misbehaviour.running import stand

FULL = os.environ.get("GRADER_ATTACK") == "full"
HONEST = [
    (one.number, case)
    for one in ROWS
    if one.group == "M"
    for case in (one.cases if FULL else one.cases[:1])
]


@pytest.mark.needs_engine
@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_honest_work_earns_everything_while_all_slots_are_busy(engine, tmp_path):
    rounds = 20 if FULL else 2
    with stand("docker", tmp_path, slots=SLOTS) as made:
        marks = under_load(made, HONEST, rounds)
    assert marks.lost == []
    assert marks.whole == marks.tried
    assert sum(marks.whole.values()) == rounds * len(HONEST)
    assert marks.hogs > 0, "the other slots were busy"
    assert marks.forged == 0
