"""Makes a student's notebook importable: its cells are run from the top in a module of its name.

    import quality ──► quality.py, quality/   where the hand-in has one of them
                  └──► quality.ipynb          otherwise, where the lab's manifest allows it

Cells after one that failed are still run, as people expect of a notebook. The first failure is
kept, to be told together with a name that is missing because of it.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import pathlib
import sys
import types
from collections.abc import Mapping, Sequence
from typing import Any, Final

from grader.wire.notebooks import NotebookError, read_notebook

FAILURE: Final = "__first_failure__"
"""Name in a notebook's module under which its first failure stands."""


class NotebookFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules that a lab lets students write as notebooks."""

    def __init__(self, folder: pathlib.Path, notebooks: Mapping[str, str]) -> None:
        """`notebooks` is module -> path of its notebook in the student's folder."""
        self._folder = folder
        self._notebooks = notebooks

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Claim a module that has a notebook here, and no file or package of its own."""
        del path, target
        place = self._folder / self._notebooks.get(fullname, "")
        if fullname not in self._notebooks or not place.is_file():
            return None
        if (self._folder / f"{fullname}.py").is_file() or (self._folder / fullname).is_dir():
            return None
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=str(place))
        spec.has_location = True  # the module gets `__file__`: that it is the student's shows by it
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """Leave it to the import system."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the cells in the module. Raises NotebookError for what is no notebook."""
        place = pathlib.Path(str(module.__file__))
        name = place.relative_to(self._folder).as_posix()
        notebook = read_notebook(place.read_bytes(), name)
        shell = _shell()
        if shell is None:
            raise NotebookError(f"{name} cannot be run here: IPython is not installed.")
        failure = shell.run(module, notebook, str(place))
        vars(module)[FAILURE] = failure


def _shell() -> Any:
    """Return the module that runs cells, or None where IPython is not installed."""
    try:
        from grader.worker import shell  # noqa: PLC0415 - it needs IPython, most labs do not
    except ImportError:
        return None
    return shell


def find_notebooks(folder: pathlib.Path, notebooks: Mapping[str, str]) -> None:
    """Let imports find the notebooks in the student's folder, before anything installed."""
    if notebooks:
        sys.meta_path.insert(0, NotebookFinder(folder.resolve(), notebooks))


def told_of(module: types.ModuleType) -> list[Any]:
    """Return [package, module or notebook; docstring; which cell failed first, empty for none]."""
    failure = vars(module).get(FAILURE)
    if isinstance(failure, str):
        return ["notebook", module.__doc__, failure[:1000]]
    return ["package" if hasattr(module, "__path__") else "module", module.__doc__, ""]
