"""Enumerations of the student's code, made again on this side so that their members are values.

Members of plain data compare as they do in process. An enumeration of anything else is no mirror:
its values stay with the student's code, and what they are equal to would be theirs to say.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Final

from grader.checker import operators
from grader.checker.standin import MirrorMeta
from grader.errors import WireError

if TYPE_CHECKING:
    from grader.checker.remote import Ref
    from grader.checker.session import Session

_FAMILIES: Final = (enum.Enum, enum.IntEnum, enum.StrEnum, enum.Flag, enum.IntFlag)
_MIXINS: Final[dict[str, type]] = {"str": str, "int": int, "float": float}
_CALLED: Final = frozenset({"f", "p", "s", "c"})


def is_ordinary(name: str) -> bool:
    """Whether a claimed attribute may stand in a class of ours.

    Special methods come from the allow-list alone: a forwarded `__eq__` would let the student
    judge, and an `__array_interface__` would let numpy read this process's memory.
    """
    special = name.startswith("__") or (name.startswith("_") and name.endswith("_"))
    return not special and not name.startswith("_grader") and name != "mro"


def mirror(session: Session, ref: Ref, told: dict[str, Any], parents: list[type]) -> type:
    """Make an enumeration again. Raises WireError, TypeError or ValueError where that cannot be.

    `parents` are its bases as this side knows them.
    """
    # Values are read first, and all of them: each may describe a class that is told of once.
    decode = session.opaque.plain_decoder()
    values = {str(name): decode(node) for name, node in told["enum"]["members"]}
    trusting = session.settings.remote_operators
    if not (trusting or all(_is_data(node) for _, node in told["enum"]["members"])):
        raise WireError("an enumeration of values that stay there: they cannot be compared")
    mixin = _MIXINS.get(str(told.get("data")), object)
    base = _base(str(told["enum"]["family"]), mixin, parents)
    space = MirrorMeta.__prepare__(str(told["n"]), (base,))
    space["__module__"] = str(told["m"])
    for name, value in values.items():
        if not is_ordinary(name):
            raise WireError("an enumeration with a special name")
        if not isinstance(value, mixin):
            raise WireError("a member that is not of its enumeration's type")
        space[name] = value
    for name, kind in told.get("members", {}).items():
        if is_ordinary(str(name)) and kind[:1] in _CALLED and name not in space:
            space[str(name)] = operators.enum_member_attribute(str(name), str(kind)[:1])
    made = MirrorMeta(str(told["n"]), (base,), space)
    type.__setattr__(made, "ref", ref)
    return made


def _base(name: str, mixin: type, parents: list[type]) -> type:
    for parent in parents:
        if isinstance(parent, MirrorMeta):
            return parent
    family = getattr(enum, name)
    if family not in _FAMILIES:
        raise WireError("an unknown family of enumerations")
    # `class Level(str, Enum)`: its members are text, too.
    kinds = (family,) if issubclass(family, mixin) else (mixin, family)
    return MirrorMeta("Base", kinds, enum.EnumMeta.__prepare__("Base", kinds))


def _is_data(node: object) -> bool:
    """Whether nothing in a node stays on the other side."""
    inside = [node]
    for part in inside:  # grows while it is read
        if isinstance(part, dict):
            tag = str(part.get("t"))
            if tag.startswith("@") and tag != "@type":
                return False
            inside += part.values()
        elif isinstance(part, list):
            inside += part
    return True
