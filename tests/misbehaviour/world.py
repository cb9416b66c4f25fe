"""The world around a grading: what must be the same after a hand-in as before it.

A `World` looks at what hostile code could leave behind: containers of our realm, volumes and
networks, processes of ours, files of the sandbox, files of the machine (a few canaries, and the
course itself), and this process's own open files. It only looks.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from grader.sandbox import keeper
from tests.misbehaviour.catalogue.lab import ON_HOST

ROOT = Path(__file__).resolve().parents[2]
WATCHED = ("grader", "labs", "solutions")
SETTLE_S = 20.0
"""What a box that was closed may take to be gone: it is removed while the next run begins."""

COUNTED = frozenset({"boxes", "processes"})

State = Mapping[str, frozenset[str]]


class World:
    """Looks at one sandbox and its surroundings."""

    def __init__(self, root: Path, *, engine: Any = None, realm: str = "") -> None:
        """Watch boxes below `root`, or containers of `realm` where an engine is given."""
        self._root = root
        self._engine = engine
        self._realm = realm
        self._canaries = root.parent / f"{root.name}-canaries"
        self._canaries.mkdir(exist_ok=True)
        for name in ("other-student.py", "notes.txt"):
            (self._canaries / name).write_text(f"{name}: {ON_HOST}\n")

    def look(self) -> dict[str, frozenset[str]]:
        """Return what is there, by kind."""
        seen = {"files of the machine": self._files()}
        if self._engine is None:
            return seen | {
                "boxes": frozenset(
                    path.name for path in self._root.glob("grader-*/*") if path.is_dir()
                ),
                "processes": frozenset(map(str, keeper.dwellers(str(self._root)))),
            }
        api = self._engine.api
        ours = {"label": f"grader.realm={self._realm}"}
        found = api.containers(all=True, quiet=True, filters=ours)
        volumes = api.volumes().get("Volumes") or ()
        return seen | {
            "boxes": frozenset(one["Id"][:12] for one in found),
            "volumes": frozenset(one["Name"] for one in volumes),
            "networks": frozenset(one["Id"][:12] for one in api.networks()),
        }

    def left(self, before: State) -> list[str]:
        """Name what is there now and was not before; waits until closed boxes are gone.

        Boxes that stand ready are replaced all the time, so they are only counted.
        """
        return settled(lambda: self._left(before))

    def _left(self, before: State) -> list[str]:
        now = self.look()
        found = []
        for kind, things in now.items():
            if kind in COUNTED:
                more = len(things) - len(before[kind])
                found += [f"{more} more {kind} than before"] if more > 0 else []
            else:
                found += [f"{kind}: {thing}" for thing in sorted(things ^ before[kind])]
        return found

    def _files(self) -> frozenset[str]:
        """Return the canaries with their content, and the course's files with size and time."""
        seen = {
            f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"
            for path in self._canaries.iterdir()
        }
        for top in WATCHED:
            for folder, below, names in os.walk(ROOT / top):
                below[:] = [name for name in below if name != "__pycache__"]
                for name in names:
                    status = Path(folder, name).stat()
                    seen.add(f"{folder}/{name} {status.st_size} {status.st_mtime_ns}")
        return frozenset(seen)


def settled(look: Callable[[], list[str]]) -> list[str]:
    """Return what `look` finds once it finds nothing, or when patience ends."""
    until = time.monotonic() + SETTLE_S
    while (found := look()) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def memory_mb() -> float:
    """Return the resident memory of this process."""
    return float(psutil.Process().memory_info().rss) / 2**20


def open_files() -> int:
    """Return how many descriptors this process holds."""
    return int(psutil.Process().num_fds())
