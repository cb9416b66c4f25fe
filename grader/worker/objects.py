"""What stays in the worker and how it is named: handles, class descriptions, functions of the test.

`Objects` is the codec's `Opaque` on this side: whatever is not plain data becomes a node whose tag
begins with "@". The nodes are listed in `course/reference/wire.md`.
"""

from __future__ import annotations

import enum
import functools
import inspect
import pathlib
import sys
import types
from collections.abc import Callable
from typing import Any

from grader.errors import WireError
from grader.wire.names import (
    DATA_TYPES,
    SPECIAL_NAMES,
    nearest_builtin_exception,
    text_of,
)

MAX_MEMBERS = 500
CallBack = Callable[..., Any]


class Handles:
    """Objects by number. Strong references keep `id` unique while a number is in use."""

    def __init__(self) -> None:
        """Start empty."""
        self._objects: dict[int, object] = {}
        self._numbers: dict[int, int] = {}
        self._next = 1

    def number(self, value: object) -> int:
        """Return the object's number, giving it one if needed."""
        known = self._numbers.get(id(value))
        if known is not None:
            return known
        number, self._next = self._next, self._next + 1
        self._objects[number] = value
        self._numbers[id(value)] = number
        return number

    def get(self, number: object) -> Any:
        """Return the object of that number; WireError when there is none."""
        if type(number) is not int or number not in self._objects:
            raise WireError(f"there is no object number {number!r} here")
        return self._objects[number]

    def drop(self, numbers: list[int]) -> None:
        """Forget objects that the other side no longer holds."""
        for number in numbers:
            if number in self._objects:
                self._numbers.pop(id(self._objects.pop(number)), None)


class Objects:
    """Encodes what stays here, decodes references to it and functions of the test."""

    def __init__(self, folder: pathlib.Path, call_back: CallBack) -> None:
        """`call_back(number, args, kwargs)` calls a function of the test."""
        self.handles = Handles()
        self._folder = str(folder.resolve())
        self._call_back = call_back
        self._described: dict[int, None] = {}
        self._members: dict[tuple[int, str], object] = {}
        self._callbacks: dict[int, Any] = {}
        self._callback_numbers: dict[int, int] = {}
        self._stubs: dict[int, Any] = {}
        self._stub_numbers: dict[int, int] = {}
        self.encode_plain: Callable[[object], Any] = lambda _value: None
        self.tell_exception: Callable[[BaseException], dict[str, Any]] = lambda _error: {}
        self.make_exception: Callable[[dict[str, Any]], object] = lambda _node: None

    # -- worker to checker

    def mark(self) -> int:
        """Return a mark to go back to when a message, or a part of it, is thrown away."""
        return len(self._described)

    def take_back(self, mark: int) -> None:
        """Forget which classes were described since: the checker will never read of them."""
        for number in list(self._described)[mark:]:
            del self._described[number]

    def encode(self, value: object) -> dict[str, Any]:
        """Return the node of something that is not plain data."""
        number = self._callback_numbers.get(id(value))
        if number is not None:
            return {"t": "@cb", "n": number}
        if id(value) in self._stub_numbers:
            return {"t": "@local", "n": self._stub_numbers[id(value)]}
        if isinstance(value, BaseException):
            return {"t": "@exc", **self.tell_exception(value)}
        if isinstance(value, type):
            return self.class_node(value)
        if isinstance(value, types.ModuleType):
            return {"t": "@mod", "id": self.handles.number(value), "n": text_of(value.__name__)}
        node = self._by_kind(value)
        if node is None:
            kind = self.class_node(type(value), described=True)
            node = {"t": "@h", "id": self.handles.number(value), "c": kind}
        return node

    def _by_kind(self, value: object) -> dict[str, Any] | None:
        kind = type(value)
        if issubclass(kind, enum.Enum) and self._is_students(kind):
            which = _which_member(kind, value)
            if which:
                # The number is for an enumeration that the checker cannot make again.
                number = self.handles.number(value)
                return {"t": "@enum", "c": self.class_node(kind), "id": number, **which}
        if kind in _FUNCTIONS:
            return self._function_node(value)
        for letter, family in _LIVING.items():
            if issubclass(kind, family):
                return {"t": "@live", "k": letter, "id": self.handles.number(value)}
        return None

    def _function_node(self, value: Any) -> dict[str, Any]:
        node = {
            "t": "@fn",
            "id": self.handles.number(value),
            "n": text_of(getattr(value, "__name__", "function")),
            "k": _function_kind(value),
        }
        home, path = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
        if isinstance(home, str) and isinstance(path, str) and _found_at(home, path) is value:
            node["p"] = [text_of(home), text_of(path)]
        return node

    def _is_students(self, kind: type) -> bool:
        home = sys.modules.get(kind.__module__) if isinstance(kind.__module__, str) else None
        file = getattr(home, "__file__", None)
        return isinstance(file, str) and file.startswith(self._folder)

    def class_node(self, kind: type, *, described: bool = False) -> dict[str, Any]:
        """Return the node of a class, with its description the first time."""
        if kind in DATA_TYPES and not described:
            return {"t": "@type", "n": DATA_TYPES[kind]}
        number = self.handles.number(kind)
        node: dict[str, Any] = {"t": "@cls", "id": number}
        if number not in self._described:
            self._described[number] = None
            node["d"] = self._describe(kind)
        return node

    def _describe(self, kind: type) -> dict[str, Any]:
        home = text_of(getattr(kind, "__module__", ""))
        path = text_of(getattr(kind, "__qualname__", kind.__name__))
        told: dict[str, Any] = {"n": text_of(kind.__name__), "m": home, "q": path}
        doc = kind.__dict__.get("__doc__")
        if isinstance(doc, str):
            told["doc"] = text_of(doc, 4000)
        if _found_at(home, path) is kind:
            told["p"] = True
        if issubclass(kind, BaseException):
            told["x"] = nearest_builtin_exception(kind).__name__
        data = next((DATA_TYPES[base] for base in kind.__mro__ if base in DATA_TYPES), None)
        if data is not None and data != "object":
            told["data"] = data
        told["s"] = [name for name in SPECIAL_NAMES if _defines(kind, name)]
        if kind.__hash__ is None:
            told["unhashable"] = True
        if self._is_students(kind) or home == "__main__":
            told["student"] = True
            told["b"] = [self.class_node(base) for base in kind.__bases__]
            told["members"] = _members(kind)
            if issubclass(kind, enum.Enum):
                told["members"] = self._inherited(kind) | told["members"]
                told["enum"] = self._enum(kind)
        return told

    def _inherited(self, kind: type) -> dict[str, str]:
        """Return the attributes that an enumeration has from other classes of the student's."""
        told: dict[str, str] = {}
        for base in reversed(kind.__mro__[1:]):
            if self._is_students(base):
                told |= _members(base)
        return told

    def _enum(self, kind: type[enum.Enum]) -> dict[str, Any]:
        family = next(base for base in kind.__mro__ if base.__module__ == "enum")
        members = [
            [text_of(name), self.encode_plain(member._value_)]
            for name, member in kind.__members__.items()
        ]
        return {"family": family.__name__, "members": members}

    # -- checker to worker

    def decode(self, node: dict[str, Any]) -> object:  # noqa: C901, PLR0911 - one line a tag
        """Return what a node of the checker means here."""
        tag = node["t"]
        if tag == "@h":
            return self.handles.get(node.get("id"))
        if tag == "@cb":
            return self._callback(node)
        if tag == "@type":
            return _type_named(str(node.get("n")))
        if tag == "@imp":
            return _imported(str(node.get("m")), str(node.get("n")))
        if tag == "@enum":
            kind: Any = self.decode(node["c"])
            return kind(node["v"]) if "v" in node else kind[node["n"]]
        if tag == "@attr":
            return getattr(self.decode(node["o"]), str(node["n"]))
        if tag == "@member":
            return self._member(self.decode(node["o"]), str(node["n"]))
        if tag == "@exc":
            return self.make_exception(node)
        if tag == "@local":
            return self._stub(node)
        if tag == "@path":
            found = _found_at(str(node.get("m")), str(node.get("n")))
            if found is None:
                raise WireError(f"{node.get('n')} is gone")
            return found
        raise WireError(f"unknown node {tag!r}")

    def _callback(self, node: dict[str, Any]) -> Any:
        number = int(node["n"])
        if number not in self._callbacks:
            made = _callback_function(number, node, self._call_back)
            self._callbacks[number] = made
            self._callback_numbers[id(made)] = number
        return self._callbacks[number]

    def keep_member(self, owner: object, name: str) -> None:
        """Keep a class's own attribute before it is replaced, so that it can be put back."""
        if isinstance(owner, type) and name in vars(owner):
            self._members.setdefault((id(owner), name), vars(owner)[name])

    def _member(self, owner: Any, name: str) -> object:
        return self._members.get((id(owner), name), vars(owner).get(name))

    def _stub(self, node: dict[str, Any]) -> Any:
        number = int(node["n"])
        if number not in self._stubs:
            made = _stub_class(node, self._call_back)(number)
            self._stubs[number] = made
            self._stub_numbers[id(made)] = number
        return self._stubs[number]


_FUNCTIONS = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
    types.ClassMethodDescriptorType,
)
_LIVING: dict[str, type] = {
    "g": types.GeneratorType,
    "c": types.CoroutineType,
    "a": types.AsyncGeneratorType,
}


def _which_member(kind: type[enum.Enum], value: object) -> dict[str, Any]:
    """Return the name of a member, or the value of combined flags, which have none."""
    name = getattr(value, "_name_", None)
    if isinstance(name, str) and name in kind.__members__:
        return {"n": name}
    number = getattr(value, "_value_", None)
    return {"v": number} if issubclass(kind, enum.Flag) and type(number) is int else {}


def _function_kind(value: Any) -> str:
    if inspect.isasyncgenfunction(value):
        return "a"
    if inspect.iscoroutinefunction(value):
        return "c"
    if inspect.isgeneratorfunction(value):
        return "g"
    if isinstance(value, types.MethodType):
        return "m"
    return "f" if isinstance(value, types.FunctionType) else "b"


def _members(kind: type) -> dict[str, str]:
    """Return the kinds of a class's own attributes: f, s, c, p or d."""
    told: dict[str, str] = {}
    for name, value in list(vars(kind).items())[:MAX_MEMBERS]:
        if type(name) is not str or (name.startswith("__") and name.endswith("__")):
            if name == "__init__":
                told[name] = "f"
            continue
        if isinstance(value, staticmethod):
            told[name] = "s"
        elif isinstance(value, classmethod):
            told[name] = "c"
        elif isinstance(value, property):
            told[name] = "p"
        elif isinstance(value, types.FunctionType):
            told[name] = "f" + _function_kind(value)
        else:
            told[name] = "d"
    return told


def _defines(kind: type, name: str) -> bool:
    for base in kind.__mro__:
        if base is object:
            continue
        if name in vars(base):
            return vars(base)[name] is not None
    return False


def _found_at(home: str, path: str) -> object:
    """Return what a module holds under a dotted path, or None."""
    found: object = sys.modules.get(home)
    for part in path.split(".") if path else ():
        space = getattr(found, "__dict__", None)
        found = space.get(part) if space is not None else None
    return found


def _type_named(name: str) -> type:
    for kind, known in DATA_TYPES.items():
        if known == name:
            return kind
    raise WireError(f"unknown type {name!r}")


def _imported(home: str, path: str) -> object:
    """Return a library's function or class that the test passed. The checker is trusted here."""
    module = __import__(home, fromlist=["_"])
    return functools.reduce(getattr, path.split(".") if path else (), module)


def _stub_class(node: dict[str, Any], call_back: CallBack) -> Any:
    """Make a class for an object of the test's: its public attributes are asked for there."""

    def special(name: str) -> Any:
        return lambda self, *args, **kwargs: call_back(
            object.__getattribute__(self, "_number"), args, kwargs, op="special", name=name
        )

    def get(self: Any, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return call_back(object.__getattribute__(self, "_number"), (), {}, op="get", name=name)

    def put(self: Any, name: str, value: object) -> None:
        call_back(object.__getattribute__(self, "_number"), (value,), {}, op="set", name=name)

    def init(self: Any, number: int) -> None:
        object.__setattr__(self, "_number", number)

    skipped = {"__repr__", "__str__", "__hash__", "__eq__", "__ne__", "__format__"}
    space = {name: special(name) for name in node.get("s", []) if name not in skipped}
    space |= {"__getattr__": get, "__setattr__": put, "__init__": init, "__module__": "test"}
    return type(str(node.get("k", "object")), (), space)


def _callback_function(number: int, node: dict[str, Any], call_back: CallBack) -> Any:
    """Make a real function, so that `functools.wraps` and `inspect` see what they expect."""

    def function(*args: Any, **kwargs: Any) -> Any:
        return call_back(number, args, kwargs)

    function.__name__ = function.__qualname__ = str(node.get("name", "function"))
    function.__doc__ = node.get("doc")
    function.__module__ = "test"
    return function


def class_attribute(told: list[Any]) -> Any:
    """Return an attribute of a class that a test derives: [kind, value…]."""
    kind, *rest = told
    if kind == "c":
        return classmethod(rest[0])
    if kind == "s":
        return staticmethod(rest[0])
    if kind == "p":
        return property(*rest)
    return rest[0]
