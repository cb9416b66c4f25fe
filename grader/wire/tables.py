"""pandas' Index, Series and DataFrame as nodes and back; Series and frames can be filled in place.

A subclass is reduced to its base without calling what it overrides. `attrs` stay behind. pandas is
never imported for writing, and for reading only when a node needs it.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable
from typing import Any, Final

from grader.errors import ValueRefusedError, WireError
from grader.wire.arrays import from_raw, raw
from grader.wire.codec import (
    Codec,
    Decode,
    DecodeContainer,
    Node,
    Reader,
    Writer,
    field,
    integer,
    integers,
    library,
)
from grader.wire.columns import (
    COST,
    decode_column,
    encode_column,
    frequency,
    is_tick,
    kind_of,
    labels,
)
from grader.wire.scalars import range_length

Born = Callable[[object], None]
_LONGEST_WITH_FREQUENCY: Final = 1000
"""Of frequencies such as month ends, which pandas checks one by one."""
_UNHASHABLE: Final = (list, dict, set, bytearray)
_inside: Final = object.__getattribute__


# Reducing subclasses


def base_index(index: Any) -> Any:
    """Return an Index of pandas' own classes with the same content."""
    pandas = sys.modules["pandas"]
    kind = type(index)
    if kind.__module__.partition(".")[0] == "pandas" and getattr(pandas, kind.__name__, 0) is kind:
        return index
    if issubclass(kind, pandas.RangeIndex):
        return pandas.RangeIndex(_inside(index, "_range"), name=_inside(index, "_name"))
    if issubclass(kind, pandas.MultiIndex):
        levels, codes, names = (_inside(index, part) for part in ("_levels", "_codes", "_names"))
        return pandas.MultiIndex(levels=levels, codes=codes, names=names, verify_integrity=False)
    data = _inside(index, "_data")
    dtype = object if data.dtype == object else None
    return pandas.Index(data, name=_inside(index, "_name"), dtype=dtype)


def base_series(series: Any) -> Any:
    """Return a Series of pandas' own class with the same content."""
    kind = sys.modules["pandas"].Series
    if type(series) is kind:
        return series
    made = _from_manager(kind, series)
    made.name = _inside(series, "_name")
    return made


def base_frame(frame: Any) -> Any:
    """Return a DataFrame of pandas' own class with the same content."""
    kind = sys.modules["pandas"].DataFrame
    return frame if type(frame) is kind else _from_manager(kind, frame)


def _from_manager(kind: Any, table: Any) -> Any:
    manager = _inside(table, "_mgr")
    return kind._from_mgr(manager, manager.axes)  # noqa: SLF001 - the way that calls no subclass


# What fits


def _fits_index(writer: Writer, index: Any) -> bool:
    pandas = sys.modules["pandas"]
    index = base_index(index)
    if type(index) is pandas.RangeIndex:
        length = range_length(index.start, index.stop, index.step)
        return length <= writer.limits.range_length
    if type(index) is pandas.MultiIndex:
        return all(_fits_index(writer, level) for level in index.levels)
    return kind_of(index.dtype) is not None


def _fits_series(writer: Writer, series: Any) -> bool:
    series = base_series(series)
    return kind_of(series.dtype) is not None and _fits_index(writer, series.index)


def _fits_frame(writer: Writer, frame: Any) -> bool:
    frame = base_frame(frame)
    if not all(_fits_index(writer, index) for index in (frame.index, frame.columns)):
        return False
    return all(kind_of(array.dtype) is not None for array in _arrays(frame))


# Writing


def encode_index(writer: Writer, index: Any) -> Node:
    """Return the node of an Index of any kind that fits."""
    writer.spend(COST)
    pandas = sys.modules["pandas"]
    index = base_index(index)
    if type(index) is pandas.RangeIndex:
        ends = [int(index.start), int(index.stop), int(index.step)]
        return {"t": "ix", "k": "r", "v": ends, "l": writer.encode(index.name)}
    if type(index) is pandas.MultiIndex:
        return _encode_levels(writer, index)
    array = index.array
    if index.dtype == object:
        _check_labels(index)
    node = {"t": "ix", "k": "a", "n": len(index), "v": encode_column(writer, array)}
    node["l"] = writer.encode(index.name)
    name = frequency(getattr(index, "freqstr", None))
    if name and not hasattr(array.dtype, "freq") and _is_checked(index, name):
        writer.spend(0 if is_tick(name) else len(index))
        node["f"] = name
    return node


def _is_checked(index: Any, name: str) -> bool:
    return is_tick(name) or len(index) <= _LONGEST_WITH_FREQUENCY


def _check_labels(index: Any) -> None:
    for label in index:
        if issubclass(type(label), _UNHASHABLE):
            raise ValueRefusedError(
                f"a table with a label that is a {type(label).__name__} cannot be sent."
                " Labels of rows and columns must be hashable: use a tuple or a string."
            )


def _encode_levels(writer: Writer, index: Any) -> Node:
    return {
        "t": "ix",
        "k": "m",
        "n": len(index),
        "v": [encode_index(writer, level) for level in index.levels],
        "c": [raw(writer, sys.modules["numpy"].asarray(codes)) for codes in index.codes],
        "l": [writer.encode(name) for name in index.names],
    }


def _encode_series(writer: Writer, series: Any) -> Node:
    series = base_series(series)
    index = encode_index(writer, series.index)
    column = encode_column(writer, series.array)
    return {"t": "sr", "i": index, "v": column, "l": writer.encode(series.name)}


def _encode_frame(writer: Writer, frame: Any) -> Node:
    frame = base_frame(frame)
    rows, names = encode_index(writer, frame.index), encode_index(writer, frame.columns)
    columns = [encode_column(writer, array) for array in _arrays(frame)]
    return {"t": "df", "i": rows, "c": names, "v": columns}


def _arrays(frame: Any) -> Iterable[Any]:
    """Return the columns' arrays; making a Series of each takes three times as long."""
    try:
        arrays: Iterable[Any] = frame._iter_column_arrays()  # noqa: SLF001 - and has no other name
    except AttributeError:
        return [frame.iloc[:, at].array for at in range(frame.shape[1])]
    return arrays


# Reading


def decode_index(reader: Reader, node: Node) -> Any:
    """Return an Index. Raises WireError on any contradiction."""
    reader.spend(COST)
    if type(node) is not dict:
        raise WireError("an index in a message is malformed")
    kind = field(node, "k")
    if kind == "r":
        return _decode_range(reader, node)
    if kind == "m":
        return _decode_levels(reader, node)
    index = labels(reader, node)
    index.name = reader.value(field(node, "l"))
    name = frequency(node.get("f"))
    if name and hasattr(index, "freq") and _is_checked(index, name):
        reader.spend(0 if is_tick(name) else len(index))
        _try_frequency(index, name)
    return index


def _try_frequency(index: Any, name: str) -> None:
    try:
        index.freq = name  # pandas looks whether the index really has it
    except (ValueError, TypeError, AttributeError, OverflowError):
        return


def _decode_range(reader: Reader, node: dict[str, Any]) -> Any:
    start, stop, step = integers(field(node, "v"), 3)
    if step == 0 or range_length(start, stop, step) > reader.limits.range_length:
        raise WireError("a range index in a message is too long")
    name = reader.value(field(node, "l"))
    return library("pandas").RangeIndex(start, stop, step, name=name)


def _decode_levels(reader: Reader, node: dict[str, Any]) -> Any:
    size = integer(field(node, "n"), least=0)
    parts = [field(node, key) for key in ("v", "c", "l")]
    if not all(type(part) is list and len(part) == len(parts[0]) for part in parts):
        raise WireError("an index of several levels in a message is malformed")
    levels = [decode_index(reader, level) for level in parts[0]]
    codes = [_codes(reader, code, size) for code in parts[1]]
    names = [reader.value(name) for name in parts[2]]
    return library("pandas").MultiIndex(levels=levels, codes=codes, names=names)


def _codes(reader: Reader, node: Node, size: int) -> Any:
    if type(node) is not dict:
        raise WireError("the codes of an index in a message are malformed")
    return from_raw(reader, node, size, "i")


def _as_series(array: Any, index: Any, name: Any = None) -> Any:
    dtype = object if array.dtype == object else None
    return library("pandas").Series(array, index=index, dtype=dtype, name=name, copy=False)


def _read_series(reader: Reader, node: dict[str, Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        index = decode_index(reader, field(node, "i"))
        array = decode_column(reader, field(node, "v"), len(index))
        return _as_series(array, index, reader.value(field(node, "l")))


def _read_frame(reader: Reader, node: dict[str, Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        index = decode_index(reader, field(node, "i"))
        names = decode_index(reader, field(node, "c"))
        parts = field(node, "v")
        if type(parts) is not list or len(parts) != len(names):
            raise WireError("a frame in a message has more or fewer columns than names")
        return _frame_of([decode_column(reader, part, len(index)) for part in parts], index, names)


def _frame_of(arrays: list[Any], index: Any, names: Any) -> Any:
    """Return a frame of columns that are known to be whole: pandas need not look for their types.

    Making a Series of each column first takes two thirds of the time that reading a frame takes.
    """
    kind = library("pandas").DataFrame
    if arrays and hasattr(kind, "_from_arrays"):
        columns = [_wrapped(array) for array in arrays]
        return kind._from_arrays(columns, names, index, verify_integrity=False)  # noqa: SLF001
    columns = [_as_series(array, index) for array in arrays]
    frame = kind(dict(enumerate(columns)), index=index)
    frame.columns = names
    return frame


def _wrapped(array: Any) -> Any:
    """Return what pandas keeps in a block: times in its own kind of array."""
    return _as_series(array, None).array if array.dtype.kind in "mM" else array


def _decode_index(reader: Reader, node: dict[str, Any]) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return decode_index(reader, node)


def _decode_series(reader: Reader, node: dict[str, Any], born: Born) -> object:
    made = _read_series(reader, node)
    born(made)
    return made


def _decode_frame(reader: Reader, node: dict[str, Any], born: Born) -> object:
    made = _read_frame(reader, node)
    born(made)
    return made


# Filling: the variable that the caller holds sees new columns, rows, labels and dtypes


def _fill_series(reader: Reader, target: Any, node: dict[str, Any]) -> None:
    made = _read_series(reader, node)
    kind = library("pandas").Series
    kind._update_inplace(target, made, verify_is_copy=False)  # noqa: SLF001 - pandas' own way
    kind.name.__set__(target, made.name)


def _fill_frame(reader: Reader, target: Any, node: dict[str, Any]) -> None:
    made = _read_frame(reader, node)
    kind = library("pandas").DataFrame
    kind._update_inplace(target, made, verify_is_copy=False)  # noqa: SLF001 - pandas' own way


def codecs(pandas: Any) -> list[Codec]:
    """Return the codecs of pandas' tables and of every kind of Index."""
    names = ("Index", "RangeIndex", "MultiIndex", "DatetimeIndex", "TimedeltaIndex", "PeriodIndex")
    kinds = [getattr(pandas, name) for name in (*names, "IntervalIndex", "CategoricalIndex")]
    return [
        *(Codec(base=kind, encode=encode_index, fits=_fits_index) for kind in kinds),
        Codec(
            base=pandas.Series,
            tag="sr",
            encode=_encode_series,
            fits=_fits_series,
            fill=_fill_series,
            whole=True,
        ),
        Codec(
            base=pandas.DataFrame,
            tag="df",
            encode=_encode_frame,
            fits=_fits_frame,
            fill=_fill_frame,
            whole=True,
        ),
    ]


DECODERS: Final[dict[str, Decode]] = {"ix": _decode_index}
CONTAINERS: Final[dict[str, DecodeContainer]] = {"sr": _decode_series, "df": _decode_frame}
