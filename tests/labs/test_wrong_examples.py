"""What a proof will ask of the wrong examples of every lab, as far as their declarations tell."""

from pathlib import Path

import pytest

from grader.library import Library

LIBRARY = Library(Path(__file__).resolve().parents[2])


@pytest.mark.parametrize("slug", LIBRARY.slugs())
def test_every_check_says_no_itself_to_an_example_that_earns_something(slug):
    """A check that is only skipped, or lost with all others, has not said no to anything."""
    folder = LIBRARY.load(slug)
    needs = {check.id: set(check.needs) for check in folder.lab.checks}
    said_no: set[str] = set()
    for example in folder.examples():
        lost = set(example.expected.loses or ())
        alone = {check for check in lost if not needs[check] & lost}
        if example.kind == "wrong" and (len(lost) < len(needs) or len(alone) == 1):
            said_no |= alone
    assert set(needs) - said_no == set()
