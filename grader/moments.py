"""Reads a moment from a TOML value: a time with an offset, or a local time with the zone's name.

A time that could mean two moments is refused: without a zone, in the hour that a clock change
skips, or in the hour that it repeats. Pure; it never asks what time it is.
"""

from __future__ import annotations

import difflib
import re
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

_ZONED: Final = re.compile(r"(?P<at>\d{4}-\d\d-\d\d[ T]\S+)\s+(?P<zone>[A-Za-z][\w+/-]*)")
_EXAMPLE: Final = '2026-10-02T23:59:00+07:00, or "2026-10-02 23:59 Asia/Jakarta"'


class MomentError(ValueError):
    """A value that is no moment; the message is one or two sentences."""


def parse_moment(value: object, zone: str = "") -> datetime:
    """Return the aware moment that a TOML value means; `zone` is for local times without one."""
    if isinstance(value, str):
        return _from_text(value, zone)
    if isinstance(value, datetime):
        return _placed(value, zone)
    if isinstance(value, date):
        raise MomentError(f"this is a day without a time. Write for example {_EXAMPLE}.")
    if isinstance(value, time):
        raise MomentError(f"this is a time without a day. Write for example {_EXAMPLE}.")
    raise MomentError(f"this must be a day with a time. Write for example {_EXAMPLE}.")


def parse_zone(name: str) -> ZoneInfo:
    """Return the zone of that name, such as `Asia/Jakarta`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = difflib.get_close_matches(name, available_timezones(), n=3)
        advice = f" Did you mean {' or '.join(near)}?" if near else ""
        raise MomentError(
            f"there is no time zone {name!r}; write one such as 'Asia/Jakarta' or 'UTC'.{advice}"
        ) from None


def _from_text(text: str, zone: str) -> datetime:
    found = _ZONED.fullmatch(text.strip())
    try:
        at = datetime.fromisoformat(found["at"] if found else text.strip())
    except ValueError:
        raise MomentError(f"{text!r} is not a moment. Write for example {_EXAMPLE}.") from None
    if not found and re.fullmatch(r"\d{4}-?(?:\d\d-?\d\d|W\d\d(?:-?\d)?)", text.strip()):
        raise MomentError(f"{text!r} is a day without a time. Write for example {_EXAMPLE}.")
    if found and at.tzinfo is not None:
        raise MomentError(f"{text!r} has both an offset and a zone. Leave one of them out.")
    return _placed(at, found["zone"] if found else zone)


def _placed(at: datetime, zone: str) -> datetime:
    if at.tzinfo is not None:
        return at
    if not zone:
        raise MomentError(
            f"{at.isoformat(' ')} could be any time of a day somewhere: it has no zone. Write an "
            "offset or a zone after it, or `zone` at the top of the file."
        )
    local = at.replace(tzinfo=parse_zone(zone))
    try:
        back = local.astimezone(UTC).astimezone(local.tzinfo)
    except OverflowError:
        raise MomentError(f"{at.isoformat(' ')} is out of range.") from None
    if back.replace(tzinfo=None) != at:
        raise MomentError(
            f"{at.isoformat(' ')} does not exist in {zone}: clocks are put forward then."
        )
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise MomentError(
            f"{at.isoformat(' ')} comes twice in {zone}: clocks are put back then. "
            "Write it with an offset."
        )
    return local
