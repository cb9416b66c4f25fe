"""The same tests in plain pytest, in process: what a grading is measured against."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from benchmarks.measure import Samples
from grader.lab_folder import LabFolder

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


def run_plainly(folder: LabFolder, plain: Plain, runs: int = 1, jobs: int = 1) -> None:
    """Run the lab's tests by plain pytest, `jobs` processes at a time, and add what it took."""
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(jobs) as executor:
        roots = [pathlib.Path(scratch) / str(number) for number in range(runs)]
        for root in roots:
            _lay_out(folder, root)
        for whole_s, times in executor.map(_plain_run, roots):
            plain.whole.values.append(whole_s)
            plain.tests.values.append(times["tests"])
            plain.cpu.values.append(times["cpu"])
            plain.session.values.append(times["session"])


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
