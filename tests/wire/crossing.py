"""How the tests of this folder send values: through real messages, with a marker for handles."""

from __future__ import annotations

from grader.wire.frames import message, read_message
from grader.wire.shared import content, fill
from grader.wire.values import Decoder, Encoder, Shared


class Handle:
    """What stands for an object that stayed at the other end."""

    def __init__(self, kind: str, number: int) -> None:
        self.kind = kind
        self.number = number


class Handles:
    """An Opaque that keeps whatever is not data, and gives it back when it returns."""

    def __init__(self) -> None:
        self.kept: list[object] = []

    def encode(self, value):
        self.kept.append(value)
        return {"t": "@h", "id": len(self.kept) - 1, "k": type(value).__name__}

    def decode(self, node):
        return Handle(node["k"], node["id"])


def pack(value, *, handles=None, shared=None, **options) -> bytes:
    """Return the message that carries one value."""
    encoder = Encoder(handles or Handles(), shared, **options)
    node = encoder.encode(value)
    return message({"v": node}, encoder.blobs)


def unpack(data: bytes, *, handles=None, shared=None, **options):
    """Return the value that a message carries."""
    header, blobs = read_message(data)
    return Decoder(handles or Handles(), blobs, shared, **options).decode(header.get("v"))


def cross(value, **options):
    """Send a value through a message and return what arrives."""
    return unpack(pack(value, **options))


def decode(node, *blobs: bytes, **options):
    """Decode a node that was written by hand."""
    return Decoder(Handles(), [memoryview(blob) for blob in blobs], **options).decode(node)


class Ends:
    """Two ends that share a table of containers, as the checker and the worker do."""

    def __init__(self) -> None:
        self.checker = Shared(first=0)
        self.worker = Shared(first=1)

    def to_worker(self, value):
        return unpack(pack(value, shared=self.checker), shared=self.worker)

    def to_checker(self, value):
        return unpack(pack(value, shared=self.worker), shared=self.checker)


def send_change(value, source, target):
    """Tell the other end what a container holds now, and return the other end's object."""
    encoder = Encoder(Handles(), source)
    node = content(value, encoder)
    other = target.get(source.number_of(value))
    fill(other, node, Decoder(Handles(), [memoryview(blob) for blob in encoder.blobs], target))
    return other
