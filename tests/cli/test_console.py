"""Colour, width and text of the two consoles."""

import io

import pytest
from rich.console import Console

from grader.cli import console


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def bare(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return monkeypatch


def said(monkeypatch, stream):
    monkeypatch.setattr("sys.stdout", stream)
    console.say(console.out(), "all [red]well[/red]", "green")
    return stream.getvalue()


def test_a_terminal_gets_colour_and_a_pipe_does_not(bare):
    assert "\x1b[32m" in said(bare, Terminal())
    assert said(bare, io.StringIO()) == "all [red]well[/red]\n"


def test_no_color_is_honoured(bare):
    bare.setenv("NO_COLOR", "1")
    assert "\x1b[32m" not in said(bare, Terminal())


def test_a_long_line_is_not_broken(bare):
    stream = io.StringIO()
    bare.setattr("sys.stdout", stream)
    console.say(console.out(), "word " * 100)
    assert stream.getvalue().count("\n") == 1


def test_without_a_terminal_tables_have_a_width_of_their_own(bare):
    bare.setattr("sys.stdout", io.StringIO())
    assert console.out().width == console.PLAIN_WIDTH
    bare.setenv("COLUMNS", "77")
    assert console.out().width == 77


def test_a_warning_goes_to_stderr_and_is_harmless(bare, capsys):
    console.warn("\x1b[2Jlook")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "Warning: ␛[2Jlook\n"
    assert isinstance(console.err(), Console)
