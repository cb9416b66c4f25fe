"""pandas' scalars: Timestamp, Timedelta, Period, Interval, NaT and NA, as nodes and back."""

from __future__ import annotations

import sys
from typing import Any, Final

from grader.errors import WireError
from grader.wire.codec import Codec, Decode, Node, Reader, Writer, field, integer, library, string
from grader.wire.columns import CLOSED, frequency
from grader.wire.zones import zone_node, zone_of

_UNITS: Final = frozenset({"s", "ms", "us", "ns"})
_NAT: Final = -(1 << 63)


def _encode_timestamp(_writer: Writer, value: Any) -> Node:
    kind = sys.modules["pandas"].Timestamp
    instant = kind.asm8.__get__(value).view("i8")
    zone = zone_node(kind.tzinfo.__get__(value))
    return {"t": "ts", "v": int(instant), "u": kind.unit.__get__(value), "z": zone}


def _fits_timestamp(_writer: Writer, value: Any) -> bool:
    zone = sys.modules["pandas"].Timestamp.tzinfo.__get__(value)
    return zone is None or zone_node(zone) is not None


def _encode_timedelta(_writer: Writer, value: Any) -> Node:
    kind = sys.modules["pandas"].Timedelta
    length = kind.asm8.__get__(value).view("i8")
    return {"t": "tdelta", "v": int(length), "u": kind.unit.__get__(value)}


def _encode_period(_writer: Writer, value: Any) -> Node:
    kind = sys.modules["pandas"].Period
    return {"t": "period", "v": kind.ordinal.__get__(value), "f": kind.freqstr.__get__(value)}


def _fits_period(_writer: Writer, value: Any) -> bool:
    return frequency(sys.modules["pandas"].Period.freqstr.__get__(value)) is not None


def _encode_interval(writer: Writer, value: Any) -> Node:
    kind = sys.modules["pandas"].Interval
    left, right = writer.encode(kind.left.__get__(value)), writer.encode(kind.right.__get__(value))
    return {"t": "interval", "l": left, "r": right, "c": kind.closed.__get__(value)}


def codecs(pandas: Any) -> list[Codec]:
    """Return the codecs of pandas' scalars."""
    return [
        Codec(base=pandas.Timestamp, encode=_encode_timestamp, fits=_fits_timestamp),
        Codec(base=pandas.Timedelta, encode=_encode_timedelta),
        Codec(base=pandas.Period, encode=_encode_period, fits=_fits_period),
        Codec(base=pandas.Interval, encode=_encode_interval),
        Codec(base=type(pandas.NA), encode=lambda _w, _v: {"t": "na", "v": "NA"}),
        Codec(base=type(pandas.NaT), encode=lambda _w, _v: {"t": "na", "v": "NaT"}),
    ]


def _count(reader: Reader, node: dict[str, Any]) -> tuple[int, str]:
    reader.spend(4)
    unit = string(field(node, "u"))
    if unit not in _UNITS:
        raise WireError("a time in a message has a unit that pandas lacks")
    return integer(field(node, "v"), least=_NAT + 1), unit


def _decode_timestamp(reader: Reader, node: dict[str, Any]) -> object:
    instant, unit = _count(reader, node)
    zone = zone_of(node.get("z"))
    stamp = library("pandas").Timestamp(library("numpy").datetime64(instant, unit))
    return stamp if zone is None else stamp.tz_localize("UTC").tz_convert(zone)


def _decode_timedelta(reader: Reader, node: dict[str, Any]) -> object:
    length, unit = _count(reader, node)
    return library("pandas").Timedelta(library("numpy").timedelta64(length, unit))


def _decode_period(reader: Reader, node: dict[str, Any]) -> object:
    reader.spend(9)
    name = frequency(field(node, "f"))
    if name is None:
        raise WireError("a period in a message has a frequency that may not cross")
    ordinal = integer(field(node, "v"), least=_NAT + 1)
    return library("pandas").Period(ordinal=ordinal, freq=name)


def _decode_interval(reader: Reader, node: dict[str, Any]) -> object:
    reader.spend(4)
    pandas = library("pandas")
    closed = string(field(node, "c"))
    ends = [reader.value(field(node, side)) for side in ("l", "r")]
    plain = (int, float, pandas.Timestamp, pandas.Timedelta, *_numbers())
    if closed not in CLOSED or not all(type(end) in plain for end in ends):
        raise WireError("an interval in a message is malformed")
    return pandas.Interval(*ends, closed=closed)


def _numbers() -> tuple[type, ...]:
    numpy = library("numpy")
    return (numpy.int64, numpy.float64, numpy.int32, numpy.float32)


def _decode_missing(_reader: Reader, node: dict[str, Any]) -> object:
    name = string(field(node, "v"))
    if name == "NA":
        return library("pandas").NA
    if name == "NaT":
        return library("pandas").NaT
    raise WireError("a message names a missing value that there is not")


DECODERS: Final[dict[str, Decode]] = {
    "ts": _decode_timestamp,
    "tdelta": _decode_timedelta,
    "period": _decode_period,
    "interval": _decode_interval,
    "na": _decode_missing,
}
