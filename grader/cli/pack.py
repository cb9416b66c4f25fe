"""`grader pack`: the zip that a student hands in."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.console import out, say, warn
from grader.cli.options import PATH, written_as_option
from grader.cli.places import students_lab
from grader.cli.verb import LAB_IS_WRONG, Verb
from grader.notebook_handin import WrittenAs
from grader.pack import pack


@click.command(
    cls=Verb,
    examples=("grader pack", "grader pack labs/02-data-quality --out ../to-hand-in"),
    exit_codes={
        0: "the zip is there, and the course will accept it",
        3: LAB_IS_WRONG,
        4: "it would not be accepted; the message says why",
    },
)
@click.argument("path", type=PATH, default=".")
@click.option(
    "--out",
    "target",
    type=PATH,
    default=".",
    show_default="the folder you are in",
    metavar="PATH",
    help="Where to write the zip: a folder, or the name of the file.",
)
@written_as_option
def command(path: Path, target: Path, written_as: WrittenAs | None) -> None:
    """Make the zip to hand in: the files that the lab asks for, and nothing else.

    PATH is the lab's folder, with your files in it; by default, the folder you are in. What would
    be refused when it is graded is refused now, with the reason. The same files make the same zip.
    """
    folder = students_lab(path)
    receipt = pack(folder.public, folder.lab, target, written_as)
    console = out()
    for file in receipt.files:
        say(console, f"  {file.path} ({file.size:,} bytes)")
    if receipt.ignored:
        say(console, f"Left out as junk: {', '.join(receipt.ignored)}")
    for note in receipt.notes:
        warn(note)
    say(console, f"{receipt.path} is ready to hand in.", "bold")
    say(console, f"Its number is {receipt.digest[:16]}; your report will carry it, too.")
