"""How each status looks: a word and a symbol, so that colour alone never carries it."""

from __future__ import annotations

from typing import Final

from grader.outcome import Status

WORD: Final[dict[Status, str]] = {
    Status.PASSED: "passed",
    Status.FAILED: "failed",
    Status.TIMED_OUT: "timed out",
    Status.CRASHED: "crashed",
    Status.SKIPPED: "skipped",
    Status.MISSING: "missing",
}
SYMBOL: Final[dict[Status, str]] = {
    Status.PASSED: "✓",
    Status.FAILED: "✗",
    Status.TIMED_OUT: "◔",
    Status.CRASHED: "!",
    Status.SKIPPED: "—",
    Status.MISSING: "?",
}
ASCII: Final[dict[Status, str]] = {
    Status.PASSED: "+",
    Status.FAILED: "x",
    Status.TIMED_OUT: "t",
    Status.CRASHED: "!",
    Status.SKIPPED: "-",
    Status.MISSING: "?",
}


def points_text(points: float | None) -> str:
    """Return points as people write them: `7`, `7.5`, and a dash where there are none."""
    return "—" if points is None else f"{points:.2f}".rstrip("0").rstrip(".")
