"""Many calls that came in one message, and their answers: one small message each.

Two boxes with a supervisor between them make a round trip dear: a few milliseconds, as much as
reading three tables. A test that only varies the data can send all of it at once.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from grader.errors import WireError
from grader.wire.frames import message
from grader.worker.exceptions import describe_exception

if TYPE_CHECKING:
    from grader.worker.operations import Operations


def each(
    operations: Operations, function: Callable[..., Any], calls: Iterable[Sequence[Any]]
) -> list[bytes]:
    """Call the function with a copy of each of the arguments; return the packed answers.

    A copy, since the calls may share tables, and what one call does to them is not the next one's.
    The first call that raises is the last one that is made.
    """
    packed: list[bytes] = []
    for args in calls:
        answer, blobs = _answer(operations, function, copy.deepcopy(args))
        packed.append(message(answer, blobs))
        if answer["ok"] is not True:
            break
    return packed


def _answer(
    operations: Operations, function: Callable[..., Any], args: Sequence[Any]
) -> tuple[dict[str, Any], list[bytes]]:
    """Return one answer and its buffers. Nothing stays shared between two of them."""
    operations.begin(clear=True)
    mark = operations.objects.mark()
    encoder = operations.encoder()
    try:
        value = function(*args)
        encoder = operations.encoder()  # a function of the test may have been called meanwhile
        answer = {"id": 0, "ok": True, "val": encoder.encode(value)}
    except WireError as error:
        operations.objects.take_back(mark)
        return {"id": 0, "ok": False, "refused": str(error)[:500]}, []
    except BaseException as error:  # noqa: BLE001 - whatever a student raises is a result
        encoder = operations.encoder()
        operations.objects.take_back(mark)
        answer = {"id": 0, "ok": False, "exc": describe_exception(error, operations, encoder)}
    return answer, encoder.blobs
