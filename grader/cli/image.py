"""`grader image build`: the images that containers are made from."""

from __future__ import annotations

import re
import time
from typing import Final

import click
from rich.text import Text

from grader.cli.console import err, out, say
from grader.cli.verb import Verb
from grader.plaintext import one_line
from grader.sandbox.engine import connect
from grader.sandbox.image import Images, build

STEP: Final = re.compile(r"step \d+(/\d+)?\s*:?", re.IGNORECASE)


@click.group()
def command() -> None:
    """Build the images that containers are made from."""


@command.command(
    "build",
    cls=Verb,
    examples=("grader image build",),
    exit_codes={
        0: "both images are there, and fresh",
        5: "the build failed; its last lines say why",
    },
)
def build_command() -> None:
    """Build the image of the worker (student code) and of the checker (the lab's tests).

    Needed once, and again after a change of the grader or of requirements/labs.txt: a command that
    needs fresher images says so. The first build takes a few minutes.
    """
    images = build_images()
    say(out(), f"worker   {images.worker_id}")
    say(out(), f"checker  {images.checker_id}")


def build_images() -> Images:
    """Build both images, telling the steps on stderr.

    Raises EngineError with the last lines of the build, ImageMissingError without a base image.
    """
    began = time.monotonic()
    console = err()
    with console.status("building …") as status:

        def line(text: str) -> None:
            short = one_line(text)[: console.width - 20]
            if STEP.match(text):
                say(console, short)
            else:
                status.update(Text(short))

        images = build(connect(), line)
    say(console, f"Images built in {time.monotonic() - began:.0f} s.")
    return images
