"""The exit code of one run: whose fault the outcome is, and whether everything passed."""

from __future__ import annotations

from typing import Final

from grader.errors import BrokenError, UngradableError
from grader.outcome import Run, Status, Verdict

NOT_ALL_PASSED: Final = 1


def exit_code(run: Run) -> int:
    """Return 0 when all checks passed, 1 when not, 4 for the hand-in's form, 5 for our fault."""
    if run.verdict is Verdict.UNGRADABLE:
        return UngradableError.exit_code
    if run.verdict is Verdict.BROKEN:
        return BrokenError.exit_code
    passed = bool(run.results) and all(result.status is Status.PASSED for result in run.results)
    return 0 if passed else NOT_ALL_PASSED
