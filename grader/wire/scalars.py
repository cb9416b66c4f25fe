"""Immutable values of the standard library, from integers to UUIDs, as nodes and back.

A subclass is reduced by calling methods of the base class only, never one that it may override.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import PosixPath, PurePath, PurePosixPath, PureWindowsPath, WindowsPath
from typing import Any, Final
from uuid import UUID

from grader.errors import WireError
from grader.wire.codec import (
    SHORT_TEXT,
    SMALL_INT,
    Codec,
    Decode,
    Node,
    Reader,
    Writer,
    field,
    integers,
    string,
)
from grader.wire.packs import nan
from grader.wire.zones import is_pytz, zone_node, zone_of

_HEX: Final = re.compile(r"-?[0-9a-f]+", re.ASCII)
_FLOAT: Final = re.compile(r"-?0x[01](\.[0-9a-f]{1,13})?p[+-][0-9]{1,4}|-?inf", re.ASCII)
_DECIMAL: Final = re.compile(
    r"-?([0-9]+(\.[0-9]+)?(E(?P<e>[+-][0-9]{1,9}))?|Infinity|s?NaN[0-9]*)", re.ASCII
)
_CONSTANTS: Final = {"...": ..., "NotImplemented": NotImplemented}
_DAY: Final = ("year", "month", "day")
_CLOCK: Final = ("hour", "minute", "second", "microsecond", "fold")


def _getters(kind: type, *names: str) -> tuple[Callable[[Any], Any], ...]:
    return tuple(vars(kind)[name].__get__ for name in names)


_DATE_PARTS: Final = _getters(date, *_DAY)
_TIME_PARTS: Final = _getters(time, *_CLOCK)
_DATETIME_PARTS: Final = _DATE_PARTS + _getters(datetime, *_CLOCK)
_DELTA_PARTS: Final = _getters(timedelta, "days", "seconds", "microseconds")
_TIME_ZONE: Final = vars(time)["tzinfo"].__get__
_DATETIME_ZONE: Final = vars(datetime)["tzinfo"].__get__
_NUMERATOR: Final = vars(Fraction)["_numerator"].__get__
_DENOMINATOR: Final = vars(Fraction)["_denominator"].__get__
_UUID_INT: Final = vars(UUID)["int"].__get__
_COMPLEX_PARTS: Final = _getters(complex, "real", "imag")


def int_node(value: int) -> Node:
    """Return the node of an exact int."""
    return value if -SMALL_INT <= value < SMALL_INT else {"t": "i", "v": f"{value:x}"}


def float_node(value: float) -> Node:
    """Return the node of an exact float: hexadecimal, so that nothing is rounded."""
    return {"t": "f", "v": value.hex()}


def text_node(writer: Writer, value: str) -> Node:
    """Return the node of an exact str; long text and lone surrogates travel as a buffer."""
    if len(value) < SHORT_TEXT:
        if value.isascii():
            return value
        try:
            value.encode()
        except UnicodeEncodeError:
            pass
        else:
            return value
    return {"t": "s", "b": writer.text(value)}


def _encode_complex(_writer: Writer, value: complex) -> Node:
    return {"t": "c", "v": [part(value).hex() for part in _COMPLEX_PARTS]}


def _encode_bytes(writer: Writer, value: bytes) -> Node:
    data = bytes.__getitem__(value, slice(None))
    if len(data) < SHORT_TEXT // 2:
        return {"t": "y", "x": data.hex()}
    return {"t": "y", "b": writer.blob(data)}


def _encode_date(_writer: Writer, value: date) -> Node:
    return {"t": "date", "v": [part(value) for part in _DATE_PARTS]}


def _encode_time(_writer: Writer, value: time) -> Node:
    parts = [part(value) for part in _TIME_PARTS]
    return {"t": "time", "v": parts, "z": zone_node(_TIME_ZONE(value))}


def _encode_datetime(_writer: Writer, value: datetime) -> Node:
    zone = _DATETIME_ZONE(value)
    node: dict[str, Any] = {"t": "dt", "z": zone_node(zone)}
    if is_pytz(zone):  # its zones know an instant, not a fold
        value = datetime.astimezone(value, UTC)
        node["u"] = True
    return node | {"v": [part(value) for part in _DATETIME_PARTS]}


def _encode_timedelta(_writer: Writer, value: timedelta) -> Node:
    return {"t": "td", "v": [part(value) for part in _DELTA_PARTS]}


def _encode_range(writer: Writer, value: range) -> Node:
    return {"t": "range", "v": [writer.encode(n) for n in (value.start, value.stop, value.step)]}


def _encode_slice(writer: Writer, value: slice) -> Node:
    return {"t": "slice", "v": [writer.encode(n) for n in (value.start, value.stop, value.step)]}


def _encode_fraction(_writer: Writer, value: Fraction) -> Node:
    return {"t": "q", "v": [f"{_NUMERATOR(value):x}", f"{_DENOMINATOR(value):x}"]}


def _fits_int(writer: Writer, value: int) -> bool:
    return int.bit_length(value) <= writer.limits.int_bits


def _fits_fraction(writer: Writer, value: Fraction) -> bool:
    parts = (_NUMERATOR(value), _DENOMINATOR(value))
    return all(type(part) is int and _fits_int(writer, part) for part in parts)


def _fits_decimal(writer: Writer, value: Decimal) -> bool:
    text = Decimal.__str__(value)
    return _decimal_in_bounds(text, writer.limits.decimal_digits, writer.limits.decimal_exponent)


def _fits_time(_writer: Writer, value: time) -> bool:
    zone = _TIME_ZONE(value)
    return zone is None or (zone_node(zone) is not None and not is_pytz(zone))


def _fits_datetime(_writer: Writer, value: datetime) -> bool:
    zone = _DATETIME_ZONE(value)
    return zone is None or zone_node(zone) is not None


def _fits_range(writer: Writer, value: range) -> bool:
    return range_length(value.start, value.stop, value.step) <= writer.limits.range_length


def range_length(start: int, stop: int, step: int) -> int:
    """Return how many numbers a range holds; `len` overflows beyond 63 bits."""
    low, high = (start, stop) if step > 0 else (stop, start)
    return max(0, (high - low + abs(step) - 1) // abs(step))


def _decimal_in_bounds(text: str, digits: int, exponent: int) -> bool:
    if len(text) > digits + 20:
        return False
    match = _DECIMAL.fullmatch(text)
    return bool(match) and abs(int(match["e"] or 0)) <= exponent  # type: ignore[index]


def _encode_path(writer: Writer, value: PurePath) -> Node:
    text = str.__str__(PurePath.__str__(value))
    windows = issubclass(type(value), PureWindowsPath)
    return {"t": "path", "v": text_node(writer, text.replace("\\", "/") if windows else text)}


CODECS: Final = (
    Codec(base=int, encode=lambda _, v: int_node(int.__index__(v)), fits=_fits_int),
    Codec(base=float, encode=lambda _, v: float_node(float.__float__(v))),
    Codec(base=complex, encode=_encode_complex),
    Codec(base=str, encode=lambda w, v: text_node(w, str.__str__(v))),
    Codec(base=bytes, encode=_encode_bytes),
    Codec(base=date, encode=_encode_date),
    Codec(base=time, encode=_encode_time, fits=_fits_time),
    Codec(base=datetime, encode=_encode_datetime, fits=_fits_datetime),
    Codec(base=timedelta, encode=_encode_timedelta),
    Codec(base=range, encode=_encode_range, fits=_fits_range),
    Codec(base=slice, encode=_encode_slice),
    Codec(
        base=Decimal,
        encode=lambda _, v: {"t": "dec", "v": Decimal.__str__(v)},
        fits=_fits_decimal,
    ),
    Codec(base=Fraction, encode=_encode_fraction, fits=_fits_fraction),
    Codec(base=UUID, encode=lambda _, v: {"t": "uuid", "v": f"{_UUID_INT(v):x}"}),
    Codec(base=type(...), encode=lambda _w, _v: {"t": "k", "v": "..."}),
    Codec(base=type(NotImplemented), encode=lambda _w, _v: {"t": "k", "v": "NotImplemented"}),
    *(
        Codec(base=kind, encode=_encode_path)
        for kind in (PurePath, PurePosixPath, PureWindowsPath, PosixPath, WindowsPath)
    ),
)


def _hexadecimal(text: object, bits: int) -> int:
    if type(text) is not str or len(text) > bits // 4 + 2 or not _HEX.fullmatch(text):
        raise WireError("an integer in a message is malformed or too large")
    value = int(text, 16)
    if value.bit_length() > bits:
        raise WireError("an integer in a message is too large")
    return value


def _float(text: object) -> float:
    if text == "nan":
        return nan()
    if type(text) is not str or len(text) > 40 or not _FLOAT.fullmatch(text):  # noqa: PLR2004 - longest is 25
        raise WireError("a float in a message is malformed")
    return float.fromhex(text)


def _decode_complex(_reader: Reader, node: dict[str, Any]) -> complex:
    parts = field(node, "v")
    if type(parts) is not list or len(parts) != 2:  # noqa: PLR2004 - real, imaginary
        raise WireError("a complex number in a message is malformed")
    real, imaginary = map(_float, parts)
    return complex(real, imaginary)


def _decode_bytes(reader: Reader, node: dict[str, Any]) -> bytes:
    if "b" in node:
        return bytes(reader.blob(node["b"]))
    return bytes.fromhex(string(field(node, "x"), most=SHORT_TEXT))


def _decode_time(_reader: Reader, node: dict[str, Any]) -> time:
    hour, minute, second, micro, fold = integers(field(node, "v"), len(_CLOCK))
    return time(hour, minute, second, micro, zone_of(node.get("z")), fold=fold)


def _decode_datetime(_reader: Reader, node: dict[str, Any]) -> datetime:
    *parts, fold = integers(field(node, "v"), len(_DAY) + len(_CLOCK))
    zone = zone_of(node.get("z"))
    if zone is not None and node.get("u") is True:
        return datetime(*parts, tzinfo=UTC).astimezone(zone)  # type: ignore[misc,arg-type]  # seven ints
    return datetime(*parts, tzinfo=zone, fold=fold)  # type: ignore[misc,arg-type]  # seven ints


def _decode_timedelta(_reader: Reader, node: dict[str, Any]) -> timedelta:
    days, seconds, microseconds = integers(field(node, "v"), 3)
    return timedelta(days=days, seconds=seconds, microseconds=microseconds)


def _three(reader: Reader, node: dict[str, Any]) -> list[Any]:
    parts = field(node, "v")
    if type(parts) is not list or len(parts) != 3:  # noqa: PLR2004 - start, stop, step
        raise WireError("a range or slice in a message is malformed")
    return [reader.value(part) for part in parts]


def _decode_range(reader: Reader, node: dict[str, Any]) -> range:
    start, stop, step = (int.__index__(part) for part in _three(reader, node))
    if step == 0 or range_length(start, stop, step) > reader.limits.range_length:
        raise WireError("a range in a message is too long")
    return range(start, stop, step)


def _decode_decimal(reader: Reader, node: dict[str, Any]) -> Decimal:
    limits = reader.limits
    text = string(field(node, "v"), most=limits.decimal_digits + 20)
    if not _decimal_in_bounds(text, limits.decimal_digits, limits.decimal_exponent):
        raise WireError("a Decimal in a message is malformed or too large")
    return Decimal(text)


def _decode_fraction(reader: Reader, node: dict[str, Any]) -> Fraction:
    parts = field(node, "v")
    if type(parts) is not list or len(parts) != 2:  # noqa: PLR2004 - numerator, denominator
        raise WireError("a fraction in a message is malformed")
    numerator, denominator = (_hexadecimal(part, reader.limits.int_bits) for part in parts)
    if denominator <= 0:
        raise WireError("a fraction in a message has no positive denominator")
    if math.gcd(numerator, denominator) != 1:
        raise WireError("a fraction in a message is not in lowest terms")
    return Fraction(numerator, denominator)


def _decode_path(reader: Reader, node: dict[str, Any]) -> PurePosixPath:
    text = reader.value(field(node, "v"))
    if type(text) is not str:
        raise WireError("a path in a message is not text")
    return reader.path_class(text)


def _decode_constant(_reader: Reader, node: dict[str, Any]) -> object:
    name = string(field(node, "v"))
    if name not in _CONSTANTS:
        raise WireError("a message names a constant that there is not")
    return _CONSTANTS[name]


DECODERS: Final[dict[str, Decode]] = {
    "i": lambda r, n: _hexadecimal(field(n, "v"), r.limits.int_bits),
    "f": lambda _, n: _float(field(n, "v")),
    "c": _decode_complex,
    "s": lambda r, n: r.text(r.blob(field(n, "b"))),
    "y": _decode_bytes,
    "date": lambda _, n: date(*integers(field(n, "v"), 3)),
    "time": _decode_time,
    "dt": _decode_datetime,
    "td": _decode_timedelta,
    "range": _decode_range,
    "slice": lambda r, n: slice(*_three(r, n)),
    "dec": _decode_decimal,
    "q": _decode_fraction,
    "uuid": lambda _, n: UUID(int=_hexadecimal(field(n, "v"), 128)),
    "path": _decode_path,
    "k": _decode_constant,
}
