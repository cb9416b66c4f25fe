"""What every lab's tests may ask for: `rng`, and `student` with its folder and processes."""

from grader.checker.fixtures import Fixtures, seed_everything, seed_for

MODULE = """
def save(text):
    with open("saved.txt", "w") as file:
        file.write(text)
"""


def test_the_folder_of_the_student_is_read_and_written(suite):
    told = suite(
        MODULE,
        """
        import pytest
        from stu import save

        def test_files(student):
            save("hello")
            assert student.read("saved.txt") == b"hello"
            assert student.files()["saved.txt"] == 5
            student.write("deep/new.txt", b"ours")
            assert student.read("deep/new.txt") == b"ours"

        def test_absent(student):
            with pytest.raises(FileNotFoundError):
                student.read("absent.txt")
        """,
    )
    assert told.status == {"files": "passed", "absent": "passed"}


def test_a_command_tells_its_exit_code_and_what_it_printed(suite):
    told = suite(
        MODULE,
        """
        def test_run(student):
            done = student.run(["python", "-c", "import sys; print(input()); sys.exit(3)"],
                               stdin="asked")
            assert (done.exit_code, done.stdout.strip(), done.stderr) == (3, "asked", "")

        def test_stuck(student):
            done = student.run(["python", "-c", "import time; time.sleep(60)"], timeout_s=0.3)
            assert done.exit_code is None

        def test_absent(student):
            try:
                student.run(["no-such-program"])
            except OSError:
                return
            raise AssertionError("it was started")
        """,
    )
    assert told.status == {"run": "passed", "stuck": "passed", "absent": "passed"}


def test_a_fresh_process_has_never_seen_the_students_code(suite):
    told = suite(
        MODULE + "import string\nstring.capwords = lambda text: 'forged'\n",
        """
        from stu import save

        def test_fresh(student):
            save("two words")
            with student.fresh() as fresh:
                text = fresh.module("io").open("saved.txt").read()
                assert text == "two words", "it stands in the same folder"
                assert fresh.module("string").capwords(text) == "Two Words"
        """,
    )
    assert told.status == {"fresh": "passed"}


def test_a_fresh_process_imports_nothing_from_the_hand_in(suite):
    told = suite(
        "open('colorsys.py', 'w').write('def rgb_to_hsv(*a): return \"forged\"')\n"
        "def ready(): return 1\n",
        """
        from stu import ready

        def test_fresh(student):
            assert ready() == 1
            assert "colorsys.py" in student.files()
            with student.fresh() as fresh:
                assert fresh.module("colorsys").rgb_to_hsv(0.0, 0.0, 0.0) == (0.0, 0.0, 0.0)
        """,
    )
    assert told.status == {"fresh": "passed"}


def test_rng_depends_on_the_seed_and_on_the_test_alone():
    assert seed_for(1, "test_a") == seed_for(1, "test_a")
    assert len({seed_for(seed, node) for seed in (1, 2) for node in ("a", "b")}) == 4
    assert all(0 <= seed_for(seed, "a") < 2**64 for seed in (0, 2**53))


def test_other_generators_are_seeded_too():
    import random

    import numpy as np

    drawn = []
    for _ in range(2):
        seed_everything(2**40 + 5)
        drawn.append((random.random(), np.random.random()))  # noqa: NPY002 - the one that is seeded
    assert drawn[0] == drawn[1]


def test_cases_of_one_test_draw_different_numbers(suite):
    told = suite(
        MODULE,
        """
        import pytest
        SEEN = set()

        @pytest.mark.parametrize("case", [1, 2, 3])
        def test_draws(rng, case):
            SEEN.add(int(rng.integers(2**60)))
            assert len(SEEN) == case
        """,
    )
    assert told.status == {"draws": "passed"}


def test_the_seed_of_the_students_data_is_none_where_all_have_the_same(suite):
    told = suite(
        MODULE,
        """
        def test_variant(variant):
            assert variant is None
        """,
    )
    assert told.status == {"variant": "passed"}


def test_the_seed_of_the_students_data_is_given_as_it_came():
    fixtures = Fixtures(7, None, 2**53 - 1)
    assert Fixtures.variant.__wrapped__(fixtures) == 2**53 - 1
