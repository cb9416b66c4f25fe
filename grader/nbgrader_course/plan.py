"""Decides where each name of a test cell is looked up, so that tests can run apart from students.

In nbgrader all cells share one kernel. Here test cells run on the trusted side, and the kernel is
the student's. So every name that a test cell uses has a place:

    made by test cells or read-only cells   the trusted side runs what makes it, from the source
    imported, by whomever                   the trusted side's own library
    made by students' cells                 the student's notebook, as it is at that cell
    anything else                           Python's own, or the student's

Nothing is run here; what cannot be told from the source alone becomes a problem or a note.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from grader.nbgrader_course.cells import Cell, Notebook, Role
from grader.nbgrader_course.names import Names, names_of
from grader.nbgrader_course.regions import Marks, visible
from grader.nbgrader_course.translation import Translated, student_code, translate

LIBRARIES: Final = frozenset({"numpy", "pandas", "scipy", "sklearn", "joblib", "dateutil", "pytz"})
"""What the trusted side has beside Python's own."""
_BUILTINS: Final = frozenset(vars(builtins))
_STUDENTS: Final = frozenset({Role.FREE, Role.ANSWER, Role.BY_HAND})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A code cell, and what its source says of names."""

    cell: Cell
    """The cell."""
    code: str
    """Its source as plain Python: with hidden tests."""
    shown: str
    """The same without hidden tests: what students see."""
    names: Names
    """Its names."""
    tree: ast.Module | None
    """It, parsed; None where Python cannot read it."""
    translated: Translated
    """How it was made plain."""
    hidden: bool = False
    """Whether it has hidden tests."""

    @property
    def is_students(self) -> bool:
        """Whether it runs with the student's work, and only there."""
        return self.cell.role in _STUDENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the trusted side is told about a notebook for some of its test cells."""

    order: tuple[str, ...]
    """Ids of the code cells that have one, in order."""
    tests: tuple[str, ...]
    """Those of them that are tests."""
    read_only: dict[str, str]
    """Id -> source of read-only cells: put back in the student's notebook."""
    setup: dict[str, str] = field(default_factory=dict)
    """Id of a test cell -> what students' cells below need of it."""
    here: dict[str, str] = field(default_factory=dict)
    """Id -> code that the trusted side runs when that cell's turn comes."""
    forget: dict[str, list[str]] = field(default_factory=dict)
    """Id -> names that students' cells above it have made anew."""
    libraries: dict[str, str] = field(default_factory=dict)
    """Name -> import of a library that students' cells make."""
    stars: tuple[str, ...] = ()
    """Libraries of which students' cells import everything."""
    shadows: tuple[str, ...] = ()
    """Names of Python's own that students are asked to write themselves."""
    shared: tuple[str, ...] = ()
    """Names that students' code reads: what a test sets under them, is set there, too."""
    changed: tuple[str, ...] = ()
    """Those of them that students' functions change by `global`."""

    def told(self, module: str) -> dict[str, Any]:
        """Return what is written into a test file; what is empty is left out."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        lists = {key: list(value) if isinstance(value, tuple) else value
                 for key, value in told.items() if value}  # fmt: skip
        return {"module": module, **lists}


def units(notebook: Notebook, marks: Marks) -> list[Unit]:
    """Return the code cells of a notebook. Raises MarkerError."""
    return [_unit(cell, marks, notebook.where) for cell in notebook.cells if cell.kind == "code"]


def _unit(cell: Cell, marks: Marks, where: str) -> Unit:
    seen, hidden = visible(cell, marks, where)
    translated = translate(cell.source)
    if cell.role is Role.TEST:
        shown = translate(seen).code if hidden else translated.code
        tree = None if translated.problems else ast.parse(translated.code)
    else:
        shown, tree = seen, student_code(cell.source)
    return Unit(
        cell=cell,
        code=translated.code,
        shown=shown,
        names=names_of(tree),
        tree=tree,
        translated=translated,
        hidden=hidden,
    )


def as_shown(unit: Unit) -> Unit:
    """Return a unit without its hidden tests, so that nothing of them shows in a public file."""
    if not unit.hidden:
        return unit
    tree = student_code(unit.shown)
    return replace(unit, code=unit.shown, tree=tree, names=names_of(tree))


def plan(listed: list[Unit], targets: Iterable[str], own_modules: frozenset[str]) -> Plan:
    """Return the plan for the test cells `targets`; `own_modules` are files of the lab itself."""
    wanted = frozenset(targets)
    here = _run_here(listed, wanted, own_modules)
    made = frozenset(name for unit in listed if unit.is_students for name in unit.names.made)
    called = frozenset(n for unit in listed if unit.is_students for n in unit.names.in_functions)
    used = _used(listed, wanted, here)
    imports = {
        name: text
        for unit in listed
        if unit.is_students
        for name, text in unit.names.imports.items()
        if name in used and is_here(text, own_modules)
    }
    sets = {name for unit in listed if unit.cell.id in wanted for name in unit.names.made}
    changed = {name for unit in listed if unit.is_students for name in unit.names.changed}
    stars = [star for unit in listed if unit.is_students for star in unit.names.stars]
    return Plan(
        order=tuple(unit.cell.id for unit in listed if unit.cell.id),
        tests=tuple(unit.cell.id for unit in listed if unit.cell.role is Role.TEST),
        read_only={
            unit.cell.id: unit.cell.source for unit in listed if unit.cell.role is Role.READ_ONLY
        },
        setup=_setup(listed),
        here=here,
        forget=_forget(listed, wanted, here),
        libraries=dict(sorted(imports.items())),
        stars=tuple(star for star in dict.fromkeys(stars) if is_here(star, own_modules)),
        shadows=tuple(sorted(made & _BUILTINS & used - imports.keys())),
        shared=tuple(sorted((made | called) & sets - imports.keys())),
        changed=tuple(sorted(changed & (sets | used))),
    )


def needs(listed: list[Unit], targets: Iterable[str], made: Plan) -> list[str]:
    """Return the libraries beside Python's own that the trusted side imports for these tests."""
    wanted = frozenset(targets)
    names = [unit.names for unit in listed if unit.cell.id in wanted]
    names += [names_of(ast.parse(code)) for code in made.here.values()]
    texts = [*made.libraries.values(), *made.stars]
    texts += [text for each in names for text in (*each.imports.values(), *each.stars)]
    tops = {(text.split()[1] if " " in text else text).partition(".")[0] for text in texts}
    return sorted(tops & LIBRARIES)


def is_here(text: str, own_modules: frozenset[str]) -> bool:
    """Tell whether the trusted side has a module, by its name or by the import that names it."""
    word = text.split()[1] if text.startswith(("import ", "from ")) else text
    top = word.partition(".")[0]
    return top in sys.stdlib_module_names or top in LIBRARIES or top in own_modules


def _used(listed: list[Unit], wanted: frozenset[str], here: dict[str, str]) -> frozenset[str]:
    tests = (unit.names.used for unit in listed if unit.cell.id in wanted)
    given = (names_of(ast.parse(code)).used for code in here.values())
    return frozenset(name for names in (*tests, *given) for name in names)


def _run_here(
    listed: list[Unit], wanted: frozenset[str], own_modules: frozenset[str]
) -> dict[str, str]:
    """Return what of read-only cells and other test cells makes names that the tests need."""
    needed: set[str] = set()
    found: list[tuple[str, str]] = []
    students = {name for unit in listed if unit.is_students for name in unit.names.made}
    for unit in reversed(listed):
        if unit.cell.id in wanted:
            needed |= unit.names.used
        elif unit.is_students:
            needed -= unit.names.made
        elif unit.tree is not None:
            makes = needed - (students if unit.cell.role is Role.TEST else set())
            kept = _slice(unit.tree, makes, own_modules)
            if kept:
                code = ast.unparse(ast.Module(body=kept, type_ignores=[]))
                found.append((unit.cell.id, code))
                needed |= names_of(ast.parse(code)).used
    return dict(reversed(found))


def _slice(tree: ast.Module, needed: set[str], own_modules: frozenset[str]) -> list[ast.stmt]:
    """Return the statements of a cell that make or change the needed names, in order."""
    wanted = set(needed)
    kept: list[ast.stmt] = []
    for statement in reversed(tree.body):
        names = names_of(ast.Module(body=[statement], type_ignores=[]))
        makes = (names.made | names.mutated) & wanted
        prepares = isinstance(statement, ast.Expr) and _root(statement.value) in wanted
        absent = isinstance(statement, (ast.Import, ast.ImportFrom)) and not all(
            is_here(text, own_modules) for text in [*names.imports.values(), *names.stars]
        )
        if (makes or prepares or names.stars) and not absent:
            kept.append(statement)
            wanted |= names.used
    makers = [each for each in kept if not isinstance(each, ast.Expr)]
    return kept[::-1] if makers else []


def _root(node: ast.expr) -> str:
    """Return `np` for `np.random.seed(1)`; empty for all that is no call."""
    if not isinstance(node, ast.Call):
        return ""
    inner: ast.expr = node
    while isinstance(inner, (ast.Call, ast.Attribute)):
        inner = inner.func if isinstance(inner, ast.Call) else inner.value
    return inner.id if isinstance(inner, ast.Name) and isinstance(node.func, ast.Attribute) else ""


def _forget(
    listed: list[Unit], wanted: frozenset[str], here: dict[str, str]
) -> dict[str, list[str]]:
    known: set[str] = set()
    anew: set[str] = set()
    forgotten: dict[str, list[str]] = {}
    for unit in listed:
        if unit.is_students:
            anew |= unit.names.made
        elif unit.cell.id in wanted or unit.cell.id in here:
            if anew & known:
                forgotten[unit.cell.id] = sorted(anew & known)
            known -= anew
            anew = set()
            makes = unit.names
            known |= (
                makes.made
                if unit.cell.id in wanted
                else names_of(ast.parse(here[unit.cell.id])).made
            )
    return forgotten


def _setup(listed: list[Unit]) -> dict[str, str]:
    """Return the imports and definitions of test cells that only they make, and students use."""
    found: dict[str, str] = {}
    for place, unit in enumerate(listed):
        if unit.cell.role is not Role.TEST or unit.tree is None:
            continue
        lacking = made_by_tests_alone(listed, place)
        shown = student_code(unit.shown)
        kept: list[ast.stmt] = [
            node
            for node in (shown.body if shown else [])
            if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef))
            and names_of(ast.Module(body=[node], type_ignores=[])).made & lacking
        ]
        if kept:
            found[unit.cell.id] = ast.unparse(ast.Module(body=kept, type_ignores=[]))
    return found


def made_by_tests_alone(listed: list[Unit], place: int) -> set[str]:
    """Return names that the test cell at `place` makes and students' cells below lack otherwise."""
    unit = listed[place]
    others = {
        name for other in listed if other.cell.role is not Role.TEST for name in other.names.made
    }
    below = {name for other in listed[place:] if other.is_students for name in other.names.used}
    return set(unit.names.made & below) - others - _BUILTINS


def notes(listed: list[Unit], made: Plan) -> Iterator[tuple[str, str]]:
    """Yield (cell, what differs from one kernel) for what a person should look at."""
    for place, unit in enumerate(listed):
        if unit.cell.role is not Role.TEST:
            continue
        given = student_code(made.setup.get(unit.cell.id, ""))
        for name in sorted(made_by_tests_alone(listed, place) - names_of(given).made):
            yield unit.cell.name, f"students' cells below use `{name}`, which only this test makes"
    mutated = {name for unit in listed if unit.is_students for name in unit.names.mutated}
    for key, code in made.here.items():
        cell = next(unit.cell for unit in listed if unit.cell.id == key)
        values = names_of(ast.parse(code))
        for name in sorted((values.made - values.imports.keys()) & mutated):
            yield (
                cell.name,
                f"students' code changes `{name}` in place; tests see a copy of their own",
            )
