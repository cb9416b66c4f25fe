"""What a student may read of a hidden check: sentences made from what the grader itself knows.

Student code meets the inputs of hidden checks, so nothing that it could have written (messages,
output, exception text, file names) is copied from here. Pure: no I/O, no clock.
"""

from __future__ import annotations

import builtins
import functools
import re
from typing import Any, Final

from grader.lab import Lab
from grader.outcome import Status
from grader.plaintext import MESSAGE_BYTES, capped

IMPORT_PREFIX: Final = "Your module could not be imported"
"""Begins the message of a check that could not import the student's module."""
MISSING_PREFIX: Final = "Your module has no"
"""Begins the message of a check that asked the student's module for a name it lacks."""
FIRST_PREFIX: Final = "Your notebook failed first in"
"""Begins the last lines of a message where cells of a notebook failed."""

_EXCEPTION: Final = re.compile(r"\b[A-Z]\w{0,40}\b")
_LINE: Final = re.compile(r"\bline (\d{1,5})\b")
_CELL: Final = re.compile(r"\bcell (\d{1,4})\b")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_]\w{0,80}")
_QUOTED: Final = re.compile(r"[`'\"](?:\w+\.)*(" + _IDENTIFIER.pattern + r")[`'\"]")
# Sentences of the checker that hold a limit or nothing: the whole message has to be one of them.
_SAFE: Final = re.compile(
    r"Your code used more memory than it may, and was stopped\."
    r"|Your code ended its own process before it answered\. Does it call exit\?"
    r"|Your code took more than [0-9.]{1,9} s in this check\."
    r"|The whole run may take [0-9.]{1,9} s of your code's time, and that was used up\."
)


def hidden_message(status: Status, limits: dict[str, Any], needs: tuple[str, ...] = ()) -> str:
    """Return what a student reads of a hidden check: a template by status, with limits only.

    `limits` is the mapping of a Run; `needs` are the names, as the student knows them, of the
    checks without which this one was skipped.
    """
    match status:
        case Status.PASSED:
            return ""
        case Status.FAILED:
            return "Not yet: this check saw a wrong result."
        case Status.TIMED_OUT:
            return f"Your code did not answer within {_seconds(limits)}."
        case Status.CRASHED:
            return "Your code ended the process."
        case Status.SKIPPED:
            names = " and ".join(needs) or "a check that it needs"
            return f"Skipped, because {names} did not pass."
        case Status.MISSING:
            return "This check was not reported. That is our fault, not yours."


def told_of_hidden(message: str, template: str, lab: Lab, open_text: frozenset[str]) -> str:
    """Return what a student reads of a hidden check that did not pass.

    That is `template`, unless the recorded message is one of the few forms that are safe by their
    form. `open_text` is what public checks of the same run said, so it is no secret any more.
    """
    lines = message.split("\n")
    cells = [line for line in lines if line.startswith(FIRST_PREFIX)]
    if cells:
        rest = "\n".join(line for line in lines if line not in cells)
        told = [_first_failure(line, lab, open_text) for line in cells]
        return " ".join([told_of_hidden(rest, template, lab, open_text), *told]).strip()
    if _SAFE.fullmatch(message):
        return message
    if message.startswith((IMPORT_PREFIX, MISSING_PREFIX)):
        return _about_the_module(message, lab, open_text)
    return template


def _first_failure(line: str, lab: Lab, open_text: frozenset[str]) -> str:
    """Say which cell of a notebook failed first: whole where a public check said so, too."""
    if any(line in text.split("\n") for text in open_text):
        return capped(line, MESSAGE_BYTES)
    places = [path for path in dict(lab.submit.notebooks).values() if path in line]
    numbers = _CELL.findall(line)
    if not places or not numbers:
        return ""
    return f"{FIRST_PREFIX} {places[0]}, cell {numbers[0]}. Run it from the top to see why."


def _about_the_module(message: str, lab: Lab, open_text: frozenset[str]) -> str:
    """Return an import error or a missing name of a hidden check without a word of the student's.

    Where a public check met the very same error, its text is no secret and is shown whole. Else
    only what we know ourselves is copied: a built-in exception, a file that the lab asks for, a
    line number, a name that the lab's tests use. Importing is student code too, and an import that
    runs late could have read a hidden test's inputs and put them into its error.
    """
    if message in open_text:
        return capped(message, MESSAGE_BYTES)
    if message.startswith(IMPORT_PREFIX):
        return _import_error(message.removeprefix(IMPORT_PREFIX), lab)
    quoted = _QUOTED.search(message.removeprefix(MISSING_PREFIX))
    if quoted and quoted.group(1) in _trusted_words(lab.trusted_files):
        return f"{MISSING_PREFIX} `{quoted.group(1)}`."
    return f"{MISSING_PREFIX} name that this check needs: see what the lab asks you to write."


def _import_error(rest: str, lab: Lab) -> str:
    modules = (f"{name.replace('.', '/')}.py" for name in lab.submit.modules)
    notebooks = dict(lab.submit.notebooks).values()
    asked = [*notebooks, *lab.submit.required, *lab.submit.optional, *modules]
    kinds = [word for word in _EXCEPTION.findall(rest) if _is_built_in_error(word)]
    files = [path for path in asked if path in rest]
    lines, cells = _LINE.findall(rest), _CELL.findall(rest)
    said = f": {kinds[0]}" if kinds else ""
    said += f" in {files[0]}" if files else ""
    said += f", cell {cells[0]}" if cells and notebooks else ""
    said += f", line {lines[0]}" if lines else ""
    return f"{IMPORT_PREFIX}{said}. Import it on your own machine to see why."


def _is_built_in_error(word: str) -> bool:
    kind = getattr(builtins, word, None)
    return isinstance(kind, type) and issubclass(kind, BaseException)


@functools.lru_cache(maxsize=4)
def _trusted_words(files: tuple[tuple[str, bytes], ...]) -> frozenset[str]:
    """Return every identifier of a lab's tests; kept, because a class asks again and again."""
    tests = (text.decode(errors="ignore") for path, text in files if path.endswith(".py"))
    return frozenset(word for text in tests for word in _IDENTIFIER.findall(text))


def _seconds(limits: dict[str, Any]) -> str:
    limit = limits.get("call_s")
    if isinstance(limit, int | float) and not isinstance(limit, bool) and limit > 0:
        return f"{limit:g} s"
    return "the time limit"
