"""Exceptions of the student's code, told as capped strings and plain data."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader.errors import WireError
from grader.wire.names import arguments_of, nearest_builtin_exception, text_of

if TYPE_CHECKING:
    from grader.worker.operations import Operations

MESSAGE_CAP = 2_000
TRACEBACK_CAP = 8_000
_FRAMES = 30
_CAUSES = 5


def describe_exception(
    error: BaseException, operations: Operations, encoder: Any, depth: int = 0
) -> dict[str, Any]:
    """Return what the checker needs in order to raise something that looks the same."""
    kind = type(error)
    told: dict[str, Any] = {
        "b": nearest_builtin_exception(kind).__name__,
        "n": text_of(kind.__name__),
        "msg": _message(error),
        "id": operations.objects.handles.number(error),
        "c": operations.objects.class_node(kind),
    }
    if depth == 0:
        told["tb"] = _traceback(error, operations.folder_name)
        told["line"] = _asked_of(lambda it: _syntax_line(it, operations.folder_name), error)
    told["args"] = _plain(_asked_of(arguments_of, error), operations, encoder)
    told["attrs"] = _plain(_asked_of(_attributes, error) or {}, operations, encoder)
    cause = _asked_of(lambda it: it.__cause__, error)
    if depth < _CAUSES and isinstance(cause, BaseException):
        told["cause"] = describe_exception(cause, operations, encoder, depth + 1)
    return told


def _asked_of(question: Callable[[BaseException], object], error: BaseException) -> object:
    """Return the answer, or None where a hostile exception raises instead."""
    try:
        return question(error)
    except BaseException:  # noqa: BLE001 - nothing that an exception does may stop its being told
        return None


def _message(error: BaseException) -> str:
    try:
        text = str(error)
        return str.__str__(text)[:MESSAGE_CAP]
    except BaseException:  # noqa: BLE001 - a hostile __str__ says nothing
        return ""


def _attributes(error: BaseException) -> dict[str, Any]:
    return {
        name: value
        for name, value in list(vars(error).items())[:50]
        if type(name) is str and not name.startswith("__")
    }


def _plain(value: object, operations: Operations, encoder: Any) -> Any:
    """Return the node of a value, or None when it cannot cross."""
    mark = operations.objects.mark()
    try:
        return encoder.encode(value)
    except (WireError, RecursionError, MemoryError):
        operations.objects.take_back(mark)
        return None


def _traceback(error: BaseException, folder: str) -> str:
    try:
        told = traceback.TracebackException.from_exception(error, limit=-_FRAMES, compact=True)
        _hide_ours(told)
        text = "".join(told.format())[-TRACEBACK_CAP:]
    except BaseException:  # noqa: BLE001 - nothing that an exception does may stop its being told
        return ""
    return text.replace(folder + "/", "")


def _hide_ours(told: traceback.TracebackException) -> None:
    seen = 0
    current: traceback.TracebackException | None = told
    while current is not None and seen < _CAUSES:
        current.stack = traceback.StackSummary.from_list(
            [entry for entry in current.stack if "/grader/worker/" not in entry.filename
             and "importlib" not in entry.filename]
        )  # fmt: skip
        current, seen = current.__cause__ or current.__context__, seen + 1


def _syntax_line(error: BaseException, folder: str) -> list[Any] | None:
    """Return [file, line, text] of a syntax error or of the student's last line in a traceback."""
    if isinstance(error, SyntaxError) and isinstance(error.filename, str):
        text = error.text.strip()[:200] if isinstance(error.text, str) else ""
        return [error.filename.removeprefix(folder + "/"), error.lineno or 0, text]
    found = None
    tb = error.__traceback__
    for _ in range(1000):
        if tb is None:
            break
        name = tb.tb_frame.f_code.co_filename
        if name.startswith(folder):
            found = [name.removeprefix(folder + "/"), tb.tb_lineno, ""]
        tb = tb.tb_next
    return found
