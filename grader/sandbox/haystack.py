"""Looks for byte strings in all that an image consists of, without unpacking any of it to disk.

The engine's own archive of the image is read as a stream: layers, settings and history. Layers are
searched as bytes, and none of a student's files is opened; where the engine keeps them compressed,
they are decompressed on the way, a bounded piece at a time.
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Final, cast

from grader.errors import EngineError

CHUNK: Final = 1 << 20
GZIP: Final = b"\x1f\x8b"
ZSTD: Final = b"\x28\xb5\x2f\xfd"
MOST: Final = 4 << 30
"""Bytes of one image that are looked through, decompressed."""


def find(chunks: Iterable[bytes], needles: Mapping[str, bytes]) -> set[str]:
    """Return the names of the needles that stand in an image's archive, given as chunks of a tar.

    Raises EngineError for an archive that cannot be read, and ValueError for an empty needle.
    """
    if not all(needles.values()):
        raise ValueError("an empty needle is everywhere")
    found: set[str] = set()
    budget = MOST
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", _Stream(chunks)), mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content is None:
                    continue
                budget -= _look_through(_plain(content, budget), needles, found)
    except (tarfile.TarError, zlib.error, OSError) as error:
        raise EngineError(f"the engine's archive of an image cannot be read: {error}.") from error
    return found


def _look_through(pieces: Iterator[bytes], needles: Mapping[str, bytes], found: set[str]) -> int:
    """Add what is found to `found`; return how many bytes were looked through."""
    overlap = max((len(needle) for needle in needles.values()), default=1) - 1
    tail, seen = b"", 0
    for piece in pieces:
        seen += len(piece)
        window = tail + piece
        found.update(
            name for name, needle in needles.items() if name not in found and needle in window
        )
        tail = window[-overlap:] if overlap else b""
    return seen


def _plain(content: IO[bytes], budget: int) -> Iterator[bytes]:
    """Yield the bytes of one member, decompressed where it is compressed."""
    first = content.read(CHUNK)
    if first.startswith(ZSTD):
        raise EngineError("the engine keeps layers compressed with zstd, which cannot be searched.")
    unzip = zlib.decompressobj(31) if first.startswith(GZIP) else None
    while first:
        for piece in _unzipped(unzip, first) if unzip else (first,):
            budget -= len(piece)
            if budget < 0:
                raise EngineError(f"an image holds more than {MOST >> 30} GB.")
            yield piece
        first = content.read(CHUNK)


def _unzipped(unzip: zlib._Decompress, chunk: bytes) -> Iterator[bytes]:
    while chunk and not unzip.eof:
        yield unzip.decompress(chunk, CHUNK)
        chunk = unzip.unconsumed_tail


class _Stream:
    """Chunks as a file that can be read once."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._held = bytearray()

    def read(self, size: int) -> bytes:
        while len(self._held) < size:
            chunk = next(self._chunks, b"")
            if not chunk:
                break
            self._held += chunk
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken
