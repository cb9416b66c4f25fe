"""Checks and test functions match one to one, or both lists are shown."""

import pytest

from grader.checks import PlacedTest, distinct, join_checks, without_absent
from grader.discovery import FoundTest
from grader.errors import ManifestError
from grader.lab import Visibility
from grader.manifest import read_manifest

SUBMIT = '[submit]\nmodules = ["quality"]\n'


def placed(test_id, file="test_public.py", visibility=Visibility.PUBLIC, line=1):
    test = FoundTest(id=test_id, node=f"test_{test_id}", title=f"{test_id}.", line=line)
    return PlacedTest(file=file, visibility=visibility, test=test)


def hidden(test_id):
    return placed(test_id, "hidden/test_hidden.py", Visibility.HIDDEN)


def manifest(*checks):
    text = SUBMIT
    for check_id, *needs in checks:
        text += f'[[check]]\nid = "{check_id}"\npoints = 10\nneeds = {needs}\n'
    return read_manifest(text, "lab.toml")


def mistake(declared, tests):
    with pytest.raises(ManifestError) as caught:
        join_checks(declared, tests, "lab.toml")
    return caught.value


def test_a_check_takes_points_from_the_manifest_and_the_rest_from_its_test():
    text = SUBMIT + '[[check]]\nid = "a"\npoints = 7\ntask = 2\nhints = ["h"]\nlearn = "x/y.md#z"\n'
    (check,) = join_checks(read_manifest(text, "t"), [hidden("a")], "t")
    assert (check.id, check.points, check.task, check.hints) == ("a", 7, 2, ("h",))
    assert (check.file, check.node) == ("hidden/test_hidden.py", "test_a")
    assert (check.visibility, check.title) == (Visibility.HIDDEN, "a.")
    assert check.learn == "x/y.md#z"


def test_without_declared_checks_every_test_is_one_point():
    checks = join_checks(manifest(), [placed("b"), hidden("a")], "t")
    assert [(check.id, check.points) for check in checks] == [("b", 1), ("a", 1)]


def test_the_order_is_that_of_the_tests():
    checks = join_checks(
        manifest(("c",), ("a",), ("b",)), [placed("b"), placed("a"), hidden("c")], "t"
    )
    assert [check.id for check in checks] == ["b", "a", "c"]


def test_a_check_without_a_test_and_a_test_without_a_check_are_both_listed():
    error = mistake(
        manifest(("completness",), ("b",)), [placed("completeness", line=12), placed("b")]
    )
    assert "completness Did you mean 'completeness'?" in error.message
    assert "completeness (test_public.py:12)" in error.message
    assert "exactly one test function" in error.advice


def test_a_copy_without_hidden_tests_is_told_where_they_lie():
    assert "solutions/" in mistake(manifest(("a",), ("b",)), [placed("a")]).advice
    assert "solutions/" not in mistake(manifest(("a",), ("b",)), [hidden("a")]).advice


def test_only_the_list_that_is_not_empty_is_shown():
    error = mistake(manifest(("a",)), [placed("a"), placed("b")])
    assert "Test functions without" in error.message
    assert "Checks without" not in error.message


@pytest.mark.parametrize("declared", [manifest(), manifest(("a",))])
def test_a_lab_without_any_test_is_refused(declared):
    assert "no test function" in mistake(declared, []).message


def test_a_check_cannot_need_one_that_runs_later():
    error = mistake(manifest(("a", "b"), ("b",)), [placed("a"), hidden("b")])
    assert error.where == "lab.toml: check[1].needs"
    assert "'b' runs after 'a'" in error.message


def test_a_check_may_need_one_that_runs_before():
    checks = join_checks(manifest(("a",), ("b", "a")), [placed("a"), hidden("b")], "t")
    assert checks[1].needs == ("a",)


def test_ids_that_two_files_share_carry_the_name_of_the_file():
    tests = [placed("a"), hidden("a"), hidden("b")]
    assert [test.id for test in distinct(tests)] == ["test_public.a", "test_hidden.a", "b"]


def test_files_of_one_name_carry_their_path():
    tests = [placed("a", "x/test_it.py"), placed("a", "y/test_it.py")]
    assert [test.id for test in distinct(tests)] == ["x.test_it.a", "y.test_it.a"]


def test_a_shared_id_is_declared_with_the_name_of_its_file():
    checks = join_checks(
        manifest(("test_public.a",), ("test_hidden.a",)), [placed("a"), hidden("a")], "t"
    )
    assert [check.visibility for check in checks] == [Visibility.PUBLIC, Visibility.HIDDEN]


def test_in_a_students_copy_absent_checks_are_named_and_needs_on_them_dropped():
    declared, absent = without_absent(
        manifest(("a",), ("c",), ("b", "a", "c")), [placed("a"), placed("b")]
    )
    assert absent == ["c"]
    checks = join_checks(declared, [placed("a"), placed("b")], "t")
    assert [(check.id, check.needs) for check in checks] == [("a", ()), ("b", ("a",))]
