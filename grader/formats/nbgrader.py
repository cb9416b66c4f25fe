"""Writes a class into nbgrader's gradebook, where formgrader and `nbgrader export` read it.

A lab becomes an assignment with one notebook, `checks`, and a grade cell for each check; a lab that
was imported from the course goes into the cells that it came from. Everything
is one transaction: a gradebook that is refused is as it was. Manual scores, comments and extra
credit are read and never written. This module alone imports nbgrader, which is an extra.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sqlite3
import sys
import sysconfig
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from grader.errors import UsageError
from grader.formats.nbgrader_cells import (
    DECIDED,
    NOTEBOOK,
    Target,
    penalty,
    scores,
    targets,
)
from grader.formats.standing import Standing
from grader.lab import Lab

__all__ = ["DECIDED", "NOTEBOOK", "Wanted", "Written", "write_gradebook"]

WAIT_S: Final = 5.0
"""How long another program may keep the gradebook locked."""
_INSTALL: Final = "Install it beside the grader: pip install nbgrader."
_COURSE: Final = "default_course"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written into a gradebook."""

    students: int
    """Students who have points, and so a submission."""
    changed: int
    """Scores that are new or different now; 0 when the same was exported before."""
    left_out: tuple[str, ...]
    """Ids of students without points: no submission is made or changed for them."""
    again: tuple[str, ...]
    """`student: check` where the score changed under a manual score: a person should look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the gradebook is told about a lab, besides who has what."""

    lab: Lab
    """The lab; its checks become grade cells."""
    assignment: str
    """Name of the assignment in the gradebook."""
    deadline: datetime | None = None
    """When it is due (aware); None when there is no deadline."""
    extensions: tuple[tuple[str, timedelta], ...] = ()
    """(student, time after the deadline) for students with an extension."""
    late_is_ours: bool = False
    """Whether the cohort has a late policy; without one, penalties in the gradebook stay."""


def write_gradebook(path: Path, standings: Sequence[Standing], wanted: Wanted) -> Written:
    """Write the standings into the gradebook at `path`; a file that is not there is made.

    Raises UsageError, and leaves the file as it was: for one that is locked, newer or older than
    this nbgrader, or no gradebook; for an assignment with notebooks of its own; for a check that is
    gone and has manual scores. Reports in `standings` must be for staff: hidden checks by their id.
    """
    api = _nbgrader(path)
    if not path.exists():
        return _made_new(path, api, standings, wanted)
    course = _demand_gradebook(path, api)
    with _open(path, api, course) as book:
        return _Filling(book, api, wanted, path).fill(standings)


def _made_new(
    path: Path, api: ModuleType, standings: Sequence[Standing], wanted: Wanted
) -> Written:
    """Make the gradebook beside its place and move it there when it is whole."""
    try:
        with tempfile.TemporaryDirectory(prefix=".gradebook-", dir=path.parent) as folder:
            fresh = Path(folder) / "gradebook.db"
            with _open(fresh, api, _COURSE) as book:
                told = _Filling(book, api, wanted, path).fill(standings)
            fresh.replace(path)
    except OSError as error:
        raise UsageError(
            f"the gradebook cannot be written ({error.strerror}).",
            where=str(path),
            advice="Give the path of a gradebook.db in a folder that is there.",
        ) from error
    return told


def _nbgrader(path: Path) -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SQLAlchemy 2.1 has much to say about nbgrader's models
        try:
            import nbgrader.api as api  # noqa: PLC0415, PLR0402 - an extra, and slow to import
        except ImportError as error:
            raise UsageError(
                f"nbgrader is not installed here ({error}).", where=str(path), advice=_INSTALL
            ) from error
    module: ModuleType = api
    return module


# -- looking at the file, without nbgrader, which would add its tables to any database -------------


def _demand_gradebook(path: Path, api: ModuleType) -> str:
    """Return the id of the course that the gradebook is for, if it is one that we can write."""
    found, course = _version(path)
    if found is None:
        raise UsageError(
            "this is not a gradebook of nbgrader.",
            where=str(path),
            advice="It is the file gradebook.db in the folder of the nbgrader course.",
        )
    known = _newest(str(api.__file__))
    if found != known:
        older = (Path(str(api.__file__)).parent / "alembic" / "versions").glob(f"{found}_*.py")
        if any(older):
            raise UsageError(
                f"this gradebook is older (version {found}) than the nbgrader here ({known}).",
                where=str(path),
                advice="Keep a copy, then run in its folder: nbgrader db upgrade",
            )
        raise UsageError(
            f"this gradebook is newer (version {found}) than the nbgrader here ({known}).",
            where=str(path),
            advice="Use the nbgrader that the course uses: pip install --upgrade nbgrader",
        )
    return course


@functools.cache
def _newest(api_file: str) -> str:
    """Return the version of a gradebook that this nbgrader writes."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - comes with nbgrader

    return str(ScriptDirectory(str(Path(api_file).parent / "alembic")).get_current_head())


def _version(path: Path) -> tuple[str | None, str]:
    """Return the version of a gradebook, None for anything else; and its course, if it has one."""
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=WAIT_S)
        ) as database:
            tables = {
                row[0] for row in database.execute("SELECT name FROM sqlite_master").fetchall()
            }
            if not {"alembic_version", "assignment", "submitted_assignment"} <= tables:
                return None, ""
            row = database.execute("SELECT version_num FROM alembic_version").fetchone()
            has_courses = "course" in tables
            courses = database.execute("SELECT id FROM course").fetchall() if has_courses else []
    except sqlite3.OperationalError as error:
        raise _locked(path, error) from error
    except sqlite3.DatabaseError:
        return None, ""
    return str(row[0]) if row else None, str(courses[0][0]) if len(courses) == 1 else _COURSE


def _locked(path: Path, error: Exception) -> UsageError:
    first = str(error).splitlines()[0]
    if "locked" in first:
        return UsageError(
            f"another program is writing into this gradebook (waited {WAIT_S:g} s).",
            where=str(path),
            advice="Let it end (formgrader, nbgrader autograde), then give the command again.",
        )
    return UsageError(
        f"this gradebook cannot be opened or written ({first}).",
        where=str(path),
        advice="Look at its permissions, and at those of its folder.",
    )


@contextlib.contextmanager
def _alembic_on_path() -> Iterator[None]:
    """Let nbgrader find `alembic`, which it starts by name, where no environment is active."""
    before = os.environ.get("PATH")
    places = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    os.environ["PATH"] = os.pathsep.join([*places, before or os.defpath])
    try:
        yield
    finally:
        if before is None:
            del os.environ["PATH"]
        else:
            os.environ["PATH"] = before


@contextlib.contextmanager
def _open(path: Path, api: ModuleType, course: str) -> Iterator[Any]:
    """Open a gradebook in one transaction that holds the write lock; commit it, or undo it."""
    from sqlalchemy import URL, exc, text  # noqa: PLC0415 - comes with nbgrader

    # Not as text: a path may hold ?, # and %, which mean something there.
    url = URL.create("sqlite", database=str(path.resolve()), query={"timeout": f"{WAIT_S:g}"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with _alembic_on_path():
                book = api.Gradebook(url, course)
        except exc.OperationalError as error:
            raise _locked(path, error.orig or error) from error
        try:
            book.db.execute(text("BEGIN IMMEDIATE"))
            whole = book.db.commit
            book.db.commit = book.db.flush  # nbgrader commits after each step: half is written
            yield book
            whole()
        except exc.OperationalError as error:
            book.db.rollback()
            raise _locked(path, error.orig or error) from error
        except BaseException:
            book.db.rollback()
            raise
        finally:
            book.close()


class _Filling:
    """One export into an open gradebook."""

    def __init__(self, book: Any, api: ModuleType, wanted: Wanted, path: Path) -> None:
        self._book, self._api, self._wanted, self._path = book, api, wanted, path
        self._changed = 0
        self._again: list[str] = []
        self._targets: list[Target] = []

    def fill(self, standings: Sequence[Standing]) -> Written:
        """Write all of it; nothing is committed here."""
        with_points = [each for each in standings if each.points is not None]
        self._targets = targets(self._wanted.lab, with_points)
        self._lab()
        for standing in with_points:
            self._student(standing)
            self._submission(standing)
        self._book.db.flush()
        return Written(
            students=len(with_points),
            changed=self._changed,
            left_out=tuple(each.student.id for each in standings if each.points is None),
            again=tuple(self._again),
        )

    # -- the lab -----------------------------------------------------------------------------------

    def _lab(self) -> None:
        name = self._wanted.assignment
        found = [each for each in self._book.assignments if each.name == name]
        others = [each.name for each in found[0].notebooks] if found else []
        strange = [each for each in others if each != NOTEBOOK]
        imported = self._wanted.lab.origin is not None
        if strange and not imported:
            raise UsageError(
                f"its assignment {name!a} has notebooks of its own: {', '.join(strange)}.",
                where=str(self._path),
                advice="Choose another name for the lab: --assignment NAME.",
            )
        due = self._wanted.deadline
        self._book.update_or_create_assignment(
            name, **({"duedate": _naive(due)} if due else {} if imported else {"duedate": None}),
            course_id=self._book.course_id,
        )  # fmt: skip
        for notebook in dict.fromkeys(each.notebook for each in self._targets):
            self._book.update_or_create_notebook(notebook, name)
        for each in self._targets:
            self._book.update_or_create_grade_cell(
                each.cell, each.notebook, name, max_score=each.maximum, cell_type="code"
            )
        if not imported:
            self._remove_gone({each.cell for each in self._targets})

    def _remove_gone(self, kept: set[str]) -> None:
        """Remove the cells of checks that the lab no longer has."""
        notebook = self._book.find_notebook(NOTEBOOK, self._wanted.assignment)
        for cell in [each for each in notebook.grade_cells if each.name not in kept]:
            if any(grade.manual_score is not None or grade.extra_credit for grade in cell.grades):
                raise UsageError(
                    f"the lab has no check {cell.name!a} any more, and a person gave scores for "
                    "it in this gradebook.",
                    where=str(self._path),
                    advice="Take those scores away in formgrader, or use --assignment NAME.",
                )
            for grade in list(cell.grades):
                self._book.db.delete(grade)
            self._book.db.delete(cell)
            self._changed += 1
        self._book.db.flush()
        self._book.db.expire_all()

    # -- a student ---------------------------------------------------------------------------------

    def _student(self, standing: Standing) -> None:
        """Make the student known; what the gradebook says of one that it knows stays."""
        student = standing.student
        try:
            self._book.find_student(student.id)
        except self._api.MissingEntry:
            first, _, last = student.name.partition(" ")
            told = {"first_name": first, "last_name": last, "email": student.email}
            given = {key: value for key, value in told.items() if value}
            self._book.add_student(student.id, **given)

    def _submission(self, standing: Standing) -> None:
        report, name = standing.report, self._wanted.assignment
        when = {"timestamp": _naive(report.received_at)} if report else {}
        submission = self._book.update_or_create_submission(name, standing.student.id, **when)
        extra = dict(self._wanted.extensions).get(standing.student.id)
        if extra is not None and submission.extension != extra:
            submission.extension = extra
        notebooks = {
            each: self._notebook(submission, each)
            for each in dict.fromkeys(target.notebook for target in self._targets)
        }
        first = next(iter(notebooks.values()))
        due = penalty(standing, self._wanted.lab)
        if self._wanted.late_is_ours and (first.late_submission_penalty or 0.0) != due:
            first.late_submission_penalty = due
            self._changed += 1
        told = scores(standing, self._wanted.lab)
        for each in self._targets:
            self._score(notebooks[each.notebook], each, told[each.place], standing.student.id)

    def _notebook(self, submission: Any, name: str) -> Any:
        """Return a student's notebook; one that the lab did not have before is made."""
        found = next((each for each in submission.notebooks if each.name == name), None)
        if found is None:
            whole = self._book.find_notebook(name, self._wanted.assignment)
            found = self._api.SubmittedNotebook(notebook=whole, assignment=submission)
            self._book.db.add(found)
            self._book.db.flush()
        return found

    def _score(self, notebook: Any, target: Target, score: float, student: str) -> None:
        cell = next(each for each in notebook.notebook.grade_cells if each.name == target.cell)
        grade = next((each for each in notebook.grades if each.cell_id == cell.id), None)
        if grade is None:
            grade = self._api.Grade(cell_id=cell.id, notebook=notebook)
            self._book.db.add(grade)
        if grade.auto_score == score:
            return
        if grade.manual_score is None:
            grade.needs_manual_grade = False
        elif grade.auto_score is not None:
            grade.needs_manual_grade = True
            self._again.append(f"{student}: {cell.name}")
        grade.auto_score = score
        self._changed += 1


def _naive(moment: datetime) -> datetime:
    """Return the moment as nbgrader keeps it: in UTC, and without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)
