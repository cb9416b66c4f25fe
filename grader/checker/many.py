"""Many calls in one message: asks for all of them at once, and judges nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from grader.checker.faults import nonsense

if TYPE_CHECKING:
    from grader.checker.session import Session


def each(session: Session, function: Any, calls: list[list[object]]) -> Iterator[Any]:
    """Make the calls; return an iterator of what they returned, or raised, in their order.

    Every answer is read at once, since a later one may refer to a class that an earlier one
    describes. Raises a Fault when there are more or fewer answers than calls.
    """
    packed = session.request("each", function, calls) if calls else []
    if not isinstance(packed, list) or any(type(one) is not bytes for one in packed):
        raise session.fault(nonsense("many answers were asked for"))
    read = [_read(session, one) for one in packed]
    ends_early = bool(read) and read[-1][1] is not None
    if len(read) > len(calls) or (len(read) < len(calls) and not ends_early):
        problem = f"{len(read)} answers to {len(calls)} calls"
        raise session.fault(nonsense(problem))
    return _told(read)


def _read(session: Session, packed: bytes) -> tuple[Any, Exception | None]:
    """Return what a call returned, or what it raised. Faults pass through."""
    try:
        return session.unpack(packed), None
    except Exception as error:  # noqa: BLE001 - whatever a student raises is a result
        return None, error


def _told(read: list[tuple[Any, Exception | None]]) -> Iterator[Any]:
    for value, error in read:
        if error is not None:
            raise error
        yield value
