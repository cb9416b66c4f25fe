"""`grader clean`: what interrupted commands left behind, removed."""

from __future__ import annotations

import time
from typing import Final

import click

from grader.cli.console import out, say
from grader.cli.failure import cache
from grader.cli.verb import Verb
from grader.errors import EngineError
from grader.sandbox.docker import DockerSandbox
from grader.sandbox.engine import connect
from grader.sandbox.image import Images
from grader.sandbox.process import ProcessSandbox

OLD_S: Final = 14 * 24 * 3600
"""Traces and logs of builds are kept for two weeks."""
_LOGS: Final = ("trace-*.txt", "image-build-*.log")
_NO_IMAGES: Final = Images(worker_id="", checker_id="", digest="")


@click.command(
    cls=Verb,
    examples=("grader clean",),
    exit_codes={0: "what was left is gone", 5: "the engine misbehaves"},
)
def command() -> None:
    """Remove what interrupted commands left behind: containers, processes, scratch folders, logs.

    Only what is the grader's own, and whose owner is surely dead, is touched. Results, images that
    are in use, and files of yours stay.
    """
    console = out()
    with ProcessSandbox() as sandbox:
        say(console, f"scratch folders, with their processes: {sandbox.sweep()} removed")
    say(console, f"containers: {_containers()}")
    say(console, f"traces and logs older than two weeks: {_logs()} removed")


def _containers() -> str:
    try:
        client = connect()
    except EngineError as error:
        return f"not looked for ({error.message.rstrip('.')})"
    # Sweeping needs no image, so a missing one is no reason to leave boxes behind.
    with DockerSandbox(client=client, images=_NO_IMAGES) as sandbox:
        return f"{sandbox.sweep()} removed"


def _logs() -> int:
    old = time.time() - OLD_S
    found = [path for pattern in _LOGS for path in cache().glob(pattern)]
    gone = [path for path in found if path.is_file() and path.stat().st_mtime < old]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)
