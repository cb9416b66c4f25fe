"""Containers of the standard library, as nodes and back; the mutable ones can be filled in place.

A subclass is read through methods of its base class only, so what it overrides is never called.
"""

from __future__ import annotations

import functools
import keyword
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterable
from typing import Any, Final

from grader.errors import ValueRefusedError, WireError
from grader.wire.codec import (
    SHORT_TEXT,
    Codec,
    Decode,
    DecodeContainer,
    Node,
    Reader,
    Writer,
    field,
    integer,
    string,
    type_mro,
)
from grader.wire.hashing import check_keys
from grader.wire.packs import nan, type_ids

Born = Callable[[object], None]

_FACTORIES: Final[dict[str, Callable[[], object]]] = {
    kind.__name__: kind for kind in (list, dict, set, tuple, int, float, str, bool)
}
_MAX_FIELDS: Final = 255
_CLASS_DICT: Final = vars(type)["__dict__"].__get__
_CLASS_NAME: Final = vars(type)["__name__"].__get__
_MAXLEN: Final = vars(deque)["maxlen"].__get__
_FACTORY: Final = vars(defaultdict)["default_factory"].__get__
_ORDERABLE: Final = frozenset(map(id, (str, int, bytes)))


# Writing


def _encode_list(writer: Writer, value: list[Any]) -> Node:
    return {"t": "l", "v": writer.seq(list.__getitem__(value, slice(None)))}


def _encode_tuple(writer: Writer, value: tuple[Any, ...]) -> Node:
    items = list(tuple.__iter__(value))
    names = field_names(type(value), len(items))
    if names is None:
        return {"t": "u", "v": writer.seq(items)}
    name = str.__str__(_CLASS_NAME(type(value)))
    title = name if _is_name(name) else "namedtuple"
    return {"t": "nt", "n": title, "f": names, "v": writer.seq(items)}


def field_names(kind: type, size: int) -> list[str] | None:
    """Return the fields of a named tuple's class, or None when the class is not one."""
    if kind is tuple:
        return None
    for base in type_mro(kind):
        names = _CLASS_DICT(base).get("_fields")
        if type(names) is tuple:
            fitting = len(names) == size <= _MAX_FIELDS and len(set(names)) == size
            return list(names) if fitting and all(map(_is_name, names)) else None
    return None


def _is_name(name: object) -> bool:
    return (
        type(name) is str
        and len(name) <= 100  # noqa: PLR2004 - nobody's field is longer
        and name.isidentifier()
        and not name.startswith("_")
        and not keyword.iskeyword(name)
    )


def _encode_set(writer: Writer, value: set[Any]) -> Node:
    return {"t": "set", "v": _encode_unordered(writer, list(set.__iter__(value)))}


def _encode_frozenset(writer: Writer, value: frozenset[Any]) -> Node:
    return {"t": "fs", "v": _encode_unordered(writer, list(frozenset.__iter__(value)))}


def _encode_unordered(writer: Writer, items: list[Any]) -> Node:
    _check_size(writer, len(items))
    kinds = type_ids(items)
    if len(kinds) == 1 and kinds <= _ORDERABLE:
        return writer.seq(sorted(items))
    return writer.seq(sorted(items, key=writer.sort_key))


def _check_size(writer: Writer, size: int) -> None:
    if size > writer.limits.keys:
        raise ValueRefusedError(
            f"a dict or set with {size} entries is too large to be sent;"
            f" the limit is {writer.limits.keys}."
        )


def _pairs(writer: Writer, pairs: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    entries = list(pairs)
    _check_size(writer, len(entries))
    return {
        "k": writer.seq([key for key, _ in entries]),
        "v": writer.seq([value for _, value in entries]),
    }


def _encode_dict(writer: Writer, value: dict[Any, Any]) -> Node:
    return {"t": "d", **_pairs(writer, dict.items(value))}


def _encode_ordered(writer: Writer, value: OrderedDict[Any, Any]) -> Node:
    return {"t": "od", **_pairs(writer, OrderedDict.items(value))}


def _encode_counter(writer: Writer, value: Counter[Any]) -> Node:
    return {"t": "ct", **_pairs(writer, dict.items(value))}


def _encode_default(writer: Writer, value: defaultdict[Any, Any]) -> Node:
    factory = _FACTORY(value)
    known = type(factory) is type and _FACTORIES.get(factory.__name__) is factory
    name = factory.__name__ if known else None
    return {"t": "dd", "f": name, **_pairs(writer, dict.items(value))}


def _encode_deque(writer: Writer, value: deque[Any]) -> Node:
    return {"t": "dq", "m": _MAXLEN(value), "v": writer.seq(list(deque.__iter__(value)))}


def _encode_bytearray(writer: Writer, value: bytearray) -> Node:
    data = bytes(bytearray.__getitem__(value, slice(None)))
    if len(data) < SHORT_TEXT // 2:
        return {"t": "ba", "x": data.hex()}
    return {"t": "ba", "b": writer.blob(data)}


# Reading


def _decode_tuple(reader: Reader, node: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(reader.items(field(node, "v")))


def _decode_named(reader: Reader, node: dict[str, Any]) -> tuple[Any, ...]:
    fields = field(node, "f")
    name = field(node, "n")
    if type(fields) is not list or len(fields) > _MAX_FIELDS:
        raise WireError("the fields of a named tuple are malformed")
    if not all(map(_is_name, [name, *fields])) or len(set(fields)) != len(fields):
        raise WireError("a named tuple has names that are not plain")
    items = reader.items(field(node, "v"))
    if len(items) != len(fields):
        raise WireError("a named tuple has more or fewer values than fields")
    reader.new_class((name, *fields))
    return tuple.__new__(_named(name, tuple(fields)), items)


@functools.lru_cache(maxsize=256)
def _named(name: str, fields: tuple[str, ...]) -> type[tuple[Any, ...]]:
    return namedtuple(name, fields)  # noqa: PYI024 - plain names, checked above


def _keys(reader: Reader, node: Node) -> list[Any]:
    keys = reader.items(node)
    check_keys(keys, reader)
    one = nan()
    nans = [at for at, key in enumerate(keys) if key is one]
    for at in nans[1:]:  # different keys, as they were on the other side
        keys[at] = float("nan")
    return keys


def _unique(reader: Reader, node: dict[str, Any]) -> list[Any]:
    items = _keys(reader, field(node, "v"))
    if len(set(items)) != len(items):
        raise WireError("a set in a message has the same item twice")
    return items


def _entries(reader: Reader, node: dict[str, Any]) -> dict[Any, Any]:
    keys = _keys(reader, field(node, "k"))
    values = reader.items(field(node, "v"))
    made = dict(zip(keys, values, strict=False))
    if len(keys) != len(values) or len(made) != len(keys):
        raise WireError("a dict in a message has a key twice, or a key without a value")
    return made


def _bytes(reader: Reader, node: dict[str, Any]) -> bytes:
    if "b" in node:
        return bytes(reader.blob(node["b"]))
    return bytes.fromhex(string(field(node, "x"), most=SHORT_TEXT))


def _decode_list(reader: Reader, node: dict[str, Any], born: Born) -> object:
    made: list[Any] = []
    born(made)
    made += reader.items(field(node, "v"))
    return made


def _decode_set(reader: Reader, node: dict[str, Any], born: Born) -> object:
    made: set[Any] = set()
    born(made)
    made.update(_unique(reader, node))
    return made


def _decode_dict(reader: Reader, node: dict[str, Any], born: Born) -> object:
    made: dict[Any, Any] = {}
    born(made)
    made |= _entries(reader, node)
    return made


def _decode_counter(reader: Reader, node: dict[str, Any], born: Born) -> object:
    made: Counter[Any] = Counter()
    born(made)
    dict.update(made, _entries(reader, node))  # Counter's own `update` adds
    return made


def _decode_ordered(reader: Reader, node: dict[str, Any], born: Born) -> object:
    made: OrderedDict[Any, Any] = OrderedDict()
    born(made)
    made |= _entries(reader, node)
    return made


def _decode_default(reader: Reader, node: dict[str, Any], born: Born) -> object:
    name = node.get("f")
    if name is not None and name not in _FACTORIES:
        raise WireError("a defaultdict in a message has a factory that is not a plain type")
    made: defaultdict[Any, Any] = defaultdict(None if name is None else _FACTORIES[name])
    born(made)
    made |= _entries(reader, node)
    return made


def _decode_deque(reader: Reader, node: dict[str, Any], born: Born) -> object:
    made: deque[Any] = deque(maxlen=_maxlen(node))
    born(made)
    _fill_deque(reader, made, node)
    return made


def _maxlen(node: dict[str, Any]) -> int | None:
    return None if node.get("m") is None else integer(node["m"], least=0)


def _decode_bytearray(reader: Reader, node: dict[str, Any], born: Born) -> object:
    made = bytearray(_bytes(reader, node))
    born(made)
    return made


# Filling, through methods of the base class. Everything is read before anything is changed.


def _fill_list(reader: Reader, target: list[Any], node: dict[str, Any]) -> None:
    list.__setitem__(target, slice(None), reader.items(field(node, "v")))


def _fill_set(reader: Reader, target: set[Any], node: dict[str, Any]) -> None:
    items = _unique(reader, node)
    set.clear(target)
    set.update(target, items)


def _fill_dict(reader: Reader, target: dict[Any, Any], node: dict[str, Any]) -> None:
    entries = _entries(reader, node)
    dict.clear(target)
    dict.update(target, entries)


def _fill_ordered(reader: Reader, target: OrderedDict[Any, Any], node: dict[str, Any]) -> None:
    entries = _entries(reader, node)
    OrderedDict.clear(target)
    for key, value in entries.items():
        OrderedDict.__setitem__(target, key, value)


def _fill_deque(reader: Reader, target: deque[Any], node: dict[str, Any]) -> None:
    items = reader.items(field(node, "v"))
    maxlen = _maxlen(node)
    if maxlen != _MAXLEN(target) or (maxlen is not None and len(items) > maxlen):
        raise WireError("a deque in a message is longer than it may be")
    deque.clear(target)
    deque.extend(target, items)


def _fill_bytearray(reader: Reader, target: bytearray, node: dict[str, Any]) -> None:
    bytearray.__setitem__(target, slice(None), _bytes(reader, node))


CODECS: Final = (
    Codec(base=tuple, encode=_encode_tuple),
    Codec(base=frozenset, encode=_encode_frozenset),
    Codec(base=list, tag="l", encode=_encode_list, fill=_fill_list),
    Codec(base=dict, tag="d", encode=_encode_dict, fill=_fill_dict),
    Codec(base=set, tag="set", encode=_encode_set, fill=_fill_set),
    Codec(base=bytearray, tag="ba", encode=_encode_bytearray, fill=_fill_bytearray),
    Codec(base=deque, tag="dq", encode=_encode_deque, fill=_fill_deque),
    Codec(base=defaultdict, tag="dd", encode=_encode_default, fill=_fill_dict),
    Codec(base=OrderedDict, tag="od", encode=_encode_ordered, fill=_fill_ordered),
    Codec(base=Counter, tag="ct", encode=_encode_counter, fill=_fill_dict),
)
DECODERS: Final[dict[str, Decode]] = {
    "u": _decode_tuple,
    "nt": _decode_named,
    "fs": lambda r, n: frozenset(_unique(r, n)),
}
CONTAINERS: Final[dict[str, DecodeContainer]] = {
    "l": _decode_list,
    "d": _decode_dict,
    "set": _decode_set,
    "ba": _decode_bytearray,
    "dq": _decode_deque,
    "dd": _decode_default,
    "od": _decode_ordered,
    "ct": _decode_counter,
}
