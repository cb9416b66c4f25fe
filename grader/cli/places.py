"""Finds what a command is about: the lab that was named, and the cohort of a results folder.

A results folder remembers the lab, the cohort file and the address of the course that it was made
with, so that pages which are written again do not lose the roster. The file of a cohort is read
each time; no copy of it is kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from grader.cohort import Cohort, read_cohort
from grader.durable import Disk
from grader.errors import CohortError, LabNotFoundError, ResultsError, UsageError
from grader.lab import Lab
from grader.lab_folder import LabFolder
from grader.library import Library
from grader.tables import nearest

REMEMBERED: Final = "made-with.json"


def library() -> Library:
    """Return the labs around us. Raises LabNotFoundError when there are none."""
    return Library.find()


def load_lab(name: str) -> LabFolder:
    """Return the lab of that slug, number or path. Raises LabError."""
    return _library_or_here().load(name)


def is_around_us(folder: LabFolder) -> bool:
    """Say whether a lab's slug is enough to find it from here."""
    with suppress(LabNotFoundError):
        return (library().root / "labs" / folder.lab.slug).resolve() == folder.public.resolve()
    return False


def students_lab(path: Path) -> LabFolder:
    """Return a lab as a student has it, from its folder: nothing private is read."""
    if not (path / "lab.toml").is_file():
        with suppress(LabNotFoundError):
            return _library_or_here().load(str(path), public_only=True)
        raise LabNotFoundError(
            "there is no lab.toml here, so this is no lab's folder.",
            where=str(path),
            advice="Go into the lab's folder (the one with README.md and lab.toml), or name it.",
        )
    return _library_or_here().load(path, public_only=True)


def has_source(folder: LabFolder) -> bool:
    """Say whether the lab has a reference solution here."""
    return folder.private is not None and (folder.private / "source").is_dir()


def labs_with_source(names: tuple[str, ...]) -> list[LabFolder]:
    """Return the labs that were named; without names, all that have a reference solution."""
    if names:
        return [load_lab(name) for name in names]
    shelf = library()
    return [folder for slug in shelf.slugs() if has_source(folder := shelf.load(slug))]


def _library_or_here() -> Library:
    try:
        return Library.find()
    except LabNotFoundError:
        return Library(Path.cwd())


def demand_there(path: Path, what: str) -> None:
    """Raise UsageError when nothing is at the path."""
    if not path.exists():
        raise UsageError(
            f"there is no {what} at this path.", where=str(path), advice="Look at the spelling."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeWith:
    """What a results folder was made with."""

    lab: str = ""
    """Slug of the lab, or the path of its folder when it was given as a path."""
    cohort: str = ""
    """Path of the cohort file, from the results folder; empty when there is none."""
    course_url: str = ""
    """Where the pages of the course are; empty when that is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRules:
    """The cohort and the address that the pages of a class are made with."""

    cohort: Cohort | None
    """Roster, deadlines, overrides; None without a cohort file."""
    course_url: str
    """Where the pages of the course are; empty when that is unknown."""

    def secret(self) -> bytes:
        """Read the course's secret; empty without one. Raises CohortError."""
        if self.cohort is None or self.cohort.secret is None:
            return b""
        return self.cohort.secret.reveal()

    def demand_student(self, student: str) -> None:
        """Raise CohortError when there is a roster, and nobody on it has this id."""
        roster = [each.id for each in self.cohort.students] if self.cohort else []
        if roster and student not in roster:
            raise CohortError(
                f"no student on the roster has the id {student!a}.",
                where="--student",
                advice=nearest(student, roster) or "The ids are those of [[student]].",
            )


def remembered(folder: Path) -> MadeWith:
    """Return what a results folder was made with; nothing is known of a new one.

    Raises ResultsError for a file that cannot be read.
    """
    path = folder / REMEMBERED
    try:
        return MadeWith(**json.loads(path.read_bytes()))
    except (FileNotFoundError, NotADirectoryError):
        return MadeWith()
    except (OSError, TypeError, ValueError) as error:
        raise ResultsError(
            f"this file cannot be read ({error}).",
            where=str(path),
            advice="Remove it, and name lab and cohort again: --lab, --cohort.",
        ) from error


def remember(folder: Path, made_with: MadeWith) -> None:
    """Write down what a results folder is made with. Raises ResultsError."""
    if made_with != remembered(folder):
        Disk().write(folder / REMEMBERED, (json.dumps(asdict(made_with), indent=2) + "\n").encode())


def with_options(
    known: MadeWith, folder: Path, cohort_file: Path | None, course_url: str | None
) -> MadeWith:
    """Return what is known, with what the command line says in its place."""
    if cohort_file is not None:
        known = replace(known, cohort=seen_from(folder, cohort_file))
    if course_url is not None:
        known = replace(known, course_url=course_url)
    return known


def seen_from(folder: Path, path: Path) -> str:
    """Return a path as it is seen from a folder, where that can be said."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return str(path.resolve())


def rules_of(folder: Path, made_with: MadeWith, lab: Lab) -> ClassRules:
    """Read the cohort that a results folder is made with.

    Raises CohortError for a file that is wrong, is gone, or cannot be true of the lab.
    """
    if not made_with.cohort:
        return ClassRules(cohort=None, course_url=made_with.course_url)
    path = Path(os.path.normpath(folder / made_with.cohort))
    return rules_from(path, lab, made_with.course_url)


def rules_from(path: Path, lab: Lab, course_url: str = "") -> ClassRules:
    """Read a cohort file.

    Raises CohortError for one that is wrong or cannot be true of the lab, UsageError for none.
    """
    demand_there(path, "cohort file")
    cohort = read_cohort(path, labs=[*_slugs(), lab.slug])
    cohort.check_lab(lab)
    return ClassRules(cohort=cohort, course_url=course_url)


def _slugs() -> Iterator[str]:
    with suppress(LabNotFoundError):
        yield from Library.find().slugs()


def lab_of_results(folder: Path, slug: str, given: str | None = None) -> LabFolder:
    """Return the lab that a results folder is about: as given, or as it was made with."""
    known = remembered(folder).lab
    if given is None and known and "/" in known:
        return load_lab(os.path.normpath(folder / known))
    return load_lab(given or known or slug)
