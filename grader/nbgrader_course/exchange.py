"""Puts a lab where nbgrader's exchange takes it from: `release/NAME` of a course."""

from __future__ import annotations

from pathlib import Path

from grader.errors import UsageError
from grader.lab_folder import LabFolder
from grader.nbgrader_course.course import CONFIG, SOURCE
from grader.release import Copy, lab_files, write_to

RELEASE = "release"


def to_exchange(course: Path, folder: LabFolder, *, replace: bool = False) -> tuple[str, Copy]:
    """Write what students receive of a lab into a course; return its name there, and the copy.

    An imported lab keeps the name that it has in the course. What is there already stays as it is,
    unless `replace` says otherwise. Raises UsageError for a folder that is no nbgrader course,
    LabError for a starter that is out of date.
    """
    if not (course / CONFIG).is_file() and not (course / SOURCE).is_dir():
        raise UsageError(
            f"there is neither {CONFIG} nor {SOURCE}/, so this is no nbgrader course.",
            where=str(course),
            advice="Name the course's own folder.",
        )
    name = folder.lab.origin.name if folder.lab.origin else folder.lab.slug
    target = course / RELEASE / name
    return name, write_to(target, folder, lab_files(folder), replace=replace)
