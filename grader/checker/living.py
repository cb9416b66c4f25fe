"""Generators, coroutines and asynchronous generators of the student's code.

They become real ones on this side, so `inspect.isgenerator`, `asyncio.run`, `next`, `send`, `throw`
and `close` mean what a reader of the test expects; each step runs there.
"""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import AsyncGenerator, Coroutine, Generator
from typing import TYPE_CHECKING, Any

from grader.checker import faults
from grader.checker.operators import may_cross
from grader.checker.remote import Ref
from grader.errors import WireError

if TYPE_CHECKING:
    from grader.checker.session import Session

_REFS: weakref.WeakKeyDictionary[Any, Ref] = weakref.WeakKeyDictionary()


class _Handle:
    """A bare reference, for requests that are about the object itself."""

    __slots__ = ("_grader_ref",)

    def __init__(self, ref: Ref) -> None:
        self._grader_ref = ref


def revive(ref: Ref, node: dict[str, Any]) -> Any:
    """Return a generator (g), coroutine (c) or asynchronous generator (a) for a remote one."""
    makers = {"g": _generator, "c": _coroutine, "a": _async_generator}
    make = makers.get(str(node["k"]))
    if make is None:
        raise WireError("an unknown kind of generator")
    made = make(ref.session, _Handle(ref))
    _REFS[made] = ref
    return made


def ref_of_living(value: object) -> Ref | None:
    """Return the Ref of a generator or coroutine that stands for a remote one."""
    try:
        return _REFS.get(value)
    except TypeError:
        return None


def _generator(session: Session, handle: _Handle) -> Generator[Any, Any, Any]:
    step: tuple[str, Any] = ("send", None)
    thrown: Exception | None = None
    while True:
        try:
            if step[0] == "send":
                item = session.request("method", handle, step[1], n="send", stops=True)
            else:
                item = session.request("exception", handle, n="throw", stops=True, exc=step[1])
        except faults.Stopped as stopped:
            if thrown is not None and not session.settings.remote_operators:
                raise thrown from None  # what the test raised is not swallowed
            return stopped.value
        thrown = None
        try:
            step = ("send", (yield item))
        except GeneratorExit:
            session.request("method", handle, n="close")
            raise
        except Exception as error:  # thrown in by the test; it goes on there
            if not may_cross(session, error):
                with contextlib.suppress(Exception):
                    session.request("method", handle, n="close")
                raise
            thrown, step = error, ("throw", session.opaque.tell(error))


def _coroutine(session: Session, handle: _Handle) -> Coroutine[Any, Any, Any]:
    async def wait() -> Any:
        try:
            return session.request("await", handle)
        except faults.Stopped:
            raise StopAsyncIteration from None

    return wait()


def _async_generator(session: Session, handle: _Handle) -> AsyncGenerator[Any, Any]:
    async def items() -> AsyncGenerator[Any, Any]:
        while True:
            try:
                item = session.request("anext", handle)
            except faults.Stopped:
                return
            yield item

    return items()
