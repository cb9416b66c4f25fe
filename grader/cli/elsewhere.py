"""What runs on each machine of a cluster: its own boxes, and one lab that came as data.

A plugin of the Dask worker opens the boxes when a batch begins (or the machine joins), and closes
them when it ends. What arrives is checked against its digests before anything is graded.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Awaitable
from contextlib import ExitStack
from dataclasses import dataclass, replace

from distributed import Worker, get_worker
from distributed.diagnostics.plugin import WorkerPlugin

from grader import __version__
from grader.cli.boxes import SandboxChoice, grading_by, open_boxes
from grader.errors import BrokenError, EngineError, GraderError, WireError
from grader.lab import Lab
from grader.lab_reader import digest_of
from grader.outcome import Run
from grader.sandbox import image
from grader.submission import Bundle, Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What one machine grades with. All machines of a batch must agree in all but the name."""

    machine: str
    """Name of the machine, and of the Dask worker on it."""
    sandbox: str = ""
    """docker or process; empty where boxes cannot be opened."""
    sources: str = ""
    """Digest of what the images are built from: both boxes' code, and the locked libraries."""
    grader: str = __version__
    """Version of the grader."""
    python: str = ".".join(platform.python_version_tuple()[:2])
    """Version of Python that the supervisor runs on."""
    problem: str = ""
    """Why nothing can be graded there, and what to do; empty when all is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a machine needs to know of a batch. It is data: no code travels in it."""

    lab: Lab
    """The lab, hidden tests included."""
    reference: Bundle | None
    """The reference solution, which settles doubts."""
    choice: SandboxChoice
    """Where student code runs."""
    secret: bytes
    """The course's secret; empty where there is none."""


def sources() -> str:
    """Return the digest of what this machine's images are built from. Raises ImageMissingError."""
    return image.digest(image.inputs(image.home()))


def look(choice: SandboxChoice, dask_worker: Worker) -> Setup:
    """Return what this machine would grade with; what is wrong is told, not raised."""
    machine = name_of(dask_worker)
    try:
        with open_boxes(choice, warned=False) as boxes:
            return Setup(machine=machine, sandbox=boxes.sandbox.name, sources=sources())
    except GraderError as error:
        return Setup(machine=machine, problem=str(error))


def name_of(worker: Worker) -> str:
    """Return the name of the machine, and of the Dask worker on it, which may be one of several."""
    return f"{platform.node()} ({worker.name})"


class Grading(WorkerPlugin):
    """The boxes of one batch on one machine."""

    def __init__(self, task: Task, name: str) -> None:
        """Nothing is opened before the machine has this plugin."""
        self.task = task
        self.name = name
        self._machine = ""
        self._held: ExitStack | None = None

    def setup(self, worker: Worker) -> Awaitable[None]:
        """Open the boxes. A machine on which that fails does not take part."""
        return asyncio.to_thread(self._open, worker)

    def teardown(self, worker: Worker) -> Awaitable[None]:  # noqa: ARG002 - Dask's signature
        """Close the boxes."""
        return asyncio.to_thread(self._close)

    def grade(self, submission: Submission) -> Run:
        """Grade one submission. Raises EngineError, with the name of the machine."""
        arrived = Bundle.of(submission.bundle.as_dict())
        if arrived.digest != submission.bundle.digest:
            raise WireError("a hand-in changed on its way to this machine", where=self._machine)
        try:
            run = self._grade(self.task.lab, submission)
        except EngineError as error:
            raise EngineError(f"{self._machine}: {error}") from error
        return replace(run, machine=self._machine)

    def _open(self, worker: Worker) -> None:
        self._machine = name_of(worker)
        lab = self.task.lab
        if digest_of(lab) != lab.digest:
            raise WireError(f"the lab {lab.slug} changed on its way", where=self._machine)
        with ExitStack() as opening:
            opened = open_boxes(self.task.choice, worker.state.nthreads, warned=False)
            boxes = opening.enter_context(opened)
            boxes.prepare(lab)
            self._held = opening.pop_all()
        self._grade = grading_by(self.task.reference, boxes, self.task.secret)

    def _close(self) -> None:
        if self._held is not None:
            self._held.close()


def grade_here(name: str, submission: Submission) -> Run:
    """Grade one submission with the boxes that the batch of that name opened on this machine.

    Raises EngineError where the engine fails, BrokenError where the batch has ended.
    """
    plugin = get_worker().plugins.get(name)
    if not isinstance(plugin, Grading):
        raise BrokenError("the batch of this hand-in has ended on this machine")
    return plugin.grade(submission)
