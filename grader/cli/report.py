"""`grader report`: the pages of a results folder, written again from what is recorded."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.console import err, out, say, warn
from grader.cli.options import PATH, cohort_option, course_url_option
from grader.cli.places import (
    demand_there,
    lab_of_results,
    remember,
    remembered,
    rules_of,
    with_options,
)
from grader.cli.tell import tell_class, where_to_look
from grader.cli.verb import LAB_IS_WRONG, Verb
from grader.errors import UsageError
from grader.pages import HtmlRender, rewrite_pages
from grader.results import Results


@click.command(
    cls=Verb,
    examples=(
        "grader report results/lab02",
        "grader report results/lab02 --cohort cohort.toml",
    ),
    exit_codes={0: "the pages are written", 3: LAB_IS_WRONG},
)
@click.argument("folder", type=PATH, metavar="DIR")
@cohort_option
@course_url_option
@click.option("--lab", metavar="LAB", help="The lab, if it is not where it was.")
def command(
    folder: Path, cohort_file: Path | None, course_url: str | None, lab: str | None
) -> None:
    """Write the pages and grades.csv of a results folder again, and print the grades.

    Do this after a change of cohort.toml: a deadline, an extension, an override. Nothing is graded,
    and no run changes. The cohort file of the last time is used unless another one is named.
    """
    demand_there(folder, "results folder")
    if cohort_file is not None:
        demand_there(cohort_file, "cohort file")
    with Results.open(folder) as results:
        known = lab_of_results(folder, results.lab_slug, lab)
        if known.lab.slug != results.lab_slug:
            raise UsageError(
                f"these are results of lab {results.lab_slug}, not of {known.lab.slug}.",
                where=str(folder),
            )
        made_with = with_options(remembered(folder), folder, cohort_file, course_url)
        rules = rules_of(folder, made_with, known.lab)
        if known.lab.digest != results.lab_digest:
            warn(
                "the lab has changed since these results were made; the pages show its present "
                "texts. `grader regrade` shows what the change does to grades."
            )
        remember(folder, made_with)
        if made_with.cohort:
            say(err(), f"Cohort: {made_with.cohort}")
        for note in rewrite_pages(
            results, known.lab, rules.cohort, render=HtmlRender(rules.course_url)
        ):
            warn(note)
        tell_class(results, known.lab, rules.cohort, out())
    where_to_look(folder, out())
