"""The checker's fixtures in plain pytest: the same tests run on a laptop, in process."""

import textwrap

import pytest

pytest_plugins = ["pytester"]

TESTS = """
def test_rng(rng, record_property):
    record_property("drawn", int(rng.integers(2**40)))

def test_student(student):
    student.write("deep/file.txt", b"12345")
    assert student.read("deep/file.txt") == b"12345"
    assert student.files()["deep/file.txt"] == 5
    done = student.run(["python", "-c", "print(input()); raise SystemExit(3)"], stdin="in")
    assert (done.exit_code, done.stdout.strip()) == (3, "in")

def test_late(student):
    done = student.run(["python", "-c", "import time; time.sleep(9)"], timeout_s=0.2)
    assert done.exit_code is None

def test_fresh(student):
    with student.fresh():
        raise AssertionError("never reached")
"""


@pytest.fixture
def lab(pytester):
    pytester.makepyfile(test_public=textwrap.dedent(TESTS))
    return pytester


def drawn(lab, *options):
    result = lab.inline_run("-p", "no:randomly", "-k", "rng", *options)
    (report,) = [r for r in result.getreports("pytest_runtest_logreport") if r.when == "teardown"]
    return dict(report.user_properties)["drawn"]


def test_the_students_folder_works_and_fresh_processes_are_skipped_with_a_reason(lab):
    result = lab.runpytest_subprocess("-p", "no:randomly", "-rs")
    result.assert_outcomes(passed=3, skipped=1)
    result.stdout.fnmatch_lines(["*grader check*"])


def test_a_given_seed_repeats_the_data(lab):
    assert drawn(lab, "--lab-seed", "5") == drawn(lab, "--lab-seed", "5")
    assert drawn(lab, "--lab-seed", "5") != drawn(lab, "--lab-seed", "6")


def test_without_one_the_data_are_new_each_time(lab):
    assert drawn(lab) != drawn(lab)


def test_the_environment_may_give_the_seed(lab, monkeypatch):
    monkeypatch.setenv("GRADER_SEED", "5")
    assert drawn(lab) == drawn(lab, "--lab-seed", "5")


def test_a_failure_says_how_to_repeat_it(pytester):
    pytester.makepyfile(test_public="def test_it(rng):\n    assert rng is None\n")
    result = pytester.runpytest_subprocess("--lab-seed", "77")
    result.stdout.fnmatch_lines(["*repeat with: pytest --lab-seed 77*"])


def test_on_a_laptop_nobody_knows_whose_data_they_are(pytester):
    pytester.makepyfile(test_public="def test_it(variant):\n    assert variant is None\n")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
