"""`grader regrade`: what a changed lab would do to a class, and then letting it count."""

from __future__ import annotations

import dataclasses
import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.batch import Settings
from grader.cli.boxes import SandboxChoice, SandboxName, grading_with, open_boxes
from grader.cli.console import err, out, say, warn
from grader.cli.options import (
    PATH,
    TERMINAL,
    jobs_option,
    json_option,
    sandbox_options,
    write_json,
)
from grader.cli.places import demand_there, lab_of_results, remembered, rules_of
from grader.cli.progressbar import BatchBar
from grader.cli.tell import tell_class, where_to_look
from grader.cli.verb import LAB_IS_WRONG, Verb
from grader.errors import UsageError
from grader.lab_folder import LabFolder
from grader.pages import HtmlRender, rewrite_pages
from grader.plaintext import one_line
from grader.regrade import Decision, Regrade, apply, plan, rows
from grader.results import Results, utc_now
from grader.variants import refuse_other_data


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for on the command line."""

    folder: Path
    """The results folder."""
    lab: str | None
    """The lab, if it is not where it was."""
    apply: bool
    """Let the new version count."""
    who: str
    """Who decides that."""
    why: str
    """Why."""
    despite_missing: bool
    """Hand-ins without a new result keep their old one."""
    jobs: int
    """Gradings at the same time."""
    sandbox: SandboxName
    """Where student code runs."""
    require_isolation: bool
    """Containers or nothing."""
    json_file: Path | None
    """Where the changes go as JSON."""


@click.command(
    cls=Verb,
    examples=(
        "grader regrade results/lab02",
        'grader regrade results/lab02 --apply --why "completeness was judged wrongly"',
    ),
    exit_codes={
        0: "every hand-in has a result with the new lab",
        2: "the lab has not changed, or --apply lacks a reason",
        3: LAB_IS_WRONG,
        5: "some have none through our fault: start the same command again",
        130: "interrupted; what is graded is kept",
    },
)
@click.argument("folder", type=PATH, metavar="DIR")
@click.option("--apply", is_flag=True, help="Let the new version count, from now on.")
@click.option("--who", default="", help="Who decides that; by default, your user name.")
@click.option("--why", default="", help="Why, in a sentence. Needed with --apply.")
@click.option(
    "--despite-missing",
    is_flag=True,
    help="With --apply: hand-ins without a new result keep their old one.",
)
@click.option("--lab", metavar="LAB", help="The lab, if it is not where it was.")
@jobs_option
@sandbox_options
@json_option("the changes")
def command(**given: Any) -> None:
    """Show who gains and who loses with a changed lab, before anything counts.

    DIR is what `grader batch --out` wrote. Every accepted hand-in is graded with the lab as it is
    now; the old scores stay official until --apply. Nothing is ever removed: old runs stay.
    """
    wanted = Wanted(**given)
    if wanted.apply and not wanted.why.strip():
        raise UsageError(
            "a regrade counts only with a reason.", where="--apply", advice='Add --why "…".'
        )
    demand_there(wanted.folder, "results folder")
    printed = err() if wanted.json_file == TERMINAL else out()
    with Results.open(wanted.folder) as results:
        folder = lab_of_results(wanted.folder, results.lab_slug, wanted.lab)
        regrade = _planned(results, folder, wanted)
        _print(regrade, printed)
        if wanted.json_file is not None:
            write_json(_as_json(regrade), wanted.json_file, printed)
        if wanted.apply and not regrade.interrupted:
            _apply(results, regrade, folder, wanted)
            return
    raise click.exceptions.Exit(regrade.exit_code)


def _planned(results: Results, folder: LabFolder, wanted: Wanted) -> Regrade:
    if folder.lab.digest == results.lab_digest:
        raise UsageError(
            f"lab {folder.lab.slug} has not changed since these results were made.",
            where=str(wanted.folder),
            advice="Change the lab first. `grader batch` grades what is still missing.",
        )
    secret = rules_of(wanted.folder, remembered(wanted.folder), folder.lab).secret()
    refuse_other_data(results, folder.lab, secret)
    choice = SandboxChoice(name=wanted.sandbox, require_isolation=wanted.require_isolation)
    with open_boxes(choice, wanted.jobs) as boxes:
        boxes.prepare(folder.lab)
        return plan(
            results,
            folder.lab,
            grade=grading_with(folder, boxes, secret),
            settings=Settings(jobs=wanted.jobs, progress=BatchBar(err(), "regrading")),
        )


def _print(regrade: Regrade, console: Console) -> None:
    head, *lines = rows(regrade)
    if lines:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for name in head:
            is_number = name in {"now", "with the new lab", "points"}
            table.add_column(name, justify="right" if is_number else "left", overflow="fold")
        for line in lines:
            table.add_row(*(Text(one_line(cell, 2_000)) for cell in line))
        console.print(table)
    say(
        console,
        f"\n{len(regrade.gains)} gain points, {len(regrade.loses)} lose points, "
        f"{len(regrade.changes) - len(regrade.gains) - len(regrade.loses)} change without a "
        f"difference in points, {regrade.unchanged} stay as they are.",
    )
    if regrade.broken:
        say(console, f"Without a new result: {_places(regrade.broken)}.", "yellow")
    if regrade.halted:
        say(console, regrade.halted, "yellow")


def _apply(results: Results, regrade: Regrade, folder: LabFolder, wanted: Wanted) -> None:
    rules = rules_of(wanted.folder, remembered(wanted.folder), folder.lab)
    decision = Decision(
        who=wanted.who.strip() or getpass.getuser(),
        why=wanted.why.strip(),
        when=utc_now(),
        despite_missing=wanted.despite_missing,
    )
    added = apply(results, regrade, decision)
    say(out(), f"{added} new runs count from now on. Decided by {decision.who}: {decision.why}")
    render = HtmlRender(rules.course_url)
    for note in rewrite_pages(results, folder.lab, rules.cohort, render=render):
        warn(note)
    tell_class(results, folder.lab, rules.cohort, out())
    where_to_look(wanted.folder, out())


def _places(places: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{one_line(student)} #{attempt}" for student, attempt in places)


def _as_json(regrade: Regrade) -> dict[str, Any]:
    counts = {"gains": len(regrade.gains), "loses": len(regrade.loses)}
    return dataclasses.asdict(regrade) | counts | {"complete": regrade.complete}
