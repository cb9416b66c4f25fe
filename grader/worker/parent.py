"""The worker's parent: unpacks the hand-in, forks one child per test file, relays its frames.

It belongs to the untrusted side. It makes things quick and messages good (who was killed, and why);
nothing that it says is believed for a score, and the supervisor has deadlines of its own.

Payload of TO_WORKER:   b"P" | message                 for the parent
                        b"C" | u8 child | u32 ms | …   for a child, untouched
Payload of FROM_WORKER: kind byte, u8 child, u32 n | stdout, u32 n | stderr, message
                        kind "P" parent, "C" child, "G" the child is gone
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import struct
import time
from typing import Any

from grader.errors import WireError
from grader.wire.frames import FrameReader, Kind, frame, message, read_message
from grader.worker import doing
from grader.worker.children import Child, ChildGone, new_child
from grader.worker.clearing import everything_in, remove_all_but

_DEADLINE = struct.Struct(">I")
_MAX_CHILDREN = 4


class Parent:
    """One hand-in's box: files, children, and the loop between the pipes and them."""

    def __init__(self, inward: int, outward: int, *, scratch: str) -> None:
        """Serve frames from one descriptor to the other, with files below `scratch`."""
        self._reader = FrameReader(lambda _seconds: os.read(inward, 1 << 20))
        self._outward = outward
        self._private = (inward, outward)
        self._scratch = pathlib.Path(scratch)
        self._files: dict[str, bytes] = {}
        self._setup: dict[str, Any] = {}
        self._children: dict[int, Child] = {}
        self._made = 0
        self._places: tuple[pathlib.Path, ...] = ()
        self._there: frozenset[str] = frozenset()

    def serve(self) -> None:
        """Answer frames until the pipe ends; then end every child."""
        try:
            while (got := self._reader.frame(lambda: 0.0)) is not None:
                kind, payload = got
                if kind == Kind.HELLO:
                    self._hello(payload)
                elif kind == Kind.TO_WORKER:
                    self._answer(payload)
        finally:
            for number in list(self._children):
                self._end(number)

    def _hello(self, payload: bytes) -> None:
        header, blobs = read_message(payload)
        names = header.pop("files")
        self._files = {name: bytes(blob) for name, blob in zip(names, blobs, strict=True)}
        self._setup = header

    def _answer(self, payload: bytes) -> None:
        if payload[:1] == b"P":
            header, _ = read_message(payload[1:])
            self._send(b"P", 0, b"", b"", message(self._order(header)))
            return
        number = payload[1]
        (milliseconds,) = _DEADLINE.unpack_from(payload, 2)
        self._relay(number, payload[2 + _DEADLINE.size :], milliseconds / 1000)

    def _order(self, header: dict[str, Any]) -> dict[str, Any]:
        """Carry out an order to the parent itself: open or close a child, or begin anew."""
        number = int(header.get("child", 0))
        if header.get("op") == "open":
            self._end(number)
            self._open(number, shared=header.get("beside"))
            return {"ok": True}
        if header.get("op") == "close":
            self._end(number)
            return {"ok": True}
        if header.get("op") == "remember":
            self._places = (self._scratch, *map(pathlib.Path, header["places"]))
            self._there = everything_in(self._places)
            return {"ok": True}
        if header.get("op") == "begin_anew":
            return self._begin_anew()
        return {"ok": False, "why": "unknown order"}

    def _begin_anew(self) -> dict[str, Any]:
        """End the children, and remove what came since `remember`: for another hand-in."""
        for number in list(self._children):
            self._end(number)
        self._files, self._setup = {}, {}
        try:
            remove_all_but(self._places, self._there)
        except OSError as error:
            return {"ok": False, "why": str(error)}
        return {"ok": bool(self._places)}

    def _open(self, number: int, *, shared: int | None) -> None:
        if len(self._children) >= _MAX_CHILDREN:
            raise WireError("too many children at once")
        # Also where the child that it was to stand beside has died or was never started: what looks
        # at a run's remains must not import the hand-in.
        setup = self._setup if shared is None else self._setup | {"beside": True}
        beside = self._children.get(shared) if shared is not None else None
        if beside is not None:
            folder = beside.folder
        else:
            self._made += 1
            folder = self._scratch / f"run{self._made}"
            _unpack(self._files, folder)
        closing = [fd for child in self._children.values() for fd in child.descriptors()]
        self._children[number] = new_child(
            folder, setup, private=(*self._private, *closing), keeps_folder=beside is not None
        )

    def _end(self, number: int) -> None:
        child = self._children.pop(number, None)
        if child is None:
            return
        child.end(last=not self._children)
        if not child.keeps_folder:
            shutil.rmtree(child.folder, ignore_errors=True)
            doing.forget(child.folder)

    def _relay(self, number: int, payload: bytes, seconds: float) -> None:
        child = self._children.get(number)
        if child is None:
            self._send(b"G", number, b"", b"", message({"gone": "ended", "note": "no such child"}))
            return
        deadline = time.monotonic() + seconds
        try:
            reply = child.ask(payload, deadline)
        except ChildGone as gone:
            out, err = child.take_output()
            told = {"gone": gone.why, "note": gone.note, "cell": doing.last_in(child.folder)}
            self._end(number)
            self._send(b"G", number, out, err, message(told))
            return
        out, err = child.take_output()
        self._send(b"C", number, out, err, reply)

    def _send(self, kind: bytes, number: int, out: bytes, err: bytes, body: bytes) -> None:
        payload = b"".join(
            [kind, bytes([number]), _sized(out), _sized(err), body],
        )
        data = memoryview(frame(Kind.FROM_WORKER, payload))
        while data:
            data = data[os.write(self._outward, data) :]


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _unpack(files: dict[str, bytes], folder: pathlib.Path) -> None:
    """Write the hand-in below `folder`. Paths were checked at the door."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        path = folder / name
        with contextlib.suppress(OSError):
            # A name that this file system cannot hold is the student's loss alone.
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
