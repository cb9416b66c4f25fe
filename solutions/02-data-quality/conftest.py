"""Fixtures of the trusted side: banks of good and faulty batches, fresh for every run.

The public conftest.py lies one folder above, so its fixtures are here, too.
"""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# `[private] include` puts the folder kopi beside this file; in the repository it is one folder up.
sys.path.insert(0, str(HERE if (HERE / "kopi").is_dir() else HERE.parent))

from kopi.gate_cases import bank  # noqa: E402 - the path has to be set before
from kopi.gate_world import make_world  # noqa: E402


@pytest.fixture
def world(rng):
    """Return a clean morning: a batch, the history before it, the outlets, and the moment."""
    return make_world(rng)


@pytest.fixture
def passes(world, read, student):
    """Return a function that sends every batch of a family through a gate, and judges it."""

    def send(ingest, family):
        cases = list(bank(world, family))
        # Cases share frames; each call gets copies, so a change in one is not seen by the next.
        calls = [(case.batch, case.history, case.outlets, case.now) for case in cases]
        for case, seen in zip(cases, student.each(ingest, calls), strict=True):
            problem = case.differs(*read(seen))
            assert not problem, problem

    return send
