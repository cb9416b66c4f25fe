"""How a command that failed says so: what happened, where, what to do; and its exit code.

A traceback is for those who ask for it (`--debug`, GRADER_DEBUG=1). One that nobody expected is
written to a file, so that it can be sent to whoever can mend it.
"""

from __future__ import annotations

import os
import tempfile
import time
import traceback
from pathlib import Path
from typing import IO, Any, Final

import click

from grader.errors import GraderError
from grader.plaintext import visible

INTERRUPTED: Final = 130
OUR_FAULT: Final = 5
VARIABLE: Final = "GRADER_DEBUG"


def is_debug(flag: bool = False) -> bool:
    """Say whether tracebacks are wanted; the flag is remembered for the rest of the program."""
    if flag:
        os.environ[VARIABLE] = "1"
    return os.environ.get(VARIABLE, "") not in {"", "0"}


def cache() -> Path:
    """Return the folder for traces and logs, made if need be."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "grader"
    try:
        base.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir())
    return base


class Told(click.ClickException):
    """An error that we know, for the person at the keyboard."""

    def __init__(self, error: GraderError) -> None:
        """Take the error's own exit code."""
        super().__init__(error.message)
        self.error = error
        self.exit_code = error.exit_code

    def show(self, file: IO[Any] | None = None) -> None:
        """Print what, where and what to do."""
        _trace(self.error, file)
        place = f"{self.error.where}: " if self.error.where else ""
        _say(f"{place}{self.error.message}", file)
        if self.error.advice:
            click.echo(f"What to do: {visible(self.error.advice)}", file=file, err=True)


class Crashed(click.ClickException):
    """An exception that should never have come out: a mistake of the grader itself."""

    exit_code = OUR_FAULT

    def __init__(self, error: Exception) -> None:
        """Keep the exception, whose trace is written when it is shown."""
        super().__init__(f"{type(error).__name__}: {error}")
        self.error = error

    def show(self, file: IO[Any] | None = None) -> None:
        """Print one line, and where the trace is."""
        _trace(self.error, file)
        _say(f"the grader itself failed ({self.message.splitlines()[0][:300]}).", file)
        click.echo(
            f"What to do: look at {_written(self.error)}, and send it to the course's staff. "
            "What was recorded before is kept.",
            file=file,
            err=True,
        )


class Interrupted(click.ClickException):
    """Ctrl-C."""

    exit_code = INTERRUPTED

    def __init__(self) -> None:
        """There is nothing more to say than that."""
        super().__init__("interrupted.")

    def show(self, file: IO[Any] | None = None) -> None:
        """Print one word."""
        click.echo("Interrupted.", file=file, err=True)


def _say(text: str, file: IO[Any] | None) -> None:
    click.echo(click.style("Error: ", fg="red", bold=True) + visible(text), file=file, err=True)


def _trace(error: Exception, file: IO[Any] | None) -> None:
    if is_debug():
        click.echo(visible("".join(traceback.format_exception(error))), file=file, err=True)


def _written(error: Exception) -> str:
    """Write the trace to a file and return its path, or say that it could not be written."""
    path = cache() / f"trace-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    try:
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return f"the traceback that {VARIABLE}=1 shows"
    return str(path)
