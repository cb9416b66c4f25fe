"""What a lab's list of files says about a hand-in: what is missing, misplaced, empty or odd.

Pure: it looks at paths and bytes that the door has let in. Student files are never run or parsed
here; what they mean is found out in the worker.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from grader.errors import UngradableError
from grader.filenames import sameness
from grader.lab import Submit
from grader.notebook_choice import both_worked_on, stands_in
from grader.plaintext import one_line
from grader.submission import Bundle

_SHOWN: Final = 3
_CLOSE: Final = 0.75
_NEAR_STEM: Final = re.compile(r"(?:[ _-]*\(?\d+\)?|[ _-]*(?:copy|final|new|old|kopie))*")
_BIDI: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def is_there(listed: str, paths: Collection[str]) -> bool:
    """Say whether a listed path is among the paths, as a file or as a folder with something in."""
    return listed in paths or any(path.startswith(f"{listed}/") for path in paths)


def covers(submit: Submit, path: str) -> bool:
    """Say whether the lab asks for this path, or for a folder that it lies in."""
    listed = (*submit.required, *submit.optional, *dict(submit.notebooks).values())
    return any(path == name or path.startswith(f"{name}/") for name in listed)


def missing_files(bundle: Bundle, submit: Submit, *, elsewhere: Iterable[str] = ()) -> str:
    """Name each required path that is not there, with what looks like it; empty when all are.

    A notebook may stand in for a module; both at once, worked on, are named, too.
    `elsewhere` are further paths that exist but were not taken in.
    """
    paths = set(bundle.as_dict())
    known = sorted(paths.union(elsewhere).difference(submit.required))
    missing = [name for name in submit.required if not _is_given(name, paths, submit)]
    said = [_missing(name, known, stands_in(name, submit)) for name in missing]
    return " ".join([*said, both_worked_on(bundle.as_dict(), submit)]).strip()


def require_files(bundle: Bundle, submit: Submit, *, elsewhere: Iterable[str] = ()) -> None:
    """Raise UngradableError when a required path is not in the bundle."""
    message = missing_files(bundle, submit, elsewhere=elsewhere)
    if message:
        notebooks = dict(submit.notebooks).values()
        instead = f" A notebook may stand in for its module: {', '.join(notebooks)}."
        names = ", ".join(submit.required)
        raise UngradableError(
            message,
            advice=f"Hand in these files, under exactly these names: {names}."
            + instead * bool(notebooks),
        )


def _is_given(name: str, paths: set[str], submit: Submit) -> bool:
    notebook = stands_in(name, submit)
    return is_there(name, paths) or (bool(notebook) and is_there(notebook, paths))


def _missing(name: str, known: list[str], notebook: str = "") -> str:
    near = near_misses(name, known)
    if notebook and notebook != name:
        near += near_misses(notebook, known)
        name = f"{name} (or {notebook})"
    if not near:
        return f"{name} is missing."
    shown = " and ".join(f"'{one_line(path)}'" for path in near)
    return f"{name} is missing; there is {shown}."


def near_misses(name: str, known: Iterable[str]) -> list[str]:
    """Return the paths that were probably meant, best first: `Quality.py`, `quality.py.txt`."""
    scored = [(score, path) for path in known if (score := _likeness(name, path)) >= _CLOSE]
    return [path for _, path in sorted(scored, key=lambda pair: (-pair[0], pair[1]))][:_SHOWN]


def _likeness(name: str, path: str) -> float:
    wanted, found = PurePosixPath(name), PurePosixPath(path)
    if sameness(name) == sameness(path):
        return 4.0
    low, have = sameness(wanted.name), sameness(found.name)
    if low == have:
        return 3.0
    stem = sameness(wanted.stem)
    if have in {f"{low}.txt", f"{low}{wanted.suffix}", stem, f"{stem}.txt"}:
        return 2.0
    if found.suffix.casefold() != wanted.suffix.casefold():
        return 0.0
    extra = sameness(found.stem).removeprefix(stem)
    if have.startswith(stem) and _NEAR_STEM.fullmatch(extra):
        return 1.5
    return difflib.SequenceMatcher(None, stem, sameness(found.stem)).ratio()


def unwrapped(files: Mapping[str, bytes], submit: Submit) -> str:
    """Return the folder that everything was put into by mistake, or an empty string.

    A right-click on a folder makes an archive in which all lies one folder down. That folder is
    taken off only where the files that the lab wants lie inside it.
    """
    notebooks = dict(submit.notebooks).values()
    wanted = (*(submit.required or submit.optional), *notebooks)
    prefix = ""
    while not any(is_there(f"{prefix}{name}", files) for name in wanted):
        below = {path.removeprefix(prefix).partition("/")[::2] for path in files}
        tops = {top for top, _ in below}
        if len(tops) != 1 or any(not rest for _, rest in below):
            return ""
        prefix += f"{tops.pop()}/"
    return prefix


def form_problem(files: Mapping[str, bytes], folders: Collection[str], submit: Submit) -> str:
    """Say which required file is a folder or has nothing in it; empty when none is."""
    for name in (*submit.required, *dict(submit.notebooks).values()):
        path = PurePosixPath(name)
        if name in folders and path.suffix:
            return f"{name} is a folder; it must be a file."
        if files.get(name) == b"" and path.name != "__init__.py":
            return f"{name} is empty."
    return ""


def notes_on(files: Mapping[str, bytes], submit: Submit) -> Iterator[str]:
    """Yield what the student should know about files that were let in all the same."""
    for path, content in files.items():
        if path.endswith(".py"):
            yield from _odd_text(path, content)
    unlisted = [path for path in files if not covers(submit, path)]
    if unlisted and (submit.required or submit.optional):
        shown = ", ".join(one_line(path) for path in unlisted[:_SHOWN])
        more = f" and {len(unlisted) - _SHOWN} more" if len(unlisted) > _SHOWN else ""
        yield f"Not on the lab's list, kept, and not looked at: {shown}{more}."


def _odd_text(path: str, content: bytes) -> Iterator[str]:
    name = one_line(path)
    if content.startswith(_WIDE_MARKS):
        yield f"{name} is saved as UTF-16, which Python cannot read. Save it as UTF-8."
    elif b"\0" in content:
        yield f"{name} holds a NUL character, which Python cannot read. Save it as UTF-8 text."
    elif _BIDI.search(content.decode("utf-8", "replace")):
        yield f"{name} holds characters that change the direction of writing: it may mislead."
