"""`grader release`: each student's own copy of a lab; and whose data a file holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import click

from grader.cli.boxes import SandboxChoice, SandboxName, open_boxes
from grader.cli.console import err, out, say, warn
from grader.cli.options import PATH, TERMINAL, json_option, write_json
from grader.cli.places import ClassRules, demand_there, load_lab, rules_from
from grader.cli.progressbar import ProgressBar
from grader.cli.verb import LAB_IS_WRONG, Verb
from grader.errors import CohortError, UsageError
from grader.identity import StudentIdError, safe_id
from grader.lab_folder import LabFolder
from grader.layout import DATA, Files
from grader.nbgrader_course.exchange import to_exchange
from grader.plaintext import one_line
from grader.recognition import Likeness, Question, is_clear, likeness, nearest_first, question_of
from grader.release import (
    Copy,
    Handout,
    What,
    copy_of,
    lab_files,
    refuse_place,
    write,
)
from grader.sandbox.pool import Boxes
from grader.seeding import variant_of
from grader.variants import make

HERE: Final = Path("cohort.toml")
AT_ONCE: Final = 20
"""Students whose data one request makes: a checker imports the generator once for all of them."""
SHOWN: Final = 5
NOBODY: Final = "everybody's copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for on the command line."""

    lab: str
    """Slug or number of the lab."""
    students: tuple[str, ...]
    """Ids; none means the whole roster."""
    cohort_file: Path | None
    """Roster and secret."""
    target: Path
    """Folder that holds the copies."""
    as_zip: bool
    """Zips in place of folders."""
    replace: bool
    """Copies that differ are replaced."""
    whose: Path | None
    """A file whose owner is wanted."""
    sandbox: SandboxName
    """Where the lab's generator runs."""
    nbgrader: Path | None
    """Course of nbgrader whose exchange hands the lab out."""
    json_file: Path | None
    """Where the outcome goes as JSON."""


@click.command(
    cls=Verb,
    examples=(
        "grader release 02 --cohort cohort.toml --out handout",
        "grader release 02 --cohort cohort.toml --out handout --zip",
        "grader release 02 --student ada --out handout",
        "grader release 02 --whose suspicious.csv",
        "grader release 02 --nbgrader course101",
    ),
    exit_codes={
        0: "every copy is there; or it is told whose data it is",
        1: "some copies that were there differ and were left as they are",
        2: "no roster, no secret, or a place that copies cannot go to",
        3: LAB_IS_WRONG,
    },
)
@click.argument("lab")
@click.option(
    "--student", "students", multiple=True, metavar="ID", help="Only this student; may come again."
)
@click.option(
    "--cohort",
    "cohort_file",
    type=PATH,
    metavar="FILE",
    help="cohort.toml: the roster, and where the secret is. By default, the one in the folder "
    "you are in.",
)
@click.option(
    "--out",
    "target",
    type=PATH,
    default="handout",
    show_default=True,
    metavar="DIR",
    help="Where copies go: DIR/STUDENT/LAB.",
)
@click.option("--zip", "as_zip", is_flag=True, help="Write DIR/STUDENT/LAB.zip instead.")
@click.option(
    "--replace",
    is_flag=True,
    help="Write copies anew that are there and differ. What was changed in them is lost.",
)
@click.option(
    "--whose",
    type=PATH,
    metavar="FILE",
    help="Write nothing; say whose data FILE holds: by its rows (some are enough), or by the "
    "first 12 digits of a SHA-256 that it mentions.",
)
@click.option(
    "--sandbox",
    type=click.Choice([name.value for name in SandboxName]),
    default=SandboxName.AUTO.value,
    show_default=True,
    callback=lambda _ctx, _option, value: SandboxName(value),
    help="Where the lab's own generator runs. auto: in a container where an engine answers.",
)
@click.option(
    "--nbgrader",
    type=PATH,
    metavar="COURSE",
    help="Write everybody's copy into COURSE/release, where nbgrader's exchange takes it from.",
)
@json_option("what was written, or whose it is,")
def command(**given: Any) -> None:
    """Write each student's own copy of a lab, ready to be handed out.

    A copy holds what lies in labs/LAB (README, starter, public checks), and data in data/ that were
    drawn for this student: from a seed that the course's secret, the lab and the student's id give.
    So the same command makes the same copies again, and nobody without the secret can make another
    student's. `grader batch --cohort` grades with the same data.

    Copies that are there already stay as they are; an interrupted release is finished by the same
    command.
    """
    wanted = Wanted(**given)
    folder = load_lab(wanted.lab)
    if folder.private is None or folder.private == folder.public:
        raise UsageError(
            "only a lab of the course can be released: one with hidden tests in solutions/.",
            where=folder.where,
            advice="In this one, the hidden tests would be handed out, too.",
        )
    if wanted.nbgrader is not None:
        _to_exchange(wanted, folder, wanted.nbgrader)
        return
    rules = _rules(wanted, folder)
    students = _students(wanted, rules)
    secret = _secret(rules, folder)
    if wanted.whose is not None:
        _tell_whose(wanted, folder, students, secret)
        return
    copies = _release(wanted, folder, students, secret)
    _close(copies, wanted)


def _to_exchange(wanted: Wanted, folder: LabFolder, course: Path) -> None:
    """Write everybody's copy to where nbgrader's own release command looks."""
    if wanted.students or wanted.cohort_file or wanted.as_zip or wanted.whose:
        raise UsageError(
            "nbgrader's exchange hands the same copy to everybody.",
            where="--nbgrader",
            advice="Leave out --student, --cohort, --zip and --whose.",
        )
    name, copy = to_exchange(course, folder, replace=wanted.replace)
    if folder.lab.data_from:
        warn(
            "this lab can draw data for each student, and the exchange cannot: all get the same. "
            "Grade it without a secret in cohort.toml."
        )
    _close([copy], replace(wanted, target=copy.path.parent))
    if copy.what is not What.LEFT:
        say(out(), f"Next, in {course}: nbgrader release_assignment {name}")


def _rules(wanted: Wanted, folder: LabFolder) -> ClassRules:
    path = wanted.cohort_file or HERE
    if wanted.cohort_file is None and not path.exists():
        raise UsageError(
            "there is no cohort.toml in this folder, and none was named.",
            where="--cohort",
            advice="It lists the students and says where the course's secret is, from which "
            "their data come: name it with --cohort.",
        )
    demand_there(path, "cohort file")
    return rules_from(path, folder.lab)


def _students(wanted: Wanted, rules: ClassRules) -> list[str]:
    roster = [student.id for student in rules.cohort.students] if rules.cohort else []
    if not wanted.students and not roster:
        raise CohortError(
            "the roster is empty, so there is nobody to write a copy for.",
            where="cohort.toml: student",
            advice="Add a [[student]] for each, or name one with --student.",
        )
    for student in wanted.students:
        rules.demand_student(student)
        _refuse_id(student)
    return list(dict.fromkeys(wanted.students)) or roster


def _refuse_id(student: str) -> None:
    try:
        made, _ = safe_id(student)
    except StudentIdError as error:
        raise UsageError(str(error), where="--student") from None
    if made != student:
        raise UsageError(
            f"{student!a} cannot be an id; {made!a} could. It names a folder.", where="--student"
        )


def _secret(rules: ClassRules, folder: LabFolder) -> bytes:
    if not folder.lab.data_from:
        return b""
    secret = rules.secret()
    if not secret:
        raise CohortError(
            "it names no secret, and students' data come from one.",
            where="cohort.toml: secret",
            advice='Make one: python -c "import secrets; print(secrets.token_hex(32))" '
            '> course.secret. Then write [secret] and file = "course.secret" into cohort.toml, '
            "and keep the file for as long as you grade.",
        )
    return secret


def _release(wanted: Wanted, folder: LabFolder, students: list[str], secret: bytes) -> list[Copy]:
    handout = Handout(folder=wanted.target, as_zip=wanted.as_zip, replace=wanted.replace)
    refuse_place(handout, folder.public.parent.parent, students)
    files = lab_files(folder)
    bar = ProgressBar(err(), "releasing")
    bar.begin(len(students))
    copies = []
    try:
        for student, data in _data(wanted, folder, students, secret):
            copy = write(handout, folder, student, copy_of(files, student, data))
            copies.append(copy)
            bar.advance(student, worked=copy.what is not What.UNCHANGED)
    finally:
        bar.end()
    return copies


def _data(
    wanted: Wanted, folder: LabFolder, students: list[str], secret: bytes
) -> Iterator[tuple[str, Files]]:
    """Yield each student with their data; no data where the lab's are alike for all."""
    if not folder.lab.data_from:
        yield from ((student, {}) for student in students)
        return
    # No code of a student runs here, so plain processes are no danger.
    with open_boxes(SandboxChoice(name=wanted.sandbox), warned=False) as boxes:
        yield from _made(folder, students, secret, boxes)


def _made(
    folder: LabFolder, students: list[str], secret: bytes, boxes: Boxes
) -> Iterator[tuple[str, Files]]:
    lab = folder.lab
    for first in range(0, len(students), AT_ONCE):
        some = students[first : first + AT_ONCE]
        seeds = [variant_of(secret, lab.slug, student) for student in some]
        yield from zip(some, make(lab, seeds, boxes), strict=True)


def _close(copies: list[Copy], wanted: Wanted) -> None:
    printed = err() if wanted.json_file == TERMINAL else out()
    counts = Counter(copy.what for copy in copies)
    said = ", ".join(f"{counts[what]} {what}" for what in What if counts[what])
    say(printed, f"{said}. They are in {wanted.target}.", "bold")
    left = [copy for copy in copies if copy.what is What.LEFT]
    if left:
        names = ", ".join(str(copy.path) for copy in left[:SHOWN])
        more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
        say(
            printed,
            f"Left as they are, since they differ from what would be written now: {names}{more}. "
            "Somebody may have worked in them, or the lab or the secret has changed. --replace "
            "writes them anew.",
            "yellow",
        )
    if wanted.json_file is not None:
        told = [
            {"student": copy.student, "path": str(copy.path), "what": str(copy.what)}
            for copy in copies
        ]
        write_json({"copies": told}, wanted.json_file, printed)
    if left:
        raise click.exceptions.Exit(1)


def _tell_whose(wanted: Wanted, folder: LabFolder, students: list[str], secret: bytes) -> None:
    question = _question(wanted, folder)
    common = {path: text for path, text in folder.lab.worker_files if path.startswith(DATA)}
    found = [likeness(question, "", common)]
    for student, data in _data(wanted, folder, students, secret):
        found.append(likeness(question, student, data))
    near = nearest_first(found)
    printed = err() if wanted.json_file == TERMINAL else out()
    for each in near[:SHOWN]:
        say(printed, f"{one_line(each.student) or NOBODY:30} {each.found:6} of {question.size}")
    say(printed, _verdict(near), "bold")
    if wanted.json_file is not None:
        told = [{"student": each.student, "found": each.found} for each in near]
        write_json({"asked": question.size, "likeness": told}, wanted.json_file, printed)


def _question(wanted: Wanted, folder: LabFolder) -> Question:
    path = wanted.whose or Path()
    demand_there(path, "file")
    if not folder.lab.data_from:
        raise UsageError("all students have the same data of this lab.", where=folder.lab.slug)
    try:
        question = question_of(path.read_bytes())
    except OSError as error:
        raise UsageError(f"this file cannot be read ({error.strerror}).", where=str(path)) from None
    if not question.size:
        raise UsageError(
            "nothing in this file can be recognised.",
            where=str(path),
            advice="Give some rows of data, unchanged, or at least 12 digits of a SHA-256.",
        )
    return question


def _verdict(near: list[Likeness]) -> str:
    if not near:
        return "Nobody's: no row and no SHA-256 of it is in the data of anyone on the roster."
    if not is_clear(near):
        return "It is not clear whose: these rows stand in the data of several."
    whose = near[0].student
    told = f"drawn for {one_line(whose)}" if whose else f"{NOBODY}: what lies in labs/"
    return f"These data are {told}. That says whose they are, and not who copied them."
