"""Packs what a lab asks for into the zip that a student hands in.

Only what the lab lists goes in. The zip is the same, byte for byte, for the same files on every
machine, and it is read back through the door before it is kept: what is packed is never refused.
"""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from grader.door import read_bundle, require_files
from grader.errors import BundleRefusedError, UsageError
from grader.filenames import junk_prefix
from grader.folders import Wanted
from grader.lab import Lab, Submit
from grader.layout import STARTERS, is_test_file
from grader.listed import covers
from grader.notebook_building import read_record
from grader.notebook_handin import WrittenAs, choose, notes_on_notebooks
from grader.plaintext import one_line
from grader.submission import Bundle, BundleFile

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE: Final = 0o100644 << 16
_UNIX: Final = 3
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class HandIn:
    """What a student's folder holds of what a lab asks for."""

    bundle: Bundle
    """The listed files, and nothing else."""
    notes: tuple[str, ...] = ()
    """What the student should look at before handing in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was packed, for the student to read and keep."""

    path: Path
    """The zip to hand in."""
    files: tuple[BundleFile, ...]
    """What is in it, sorted by path."""
    digest: str
    """SHA-256 over paths and contents: the same number stands on the report."""
    ignored: tuple[str, ...] = ()
    """Junk that was left out."""
    notes: tuple[str, ...] = ()
    """What the student should look at before handing in."""


def pack(folder: Path, lab: Lab, out: Path, written_as: WrittenAs | None = None) -> Receipt:
    """Write the zip for a lab to `out`, or into `out` when that is a folder.

    `written_as` settles which of a module and its notebook is handed in.
    Raises UngradableError with the reason when the hand-in would not be accepted, and UsageError
    when the zip cannot be written; an older zip is then left as it was.
    """
    chosen = hand_in(folder, lab, written_as)
    target = out / f"{lab.slug}.zip" if out.is_dir() else out
    data = zip_of(chosen.bundle)
    again = read_bundle(data, submit=lab.submit, name=target.name)
    _write(target, data)
    return Receipt(
        path=target,
        files=again.files,
        digest=again.digest,
        ignored=chosen.bundle.ignored,
        notes=chosen.notes,
    )


def hand_in(folder: Path, lab: Lab, written_as: WrittenAs | None = None) -> HandIn:
    """Return what would be packed, without writing anything: what `grader check` tries.

    Raises UngradableError with the reason when it would not be accepted.
    """
    if not folder.is_dir():
        raise UsageError(
            "this is not a folder.", where=str(folder), advice="Name the folder you worked in."
        )
    choice = _Choice(lab.submit)
    try:
        name = folder.resolve().name
        bundle = read_bundle(folder.resolve(), submit=lab.submit, name=name, wanted=choice.wanted)
    except BundleRefusedError:
        if not choice.chosen:  # better than "there is no file in it"
            require_files(Bundle.of({}), lab.submit, elsewhere=choice.left)
        raise
    left = choice.left_behind(lab)
    files = choose(bundle.as_dict(), lab.submit, written_as)
    chosen = Bundle.of(files, ignored=bundle.ignored, notes=bundle.notes)
    require_files(chosen, lab.submit, elsewhere=choice.left)
    told = notes_on_notebooks(files, lab.submit, _given(folder, lab))
    return HandIn(bundle=chosen, notes=(*bundle.notes, *told, *left))


def _given(folder: Path, lab: Lab) -> dict[str, list[str]]:
    """Return the ids of the cells that the lab gives, by notebook, where the folder says so."""
    place = folder / STARTERS
    if not lab.submit.notebooks or not place.is_file():
        return {}
    return read_record(place.read_bytes(), str(place))[1]


def zip_of(bundle: Bundle) -> bytes:
    """Return the bundle as a zip whose bytes depend on nothing but the files.

    Stored, not compressed: compressors differ from one machine to the next.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for file in bundle.files:
            info = zipfile.ZipInfo(file.path, _EPOCH)
            info.create_system = _UNIX
            info.external_attr = _PLAIN_FILE
            archive.writestr(info, file.content)
    return buffer.getvalue()


class _Choice:
    """Chooses what the lab lists, and remembers what stays behind."""

    def __init__(self, submit: Submit) -> None:
        self._submit = submit
        notebooks = dict(submit.notebooks).values()
        self._listed = (*submit.required, *submit.optional, *notebooks)
        self.left: list[str] = []
        self.chosen: list[str] = []

    @property
    def wanted(self) -> Wanted:
        """Say yes to listed paths, to what lies in them, and to the folders on the way there."""

        def choose(path: str) -> bool:
            on_the_way = any(name.startswith(f"{path}/") for name in self._listed)
            listed = covers(self._submit, path)
            if listed:
                self.chosen.append(path)
            elif not on_the_way and not junk_prefix(tuple(path.split("/"))):
                self.left.append(path)
            return listed or on_the_way

        return choose

    def left_behind(self, lab: Lab) -> list[str]:
        """Return a note about Python files that may be needed and are not on the list."""
        # In a student's own copy, whatever lies beside the tests could be the checker's, too; so
        # only what is surely the lab's counts as given.
        given = {path for path, _ in lab.worker_files}
        given |= {path for path in self.left if is_test_file(path) or _is_conftest(path)}
        mine = [path for path in self.left if path.endswith(".py") and path not in given]
        if not mine:
            return []
        shown = ", ".join(one_line(path) for path in mine[:_SHOWN])
        more = f" and {len(mine) - _SHOWN} more" if len(mine) > _SHOWN else ""
        return [f"Not on the lab's list and left out: {shown}{more}. Does your code need them?"]


def _is_conftest(path: str) -> bool:
    return PurePosixPath(path).name == "conftest.py"


def _write(target: Path, data: bytes) -> None:
    """Replace the zip in one step: old or new, never half of it."""
    part = ""
    try:
        descriptor, part = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(part).chmod(0o644)
        Path(part).replace(target)
    except OSError as error:
        if part:
            with suppress(OSError):
                Path(part).unlink()
        raise UsageError(
            f"the zip cannot be written ({error.strerror}).",
            where=str(target),
            advice="Choose another place, or make room.",
        ) from error
