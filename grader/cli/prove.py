"""`grader prove`: a lab, tried on submissions whose outcome is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.cli.boxes import SandboxChoice, SandboxName, open_boxes
from grader.cli.console import err, out, say
from grader.cli.options import (
    PATH,
    TERMINAL,
    jobs_are_given,
    jobs_option,
    json_option,
    sandbox_options,
    write_json,
)
from grader.cli.places import labs_with_source
from grader.cli.progressbar import ProofBar
from grader.cli.verb import Verb
from grader.errors import NotProvedError, UsageError
from grader.lab_folder import LabFolder
from grader.plaintext import visible
from grader.proof import Proof
from grader.prooftable import (
    HEADER,
    HEADER_OF_ALL,
    TerminalRow,
    rows_for_terminal,
    rows_of_all,
    summary_lines,
    to_json,
    to_markdown,
    total_line,
)
from grader.proving import ProofSettings, prove

_NUMBERS: Final = frozenset({"Points", "Seconds", "Runs", "A run"})
_STYLE: Final = {True: "green", False: "bold red", None: "dim"}
MUTANTS: Final = 40
SEEDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for on the command line."""

    labs: tuple[str, ...]
    """Slugs, numbers or paths; none means all labs with a reference solution."""
    mutants: int
    """How many mutants to try."""
    all_mutants: bool
    """Try every mutant there is, and wrong examples twice."""
    seeds: int
    """Under how many seeds the reference must earn everything."""
    markdown: Path | None
    """Where the table for the course's site goes."""
    jobs: int
    """Runs at the same time."""
    jobs_are_given: bool
    """Whether somebody said how many."""
    sandbox: SandboxName
    """Where student code runs."""
    require_isolation: bool
    """Containers or nothing."""
    keep: bool
    """Whether the table of each proved lab goes into its folder in solutions/."""
    json_file: Path | None
    """Where the proofs go as JSON."""


@click.command(
    cls=Verb,
    examples=(
        "grader prove 02-data-quality",
        "grader prove 02 --all-mutants --json proof.json",
        "grader prove 02 --mutants 0                   while you write: quick, not complete",
        "grader prove --keep                           every lab, and a table with the total",
    ),
    exit_codes={
        0: "nothing wrong was found among what was tried",
        3: "not proved: the findings say what is wrong, and what to do",
    },
)
@click.argument("labs", nargs=-1, metavar="[LAB]...")
@click.option(
    "--mutants",
    type=click.IntRange(0),
    default=MUTANTS,
    show_default=True,
    help="How many small changes of the reference to try; 0 for none.",
)
@click.option(
    "--all-mutants",
    is_flag=True,
    help="Try every small change that can be made, and wrong examples under two seeds: for a "
    "night.",
)
@click.option(
    "--seeds",
    type=click.IntRange(1, 1000),
    default=SEEDS,
    show_default=True,
    help="Under how many seeds the reference must earn everything.",
)
@click.option("--markdown", type=PATH, metavar="FILE", help="Write the table for the lab's page.")
@click.option(
    "--keep",
    is_flag=True,
    help="Write the table of every lab that is proved to solutions/LAB/proof.md, where its page "
    "takes it from (`make generate` writes the course's own pages again).",
)
@jobs_option
@sandbox_options
@json_option("the proofs (for staff: they show lines of the solution)")
def command(**given: Any) -> None:
    """Try labs on submissions whose outcome is known; a lab that is not proved is not offered.

    Tried are the reference, the untouched starter, every example in submissions/ (right__, wrong__,
    hostile__), liars that answer without work, and small changes of the reference. Without a LAB,
    all labs that have a reference solution are tried, and a table at the end has a line for each.

    Hostile examples run in containers only.
    """
    wanted = Wanted(**given, jobs_are_given=jobs_are_given())
    folders = labs_with_source(wanted.labs)
    if wanted.markdown is not None and len(folders) != 1:
        raise UsageError("--markdown is for one lab.", advice="Name the lab.")
    printed = err() if wanted.json_file == TERMINAL else out()
    choice = SandboxChoice(name=wanted.sandbox, require_isolation=wanted.require_isolation)
    with open_boxes(choice, max(_jobs(folder, wanted) for folder in folders)) as boxes:
        proofs = []
        for folder in folders:
            boxes.prepare(folder.lab)
            bar = ProofBar(err(), f"proving {folder.lab.slug}")
            try:
                proof = prove(folder, boxes, _settings(folder, wanted, bar))
            finally:
                bar.end()
            _print(proof, printed)
            if wanted.keep:
                _keep(proof, folder, printed)
            proofs.append(proof)
    if len(proofs) > 1:
        _print_all(proofs, printed)
    _write(proofs, wanted, printed)
    if not all(proof.is_proved for proof in proofs):
        raise click.exceptions.Exit(NotProvedError.exit_code)


def _jobs(folder: LabFolder, wanted: Wanted) -> int:
    """Return how many runs of this lab go on at the same time.

    A run that builds images waits for a third of its time (an engine packs layers, a service
    starts): where nobody said how many, one run more than there are cores keeps them at work.
    """
    return wanted.jobs + (folder.lab.engine is not None and not wanted.jobs_are_given)


def _settings(folder: LabFolder, wanted: Wanted, bar: ProofBar) -> ProofSettings:
    return ProofSettings(
        seeds=tuple(range(1, wanted.seeds + 1)),
        mutants=None if wanted.all_mutants else wanted.mutants,
        thorough=wanted.all_mutants,
        jobs=_jobs(folder, wanted),
        progress=bar,
    )


def _table(title: str, header: Sequence[str], rows: Iterable[TerminalRow]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, title=title)
    for column in header:
        justify: Any = "right" if column in _NUMBERS else "left"
        # Names are looked up in the folder of examples, so they stay in one piece.
        table.add_column(column, justify=justify, overflow="fold", no_wrap=column == "Submission")
    for row in rows:
        mark, *cells = (Text(visible(cell)) for cell in row.cells)
        mark.stylize(_STYLE[row.ok])
        table.add_row(mark, *cells)
    return table


def _print_all(proofs: Sequence[Proof], console: Console) -> None:
    console.print(_table("All labs", HEADER_OF_ALL, rows_of_all(proofs)))
    say(console, total_line(proofs))


def _print(proof: Proof, console: Console) -> None:
    console.print(_table(proof.title, HEADER, rows_for_terminal(proof)))
    for line in summary_lines(proof):
        say(console, line, "red" if line.startswith("finding:") else "")


def _write(proofs: list[Proof], wanted: Wanted, console: Console) -> None:
    if wanted.json_file is not None:
        made = [to_json(proof) for proof in proofs]
        write_json(made[0] if len(made) == 1 else made, wanted.json_file, console)
    if wanted.markdown is not None:
        _write_markdown(proofs[0], wanted.markdown, console)


def _keep(proof: Proof, folder: LabFolder, console: Console) -> None:
    """Write the table for the lab's page; an incomplete proof is no proof, and changes nothing."""
    if not (proof.is_proved and proof.is_complete) or folder.private is None:
        say(
            console, f"{proof.lab} is not proved completely, so its table stays as it is.", "yellow"
        )
        return
    _write_markdown(proof, folder.private / "proof.md", console)


def _write_markdown(proof: Proof, path: Path, console: Console) -> None:
    try:
        path.write_text(to_markdown(proof), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"this file cannot be written ({error.strerror}).", where=str(path)
        ) from error
    say(console, f"Markdown: {path}")
