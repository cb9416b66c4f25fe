"""Writes two pages of the reference: the command line from `--help`, the versions from the locks.

python scripts/reference.py [--check]
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
from packaging.requirements import Requirement

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
VERSIONS: Final = ROOT / "course" / "reference" / "versions.md"
VERSIONS_INTRO: Final = """\
---
description: The versions that the course is tested with
---

<!-- Written by scripts/reference.py from pyproject.toml and requirements/. Change them there. -->

# Versions tested

What the course asks for, and the version that its tests run with. The whole list, with what these \
packages need themselves, is in `requirements/`. Python: 3.11 and later.
"""
EXTRAS: Final = {
    "": "The grader",
    "labs": "The labs",
    "tools": "Labs with large libraries (`requirements/tools.txt`)",
    "site": "These pages",
    "nbgrader": "Exports to nbgrader's gradebook",
    "dev": "Tests and linters",
}
"""Extra of pyproject.toml -> heading; what is left out is optional and not locked."""


def page() -> str:
    """Return the page of the command line."""
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


def versions() -> str:
    """Return the page of versions; raises SystemExit for a package that is not locked."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {"": project["dependencies"]} | project["optional-dependencies"]
    locked = _locked()
    parts = [VERSIONS_INTRO]
    for extra, heading in EXTRAS.items():
        parts += [f"## {heading}\n", "| Package | Asked for | Tested |\n|---|---|---|"]
        for line in asked[extra]:
            name, wanted = re.fullmatch(r"([\w-]+)(.*)", line).groups()  # type: ignore[union-attr]
            if name not in locked:
                raise SystemExit(f"{name} is asked for and not locked. Run: make lock")
            parts.append(f"| {name} | {f'`{wanted}`' if wanted else 'any'} | {locked[name]} |")
        parts[-1] += "\n"
    return "\n".join(parts)


def _locked() -> dict[str, str]:
    """Return package -> version from the locks, for the oldest Python that is supported."""
    oldest = {"python_version": "3.11", "python_full_version": "3.11.2"}
    found: dict[str, str] = {}
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "==" in line and not line.startswith(("#", " ")):
                wanted = Requirement(line)
                if wanted.marker is None or wanted.marker.evaluate(oldest):
                    found[wanted.name] = str(wanted.specifier).removeprefix("==")
    return found


def main() -> int:
    """Write the pages, or with --check say whether they are as they should be."""
    stale = 0
    for path, text in ((PAGE, page()), (VERSIONS, versions())):
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        place = path.relative_to(ROOT).as_posix()
        if "--check" in sys.argv[1:]:
            print(f"{place} is not up to date. Run: make generate", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"written: {place}")
    return 1 if stale and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
