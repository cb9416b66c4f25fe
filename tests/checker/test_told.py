"""Sentences for students: each says what happened, and none says what a test expects."""

from __future__ import annotations

import builtins
import io
import re
import sys
import unittest

import pytest

from grader.checker import told


def test_limits_are_told_as_people_write_them():
    assert told.call_late(10.0).startswith("Your code did not answer within 10 s.")
    assert told.check_late(2.5) == "Your code took more than 2.5 s in this check."
    assert "may take 120 s of your code's time" in told.run_late(120.0)


@pytest.mark.parametrize(
    ("why", "note", "said"),
    [
        ("memory", "", "used more memory than it may"),
        ("ended", "out of memory, exit code 137", "used more memory than it may"),
        ("output", "an answer of 70000000 bytes", r"\(an answer of 70000000 bytes\)"),
        ("protocol", "", "wrote into the grader's own channel"),
        ("ended", "signal 9", "Did it use too much memory"),
        ("ended", "signal 11", r"crashed \(signal 11\)"),
        ("ended", "exit code 3", "Does it call exit"),
        ("whatever", "", "Does it call exit"),
    ],
)
def test_each_way_to_end_has_its_sentence(why, note, said):
    assert re.search(said, told.ended(why, note))


@pytest.mark.parametrize(
    "error",
    [
        AssertionError(),
        unittest.SkipTest(),
        KeyboardInterrupt(),
        pytest.skip.Exception("x"),
        pytest.fail.Exception("x"),
        pytest.xfail.Exception("x"),
        pytest.exit.Exception("x"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_ends_a_test_is_an_outcome(error):
    assert told.is_outcome(error)


@pytest.mark.parametrize("error", [ValueError(), SystemExit(), RuntimeError(), GeneratorExit()])
def test_other_errors_are_no_outcome(error):
    assert not told.is_outcome(error)


class TestInput:
    def test_a_patched_input_answers_with_the_prompt(self, monkeypatch):
        monkeypatch.setattr(builtins, "input", lambda prompt: prompt + "!")
        assert told.line_for("name", raw=False) == "name!"

    def test_a_patched_stdin_answers_without_its_newline(self, monkeypatch, capsys):
        monkeypatch.setattr(sys, "stdin", io.StringIO("one\ntwo\n"))
        assert told.line_for("? ", raw=False) == "one"
        assert told.line_for("", raw=True) == "two\n"
        assert capsys.readouterr().out == "? "

    def test_a_stdin_that_is_used_up_is_the_end_of_file(self, monkeypatch):
        monkeypatch.setattr(sys, "stdin", io.StringIO(""))
        with pytest.raises(EOFError, match="no more lines"):
            told.line_for("", raw=False)

    def test_nobody_answers_where_nothing_is_patched(self):
        with pytest.raises(EOFError, match="nobody to answer"):
            told.line_for("", raw=False)

    def test_a_raw_line_never_asks_a_patched_input(self, monkeypatch):
        monkeypatch.setattr(builtins, "input", lambda prompt: "never")
        monkeypatch.setattr(sys, "stdin", io.StringIO("line\n"))
        assert told.line_for("", raw=True) == "line\n"


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (7, 7),
        (9_999, 9_999),
        (10_000, 0),
        (0, 0),
        (-1, 0),
        (True, 0),
        ("7", 0),
        (7.0, 0),
        (None, 0),
    ],
)
def test_only_a_small_number_is_a_number(value, number):
    assert told.number_in(value) == number
