"""The stand-in classes of a session: made from descriptions, found again by number or by name."""

from __future__ import annotations

import contextlib
import unittest
from typing import TYPE_CHECKING, Any, Final

from grader.checker import operators
from grader.checker.exceptions import arrives_as_itself
from grader.checker.mirrors import is_ordinary, mirror
from grader.checker.remote import Ref
from grader.checker.standin import Instance, Member, RemoteMeta
from grader.errors import WireError
from grader.wire.names import DATA_TYPES, EXCEPTIONS

if TYPE_CHECKING:
    from grader.checker.session import Session

_TYPES = {name: kind for kind, name in DATA_TYPES.items()}
_MAX_CLASSES: Final = 2_000


class Classes:
    """The stand-in classes of one session."""

    def __init__(self, session: Session) -> None:
        """Know none yet."""
        self._session = session
        self._by_number: dict[tuple[int, int], type] = {}
        self._by_path: dict[tuple[str, str], type] = {}

    def get(self, node: object) -> type:
        """Return the class that a node names or describes."""
        if not isinstance(node, dict):
            raise WireError("a class is malformed")
        if node.get("t") == "@type":
            return _TYPES[node["n"]]
        number = node["id"]
        if type(number) is not int:
            raise WireError("a class has no number")
        key = (self._session.generation, number)
        if "d" in node and key not in self._by_number:
            if len(self._by_number) >= _MAX_CLASSES:
                raise WireError("too many classes")
            self._by_number[key] = self._make(Ref(self._session, number), node["d"])
        if key not in self._by_number:
            raise WireError("a class that was never described")
        return self._by_number[key]

    def put(self, ref: Ref, kind: type) -> None:
        """Let instances of a class of the other side be instances of `kind`."""
        self._by_number[(ref.generation, ref.number)] = kind

    def _make(self, ref: Ref, told: dict[str, Any]) -> type:
        home, path = str(told["m"]), str(told["q"])
        # Each class is described once, wherever it is met: what is said here of others counts too.
        for base in told.get("b", []):
            self.get(base)
        if told.get("p") is True:
            ref.path = (home, path)
            known = self._by_path.get((home, path))
            if known is not None:
                _renew(known, ref)
                return known
        made = self._made(ref, told)
        if told.get("p") is True:
            self._by_path[(home, path)] = made
        return made

    def _made(self, ref: Ref, told: dict[str, Any]) -> type:
        if "enum" in told:
            with contextlib.suppress(TypeError, ValueError, WireError):
                parents = [self.get(base) for base in told.get("b", [])]
                return mirror(self._session, ref, told, parents)
        if "x" in told:
            return self._exception(ref, told)
        bases = self._bases(told, Instance)
        space = self._space(ref, told)
        strict = not self._session.settings.remote_operators
        space.update(operators.special_methods(told, strict=strict))
        space["__slots__"] = ()
        if "__doc__" not in space:
            space["__doc__"] = None
        return RemoteMeta(str(told["n"]), bases, space)

    def _bases(self, told: dict[str, Any], root: type) -> tuple[type, ...]:
        known = [self.get(base) for base in told.get("b", [])]
        bases = tuple(base for base in known if issubclass(base, root))
        return bases or (root,)

    def _space(self, ref: Ref, told: dict[str, Any]) -> dict[str, Any]:
        members = told.get("members", {})
        space: dict[str, Any] = {
            str(name): Member(str(name), str(kind)[:2])
            for name, kind in members.items()
            if is_ordinary(str(name)) or name == "__init__"
        }
        space["_grader_class_ref"] = ref
        space["_grader_name"] = f"an object of your class {str(told['n'])[:100]}"
        space["_grader_told"] = (str(told["m"]), str(told["q"]))
        space["_grader_data"] = told.get("data")
        space["__module__"] = str(told["m"])
        space["__qualname__"] = str(told["q"])
        if isinstance(told.get("doc"), str):
            space["__doc__"] = told["doc"]
        return space

    def _exception(self, ref: Ref, told: dict[str, Any]) -> type:
        from grader.checker.opaque import library_class  # noqa: PLC0415 - they know each other

        base = EXCEPTIONS[str(told["x"])]
        if not arrives_as_itself(base):
            base = RuntimeError
        if told.get("student") is not True:
            local = library_class(str(told["m"]), str(told["q"]))
            if local is not None and issubclass(local, Exception) and issubclass(local, base):
                return RuntimeError if issubclass(local, unittest.SkipTest) else local
        bases = tuple(
            kind for kind in self._bases(told, BaseException) if arrives_as_itself(_builtin(kind))
        )
        space = self._space(ref, told)
        space |= {"__init__": operators.no_init, "__str__": operators.told_text,
                  "__getattr__": operators.error_attribute}  # fmt: skip
        return RemoteMeta(str(told["n"]), bases if told.get("b") and bases else (base,), space)


def _builtin(kind: type) -> type[BaseException]:
    found = next(base for base in kind.__mro__ if base.__module__ == "builtins")
    return found if issubclass(found, BaseException) else Exception


def _renew(known: type, ref: Ref) -> None:
    type.__setattr__(known, "_grader_class_ref", ref)
