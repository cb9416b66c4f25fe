"""The `engine` fixture: lets a test build and run what was handed in, through the supervisor.

    image = engine.build(files, hand_in=["Dockerfile", ".dockerignore"])
    with image.run() as container:
        assert container.ask("GET", "/health").status == 200

The supervisor does it and answers with plain values; nothing that a container says is ever more
than bytes and numbers here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from grader.checker.faults import WorkerTimedOut

if TYPE_CHECKING:
    from grader.checker.session import Session

LATE: Final = "The whole run took too long, so this was not tried any more."
POLL_S: Final = 0.1
Send = Callable[[dict[str, Any], list[bytes]], tuple[dict[str, Any], list[bytes]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a container answered to one request."""

    status: int | None
    """Status of HTTP; None when nothing sensible came."""
    body: bytes
    """The body."""
    problem: str
    """refused, time, size or nonsense; empty when there is an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a container is."""

    running: bool
    """Whether it lives."""
    exit_code: int | None
    """How it ended."""
    out_of_memory: bool
    """Whether something in it was killed for memory."""
    health: str
    """starting, healthy or unhealthy, by the image's own HEALTHCHECK; empty without one."""
    uids: list[int]
    """User ids of its processes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a container ended after SIGTERM."""

    seconds: float
    """Until it had ended."""
    exit_code: int | None
    """None when it had to be killed."""


class Engine:
    """What a test may ask of the container engine."""

    def __init__(self, send: Send, say: Callable[[str], None]) -> None:
        """Ask through `send`, which takes and returns a header and buffers; advise by `say`."""
        self._send = send
        self._say = say

    @classmethod
    def of(cls, session: Session, order: Send) -> Engine:
        """Return the engine of a run; `order` asks the supervisor and returns its answer.

        A run whose time is over fails the check that asks.
        """

        def send(header: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
            told, answered = order(header, blobs)
            if told.get("late"):
                raise session.fault(WorkerTimedOut(LATE))
            return told["told"], answered

        def say(text: str) -> None:
            session.tally.output += f"{text}\n"

        return cls(send, say)

    def advise(self, text: str) -> None:
        """Show a text beside the running check, if students see it; it costs no points."""
        self._say(text)

    def build(
        self,
        files: Mapping[str, bytes],
        *,
        hand_in: Sequence[str] = (),
        arguments: Mapping[str, str] | None = None,
        wheels: str = "",
    ) -> Image:
        """Build an image from files; those named in `hand_in` are taken from the hand-in.

        `wheels` names a folder that gets the course's wheels. A second build in the same run may
        reuse layers of the first one. Whether there is an image stands in `Image.problem`.
        """
        header = {
            "order": "build",
            "files": list(files),
            "from_hand_in": list(hand_in),
            "arguments": dict(arguments or {}),
            "wheels": wheels,
        }
        told, _ = self._send(header, list(files.values()))
        return Image(self._send, told)


class Image:
    """One image, or the reason why there is none."""

    def __init__(self, send: Send, told: dict[str, Any]) -> None:
        """Take what was told about a build."""
        self._send = send
        self._number = told["image"]
        self.problem: str = told["problem"]
        """Empty, or syntax, base, forbidden, failed, time, memory, size or output."""
        self.line: int = told["line"]
        """Line of the Dockerfile that is to blame; 0 when none is."""
        self.text: str = told["text"]
        """Why there is no image: a sentence, or the last lines of the build."""
        self.seconds: float = told["seconds"]
        """How long the build took."""
        self._seen: dict[str, Any] | None = None

    def look(self) -> dict[str, Any]:
        """Return what the image says about itself: the fields of `shipyard.Look`."""
        if self._seen is None:
            self._seen, _ = self._send({"order": "look", "image": self._number}, [])
        return self._seen

    def search(self, needles: Mapping[str, bytes]) -> list[str]:
        """Return the names of the needles that stand in a layer, in the history or the settings."""
        header = {"order": "search", "image": self._number, "names": list(needles)}
        told, _ = self._send(header, list(needles.values()))
        return list(told["found"])

    def run(
        self,
        *,
        environment: Mapping[str, str] | None = None,
        writable: Sequence[str] = ("/tmp",),  # noqa: S108 - in the container
        memory_mb: int = 256,
        processes: int = 64,
    ) -> Container:
        """Start a container: no network, no capabilities, a closed root, the image's own user."""
        header = {
            "order": "launch",
            "image": self._number,
            "environment": dict(environment or {}),
            "writable": list(writable),
            "memory_mb": memory_mb,
            "processes": processes,
        }
        told, _ = self._send(header, [])
        return Container(self._send, told)


class Container:
    """One container, or the reason why it did not start."""

    def __init__(self, send: Send, told: dict[str, Any]) -> None:
        """Take what was told about a start."""
        self._send = send
        self._number = told["container"]
        self.problem: str = told["problem"]
        """Why it could not be started; empty when it was."""

    def ask(
        self, method: str, target: str, body: bytes = b"", *, port: int = 8000, seconds: float = 5.0
    ) -> Answered:
        """Send one HTTP request, as somebody outside of the container would; no redirect counts."""
        if self._number is None:
            return Answered(status=None, body=b"", problem="refused")
        header = {
            "order": "ask",
            "container": self._number,
            "method": method,
            "target": target,
            "port": port,
            "seconds": seconds,
        }
        told, blobs = self._send(header, [body] if body else [])
        return Answered(
            status=told["status"], body=blobs[0] if blobs else b"", problem=told["problem"]
        )

    def wait_for(self, target: str, seconds: float = 15.0, *, port: int = 8000) -> Answered:
        """Ask for `target` again and again until something answers, or it ends, or time is over."""
        until = time.monotonic() + seconds
        while True:
            answered = self.ask("GET", target, port=port, seconds=2.0)
            over = time.monotonic() > until or not self.condition().running
            if answered.status is not None or over:
                return answered
            time.sleep(POLL_S)

    def wait_for_health(self, wanted: str, seconds: float) -> str:
        """Wait until the health is as wanted, or time is over; return what it is."""
        until = time.monotonic() + seconds
        while (now := self.condition()).running and now.health not in {wanted, ""}:
            if time.monotonic() > until:
                break
            time.sleep(POLL_S)
        return now.health

    def condition(self) -> Condition:
        """Return how the container is."""
        if self._number is None:
            return Condition(running=False, exit_code=None, out_of_memory=False, health="", uids=[])
        told, _ = self._send({"order": "state", "container": self._number}, [])
        return Condition(**told)

    def logs(self) -> bytes:
        """Return what it wrote to stdout and stderr: the last 64 kB."""
        if self._number is None:
            return b""
        _, blobs = self._send({"order": "logs", "container": self._number}, [])
        return blobs[0] if blobs else b""

    def stop(self, seconds: float = 5.0) -> Ended:
        """Send SIGTERM, wait, and kill it when it has not ended in time."""
        header = {"order": "stop", "container": self._number, "seconds": seconds}
        told, _ = self._send(header, [])
        return Ended(**told)

    def remove(self) -> None:
        """Remove it; what is left at the end of a run is removed anyway."""
        if self._number is not None:
            self._send({"order": "remove", "container": self._number}, [])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.remove()
