"""Finds the test functions of a pytest file by reading it, never by importing it.

Text in, names out. It follows pytest's own rules for names (functions `test*`, classes `Test*`
without a constructor, subclasses of unittest's TestCase), for what the file itself defines;
imported tests mint nothing. Parametrised cases belong to their function.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from grader.errors import LabError

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
FIXTURES: Final = frozenset({"fixture", "yield_fixture"})
ABSTRACT: Final = frozenset({"abstractmethod", "abstractproperty"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTest:
    """One test function of a file."""

    id: str
    """Id as a check: `completeness`, `Gate.rejects`."""
    node: str
    """Node id inside the file: `test_completeness`, `TestGate::test_rejects`."""
    title: str
    """First paragraph of the docstring, or the name in words."""
    line: int
    """Line of the `def`."""


def find_tests(text: bytes | str, where: str) -> tuple[FoundTest, ...]:
    """Return the tests of a file in the order of its lines; `where` names it in messages.

    Methods that a class inherits from a class of the same file count for both, as in pytest.
    Raises LabError when the text is not Python.
    """
    module = _parse(text, where)
    scope = _scope(module.body)
    cases = _names_of_test_case(module)
    found: dict[str, FoundTest] = {}
    deleted = _deleted(module.body)
    for name, item in scope.items():
        if name in deleted:
            continue
        tests = _tests_of(item, (), _Bases(scope, cases))
        found.update((test.node, test) for test in tests)
    return tuple(_with_distinct_ids(tuple(found.values())))


def redefined(text: bytes | str, where: str) -> tuple[str, ...]:
    """Return the names of tests and test classes that one scope of the file defines twice."""
    return tuple(dict.fromkeys(_twice(_parse(text, where).body)))


def _parse(text: bytes | str, where: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise LabError(
            f"this is not Python: {error.msg}.",
            where=f"{where}:{error.lineno or 1}",
            advice="Try the file with plain pytest first.",
        ) from None
    except (ValueError, RecursionError) as error:
        raise LabError(f"this cannot be read as Python: {error}.", where=where) from None


def _scope(body: Sequence[ast.stmt]) -> dict[str, Definition]:
    """Return what a scope defines by name; a later definition replaces an earlier one."""
    scope: dict[str, Definition] = {}
    for item in _statements(body):
        if isinstance(item, (*FUNCTIONS, ast.ClassDef)):
            scope.pop(item.name, None)
            scope[item.name] = item
    return scope


def _deleted(body: Sequence[ast.stmt]) -> frozenset[str]:
    """Return names that the module deletes, as suites do with base classes after their last use."""
    return frozenset(
        target.id
        for item in _statements(body)
        if isinstance(item, ast.Delete)
        for target in item.targets
        if isinstance(target, ast.Name)
    )


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a scope, also those behind `if`, `try` and `with`.

    Whether a branch is taken only running can tell. A test in a branch that is not taken is
    reported as missing later, which is louder than a test that silently does not count.
    """
    for item in body:
        yield item
        if isinstance(item, ast.If) and not _is_main_guard(item):
            yield from _statements([*item.body, *item.orelse])
        elif isinstance(item, ast.Try):
            handlers = itertools.chain.from_iterable(handler.body for handler in item.handlers)
            yield from _statements([*item.body, *handlers, *item.orelse, *item.finalbody])
        elif isinstance(item, ast.With):
            yield from _statements(item.body)


def _is_main_guard(item: ast.If) -> bool:
    return any(isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(item.test))


def _names_of_test_case(module: ast.Module) -> frozenset[str]:
    """Return the names under which the file imports unittest's classes, `as` included."""
    return frozenset(
        alias.asname or alias.name
        for item in ast.walk(module)
        if isinstance(item, ast.ImportFrom)
        for alias in item.names
        if alias.name.endswith("TestCase")
    )


@dataclass(frozen=True, slots=True)
class _Bases:
    """Where the bases of a class are looked up."""

    scope: dict[str, Definition]
    cases: frozenset[str]

    def line_of_descent(self, node: ast.ClassDef) -> list[ast.ClassDef]:
        """Return the class and its ancestors in this file, nearest first."""
        line: list[ast.ClassDef] = []
        waiting = [node]
        while waiting:
            item = waiting.pop(0)
            if item in line:
                continue
            line.append(item)
            parents = (self._resolve(base) for base in item.bases)
            waiting.extend(parent for parent in parents if parent is not None)
        return line

    def is_test_case(self, line: list[ast.ClassDef]) -> bool:
        """Tell whether one of the classes derives from a TestCase of elsewhere."""
        foreign = [base for node in line for base in node.bases if self._resolve(base) is None]
        return any(
            (isinstance(base, ast.Name) and base.id in self.cases)
            or _last_name(base).endswith("TestCase")
            for base in foreign
        )

    def _resolve(self, base: ast.expr) -> ast.ClassDef | None:
        found: Definition | None = None
        if isinstance(base, ast.Name):
            found = self.scope.get(base.id)
        elif isinstance(base, ast.Attribute):
            outer = self._resolve(base.value)
            found = _scope(outer.body).get(base.attr) if outer is not None else None
        return found if isinstance(found, ast.ClassDef) else None


def _tests_of(
    item: Definition, outer: tuple[ast.ClassDef, ...], bases: _Bases
) -> Iterator[FoundTest]:
    if isinstance(item, FUNCTIONS):
        if item.name.startswith("test") and not _decorators(item) & FIXTURES:
            yield _found(item, outer)
        return
    line = bases.line_of_descent(item)
    is_test_case = bases.is_test_case(line)
    members: dict[str, Definition] = {}
    for node in reversed(line):
        members.update(_scope(node.body))
    if not _is_collected(item, line, members, is_test_case=is_test_case):
        return
    for member in members.values():
        if not (is_test_case and isinstance(member, ast.ClassDef)):
            yield from _tests_of(member, (*outer, item), bases)


def _is_collected(
    item: ast.ClassDef,
    line: list[ast.ClassDef],
    members: dict[str, Definition],
    *,
    is_test_case: bool,
) -> bool:
    if any(_decorators(member) & ABSTRACT for member in members.values()):
        return False
    for node in line:
        for statement in node.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
                names = [_last_name(target) for target in statement.targets]
                if "__test__" in names:
                    return bool(statement.value.value)
    if is_test_case:
        return True
    return item.name.startswith("Test") and not {"__init__", "__new__"} & members.keys()


def _found(function: Function, outer: tuple[ast.ClassDef, ...]) -> FoundTest:
    name = function.name.removeprefix("test_") or function.name
    classes = [node.name.removeprefix("Test").lstrip("_") or node.name for node in outer]
    return FoundTest(
        id=".".join([*classes, name]),
        node="::".join([*(node.name for node in outer), function.name]),
        title=_title(function, name),
        line=function.lineno,
    )


def _with_distinct_ids(tests: tuple[FoundTest, ...]) -> Iterator[FoundTest]:
    """Give the full names to tests whose short ids meet, such as TestGate.x and Gate.x."""
    ids = [test.id for test in tests]
    for test in tests:
        full = test.node.replace("::", ".")
        yield (
            FoundTest(id=full, node=test.node, title=test.title, line=test.line)
            if ids.count(test.id) > 1
            else test
        )


def _title(function: Function, name: str) -> str:
    docstring = ast.get_docstring(function) or ""
    first_paragraph = docstring.strip().split("\n\n", maxsplit=1)[0]
    return " ".join(first_paragraph.split()) or name.replace("_", " ").strip()


def _decorators(item: Definition) -> frozenset[str]:
    calls = [
        decorator.func if isinstance(decorator, ast.Call) else decorator
        for decorator in item.decorator_list
    ]
    return frozenset(_last_name(call) for call in calls)


def _last_name(expression: ast.expr) -> str:
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""


def _twice(body: Sequence[ast.stmt]) -> Iterator[str]:
    names: set[str] = set()
    for item in body:
        if not isinstance(item, (*FUNCTIONS, ast.ClassDef)):
            continue
        if item.name in names and item.name.lower().startswith("test"):
            yield item.name
        names.add(item.name)
        if isinstance(item, ast.ClassDef):
            yield from (f"{item.name}.{name}" for name in _twice(item.body))
