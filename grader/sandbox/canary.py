"""Probe boxes with the production flags: starts them, provokes each limit, notes what happened.

Gathers observations and judges nothing (that is `doctor`). Needs the engine, and about three
seconds; it leaves no box behind, and says how many it could not remove.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from grader.errors import BoxError, BoxTimeoutError, EngineError, EngineUnavailableError
from grader.lab import Limits
from grader.sandbox.base import Box, BoxSpec, Certificate, Role
from grader.sandbox.docker import DockerBox, DockerSandbox
from grader.sandbox.engine import translated

LIMITS: Final = Limits(memory_mb=256, disk_mb=16, processes=64)
SMALL_MB: Final = 64
HOLDERS: Final = 24
"""Children of each of two boxes: together more than the limit of one."""
HOLDER_LIMIT: Final = 40
PATIENCE_S: Final = 10.0
SHORT_LIFE_S: Final = 1.0
AT_ONCE: Final = 3
FIRST_SLOT: Final = 50_000
"""Slots of their own, so that a doctor and a batch may run side by side."""

EATER: Final = "import os; os.write(1, b'up'); x = [bytearray(8 << 20) for _ in range(64)]"
STUBBORN: Final = (
    "import os, signal, time\n"
    "for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):\n"
    "    signal.signal(number, signal.SIG_IGN)\n"
    "os.write(1, b'up')\n"
    "time.sleep(600)\n"
)
READER: Final = STUBBORN.replace("time.sleep(600)", "os.read(0, 1)")
OUTSIDE: Final = ("169.254.169.254", "172.17.0.1", "192.0.2.1", "2001:db8::1")
"""The metadata service of clouds, the engine's bridge, and two addresses that nobody has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """What the probe boxes showed."""

    look: dict[str, Any] = field(default_factory=dict)
    """What `inside.look` prints; empty when it could not be had."""
    memory: Certificate | None = None
    """End of a box that takes several times its memory."""
    pair: tuple[dict[str, Any], ...] = ()
    """What `inside.hold` prints in two boxes that live at the same time."""
    kill_s: float | None = None
    """Seconds from `kill` to the end of a box that ignores SIGTERM; None: it lived on."""
    hangup_s: float | None = None
    """Seconds from losing its pipe to the end of a box that reads it, as a worker does."""
    lifetime_s: float | None = None
    """Seconds that a box with a lifetime of one second lived."""
    log_bytes: int | None = None
    """Bytes of a box's output that the engine kept; None when nobody asked."""
    counts_files: bool = True
    """Whether the engine can limit the files of a tmpfs; Podman cannot."""
    left: int = 0
    """Containers of the probes that are still there."""
    troubles: dict[str, str] = field(default_factory=dict)
    """Probes that could not be made, by the field that they would have filled, and why."""


def observe(sandbox: DockerSandbox) -> Observations:
    """Make every probe, a few at a time."""
    probes: dict[str, Callable[[Probes], object]] = {
        "lifetime_s": Probes.lifetime,
        "look": Probes.look,
        "hangup_s": Probes.hangup,
        "pair": Probes.pair,
        "memory": Probes.memory,
        "kill_s": Probes.kill,
    }
    running = Probes(sandbox)
    with ThreadPoolExecutor(AT_ONCE) as executor:
        futures: dict[str, Future[object]] = {
            name: executor.submit(probe, running) for name, probe in probes.items()
        }
    seen: dict[str, Any] = {}
    troubles: dict[str, str] = {}
    for name, future in futures.items():
        try:
            seen[name] = future.result()
        except (BoxError, EngineError, ValueError) as error:
            troubles[name] = str(error)
    return Observations(
        **seen,
        log_bytes=running.log_bytes,
        counts_files=bool(sandbox.dialect.files),
        left=running.left(),
        troubles=troubles,
    )


class Probes:
    """The probe boxes of one examination."""

    def __init__(self, sandbox: DockerSandbox) -> None:
        """Start nothing yet."""
        self._sandbox = sandbox
        self._ids: list[str] = []
        self.log_bytes: int | None = None

    def look(self) -> dict[str, Any]:
        """Return what one box shows by itself."""
        addresses = [*OUTSIDE, *_own_address()]
        arguments = ("look", str(LIMITS.disk_mb), *addresses)
        with self._start(_inside(), *arguments, slot=0, limits=LIMITS) as box:
            seen = _json(_rest(box))
            seen["budgets"]["limits"]["lifetime"] = box.spec.lifetime_s
            return seen

    def memory(self) -> Certificate:
        """Return how a box ends that takes eight times its memory."""
        limits = Limits(memory_mb=SMALL_MB, disk_mb=8)
        with self._start(EATER, slot=1, limits=limits) as box:
            _rest(box)
            return box.certificate()

    def pair(self) -> tuple[dict[str, Any], ...]:
        """Return what two boxes see that live at the same time."""
        limits = Limits(memory_mb=256, disk_mb=16, processes=HOLDER_LIMIT)
        seen = []
        with contextlib.ExitStack() as stack:
            boxes: list[Box] = []
            for slot in (2, 3):
                arguments = ("hold", f"probe-{secrets.token_hex(4)}", str(HOLDERS))
                one = self._start(_inside(), *arguments, slot=slot, limits=limits)
                boxes.append(stack.enter_context(one))
            for box in boxes:
                _line(box)
            for box in boxes:
                box.write(b".", PATIENCE_S)
                seen.append(_json(_line(box)))
        return tuple(seen)

    def kill(self) -> float | None:
        """Return the seconds that a stubborn box needs to die."""
        with self._start(STUBBORN, slot=4) as box:
            box.read(PATIENCE_S)
            before = time.monotonic()
            box.kill()
            seconds = _end(box, before)
            self.log_bytes = self._logged(box)  # a log is complete when its box has ended
            return seconds

    def hangup(self) -> float | None:
        """Return the seconds that a box which reads its stdin lives on after it lost its pipe."""
        box = self._start(READER, slot=5)
        with box:
            box.read(PATIENCE_S)
            before = time.monotonic()
            box.let_go()
            while time.monotonic() - before < PATIENCE_S:
                if box.certificate().exit_code is not None:
                    return time.monotonic() - before
            return None

    def lifetime(self) -> float | None:
        """Return the seconds that a stubborn box lives which may live for one."""
        before = time.monotonic()
        with self._start(STUBBORN, slot=6, lifetime_s=SHORT_LIFE_S) as box:
            return _end(box, before)

    def _logged(self, box: DockerBox) -> int:
        """Return how much of what the box said the engine has kept."""
        try:
            with translated("asking for the output of a box"):
                return len(self._sandbox.client.api.logs(box.id, stdout=True, stderr=True))
        except EngineUnavailableError:
            raise
        except EngineError:
            return 0  # there is no log to read

    def left(self) -> int:
        """Return how many of the containers are still on the engine."""
        found = self._sandbox.client.api.containers(all=True, quiet=True)
        return len({one["Id"] for one in found} & set(self._ids))

    def _start(self, source: str, *arguments: str, slot: int, **fields: Any) -> DockerBox:
        fields.setdefault("limits", LIMITS)
        argv = ("-c", source, *arguments)
        return self._open(BoxSpec(role=Role.WORKER, argv=argv, slot=FIRST_SLOT + slot, **fields))

    def _open(self, spec: BoxSpec) -> DockerBox:
        box = self._sandbox.start(spec)
        self._ids.append(box.id)
        return box


def _inside() -> str:
    return (Path(__file__).parent / "inside.py").read_text(encoding="utf-8")


def _rest(box: Box) -> bytes:
    said = bytearray()
    deadline = time.monotonic() + PATIENCE_S
    while chunk := box.read(max(0.01, deadline - time.monotonic())):
        said += chunk
    return bytes(said)


def _end(box: Box, since: float) -> float | None:
    try:
        _rest(box)
    except BoxTimeoutError:
        return None
    return time.monotonic() - since


def _line(box: Box) -> bytes:
    said = bytearray()
    deadline = time.monotonic() + PATIENCE_S
    while not said.endswith(b"\n"):
        chunk = box.read(max(0.01, deadline - time.monotonic()))
        if not chunk:
            raise BoxTimeoutError(f"the probe ended early: {box.certificate().stderr_tail[-300:]}")
        said += chunk
    return bytes(said)


def _json(said: bytes) -> dict[str, Any]:
    found = json.loads(said)
    if not isinstance(found, dict):
        raise ValueError("the probe said something unexpected")  # noqa: TRY004 - a bad answer
    return found


def _own_address() -> tuple[str, ...]:
    """Return this machine's own address, without sending anything."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect(("192.0.2.1", 9))
        return (one.getsockname()[0],)
    return ()
