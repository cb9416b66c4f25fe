"""`grader grade`: one hand-in, graded and told to one audience."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from grader.cli.boxes import SandboxChoice, SandboxName, open_boxes
from grader.cli.console import err, out
from grader.cli.exits import exit_code
from grader.cli.options import PATH, TERMINAL, json_option, sandbox_options, write_json
from grader.cli.places import demand_there, has_source, load_lab, rules_from
from grader.cli.verb import FORM_IS_WRONG, LAB_IS_WRONG, Verb
from grader.door import read_bundle
from grader.errors import BundleRefusedError
from grader.formats.reportjson import report_to_json
from grader.formats.terminal import print_report
from grader.grading import grade, utc_now
from grader.identity import StudentIdError, safe_id
from grader.lab import Lab
from grader.lab_folder import LabFolder
from grader.outcome import Run, Verdict
from grader.plaintext import one_line
from grader.platforms import student_of_archive
from grader.report import for_staff, for_student
from grader.seeding import variant_of
from grader.submission import Bundle, Submission
from grader.variants import own

STAFF = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for on the command line."""

    lab: str
    """Slug, number or path of the lab."""
    submission: Path
    """Folder, archive or file."""
    audience: str
    """Who will read the report."""
    student: str
    """Whose it is; empty: the name of the folder or archive says it."""
    seed: int | None
    """Seed of the tests' data; None draws one."""
    cohort_file: Path | None
    """Where the secret is, from which the student's own data come; None: everybody's copy."""
    sandbox: SandboxName
    """Where student code runs."""
    require_isolation: bool
    """Containers or nothing."""
    json_file: Path | None
    """Where the report goes as JSON."""


@click.command(
    cls=Verb,
    examples=(
        "grader grade 02 hand-ins/ada.zip",
        "grader grade 02 hand-ins/ada.zip --audience staff --seed 7",
        "grader grade 02 hand-ins/ada --require-isolation --json ada.json",
    ),
    exit_codes={
        0: "every check passed",
        1: "graded, and not every check passed",
        3: LAB_IS_WRONG,
        4: FORM_IS_WRONG,
        5: "our fault, or this machine's: there is no score, and it is not a zero",
    },
)
@click.argument("lab")
@click.argument("submission", type=PATH)
@click.option(
    "--audience",
    type=click.Choice(["student", STAFF]),
    default="student",
    show_default=True,
    help="Who will read it. Staff also see what hidden checks compared, and tracebacks.",
)
@click.option("--student", default="", help="Whose it is; by default, the name says it.")
@click.option("--seed", type=int, help="Repeat a run: the same seed, the same test data.")
@click.option(
    "--cohort",
    "cohort_file",
    type=PATH,
    metavar="FILE",
    help="cohort.toml with the course's secret: grade with the student's own data.",
)
@sandbox_options
@json_option("the report for this audience")
def command(**given: Any) -> None:
    """Grade one hand-in: a folder, a zip, a tar.gz, or the one file that the lab asks for.

    LAB is a slug, its number, or the path of a folder with a lab.toml. Nothing is recorded:
    `grader batch` keeps results.
    """
    wanted = Wanted(**given)
    folder = load_lab(wanted.lab)
    demand_there(wanted.submission, "hand-in")
    run = _graded(folder, wanted)
    report = (for_staff if wanted.audience == STAFF else for_student)(run, folder.lab)
    printed = err() if wanted.json_file == TERMINAL else out()
    print_report(report, printed)
    if wanted.json_file is not None:
        write_json(report_to_json(report), wanted.json_file, printed)
    raise click.exceptions.Exit(exit_code(run))


def _graded(folder: LabFolder, wanted: Wanted) -> Run:
    lab = folder.lab
    try:
        bundle = read_bundle(wanted.submission, submit=lab.submit)
    except BundleRefusedError as error:
        return _refused(folder, wanted, error)
    choice = SandboxChoice(name=wanted.sandbox, require_isolation=wanted.require_isolation)
    submission = _submission(folder, wanted, bundle)
    secret = _secret(wanted, lab, submission.student)
    with open_boxes(choice) as boxes, err().status("grading …"):
        boxes.prepare(lab)
        reference = folder.reference() if has_source(folder) else None
        if secret:
            lab = own(lab, variant_of(secret, lab.slug, submission.student), boxes)
        return grade(lab, submission, boxes, seed=wanted.seed, reference=reference)


def _secret(wanted: Wanted, lab: Lab, student: str) -> bytes:
    """Return the course's secret, or nothing where none was asked for."""
    if wanted.cohort_file is None:
        return b""
    rules = rules_from(wanted.cohort_file, lab)
    rules.demand_student(student)
    return rules.secret()


def _submission(folder: LabFolder, wanted: Wanted, bundle: Bundle) -> Submission:
    return Submission(
        student=_student(wanted),
        lab=folder.lab.slug,
        attempt=1,
        received_at=utc_now(),
        bundle=bundle,
    )


def _student(wanted: Wanted) -> str:
    name = wanted.submission.resolve().name
    said = wanted.student or student_of_archive(name) or Path(name).stem
    try:
        return safe_id(said)[0]
    except StudentIdError:
        return one_line(said)


def _refused(folder: LabFolder, wanted: Wanted, error: BundleRefusedError) -> Run:
    """Return the run of a hand-in that the door refused."""
    now = utc_now()
    return Run(
        id=secrets.token_hex(10),
        student=_student(wanted),
        lab=folder.lab.slug,
        attempt=1,
        received_at=now,
        graded_at=now,
        bundle_digest="",
        verdict=Verdict.UNGRADABLE,
        reason=str(error),
        out_of=folder.lab.out_of,
        lab_digest=folder.lab.digest,
    )
