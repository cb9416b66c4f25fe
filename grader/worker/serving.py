"""The child's side: set the stage for the student's code, then answer requests until the end.

Runs in the same process as the student's code, so nothing here is trusted by anyone.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import pathlib
import socket
import sys
import threading
import types
import warnings
from collections.abc import Callable
from typing import Any, Protocol

from grader.errors import WireError
from grader.wire.frames import FrameReader, frame, message, read_message
from grader.wire.values import Encoder
from grader.worker import doing
from grader.worker.exceptions import describe_exception
from grader.worker.notebooks import find_notebooks
from grader.worker.operations import Operations


class Channel(Protocol):
    """Where requests come from and answers go to."""

    def receive(self) -> bytes | None:
        """Return the next request, or None at the end."""

    def send(self, payload: bytes) -> None:
        """Send one answer."""


class SocketChannel:
    """A socket to the parent; used after a fork."""

    def __init__(self, descriptor: int) -> None:
        """Use an inherited descriptor."""
        self._socket = socket.socket(fileno=descriptor)
        self._socket.setblocking(True)
        self._reader = FrameReader(lambda _seconds: self._socket.recv(1 << 20))

    def receive(self) -> bytes | None:
        """Return the next request, or None at the end."""
        got = self._reader.frame(lambda: 0.0)
        return None if got is None else got[1]

    def send(self, payload: bytes) -> None:
        """Send one answer."""
        self._socket.sendall(frame(0, payload))


class PipeChannel:
    """Two pipes to the parent; used where there is no fork. Printed text goes first, as kind 1."""

    def __init__(self, inward: int, outward: int) -> None:
        """Use the interpreter's own stdin and stdout, moved out of the student's way."""
        self._reader = FrameReader(lambda _seconds: os.read(inward, 1 << 20))
        self._outward = outward
        self.printed = io.StringIO()

    def receive(self) -> bytes | None:
        """Return the next request, or None at the end."""
        got = self._reader.frame(lambda: 0.0)
        return None if got is None else got[1]

    def send(self, payload: bytes) -> None:
        """Send what was printed, then the answer."""
        text = self.printed.getvalue()
        if text:
            self.printed.seek(0)
            self.printed.truncate()
            self._write(frame(1, text.encode("utf-8", "replace")))
        self._write(frame(0, payload))

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._outward, view) :]


class CallbackError(RuntimeError):
    """A function of a test was called when nobody could answer."""


class Server:
    """Answers requests, and asks the other side when a function of a test is called."""

    def __init__(self, channel: Channel, folder: pathlib.Path, setup: dict[str, Any]) -> None:
        """Serve the student's code in `folder`."""
        self._channel = channel
        self._pid = os.getpid()
        self._depth = 0
        self._asking = threading.RLock()
        self.warned: list[list[str]] = []
        self.logged: list[list[Any]] = []
        self.operations = Operations(folder, setup, ask=self.ask)

    def serve(self) -> None:
        """Answer until the other side hangs up."""
        while (payload := self._channel.receive()) is not None:
            self._answer(payload)

    def _answer(self, payload: bytes) -> None:
        header, blobs = read_message(payload)
        self._depth += 1
        try:
            answer, out = self._carry_out(header, blobs)
        except BaseException:
            self._depth -= 1
            raise
        if os.getpid() != self._pid:
            # The student's code forked and both came back: only one of them may answer.
            os._exit(71)
        with self._asking:  # a thread that is asking the test gets its answer first
            self._depth -= 1
            _flush()
            if self.warned:
                answer["warn"], self.warned = self.warned[:50], []
            if self.logged:
                answer["log"], self.logged = self.logged[:200], []
            answer["id"] = header.get("id")
            self._channel.send(message(answer, out))

    def _carry_out(
        self, header: dict[str, Any], blobs: list[memoryview]
    ) -> tuple[dict[str, Any], list[bytes]]:
        if self._depth == 1:
            self.operations.begin(clear=bool(header.get("clear")))
        encoder = self.operations.encoder()
        mark = self.operations.objects.mark()
        try:
            answer = self.operations.carry_out(header, blobs, encoder)
        except WireError as error:
            answer = {"ok": False, "refused": str(error)[:500]}
            encoder.blobs.clear()
            self.operations.objects.take_back(mark)
        except BaseException as error:  # noqa: BLE001 - whatever a student raises is a result
            encoder = self.operations.encoder()
            self.operations.objects.take_back(mark)
            answer = {"ok": False, "upd": self._updates(encoder)}
            answer["exc"] = describe_exception(error, self.operations, encoder)
        return answer, encoder.blobs

    def _updates(self, encoder: Encoder) -> list[Any]:
        try:
            return self.operations.updates(encoder)
        except WireError:
            encoder.blobs.clear()
            return []

    def ask(self, header: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], Any]:
        """Send a callback and answer requests until its result comes. Returns (header, blobs)."""
        if os.getpid() != self._pid:
            raise CallbackError("a function of the test cannot be called from another process")
        with self._asking:  # threads of the student's code take turns
            if not self._depth:
                raise CallbackError("a function of the test was called after the call had ended")
            _flush()
            self._channel.send(message(header, blobs))
            while (payload := self._channel.receive()) is not None:
                answer, got = read_message(payload)
                if answer.get("op") in {"return", "raise"}:
                    return answer, got
                self._answer(payload)
            raise CallbackError("the test has ended")


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


def _open_streams(printed: io.StringIO | None) -> None:
    sys.stdout = printed or io.TextIOWrapper(
        os.fdopen(1, "wb", closefd=False), encoding="utf-8", errors="backslashreplace"
    )
    sys.stderr = io.TextIOWrapper(
        os.fdopen(2, "wb", closefd=False),
        encoding="utf-8",
        errors="backslashreplace",
        line_buffering=True,
    )
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr  # type: ignore[misc,assignment]


def _set_stage(folder: pathlib.Path, server: Server, *, imports: bool) -> None:
    """Make the process look like an ordinary one that runs in the student's folder."""
    os.chdir(folder)
    if imports:
        sys.path.insert(0, str(folder))
    sys.argv = [""]
    # Spawned helpers of multiprocessing import __main__ again: let it be empty, not ours.
    sys.modules["__main__"] = types.ModuleType("__main__")
    _collect_warnings(server)
    _collect_logs(server)
    _bridge_input(server)


def _collect_warnings(server: Server) -> None:
    warnings.simplefilter("always")
    shown = warnings.showwarning

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: Any = None,
        line: str | None = None,
    ) -> None:
        if len(server.warned) < 1000:  # noqa: PLR2004 - enough for any test, bounded for the rest
            server.warned.append([_warning_name(category), str(message)[:2000]])
        shown(message, category, filename, lineno, file, line)

    warnings.showwarning = show


def _collect_logs(server: Server) -> None:
    """Pass every log record on; the other side decides by its own levels what it wants."""
    logging.root.setLevel(1)
    handle = logging.Logger.callHandlers

    def call_handlers(logger: logging.Logger, record: logging.LogRecord) -> None:
        if len(server.logged) < 1000:  # noqa: PLR2004 - enough for any test, bounded for the rest
            with contextlib.suppress(Exception):
                text = record.getMessage()[:4000]
                server.logged.append([str(record.name), int(record.levelno), text])
        handle(logger, record)

    logging.Logger.callHandlers = call_handlers  # type: ignore[method-assign,assignment]


def _warning_name(category: type[Warning]) -> str:
    for kind in category.__mro__:
        if kind.__module__ == "builtins":
            return kind.__name__
    return "UserWarning"


def _bridge_input(server: Server) -> None:
    import builtins  # noqa: PLC0415 - needed here alone

    def bridged(prompt: object = "") -> str:
        """Ask the test for a line, as `input` would ask a person."""
        return server.operations.input(str(prompt))

    bridged.__name__ = bridged.__qualname__ = "input"
    builtins.input = bridged
    sys.stdin = _Stdin(server)


class _Stdin(io.TextIOBase):
    """Lines that the test provides, if it provides any."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def readable(self) -> bool:
        return True

    def readline(self, _size: int = -1) -> str:  # type: ignore[override]
        try:
            return self._server.operations.input("", raw=True)
        except EOFError:
            return ""

    def read(self, _size: int | None = -1) -> str:
        return "".join(iter(self.readline, ""))


def serve(descriptor: int, folder: pathlib.Path, setup: dict[str, Any]) -> None:
    """Serve over an inherited socket until the parent hangs up; then exit without ceremony."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    if nothing:
        os.close(nothing)
    _run(SocketChannel(descriptor), folder, setup, None)


def _run(
    channel: Channel, folder: pathlib.Path, setup: dict[str, Any], printed: io.StringIO | None
) -> None:
    leave: Callable[[int], None] = os._exit
    _open_streams(printed)
    server = Server(channel, folder, setup)
    # A process that only looks at what a run left behind takes no `git/__init__.py` from there.
    _set_stage(folder, server, imports=not setup.get("beside"))
    if not setup.get("beside"):
        doing.watch(folder)
        find_notebooks(folder, setup.get("notebooks", {}))
    code = 0
    try:
        server.serve()
    except OSError:
        code = 72
    leave(code)


def main() -> None:
    """Entry of a child that was started afresh: stdin brings requests, stdout takes answers."""
    inward, outward = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    channel = PipeChannel(inward, outward)
    setup, _ = read_message(channel.receive() or b"")
    _run(channel, pathlib.Path(sys.argv[1]), setup, channel.printed)


if __name__ == "__main__":
    main()
