"""A cohort: who takes the course, until when, and by which rules. Read from `cohort.toml`.

Strict: an unknown key, an unknown student or a time without a zone is an error that says where.
The course's secret is only ever referred to; its value is read when it is used and kept nowhere.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from grader.cohort_file import SAMPLE, CohortTable, ExtensionTable
from grader.errors import CohortError, ManifestError
from grader.filenames import sameness
from grader.grade import (
    AttemptRule,
    Due,
    Grade,
    LatePolicy,
    LateRule,
    Override,
    Policy,
    decide,
)
from grader.identity import Student, look_alikes
from grader.lab import Lab
from grader.moments import MomentError, parse_moment
from grader.outcome import Run
from grader.tables import Location, Problem, nearest, read_table, refuse

__all__ = [
    "SAMPLE",
    "Cohort",
    "Extension",
    "SecretRef",
    "class_grades",
    "parse_cohort",
    "read_cohort",
]

_SECRET_CHARS: Final = 16
_SECRET_BYTES: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """More time for one student and one lab."""

    student: str
    """Id of the student."""
    lab: str
    """Slug of the lab."""
    until: datetime
    """The deadline in its place (aware)."""
    why: str
    """Why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef:
    """Where the course's secret is. It holds no secret, so it can be shown."""

    file: Path | None = None
    """A file whose content it is."""
    env: str = ""
    """A variable of the environment whose value it is."""

    def reveal(self, environ: Mapping[str, str] | None = None) -> bytes:
        """Read the secret now. Raises CohortError, which never repeats what was read."""
        if self.file is not None:
            where, value = str(self.file), self._from_file(self.file)
        else:
            where = f"${self.env}"
            value = (
                (os.environ if environ is None else environ)
                .get(self.env, "")
                .encode("utf-8", "surrogateescape")
            )
        value = value.strip()
        if len(value) < _SECRET_CHARS:
            raise CohortError(
                f"the course's secret is missing or shorter than {_SECRET_CHARS} characters.",
                where=where,
                advice="Make one with: python -c 'import secrets; print(secrets.token_hex(32))'",
            )
        return value

    @staticmethod
    def _from_file(path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(_SECRET_BYTES)
        except OSError as error:
            raise CohortError(
                f"the course's secret cannot be read ({error.strerror}).",
                where=str(path),
                advice="Write it into this file, or change `secret` in cohort.toml.",
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """A class of students and its rules."""

    name: str = ""
    """What the class is called."""
    students: tuple[Student, ...] = ()
    """The roster, in the order of the file."""
    deadlines: Mapping[str, datetime] = field(default_factory=dict)
    """Slug of a lab -> its deadline (aware)."""
    extensions: tuple[Extension, ...] = ()
    """At most one per student and lab."""
    overrides: tuple[Override, ...] = ()
    """All of them; the latest counts."""
    policy: Policy = field(default_factory=Policy)
    """Which attempt counts, and what lateness costs."""
    secret: SecretRef | None = None
    """Where the course's secret is."""
    zone: str = ""
    """The zone of the course; empty when the file names none."""
    warnings: tuple[str, ...] = ()
    """What staff should look at: ids that look alike."""

    def student(self, student_id: str) -> Student | None:
        """Return the student of that id, or None."""
        return next((each for each in self.students if each.id == student_id), None)

    def deadline(self, student_id: str, lab: str) -> datetime | None:
        """Return when this student's hand-in is due, an extension included."""
        for extension in self.extensions:
            if (extension.student, extension.lab) == (student_id, lab):
                return extension.until
        return self.deadlines.get(lab)

    def check_lab(self, lab: Lab) -> None:
        """Raise CohortError where something here cannot be true of the lab as it is."""
        for override in self.overrides:
            if override.lab == lab.slug and override.points > lab.out_of:
                raise CohortError(
                    f"an override gives {override.student} {override.points} points, "
                    f"but {lab.slug} has {lab.out_of}.",
                    where="cohort.toml: override",
                    advice="Correct the override.",
                )


def class_grades(
    lab: Lab, runs: Iterable[Run], cohort: Cohort | None = None, now: datetime | None = None
) -> list[Grade]:
    """Return a grade for each student of the roster and each student who has a run."""
    cohort = cohort or Cohort()
    by_student: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by_student[run.student].append(run)
    roster = [student.id for student in cohort.students]
    others = sorted(by_student.keys() - set(roster))
    return [
        decide(
            Due(
                student=student,
                lab=lab.slug,
                out_of=lab.out_of,
                deadline=cohort.deadline(student, lab.slug),
            ),
            by_student.get(student, ()),
            overrides=cohort.overrides,
            policy=cohort.policy,
            now=now,
        )
        for student in (*roster, *others)
    ]


def read_cohort(path: Path, *, labs: Collection[str] = ()) -> Cohort:
    """Read a cohort.toml. `labs`, where given, are the labs that there are."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise CohortError(
            f"it cannot be read ({error.strerror}).", where=str(path), advice="Look at the path."
        ) from error
    return parse_cohort(text, where=path.name, folder=path.parent, labs=labs)


def parse_cohort(
    text: bytes | str, *, where: str, folder: Path, labs: Collection[str] = ()
) -> Cohort:
    """Return the cohort that the text describes; the file of a secret lies in `folder`."""
    try:
        table = read_table(text, CohortTable, where)
        reading = _Reading(table, labs)
        cohort = reading.cohort(folder)
        if reading.problems:
            refuse(where, reading.problems)
    except ManifestError as error:  # of the reader of TOML, which serves labs too
        raise CohortError(error.message, where=error.where, advice=error.advice) from None
    return cohort


class _Reading:
    """The second reading: what is named must exist, what is said must not contradict itself."""

    def __init__(self, table: CohortTable, labs: Collection[str]) -> None:
        self._table = table
        self._labs = labs
        self._ids = [student.id for student in table.student]
        self.problems: list[Problem] = []

    def cohort(self, folder: Path) -> Cohort:
        table = self._table
        self.problems += [*_twins(table), *_late_problems(table)]
        deadlines = {
            lab: at
            for lab, value in table.deadlines.items()
            if self._lab(lab, ("deadlines", lab))
            and (at := self._moment(value, ("deadlines", lab)))
        }
        return Cohort(
            name=table.name or "",
            students=tuple(_students(table)),
            deadlines=deadlines,
            extensions=tuple(self._extensions(deadlines)),
            overrides=tuple(self._overrides()),
            policy=_policy(table),
            secret=_secret(table, folder),
            zone=table.zone,
            warnings=tuple(dict.fromkeys(look_alikes(self._ids).values())),
        )

    def _extensions(self, deadlines: Mapping[str, datetime]) -> Iterator[Extension]:
        seen = set()
        for number, row in enumerate(self._table.extension):
            here: Location = ("extension", number)
            if not self._student(row.student, (*here, "student")):
                continue
            if (row.student, row.lab) in seen:
                self._add(here, f"{row.student} has another extension for {row.lab}.", "Keep one.")
            seen.add((row.student, row.lab))
            deadline = deadlines.get(row.lab)
            if deadline is None:
                self._add(
                    (*here, "lab"),
                    f"there is no deadline for {row.lab!r} that could be extended.",
                    nearest(row.lab, list(self._table.deadlines)),
                )
                continue
            until = self._until(row, deadline, here)
            if until is not None:
                yield Extension(student=row.student, lab=row.lab, until=until, why=row.why)

    def _until(self, row: ExtensionTable, deadline: datetime, here: Location) -> datetime | None:
        if (row.until is None) == (row.hours is None):
            self._add(here, "it needs either `until` or `hours`.", "Write one of them.")
            return None
        if row.hours is not None:
            later = deadline.astimezone(UTC) + timedelta(hours=row.hours)
            return later.astimezone(deadline.tzinfo)
        until = self._moment(row.until, (*here, "until"))
        if until is not None and until < deadline:
            self._add((*here, "until"), "this is before the deadline.", "An extension adds time.")
        return until

    def _overrides(self) -> Iterator[Override]:
        for number, row in enumerate(self._table.override):
            here: Location = ("override", number)
            known = self._student(row.student, (*here, "student"))
            known = self._lab(row.lab, (*here, "lab")) and known
            at = self._moment(row.when, (*here, "when"))
            if known and at is not None:
                yield Override(
                    student=row.student,
                    lab=row.lab,
                    points=row.points,
                    who=row.who,
                    why=row.why,
                    at=at,
                )

    def _student(self, student: str, location: Location) -> bool:
        if student in self._ids:
            return True
        self._add(location, f"no student has the id {student!a}.", nearest(student, self._ids))
        return False

    def _lab(self, lab: str, location: Location) -> bool:
        if not self._labs or lab in self._labs:
            return True
        self._add(location, f"there is no lab {lab!r}.", nearest(lab, sorted(self._labs)))
        return False

    def _moment(self, value: object, location: Location) -> datetime | None:
        try:
            return parse_moment(value, self._table.zone)
        except MomentError as error:
            self._add(location, str(error), "")
            return None

    def _add(self, location: Location, message: str, advice: str) -> None:
        self.problems.append(Problem(location=location, message=message, advice=advice))


def _twins(table: CohortTable) -> Iterator[Problem]:
    """Yield students that could be taken for one another by a file name or by a platform."""
    seen: dict[tuple[str, str], int] = {}
    for number, student in enumerate(table.student):
        for key, value in (
            ("id", student.id),
            ("email", student.email),
            ("lms_id", student.lms_id),
        ):
            if not value:
                continue
            first = seen.setdefault((key, sameness(value)), number)
            if first != number:
                other = getattr(table.student[first], key)
                yield Problem(
                    location=("student", number, key),
                    message=f"{value!a} is too like {other!a} of student {first + 1}.",
                    advice="Two students need two of them that differ in more than their case.",
                )


def _late_problems(table: CohortTable) -> Iterator[Problem]:
    late, here = table.late, ("late", "percent_per_day")
    if late.rule == "percent" and not late.percent_per_day:
        yield Problem(
            location=here, message="lateness would cost 0 percent.", advice="Say how much."
        )
    if late.rule != "percent" and late.percent_per_day:
        yield Problem(
            location=here,
            message=f"this does nothing where the rule is {late.rule!r}.",
            advice='Write rule = "percent", or leave it out.',
        )


def _students(table: CohortTable) -> Iterator[Student]:
    for row in table.student:
        yield Student(
            id=row.id,
            name=row.name or "",
            email=row.email or "",
            section=row.section or "",
            lms_id=row.lms_id or "",
        )


def _policy(table: CohortTable) -> Policy:
    late = table.late
    return Policy(
        late=LatePolicy(
            rule=LateRule(late.rule),
            percent_per_day=late.percent,
            grace=timedelta(hours=late.grace_hours),
            maximum_days=late.maximum_days,
        ),
        attempts=AttemptRule(table.attempts),
    )


def _secret(table: CohortTable, folder: Path) -> SecretRef | None:
    if table.secret is None:
        return None
    if table.secret.file:
        return SecretRef(file=folder / table.secret.file)
    return SecretRef(env=table.secret.env)
