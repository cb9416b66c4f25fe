"""The port: a sandbox starts boxes; a box is a process with two pipes and a death certificate.

A result and an error are kept apart. What the process inside does (exit, crash, silence, floods)
is a *result*, read from `read`, `ended` and `certificate`. An *error* (EngineError, BoxError) means
that we could not do our part.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from grader.errors import EngineUnavailableError
from grader.lab import Lab, Limits
from grader.sandbox.shipyard import Shipyard


class Role(StrEnum):
    """Which side a box is on."""

    CHECKER = "checker"
    """Trusted: pytest and a lab's tests."""
    WORKER = "worker"
    """Untrusted: a student's files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxSpec:
    """What a box must be."""

    role: Role
    """Decides image stage and hardening: both are hardened, only the worker is used once."""
    argv: tuple[str, ...]
    """Arguments for the Python of the box: ("-m", "grader.worker", …) or ("-c", "…")."""
    tools: bool = False
    """Whether the Python of the box has the large libraries and programs, too."""
    limits: Limits = field(default_factory=Limits)
    """Memory, processes, disk; times are enforced by `lifetime_s` and by the caller."""
    lifetime_s: float = 600.0
    """The box kills itself after this many seconds, whatever happens to us."""
    slot: int = 0
    """Number of the slot: decides the uid, so that no two live boxes share one."""
    label: str = ""
    """Free text for the engine's labels, without anything about students."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """How a box's process ended, or that it still lives."""

    exit_code: int | None
    """None while it lives. Never used for scores."""
    out_of_memory: bool = False
    """Some process of the box was killed for memory; the main one need not have died of it."""
    paused: bool = False
    """It lives, but was frozen from outside: nothing that its own code can do."""
    stderr_tail: str = ""
    """Last kilobytes of stderr of the box's own code, for staff."""
    peak_memory_mb: float | None = None
    """Highest memory use of the whole box, where the sandbox can tell."""
    cpu_s: float | None = None
    """Processor seconds of the whole box, where the sandbox can tell."""


class Box(ABC):
    """One running process behind two pipes. Not thread-safe: one owner at a time."""

    spec: BoxSpec
    name: str
    """Name for logs and labels; says nothing about students."""

    @abstractmethod
    def write(self, data: bytes, timeout_s: float) -> None:
        """Send all bytes to the box's stdin.

        Raises BoxGoneError when nobody reads any more, BoxTimeoutError when the box did not take
        the bytes in time. After either, the box is of no use except to be closed.
        """

    @abstractmethod
    def read(self, timeout_s: float) -> bytes:
        """Return some bytes of the box's stdout (1 to 1 MiB), or b"" when it has closed it.

        Raises BoxTimeoutError when nothing came in time; the box may then be read again.
        """

    @abstractmethod
    def certificate(self) -> Certificate:
        """Return how the process ended, waiting up to two seconds for the engine to know."""

    @abstractmethod
    def kill(self) -> None:
        """End every process of the box at once. Twice is fine."""

    @abstractmethod
    def close(self) -> None:
        """Kill, and remove everything that the box left. Twice is fine; never raises."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class Sandbox(ABC):
    """A maker of boxes."""

    name: str
    """docker, process or fake: the word of `--sandbox`."""
    isolates: bool
    """Whether hostile code is contained."""
    image: str = ""
    """Id of the image that boxes are made from; empty where there is none."""

    @abstractmethod
    def start(self, spec: BoxSpec) -> Box:
        """Start one box; returns when its process has been started, not when it is ready.

        Raises EngineUnavailableError, ImageMissingError, EngineError or BoxError.
        """

    def shipyard(self, lab: Lab) -> Shipyard:
        """Return what builds and runs students' images for one run of a lab; the caller closes it.

        Raises EngineUnavailableError in a sandbox without a container engine.
        """
        raise EngineUnavailableError(
            f"not graded: needs a container engine. The lab {lab.slug} builds and runs what is "
            f"handed in, and the {self.name} sandbox has no engine.",
            advice="No attempt was spent. The lab's README says how to try the work without the "
            "grader. For grading, 'make engine' (Debian, Ubuntu) brings an engine, or point "
            "DOCKER_HOST at one.",
        )

    @abstractmethod
    def sweep(self) -> int:
        """Remove what earlier, dead supervisors left behind; return how many things."""

    def close(self) -> None:  # noqa: B027 - most sandboxes hold nothing
        """Give back what the sandbox holds (connections, scratch folders). Twice is fine."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
