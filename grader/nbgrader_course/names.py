"""Which names a cell makes and which it uses: read from its source, nothing is run.

plain imports       np -> `import numpy as np`
made                names that the cell binds, by assignment, definition or import
used                names that it takes from cells above, in functions too
changed             names that functions of it bind by `global`
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_CHANGING: Final = frozenset(
    {"append", "extend", "insert", "add", "update", "remove", "pop", "clear", "setdefault",
     "discard", "sort", "reverse", "popitem", "appendleft", "popleft"}
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names of one cell."""

    made: frozenset[str] = frozenset()
    """Bound at the top of the cell, or by `global` in a function."""
    used: frozenset[str] = frozenset()
    """Taken from outside of the cell, at its top or in a function."""
    in_functions: frozenset[str] = frozenset()
    """Those of `used` that functions take when they are called."""
    changed: frozenset[str] = frozenset()
    """Bound by `global` in a function."""
    mutated: frozenset[str] = frozenset()
    """Names whose values the cell changes in place: `cache[n] = …`, `seen.append(…)`."""
    imports: dict[str, str] = field(default_factory=dict)
    """Name -> the statement that imports it, for imports at the top."""
    stars: tuple[str, ...] = ()
    """Modules of `from module import *`."""


def names_of(tree: ast.Module | None) -> Names:
    """Return the names of a cell; none for a cell that Python cannot read."""
    if tree is None:
        return Names()
    imports, stars = _imports(tree)
    # `import *` is the one statement that symtable cannot look through.
    table = symtable.symtable(ast.unparse(tree), "cell", "exec")
    below = list(_functions(table))
    changed = {
        symbol.get_name()
        for inner in below
        for symbol in inner.get_symbols()
        if symbol.is_declared_global() and symbol.is_assigned()
    }
    in_functions = {
        symbol.get_name()
        for inner in below
        for symbol in inner.get_symbols()
        if symbol.is_global() and symbol.is_referenced()
    }
    top = {symbol.get_name() for symbol in table.get_symbols() if _binds(symbol)}
    loads = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    return Names(
        made=frozenset(top | changed),
        used=frozenset(loads | in_functions | _deleted(tree)),
        in_functions=frozenset(in_functions),
        changed=frozenset(changed),
        mutated=frozenset(_mutated(tree)),
        imports=imports,
        stars=tuple(stars),
    )


def _binds(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def _functions(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for inner in table.get_children():
        yield inner
        yield from _functions(inner)


def _imports(tree: ast.Module) -> tuple[dict[str, str], list[str]]:
    found: dict[str, str] = {}
    stars: list[str] = []
    for node in _at_the_top(tree.body):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known_as = alias.asname or alias.name.partition(".")[0]
                found[known_as] = ast.unparse(ast.Import(names=[alias]))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                if alias.name == "*":
                    stars.append(node.module)
                    continue
                one = ast.ImportFrom(module=node.module, names=[alias], level=0)
                found[alias.asname or alias.name] = ast.unparse(one)
    return found, stars


def _at_the_top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            yield from _at_the_top(node.body)
            yield from _at_the_top(getattr(node, "orelse", []))


def _deleted(tree: ast.Module) -> set[str]:
    return {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Delete)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _mutated(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        holder = node.value if isinstance(node, (ast.Subscript, ast.Attribute)) else None
        if isinstance(holder, ast.Name) and not isinstance(node.ctx, ast.Load):  # type: ignore[attr-defined]
            yield holder.id
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            method = node.func
            if method.attr in _CHANGING and isinstance(method.value, ast.Name):
                yield method.value.id
