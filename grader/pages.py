"""Writes the pages of a results folder: what a student reads, what staff read, the class, the CSV.

Pages are made from what is recorded and can be made again at any time. A page that cannot be made
is named in a note and stops nothing; a disk that cannot be written stops with ResultsError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from grader.crash_points import Point, reached
from grader.lab import Lab
from grader.outcome import Run
from grader.report import for_staff, for_student
from grader.results import Results, utc_now
from grader.summary import lighter

if TYPE_CHECKING:
    from grader.cohort import Cohort
    from grader.grade import Grade
    from grader.report import Report


class Render(Protocol):
    """Makes pages as text, and grades from runs; knows no files."""

    def page(self, report: Report, *, home: str = "", grade: Grade | None = None) -> str:
        """Return the page of one run for the report's audience.

        `home` is a link back; `grade` is what counts today, on the page that a student gets.
        """

    def class_page(
        self,
        lab: Lab,
        runs: Sequence[Run],
        grades: Sequence[Grade],
        *,
        links: Mapping[str, str],
        staff_links: Mapping[str, str],
    ) -> str:
        """Return the class page; links lead from the ids of students to pages beside it."""

    def grades(
        self, lab: Lab, runs: Sequence[Run], cohort: Cohort | None, now: datetime
    ) -> list[Grade]:
        """Return one grade per student, absentees of the roster included."""


class Pages:
    """The pages of one results folder."""

    def __init__(self, lab: Lab, results: Results, render: Render | None = None) -> None:
        """Write into `results`, which must be open for writing."""
        self._lab = lab
        self._results = results
        self._render = render or HtmlRender()
        self.notes: list[str] = []

    def write_run(self, run: Run) -> None:
        """Write the pages of one run."""
        folder = self._results.run_folder(run.id)
        self._write(folder / "feedback.html", partial(self._feedback, run))
        self._write(
            folder / "staff.html",
            lambda: self._render.page(for_staff(run, self._lab), home="../../index.html"),
        )

    def finish(self, cohort: Cohort | None, now: datetime, *, afresh: bool = False) -> None:
        """Write what depends on all runs; `afresh` also writes the pages of every run again."""
        runs: list[Run] = []
        for run in chain(self._results.official(), self._results.broken()):
            if afresh or not (self._results.run_folder(run.id) / "staff.html").exists():
                self.write_run(run)
            runs.append(lighter(run))
        try:
            grades = self._render.grades(self._lab, runs, cohort, now)
        except Exception as error:  # noqa: BLE001 - the runs are safe; say what went wrong
            self.notes.append(f"The grades could not be worked out: {error!r}")
            return
        folder = self._results.folder
        self._write(folder / "grades.csv", partial(_grades_csv, grades, self._lab, cohort, runs))
        reached(Point.GRADES_WRITTEN)
        counting = self._counting(runs, grades)
        self._write_students(counting, grades)
        reached(Point.STUDENTS_WRITTEN)
        self._write(
            folder / "index.html",
            lambda: self._render.class_page(
                self._lab,
                runs,
                grades,
                links={who: self._relative(self._results.student_page(who)) for who in counting},
                staff_links={
                    who: self._relative(self._results.run_folder(run_id) / "staff.html")
                    for who, run_id in counting.items()
                },
            ),
        )
        reached(Point.CLASS_WRITTEN)

    def _counting(self, runs: Iterable[Run], grades: Iterable[Grade]) -> dict[str, str]:
        """Return student -> the run to show: the one that counts, or else the last one."""
        shown = {run.student: run.id for run in sorted(runs, key=lambda run: run.attempt)}
        known = {run.id for run in runs}
        counted = {each.student: each.run_id for each in grades if each.run_id in known}
        return shown | {student: run_id for student, run_id in counted.items() if run_id}

    def _write_students(self, counting: dict[str, str], grades: Iterable[Grade]) -> None:
        """Write the page that counts for each student, with the grade on it."""
        grade_of = {each.student: each for each in grades}
        places = {found.run_id: found for found in self._results.official_summaries()}
        broken = {run.id: run for run in self._results.broken()}
        for student, run_id in counting.items():
            run = self._results.run(places[run_id]) if run_id in places else broken[run_id]
            self._write(
                self._results.student_page(student),
                partial(self._feedback, run, grade_of.get(student)),
            )

    def _feedback(self, run: Run, grade: Grade | None = None) -> str:
        return self._render.page(for_student(run, self._lab), grade=grade)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self._results.folder).as_posix()

    def _write(self, path: Path, make: Callable[[], str | bytes]) -> None:
        try:
            made = make()
        except Exception as error:  # noqa: BLE001 - one page that fails must not stop the others
            self.notes.append(f"{path.name} could not be made: {error!r}")
            return
        self._results.disk.folder(path.parent, sync=False)
        data = made.encode("utf-8", "replace") if isinstance(made, str) else made
        self._results.disk.write(path, data, sync=False)


def rewrite_pages(
    results: Results,
    lab: Lab,
    cohort: Cohort | None = None,
    *,
    now: datetime | None = None,
    render: Render | None = None,
) -> tuple[str, ...]:
    """Make every page of the folder again; return notes about pages that could not be made."""
    pages = Pages(lab, results, render)
    pages.finish(cohort, now or utc_now(), afresh=True)
    return tuple(pages.notes)


def _grades_csv(
    grades: Sequence[Grade], lab: Lab, cohort: Cohort | None, runs: Sequence[Run]
) -> bytes:
    from grader.formats.csv import grades_csv  # noqa: PLC0415 - pydantic only where needed

    return grades_csv(grades, lab, cohort, runs=runs)


class HtmlRender:
    """The pages of `grader.formats.html`, and the grades of `grader.cohort`."""

    def __init__(self, course_url: str = "") -> None:
        """Link to the course's pages at `course_url`, if it is given."""
        self._course_url = course_url

    def page(self, report: Report, *, home: str = "", grade: Grade | None = None) -> str:
        """Return the page of one run for the report's audience."""
        from grader.formats.html import student_page  # noqa: PLC0415 - jinja2 only where needed

        return student_page(report, course_url=self._course_url, home=home, grade=grade)

    def class_page(
        self,
        lab: Lab,
        runs: Sequence[Run],
        grades: Sequence[Grade],
        *,
        links: Mapping[str, str],
        staff_links: Mapping[str, str],
    ) -> str:
        """Return the class page."""
        from grader.formats.html import class_page  # noqa: PLC0415 - jinja2 only where needed
        from grader.summary import summarise  # noqa: PLC0415 - as above

        return class_page(
            summarise(lab, grades, runs),
            links=links,
            staff_links=staff_links,
            course_url=self._course_url,
        )

    def grades(
        self, lab: Lab, runs: Sequence[Run], cohort: Cohort | None, now: datetime
    ) -> list[Grade]:
        """Return one grade per student, absentees of the roster included."""
        from grader.cohort import class_grades  # noqa: PLC0415 - pydantic only where needed

        return class_grades(lab, runs, cohort, now)
