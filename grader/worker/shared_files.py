"""The worker's copy of a test's `tmp_path`."""

from __future__ import annotations

import contextlib
import pathlib
import zlib

HASHED_BYTES = 64 * 1024
Stamp = tuple[int, int, int]
"""Time of change, size (-1 for a folder), checksum: clocks of files are slower than calls."""


class SharedFiles:
    """Files that came from the test, and what has changed since."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._seen: dict[str, dict[str, Stamp]] = {}

    def put(self, root: str, files: dict[str, bytes | None]) -> None:
        """Write files (and folders, told as None) below `root`."""
        top = pathlib.Path(root)
        for name, content in files.items():
            path = top / name
            if content is None:
                path.mkdir(parents=True, exist_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        self._seen[root] = _look(top, 10_000)

    def changed(self, root: str, most_files: int, most_bytes: int) -> dict[str, bytes | None]:
        """Return regular files and folders that are new or changed, within the limits."""
        top = pathlib.Path(root)
        now = _look(top, most_files)
        before = self._seen.get(root, {})
        told: dict[str, bytes | None] = {}
        left = most_bytes
        for name, stamp in now.items():
            if before.get(name) == stamp or stamp[1] > left:
                continue
            told[name] = (top / name).read_bytes() if stamp[1] >= 0 else None
            left -= max(stamp[1], 0)
        self._seen[root] = now
        return told


def _look(top: pathlib.Path, most: int) -> dict[str, Stamp]:
    found: dict[str, Stamp] = {}
    for path in sorted(top.rglob("*"))[:most]:
        if path.is_symlink():
            continue
        name = path.relative_to(top).as_posix()
        if path.is_file():
            found[name] = _stamp(path)
        elif path.is_dir():
            found[name] = (0, -1, 0)
    return found


def _stamp(path: pathlib.Path) -> Stamp:
    stat = path.stat()
    checksum = 0
    if stat.st_size <= HASHED_BYTES:
        with contextlib.suppress(OSError):  # one that may not be read
            checksum = zlib.crc32(path.read_bytes())
    return stat.st_mtime_ns, stat.st_size, checksum
