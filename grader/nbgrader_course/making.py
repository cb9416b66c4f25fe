"""Makes a lab of an nbgrader course's notebooks: its files, and a row for each cell with points.

    labs/NN/        lab.toml, README.md, the notebooks without solutions, test_public_….py, data
    solutions/NN/   source/ with the notebooks as they are, test_hidden_….py

Pure: bytes in, bytes out. What cannot be graded apart is named in a row, and its points are left to
a person; nothing is dropped silently.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Final

from grader.errors import LabError
from grader.layout import DATA, Files, is_test_file
from grader.manifest_values import LABS_OWN_FILES, TRUSTED_MODULES
from grader.nbgrader_course.cells import Notebook, Role
from grader.nbgrader_course.labtoml import LabToml, lab_toml
from grader.nbgrader_course.plan import (
    LIBRARIES,
    Unit,
    as_shown,
    is_here,
    needs,
    notes,
    plan,
    units,
)
from grader.nbgrader_course.regions import Marks, starter, whole
from grader.nbgrader_course.testfile import Function, file_text, title_of

SCALES: Final = (1, 2, 4, 5, 10, 20, 100)
"""By what the points of a course are multiplied, so that all of them are whole numbers."""
MOST_STEPS: Final = 20
"""Steps in which partial credit is given: more would be more checks than anybody reads."""


class Fate(StrEnum):
    """What becomes of a cell with points."""

    CHECK = "check"
    BY_HAND = "by hand"
    NOT_SUPPORTED = "not supported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What became of one cell with points; or, without points, what a person should look at."""

    notebook: str
    """Name of the notebook's file."""
    cell: str
    """nbgrader's id of the cell."""
    points: float
    """What it is worth in the course."""
    fate: Fate
    """What becomes of it."""
    checks: tuple[str, ...] = ()
    """Ids of the checks that stand for it."""
    hidden: bool = False
    """Whether students see less than all of the test."""
    why: str = ""
    """Why it is not supported, or what differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a lab is made of."""

    name: str
    """Name of the folder in `source/`: `ps1`."""
    notebooks: Mapping[str, Notebook]
    """File name -> notebook, header and footer included."""
    files: Files
    """Path -> content of everything else in the folder."""
    marks: Marks = field(default_factory=Marks)
    """The words by which the course marks its regions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A lab, not written yet."""

    name: str
    """Name of the folder in `source/`."""
    public: Files
    """For `labs/NN/`."""
    private: Files
    """For `solutions/NN/`."""
    rows: tuple[Row, ...]
    """One for each cell with points, in order."""
    notes: tuple[str, ...]
    """What a person should look at."""
    scale: int
    """Points here for one point of the course."""


def make(wanted: Wanted) -> Made:
    """Return the lab. Raises LabError where there is nothing that could be graded."""
    return _Making(wanted).made()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    """A test cell that becomes checks."""

    unit: Unit
    checks: tuple[str, ...]
    steps: tuple[float, ...] = ()
    """Points of the course, one step after the other, for partial credit."""


class _Making:
    """One lab being made; a class only to keep its parts together."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._units = {file: units(nb, wanted.marks) for file, nb in wanted.notebooks.items()}
        self._modules = dict(zip(wanted.notebooks, _modules(list(wanted.notebooks)), strict=True))
        self._own = frozenset(
            PurePosixPath(path).parts[0].removesuffix(".py") for path in wanted.files
        )
        self._notes: list[str] = []
        self._rows: list[Row] = []
        self._tests: dict[str, list[_Test]] = {}
        self._scale = _scale(self._units)
        self._ids = Counter(
            _identifier(unit.cell.id)
            for listed in self._units.values()
            for unit in listed
            if unit.cell.role is Role.TEST
        )

    def made(self) -> Made:
        for file in self._wanted.notebooks:
            self._tests[file] = list(self._sort(file))
        self._demand_points()
        public, private, given = self._kept_files()
        for file, notebook in self._wanted.notebooks.items():
            public[file] = starter(notebook, self._wanted.marks)
            private[f"source/{file}"] = whole(notebook)
            self._test_files(file, public, private)
        public.setdefault("README.md", self._readme().encode())
        public["lab.toml"] = self._manifest(given).encode()
        return Made(
            name=self._wanted.name,
            public=public,
            private=private,
            rows=tuple(self._rows),
            notes=tuple(dict.fromkeys(self._notes)),
            scale=self._scale,
        )

    # -- what becomes of the cells

    def _sort(self, file: str) -> Iterator[_Test]:
        by_number = {unit.cell.number: unit for unit in self._units[file]}
        for cell in self._wanted.notebooks[file].cells:
            if cell.role in {Role.BY_HAND, Role.TASK}:
                self._row(file, cell.id, cell.points, Fate.BY_HAND)
            elif cell.role is Role.TEST:
                unit = by_number[cell.number]
                problems = [*unit.translated.problems, *self._lacks(unit, self._units[file])]
                if problems:
                    why = "; ".join(dict.fromkeys(problems))
                    self._row(file, cell.id, cell.points, Fate.NOT_SUPPORTED, why=why)
                else:
                    yield self._test(file, unit)

    def _lacks(self, unit: Unit, listed: list[Unit]) -> Iterator[str]:
        """Yield which libraries a test cell uses that the trusted side does not have."""
        imports = dict(unit.names.imports)
        for other in listed:
            imports = {
                name: text for name, text in other.names.imports.items() if name in unit.names.used
            } | imports
        for text in [*imports.values(), *unit.names.stars, *_inner_imports(unit.tree)]:
            if not is_here(text, self._own):
                words = text.split()
                module = words[1] if len(words) > 1 else text
                yield f"it uses {module.partition('.')[0]}, which the trusted side does not have"

    def _test(self, file: str, unit: Unit) -> _Test:
        cell = unit.cell
        name = _identifier(cell.id)
        if self._ids[name] > 1:
            name = f"{self._modules[file]}_{name}"
        steps = self._steps(unit)
        checks = tuple(f"{name}_{step}" for step in range(1, len(steps) + 1)) or (name,)
        why = f"partial credit in {len(steps)} steps" if steps else ""
        self._row(
            file, cell.id, cell.points, Fate.CHECK, checks=checks, hidden=unit.hidden, why=why
        )
        return _Test(unit=unit, checks=checks, steps=steps)

    def _steps(self, unit: Unit) -> tuple[float, ...]:
        whole_points = round(unit.cell.points * self._scale)
        if not unit.translated.partial or not 1 < whole_points <= MOST_STEPS:
            return ()
        return tuple(step / self._scale for step in range(1, whole_points + 1))

    def _row(self, file: str, cell: str, points: float, fate: Fate, **more: object) -> None:
        self._rows.append(Row(notebook=file, cell=cell, points=points, fate=fate, **more))  # type: ignore[arg-type]

    def _demand_points(self) -> None:
        if any(row.fate is Fate.CHECK and row.points for row in self._rows):
            return
        reasons = {row.why for row in self._rows if row.why}
        raise LabError(
            "it has no test cell with points that could be graded here"
            + (f" ({'; '.join(sorted(reasons))})." if reasons else "."),
            where=f"source/{self._wanted.name}",
            advice="Cells that people grade stay in nbgrader; import the others with --only NAME.",
        )

    # -- files

    def _kept_files(self) -> tuple[Files, Files, list[str]]:
        public: Files = {}
        private: Files = {}
        given: list[str] = []
        for path, content in self._wanted.files.items():
            if path == "README.md" or path.startswith(DATA):
                public[path] = content
            elif path in LABS_OWN_FILES or is_test_file(path) or path.startswith("hidden/"):
                self._notes.append(f"{path}: left out, since the grader has its own of that name")
            else:
                public[path] = private[f"source/{path}"] = content
                given.append(path)
        return public, private, given

    def _test_files(self, file: str, public: Files, private: Files) -> None:
        module, tests = self._modules[file], self._tests[file]
        shown = [test for test in tests if not test.unit.hidden]
        hidden = [test for test in tests if test.unit.hidden]
        seen = [test for test in hidden if _has_statements(test.unit.shown)]
        if shown or seen:
            ids = {test.unit.cell.id for test in [*shown, *seen]}
            ordered = [test for test in tests if test.unit.cell.id in ids]
            units_shown = [as_shown(unit) for unit in self._units[file]]
            text = self._text(file, ordered, units_shown, public=True)
            public[f"test_public_{module}.py"] = text.encode()
        if hidden:
            text = self._text(file, hidden, self._units[file], public=False)
            private[f"test_hidden_{module}.py"] = text.encode()

    def _text(self, file: str, tests: list[_Test], listed: list[Unit], *, public: bool) -> str:
        ids = {test.unit.cell.id for test in tests}
        made = plan(listed, ids, self._own)
        self._notes += [f"{file}, {cell}: {text}" for cell, text in notes(listed, made)]
        return file_text(
            f"{'Public' if public else 'Hidden'} checks of {file}.",
            file,
            made.told(self._modules[file]),
            [each for test in tests for each in self._functions(test, public=public)],
            imports=needs(listed, ids, made),
        )

    def _functions(self, test: _Test, *, public: bool) -> Iterator[Function]:
        unit = test.unit
        title = title_of(unit.shown, unit.cell.id)
        options: dict[str, object] = {}
        if unit.translated.capture:
            options["capture"] = unit.translated.capture
        if public and unit.hidden:
            name = f"{test.checks[0]}_shown"
            yield Function(check=name, title=title, cell=unit.cell.id, source=unit.shown,
                           options=options)  # fmt: skip
            return
        if test.steps:
            for check, step in zip(test.checks, test.steps, strict=True):
                said = f"{title} ({step:g} of {unit.cell.points:g} points)"
                yield Function(check=check, title=said, cell=unit.cell.id, source=unit.code,
                               options=options, at_least=step)  # fmt: skip
            return
        if _ends_in_a_value(unit.tree) and unit.cell.points:
            options["out_of"] = unit.cell.points
        yield Function(check=test.checks[0], title=title, cell=unit.cell.id, source=unit.code,
                       options=options)  # fmt: skip

    # -- texts

    def _manifest(self, given: list[str]) -> str:
        tested = {self._modules[file]: file for file, tests in self._tests.items() if tests}
        checks = tuple(self._checks())
        return lab_toml(
            LabToml(
                name=self._wanted.name,
                scale=self._scale,
                marks=self._wanted.marks,
                notebooks=tested,
                others=tuple(file for file in self._tests if file not in tested.values()),
                preload=tuple(self._loaded()),
                given=tuple(given),
                checks=checks,
            )
        )

    def _checks(self) -> Iterator[tuple[str, int, str]]:
        for file, tests in self._tests.items():
            for test in tests:
                cell = f"{PurePosixPath(file).stem}/{test.unit.cell.id}"
                if test.unit.hidden and _has_statements(test.unit.shown):
                    yield f"{test.checks[0]}_shown", 0, ""
                whole_points = round(test.unit.cell.points * self._scale)
                for check in test.checks:
                    yield check, whole_points // len(test.checks), cell

    def _loaded(self) -> list[str]:
        texts = [
            text
            for listed in self._units.values()
            for unit in listed
            for text in [*unit.names.imports.values(), *unit.names.stars]
        ]
        tops = {(text.split()[1] if " " in text else text).partition(".")[0] for text in texts}
        return sorted(tops & {"numpy", "pandas", "scipy", "sklearn"} & LIBRARIES)

    def _readme(self) -> str:
        by_hand = sum(row.points for row in self._rows if row.fate is not Fate.CHECK)
        files = "\n".join(f"- `{file}`" for file in self._wanted.notebooks)
        told = f"\nA person gives up to {by_hand:g} more points.\n" if by_hand else ""
        return (
            f"# {self._wanted.name}\n\nWork in the notebook, and hand it in under its name:\n\n"
            f"{files}\n\nBefore you hand it in, restart the kernel and run all cells. "
            f"`grader check` runs the public checks.\n{told}"
        )


def _scale(listed: Mapping[str, list[Unit]]) -> int:
    points = [
        Fraction(unit.cell.points).limit_denominator(1000)
        for some in listed.values()
        for unit in some
        if unit.cell.role is Role.TEST
    ]
    for scale in SCALES:
        if all((each * scale).denominator == 1 for each in points):
            return scale
    raise LabError(
        "points of its test cells have more than two decimal places.",
        where=next(iter(listed)),
        advice="Give each cell a multiple of 0.01.",
    )


def _modules(files: list[str]) -> Iterator[str]:
    """Yield the name under which tests know each notebook: its own, as far as Python allows."""
    taken: set[str] = set()
    for file in files:
        name = re.sub(r"\W", "_", PurePosixPath(file).stem, flags=re.ASCII).strip("_")
        name = name if name and not name[0].isdigit() else f"notebook_{name}".rstrip("_")
        if name in TRUSTED_MODULES or keyword.iskeyword(name):
            name = f"{name}_notebook"
        while name in taken:
            name += "_2"
        taken.add(name)
        yield name


def _identifier(grade_id: str) -> str:
    return re.sub(r"\W", "_", grade_id)


def _has_statements(source: str) -> bool:
    """Tell whether there is more than comments and a docstring."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    return any(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
               for node in body)  # fmt: skip


def _ends_in_a_value(tree: ast.Module | None) -> bool:
    last = tree.body[-1] if tree is not None and tree.body else None
    return isinstance(last, ast.Expr) and not isinstance(last.value, ast.Constant)


def _inner_imports(tree: ast.Module | None) -> Iterator[str]:
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
