"""Which file a module was handed in as, where a lab takes it as a notebook, too.

Pure: paths and bytes. A notebook is never opened here, since only the worker may do that with a
student's; whether somebody worked on a file is told by comparing it with the lab's starter, byte
for byte, line endings apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from grader.lab import Submit

Files = Mapping[str, bytes]
CELLS: Final = "#cells"
"""Follows the path of a notebook where the print is of its code alone."""


def print_of(content: bytes) -> str:
    """Return the SHA-256 by which a starter is known, whatever its line endings have become."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def module_of(path: str) -> str:
    """Return the module that a path belongs to: `quality` for `quality.py` and `quality/a.py`."""
    return PurePosixPath(path).parts[0].removesuffix(".py")


def stands_in(path: str, submit: Submit) -> str:
    """Return the notebook that may be handed in instead of a file; empty for none."""
    return dict(submit.notebooks).get(module_of(path), "")


def files_of(module: str, paths: Collection[str]) -> tuple[str, ...]:
    """Return the paths among these that make up a module: its file, or those of its package."""
    return tuple(path for path in paths if path == f"{module}.py" or path.startswith(f"{module}/"))


def is_untouched(path: str, files: Files, submit: Submit) -> bool:
    """Say whether a file is the lab's starter as it was handed out."""
    return path in files and dict(submit.starters).get(path) == print_of(files[path])


def counted(files: Files, submit: Submit) -> dict[str, bytes]:
    """Return the files that count as handed in: of a module and its notebook, the one worked on.

    The starter of the other lies in every student's folder; nobody is punished for it. Where both
    are untouched, or only one is there, the module's file comes first.
    """
    left_out = {path for pair in _both(files, submit) for path in _untouched(pair, files, submit)}
    return {path: content for path, content in files.items() if path not in left_out}


def both_worked_on(files: Files, submit: Submit) -> str:
    """Name a module and its notebook that were both worked on; empty when there are none.

    Neither can be chosen for the student: they hand in one of them.
    """
    kept = counted(files, submit)
    for notebook, module in _both(kept, submit):
        return (
            f"{module[0]} and {notebook} are both there, and they are one task. "
            "Hand in one of them."
        )
    return ""


def _both(files: Files, submit: Submit) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (notebook, files of the module) where both are there."""
    for module, notebook in submit.notebooks:
        found = files_of(module, files)
        if notebook in files and found:
            yield notebook, found


def _untouched(pair: tuple[str, tuple[str, ...]], files: Files, submit: Submit) -> tuple[str, ...]:
    """Return what of the two does not count: the untouched module, or the untouched notebook."""
    notebook, module = pair
    if is_untouched(notebook, files, submit):
        return (notebook,)
    if all(is_untouched(path, files, submit) for path in module):
        return module
    return ()
