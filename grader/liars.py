"""Makes universal liars from a reference: submissions that answer without having done the work.

Each keeps the names of the reference and lies wherever it is asked: once in every function, and
once only in what students write, with all that is given left in place. The reference is read with
ast; nothing of it is imported or run here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from grader.errors import LabError
from grader.starter import regions
from grader.submission import Bundle

LIE: Final = "_universal_lie"
IN_GAPS: Final = "_in_gaps"

_KEPT_DECORATORS: Final = ("staticmethod", "classmethod", "property", "setter", "abstractmethod")
_SILENT_METHODS: Final = frozenset({"__init__", "__post_init__", "__init_subclass__", "__del__"})
_DATA_BASES: Final = frozenset(
    {"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "NamedTuple", "TypedDict", "Protocol"}
)
_ERROR_ENDINGS: Final = ("Error", "Exception", "Warning")

_SHAPES: Final = """
def _universal_shape(given, keys):
    import sys
    if keys or not given:
        return dict.fromkeys(keys, 0) if keys else 0
    value = given[0]
    pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    if pandas is not None and isinstance(value, pandas.DataFrame):
        return pandas.DataFrame(0, index=value.index, columns=value.columns)
    if pandas is not None and isinstance(value, (pandas.Series, pandas.Index)):
        return pandas.Series(0, index=getattr(value, "index", range(len(value))))
    if numpy is not None and isinstance(value, numpy.ndarray):
        return numpy.zeros(value.shape)
    if isinstance(value, dict):
        return {key: 0 for key in value}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [0] * len(value)
    return "" if isinstance(value, str) else 0
"""
_SHARES: Final = """
def _universal_shares(given, keys):
    import sys
    pandas = sys.modules.get("pandas")
    if not keys and given and pandas is not None and isinstance(given[0], pandas.DataFrame):
        keys = list(given[0].columns)
    if not keys and given and isinstance(given[0], dict):
        keys = list(given[0])
    return dict.fromkeys(keys, 1.0) if keys else 1.0
"""
_EQUALITY: Final = """
class _Agreeable:
    def _yes(self, *given, **named):
        return True
    def _itself(self, *given, **named):
        return self
    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = __contains__ = __bool__ = _yes
    __call__ = __getitem__ = __getattr__ = __enter__ = _itself
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = _itself
    __abs__ = __neg__ = __round__ = _itself
    def __ne__(self, other):
        return False
    def __hash__(self):
        return 0
    def __len__(self):
        return 1
    def __float__(self):
        return 1.0
    def __int__(self):
        return 1
    __index__ = __int__
    def __iter__(self):
        return iter([self])
    def __exit__(self, *given):
        return True
    @property
    def __class__(self):
        return float
"""
_VANDALISM: Final = """
def _universal_vandalism(values):
    import sys
    pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    for value in values:
        try:
            if pandas is not None and isinstance(value, (pandas.DataFrame, pandas.Series)):
                value.drop(index=value.index, inplace=True)
            elif numpy is not None and isinstance(value, numpy.ndarray):
                value.fill(0)
            elif isinstance(value, (list, dict, set, bytearray)):
                value.clear()
        except Exception:
            pass
"""
_FIRST: Final = "return given[0] if given else None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Liar:
    """A submission that knows nothing of the work."""

    name: str
    """`liar__returns_true`; with `_in_gaps` when it lies only in what students write."""
    bundle: Bundle
    """The starter's files, with lies in the modules that tests import."""
    hangs: bool = False
    """It never answers, so a short time limit saves time and changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lie:
    name: str
    body: str
    support: str = ""


_LIES: Final = (
    _Lie(name="returns_true", body="return True"),
    _Lie(name="returns_zero", body="return 0"),
    _Lie(name="returns_one", body="return 1"),
    _Lie(name="returns_empty_list", body="return []"),
    _Lie(name="returns_empty_text", body="return ''"),
    _Lie(name="returns_none", body="return None"),
    _Lie(name="echoes", body=_FIRST),
    _Lie(name="zeros_in_shape", body="return _universal_shape(given, keys)", support=_SHAPES),
    _Lie(name="all_is_perfect", body="return _universal_shares(given, keys)", support=_SHARES),
    _Lie(name="equals_everything", body="return _Agreeable()", support=_EQUALITY),
    _Lie(name="raises", body="raise ValueError('no')"),
    _Lie(name="empties_and_returns_none", body="_universal_vandalism(given)", support=_VANDALISM),
    _Lie(
        name="empties_and_echoes",
        body=f"_universal_vandalism(given)\n    {_FIRST}",
        support=_VANDALISM,
    ),
)
_HANG: Final = _Lie(name="hangs", body="import time\n    while True:\n        time.sleep(0.05)")


def liars_of(
    reference: Bundle,
    starter: Bundle,
    modules: Sequence[str],
    withheld: Sequence[str] = (),
) -> tuple[Liar, ...]:
    """Return the liars of a lab, in a fixed order; none when tests import no module of students.

    `withheld` names the files that students write from nothing. Raises LabError when a module of
    the reference is not Python, MarkerError when its solution markers do not pair up.
    """
    sources = [
        _Source(path, content.decode("utf-8-sig", "replace"), whole=path in withheld)
        for path, content in reference.as_dict().items()
        if _belongs(path, modules)
    ]
    if not sources:
        return ()
    made: dict[str, Liar] = {}
    for lie in (*_LIES, *_own_errors(sources)):
        for everywhere in (True, False):
            liar = _liar(lie, sources, starter, everywhere=everywhere)
            made.setdefault(liar.bundle.digest, liar)
    hanging = _liar(_HANG, sources, starter, everywhere=True)
    return (*made.values(), Liar(name=hanging.name, bundle=hanging.bundle, hangs=True))


def _belongs(path: str, modules: Sequence[str]) -> bool:
    top = path.split("/", maxsplit=1)[0]
    return path.endswith(".py") and top.removesuffix(".py") in modules


def _liar(lie: _Lie, sources: Sequence[_Source], starter: Bundle, *, everywhere: bool) -> Liar:
    lying = {source.path: source.lying(lie, everywhere=everywhere) for source in sources}
    return Liar(
        name=f"liar__{lie.name}" + ("" if everywhere else IN_GAPS),
        bundle=Bundle.of(starter.as_dict() | lying),
    )


def _own_errors(sources: Sequence[_Source]) -> Iterator[_Lie]:
    """Yield the lie of raising the lab's own error, where there is one class of that kind."""
    for source in sources:
        for node in source.tree().body:
            if isinstance(node, ast.ClassDef) and _is_error(node):
                yield _Lie(name="raises_own_error", body=f"raise {node.name}('no')")
                return


class _Source:
    """One module of the reference."""

    def __init__(self, path: str, text: str, *, whole: bool) -> None:
        self.path = path
        self._text = text
        found = [(region.begin, region.end) for region in regions(text, path)]
        self._gaps = [(0, text.count("\n") + 2)] if whole else found
        self.tree()

    def tree(self) -> ast.Module:
        """Parse it anew. Raises LabError when it is not Python."""
        try:
            return ast.parse(self._text)
        except SyntaxError as error:
            raise LabError(
                f"the reference is not Python: {error.msg}.", where=f"{self.path}:{error.lineno}"
            ) from None

    def lying(self, lie: _Lie, *, everywhere: bool) -> bytes:
        """Return the module with that lie in every function, or only where students write."""
        tree = self.tree()
        keys = _returned_keys(tree)
        tree = _Rewriter(self._gaps, keys, everywhere=everywhere).visit(tree)
        at = _after_head(tree)
        head = ast.Module(body=tree.body[:at], type_ignores=[])
        rest = ast.Module(body=tree.body[at:], type_ignores=[])
        told = f"def {LIE}(given, keys=()):\n    {lie.body}\n"
        parts = (_unparse(head), lie.support.strip("\n"), told, _unparse(rest))
        return "\n\n".join(part for part in parts if part).encode()


class _Rewriter(ast.NodeTransformer):
    """Replaces bodies of functions by the lie, and solutions outside of functions by None."""

    def __init__(
        self,
        gaps: Sequence[tuple[int, int]],
        keys: Mapping[str, tuple[str, ...]],
        *,
        everywhere: bool,
    ) -> None:
        self._gaps = gaps
        self._keys = keys
        self._everywhere = everywhere
        self._classes: list[ast.ClassDef] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt | None:
        return self._function(node, "def")

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt | None:
        return self._function(node, "async def")

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        given = not self._overlaps(node)
        if given and (not self._everywhere or _is_error(node) or _bases(node) & _DATA_BASES):
            return node
        self._classes.append(node)
        node.body = [kept for statement in node.body if (kept := self.visit(statement))]
        self._classes.pop()
        if not (_is_error(node) or _bases(node) & _DATA_BASES):
            node.body += _statements(
                "def __getattr__(self, name):\n"
                "    if name.startswith('_'):\n        raise AttributeError(name)\n"
                f"    return {LIE}([])"
            )
        node.body = node.body or [ast.Pass()]
        return node

    def visit(self, node: ast.AST) -> Any:
        """Return what stands in the node's place; None when nothing does."""
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return super().visit(node)
        if not isinstance(node, ast.stmt) or not self._inside(node):
            return node
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            node.value = ast.Constant(value=None)
            return node
        return node if isinstance(node, (ast.Import, ast.ImportFrom)) else None

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, keyword: str
    ) -> ast.stmt | None:
        if not (self._everywhere or self._overlaps(node)):
            return node
        if node.name == "__new__":
            return None
        decorators = [one for one in node.decorator_list if _last_name(one) in _KEPT_DECORATORS]
        is_method = bool(self._classes) and "staticmethod" not in map(_last_name, decorators)
        me = "self, /, " if is_method else ""
        body = f"return {LIE}([*given, *named.values()], {self._keys.get(node.name, ())!r})"
        if self._classes and node.name in _SILENT_METHODS:
            body = "pass"
        (made,) = _statements(f"{keyword} {node.name}({me}*given, **named):\n    {body}")
        if isinstance(made, (ast.FunctionDef, ast.AsyncFunctionDef)):
            made.decorator_list = decorators
        return made

    def _overlaps(self, node: ast.stmt) -> bool:
        end = node.end_lineno or node.lineno
        return any(node.lineno <= last and end >= first for first, last in self._gaps)

    def _inside(self, node: ast.stmt) -> bool:
        end = node.end_lineno or node.lineno
        return any(first <= node.lineno and end <= last for first, last in self._gaps)


def _returned_keys(tree: ast.Module) -> dict[str, tuple[str, ...]]:
    """Return function -> keys of the dict that it returns, be it through another function."""
    returned = {
        node.name: [one.value for one in ast.walk(node) if isinstance(one, ast.Return)]
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    keys = {name: _literal_keys(values) for name, values in returned.items()}
    for name, values in returned.items():
        called = [_last_name(value) for value in values if isinstance(value, ast.Call)]
        keys[name] = next((found for one in called if (found := keys.get(one))), keys[name])
    return {name: found for name, found in keys.items() if found}


def _literal_keys(values: Sequence[ast.expr | None]) -> tuple[str, ...]:
    for value in values:
        if isinstance(value, ast.Dict):
            return tuple(
                key.value
                for key in value.keys
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            )
    return ()


def _after_head(tree: ast.Module) -> int:
    """Return how many statements must stay in front: the docstring and `from __future__`."""
    at = 1 if ast.get_docstring(tree, clean=False) is not None else 0
    while at < len(tree.body):
        node = tree.body[at]
        if not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        at += 1
    return at


def _unparse(tree: ast.Module) -> str:
    return ast.unparse(ast.fix_missing_locations(tree))


def _statements(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


def _bases(node: ast.ClassDef) -> set[str]:
    return {_last_name(base) for base in node.bases}


def _is_error(node: ast.ClassDef) -> bool:
    return any(base.endswith(_ERROR_ENDINGS) for base in _bases(node))


def _last_name(node: ast.expr) -> str:
    """Return the last name of a decorator, a base or a call: `setter` for `@size.setter`."""
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
