"""`grader batch`: a class's hand-ins, graded into a results folder."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from grader.batch import BatchOutcome, Settings, run_batch
from grader.cli.boxes import SandboxChoice, SandboxName
from grader.cli.console import err, out, say, warn
from grader.cli.graders import open_graders
from grader.cli.options import (
    PATH,
    TERMINAL,
    cluster_option,
    cohort_option,
    course_url_option,
    jobs_are_given,
    jobs_option,
    json_option,
    sandbox_options,
    write_json,
)
from grader.cli.places import (
    MadeWith,
    demand_there,
    is_around_us,
    load_lab,
    remember,
    remembered,
    rules_of,
    seen_from,
    with_options,
)
from grader.cli.progressbar import BatchBar
from grader.cli.tell import tell_class, where_to_look
from grader.cli.verb import LAB_IS_WRONG, Verb
from grader.cohort import Cohort
from grader.collect import Found, collect
from grader.grade import LateRule
from grader.lab import Lab
from grader.lab_folder import LabFolder
from grader.pages import HtmlRender
from grader.plaintext import one_line
from grader.results import Results
from grader.roster import with_roster
from grader.variants import refuse_other_data

_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be graded, and where to."""

    lab: str
    """Slug, number or path of the lab."""
    submissions: Path
    """Folder or big zip of hand-ins."""
    out: Path
    """The results folder."""
    jobs: int
    """Gradings at the same time; 0 for all that a cluster can do."""
    cluster: str = ""
    """Address or file of a Dask scheduler; empty for this machine alone."""
    sandbox: SandboxName = SandboxName.AUTO
    """Where student code runs."""
    require_isolation: bool = False
    """Containers or nothing."""
    is_warned: bool = False
    """What plain processes do not protect from has been said."""
    cohort_file: Path | None = None
    """Roster and rules, as given now."""
    course_url: str | None = None
    """Where the course's pages are, as given now."""
    json_file: Path | None = None
    """Where the summary goes as JSON."""


@click.command(
    cls=Verb,
    examples=(
        "grader batch 02 submissions --out results/lab02",
        "grader batch 02 moodle.zip --out results/lab02 --cohort cohort.toml --jobs 4",
        "grader batch 02 submissions --out results/lab02 --cluster tls://scheduler:8786",
    ),
    exit_codes={
        0: "every hand-in was graded, or is ungradable because of its form",
        3: LAB_IS_WRONG,
        5: "some could not be graded through our fault: start the same command again",
        130: "interrupted; what is graded is kept",
    },
)
@click.argument("lab")
@click.argument("submissions", type=PATH)
@click.option("--out", type=PATH, required=True, metavar="DIR", help="The results folder.")
@jobs_option
@cohort_option
@course_url_option
@sandbox_options
@cluster_option
@json_option("the summary")
def command(**given: Any) -> None:
    """Grade a whole class into a results folder.

    LAB is a slug, its number, or the path of a folder with a lab.toml. SUBMISSIONS is a folder
    with a folder or an archive for each student, a download of Moodle or Canvas (unpacked or as
    it came), or nbgrader's submitted/.

    An interrupted batch goes on where it stopped when the same command is given again: nothing is
    graded twice. The folder then holds index.html (the class), students/ (a page each),
    grades.csv and runs.jsonl.
    """
    if given["cluster"] and not jobs_are_given():
        given["jobs"] = 0
    job = Job(**given)
    outcome = grade_class(job, load_lab(job.lab))
    raise click.exceptions.Exit(outcome.exit_code)


def grade_class(job: Job, folder: LabFolder) -> BatchOutcome:
    """Grade what is there, write and print the results, and say where to look."""
    lab = folder.lab
    made_with = _made_with(job, folder)
    rules = rules_of(job.out, made_with, lab)
    secret = rules.secret()
    found = _found(job, lab, rules.cohort)
    printed = err() if job.json_file == TERMINAL else out()
    with Results.open(job.out, lab) as results:
        refuse_other_data(results, lab, secret)
        if secret and lab.data_from:
            say(err(), "Each is graded with the data of its student, as the course's secret says.")
        remember(job.out, made_with)
        choice = SandboxChoice(name=job.sandbox, require_isolation=job.require_isolation)
        with open_graders(
            choice, folder, secret, jobs=job.jobs, cluster=job.cluster, warned=not job.is_warned
        ) as graders:
            outcome = run_batch(
                lab,
                found,
                results,
                grade=graders.grade,
                settings=Settings(
                    jobs=graders.jobs,
                    executor=graders.executor,
                    bind=graders.bind,
                    progress=BatchBar(err()),
                    cohort=rules.cohort,
                    render=HtmlRender(rules.course_url),
                ),
            )
        tell_class(results, lab, rules.cohort, printed)
    _close(outcome, job.out, printed)
    if job.json_file is not None:
        said = {"lab": lab.slug, "out": str(job.out), **dataclasses.asdict(outcome)}
        write_json(said | {"exit_code": outcome.exit_code}, job.json_file, printed)
    return outcome


def _made_with(job: Job, folder: LabFolder) -> MadeWith:
    by_path = folder.private == folder.public or not is_around_us(folder)
    lab = seen_from(job.out, folder.public) if by_path else folder.lab.slug
    known = dataclasses.replace(remembered(job.out), lab=lab)
    if known.cohort and job.cohort_file is None:
        say(err(), f"Cohort: {known.cohort}, as before.")
    if job.cohort_file is not None:
        demand_there(job.cohort_file, "cohort file")
    return with_options(known, job.out, job.cohort_file, job.course_url)


def _found(job: Job, lab: Lab, cohort: Cohort | None) -> Sequence[Found]:
    """Find the hand-ins, and warn about what could put a score on the wrong student or day."""
    demand_there(job.submissions, "folder or archive of hand-ins")
    collection = collect(job.submissions, lab.origin.name if lab.origin else lab.slug, lab.submit)
    layouts = ", ".join(collection.layouts)
    say(err(), f"{len(collection.found)} hand-ins found ({layouts}).")
    if collection.skipped:
        say(err(), f"Left out, since they are no hand-ins: {_names(collection.skipped)}.")
    if cohort is None:
        return collection.found
    found = with_roster(collection.found, cohort.students) if cohort.students else None
    for warning in (*cohort.warnings, *_doubts(found or collection.found, lab, cohort)):
        warn(warning)
    return found or collection.found


def _doubts(found: Sequence[Found], lab: Lab, cohort: Cohort) -> list[str]:
    said = []
    known = {student.id for student in cohort.students}
    strangers = sorted({item.student for item in found} - known) if known else []
    if strangers:
        said.append(
            f"{len(strangers)} not on the roster: {_names(strangers)}. They are graded under the "
            "name of their folder or archive; put them on the roster or correct the name."
        )
    judged_by_time = cohort.policy.late.rule is not LateRule.NONE and lab.slug in cohort.deadlines
    guessed = sum(item.is_estimate for item in found)
    if judged_by_time and guessed:
        said.append(
            f"lateness costs points, but for {guessed} of {len(found)} hand-ins only the time of "
            "the file is known, which copying and unpacking change. Look at the late ones."
        )
    return said


def _close(outcome: BatchOutcome, folder: Path, console: Console) -> None:
    for note in outcome.notes:
        warn(note)
    counts = {
        "graded": outcome.graded,
        "ungradable": outcome.ungradable,
        "needed nothing (graded before, or the same files again)": outcome.skipped,
        "not graded through our fault": outcome.broken,
    }
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing"
    say(console, f"\nThis time: {said}. It took {outcome.seconds:.1f} s.")
    if outcome.halted:
        say(console, outcome.halted, "yellow")
    elif outcome.broken:
        say(
            console,
            "What broke through our fault is no zero: `grader doctor` looks at this machine, and "
            "the same command again grades only what is missing.",
            "yellow",
        )
    where_to_look(folder, console)


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(one_line(name) for name in names[:_NAMED]) + more
