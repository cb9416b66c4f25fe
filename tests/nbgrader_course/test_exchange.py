"""A lab in `release/` of a course, for nbgrader's exchange."""

from __future__ import annotations

import pytest

from grader.errors import LabError, UsageError
from grader.nbgrader_course.exchange import to_exchange
from grader.release import What
from tests.nbgrader_courses import cell, course, imported, notebook

TEST = "assert f()\n### BEGIN HIDDEN TESTS\nassert f() == 1\n### END HIDDEN TESTS"
GOOD = notebook(
    cell("def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION", "answer", "f"),
    cell(TEST, "test", "t", 1),
)  # fmt: skip


@pytest.fixture
def one(tmp_path):
    return course(tmp_path / "course", ps1={"a.ipynb": GOOD})


@pytest.fixture
def lab(one, tmp_path):
    return imported(one, tmp_path / "out")


def test_it_goes_where_the_exchange_looks_under_its_name_there(one, lab):
    name, copy = to_exchange(one, lab)
    assert (name, copy.path, copy.what) == ("ps1", one / "release" / "ps1", What.CREATED)
    released = (copy.path / "a.ipynb").read_text()
    assert "return 1" not in released
    assert "== 1" not in released
    assert not list(one.glob("release/.*"))


def test_the_same_again_changes_nothing_and_other_content_is_left(one, lab):
    to_exchange(one, lab)
    assert to_exchange(one, lab)[1].what is What.UNCHANGED
    (one / "release" / "ps1" / "a.ipynb").write_text("older")
    assert to_exchange(one, lab)[1].what is What.LEFT
    assert to_exchange(one, lab, replace=True)[1].what is What.REPLACED


def test_a_starter_that_is_out_of_date_is_not_handed_out(one, lab):
    (lab.public / "a.ipynb").write_text("{}")
    with pytest.raises(LabError, match="not what its source says"):
        to_exchange(one, lab)
    assert not (one / "release").exists()


def test_a_folder_that_is_no_course_is_refused(lab, tmp_path):
    with pytest.raises(UsageError, match="no nbgrader course"):
        to_exchange(tmp_path / "out", lab)
