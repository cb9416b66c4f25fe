"""Entry of the worker box: import the libraries that the lab names, say so, then serve frames.

The box's real stdin and stdout are moved out of the way first, so that neither a library that
prints nor a student's code can write into the stream of frames by accident.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import os
import pathlib
import platform
import sys
from typing import Final

from grader.wire.frames import Kind, frame, message
from grader.worker.parent import Parent

_AT_FIRST_USE: Final = {
    # Reads the names of all files of all installed packages: 1 to 2 s.
    "mlflow.sklearn": ("mlflow.utils.requirements_utils", "_init_packages_to_modules_map"),
    # Carries out all migrations of its tables, one by one: 1 s.
    "mlflow.store.tracking.sqlalchemy_store": ("grader.worker.stores", "make_empty_store"),
}
"""Library that was loaded -> module and function that prepare what its first use needs."""


def _take_pipes() -> tuple[int, int]:
    """Move the pipes to high, private descriptors; stdin reads nothing, stdout goes to stderr."""
    inward, outward = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return inward, outward


def preload(names: list[str]) -> dict[str, str]:
    """Import libraries ahead of need; return their versions, or what went wrong."""
    versions = {"python": platform.python_version()}
    for name in names:
        try:
            module = importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - any failure of a library is only a note here
            versions[name] = f"not imported: {type(error).__name__}: {error}"[:200]
        else:
            versions[name] = str(getattr(module, "__version__", ""))
            _prepare(name)
    return versions


def _prepare(name: str) -> None:
    """Let a library do now what it would otherwise do at first use, in every fork again."""
    home, function = _AT_FIRST_USE.get(name, ("", ""))
    if home:
        with contextlib.suppress(Exception):  # it is quicker with it, and works without
            getattr(importlib.import_module(home), function)()


def main() -> None:
    """Serve one submission, then end."""
    parser = argparse.ArgumentParser(prog="grader.worker", description=__doc__)
    parser.add_argument("--preload", default="", help="libraries to import first, by comma")
    parser.add_argument("--scratch", default="", help="folder for the student's files")
    arguments = parser.parse_args()
    inward, outward = _take_pipes()
    gc.disable()  # importing makes no garbage worth looking for: a tenth of the time of pandas
    versions = preload([name for name in arguments.preload.split(",") if name])
    # Every fork has this already then; it costs each about 50 ms otherwise.
    importlib.import_module("grader.worker.serving")
    # What is loaded now stays: no collection in a fork looks at it (and copies its pages) again.
    gc.freeze()
    gc.enable()
    os.write(outward, frame(Kind.WORKER_READY, message({"versions": versions})))
    Parent(inward, outward, scratch=arguments.scratch or str(pathlib.Path.cwd())).serve()


if __name__ == "__main__":
    main()
    sys.stdout.flush()
