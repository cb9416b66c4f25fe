"""Lines for sessions: one to a real worker's parent in a fork, one that says what it is told to.

No box and no supervisor stand between, so a conversation takes milliseconds and needs no engine.
"""

from __future__ import annotations

import faulthandler
import os
import pathlib
import select
import signal
import sys
import time
import types
from collections.abc import Callable, Iterable
from typing import Any

import grader.worker.serving  # noqa: F401 - so that children need not import it
from grader.checker.line import Answer, Gone, take_apart
from grader.checker.modules import Finder
from grader.checker.session import Session, Settings
from grader.wire.frames import FrameReader, Kind, frame, message, read_message
from grader.worker.parent import Parent

_OURS: set[int] = set()
"""Our ends of all pipes: a later fork closes them, or nobody would ever see the end of a pipe."""


class LoopLine:
    """A Line to the student's code: a fork of this process serves as the worker's parent."""

    def __init__(
        self,
        scratch: pathlib.Path,
        files: dict[str, str | bytes],
        *,
        boxes: int = 3,
        **setup: Any,
    ) -> None:
        """Hand in `files`; `setup` is the rest of HELLO; at most `boxes` parents are started."""
        self.events: list[dict[str, Any]] = []
        self.ended: dict[str, Any] | None = None
        self.boxes = 0
        self._most = boxes
        self._scratch = scratch
        contents = [text.encode() if isinstance(text, str) else text for text in files.values()]
        self._hello = message({"files": list(files), **setup}, contents)
        self._pid = 0

    def call(self, payload: bytes, seconds: float) -> Answer:
        if not self._pid and self.boxes:
            raise Gone("ended")
        if not self._pid:
            self._start()
        deadline = time.monotonic() + seconds
        try:
            self._write(frame(Kind.TO_WORKER, payload))
            got = self._reader.frame(lambda: deadline - time.monotonic())
        except OSError:
            got = None
        if got is None:
            self.close()
            raise Gone("ended")
        return take_apart(got[1])

    def fresh(self) -> None:
        self.close()
        if self.boxes >= self._most:
            raise Gone("budget", f"{self.boxes} boxes were used up")
        self._start()

    def event(self, header: dict[str, Any]) -> None:
        self.events.append(header)

    def end(self, header: dict[str, Any]) -> None:
        self.ended = header

    def close(self) -> None:
        """End the parent and what it started. Twice is fine."""
        if self._pid:
            for fd in (self._down, self._up):
                _OURS.discard(fd)
                os.close(fd)
            pid, self._pid = self._pid, 0
            os.waitpid(pid, 0)

    @property
    def pid(self) -> int:
        """Process id of the worker's parent; 0 when there is none."""
        return self._pid

    def _start(self) -> None:
        self.boxes += 1
        there_r, self._down = os.pipe()
        self._up, there_w = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            try:
                for fd in (*_OURS, self._down, self._up):
                    os.close(fd)
                faulthandler.disable()  # a student's crash is no news
                sys.meta_path[:] = [way for way in sys.meta_path if not isinstance(way, Finder)]
                Parent(there_r, there_w, scratch=str(self._scratch / f"box{self.boxes}")).serve()
            finally:
                os._exit(0)
        os.close(there_r)
        os.close(there_w)
        _OURS.update((self._down, self._up))
        self._reader = FrameReader(self._read)
        self._write(frame(Kind.HELLO, self._hello))

    def _read(self, seconds: float) -> bytes:
        if not select.select([self._up], [], [], max(seconds, 0.0))[0]:
            self.kill()
            return b""
        return os.read(self._up, 1 << 20)

    def kill(self) -> None:
        """Kill the worker's parent, as an engine would."""
        os.kill(self._pid, signal.SIGKILL)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._down, view) :]


class ScriptedLine:
    """A Line that answers from a list: an Answer, an exception, or a function of the call."""

    def __init__(self, *answers: Any) -> None:
        """Say these, one after the other; orders are obeyed where the next is no answer to one."""
        self.answers = list(answers)
        self.asked: list[bytes] = []
        """Payloads of all calls."""
        self.freshened = 0
        self.events: list[dict[str, Any]] = []

    def call(self, payload: bytes, seconds: float) -> Answer:
        del seconds
        self.asked.append(payload)
        if payload[:1] == b"P" and (not self.answers or not _is_for_parent(self.answers[0])):
            return from_parent(ok=True)
        said = self.answers.pop(0)
        if callable(said) and not isinstance(said, type):
            said = said(payload)
        if isinstance(said, BaseException):
            raise said
        return said

    def fresh(self) -> None:
        self.freshened += 1

    def event(self, header: dict[str, Any]) -> None:
        self.events.append(header)

    def headers(self, kind: bytes = b"C") -> list[dict[str, Any]]:
        """Return what was asked, as headers."""
        skip = 6 if kind == b"C" else 1
        return [read_message(asked[skip:])[0] for asked in self.asked if asked[:1] == kind]


def _is_for_parent(said: Any) -> bool:
    return isinstance(said, Answer) and said.kind == "P"


def from_parent(**fields: Any) -> Answer:
    """Return an answer of the worker's parent."""
    return Answer(kind="P", child=0, stdout=b"", stderr=b"", body=message(fields))


def from_child(
    blobs: Iterable[bytes] = (),
    *,
    child: int = 0,
    out: bytes = b"",
    err: bytes = b"",
    **fields: Any,
) -> Answer:
    """Return an answer of a child with these fields."""
    body = message(fields, list(blobs))
    return Answer(kind="C", child=child, stdout=out, stderr=err, body=body)


def answering(out: bytes = b"", **fields: Any) -> Callable[[bytes], Answer]:
    """Return an answer that fits the question: its id is the question's."""

    def answer(payload: bytes) -> Answer:
        number = read_message(payload[6:])[0]["id"]
        return from_child(out=out, **{"ok": True, "id": number, "val": None} | fields)

    return answer


def gone(why: str, note: str = "") -> Answer:
    """Return what the worker's parent says of a child that is no more."""
    body = message({"gone": why, "note": note})
    return Answer(kind="G", child=0, stdout=b"", stderr=b"", body=body)


def module_of(session: Session, name: str) -> types.ModuleType:
    """Return a student's module as an import statement would make it."""
    finder = Finder(session)
    spec = finder.find_spec(name)
    assert spec is not None
    module = finder.create_module(spec)
    finder.exec_module(module)
    return module


def settings(**fields: Any) -> Settings:
    """Return settings with short limits and one module, `stu`."""
    return Settings(**{"modules": ("stu",), "call_s": 5.0, "check_s": 20.0} | fields)
