"""Makes a snapshot for people who fall behind: a starter in which a lab's first tasks are solved.

    python scripts/catch_up.py 02 --tasks 2 --out snapshots

It needs `solutions/`, and what it writes holds a part of the solution: hand it out when the time
for these tasks is over. A task begins at a line such as `# Task 2: …` in the source.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that it also runs where the package is not installed

from grader.errors import MarkerError  # noqa: E402 - the path has to be set before
from grader.starter import KEPT, make_starter, regions  # noqa: E402 - as above

TASK: Final = re.compile(r"^\s*#+ Task (\d+)\b", re.MULTILINE)


class SnapshotError(ValueError):
    """There can be no such snapshot: why, and what to do."""


def snapshot(text: str, name: str, tasks: int) -> str:
    """Return the starter of a source in which all regions of tasks 1 to `tasks` are solved."""
    found = regions(text, name)
    if not found:
        return text
    if tasks < 1:
        raise SnapshotError("snapshots begin with task 1; the untouched starter is in labs/.")
    numbers = _task_of_lines(text)
    if not set(numbers) - {0}:
        raise SnapshotError(f"{name} has no line `# Task 1: …`, so its tasks cannot be told apart.")
    if tasks >= max(numbers):
        raise SnapshotError(
            f"{name} has {max(numbers)} tasks; with {tasks} of them solved nothing would be left. "
            f"Choose 1 to {max(numbers) - 1}."
        )
    lines = text.split("\n")
    dropped: set[int] = set()
    for region in found:
        if 0 < numbers[region.begin - 1] <= tasks:
            inside = range(region.begin + 1, region.end)
            dropped |= {region.begin, region.end}
            dropped |= {at for at in inside if lines[at - 1].strip().startswith(KEPT)}
    kept = (line for at, line in enumerate(lines, 1) if at not in dropped)
    return make_starter("\n".join(kept), name)


def _task_of_lines(text: str) -> list[int]:
    """Return, for each line, the task that it belongs to; 0 before the first one."""
    task, found = 0, []
    for line in text.split("\n"):
        match = TASK.match(line)
        task = int(match.group(1)) if match else task
        found.append(task)
    return found


def sources(lab: str) -> Mapping[str, Path]:
    """Return name -> file of a lab's sources; `lab` is a slug or its number."""
    folders = sorted((ROOT / "solutions").glob(f"{lab}*/source"))
    if len(folders) != 1:
        raise SnapshotError(f"there is no one lab {lab!r} with solutions/{lab}…/source.")
    return {path.name: path for path in sorted(folders[0].glob("*.py"))}


def main(arguments: list[str]) -> int:
    """Write the snapshot, and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lab", help="slug or number of the lab")
    parser.add_argument("--tasks", type=int, required=True, help="solve tasks 1 to this one")
    parser.add_argument("--out", type=Path, default=Path("snapshots"), help="default: %(default)s")
    asked = parser.parse_args(arguments)
    try:
        found = sources(asked.lab)
        slug = next(iter(found.values())).parents[1].name
        made = {
            name: snapshot(path.read_text(encoding="utf-8"), name, asked.tasks)
            for name, path in found.items()
        }
    except (SnapshotError, MarkerError) as problem:
        print(f"catch_up: {problem}", file=sys.stderr)
        return 1
    folder = asked.out / f"{slug}-after-task-{asked.tasks}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"written: {folder / name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
