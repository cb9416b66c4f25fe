"""`grader example`: an example cohort, made and graded; what `make run` shows."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from grader import examplecohort
from grader.batch import BatchOutcome
from grader.cli.batch import Job, grade_class
from grader.cli.boxes import SandboxChoice, SandboxName, open_sandbox
from grader.cli.console import err, out, say
from grader.cli.image import build_images
from grader.cli.options import PATH, jobs_option, sandbox_options
from grader.cli.places import load_lab
from grader.cli.verb import Verb
from grader.errors import EngineError, EngineUnavailableError, ImageMissingError, UsageError
from grader.lab_folder import LabFolder
from grader.sandbox.engine import connect, translated
from grader.sandbox.image import BASE, ensure


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for on the command line."""

    lab: str
    """Slug, number or path of the lab."""
    out: Path
    """The results folder."""
    jobs: int
    """Gradings at the same time."""
    sandbox: SandboxName
    """Where student code runs."""
    require_isolation: bool
    """Containers or nothing."""


@click.command(
    cls=Verb,
    hidden=True,
    examples=("grader example",),
    exit_codes={0: "the example class is graded", 5: "some could not be graded"},
)
@click.argument("lab", default="02-data-quality")
@click.option("--out", type=PATH, default="results/example", show_default=True, metavar="DIR")
@jobs_option
@sandbox_options
def command(**given: Any) -> None:
    """Make an example class from a lab's example submissions, and grade it.

    Without containers the hostile submissions are left out: nothing would contain them. The
    results of the last time are kept beside the new ones.
    """
    wanted = Wanted(**given)
    outcome = _graded(load_lab(wanted.lab), wanted)
    raise click.exceptions.Exit(outcome.exit_code)


def _graded(folder: LabFolder, wanted: Wanted) -> BatchOutcome:
    console = out()
    if wanted.sandbox is not SandboxName.PROCESS:
        _bring_images()
    choice = SandboxChoice(name=wanted.sandbox, require_isolation=wanted.require_isolation)
    with open_sandbox(choice) as sandbox:
        # Asked once: the batch then takes what was found, without a second warning.
        isolates, found = sandbox.isolates, SandboxName(sandbox.name)
    place = wanted.out.with_name(f"{wanted.out.name}-cohort")
    cohort = examplecohort.write(folder, place, hostile=isolates)
    say(console, f"An example class of {cohort.hand_ins} hand-ins for {folder.lab.slug}: {place}")
    if not isolates:
        say(console, "The hostile hand-ins are left out: no container would contain them.")
    kept = _set_aside(wanted.out)
    job = Job(
        lab=wanted.lab,
        submissions=cohort.submissions,
        out=wanted.out,
        jobs=wanted.jobs,
        sandbox=found,
        is_warned=True,
        cohort_file=cohort.cohort_file,
    )
    outcome = grade_class(job, folder)
    if kept is not None:
        say(console, f"  {'the results of the last time:':<35} {kept}")
    say(console, f"  {'the hand-ins, to try commands on:':<35} {cohort.submissions}")
    return outcome


def _bring_images() -> None:
    """Build the images where an engine answers and they are missing or old; say so."""
    try:
        client = connect()
    except EngineUnavailableError:
        return  # who opens the sandbox says what that means
    try:
        ensure(client)
    except ImageMissingError as error:
        say(err(), f"{error.message} Building it, which may take a few minutes.")
        _pull_base()
        build_images()
    finally:
        client.close()


def _pull_base() -> None:
    """Fetch the public base image where it is missing; without it the build says what to do."""
    with contextlib.suppress(EngineError), translated(f"pulling {BASE}"):
        client = connect()
        if not client.images.list(BASE):
            say(err(), f"pulling {BASE}")
            client.images.pull(BASE)


def _set_aside(results: Path) -> Path | None:
    """Move the results of the last time out of the way; return where they are now."""
    if not results.exists():
        return None
    last = results.with_name(f"{results.name}-last-time")
    for place in (results, last):
        if place.exists() and not (place / "batch.json").is_file():
            raise UsageError(
                "this folder holds other things than results.",
                where=str(place),
                advice="Move it away, or choose another place with --out.",
            )
    try:
        if last.exists():
            shutil.rmtree(last)
        results.rename(last)
    except OSError as error:
        raise UsageError(
            f"the results of the last time cannot be moved ({error.strerror}).", where=str(results)
        ) from error
    return last
