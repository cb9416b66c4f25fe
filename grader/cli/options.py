"""Options that several verbs share, so that they are spelled and explained in one way."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource
from rich.console import Console

from grader.cli.boxes import SandboxName
from grader.cli.console import say
from grader.errors import UsageError
from grader.notebook_handin import WrittenAs

Command = TypeVar("Command", bound=Callable[..., Any])
TERMINAL: Final = Path("-")
PATH: Final = click.Path(path_type=Path)


def sandbox_options(command: Command) -> Command:
    """Add --sandbox and --require-isolation."""
    name = click.option(
        "--sandbox",
        type=click.Choice([name.value for name in SandboxName]),
        default=SandboxName.AUTO.value,
        show_default=True,
        callback=lambda _ctx, _option, value: SandboxName(value),
        help="Where student code runs: in containers, or in plain processes, which contain "
        "nothing. auto: containers where an engine answers.",
    )
    isolation = click.option(
        "--require-isolation",
        is_flag=True,
        help="Refuse (exit code 5) rather than run student code without containers.",
    )
    return name(isolation(command))


def json_option(what: str) -> Callable[[Command], Command]:
    """Add --json FILE; `what` is written."""
    return click.option(
        "--json",
        "json_file",
        type=PATH,
        is_flag=False,
        flag_value=str(TERMINAL),
        metavar="[FILE]",
        help=f"Write {what} as JSON to a file; without one, to the terminal instead of the text.",
    )


def written_as_option(command: Command) -> Command:
    """Add --notebook and --module."""
    notebook = click.option(
        "--notebook",
        "written_as",
        flag_value=WrittenAs.NOTEBOOK.value,
        callback=lambda _ctx, _option, value: WrittenAs(value) if value else None,
        help="You worked in the notebook. Needed only where you worked on its module, too.",
    )
    module = click.option(
        "--module",
        "written_as",
        flag_value=WrittenAs.MODULE.value,
        callback=lambda _ctx, _option, value: WrittenAs(value) if value else None,
        help="You worked on the module. Needed only where you worked in its notebook, too.",
    )
    return notebook(module(command))


def cohort_option(command: Command) -> Command:
    """Add --cohort FILE."""
    return click.option(
        "--cohort",
        "cohort_file",
        type=PATH,
        metavar="FILE",
        help="cohort.toml: roster, deadlines, extensions, late policy, overrides.",
    )(command)


def course_url_option(command: Command) -> Command:
    """Add --course-url URL."""
    return click.option(
        "--course-url",
        metavar="URL",
        help="Where the course's pages are, for links from feedback to what to read.",
    )(command)


def jobs_option(command: Command) -> Command:
    """Add --jobs N."""
    return click.option(
        "--jobs",
        "-j",
        type=click.IntRange(1, 256),
        default=cores,
        show_default="as many as cores",
        help="Gradings at the same time.",
    )(command)


def jobs_are_given() -> bool:
    """Return whether whoever called the verb said how many jobs there are to be."""
    source = click.get_current_context().get_parameter_source("jobs")
    return source is not ParameterSource.DEFAULT


def cluster_option(command: Command) -> Command:
    """Add --cluster ADDRESS."""
    return click.option(
        "--cluster",
        metavar="ADDRESS",
        default="",
        help="Grade on the machines of a Dask cluster: tcp://HOST:PORT, tls://HOST:PORT, or its "
        "scheduler's file. Each uses its own engine; --jobs is then all that they can do.",
    )(command)


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def write_json(data: object, target: Path, console: Console) -> None:
    """Write JSON to a file and say so, or to the terminal when the target is `-`."""
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    if target == TERMINAL:
        click.echo(text, nl=False)
        return
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"this file cannot be written ({error.strerror}).",
            where=str(target),
            advice="Choose another place for --json.",
        ) from error
    say(console, f"JSON: {target}")
