"""Runs the cells of a notebook as Jupyter would, by IPython's own shell, in the student's process.

Magics, `!commands`, `display`, `_` and top-level `await` are IPython's. What needs a person or a
browser is not there: no pager, no history file, no pictures. Only this module imports IPython.
"""

from __future__ import annotations

import builtins
import os
import subprocess
import sys
import traceback
import types
from collections.abc import Iterable, Iterator
from typing import Any, Final

from IPython.core import page
from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import LSString, SList
from traitlets.config import Config

from grader.wire.notebooks import Cell, Notebook
from grader.worker.doing import now_in

_SAID: Final = 300
_TRACEBACK: Final = 8_000
_QUIET: Final = Config(
    {
        "HistoryManager": {"enabled": False, "hist_file": ":memory:"},
        "InteractiveShell": {"colors": "nocolor", "history_load_length": 0},
        "DisplayFormatter": {"active_types": ["text/plain"]},
    }
)


def run(module: types.ModuleType, notebook: Notebook, place: str) -> str:
    """Run all cells from the top in a module; `place` is the file, as tracebacks name it.

    Cells after one that failed are run, too. Returns what is to be said of the first that failed,
    empty when none did. Their names are the module's then; those of the shell itself are not.
    """
    return Running(module, place).run(notebook.cells)


class Running:
    """A notebook that is being run: some cells now, others later, all in one module."""

    def __init__(self, module: types.ModuleType, place: str) -> None:
        """Run in `module`; `place` is the file, as tracebacks name it."""
        os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        InteractiveShell.clear_instance()
        before = set(vars(module))
        self._module = module
        self._place = place
        self._shell = Shell.instance(config=_QUIET, user_module=module)
        self._shells_own = {name: vars(module)[name] for name in set(vars(module)) - before}
        vars(module).pop("open", None)  # the student's code may open what it likes
        self._failure = ""

    def run(self, cells: Iterable[Cell]) -> str:
        """Run cells; return what is to be said of the first that failed, empty when none did."""
        names = vars(self._module)
        for name, value in self._shells_own.items():
            names.setdefault(name, value)
        for cell in cells:
            now_in(cell.number)
            self._shell.cells.place = f"{self._place}, {cell.name}"
            # Not by a look-up on the object: what a cell does to its shell is its own affair.
            result = Shell.run_cell(self._shell, cell.source, store_history=True)
            error = result.error_before_exec or result.error_in_exec
            if error is not None and not self._failure:
                file = os.path.basename(self._place)  # noqa: PTH119 - text, no file
                self._failure = _told(file, cell, error)
        now_in(0)
        for name, value in self._shells_own.items():
            if names.get(name) is value and not name.startswith("_"):
                del names[name]
        # Functions with magics in them are called long after the cells were run.
        vars(builtins)["get_ipython"] = self._shell.get_ipython
        return self._failure


class CellCompiler(CachingCompiler):
    """Compiles cells under names that say where they stand."""

    def __init__(self) -> None:
        """Name nothing yet."""
        super().__init__()
        self.place = ""

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        """Return the name for tracebacks and `inspect.getsource`."""
        return self.place or super().get_code_name(raw_code, transformed_code, number)


class Shell(InteractiveShell):
    """IPython's shell without a terminal, a profile, or a person."""

    def __init__(self, **fields: Any) -> None:
        """Take what InteractiveShell takes."""
        super().__init__(**fields)
        self.cells = self.compile = CellCompiler()
        self.db: dict[str, Any] = {}  # what `%cd` and its kind remember
        self.set_hook("show_in_pager", page.as_hook(page.display_page), 90)

    def init_ipython_dir(self, ipython_dir: Any) -> None:
        """Have none: it would be made in the student's home."""

    def init_profile_dir(self, profile_dir: Any) -> None:
        """Have none."""

    def init_virtualenv(self) -> None:
        """Import what this interpreter imports, and nothing from elsewhere."""

    def enable_matplotlib(self, gui: Any = None) -> tuple[Any, Any]:
        """Obey `%matplotlib`; where there is no Matplotlib, there is nothing to prepare."""
        try:
            told: tuple[Any, Any] = super().enable_matplotlib(gui)
        except ModuleNotFoundError as error:
            if error.name not in {"matplotlib", "matplotlib.pyplot"}:
                raise
            return gui, "none: Matplotlib is not installed here"
        return told

    def enable_gui(self, gui: Any = None) -> None:
        """Have no windows."""

    def ask_exit(self) -> None:
        """Treat `exit` as what it is in a script."""
        raise SystemExit("exit() was called")

    def system(self, cmd: str) -> None:
        """Run a command of a cell, `!command`, without a terminal."""
        done = self._ran(self.var_expand(cmd, depth=1))
        sys.stdout.write(done.stdout)
        self.user_ns["_exit_code"] = done.returncode
        if self.system_raise_on_error and done.returncode:
            raise subprocess.CalledProcessError(done.returncode, cmd)

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """Return what a command wrote: `lines = !command`."""
        done = self._ran(self.var_expand(cmd, depth=depth + 1))
        self.user_ns["_exit_code"] = done.returncode
        return SList(done.stdout.splitlines()) if split else LSString(done.stdout)

    def _ran(self, cmd: str) -> subprocess.CompletedProcess[str]:
        if cmd.rstrip().endswith("&"):
            raise OSError("Background processes not supported.")
        sys.stdout.flush()
        return subprocess.run(  # noqa: S602 - the student's command, in the student's box
            cmd,
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="backslashreplace",
            check=False,
        )

    def showtraceback(self, exc_tuple: Any = None, *_: Any, **__: Any) -> None:
        """Print a traceback of Python's own kind: IPython's looks into many files and variables."""
        _print_traceback((exc_tuple or sys.exc_info())[1])

    def showsyntaxerror(self, *_: Any, **__: Any) -> None:
        """Print it in the same way."""
        _print_traceback(sys.exc_info()[1])


def _print_traceback(error: BaseException | None) -> None:
    if error is None:
        return
    try:
        told = traceback.TracebackException.from_exception(error, limit=-20, compact=True)
        told.stack = traceback.StackSummary.from_list(
            [entry for entry in told.stack if "/IPython/" not in entry.filename]
        )
        text = "".join(told.format())[-_TRACEBACK:]
    except BaseException:  # noqa: BLE001 - what a student's exception does may not stop the cells
        text = type(error).__name__
    sys.stderr.write(f"{text.rstrip()}\n")


def _told(file: str, cell: Cell, error: BaseException) -> str:
    """Say which cell failed, and how."""
    try:
        said = str.__str__(str(error)).strip()
    except BaseException:  # noqa: BLE001 - a hostile __str__ says nothing
        said = ""
    said = said.split("\n", maxsplit=1)[0][:_SAID]
    if isinstance(error, SyntaxError):
        said = str(error.args[0])[:_SAID] if error.args else "invalid syntax"
    line = next(iter(_lines(error, f"{file}, {cell.name}")), 0)
    where = f", line {line}" if line else ""
    begins = f", which begins with `{cell.first_line}`:" if cell.first_line else ":"
    told = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return f"{file}, {cell.name}{where}{begins} {told}"


def _lines(error: BaseException, place: str) -> Iterator[int]:
    """Yield the line of the cell at which it failed, if that can be told."""
    if isinstance(error, SyntaxError) and str(error.filename).endswith(place):
        yield error.lineno or 0
    found = 0
    tb = error.__traceback__
    for _ in range(1000):
        if tb is None:
            break
        if tb.tb_frame.f_code.co_filename.endswith(place):
            found = tb.tb_lineno
        tb = tb.tb_next
    yield found
