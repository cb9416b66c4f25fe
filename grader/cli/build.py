"""`grader build`: the starters, made from the reference solutions."""

from __future__ import annotations

import click

from grader.building import build
from grader.cli.console import err, out, say
from grader.cli.places import labs_with_source
from grader.cli.verb import Verb
from grader.errors import LabError


@click.command(
    cls=Verb,
    examples=("grader build", "grader build 02-data-quality", "grader build --check"),
    exit_codes={
        0: "the starters are as their sources say",
        3: "a source is wrong, or with --check a starter is out of date",
    },
)
@click.argument("labs", nargs=-1, metavar="[LAB]...")
@click.option("--check", is_flag=True, help="Write nothing; fail when a starter is out of date.")
def command(labs: tuple[str, ...], check: bool) -> None:
    """Write the starters in labs/ from the reference solutions in solutions/.

    What stands between `### BEGIN SOLUTION` and `### END SOLUTION` is left out. Without a LAB, all
    labs that have a reference solution are built. No other file is touched.
    """
    folders = labs_with_source(labs)
    console = out()
    differ = 0
    for folder in folders:
        for change in build(folder, check=check):
            differ += 1
            if check:
                say(console, change.diff.rstrip("\n"))
            else:
                say(console, f"{change.what}: {change.path}")
    if check and differ:
        raise LabError(
            f"{differ} of the starters differ from what their sources say.",
            where=", ".join(folder.lab.slug for folder in folders),
            advice="Run: grader build",
        )
    if not differ:
        say(err(), f"Up to date: {', '.join(folder.lab.slug for folder in folders) or 'no labs'}.")
