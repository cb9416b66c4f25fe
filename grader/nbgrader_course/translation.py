"""Turns the source of a test cell into plain Python, or says why it cannot be run apart.

Test cells were written for one kernel with the student's code. Most are plain asserts. What speaks
to the kernel itself (magics, commands, IPython's own names) has no meaning on a trusted side that
holds no student code: some of it can be left out, the rest is named.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_HARMLESS: Final = frozenset(
    {"matplotlib", "config", "load_ext", "reload_ext", "autoreload", "precision", "reset_defaults"}
)
"""Line magics that change what is shown, and no value."""
_TIMERS: Final = frozenset({"time", "timeit"})
_MAGIC: Final = re.compile(r"(\s*)%(%?)(\w+)[ \t]*(.*)")
_SHELL: Final = re.compile(r"\s*[\w, ]+=\s*!")
_AUTOTEST: Final = re.compile(r"#+\s*(HASHED\s+)?AUTOTEST\b")
_KERNELS: Final = frozenset({"get_ipython", "In", "Out", "_ih", "_oh", "exit", "quit"})
_LOOKS: Final = frozenset({"getsource", "getsourcelines", "getsourcefile", "getfile"})
_NUMBERS: Final = (ast.Name, ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Subscript, ast.Attribute)


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """A cell as plain Python."""

    code: str
    """The source; empty lines in place of what was left out."""
    problems: tuple[str, ...] = ()
    """Why it cannot be run on the trusted side; empty where it can."""
    capture: str = ""
    """Name under which the cell keeps what is printed (`%%capture name`); `_` for none."""
    partial: bool = False
    """Whether its last line is a number by which nbgrader gives partial credit."""


def translate(source: str) -> Translated:
    """Return a test cell as plain Python."""
    if _AUTOTEST.search(source):
        return Translated(code=source, problems=(AUTOTEST,))
    code, capture, problems = _without_magics(source)
    tree = None if problems else _parsed(code)
    if isinstance(tree, str):
        problems = [tree]
    elif tree is not None:
        problems = list(_untranslatable(tree))
    return Translated(
        code=code,
        problems=tuple(dict.fromkeys(problems)),
        capture=capture,
        partial=isinstance(tree, ast.Module) and _ends_in_a_number(tree, code),
    )


AUTOTEST: Final = (
    "its tests are not written yet (AUTOTEST): nbgrader writes them from the solution's values. "
    "Run: nbgrader generate_assignment --source_with_tests, and import again"
)


def student_code(source: str) -> ast.Module | None:
    """Return a cell of students' side as far as Python can read it; None where it cannot."""
    code, _, _ = _without_magics(source)
    tree = _parsed(code)
    return tree if isinstance(tree, ast.Module) else None


def _parsed(code: str) -> ast.Module | str:
    """Return the tree, or why there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(code, "cell", "exec", dont_inherit=True)
            return ast.parse(code)
    except SyntaxError as error:
        if "await" in str(error.msg) or "'async" in str(error.msg):
            return "it uses `await` outside of a function"
        place = f"line {error.lineno}" if error.lineno else "it"
        return f"{place} is not Python ({error.msg})"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"it cannot be read ({error})"


def _without_magics(source: str) -> tuple[str, str, list[str]]:
    """Return the source without what can be left out, a name for `%%capture`, and problems."""
    if isinstance(_parsed(source), ast.Module):
        return source, "", []
    lines = source.split("\n")
    capture, problems, made = "", [], []
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    for number, line in enumerate(lines):
        found = _MAGIC.match(line)
        if line.lstrip().startswith("!") or _SHELL.match(line):
            problems.append(f"line {number + 1} runs a command of the shell")
        elif line.rstrip().endswith("?") or line.lstrip().startswith("?"):
            problems.append(f"line {number + 1} asks for help")
        elif found is None:
            made.append(line)
            continue
        else:
            text, kept, problem = _magic(found, is_first=number == first)
            made.append(text)
            capture = kept or capture
            problems += [f"line {number + 1} {problem}"] if problem else []
            continue
        made.append("")
    return "\n".join(made), capture, problems


def _magic(found: re.Match[str], *, is_first: bool) -> tuple[str, str, str]:
    """Return what stands in place of a magic, a name for what is captured, and a problem."""
    indent, is_cell, name, rest = found.groups()
    if is_cell:
        if is_first and name == "capture":
            words = [word for word in rest.split() if not word.startswith("-")]
            return "", words[0] if words else "_", ""
        if is_first and name == "time":
            return "", "", ""
        return "", "", f"is %%{name}, which only a notebook's kernel knows"
    if name in _HARMLESS:
        return f"{indent}pass", "", ""
    if name in _TIMERS and rest and not rest.startswith("-"):
        return indent + rest, "", ""
    return "", "", f"is %{name}, which only a notebook's kernel knows"


def _untranslatable(tree: ast.Module) -> Iterator[str]:
    made = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in _KERNELS - made:
            if isinstance(node.ctx, ast.Load):
                yield f"it uses `{node.id}`, which is the kernel's own"
        elif isinstance(node, ast.Attribute) and node.attr in _LOOKS:
            yield f"it reads the student's source (`{node.attr}`), which stays with the student"


def _ends_in_a_number(tree: ast.Module, code: str) -> bool:
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr) or code.rstrip().endswith(";"):
        return False
    value = last.value
    if isinstance(value, ast.Constant):
        return type(value.value) in {int, float}
    return isinstance(value, _NUMBERS)
