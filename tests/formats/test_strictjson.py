from __future__ import annotations

from datetime import UTC, datetime

import pytest

from grader.errors import ResultsError
from grader.formats.strictjson import StrictObject
from grader.outcome import Status


def refused(data, read):
    with pytest.raises(ResultsError) as caught:
        read(StrictObject(data, "run"))
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [(None, "null"), ([], "a list"), ("x", "a string"), (1, "a number"), (True, "true or false")],
)
def test_what_is_not_an_object_is_refused(data, said):
    with pytest.raises(ResultsError, match=f"run: is {said}, not an object"):
        StrictObject(data, "run")


@pytest.mark.parametrize(
    ("value", "read", "said"),
    [
        (1, "text", "run.k: is a number, not a string"),
        (True, "whole", "run.k: is true or false, not a whole number"),
        (1.0, "whole", "run.k: is a number, not a whole number"),
        (-1, "count", "run.k: is -1, and cannot be negative"),
        ("1", "number", "run.k: is a string, not a number"),
        (float("nan"), "number", "run.k: is not a finite number"),
        (float("inf"), "number", "run.k: is not a finite number"),
        (1, "flag", "run.k: is a number, not true or false"),
        ("yesterday", "moment", "run.k: is not a time with a zone"),
        ("2025-03-03T12:00:00", "moment", "run.k: is not a time with a zone"),
        ("0001-01-01T00:00:00+14:00", "moment", "run.k: is not a time with a zone"),
        ({}, "texts", "run.k: is an object, not a list"),
        (["a", None], "texts", "run.k[1]: is null, not a string"),
        ([], "texts_by_name", "run.k: is a list, not an object"),
        ({"a": 1}, "texts_by_name", "run.k.a: is a number, not a string"),
        ({"a": "1"}, "numbers_by_name", "run.k.a: is a string, not a number"),
        ({"a": [1]}, "scalars_by_name", "run.k.a: is a list, not a number"),
    ],
)
def test_every_wrong_value_is_refused_with_its_key(value, read, said):
    assert said in refused({"k": value}, lambda strict: getattr(strict, read)("k"))


def test_a_missing_key_is_refused_by_name():
    assert refused({}, lambda strict: strict.text("id")) == "run.id: is missing"


def test_an_unknown_key_is_refused_by_name():
    assert refused({"extra": 1}, lambda strict: strict.done()) == (
        "run.extra: is not a key of this format"
    )


def test_a_word_outside_the_enumeration_is_refused_with_the_known_ones():
    said = refused({"status": "perfect"}, lambda strict: strict.word("status", Status))
    assert "run.status: is none of: passed, failed" in said


def test_a_newer_version_asks_for_an_update_and_an_unknown_one_does_not():
    assert "Update the grader." in refused({"schema": 9}, lambda strict: strict.schema(1))
    assert "never was" in refused({"schema": 0}, lambda strict: strict.schema(1))


def test_times_come_back_in_utc():
    strict = StrictObject({"at": "2025-03-03T19:00:00+07:00"}, "run")
    assert strict.moment("at") == datetime(2025, 3, 3, 12, tzinfo=UTC)


def test_an_optional_key_may_be_null_but_not_missing():
    strict = StrictObject({"task": None, "other": 3}, "line")
    assert strict.optional("task", strict.whole) is None
    assert strict.optional("other", strict.whole) == 3
    with pytest.raises(ResultsError, match=r"line\.gone: is missing"):
        strict.optional("gone", strict.whole)
