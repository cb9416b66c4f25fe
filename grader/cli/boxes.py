"""Chooses where student code runs, says what that does not protect from, and opens the boxes.

It never falls back from containers in silence, and never where isolation is required.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from grader import grading
from grader.cli.console import warn
from grader.cli.places import has_source
from grader.errors import EngineUnavailableError, ImageMissingError, IsolationError
from grader.lab import Lab
from grader.lab_folder import LabFolder
from grader.outcome import Run
from grader.sandbox.base import Sandbox
from grader.sandbox.docker import DockerSandbox
from grader.sandbox.pool import Pool
from grader.sandbox.process import ProcessSandbox
from grader.seeding import seed_of, variant_of
from grader.submission import Bundle, Submission
from grader.variants import own


class SandboxName(StrEnum):
    """The words of --sandbox."""

    AUTO = "auto"
    DOCKER = "docker"
    PROCESS = "process"


NOT_CONTAINED: Final = (
    "student code runs in plain processes of this user. That keeps it out of the process that "
    "decides scores, and no more: it can read and write this user's files, reach the network, "
    "and use up this machine. Grade only work that you trust."
)
BRING_ENGINE: Final = (
    "'make engine' (Debian, Ubuntu) brings a container engine; or point DOCKER_HOST at one."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxChoice:
    """What was asked for on the command line."""

    name: SandboxName = SandboxName.AUTO
    """Which sandbox."""
    require_isolation: bool = False
    """True: containers or nothing."""


def open_sandbox(choice: SandboxChoice, *, warned: bool = True) -> Sandbox:
    """Open the sandbox that was asked for.

    Raises IsolationError where isolation is required and cannot be had, EngineUnavailableError and
    ImageMissingError for containers, EngineError when the engine misbehaves.
    """
    if choice.name is SandboxName.PROCESS:
        return _process(choice, "--sandbox process was asked for", "", warned=warned)
    try:
        return DockerSandbox()
    except EngineUnavailableError as error:
        if choice.name is SandboxName.DOCKER and not choice.require_isolation:
            raise
        return _process(choice, "no container engine answers", error.message, warned=warned)
    except ImageMissingError as error:
        # An engine is there: to grade without it now would be a surprise.
        raise ImageMissingError(
            error.message,
            where=error.where,
            advice=f"{error.advice} Or grade without containers: --sandbox process.",
        ) from error


def _process(choice: SandboxChoice, why: str, detail: str, *, warned: bool) -> Sandbox:
    if choice.require_isolation:
        raise IsolationError(
            f"isolation is required, and {why}.", where=detail.rstrip("."), advice=BRING_ENGINE
        )
    if warned:
        warn(f"{why}, so {NOT_CONTAINED} {BRING_ENGINE}")
    return ProcessSandbox()


@contextmanager
def open_boxes(choice: SandboxChoice, jobs: int = 1, *, warned: bool = True) -> Iterator[Pool]:
    """Open the sandbox and lend boxes for so many runs at a time; what earlier ones left is swept.

    `warned` says what plain processes do not protect from: of no use to who runs their own code.

    Raises what `open_sandbox` raises.
    """
    with open_sandbox(choice, warned=warned) as sandbox:
        sandbox.sweep()
        with Pool(sandbox, slots=jobs) as pool:
            yield pool


def grading_with(
    folder: LabFolder, boxes: Pool, secret: bytes = b""
) -> Callable[[Lab, Submission], Run]:
    """Return what grades one submission with these boxes; the lab's reference settles doubts."""
    return grading_by(folder.reference() if has_source(folder) else None, boxes, secret)


def grading_by(
    reference: Bundle | None, boxes: Pool, secret: bytes = b""
) -> Callable[[Lab, Submission], Run]:
    """Return what grades one submission with these boxes; `reference` settles doubts.

    Seeds are worked out from the course's secret where there is one, and drawn anew elsewhere; with
    a secret, each student's own data lie in `data/`.
    """

    def grade(lab: Lab, submission: Submission) -> Run:
        if not secret:
            return grading.grade(lab, submission, boxes, reference=reference)
        theirs = own(lab, variant_of(secret, lab.slug, submission.student), boxes)
        seed = seed_of(secret, submission)
        return grading.grade(theirs, submission, boxes, seed=seed, reference=reference)

    return grade
