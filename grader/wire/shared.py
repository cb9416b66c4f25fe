"""Copy-in and copy-out: what changed in a mutable container that both ends of the wire hold.

`fingerprint` notices a change, `content` tells it and `fill` makes it in the other end's object.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, Final

from grader.errors import WireError
from grader.wire.codec import Codec, Node, ValueLimits
from grader.wire.numbering import Shared
from grader.wire.prints import Print, table_print
from grader.wire.registry import codec_of
from grader.wire.values import Decoder, Encoder, Shallow, only_wire_errors

__all__ = ["Fingerprint", "Shared", "content", "fill", "fingerprint", "is_mutable", "reachable"]

Fingerprint = bytes | Print

_VAST: Final = 1 << 62
_UNLIMITED: Final = ValueLimits(
    nodes=_VAST, items=_VAST, keys=_VAST, text_bytes=_VAST, int_bits=_VAST, range_length=_VAST
)


def _mutable(value: object) -> Codec:
    codec = codec_of(type(value))
    if codec is None or codec.fill is None:
        raise TypeError(f"a {type(value).__name__} is not a container that can be shared")
    return codec


def is_mutable(value: object) -> bool:
    """Say whether values of this class have an identity on the wire."""
    codec = codec_of(type(value))
    return codec is not None and codec.fill is not None


def content(value: object, encoder: Encoder) -> Node:
    """Return the node of what a mutable container holds now, for `fill` at the other end.

    Raises ValueRefusedError when it has become something that cannot be sent.
    """
    return encoder.contents(_mutable(value), value)


def fill(value: object, node: Node, decoder: Decoder) -> None:
    """Put such contents into an existing container. Raises WireError, and nothing else.

    All is read before anything is changed. Containers inside keep identities of their own.
    """
    with only_wire_errors():
        codec = _mutable(value)
        if type(node) is not dict or node.get("t") != codec.tag or codec.fill is None:
            raise WireError("a message changes a value into one of another kind")
        codec.fill(decoder, value, node)


def fingerprint(value: object) -> Fingerprint:
    """Return what is equal to a later fingerprint of a mutable container if it has not changed.

    Mutable containers inside it, and what is not data, count by identity: each container has a
    fingerprint of its own. No method that a student can define is called.
    """
    return table_print(value) or _digest(value)


def _digest(value: object) -> bytes:
    shallow, node = _survey(value)
    digest = blake2b(json.dumps(node).encode(), digest_size=16)
    for blob in shallow.blobs:
        digest.update(len(blob).to_bytes(8, "big"))
        digest.update(blob)
    return digest.digest()


def reachable(values: Iterable[object]) -> list[Any]:
    """Return the mutable containers among and below the values, each once, outermost first."""
    found: dict[int, object] = {}
    queue = [value for value in values if is_mutable(value)]
    for value in queue:  # grows while it is read
        if id(value) not in found:
            found[id(value)] = value
            queue += _survey(value)[0].below
    return list(found.values())


def _survey(value: object) -> tuple[Shallow, Node]:
    shallow = Shallow(limits=_UNLIMITED)
    codec = _mutable(value)
    if codec.fits is not None and not codec.fits(shallow, value):
        return shallow, {"t": "@", "n": id(value)}
    return shallow, codec.encode(shallow, value)
