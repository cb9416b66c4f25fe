"""Fixtures of the trusted side: logs with a story, fresh for every run.

The public conftest.py lies one folder above, so its fixtures are here, too.
"""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# `[private] include` puts the folder kopi beside this file; in the repository it is one folder up.
sys.path.insert(0, str(HERE if (HERE / "kopi").is_dir() else HERE.parent))

from kopi.drift_cases import make_case  # noqa: E402 - the path has to be set before


@pytest.fixture
def cases(rng):
    """Return a function that makes so many cases of a story."""
    return lambda count, story, **options: [make_case(rng, story, **options) for _ in range(count)]
