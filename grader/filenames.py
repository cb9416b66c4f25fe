"""Which names of files a hand-in may have, which are junk, and which are twins of one another.

Pure text in, verdict out; nothing is opened here. A name that could mean two things, or another
thing on another system, is refused: it is never repaired, because a repaired name is a new file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from grader.plaintext import one_line

NAME_BYTES: Final = 255
"""Bytes of one name: what common file systems can store."""
PATH_BYTES: Final = 1_024
"""Bytes of a whole path."""

_JUNK_FOLDERS: Final = frozenset(
    {
        "__macosx", "__pycache__", ".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox",
        ".ipynb_checkpoints", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis",
        ".idea", ".vscode", ".spotlight-v100", ".trashes", "node_modules",
    }
)  # fmt: skip
_JUNK_FILES: Final = frozenset(
    {".ds_store", "thumbs.db", "desktop.ini", ".localized", "icon\r", ".coverage"}
)
_JUNK_ENDINGS: Final = (".pyc", ".pyo", "~", ".swp")
# Joiners (Cf) stay: names in Persian, in Indian scripts and with emoji need them.
_JOINERS: Final = frozenset("\u200c\u200d")
_FORBIDDEN: Final = {
    "Cc": "a control character",
    "Cf": "an invisible character or one that changes the direction of writing",
    "Cs": "bytes that are not valid Unicode",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}
_DEVICE: Final = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])",
    re.IGNORECASE,
)
_DRIVE: Final = re.compile(r"[A-Za-z]:")


class NameRefusedError(ValueError):
    """A name that no file of a hand-in may have; the message ends a sentence about the file."""


def split_path(raw: str) -> tuple[str, ...]:
    """Return the parts of a relative path as they are spelled, `.` and doubled slashes left out.

    Raises NameRefusedError for whatever could lead out of the hand-in.
    """
    if "\0" in raw:
        raise NameRefusedError("its name holds a NUL character")
    if raw.startswith(("\\\\", "//")):
        raise NameRefusedError("its name is a network path; only relative names are allowed")
    if raw.startswith(("/", "\\")):
        raise NameRefusedError("its name is an absolute path; only relative names are allowed")
    if _DRIVE.match(raw):
        raise NameRefusedError(
            "its name begins with a drive letter; only relative names are allowed"
        )
    if "\\" in raw:
        raise NameRefusedError("its name holds a backslash, which some systems read as a folder")
    parts = raw.split("/")
    if ".." in parts:
        raise NameRefusedError("its name leads out of the hand-in with '..'")
    return tuple(part for part in parts if part not in {"", "."})


def check_parts(parts: tuple[str, ...], *, depth: int) -> None:
    """Raise NameRefusedError for a path that not every system could store under the same name."""
    if not parts:
        raise NameRefusedError("it has no name")
    if len(parts) > depth:
        raise NameRefusedError(f"it lies {len(parts)} folders deep; {depth} is the limit")
    for part in parts:
        _check_part(part)
    size = len(stored_path(parts).encode())
    if size > PATH_BYTES:
        raise NameRefusedError(f"its path is {size:,} bytes long; {PATH_BYTES:,} is the limit")


def _check_part(part: str) -> None:
    for character in part:
        kind = unicodedata.category(character)
        if kind in _FORBIDDEN and character not in _JOINERS:
            raise NameRefusedError(f"its name holds {_FORBIDDEN[kind]} (U+{ord(character):04X})")
    size = len(stored_path((part,)).encode())
    if size > NAME_BYTES:
        raise NameRefusedError(f"its name is {size:,} bytes long; {NAME_BYTES} is the limit")
    if part.endswith((".", " ")):
        raise NameRefusedError("its name ends in a dot or a space, which Windows drops")
    if _DEVICE.fullmatch(part.split(".", maxsplit=1)[0].rstrip(" ")):
        raise NameRefusedError("its name is the name of a device on Windows")


def junk_prefix(parts: tuple[str, ...]) -> str:
    """Return the part of the path that is junk (`src/__pycache__/`), or an empty string.

    Junk is what operating systems, editors and Python leave behind: nobody means to hand it in.
    """
    for number, part in enumerate(parts, start=1):
        low, last = part.casefold(), number == len(parts)
        if low in _JUNK_FOLDERS:
            return "/".join(parts[:number]) + "/"
        if part.startswith("._") or (last and _is_junk_file(low)):
            return "/".join(parts[:number]) + ("" if last else "/")
    return ""


def _is_junk_file(low: str) -> bool:
    return low in _JUNK_FILES or low.endswith(_JUNK_ENDINGS)


def stored_path(parts: Iterable[str]) -> str:
    """Return the path under which a bundle keeps a file: Unicode form NFC, `/` between parts."""
    return unicodedata.normalize("NFC", "/".join(parts))


def sameness(text: str) -> str:
    """Return a key that is equal for names that some file system, or Python, takes for one.

    NFKC, not NFC: Python normalises module names that way, so `ﬁt.py` and `fit.py` are twins.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


@dataclass(slots=True)
class Paths:
    """The paths of one hand-in, as they come in one by one: finds twins and double entries."""

    _spelled: dict[str, str] = field(default_factory=dict)
    """Sameness -> the path as it was spelled first."""
    files: set[str] = field(default_factory=set)
    """Paths of files."""
    folders: set[str] = field(default_factory=set)
    """Paths of folders, the empty ones too."""

    def add(self, parts: tuple[str, ...], *, is_folder: bool) -> str:
        """Return the path to store, or raise NameRefusedError; both names of twins are shown."""
        prefixes = ["/".join(parts[:number]) for number in range(1, len(parts) + 1)]
        for prefix in prefixes:
            known = self._spelled.setdefault(sameness(prefix), prefix)
            if known != prefix:
                raise NameRefusedError(
                    f"it has a twin: {known!a} and {prefix!a} are one on some systems"
                )
        path = stored_path(parts)
        if path in self.files and not is_folder:
            raise NameRefusedError("it is there twice under the same name")
        folders = {stored_path((prefix,)) for prefix in (prefixes if is_folder else prefixes[:-1])}
        both = (folders & self.files) | (({path} - folders) & self.folders)
        if both:
            raise NameRefusedError(f"'{one_line(min(both))}' is both a file and a folder")
        self.folders |= folders
        self.files |= {path} - folders
        return path


def with_slashes(names: Iterable[str]) -> dict[str, str]:
    """Return raw name -> name with `/`, for an archive that was made on Windows.

    Only where it is unambiguous: when no name of the archive holds a `/`, a backslash can mean
    nothing but a folder. Otherwise every name stays as it is, and the backslash is refused later.
    """
    listed = list(names)
    if any("/" in name for name in listed):
        return {name: name for name in listed}
    return {name: name.replace("\\", "/") for name in listed}
