"""Gathers what other programs get: who stands where, and the files of Gradescope's autograder.

Reads the results folder and decides grades with the cohort's rules. It writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path, PurePosixPath

import grader
from grader.cohort import Cohort, class_grades
from grader.errors import UsageError
from grader.formats.standing import Standing
from grader.grade import Grade
from grader.identity import Student
from grader.lab import Lab
from grader.lab_folder import LabFolder
from grader.layout import Wanted, not_junk, place_of, read_tree
from grader.outcome import Run
from grader.report import Audience, Report, ShowHidden, for_staff, for_student
from grader.results import Results
from grader.summary import lighter
from grader.tables import nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """To whom the runs are told, and how much of the hidden checks."""

    audience: Audience = "student"
    """Who will read it."""
    show_hidden: ShowHidden = "titles"
    """For students: a line for each hidden check, or one number for all of them."""

    def tell(self, run: Run, lab: Lab) -> Report:
        """Return what this audience may read of a run."""
        if self.audience == "staff":
            return for_staff(run, lab)
        return for_student(run, lab, show_hidden=self.show_hidden)


def standings(
    results: Results,
    lab: Lab,
    cohort: Cohort | None,
    telling: Telling,
    *,
    only: Collection[str] = (),
    now: datetime | None = None,
) -> Iterator[Standing]:
    """Yield a standing for each student of the roster and of the results, one at a time.

    `only` are ids of students; without any, all are told. Raises UsageError for an unknown one,
    and ResultsError.
    """
    broken = {run.id: run for run in results.broken()}
    runs = [lighter(run) for run in chain(results.official(), broken.values())]
    grades = class_grades(lab, runs, cohort, now)
    _demand_known(only, grades)
    known = {student.id: student for student in (cohort.students if cohort else ())}
    places = {found.run_id: found for found in results.official_summaries()}
    for grade in grades:
        if only and grade.student not in only:
            continue
        run = broken.get(grade.run_id)
        if grade.run_id in places:
            run = results.run(places[grade.run_id])
        yield Standing(
            student=known.get(grade.student, Student(id=grade.student)),
            grade=grade,
            report=telling.tell(run, lab) if run else None,
        )


def _demand_known(only: Collection[str], grades: list[Grade]) -> None:
    ids = [grade.student for grade in grades]
    for student in only:
        if student not in ids:
            raise UsageError(
                f"there is no student {student!a} in these results.",
                where="--student",
                advice=nearest(student, ids) or "The class page and grades.csv list the ids.",
            )


def autograder_files(folder: LabFolder) -> dict[str, bytes]:
    """Return path -> content of all that Gradescope needs to grade a lab, hidden tests included.

    Raises UsageError where this grader does not run from its checkout, and LabError.
    """
    checkout = Path(grader.__file__).resolve().parent.parent
    lock = "tools.txt" if folder.lab.tools else "labs.txt"
    try:
        files = {name: (checkout / name).read_bytes() for name in ("pyproject.toml", "README.md")}
        files["requirements.txt"] = (checkout / "requirements" / lock).read_bytes()
    except OSError as error:
        raise UsageError(
            f"the autograder's zip is made from a checkout of the course ({error.strerror}).",
            where=str(checkout),
            advice="Clone the course's repository, and run `grader` from its .venv.",
        ) from error
    files |= _below("grader", checkout / "grader", not_junk)
    return files | _lab_files(folder)


def _lab_files(folder: LabFolder) -> dict[str, bytes]:
    slug, private = folder.lab.slug, folder.private
    files = _below(f"labs/{slug}", folder.public, not_junk)
    if private is None or private == folder.public:
        return files
    files |= _below(f"solutions/{slug}", private, _needed_to_grade)
    for name in folder.manifest.private.include:
        files |= _below(f"solutions/{name}", private.parent / name, not_junk)
    return files


def _needed_to_grade(path: PurePosixPath) -> bool:
    return not_junk(path) and path.parts[0] not in {"submissions", "DESIGN.md", "proof.md"}


def _below(name: str, place: Path, wanted: Wanted) -> dict[str, bytes]:
    tree = read_tree(place, wanted, place_of(place))
    return {f"{name}/{path}": content for path, content in tree.items()}
