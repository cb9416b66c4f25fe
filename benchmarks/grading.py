"""What a grading of lab 02 costs, against the same tests in plain pytest on the same machine.

Everything is measured in one run, so that the ratios mean something on a noisy machine. Usage:

    python -m benchmarks.grading [--sandbox docker|process] [--runs 20] [--hand-ins 200] [--jobs 2]
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.measure import Samples, busy_seconds, opened, resident_mb
from grader.grading import grade, utc_now
from grader.lab_folder import LabFolder
from grader.library import Library
from grader.outcome import Run
from grader.sandbox.base import Sandbox
from grader.sandbox.pool import Pool
from grader.submission import Bundle, Submission

ROOT = pathlib.Path(__file__).resolve().parent.parent

TIMER = """
import json, os, time
spent = cpu = 0.0
began = time.perf_counter()
cpu_began = 0.0
def pytest_runtest_logstart():
    global cpu_began
    cpu_began = time.process_time()
def pytest_runtest_logreport(report):
    global spent
    spent += report.duration
def pytest_runtest_logfinish():
    global cpu
    cpu += time.process_time() - cpu_began
def pytest_sessionfinish():
    json.dump({"tests": spent, "session": time.perf_counter() - began, "cpu": cpu},
              open(os.environ["TIMES"], "w"))
"""


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


@dataclass(slots=True)
class Plain:
    """What the lab's tests cost in plain pytest, in process: samples of seconds."""

    tests: Samples = field(default_factory=Samples)
    """Of the tests themselves."""
    cpu: Samples = field(default_factory=Samples)
    """Processor time of the tests themselves."""
    session: Samples = field(default_factory=Samples)
    """Of the session, imports included."""
    whole: Samples = field(default_factory=Samples)
    """Of the process, from start to end."""


def in_process(folder: LabFolder, runs: int, jobs: int = 1) -> Plain:
    """Run the lab's tests by plain pytest, `jobs` processes at a time."""
    plain = Plain()
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(jobs) as executor:
        roots = [pathlib.Path(scratch) / str(number) for number in range(runs)]
        for root in roots:
            _lay_out(folder, root)
        told = executor.map(_plain_run, roots)
        name = f"plain pytest, {jobs} at once"
        for whole_s, times in track(told, name, total=runs, transient=True):
            plain.whole.values.append(whole_s)
            plain.tests.values.append(times["tests"])
            plain.cpu.values.append(times["cpu"])
            plain.session.values.append(times["session"])
    return plain


def _lay_out(folder: LabFolder, root: pathlib.Path) -> None:
    laid = [*folder.lab.trusted_files, *folder.lab.worker_files]
    for name, content in [*laid, *folder.reference().as_dict().items()]:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (root / "timer.py").write_text(TIMER)


def _plain_run(root: pathlib.Path) -> tuple[float, dict[str, float]]:
    """Return the seconds of one process, and what it tells of itself."""
    record = root / "times.json"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "timer", "-p", "no:cacheprovider"]
    command += ["-p", "no:randomly", "-p", "no:timeout", str(root)]
    environment = os.environ | {"TIMES": str(record), "PYTHONPATH": str(root)}
    began = time.perf_counter()
    subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True)
    whole_s = time.perf_counter() - began
    return whole_s, json.loads(record.read_text())


def warm_runs(folder: LabFolder, pool: Pool, runs: int) -> tuple[Samples, list[Run]]:
    """Grade the reference again and again, one at a time, with workers started ahead."""
    samples, graded = Samples(), []
    for number in track(range(runs + 2), "warm single runs", transient=True):
        began = time.perf_counter()
        run = grade(folder.lab, submission(folder, folder.reference(), number), pool)
        if number >= 2:
            samples.values.append(time.perf_counter() - began)
            graded.append(run)
        time.sleep(0.5)  # a single student: the pool has time to start the next worker
    return samples, graded


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """What a class cost."""

    seconds: float
    """Wall clock for all."""
    core_seconds: float
    """Processor seconds of the whole machine for all."""
    memory_before_mb: float
    """Memory of the supervisor after a tenth of the class."""
    memory_after_mb: float
    """The same at the end."""


def class_of(folder: LabFolder, pool: Pool, bundles: list[Bundle], jobs: int) -> Throughput:
    """Grade a class of right hand-ins with `jobs` at a time."""
    work = [submission(folder, bundle, number) for number, bundle in enumerate(bundles)]
    before = 0.0
    began, busy = time.perf_counter(), busy_seconds()
    with ThreadPoolExecutor(jobs) as executor:
        running = executor.map(lambda one: grade(folder.lab, one, pool).earned, work)
        for number, earned in enumerate(track(running, "a class", total=len(work), transient=True)):
            assert earned == folder.lab.out_of
            if number == len(work) // 10:
                before = resident_mb()
    return Throughput(
        seconds=time.perf_counter() - began,
        core_seconds=busy_seconds() - busy,
        memory_before_mb=before,
        memory_after_mb=resident_mb(),
    )


def empty_workers(folder: LabFolder, sandbox: Sandbox, count: int, jobs: int) -> float:
    """Return the core-seconds of a worker that starts, says that it is ready, and is removed.

    No grader with a fresh box for each hand-in can cost less, whatever its tests.
    """
    with Pool(sandbox, slots=jobs, warm=0) as pool, ThreadPoolExecutor(jobs) as executor:
        pool.worker(folder.lab.run_as_usual()).close()
        busy = busy_seconds()
        started = executor.map(
            lambda _number: pool.worker(folder.lab.run_as_usual()).close(), range(count)
        )
        for _ in track(started, "workers that do nothing", total=count, transient=True):
            pass
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
    alone = in_process(folder, max(runs // 2, 5))
    together = in_process(folder, max(runs, 4 * jobs), jobs)
    with opened(sandbox_name) as sandbox:
        with Pool(sandbox, slots=1) as pool:
            warm, graded = warm_runs(folder, pool, runs)
        with Pool(sandbox, slots=jobs) as pool:
            throughput = class_of(folder, pool, [folder.reference()] * hand_ins, jobs)
        empty = empty_workers(folder, sandbox, 20 * jobs, jobs)
    console.print(phases(graded))
    table = Table(title=f"lab 02, {sandbox_name} sandbox, {os.cpu_count()} cores")
    table.add_column("what")
    table.add_column("figure", justify="right")
    own = alone.tests.p50
    each = throughput.seconds / hand_ins
    core_each = throughput.core_seconds / hand_ins
    at_once = f"{jobs} at once"
    more = f"{warm.p50 - own:.3f} / {warm.p95 - own:.3f} s"
    for what, figure in [
        ("tests' and student's own time in plain pytest, p50", f"{own:.3f} s"),
        ("plain pytest session, imports included, p50", f"{alone.session.p50:.3f} s"),
        ("plain pytest process from start to end, p50", f"{alone.whole.p50:.3f} s"),
        ("warm single run, p50 / p95", f"{warm.p50:.3f} / {warm.p95:.3f} s"),
        ("  more than the tests' own time, p50 / p95", more),
        ("  against a plain pytest process", f"{warm.p50 / alone.whole.p50:.2f} x"),
        (f"{hand_ins} hand-ins, {at_once}", f"{throughput.seconds:.1f} s"),
        ("  hand-ins a second", f"{1 / each:.2f}"),
        ("  core-seconds each", f"{core_each:.3f}"),
        # Two programs share the parts of a core that they both need: like is set against like.
        (f"tests' own core-seconds in plain pytest, {at_once}", f"{together.cpu.p50:.3f}"),
        ("  hand-in over that", f"{core_each - together.cpu.p50:.3f}"),
        ("  hand-in over the tests' own time, alone", f"{core_each - own:.3f}"),
        (f"a fresh worker that does nothing, {at_once}, core-seconds", f"{empty:.3f}"),
        ("supervisor's memory after a tenth / at the end",
         f"{throughput.memory_before_mb:.1f} / {throughput.memory_after_mb:.1f} MiB"),
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
