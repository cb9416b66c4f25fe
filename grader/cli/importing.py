"""`grader import`: makes labs of courses that were written for other graders."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.cli.console import err, out, say, warn
from grader.cli.options import PATH, TERMINAL, json_option, write_json
from grader.cli.verb import Verb
from grader.nbgrader_course.course import (
    Written,
    names_in,
    read_folder,
    read_settings,
    write_labs,
)
from grader.nbgrader_course.making import Fate, Row, make
from grader.plaintext import visible

_COLUMNS: Final = ("notebook", "cell", "points", "becomes", "check")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for on the command line."""

    course: Path
    """Folder of the course."""
    only: tuple[str, ...]
    """Names in `source/`; none means all."""
    target: Path
    """Folder that gets `labs/` and `solutions/`."""
    replace: bool
    """Labs that were imported before are written anew."""
    json_file: Path | None
    """Where the report goes as JSON."""


@click.group(subcommand_metavar="FORMAT COURSE [OPTIONS]")
def command() -> None:
    """Make labs of a course that was written for another grader."""


@command.command(
    "nbgrader",
    cls=Verb,
    short_help="nbgrader: its source notebooks.",
    examples=(
        "grader import nbgrader course101",
        "grader import nbgrader course101 --only ps1 --out here",
    ),
    exit_codes={
        0: "every test cell became a check",
        1: "labs were written, and some test cells cannot be graded here: the table says which",
        2: "no course, a name that is not there, or a lab that was imported before",
        3: "a notebook is wrong, or has nothing that could be graded; nothing was written",
    },
)
@click.argument("course", type=PATH)
@click.option("--only", multiple=True, metavar="NAME", help="This one of source/; may come again.")
@click.option(
    "--out",
    "target",
    type=PATH,
    default=".",
    show_default="the folder you are in",
    metavar="DIR",
    help="Labs go to DIR/labs and DIR/solutions.",
)
@click.option(
    "--replace",
    is_flag=True,
    help="Write labs anew that were imported before. What you changed in them is lost, but for "
    "their submissions.",
)
@json_option("the report")
def nbgrader_command(**given: Any) -> None:
    """nbgrader: a lab of each folder in COURSE/source.

    Each test cell becomes a check of the same points. Its text, hidden tests included, runs on the
    trusted side, with the student's notebook as it is at that cell; students cannot reach it.
    Cells that people grade stay in nbgrader. COURSE is only read, and nbgrader need not be
    installed. `grader batch LAB COURSE/submitted` then grades what was handed in.
    """
    wanted = Wanted(**given)
    settings = read_settings(wanted.course)
    names = list(dict.fromkeys(wanted.only)) or names_in(wanted.course)
    made = [make(read_folder(wanted.course, name, settings)) for name in names]
    written = write_labs(made, wanted.target, replaced=wanted.replace)
    console = err() if wanted.json_file == TERMINAL else out()
    for each in written:
        _tell(each, console)
    if wanted.json_file is not None:
        write_json([_as_json(each) for each in written], wanted.json_file, console)
    if any(row.fate is Fate.NOT_SUPPORTED for each in written for row in each.made.rows):
        raise click.exceptions.Exit(1)


def _tell(written: Written, console: Console) -> None:
    made = written.made
    say(console, f"{made.name}: {_seen(written.public)}, {_seen(written.private)}")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in _COLUMNS:
        table.add_column(column, justify="right" if column == "points" else "left")
    for row in made.rows:
        table.add_row(*(Text(visible(text)) for text in _cells(row)))
    console.print(table)
    say(console, _sum(made.rows, made.scale))
    for row in made.rows:
        if row.fate is Fate.NOT_SUPPORTED:
            warn(f"{row.notebook}, cell {row.cell}: {row.why}.")
    for note in made.notes:
        warn(f"{note}.")


def _cells(row: Row) -> tuple[str, ...]:
    kind = "hidden check" if row.fate is Fate.CHECK and row.hidden else row.fate.value
    checks = ", ".join(row.checks[:1]) + (f" … {row.checks[-1]}" if len(row.checks) > 1 else "")
    return row.notebook, row.cell, f"{row.points:g}", kind, checks


def _sum(rows: Sequence[Row], scale: int) -> str:
    points = {fate: sum(row.points for row in rows if row.fate is fate) for fate in Fate}
    said = f"{points[Fate.CHECK]:g} points by checks"
    if points[Fate.BY_HAND]:
        said += f"; {points[Fate.BY_HAND]:g} by hand, in formgrader as before"
    if points[Fate.NOT_SUPPORTED]:
        said += f"; {points[Fate.NOT_SUPPORTED]:g} cannot be graded here"
    if scale > 1:
        said += f". Points are whole numbers here: 1 point of the course is {scale}"
    return said + "."


def _as_json(written: Written) -> dict[str, Any]:
    made = written.made
    return {
        "name": made.name,
        "lab": written.public.name,
        "public": _seen(written.public),
        "private": _seen(written.private),
        "scale": made.scale,
        "cells": [asdict(row) for row in made.rows],
        "notes": list(made.notes),
    }


def _seen(path: Path) -> str:
    try:
        return Path(os.path.relpath(path)).as_posix()
    except ValueError:  # another drive
        return str(path)
