"""What each way of saving time gives: the same work with it and without it, in one run.

A light hand-in is graded in a fresh container or in plain processes (what isolation costs), with
workers started ahead or not, with checkers that fork for each run or are started for it; pandas is
imported with byte code or without, with its documentation or without; an empty container is made by
each runtime that the engine offers.
"""

from __future__ import annotations

import pathlib
import tempfile
import time
from typing import Any, Final

from benchmarks import grading, light
from benchmarks.measure import Samples
from grader.errors import GraderError
from grader.grading import grade
from grader.sandbox.base import Sandbox
from grader.sandbox.docker import DockerSandbox
from grader.sandbox.engine import translated
from grader.sandbox.pool import Pool
from grader.sandbox.process import ProcessSandbox

PYTHON: Final = "/opt/venv/bin/python3"
IMPORT: Final = (
    "import gc, time; gc.disable(); began = time.process_time(); import pandas; "
    "print(time.process_time() - began)"
)
WITHOUT_BYTE_CODE: Final = ("-B", "-X", "pycache_prefix=/nowhere")
STRIP: Final = f"{PYTHON} -m compileall -q -o 2 /opt/venv/lib /usr/lib/python3.11 >/dev/null; "


def of_pool(sandbox: DockerSandbox, runs: int) -> dict[str, Samples]:
    """Return seconds of a light hand-in, one at a time: workers ahead, checkers that fork."""
    return {
        "workers started ahead, checkers that fork": _runs(sandbox, runs),
        "workers started when they are needed": _runs(sandbox, runs, warm=0),
        "a checker started for each run": _runs(sandbox, runs, runs_per_checker=1),
    }


def of_isolation(sandbox: DockerSandbox, runs: int) -> dict[str, Samples]:
    """Return seconds of a light hand-in, one at a time and for a class: with containers or without.

    A single student does not wait for a container that was started ahead; a class pays for it.
    """
    found: dict[str, Samples] = {}
    with ProcessSandbox() as plain:
        for name, one in {
            "in a fresh container": sandbox,
            "in plain processes, which contain nothing": plain,
        }.items():
            found[f"{name}, alone"] = _runs(one, runs)
            found[f"{name}, one of a class"] = _in_a_class(one, runs)
    return found


def _in_a_class(sandbox: Sandbox, runs: int) -> Samples:
    with tempfile.TemporaryDirectory() as scratch, Pool(sandbox, slots=1) as pool:
        folder = light.lab(pathlib.Path(scratch) / "light")
        work = [light.solution()] * runs
        grading.class_of(folder, pool, work[:2], 1)  # the first has a checker to start
        return Samples([grading.class_of(folder, pool, work, 1).seconds / runs])


def _runs(sandbox: Sandbox, runs: int, **settings: int) -> Samples:
    samples = Samples()
    with tempfile.TemporaryDirectory() as scratch, Pool(sandbox, slots=1, **settings) as pool:
        folder = light.lab(pathlib.Path(scratch) / "light")
        for number in range(runs + 1):
            one = grading.submission(folder, light.solution(), number)
            began = time.perf_counter()
            assert grade(folder.lab, one, pool).earned == folder.lab.out_of
            if number:
                samples.values.append(time.perf_counter() - began)
            time.sleep(0.5)
    return samples


def of_imports(sandbox: DockerSandbox, runs: int) -> dict[str, Samples]:
    """Return processor seconds of `import pandas` in a container of the worker's image."""
    api: Any = sandbox.client.api
    loop = "i=0; while [ $i -lt {runs} ]; do {python} {flags} -c '{code}'; i=$((i+1)); done"

    def measured(flags: str, first: str = "") -> Samples:
        text = first + loop.format(runs=runs, python=PYTHON, flags=flags, code=IMPORT)
        made = api.create_container(
            sandbox.images.worker_id,
            entrypoint=["/bin/sh", "-c", text],
            environment={"OPENBLAS_NUM_THREADS": "1"},
            network_disabled=True,
            user="0",
        )["Id"]
        try:
            api.start(made)
            api.wait(made)
            said = api.logs(made, stdout=True, stderr=False).decode().split()
        finally:
            api.remove_container(made, force=True, v=True)
        return Samples([float(word) for word in said])

    return {
        "with byte code, as the image has it": measured(""),
        "compiled at every start": measured(" ".join(WITHOUT_BYTE_CODE)),
        "byte code without documentation (-OO)": measured("-OO", STRIP),
    }


def of_runtimes(sandbox: DockerSandbox, runs: int) -> dict[str, Samples | str]:
    """Return seconds of an empty container by each runtime, or why it starts none."""
    api: Any = sandbox.client.api
    found: dict[str, Samples | str] = {}
    for name in sorted(api.info()["Runtimes"]):
        if name.startswith("io.containerd"):
            continue  # other names of runc
        samples = Samples()
        try:
            for _ in range(runs):
                began = time.perf_counter()
                with translated(f"starting a container by {name}"):
                    _empty(api, sandbox.images.worker_id, name)
                samples.values.append(time.perf_counter() - began)
        except GraderError as problem:
            found[name] = str(problem)
        else:
            found[name] = samples
    return found


def _empty(api: Any, image: str, runtime: str) -> None:
    made = api.create_container(
        image,
        entrypoint=["/bin/true"],
        network_disabled=True,
        host_config=api.create_host_config(runtime=runtime),
    )["Id"]
    try:
        api.start(made)
        api.wait(made)
    finally:
        api.remove_container(made, force=True, v=True)
