"""One entry of a hand-in as its source offers it, before the door has judged it; and the limits.

An entry is a name and a promise: its bytes are only read when the door asks, piece by piece, so
that the door can count and stop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from grader.errors import BundleRefusedError

MIB: Final = 1024 * 1024
PIECE_BYTES: Final = 64 * 1024
"""Bytes that are read at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorLimits:
    """How much a hand-in may hold. All sizes are counted while reading; what is said is ignored."""

    files: int = 2_000
    """Files and folders, junk left out."""
    listed: int = 20_000
    """Entries with the junk: a virtual environment that slipped in is ignored, not unpacked."""
    total_bytes: int = 50 * MIB
    """Bytes of all files together."""
    file_bytes: int = 10 * MIB
    """Bytes of one file."""
    archive_bytes: int = 64 * MIB
    """Bytes of the archive itself."""
    stream_bytes: int = 256 * MIB
    """Bytes of an unpacked tar, junk included, which cannot be skipped in a compressed one."""
    depth: int = 16
    """Folders within folders."""
    ratio: int = 100
    """How many times larger than its packed form something may be."""
    ratio_from: int = 4 * MIB
    """Unpacked bytes from which the ratio counts: a small file of blanks is no bomb."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file or folder, not judged yet."""

    name: str
    """As the source spells it, with `/` between folders. It can be anything."""
    is_folder: bool = False
    """True for a folder, which has no bytes."""
    refusal: str = ""
    """Why it is refused, unless its name makes it junk: `it is a symbolic link`."""
    advice: str = ""
    """What to do about that."""
    pieces: Callable[[], Iterator[bytes]] = lambda: iter(())
    """Gives the bytes, once. May raise BundleRefusedError."""
    packed: int | None = None
    """Bytes that it takes inside an archive; None when it is not packed."""
    modified_at: datetime | None = None
    """When the source says it was changed (UTC). Anybody can set it: an estimate, no more."""


def moment(seconds: float) -> datetime | None:
    """Return the time that a file carries, or None for one that no calendar knows."""
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (OverflowError, ValueError, OSError):
        return None


def refuse(message: str, advice: str = "") -> BundleRefusedError:
    """Make the error; the door adds where."""
    return BundleRefusedError(message, advice=advice)
