"""`grader new`: a new lab, small and complete."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.console import out, say
from grader.cli.places import library
from grader.cli.verb import Verb
from grader.scaffold import new


@click.command(
    cls=Verb,
    examples=("grader new 12-model-cards", 'grader new 12-model-cards --title "Model cards"'),
    exit_codes={
        0: "the lab is there, and works",
        2: "the name is taken, or is no name",
        3: "it cannot be written",
    },
)
@click.argument("slug")
@click.option("--title", default="", help="What the lab is called; by default, the slug's words.")
def command(slug: str, title: str) -> None:
    """Make a new lab: a working example to change instead of a blank page.

    SLUG is two digits and words in lower case: 12-model-cards. Nothing that exists is touched.
    """
    root = library().root
    console = out()
    for path in new(root, slug, title):
        say(console, f"  {_seen(path)}")
    for line in (
        f"\nLab {slug} is there, and it is small but whole. Next:",
        f"  1. write the reference in solutions/{slug}/source/, marking what students write",
        f"  2. grader build {slug}    writes the starter",
        f"  3. grader prove {slug}    says what the checks miss",
    ):
        say(console, line)


def _seen(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
