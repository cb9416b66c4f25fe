"""What lab.toml may say. Row 90 of the catalogue: an author's mistake is refused here."""

import dataclasses

import pytest

from grader.errors import ManifestError
from grader.lab import EngineNeeds, Floors, Limits
from grader.manifest import engine_of, floors_of, limits_of, read_manifest, submit_of

WHOLE = """
schema = 1
title = "A gate for bad data"
stage = "development"
page = "development/data-quality.md"
minutes = 60
remote_operators = false

[submit]
required = ["quality.py"]
optional = ["notes.md"]
modules = ["quality"]

[image]
preload = ["pandas", "sklearn.linear_model"]
tools = true

[engine]
bases = ["python:3.11-slim-bookworm"]
build_s = 30

[limits]
memory_mb = 768
call_s = 5

[floors]
starter_max = 5

[private]
include = ["kopi"]

[build]
given = ["notes.md"]

[[check]]
id = "completeness"
points = 10
task = 1
hints = ["What does pandas call a missing value?"]
learn = "development/data-quality.md#completeness"

[[check]]
id = "Gate.rejects"
points = 90
needs = ["completeness"]
"""

SMALL = '[submit]\nmodules = ["hello_world"]\n'


def mistake(text):
    with pytest.raises(ManifestError) as caught:
        read_manifest(text, "labs/02/lab.toml")
    return caught.value


def test_tools_are_asked_for():
    assert not read_manifest(SMALL, "lab.toml").image.tools


def test_a_whole_manifest_is_read():
    manifest = read_manifest(WHOLE, "lab.toml")
    assert manifest.title == "A gate for bad data"
    assert [check.id for check in manifest.check] == ["completeness", "Gate.rejects"]
    assert manifest.check[1].needs == ("completeness",)
    assert manifest.private.include == ("kopi",)
    assert manifest.image.preload == ("pandas", "sklearn.linear_model")
    assert manifest.image.tools
    assert submit_of(manifest, ("quality.py",)).optional == ("notes.md",)


def test_an_engine_is_asked_for_by_its_table():
    found = engine_of(read_manifest(WHOLE, "labs/02/lab.toml"))
    assert found == EngineNeeds(bases=("python:3.11-slim-bookworm",), build_s=30)
    assert engine_of(read_manifest(SMALL, "x")) is None


def test_limits_name_only_what_differs():
    limits = limits_of(read_manifest(WHOLE, "lab.toml"))
    assert limits == dataclasses.replace(Limits(), memory_mb=768, call_s=5.0)


def test_floors_name_only_what_differs():
    floors = floors_of(read_manifest(WHOLE, "lab.toml"))
    assert floors == dataclasses.replace(Floors(), starter_max=5)


def test_the_defaults_of_the_manifest_are_those_of_the_nouns():
    manifest = read_manifest(SMALL, "lab.toml")
    assert limits_of(manifest) == Limits()
    assert floors_of(manifest) == Floors()


def test_every_limit_and_floor_of_the_nouns_can_be_written():
    manifest = read_manifest(SMALL, "lab.toml")
    assert set(type(manifest.limits).model_fields) == {f.name for f in dataclasses.fields(Limits)}
    assert set(type(manifest.floors).model_fields) == {f.name for f in dataclasses.fields(Floors)}


def test_two_lines_are_a_manifest():
    manifest = read_manifest(SMALL, "lab.toml")
    assert manifest.schema_ is None
    assert manifest.title is None
    assert manifest.check == ()


def test_an_unknown_key_is_refused_with_file_key_and_relative():
    error = mistake(WHOLE.replace("points = 10", "point = 10\npoints = 10"))
    assert error.where == "labs/02/lab.toml: check[1].point"
    assert "Did you mean 'points'?" in error.advice


def test_an_unknown_table_is_refused():
    assert mistake(SMALL + "[limit]\ncall_s = 1\n").advice.startswith("Did you mean 'limits'?")


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ("schema = 1", "schema = 2", "schema", "this must be 1, not 2."),
        ("schema = 1", "schema = true", "schema", "this must be 1, not True."),
        ('stage = "development"', 'stage = "dev"', "stage", "not 'dev'"),
        ("minutes = 60", "minutes = -1", "minutes", "at least 0"),
        ("minutes = 60", "minutes = 601", "minutes", "at most 600"),
        ('title = "A gate for bad data"', 'title = " "', "title", "one line of text"),
        ("points = 90", "points = -5", "check[2].points", "at least 0, not -5"),
        ("points = 90", "points = 2.5", "check[2].points", "a whole number, not 2.5"),
        ("points = 90", "points = 1001", "check[2].points", "at most 1000"),
        ("points = 90", "", "check[2].points", "missing"),
        ("task = 1", "task = 0", "check[1].task", "at least 1"),
        ("hints = [", "hints = [3, ", "check[1].hints[1]", "text in quotes"),
        ("hints = [", 'hints = ["", ', "check[1].hints[1]", "one line of text"),
        ("memory_mb = 768", "memory_mb = 4", "limits.memory_mb", "at least 64"),
        ("memory_mb = 768", "memory_mb = 1_000_000", "limits.memory_mb", "at most 65536"),
        ("call_s = 5", "call_s = 0", "limits.call_s", "at least 0.1"),
        ("call_s = 5", "call_s = inf", "limits.call_s", "finite"),
        ("call_s = 5", "call_s = nan", "limits.call_s", "finite"),
        ("call_s = 5", "call_s = 500", "limits.call_s", "whole run only 120 s"),
        ("call_s = 5", "disk_mb = 768", "limits.disk_mb", "fill all 768 MB"),
        ("call_s = 5", "processes = 1", "limits.processes", "at least 8"),
        ("bases = [", "basis = [", "engine.basis", "unknown"),
        ('["python:3.11-slim-bookworm"]', "[]", "engine.bases", "no base is allowed"),
        ('"python:3.11-slim-bookworm"', '"python"', "engine.bases[1]", "with its version"),
        ('"python:3.11-slim-bookworm"', '"python:latest"', "engine.bases[1]", "its version"),
        ('"python:3.11-slim-bookworm"', '"py thon:1"', "engine.bases[1]", "its version"),
        ("build_s = 30", "build_s = 0", "engine.build_s", "at least 1"),
        ("build_s = 30", "build_s = 500", "engine.build_s", "whole run only 120 s"),
        ("build_s = 30", "build_mb = 1", "engine.build_mb", "at least 64"),
        ("build_s = 30", "image_mb = 0", "engine.image_mb", "at least 1"),
        ("starter_max = 5", "mutants_killed_min = 1.5", "floors.mutants_killed_min", "at most 1"),
        ('"completeness"\npoints', '"test it"\npoints', "check[1].id", "without `test_`"),
        ('needs = ["completeness"]', 'needs = ["complete"]', "check[2].needs", "no check"),
        ('include = ["kopi"]', 'include = ["../kopi"]', "private.include[1]", "one folder"),
        ('include = ["kopi"]', 'include = [".git"]', "private.include[1]", "one folder"),
        ('include = ["kopi"]', 'data = "kopi/extracts.py"', "private.data", "must be a module"),
        ('page = "development/', 'page = "/etc/', "page", "a page of the course"),
        ("quality.md#completeness", "quality.md#", "check[1].learn", "anchor"),
        ("development/data-quality.md#", "../x.md#", "check[1].learn", "a page of the course"),
        ('preload = ["pandas"', 'preload = ["pan das"', "image.preload[1]", "can import"),
        ('preload = ["pandas"', 'preload = ["grader"', "image.preload[1]", "no place"),
        ('preload = ["pandas"', 'preload = ["sklearn.linear_model"', "image.preload", "once"),
        ('required = ["', 'required = ["../', "submit.required[1]", "inside the folder"),
        ('required = ["', 'required = ["/', "submit.required[1]", "inside the folder"),
        ('required = ["', 'required = ["./', "submit.required[1]", "write this path as"),
        ('required = ["', 'required = ["conftest.py", "', "submit.required[1]", "belongs to"),
        ('optional = ["notes.md"]', 'optional = ["quality.py"]', "submit.optional", "required"),
        ("[build]", '[build]\nwithheld = ["notes.md"]', "build.given", "both given and withheld"),
    ],
)
def test_an_impossible_value_is_refused_where_it_stands(old, new, key, reason):
    assert old in WHOLE
    error = mistake(WHOLE.replace(old, new, 1))
    assert error.where == f"labs/02/lab.toml: {key}"
    assert reason in error.message


@pytest.mark.parametrize(
    "name", ["os", "json", "secrets", "pytest", "numpy", "pandas", "grader", "conftest", "hidden"]
)
def test_a_module_that_the_trusted_side_imports_cannot_be_a_students(name):
    error = mistake(SMALL.replace("hello_world", name))
    assert error.where == "labs/02/lab.toml: submit.modules[1]"
    assert "trusted side" in error.message


def test_trusted_operators_do_not_make_a_librarys_name_a_students():
    assert (
        "trusted side"
        in mistake("remote_operators = true\n[submit]\nmodules = ['secrets']\n").message
    )


@pytest.mark.parametrize("name", ["2fast", "hello world", "class", "", "a-b", "../quality"])
def test_a_module_must_be_a_name_that_python_can_import(name):
    assert "can import" in mistake(SMALL.replace("hello_world", name)).message


def test_of_a_package_only_the_top_is_named():
    assert (
        "name only the package, 'shop'"
        in mistake(SMALL.replace("hello_world", "shop.till")).message
    )


def test_a_module_is_named_once():
    error = mistake('[submit]\nmodules = ["a", "a"]\n')
    assert "more than once" in error.message


def test_two_checks_of_one_id_are_refused():
    error = mistake(
        WHOLE.replace('id = "Gate.rejects"', 'id = "completeness"').replace("needs", "#")
    )
    assert error.where == "labs/02/lab.toml: check[2].id"
    assert "check[1]" in error.message


def test_a_misspelt_need_is_answered_with_its_nearest_check():
    error = mistake(WHOLE.replace('needs = ["completeness"]', 'needs = ["completness"]'))
    assert error.advice == "Did you mean 'completeness'?"


def test_checks_that_wait_for_each_other_are_refused_by_name():
    checks = "".join(
        f'[[check]]\nid = "{name}"\npoints = 1\nneeds = ["{need}"]\n'
        for name, need in (("a", "b"), ("b", "c"), ("c", "a"))
    )
    message = mistake(SMALL + checks).message
    assert "wait for each other" in message
    circles = (
        "a needs b needs c needs a",
        "b needs c needs a needs b",
        "c needs a needs b needs c",
    )
    assert any(circle in message for circle in circles)


def test_a_check_cannot_wait_for_itself():
    error = mistake(WHOLE.replace("task = 1", 'needs = ["completeness"]'))
    assert error.where == "labs/02/lab.toml: check[1].needs"
    assert "completeness needs completeness" in error.message


def test_a_diamond_of_needs_is_no_circle():
    checks = "".join(
        f'[[check]]\nid = "{name}"\npoints = 1\nneeds = {needs}\n'
        for name, needs in (("a", []), ("b", ["a"]), ("c", ["a"]), ("d", ["b", "c"]))
    )
    assert len(read_manifest(SMALL + checks, "lab.toml").check) == 4


def test_a_lab_worth_nothing_is_refused():
    error = mistake(SMALL + '[[check]]\nid = "a"\npoints = 0\n')
    assert "no point" in error.message


def test_a_check_without_points_may_stand_beside_others():
    text = SMALL + '[[check]]\nid = "a"\npoints = 0\n[[check]]\nid = "b"\npoints = 1\n'
    assert read_manifest(text, "lab.toml").check[0].points == 0


def test_a_lab_that_asks_for_nothing_is_refused():
    error = mistake("schema = 1\n")
    assert error.where == "labs/02/lab.toml: submit"
    assert "nothing would be handed in" in error.message


def test_a_deliverable_need_not_be_python():
    manifest = read_manifest('[submit]\nrequired = ["Dockerfile", ".dockerignore"]\n', "lab.toml")
    assert manifest.submit.required == ("Dockerfile", ".dockerignore")


def test_text_that_is_no_toml_names_the_line():
    assert mistake("[submit]\nmodules = [quality]\n").where == "labs/02/lab.toml:2"


NOTEBOOKS = 'modules = ["quality", "shop"]\n[submit.notebooks]\nquality = "quality.ipynb"\n'


def test_a_module_may_be_handed_in_as_a_notebook():
    manifest = read_manifest(f"[submit]\n{NOTEBOOKS}", "lab.toml")
    submit = submit_of(manifest, ("quality.py",))
    assert submit.notebooks == (("quality", "quality.ipynb"),)
    assert submit.starters == ()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("quality = ", "qualty = ", "'qualty' is not in `modules`"),
        ("quality.ipynb", "quality.py", "is no notebook"),
        ("quality.ipynb", "../quality.ipynb", "inside the folder"),
        ('"quality.ipynb"', "7", "text in quotes"),
        ('"quality.ipynb"', '"a.ipynb"\nshop = "a.ipynb"', "stands for two modules"),
    ],
)
def test_a_notebook_that_cannot_be_is_refused(old, new, reason):
    message = mistake(f"[submit]\n{NOTEBOOKS.replace(old, new)}").message
    assert reason in message


def test_what_grader_build_writes_is_no_hand_in():
    assert "belongs to the lab" in mistake('[submit]\nrequired = ["starter.toml"]\n').message
