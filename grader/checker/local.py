"""The checker's fixtures for plain `pytest` on a laptop, in process: same names, same meaning.

Installed as a pytest plugin with the package, so that a lab's tests run anywhere unchanged. What
needs a process of the student's own is skipped with a word on how to get it.
"""

from __future__ import annotations

import contextlib
import copy
import os
import pathlib
import secrets
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest

_SEED = pytest.StashKey[int]()


class LocalStudent:
    """The `student` fixture for tests that run in the student's own folder."""

    def __init__(self, folder: pathlib.Path) -> None:
        """Work in a folder."""
        self._folder = folder

    def run(self, argv: list[str], *, stdin: str = "", timeout_s: float = 5.0) -> Any:
        """Run a command in the folder; `python` is the one that runs the tests."""
        from grader.checker.fixtures import Completed  # noqa: PLC0415 - the plugin loads in every pytest

        words = [sys.executable, *argv[1:]] if argv[:1] in (["python"], ["python3"]) else argv
        try:
            done = subprocess.run(
                words,
                cwd=self._folder,
                input=stdin,
                text=True,
                capture_output=True,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Completed(exit_code=None, stdout="", stderr="timed out")
        return Completed(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        return (self._folder / path).read_bytes()

    def write(self, path: str, content: bytes) -> None:
        """Write a file."""
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def files(self) -> dict[str, int]:
        """Return path -> bytes of every regular file in the folder."""
        found = (path for path in sorted(self._folder.rglob("*")) if path.is_file())
        return {str(path.relative_to(self._folder)): path.stat().st_size for path in found}

    def each(self, function: Any, calls: Iterable[Sequence[object]]) -> Iterator[Any]:
        """Call a function with a copy of each of the arguments, and yield what it returned."""
        for args in calls:
            yield function(*copy.deepcopy(list(args)))

    @contextlib.contextmanager
    def fresh(self) -> Iterator[Any]:
        """Skip: a process of its own needs the grader."""
        pytest.skip("student.fresh() needs the grader; run: grader check")
        yield None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that repeats a run's random data."""
    parser.addoption(
        "--lab-seed",
        type=int,
        default=None,
        help="seed of the data that a lab's tests draw (default: a new one each time)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Draw a seed, unless one is given."""
    given = config.getoption("--lab-seed")
    if given is None:
        given = int(os.environ.get("GRADER_SEED", "0")) or secrets.randbits(32)
    config.stash[_SEED] = given


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> Any:
    """Give a numpy Generator, seeded by the run and by the test."""
    import numpy as np  # noqa: PLC0415 - only tests that ask for it pay for it

    from grader.checker.fixtures import seed_for  # noqa: PLC0415 - the plugin loads in every pytest

    seed = request.config.stash[_SEED]
    request.node.add_report_section("setup", "seed", f"repeat with: pytest --lab-seed {seed}")
    return np.random.default_rng(seed_for(seed, request.node.name))


@pytest.fixture
def engine() -> None:
    """Skip: images are built by the grader, never by plain pytest."""
    pytest.skip("this check builds and runs an image: grader grade, on a machine with an engine")


@pytest.fixture
def cells() -> None:
    """Skip: a notebook is run step by step by the grader, never by plain pytest."""
    pytest.skip("this check runs a notebook step by step: grader check")


@pytest.fixture
def student(request: pytest.FixtureRequest) -> LocalStudent:
    """Give the student's folder: the one that pytest was started in."""
    return LocalStudent(request.config.invocation_params.dir)


@pytest.fixture
def variant() -> None:
    """Give None: the seed of a student's own data is known where hand-ins are graded, only."""
    return
