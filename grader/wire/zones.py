"""Time zones: by their key in the zone database, or as a fixed offset; never by other means."""

from __future__ import annotations

import functools
import sys
from datetime import timedelta, timezone, tzinfo
from typing import Any

from grader.errors import WireError
from grader.wire.codec import Node, field, integers, library, string


def zone_node(zone: Any) -> Node | None:
    """Return the node of a time zone, or None for a zone that is not data (and for no zone)."""
    kind = type(zone)
    if kind is timezone:
        offset, *name = timezone.__getinitargs__(zone)  # type: ignore[attr-defined]  # for pickle
        node: dict[str, Any] = {"o": [offset.days, offset.seconds, offset.microseconds]}
        return node | {"n": name[0]} if name else node
    zoneinfo = sys.modules.get("zoneinfo")
    if zoneinfo and kind is zoneinfo.ZoneInfo:
        return _by_key(vars(zoneinfo.ZoneInfo)["key"].__get__(zone), {})
    if _is_foreign_offset(kind):
        offset = zone.utcoffset(None)
        return {"o": [offset.days, offset.seconds, offset.microseconds]}
    if is_pytz(zone):
        return _by_key(zone.zone, {"p": True})
    return None


def is_pytz(zone: object) -> bool:
    """Say whether a zone is one of pytz, which pandas still uses and tells from the others."""
    pytz = sys.modules.get("pytz")
    return bool(pytz) and issubclass(type(zone), pytz.tzinfo.BaseTzInfo)  # type: ignore[union-attr]


def _is_foreign_offset(kind: type) -> bool:
    """Say whether zones of this class are fixed offsets in the spelling of dateutil or pytz."""
    dateutil, pytz = sys.modules.get("dateutil.tz"), sys.modules.get("pytz")
    known = [dateutil.tzutc, dateutil.tzoffset] if dateutil else []
    if pytz:
        known.append(type(pytz.FixedOffset(1)))
    return any(kind is other for other in known)


def _by_key(key: object, more: dict[str, Any]) -> Node | None:
    return {"z": key, **more} if type(key) is str and key in _keys() else None


@functools.cache
def _keys() -> frozenset[str]:
    return frozenset(library("zoneinfo").available_timezones())


def zone_of(node: Node) -> tzinfo | None:
    """Return the time zone of a node. Raises WireError for a key that the database lacks."""
    if node is None:
        return None
    if type(node) is not dict:
        raise WireError("a time zone in a message is malformed")
    if "o" in node:
        days, seconds, microseconds = integers(node["o"], 3)
        offset = timedelta(days=days, seconds=seconds, microseconds=microseconds)
        return timezone(offset, string(node["n"])) if "n" in node else timezone(offset)
    key = string(field(node, "z"))
    if key not in _keys():
        raise WireError(f"there is no time zone {key[:60]!r}")
    made: tzinfo = (
        library("pytz").timezone(key) if "p" in node else library("zoneinfo").ZoneInfo(key)
    )
    return made
