"""The command `grader`: which verbs there are, and how a command that fails says so.

Each verb is a module of this package and is imported only when it is asked for, so that
`grader --help` answers at once. Nothing is graded, read or written here.
"""

from __future__ import annotations

import difflib
import errno
import importlib
import io
import sys
from collections.abc import Mapping
from typing import Any, Final

import click

from grader import __version__
from grader.cli.failure import INTERRUPTED, Crashed, Interrupted, Told, is_debug
from grader.cli.verb import FORM_IS_WRONG, LAB_IS_WRONG, OUR_FAULT, USAGE
from grader.errors import GraderError

VERBS: Final[Mapping[str, Mapping[str, str]]] = {
    "For students": {
        "check": "Run a lab's public checks on your own work, at once.",
        "pack": "Make the zip to hand in.",
    },
    "For instructors": {
        "release": "Write each student's own copy of a lab.",
        "grade": "Grade one hand-in.",
        "batch": "Grade a whole class into a results folder.",
        "report": "Write the pages of a results folder again.",
        "export": "Write grades and results for other programs.",
        "regrade": "Show what a changed lab would do to a class; then let it count.",
    },
    "For authors of labs": {
        "labs": "List the labs.",
        "new": "Make a new lab, small and complete.",
        "import": "Make labs of an nbgrader course.",
        "build": "Write the starters from the reference solutions.",
        "prove": "Try a lab on submissions whose outcome is known.",
    },
    "This machine": {
        "doctor": "Say whether this machine may grade.",
        "image": "Build the images that containers are made from.",
        "clean": "Remove what interrupted commands left behind.",
    },
}
"""Heading -> verb -> the line in `grader --help`."""
MODULES: Final[Mapping[str, str]] = {"import": "importing"}
"""Verb -> its module, where Python has the verb's name for itself."""
HIDDEN: Final = ("example",)
"""Verbs that `make` calls, and people need not know."""

EXIT_CODES: Final[Mapping[int, str]] = {
    0: "all is well: every check passed, or every hand-in of a class was dealt with",
    1: "graded, and not every check passed",
    2: USAGE,
    3: LAB_IS_WRONG,
    4: FORM_IS_WRONG,
    5: OUR_FAULT,
    INTERRUPTED: "interrupted (Ctrl-C)",
}
"""What the exit codes of all verbs mean."""


EXAMPLES: Final = (
    "grader check                                      a student, in the folder of a lab",
    "grader batch 02 submissions --out results/lab02   an instructor, with a class's folder",
    "grader prove 02                                   an author, before a lab is offered",
)


class Verbs(click.Group):
    """The verbs, loaded when they are asked for; errors become messages and exit codes."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the help."""
        return [verb for verbs in VERBS.values() for verb in verbs]

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a verb."""
        if cmd_name not in {*self.list_commands(_ctx), *HIDDEN}:
            return None
        module = importlib.import_module(f"grader.cli.{MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb; for one that is not there, name the nearest."""
        name, known = args[0], self.list_commands(ctx)
        if not name.startswith("-") and name not in {*known, *HIDDEN}:
            close = difflib.get_close_matches(name, known, n=1)
            meant = f"Did you mean {close[0]!r}? " if close else ""
            ctx.fail(f"There is no verb {name!r}. {meant}The verbs are {', '.join(known)}.")
        return super().resolve_command(ctx, args)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs by who needs them, without importing any."""
        widest = max(len(verb) for verb in self.list_commands(_ctx))
        for heading, verbs in VERBS.items():
            with formatter.section(heading):
                formatter.write_dl([(verb.ljust(widest), said) for verb, said in verbs.items()])

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say what exit codes mean, and where there is more."""
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), said) for code, said in EXIT_CODES.items()])
        with formatter.section("Examples"):
            for line in EXAMPLES:
                formatter.write(f"  {line}\n")
        formatter.write("\n`grader VERB --help` says more about a verb, with examples.\n")

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb; whatever goes wrong ends as a message and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (KeyboardInterrupt, click.Abort):
            raise Interrupted from None
        except GraderError as error:
            raise Told(error) from error
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # whoever read our output has gone: click ends quietly
            raise Crashed(error) from error


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="grader %(version)s")
@click.option(
    "--debug", is_flag=True, help="Show Python's traceback with an error (or set GRADER_DEBUG=1)."
)
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Labs that grade themselves: hidden tests are pytest files, student code runs apart."""
    ctx.obj = is_debug(debug)


def main() -> None:
    """Run the command line: the entry point of the package."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an old terminal must not stop us
    cli(prog_name="grader")


if __name__ == "__main__":
    main()
