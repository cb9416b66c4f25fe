"""The student's modules: importing them there, looking names up, and what went wrong meanwhile."""

from __future__ import annotations

import builtins
import dis
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from grader.checker import faults
from grader.checker.remote import RemoteModule, ref_of

if TYPE_CHECKING:
    from grader.checker.session import Session

IMPORT_PREFIX = "Your module could not be imported"
FIRST_PREFIX = "Your notebook failed first in"
_IMPORTS_STAR = ("IMPORT_STAR", "CALL_INTRINSIC_1")
_FOR_PYTEST = (
    "__", "pytest", "collect_ignore", "setup_module", "teardown_module", "setup_function",
    "teardown_function", "setUpModule", "tearDownModule",
)  # fmt: skip


class Modules:
    """What is known of the student's modules in the session's present child."""

    def __init__(self, session: Session) -> None:
        """Know nothing yet."""
        self._session = session
        self._failures: dict[str, faults.Fault] = {}
        self._imported: set[tuple[int, str]] = set()
        self._notebooks: dict[str, str] = {}

    def failure(self, name: str) -> faults.Fault | None:
        """Return why the module cannot be imported, or None when it can (it then has been)."""
        if name not in self._failures:
            self.load(name)
        return self._failures.get(name)

    def load(self, name: str) -> list[Any] | None:
        """Import a module there; return [kind, doc], or None when that failed before or now.

        A module that hung or died while it was imported is not tried again: that would cost every
        check the same time-out. One that is not there fails the checks that use it, no others.
        """
        if name in self._failures or (self._session.generation, name) in self._imported:
            return None
        try:
            told: list[Any] = self._session.request("import", n=name)
        except faults.Fault as fault:
            cell = self._session.tally.cell
            during = f" That was in cell {cell} of its notebook." if cell else ""
            text = f"{IMPORT_PREFIX} ({name}). {fault.message}{during}"
            self._failures[name] = type(fault)(text)
            return None
        except BaseException as error:  # noqa: BLE001 - whatever importing raised is a result
            self._failures[name] = self._failed(name, error)
            return None
        self._imported.add((self._session.generation, name))
        if isinstance(told, list) and len(told) == 3 and told[0] == "notebook":  # noqa: PLR2004 - kind, doc, first failure
            # Of the first import in a run alone, which no call with a hidden input came before.
            self._notebooks.setdefault(name, _one_line(told[2]))
        return told

    def absent(self, home: str, name: str) -> str:
        """Say that a module has no such name."""
        place = "a notebook" if home in self._notebooks else f"{home}.py"
        return f"Your module has no {name!r} ({place})."

    def with_first_failure(self, message: str) -> str:
        """Add to the message of a check that did not pass which cell of a notebook failed first."""
        told = [f"{FIRST_PREFIX} {text}" for text in self._notebooks.values() if text]
        return "\n".join([message, *told]).strip()

    def note_failure(self, name: str, told: object) -> None:
        """Keep which cell of a notebook failed first, as far as it has been run; empty for none."""
        self._notebooks[name] = _one_line(told)

    def forget_failures(self) -> None:
        """Let the next test file try again."""
        self._failures.clear()

    def _failed(self, name: str, error: BaseException) -> faults.Fault:
        place = getattr(error, "_grader_line", None)
        where = f"{name}.py"
        line = ""
        if isinstance(place, list):
            where = f"{place[0]}, line {place[1]}"
            line = f": {place[2]}" if place[2] else ""
        said = str(error)
        if type(error).__name__ == "NotebookError":
            return faults.ImportFailed(f"{IMPORT_PREFIX} ({name}). {said}"[:1500])
        if isinstance(error, SyntaxError):
            said = str(error.args[0]) if error.args else "invalid syntax"
        text = f"{IMPORT_PREFIX} ({where}): {type(error).__name__}: {said}"
        return faults.ImportFailed((text + line)[:1500])

    def named(self, home: str, name: str) -> Any:
        """Return what a module holds under a name. Raises AttributeError when it holds nothing."""
        value = self._session.request("name", m=home, n=name)
        ref = ref_of(value)
        if ref is not None and ref.path is None:
            ref.path = (home, name)
        return value

    def all_names(self, home: str, asked: types.FrameType | None) -> Any:
        """Return `__all__` of a module; for `from module import *`, what that may bind in a test.

        Never what pytest itself looks for there. In strict labs, neither what Python or the test
        file has under that name already: a student's own `abs` or `pytest` would judge their work.
        """
        told = self._session.request("names", m=home)
        names = [name for name in told if type(name) is str] if isinstance(told, list) else []
        frame = asked.f_back if asked is not None else None
        if frame is None or dis.opname[frame.f_code.co_code[frame.f_lasti]] not in _IMPORTS_STAR:
            return names
        trusting = self._session.settings.remote_operators
        taken = set() if trusting else {*vars(builtins), *frame.f_globals}
        return [
            name
            for name in names
            if name.isidentifier() and not name.startswith(_FOR_PYTEST) and name not in taken
        ]

    def ensure(self, name: str) -> None:
        """Have the module imported in the present child."""
        failure = self.failure(name)
        if failure is not None:
            raise self._session.fault(type(failure)(failure.message))
        if (self._session.generation, name) not in self._imported:
            self.load(name)


def _one_line(told: object) -> str:
    return " ".join(str(told)[:1000].split())


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Resolves the names in `submit.modules` to the student's modules; nothing else."""

    def __init__(self, session: Session) -> None:
        """Resolve for one session."""
        self._session = session

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Claim the student's modules and their submodules."""
        del path, target
        if fullname.partition(".")[0] in self._session.settings.modules:
            return importlib.machinery.ModuleSpec(fullname, self)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Import the module there. Whatever goes wrong fails the checks that use the module."""
        name = spec.name
        told = self._session.modules.load(name)
        kind, doc = told[:2] if isinstance(told, list) and len(told) == 3 else ["module", None]  # noqa: PLR2004 - kind, doc, first failure
        return RemoteModule(self._session, name, doc, package=kind == "package")

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing runs here."""
        # The import system adds attributes that would promise files of this side.
        types.ModuleType.__getattribute__(module, "__dict__").pop("__file__", None)

    def remove_modules(self) -> None:
        """Forget every remote module, so that the next file starts from nothing."""
        for name in list(sys.modules):
            if name.partition(".")[0] in self._session.settings.modules:
                del sys.modules[name]
