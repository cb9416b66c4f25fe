"""`[nbgrader]` of a lab.toml: what may stand there."""

from __future__ import annotations

import pytest

from grader.errors import ManifestError
from grader.manifest import read_manifest
from grader.nbgrader_course.regions import Marks
from grader.nbgrader_course.table import marks_of, origin_of

LAB = 'schema = 1\ntitle = "T"\n[submit]\nmodules = ["a"]\n[nbgrader]\n'


def test_a_lab_that_was_written_here_has_no_origin():
    assert origin_of(read_manifest(LAB.replace("[nbgrader]\n", ""), "lab.toml").nbgrader) is None


def test_what_is_not_said_is_as_nbgrader_has_it():
    table = read_manifest(f'{LAB}source = "ps1"', "lab.toml").nbgrader
    assert (origin_of(table).name, origin_of(table).scale) == ("ps1", 1)
    assert marks_of(table) == Marks()


@pytest.mark.parametrize(
    "wrong",
    ["", 'source = ""', 'source = "a"\nscale = 0', 'source = "a"\nscale = 1.5',
     'source = "a"\nhidden = ["one"]', 'source = "a"\nsecret = 1'],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_key(wrong):
    with pytest.raises(ManifestError) as caught:
        read_manifest(LAB + wrong, "lab.toml")
    assert "nbgrader" in str(caught.value)
