"""Every hand-in of the catalogue, handed in: nothing unearned, nothing leaked, nothing left.

By default one case of each row is tried in each sandbox (which one, changes with nothing: the
first), and the honest hand-in follows every fifth; GRADER_ATTACK=full tries all, each followed by
the honest one. `make attack` does that and writes the table.
"""

from __future__ import annotations

import os

import pytest

from tests.misbehaviour.catalogue.registry import ROWS
from tests.misbehaviour.running import stand

FULL = os.environ.get("GRADER_ATTACK") == "full"
CHOSEN = [(one, case) for one in ROWS for case in (one.cases if FULL else one.cases[:1])]
HONEST_EVERY = 1 if FULL else 5
IN_PROCESSES = [(one, case) for one, case in CHOSEN if not case.gap]


def named(pairs):
    return [
        pytest.param(one.number, case, number % HONEST_EVERY == 0, id=f"{one.number}: {case.name}")
        for number, (one, case) in enumerate(pairs)
    ]


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    with stand("process", tmp_path_factory.mktemp("corpus")) as made:
        yield made


@pytest.fixture(scope="module")
def containers(engine, tmp_path_factory):
    with stand("docker", tmp_path_factory.mktemp("corpus")) as made:
        yield made


@pytest.mark.parametrize(("row", "case", "then_honest"), named(IN_PROCESSES))
def test_in_processes(processes, row, case, then_honest):
    assert processes.try_case(row, case, then_honest=then_honest).problems == []


@pytest.mark.needs_engine
@pytest.mark.parametrize(("row", "case", "then_honest"), named(CHOSEN))
def test_in_containers(containers, row, case, then_honest):
    assert containers.try_case(row, case, then_honest=then_honest).problems == []
