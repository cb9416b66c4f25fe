"""A wire between the grader and the container engine that can be cut: the engine itself lives on.

It listens on a socket of its own, for DOCKER_HOST, and carries bytes to the engine's socket.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from pathlib import Path
from typing import Final

DEFAULT: Final = "unix:///var/run/docker.sock"
CHUNK: Final = 1 << 16


class CutWire:
    """A socket that leads to the engine, until it is cut."""

    def __init__(self, folder: Path) -> None:
        """Listen in this folder."""
        self.path = folder / "engine.sock"
        self._engine = os.environ.get("DOCKER_HOST", DEFAULT).removeprefix("unix://")
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listening: socket.socket | None = None
        self.mend()

    @property
    def address(self) -> str:
        """What DOCKER_HOST must say."""
        return f"unix://{self.path}"

    def cut(self) -> None:
        """Refuse new connections, and drop those that there are."""
        listening, self._listening = self._listening, None
        if listening is not None:
            _end(listening)
        self.path.unlink(missing_ok=True)
        with self._lock:
            ending, self._open = self._open, set()
        for each in ending:
            _end(each)

    def mend(self) -> None:
        """Take connections again."""
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(self.path))
        listening.listen(64)
        self._listening = listening
        threading.Thread(target=self._serve, args=(listening,), daemon=True).start()

    def _serve(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                ours, _ = listening.accept()
                theirs = socket.socket(socket.AF_UNIX)
                theirs.connect(self._engine)
                with self._lock:
                    self._open |= {ours, theirs}
                for pair in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=_carry, args=pair, daemon=True).start()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def _end(each: socket.socket) -> None:
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
