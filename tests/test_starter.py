"""A starter never holds what is withheld, and a marker that is not one stops everything."""

import ast
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import MarkerError
from grader.starter import make_starter, regions

SOLUTION = '''\
"""Quality of a table."""


def completeness(frame):
    """Return the share of values that are present."""
    ### BEGIN SOLUTION
    present = ~frame.isna()

    return present.mean()
    ### END SOLUTION


def given(frame):
    return frame
'''


def dedent(text):
    return textwrap.dedent(text).lstrip("\n")


def mistake(text, name="quality.py"):
    with pytest.raises(MarkerError) as caught:
        make_starter(dedent(text), name)
    return caught.value


def function(*lines):
    return "def f():\n" + "".join(f"    {line}\n" for line in lines)


def test_a_region_becomes_one_line_that_says_whose_turn_it_is():
    assert make_starter(SOLUTION, "quality.py") == (
        '"""Quality of a table."""\n\n\n'
        "def completeness(frame):\n"
        '    """Return the share of values that are present."""\n'
        '    raise NotImplementedError("This part is yours to write.")\n\n\n'
        "def given(frame):\n"
        "    return frame\n"
    )


def test_the_starter_runs_and_says_so():
    made = {}
    exec(make_starter(SOLUTION, "quality.py"), made)
    with pytest.raises(NotImplementedError, match="yours to write"):
        made["completeness"](None)
    assert made["given"](3) == 3


def test_the_stub_stands_at_the_indentation_of_the_marker():
    text = """
        def f(x):
            if x:
                ### BEGIN SOLUTION
                return 1
                ### END SOLUTION
            return 2
        """
    assert "        raise NotImplementedError" in make_starter(dedent(text), "a.py")


def test_kept_lines_stand_in_place_of_the_stub():
    text = """
        def f(x):
            ### BEGIN SOLUTION
            #: total = ...
            total = sum(x)
            #:
            #: if total > 3:
            #:     return ...
            return total
            ### END SOLUTION
        """
    assert make_starter(dedent(text), "a.py") == (
        "def f(x):\n    total = ...\n\n    if total > 3:\n        return ...\n"
    )


def test_a_lone_kept_line_withholds_a_whole_function():
    text = """
        def f(x):
            return 1
        ### BEGIN SOLUTION
        #:
        def secret(x):
            return 2
        ### END SOLUTION
        """
    assert make_starter(dedent(text), "a.py") == "def f(x):\n    return 1\n\n"


def test_a_kept_looking_line_inside_a_string_is_withheld():
    text = function("### BEGIN SOLUTION", 'x = """', "#: secret", '"""', "### END SOLUTION")
    assert "secret" not in make_starter(text, "a.py")
    assert regions(text, "a.py")[0].kept == ()


def test_several_regions_of_one_file_are_all_withheld():
    text = function("### BEGIN SOLUTION", "a = 1", "### END SOLUTION", "b = 2") * 3
    made = make_starter(text, "a.py")
    assert made.count("raise NotImplementedError") == 3
    assert "a = 1" not in made
    assert made.count("b = 2") == 3


def test_regions_tell_their_lines():
    (region,) = regions(SOLUTION, "quality.py")
    assert (region.begin, region.end) == (6, 10)
    assert region.withheld == ("    present = ~frame.isna()", "    return present.mean()")


def test_a_file_that_is_not_python_has_the_same_markers():
    text = "FROM python:3.11\n### BEGIN SOLUTION\nUSER 1000\n### END SOLUTION\nCMD python\n"
    assert make_starter(text, "Dockerfile") == (
        "FROM python:3.11\n# This part is yours to write.\nCMD python\n"
    )


def test_kept_lines_work_in_a_file_that_is_not_python():
    text = "jobs:\n  ### BEGIN SOLUTION\n  #: test:\n  train:\n    - x\n  ### END SOLUTION\n"
    assert make_starter(text, "ml.yml") == "jobs:\n  test:\n"


def test_line_ends_of_windows_stay_as_they_are():
    text = SOLUTION.replace("\n", "\r\n")
    assert make_starter(text, "a.py") == make_starter(SOLUTION, "a.py").replace("\n", "\r\n")


def test_spaces_after_a_marker_do_no_harm():
    text = SOLUTION.replace("SOLUTION\n", "SOLUTION  \n")
    assert make_starter(text, "a.py") == make_starter(SOLUTION, "a.py")


@pytest.mark.parametrize(
    "comment",
    [
        "## BEGIN SOLUTION",
        "#### BEGIN SOLUTION",
        "# BEGIN SOLUTION",
        "###BEGIN SOLUTION",
        "### BEGIN SOLUTIONS",
        "### BEGIN  SOLUTION",
        "### begin solution",
        "### Begin Solution",
        "### BEGIN_SOLUTION",
        "### BEGINSOLUTION",
        "### BEGIN-SOLUTION",
        "### BEGIN SOLUTION: part 1",
        "### BEGIN SOLUTION ###",
        "### BEGIN SOLTUION",
        "### BEGN SOLUTION",
        "### BEGIN SOLUTON",
        "### START SOLUTION",
        "### STOP SOLUTION",
        "### SOLUTION BEGIN",
        "### END SOLUTIO",
        "### END OLUTION",
        "## END SOLUTION",
        "x = 1  ### BEGIN SOLUTION",
        "x = 1  # SOLUTION",
        "# SOLUTION NO PROMPT",
        "### ### BEGIN SOLUTION",
        "#: ### BEGIN SOLUTION",
    ],
)
@pytest.mark.parametrize("name", ["a.py", "Dockerfile"])
def test_a_misspelt_marker_stops_with_file_and_line(comment, name):
    error = mistake(f"import x\n\n{comment}\n", name)
    assert error.where == f"{name}:3"
    assert "looks like a solution marker" in error.message
    assert "### BEGIN SOLUTION" in error.advice


@pytest.mark.parametrize(
    "comment",
    [
        "# The solution of the equation.",
        "# Begin with the simplest case.",
        "# in the end it is a solvent",
        "### Resolution",
        "# noqa: E501",
        "#: total = 1",
        "#!/usr/bin/env python",
    ],
)
def test_an_ordinary_comment_is_no_marker(comment):
    assert make_starter(f"{comment}\nx = 1\n", "a.py") == f"{comment}\nx = 1\n"


@pytest.mark.parametrize("marker", ["### BEGIN SOLUTION", "### END SOLUTION", "## begin solution"])
def test_a_marker_inside_a_string_stops(marker):
    error = mistake(f'def f():\n    """Text.\n\n    {marker}\n    """\n')
    assert error.where == "quality.py:4"
    assert "inside a string" in error.message


def test_a_marker_inside_an_f_string_stops():
    assert mistake(f'x = f"""\n{"### BEGIN SOLUTION"}\n"""\n').where == "quality.py:2"


@pytest.mark.parametrize(
    ("lines", "line", "reason"),
    [
        (["### BEGIN SOLUTION", "x = 1"], 2, "never closed"),
        (["x = 1", "### END SOLUTION"], 3, "nothing is open"),
        (["### BEGIN SOLUTION", "x", "### BEGIN SOLUTION", "### END SOLUTION"], 4, "of line 2"),
        (["### END SOLUTION", "x = 1", "### BEGIN SOLUTION"], 2, "nothing is open"),
        (["### BEGIN SOLUTION", "### END SOLUTION"], 2, "withholds nothing"),
        (["### BEGIN SOLUTION", "", "### END SOLUTION"], 2, "withholds nothing"),
        (["### BEGIN SOLUTION", "#: x = 1", "### END SOLUTION"], 2, "withholds nothing"),
        (
            ["### BEGIN SOLUTION", "#: x = 1", "x = 1", "return x", "### END SOLUTION"],
            2,
            "keeps a line that it also withholds: 'x = 1'",
        ),
    ],
)
def test_markers_that_do_not_pair_stop_with_file_and_line(lines, line, reason):
    error = mistake(function(*lines))
    assert error.where == f"quality.py:{line}"
    assert reason in error.message


def test_a_region_of_half_a_statement_stops():
    error = mistake(function("x = [", "### BEGIN SOLUTION", "1,", "### END SOLUTION", "]"))
    assert "not Python any more" in error.message
    assert "whole statements" in error.advice


@pytest.mark.parametrize("head", ["", "class A:\n"])
def test_a_stub_outside_of_functions_would_break_the_import_and_stops(head):
    indent = "    " if head else ""
    text = f"{head}{indent}### BEGIN SOLUTION\n{indent}x = 1\n{indent}### END SOLUTION\n"
    error = mistake(text + "y = 2\n")
    assert error.where == f"quality.py:{2 if head else 1}"
    assert "could not be imported" in error.message


def test_kept_lines_are_fine_outside_of_functions():
    text = "### BEGIN SOLUTION\n#: X = ...\nX = 42\n### END SOLUTION\n"
    assert make_starter(text, "a.py") == "X = ...\n"


def test_a_source_that_is_no_python_stops():
    error = mistake('### BEGIN SOLUTION\nx = """\n### END SOLUTION\n')
    assert "not Python" in error.message


def test_a_lone_carriage_return_stops():
    assert "carriage return" in mistake("x = 1\r### BEGIN SOLUTION\n").message


words = st.text(st.characters(codec="ascii", categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=8)


@st.composite
def sources(draw):
    """A module of functions, with the lines that are secret and those that are not."""
    open_lines, secret_lines, text = [], [], ""
    for number in range(draw(st.integers(1, 4))):
        text += f"def function_{number}(x):\n    shown_{number} = x\n"
        open_lines.append(f"    shown_{number} = x")
        if draw(st.booleans()):
            text += "    ### BEGIN SOLUTION\n"
            for place in range(draw(st.integers(1, 3))):
                if draw(st.booleans()):
                    kept = f"kept_{number}_{place} = ..."
                    text += f"    #: {kept}\n"
                    open_lines.append(f"    {kept}")
                secret = f"    secret_{number}_{place} = {draw(words)!r}"
                text += f"{secret}\n" + draw(st.sampled_from(["", "\n", "    # a comment\n"]))
                secret_lines.append(secret)
            text += "    ### END SOLUTION\n"
        text += draw(st.sampled_from(["", "    return shown_x\n", "\n\n"]))
    return text, open_lines, secret_lines


@settings(deadline=None)  # a busy machine is no failure
@given(sources())
def test_no_withheld_line_is_ever_emitted(made):
    text, open_lines, secret_lines = made
    starter = make_starter(text, "a.py")
    ast.parse(starter)
    lines = starter.split("\n")
    assert not [line for line in secret_lines if line in lines]
    assert "secret_" not in starter
    assert "SOLUTION" not in starter
    assert [line for line in open_lines if line not in lines] == []


@settings(deadline=None)  # a busy machine is no failure
@given(sources())
def test_a_starter_is_its_own_starter(made):
    starter = make_starter(made[0], "a.py")
    assert make_starter(starter, "a.py") == starter


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(st.characters(exclude_characters="#\r", exclude_categories=["Cs"])))
def test_text_without_markers_comes_back_unchanged(text):
    assert make_starter(text, "notes.md") == text


def _all_withhold(lines):
    parts = "\n".join(lines).split("### BEGIN SOLUTION")[1:]
    return all("a" in part.split("### END SOLUTION")[0].split("\n") for part in parts)


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.sampled_from(["### BEGIN SOLUTION", "### END SOLUTION", "a", "#: b", ""])))
def test_any_order_of_markers_withholds_or_stops(lines):
    text = "\n".join(lines)
    begins = [line == "### BEGIN SOLUTION" for line in lines if line.startswith("###")]
    pairs = len(begins) % 2 == 0 and all(
        begin is (place % 2 == 0) for place, begin in enumerate(begins)
    )
    if not pairs or not _all_withhold(lines):
        with pytest.raises(MarkerError):
            make_starter(text, "ml.yml")
        return
    starter = make_starter(text, "ml.yml")
    inside, secrets, shown = False, 0, 0
    for line in lines:
        inside = (inside or line == "### BEGIN SOLUTION") and line != "### END SOLUTION"
        secrets += inside and line == "a"
        shown += not inside and line == "a"
    assert starter.split("\n").count("a") == shown
    assert bool(secrets) == ("### BEGIN SOLUTION" in lines)
