"""Asks a student's service over HTTP: runs in a box of ours that shares its network, nothing else.

It has no network but the loopback of that container. What it is told to ask comes in frames, and
what was answered goes back in frames: whatever a service sends is read here, in a box that is
thrown away, and never by the supervisor.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
from collections.abc import Iterator
from typing import Any, Final

from grader.wire.frames import FrameReader, Kind, frame, message, read_message

HOST: Final = "127.0.0.2"
"""Loopback as well, and yet not localhost: a service that listens on 127.0.0.1 alone, where nobody
outside of its container could reach it, is not reached here either."""
MOST_BODY: Final = 256 * 1024


class _LateError(Exception):
    """The time for one answer is over."""


def main() -> None:
    """Serve until the pipe ends."""
    inward, outward = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    signal.signal(signal.SIGALRM, _late)
    _write(outward, frame(Kind.WORKER_READY, message({})))
    reader = FrameReader(lambda _seconds: os.read(inward, 1 << 20))
    while (got := reader.frame(lambda: 0.0)) is not None:
        header, blobs = read_message(got[1])
        told, body = ask(header, bytes(blobs[0]) if blobs else b"")
        _write(outward, frame(Kind.FROM_WORKER, message(told, [body] if body else [])))


def ask(header: dict[str, Any], body: bytes, host: str = HOST) -> tuple[dict[str, Any], bytes]:
    """Send one request; return (status, or what went wrong; the body)."""
    try:
        with _deadline(float(header["seconds"])):
            return _asked(header, body, host)
    except ConnectionRefusedError:
        return {"status": None, "problem": "refused"}, b""
    except (_LateError, TimeoutError):
        return {"status": None, "problem": "time"}, b""
    except (OSError, ValueError, http.client.HTTPException):
        return {"status": None, "problem": "nonsense"}, b""


def _asked(header: dict[str, Any], body: bytes, host: str) -> tuple[dict[str, Any], bytes]:
    connection = http.client.HTTPConnection(host, int(header["port"]), timeout=header["seconds"])
    kind = {"Content-Type": "application/json"} if body else {}
    try:
        connection.request(header["method"], header["target"], body=body or None, headers=kind)
        answer = connection.getresponse()
        read = answer.read(MOST_BODY + 1)
    finally:
        connection.close()
    if len(read) > MOST_BODY:
        return {"status": None, "problem": "size"}, b""
    return {"status": answer.status, "problem": ""}, read


@contextlib.contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """One deadline for the whole answer: a byte a second does not stretch it."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _late(*_: object) -> None:
    raise _LateError


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


if __name__ == "__main__":
    main()
