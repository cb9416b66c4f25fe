"""Leaves out of a folder what its .dockerignore names, as the engine's own client would."""

from __future__ import annotations

import re
from typing import Any, Final

from grader.sandbox.dockerfile import RefusedError

FILE: Final = ".dockerignore"
MOST_LINES: Final = 100
MOST_LETTERS: Final = 120
MOST_STARS: Final = 3
"""In one line. A pattern becomes a regular expression, and eight stars took more than 300 s."""
_STARS: Final = re.compile(r"\*+")


def without_ignored(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files that are sent to the engine. Raises RefusedError for an odd .dockerignore.

    The Dockerfile and the .dockerignore are for the engine: they are never part of the folder that
    COPY sees, unless nothing excludes them.
    """
    from docker.utils.build import PatternMatcher  # noqa: PLC0415 - loaded with the client

    matcher: Any = PatternMatcher(_patterns(files.get(FILE, b"")))  # its types ask for PathLike
    return {path: content for path, content in files.items() if not matcher.matches(path)}


def _patterns(content: bytes) -> list[str]:
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise RefusedError("syntax", 0, f"{FILE} is not UTF-8 text.") from None
    if len(lines) > MOST_LINES:
        raise RefusedError("syntax", 0, f"{FILE} has more than {MOST_LINES} lines.")
    kept = []
    for number, line in enumerate(lines, 1):
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        if len(pattern) > MOST_LETTERS or len(_STARS.findall(pattern)) > MOST_STARS:
            raise RefusedError(
                "syntax", 0, f"line {number} of {FILE} is too long or has many stars."
            )
        kept.append(pattern)
    return kept
