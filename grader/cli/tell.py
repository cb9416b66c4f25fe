"""What commands about a class print at their end: the table of grades, and where to look."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from rich.console import Console

from grader.cli.console import say
from grader.cohort import Cohort, class_grades
from grader.formats.terminal import print_grades_table
from grader.lab import Lab
from grader.results import Results, utc_now
from grader.summary import lighter


def tell_class(results: Results, lab: Lab, cohort: Cohort | None, console: Console) -> None:
    """Print a line per student, and what stands out."""
    runs = [lighter(run) for run in chain(results.official(), results.broken())]
    grades = class_grades(lab, runs, cohort, utc_now())
    print_grades_table(lab, grades, runs, console)


def where_to_look(folder: Path, console: Console) -> None:
    """Print the places of a results folder that are there."""
    say(console, "\nWhere to look:", "bold")
    for what, place in (
        ("the class", folder / "index.html"),
        ("feedback, a page for each student", folder / "students"),
        ("grades", folder / "grades.csv"),
        ("all runs, with seeds and details", folder / "runs.jsonl"),
    ):
        if place.exists():
            say(console, f"  {what + ':':<35} {place}")
