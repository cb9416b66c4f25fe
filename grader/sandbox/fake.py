"""Boxes that are played by a script on a thread, so that services can be tried in milliseconds.

No process is started, nothing is contained and no limit holds: a script does what it says, which is
how silence, deaths, garbage and an engine that stops in mid-batch can be had at will.

    sandbox = FakeSandbox({Role.CHECKER: speaking(grade), Role.WORKER: silent})
"""

from __future__ import annotations

import itertools
import threading
import traceback
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any, Final, NoReturn

from grader.errors import BoxGoneError, BrokenError, EngineUnavailableError
from grader.lab import Lab
from grader.sandbox.base import Box, BoxSpec, Certificate, Role, Sandbox
from grader.sandbox.link import READY
from grader.sandbox.pipe import Pipe
from grader.sandbox.shipyard import Shipyard
from grader.wire.frames import FrameReader, frame, message

TAIL: Final = 64 * 1024
KILLED: Final = 137
JOIN_S: Final = 2.0
END_S: Final = 2.0


class Inside:
    """What a script sees: its box from the inside."""

    def __init__(self, spec: BoxSpec) -> None:
        """Make a box's pipes."""
        self.spec = spec
        self.input = Pipe(1 << 20)
        self.output = Pipe()
        self.errors = b""
        self.ended = threading.Event()

    def read(self, timeout_s: float | None = None) -> bytes:
        """Return what was written to the box, b"" at the end; BoxTimeoutError after `timeout_s`."""
        return self.input.get(timeout_s)

    def read_exactly(self, size: int) -> bytes:
        """Return `size` bytes, or fewer at the end."""
        read = bytearray()
        while len(read) < size and (chunk := self.input.get(most=size - len(read))):
            read += chunk
        return bytes(read)

    def write(self, data: bytes) -> None:
        """Say something on stdout; waits while nobody reads."""
        self.output.put(data)

    def stderr(self, data: bytes) -> None:
        """Say something on stderr."""
        self.errors = (self.errors + data)[-TAIL:]

    def wait(self, seconds: float | None = None) -> None:
        """Let time pass, until the box is killed at the latest."""
        if self.ended.wait(seconds):
            raise BoxGoneError("the box was killed")

    def exit(self, code: int = 0, *, out_of_memory: bool = False) -> NoReturn:
        """End the box's process."""
        raise _ExitError(code, out_of_memory=out_of_memory)


Script = Callable[[Inside], None]
"""What a box does. It returns when its process ends; an exception is an exit code of 1."""


class _ExitError(Exception):
    """The script's own end."""

    def __init__(self, code: int, *, out_of_memory: bool) -> None:
        super().__init__(code)
        self.code = code
        self.out_of_memory = out_of_memory


class FakeBox(Box):
    """One thread that plays a script."""

    def __init__(
        self, spec: BoxSpec, script: Script, name: str, on_close: Callable[[FakeBox], None]
    ) -> None:
        """Start the script."""
        self.spec = spec
        self.name = name
        self._inside = Inside(spec)
        self._on_close = on_close
        self._exit_code: int | None = None
        self._out_of_memory = False
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._play, args=(script,), daemon=True, name=name)
        self._thread.start()

    def write(self, data: bytes, timeout_s: float) -> None:
        """Send all bytes."""
        self._inside.input.put(data, timeout_s)

    def read(self, timeout_s: float) -> bytes:
        """Return some bytes, or b"" at the end."""
        return self._inside.output.get(max(0.0, timeout_s))

    def certificate(self) -> Certificate:
        """Return how the script ended."""
        if self._inside.output.is_ended:
            self._over.wait(END_S)
        return Certificate(
            exit_code=self._exit_code,
            out_of_memory=self._out_of_memory,
            stderr_tail=self._inside.errors.decode("utf-8", errors="replace"),
        )

    def kill(self) -> None:
        """End the script at its next use of the box; what it does without one goes on."""
        with self._lock:
            if self._exit_code is None:
                self._exit_code = KILLED
        self._over.set()
        self._inside.ended.set()
        self._inside.input.abandon()
        self._inside.output.abandon()

    def close(self) -> None:
        """Kill, and wait for the thread."""
        self.kill()
        if self._thread is not threading.current_thread():
            self._thread.join(JOIN_S)
        self._on_close(self)

    def _play(self, script: Script) -> None:
        code, out_of_memory = 0, False
        try:
            script(self._inside)
        except _ExitError as end:
            code, out_of_memory = end.code, end.out_of_memory
        except BoxGoneError:
            code = KILLED
        except Exception:  # noqa: BLE001 - a script's mistake is the death of its box
            code = 1
            self._inside.stderr(traceback.format_exc().encode())
        with self._lock:
            if self._exit_code is None:
                self._exit_code, self._out_of_memory = code, out_of_memory
        self._over.set()
        self._inside.input.abandon()
        self._inside.output.end()


class FakeSandbox(Sandbox):
    """Starts boxes that play a script, and remembers what was asked of it."""

    name = "fake"
    isolates = False

    def __init__(
        self,
        script: Script | Mapping[Role, Script],
        *,
        fails: Callable[[int, BoxSpec], BrokenError | None] = lambda _number, _spec: None,
        yard: Shipyard | None = None,
    ) -> None:
        """Play `script`, or one for each role; `fails` may refuse the start of a number, from 1.

        Without a `yard`, it has no container engine.
        """
        self._yard = yard
        self._script = script
        self._fails = fails
        self._broken: BrokenError | None = None
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self.started: list[BoxSpec] = []
        """Every start that was asked for, the failed ones included."""
        self.closed: list[BoxSpec] = []
        """Every box that was closed, in the order of closing."""
        self.living: list[FakeBox] = []
        """Boxes that were started and not closed."""

    def start(self, spec: BoxSpec) -> Box:
        """Start a script, or raise what `fails` or `break_down` say."""
        number = next(self._numbers)
        self.started.append(spec)
        if error := self._broken or self._fails(number, spec):
            raise error
        script = self._script[spec.role] if isinstance(self._script, Mapping) else self._script
        with self._lock:
            box = FakeBox(spec, script, f"fake-{number}", self._forget)
            self.living.append(box)
        return box

    def shipyard(self, lab: Lab) -> Shipyard:
        """Return the shipyard that was given, or refuse as a sandbox without an engine does."""
        return self._yard or super().shipyard(lab)

    def break_down(self, error: BrokenError | None = None) -> None:
        """Behave like an engine that is gone: boxes die, and none can be started."""
        self._broken = error or EngineUnavailableError("no container engine answers")
        with self._lock:
            living = list(self.living)
        for box in living:
            box.kill()

    def repair(self) -> None:
        """Start boxes again."""
        self._broken = None

    def sweep(self) -> int:
        """Remove nothing: a dead supervisor's threads died with it."""
        return 0

    def close(self) -> None:
        """Close all boxes."""
        with self._lock:
            living = list(self.living)
        for box in living:
            box.close()

    def _forget(self, box: FakeBox) -> None:
        with self._lock:
            if box in self.living:
                self.living.remove(box)
                self.closed.append(box.spec)


def silent(box: Inside) -> None:
    """Read what comes and never say a word."""
    while box.read():
        pass


def deaf(box: Inside) -> None:
    """Read nothing, say nothing, live on."""
    box.wait()


def dying(code: int = 1, last_words: bytes = b"") -> Script:
    """Return a script that ends at once."""

    def script(box: Inside) -> None:
        box.stderr(last_words)
        box.exit(code)

    return script


def starving(box: Inside) -> None:
    """Be killed for memory at the first thing that is asked."""
    box.read()
    box.exit(KILLED, out_of_memory=True)


def dripping(data: bytes, every_s: float) -> Script:
    """Return a script that says `data` one byte at a time, each after a pause."""

    def script(box: Inside) -> None:
        for number in range(len(data)):
            box.wait(every_s)
            box.write(data[number : number + 1])
        silent(box)

    return script


def saying(data: bytes) -> Script:
    """Return a script that says these bytes, whatever they are, and then nothing."""

    def script(box: Inside) -> None:
        box.write(data)
        silent(box)

    return script


def answering(answer: Callable[[bytes], bytes]) -> Script:
    """Return a script that answers bytes with bytes."""

    def script(box: Inside) -> None:
        while chunk := box.read():
            box.write(answer(chunk))

    return script


def playing(scene: Callable[[BoxSpec], Generator[bytes, bytes, None]]) -> Script:
    """Return a script from a generator: it yields what the box says and is sent what comes in."""

    def script(box: Inside) -> None:
        lines = scene(box.spec)
        said = next(lines, b"")
        while True:
            box.write(said)
            if not (heard := box.read()):
                return
            try:
                said = lines.send(heard)
            except StopIteration:
                return

    return script


def speaking(
    answer: Callable[[int, bytes], Iterable[tuple[int, bytes]]], hello: dict[str, Any] | None = None
) -> Script:
    """Return a script that says READY for its role, then answers each frame with frames."""

    def script(box: Inside) -> None:
        box.write(frame(READY[box.spec.role], message(hello or {})))
        reader = FrameReader(lambda _seconds: box.read())
        while heard := reader.frame(lambda: 0.0):
            for kind, payload in answer(*heard):
                box.write(frame(kind, payload))

    return script
