"""Runs test cells of nbgrader on the trusted side, against a notebook that is run step by step.

    worker   the student's cells, run up to where the test cell stands; then it waits
    here     the test cell, from the course's own source, in a space of names

A name that a test cell uses is the test cells' own, a library's, Python's, or the student's: in
this order, so that nothing of the student's takes the place of what judges it. What the space knows
beforehand (`NOTEBOOK` in a test file) was read from the course's source when it was imported.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import linecache
import numbers
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import pytest
from _pytest.assertion.rewrite import rewrite_asserts

from grader.checker import faults
from grader.checker.modules import IMPORT_PREFIX
from grader.checker.remote import ref_of

if TYPE_CHECKING:
    from grader.checker.session import Session

_NOTHING: Final = object()


class Captured:
    """What a cell with `%%capture` keeps: IPython's object of that name, as far as text goes."""

    def __init__(self, stdout: str, stderr: str) -> None:
        """Keep both streams."""
        self.stdout = stdout
        self.stderr = stderr
        self.outputs: list[Any] = []

    def __str__(self) -> str:
        return self.stdout

    def show(self) -> None:
        """Print it."""
        sys.stdout.write(self.stdout)


class Cells:
    """The test cells of one test file: the fixture `cells`."""

    def __init__(
        self, session: Session, told: Mapping[str, Any], config: pytest.Config, *, public: bool
    ) -> None:
        """`told` is the file's `NOTEBOOK`: see `Plan` of `grader.nbgrader_course.plan`.

        `public` says that students may know all that these cells send to their code.
        """
        self._session = session
        self._told = dict(told)
        self._config = config
        self._order = [str(name) for name in told.get("order", ())]
        self._here = {str(name): str(code) for name, code in told.get("here", {}).items()}
        self._public = public
        self._began = False
        self._lost: faults.Fault | None = None
        self._passed: set[str] = set()
        self._outcomes: dict[str, Any] = {}
        self._space = Space(session, told)

    def run(
        self, cell: str, source: str, *, out_of: float | None = None, capture: str = ""
    ) -> None:
        """Run a test cell when its turn comes. Whatever it raises fails the check.

        Where its last line is a number, that is what it earns `out_of` so many points: it passes
        with all of them.
        """
        value = self._result(cell, source, capture)
        if out_of is not None and isinstance(value, numbers.Real) and not isinstance(value, bool):
            earned = float(value)
            assert earned >= out_of, f"this cell gives {earned:g} of {out_of:g} points"

    def earns(self, cell: str, source: str, at_least: float, *, capture: str = "") -> None:
        """Demand that a cell whose last line is a number gives at least so many points.

        The cell is run once, however many checks ask for it.
        """
        if cell not in self._outcomes:
            try:
                self._outcomes[cell] = (self._result(cell, source, capture), None)
            except Exception as error:
                self._outcomes[cell] = (None, error)
                raise
        value, failure = self._outcomes[cell]
        if failure is not None:
            pytest.fail(f"this cell fails: {type(failure).__name__}", pytrace=False)
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            pytest.fail("the last line of this cell gives no number", pytrace=False)
        earned = float(value)
        assert earned >= at_least, f"this cell gives {earned:g} points"

    def _result(self, cell: str, source: str, capture: str) -> Any:
        for name in self._order:
            if name == cell:
                break
            if name in self._here and name not in self._passed:
                self._prepare(name)
        self._step(cell)
        self._space.forget(self._told.get("forget", {}).get(cell, ()))
        self._began = True
        with self._captured(capture):
            return self._space.run(_lines(source), f"{self._file}, cell {cell}", self._config)

    @property
    def _file(self) -> str:
        return str(self._told["module"])

    def _prepare(self, cell: str) -> None:
        """Run what of a cell above makes names that are needed: as in a kernel, errors stay its."""
        self._step(cell)
        self._passed.add(cell)
        self._began = True
        self._space.forget(self._told.get("forget", {}).get(cell, ()))
        with contextlib.suppress(Exception):
            self._space.run(_lines(self._here[cell]), f"{self._file}, cell {cell}", None)

    @contextlib.contextmanager
    def _captured(self, name: str) -> Iterator[None]:
        if not name:
            yield
            return
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            yield
        self._space[name] = Captured(out.getvalue(), err.getvalue())

    # -- the student's notebook

    def _step(self, until: str) -> None:
        """Have the student's cells run up to a cell. A notebook that hung is not run again."""
        if self._lost is not None:
            raise self._session.fault(type(self._lost)(self._lost.message))
        module = self._told["module"]
        try:
            told = self._session.request("step", None, n=module, until=until)
            if told is None:  # a child that knows nothing of this notebook yet
                plan: dict[str, Any] = {
                    key: {name: _lines(text) for name, text in self._told.get(key, {}).items()}
                    for key in ("read_only", "setup")
                }
                plan |= {"order": self._order, "tests": list(self._told.get("tests", ()))}
                told = self._session.request("step", plan, n=module, until=until)
        except faults.Fault as fault:
            text = f"Your notebook could not be run up to this check ({module}). {fault.message}"
            self._lost = type(fault)(text)
            raise
        except Exception as error:  # noqa: BLE001 - whatever reading it raised is a result
            self._lost = faults.ImportFailed(f"{IMPORT_PREFIX} ({module}). {error}"[:1500])
            raise self._session.fault(self._lost) from None
        if self._public or not self._began:
            # Afterwards the student's code has met hidden inputs, and would tell them here.
            self._session.modules.note_failure(module, told if type(told) is str else "")


class Space(dict[str, Any]):
    """The names of test cells; what they have not made themselves is looked up elsewhere."""

    def __init__(self, session: Session, told: Mapping[str, Any]) -> None:
        """Start with nothing but what every notebook has."""
        super().__init__({"__name__": "__main__", "display": _nothing})
        self._session = session
        self._module = str(told["module"])
        self._libraries = {str(key): str(text) for key, text in told.get("libraries", {}).items()}
        self._stars = [str(name) for name in told.get("stars", ())]
        self._shadows = frozenset(told.get("shadows", ()))
        self._changed = frozenset(told.get("changed", ()))
        self._shared = frozenset(told.get("shared", ())) | self._changed

    def run(self, source: str, name: str, config: pytest.Config | None) -> Any:
        """Run source as a cell; return the value of its last line, None where that has none."""
        tree = ast.parse(source, name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        if config is not None:
            rewrite_asserts(tree, source.encode(), None, config)
        exec(compile(tree, name, "exec", dont_inherit=True), self)  # noqa: S102 - the course's own
        if not isinstance(last, ast.Expr):
            return None
        value = compile(ast.Expression(last.value), name, "eval", dont_inherit=True)
        return eval(value, self)  # noqa: S307 - the course's own

    def forget(self, names: Any) -> None:
        """Drop names that students' cells have made anew since."""
        for name in names:
            self.pop(str(name), None)

    def __missing__(self, name: str) -> Any:
        if name in self._shadows:
            return self._remote(name)
        known = vars(builtins).get(name, _NOTHING)
        if known is not _NOTHING:
            return known
        if name.startswith(("__", "@")):
            raise KeyError(name)
        if name in self._libraries:
            return self._library(name)
        for star in self._stars:
            found: dict[str, Any] = {}
            exec(f"from {star} import *", found)  # noqa: S102 - an import of the course's own
            if name in found:
                return found[name]
        return self._remote(name)

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self._shared:
            with self._session.opaque.permanent():
                self._session.request("set_name", value, m=self._module, n=name)
            if name in self._changed or ref_of(value) is not None:
                self.pop(name, None)  # it is looked up over there from now on
                return
        super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        was_here = dict.pop(self, name, _NOTHING) is not _NOTHING
        if name in self._shared or not was_here:
            try:
                self._session.request("del_name", m=self._module, n=name)
            except AttributeError:
                if not was_here:
                    raise self._absent(name) from None

    def _library(self, name: str) -> Any:
        """Return this side's own library, where the student's notebook has imported it too."""
        if name not in self._session.request("dir", m=self._module):
            raise self._absent(name)
        found: dict[str, Any] = {}
        exec(self._libraries[name], found)  # noqa: S102 - an import of the course's own
        super().__setitem__(name, found[name])
        return found[name]

    def _remote(self, name: str) -> Any:
        try:
            return self._session.modules.named(self._module, name)
        except AttributeError:
            raise self._absent(name) from None

    def _absent(self, name: str) -> NameError:
        """Return what Python raises for a name that is nowhere, and note it for the student."""
        self._session.tally.missing.append(self._session.modules.absent(self._module, name))
        return NameError(f"name {name!r} is not defined", name=name)


def _lines(source: str) -> str:
    """Return a cell's text without the line end after its opening quotes."""
    return source.removeprefix("\n")


def _nothing(*_args: object, **_kwargs: object) -> None:
    """Take the place of `display`: nobody looks."""
