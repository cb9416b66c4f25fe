"""What the help of every verb looks like: what it does, examples, and what its exit codes mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

LAB_IS_WRONG: Final = "the lab is wrong: its author must change it"
FORM_IS_WRONG: Final = "the hand-in cannot be graded because of its form"
OUR_FAULT: Final = "our fault, or this machine's: nothing was recorded"
USAGE: Final = "the command makes no sense as it was given"
DONE: Final = "done"


class Verb(click.Command):
    """A command that gives examples and says what its exit codes mean."""

    def __init__(
        self,
        *args: Any,
        examples: Sequence[str] = (),
        exit_codes: Mapping[int, str] | None = None,
        **more: Any,
    ) -> None:
        """Keep them for the help; 2 and 5 mean the same for every verb, unless they say more."""
        super().__init__(*args, **more)
        self.examples = tuple(examples)
        codes = {2: USAGE, 5: OUR_FAULT, **(exit_codes or {0: DONE})}
        self.exit_codes = dict(sorted(codes.items()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples and the exit codes."""
        super().format_epilog(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for line in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), said) for code, said in self.exit_codes.items()])
