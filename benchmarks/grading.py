"""What a grading of lab 02 costs, against the same tests in plain pytest on the same machine.

Everything is measured in one run, so that the ratios mean something on a noisy machine. Usage:

    python -m benchmarks.grading [--sandbox docker|process] [--runs 20] [--hand-ins 200] [--jobs 2]
"""

from __future__ import annotations

import argparse
import os
import pathlib
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.measure import Samples, busy_seconds, opened, resident_mb
from benchmarks.plain import Plain, run_plainly
from grader.grading import grade, utc_now
from grader.lab_folder import LabFolder
from grader.library import Library
from grader.outcome import Run
from grader.sandbox.base import Sandbox
from grader.sandbox.pool import Pool
from grader.submission import Bundle, Submission

ROOT = pathlib.Path(__file__).resolve().parent.parent
PARTS: Final = 5
"""Of a class; what it is compared with runs between them."""
REST_S: Final = 1.5
"""After a part, so that the workers started ahead for the next one are counted with this one."""


def numbered(bundle: Bundle, name: str, number: int) -> Bundle:
    """Return a hand-in with a comment in that file, so that its bytes are its own."""
    files = bundle.as_dict()
    files[name] += f"\n# hand-in {number}\n".encode()
    return Bundle.of(files)


def submission(folder: LabFolder, bundle: Bundle, number: int = 0) -> Submission:
    """Return a hand-in; a comment makes each one's bytes its own."""
    return Submission(
        student=f"s{number:04}",
        lab=folder.lab.slug,
        attempt=1,
        received_at=utc_now(),
        bundle=numbered(bundle, folder.lab.submit.required[0], number),
    )


def warm_runs(folder: LabFolder, pool: Pool, runs: int, plain: Plain) -> tuple[Samples, list[Run]]:
    """Grade the reference again and again, one at a time, with workers started ahead.

    After each run the same tests run in plain pytest: a machine's speed changes by the minute, and
    what is compared should have seen the same minutes.
    """
    samples, graded = Samples(), []
    for number in track(range(runs + 2), "warm runs and plain ones, in turns", transient=True):
        began = time.perf_counter()
        run = grade(folder.lab, submission(folder, folder.reference(), number), pool)
        if number >= 2:
            samples.values.append(time.perf_counter() - began)
            graded.append(run)
            run_plainly(folder, plain)  # a single student: the next worker has time to start
    return samples, graded


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """What a class cost."""

    hand_ins: int
    """How many."""
    seconds: float
    """Wall clock for all."""
    core_seconds: float
    """Processor seconds of the whole machine for all."""
    memory_mb: float
    """Memory of the supervisor at its end."""


def class_of(folder: LabFolder, pool: Pool, bundles: list[Bundle], jobs: int) -> Throughput:
    """Grade a class of right hand-ins with `jobs` at a time."""
    work = [submission(folder, bundle, number) for number, bundle in enumerate(bundles)]
    began, busy = time.perf_counter(), busy_seconds()
    with ThreadPoolExecutor(jobs) as executor:
        running = executor.map(lambda one: grade(folder.lab, one, pool).earned, work)
        for earned in track(running, "a class", total=len(work), transient=True):
            assert earned == folder.lab.out_of
    seconds = time.perf_counter() - began
    time.sleep(REST_S)
    return Throughput(
        hand_ins=len(work),
        seconds=seconds,
        core_seconds=busy_seconds() - busy,
        memory_mb=resident_mb(),
    )


@dataclass(slots=True)
class Class:
    """A class that was graded in parts, and what was measured between them."""

    parts: list[Throughput] = field(default_factory=list)
    """Each part of the class."""
    plain: Plain = field(default_factory=Plain)
    """The same tests in plain pytest, as many at once."""
    empty: Samples = field(default_factory=Samples)
    """Core-seconds of a worker that does nothing, as many at once."""

    @property
    def rate(self) -> float:
        """Hand-ins a second."""
        return sum(part.hand_ins for part in self.parts) / sum(part.seconds for part in self.parts)

    @property
    def core_seconds(self) -> float:
        """Of each hand-in: the median of the parts."""
        return statistics.median(part.core_seconds / part.hand_ins for part in self.parts)


def class_in_parts(folder: LabFolder, sandbox: Sandbox, hand_ins: int, jobs: int) -> Class:
    """Grade a class in parts; after each, run plain pytest, and workers that do nothing."""
    measured = Class()
    count = max(hand_ins // PARTS, jobs)
    with Pool(sandbox, slots=jobs) as pool:
        class_of(folder, pool, [folder.reference()] * 2 * jobs, jobs)
        for _ in range(PARTS):
            work = [folder.reference()] * count
            measured.parts.append(class_of(folder, pool, work, jobs))
            run_plainly(folder, measured.plain, 2 * jobs, jobs)
            measured.empty.values.append(empty_worker(folder, sandbox, 4 * jobs, jobs))
    return measured


def empty_worker(folder: LabFolder, sandbox: Sandbox, count: int, jobs: int) -> float:
    """Return the core-seconds of a worker that starts, says that it is ready, and is removed.

    No grader with a fresh box for each hand-in can cost less, whatever its tests.
    """
    with Pool(sandbox, slots=jobs, warm=0) as pool, ThreadPoolExecutor(jobs) as executor:
        pool.worker(folder.lab.run_as_usual()).close()
        busy = busy_seconds()
        started = executor.map(
            lambda _number: pool.worker(folder.lab.run_as_usual()).close(), range(count)
        )
        assert len(list(started)) == count
    return (busy_seconds() - busy) / count  # when the pool has closed: with what removing costs


def phases(runs: list[Run]) -> Table:
    """Return the median seconds of each phase."""
    table = Table(title="phases of a warm run (median seconds)")
    names = list(dict.fromkeys(name for run in runs for name in run.phases))
    waited = [sum(result.student_seconds for result in run.results) for run in runs]
    for name in [*names, "waiting for the student's code"]:
        table.add_column(name, justify="right")
    medians = [statistics.median(run.phases.get(name, 0.0) for run in runs) for name in names]
    table.add_row(*(f"{value:.3f}" for value in [*medians, statistics.median(waited)]))
    return table


def compare(console: Console, sandbox_name: str, runs: int, hand_ins: int, jobs: int) -> None:
    """Measure lab 02, and print the figures."""
    folder = Library(ROOT).load("02-data-quality")
    alone = Plain()
    with opened(sandbox_name) as sandbox:
        with Pool(sandbox, slots=1) as pool:
            warm, graded = warm_runs(folder, pool, runs, alone)
        together = class_in_parts(folder, sandbox, hand_ins, jobs)
    console.print(phases(graded))
    table = Table(title=f"lab 02, {sandbox_name} sandbox, {os.cpu_count()} cores")
    table.add_column("what")
    table.add_column("figure", justify="right")
    own, core_each = alone.tests.p50, together.core_seconds
    at_once = f"{jobs} at once"
    more = f"{warm.p50 - own:.3f} / {warm.p95 - own:.3f} s"
    first, last = together.parts[0], together.parts[-1]
    for what, figure in [
        ("tests' and student's own time in plain pytest, p50", f"{own:.3f} s"),
        ("plain pytest session, imports included, p50", f"{alone.session.p50:.3f} s"),
        ("plain pytest process from start to end, p50", f"{alone.whole.p50:.3f} s"),
        ("warm single run, p50 / p95", f"{warm.p50:.3f} / {warm.p95:.3f} s"),
        ("  more than the tests' own time, p50 / p95", more),
        ("  against a plain pytest process", f"{warm.p50 / alone.whole.p50:.2f} x"),
        (f"{sum(part.hand_ins for part in together.parts)} hand-ins, {at_once}, a second",
         f"{together.rate:.2f}"),
        ("  core-seconds each", f"{core_each:.3f}"),
        # Two programs share the parts of a core that they both need: like is set against like.
        (f"tests' own core-seconds in plain pytest, {at_once}", f"{together.plain.cpu.p50:.3f}"),
        ("  hand-in over that", f"{core_each - together.plain.cpu.p50:.3f}"),
        ("  hand-in over the tests' own time, alone", f"{core_each - own:.3f}"),
        (f"a fresh worker that does nothing, {at_once}, core-seconds",
         f"{together.empty.p50:.3f}"),
        ("supervisor's memory after a fifth / at the end",
         f"{first.memory_mb:.1f} / {last.memory_mb:.1f} MiB"),
    ]:  # fmt: skip
        table.add_row(what, figure)
    console.print(table)


def main() -> None:
    """Read the arguments, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sandbox", choices=["docker", "process"], default="docker")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--hand-ins", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    told = parser.parse_args()
    compare(Console(), told.sandbox, told.runs, told.hand_ins, told.jobs)


if __name__ == "__main__":
    main()
