"""What a lab says of itself."""

import pytest

from grader.lab import Lab, Submit

NOTEBOOKS = (("quality", "quality.ipynb"),)


def lab_of(*required):
    submit = Submit(required=required, modules=("quality", "other"), notebooks=NOTEBOOKS)
    return Lab(slug="x", title="x", submit=submit)


@pytest.mark.parametrize(
    ("paths", "left"), [(["quality.py"], ()), (["quality.ipynb", "notes.md"], NOTEBOOKS)]
)
def test_a_worker_need_run_cells_only_where_a_notebook_was_handed_in(paths, left):
    lab = lab_of("quality.py")
    assert lab.run_as(paths).submit.notebooks == left
    assert lab.submit.notebooks == NOTEBOOKS


@pytest.mark.parametrize(
    ("required", "left"),
    [
        (["quality.py"], ()),
        (["quality/gate.py"], ()),
        (["quality.ipynb"], NOTEBOOKS),
        (["other.py"], NOTEBOOKS),
        ([], NOTEBOOKS),
    ],
)
def test_notebooks_are_the_rule_where_no_file_of_the_module_is_asked_for(required, left):
    assert lab_of(*required).run_as_usual().submit.notebooks == left
