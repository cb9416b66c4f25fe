"""Generators, coroutines and their kind: real ones here, each step of which runs there."""

from __future__ import annotations

import asyncio
import inspect

import pytest

SOURCE = """
import asyncio
log = []
def count(n):
    try:
        for i in range(n):
            got = yield i
            if got: log.append(got)
        return "done"
    except ValueError as error:
        log.append(str(error))
        yield "recovered"
    finally:
        log.append("closed")
def swallow():
    while True:
        try: yield 1
        except Exception: return
def stubborn():
    yield 1
    raise KeyError("inside")
async def add(a, b):
    await asyncio.sleep(0)
    return a + b
async def fail(): raise ValueError("no")
async def ticks(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i
class Async:
    async def __aenter__(self): log.append("in"); return self
    async def __aexit__(self, kind, error, tb):
        log.append(kind.__name__ if kind else "out")
        return True
    def __aiter__(self): self.n = 0; return self
    async def __anext__(self):
        self.n += 1
        if self.n > 2: raise StopAsyncIteration
        return self.n
class Items:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.n <= 0: raise StopIteration
        self.n -= 1
        return self.n
def plain(): raise StopIteration("early")
def plain_async(): raise StopAsyncIteration("early")
def rest(g): return list(g)
"""


@pytest.fixture
def stu(meet):
    return meet(SOURCE)


@pytest.fixture
def trusted(meet):
    return meet(SOURCE, remote_operators=True)


class TestGenerators:
    def test_they_are_generators(self, stu):
        made = stu.count(2)
        assert inspect.isgenerator(made)
        assert [next(made), next(made)] == [0, 1]
        with pytest.raises(StopIteration) as end:
            next(made)
        assert end.value.value == "done"

    def test_values_are_sent_in(self, stu):
        made = stu.count(3)
        next(made)
        assert made.send("hello") == 1
        assert stu.log == ["hello"]

    def test_closing_closes_there(self, stu):
        made = stu.count(3)
        next(made)
        made.close()
        assert stu.log == ["closed"]

    def test_an_error_is_thrown_in_there(self, stu):
        made = stu.count(3)
        next(made)
        assert made.throw(ValueError("told")) == "recovered"
        assert stu.log == ["told"]

    def test_what_they_raise_is_raised_here(self, stu):
        made = stu.stubborn()
        next(made)
        with pytest.raises(KeyError, match="inside"):
            next(made)

    def test_a_strict_test_keeps_what_it_threw(self, stu, trusted):
        made = stu.swallow()
        next(made)
        with pytest.raises(KeyError, match="mine"):
            made.throw(KeyError("mine"))
        made = trusted.swallow()
        next(made)
        with pytest.raises(StopIteration):
            made.throw(KeyError("mine"))

    def test_an_assertion_never_crosses(self, stu):
        made = stu.count(3)
        next(made)
        with pytest.raises(AssertionError):
            made.throw(AssertionError("the test's own"))
        assert stu.log == ["closed"]

    def test_one_goes_back_as_itself(self, stu):
        made = stu.count(4)
        next(made)
        assert stu.rest(made) == [1, 2, 3]

    def test_yield_from_and_loops_work(self, stu):
        def outer():
            result = yield from stu.count(2)
            yield result

        assert list(outer()) == [0, 1, "done"]
        assert [x for x in stu.count(3) if x] == [1, 2]


class TestIterators:
    def test_a_class_with_next_is_an_iterator(self, stu):
        assert list(stu.Items(3)) == [2, 1, 0]
        assert next(stu.Items(0), "none") == "none"

    def test_a_stop_from_anywhere_else_is_an_ordinary_error(self, stu):
        for function in (stu.plain, stu.plain_async):
            with pytest.raises(RuntimeError, match="early"):
                function()

    def test_it_cannot_end_a_loop_of_the_test(self, stu):
        with pytest.raises(RuntimeError):
            all(map(lambda _: stu.plain(), [1, 2]))  # noqa: C417 - as a test would write it


class TestCoroutines:
    def test_they_are_coroutines(self, stu):
        made = stu.add(1, 2)
        assert inspect.iscoroutine(made)
        assert asyncio.run(made) == 3

    def test_they_raise_here(self, stu):
        with pytest.raises(ValueError, match="no"):
            asyncio.run(stu.fail())

    def test_several_are_gathered(self, stu):
        async def both():
            return await asyncio.gather(stu.add(1, 2), stu.add(3, 4))

        assert asyncio.run(both()) == [3, 7]


class TestAsynchronousIteration:
    def test_a_generator(self, stu):
        async def collect():
            return [item async for item in stu.ticks(3)]

        assert inspect.isasyncgen(stu.ticks(1))
        assert asyncio.run(collect()) == [0, 1, 2]

    def test_a_class(self, stu):
        async def collect():
            return [item async for item in stu.Async()]

        assert asyncio.run(collect()) == [1, 2]


class TestAsynchronousContexts:
    def test_entering_and_leaving(self, stu):
        async def enter():
            async with stu.Async() as inside:
                return isinstance(inside, stu.Async)

        assert asyncio.run(enter()) is True
        assert stu.log == ["in", "out"]

    def test_nothing_of_a_strict_test_is_swallowed(self, stu):
        async def enter():
            async with stu.Async():
                raise KeyError("mine")

        with pytest.raises(KeyError):
            asyncio.run(enter())

    def test_an_assertion_is_never_told(self, trusted):
        async def enter():
            async with trusted.Async():
                raise AssertionError("mine")

        with pytest.raises(AssertionError):
            asyncio.run(enter())
        assert trusted.log == ["in", "out"]
