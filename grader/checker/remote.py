"""Functions, methods and modules that stay with the student's code.

`__class__` tells what a reader of the test would expect (`inspect.isfunction` and its kind work);
the real type is always ours, so no special method of the student's runs on this side.
"""

from __future__ import annotations

import inspect
import sys
import types
from typing import TYPE_CHECKING, Any, Final

from grader.checker.faults import Fault, MissingName
from grader.wire.names import READABLE, SPECIAL_NAMES

if TYPE_CHECKING:
    from grader.checker.session import Session


class Ref:
    """Which object of which child: a number, and where it can be found again by name."""

    __slots__ = ("__weakref__", "generation", "number", "path", "session")

    def __init__(self, session: Session, number: int, path: tuple[str, str] | None = None) -> None:
        """Refer to object `number` of the session's present child."""
        self.session = session
        self.generation = session.generation
        self.number = number
        self.path = path
        session.held[(self.generation, number)] += 1

    def __del__(self) -> None:
        key = (self.generation, self.number)
        self.session.held[key] -= 1
        self.session.dropped.append(key)


def ref_of(value: object) -> Ref | None:
    """Return the Ref behind a remote object of ours, or None."""
    try:
        found = object.__getattribute__(value, "_grader_ref")
    except AttributeError:
        return None
    return found if isinstance(found, Ref) else None


_OURS: Final = ("_grader", "_pytest", "_mock_", "pytestmark")
"""Beginnings of names that the grader and pytest ask everything for, for themselves."""


def readable(name: str) -> None:
    """Raise AttributeError for a name that is never asked of the other side."""
    special = name.startswith("__") and name.endswith("__")
    if name.startswith(_OURS) or (special and name not in READABLE):
        raise AttributeError(name)


class Strict:
    """What a remote object refuses unless the manifest says `remote_operators = true`."""

    __slots__ = ()

    def _session(self) -> Session:
        ref = ref_of(self)
        assert ref is not None
        return ref.session

    def _compare(self, name: str, other: object) -> Any:
        session = self._session()
        if not session.settings.remote_operators:
            raise session.refuse(refusal(self, name))
        return self is other if name == "==" else NotImplemented

    def __eq__(self, other: object) -> Any:
        return self._compare("==", other)

    def __ne__(self, other: object) -> Any:
        equal = self._compare("==", other)
        return equal if equal is NotImplemented else not equal

    def __bool__(self) -> bool:
        session = self._session()
        if not session.settings.remote_operators:
            raise session.refuse(refusal(self, "truth"))
        return True

    __hash__ = object.__hash__


def refusal(value: object, what: str) -> str:
    """Return the sentence for a refused use of a remote object."""
    name = getattr(type(value), "_grader_name", "") or "an object"
    return (
        f"{what} of {name} that stays with your code proves nothing: a plain value is needed here "
        "(a number, text, list, dict, array or frame)."
    )


_FUNCTION_KINDS: Final[dict[str, type]] = {
    "b": types.BuiltinFunctionType,
    "m": types.MethodType,
}


class RemoteFunction(Strict):
    """A function of the student's module."""

    __slots__ = ("__weakref__", "_about", "_grader_ref", "_kind", "_name")
    _grader_name = "a function"

    def __init__(self, ref: Ref, name: str, kind: str) -> None:
        """Stand for the function behind `ref`."""
        object.__setattr__(self, "_grader_ref", ref)
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_kind", kind)
        object.__setattr__(self, "_about", {})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function where it is."""
        return self._session().request("call", self, *args, kwargs=kwargs)

    @property  # type: ignore[misc] # what it claims to be is all that is asked of it
    def __class__(self) -> type:
        return _FUNCTION_KINDS.get(self._kind, types.FunctionType)

    def __get__(self, instance: object, _owner: type | None = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __getattr__(self, name: str) -> Any:
        if name == "__code__" and self._kind != "b":
            return Flags(CODE_FLAGS.get(self._kind, 0))
        readable(name)
        return self._session().request("get", self, n=name)

    def __setattr__(self, name: str, value: object) -> None:
        self._session().request("set", self, value, n=name)

    def __delattr__(self, name: str) -> None:
        self._session().request("delete", self, n=name)

    def _told(self, name: str) -> Any:
        about: dict[str, Any] = object.__getattribute__(self, "_about")
        if name not in about:
            about[name] = self._session().request("get", self, n=name)
        return about[name]

    @property
    def __name__(self) -> str:
        return self._name  # type: ignore[no-any-return]

    def __getattribute__(self, name: str) -> Any:
        # These two exist on every class, so `__getattr__` would never be asked for them.
        if name in {"__doc__", "__module__"}:
            return object.__getattribute__(self, "_told")(name)
        return object.__getattribute__(self, name)

    @property
    def __signature__(self) -> inspect.Signature:
        return signature_of(self._session(), self)

    def __dir__(self) -> list[str]:
        return list(self._session().request("dir", self))

    def __repr__(self) -> str:
        return f"<function {self._name} of the student's code>"


class Flags:
    """Enough of a code object for `inspect.iscoroutinefunction` and its kind."""

    def __init__(self, flags: int) -> None:
        self.co_flags = flags


CODE_FLAGS: Final = {
    "a": inspect.CO_ASYNC_GENERATOR,
    "c": inspect.CO_COROUTINE,
    "g": inspect.CO_GENERATOR,
}


class BoundRemote(Strict):
    """A method of a remote object: called by name, in one round trip."""

    __slots__ = ("__self__", "__weakref__", "_about", "_name")
    _grader_name = "a method"

    def __init__(self, owner: object, name: str) -> None:
        """Stand for `owner.name`."""
        self.__self__ = owner
        self._name = name
        self._about: dict[str, Any] = {}

    def _session(self) -> Session:
        ref = ref_of(self.__self__)
        assert ref is not None
        return ref.session

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the method where it is."""
        return self._session().request("method", self.__self__, *args, kwargs=kwargs, n=self._name)

    @property  # type: ignore[misc] # what it claims to be is all that is asked of it
    def __class__(self) -> type:
        return types.MethodType

    @property
    def __func__(self) -> Any:
        return getattr(type(self.__self__), self._name)

    @property
    def __name__(self) -> str:
        return self._name

    def __getattribute__(self, name: str) -> Any:
        if name in {"__doc__", "__module__"}:
            about = object.__getattribute__(self, "_about")
            if name not in about:
                about[name] = getattr(self.fetched(), name)
            return about[name]
        return object.__getattribute__(self, name)

    def fetched(self) -> Any:
        """Return the method as an object of its own."""
        return self._session().request("get", self.__self__, n=self._name)

    @property
    def __signature__(self) -> inspect.Signature:
        return signature_of(self._session(), self.fetched())

    def __getattr__(self, name: str) -> Any:
        readable(name)
        return getattr(self.fetched(), name)

    def _compare(self, name: str, other: object) -> Any:
        if type(other) is BoundRemote:
            return self.__self__ is other.__self__ and self._name == other.__name__
        return super()._compare(name, other)

    def __hash__(self) -> int:
        return hash((id(self.__self__), self._name))

    def __repr__(self) -> str:
        return f"<method {self._name} of the student's code>"


def signature_of(session: Session, value: object) -> inspect.Signature:
    """Ask for a callable's signature and build it here."""
    parameters, has_return, returns = session.request("about", value)
    made = [
        inspect.Parameter(
            name,
            inspect._ParameterKind(kind),  # noqa: SLF001 - the only way from number to kind
            default=default if has_default else inspect.Parameter.empty,
            annotation=annotation if has_annotation else inspect.Parameter.empty,
        )
        for name, kind, has_default, default, has_annotation, annotation in parameters
    ]
    return inspect.Signature(
        made, return_annotation=returns if has_return else inspect.Signature.empty
    )


class ModuleSpace(dict[str, Any]):
    """What `vars(module)` gives: the names over there, looked up when they are asked for."""

    def __init__(self, module: RemoteModule) -> None:
        """Show a module's names."""
        super().__init__(_space(module))
        self._module = module

    def __getitem__(self, name: str) -> Any:
        if dict.__contains__(self, name):
            return dict.__getitem__(self, name)
        try:
            return getattr(self._module, name)
        except AttributeError:
            raise KeyError(name) from None

    def get(self, name: str, default: Any = None) -> Any:
        """Return a name of the module, or the default."""
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return name in dir(self._module)


def _space(module: types.ModuleType) -> dict[str, Any]:
    """Return the module's own dict on this side."""
    found: dict[str, Any] = types.ModuleType.__getattribute__(module, "__dict__")
    return found


class RemoteModule(types.ModuleType):
    """One of the student's modules; names are looked up there when they are asked for."""

    def __init__(self, session: Session, name: str, doc: str | None, *, package: bool) -> None:
        """Stand for the module of that name."""
        super().__init__(name, doc)
        _space(self)["_grader_session"] = session
        if package:
            _space(self)["__path__"] = []

    def __getattribute__(self, name: str) -> Any:
        if name == "__dict__":
            return ModuleSpace(self)
        return types.ModuleType.__getattribute__(self, name)

    def __getattr__(self, name: str) -> Any:
        session: Session = _space(self)["_grader_session"]
        home = _space(self)["__name__"]
        if name == "__all__":
            return session.modules.all_names(home, inspect.currentframe())
        readable(name)
        failure = session.modules.failure(home)
        if failure is not None:
            return Missing(session, name, failure)
        if name == "__path__":  # the import has told: only a package has one, and it is above
            raise AttributeError(f"module {home!r} is not a package")
        try:
            return session.modules.named(home, name)
        except AttributeError as error:
            absent = MissingName(session.modules.absent(home, name))
            session.tally.missing.append(absent.message)
            # `from module import name` looks here next, and finds something to fail with later.
            sys.modules[f"{home}.{name}"] = Missing(session, name, absent)  # type: ignore[assignment]
            raise AttributeError(f"module {home!r} has no attribute {name!r}") from error

    def __setattr__(self, name: str, value: object) -> None:
        if name.startswith("__") and name.endswith("__"):
            super().__setattr__(name, value)
        elif isinstance(value, RemoteModule) and value.__name__ == f"{self.__name__}.{name}":
            pass  # the import system's own doing, which has happened over there, too
        else:
            _space(self)["_grader_session"].request(
                "set_name", value, m=_space(self)["__name__"], n=name
            )

    def __delattr__(self, name: str) -> None:
        _space(self)["_grader_session"].request("del_name", m=_space(self)["__name__"], n=name)

    def __dir__(self) -> list[str]:
        return list(_space(self)["_grader_session"].request("dir", m=_space(self)["__name__"]))

    def __bool__(self) -> bool:
        session: Session = _space(self)["_grader_session"]
        if not session.settings.remote_operators:
            raise session.refuse(refusal(self, "truth"))
        return True

    def __repr__(self) -> str:
        return f"<module {self.__dict__['__name__']!r} of the student's code>"


class Missing:
    """A name that cannot be had: importing it is fine, using it fails the check."""

    def __init__(self, session: Session, name: str, fault: Fault) -> None:
        """Fail with `fault` when used."""
        self._session = session
        self._fault = fault
        self.__name__ = name

    def fail(self) -> BaseException:
        """Return the recorded fault."""
        return self._session.fault(type(self._fault)(self._fault.message))

    def __getattr__(self, name: str) -> Any:
        if (name.startswith("__") and name.endswith("__")) or name.startswith(_OURS):
            raise AttributeError(name)
        raise self.fail()


def _fail(missing: Missing, *_args: object, **_kwargs: object) -> Any:
    """Take the place of every special method: none may raise a TypeError that a test expects."""
    raise missing.fail()


for _special in (*SPECIAL_NAMES, "__instancecheck__", "__subclasscheck__", "__mro_entries__"):
    if _special not in {"__hash__", "__repr__", "__str__", "__format__"}:
        setattr(Missing, _special, _fail)
