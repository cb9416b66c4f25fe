"""Fixtures of the trusted side: a bank of repositories, rehearsed once per run, in random order.

The public conftest.py lies one folder above, so its fixtures are here, too.
"""

import dataclasses
import random
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# `[private] include` puts the folder kopi beside this file; in the repository it is one folder up.
sys.path.insert(0, str(HERE if (HERE / "kopi").is_dir() else HERE.parent))

from kopi.pipelines import FAMILIES, pipeline_data  # noqa: E402 - after the path

MADE = {}
"""What the bank gave, or why it gave nothing: it is carried out once, whatever happens."""


class BankFailedError(AssertionError):
    """The rehearsal came to no end."""


def _carry_out(rng, base, rehearsed):
    """Rehearse all families in one go; return for each its cases with what was seen."""
    repo = base | pipeline_data(rng)
    cases = [(family, case) for family, make in FAMILIES.items() for case in make(repo, rng)]
    data = {path: repo[path] for path in repo if path.startswith("data/")}
    sent = [_sent(case, data) for _, case in cases]
    seen = rehearsed(sent, random.Random(int(rng.integers(2**32))))
    found = {family: [] for family in FAMILIES}
    for (family, case), one in zip(cases, seen, strict=True):
        found[family].append((case, one))
    return found


def _sent(case, data):
    """Return what crosses: the event and the files, and neither the name nor what is expected."""
    told = dataclasses.asdict(case)
    return {name: told[name] for name in ("kind", "branch", "title", "broken")} | {
        "files": data | case.files
    }


@pytest.fixture
def bank(rng, base, rehearsed):
    """Return family -> [(case, what was seen)]."""
    if "failed" in MADE:
        raise BankFailedError(MADE["failed"])
    if "bank" not in MADE:
        MADE["failed"] = "the rehearsals came to no end"
        MADE["bank"] = _carry_out(rng, base, rehearsed)
        del MADE["failed"]
    return MADE["bank"]


@pytest.fixture
def as_meant(bank):
    """Return a function that compares how far every case of a family came with what was meant."""

    def compare(family):
        for case, seen in bank[family]:
            steps = [f"{line['step']} {line.get('place', '')}".strip() for line in seen["journal"]]
            assert seen["green"] is case.green, f"{case.name}: green should be {case.green}"
            assert ("train" in steps) is case.trained, f"{case.name}: {steps}"
            assert bool(seen["staging"]) is case.staging, f"{case.name}: {steps}"
            assert bool(seen["production"]) is case.production, f"{case.name}: {steps}"

    return compare
