"""What one warm run of each lab costs: its reference, graded again and again, one at a time.

Wall-clock seconds say what a student waits for, on this machine as busy as it is now; processor
seconds of the two boxes say what the run itself needs, whoever else is at work. The worker's start
(imports of the libraries that the lab preloads) happens ahead of time and is told apart. Usage:

    python -m benchmarks.labs [--lab 04] [--runs 5] [--sandbox docker|process]
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.grading import ROOT, submission
from benchmarks.measure import opened
from grader.grading import grade
from grader.lab import Lab
from grader.lab_folder import LabFolder
from grader.library import Library
from grader.sandbox.base import Sandbox
from grader.sandbox.docker import DockerSandbox
from grader.sandbox.link import Link
from grader.sandbox.pool import Pool

LIMITS_S: Final = {"04": 8.0, "05": 45.0, "06": 20.0, "08": 5.0, "09": 12.0}
"""Number of a lab -> what a warm run may take on two cores that are otherwise idle."""


@dataclass(slots=True)
class Metered:
    """A pool that reads what its boxes have used: processor seconds, where they are known."""

    pool: Pool
    starts: list[float] = field(default_factory=list)
    """What workers had used when they were hired."""
    checker_s: float = 0.0
    """What checkers have used in runs."""
    _workers: list[tuple[Link, float]] = field(default_factory=list)

    @property
    def sandbox(self) -> Sandbox:
        """The pool's sandbox."""
        return self.pool.sandbox

    def worker(self, lab: Lab) -> Link:
        """Hire a worker, and remember it."""
        link = self.pool.worker(lab)
        used = _used(link)
        self.starts.append(used)
        self._workers.append((link, used))
        return link

    @contextmanager
    def checker(self, lab: Lab) -> Iterator[Link]:
        """Lend a checker, and count what it uses."""
        with self.pool.checker(lab) as link:
            before = _used(link)
            try:
                yield link
            finally:
                self.checker_s += _used(link) - before

    def workers_s(self) -> float:
        """Return what the workers have used in runs since the last time."""
        time.sleep(1.0)  # boxes are removed behind the scenes, and noted down before
        spent = sum(_used(link) - before for link, before in self._workers)
        self._workers.clear()
        return spent


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a warm run of one lab cost: medians."""

    lab: str
    """Slug."""
    wall_s: float
    """Seconds that went by."""
    checker_s: float
    """Processor seconds of the checker."""
    worker_s: float
    """Processor seconds of the workers after they were hired."""
    start_s: float
    """Processor seconds of a worker's start."""
    earned: tuple[int, ...]
    """Points of the runs: all of them, or the figures mean nothing."""


def _used(link: Link) -> float:
    return link.certificate().cpu_s or 0.0


def cost_of(folder: LabFolder, sandbox: Sandbox, runs: int) -> Cost:
    """Grade the reference so many times after one run that warms up."""
    walls, checkers, workers, earned = [], [], [], []
    with Pool(sandbox, slots=1) as pool:
        boxes = Metered(pool)
        for number in track(range(runs + 1), folder.lab.slug, transient=True):
            boxes.checker_s = 0.0
            began = time.perf_counter()
            run = grade(folder.lab, submission(folder, folder.reference(), number), boxes)
            wall_s = time.perf_counter() - began
            worker_s = boxes.workers_s()
            if number:
                walls.append(wall_s)
                checkers.append(boxes.checker_s)
                workers.append(worker_s)
                earned.append(run.earned)
            time.sleep(5.0)  # a single student: the pool has time to start the next worker
    return Cost(
        lab=folder.lab.slug,
        wall_s=statistics.median(walls),
        checker_s=statistics.median(checkers),
        worker_s=statistics.median(workers),
        start_s=statistics.median(boxes.starts),
        earned=tuple(earned),
    )


def _row(cost: Cost) -> list[str]:
    limit = LIMITS_S.get(cost.lab[:2])
    used = cost.checker_s + cost.worker_s
    return [
        cost.lab,
        f"{cost.wall_s:.2f}",
        "" if limit is None else f"{limit:.0f}",
        f"{used:.2f}",
        f"{cost.checker_s:.2f}",
        f"{cost.worker_s:.2f}",
        f"{cost.start_s:.2f}",
        ", ".join(str(points) for points in sorted(set(cost.earned))),
    ]


def _images(sandbox: Sandbox) -> str:
    if not isinstance(sandbox, DockerSandbox):
        return "no image"
    size = sandbox.client.api.inspect_image(sandbox.images.worker_id)["Size"]
    return f"image of the worker: {size / 1e9:.2f} GB"


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lab", action="append", help="a lab; again for more; default: all")
    parser.add_argument("--sandbox", choices=["docker", "process"], default="docker")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    console = Console()
    library = Library(ROOT)
    folders = [library.load(name) for name in arguments.lab or library.slugs()]
    table = Table(
        title=f"a warm run, {arguments.sandbox} sandbox, {os.cpu_count()} cores (medians)"
    )
    for name in ["lab", "wall s", "allowed s", "cpu s", "checker", "worker", "start", "points"]:
        table.add_column(name, justify="left" if name == "lab" else "right")
    with opened(arguments.sandbox) as sandbox:
        for folder in folders:
            table.add_row(*_row(cost_of(folder, sandbox, arguments.runs)))
        console.print(table)
        load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
        console.print(f"{_images(sandbox)}; load of the machine at the end: {load}")


if __name__ == "__main__":
    main()
