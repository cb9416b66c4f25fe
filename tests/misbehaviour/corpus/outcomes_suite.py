"""`test_no_…` must not pass whatever the student's code raises; `test_yes_…` must."""

import asyncio
import contextlib
import unittest

import numpy.testing  # the student's code claims classes of it
import pytest
import toy


def test_yes_a_plain_value():
    assert toy.plain() == 3


def test_no_raising_keyboardinterrupt():
    toy.raises("KeyboardInterrupt")


def test_no_raising_systemexit():
    toy.raises("SystemExit")


def test_no_raising_generatorexit():
    toy.raises("GeneratorExit")


def test_no_raising_baseexception():
    toy.raises("BaseException")


def test_no_raising_stopiteration():
    toy.raises("StopIteration")


def test_no_raising_stopasynciteration():
    toy.raises("StopAsyncIteration")


def test_no_raising_assertionerror():
    toy.raises("AssertionError")


def test_no_raising_memoryerror():
    toy.raises("MemoryError")


def test_no_raising_group():
    toy.raises("group")


def test_no_raising_inner():
    toy.raises("inner")


def test_no_raising_lying():
    toy.raises("lying")


def test_no_raising_skipped():
    toy.raises("skipped")


def test_no_raising_skip_test():
    toy.raises("skip_test")


def test_no_raising_hidden():
    toy.raises("hidden")


def test_no_raising_roundabout():
    toy.raises("roundabout")


def test_no_raising_cancelled():
    toy.raises("cancelled")


def test_no_raising_stops():
    toy.raises("stops")


def test_no_raising_real_skip():
    toy.raises("real_skip")


def test_no_raising_disguise():
    toy.raises("disguise")


def test_no_all():
    assert all(map(toy.stop, [1, 2, 3]))


def test_no_all_async():
    assert all(map(toy.stop_async, [1, 2, 3]))


def test_no_any():
    assert not any(map(toy.stop, [1, 2, 3]))


def test_no_all_of_a_generator():
    assert all(toy.stop(case) for case in [1, 2, 3])


def test_no_all_of_stops():
    assert all(map(toy.raises, ["stops", "disguise"]))


def test_no_next_with_a_default():
    assert next(map(toy.stop, [1]), True)


def test_no_zip():
    assert list(zip([1, 2], map(toy.stop, [1, 2]))) == []


def test_no_for():
    for _ in map(toy.stop, [1, 2]):
        pass


def test_no_list():
    assert list(map(toy.stop, [1])) == []


def test_no_sentinel():
    assert list(iter(lambda: toy.stop(1), 3)) == []


def test_no_filter():
    assert list(filter(toy.stop, [1, 2])) == []


def test_no_any_of_a_key():
    assert max([1, 2], key=toy.stop) == 2


def test_no_async_for():
    async def cases():
        for case in (1, 2):
            yield case

    async def look():
        async for case in cases():
            await toy.stop_later(case)

    asyncio.run(look())


def test_no_async_generator():
    async def results():
        yield toy.stop_async(1)

    async def look():
        return [item async for item in results()]

    assert asyncio.run(look()) == []


def test_no_async_await_in_a_generator():
    async def results():
        yield await toy.stop_later(1)

    async def look():
        return [item async for item in results()]

    assert asyncio.run(look()) == []


def test_no_attribute_that_stops():
    assert all(toy.stopping().ready for _ in (1, 2))


def test_no_item_that_stops():
    things = toy.stopping()
    assert list(map(things.__getitem__, (1, 2))) == []


def test_no_call_that_stops():
    assert all(map(toy.stopping(), (1, 2)))


def test_no_iteration_that_stops():
    assert list(toy.stopping()) == []


def test_no_enter_that_stops():
    def look():
        with toy.stopping():
            yield 1

    assert list(look()) == []


def test_no_exit_that_stops():
    def look():
        with toy.stopping():
            pass
        yield 1

    assert list(look()) == []


def test_no_text_that_stops():
    assert list(map(str, [toy.stopping()])) == []


def test_no_body_in_a_swallowing_context():
    with toy.swallows():
        assert False


def test_no_key_error_in_a_swallowing_context():
    with toy.swallows():
        {}["missing"]


def test_no_pytest_fail_in_a_swallowing_context():
    with toy.swallows():
        pytest.fail("no")


def test_no_skip_in_a_swallowing_context():
    with toy.swallows():
        pytest.skip("no")


def test_no_refusal_in_a_swallowing_context():
    with toy.swallows() as context:
        assert context == 3


def test_no_unexpected_in_a_swallowing_context():
    with toy.swallows():
        assert toy.plain() == 4


def test_no_decorated_context():
    with toy.swallows_too() as value:
        assert value == 4


def test_no_key_error_in_a_decorated_context():
    with toy.swallows_too():
        {}["missing"]


def test_no_suppress_of_the_students():
    with toy.suppressing():
        assert False


def test_no_exit_stack():
    with contextlib.ExitStack() as stack:
        stack.enter_context(toy.swallows())
        assert False


def test_no_exit_stack_key_error():
    with contextlib.ExitStack() as stack:
        stack.enter_context(toy.swallows())
        {}["missing"]


def test_no_exit_stack_push():
    with contextlib.ExitStack() as stack:
        stack.push(toy.swallows())
        assert False


def test_no_exit_by_hand():
    context = toy.swallows()
    try:
        assert False
    except AssertionError as error:
        if not context.__exit__(type(error), error, error.__traceback__):
            raise


def test_no_async_context():
    async def look():
        async with toy.swallows():
            assert False

    asyncio.run(look())


def test_no_async_decorated_context():
    async def look():
        async with toy.swallows_later():
            assert False

    asyncio.run(look())


def test_no_generator_made_a_context():
    with contextlib.contextmanager(toy.generator)() as value:
        assert value == 4


def test_no_generator_within_a_context():
    @contextlib.contextmanager
    def context():
        yield from toy.generator()

    with context():
        assert False


def test_no_fail_in_a_generator_made_a_context():
    with contextlib.contextmanager(toy.generator)():
        pytest.fail("no")


def test_no_decorator_that_swallows():
    @toy.decorates()
    def look():
        assert False

    look()


def test_no_death_on_exit():
    with toy.dies_on_exit():
        pass


def test_no_empty_iterator():
    assert list(toy.empty()) == [1]


def test_no_looped_causes():
    toy.looped()


def test_no_looped_cause_expected():
    with pytest.raises(KeyError):
        toy.looped()


def test_no_wrong_class():
    with pytest.raises(KeyError):
        toy.raises("lying")


def test_no_message():
    with pytest.raises(Exception, match="right"):
        toy.raises("lying")


def test_no_outcome_expected():
    with pytest.raises(pytest.skip.Exception):
        toy.raises("skipped")


def test_no_skip_expected():
    with pytest.raises(unittest.SkipTest):
        toy.raises("real_skip")


def test_no_skip_expected_by_way_of_numpy():
    with pytest.raises(unittest.SkipTest):
        toy.raises("hidden")


def test_no_interrupt_expected():
    with pytest.raises(KeyboardInterrupt):
        toy.raises("KeyboardInterrupt")


def test_no_stop_expected():
    with pytest.raises(StopIteration):
        toy.raises("stops")


class TestUnittest(unittest.TestCase):
    def test_no_skip(self):
        toy.raises("real_skip")

    def test_no_interrupt(self):
        toy.raises("KeyboardInterrupt")

    def test_no_exit(self):
        toy.raises("SystemExit")

    def test_no_context(self):
        with self.assertRaises(KeyError) as caught:
            toy.raises("lying")
        self.assertEqual(caught.exception.args, ("right",))

    def test_yes_after_all(self):
        self.assertEqual(toy.plain(), 3)


def test_yes_still_here():
    assert toy.plain() == 3
    with pytest.raises(SystemExit):
        toy.raises("SystemExit")
    with pytest.raises(ValueError):
        toy.raises("ValueError")
