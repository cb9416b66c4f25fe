"""What every codec of the wire shares: limits, the ports that it writes to and reads from.

A codec turns one kind of value into JSON-able nodes plus raw buffers and back. Nothing here, and no
codec, imports, calls or looks up anything by a name that came over the wire.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final, Protocol

from grader.errors import WireError

type_mro: Final[Callable[[type], tuple[type, ...]]] = type.__dict__["__mro__"].__get__
"""The real bases of a class; a metaclass may lie about `cls.__mro__`."""

Node = Any
"""None, bool, int of 64 bits, str, or a dict with a `t`; what JSON can hold."""

SMALL_INT: Final = 1 << 63
SHORT_TEXT: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueLimits:
    """What one message may hold. The sender checks to say it kindly, the reader to be safe."""

    nodes: int = 200_000
    """Values written one by one; heavy ones (a frame, a column) count several times."""
    items: int = 5_000_000
    """Values inside packed sequences (long lists of text or numbers, object columns)."""
    depth: int = 100
    """How deep values may be nested."""
    int_bits: int = 65_536
    """Bits of one integer."""
    decimal_digits: int = 10_000
    """Digits of one Decimal."""
    decimal_exponent: int = 10_000
    """Size of a Decimal's exponent, either way."""
    range_length: int = 10_000_000
    """Length of a range or RangeIndex, which costs nothing to send and much to use."""
    keys: int = 1_000_000
    """Keys of one dict, items of one set."""
    collisions: int = 5_000
    """Pairs of keys with the same hash in one message; each pair costs a comparison."""
    text_bytes: int = 64 * 1024 * 1024
    """Bytes of all text in one message; in memory it may take four times as much."""
    classes: int = 100
    """Different named tuples in one message; each makes a class."""


DEFAULT_LIMITS: Final = ValueLimits()


class Opaque(Protocol):
    """What is not data: handles, callbacks, classes, exceptions. Its tags begin with `@`."""

    def encode(self, value: object) -> Node:
        """Return a dict whose `t` begins with `@`, or raise."""

    def decode(self, node: dict[str, Any]) -> object:
        """Return what the node stands for, or raise WireError."""


class Writer(Protocol):
    """What a codec needs from an Encoder."""

    limits: ValueLimits

    def encode(self, value: object) -> Node:
        """Return the node of a value inside the one that is being written."""

    def seq(self, items: list[Any]) -> Node:
        """Return the node of many values, packed if they are many and simple."""

    def sort_key(self, item: object) -> str:
        """Return what the items of a set are sorted by: their encoded form."""

    def blob(self, data: bytes) -> int:
        """Put a raw buffer beside the JSON and return its number."""

    def text(self, text: str) -> int:
        """Put text beside the JSON, lone surrogates included, and return its buffer's number."""

    def spend(self, nodes: int) -> None:
        """Count nodes. Raises ValueRefusedError when they are too many."""

    def spend_items(self, count: int) -> None:
        """Count packed values. Raises ValueRefusedError when they are too many."""


class Reader(Protocol):
    """What a codec needs from a Decoder."""

    limits: ValueLimits
    path_class: type[PurePosixPath]

    def value(self, node: Node) -> Any:
        """Return the value of a node inside the one that is being read."""

    def items(self, node: Node) -> list[Any]:
        """Return the values that `Writer.seq` wrote."""

    def blob(self, index: object) -> memoryview:
        """Return a buffer. Each may be read once, so that small messages stay small."""

    def spend(self, nodes: int) -> None:
        """Count nodes against the limit."""

    def spend_items(self, count: int) -> None:
        """Count packed values against the limit."""

    def spend_collisions(self, cost: int) -> None:
        """Count comparisons of keys that share a hash against the limit."""

    def text(self, data: memoryview) -> str:
        """Return UTF-8 text, lone surrogates included, counted against the limit."""

    def new_class(self, names: tuple[str, ...]) -> None:
        """Count a class that a node asks to be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """How one class of values is written; its subclasses are reduced to it."""

    base: type
    """The class."""
    encode: Callable[[Writer, Any], Node]
    """The node of a value, or its contents without a number when it is mutable."""
    fits: Callable[[Writer, Any], bool] | None = None
    """False for a value of this class that is not data (a structured array)."""
    fill: Callable[[Reader, Any, dict[str, Any]], None] | None = None
    """Put contents into an existing object; only mutable containers have identity and this."""
    tag: str = ""
    """The `t` of its nodes, for what can be filled."""
    whole: bool = False
    """True when it is made in one piece, so that it cannot hold itself."""


Decode = Callable[[Reader, dict[str, Any]], object]
DecodeContainer = Callable[[Reader, dict[str, Any], Callable[[object], None]], object]
"""Decodes a mutable container; calls back with the new, perhaps still empty, object."""


def library(name: str) -> Any:
    """Return numpy, pandas or pytz, imported when the first value needs it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise WireError(f"a value needs {name}, which is not installed here") from None


def field(node: dict[str, Any], key: str) -> Any:
    """Return a part of a node, or raise WireError."""
    try:
        return node[key]
    except KeyError:
        raise WireError(f"a node {str(node.get('t'))[:20]!r} has no {key!r}") from None


def integer(value: object, *, least: int = -SMALL_INT, most: int = SMALL_INT - 1) -> int:
    """Return a JSON integer within bounds, or raise WireError."""
    if type(value) is not int or not least <= value <= most:
        raise WireError("a number in a message is not what it should be")
    return value


def integers(value: object, count: int) -> list[int]:
    """Return a JSON list of exactly `count` integers of 64 bits, or raise WireError."""
    if type(value) is not list or len(value) != count:
        raise WireError("a list of numbers in a message has the wrong length")
    return [integer(item) for item in value]


def flag(value: object) -> bool:
    """Return a JSON bool, or raise WireError."""
    if type(value) is not bool:
        raise WireError("a flag in a message is neither true nor false")
    return value


def string(value: object, *, most: int = 200) -> str:
    """Return a short JSON string, or raise WireError."""
    if type(value) is not str or len(value) > most:
        raise WireError("a name in a message is not a short string")
    return value
