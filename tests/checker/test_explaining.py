"""Explanations of failed comparisons: whole where they are short, cut where they would be slow."""

import difflib
import pprint

from grader.checker import explaining


def test_what_is_short_is_explained_as_ever():
    a, b = ["one\n", "two\n"], ["one\n", "three\n"]
    assert list(explaining.ndiff(a, b)) == list(difflib.ndiff(a, b))
    value = {"a": [1, 2], "b": "text"}
    assert explaining.pformat(value) == pprint.pformat(value)


def test_of_long_lists_the_first_difference_is_shown():
    a = [f"line {number}\n" for number in range(5000)]
    b = [*a[:3000], "other\n", *a[3001:]]
    told = list(explaining.ndiff(a, b))
    assert "line 3001" in told[0]
    assert "- line 3000\n" in told
    assert "+ other\n" in told
    assert len(told) == 7


def test_one_side_that_goes_on_is_a_difference_too():
    a = [f"{number}\n" for number in range(100)]
    assert "line 101" in next(explaining.ndiff(a, [*a, "more\n"]))


def test_long_lines_are_cut():
    told = list(explaining.ndiff(["x" * 10**6], ["y" * 10**6]))
    assert max(map(len, told)) < explaining.MOST_CHARACTERS + 10


def test_large_values_are_cut():
    assert len(explaining.pformat(list(range(10**6)))) < 10**6


def test_the_whole_process_is_bound(monkeypatch):
    monkeypatch.setattr(difflib, "ndiff", difflib.ndiff)
    monkeypatch.setattr(pprint, "pformat", pprint.pformat)
    explaining.bound()
    assert difflib.ndiff is explaining.ndiff
    assert pprint.pformat is explaining.pformat
