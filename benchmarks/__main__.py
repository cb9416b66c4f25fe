"""All that is measured of the grader, in one run on one machine: what `make bench` prints.

lab02   a warm run and a class of lab 02 against the same tests in plain pytest; the phases
light   a light assignment: this grader, plain pytest in one container each, and other graders
load    a class of lab 02 through `grader batch` with 1, 2 and 4 jobs, pages included
ways    what isolation costs, and what each way of saving time gives
long    a long class of the light assignment: cost and memory at its start and at its end
"""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
import tempfile
import time

from rich.console import Console
from rich.table import Table

from benchmarks import containers, grading, light, load, peers, ways
from benchmarks.measure import Samples
from grader.grading import grade
from grader.lab_folder import LabFolder
from grader.library import Library
from grader.sandbox.docker import DockerSandbox
from grader.sandbox.pool import Pool

PARTS = ("lab02", "light", "load", "ways", "long")
NBGRADER_S = 2.17
"""What nbgrader took for a light notebook where the target of 500 in 110 s was set."""


def ours(folder: LabFolder, sandbox: DockerSandbox, hand_ins: int, jobs: int) -> Samples:
    """Return what a light hand-in takes here: one at a time by itself, or its share of a class."""
    samples = Samples()
    with Pool(sandbox, slots=jobs) as pool:
        if jobs > 1:
            work = [light.solution()] * hand_ins
            spent = grading.class_of(folder, pool, work, jobs)
            return Samples([spent.seconds / hand_ins])
        for number in range(hand_ins + 2):
            one = grading.submission(folder, light.solution(), number)
            began = time.perf_counter()
            run = grade(folder.lab, one, pool)
            assert run.earned == folder.lab.out_of
            if number >= 2:
                samples.values.append(time.perf_counter() - began)
    return samples


def light_part(console: Console, arguments: argparse.Namespace) -> None:
    """Compare graders on the light assignment."""
    table = Table(title="a light assignment, seconds for each hand-in")
    for name in ("grader", "how", "seconds", "student code"):
        table.add_column(name, justify="right" if name == "seconds" else "left")
    count = arguments.light
    with tempfile.TemporaryDirectory() as scratch, DockerSandbox() as sandbox:
        folder = light.lab(pathlib.Path(scratch) / "light")
        for jobs in (1, 2):
            each = ours(folder, sandbox, count * jobs, jobs)
            how = f"{count * jobs} hand-ins, {jobs} at a time, fresh container each"
            table.add_row("this grader", how, f"{each.p50:.3f}", "never beside tests")
        plain = containers.plain_runs(sandbox, count)
        how = f"{count} hand-ins, fresh container each"
        table.add_row("plain pytest", how, f"{plain.p50:.3f}", "in the tests' process")
    for name, (measure, hand_ins, how) in {
        "nbgrader": (peers.nbgrader, max(count // 2, 4), "autograde, one command, no container"),
        "otter-grader": (peers.otter, max(count // 8, 3), "otter run, no container"),
    }.items():
        try:
            each = measure(hand_ins)
        except peers.PeerError as problem:
            console.print(f"{name} is left out: {problem}")
            continue
        pin = peers.PINS[name][0]
        table.add_row(
            pin, f"{hand_ins} hand-ins, {how}", f"{each.p50:.3f}", "in the tests' process"
        )
    console.print(table)


def ways_part(console: Console, arguments: argparse.Namespace) -> None:
    """Show what each way of saving time gives."""
    table = Table(title="ways of saving time")
    for name in ("what", "way", "p50 s"):
        table.add_column(name, justify="right" if name == "p50 s" else "left")
    with DockerSandbox() as sandbox:
        for what, measured in {
            "cost of isolation, seconds of a light hand-in": ways.of_isolation(
                sandbox, arguments.runs
            ),
            "a light hand-in, seconds": ways.of_pool(sandbox, arguments.runs),
            "import of pandas, processor seconds": ways.of_imports(sandbox, arguments.runs),
            "an empty container, seconds": ways.of_runtimes(sandbox, arguments.runs),
        }.items():
            for way, found in measured.items():
                said = found if isinstance(found, str) else f"{found.p50:.3f}"
                table.add_row(what, way, said)
    console.print(table)


def load_part(console: Console, arguments: argparse.Namespace) -> None:
    """Send a class of lab 02 through the command, with several numbers of jobs."""
    folder = Library(grading.ROOT).load("02-data-quality")
    table = Table(
        title=f"{arguments.hand_ins} hand-ins of lab 02 by `grader batch`, pages included"
    )
    for name in ("jobs", "seconds", "a second", "core-s each", "supervisor MiB, growth / peak"):
        table.add_column(name, justify="right")
    for jobs in arguments.jobs:
        work = [
            grading.numbered(folder.reference(), "quality.py", number)
            for number in range(arguments.hand_ins)
        ]
        done = load.class_of("02-data-quality", work, jobs, arguments.sandbox)
        table.add_row(
            str(jobs),
            f"{done.seconds:.1f}",
            f"{done.hand_ins / done.seconds:.2f}",
            f"{done.core_seconds_each(1, done.hand_ins):.3f}",
            f"{done.growth_mb():.1f} / {done.peak_mb:.1f}",
        )
    console.print(table)


def long_part(console: Console, arguments: argparse.Namespace) -> None:
    """Grade a long class: does its last hand-in cost what its first did, and what is remembered."""
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch) / "light"
        light.lab(root)
        work = [
            grading.numbered(light.solution(), "light.py", number)
            for number in range(arguments.long)
        ]
        done = load.class_of(str(root), work, 2, arguments.sandbox)
    early = min(500, done.hand_ins // 2)
    late = done.hand_ins - early
    table = Table(title=f"{done.hand_ins} light hand-ins by `grader batch`, 2 jobs, pages included")
    for name in ("what", "figure"):
        table.add_column(name, justify="right" if name == "figure" else "left")
    ends = done.core_seconds_each(late, done.hand_ins) / done.core_seconds_each(1, early)
    first_500 = early * done.seconds_each(1, early)
    for what, figure in [
        ("whole command", f"{done.seconds:.1f} s, {done.hand_ins / done.seconds:.2f} a second"),
        (f"the first {early}", f"{first_500:.1f} s"),
        (f"core-seconds each, first {early}", f"{done.core_seconds_each(1, early):.3f}"),
        (f"core-seconds each, last {early}", f"{done.core_seconds_each(late, done.hand_ins):.3f}"),
        ("  last over first", f"{ends:.3f} x"),
        ("supervisor's memory, growth from a tenth to the last run", f"{done.growth_mb():.1f} MiB"),
        ("supervisor's peak, pages included", f"{done.peak_mb:.1f} MiB"),
    ]:
        table.add_row(what, figure)
    console.print(table)


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", default=list(PARTS), help="which; default: all")
    parser.add_argument("--sandbox", choices=["docker", "process"], default="docker")
    parser.add_argument("--runs", type=int, default=16, help="warm runs of lab 02")
    parser.add_argument("--hand-ins", type=int, default=500, help="a class of lab 02")
    parser.add_argument("--jobs", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--light", type=int, default=40, help="light hand-ins one at a time")
    parser.add_argument("--long", type=int, default=5000, help="a long class of light hand-ins")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    console = Console()
    console.print(f"{os.cpu_count()} cores, load at the start: {os.getloadavg()[0]:.1f}")
    if "lab02" in arguments.parts:
        grading.compare(console, arguments.sandbox, arguments.runs, min(arguments.hand_ins, 200), 2)
    if "light" in arguments.parts:
        light_part(console, arguments)
    if "load" in arguments.parts:
        load_part(console, arguments)
    if "ways" in arguments.parts:
        ways_part(console, arguments)
    if "long" in arguments.parts:
        long_part(console, arguments)
    console.print(f"load at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    sys.exit(main())
