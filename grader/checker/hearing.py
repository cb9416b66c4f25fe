"""What the student's code says beside its answers: prints, warnings, log records.

They reach the test as if the code ran here: `capsys`, `redirect_stdout`, `pytest.warns`, `caplog`
and `assertLogs` hear them. All of it is text, counted and capped.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import warnings
from typing import Final

from grader.checker import told
from grader.checker.line import Answer

OUTPUT_CAP: Final = 64 * 1024
_MOST_WARNINGS: Final = 50
_MOST_RECORDS: Final = 200


def printed(answer: Answer, before: str) -> str:
    """Let the test hear what was printed; return it after what was printed before, capped."""
    for raw, stream in ((answer.stdout, sys.stdout), (answer.stderr, sys.stderr)):
        if raw:
            text = raw[: 2 * OUTPUT_CAP].decode("utf-8", "replace")
            before = (before + text)[:OUTPUT_CAP]
            with contextlib.suppress(OSError, ValueError):
                stream.write(text)
    return before


def warn(warned: object) -> None:
    """Warn here as the student's code warned there, with the nearest built-in category."""
    if not isinstance(warned, list):
        return
    for item in warned[:_MOST_WARNINGS]:
        if isinstance(item, list) and len(item) == 2:  # noqa: PLR2004 - category, text
            category = told.WARNINGS.get(str(item[0]), UserWarning)
            warnings.warn(str(item[1])[:2000], category, stacklevel=6)


def log(logged: object) -> None:
    """Let the test's own handlers have the student's log records."""
    if not isinstance(logged, list):
        return
    for item in logged[:_MOST_RECORDS]:
        if isinstance(item, list) and len(item) == 3 and type(item[1]) is int:  # noqa: PLR2004 - name, level, text
            logger = logging.getLogger(str(item[0])[:200])
            if logger.isEnabledFor(item[1]):
                text = str(item[2])[:4000]
                logger.handle(logger.makeRecord(logger.name, item[1], "student", 0, text, (), None))
