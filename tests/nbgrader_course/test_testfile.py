"""Test files: Python that says what the cells say, whatever is in them."""

from __future__ import annotations

import pytest

from grader.discovery import find_tests
from grader.nbgrader_course.testfile import Function, file_text, title_of

SOURCES = {
    "plain": 'assert f("a") == 1',
    "three quotes": "s = '''a\nb'''\nassert s",
    "both quotes": "s = '''a'''\nt = \"\"\"b\"\"\"",
    "backslashes": 'assert f("a\\n") == "\\t"',
    "a backslash at the end": "x = 1 + \\\n2",
    "an apostrophe at the end": "x = 'it'",
    "other letters": 's = "äöü 数"',
    "nothing": "",
}


class Heard:
    def __init__(self):
        self.calls = []

    def run(self, *given, **options):
        self.calls.append((given, options))

    earns = run


def loaded(text):
    space = {}
    exec(compile(text, "t.py", "exec"), space)
    return space


@pytest.mark.parametrize("case", SOURCES)
def test_a_cells_text_comes_back_as_it_was(case):
    function = Function(
        check="a", title='It\'s \\ "quoted"', cell="a-b", source=SOURCES[case], options={}
    )
    text = file_text(
        "Checks.", "a.ipynb", {"module": "a", "here": {"x": SOURCES[case]}}, [function]
    )
    heard = Heard()
    space = loaded(text)
    space["test_a"](heard)
    ((name, source), options) = heard.calls[0]
    assert (name, source.strip("\n"), options) == ("a-b", SOURCES[case].strip("\n"), {})
    assert space["NOTEBOOK"]["here"]["x"].strip("\n") == SOURCES[case].strip("\n")
    assert [each.id for each in find_tests(text, "t.py")] == ["a"]


def test_steps_share_one_text():
    steps = [
        Function(check=f"a_{n}", title="T", cell="a", source="x = 1\nx", options={}, at_least=n / 2)
        for n in (1, 2)
    ]
    text = file_text("Checks.", "a.ipynb", {"module": "a"}, steps)
    assert text.count("x = 1") == 1
    heard = Heard()
    loaded(text)["test_a_2"](heard)
    assert heard.calls == [(("a", "\nx = 1\nx\n", 1.0), {})]


def test_a_title_is_the_cells_own_line():
    assert title_of('"""Squares are right.\n\nMore."""\nassert 1', "t") == "Squares are right."
    assert title_of("### The area.\nassert 1", "t") == "The area."
    assert title_of("assert 1", "t") == "Test cell t."
    assert title_of("def f(:", "t") == "Test cell t."


def test_a_library_that_the_checks_need_is_imported_before_anything_is_run():
    text = file_text("Checks.", "a.ipynb", {"module": "a"}, [], imports=["no_such_library"])
    with pytest.raises(ModuleNotFoundError):
        loaded(text)
