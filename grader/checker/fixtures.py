"""Fixtures that every lab's tests may use, in the checker and (by `local`) in plain pytest."""

from __future__ import annotations

import contextlib
import hashlib
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from grader.checker import many
from grader.checker.faults import nonsense

if TYPE_CHECKING:
    from grader.checker.session import Session

READ_CAP = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """What a command of the student's did."""

    exit_code: int | None
    """None when it was stopped for taking too long. A claim: never worth points by itself."""
    stdout: str
    """What it printed, capped."""
    stderr: str
    """The same for stderr."""


class Student:
    """What a test may ask of the student's folder and processes."""

    def __init__(self, session: Session) -> None:
        """Ask through a session."""
        self._session = session

    def run(self, argv: list[str], *, stdin: str = "", timeout_s: float = 5.0) -> Completed:
        """Run a command in the student's folder; `python` is the worker's own."""
        code, out, err = self._session.request("run", list(argv), stdin.encode(), timeout_s)
        return Completed(
            exit_code=code,
            stdout=self._bytes(out).decode("utf-8", "replace"),
            stderr=self._bytes(err).decode("utf-8", "replace"),
        )

    def read(self, path: str) -> bytes:
        """Return a file of the student's folder. Raises FileNotFoundError and its kind."""
        return self._bytes(self._session.request("read", path, READ_CAP))

    def write(self, path: str, content: bytes) -> None:
        """Write a file into the student's folder."""
        self._session.request("write", path, content)

    def files(self) -> dict[str, int]:
        """Return path -> bytes of every regular file in the student's folder."""
        return {str(path): int(size) for path, size in self._session.request("files")}

    def _bytes(self, claimed: object) -> bytes:
        """Return bytes as they are; `bytes(10**12)` would fill this process's memory."""
        if type(claimed) is not bytes:
            raise self._session.fault(nonsense("bytes were asked for"))
        return claimed

    def each(self, function: Any, calls: Iterable[Sequence[object]]) -> Iterator[Any]:
        """Call a function of the student's with each of the arguments, and yield what it returned.

        All calls travel in one message and have the time of one call (`call_s`) together. Each gets
        a copy of its arguments, and what it changes in them is not seen here. What a call raises is
        raised when its turn comes; the calls after it are not made.
        """
        return many.each(self._session, function, [list(args) for args in calls])

    def cells(self, told: dict[str, Any], config: pytest.Config, *, public: bool) -> Any:
        """Return what runs the test cells of one of the student's notebooks."""
        from grader.checker.cells import Cells  # noqa: PLC0415 - needed for imported labs alone

        return Cells(self._session, told, config, public=public)

    @contextlib.contextmanager
    def fresh(self) -> Iterator[Fresh]:
        """Start a process in the same folder that has never imported the student's code."""
        session = self._session.beside(1)
        try:
            yield Fresh(session)
        finally:
            session.close()


class Fresh:
    """A process that has never imported the student's code."""

    def __init__(self, session: Session) -> None:
        """Ask through its own session."""
        self._session = session

    def module(self, name: str) -> Any:
        """Return a library there, for example `mlflow`, to look at what a run left behind."""
        from grader.checker.remote import RemoteModule  # noqa: PLC0415 - rarely needed

        told = self._session.modules.load(name)
        failure = self._session.modules.failure(name)
        if failure is not None:
            raise failure
        package = bool(told) and told[0] == "package"  # type: ignore[index]
        return RemoteModule(self._session, name, None, package=package)


def seed_for(seed: int, node: str) -> int:
    """Return the seed of one test case: it depends on the run's seed and on the test's id alone."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{node}".encode()).digest()[:8], "big")


def seed_everything(seed: int) -> None:
    """Seed the generators that a test may use without asking for `rng`."""
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % 2**32)


class Fixtures:
    """A pytest plugin with the fixtures; made once per run."""

    def __init__(
        self, seed: int, student: Any, variant: int | None = None, engine: Any = None
    ) -> None:
        """Give `rng` from `seed`, and `student`, `variant` and `engine` as they are."""
        self._seed = seed
        self._student = student
        self._variant = variant
        self._engine = engine

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> Any:
        """Give a numpy Generator, seeded by the run and by the test."""
        import numpy as np  # noqa: PLC0415 - only tests that ask for it pay for it

        return np.random.default_rng(seed_for(self._seed, request.node.name))

    @pytest.fixture
    def student(self) -> Any:
        """Give the student's folder and processes."""
        return self._student

    @pytest.fixture(scope="module")
    def cells(self, request: pytest.FixtureRequest) -> Any:
        """Give what runs test cells of nbgrader, for the notebook that `NOTEBOOK` describes."""
        public = request.path.name.startswith("test_public")
        return self._student.cells(request.module.NOTEBOOK, request.config, public=public)

    @pytest.fixture
    def variant(self) -> int | None:
        """Give the seed of the student's own data; None when `data/` is everybody's copy."""
        return self._variant

    @pytest.fixture
    def engine(self) -> Any:
        """Give what may be asked of the container engine, in a lab with `[engine]`."""
        if self._engine is None:
            raise LookupError("a lab whose tests use `engine` needs [engine] in its lab.toml")
        return self._engine

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Make random choices of the trusted side repeatable."""
        seed_everything(seed_for(self._seed, item.name))
