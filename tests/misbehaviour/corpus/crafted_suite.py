"""`test_no_…` must not pass whatever messages the student's side makes up; `test_yes_…` must."""

import contextlib
import re

import numpy as np
import pandas as pd
import pytest
import toy

THREE = [1.0, 2.0, 3.0]


def use(value):
    """Use a value in the ways of a test, each refused, wrong or an ordinary error."""
    with contextlib.suppress(Exception):
        repr(value), str(value), f"{value}"
    with contextlib.suppress(Exception):
        np.asarray(value, dtype=float)
    with contextlib.suppress(Exception):
        pd.DataFrame(value)
    with contextlib.suppress(Exception):
        len(value), list(zip(value, range(3)))
    with contextlib.suppress(Exception):
        isinstance(value, int), callable(value), value.__class__, value.name
    assert value == 3
    assert value is None


def test_yes_a_plain_value():
    assert toy.plain() == 3


def test_no_value_members():
    use(toy.give("members"))


def test_no_value_members_f():
    use(toy.give("members_f"))


def test_no_value_members_p():
    use(toy.give("members_p"))


def test_no_value_many_members():
    use(toy.give("many_members"))


def test_no_value_specials():
    use(toy.give("specials"))


def test_no_value_specials_odd():
    use(toy.give("specials_odd"))


def test_no_value_named_eval():
    use(toy.give("named_eval"))


def test_no_value_named_popen():
    use(toy.give("named_popen"))


def test_no_value_named_skipped():
    use(toy.give("named_skipped"))


def test_no_value_named_module():
    use(toy.give("named_module"))


def test_no_value_named_long():
    use(toy.give("named_long"))


def test_no_value_named_nul():
    use(toy.give("named_nul"))


def test_no_value_named_like_the_test():
    use(toy.give("named_like_the_test"))


def test_no_value_bases_of_data():
    use(toy.give("bases_of_data"))


def test_no_value_bases_of_errors():
    use(toy.give("bases_of_errors"))


def test_no_value_base_itself():
    use(toy.give("base_itself"))


def test_no_value_data_claimed():
    use(toy.give("data_claimed"))


def test_no_value_data_unknown():
    use(toy.give("data_unknown"))


def test_no_value_class_of_nothing():
    use(toy.give("class_of_nothing"))


def test_no_value_class_malformed():
    use(toy.give("class_malformed"))


def test_no_value_class_is_none():
    use(toy.give("class_is_none"))


def test_no_value_class_is_type():
    use(toy.give("class_is_type"))


def test_no_value_class_is_error():
    use(toy.give("class_is_error"))


def test_no_value_type_unknown():
    use(toy.give("type_unknown"))


def test_no_value_type_interrupt():
    use(toy.give("type_interrupt"))


def test_no_value_number_huge():
    use(toy.give("number_huge"))


def test_no_value_number_text():
    use(toy.give("number_text"))


def test_no_value_number_true():
    use(toy.give("number_true"))


def test_no_value_callback_unknown():
    use(toy.give("callback_unknown"))


def test_no_value_callback_text():
    use(toy.give("callback_text"))


def test_no_value_callback_list():
    use(toy.give("callback_list"))


def test_no_value_local():
    use(toy.give("local"))


def test_no_value_local_unknown():
    use(toy.give("local_unknown"))


def test_no_value_import():
    use(toy.give("import"))


def test_no_value_path():
    use(toy.give("path"))


def test_no_value_attribute():
    use(toy.give("attribute"))


def test_no_value_unknown():
    use(toy.give("unknown"))


def test_no_value_tag_list():
    use(toy.give("tag_list"))


def test_no_value_live_unknown():
    use(toy.give("live_unknown"))


def test_no_value_live():
    use(toy.give("live"))


def test_no_value_function_odd():
    use(toy.give("function_odd"))


def test_no_value_module():
    use(toy.give("module"))


def test_no_value_error():
    use(toy.give("error"))


def test_no_value_error_exit():
    use(toy.give("error_exit"))


def test_no_value_shared_unknown():
    use(toy.give("shared_unknown"))


def test_no_value_list_numbered_even():
    use(toy.give("list_numbered_even"))


def test_no_value_list_numbered_twice():
    use(toy.give("list_numbered_twice"))


def test_no_value_blob_lacking():
    use(toy.give("blob_lacking"))


def test_no_value_enum_special():
    use(toy.give("enum_special"))


def test_no_value_enum_missing():
    use(toy.give("enum_missing"))


def test_no_value_enum_member_unknown():
    use(toy.give("enum_member_unknown"))


def test_no_value_enum_functions():
    use(toy.give("enum_functions"))


def test_no_value_enum_family():
    use(toy.give("enum_family"))


def test_no_value_enum_int_of_text():
    use(toy.give("enum_int_of_text"))


def test_no_value_enum_text_of_object():
    use(toy.give("enum_text_of_object"))


def test_no_value_enum_of_objects():
    use(toy.give("enum_of_objects"))


def test_no_value_enum_of_functions():
    use(toy.give("enum_of_functions"))


def test_no_value_enum_many():
    use(toy.give("enum_many"))


def test_no_value_enum_odd():
    use(toy.give("enum_odd"))


def test_no_value_deep():
    use(toy.give("deep"))


def test_no_truth_of_members():
    assert toy.give("members")


def test_no_difference_of_members():
    assert toy.give("members") != 4


def test_no_truth_of_many_members():
    assert toy.give("many_members")


def test_no_difference_of_many_members():
    assert toy.give("many_members") != 4


def test_no_truth_of_specials():
    assert toy.give("specials")


def test_no_difference_of_specials():
    assert toy.give("specials") != 4


def test_no_truth_of_named_eval():
    assert toy.give("named_eval")


def test_no_difference_of_named_eval():
    assert toy.give("named_eval") != 4


def test_no_truth_of_named_popen():
    assert toy.give("named_popen")


def test_no_difference_of_named_popen():
    assert toy.give("named_popen") != 4


def test_no_truth_of_named_skipped():
    assert toy.give("named_skipped")


def test_no_difference_of_named_skipped():
    assert toy.give("named_skipped") != 4


def test_no_truth_of_named_module():
    assert toy.give("named_module")


def test_no_difference_of_named_module():
    assert toy.give("named_module") != 4


def test_no_truth_of_named_like_the_test():
    assert toy.give("named_like_the_test")


def test_no_difference_of_named_like_the_test():
    assert toy.give("named_like_the_test") != 4


def test_no_truth_of_bases_of_data():
    assert toy.give("bases_of_data")


def test_no_difference_of_bases_of_data():
    assert toy.give("bases_of_data") != 4


def test_no_truth_of_bases_of_errors():
    assert toy.give("bases_of_errors")


def test_no_difference_of_bases_of_errors():
    assert toy.give("bases_of_errors") != 4


def test_no_truth_of_data_claimed():
    assert toy.give("data_claimed")


def test_no_difference_of_data_claimed():
    assert toy.give("data_claimed") != 4


def test_no_truth_of_class_is_type():
    assert toy.give("class_is_type")


def test_no_difference_of_class_is_type():
    assert toy.give("class_is_type") != 4


def test_no_truth_of_class_is_error():
    assert toy.give("class_is_error")


def test_no_difference_of_class_is_error():
    assert toy.give("class_is_error") != 4


def test_no_truth_of_number_huge():
    assert toy.give("number_huge")


def test_no_difference_of_number_huge():
    assert toy.give("number_huge") != 4


def test_no_error_none():
    toy.fail("none")


def test_no_error_number():
    toy.fail("number")


def test_no_error_empty():
    toy.fail("empty")


def test_no_error_odd_base():
    toy.fail("odd_base")


def test_no_error_exits():
    toy.fail("exits")


def test_no_error_base_exception():
    toy.fail("base_exception")


def test_no_error_generator_exit():
    toy.fail("generator_exit")


def test_no_error_stop():
    toy.fail("stop")


def test_no_error_group():
    toy.fail("group")


def test_no_error_class_malformed():
    toy.fail("class_malformed")



def test_no_error_class_lacking():
    toy.fail("class_lacking")


def test_no_error_class_number():
    toy.fail("class_number")


def test_no_error_class_type():
    toy.fail("class_type")


def test_no_error_class_not_an_error():
    toy.fail("class_not_an_error")


def test_no_error_class_of_int():
    toy.fail("class_of_int")


def test_no_error_claims_builtins():
    toy.fail("claims_builtins")


def test_no_error_claims_skip():
    toy.fail("claims_skip")


def test_no_error_claims_exit():
    toy.fail("claims_exit")


def test_no_error_bases_exit():
    toy.fail("bases_exit")


def test_no_error_bases_stop():
    toy.fail("bases_stop")


def test_no_error_x_unknown():
    toy.fail("x_unknown")


def test_no_error_args_odd():
    toy.fail("args_odd")


def test_no_error_args_malformed():
    toy.fail("args_malformed")


def test_no_error_args_objects():
    toy.fail("args_objects")


def test_no_error_args_unicode():
    toy.fail("args_unicode")


def test_no_error_attrs_own():
    toy.fail("attrs_own")


def test_no_error_attrs_odd():
    toy.fail("attrs_odd")


def test_no_error_cause_deep():
    toy.fail("cause_deep")


def test_no_error_id_odd():
    toy.fail("id_odd")


def test_no_error_line_odd():
    toy.fail("line_odd")


def test_no_error_tb_odd():
    toy.fail("tb_odd")


def test_no_error_message_long():
    toy.fail("message_long")


def test_no_error_expected_of_a_malformed_one():
    with pytest.raises(Exception):
        toy.fail("class_malformed")


def test_no_error_expected_of_one_without_a_class():
    with pytest.raises(BaseException):
        toy.fail("class_lacking")


def test_no_class_of_an_exit():
    with pytest.raises(KeyError):
        raise toy.give("type_interrupt")


def test_no_wrong_id():
    assert toy.answer(id=1, val=3) == 3


def test_no_id_of_another_type():
    assert toy.answer(id="x", val=3) == 3


def test_no_ok_of_another_type():
    assert toy.answer(ok="yes", val=3) == 3


def test_no_missing_value():
    assert toy.answer(val={}) == 3


def test_no_refusal_and_value():
    with contextlib.suppress(BaseException):
        assert toy.answer(refused=5, val=3) == 3


def test_no_stop():
    assert all(map(lambda _: toy.stop(), [1, 2]))


def test_no_stop_in_a_generator():
    assert list(toy.stop() for _ in (1, 2)) == []


def test_no_update_of_a_list_of_another_call():
    values = [1, 2, 3]
    for number in range(0, 40, 2):
        toy.plain_of(values)
        toy.update([], number, {"t": "l", "v": [9]})


def test_yes_lists_of_other_calls_are_out_of_reach():
    values = [1, 2, 3]
    toy.plain_of(values)
    for number in range(0, 400, 2):
        with contextlib.suppress(BaseException):
            toy.plain_of([1])
    assert values == [1, 2, 3]


def test_no_update_of_another_kind():
    values = [1, 2, 3]
    toy.update_given(values, {"t": "d", "k": [1], "v": [2]})


def test_no_update_with_objects():
    values = [1, 2, 3]
    toy.update_given(values, {"t": "l", "v": ["@"]})
    assert values == [1, 2, 3]


def test_no_updates_malformed():
    assert toy.answer(upd=5) == 3


def test_no_updates_malformed_more():
    assert toy.answer(upd=[5, [1, 2, 3]]) == 3


def test_no_updates_of_odd_numbers():
    assert toy.answer(upd=[[None, 3], [[], 3], ["1", 3]]) == 3


def test_no_frame_without_a_message():
    assert toy.bare(b"") == 3


def test_no_frame_of_nonsense():
    assert toy.bare(b"\xff" * 64) == 3


def test_no_frame_of_twins():
    assert toy.bare(b"\0\0\0\x0f" + b'{"a":1,"a":  2}') == 3


def test_no_answers_twice():
    assert toy.answers_twice() == 4


def test_no_many_frames():
    assert toy.many_frames() == 4


def test_no_call_of_an_unknown_function():
    assert toy.ask({"cb": 4321}) == 3


def test_no_call_of_a_negative_function():
    assert toy.ask({"cb": -1}) == 3


def test_no_call_of_an_object_of_the_test():
    assert toy.ask({"cb": "get", "n": 1, "name": "__globals__"}) == 3


def test_no_special_of_an_object_of_the_test():
    assert toy.ask_about(lambda: 3, {"cb": "special", "name": "__call__"}) == 3


def test_no_attribute_of_a_function_of_the_test():
    assert toy.ask_about(lambda: 3, {"cb": "get", "name": "co_consts"}) == 3


def test_no_call_with_odd_arguments():
    assert toy.ask_about(lambda *given: 3, {"args": 5}) == 3


def test_no_call_with_odd_names():
    assert toy.ask_about(lambda **given: 3, {"kw": [1, 2]}) == 3


def test_no_input_that_nobody_gives():
    assert "3" == toy.ask({"input": "x" * 100_000, "raw": []})


def test_no_flood_of_bytes():
    seen = []
    assert toy.flood(seen.append, 30, 200) == 4


def test_no_flood_of_dear_values():
    assert toy.heavy(lambda load: None, 1_000) == 4


def test_no_flood_of_prints():
    assert toy.prints(lambda: None, 20_000) == 4


def test_no_flood_of_warnings():
    for _ in range(60):
        toy.fills_the_warnings()
    assert toy.plain() == 4


def test_yes_odd_warnings():
    with contextlib.suppress(Exception):
        toy.odd_warnings()
    assert toy.plain() == 3


def test_yes_still_here():
    assert toy.plain() == 3
    assert re.match("a", "a")


# What follows spoils the student's own box, so nothing can pass after it.


def test_no_frames_in_the_parents_pipes():
    assert toy.parents_pipes() == 3


def test_no_parent_that_stands_still():
    assert toy.stops_the_parent() == 4


def test_no_answers_beforehand():
    toy.forged_next()
    assert all(toy.linger() == 4 for _ in range(3))


def test_no_answers_beforehand_for_this_one():
    assert toy.plain() == 4
