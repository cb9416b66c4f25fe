"""Names that both sides agree on: special methods, plain types, built-in exceptions.

An allow-list: a special method that is not here is never forwarded. In particular none that lets a
library reach for memory or code (`__array*__`, `__arrow*__`, `__dataframe__`, `__reduce*__`,
`__wrapped__`, `__class__`, `__code__`, `__globals__`, `__fspath__`).
"""

from __future__ import annotations

import builtins
import collections
import datetime as dt
import decimal
import fractions
import pathlib
import uuid
from typing import Any, Final

BINARY: Final = (
    "add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow",
    "lshift", "rshift", "and", "or", "xor",
)  # fmt: skip
UNARY: Final = ("neg", "pos", "abs", "invert")
CONVERSIONS: Final = ("float", "int", "complex", "index", "round", "trunc", "floor", "ceil")
COMPARISONS: Final = ("eq", "ne", "lt", "le", "gt", "ge")
CONTAINER: Final = (
    "len", "getitem", "setitem", "delitem", "iter", "next", "reversed", "contains",
    "length_hint", "missing",
)  # fmt: skip
CONTEXT: Final = ("enter", "exit", "aenter", "aexit")
ASYNC: Final = ("await", "aiter", "anext")
TEXT: Final = ("str", "repr", "format", "bytes")

SPECIAL_NAMES: Final[tuple[str, ...]] = tuple(
    f"__{name}__"
    for name in (
        *BINARY,
        *(f"r{name}" for name in BINARY),
        *(f"i{name}" for name in BINARY if name != "divmod"),
        *UNARY,
        *CONVERSIONS,
        *COMPARISONS,
        *CONTAINER,
        *CONTEXT,
        *ASYNC,
        *TEXT,
        "bool",
        "hash",
        "call",
    )
)

READABLE: Final = frozenset(
    {
        "__name__", "__qualname__", "__doc__", "__module__", "__annotations__", "__dict__",
        "__defaults__", "__kwdefaults__", "__slots__", "__version__", "__all__", "__author__",
        "__match_args__", "__dataclass_fields__", "__dataclass_params__", "__abstractmethods__",
        "__members__", "__notes__", "__isabstractmethod__", "__self__", "__func__", "__path__",
        "__required_keys__", "__optional_keys__", "__total__", "__parameters__", "__origin__",
        "__args__", "__value__", "__type_params__", "__cause__", "__context__",
        "__suppress_context__",
    }
)  # fmt: skip
"""Special attributes (not methods) that may be read from the other side."""

_SAME: Final[tuple[Any, ...]] = (
        object, type, bool, int, float, complex, str, bytes, bytearray, list, tuple, set, frozenset,
        dict, range, slice, type(None), property, staticmethod, classmethod, enumerate, zip, map,
        filter, reversed, super, memoryview,
        collections.deque, collections.defaultdict, collections.OrderedDict, collections.Counter,
        dt.date, dt.time, dt.datetime, dt.timedelta, dt.timezone,
        decimal.Decimal, fractions.Fraction, pathlib.PurePosixPath, uuid.UUID,
)  # fmt: skip
DATA_TYPES: Final[dict[type, str]] = {kind: kind.__name__ for kind in _SAME} | {
    kind: name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException) and kind.__name__ == name
}
"""Types that exist on both sides and mean the same; they cross by name."""

EXCEPTIONS: Final[dict[str, type[BaseException]]] = {
    name: kind for kind, name in DATA_TYPES.items() if issubclass(kind, BaseException)
}


def nearest_builtin_exception(kind: type[BaseException]) -> type[BaseException]:
    """Return the first built-in class among the bases of an exception class."""
    for base in kind.__mro__:
        if base in DATA_TYPES and issubclass(base, BaseException):
            return base
    return Exception


def arguments_of(error: BaseException) -> tuple[Any, ...]:
    """Return the arguments that make a built-in exception again.

    The name of a file is not among the `args` of an OSError, but it is in its message.
    """
    if type(error) in DATA_TYPES and isinstance(error, OSError) and error.filename is not None:
        name, other = error.filename, error.filename2
        more = () if other is None else (None, other)
        return (error.errno, error.strerror, name, *more)
    return error.args


def text_of(value: object, cap: int = 200) -> str:
    """Return a name as an exact, short str, whatever it claims to be."""
    return str.__str__(value)[:cap] if isinstance(value, str) else "?"
