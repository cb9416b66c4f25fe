"""`grader labs`: which labs there are, and what each is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.cli.console import err, out, say
from grader.cli.options import TERMINAL, json_option, write_json
from grader.cli.places import library
from grader.cli.verb import DONE, Verb
from grader.errors import LabError
from grader.lab import Visibility
from grader.lab_folder import LabFolder
from grader.library import Library
from grader.manifest import read_manifest
from grader.plaintext import visible

_COLUMNS = ("slug", "title", "stage", "minutes", "public", "hidden", "points")


@click.command(
    cls=Verb,
    examples=("grader labs", "grader labs --json labs.json"),
    exit_codes={0: DONE, 3: "a lab is wrong, or there are none; the others are listed"},
)
@json_option("the list")
def command(json_file: Path | None) -> None:
    """List the labs of the course: checks, points, minutes.

    The course's folder is the one around you, or the one that GRADER_HOME names.
    """
    shelf = library()
    rows: list[dict[str, Any]] = []
    wrong: list[LabError] = []
    for slug in shelf.slugs():
        try:
            rows.append(_row(_load(shelf, slug)))
        except LabError as error:
            wrong.append(error)
    if json_file != TERMINAL:
        _print(rows, out())
    if json_file is not None:
        write_json(rows, json_file, err())
    for each in wrong:
        say(err(), f"Error: {each}", "red")
    if wrong:
        raise click.exceptions.Exit(LabError.exit_code)


def _load(shelf: Library, slug: str) -> LabFolder:
    """Load a lab; in a student's copy, which has no hidden tests, what is there of it."""
    return shelf.load(slug, public_only=not (shelf.root / "solutions").is_dir())


def _row(folder: LabFolder) -> dict[str, Any]:
    lab = folder.lab
    hidden = sum(check.visibility is Visibility.HIDDEN for check in lab.checks)
    manifest = read_manifest((folder.public / "lab.toml").read_bytes(), lab.slug)
    return {
        "slug": lab.slug,
        "title": lab.title,
        "stage": lab.stage,
        "minutes": lab.minutes,
        "public": len(lab.checks) - hidden,
        "hidden": hidden + len(folder.held_back),
        "points": sum(check.points for check in manifest.check) or lab.out_of,
        "page": lab.page,
        "digest": lab.digest,
    }


def _print(rows: list[dict[str, Any]], console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in _COLUMNS:
        is_number = column in {"minutes", "public", "hidden", "points"}
        table.add_column(column, justify="right" if is_number else "left")
    for row in rows:
        table.add_row(*(Text(visible(str(row[column]))) for column in _COLUMNS))
    console.print(table)
