"""Runs the catalogue and prints what came of it: `make attack`.

    python -m tests.misbehaviour.attack [--part corpus|honest|fuzz|tests …] [--sandbox NAME …]
                                        [--rows 1,2] [--rounds 20] [--keep]

Parts: `corpus` hands every case in, in containers where an engine answers and as plain processes,
each followed by honest work; `honest` repeats honest rows while all slots are busy; `fuzz` changes
frames, archives and texts; `tests` runs the tests elsewhere that rows name. `--keep` writes what was
seen into benchmarks/attack.json, part by part, from which the course's page is made. It ends with 1
when anything was not as promised.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from rich.console import Console
from rich.table import Table

from grader.errors import GraderError
from grader.grading import utc_now
from tests.misbehaviour.busy import SLOTS, under_load
from tests.misbehaviour.catalogue.registry import ROWS, cases, node_ids
from tests.misbehaviour.catalogue.rows import GROUPS
from tests.misbehaviour.running import Seen, stand
from tests.misbehaviour.world import ROOT

RESULT = ROOT / "benchmarks" / "attack.json"
PARTS = ("corpus", "honest", "fuzz", "tests")
SANDBOXES = ("docker", "process")
VOLUMES = {"frames": 100_000, "archives": 10_000, "workflows": 10_000, "dockerfiles": 10_000}

Result = dict[str, Any]


def corpus(wanted: argparse.Namespace, console: Console) -> Result:
    """Hand every case in, in each sandbox that can be had; return sums by sandbox and row."""
    found: Result = {}
    for name in wanted.sandbox:
        try:
            with tempfile.TemporaryDirectory() as place, stand(name, Path(place)) as made:
                seen = [
                    _told(made.try_case(row.number, case), console)
                    for row, case in cases().values()
                    if not (case.gap and name == "process")
                    and (not wanted.rows or row.number in wanted.rows)
                ]
        except GraderError as error:
            console.print(f"not tried in the {name} sandbox: {error}")
            continue
        found[name] = _by_row(seen)
    return found


def _told(seen: Seen, console: Console) -> Seen:
    mark = "[green]ok[/]" if not seen.problems else "[red]NO[/]"
    console.print(f"{mark} {seen.sandbox} {seen.row}: {seen.case} ({seen.seconds:.1f} s)")
    for problem in seen.problems:
        console.print(f"     {problem}", markup=False)
    return seen


def _by_row(seen: list[Seen]) -> Result:
    """Return row -> sums: hand-ins, points that were not earned, leaks, leftovers, honest marks."""
    found: Result = {}
    for one in seen:
        sums = found.setdefault(str(one.row), Counter())
        sums.update(
            cases=1,
            unearned=one.unearned,
            leaks=one.leaks,
            left=one.left,
            honest=int(one.honest),
            problems=len(one.problems),
        )
        sums["seconds"] = max(sums["seconds"], one.seconds)
    return {row: dict(sums) for row, sums in found.items()}


def honest(wanted: argparse.Namespace, console: Console) -> Result:
    """Repeat honest rows while all other slots are busy."""
    rows = [(row.number, case) for row, case in cases().values() if row.group == "M"]
    try:
        with (
            tempfile.TemporaryDirectory() as place,
            stand("docker", Path(place), slots=SLOTS) as one,
        ):
            marks = under_load(one, rows, wanted.rounds)
    except GraderError as error:
        console.print(f"honest work was not tried under load: {error}")
        return {}
    for lost in marks.lost:
        console.print(f"[red]NO[/] {lost[:600]}")
    return {
        "rounds": wanted.rounds,
        "slots": SLOTS,
        "cases": len(rows),
        "tried": sum(marks.tried.values()),
        "whole": sum(marks.whole.values()),
        "hogs": marks.hogs,
        "unearned": marks.forged,
        "minutes": round(marks.seconds / 60, 1),
    }


def fuzz(_: argparse.Namespace, console: Console) -> Result:
    """Change inputs by the ten thousand, each kind in a process of its own."""
    found: Result = {}
    for name, count in VOLUMES.items():
        done = subprocess.run(
            [sys.executable, "-m", "tests.misbehaviour.fuzz", name, str(count)],
            cwd=ROOT, capture_output=True, text=True, check=False,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        try:
            found[name] = json.loads(done.stdout)
        except ValueError:
            found[name] = {"target": name, "failure": done.stderr[-500:]}
        console.print(f"fuzz {found[name]}"[:400], markup=False)
    return found


def tests(_: argparse.Namespace, console: Console) -> Result:
    """Run the tests elsewhere that rows name; return node id -> how many passed and did not."""
    there = [node for node in node_ids() if (ROOT / node.split("::", maxsplit=1)[0]).exists()]
    own = ("tests/misbehaviour/catalogue/test_fuzz.py", "tests/misbehaviour/test_busy.py")
    there = [node for node in there if node not in own]  # parts of their own
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "report.xml"
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", f"--junitxml={report}",
             "-o", "junit_family=xunit1", *there],
            cwd=ROOT, stdout=sys.stderr, check=False,
        )  # fmt: skip
        counts = _counted(report)
    found = {node: dict(_of(node, counts)) for node in there}
    for node, ends in found.items():
        if set(ends) != {"passed"}:
            console.print(f"{node}: {ends}", markup=False)
    return found


def _counted(report: Path) -> dict[str, str]:
    """Return node id -> passed, failed or skipped, from pytest's report."""
    found = {}
    for case in ET.parse(report).iter("testcase"):
        path = case.get("file") or ""
        inside = (case.get("classname") or "").removeprefix(
            path.removesuffix(".py").replace("/", ".")
        )
        name = "::".join(part for part in (path, inside.strip("."), case.get("name") or "") if part)
        ends = {child.tag for child in case}
        bad = ends & {"failure", "error"}
        found[name] = "failed" if bad else "skipped" if "skipped" in ends else "passed"
    return found


def _of(node: str, counts: dict[str, str]) -> Counter[str]:
    return Counter(
        end for name, end in counts.items()
        if name == node or name.startswith((f"{node}::", f"{node}["))
    )  # fmt: skip


def table_of(result: Result) -> Table:
    """Return the table by group of what is in a result."""
    names = [name for name in SANDBOXES if name in result.get("corpus", {})]
    table = Table(
        "group", "rows", "by hand-ins", "by tests", "left out",
        *(f"hand-ins, {name}" for name in names), "unearned points", "leaks", "left over", "honest after",
    )  # fmt: skip
    for letter, (title, *_) in GROUPS.items():
        rows = [row for row in ROWS if row.group == letter]
        sums = summed(result, {row.number for row in rows})
        table.add_row(
            f"{letter} {title}", str(len(rows)), str(sum(bool(row.cases) for row in rows)),
            str(sum(bool(row.by) and not row.cases for row in rows)),
            str(sum(not row.is_tried for row in rows)),
            *(str(sums[f"cases {name}"]) for name in names),
            *(str(sums[word]) for word in ("unearned", "leaks", "left")),
            f"{sums['honest']} of {sums['cases']}",
        )  # fmt: skip
    return table


def summed(result: Result, rows: set[int]) -> Counter[str]:
    """Return what came of these rows in all sandboxes together."""
    sums: Counter[str] = Counter()
    for name, found in result.get("corpus", {}).items():
        for row, one in found.items():
            if int(row) in rows:
                sums.update({key: value for key, value in one.items() if key != "seconds"})
                sums[f"cases {name}"] += one["cases"]
    return sums


def bad(result: Result) -> int:
    """Count what was not as promised in a result."""
    wrong = sum(
        one["problems"] for rows in result.get("corpus", {}).values() for one in rows.values()
    )
    if under := result.get("honest"):
        wrong += under["tried"] - under["whole"] + under["unearned"]
    wrong += sum("failure" in one for one in result.get("fuzz", {}).values())
    return wrong + sum("failed" in ends for ends in result.get("tests", {}).values())


def keep(result: Result) -> None:
    """Write what was seen; parts, sandboxes and rows that were not run stay as they were."""
    kept = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    when = {
        "date": utc_now().date().isoformat(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
    for part, found in result.items():
        if found:
            if part == "corpus":
                for name, rows in found.items():
                    kept.setdefault(part, {}).setdefault(name, {}).update(rows)
            else:
                kept[part] = found
            kept.setdefault("when", {})[part] = when
    RESULT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--sandbox", action="append", choices=SANDBOXES)
    parser.add_argument("--rows", default="", help="numbers of rows, with commas")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--keep", action="store_true", help="write benchmarks/attack.json")
    wanted = parser.parse_args()
    wanted.sandbox = wanted.sandbox or list(SANDBOXES)
    wanted.rows = {int(number) for number in wanted.rows.split(",") if number}
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 170)
    todo: dict[str, Callable[[argparse.Namespace, Console], Result]] = {
        "corpus": corpus, "honest": honest, "fuzz": fuzz, "tests": tests
    }  # fmt: skip
    result = {part: todo[part](wanted, console) for part in wanted.part or PARTS}
    console.print(table_of(result))
    if result.get("honest"):
        console.print(f"honest work under load: {result['honest']}", markup=False)
    if wanted.keep:
        keep(result)
        console.print(f"written: {RESULT.relative_to(ROOT)}; now: python scripts/attack_page.py")
    wrong = bad(result)
    console.print("all as promised" if not wrong else f"{wrong} things were not as promised")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
