"""`grader check`: a student's own work, on their own machine, against the public checks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from grader.cli.boxes import SandboxChoice, SandboxName, open_boxes
from grader.cli.console import err, out, say
from grader.cli.exits import exit_code
from grader.cli.options import PATH, TERMINAL, json_option, write_json, written_as_option
from grader.cli.places import students_lab
from grader.cli.verb import FORM_IS_WRONG, LAB_IS_WRONG, Verb
from grader.errors import ImageMissingError
from grader.formats.reportjson import report_to_json
from grader.formats.terminal import print_report
from grader.grading import grade, utc_now
from grader.lab_folder import LabFolder
from grader.notebook_handin import WrittenAs
from grader.outcome import Run, Verdict
from grader.pack import HandIn, hand_in
from grader.report import for_student
from grader.submission import Submission

YOU: Final = "you"


@click.command(
    cls=Verb,
    examples=("grader check", "grader check labs/02-data-quality --hints 3"),
    exit_codes={
        0: "every public check passed",
        1: "not every public check passed",
        3: LAB_IS_WRONG,
        4: FORM_IS_WRONG,
    },
)
@click.argument("path", type=PATH, default=".")
@click.option(
    "--hints",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="How many hints to show for a check that did not pass, from gentle to plain.",
)
@click.option("--seed", type=int, help="Repeat a run: the same seed, the same test data.")
@written_as_option
@json_option("the report")
def command(
    path: Path,
    hints: int,
    seed: int | None,
    written_as: WrittenAs | None,
    json_file: Path | None,
) -> None:
    """Run a lab's public checks on your own work, at once.

    PATH is the lab's folder, with your files in it; by default, the folder you are in. No container
    engine is needed: it is your own code on your own machine. (The lab on containers is the
    exception: it builds and runs your image.) The hidden checks run when the
    course grades what you hand in.
    """
    folder = students_lab(path)
    chosen = hand_in(folder.public, folder.lab, written_as)
    run = _checked(folder, chosen, seed)
    # The warning about isolation is for those who run the code of others.
    report = for_student(replace(run, sandbox=""), folder.lab)
    printed = err() if json_file == TERMINAL else out()
    print_report(report, printed, hints=hints)
    for note in (*_instead(folder, chosen), *chosen.notes):
        say(printed, f"Note: {note}")
    if run.verdict is Verdict.GRADED:
        _close(run, folder, printed)
    if json_file is not None:
        write_json(report_to_json(report), json_file, printed)
    raise click.exceptions.Exit(exit_code(run))


def _instead(folder: LabFolder, chosen: HandIn) -> list[str]:
    """Say which notebook was checked in place of its module."""
    files = chosen.bundle.as_dict()
    pairs = folder.lab.submit.notebooks
    return [f"{path} was checked, not {name}.py." for name, path in pairs if path in files]


def _checked(folder: LabFolder, chosen: HandIn, seed: int | None) -> Run:
    submission = Submission(
        student=YOU, lab=folder.lab.slug, attempt=1, received_at=utc_now(), bundle=chosen.bundle
    )
    # Without an engine, grading says that such a lab needs one; nothing else of it could be tried.
    where = SandboxName.PROCESS if folder.lab.engine is None else SandboxName.AUTO
    own_machine = SandboxChoice(name=where)
    try:
        with err().status("checking …"), open_boxes(own_machine, warned=False) as boxes:
            boxes.prepare(folder.lab)
            return grade(folder.lab, submission, boxes, seed=seed)
    except ImageMissingError as error:
        raise ImageMissingError(
            f"not graded: needs a container engine that has the course's images; {error.message}",
            advice="The lab's README says how to try the work without them. 'grader image build' "
            "in the course's folder makes them.",
        ) from error


def _close(run: Run, folder: LabFolder, console: Console) -> None:
    later = len(folder.held_back)
    hidden = f" {later} hidden checks run when it is graded." if later else ""
    if exit_code(run) == 0:
        say(console, f"\nAll public checks passed.{hidden} `grader pack` makes the zip to hand in.")
        return
    say(console, f"\nSeed {run.seed}: --seed {run.seed} tries the same test data again.", "dim")
