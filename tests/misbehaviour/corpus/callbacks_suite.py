"""`test_no_…` must not pass whatever the student's code does with what it is given."""

import contextlib

import numpy as np
import pandas as pd
import pytest
import toy

TOKEN = "TOKEN-of-the-hidden-tests-7f3a"
SEEN = []


def refuse(*_given):
    assert False, "told by a function of the test"


def test_yes_a_call():
    assert toy.call(lambda x: x + 1, 2) == 3


def test_yes_the_same_function_comes_back():
    assert toy.echo(refuse) is refuse


def test_no_assertion_swallowed():
    assert toy.swallow(refuse) == 3


def test_no_assertion_swallowed_and_replaced():
    with pytest.raises(ValueError):
        toy.swallow_more(refuse)


def test_no_assertion_swallowed_by_exit():
    with pytest.raises(SystemExit):
        toy.swallow_and_exit(refuse)


def test_no_assertion_swallowed_in_a_thread():
    assert toy.swallow_in_a_thread(refuse) == 3


def test_no_assertion_swallowed_by_death():
    with contextlib.suppress(BaseException):
        toy.swallow_and_die(refuse)


def test_no_failure_swallowed():
    assert toy.swallow(lambda: pytest.fail("no")) == 3


def test_no_skip_swallowed():
    assert toy.swallow(lambda: pytest.skip("no")) == 3


def test_no_interrupt_swallowed():
    def interrupt():
        raise SystemError from None

    def stop():
        raise GeneratorExit

    toy.swallow(interrupt)
    assert toy.swallow(stop) == 3


def test_no_assertion_of_objects():
    def check(value):
        assert value == 3

    toy.call_with_objects(check)


def test_no_refusal_of_objects_swallowed():
    assert toy.swallow(lambda: toy.call_with_objects(lambda value: value == 3)) == 3


def test_no_difference_of_objects():
    toy.call_with_objects(lambda value: abs(value - 3) < 1)


def test_yes_any_arguments():
    assert len(toy.call_with_everything(lambda x: 3)) == 10


def test_yes_nothing_is_told_of_a_function():
    secret = TOKEN

    def function(x=TOKEN):
        """A function."""
        return (x, secret, TOKEN)

    told = toy.about(function)
    assert TOKEN not in told
    assert "test_" not in told
    assert TOKEN not in toy.about(lambda: secret)


def test_yes_keep():
    assert toy.keep(lambda: SEEN.append("kept") or 3) == 1
    assert toy.call_kept() == [3]
    SEEN.clear()


def test_no_kept_function_answers_later():
    assert toy.call_kept() == [3]


def test_yes_a_kept_function_was_not_run():
    assert SEEN == []


def test_no_kept_function_comes_back():
    function = toy.kept()
    assert function() == 3


def test_yes_calls_in_the_background():
    toy.keep_and_call_later(SEEN.append)


def test_yes_calls_in_the_background_are_over():
    SEEN.clear()
    assert toy.linger() == 3
    assert SEEN == []


def test_yes_a_thousand_calls():
    assert toy.call_many(lambda: None, 1_000) == 1_000


def test_no_million_calls():
    assert toy.call_many(lambda: None, 1_000_000) == 1_000_000


def test_no_heavy_calls():
    toy.call_heavily(lambda load: None)


def test_no_bulk():
    seen = []
    assert toy.call_with_bulk(seen.append) == 3


def test_no_many_items():
    seen = []
    assert toy.call_with_many(seen.append) == 3


def test_no_endless_recursion():
    def again(depth):
        return toy.recurse(again, depth + 1)

    assert again(0) == 3


def test_no_object_in_place_of_a_function():
    assert toy.replace(refuse) == refuse


def test_no_vandal_of_a_list():
    values = [1, 2, 3]
    wanted = sum(values)
    assert toy.vandal(values) == wanted


def test_no_vandal_is_unseen():
    values = [1, 2, 3]
    toy.vandal(values)
    assert values == [1, 2, 3]


def test_no_vandal_of_a_frame_is_unseen():
    frame = pd.DataFrame({"a": [1, 2, 3]})
    toy.vandal(frame)
    assert len(frame) == 3


def test_no_vandal_of_an_array_is_unseen():
    array = np.arange(3.0)
    toy.vandal(array)
    assert array.tolist() == [0.0, 1.0, 2.0]


def test_yes_values_of_other_calls_are_out_of_reach():
    values = [1, 2, 3]
    toy.vandal_of_kept(values)
    toy.vandal_later([])
    assert values == [1, 2, 3]


def test_yes_values_are_out_of_reach_of_threads():
    values = [1, 2, 3]
    toy.vandal_in_the_background(values)
    assert toy.linger() == 3
    assert values == [1, 2, 3]


def test_no_list_filled_with_objects():
    values = [1, 2, 3]
    toy.fill_with_objects(values)
    assert values == [1, 2, 3]


def test_no_table_filled_with_objects():
    table = {"a": 1}
    assert toy.fill_table(table) == {"a": 1}


def test_no_input():
    assert toy.asks_for_input() == "3"


def test_yes_input_that_the_test_provides(monkeypatch):
    monkeypatch.setattr("builtins.input", lambda _prompt: "3")
    assert toy.asks_for_input() == "3"


def test_yes_still_here():
    assert toy.plain() == 3
