"""Makes a student's starter from a reference solution: what lies between two markers is withheld.

    def completeness(frame):
        ### BEGIN SOLUTION
        #: shares = ...
        #: return shares
        present = ~frame.isna()
        return present.mean()
        ### END SOLUTION

Pure text in, pure text out. The region becomes `raise NotImplementedError(…)` (in a file that is
not Python: a comment), at the indentation of its first marker. Lines of the region that are
comments beginning with `#:` are kept instead, without the `#: `, and then nothing else is added;
a lone `#:` leaves an empty line. Anything that looks like a marker but is none stops the build,
since a misspelt marker would publish the solution.
"""

from __future__ import annotations

import ast
import difflib
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from grader.errors import MarkerError

BEGIN: Final = "### BEGIN SOLUTION"
END: Final = "### END SOLUTION"
KEPT: Final = "#:"
PYTHON_STUB: Final = 'raise NotImplementedError("This part is yours to write.")'
OTHER_STUB: Final = "# This part is yours to write."

_ALIKE: Final = 0.85
_EDGE: Final = r"(BEGIN|BEGINS|START|END|ENDS|STOP)"
_NEIGHBOURS: Final = re.compile(
    rf"\b{_EDGE}[\W_]*SOLUTIONS?\b|\bSOLUTIONS?[\W_]*{_EDGE}\b|^SOLUTION( NO PROMPT)?$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One part of a source file that students do not receive."""

    begin: int
    """Line of the first marker, counted from 1."""
    end: int
    """Line of the last marker."""
    withheld: tuple[str, ...]
    """Lines that never leave the source, empty ones left out."""
    kept: tuple[str, ...]
    """Lines that stand in the starter instead, as they will stand there."""


def make_starter(text: str, name: str) -> str:
    """Return the starter; text without markers comes back unchanged.

    `name` is the file's name: it decides whether the text is Python, and stands in messages.
    Raises MarkerError, with file and line, for markers that do not pair up, that are misspelt or
    lie in a string, for a region that withholds nothing or gives away what it withholds, and for
    a result that is not Python.
    """
    found = regions(text, name)
    if not found:
        return text
    lines = text.split("\n")
    starter: list[str] = []
    stubs: list[int] = []
    done = 0
    for region in found:
        starter += lines[done : region.begin - 1]
        if region.kept:
            starter += region.kept
        else:
            starter.append(_stub(lines[region.begin - 1], name))
            stubs.append(len(starter))
        done = region.end
    starter += lines[done:]
    made = "\n".join(starter)
    if _is_python(name):
        _demand_that_it_compiles(made, name)
        _demand_stubs_in_functions(made, dict(zip(stubs, _without_kept(found), strict=True)), name)
    return made


def regions(text: str, name: str) -> tuple[Region, ...]:
    """Return the withheld regions of a source file, in order. Raises MarkerError as above."""
    if "\r" in text.replace("\r\n", "\n"):
        raise MarkerError("a line ends in a lone carriage return.", where=name)
    marks = _marks(text, name)
    lines = text.split("\n")
    found: list[Region] = []
    opened: int | None = None
    for number, word in marks.items():
        if word == BEGIN and opened is not None:
            raise _error(name, number, f"the region of line {opened} is still open.")
        if word == END and opened is None:
            raise _error(name, number, "nothing is open here that could end.")
        if word == BEGIN:
            opened = number
        elif opened is not None:
            found.append(_region(lines, opened, number, name))
            opened = None
    if opened is not None:
        raise _error(name, opened, f"this region is never closed by `{END}`.")
    return tuple(found)


def _region(lines: list[str], begin: int, end: int, name: str) -> Region:
    comments = comments_of("\n".join(lines), name)
    withheld: list[str] = []
    kept: list[str] = []
    for number in range(begin + 1, end):
        line = lines[number - 1]
        stripped = line.strip()
        if number in comments and (stripped == KEPT or stripped.startswith(f"{KEPT} ")):
            indentation = line[: len(line) - len(line.lstrip())]
            content = stripped.removeprefix(KEPT).removeprefix(" ")
            ending = "\r" if line.endswith("\r") else ""
            kept.append((f"{indentation}{content}" if content else "") + ending)
        elif stripped:
            withheld.append(line)
    if not withheld:
        raise _error(name, begin, "this region withholds nothing.")
    secret = {line.strip() for line in withheld}
    for line in kept:
        if line.strip() in secret:
            raise _error(
                name,
                begin,
                f"this region keeps a line that it also withholds: {line.strip()!r}.",
                "Write the line before the region, once, if students may have it.",
            )
    return Region(begin=begin, end=end, withheld=tuple(withheld), kept=tuple(kept))


def _marks(text: str, name: str) -> dict[int, str]:
    """Return line number -> BEGIN or END. Raises MarkerError for what only looks like one."""
    comments = comments_of(text, name)
    marks: dict[int, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        hash_sign = line.find("#")
        if hash_sign < 0:
            continue
        exact = next((mark for mark in (BEGIN, END) if line.strip(" \t\r") == mark), None)
        if exact and number in comments:
            marks[number] = exact
        elif exact or _looks_like_a_marker(line[hash_sign:], comments.get(number, "")):
            raise _mistake(name, number, is_comment=number in comments)
    return marks


def _mistake(name: str, number: int, *, is_comment: bool) -> MarkerError:
    if not is_comment:
        return _error(
            name,
            number,
            "this marker lies inside a string, where it does nothing.",
            "Put the markers around the string, or reword the text.",
        )
    return _error(
        name,
        number,
        "this looks like a solution marker, but it is none.",
        f"Write exactly `{BEGIN}` or `{END}`, alone on the line; or reword the comment.",
    )


def _looks_like_a_marker(tail: str, comment: str) -> bool:
    """Judge the comment of a line, or, where there is none, all that follows the first `#`."""
    text = (comment or tail).strip("# \t\r\f\v").upper()
    if _NEIGHBOURS.search(text):
        return True
    words = " ".join(re.findall(r"[A-Z]+", text))
    return any(
        difflib.SequenceMatcher(None, words, mark.strip("# ")).ratio() >= _ALIKE
        for mark in (BEGIN, END)
    )


def comments_of(text: str, name: str) -> Mapping[int, str]:
    """Return line number -> comment. In a file that is not Python every `#` begins one.

    Raises MarkerError, with file and line, for a .py file that is not Python.
    """
    if not _is_python(name):
        return {
            number: line[line.index("#") :]
            for number, line in enumerate(text.split("\n"), start=1)
            if "#" in line
        }
    found: dict[int, str] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = token.string
    except (tokenize.TokenError, SyntaxError) as error:
        raise _error(name, _line_of(error), "this is not Python, so no starter is made.") from None
    return found


def _line_of(error: tokenize.TokenError | SyntaxError) -> int:
    if isinstance(error, SyntaxError):
        return error.lineno or 1
    return int(error.args[1][0])


def _stub(marker: str, name: str) -> str:
    indentation = marker[: marker.index("#")]
    ending = "\r" if marker.endswith("\r") else ""
    return indentation + (PYTHON_STUB if _is_python(name) else OTHER_STUB) + ending


def _without_kept(found: tuple[Region, ...]) -> Iterator[Region]:
    return (region for region in found if not region.kept)


def _demand_that_it_compiles(made: str, name: str) -> None:
    try:
        ast.parse(made)
    except SyntaxError as error:
        shown = (error.text or "").strip()
        raise MarkerError(
            f"without the solution the file is not Python any more: {error.msg} at {shown!r}.",
            where=name,
            advice="Withhold whole statements, or keep a line with `#: `.",
        ) from None


def _demand_stubs_in_functions(made: str, stubs: dict[int, Region], name: str) -> None:
    functions = [
        range(node.lineno, (node.end_lineno or node.lineno) + 1)
        for node in ast.walk(ast.parse(made))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    for line, region in stubs.items():
        if not any(line in function for function in functions):
            raise _error(
                name,
                region.begin,
                "this region lies outside of every function, so the starter could not be imported.",
                "Keep a line with `#: `; a lone `#:` leaves an empty line.",
            )


def _is_python(name: str) -> bool:
    return name.endswith(".py")


def _error(name: str, line: int, message: str, advice: str = "") -> MarkerError:
    return MarkerError(message, where=f"{name}:{line}", advice=advice)
