"""Hand-ins of the catalogue in containers: nothing unearned, leaked or left behind.

By default every case that needs a container, and the first case of each third other row, with
honest work after every fifth (honest rows themselves: test_busy.py); GRADER_ATTACK=full tries all,
each followed by the honest one, as `make attack` does.
"""

from __future__ import annotations

import os

import pytest

from tests.misbehaviour.catalogue.registry import ROWS
from tests.misbehaviour.running import named, stand

FULL = os.environ.get("GRADER_ATTACK") == "full"
TRIED = [
    (one, case)
    for one in ROWS
    for case in one.cases
    if FULL or case.gap or (case is one.cases[0] and one.number % 3 == 0 and one.group != "M")
]


@pytest.fixture(scope="module")
def containers(engine, tmp_path_factory):
    with stand("docker", tmp_path_factory.mktemp("corpus")) as made:
        yield made


@pytest.mark.needs_engine
@pytest.mark.parametrize(("row", "case", "then_honest"), named(TRIED, 1 if FULL else 5))
def test_what_was_promised_is_held(containers, row, case, then_honest):
    assert containers.try_case(row, case, then_honest=then_honest).problems == []
