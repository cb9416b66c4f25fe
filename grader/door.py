"""The door: turns a student's folder, archive or single file into a Bundle, or says why not.

Everything is counted while it is read, and nothing is written, unpacked or repaired. What the door
lets in is a snapshot: the bytes that were checked are the bytes that are hashed and graded.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Final

from grader.archives import HEAD_BYTES, Kind, archive_entries, kind_of
from grader.entry import DoorLimits, Entry, refuse
from grader.errors import BundleRefusedError
from grader.filenames import NameRefusedError, Paths, check_parts, junk_prefix, split_path
from grader.folders import Wanted, everything, folder_entries
from grader.lab import Submit
from grader.listed import form_problem, missing_files, notes_on, require_files, unwrapped
from grader.notebook_choice import stands_in
from grader.plaintext import one_line
from grader.submission import Bundle

__all__ = [
    "DEFAULT_LIMITS",
    "DoorLimits",
    "missing_files",
    "read_bundle",
    "read_entries",
    "require_files",
]

DEFAULT_LIMITS: Final = DoorLimits()
_ANYTHING: Final = Submit()
_IGNORED_SHOWN: Final = 100
_OPEN: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_NO_ARCHIVE: Final = "Hand in a folder, or a zip, tar or tar.gz of it."


def read_bundle(
    source: Path | bytes,
    *,
    limits: DoorLimits = DEFAULT_LIMITS,
    submit: Submit | None = None,
    name: str = "",
    wanted: Wanted = everything,
) -> Bundle:
    """Return the snapshot of a hand-in; `submit` is what the lab asks for.

    A source is a folder, an archive (told by its content, not by its name), or one file where the
    lab asks for exactly one. `name` is what messages call it; `wanted` chooses what is read of a
    folder. Raises BundleRefusedError with the reason, where, and what to do. Whether required
    files are missing is another question: `missing_files`, `require_files`.
    """
    listed = submit or _ANYTHING
    if isinstance(source, bytes):
        return _read_file(io.BytesIO(source), len(source), name, limits, listed)
    label = name or source.name or str(source)
    with _placed(label):
        status = _status(source)
    if stat.S_ISDIR(status.st_mode):
        return read_entries(
            folder_entries(source, limits, wanted=wanted), name=label, limits=limits, submit=listed
        )
    with _placed(label), _opened(source) as file:
        size = os.fstat(file.fileno()).st_size
        return _read_file(file, size, label, limits, listed)


def read_entries(
    entries: Iterable[Entry],
    *,
    name: str,
    limits: DoorLimits = DEFAULT_LIMITS,
    submit: Submit = _ANYTHING,
    packed: int | None = None,
) -> Bundle:
    """Judge entries one by one and return the bundle; `packed` is the size of their archive."""
    with _placed(name):
        admission = _Admission(limits=limits, packed=packed, source=name)
        for entry in entries:
            admission.take(entry)
        return admission.bundle(submit)


def _read_file(file: IO[bytes], size: int, name: str, limits: DoorLimits, submit: Submit) -> Bundle:
    with _placed(name):
        if size > limits.archive_bytes:
            raise refuse(
                f"it is {size:,} bytes; {limits.archive_bytes:,} is the limit",
                "Leave out data, caches and virtual environments.",
            )
        head = file.read(HEAD_BYTES)
        file.seek(0)
        if not head:
            raise refuse("the file is empty", _NO_ARCHIVE)
        kind = kind_of(head)
        single = _single_file(name, kind, submit)
        if single:
            entry = Entry(
                name=single, pieces=lambda: iter(lambda: file.read(HEAD_BYTES * 128), b"")
            )
            bundle = read_entries((entry,), name=name, limits=limits, submit=submit)
            return _renamed_note(bundle, name, single)
        if kind is Kind.PLAIN:
            raise refuse(
                "this is neither an archive nor the file that the lab asks for", _NO_ARCHIVE
            )
        entries = archive_entries(file, kind, limits)
    return read_entries(entries, name=name, limits=limits, submit=submit, packed=size)


def _single_file(name: str, kind: Kind, submit: Submit) -> str:
    """Return the path under which one loose file is taken in, or an empty string."""
    if len(submit.required) != 1:
        return ""
    only, given = PurePosixPath(submit.required[0]), PurePosixPath(name)
    notebook = stands_in(str(only), submit)
    if notebook and given.suffix.casefold() == ".ipynb":
        only = PurePosixPath(notebook)
    if given.name == only.name:
        return str(only)
    same_kind = only.suffix and given.suffix.casefold() == only.suffix.casefold()
    return str(only) if kind is Kind.PLAIN and same_kind else ""


def _renamed_note(bundle: Bundle, name: str, path: str) -> Bundle:
    if PurePosixPath(name).name == PurePosixPath(path).name:
        return bundle
    note = f"'{one_line(name)}' was taken as {path}."
    return Bundle.of(bundle.as_dict(), ignored=bundle.ignored, notes=(note, *bundle.notes))


@dataclass(slots=True, kw_only=True)
class _Admission:
    """What was let in so far, and how much of the limits is used."""

    limits: DoorLimits
    packed: int | None
    source: str
    paths: Paths = field(default_factory=Paths)
    files: dict[str, bytes] = field(default_factory=dict)
    ignored: dict[str, None] = field(default_factory=dict)
    listed: int = 0
    kept: int = 0
    total: int = 0

    def take(self, entry: Entry) -> None:
        """Let one entry in, ignore it as junk, or refuse the whole hand-in because of it."""
        where = f"{one_line(self.source)}, '{one_line(entry.name)}'"
        with _placed(where):
            self.listed = self._counted(self.listed, self.limits.listed)
            parts = split_path(entry.name)
            junk = junk_prefix(parts)
            if junk:
                self.ignored[junk] = None
                return
            if not parts and entry.is_folder:
                return  # "./", the folder itself
            check_parts(parts, depth=self.limits.depth)
            if entry.refusal:
                raise refuse(entry.refusal, entry.advice)
            self.kept = self._counted(self.kept, self.limits.files)
            path = self.paths.add(parts, is_folder=entry.is_folder)
            if not entry.is_folder:
                self.files[path] = self._content(entry)

    def bundle(self, submit: Submit) -> Bundle:
        """Return what was let in, or refuse it for its form as a whole."""
        if not self.files:
            raise refuse(
                "there is no file in it" + (" but junk" if self.ignored else ""), _NO_ARCHIVE
            )
        prefix = unwrapped(self.files, submit)
        files = {path.removeprefix(prefix): content for path, content in self.files.items()}
        folders = {path.removeprefix(prefix) for path in self.paths.folders}
        problem = form_problem(files, folders, submit)
        if problem:
            raise refuse(problem, "Look at what you are handing in.")
        notes = [f"Everything lay in the folder '{one_line(prefix)}', which was taken off."]
        return Bundle.of(
            files,
            ignored=self._ignored(),
            notes=(*notes[: bool(prefix)], *notes_on(files, submit)),
        )

    def _ignored(self) -> tuple[str, ...]:
        shown = [one_line(path) for path in self.ignored]
        more = len(shown) - _IGNORED_SHOWN
        return (*shown[:_IGNORED_SHOWN], *([f"… and {more} more"] if more > 0 else []))

    def _counted(self, count: int, limit: int) -> int:
        if count >= limit:
            raise refuse(
                f"there are more than {limit:,} files and folders",
                "Hand in only what the lab asks for.",
            )
        return count + 1

    def _content(self, entry: Entry) -> bytes:
        content = bytearray()
        for piece in entry.pieces():
            content += piece
            self._weigh(len(content), entry)
        self.total += len(content)
        return bytes(content)

    def _weigh(self, size: int, entry: Entry) -> None:
        limits, total = self.limits, self.total + size
        for bytes_now, packed in ((size, entry.packed), (total, self.packed)):
            bomb = packed is not None and bytes_now > limits.ratio * max(packed, 1)
            if bomb and bytes_now > limits.ratio_from:
                raise refuse(
                    f"it unpacks to more than {limits.ratio} times its size, as a bomb does",
                    "Leave out generated data.",
                )
        if size > limits.file_bytes:
            raise refuse(
                f"the file is larger than {limits.file_bytes:,} bytes", "Leave out data and models."
            )
        if total > limits.total_bytes:
            raise refuse(
                f"the files are larger than {limits.total_bytes:,} bytes together",
                "Leave out data and models.",
            )


@contextmanager
def _placed(where: str) -> Iterator[None]:
    """Say where a refusal happened, unless something nearer has said it."""
    try:
        yield
    except NameRefusedError as error:
        raise BundleRefusedError(
            f"{error}.", where=where, advice="Give it another name."
        ) from error
    except BundleRefusedError as error:
        if not error.where:
            message = error.message if error.message.endswith(".") else f"{error.message}."
            raise BundleRefusedError(message, where=where, advice=error.advice) from error
        raise


def _status(source: Path) -> os.stat_result:
    """Look at a source without following a link."""
    try:
        status = source.lstat()
    except OSError as error:
        raise refuse("there is nothing to read", "Look at the path.") from error
    if stat.S_ISLNK(status.st_mode):
        raise refuse("it is a symbolic link", "Name the folder or file itself.")
    return status


@contextmanager
def _opened(source: Path) -> Iterator[IO[bytes]]:
    """Open a regular file; whatever the system says against it is a refusal."""
    try:
        with os.fdopen(os.open(source, _OPEN), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise refuse("it is a device, a pipe or a socket", _NO_ARCHIVE)
            yield file
    except PermissionError as error:
        raise refuse("it may not be read", "Change its permissions.") from error
    except OSError as error:
        linked = error.errno == errno.ELOOP
        said = "it is a symbolic link" if linked else f"it cannot be read ({error.strerror})"
        raise refuse(said, "Look at the file.") from error
