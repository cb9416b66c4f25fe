"""Finds the hand-ins of a class in a folder, or in the one big zip of a learning platform.

Says for each whose it is, when it came, and which layout it was found in. It reads no hand-in
until `read` is called, and one that is broken becomes a `Found` with an error: it never stops the
others. The forms of names are in `grader.platforms`, who is who is in `grader.identity`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

from grader.archives import Kind, archive_entries
from grader.door import DEFAULT_LIMITS, DoorLimits, read_bundle, read_entries
from grader.entry import Entry
from grader.errors import BundleRefusedError, UsageError
from grader.folders import folder_entries
from grader.identity import StudentIdError, distinct_ids, look_alikes, safe_id
from grader.lab import Submit
from grader.notebook_choice import stands_in
from grader.plaintext import one_line
from grader.platforms import (
    Label,
    Layout,
    all_canvas,
    canvas_label,
    first_name_given,
    moodle_label,
    parse_stamp,
    student_of_archive,
)
from grader.shelf import CLASS_LIMITS, Thing, things_in
from grader.submission import Bundle

STAMP: Final = "timestamp.txt"
_STAMP_BYTES: Final = 1_000
_NO_SUBMIT: Final = Submit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One hand-in of one student, found and not read yet."""

    student: str
    """Id of the student, safe as a name and different for different students."""
    name: str
    """The student as the layout spells it: a folder's name, a full name."""
    layout: Layout
    """Where it lay."""
    path: Path
    """Folder, archive or file; or the folder or big zip that holds `members`."""
    members: tuple[tuple[str, str], ...] = ()
    """(name in `path`, path in the hand-in); empty when `path` is the hand-in itself."""
    given: str = ""
    """Name of the file as the student gave it, where the layout changed it."""
    received_at: datetime
    """When it came (UTC)."""
    is_estimate: bool = True
    """True when the time is only that of the file: copying or unpacking may have changed it."""
    attempt: int = 1
    """1 for the student's first hand-in, in order of time."""
    full_name: str = ""
    """The student's name, where the layout gives one beside an id."""
    lms_id: str = ""
    """The student's number in the system that the download came from."""
    error: str = ""
    """Why this cannot be a hand-in; empty when it can be read."""
    notes: tuple[str, ...] = ()
    """What staff should know: odd ids, look-alikes, estimated times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """All that was found."""

    found: tuple[Found, ...]
    """Hand-ins, sorted by student and attempt."""
    skipped: tuple[str, ...] = ()
    """Names that are no hand-in: a roster, a README, another lab's folder."""

    @property
    def layouts(self) -> tuple[Layout, ...]:
        """The layouts that were seen, in a fixed order."""
        seen = {item.layout for item in self.found}
        return tuple(layout for layout in Layout if layout in seen)


def find(folder: Path, lab_slug: str, submit: Submit | None = None) -> list[Found]:
    """Return the hand-ins in a folder or a big zip; see `collect`."""
    return list(collect(folder, lab_slug, submit).found)


def collect(folder: Path, lab_slug: str, submit: Submit | None = None) -> Collection:
    """Find the hand-ins for a lab in a folder or a big zip.

    `submit` lets single files (`ada.py`) be hand-ins where the lab asks for one file. Raises
    UsageError when there is nothing that could be a hand-in.
    """
    try:
        things = things_in(folder)
    except BundleRefusedError as error:
        raise UsageError(error.message, where=str(folder), advice=error.advice) from error
    found, skipped = _recognised(things, lab_slug, submit or _NO_SUBMIT)
    if not found:
        raise UsageError(
            "there is no hand-in here.",
            where=str(folder),
            advice="It must hold a folder or an archive for each student, a download of Moodle or "
            "Canvas, or nbgrader's submitted/STUDENT/LAB.",
        )
    return Collection(found=tuple(numbered(_identified(found))), skipped=tuple(skipped))


def read(
    found: Found, *, submit: Submit | None = None, limits: DoorLimits = DEFAULT_LIMITS
) -> Bundle:
    """Read a hand-in through the door. Raises BundleRefusedError."""
    if found.error:
        raise BundleRefusedError(found.error, where=one_line(found.name))
    name = found.given or found.path.name
    if not found.members:
        return read_bundle(
            found.path, limits=limits, submit=submit, name=name, wanted=lambda path: path != STAMP
        )
    target = {member: path for member, path in found.members if path != STAMP}
    if found.path.is_dir():
        chosen = folder_entries(found.path, CLASS_LIMITS, wanted=target.__contains__)
        return _read_members(chosen, target, found, submit, limits)
    try:
        with found.path.open("rb") as file:
            chosen = archive_entries(file, Kind.ZIP, CLASS_LIMITS)
            return _read_members(chosen, target, found, submit, limits)
    except OSError as error:
        raise BundleRefusedError(f"it cannot be read ({error.strerror}).", where=name) from error


def _read_members(
    entries: Iterable[Entry],
    target: dict[str, str],
    found: Found,
    submit: Submit | None,
    limits: DoorLimits,
) -> Bundle:
    chosen = (replace(entry, name=target[entry.name]) for entry in entries if entry.name in target)
    if len(target) == 1:
        (path,) = target.values()
        if "/" not in path:
            return read_bundle(_whole(chosen, limits), limits=limits, submit=submit, name=path)
    renames = _given_names(target.values(), submit or _NO_SUBMIT)
    renamed = (replace(entry, name=renames.get(entry.name, entry.name)) for entry in chosen)
    name = one_line(found.name)
    return read_entries(renamed, name=name, limits=limits, submit=submit or _NO_SUBMIT)


def _whole(entries: Iterable[Entry], limits: DoorLimits) -> bytes:
    content = bytearray()
    for entry in entries:
        if entry.refusal:
            raise BundleRefusedError(f"{entry.refusal}.", advice=entry.advice)
        for piece in entry.pieces():
            content += piece
            if len(content) > limits.archive_bytes:
                break
    return bytes(content)


def _given_names(paths: Iterable[str], submit: Submit) -> dict[str, str]:
    """Return what Canvas called `quality-1.py` because the student had handed it in before."""
    present = set(paths)
    renames = {}
    for path in sorted(present):
        first = first_name_given(path)
        known = (*submit.required, *dict(submit.notebooks).values())
        if first != path and first in known and first not in present:
            renames[path] = first
            present.add(first)
    return renames


def _recognised(
    things: Sequence[Thing], lab_slug: str, submit: Submit
) -> tuple[list[Found], list[str]]:
    """Return what each thing is, student ids not assigned yet, and the names of the others."""
    is_canvas = all_canvas(thing.name for thing in things if not thing.is_folder)
    is_nbgrader = any(_lab_of(thing, lab_slug) for thing in things)
    labelled: dict[str, list[tuple[Thing, Label]]] = defaultdict(list)
    found, skipped = [], []
    for thing in things:
        label = moodle_label(thing.name, is_folder=thing.is_folder)
        if label is None and is_canvas and not thing.is_folder:
            label = canvas_label(thing.name)
        if label is not None:
            labelled[label.key].append((thing, label))
            continue
        ours = _plain(thing, lab_slug if is_nbgrader else "", submit)
        found += ours
        if not ours:
            skipped.append(one_line(thing.name))
    for group in labelled.values():
        found += _platform(group)
    return found, skipped


def _lab_of(thing: Thing, lab_slug: str) -> Thing | None:
    """Return the folder of the lab inside a student's folder, if there is one."""
    inside = _inside(thing) or []
    return next((item for item in inside if item.is_folder and item.name == lab_slug), None)


def _inside(thing: Thing) -> list[Thing] | None:
    """Return what lies in a folder; None when it is no folder or cannot be looked into."""
    if not thing.is_folder or thing.problem:
        return None
    try:
        return thing.inside()
    except UsageError:
        return None


def _plain(thing: Thing, nbgrader_lab: str, submit: Submit) -> list[Found]:
    """Recognise a folder, an archive or a file that bears the student's id."""
    if thing.problem:
        return [_found(thing, thing.name, Layout.FOLDER, error=thing.problem)]
    if thing.is_folder and nbgrader_lab:
        return _nbgrader(thing, nbgrader_lab)
    if thing.is_folder:
        return _from_folder(thing, thing.name, Layout.FOLDER)
    if thing.is_archive():
        return [_found(thing, student_of_archive(thing.name) or thing.name, Layout.ARCHIVE)]
    path = PurePosixPath(thing.name)
    if len(submit.required) == 1 and path.suffix.lower() in _single_suffixes(submit):
        return [_found(thing, path.stem, Layout.FILE)]
    return []


def _single_suffixes(submit: Submit) -> set[str]:
    """Return what the one file that a lab asks for may end with; its notebook may stand in."""
    (only,) = submit.required
    paths = (only, stands_in(only, submit))
    return {PurePosixPath(path).suffix.lower() for path in paths} - {""}


def _from_folder(thing: Thing, name: str, layout: Layout) -> list[Found]:
    """Return the folder as one hand-in, or, where it holds nothing but archives, each of them."""
    inside = _inside(thing)
    if inside is None:
        return [_found(thing, name, layout, error="it may not be read. Change its permissions.")]
    files = [item for item in inside if item.name != STAMP]
    if files and all(item.is_archive() for item in files):
        return [_found(item, name, layout) for item in files]
    return [_found(thing, name, layout)]


def _found(thing: Thing, name: str, layout: Layout, *, error: str = "") -> Found:
    return Found(
        student="",
        name=name,
        layout=layout,
        path=thing.path,
        members=thing.entries or (),
        received_at=thing.modified_at,
        error=error,
    )


def _nbgrader(thing: Thing, lab_slug: str) -> list[Found]:
    """Recognise a student's folder in nbgrader's layout, or one that only lies among such."""
    lab = _lab_of(thing, lab_slug)
    if lab is None:
        inside = _inside(thing)
        if inside and all(item.is_folder for item in inside):
            return []  # this student handed in other labs only
        return _from_folder(thing, thing.name, Layout.FOLDER)
    stamp = next((item for item in _inside(lab) or [] if item.name == STAMP), None)
    at = parse_stamp(_stamp_text(stamp)) if stamp else None
    found = _from_folder(lab, thing.name, Layout.NBGRADER)
    if at is not None:
        return [replace(item, received_at=at, is_estimate=False) for item in found]
    why = f"{STAMP} says no time that can be read." if stamp else f"There is no {STAMP}."
    return [replace(item, notes=(*item.notes, why)) for item in found]


def _stamp_text(stamp: Thing) -> str:
    """Read the time of a hand-in; a student may have written the file, so not much of it."""
    if stamp.problem or stamp.is_folder:
        return ""
    try:
        if stamp.entries is None:
            with stamp.path.open("rb") as file:
                return file.read(_STAMP_BYTES).decode("utf-8", "replace")
        with stamp.path.open("rb") as file:
            for entry in archive_entries(file, Kind.ZIP, CLASS_LIMITS):
                if entry.name == stamp.entries[0][0]:
                    return next(entry.pieces(), b"")[:_STAMP_BYTES].decode("utf-8", "replace")
    except (OSError, BundleRefusedError):
        return ""
    return ""


def _platform(group: list[tuple[Thing, Label]]) -> Iterator[Found]:
    """Recognise all that one student handed in on a learning platform."""
    things = [thing for thing, label in group if not label.is_text]
    first = group[0][1]
    labels = {thing.name: label for thing, label in group}
    notes = tuple(dict.fromkeys(note for _, label in group for note in label.notes))
    if len(things) < len(group):
        notes = (*notes, "Text typed into the form was handed in too; it is not graded.")
    found: list[Found] = []
    for thing in things:
        if thing.is_folder:
            found += _from_folder(thing, first.key, first.layout)
    files = [thing for thing in things if not thing.is_folder]
    if len(files) == 1 or (files and all(file.is_archive() for file in files)):
        found += [
            replace(_found(file, first.key, first.layout), given=labels[file.name].file)
            for file in files
        ]
    elif files:
        found.append(_loose(files, labels, first))
    if not found:
        text = "only text typed into the form was handed in; the lab asks for files."
        found = [_found(group[0][0], first.key, first.layout, error=text)]
    for item in found:
        yield replace(item, notes=(*item.notes, *notes), lms_id=first.lms_id, full_name=first.name)


def _loose(files: list[Thing], labels: dict[str, Label], first: Label) -> Found:
    """Return several loose files of one student as one hand-in."""
    on_disk = files[0].entries is None
    members = [
        (
            file.name if on_disk else (file.entries or ((file.name, ""),))[0][0],
            labels[file.name].file,
        )
        for file in files
    ]
    newest = max(files, key=lambda file: file.modified_at)
    return Found(
        student="",
        name=first.key,
        layout=first.layout,
        path=newest.path.parent if on_disk else newest.path,
        members=tuple(members),
        received_at=newest.modified_at,
    )


def _identified(found: Iterable[Found]) -> Iterator[Found]:
    """Give each hand-in the id of its student; what cannot have one gets an error."""
    listed = list(found)
    raws, errors = set(), {}
    for item in listed:
        try:
            safe_id(item.name)
            raws.add(item.name)
        except StudentIdError as error:
            errors[item.name] = str(error)
    ids = distinct_ids(raws)
    alike = look_alikes(made for made, _ in ids.values())
    for item in listed:
        if item.name in errors:
            why = item.error or errors[item.name]
            yield replace(item, student=one_line(item.name), error=why)
            continue
        student, notes = ids[item.name]
        more = (alike[student],) if student in alike else ()
        yield replace(item, student=student, notes=(*item.notes, *notes, *more))


def numbered(found: Iterable[Found]) -> list[Found]:
    """Count each student's hand-ins in order of time, and sort by student and attempt."""
    order = sorted(
        found, key=lambda item: (item.student, item.received_at, str(item.path), item.members)
    )
    counts: dict[str, int] = defaultdict(int)
    result = []
    for item in order:
        counts[item.student] += 1
        result.append(replace(item, attempt=counts[item.student]))
    return result
