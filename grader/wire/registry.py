"""Which codec writes which class, and which decoder reads which tag.

Classes are known by identity alone; nothing is looked up by a name that a class or a node gives.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import Enum
from typing import Any, Final

from grader.wire import arrays, containers, packs, scalars, stamps, tables
from grader.wire.codec import Codec, Decode, DecodeContainer, type_mro

_CODECS: Final[dict[int, Codec]] = {
    id(codec.base): codec for codec in (*scalars.CODECS, *containers.CODECS)
}
"""By the id of the class: a metaclass may have a `__hash__` of its own."""

DECODERS: Final[dict[str, Decode]] = (
    scalars.DECODERS | containers.DECODERS | arrays.DECODERS | stamps.DECODERS | tables.DECODERS
)
CONTAINERS: Final[dict[str, DecodeContainer]] = (
    containers.CONTAINERS | arrays.CONTAINERS | tables.CONTAINERS
)


def _pandas_codecs(pandas: Any) -> list[Codec]:
    packs.learn(type(pandas.NA), packs.NA)
    packs.learn(type(pandas.NaT), packs.NAT)
    return stamps.codecs(pandas) + tables.codecs(pandas)


_LATER: Final[dict[str, Callable[[Any], list[Codec]]]] = {
    "numpy": arrays.codecs,
    "pandas": _pandas_codecs,
}
"""Libraries whose values are data too, once somebody else has imported them."""


def _learn() -> None:
    for name in tuple(_LATER):
        module = sys.modules.get(name)
        if module is None or getattr(module.__spec__, "_initializing", False):
            continue
        _CODECS.update((id(codec.base), codec) for codec in _LATER.pop(name)(module))


def codec_of(kind: type) -> Codec | None:
    """Return the codec of a class or of the nearest of its bases that has one."""
    codec = _CODECS.get(id(kind))
    if codec is not None:
        return codec
    if _LATER:
        _learn()
    bases = type_mro(kind)
    if any(base is Enum for base in bases):
        return None
    found = (_CODECS.get(id(base)) for base in bases)
    return next((codec for codec in found if codec is not None), None)
