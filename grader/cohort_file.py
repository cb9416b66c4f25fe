"""What may stand in `cohort.toml`, and the first reading of it: keys, types, each value by itself.

Whether students and labs that are named exist is judged by `grader.cohort`. No file is read here,
and no secret either: the file says where it is, never what it is.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from grader.identity import StudentIdError, safe_id
from grader.moments import parse_zone
from grader.tables import Table

SAMPLE: Final = """\
# cohort.toml: who takes the course, and by which rules. `grader batch LAB FOLDER --cohort THIS`.
schema = 1
name = "MLOps, autumn 2026"
zone = "Asia/Jakarta"           # for times below that are written without a zone

attempts = "best"               # which hand-in counts: "best" or "last"

[late]
rule = "percent"                # "none", "zero" (late earns nothing) or "percent"
percent_per_day = 10            # of the points earned, for each day that has begun
grace_hours = 0.5               # so much later is still in time
maximum_days = 5                # later than that earns nothing

[secret]                        # for random numbers that nobody can guess; never written here
file = "course.secret"          # beside this file; or: env = "GRADER_SECRET"

[deadlines]
02-data-quality = 2026-10-02T23:59:00+07:00
03-experiments = 2026-10-16 23:59:00                   # in the zone above
04-drift = "2026-10-30 23:59 Europe/Berlin"

[[student]]
id = "ada"                      # the name of the student's folder or archive
name = "Ada Lovelace"
email = "ada@uni.example"
section = "A"
lms_id = "101"                  # number in the downloads of Moodle or Canvas

[[student]]
id = "budi"
name = "Budi Santoso"

[[extension]]
student = "budi"
lab = "02-data-quality"
until = 2026-10-05 12:00:00     # or: hours = 48
why = "Ill, with a certificate."

[[override]]
student = "ada"
lab = "02-data-quality"
points = 85
who = "Dr Roe"
why = "The lab's text was wrong about blanks."
when = 2026-10-07T09:30:00+07:00
"""
"""A file that shows every key. It is read by a test, so it cannot fall behind."""


def _line(value: str) -> str:
    if not value.strip() or any(not letter.isprintable() for letter in value):
        raise ValueError("this must be one line of text.")
    return value.strip()


def _student_id(value: str) -> str:
    try:
        made, _ = safe_id(value)
    except StudentIdError as error:
        raise ValueError(str(error)) from None
    if made != value:
        raise ValueError(f"{value!a} cannot be an id; {made!a} could. It names files.")
    return value


def _email(value: str) -> str:
    name, at, host = value.partition("@")
    if not (name and at and host) or any(letter.isspace() for letter in value):
        raise ValueError(f"{value!a} is not an e-mail address.")
    return value


def _zone(value: str) -> str:
    parse_zone(value)
    return value


def _secret(value: object) -> object:
    """Check before anything else does, and never repeat what was written: it may be the secret."""
    keys = set(value) if isinstance(value, dict) else set()
    if len(keys) != 1 or not keys <= {"file", "env"}:
        raise ValueError(
            'this must say where the secret is, and never what it is: { file = "…" } '
            'or { env = "…" }.'
        )
    if not all(isinstance(name, str) and name.strip() for name in dict(value).values()):  # type: ignore[call-overload]  # a dict by now
        raise ValueError("this must name a file or a variable, in quotes.")
    return value


Line = Annotated[str, AfterValidator(_line)]
StudentId = Annotated[str, AfterValidator(_student_id)]


class LateTable(Table):
    """`[late]`: what lateness costs."""

    rule: Literal["none", "zero", "percent"] = "none"
    percent_per_day: Annotated[float, Field(ge=0, le=100)] = 0
    grace_hours: Annotated[float, Field(ge=0, le=24 * 14)] = 0
    maximum_days: Annotated[int, Field(ge=0, le=366)] | None = None

    @property
    def percent(self) -> Decimal:
        """Percent as it was written, not as binary floats have it."""
        return Decimal(str(self.percent_per_day))


class SecretTable(Table):
    """`[secret]`: where the course's secret is."""

    file: str = ""
    env: str = ""


class StudentTable(Table):
    """`[[student]]`: one student of the roster."""

    id: StudentId
    name: Line | None = None
    email: Annotated[str, AfterValidator(_email)] | None = None
    section: Line | None = None
    lms_id: Line | None = None


class ExtensionTable(Table):
    """`[[extension]]`: more time for one student and one lab."""

    student: str
    lab: str
    until: Any = None
    hours: Annotated[float, Field(gt=0, le=24 * 366)] | None = None
    why: Line


class OverrideTable(Table):
    """`[[override]]`: points that a person gives, whatever the runs say."""

    student: str
    lab: str
    points: Annotated[int, Field(ge=0, le=100_000)]
    who: Line
    why: Line
    when: Any


class CohortTable(Table):
    """All of `cohort.toml`."""

    schema_: Literal[1] | None = Field(default=None, alias="schema")
    name: Line | None = None
    zone: Annotated[str, AfterValidator(_zone)] = ""
    attempts: Literal["best", "last"] = "best"
    late: LateTable = LateTable()
    secret: Annotated[SecretTable, BeforeValidator(_secret)] | None = None
    deadlines: dict[str, Any] = Field(default_factory=dict)
    student: Annotated[tuple[StudentTable, ...], Field(strict=False)] = ()
    extension: Annotated[tuple[ExtensionTable, ...], Field(strict=False)] = ()
    override: Annotated[tuple[OverrideTable, ...], Field(strict=False)] = ()
