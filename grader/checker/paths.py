"""Paths that the student's code returned: compared and taken apart here, never opened.

A real path in `open` or `read_csv` would read the checker's files, hidden tests and expected
results among them.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.checker.session import Session


def closed_path(session: Session) -> type[PurePosixPath]:
    """Return the class of paths that refuse to be opened in a test of this session."""

    class StudentPath(PurePosixPath):
        """A path in the student's folder."""

        def __fspath__(self) -> str:
            raise session.refuse(
                "A path that your code returned cannot be opened by the test: it lies in your own "
                "folder, and the test reads it with student.read(path)."
            )

    return StudentPath
