"""Recognises by its name who and what a file of a class folder is. Names only; nothing is opened.

Where the forms come from:

- **Moodle** (mod/assign/classes/downloader.php): the prefix is `FULL NAME_ID`, underscores in the
  name turned into spaces; then `_assignsubmission_` and the plugin's name. "Download in folders"
  (the default) gives `Ada Lovelace_123456_assignsubmission_file/work.zip`, in older versions
  `…_file_/work.zip`; without folders it is `Ada Lovelace_123456_assignsubmission_file_work.zip`.
  With anonymous marking the name is `Participant`. Text typed into the form comes as
  `…_assignsubmission_onlinetext/onlinetext.html`.
- **Canvas** (lib/content_zipper.rb): `lovelaceada_LATE_12345_67890_work.zip` is the sortable name
  in lower case with everything but letters, digits and underscores left out, `LATE` if it was, the
  user's id, the file's id, and the name that the student gave. Anonymous hand-ins begin with
  `anon_Xy12Z_67890_`. Text and links come as `lovelaceada_12345_text.html` and `…_link.html`. A
  file that was uploaded again under the same name gets `-1` before its ending.
- **nbgrader** (documentation, "The nbgrader directory structure"):
  `submitted/STUDENT/LAB/`, with the time of the hand-in in `timestamp.txt`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from grader.filenames import junk_prefix

ARCHIVE_ENDINGS: Final = (".zip", ".tar.gz", ".tgz", ".tar")

_MOODLE_FOLDER: Final = re.compile(
    r"(?P<who>.+)_(?P<id>\d+)_assignsubmission_(?P<what>[a-z]+)_?", re.DOTALL
)
_MOODLE_FILE: Final = re.compile(
    r"(?P<who>.+?)_(?P<id>\d+)_assignsubmission_(?P<what>[a-z]+)_(?P<file>.+)", re.DOTALL
)
_CANVAS_ID: Final = r"(?:(?P<who>\w+?)_)??(?P<late>LATE_)?(?P<id>\d+|anon_[A-Za-z0-9]+)"
_CANVAS_FILE: Final = re.compile(_CANVAS_ID + r"_(?P<number>\d+)_(?P<file>.+)", re.DOTALL)
_CANVAS_TEXT: Final = re.compile(_CANVAS_ID + r"_(?P<file>text|link)\.html")
_AGAIN: Final = re.compile(r"-\d+(?=\.[^.]+$)")
_STAMP: Final = re.compile(
    r"(?P<at>\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)\d*\s*(?P<zone>\S*)"
)
_OFFSET: Final = re.compile(r"(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)")


class Layout(StrEnum):
    """How a class's hand-ins lie in a folder or in one big zip."""

    FOLDER = "a folder per student"
    ARCHIVE = "an archive per student"
    FILE = "a file per student"
    MOODLE = "Moodle's download"
    CANVAS = "Canvas's download"
    NBGRADER = "nbgrader's submitted/STUDENT/LAB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a name says."""

    layout: Layout
    """Whose form the name has."""
    key: str
    """The same for all files of one student, and for nobody else's."""
    name: str
    """The student's name as it is spelled there."""
    lms_id: str = ""
    """The student's number in the system that the download came from."""
    file: str = ""
    """Name of the file as the student gave it; empty for a folder."""
    is_text: bool = False
    """Text typed into a form, not a file."""
    notes: tuple[str, ...] = ()
    """What the name says beyond that."""


def moodle_label(name: str, *, is_folder: bool) -> Label | None:
    """Read a name of Moodle's download, or return None."""
    found = (_MOODLE_FOLDER if is_folder else _MOODLE_FILE).fullmatch(name)
    if found is None:
        return None
    return Label(
        layout=Layout.MOODLE,
        key=f"{found['who']}_{found['id']}",
        name=found["who"].strip(),
        lms_id=found["id"],
        file="" if is_folder else found["file"],
        is_text=found["what"] != "file",
    )


def canvas_label(name: str) -> Label | None:
    """Read a file name of Canvas's download, or return None."""
    text = _CANVAS_TEXT.fullmatch(name)
    found = text or _CANVAS_FILE.fullmatch(name)
    if found is None:
        return None
    who = found["who"] or ""
    return Label(
        layout=Layout.CANVAS,
        key=f"{who}_{found['id']}".strip("_"),
        name=who,
        lms_id=found["id"],
        file="" if text else found["file"],
        is_text=text is not None,
        notes=("Canvas marked it as late.",) if found["late"] else (),
    )


def all_canvas(names: Iterable[str]) -> bool:
    """Say whether these names are a download of Canvas: each one must have its form.

    In a folder of other names, `smith_2026_10_work.zip` has it by accident.
    """
    looked_at = [name for name in names if not junk_prefix((name,))]
    return bool(looked_at) and all(canvas_label(name) for name in looked_at)


def student_of_archive(name: str) -> str:
    """Return the name of an archive without its ending, or an empty string if it is none."""
    for ending in ARCHIVE_ENDINGS:
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return ""


def first_name_given(file: str) -> str:
    """Return the name a file had before Canvas counted it: `quality-1.py` was `quality.py`."""
    return _AGAIN.sub("", file)


def parse_stamp(text: str) -> datetime | None:
    """Return the time (UTC) in the first line of nbgrader's `timestamp.txt`, or None.

    nbgrader writes `2026-10-02 23:58:01.123456 UTC`, or the zone of its course. A time without a
    zone is UTC, as nbgrader itself reads it; a zone that nobody can know (`PST`) makes it None.
    """
    line = text.strip().splitlines()[0].strip() if text.strip() else ""
    found = _STAMP.fullmatch(line)
    if found is None:
        return None
    zone = _zone(found["zone"])
    if zone is None:
        return None
    try:
        return datetime.fromisoformat(found["at"]).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(name: str) -> timezone | ZoneInfo | None:
    if name.upper() in {"", "Z", "UTC", "GMT"}:
        return UTC
    offset = _OFFSET.fullmatch(name)
    if offset:
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"])
        ahead = timedelta(minutes=minutes if offset["sign"] == "+" else -minutes)
        return timezone(ahead) if abs(ahead) < timedelta(days=1) else None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
