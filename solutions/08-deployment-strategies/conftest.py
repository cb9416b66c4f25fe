"""Fixtures of the trusted side: many rollouts at once, fresh for every run.

The public conftest.py lies one folder above, so its fixtures are here, too.
"""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# `[private] include` puts the folder kopi beside this file; in the repository it is one folder up.
sys.path.insert(0, str(HERE if (HERE / "kopi").is_dir() else HERE.parent))

from kopi.rehearsals import rehearse  # noqa: E402 - the path has to be set before


@pytest.fixture
def play(rng):
    """Return a function that leads rollouts to their end, and says how each ended."""
    return lambda make_fleet, health: rehearse(rng, make_fleet, health)
