"""One run inside the checker: lay the lab's files out, run pytest with our plugin, say the end."""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import os
import pathlib
import sys
import tempfile
import time
import traceback
from typing import Any

import pytest

from grader.checker import explaining
from grader.checker.engine import Engine
from grader.checker.fixtures import Fixtures, Student
from grader.checker.line import PipeLine
from grader.checker.modules import Finder
from grader.checker.plugin import CheckerPlugin, Declared
from grader.checker.session import Session, Settings
from grader.checker.share import Share

_OFF = (
    "cacheprovider", "faulthandler", "junitxml", "doctest", "pastebin", "stepwise",
    "setuponly", "setupplan", "nose", "randomly", "timeout", "grader_local",
    # They collect garbage five times at the end of a process that ends: 0.1 to 0.3 s a run.
    "unraisableexception", "threadexception",
)  # fmt: skip

DATA_MARKER = ".variant"
"""File that says whose data lie in a layout."""


def lay_out(files: dict[str, bytes], root: pathlib.Path) -> None:
    """Write a lab's trusted files below `root`, once: a later run of the same lab finds them."""
    if root.exists():
        return
    fresh = root.with_name(f"{root.name}.new{os.getpid()}")
    for name, content in files.items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    fresh.mkdir(parents=True, exist_ok=True)
    fresh.rename(root)


def lay_data(files: dict[str, bytes], root: pathlib.Path, variant: int | None) -> None:
    """Write the data of this student (`variant`, a seed) where those of another one lie.

    All else is laid out once for all runs: Python keeps compiled code beside the tests.
    """
    marker = root / DATA_MARKER
    lies = marker.read_text(encoding="ascii") if marker.exists() else str(None)
    if lies == str(variant):
        return
    marker.unlink(missing_ok=True)
    for name, content in files.items():
        if name.startswith("data/"):
            (root / name).write_bytes(content)
    marker.write_text(str(variant), encoding="ascii")


def run(header: dict[str, Any], root: pathlib.Path, line: PipeLine) -> None:
    """Run the checks that `header` declares and tell every result, then the end."""
    began = time.monotonic()
    checks = [_declared(entry) for entry in header["checks"]]
    session = Session(line, _settings(header))
    shared = pathlib.Path(tempfile.gettempdir()) / f"tests-{os.getpid()}"
    session.share = Share(session, shared)
    sys.addaudithook(_never_unpickle)
    explaining.bound()
    finder = Finder(session)
    plugin = CheckerPlugin(session, finder, root, checks, line.event)
    sys.meta_path.insert(0, finder)
    os.chdir(root)
    try:
        engine = Engine.of(session, line.order) if header.get("engine") else None
        given = (Student(session), header["variant"], engine)
        _pytest(root, shared, [plugin, Fixtures(int(header["seed"]), *given)])
    except BaseException:  # noqa: BLE001 - the supervisor decides what to do about it
        line.event({"event": "broken", "reason": traceback.format_exc()[-4000:], "checks": []})
    phases = {**plugin.phases, "checker": time.monotonic() - began}
    line.end({"phases": phases})


def _never_unpickle(event: str, _arguments: tuple[Any, ...]) -> None:
    """Whatever a test opens, bytes of a student's never become objects here by way of a pickle."""
    if event == "pickle.find_class":
        raise RuntimeError("the checker does not unpickle; load the file in the student's code")


def _pytest(root: pathlib.Path, shared: pathlib.Path, plugins: list[Any]) -> None:
    own = [name for name in ("pytest.ini", "pyproject.toml", "tox.ini") if (root / name).is_file()]
    settings = root / own[0] if own else pathlib.Path(os.devnull)
    arguments = [
        f"--rootdir={root}",
        # Without it pytest looks for more conftest.py, and lists what else there is, up to `/`.
        f"--confcutdir={root}",
        f"--basetemp={shared}",
        "-c",
        str(settings),
        "--capture=sys",
        "--no-header",  # nobody reads it, and it looks up the versions of all that is installed
        # Options of plugins that are not here would stop the run; none of them changes a verdict.
        "-o",
        "addopts=",
        *(word for name in _OFF for word in ("-p", f"no:{name}")),
    ]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = pytest.main(arguments, plugins=plugins)
    if code in {pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR}:
        raise RuntimeError(said.getvalue()[-4000:])


def _declared(entry: dict[str, Any]) -> Declared:
    return Declared(
        id=entry["id"],
        file=entry["file"],
        node=entry["node"],
        points=entry["points"],
        public=entry["public"],
        needs=tuple(entry["needs"]),
    )


def _settings(header: dict[str, Any]) -> Settings:
    return Settings(
        modules=tuple(header["modules"]),
        remote_operators=bool(header["remote_operators"]),
        call_s=float(header["call_s"]),
        check_s=float(header["check_s"]),
        run_s=float(header["run_s"]),
        whole=bool(header["whole"]),
    )


def versions() -> dict[str, str]:
    """Return the versions that can change a mark."""
    told = {"python": sys.version.split()[0]}
    for name in ("pytest", "numpy", "pandas", "scikit-learn"):
        try:
            told[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return told
