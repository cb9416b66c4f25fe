"""numpy's scalars and arrays: a dtype from a short list, a shape, and raw little-endian bytes.

Structured, masked and extended-precision arrays are not data. numpy is never imported for writing,
and for reading only when a node needs it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from math import prod
from typing import Any, Final

from grader.errors import WireError
from grader.wire.codec import (
    Codec,
    Decode,
    DecodeContainer,
    Node,
    Reader,
    Writer,
    field,
    integer,
    library,
    string,
)

_DTYPE: Final = re.compile(
    r"\|b1|\|[iu]1|<[iu][248]|<f[248]|<c(8|16)|<U[0-9]{1,8}|\|S[0-9]{1,9}"
    r"|<[mM]8(\[([1-9][0-9]{0,5})?(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?",
    re.ASCII,
)
_MOST_DIMENSIONS: Final = 32
_MOST_BYTES: Final = 1 << 40
_MOST_EMPTY: Final = 10_000_000
_LAST_CODE_POINT: Final = 0x10FFFF


def base_array(value: Any) -> Any:
    """Return a view of an array or of a subclass as a plain ndarray; no method of it is called."""
    ndarray = sys.modules["numpy"].ndarray
    return value if type(value) is ndarray else ndarray.view(value, ndarray)


def wire_dtype(dtype: Any) -> str | None:
    """Return the little-endian name of a dtype that may cross, or None."""
    if dtype.hasobject or dtype.kind not in "biufcmMUS":
        return None
    name = dtype.newbyteorder("<").str
    return name if _DTYPE.fullmatch(name) else None


def raw(writer: Writer, array: Any) -> dict[str, Any]:
    """Return the node of a plain numeric array's dtype and bytes, without its shape."""
    name = wire_dtype(array.dtype)
    if name is None:
        raise WireError(f"an array of {array.dtype} is not data")
    little = array if array.dtype.str == name else array.astype(name)
    return {"d": name, "b": writer.blob(little.tobytes("A"))}


def from_raw(reader: Reader, node: dict[str, Any], count: int, kinds: str = "biufcmMUS") -> Any:
    """Return a new, writable one-dimensional array. The bytes must be exactly `count` items."""
    name = string(field(node, "d"), most=20)
    if not _DTYPE.fullmatch(name):
        raise WireError(f"an array in a message has the dtype {name!r}")
    numpy = library("numpy")
    dtype = numpy.dtype(name)
    data = reader.blob(field(node, "b"))
    if dtype.kind not in kinds or count * dtype.itemsize != len(data):
        raise WireError("an array in a message does not have the bytes that it says")
    if dtype.itemsize == 0:
        reader.spend_items(count)
        return numpy.zeros(count, dtype)
    array = numpy.frombuffer(data, dtype).copy()
    _check_content(numpy, array)
    return array


def _check_content(numpy: Any, array: Any) -> None:
    """Refuse bytes that numpy would take and stumble over later."""
    if not array.size:
        return
    if array.dtype.kind == "b" and array.view(numpy.uint8).max() > 1:
        raise WireError("a truth value in an array is neither 0 nor 1")
    if array.dtype.kind == "U" and array.view(numpy.uint32).max() > _LAST_CODE_POINT:
        raise WireError("text in an array is not Unicode")


def object_array(items: list[Any]) -> Any:
    """Return a one-dimensional array of objects, which numpy must not look into."""
    return library("numpy").fromiter(items, dtype=object, count=len(items))


# Scalars


def _encode_scalar(_writer: Writer, value: Any) -> Node:
    generic = sys.modules["numpy"].generic
    dtype = generic.dtype.__get__(value)
    data = generic.tobytes(value)[: dtype.itemsize]  # an empty str_ gives four bytes
    return {"t": "n", "d": wire_dtype(dtype), "x": data.hex()}


def _fits_scalar(_writer: Writer, value: Any) -> bool:
    generic = sys.modules["numpy"].generic
    dtype = generic.dtype.__get__(value)
    return wire_dtype(dtype) is not None and dtype.itemsize <= 4096  # noqa: PLR2004 - str_, bytes_


def _decode_scalar(reader: Reader, node: dict[str, Any]) -> object:
    reader.spend(2)
    name = string(field(node, "d"), most=20)
    if not _DTYPE.fullmatch(name):
        raise WireError(f"a number in a message has the dtype {name!r}")
    numpy = library("numpy")
    dtype = numpy.dtype(name)
    data = bytes.fromhex(string(field(node, "x"), most=8192))
    if len(data) != dtype.itemsize:
        raise WireError("a number in a message does not have the bytes that it says")
    if not data:
        return dtype.type()
    array = numpy.frombuffer(data, dtype)
    _check_content(numpy, array)
    return array[0]


# Arrays


def _fits_array(_writer: Writer, value: Any) -> bool:
    array = base_array(value)
    data = array.dtype.kind == "O" or wire_dtype(array.dtype) is not None
    return data and (array.size > 0 or _extent(array.shape) <= _MOST_EMPTY)


def _encode_array(writer: Writer, value: Any) -> Node:
    array = base_array(value)
    fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    node: dict[str, Any] = {"t": "a", "s": list(array.shape)}
    if fortran:
        node["o"] = "F"
    if not array.flags.writeable:
        node["r"] = True
    if array.dtype.kind == "O":
        return node | {"v": writer.seq(array.ravel("A" if fortran else "C").tolist())}
    return node | raw(writer, array)


def _shape(node: dict[str, Any]) -> tuple[int, ...]:
    sizes = field(node, "s")
    if type(sizes) is not list or len(sizes) > _MOST_DIMENSIONS:
        raise WireError("the shape of an array is malformed")
    shape = tuple(integer(size, least=0, most=_MOST_BYTES) for size in sizes)
    if _extent(shape) > (_MOST_BYTES if all(shape) else _MOST_EMPTY):
        raise WireError("the shape of an array is too large")
    return shape


def _extent(shape: tuple[int, ...]) -> int:
    """Return what iterating over an array may cost, even when it is empty."""
    return prod(size or 1 for size in shape)


def _decode_array(reader: Reader, node: dict[str, Any], born: Callable[[object], None]) -> object:
    reader.spend(2)
    shape = _shape(node)
    order = "F" if node.get("o") == "F" else "C"
    if "v" not in node:
        array = from_raw(reader, node, prod(shape)).reshape(shape, order=order)
        born(array)
    else:
        reader.spend_items(prod(shape))
        array = library("numpy").empty(shape, dtype=object, order=order)
        born(array)  # before its items, which may refer to it
        array[...] = _objects(reader, node, shape, order)
    if node.get("r") is True:
        array.flags.writeable = False
    return array


def _objects(reader: Reader, node: dict[str, Any], shape: tuple[int, ...], order: str) -> Any:
    items = reader.items(node["v"])
    if len(items) != prod(shape):
        raise WireError("an array in a message does not have the items that it says")
    return object_array(items).reshape(shape, order=order)


def _fill_array(reader: Reader, target: Any, node: dict[str, Any]) -> None:
    made = _decode_array(reader, {**node, "r": False}, lambda _array: None)
    base = base_array(target)
    same = base.dtype.newbyteorder("=") == made.dtype  # type: ignore[attr-defined]  # an ndarray
    if not same or base.size != made.size:  # type: ignore[attr-defined]  # an ndarray
        raise WireError("an array cannot become one of another size or dtype")
    numpy = library("numpy")
    if base.shape != made.shape:  # type: ignore[attr-defined]  # an ndarray
        numpy.ndarray.shape.__set__(target, made.shape)  # type: ignore[attr-defined]  # an ndarray
        base = base_array(target)
    if not base.flags.writeable:
        base = _unlocked(numpy, target)
    base[...] = made


def _unlocked(numpy: Any, target: Any) -> Any:
    flags = numpy.ndarray.flags.__get__(target)
    flags.writeable = True
    try:
        return base_array(target)[...]
    finally:
        flags.writeable = False


def codecs(numpy: Any) -> list[Codec]:
    """Return the codecs of numpy's types; `longdouble` and its kind are not among them."""
    scalars = [
        Codec(base=kind, encode=_encode_scalar, fits=_fits_scalar)
        for kind in set(numpy.sctypeDict.values())
        if kind not in {numpy.object_, numpy.void, numpy.longdouble, numpy.clongdouble}
    ]
    masked = Codec(base=numpy.ma.MaskedArray, encode=lambda _w, _v: None, fits=lambda _w, _v: False)
    array = Codec(
        base=numpy.ndarray, tag="a", encode=_encode_array, fits=_fits_array, fill=_fill_array
    )
    return [*scalars, masked, array]


DECODERS: Final[dict[str, Decode]] = {"n": _decode_scalar}
CONTAINERS: Final[dict[str, DecodeContainer]] = {"a": _decode_array}
