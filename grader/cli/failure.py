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
        self.exit_code = error.exit_code  # type: ignore[misc]  # click reads it from the instance

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002 - click's signature
        """Print what, where and what to do."""
        place = f"{self.error.where}: " if self.error.where else ""
        _print(self.error, f"{place}{self.error.message}", self.error.advice)


class Crashed(click.ClickException):
    """An exception that should never have come out: a mistake of the grader itself."""

    exit_code = OUR_FAULT

    def __init__(self, error: Exception) -> None:
        """Keep the exception, whose trace is written when it is shown."""
        super().__init__(f"{type(error).__name__}: {error}".splitlines()[0][:300])
        self.error = error

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002 - click's signature
        """Print one line, and where the trace is."""
        _print(
            self.error,
            f"the grader itself failed ({self.message}).",
            f"send {_written(self.error)} to the course's staff. What was recorded is kept.",
        )


class Interrupted(click.ClickException):
    """Ctrl-C."""

    exit_code = INTERRUPTED

    def __init__(self) -> None:
        """There is nothing more to say than that."""
        super().__init__("interrupted.")

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002 - click's signature
        """Print one word."""
        _print(self, "interrupted.", "")


def _print(error: Exception, what: str, advice: str) -> None:
    from grader.cli.console import err, say  # noqa: PLC0415 - commands that succeed need no rich

    console = err()
    if is_debug():
        say(console, "".join(traceback.format_exception(error)))
    say(console, f"Error: {what}", "red")
    if advice:
        say(console, f"What to do: {advice}")


def _written(error: Exception) -> str:
    """Write the trace to a file and return its path, or say that it could not be written."""
    path = cache() / f"trace-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    try:
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return f"what {VARIABLE}=1 shows"
    return str(path)
