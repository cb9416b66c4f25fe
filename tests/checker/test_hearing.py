"""What is said beside the answers reaches the test as if the code ran here: capped, text only."""

from __future__ import annotations

import io
import logging
import sys
import warnings

import pytest

from grader.checker import hearing
from tests.checker.lines import from_child


class TestPrints:
    def test_both_streams_are_heard_and_kept_in_order(self, capsys):
        kept = hearing.printed(from_child(out=b"a\n", err=b"b\n"), "before ")
        assert kept == "before a\nb\n"
        assert capsys.readouterr() == ("a\n", "b\n")

    def test_what_is_kept_is_capped(self, capsys):
        kept = hearing.printed(from_child(out=b"x" * (3 * hearing.OUTPUT_CAP)), "y")
        assert len(kept) == hearing.OUTPUT_CAP
        assert len(capsys.readouterr().out) == 2 * hearing.OUTPUT_CAP

    def test_bytes_that_are_no_text_are_shown_as_such(self, capsys):
        assert hearing.printed(from_child(out=b"\xff!"), "") == "\ufffd!"
        assert capsys.readouterr().out == "\ufffd!"

    def test_a_stream_that_the_test_closed_spoils_nothing(self, monkeypatch):
        closed = io.StringIO()
        closed.close()
        monkeypatch.setattr(sys, "stdout", closed)
        assert hearing.printed(from_child(out=b"a"), "") == "a"


class TestWarnings:
    def test_a_warning_arrives_with_its_category(self):
        with pytest.warns(DeprecationWarning, match="old"):
            hearing.warn([["DeprecationWarning", "old"]])

    def test_an_unknown_category_is_a_user_warning(self):
        with pytest.warns(UserWarning, match="own"):
            hearing.warn([["Exception", "own"]])

    def test_no_more_than_fifty_are_heard(self):
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            hearing.warn([["UserWarning", str(number)] for number in range(80)])
        assert len(heard) == 50

    @pytest.mark.parametrize("told", [None, "x", {"a": 1}, [1, ["one"], ["a", "b", "c"], None]])
    def test_what_is_no_list_of_pairs_is_not_heard(self, told):
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            hearing.warn(told)
        assert heard == []


class TestLogs:
    def test_a_record_reaches_caplog(self, caplog):
        with caplog.at_level(logging.INFO):
            hearing.log([["stu.part", logging.INFO, "100% %s done"]])
        assert caplog.record_tuples == [("stu.part", logging.INFO, "100% %s done")]

    def test_a_level_that_nobody_wants_is_dropped(self, caplog):
        with caplog.at_level(logging.WARNING):
            hearing.log([["stu", logging.DEBUG, "quiet"]])
        assert caplog.records == []

    @pytest.mark.parametrize(
        "told", [None, 3, [["a", "20", "x"], ["a", 20], [1], "abc", ["a", True, "x"]]]
    )
    def test_what_is_no_record_is_not_heard(self, caplog, told):
        with caplog.at_level(0):
            hearing.log(told)
        assert caplog.records == []
