"""A look at a student's own notebook on the student's own machine, before it is handed in.

Here, and nowhere else outside of the worker, a notebook that a student wrote is opened: it is read
on the machine of whoever wrote it. What is wrong with it is said before it costs anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from grader.errors import UngradableError
from grader.lab import Submit
from grader.notebook_building import print_of_cells
from grader.notebook_choice import CELLS, files_of, is_untouched
from grader.wire.notebooks import Notebook, NotebookError, read_notebook

_SHOWN = 5


class WrittenAs(StrEnum):
    """What a student says that they worked in."""

    MODULE = "module"
    NOTEBOOK = "notebook"


def choose(
    files: Mapping[str, bytes], submit: Submit, written_as: WrittenAs | None = None
) -> dict[str, bytes]:
    """Return the files to hand in: of a module and its notebook, the one that was worked on.

    `written_as` settles it. A notebook that was opened and saved again without a change of its code
    was not worked on. Raises UngradableError where both were and nobody says which one counts.
    """
    kept = dict(files)
    for module, notebook in submit.notebooks:
        paths = files_of(module, files)
        if notebook not in files or not paths:
            continue
        takes = written_as or _worked_on(notebook, paths, files, submit)
        for path in paths if takes is WrittenAs.NOTEBOOK else (notebook,):
            del kept[path]
    return kept


def _worked_on(
    notebook: str, paths: tuple[str, ...], files: Mapping[str, bytes], submit: Submit
) -> WrittenAs:
    if _is_as_it_was(notebook, files, submit):
        return WrittenAs.MODULE
    if all(is_untouched(path, files, submit) for path in paths):
        return WrittenAs.NOTEBOOK
    raise UngradableError(
        f"you have worked on {paths[0]} and on {notebook}, and they are one task.",
        advice="Say which one counts: --notebook, or --module. The other one stays where it is.",
    )


def _is_as_it_was(notebook: str, files: Mapping[str, bytes], submit: Submit) -> bool:
    if is_untouched(notebook, files, submit):
        return True
    try:
        code = print_of_cells(read_notebook(files[notebook], notebook))
    except NotebookError:
        return False
    return dict(submit.starters).get(f"{notebook}{CELLS}") == code


def notes_on_notebooks(
    files: Mapping[str, bytes], submit: Submit, given: Mapping[str, list[str]]
) -> Iterator[str]:
    """Yield what the author of a notebook should know before it is handed in.

    `given` is path -> ids of the cells that the lab gives. Raises UngradableError for what cannot
    be read as a notebook.
    """
    for path in dict(submit.notebooks).values():
        if path not in files:
            continue
        try:
            notebook = read_notebook(files[path], path)
        except NotebookError as error:
            raise UngradableError(str(error)) from None
        if not notebook.cells:
            yield f"{path} has no cell with code."
        yield from _lacking(path, notebook, given.get(path, []))


def _lacking(path: str, notebook: Notebook, given: list[str]) -> Iterator[str]:
    lost = [mark for mark in given if mark not in notebook.ids]
    if lost:
        more = f" and {len(lost) - _SHOWN} more" if len(lost) > _SHOWN else ""
        yield (
            f"{path} has lost cells that the lab gave you: {', '.join(lost[:_SHOWN])}{more}. "
            "No points hang on the cells themselves; your code may need what is in them."
        )
