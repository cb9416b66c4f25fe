"""A batch that is ended in the middle: a program for tests, and the disk that ends it.

    python -m tests.doomed INBOX RESULTS batch|plan|apply [MOMENT COUNT]

At the COUNTth MOMENT the process kills itself with SIGKILL, as a power cut would. Moments are the
points of the disk (a run's own folder is called `run`), `half FILE` in the middle of a line, and
`event NAME` for the events of progress. `any` is every moment of the disk.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from grader.batch import run_batch
from grader.crash_points import Point, listening
from grader.durable import Disk
from grader.errors import GraderError
from grader.progress import SilentProgress
from grader.regrade import Decision, apply, plan
from grader.results import Results
from tests.pretend import NOON, Grader, found_in, lab_of, settings

LAB = lab_of("a b c")
NEW_LAB = lab_of("a b d")
_RUN = re.compile(r"^[0-9a-f]{64}$")
_OF_FILES = {Point.PART_WRITTEN: "part written", Point.PART_RENAMED: "renamed"}
_OF_LINES = {
    Point.LINE_BEGUN: "before append",
    Point.LINE_WRITTEN: "written",
    Point.LINE_SYNCED: "appended",
}


class Doom:
    """Ends the process at the COUNTth time that a moment comes."""

    def __init__(self, moment: str = "", count: int = 1) -> None:
        self.moment = moment
        self.left = count
        self.seen: list[str] = []

    def hear(self, point: Point, about: str) -> None:
        """Hear a point of the package; those of the disk are moments."""
        folder, _, file = about.partition("/")
        if point in _OF_FILES:
            self.comes(f"{_RUN.sub('run', folder)}: {_OF_FILES[point]}", "any")
        elif point in _OF_LINES:
            self.comes(f"{file}: {_OF_LINES[point]}", "any")

    def comes(self, moment: str, *also: str) -> None:
        self.seen.append(moment)
        if self.moment in {moment, *also}:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class DoomedDisk(Disk):
    """A disk whose machine loses power."""

    def __init__(self, doom: Doom) -> None:
        self.doom = doom
        self._line = ""

    def append(self, path: Path, line: bytes) -> int:
        self._line = path.name
        return super().append(path, line)

    def _write_all(self, descriptor: int, data: bytes) -> None:
        half = len(data) // 2
        super()._write_all(descriptor, data[:half])
        if self._line:
            self.doom.comes(f"half {self._line}", "any")
        self._line = ""
        super()._write_all(descriptor, data[half:])


class DoomedProgress(SilentProgress):
    """Progress whose machine loses power."""

    def __init__(self, doom: Doom) -> None:
        self.doom = doom

    def started(self, student: str, attempt: int) -> None:
        self.doom.comes("event started")

    def graded(self, run) -> None:
        self.doom.comes("event graded")

    def broken(self, run, *, again: bool) -> None:
        self.doom.comes("event broken again" if again else "event broken")

    def end(self) -> None:
        self.doom.comes("event end")


def act(inbox: Path, folder: Path, verb: str, doom: Doom) -> int:
    """Do one command from the start; return its exit code."""
    grade = Grader(heal_after=1)  # what breaks, breaks once
    chosen = settings(progress=DoomedProgress(doom), jobs=2)
    lab = LAB if verb == "batch" else None
    disk = DoomedDisk(doom)
    with listening(doom.hear), Results.open(folder, lab, disk=disk, clock=lambda: NOON) as results:
        if verb == "batch":
            return run_batch(LAB, found_in(inbox), results, grade=grade, settings=chosen).exit_code
        if verb == "apply" and results.lab_digest == NEW_LAB.digest:
            return 0
        regrade = plan(results, NEW_LAB, grade=grade, settings=chosen)
        if verb == "apply":
            decision = Decision(who="Kim", why="d was wrong", when=NOON + timedelta(days=1))
            apply(results, regrade, decision)
        return regrade.exit_code


def state(folder: Path) -> dict[str, object]:
    """Return all that a results folder holds, without the order in which it came to be."""
    held: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or name == "lock" or ".torn-" in name:
            continue
        content = path.read_bytes()
        if path.name == "broken.jsonl":  # notes: one more of them is no harm
            continue
        if name.endswith(".jsonl"):
            lines = [json.loads(line) for line in content.splitlines()]
            held[name] = Counter(json.dumps(line, sort_keys=True) for line in lines)
        else:
            held[name] = content
    return held


def accepted(folder: Path) -> Counter[bytes]:
    """Return the receipts that are whole: what somebody may have been told."""
    ledger = folder / "ledger.jsonl"
    lines = ledger.read_bytes().splitlines(keepends=True) if ledger.exists() else []
    return Counter(line for line in lines if line.endswith(b"\n"))


def main() -> None:
    """Read the command line."""
    inbox, folder, verb, *rest = sys.argv[1:]
    doom = Doom(rest[0], int(rest[1])) if rest else Doom()
    try:
        sys.exit(act(Path(inbox), Path(folder), verb, doom))
    except GraderError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
