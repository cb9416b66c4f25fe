"""What all ways of `grader export` share: what was asked for, who stands where, where files go.

RESULTS is a results folder, or one report that `grader check --json` or `grader grade --json`
wrote. Nothing is graded here, and no results change.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click

from grader.cli.console import err, out, say, warn
from grader.cli.options import PATH, TERMINAL, Command, cohort_option
from grader.cli.places import demand_there, lab_of_results, remembered, rules_of, with_options
from grader.cohort import Cohort
from grader.crash_points import Point, reached
from grader.durable import Disk
from grader.errors import ResultsError, UsageError
from grader.exporting import Telling, standings
from grader.formats.reportjson import report_from_json
from grader.formats.standing import Standing, of_report
from grader.grade import LateRule
from grader.lab import Lab
from grader.results import Results, safe_name, utc_now

MAX_REPORT_BYTES: Final = 32 * 1024 * 1024
EXPORTS: Final = "exports"
"""Folder of a results folder that files go to when no other place is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What every way of export may be told."""

    results: Path
    """A results folder, or a report as JSON."""
    out: Path | None = None
    """Where to write; None: into the results folder, or to the terminal."""
    cohort_file: Path | None = None
    """Roster and rules; None: those of the last time."""
    lab: str | None = None
    """The lab, if it is not where it was."""
    student: tuple[str, ...] = ()
    """Ids of the only students to tell; empty for all."""
    audience: str = "student"
    """Who will read it."""
    show_hidden: str = "titles"
    """How much of hidden checks a student sees."""

    @property
    def telling(self) -> Telling:
        """To whom runs are told."""
        return Telling(
            audience="staff" if self.audience == "staff" else "student",
            show_hidden="total" if self.show_hidden == "total" else "titles",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """A class, or one student, that is exported."""

    slug: str
    """Slug of the lab."""
    title: str
    """Title of the lab."""
    out_of: int
    """Points that could be earned."""
    lab: Lab | None
    """The lab; None where only a report is there."""
    cohort: Cohort | None
    """Roster and rules, where there are any."""
    standings: tuple[Standing, ...]
    """In the order of the roster, then by id."""

    @property
    def late_is_ours(self) -> bool:
        """Whether lateness costs something here."""
        return self.cohort is not None and self.cohort.policy.late.rule is not LateRule.NONE

    def extensions(self) -> tuple[tuple[str, timedelta], ...]:
        """Return (student, time after the deadline) for the lab."""
        if self.cohort is None or self.slug not in self.cohort.deadlines:
            return ()
        deadline = self.cohort.deadlines[self.slug]
        return tuple(
            (each.student, each.until - deadline)
            for each in self.cohort.extensions
            if each.lab == self.slug
        )


def common_options(*, telling: bool, file: bool) -> Callable[[Command], Command]:
    """Add RESULTS and the options of every format; `telling` adds who will read it."""
    where = "File to write; - is the terminal." if file else "Folder to write into, or a file."

    def add(command: Command) -> Command:
        if telling:
            command = _telling_options(command)
        command = click.option("--lab", metavar="LAB", help="The lab, if it is not where it was.")(
            command
        )
        command = cohort_option(command)
        command = click.option(
            "--student", metavar="ID", multiple=True, help="Only this student; can be repeated."
        )(command)
        command = click.option(
            "--out", type=PATH, metavar="PATH", help=f"{where} Default: {EXPORTS}/ in RESULTS."
        )(command)
        return click.argument("results", type=PATH, metavar="RESULTS")(command)

    return add


def _telling_options(command: Command) -> Command:
    command = click.option(
        "--show-hidden",
        type=click.Choice(["titles", "total"]),
        default="titles",
        show_default=True,
        help="For students: a line for each hidden check, or one number for all of them.",
    )(command)
    return click.option(
        "--audience",
        type=click.Choice(["student", "staff"]),
        default="student",
        show_default=True,
        help="Who will read it. For staff, hidden checks are told with all they saw.",
    )(command)


def gathered(asked: Asked) -> Class:
    """Return who stands where. Raises UsageError, CohortError, LabError, ResultsError."""
    demand_there(asked.results, "results folder and no report")
    if asked.results.is_file():
        return _of_one_report(asked)
    if asked.cohort_file is not None:
        demand_there(asked.cohort_file, "cohort file")
    results = Results.read(asked.results)
    lab = lab_of_results(asked.results, results.lab_slug, asked.lab).lab
    if lab.slug != results.lab_slug:
        raise UsageError(
            f"these are results of lab {results.lab_slug}, not of {lab.slug}.",
            where=str(asked.results),
        )
    if lab.digest != results.lab_digest:
        warn(
            "the lab has changed since these results were made; titles and points of checks are "
            "its present ones. `grader regrade` shows what the change does to grades."
        )
    known = with_options(remembered(asked.results), asked.results, asked.cohort_file, None)
    cohort = rules_of(asked.results, known, lab).cohort
    told = tuple(standings(results, lab, cohort, asked.telling, only=asked.student, now=utc_now()))
    reached(Point.EXPORT_GATHERED)
    return Class(
        slug=lab.slug,
        title=lab.title,
        out_of=lab.out_of,
        lab=lab,
        cohort=cohort,
        standings=told,
    )


def _of_one_report(asked: Asked) -> Class:
    where = str(asked.results)
    try:
        if asked.results.stat().st_size > MAX_REPORT_BYTES:
            raise UsageError("this file is too large to be a report.", where=where)
        report = report_from_json(json.loads(asked.results.read_bytes()))
    except (OSError, ValueError, ResultsError, RecursionError) as error:
        raise UsageError(
            f"this is neither a results folder nor a report ({error}).",
            where=where,
            advice="`grader check --json FILE` and `grader grade --json FILE` write reports.",
        ) from error
    if report.audience != asked.audience:
        raise UsageError(
            f"this report was told to {report.audience}, not to {asked.audience}.",
            where=where,
            advice=f"Make it again with --audience {asked.audience}, or export it with "
            f"--audience {report.audience}.",
        )
    if asked.cohort_file or asked.student:
        raise UsageError(
            "--cohort and --student need a results folder; this is one report.", where=where
        )
    return Class(
        slug=report.lab,
        title=report.title,
        out_of=report.out_of,
        lab=None,
        cohort=None,
        standings=(of_report(report),),
    )


# -- writing ---------------------------------------------------------------------------------------


def write_file(data: bytes, asked: Asked, name: str) -> None:
    """Write the one file of a format, and say where it is."""
    target = asked.out or _inside(asked, name)
    if target == TERMINAL:
        click.echo(data, nl=False)
        return
    if target.is_dir():
        target /= name
    _write(target, data)
    say(out(), f"Written: {target}")


def write_each(
    made: Iterable[tuple[Standing, bytes | None]], asked: Asked, name: str, ending: str
) -> None:
    """Write a file for each student; the only one of a single student goes where --out says."""
    told = list(made)
    files = {standing.student.id: data for standing, data in told if data is not None}
    single = asked.results.is_file() or len(asked.student) == 1
    if not single:
        _write_folder(files, asked.out or _inside(asked, name), ending)
    elif files:
        student, data = next(iter(files.items()))
        write_file(data, _to_terminal(asked), f"{safe_name(student)}{ending}")
    say_left_out(standing for standing, data in told if data is None)


def _write_folder(files: dict[str, bytes], folder: Path, ending: str) -> None:
    if folder.is_file() or folder == TERMINAL:
        raise UsageError(
            "a class needs a folder: there is a file for each student.",
            where=str(folder),
            advice="Name a folder with --out, or one student with --student.",
        )
    for student, data in files.items():
        _write(folder / f"{safe_name(student)}{ending}", data)
    say(out(), f"Written: {len(files)} files in {folder}")


def say_left_out(standings_: Iterable[Standing]) -> None:
    """Say for whom nothing was written: no grade, no number."""
    by_state: dict[str, list[str]] = defaultdict(list)
    for standing in standings_:
        by_state[str(standing.grade.state)].append(standing.student.id)
    for state, students in by_state.items():
        say(err(), f"Left out, {state}: {', '.join(students)}")


def say_unmatched(students: Iterable[str], where: str) -> None:
    """Warn about students with points whom a platform's file does not have."""
    for student in students:
        warn(f"{student} has points and is not in {where}: not written.")


def _to_terminal(asked: Asked) -> Asked:
    if asked.out is not None:
        return asked
    return Asked(results=asked.results, out=TERMINAL)


def _inside(asked: Asked, name: str) -> Path:
    if asked.results.is_file():
        return TERMINAL
    return asked.results / EXPORTS / name


def _write(target: Path, data: bytes) -> None:
    disk = Disk()
    try:
        disk.folder(target.parent)
        disk.write(target, data)
        reached(Point.EXPORT_WRITTEN, target.name)
    except ResultsError as error:
        raise UsageError(
            f"this file cannot be written ({error.message}).",
            where=str(target),
            advice="Choose another place with --out.",
        ) from error


def read_template(path: Path) -> bytes:
    """Return a file that a platform exported. Raises UsageError."""
    demand_there(path, "file")
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"this file cannot be read ({error.strerror}).", where=str(path)
        ) from error


def asked_from(given: dict[str, Any]) -> Asked:
    """Return what the common options said; what is left in `given` is the format's own."""
    names = set(Asked.__dataclass_fields__) & set(given)
    return Asked(**{name: given.pop(name) for name in names})
