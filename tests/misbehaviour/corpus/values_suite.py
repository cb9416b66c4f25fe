"""`test_no_…` must not pass whatever value comes back; `test_yes_…` must."""

import datetime
import decimal
import math
import os
import unittest

import numpy as np
import pandas as pd
import pytest
import toy


def test_yes_a_plain_value():
    assert toy.plain() == 3


def test_no_decimal_exponent():
    assert int(toy.decimal_of("1e999999999")) == 3


def test_no_decimal_exponent_down():
    assert round(toy.decimal_of("1e-999999999"), 3) == 3


def test_no_decimal_within():
    assert toy.decimal_of("1e9999") == 3


def test_no_signalling_decimal():
    assert toy.decimal_of("sNaN") == 3


def test_no_infinite_decimal():
    assert int(toy.decimal_of("Infinity")) == 3


def test_no_huge_whole():
    assert toy.whole(10_000_000) == 3


def test_no_large_whole_in_text():
    assert str(toy.whole(60_000)) == "3"


def test_no_large_whole_as_float():
    assert float(toy.whole(60_000)) == pytest.approx(3)


def test_no_large_whole_shown():
    assert toy.whole(60_000) == 3


def test_no_large_fraction():
    assert toy.fraction() == pytest.approx(3.0)


def test_no_colliding_keys():
    assert toy.collisions() == {1: 1}


def test_no_colliding_items():
    assert toy.collisions_in_a_set() == {1}


def test_no_deep_list():
    assert toy.deep(100_000) == []


def test_no_deep_list_within():
    assert toy.deep(90) == []


def test_no_deep_dict():
    assert toy.deep_dict(90) == {"b": 1}


def test_no_list_in_itself():
    assert toy.itself() == [1, 2, 3]


def test_no_list_in_itself_equals_another():
    first, second = toy.itself(), toy.itself()
    assert first == second


def test_no_path_opened():
    with open(toy.path("test_public.py")) as file:
        assert "def test_" in file.read()


def test_no_path_read():
    assert toy.path("test_public.py").read_text()


def test_no_path_there():
    assert os.path.exists(toy.path("test_public.py"))


def test_no_path_as_csv():
    assert len(pd.read_csv(toy.path("test_public.py"), sep="\x01"))


def test_yes_path_compared():
    from pathlib import PurePosixPath

    assert toy.path("a/b.txt") == PurePosixPath("a") / "b.txt"
    assert toy.path("a/b.txt").suffix == ".txt"
    assert str(toy.path("a") / "c") == "a/c"


def test_no_own_zone():
    wanted = datetime.datetime(2024, 1, 1, 1, tzinfo=datetime.UTC)
    assert toy.own_zone() == wanted


def test_no_zone_of_a_file():
    wanted = datetime.datetime(2024, 1, 1, 1, tzinfo=datetime.UTC)
    assert toy.zone_file() == wanted


def test_no_long_text():
    assert toy.long_text(30_000_000) == "right"


def test_no_long_text_against_long_text():
    assert toy.long_text(1_000_000) == "xy" * 5_000


def test_no_text_of_many_lines():
    assert toy.lines(200_000) == "\n".join(f"line {n}" for n in range(300))


def test_no_text_without_many_lines():
    assert "1234" not in toy.lines(200_000)


def test_no_many_numbers():
    assert toy.numbers(1_000_000) == [3, 2, 1]


def test_no_large_table():
    assert toy.table(100_000) == {"a": 1}


class TestUnittest(unittest.TestCase):
    def test_no_many_numbers(self):
        self.assertEqual(toy.numbers(300_000), list(range(1, 300)))

    def test_no_rows(self):
        self.assertEqual(toy.rows(20_000), [[n, "x"] for n in range(300)])

    def test_no_lines(self):
        self.assertEqual(toy.lines(10_000), "\n".join(f"line {n}" for n in range(300)))

    def test_no_table(self):
        self.assertEqual(toy.table(100_000), {"a": 1})

    def test_no_count(self):
        self.assertCountEqual(toy.rows(3_000), [[n, "x"] for n in range(3_000)])


def test_no_array_of_objects():
    np.testing.assert_array_equal(toy.objects(), [1, 2])


def test_no_records():
    np.testing.assert_array_equal(toy.records(), [(1, 1.0)] * 3)


def test_no_twin_columns():
    pd.testing.assert_frame_equal(toy.twins(), pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"]))


def test_no_unhashable_columns():
    pd.testing.assert_frame_equal(toy.unhashable_columns(), pd.DataFrame({"a": [1]}))


def test_no_many_columns():
    pd.testing.assert_frame_equal(toy.many_columns(), pd.DataFrame({"a": [1]}))


def test_no_mixed_column():
    pd.testing.assert_frame_equal(toy.mixed(), pd.DataFrame({"a": [1, "x", 3]}))


def test_no_lone_surrogate():
    assert toy.lone_surrogate() == "right"


def test_no_huge_range():
    assert list(toy.huge_range()) == [3]


def test_no_length_of_a_range():
    assert len(toy.huge_range()) == 3


def test_no_colour():
    assert toy.colour() == 3


def test_no_colour_of_another_name():
    assert toy.colour() is toy.Colour.RED


def test_no_colour_equal_to_another():
    assert toy.colour() == toy.Colour.RED


def test_yes_colour_value_is_what_its_class_says():
    assert toy.colour().value == 3
    assert toy.colour().name == "GREEN"


def test_no_number():
    assert toy.number() == 3


def test_no_number_equal_to_another():
    assert toy.number() == toy.Number.ONE


def test_yes_level():
    assert toy.level() == "low"
    assert toy.level() is toy.Level.LOW
    assert toy.Level("high") is toy.Level.HIGH
    assert toy.Level.HIGH.value == "high"


def test_no_level():
    assert toy.level() == "high"


def test_no_wide_object():
    assert toy.members(100_000) == 3


def test_no_anything():
    assert toy.anything() == 3


def test_no_instance_of_anything():
    assert isinstance(3, toy.Anything)


def test_no_subclass_of_anything():
    assert issubclass(int, toy.Anything)


def test_no_class_equal():
    assert toy.Anything == int


def test_no_class_true():
    assert toy.Anything


def test_no_member_of_a_class():
    assert 3 in toy.Anything


def test_no_item_of_a_class():
    assert toy.Anything[3] is False


def test_no_error_of_any_kind():
    with pytest.raises(toy.Error):
        assert toy.plain() == toy.anything()


def test_no_endless_list():
    assert list(toy.endless()) == [3]


def test_no_member_of_endless():
    assert -1 in toy.endless()


def test_no_bulky_list():
    assert list(toy.bulky()) == [3]


def test_no_not_a_number():
    assert math.nan == toy.decimal_of("NaN")


def test_yes_still_here():
    assert toy.plain() == 3
    assert toy.decimal_of("0.1") == decimal.Decimal("0.1")
