"""Values as data: an Encoder writes JSON-able nodes and raw buffers, a Decoder rebuilds the values.

Only plain data crosses; whatever else is met goes to the Opaque of the caller. Decoding evaluates
nothing, imports nothing by a name from the wire, and raises WireError and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import PurePosixPath
from typing import Any, Final

from grader.errors import ValueRefusedError, WireError
from grader.wire import containers, packs
from grader.wire.codec import (
    DEFAULT_LIMITS,
    SMALL_INT,
    Codec,
    Node,
    Opaque,
    ValueLimits,
    integer,
)
from grader.wire.frames import MAX_BLOBS, MAX_FRAME
from grader.wire.numbering import Shared
from grader.wire.registry import CONTAINERS, DECODERS, codec_of
from grader.wire.scalars import float_node, int_node, text_node

__all__ = ["Decoder", "Encoder", "Node", "Opaque", "Shallow", "Shared", "ValueLimits"]


class Encoder:
    """Writes the values of one message."""

    def __init__(
        self,
        opaque: Opaque,
        shared: Shared | None = None,
        *,
        keep_subclasses: bool = False,
        limits: ValueLimits = DEFAULT_LIMITS,
    ) -> None:
        """Give what is not data to `opaque`, and with `keep_subclasses` also strict subclasses."""
        self.limits = limits
        self.blobs: list[bytes] = []
        """Raw buffers, to be sent after the JSON of the message."""
        self.touched: list[int] = []
        """Numbers of the mutable containers that were met, in order, each once."""
        self._opaque = opaque
        self._shared = Shared(first=0) if shared is None else shared
        self._keep = keep_subclasses
        self._met: set[int] = set()
        self._given: list[int] = []
        self._unborn: set[int] = set()
        self._depth = 0
        self._nodes = limits.nodes
        self._items = limits.items
        self._text = limits.text_bytes
        self._bytes = MAX_FRAME

    def encode(self, value: object) -> Node:
        """Return the node of a value. Raises ValueRefusedError, and what `opaque` raises."""
        self.spend(1)
        kind = type(value)
        simple = _SIMPLE.get(id(kind))
        if simple is not None:
            return simple(self, value)
        codec = codec_of(kind)
        if codec is None or (self._keep and self._is_kept(kind, codec, value)):
            return self.foreign(value)
        if codec.fits is not None and not codec.fits(self, value):
            return self.foreign(value)
        given = self._enter()
        try:
            return self._known(codec, value) if codec.fill else codec.encode(self, value)
        except BaseException:
            self._take_back(given)
            raise
        finally:
            self._depth -= 1

    def contents(self, codec: Codec, value: object) -> Node:
        """Return the node of a mutable container's contents, without its identity."""
        if codec.fits is not None and not codec.fits(self, value):
            raise ValueRefusedError(
                f"a {codec.base.__name__} holds something now that is not plain data."
            )
        given = self._enter()
        try:
            number = self._shared.number_of(value)
            self._touch(self._give(value) if number is None else number)
            return codec.encode(self, value)
        except BaseException:
            self._take_back(given)
            raise
        finally:
            self._depth -= 1

    def abandon(self) -> None:
        """Take back the numbers that this message gave: for a message that is not sent."""
        self._take_back(0)

    def _enter(self) -> int | None:
        """Go one level deeper; at the outermost, return what to take back should it fail."""
        if self._depth >= self.limits.depth:
            raise ValueRefusedError(
                f"a value is nested more than {self.limits.depth} deep, too deep to be sent."
            )
        self._depth += 1
        return len(self._given) if self._depth == 1 else None

    def _give(self, value: object) -> int:
        number = self._shared.add(value)
        self._given.append(number)
        return number

    def _take_back(self, start: int | None) -> None:
        if start is None:
            return
        for number in self._given[start:]:
            self._shared.forget(number)
        del self._given[start:]

    def _is_kept(self, kind: type, codec: Codec, value: Any) -> bool:
        if kind is codec.base:
            return False
        return codec.base is not tuple or not containers.field_names(kind, tuple.__len__(value))

    def foreign(self, value: object) -> Node:
        """Return what `opaque` writes for a value that is not data."""
        node = self._opaque.encode(value)
        if type(node) is not dict or not str(node.get("t")).startswith("@"):
            raise TypeError("Opaque.encode must return a dict whose t begins with @")
        return node

    def _known(self, codec: Codec, value: object) -> Node:
        number = self._shared.number_of(value)
        if number is not None:
            if number in self._unborn:
                raise ValueRefusedError("a table that contains itself cannot be sent.")
            self._touch(number)
            return {"t": "=", "n": number}
        number = self._give(value)
        self._touch(number)
        if codec.whole:
            self._unborn.add(number)
        node = codec.encode(self, value)
        node["#"] = number
        self._unborn.discard(number)
        return node

    def _touch(self, number: int) -> None:
        if number not in self._met:
            self._met.add(number)
            self.touched.append(number)

    # For codecs

    def seq(self, items: list[Any]) -> Node:
        """Return the node of many values, packed if they are many and simple."""
        if len(items) >= packs.SHORTEST:
            packed = packs.pack(items, self)
            if packed is not None:
                return packed
        return [*map(self.encode, items)]  # no frame of its own: depth is dear

    def sort_key(self, item: object) -> str:
        """Return what the items of a set are sorted by: their encoded form."""
        scratch = Shallow(limits=self.limits)
        return json.dumps([scratch.encode(item), [blob.hex() for blob in scratch.blobs]])

    def blob(self, data: bytes) -> int:
        """Put a raw buffer beside the JSON and return its number."""
        self._bytes -= len(data)
        if self._bytes < 0 or len(self.blobs) >= MAX_BLOBS:
            raise ValueRefusedError(
                f"a value is too large to be sent: more than {MAX_FRAME >> 20} MiB,"
                f" or more than {MAX_BLOBS} separate arrays and long texts."
            )
        self.blobs.append(data)
        return len(self.blobs) - 1

    def text(self, text: str) -> int:
        """Put text beside the JSON, lone surrogates included, and return its buffer's number."""
        data = text.encode("utf-8", "surrogatepass")
        self._text -= len(data)
        if self._text < 0:
            raise ValueRefusedError(
                f"a value holds more than {self.limits.text_bytes >> 20} MiB of text,"
                " which is too much to be sent."
            )
        return self.blob(data)

    def spend(self, nodes: int) -> None:
        """Count nodes. Raises ValueRefusedError when they are too many."""
        self._nodes -= nodes
        if self._nodes < 0:
            raise ValueRefusedError(
                f"a value has more than {self.limits.nodes} parts, which is too many to be sent."
                " A numpy array or a DataFrame holds more in fewer parts."
            )

    def spend_items(self, count: int) -> None:
        """Count packed values. Raises ValueRefusedError when they are too many."""
        self._items -= count
        if self._items < 0:
            raise ValueRefusedError(
                f"a value has more than {self.limits.items} items, which is too many to be sent."
            )


class Decoder:
    """Reads the values of one message."""

    def __init__(
        self,
        opaque: Opaque,
        blobs: Sequence[memoryview],
        shared: Shared | None = None,
        *,
        limits: ValueLimits = DEFAULT_LIMITS,
    ) -> None:
        """Give nodes whose tag begins with `@` to `opaque`."""
        self.limits = limits
        self.path_class = PurePosixPath  # the checker has one that cannot be opened
        self.made: list[int] = []
        """Numbers of the mutable containers that this message brought."""
        self._opaque = opaque
        self._blobs: list[memoryview | None] = list(blobs)
        self._shared = Shared(first=1, anyones=True) if shared is None else shared
        self._depth = 0
        self._nodes = limits.nodes
        self._items = limits.items
        self._text = limits.text_bytes
        self._collisions = limits.collisions
        self._classes: set[tuple[str, ...]] = set()

    @property
    def spent(self) -> tuple[int, int]:
        """How many values were read one by one, and how many from packed sequences."""
        return self.limits.nodes - self._nodes, self.limits.items - self._items

    def decode(self, node: Node) -> Any:
        """Return the value of a node. Raises WireError, and nothing else."""
        with only_wire_errors():
            return self.value(node)

    # For codecs

    def value(self, node: Node) -> Any:
        """Return the value of a node inside the one that is being read."""
        self.spend(1)
        kind = type(node)
        if kind is str:
            self._spend_text(len(node))
            return node
        if node is None or kind is bool:
            return node
        if kind is int and -SMALL_INT <= node < SMALL_INT:
            return node
        tag = node.get("t") if kind is dict else None
        if type(tag) is not str:
            raise WireError("a value in a message is malformed")
        if tag.startswith("@"):
            return self._opaque.decode(node)
        if tag == "=":
            return self._shared.get(node.get("n"))
        return self._compound(tag, node)

    def _compound(self, tag: str, node: dict[str, Any]) -> Any:
        if self._depth >= self.limits.depth:
            raise WireError("a value in a message is nested too deeply")
        self._depth += 1
        decode = DECODERS.get(tag)
        if decode is not None:
            made = decode(self, node)
        elif tag in CONTAINERS:
            made = CONTAINERS[tag](self, node, partial(self._born, node.get("#")))
        else:
            raise WireError(f"a value in a message has the tag {tag[:20]!r}, which there is not")
        self._depth -= 1
        return made

    def _born(self, number: Any, value: object) -> None:
        if number is not None:
            self.made.append(self._shared.add(value, number))

    def items(self, node: Node) -> list[Any]:
        """Return the values that `Encoder.seq` wrote."""
        if type(node) is list:
            return [*map(self.value, node)]  # no frame of its own: depth is dear
        if type(node) is dict:
            return packs.unpack(node, self)
        raise WireError("a sequence in a message is malformed")

    def blob(self, index: object) -> memoryview:
        """Return a buffer. Each may be read once, so that small messages stay small."""
        at = integer(index, least=0)
        data = self._blobs[at] if at < len(self._blobs) else None
        if data is None:
            raise WireError("a message refers to a buffer that it lacks, or twice to one")
        self._blobs[at] = None
        return data

    def text(self, data: memoryview) -> str:
        """Return UTF-8 text, lone surrogates included, counted against the limit."""
        self._spend_text(len(data))
        return str(data, "utf-8", "surrogatepass")

    def _spend_text(self, size: int) -> None:
        self._text -= size
        if self._text < 0:
            raise WireError("a message holds too much text")

    def spend(self, nodes: int) -> None:
        """Count nodes against the limit."""
        self._nodes -= nodes
        if self._nodes < 0:
            raise WireError("a message holds too many values")

    def spend_items(self, count: int) -> None:
        """Count packed values against the limit."""
        self._items -= count
        if self._items < 0:
            raise WireError("a message holds too many packed values")

    def spend_collisions(self, cost: int) -> None:
        """Count comparisons of keys that share a hash against the limit."""
        self._collisions -= cost
        if self._collisions < 0:
            raise WireError("too many keys in a message have the same hash")

    def new_class(self, names: tuple[str, ...]) -> None:
        """Count a class that a node asks to be made."""
        self._classes.add(names)
        if len(self._classes) > self.limits.classes:
            raise WireError("a message holds too many kinds of named tuples")


@contextmanager
def only_wire_errors() -> Iterator[None]:
    """Turn whatever a crafted value makes Python, numpy or pandas raise into WireError."""
    try:
        yield
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"a value in a message is impossible: {type(error).__name__}") from error


def _itself(_encoder: Encoder, value: object) -> Node:
    return value


def _int(encoder: Encoder, value: int) -> Node:
    fits = value.bit_length() <= encoder.limits.int_bits
    return int_node(value) if fits else encoder.foreign(value)


_SIMPLE: Final[dict[int, Callable[[Encoder, Any], Node]]] = {
    id(type(None)): _itself,
    id(bool): _itself,
    id(int): _int,
    id(float): lambda _, value: float_node(value),
    id(str): text_node,
}
"""A short way for what most values are made of."""


class Shallow(Encoder):
    """Sees mutable containers, and what is not data, by identity only."""

    def __init__(self, *, limits: ValueLimits) -> None:
        """Write for comparing and sorting; what it writes is never sent."""
        super().__init__(_Nobody(), limits=limits)
        self.below: list[object] = []
        """The mutable containers that were met."""

    def foreign(self, value: object) -> Node:
        """Write what is not data by identity."""
        return {"t": "@", "n": id(value)}

    def _known(self, codec: Codec, value: object) -> Node:
        del codec
        self.below.append(value)
        return {"t": "@", "n": id(value)}


class _Nobody:
    """An Opaque that is never asked."""

    def encode(self, value: object) -> Node:
        raise NotImplementedError

    def decode(self, node: dict[str, Any]) -> object:
        raise NotImplementedError
