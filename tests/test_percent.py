"""One source in cells, as a module and as a notebook's cells; mistakes stop at their line."""

from __future__ import annotations

import pytest

from grader.errors import MarkerError
from grader.percent import as_module, cells_of, has_cells, written_cells

SOURCE = '''"""About sums."""

# %% imports
import math

# %% task-1 [markdown]
# --------------------------------------------------
# Task 1: add
#
# A *sum* of numbers.


# %% total
def total(xs):
    """Return the sum.

    # %% this is no cell: it stands in a text
    """
    ### BEGIN SOLUTION
    return math.fsum(xs)
    ### END SOLUTION
'''


def test_a_module_is_the_source_without_the_lines_that_begin_cells():
    made = as_module(SOURCE, "sums.py")
    assert made == "\n".join(line for line in SOURCE.split("\n") if not line.startswith("# %%"))
    assert made.count("%%") == 1


def test_cells_are_code_and_text():
    imports, task, total = cells_of(SOURCE, "sums.py", frozenset({"total"}))
    assert (imports.id, imports.text, imports.is_text) == ("imports", "import math", False)
    assert (task.text, task.is_text) == ("## Task 1: add\n\nA *sum* of numbers.", True)
    assert total.text.startswith("def total(xs):\n")
    assert [cell.is_students for cell in (imports, task, total)] == [False, False, True]


def test_students_write_where_the_solution_is():
    assert written_cells(SOURCE, "sums.py") == {"total"}


def test_what_has_cells():
    assert has_cells(SOURCE)
    assert not has_cells("x = 1\n# 5 %% of it\n")


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("#%% a\nx = 1", 1, "looks like the beginning of a cell"),
        ("# %%\nx = 1", 1, "looks like the beginning of a cell"),
        ("# %% A cell\nx = 1", 1, "looks like the beginning of a cell"),
        ("# %% a [raw]\nx = 1", 1, "looks like the beginning of a cell"),
        ("# %% [markdown] a\n# x", 1, "looks like the beginning of a cell"),
        ("# %% a\ndef f():\n    # %% b\n    return 1", 3, "looks like the beginning of a cell"),
        ("# %% a\nx = 1\n# %% a\ny = 2", 3, "the cell of line 1 is called 'a' already"),
        ("# %% a [markdown]\n# text\nx = 1", 3, "this is code in a cell of text"),
        ("# %% a\nx = (", None, "this is not Python"),
    ],
)
def test_a_mistake_stops_at_its_line(source, line, said):
    with pytest.raises(MarkerError) as caught:
        cells_of(source, "sums.py")
    assert said in caught.value.message
    assert line is None or caught.value.where == f"sums.py:{line}"


def test_a_source_without_cells_is_no_notebook():
    with pytest.raises(MarkerError) as caught:
        cells_of("x = 1\n", "sums.py")
    assert "it has no cells" in caught.value.message
    assert caught.value.where == "sums.py"


def test_lines_of_another_system_are_understood():
    cells = cells_of(SOURCE.replace("\n", "\r\n"), "sums.py")
    assert [cell.id for cell in cells] == ["imports", "task-1", "total"]
