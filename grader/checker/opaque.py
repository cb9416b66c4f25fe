"""The checker's half of what stays remote: nodes to objects of ours, and back.

Everything in a node is a claim of the student's side. Classes and functions are never looked up by
a claimed name, with one exception: library classes that this process has already imported, which
then serve `isinstance` and `pytest.raises` and are never called.
"""

from __future__ import annotations

import contextlib
import enum
import sys
import types
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from grader.checker import exceptions, living, standin
from grader.checker.classes import Classes
from grader.checker.remote import (
    BoundRemote,
    Missing,
    Ref,
    RemoteFunction,
    RemoteModule,
    ref_of,
)
from grader.errors import WireError
from grader.wire.names import DATA_TYPES

if TYPE_CHECKING:
    from grader.checker.session import Session
    from grader.wire.values import Decoder

_TYPES = {name: kind for kind, name in DATA_TYPES.items()}
_PLAIN_FUNCTIONS = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
)
LIBRARIES = frozenset(sys.stdlib_module_names) | {"numpy", "pandas", "scipy", "sklearn"}
_NEVER = frozenset({"unittest", "pytest", "_pytest", "pluggy", "doctest", "_unittest"})
_MAX_CALLBACKS = 10_000


class Opaque:
    """Encodes references to remote objects and functions of the test; decodes remote objects."""

    def __init__(self, session: Session) -> None:
        """Serve one session."""
        self.session = session
        self.classes = Classes(session)
        self._known: weakref.WeakValueDictionary[tuple[int, int], Any] = (
            weakref.WeakValueDictionary()
        )
        self._local: dict[int, Any] = {}
        self._local_numbers: dict[int, int] = {}
        self._next_local = 1
        self._permanent: set[int] = set()
        self._keeping = False
        self.decoder: Decoder | None = None

    # -- checker to worker

    def encode(self, value: object) -> dict[str, Any]:  # noqa: C901, PLR0911 - one line a kind
        """Return the node of something that is not plain data; refuses what cannot be sent."""
        if isinstance(value, BaseException) and type(value).__module__ == "builtins":
            return {"t": "@exc", **self.tell(value)}
        if type(value) is BoundRemote:
            return {"t": "@attr", "o": self.encode(value.__self__), "n": value.__name__}
        if type(value) is standin.Member and (owner := standin.class_ref(value.owner)) is not None:
            return {"t": "@member", "o": self._ref_node(owner), "n": value.name}
        ref = self.reference_of(value)
        if ref is not None:
            return self._ref_node(ref)
        if type(value) is Missing:
            raise value.fail()
        if isinstance(value, RemoteModule):
            self.session.modules.ensure(value.__name__)
            return {"t": "@path", "m": value.__name__, "n": ""}
        if isinstance(value, enum.Enum) and isinstance(type(value), standin.MirrorMeta):
            ref = standin.class_ref(type(value))
            assert ref is not None
            named = value._name_ in type(value).__members__
            which = {"n": value._name_} if named else {"v": value._value_}
            return {"t": "@enum", "c": self._ref_node(ref), **which}
        if isinstance(value, standin.MirrorMeta):
            return self._ref_node(value.ref)
        return self._local_node(value)

    def _ref_node(self, ref: Ref) -> dict[str, Any]:
        if ref.generation != self.session.generation:
            if ref.path is None:
                raise self.session.refuse(
                    "An object lived in a process of your code that has ended since."
                )
            home, path = ref.path
            self.session.modules.ensure(home)
            return {"t": "@path", "m": home, "n": path}
        return {"t": "@h", "id": ref.number}

    def _local_node(self, value: object) -> dict[str, Any]:
        kind = type(value)
        if isinstance(value, type) and value in DATA_TYPES:
            return {"t": "@type", "n": DATA_TYPES[value]}
        home, path = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
        if home is None and isinstance(value, types.BuiltinFunctionType):
            home = getattr(getattr(value, "__self__", None), "__name__", None)
        if isinstance(value, types.MethodDescriptorType):
            home = value.__objclass__.__module__
        if _is_library(home) and isinstance(path, str) and _found(str(home), path) is value:
            return {"t": "@imp", "m": home, "n": path}
        if isinstance(value, types.ModuleType) and _is_library(value.__name__):
            return {"t": "@imp", "m": value.__name__, "n": ""}
        remote = self.session.settings.remote_operators
        if isinstance(value, _PLAIN_FUNCTIONS) or (callable(value) and not remote):
            return self._function_node(value, named=remote)
        if remote:
            number = self.keep(value)
            return {
                "t": "@local",
                "n": number,
                "s": standin.special_names(kind),
                "k": kind.__name__,
            }
        raise self.session.refuse(
            f"The test cannot send a {kind.__name__} to your code: plain data, functions and "
            "objects of your own code can be sent."
        )

    def _function_node(self, value: Any, *, named: bool) -> dict[str, Any]:
        node: dict[str, Any] = {"t": "@cb", "n": self.keep(value)}
        if named:
            node["name"] = str(getattr(value, "__name__", "function"))[:200]
            doc = getattr(value, "__doc__", None)
            node["doc"] = doc[:4000] if isinstance(doc, str) else None
        return node

    def keep(self, value: object) -> int:
        """Return the number by which the student's side may call something of the test's."""
        known = self._local_numbers.get(id(value))
        if known is not None:
            return known
        if len(self._local) >= _MAX_CALLBACKS:
            raise self.session.refuse("The test has sent too many functions to your code.")
        number, self._next_local = self._next_local, self._next_local + 1
        self._local[number] = value
        self._local_numbers[id(value)] = number
        if self._keeping:
            self._permanent.add(number)
        return number

    @contextlib.contextmanager
    def permanent(self) -> Iterator[None]:
        """Keep functions that are sent meanwhile until the child ends: a class's, a module's."""
        before, self._keeping = self._keeping, True
        try:
            yield
        finally:
            self._keeping = before

    def revoke(self) -> None:
        """Forget the functions of a test that has ended; numbers are never given twice."""
        self._local = {n: value for n, value in self._local.items() if n in self._permanent}
        self._local_numbers = {id(value): n for n, value in self._local.items()}

    def plain_decoder(self) -> Callable[[Any], object]:
        """Return the decoder of the message that is being read."""
        assert self.decoder is not None
        return self.decoder.decode

    def callback(self, number: object) -> Callable[..., Any]:
        """Return a function of the running test; WireError for any other number."""
        if type(number) is not int or not 0 < number < self._next_local:
            raise WireError("a function that the test has not given")
        value = self._local.get(number)
        if number not in self._local:
            return _revoked
        if not callable(value):
            raise WireError("something that cannot be called")
        return value  # type: ignore[no-any-return]

    def local_operation(self, kind: str, number: object, name: object) -> Callable[..., Any]:
        """Return an operation on an object of the test's (only with remote operators)."""
        value = self._local.get(number) if type(number) is int else None
        if value is None or not self.session.settings.remote_operators or type(name) is not str:
            raise WireError("an object that the test has not given")
        return standin.local_operation(value, kind, name)

    # -- worker to checker

    def decode(self, node: dict[str, Any]) -> object:
        """Return what stands for a remote object here; WireError for a malformed node."""
        try:
            return self._decode(node)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise WireError(f"a malformed {str(node.get('t'))[:20]!r} node: {error}") from None

    def _decode(self, node: dict[str, Any]) -> object:  # noqa: C901, PLR0911 - one line a tag
        tag = node["t"]
        if tag == "@cb":
            return self.callback(node["n"])
        if tag == "@local":
            return self._local[_whole(node["n"])]
        if tag == "@type":
            return exceptions.harmless(_TYPES[node["n"]])
        if tag == "@cls":
            return self.classes.get(node)
        if tag == "@h":
            return self._instance(node)
        if tag == "@fn":
            return self._remembered(node, self._function)
        if tag == "@live":
            return self._remembered(node, living.revive)
        if tag == "@mod":
            return self._remembered(node, standin.foreign_module)
        if tag == "@exc":
            assert self.decoder is not None
            return self.exception(node, self.decoder)
        if tag == "@enum":
            return self._member(node)
        raise WireError(f"unknown node {str(tag)[:20]!r}")

    def _member(self, node: dict[str, Any]) -> object:
        kind = self.classes.get(node["c"])
        if not isinstance(kind, standin.MirrorMeta):
            return self._instance(node)
        if issubclass(kind, enum.Flag) and "v" in node:
            return kind(_whole(node["v"]))
        return kind[str(node["n"])]

    def _instance(self, node: dict[str, Any]) -> object:
        return self._remembered(
            node, lambda ref, told: standin.instance(self.classes.get(told["c"]), ref)
        )

    def _function(self, ref: Ref, node: dict[str, Any]) -> RemoteFunction:
        path = node.get("p")
        if isinstance(path, list) and [type(part) for part in path] == [str, str]:
            ref.path = (path[0], path[1])
        return RemoteFunction(ref, str(node["n"])[:200], str(node["k"])[:1])

    def _remembered(self, node: dict[str, Any], make: Callable[[Ref, dict[str, Any]], Any]) -> Any:
        """Return the same object of ours for the same object of theirs."""
        key = (self.session.generation, _whole(node["id"]))
        known = self._known.get(key)
        if known is None:
            known = make(Ref(self.session, key[1]), node)
            self._known[key] = known
        return known

    def remember(self, value: object, ref: Ref) -> None:
        """Keep an object of ours as the one for a remote object."""
        with contextlib.suppress(TypeError):  # built-in exceptions have no weak references
            self._known[(ref.generation, ref.number)] = value

    # -- both ways

    def reference_of(self, value: object) -> Ref | None:
        """Return the Ref behind anything that stands for a remote object."""
        if isinstance(value, type):
            return standin.class_ref(value)
        return ref_of(value) or living.ref_of_living(value) or exceptions.ref_of_error(value)

    def exception(self, node: object, decoder: Decoder) -> BaseException:
        """Return the exception that a node tells of; never one that ends or skips a test."""
        return exceptions.rebuild(self, node, decoder)

    def tell(self, error: BaseException) -> dict[str, Any]:
        """Tell an exception of the test to the student's side."""
        return exceptions.tell(self, error)


def _revoked(*_args: object, **_kwargs: object) -> None:
    """Answer for a function of a test that has ended: an ordinary error for the student's code."""
    raise RuntimeError("this function belonged to a test that has ended")


def _whole(number: object) -> int:
    if type(number) is not int:
        raise WireError("an object's number is not a number")
    return number


def _is_library(home: object) -> bool:
    if not isinstance(home, str):
        return False
    top = home.partition(".")[0]
    return top in LIBRARIES and top not in _NEVER


def _found(home: str, path: str) -> object:
    found: object = sys.modules.get(home)
    for part in path.split("."):
        found = getattr(found, part, None)
    return found


def library_class(home: str, path: str) -> type | None:
    """Return a library's class that this process already holds, or None. Nothing is imported."""
    if not _is_library(home):
        return None
    found: object = sys.modules.get(home)
    for part in path.split("."):
        space = getattr(found, "__dict__", None)
        found = space.get(part) if space is not None else None
    return found if isinstance(found, type) else None
