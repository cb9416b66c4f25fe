"""The two consoles of a command: what was asked for on stdout, how it goes on stderr.

Colour only where a terminal shows it and NO_COLOR is not set; text of students and files is never
taken for markup, and never commands the terminal.
"""

from __future__ import annotations

import os
from typing import Final

from rich.console import Console
from rich.text import Text

from grader.plaintext import visible

PLAIN_WIDTH: Final = 120
"""Columns of a table in a file or a pipe, where no terminal says how wide it is."""


def out() -> Console:
    """Return the console of stdout."""
    return _console(stderr=False)


def err() -> Console:
    """Return the console of stderr."""
    return _console(stderr=True)


def say(console: Console, text: str, style: str = "") -> None:
    """Print text as it is: a line too long for the terminal is the terminal's to break."""
    console.print(Text(visible(text), style=style), soft_wrap=True)


def warn(text: str) -> None:
    """Print a warning on stderr."""
    said = Text("Warning: ", style="bold yellow")
    said.append(visible(text), style="not bold")
    err().print(said, soft_wrap=True)


def _console(*, stderr: bool) -> Console:
    made = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not made.is_terminal and not os.environ.get("COLUMNS"):
        made.width = PLAIN_WIDTH
    return made
