"""`grader doctor`: whether this machine may grade, and why not."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.cli.console import err, out, say
from grader.cli.failure import OUR_FAULT
from grader.cli.options import TERMINAL, json_option, write_json
from grader.cli.verb import Verb
from grader.plaintext import visible
from grader.sandbox.doctor import diagnose
from grader.sandbox.finding import Finding


@click.command(
    cls=Verb,
    examples=("grader doctor", "grader doctor --json doctor.json"),
    exit_codes={0: "every restriction was seen to act", 5: "it may not grade; the advice says why"},
)
@json_option("the findings")
def command(json_file: Path | None) -> None:
    """Say whether this machine may grade a class: engine, images, disk, and every limit.

    Settings are not believed: a probe container provokes each limit, and what happens is compared
    with what must happen. It takes some seconds and changes nothing.
    """
    printed = err() if json_file == TERMINAL else out()
    with err().status("examining this machine …"):
        findings = diagnose()
    wrong = [finding for finding in findings if not finding.ok]
    _print(findings, printed)
    if json_file is not None:
        write_json([dataclasses.asdict(finding) for finding in findings], json_file, printed)
    if not wrong:
        say(printed, "\nThis machine may grade: every restriction was seen to act.", "green")
        return
    say(printed, f"\nThis machine may not grade hostile work: {len(wrong)} findings.", "bold red")
    for advice in dict.fromkeys(finding.advice for finding in wrong if finding.advice):
        say(printed, f"What to do: {advice}")
    raise click.exceptions.Exit(OUR_FAULT)


def _print(findings: Sequence[Finding], console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in ("", "what", "seen", "wanted"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        mark = Text("ok", style="green") if finding.ok else Text("NO", style="bold red")
        cells = (finding.name, finding.saw, finding.wants)
        table.add_row(mark, *(Text(visible(cell)) for cell in cells))
    console.print(table)
