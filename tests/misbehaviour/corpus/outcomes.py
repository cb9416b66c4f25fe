"""Raises whatever might end, skip or satisfy a test, and leaves contexts as if nothing happened."""

import asyncio
import builtins
import contextlib
import unittest


class Lying(Exception):
    """An exception that lies about itself."""

    def __init__(self, *args):
        super().__init__(*args)
        self.args = ("right",)
        self.with_traceback = lambda *_: 3

    def __str__(self):
        raise SystemExit(0)

    def __eq__(self, other):
        return True

    @property
    def __class__(self):
        return KeyError

    @property
    def __notes__(self):
        raise SystemExit(0)

    __hash__ = None


class Looped(Exception):
    pass


def looped(*_):
    one, other = Looped("one"), Looped("other")
    one.__cause__, other.__cause__ = other, one
    one.__context__ = one
    raise one


class Skipped(BaseException):
    """Pretends to be pytest's."""


Skipped.__module__ = "_pytest.outcomes"


class SkipTest(Exception):
    """Pretends to be unittest's."""


SkipTest.__module__ = "unittest.case"


class Hidden(Exception):
    """Pretends to be the same, found by way of another library."""


Hidden.__module__, Hidden.__qualname__ = "numpy.testing._private.utils", "SkipTest"


class Roundabout(Exception):
    """Pretends to be the same, found through a module that a library imported."""


Roundabout.__module__, Roundabout.__qualname__ = "numpy.testing", "_private.utils.unittest.SkipTest"


class Cancelled(asyncio.CancelledError):
    pass


class Stops(StopIteration):
    pass


class StopsInADisguise(ValueError, StopIteration):
    pass


def raises(name, *_):
    own = {
        "lying": Lying, "skipped": Skipped, "skip_test": SkipTest, "hidden": Hidden,
        "roundabout": Roundabout, "cancelled": Cancelled, "stops": Stops,
        "real_skip": unittest.SkipTest, "disguise": StopsInADisguise,
    }  # fmt: skip
    if name == "group":
        raise BaseExceptionGroup("all", [KeyboardInterrupt(), SystemExit(0)])
    if name == "inner":
        raise ExceptionGroup("all", [AssertionError("x"), unittest.SkipTest("y")])
    kind = own.get(name) or getattr(builtins, name)
    raise kind("student")


def stop(case):
    raise StopIteration(case)


def stop_async(case):
    raise StopAsyncIteration(case)


async def stop_later(case):
    raise StopAsyncIteration(case)


class Stopping:
    """Stops wherever it is used in a loop."""

    def __getattr__(self, name):
        raise StopIteration

    def __getitem__(self, at):
        raise StopIteration

    def __call__(self, *given):
        raise StopIteration

    def __len__(self):
        raise StopIteration

    def __iter__(self):
        raise StopIteration

    def __enter__(self):
        raise StopIteration

    def __exit__(self, *given):
        raise StopIteration

    def __str__(self):
        raise StopIteration

    __repr__ = __format__ = __str__


def stopping():
    return Stopping()


class Swallows:
    """A context that lets nothing out."""

    def __enter__(self):
        return self

    def __exit__(self, *given):
        return True

    async def __aenter__(self):
        return self

    async def __aexit__(self, *given):
        return True


def swallows():
    return Swallows()


@contextlib.contextmanager
def swallows_too():
    try:
        yield 3
    except BaseException:
        pass


@contextlib.asynccontextmanager
async def swallows_later():
    try:
        yield 3
    except BaseException:
        pass


def suppressing():
    return contextlib.suppress(BaseException)


def generator():
    """A plain generator that swallows what is thrown into it."""
    try:
        yield 3
    except BaseException:
        pass


class DiesOnExit(Swallows):
    def __exit__(self, *given):
        import os

        os._exit(0)


def dies_on_exit():
    return DiesOnExit()


class Decorates(contextlib.ContextDecorator, Swallows):
    pass


def decorates():
    return Decorates()


def empty():
    return iter(())


def lying_generator():
    yield 1
    return 3


def plain():
    return 3
