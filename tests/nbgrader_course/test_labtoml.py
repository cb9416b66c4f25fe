"""The lab.toml of an imported lab says what the manifest's reader reads."""

from __future__ import annotations

from dataclasses import replace

from grader.manifest import read_manifest
from grader.nbgrader_course.labtoml import LabToml, lab_toml
from grader.nbgrader_course.regions import Marks
from grader.nbgrader_course.table import marks_of, origin_of

TOLD = LabToml(
    name='Problem "set" 1',
    scale=2,
    marks=Marks(),
    notebooks={"a": "a b.ipynb"},
    others=("c.ipynb",),
    preload=("numpy",),
    given=("x.png",),
    checks=(("t_shown", 0, ""), ("t", 3, "a b/t")),
)


def read(told):
    return read_manifest(lab_toml(told), "lab.toml")


def test_it_is_read_back():
    made = read(TOLD)
    assert made.title == TOLD.name
    assert (made.submit.required, made.submit.optional) == (("a b.ipynb",), ("c.ipynb",))
    assert made.submit.notebooks == {"a": "a b.ipynb"}
    assert [(check.id, check.points, check.cell) for check in made.check] == [
        ("t_shown", 0, ""),
        ("t", 3, "a b/t"),
    ]
    assert origin_of(made.nbgrader).name == TOLD.name
    assert origin_of(made.nbgrader).scale == 2


def test_of_several_notebooks_none_is_required():
    made = read(replace(TOLD, notebooks={"a": "a.ipynb", "b": "b.ipynb"}))
    assert made.submit.required == ()
    assert made.submit.optional == ("a.ipynb", "b.ipynb", "c.ipynb")


def test_words_of_the_courses_own_are_kept():
    marks = Marks(hidden=("<hide>", "</hide>"), code_stub="...\n\x7f")
    assert marks_of(read(replace(TOLD, marks=marks)).nbgrader) == marks
    assert "hidden" not in lab_toml(TOLD)
