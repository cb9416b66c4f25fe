"""A journal: an append-only file of JSON objects, one per line, that survives being cut off.

A torn last line (the process was killed while writing) is set aside by `repair`. It refuses to
guess about any other damage: a line that cannot be read is named, and nothing is changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from grader.crash_points import Point, reached
from grader.durable import Disk, refusal
from grader.errors import GraderError, ResultsError

T = TypeVar("T")


class Journal:
    """One append-only file of JSON lines."""

    def __init__(self, path: Path, disk: Disk) -> None:
        """Name the file; it need not exist yet."""
        self.path = path
        self._disk = disk

    def append(self, entry: dict[str, Any]) -> int:
        """Write one entry to the disk and return its offset in the file."""
        line = json.dumps(entry, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return self._disk.append(self.path, line.encode("utf-8", "backslashreplace") + b"\n")

    def entries(self, parse: Callable[[dict[str, Any]], T]) -> Iterator[tuple[int, T]]:
        """Yield (offset, parsed entry), reading as it goes; a torn last line is left out.

        Raises ResultsError, with the number of the line, at one that cannot be read.
        """
        offset = 0
        try:
            with self.path.open("rb") as file:
                for number, line in enumerate(file, start=1):
                    if line.endswith(b"\n"):
                        yield offset, self._parsed(line, f"line {number}", parse)
                    offset += len(line)
        except FileNotFoundError:
            return
        except OSError as error:
            raise refusal(error, self.path) from error

    def at(self, offset: int, parse: Callable[[dict[str, Any]], T]) -> T:
        """Return the entry that `append` or `entries` placed at this offset."""
        try:
            with self.path.open("rb") as file:
                file.seek(offset)
                return self._parsed(file.readline(), f"byte {offset}", parse)
        except OSError as error:
            raise refusal(error, self.path) from error

    def repair(self) -> str:
        """Set a torn last line aside; return a note about it, or "" when nothing was torn."""
        tail = self._tail()
        if not tail:
            return ""
        aside = self._free_name()
        self._disk.write(aside, tail)
        reached(Point.TORN_LINE_KEPT, self.path.name)
        self._disk.truncate(self.path, self.path.stat().st_size - len(tail))
        return (
            f"The last line of {self.path.name} was cut off by an interruption. "
            f"It is kept in {aside.name}, and what it was about is done again."
        )

    def _parsed(self, line: bytes, where: str, parse: Callable[[dict[str, Any]], T]) -> T:
        try:
            entry = json.loads(line)
            if not isinstance(entry, dict):
                raise TypeError("not a JSON object")  # noqa: TRY301 - told like the others, below
            return parse(entry)
        except (GraderError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
            raise ResultsError(
                f"this line cannot be read ({type(e).__name__}: {e}), so nothing was changed",
                where=f"{self.path}, {where}",
                advice="Bring the file back from a copy, or take the line out (keep it "
                "somewhere): what it was about is then done again.",
            ) from None

    def _tail(self) -> bytes:
        """Return what stands after the last line break."""
        try:
            with self.path.open("rb") as file:
                last = b""
                for last in file:  # noqa: B007 - only the last line is wanted
                    pass
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise refusal(error, self.path) from error
        return b"" if last.endswith(b"\n") else last

    def _free_name(self) -> Path:
        number = 1
        while (path := self.path.with_name(f"{self.path.name}.torn-{number}")).exists():
            number += 1
        return path
