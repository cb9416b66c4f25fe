"""`test_no_…` must not pass whatever the student's objects say; `test_yes_…` must."""

import contextlib
import copy
import math
import operator
import statistics
import unittest

import numpy as np
import pandas as pd
import pytest
import toy

THREE = [1.0, 2.0, 3.0]
FRAME = pd.DataFrame({"a": THREE})


def test_yes_a_plain_value():
    assert toy.plain() == 3


def test_no_equal():
    assert toy.agreeable() == 3


def test_no_equal_from_the_right():
    assert 3 == toy.agreeable()


def test_no_not_unequal():
    assert not toy.agreeable() != 3


def test_no_equal_in_a_list():
    assert [1, {"a": 2}] == toy.nested()


def test_no_truth():
    assert toy.agreeable()


def test_no_conditional():
    value = toy.agreeable()
    assert 3 if value else 3 == 4


def test_no_default_of_or():
    assert (toy.agreeable() or 0) is not None


def test_no_falsehood():
    assert not toy.zero()


def test_no_membership():
    assert 3 in toy.agreeable()


def test_no_member():
    assert toy.agreeable() in [1, 2, 3]


def test_no_key():
    assert {3: True}.get(toy.agreeable())


def test_no_order():
    assert toy.agreeable() < 3


def test_no_sorting():
    assert sorted([toy.agreeable(), toy.agreeable()]) is not None


def test_no_minimum():
    assert min(toy.agreeable(), 3) is not None


def test_no_all():
    assert all([toy.agreeable(), toy.agreeable()])


def test_no_filter():
    assert list(filter(None, [toy.agreeable()]))


def test_no_difference():
    assert abs(3 - toy.zero()) < 1e-9


def test_no_difference_from_the_left():
    assert abs(toy.zero() - 3) < 1e-9


def test_no_float():
    assert float(toy.agreeable()) == 3.0


def test_no_int():
    assert int(toy.agreeable()) == 3


def test_no_index():
    assert operator.index(toy.agreeable()) == 3


def test_no_subscript():
    assert [0, 1, 2, 3][toy.agreeable()] == 3


def test_no_round():
    assert round(toy.agreeable()) is not None


def test_no_number_in_text():
    assert "%d" % toy.agreeable() == "3"


def test_no_isclose():
    assert math.isclose(toy.agreeable(), 3.0)


def test_no_approx_on_the_right():
    assert toy.agreeable() == pytest.approx(3.0)


def test_no_approx_on_the_left():
    assert pytest.approx(3.0) == toy.agreeable()


def test_no_approx_of_the_object():
    assert pytest.approx(toy.agreeable()) == 3.0


def test_no_approx_list_on_the_left():
    assert pytest.approx(THREE) == toy.sequence()


def test_no_approx_of_a_sequence():
    assert pytest.approx(toy.sequence()) == THREE


def test_no_approx_dict_on_the_left():
    assert pytest.approx({"a": 2.0}) == toy.sequence()


def test_no_approx_array():
    assert pytest.approx(np.array(THREE)) == toy.agreeable()


def test_no_numpy_close():
    assert np.isclose(toy.agreeable(), 3.0)


def test_no_numpy_allclose():
    assert np.allclose(toy.agreeable(), THREE)


def test_no_numpy_equal():
    assert (np.array(THREE) == toy.agreeable()).all()


def test_no_numpy_array_equal():
    assert np.array_equal(toy.protocols(), THREE)


def test_no_numpy_testing():
    np.testing.assert_allclose(toy.agreeable(), THREE)


def test_no_numpy_testing_protocols():
    np.testing.assert_allclose(toy.protocols(), THREE)


def test_no_array_of_protocols():
    assert np.asarray(toy.protocols(), dtype=float).tolist() == THREE


def test_no_ufunc():
    assert np.add(toy.protocols(), 1) is not None and toy.protocols() == 1


def test_no_frame_from_protocol():
    assert pd.api.interchange.from_dataframe(toy.protocols()).shape == (3, 1)


def test_no_frame_of_protocols():
    assert pd.DataFrame(toy.protocols(), columns=["a"])["a"].tolist() == THREE


def test_no_special_attribute():
    assert any(
        hasattr(toy.protocols(), name)
        for name in (
            "__array__", "__array_interface__", "__array_struct__", "__dataframe__", "__wrapped__",
            "__arrow_c_stream__", "__arrow_c_array__", "__array_ufunc__", "__fspath__",
        )
    )  # fmt: skip


def test_no_opening_of_an_object():
    with open(toy.protocols()) as file:
        assert file.read()


def test_no_frame_equal():
    pd.testing.assert_frame_equal(toy.agreeable(), FRAME)


def test_no_frame_equal_to_a_claim():
    pd.testing.assert_frame_equal(toy.flickers(), FRAME, check_flags=False)


def test_no_index_equal_to_a_claim():
    pd.testing.assert_index_equal(toy.flickers(), pd.RangeIndex(3), exact=False)


def test_no_series_equal():
    pd.testing.assert_series_equal(toy.agreeable(), FRAME["a"], check_flags=False)


def test_no_equals_of_the_right_frame():
    assert FRAME.equals(toy.agreeable())


def test_no_instance_of_int():
    assert isinstance(toy.claims_int(), int)


def test_no_instance_of_a_frame():
    assert isinstance(toy.claims_frame(), pd.DataFrame)


def test_no_instance_of_a_named_frame():
    assert isinstance(toy.named_like("pandas.core.frame", "DataFrame"), pd.DataFrame)


def test_no_instance_of_a_named_number():
    assert isinstance(toy.named_like("builtins", "float"), float)


def test_no_mean():
    assert statistics.mean([toy.zero(), toy.zero()]) is not None


def test_no_sum():
    assert sum([toy.zero(), 3]) == 0.0


def test_no_refusal_as_a_type_error():
    with pytest.raises(TypeError):
        bool(toy.agreeable())


def test_no_refusal_as_an_exception():
    with pytest.raises(Exception):
        toy.agreeable() == 3


def test_no_refusal_as_a_base_exception():
    with pytest.raises(BaseException):
        toy.agreeable() == 3


def test_no_refusal_under_a_bare_except():
    try:
        toy.agreeable() == 3
    except:
        pass


def test_no_refusal_suppressed():
    with contextlib.suppress(BaseException):
        assert toy.agreeable() == 3


def test_no_refusal_lost_in_a_return():
    def look():
        try:
            return toy.agreeable() == 3
        finally:
            return True

    assert look()


def test_no_refusal_in_a_sort_key():
    with contextlib.suppress(BaseException):
        [1, 2].sort(key=lambda _: toy.agreeable())


def test_no_text():
    assert toy.text() == "right"


def test_no_whole():
    assert toy.whole() == 3


def test_no_whole_difference():
    assert abs(toy.whole() - 3) == 0


def test_no_real():
    assert toy.real() == pytest.approx(3.0)


def test_no_row():
    assert toy.row() == [1, 2, 3]


def test_no_row_by_item():
    assert [value for value in toy.row()] == [1, 2, 3]


def test_no_row_length():
    assert len(toy.row()) == 3


def test_no_table():
    assert toy.table() == {"a": 1}


def test_no_table_by_key():
    assert toy.table()["a"] == 1


def test_no_array():
    np.testing.assert_array_equal(toy.array(), THREE)


def test_no_array_all():
    assert (toy.array() == np.array(THREE)).all()


def test_no_frame():
    pd.testing.assert_frame_equal(toy.frame(), FRAME)


def test_no_frame_equals():
    assert toy.frame().equals(FRAME)


def test_no_list_of_a_bomb():
    assert list(toy.bomb()) == THREE


def test_no_repr_that_exits():
    assert repr(toy.bomb()) == "3"


def test_no_comparison_of_a_bomb():
    assert toy.bomb() == 3


def test_no_failure_that_shows_a_bomb():
    value = toy.bomb()
    assert value is None


def test_no_failure_that_shows_one_in_a_list():
    value = [toy.bomb(), toy.bomb()]
    assert value[0] is value[1]


def test_no_property_that_exits():
    assert toy.bomb().exits


def test_no_format():
    assert f"{toy.bomb():>10}"


def test_no_error_that_shows_a_bomb():
    toy.raises_bomb()


def test_no_failure_that_shows_the_end():
    value = toy.dies()
    assert value is None


def test_no_error_that_shows_the_end():
    toy.raises_dies()


def test_no_copy():
    assert copy.deepcopy(toy.agreeable()) == 3


def test_no_call_of_a_claimed_class():
    assert toy.named_like("subprocess", "Popen").__class__(["true"]).wait() == 0


class TestUnittest(unittest.TestCase):
    def test_no_assert_true(self):
        self.assertTrue(toy.agreeable())

    def test_no_assert_equal(self):
        self.assertEqual(toy.agreeable(), 3)

    def test_no_assert_almost_equal(self):
        self.assertAlmostEqual(toy.zero(), 3)

    def test_no_assert_in(self):
        self.assertIn(3, toy.agreeable())

    def test_no_assert_raises(self):
        with self.assertRaises(BaseException):
            self.assertEqual(toy.agreeable(), 3)

    def test_no_sub_test(self):
        for case in range(2):
            with self.subTest(case=case):
                self.assertEqual(toy.agreeable(), 3)

    def test_no_assert_sequence(self):
        self.assertSequenceEqual(toy.sequence(), [])

    def test_yes_assert_equal(self):
        self.assertEqual(toy.plain(), 3)
