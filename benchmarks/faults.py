"""Kills the grader at every crash point with many seeds, and says what held.

    python -m benchmarks.faults [--seeds N] [--only SCENARIO] [--containers] [--json FILE]

Each trial kills some work with SIGKILL at one passing of a point, starts it again, and compares
with work that nobody disturbed. Seed 0 is the first passing, every other one draws a passing. Ends
with 1 when anything was lost, done twice, or left running.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from grader.crash_points import Point
from tests.crashes import SCENARIOS, LostError, Undisturbed, crash, passing, undisturbed

SLOW = {"boxes": 4, "containers": 8}
"""Scenarios that start real boxes get so many times fewer seeds."""


@dataclass(frozen=True)
class Line:
    """What came of one point."""

    scenario: str
    point: str
    passed: int
    """How often undisturbed work passes it."""
    kills: int
    """How many passings were tried."""
    lost: tuple[str, ...]
    """What was wrong; empty when everything held."""


def lines(name: str, seeds: int, place: Path) -> Iterator[Line]:
    """Try every point of a scenario."""
    whole = undisturbed(name, place / "undisturbed")
    for point in SCENARIOS[name].points:
        counts = sorted({passing(point, whole, seed) for seed in range(seeds)})
        lost = [found for count in counts if (found := _tried(name, point, count, place, whole))]
        yield Line(
            scenario=name,
            point=point.value,
            passed=whole.passed[point],
            kills=len(counts),
            lost=tuple(lost),
        )


def _tried(name: str, point: Point, count: int, place: Path, whole: Undisturbed) -> str:
    trial = place / f"{point.name.lower()}-{count}"
    try:
        crash(name, point, count, trial, whole)
    except (LostError, AssertionError) as error:
        return f"passing {count}: {error} (kept in {trial})"
    shutil.rmtree(trial)
    return ""


def main() -> int:
    """Read the command line, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--only", choices=sorted(SCENARIOS), action="append")
    parser.add_argument("--containers", action="store_true", help="needs an engine with the images")
    parser.add_argument("--json", type=Path, dest="json_file")
    asked = parser.parse_args()
    names = asked.only or [name for name in SCENARIOS if asked.containers or name != "containers"]
    place = Path(tempfile.mkdtemp(prefix="faults-"))
    began, found = time.monotonic(), []
    print(f"{'scenario':<12}{'crash point':<20}{'passed':>8}{'killed at':>11}  result")
    for name in names:
        for line in lines(name, max(2, asked.seeds // SLOW.get(name, 1)), place / name):
            said = "; ".join(line.lost) or "nothing lost, nothing twice"
            print(f"{name:<12}{line.point:<20}{line.passed:>8}{line.kills:>11}  {said}", flush=True)
            found.append(line)
    took, bad = time.monotonic() - began, sum(bool(line.lost) for line in found)
    kills = sum(line.kills for line in found)
    print(f"\n{len({line.point for line in found})} points, {kills} kills, {bad} bad, {took:.0f} s")
    if asked.json_file:
        told = {"python": platform.python_version(), "seconds": round(took, 1)}
        text = json.dumps(told | {"points": [asdict(line) for line in found]}, indent=1)
        asked.json_file.write_text(text + "\n")
    if not bad:
        shutil.rmtree(place)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
