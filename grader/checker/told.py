"""Sentences for students, and small questions that need no session. Pure, but for `line_for`.

A sentence here never holds an input, an output or an expected value, so it may be shown for hidden
checks too.
"""

from __future__ import annotations

import builtins
import sys
import unittest
from typing import Final

from _pytest.outcomes import Exit, OutcomeException

WARNINGS: Final[dict[str, type[Warning]]] = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Warning)
}
_INPUT: Final = builtins.input


def call_late(seconds: float) -> str:
    """Say that one call took too long."""
    return f"Your code did not answer within {seconds:g} s. Is there a loop that never ends?"


def check_late(seconds: float) -> str:
    """Say that the calls of one check took too long together."""
    return f"Your code took more than {seconds:g} s in this check."


def run_late(seconds: float) -> str:
    """Say that the whole run took too long."""
    return f"The whole run may take {seconds:g} s of your code's time, and that was used up."


def ended(why: str, note: str) -> str:
    """Say how the student's process ended."""
    if why == "memory" or "out of memory" in note:
        return "Your code used more memory than it may, and was stopped."
    if why == "output":
        return f"Your code returned more data than can be taken ({note})."
    if why == "protocol":
        return "Your code wrote into the grader's own channel, so its answers cannot be read."
    if note == "signal 9":
        return "Your code's process was killed (signal 9). Did it use too much memory?"
    if note.startswith("signal"):
        return f"Your code's process crashed ({note})."
    return "Your code ended its own process before it answered. Does it call exit?"


def number_in(value: object, most: int = 9_999) -> int:
    """Return a small number that a worker told; 0 for all else."""
    return value if type(value) is int and 0 < value <= most else 0


def nonsense(problem: str) -> str:
    """Say that an answer could not be read."""
    return f"The answer of your code's process could not be read: {problem}."


def cannot_cross(problem: str) -> str:
    """Say that a returned value is of no use here."""
    return f"What your code returned cannot be used: {problem}."


def is_outcome(error: BaseException) -> bool:
    """Whether an exception says how a test ended."""
    return isinstance(
        error, (AssertionError, OutcomeException, Exit, unittest.SkipTest, KeyboardInterrupt)
    )


def is_long(value: object, most: int = 2_000) -> bool:
    """Whether plain values hold more than `most` items and letters together."""
    waiting, seen = [value], 0
    while waiting:
        item = waiting.pop()
        seen += 1
        if isinstance(item, (str, bytes, bytearray)):
            seen += len(item)
        elif isinstance(item, (list, tuple, set, frozenset)):
            seen += len(item)
            waiting += list(item)[:most]
        elif isinstance(item, dict):
            seen += len(item)
            waiting += [*item, *item.values()][: 2 * most]
        if seen > most:
            return True
    return False


def line_for(prompt: str, *, raw: bool) -> str:
    """Return the line that a test provides for `input()`, by a patched `input` or `sys.stdin`.

    Raises EOFError when the test provides none.
    """
    if builtins.input is not _INPUT and not raw:
        return str(builtins.input(prompt))
    stdin = sys.stdin
    if stdin is None or stdin is sys.__stdin__ or type(stdin).__module__.startswith("_pytest"):
        raise EOFError("there is nobody to answer input()")
    if prompt:
        sys.stdout.write(prompt)
    line = stdin.readline()
    if not line:
        raise EOFError("the test provides no more lines")
    return line if raw else line.rstrip("\n")
