"""What the help of a verb shows beside its options."""

import click

from grader.cli.verb import USAGE, Verb


def help_of(**more):
    verb = Verb("try", callback=lambda: None, **more)
    return verb.get_help(click.Context(verb, info_name="grader try"))


def test_examples_stand_as_they_are_written():
    assert "Examples:\n  grader try  it    now\n" in help_of(examples=("grader try  it    now",))


def test_exit_codes_are_sorted_and_two_and_five_are_always_there():
    said = help_of(exit_codes={130: "stopped", 0: "fine"})
    positions = [said.index(text) for text in ("0    fine", f"2    {USAGE}", "130  stopped")]
    assert positions == sorted(positions)


def test_without_examples_there_is_no_heading_for_them():
    assert "Examples" not in help_of()
