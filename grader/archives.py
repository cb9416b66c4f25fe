"""Offers the entries of a zip or a tar to the door, one by one, without unpacking anything to disk.

The libraries parse, we read: nothing is extracted, no declared size is believed, and no read is
larger than a bound. Whatever bytes arrive, the only error that leaves this module is
BundleRefusedError.
"""

from __future__ import annotations

import gzip
import io
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from itertools import pairwise
from typing import IO, Final

from grader.entry import PIECE_BYTES, DoorLimits, Entry, moment, refuse
from grader.errors import BundleRefusedError
from grader.filenames import with_slashes
from grader.plaintext import one_line

HEAD_BYTES: Final = tarfile.BLOCKSIZE
"""Bytes that `kind_of` needs."""

_ZIP_LIST_BYTES: Final = 210  # for each entry: its record, its name, time and owner
_ZIP_HEADER: Final = struct.Struct("<26xHH")
_ZIP_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000
_ZIP_UTF8: Final = 0x800
_ZIP_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_TAR_HEADER_BYTES: Final = 16 * 1024
# tarfile searches an extended header in time that grows with the square of its size, and much
# worse of a number in it. No name is as long as this number, so no honest header holds it.
_TAR_HEADER_WORK: Final = 1 << 32
_LONG_NUMBER: Final = re.compile(rb"[0-9]{256}")
_TAR_KINDS: Final = {
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a named pipe",
}
_FOREIGN: Final = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,  # also RecursionError and NotImplementedError
    ValueError,  # also UnicodeDecodeError
    OverflowError,
)
_REPACK: Final = "Make a new zip of the files themselves."


class Kind(StrEnum):
    """What a file is, by its content."""

    ZIP = "zip"
    TAR = "tar"
    TAR_GZ = "tar.gz"
    OTHER_ARCHIVE = "an archive of a kind that is not accepted"
    PLAIN = "not an archive"


_OTHERS: Final = (
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
)


def kind_of(head: bytes) -> Kind:
    """Say what a file is by its first bytes, never by its name."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Kind.ZIP
    if head.startswith(b"\x1f\x8b"):
        return Kind.TAR_GZ
    if head.startswith((*_OTHERS, b"PK\x07\x08")):
        return Kind.OTHER_ARCHIVE
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return Kind.PLAIN
    return Kind.TAR


def archive_entries(file: IO[bytes], kind: Kind, limits: DoorLimits) -> Iterator[Entry]:
    """Yield the entries in the order of the archive; each one's bytes are read before the next."""
    if kind is Kind.ZIP:
        return _zip_entries(file, limits)
    if kind in {Kind.TAR, Kind.TAR_GZ}:
        return _tar_entries(file, kind, limits)
    raise refuse(
        "this is not a zip, tar or tar.gz archive",
        "Make a zip: on most systems, select the files, right-click and choose to compress them.",
    )


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except BundleRefusedError:
        raise
    except _FOREIGN as error:
        said = one_line(str(error)) or type(error).__name__
        raise refuse(f"the {what} is damaged ({said})", _REPACK) from error


class _BoundedFile(io.BufferedIOBase):
    """The file of a zip, for zipfile; it refuses reads larger than any list of names may be."""

    def __init__(self, file: IO[bytes], limits: DoorLimits) -> None:
        self._file = file
        self._listed = limits.listed
        self._most = max(limits.listed * _ZIP_LIST_BYTES, 2 * PIECE_BYTES)

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self._most + 1 if size is None or size < 0 else size
        if wanted > self._most + 1:
            raise refuse(f"its list of files takes {wanted:,} bytes, which is too many", _REPACK)
        data = self._file.read(wanted)
        if len(data) > self._most or data.count(b"PK\x01\x02") > self._listed:
            raise refuse(f"it holds more than {self._listed:,} entries", _REPACK)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def _zip_entries(file: IO[bytes], limits: DoorLimits) -> Iterator[Entry]:
    bounded = _BoundedFile(file, limits)
    with _translated("zip"), zipfile.ZipFile(bounded) as archive:
        infos = archive.infolist()
        _refuse_overlaps(bounded, infos)
        names = [_zip_name(info) for info in infos]
        slashed = with_slashes(names)
        for info, name in zip(infos, names, strict=True):
            yield _zip_entry(archive, info, slashed[name])


def _zip_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Entry:
    mode = info.external_attr >> 16
    is_folder = name.endswith("/") or stat.S_ISDIR(mode)
    refusal, advice = _mode_refusal(mode, is_folder=is_folder), ""
    if not is_folder and info.flag_bits & _ZIP_ENCRYPTED:
        refusal, advice = "it is encrypted", "Make the zip without a password."
    elif not is_folder and info.compress_type not in _ZIP_METHODS:
        refusal = f"it is packed with method {info.compress_type}, which is not accepted"
        advice = "Choose the ordinary zip method ('deflate')."
    return Entry(
        name=name,
        is_folder=is_folder,
        refusal=refusal,
        advice=advice,
        pieces=partial(_zip_pieces, archive, info),
        packed=info.compress_size,
        modified_at=_zip_moment(info),
    )


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Return the name as it was meant; zipfile cuts it at a NUL, and macOS does not say UTF-8."""
    name = info.orig_filename
    if info.flag_bits & _ZIP_UTF8:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _zip_moment(info: zipfile.ZipInfo) -> datetime | None:
    """Return the time of an entry. A zip keeps local time and no zone; it is read as UTC."""
    try:
        return datetime(*info.date_time, tzinfo=UTC)
    except ValueError:
        return None


def _zip_pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    count = 0
    with _translated("zip"), archive.open(info) as file:
        while piece := file.read(PIECE_BYTES):
            count += len(piece)
            yield piece
    if count != info.file_size:
        raise refuse(
            f"the zip says that it has {info.file_size:,} bytes, but it has {count:,}", _REPACK
        )


def _refuse_overlaps(file: io.BufferedIOBase, infos: list[zipfile.ZipInfo]) -> None:
    """Refuse entries that share bytes: the same packed bytes unpacked many times are a bomb."""
    spans = sorted((info.header_offset, _zip_end(file, info)) for info in infos)
    for (_, end), (start, _) in pairwise(spans):
        if end > start:
            raise refuse("two entries of the zip share the same bytes", _REPACK)


def _zip_end(file: io.BufferedIOBase, info: zipfile.ZipInfo) -> int:
    file.seek(info.header_offset)
    name_size, extra_size = _ZIP_HEADER.unpack(file.read(_ZIP_HEADER.size))
    header: int = _ZIP_HEADER.size + name_size + extra_size
    return info.header_offset + header + info.compress_size


def _mode_refusal(mode: int, *, is_folder: bool) -> str:
    """Say what a Unix mode makes of an entry that must be a plain file or folder."""
    kind = stat.S_IFMT(mode)
    if kind == stat.S_IFLNK:
        return "it is a symbolic link"
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "it is a device, a pipe or a socket"
    if not is_folder and mode & (stat.S_ISUID | stat.S_ISGID):
        return "it would run with another user's rights (setuid or setgid)"
    return ""


class _TarStream(io.BufferedIOBase):
    """The bytes of a tar, forwards only and counted. `read` is for tarfile, `pieces` for us."""

    def __init__(self, file: IO[bytes] | gzip.GzipFile, limits: DoorLimits) -> None:
        self._file = file
        self._limit = limits.stream_bytes
        self._at = 0
        self._work = 0
        self.ended = False

    def read(self, size: int | None = -1, /) -> bytes:
        """Read a header for tarfile, which reads nothing else here."""
        if size is None or not 0 <= size <= _TAR_HEADER_BYTES:
            raise refuse("one of its headers is too long", _REPACK)
        self._work += size * size if size > tarfile.BLOCKSIZE else 0
        if self._work > _TAR_HEADER_WORK:
            raise refuse("its headers are too long", _REPACK)
        data = self._take(size)
        if size > tarfile.BLOCKSIZE and _LONG_NUMBER.search(data):
            raise refuse("one of its headers holds a number without end", _REPACK)
        if b"GNU.sparse" in data:
            raise refuse("it holds a sparse file", _REPACK)
        self.ended = len(data) == tarfile.BLOCKSIZE and not data.strip(b"\0")
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence != io.SEEK_SET or offset < self._at:
            raise refuse("its entries overlap", _REPACK)
        while self._at < offset and self._take(min(PIECE_BYTES, offset - self._at)):
            pass
        return self._at

    def tell(self) -> int:
        return self._at

    def pieces(self, member: tarfile.TarInfo) -> Iterator[bytes]:
        """Yield the bytes of a member."""
        with _translated("tar"):
            self.seek(member.offset_data)
            left = member.size
            while left > 0:
                piece = self._take(min(PIECE_BYTES, left))
                if not piece:
                    raise refuse("the tar is cut short", _REPACK)
                left -= len(piece)
                yield piece

    def _take(self, size: int) -> bytes:
        data: bytes = self._file.read(size)
        self._at += len(data)
        if self._at > self._limit:
            raise refuse(
                f"it unpacks to more than {self._limit:,} bytes",
                "Leave out data, caches and virtual environments.",
            )
        return data


class _Member(tarfile.TarInfo):
    """A header that is looked at before tarfile acts on it."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Member:
        member = super().frombuf(buf, encoding, errors)
        if member.type == tarfile.GNUTYPE_SPARSE:
            raise refuse("it holds a sparse file", _REPACK)
        if member.size < 0:
            raise refuse("one of its entries has a negative size", _REPACK)
        return member


def _tar_entries(file: IO[bytes], kind: Kind, limits: DoorLimits) -> Iterator[Entry]:
    unpacked = gzip.GzipFile(fileobj=file) if kind is Kind.TAR_GZ else file
    stream = _TarStream(unpacked, limits)
    with _translated("tar"):
        archive = tarfile.TarFile(
            fileobj=stream,
            tarinfo=_Member,
            encoding="utf-8",
            errors="surrogateescape",
        )
        while (member := archive.next()) is not None:
            # Each member keeps a copy of all global headers, so none is kept here.
            archive.members.clear()  # type: ignore[attr-defined]  # typeshed does not know it
            yield _tar_entry(stream, member)
        if not stream.ended:
            raise refuse("the tar is cut short or damaged", _REPACK)


def _tar_entry(stream: _TarStream, member: tarfile.TarInfo) -> Entry:
    kind = _TAR_KINDS.get(member.type)
    if kind is None and member.type not in {tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE}:
        kind = "an entry of an unknown kind"
    refusal = f"it is {kind}" if kind else _mode_refusal(member.mode, is_folder=member.isdir())
    return Entry(
        name=member.name,
        is_folder=member.isdir(),
        refusal=refusal,
        advice="Hand in the files themselves, not links to them." if kind else "",
        pieces=partial(stream.pieces, member),
        modified_at=moment(member.mtime),
    )
