"""One build of a student's Dockerfile, watched: time, memory, processes, size, output.

The engine's classic builder runs RUN steps as root with its default capabilities and knows no limit
of processes. So every stage begins with our label, by which the step's container is found as soon
as it runs; it then gets the limits that the builder cannot give, and is killed when one is passed.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import tarfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from grader.errors import EngineError
from grader.plaintext import one_line
from grader.sandbox.dockerfile import Plan
from grader.sandbox.engine import translated
from grader.sandbox.hardening import MIB

TICK_S: Final = 0.1
SIZE_EVERY_S: Final = 1.0
BUILD_PROCESSES: Final = 256
KEPT_LINES: Final = 12
LINE_CAP: Final = 300
MOST_OUTPUT: Final = 8 * MIB
MOST_TEXT: Final = 8192
SLACK_S: Final = 20.0
"""Beyond its time a build may still be cleaning up."""
OWN_NAME: Final = ".grader-plan"

_STEP: Final = re.compile(r"^Step (\d+)/\d+ : ")
_BUILT: Final = re.compile(r"sha256:[0-9a-f]{64}")
_ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.")
_NOISE: Final = re.compile(
    r"^(---> |Removing intermediate|Step \d+/\d+ : |\[Warning\] One or more build-args|WARNING: )"
)
_HOST: Final = re.compile(r"/var/lib/(?:docker|containers)\S*")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildLimits:
    """What one build may use."""

    seconds: float
    """Wall time."""
    memory_mb: int
    """Memory of one step."""
    size_mb: int
    """What one step may write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildEnd:
    """How a build ended."""

    image: str = ""
    """Id of the image; empty when there is none."""
    problem: str = ""
    """failed, time, memory, size or output."""
    step: int = 0
    """The step that was running, from 1."""
    text: str = ""
    """The last lines, cleaned."""


def context(files: Mapping[str, bytes], plan: Plan) -> bytes:
    """Return the tar that the engine builds from; equal files give equal bytes.

    The engine removes from it what its .dockerignore names: that file and our plan, so that no COPY
    finds either.
    """
    own = {OWN_NAME: plan.text.encode(), ".dockerignore": f"{OWN_NAME}\n.dockerignore\n".encode()}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, content in sorted({**files, **own}.items()):
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def build(
    api: Any, packed: bytes, mark: str, arguments: Mapping[str, str], limits: BuildLimits
) -> BuildEnd:
    """Build a context; `mark` is the label, as name=value, that every step of it carries.

    Raises EngineError when the engine itself fails.
    """
    watch = _Watch(api, mark, limits)
    said = _Said()
    with translated("building a student's image"), watch:
        for event in _events(api, packed, arguments, limits):
            said.hear(event)
            if said.output > MOST_OUTPUT:
                watch.give_up("output")
            watch.step_began(said.step)
    return said.end(watch.reason)


def _events(
    api: Any, packed: bytes, arguments: Mapping[str, str], limits: BuildLimits
) -> Iterator[dict[str, Any]]:
    """Send the context and yield what the engine says.

    The SDK's own `build` cannot set the limits of a file and of the processor.
    """
    memory = limits.memory_mb * MIB
    response = api._post(  # noqa: SLF001 - as above
        api._url("/build"),  # noqa: SLF001 - as above
        data=packed,
        params={
            "dockerfile": OWN_NAME,
            "networkmode": "none",
            "rm": True,
            "forcerm": True,
            "pull": False,
            "memory": memory,
            "memswap": memory,
            "cpuperiod": 100_000,
            "cpuquota": 100_000,
            "ulimits": json.dumps(
                [
                    {"Name": "fsize", "Soft": limits.size_mb * MIB, "Hard": limits.size_mb * MIB},
                    {"Name": "core", "Soft": 0, "Hard": 0},
                ]
            ),
            "buildargs": json.dumps(dict(arguments)),
        },
        headers={"Content-Type": "application/tar"},
        stream=True,
        timeout=limits.seconds + SLACK_S,
    )
    with contextlib.closing(response):
        yield from api._stream_helper(response, decode=True)  # noqa: SLF001 - as above


class _Said:
    """What the engine said during one build."""

    def __init__(self) -> None:
        self.step = 0
        self.output = 0
        self._image = ""
        self._error = ""
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)

    def hear(self, event: dict[str, Any]) -> None:
        text = str(event.get("stream", ""))
        self.output += len(text)
        begun = _STEP.match(text)
        if begun and int(begun[1]) == self.step + 1:  # a RUN that prints this changes little
            self.step += 1
            self._lines.clear()
        self._lines.extend(text[-MOST_TEXT:].splitlines())
        told = event.get("aux")
        if isinstance(told, dict) and _BUILT.fullmatch(str(told.get("ID", ""))):
            self._image = str(told["ID"])
        if "error" in event:
            self._error = str(event["error"])

    def end(self, reason: str) -> BuildEnd:
        if not self._error and not reason:
            if not self._image:
                raise EngineError("the engine ended a build without an image and without an error.")
            return BuildEnd(image=self._image)
        if not reason and "returned a non-zero code: 137" in self._error:
            reason = "memory"
        lines = [*self._lines, "" if reason else self._error]
        return BuildEnd(problem=reason or "failed", step=self.step, text=cleaned(lines))


def cleaned(lines: list[str]) -> str:
    """Return the last lines of a build without colours, odd characters, our steps and our paths."""
    plain = (one_line(_ANSI.sub("", line).split("\r")[-1], LINE_CAP).strip() for line in lines)
    kept = [_HOST.sub("…", line) for line in plain if line and not _NOISE.match(line)]
    return "\n".join(kept[-KEPT_LINES:])


class _Watch:
    """Looks after the container of the step that runs, on a thread of its own."""

    def __init__(self, api: Any, mark: str, limits: BuildLimits) -> None:
        self.reason = ""
        self._api = api
        self._mark = mark
        self._limits = limits
        self._deadline = time.monotonic() + limits.seconds
        self._next_size = 0.0
        self._limited: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True, name="build-watch")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._thread.join(SLACK_S)

    def give_up(self, reason: str) -> None:
        """Say why the build is over; its step is killed at the next look."""
        self.reason = self.reason or reason

    def step_began(self, step: int) -> None:
        """Hear that the build goes on: after the time is over it may not, between steps either."""
        if self.reason and step and time.monotonic() > self._deadline + SLACK_S:
            raise EngineError("a build did not end when its step was killed.")

    def _look_on(self) -> None:
        while not self._over.wait(TICK_S):
            if time.monotonic() > self._deadline:
                self.give_up("time")
            with contextlib.suppress(Exception):  # an engine that stumbles is asked again
                self._look()

    def _look(self) -> None:
        sized = time.monotonic() >= self._next_size
        found = self._api.containers(filters={"label": self._mark}, size=sized)
        if sized:
            self._next_size = time.monotonic() + SIZE_EVERY_S
        for one in found:
            if one["Id"] not in self._limited:
                self._limit(one["Id"])
            if int(one.get("SizeRw") or 0) > self._limits.size_mb * MIB:
                self.give_up("size")
            if self.reason:
                self._api.kill(one["Id"], signal="KILL")

    def _limit(self, container: str) -> None:
        """Give a step's container the limit that a build has no option for."""
        self._api._post_json(  # noqa: SLF001 - the SDK's `update_container` does not know it
            self._api._url("/containers/{0}/update", container),  # noqa: SLF001 - as above
            data={"PidsLimit": BUILD_PROCESSES},
        ).raise_for_status()
        self._limited.add(container)
