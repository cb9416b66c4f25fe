"""Writes the course's page about the command line from what `--help` says: `--check` only compares.

python scripts/reference.py [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that it also runs where the package is not installed

from grader.cli.main import VERBS, cli  # noqa: E402 - the path has to be set before

PAGE: Final = ROOT / "course" / "reference" / "cli.md"
WIDTH: Final = 88
INTRO: Final = """\
<!-- Written by scripts/reference.py from the help of the commands. Change the help. -->
# The command line

Every verb says the same with `--help`. Data comes with `--json`, to a file or to the terminal; \
colour only on terminals, and never where `NO_COLOR` is set. An error says what happened, where, \
and what to do; `grader --debug VERB …` adds Python's traceback.
"""


def page() -> str:
    """Return the page."""
    return "\n".join((INTRO, *_sections()))


def _sections() -> Iterator[str]:
    yield _help(cli, "grader")
    for heading, verbs in VERBS.items():
        yield f"## {heading}\n"
        for verb in verbs:
            command = cli.get_command(click.Context(cli), verb)
            if command is None:
                raise SystemExit(f"grader {verb} is listed and not there")
            yield from _commands(command, f"grader {verb}")


def _commands(command: click.Command, name: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        for inner, each in sorted(command.commands.items()):
            yield from _commands(each, f"{name} {inner}")
        return
    yield f"### {name}\n"
    yield _help(command, name)


def _help(command: click.Command, name: str) -> str:
    context = click.Context(
        command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH,
        help_option_names=["-h", "--help"],
    )  # fmt: skip
    return f"```text\n{command.get_help(context).rstrip()}\n```\n"


def main() -> int:
    """Write the page, or with --check say whether it is as it should be."""
    text = page()
    place = PAGE.relative_to(ROOT)
    if "--check" in sys.argv[1:]:
        if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
            return 0
        print(f"{place} is not what --help says. Run: make generate", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8")
    print(f"written: {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
