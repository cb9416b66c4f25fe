"""The port: a shipyard builds images from what students hand in, runs them, and tells what it saw.

A result and an error are kept apart. What a Dockerfile or a container does (it does not build, it
dies, it answers nonsense) is a *result*, told in plain values. An *error* (EngineError) means that
we could not do our part. Whatever a shipyard made is gone when it is closed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What to build."""

    files: Mapping[str, bytes]
    """The folder to build from: path -> content. What .dockerignore names is left out."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """Build arguments."""
    wheels: str = ""
    """Folder into which the course's wheels are put; empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What became of a build."""

    image: int | None
    """Number of the image in this shipyard; None when there is none."""
    problem: str = ""
    """syntax, base, forbidden, failed, time, memory, size or output; empty when it was built."""
    line: int = 0
    """Line of the Dockerfile that is to blame, from 1; 0 when none is."""
    text: str = ""
    """One sentence, or the last lines of the build."""
    seconds: float = 0.0
    """How long it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One line of an image's history."""

    id: str
    """Id of the image at this step, equal in two images where the builder reused it; or empty."""
    by: str
    """The instruction, as the engine wrote it down."""
    size: int
    """Bytes that it added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What an image says about itself. Claims of the student's, but for sizes and ids."""

    user: str
    """Its USER; empty for root."""
    command: tuple[str, ...]
    """ENTRYPOINT and CMD, one after the other."""
    healthcheck: tuple[str, ...]
    """Its HEALTHCHECK as the engine keeps it: ("CMD", …) or ("CMD-SHELL", …); empty for none."""
    environment: tuple[str, ...]
    """NAME=value, one for each variable."""
    ports: tuple[str, ...]
    """EXPOSEd ports, such as 8000/tcp."""
    labels: Mapping[str, str]
    """Its labels, without ours."""
    size: int
    """Bytes of all its layers."""
    added: int
    """Bytes that it adds to its base."""
    history: tuple[Layer, ...]
    """Its layers that do not belong to the base, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How an image is run. Everything else is fixed: no network, no capability, a closed root."""

    image: int
    """Number of the image."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables beside its own."""
    writable: tuple[str, ...] = ("/tmp",)  # noqa: S108 - inside a container, a tmpfs of its own
    """Folders that can be written, in memory; everything else is read-only."""
    memory_mb: int = 256
    """Its memory, those folders included."""
    processes: int = 64
    """Processes and threads in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """What became of a start."""

    container: int | None
    """Number of the container in this shipyard; None when it could not be started."""
    problem: str = ""
    """Why not, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One HTTP request to a container, from outside of it."""

    container: int
    """Number of the container."""
    method: str = "GET"
    """GET or POST."""
    target: str = "/"
    """Path and query."""
    body: bytes = b""
    """For a POST: JSON."""
    port: int = 8000
    """Port in the container."""
    seconds: float = 5.0
    """How long the whole answer may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a container answered."""

    status: int | None
    """Status of HTTP; None when nothing sensible came."""
    body: bytes = b""
    """The body, at most 256 kB."""
    problem: str = ""
    """refused, time, size or nonsense; empty when there is an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How a container is."""

    running: bool
    """Whether its process 1 lives."""
    exit_code: int | None = None
    """How it ended; None while it lives."""
    out_of_memory: bool = False
    """Whether something in it was killed for memory."""
    health: str = ""
    """starting, healthy or unhealthy, as its HEALTHCHECK says, asked every second; or empty."""
    uids: tuple[int, ...] = ()
    """User ids of its processes, as the kernel sees them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """How a container ended after SIGTERM."""

    seconds: float
    """Until it had ended, by our clock."""
    exit_code: int | None
    """None when it had not ended in time, and was killed."""


class Shipyard(ABC):
    """Builds and runs the images of one run. Not thread-safe.

    Numbers of images and containers that it did not give out are a LookupError: a mistake of ours.
    """

    @abstractmethod
    def build(self, recipe: Recipe, seconds: float) -> Built:
        """Build an image from scratch; a second build of this run may reuse layers of the first."""

    @abstractmethod
    def look(self, image: int) -> Look:
        """Return what an image says about itself."""

    @abstractmethod
    def search(self, image: int, needles: Mapping[str, bytes]) -> tuple[str, ...]:
        """Return the names of the needles that stand in a layer, the history or the settings."""

    @abstractmethod
    def launch(self, launch: Launch) -> Launched:
        """Start a container as the image's own user, without an init of ours."""

    @abstractmethod
    def ask(self, question: Question) -> Reply:
        """Send a request, as somebody outside of the container would."""

    @abstractmethod
    def state(self, container: int) -> State:
        """Return how a container is."""

    @abstractmethod
    def logs(self, container: int) -> bytes:
        """Return what a container wrote to stdout and stderr: the last 64 kB."""

    @abstractmethod
    def stop(self, container: int, seconds: float) -> Stopped:
        """Send SIGTERM and wait; after `seconds` it is killed."""

    @abstractmethod
    def remove(self, container: int) -> None:
        """Remove a container. Twice is fine."""

    @abstractmethod
    def close(self) -> None:
        """Remove all that was made. Twice is fine; never raises."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
