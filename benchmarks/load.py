"""A whole class through `grader batch`, as an instructor runs it: rate, cost and memory over time.

The command runs as a process of its own; from outside are read how many runs are recorded, what
memory it has (of the supervisor alone: boxes have their own) and what the machine has worked.
"""

from __future__ import annotations

import pathlib
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import Final

from rich.progress import Progress

from benchmarks.measure import busy_seconds, memory_mb
from grader.submission import Bundle

LOOK_S: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What could be seen from outside at one time."""

    at_s: float
    """Since the first run was recorded."""
    recorded: int
    """Runs in runs.jsonl."""
    memory_mb: float
    """Resident memory of the supervisor."""
    busy_s: float
    """Processor seconds of the whole machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A class that was graded."""

    hand_ins: int
    """How many."""
    jobs: int
    """How many at a time."""
    seconds: float
    """From start to end of the command, pages included."""
    grading: tuple[Moment, ...]
    """From the first recorded run to the last."""
    peak_mb: float
    """Most memory of the supervisor, pages included."""

    def seconds_each(self, first: int, last: int) -> float:
        """Return wall-clock seconds of a hand-in between two counts of recorded runs."""
        begun, ended = self._at(first), self._at(last)
        return (ended.at_s - begun.at_s) / (ended.recorded - begun.recorded)

    def core_seconds_each(self, first: int, last: int) -> float:
        """Return processor seconds of a hand-in between two counts of recorded runs."""
        begun, ended = self._at(first), self._at(last)
        return (ended.busy_s - begun.busy_s) / (ended.recorded - begun.recorded)

    def growth_mb(self) -> float:
        """Return how much memory grew from a tenth of the class to its last run."""
        return self.grading[-1].memory_mb - self._at(self.hand_ins // 10).memory_mb

    def _at(self, recorded: int) -> Moment:
        later = (moment for moment in self.grading if moment.recorded >= recorded)
        return next(later, self.grading[-1])


def class_of(
    lab: str, bundles: list[Bundle], jobs: int, sandbox: str, most_s: float = 7200.0
) -> Load:
    """Lay out a class, grade it by the command, and watch."""
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        for number, bundle in enumerate(bundles):
            place = root / "in" / f"s{number:05}"
            place.mkdir(parents=True)
            for path, content in bundle.as_dict().items():
                (place / path).write_bytes(content)
        command = [
            str(pathlib.Path(sys.executable).with_name("grader")),
            "batch",
            lab,
            str(root / "in"),
        ]
        command += ["--out", str(root / "out"), "--jobs", str(jobs), "--sandbox", sandbox]
        with (root / "said.txt").open("wb") as said:
            began = time.perf_counter()
            running = subprocess.Popen(command, stdout=said, stderr=said)
            try:
                moments, peak = _watch(running, root / "out", len(bundles), began + most_s)
            finally:
                if running.poll() is None:
                    running.terminate()
                    running.wait(60)
        seconds = time.perf_counter() - began
        assert running.returncode == 0, (root / "said.txt").read_text()[-2000:]
        text = (root / "out" / "runs.jsonl").read_text()
        assert text.count("\n") == len(bundles), "not every hand-in has a run"
    return Load(
        hand_ins=len(bundles), jobs=jobs, seconds=seconds, grading=tuple(moments), peak_mb=peak
    )


def _watch(
    running: subprocess.Popen[bytes], out: pathlib.Path, wanted: int, until: float
) -> tuple[list[Moment], float]:
    moments: list[Moment] = []
    peak = began = 0.0
    counter = _Lines(out / "runs.jsonl")
    with Progress(transient=True) as progress:
        task = progress.add_task(f"a class of {wanted}", total=wanted)
        while running.poll() is None and time.perf_counter() < until:
            time.sleep(LOOK_S)
            memory = memory_mb(running.pid)
            peak = max(peak, memory)
            recorded = counter.count()
            progress.update(task, completed=recorded)
            fresh = not moments or recorded > moments[-1].recorded
            if recorded and memory and fresh:
                began = began or time.perf_counter()
                moments.append(
                    Moment(
                        at_s=time.perf_counter() - began,
                        recorded=recorded,
                        memory_mb=memory,
                        busy_s=busy_seconds(),
                    )
                )
    return moments, peak


class _Lines:
    """Counts the lines of a file that grows, reading each byte once."""

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path
        self._read = self._lines = 0

    def count(self) -> int:
        if self._path.is_file():
            with self._path.open("rb") as file:
                file.seek(self._read)
                new = file.read()
            self._read += len(new)
            self._lines += new.count(b"\n")
        return self._lines
