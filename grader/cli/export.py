"""`grader export FORMAT RESULTS`: grades and results in the formats that other programs read.

Each format is a module of `grader.formats`; here are only its options and its help.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import click

from grader.cli.console import err, out, say, warn
from grader.cli.exported import (
    Asked,
    asked_from,
    common_options,
    gathered,
    read_template,
    say_left_out,
    say_unmatched,
    write_each,
    write_file,
)
from grader.cli.options import PATH, TERMINAL
from grader.cli.places import load_lab
from grader.cli.verb import DONE, LAB_IS_WRONG, Verb
from grader.errors import UsageError
from grader.exporting import autograder_files
from grader.formats.autograder import autograder_zip, workflow_yaml
from grader.formats.canvas import canvas_csv, canvas_from
from grader.formats.ctrf import ctrf_json
from grader.formats.exercism import exercism_json, public_code
from grader.formats.github import summary_markdown, workflow_commands
from grader.formats.gradescope import results_json
from grader.formats.junit import junit_xml
from grader.formats.moodle import moodle_csv, moodle_worksheet

CODES: Final = {0: DONE, 3: LAB_IS_WRONG}
SUMMARY: Final = "GITHUB_STEP_SUMMARY"


@click.group(subcommand_metavar="FORMAT RESULTS [OPTIONS]")
def command() -> None:
    """Write grades and results in the formats that other programs read.

    RESULTS is a results folder of `grader batch`, or (gradescope, junit, ctrf, exercism, github)
    one report of `grader check --json` or `grader grade --json`. Grades come with deadlines,
    extensions, late policy and overrides of cohort.toml. No grade, no number: who is absent, or
    could not be graded, gets no points and never a zero. For students, hidden checks say no more
    than on their page.
    """


@command.command(
    "gradescope",
    cls=Verb,
    short_help="Gradescope: results.json.",
    examples=(
        "grader export gradescope results/lab02",
        "grader export gradescope results/lab02 --student ada --out results.json",
    ),
    exit_codes=CODES,
)
@common_options(telling=True, file=False)
def gradescope_command(**given: Any) -> None:
    """Gradescope: a results.json for each student.

    `score` is the grade. Hidden checks are left out on our side; every check in the file may be
    seen. A hand-in that could not be graded has its reason and no score.
    """
    asked = asked_from(given)
    told = gathered(asked).standings
    made = ((each, results_json(each) if each.says_something else None) for each in told)
    write_each(made, asked, "gradescope", ".json")


@command.command(
    "gradescope-autograder",
    cls=Verb,
    short_help="Gradescope: a whole autograder.",
    examples=("grader export gradescope-autograder 02 --out autograder.zip",),
    exit_codes=CODES,
)
@click.argument("lab")
@click.option("--out", type=PATH, metavar="FILE", help="Default: LAB-autograder.zip, here.")
def autograder_command(lab: str, out: Path | None) -> None:
    """Gradescope: the zip of an autograder that grades a lab on Gradescope's machines.

    It holds the hidden tests and the reference solution: give it to nobody. There is no container
    around student code there: a hostile hand-in can read the tests and forge its result. Where
    marks count, grade here in containers, and hand Gradescope the results.
    """
    folder = load_lab(lab)
    data = autograder_zip(autograder_files(folder), folder.lab.slug)
    target = out or Path(f"{folder.lab.slug}-autograder.zip")
    write_file(data, Asked(results=Path(), out=target), target.name)
    warn(
        "on Gradescope student code runs without isolation, beside the hidden tests. Use it where "
        "you trust the class, or where the marks do not count."
    )


@command.command(
    "junit",
    cls=Verb,
    short_help="JUnit XML.",
    examples=("grader export junit results/lab02 --audience staff",),
    exit_codes=CODES,
)
@common_options(telling=True, file=True)
def junit_command(**given: Any) -> None:
    """JUnit XML: a suite for each student, a case for each check.

    Points and the state of the grade are properties; who has no points has no such property.
    """
    asked = asked_from(given)
    told = gathered(asked)
    write_file(junit_xml(told.standings, told.slug), asked, "junit.xml")


@command.command(
    "ctrf",
    cls=Verb,
    short_help="Common Test Report Format.",
    examples=("grader export ctrf results/lab02", "grader export ctrf report.json"),
    exit_codes=CODES,
)
@common_options(telling=True, file=False)
def ctrf_command(**given: Any) -> None:
    """CTRF, the Common Test Report Format: a JSON file for each student who has a run."""
    asked = asked_from(given)
    told = gathered(asked).standings
    write_each(((each, ctrf_json(each)) for each in told), asked, "ctrf", ".json")


@command.command(
    "exercism",
    cls=Verb,
    short_help="Exercism's results, version 3.",
    examples=("grader export exercism results/lab02 --student ada",),
    exit_codes=CODES,
)
@common_options(telling=True, file=False)
def exercism_command(**given: Any) -> None:
    """Exercism's results.json, version 3: a file for each student. It knows no points."""
    asked = asked_from(given)
    told = gathered(asked)
    codes = public_code(told.lab) if told.lab else {}
    made = ((each, exercism_json(each, codes)) for each in told.standings)
    write_each(made, asked, "exercism", ".json")


@command.command(
    "moodle",
    cls=Verb,
    short_help="Moodle: a CSV.",
    examples=(
        "grader export moodle results/lab02",
        "grader export moodle results/lab02 --template worksheet.csv",
    ),
    exit_codes=CODES,
)
@common_options(telling=False, file=True)
@click.option("--column", help="Name of the grade's column. Default: the lab's title.")
@click.option(
    "--template", type=PATH, metavar="CSV", help="A grading worksheet from Moodle, to fill in."
)
def moodle_command(column: str | None, template: Path | None, **given: Any) -> None:
    """Moodle: a CSV for the grade import, or the grading worksheet filled in.

    Who has no points is left out, or left as the worksheet has it, so that importing takes no mark
    away that a person gave in Moodle.
    """
    asked = asked_from(given)
    told = gathered(asked)
    if template is None:
        data = moodle_csv(told.standings, column or told.title)
    else:
        sheet = read_template(template)
        data, missing = moodle_worksheet(told.standings, sheet, str(template))
        say_unmatched(missing, str(template))
    write_file(data, asked, "moodle.csv")
    say_left_out(each for each in told.standings if each.points is None)


@command.command(
    "canvas",
    cls=Verb,
    short_help="Canvas: a CSV.",
    examples=(
        "grader export canvas results/lab02",
        "grader export canvas results/lab02 --template gradebook.csv --column 4711",
    ),
    exit_codes=CODES,
)
@common_options(telling=False, file=True)
@click.option("--column", help="Name or number of the lab's column. Default: the lab's title.")
@click.option(
    "--template", type=PATH, metavar="CSV", help="A gradebook exported from Canvas, to go by."
)
def canvas_command(column: str | None, template: Path | None, **given: Any) -> None:
    """Canvas: a CSV for the gradebook's import.

    With an exported gradebook, students and the lab's column are those of Canvas; without one, a
    new column is made and students are found by the roster's lms_id and id. Who has no points is
    left out: Canvas takes an empty cell for a mark that is taken away.
    """
    asked = asked_from(given)
    told = gathered(asked)
    title = column or told.title
    if template is None:
        made = canvas_csv(told.standings, title, told.out_of)
    else:
        made = canvas_from(
            told.standings,
            title,
            told.out_of,
            template=read_template(template),
            where=str(template),
        )
        say_unmatched(made.missing, str(template))
    write_file(made.data, asked, "canvas.csv")
    if made.is_new:
        say(err(), f"Canvas will ask whether to make a new column: {made.column}")
    say_left_out(each for each in told.standings if each.points is None)


@command.command(
    "github",
    cls=Verb,
    short_help="GitHub Actions: summary, annotations.",
    examples=(
        "grader export github report.json                            in a workflow",
        "grader export github results/lab02 --student ada --out -    the summary, to look at",
    ),
    exit_codes=CODES,
)
@common_options(telling=True, file=True)
@click.option(
    "--prefix", default="", metavar="FOLDER", help="The lab's folder in the student's repository."
)
def github_command(prefix: str, **given: Any) -> None:
    """GitHub Actions: a job summary, and an annotation for each check that did not pass.

    The summary is added to the file that GITHUB_STEP_SUMMARY names, or written to --out; the
    annotations are printed. One student at a time.
    """
    asked = asked_from(given)
    told = gathered(asked).standings
    if len(told) != 1:
        raise UsageError(
            f"a summary is about one student, and there are {len(told)} here.",
            where=str(asked.results),
            advice="Name one: --student ID.",
        )
    summary = summary_markdown(told[0])
    if asked.out is not None:
        write_file(summary, asked, "summary.md")
    elif os.environ.get(SUMMARY):
        _append(Path(os.environ[SUMMARY]), summary)
    if asked.out != TERMINAL:
        commands = workflow_commands(told[0], prefix="" if prefix == "." else prefix)
        click.echo(commands, nl=False)


def _append(path: Path, data: bytes) -> None:
    try:
        with path.open("ab") as file:
            file.write(data)
    except OSError as error:
        raise UsageError(
            f"the job summary cannot be written ({error.strerror}).",
            where=f"{SUMMARY}={path}",
            advice="Outside of GitHub Actions, unset the variable, or give --out.",
        ) from error


@command.command(
    "github-workflow",
    cls=Verb,
    short_help="GitHub: a workflow for students.",
    examples=("grader export github-workflow 02 --out .github/workflows/checks.yml",),
    exit_codes=CODES,
)
@click.argument("lab")
@click.option("--folder", default=".", show_default=True, help="The lab's folder in there.")
@click.option("--out", type=PATH, metavar="FILE", help="Default: the terminal.")
def workflow_command(lab: str, folder: str, out: Path | None) -> None:
    """GitHub: a workflow for a student's repository, which runs the public checks on each push.

    It gives no marks, and holds nothing private. A student can change anything in their own
    repository; so grade by `grader batch`, elsewhere.
    """
    slug = load_lab(lab).lab.slug
    data = workflow_yaml(slug, folder=_plain_folder(folder))
    write_file(data, Asked(results=Path(), out=out or TERMINAL), "checks.yml")


def _plain_folder(folder: str) -> str:
    plain = folder.strip("/") or "."
    if not all(letter.isalnum() or letter in "._-/" for letter in plain) or ".." in plain:
        raise UsageError(
            f"{folder!a} is no folder of a repository.",
            where="--folder",
            advice="Use letters, digits, dots, dashes and slashes.",
        )
    return plain


@command.command(
    "nbgrader",
    cls=Verb,
    short_help="nbgrader: its gradebook.",
    examples=("grader export nbgrader results/lab02 --gradebook course/gradebook.db",),
    exit_codes=CODES,
)
@common_options(telling=False, file=True)
@click.option(
    "--gradebook", type=PATH, required=True, metavar="DB", help="nbgrader's gradebook.db."
)
@click.option(
    "--assignment",
    help="Its name there. Default: the lab's slug; of an imported lab, its own name in the course.",
)
def nbgrader_command(gradebook: Path, assignment: str | None, **given: Any) -> None:
    """nbgrader: scores into its gradebook, for formgrader and `nbgrader export`.

    All or nothing, and the same export again changes nothing. Manual scores, comments and extra
    credit are kept. Who has no points gets no submission there. Needs nbgrader beside the grader.
    """
    from grader.formats.nbgrader import Wanted, write_gradebook  # noqa: PLC0415 - an extra

    asked = asked_from(given | {"audience": "staff"})
    if asked.out is not None or asked.results.is_file():
        raise UsageError(
            "a results folder goes into a gradebook.",
            where=str(asked.out or asked.results),
            advice="grader export nbgrader RESULTS --gradebook gradebook.db",
        )
    told = gathered(asked)
    if told.lab is None:
        raise UsageError("there is no lab.", where=str(asked.results))
    name = assignment or (told.lab.origin.name if told.lab.origin else told.slug)
    written = write_gradebook(
        gradebook,
        told.standings,
        Wanted(
            lab=told.lab,
            assignment=name,
            deadline=told.cohort.deadlines.get(told.slug) if told.cohort else None,
            extensions=told.extensions(),
            late_is_ours=told.late_is_ours,
        ),
    )
    say(out(), f"Written: {written.students} students into {gradebook}, {written.changed} changes.")
    _say_listed(gradebook.parent / "source", name)
    for place in written.again:
        warn(f"{place}: the score changed under a manual one, which was kept. Please look.")
    say_left_out(each for each in told.standings if each.points is None)


def _say_listed(source: Path, assignment: str) -> None:
    """Say what formgrader wants, which goes by folders and not by the gradebook."""
    if source.is_dir() and not (source / assignment).is_dir():
        say(out(), f"Formgrader lists it once there is a folder: mkdir {source / assignment}")
