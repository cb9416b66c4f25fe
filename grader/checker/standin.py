"""Classes and instances of the student's code: real classes here, whose every act happens there.

A stand-in class has the student's bases as stand-ins, the special methods that the student's class
defines (from the allow-list), and a descriptor for each of its attributes. So `isinstance`,
`issubclass`, `super()`, properties and class attributes work as a reader of the test expects.
Without `remote_operators`, comparison, truth, membership, arithmetic and conversions are refused.
"""

from __future__ import annotations

import enum
import inspect
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader.checker import operators
from grader.checker.faults import Fault
from grader.checker.remote import (
    CODE_FLAGS,
    BoundRemote,
    Flags,
    Ref,
    RemoteModule,
    readable,
    ref_of,
    signature_of,
)
from grader.errors import WireError
from grader.wire.names import SPECIAL_NAMES

if TYPE_CHECKING:
    from grader.checker.session import Session


class RemoteMeta(type):
    """The class of stand-in classes: attributes and calls go to the student's class."""

    def __new__(
        mcls, name: str, bases: tuple[type, ...], space: dict[str, Any], **keywords: Any
    ) -> RemoteMeta:
        """Make a stand-in, or (for a class statement in a test) a class on both sides."""
        made = super().__new__(mcls, name, bases, space)
        if "_grader_class_ref" not in space and any(class_ref(base) for base in bases):
            operators.make_there(made, bases, space, keywords)
        return made

    def __init__(
        cls, name: str, bases: tuple[type, ...], space: dict[str, Any], **_keywords: Any
    ) -> None:
        super().__init__(name, bases, space)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make an instance there."""
        return _session(cls).request("call", cls, *args, kwargs=kwargs)

    def __getattr__(cls, name: str) -> Any:
        if class_ref(cls) is None:
            raise AttributeError(name)
        if name == "__dataclass_fields__":
            return operators.dataclass_fields(_session(cls), cls)
        readable(name)
        return _session(cls).request("get", cls, n=name)

    def __setattr__(cls, name: str, value: object) -> None:
        if name.startswith(("_grader", "_abc_")) or class_ref(cls) is None or _special(name):
            super().__setattr__(name, value)
        else:
            _session(cls).request("set", cls, value, n=name)

    def __delattr__(cls, name: str) -> None:
        _session(cls).request("delete", cls, n=name)

    @property
    def __signature__(cls) -> Any:
        return signature_of(_session(cls), cls)

    def __instancecheck__(cls, instance: object) -> bool:
        if super().__instancecheck__(instance):
            return True
        fields = getattr(type(instance), "_fields", None)
        return (
            isinstance(instance, tuple)
            and fields is not None
            and type(instance).__name__ == cls.__name__
            and cls.__dict__.get("_grader_data") == "tuple"
        )

    def __dir__(cls) -> list[str]:
        return list(_session(cls).request("dir", cls))

    def __iter__(cls) -> Any:
        return _session(cls).request("oper", cls, n="iter")

    def __len__(cls) -> int:
        return int(_session(cls).request("oper", cls, n="len"))

    def __getitem__(cls, key: object) -> Any:
        return _session(cls).request("oper", cls, key, n="getitem")

    def __bool__(cls) -> bool:
        session = _session(cls)
        # The traceback module asks whether there is an exception class by its truth.
        is_error = issubclass(cls, BaseException)
        if not is_error and not session.settings.remote_operators:
            raise session.refuse(operators.needs_plain(f"the class {cls.__name__}", "truth"))
        return True

    def __repr__(cls) -> str:
        return f"<class '{cls.__module__}.{cls.__qualname__}'>"


class Instance(metaclass=RemoteMeta):
    """Base of the stand-ins of instances."""

    __slots__ = ("__weakref__", "_grader_ref")
    _grader_name = "an object"

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        """End of the chain of `super().__init__` calls: nothing happens here."""

    def __getattr__(self, name: str) -> Any:
        ref = ref_of(self)
        if ref is None:
            raise AttributeError(name)
        if name == "__dataclass_fields__":
            return operators.dataclass_fields(ref.session, type(self))
        readable(name)
        return ref.session.request("get", self, n=name)

    def __setattr__(self, name: str, value: object) -> None:
        if _special(name):
            raise AttributeError(f"{name} of a remote object cannot be set")
        _session(self).request("set", self, value, n=name)

    def __delattr__(self, name: str) -> None:
        _session(self).request("delete", self, n=name)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        return dict(_session(self).request("get", self, n="__dict__"))

    @property  # type: ignore[misc] # what it claims to be is all that is asked of it
    def __class__(self) -> type:
        return operators.claimed_class(type(self))

    def __dir__(self) -> list[str]:
        return list(_session(self).request("dir", self))

    def __repr__(self) -> str:
        try:
            return str(_session(self).request("oper", self, n="repr"))
        except (Fault, SystemExit):
            return f"<{type(self).__name__} of the student's code>"

    def __str__(self) -> str:
        return str(_session(self).request("oper", self, n="str"))

    def __format__(self, spec: str) -> str:
        return str(_session(self).request("oper", self, spec, n="format"))

    def __copy__(self) -> Any:
        return _session(self).request("oper", self, n="copy")

    def __deepcopy__(self, _memo: Any) -> Any:
        return _session(self).request("oper", self, n="deepcopy")

    def __reduce_ex__(self, _protocol: Any) -> Any:
        raise TypeError("an object of the student's code cannot be pickled")


class Member:
    """An attribute of a class, as its description tells: f, s, c, p or d."""

    def __init__(self, name: str, kind: str) -> None:
        """Stand for the attribute of that name."""
        self.name = name
        self.kind = kind[:1]
        self.owner: type | None = None
        self.__name__ = name
        self.__code__ = Flags(CODE_FLAGS.get(kind[1:], 0))

    def __set_name__(self, owner: type, _name: str) -> None:
        self.owner = owner

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        if instance is None:
            if self.kind == "p":
                return self
            return _session(owner).request("get", owner, n=self.name)
        if self.kind not in {"f", "s", "c"}:
            return _session(instance).request("get", instance, n=self.name)
        if "_grader_local" in type(instance).__dict__ and self.kind == "f":
            # A class of the test: `super().method()` must not come back to the override.
            return _Above(self.owner, self.name, instance)
        return BoundRemote(instance, self.name)

    @property  # type: ignore[misc] # what it claims to be is all that is asked of it
    def __class__(self) -> type:
        return {"p": property, "f": types.FunctionType}.get(self.kind, Member)

    @property
    def __isabstractmethod__(self) -> bool:
        return False


class _Above:
    """A method of a base class, bound to an instance of a class that a test derived from it."""

    def __init__(self, owner: type | None, name: str, instance: object) -> None:
        self._owner, self.__name__, self.__self__ = owner, name, instance

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _session(self.__self__).request(
            "method", self._owner, self.__self__, *args, kwargs=kwargs, n=self.__name__
        )


class MirrorMeta(enum.EnumMeta):
    """The class of enumerations made again on this side, members and values included."""

    ref: Ref


def instance(kind: type, ref: Ref) -> object:
    """Return a stand-in for an instance, without running any `__init__`."""
    if not issubclass(kind, Instance):
        strict = not ref.session.settings.remote_operators
        kind = operators.stand_in_for_library(kind, strict=strict)
    made: Any = object.__new__(kind)
    object.__setattr__(made, "_grader_ref", ref)
    return made


def class_ref(kind: object) -> Ref | None:
    """Return the Ref of a stand-in class, or None for any other class."""
    if not isinstance(kind, type):
        return None
    if isinstance(kind, MirrorMeta):
        return type.__getattribute__(kind, "ref") if "ref" in kind.__dict__ else None
    found = type.__getattribute__(kind, "__dict__").get("_grader_class_ref")
    return found if isinstance(found, Ref) else None


def foreign_module(ref: Ref, node: dict[str, Any]) -> RemoteModule:
    """Return a module that the student's code returned."""
    module = RemoteModule(ref.session, str(node["n"]), None, package=False)
    types.ModuleType.__setattr__(module, "_grader_ref", ref)
    return module


def special_names(kind: type) -> list[str]:
    """Return the special methods of an object of the test's that the student's code may use."""
    return [
        name
        for name in SPECIAL_NAMES
        if any(name in vars(base) for base in kind.__mro__ if base is not object)
    ]


def local_operation(value: object, kind: str, name: str) -> Callable[..., Any]:
    """Return an operation of the student's code on an object of the test's."""
    if kind == "special" and name in SPECIAL_NAMES:
        found = inspect.getattr_static(type(value), name)
        return found.__get__(value, type(value)) if hasattr(found, "__get__") else found  # type: ignore[no-any-return]
    if name.startswith("_"):
        raise WireError("only public attributes of the test's objects can be used")
    if kind == "get":
        return lambda: getattr(value, name)
    if kind == "set":
        return lambda new: setattr(value, name, new)
    raise WireError("an unknown operation on an object of the test's")


def _session(value: object) -> Session:
    ref = class_ref(value) if isinstance(value, type) else ref_of(value)
    if ref is None and isinstance(value, type):
        ref = next((found for base in value.__mro__ if (found := class_ref(base))), None)
    assert ref is not None
    return ref.session


def _special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")
