"""The student's folder as tests may see it: commands run there, files read, written and listed.

Nothing here is believed: what a command says of itself is a claim of the student's side.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from typing import Any, Final

RUN_OUTPUT_CAP: Final = 256 * 1024
_MOST_FILES: Final = 10_000


class Folder:
    """One folder with a hand-in; relative paths are below the process's own working folder."""

    def __init__(self, top: pathlib.Path) -> None:
        """List files below `top`."""
        self._top = top

    def run(self, argv: list[object], stdin: bytes, seconds: float) -> list[Any]:
        """Run a command: [exit code or None, stdout, stderr]; `python` is this interpreter."""
        if argv and argv[0] in {"python", "python3"}:
            argv = [sys.executable, *argv[1:]]
        try:
            done = subprocess.run(
                [str(word) for word in argv],
                input=stdin,
                capture_output=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            return [None, (late.stdout or b"")[:RUN_OUTPUT_CAP], b"timed out"]
        return [done.returncode, done.stdout[:RUN_OUTPUT_CAP], done.stderr[:RUN_OUTPUT_CAP]]

    def read(self, path: object, cap: int) -> bytes:
        """Return the first bytes of a file; one that blocks when it is opened is not waited for."""
        descriptor = os.open(str(path), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            return file.read(cap)

    def write(self, path: object, content: bytes) -> None:
        """Write a file, with the folders above it."""
        target = pathlib.Path(str(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def files(self) -> list[list[Any]]:
        """Return [path, size] of every regular file."""
        found = (
            path
            for path in sorted(self._top.rglob("*"))
            if path.is_file() and not path.is_symlink()
        )
        return [[str(path.relative_to(self._top)), path.stat().st_size] for path in found][
            :_MOST_FILES
        ]
