"""Columns of pandas: what lies below a Series, an Index or the categories of another column.

Each kind of dtype has its own node; sparse columns arrive dense, text in Arrow memory as Python
text. What pandas would believe without looking (sizes, codes, masks, truth values) is looked at.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from types import NoneType
from typing import Any, Final

from grader.errors import WireError
from grader.wire.arrays import from_raw, object_array, raw, wire_dtype
from grader.wire.codec import (
    Node,
    Reader,
    Writer,
    field,
    flag,
    integer,
    library,
    string,
)
from grader.wire.hashing import check_labels
from grader.wire.zones import zone_node, zone_of

_DAYS: Final = "MON|TUE|WED|THU|FRI|SAT|SUN"
_MONTHS: Final = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_FREQUENCY: Final = re.compile(
    rf"([1-9][0-9]{{0,5}})?(ns|us|ms|s|min|h|D|B|W(-({_DAYS}))?"
    rf"|(M|BM|SM|Q|BQ|Y|BY)(E|S)?(-({_MONTHS}))?)"
)
_TICK: Final = re.compile(r"[0-9]*(ns|us|ms|s|min|h|D)")
_UNITS: Final = frozenset({"s", "ms", "us", "ns"})
COST: Final = 10
"""Nodes that a column counts for: pandas takes its time over each."""
CLOSED: Final = frozenset({"left", "right", "both", "neither"})


def frequency(text: object) -> str | None:
    """Return the name of a frequency that may cross, or None."""
    return text if type(text) is str and _FREQUENCY.fullmatch(text) else None


def is_tick(name: str) -> bool:
    """Say whether pandas can look quickly whether times follow this frequency."""
    return bool(_TICK.fullmatch(name))


def kind_of(dtype: Any) -> str | None:
    """Return the tag of a column of this dtype, or None when it is not data."""
    pandas = sys.modules["pandas"]
    if type(dtype).__name__ == "NumpyEADtype":  # what `.array` gives for numpy's own dtypes
        dtype = dtype.numpy_dtype
    if not issubclass(type(dtype), pandas.api.extensions.ExtensionDtype):
        return "o" if dtype.kind == "O" else _numeric_kind(dtype)
    name = _NAMES.get(type(dtype).__name__)
    if name is None or type(dtype).__module__.partition(".")[0] != "pandas":
        return None
    tag, fits = name
    return tag if fits(dtype) else None


def _numeric_kind(dtype: Any) -> str | None:
    if dtype.kind in {"M", "m"}:
        return "np" if _unit(dtype) in _UNITS else None
    return "np" if dtype.kind in "biufc" and wire_dtype(dtype) is not None else None


def _unit(dtype: Any) -> str:
    return str(dtype.str).rpartition("[")[2].rstrip("]")


def _always(_dtype: Any) -> bool:
    return True


_NAMES: Final[dict[str, tuple[str, Callable[[Any], bool]]]] = {
    "DatetimeTZDtype": ("tz", lambda dtype: zone_node(dtype.tz) is not None),
    "PeriodDtype": ("p", lambda dtype: frequency(_period(dtype)) is not None),
    "IntervalDtype": ("iv", lambda dtype: kind_of(dtype.subtype) is not None),
    "CategoricalDtype": ("c", lambda dtype: kind_of(dtype.categories.dtype) is not None),
    "StringDtype": ("s", _always),
    "SparseDtype": ("sp", lambda dtype: kind_of(dtype.subtype) is not None),
    "BooleanDtype": ("m", _always),
    **{
        f"{kind}{bits}Dtype": ("m", _always)
        for kind, sizes in {
            "Int": (8, 16, 32, 64),
            "UInt": (8, 16, 32, 64),
            "Float": (32, 64),
        }.items()
        for bits in sizes
    },
}


def _period(dtype: Any) -> str:
    return str(dtype.name)[len("period[") : -1]


# Writing


def encode_column(writer: Writer, array: Any) -> Node:
    """Return the node of an array whose dtype has a kind."""
    writer.spend(COST)
    kind = kind_of(array.dtype)
    if kind is None:
        raise WireError(f"a column of {array.dtype} is not data")
    return {"k": kind, **_ENCODERS[kind](writer, array)}


def _encode_numbers(writer: Writer, array: Any) -> dict[str, Any]:
    return raw(writer, sys.modules["numpy"].asarray(array))


def _encode_objects(writer: Writer, array: Any) -> dict[str, Any]:
    return {"v": writer.seq(sys.modules["numpy"].asarray(array, dtype=object).tolist())}


def _encode_zoned(writer: Writer, array: Any) -> dict[str, Any]:
    numpy = sys.modules["numpy"]
    instants = numpy.asarray(array.tz_convert(None))
    return {"z": zone_node(array.dtype.tz), **raw(writer, instants)}


def _encode_periods(writer: Writer, array: Any) -> dict[str, Any]:
    return {"f": _period(array.dtype), **raw(writer, array.asi8)}


def _encode_intervals(writer: Writer, array: Any) -> dict[str, Any]:
    left, right = (encode_column(writer, side.array) for side in (array.left, array.right))
    return {"l": left, "r": right, "c": array.closed}


def _encode_categories(writer: Writer, array: Any) -> dict[str, Any]:
    categories = array.categories
    node = {"n": len(categories), "v": encode_column(writer, categories.array)}
    name = writer.encode(categories.name)
    return {"o": array.ordered, "c": node, "l": name, **raw(writer, array.codes)}


def _encode_strings(writer: Writer, array: Any) -> dict[str, Any]:
    missing = array.isna()
    texts = sys.modules["numpy"].asarray(array, dtype=object)
    if missing.any():
        texts = texts.copy()
        texts[missing] = None
    # pandas' "str" dtype says NaN where the older "string" says NA
    return {"na": array.dtype.na_value is sys.modules["pandas"].NA, "v": writer.seq(texts.tolist())}


def _encode_masked(writer: Writer, array: Any) -> dict[str, Any]:
    numpy = sys.modules["numpy"]
    dtype = array.dtype.numpy_dtype
    values = array.to_numpy(dtype, na_value=dtype.type(0))
    return {**raw(writer, values), "m": raw(writer, numpy.asarray(array.isna()))}


def _encode_sparse(writer: Writer, array: Any) -> dict[str, Any]:
    numpy = sys.modules["numpy"]
    dense = numpy.asarray(array)
    return {"k": kind_of(dense.dtype), **_ENCODERS[str(kind_of(dense.dtype))](writer, dense)}


_ENCODERS: Final[dict[str, Callable[[Writer, Any], dict[str, Any]]]] = {
    "np": _encode_numbers,
    "o": _encode_objects,
    "tz": _encode_zoned,
    "p": _encode_periods,
    "iv": _encode_intervals,
    "c": _encode_categories,
    "s": _encode_strings,
    "m": _encode_masked,
    "sp": _encode_sparse,
}


# Reading


def decode_column(reader: Reader, node: Node, size: int) -> Any:
    """Return an array of exactly `size` items. Raises WireError on any contradiction."""
    reader.spend(COST)
    if type(node) is not dict:
        raise WireError("a column in a message is malformed")
    decode = _DECODERS.get(string(field(node, "k")))
    if decode is None:
        raise WireError("a column in a message has a kind that there is not")
    array = decode(reader, node, size)
    if len(array) != size:
        raise WireError("a column in a message has the wrong length")
    return array


def _decode_numbers(reader: Reader, node: dict[str, Any], size: int) -> Any:
    array = from_raw(reader, node, size, "biufcmM")
    if array.dtype.kind in "mM" and _unit(array.dtype) not in _UNITS:
        raise WireError("a column of times in a message has a unit that pandas lacks")
    return array


def _objects(reader: Reader, node: dict[str, Any], size: int) -> list[Any]:
    items = reader.items(field(node, "v"))
    if len(items) != size:
        raise WireError("a column in a message has the wrong length")
    return items


def _decode_objects(reader: Reader, node: dict[str, Any], size: int) -> Any:
    return object_array(_objects(reader, node, size))


def _times(reader: Reader, node: dict[str, Any], size: int) -> Any:
    array = _decode_numbers(reader, node, size)
    if array.dtype.kind != "M":
        raise WireError("a column of times in a message holds something else")
    return array


def _decode_zoned(reader: Reader, node: dict[str, Any], size: int) -> Any:
    zone = zone_of(field(node, "z"))
    if zone is None:
        raise WireError("a column with a time zone in a message has none")
    instants = library("pandas").DatetimeIndex(_times(reader, node, size))
    return instants.tz_localize("UTC").tz_convert(zone).array


def _decode_periods(reader: Reader, node: dict[str, Any], size: int) -> Any:
    pandas = library("pandas")
    name = frequency(field(node, "f"))
    ordinals = from_raw(reader, node, size, "i")
    if name is None or ordinals.dtype.str != "<i8":
        raise WireError("a column of periods in a message is malformed")
    return pandas.arrays.PeriodArray(ordinals, dtype=pandas.PeriodDtype(name))


def _decode_intervals(reader: Reader, node: dict[str, Any], size: int) -> Any:
    pandas = library("pandas")
    closed = string(field(node, "c"))
    if closed not in CLOSED:
        raise WireError("a column of intervals in a message is malformed")
    left, right = (
        pandas.Index(decode_column(reader, field(node, side), size)) for side in ("l", "r")
    )
    return pandas.arrays.IntervalArray.from_arrays(left, right, closed=closed)


def _decode_categories(reader: Reader, node: dict[str, Any], size: int) -> Any:
    pandas = library("pandas")
    inner = field(node, "c")
    if type(inner) is not dict:
        raise WireError("the categories of a column in a message are malformed")
    categories = labels(reader, inner)
    categories.name = reader.value(field(node, "l"))
    codes = from_raw(reader, node, size, "i")
    dtype = pandas.CategoricalDtype(categories, ordered=flag(field(node, "o")))
    return pandas.Categorical.from_codes(codes, dtype=dtype)


def _is_scalar(kind: type) -> bool:
    pandas = library("pandas")
    plain = (pandas.Timestamp, pandas.Timedelta, pandas.Period, pandas.Interval)
    return kind in plain or issubclass(kind, library("numpy").generic)


def labels(reader: Reader, node: dict[str, Any]) -> Any:
    """Return an Index without a name; its labels can be hashed, and quickly."""
    pandas = library("pandas")
    size = integer(field(node, "n"), least=0)
    array = decode_column(reader, field(node, "v"), size)
    if array.dtype != object:
        return pandas.Index(array)
    check_labels(list(array), _is_scalar)
    return pandas.Index(array, dtype=object)


def _decode_strings(reader: Reader, node: dict[str, Any], size: int) -> Any:
    pandas = library("pandas")
    items = _objects(reader, node, size)
    if not set(map(type, items)) <= {str, NoneType}:
        raise WireError("a column of text in a message holds something else")
    plain = flag(field(node, "na"))
    dtype = (
        pandas.StringDtype("python")
        if plain
        else pandas.StringDtype("python", na_value=library("numpy").nan)
    )
    return pandas.array(object_array(items), dtype=dtype)


def _decode_masked(reader: Reader, node: dict[str, Any], size: int) -> Any:
    arrays = library("pandas").arrays
    values = from_raw(reader, node, size, "biuf")
    inner = field(node, "m")
    if type(inner) is not dict:
        raise WireError("the mask of a column in a message is malformed")
    mask = from_raw(reader, inner, size, "b")
    if values.dtype.kind == "b":
        return arrays.BooleanArray(values, mask)
    if values.dtype.kind == "f":
        return arrays.FloatingArray(values, mask)
    return arrays.IntegerArray(values, mask)


_DECODERS: Final[dict[str, Callable[[Reader, dict[str, Any], int], Any]]] = {
    "np": _decode_numbers,
    "o": _decode_objects,
    "tz": _decode_zoned,
    "p": _decode_periods,
    "iv": _decode_intervals,
    "c": _decode_categories,
    "s": _decode_strings,
    "m": _decode_masked,
}
