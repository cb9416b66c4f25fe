"""What stand-in classes are made of: special methods, refusals, classes that a test derives."""

from __future__ import annotations

import dataclasses
import inspect
import types
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, Final

from grader.checker import faults
from grader.checker.faults import Fault
from grader.checker.remote import Ref, ref_of
from grader.wire.names import BINARY, COMPARISONS, CONVERSIONS, DATA_TYPES, SPECIAL_NAMES, UNARY

if TYPE_CHECKING:
    from grader.checker.session import Session

_OPERATOR_NAMES: Final = {"and": "and_", "or": "or_"}
_SIGNS: Final = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
                 "bool": "truth", "contains": "`in`"}  # fmt: skip
REFUSED: Final = (
    *COMPARISONS, "bool", "contains",
    *BINARY, *(f"r{name}" for name in BINARY), *(f"i{name}" for name in BINARY if name != "divmod"),
    *UNARY, *CONVERSIONS,
)  # fmt: skip
_LOCAL_COMPARERS: Final = ("unittest.mock", "_pytest", "pytest")


def needs_plain(subject: str, what: str) -> str:
    """Return the sentence of a refusal."""
    return (
        f"{what} of {subject} that stays with your code proves nothing: a plain value is needed "
        "here (a number, text, list, dict, array or frame)."
    )


def session_of(value: object) -> Session:
    """Return the session behind an instance's stand-in."""
    ref = ref_of(value)
    assert ref is not None
    return ref.session


def special_methods(told: dict[str, Any], *, strict: bool) -> dict[str, Any]:
    """Return the special methods of a stand-in class, by name."""
    defined = [str(name) for name in told.get("s", []) if name in SPECIAL_NAMES]
    made: dict[str, Any] = {}
    for name in defined:
        method = _FORWARDED.get(name) or _generic(name)
        if method is not None:
            made[name] = method
    if strict:
        made |= {f"__{short}__": _refuser(short) for short in REFUSED}
        made["__hash__"] = object.__hash__
    elif told.get("unhashable") is True:
        made["__hash__"] = None
    elif "__eq__" in made and "__hash__" not in made:
        made["__hash__"] = object.__hash__
    return made


def _refuser(short: str) -> Callable[..., Any]:
    what = _SIGNS.get(short, f"arithmetic (__{short}__)")

    def refuse(self: Any, *_args: Any) -> Any:
        raise session_of(self).refuse(
            needs_plain(type(self).__dict__.get("_grader_name", "an object"), what)
        )

    return refuse


def _generic(name: str) -> Callable[..., Any] | None:  # noqa: PLR0911 - one line a family
    short = name.strip("_")
    plain = short[1:] if short[:1] in {"r", "i"} and short[1:] in BINARY else short
    if short in COMPARISONS:
        return _comparison(short)
    if plain in BINARY and short != plain and short[0] == "r":
        return lambda self, other: _operate(self, plain, other, self)
    if plain in BINARY and short != plain:
        return lambda self, other: _operate(self, f"i{plain}", self, other)
    if short in BINARY:
        return lambda self, *others: _operate(self, short, self, *others)
    if short in (*UNARY, "float", "int", "complex", "index"):
        return lambda self: _operate(self, short, self)
    if short in {"round", "trunc", "floor", "ceil", "length_hint", "aiter", "anext", "aenter"}:
        return lambda self, *args: session_of(self).request("special", self, *args, n=name)
    return None


def _operate(self: Any, short: str, *operands: object) -> Any:
    return session_of(self).request("oper", *operands, n=_OPERATOR_NAMES.get(short, short))


def _comparison(short: str) -> Callable[..., Any]:
    def compare(self: Any, other: object) -> Any:
        # mock.ANY and approx() know better how to compare themselves.
        if type(other).__module__.startswith(_LOCAL_COMPARERS):
            return NotImplemented
        return _operate(self, short, self, other)

    return compare


def _next(self: Any) -> Any:
    try:
        return session_of(self).request("special", self, n="__next__", stops=True)
    except faults.Stopped as stopped:
        raise StopIteration(stopped.value) from None


def _exit(self: Any, kind: Any, error: Any, traceback: Any) -> Any:
    """Leave a context: what the test itself raised is never swallowed by the student's code."""
    session = session_of(self)
    if error is None or not isinstance(error, BaseException):
        return session.request("special", self, kind, error, traceback, n="__exit__")
    if traceback is None:  # called by hand: the answer is a value like any other
        return session.request("exception", self, n="__exit__", exc=session.opaque.tell(error))
    if not may_cross(session, error):
        session.request("special", self, None, None, None, n="__exit__")
        return False
    swallowed = session.request("exception", self, n="__exit__", exc=session.opaque.tell(error))
    return bool(swallowed) and session.settings.remote_operators


def may_cross(session: Session, error: BaseException) -> bool:
    """Whether an exception inside a `with` may be told to the student's `__exit__`."""
    from grader.checker.told import is_outcome  # noqa: PLC0415 - pytest is not needed to load us

    if session.opaque.reference_of(error) is not None:
        return True
    return isinstance(error, Exception) and not is_outcome(error) and not isinstance(error, Fault)


async def _aexit(self: Any, kind: Any, error: Any, traceback: Any) -> Any:
    return _exit_async(self, kind, error, traceback)


def _exit_async(self: Any, _kind: Any, error: Any, _traceback: Any) -> bool:
    session = session_of(self)
    if error is None or not may_cross(session, error):
        leaving = session.request("special", self, None, None, None, n="__aexit__")
        session.request("await", leaving)
        if inspect.iscoroutine(leaving):
            leaving.close()  # it has run over there; here nobody awaits it
        return False
    swallowed = session.request("exception", self, n="__aexit__", exc=session.opaque.tell(error))
    return bool(swallowed) and session.settings.remote_operators


def _await(self: Any) -> Generator[Any, Any, Any]:
    return session_of(self).request("await", self)
    yield  # a generator, as the protocol of `await` wants


def _request(op: str, name: str) -> Callable[..., Any]:
    return lambda self, *args: session_of(self).request(op, self, *args, n=name)


_FORWARDED: Final[dict[str, Callable[..., Any]]] = {
    "__next__": _next,
    "__exit__": _exit,
    "__aexit__": _aexit,
    "__await__": _await,
    "__call__": lambda self, *args, **kwargs: session_of(self).request(
        "call", self, *args, kwargs=kwargs
    ),
    "__enter__": _request("special", "__enter__"),
    "__iter__": _request("oper", "iter"),
    "__reversed__": _request("oper", "reversed"),
    "__len__": _request("oper", "len"),
    "__getitem__": _request("oper", "getitem"),
    "__setitem__": _request("oper", "setitem"),
    "__delitem__": _request("oper", "delitem"),
    "__contains__": _request("oper", "contains"),
    "__bool__": _request("oper", "truth"),
    "__hash__": _request("oper", "hash"),
    "__bytes__": _request("oper", "bytes"),
}


def claimed_class(kind: type) -> type:
    """Return the class that `x.__class__` tells for a stand-in of class `kind`."""
    from grader.checker.opaque import library_class  # noqa: PLC0415 - they know each other

    told = kind.__dict__.get("_grader_told")
    if told is None:
        return kind
    if "_grader_shadow" not in kind.__dict__:
        local = library_class(*told) if _may_claim(kind, told[0]) else None
        # `isinstance(x, dict)` holds for a student's subclass of dict.
        base = local or _known_base(kind)
        made = _shadow(kind, base) or (base if base in DATA_TYPES else None)
        type.__setattr__(kind, "_grader_shadow", made or kind)
    shadow: type = kind.__dict__["_grader_shadow"]
    return shadow


def _may_claim(kind: type, home: str) -> bool:
    """Whether an object may be taken for one of a library's class.

    Without remote operators only estimators may: numbers, frames and their kind cross as data, so
    an object that claims to be one lies.
    """
    ref = kind.__dict__.get("_grader_class_ref")
    trusted = isinstance(ref, Ref) and ref.session.settings.remote_operators
    return trusted or home.partition(".")[0] == "sklearn"


def _known_base(kind: type) -> type | None:
    """Return a base of a student's class that this side knows too: of data, or of a library."""
    from grader.checker.opaque import library_class  # noqa: PLC0415 - they know each other

    data = kind.__dict__.get("_grader_data")
    if data is not None and _may_claim(kind, ""):
        return next((known for known, name in DATA_TYPES.items() if name == data), None)
    for base in kind.__mro__[1:]:
        home, path = base.__dict__.get("_grader_told") or ("", "")
        if home.partition(".")[0] in _BASES:
            return library_class(home, path)
    return None


_BASES: Final = frozenset({"collections", "sklearn", "numbers"})


def _shadow(kind: type, base: type | None) -> type | None:
    """Return a class that passes for `base` and is never instantiated here.

    The name of a class is a claim: `x.__class__(…)`, which libraries do to make another of the same
    kind, would start a process here for whoever calls their class `subprocess.Popen`.
    """

    def there(_cls: type, *args: Any, **kwargs: Any) -> Any:
        ref = kind.__dict__.get("_grader_class_ref")
        if not isinstance(ref, Ref):
            raise TypeError(f"a {kind.__name__} cannot be made here")
        return ref.session.request("call", kind, *args, kwargs=kwargs)

    space = {"__module__": kind.__module__, "__new__": there}
    try:
        return base and type(base)(kind.__name__, (base,), space)
    except TypeError:
        return None


def stand_in_for_library(kind: type, *, strict: bool) -> type:
    """Return a stand-in class for an instance whose class is one of this side's own."""
    from grader.checker.standin import Instance, RemoteMeta  # noqa: PLC0415 - they know each other

    space = {
        "__slots__": (),
        "_grader_name": f"an object of class {kind.__name__}",
        "_grader_told": (kind.__module__, kind.__qualname__),
        "_grader_class_ref": None,
        **special_methods({}, strict=strict),
    }
    return RemoteMeta(kind.__name__, (Instance,), space)


def no_init(self: BaseException, *_args: Any, **_kwargs: Any) -> None:
    """Take the place of an `__init__` that runs on the other side."""


def told_text(self: BaseException) -> str:
    """Return the message of an exception as the student's side told it."""
    return str(self.__dict__.get("_grader_message", ""))


def error_attribute(self: BaseException, name: str) -> Any:
    """Ask the other side for an attribute of one of its exceptions."""
    # Special names are asked for by whatever prints a traceback: that must not run their code.
    ref = None if name.startswith(("__", "_grader")) else self.__dict__.get("_grader_ref")
    if not isinstance(ref, Ref):
        raise AttributeError(name)  # noqa: TRY004 - what a missing attribute raises
    return ref.session.request("get", self, n=name)


def enum_member_attribute(name: str, kind: str) -> Any:
    """Return a method or property of a mirrored enumeration, which runs on the other side."""
    if kind == "p":
        return property(lambda self: type(self).ref.session.request("get", self, n=name))
    if kind == "f":

        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            return type(self).ref.session.request("method", self, *args, kwargs=kwargs, n=name)

        return method

    def on_class(cls: Any, *args: Any, **kwargs: Any) -> Any:
        return cls.ref.session.request("method", cls, *args, kwargs=kwargs, n=name)

    return classmethod(on_class)


def dataclass_fields(session: Session, kind: type) -> dict[str, Any]:
    """Return real dataclass fields, so that `fields`, `asdict` and `replace` work."""
    made: dict[str, Any] = {}
    for name, has_default, default, flags, kind_name in session.request("fields", kind):
        field = dataclasses.field(
            init=flags[0], repr=flags[1], compare=flags[2], kw_only=flags[3],
            **({"default": default} if has_default else {}),
        )  # fmt: skip
        field.name, field.type = name, kind_name
        field._field_type = dataclasses._FIELD  # type: ignore[attr-defined] # noqa: SLF001 - no public way
        made[name] = field
    return made


def make_there(
    made: type, bases: tuple[type, ...], space: dict[str, Any], _keywords: dict[str, Any]
) -> None:
    """Make the student's side know a class that a test derives from one of theirs."""
    from grader.checker.standin import class_ref  # noqa: PLC0415 - they know each other

    remote = [base for base in bases if class_ref(base) is not None]
    first = class_ref(remote[0])
    assert first is not None
    session = first.session
    attributes = {
        name: _attribute(value)
        for name, value in space.items()
        if name == "__init__" or not (name in _KEPT_HERE or name.startswith("_grader"))
    }
    with session.opaque.permanent():
        there = session.request("subclass", *remote, kwargs=attributes, n=made.__name__)
    ref = class_ref(there)
    assert ref is not None
    type.__setattr__(made, "_grader_class_ref", ref)
    type.__setattr__(made, "_grader_local", True)
    type.__setattr__(made, "_grader_name", f"an object of the test's class {made.__name__}")
    session.opaque.classes.put(ref, made)


_KEPT_HERE: Final = frozenset(
    {"__module__", "__qualname__", "__doc__", "__classcell__", "__annotations__", "__slots__",
     "__dict__", "__weakref__", "__firstlineno__", "__static_attributes__"}
)  # fmt: skip


def _attribute(value: object) -> list[Any]:
    if isinstance(value, classmethod):
        return ["c", value.__func__]
    if isinstance(value, staticmethod):
        return ["s", value.__func__]
    if isinstance(value, property):
        return ["p", value.fget, value.fset, value.fdel]
    return ["f" if isinstance(value, types.FunctionType) else "d", value]
