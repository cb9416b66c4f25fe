"""The checker's plugin: which tests are checks, when they pass, and whose fault it is otherwise."""

from __future__ import annotations

import pytest

from grader.checker.plugin import DETAIL_CAP, MESSAGE_CAP, Declared

STUDENT = """
import os, sys
counter = 0
def double(x): return 2 * x
def wrong(x): return -1
def fail(): raise ValueError("not today")
def leave(): os._exit(1)
def hang():
    while True: pass
def say(text): print(text)
class Thing:
    closed = 0
    def close(self): Thing.closed += 1
class Sour(Thing):
    def close(self): raise RuntimeError("cannot be closed")
class Deadly(Thing):
    def close(self): os._exit(1)
"""


def test_a_check_that_passes_earns_all_and_one_that_fails_nothing(suite):
    told = suite(
        STUDENT,
        """
        from stu import double, wrong
        def test_right(): assert double(2) == 4
        def test_wrong(): assert wrong(2) == 4
        """,
    )
    assert told.status == {"right": "passed", "wrong": "failed"}
    assert (told["right"]["earned"], told["wrong"]["earned"]) == (10, 0)
    assert told["right"]["message"] == ""
    assert "assert -1 == 4" in told["wrong"]["message"]
    assert told["right"]["seconds"] >= told["right"]["student_seconds"] > 0
    assert [event["id"] for event in told.of("began")] == ["right", "wrong"]
    assert set(told.phases) == {"import", "tests"}


class TestProbes:
    """A run that is not whole ends at the first check that does not pass."""

    TESTS = """
        import pytest
        from stu import double, leave, wrong
        def test_right(): assert double(2) == 4
        def test_{}
        def test_later(): assert double(3) == 6
        """

    @pytest.mark.parametrize(
        ("second", "status"),
        [("wrong(): assert wrong(2) == 4", "failed"), ("gone(): leave()", "crashed")],
    )
    def test_what_comes_after_a_refusal_is_neither_begun_nor_told(self, suite, second, status):
        told = suite(STUDENT, self.TESTS.replace("{}", second), whole=False)
        name = second.partition("(")[0]
        assert told.status == {"right": "passed", name: status}
        assert [event["id"] for event in told.of("began")] == ["right", name]

    def test_a_later_file_is_not_collected(self, suite):
        files = {
            "test_public.py": "from stu import wrong\ndef test_wrong(): assert wrong(2) == 4\n",
            "test_hidden.py": "from stu import double\ndef test_right(): assert double(2) == 4\n",
        }
        assert suite(STUDENT, files, whole=False).status == {"wrong": "failed"}
        assert suite(STUDENT, files).status == {"wrong": "failed", "right": "passed"}

    def test_while_all_pass_all_are_run(self, suite):
        told = suite(STUDENT, self.TESTS.replace("{}", "two(): assert double(1) == 2"), whole=False)
        assert told.status == {"right": "passed", "two": "passed", "later": "passed"}


class TestCases:
    """All cases of one test function are one check."""

    def test_parametrised_cases_count_as_one(self, suite):
        told = suite(
            STUDENT,
            """
            import pytest
            from stu import double, wrong
            @pytest.mark.parametrize("x", [1, 2, 3])
            def test_all(x): assert double(x) == 2 * x
            @pytest.mark.parametrize("x", [-1, 2, 3], ids=str)
            def test_one(x): assert wrong(x) == x
            """,
        )
        assert told.status == {"all": "passed", "one": "failed"}
        assert [event["id"] for event in told.of("began")] == ["all"] * 3 + ["one"] * 2

    def test_subtests_of_a_class_are_checks_of_their_own(self, suite):
        told = suite(
            STUDENT,
            """
            from stu import double
            class TestDouble:
                def test_one(self): assert double(1) == 2
                def test_two(self): assert double(2) == 5
            """,
        )
        assert told.status == {"Double.one": "passed", "Double.two": "failed"}

    def test_unittest_classes_are_run(self, suite):
        told = suite(
            STUDENT,
            """
            import unittest
            from stu import double, wrong
            class DoubleTest(unittest.TestCase):
                def setUp(self): self.x = 3
                def test_right(self): self.assertEqual(double(self.x), 6)
                def test_wrong(self): self.assertEqual(wrong(self.x), 6)
                def test_sub(self):
                    for n in range(3):
                        with self.subTest(n=n): self.assertEqual(wrong(n), n)
            """,
        )
        assert set(told.status.values()) == {"passed", "failed"}
        passed = [name for name, status in told.status.items() if status == "passed"]
        assert [name.rpartition(".")[2] for name in passed] == ["right"]


class TestWhatIsNoPass:
    @pytest.mark.parametrize(
        "body",
        {
            "skip": "pytest.skip('no')",
            "skip if": "pass",
            "xfail": "pytest.xfail('known')",
            "importorskip": "pytest.importorskip('no_such_library')",
            "unittest skip": "raise unittest.SkipTest('no')",
            "fail": "pytest.fail('no')",
            "exit code": "raise SystemExit(0)",
            "student's skip": "raise_it('SkipTest')",
            "student's exit": "raise_it('SystemExit')",
            "student's interrupt": "raise_it('KeyboardInterrupt')",
        }.items(),
        ids=lambda pair: pair[0],
    )
    def test_only_a_test_that_ran_to_its_end_passes(self, suite, body):
        name, statement = body
        mark = "@pytest.mark.skipif(True, reason='x')" if name == "skip if" else ""
        told = suite(
            "import unittest\nSkipTest = unittest.SkipTest\n"
            "def raise_it(name): raise (globals().get(name) or getattr(__builtins__, name, None) "
            "or __builtins__[name])('x')",
            f"""
            import pytest, unittest
            from stu import raise_it
            {mark}
            def test_it(): {statement}
            def test_next(): pass
            """,
        )
        assert told.status == {"it": "failed", "next": "passed"}
        assert told.of("broken") == []

    def test_an_expected_failure_is_no_pass_however_it_ends(self, suite):
        told = suite(
            STUDENT,
            """
            import pytest
            from stu import double
            @pytest.mark.xfail
            def test_fails(): assert double(1) == 3
            @pytest.mark.xfail(strict=True)
            def test_passes_though_it_must_not(): assert double(1) == 2
            @pytest.mark.xfail
            def test_passes(): assert double(1) == 2
            """,
        )
        assert told.status == {
            "fails": "failed",
            "passes_though_it_must_not": "failed",
            "passes": "passed",
        }

    def test_a_skipped_test_says_that_it_is_no_pass(self, suite):
        told = suite(STUDENT, "import pytest\ndef test_it(): pytest.skip('no')")
        assert told["it"]["message"] == (
            "This check was skipped by its own test; that is not a pass."
        )


class TestFaults:
    """A fault fails its check whatever the test catches, and no other check."""

    @pytest.mark.parametrize(
        ("use", "status"),
        [
            ("stu.leave()", "crashed"),
            ("stu.hang()", "timed_out"),
            ("stu.Thing() == 1", "failed"),
            ("stu.double(object())", "failed"),
        ],
    )
    def test_one_that_the_test_catches_still_fails_it(self, suite, use, status):
        told = suite(
            STUDENT,
            f"""
            import stu
            def test_before(): assert stu.double(1) == 2
            def test_it():
                try: {use}
                except BaseException: pass
            def test_after(): assert stu.double(1) == 2
            """,
            call_s=0.5,
        )
        assert told.status == {"before": "passed", "it": status, "after": "passed"}
        assert "[fault]" in told["it"]["detail"]

    def test_a_missing_name_fails_the_checks_that_use_it(self, suite):
        told = suite(
            STUDENT,
            """
            from stu import double, nothing
            def test_uses(): nothing(1)
            def test_does_not(): assert double(1) == 2
            """,
        )
        assert told.status == {"uses": "failed", "does_not": "passed"}
        assert told["uses"]["message"] == "Your module has no 'nothing' (stu.py)."

    def test_an_attribute_that_is_missing_is_told_in_the_same_words(self, suite):
        told = suite(STUDENT, "import stu\ndef test_it(): stu.nothing(1)")
        assert told["it"]["message"] == "Your module has no 'nothing' (stu.py)."

    def test_a_module_with_a_syntax_error_crashes_what_uses_it(self, suite):
        told = suite(
            "def f(:\n",
            """
            from stu import f
            def test_uses(): f()
            def test_does_not(): assert 1 + 1 == 2
            """,
        )
        assert told.status == {"uses": "crashed", "does_not": "passed"}
        assert "stu.py, line 1" in told["uses"]["message"]


class TestFixtures:
    def test_setup_and_teardown_that_fail_fail_the_check(self, suite):
        told = suite(
            STUDENT,
            """
            import pytest, stu
            @pytest.fixture
            def unset(): stu.fail()
            @pytest.fixture
            def unclosed():
                yield 1
                stu.fail()
            def test_setup(unset): pass
            def test_teardown(unclosed): pass
            def test_next(): pass
            """,
        )
        assert told.status == {"setup": "failed", "teardown": "failed", "next": "passed"}
        assert "ValueError: not today" in told["teardown"]["message"]

    def test_module_fixtures_live_for_the_whole_file(self, suite):
        told = suite(
            STUDENT,
            """
            import pytest, stu
            made = []
            @pytest.fixture(scope="module")
            def thing():
                made.append(1)
                value = stu.Thing()
                yield value
                value.close()
            def test_one(thing): assert stu.Thing.closed == 0
            def test_two(thing): assert stu.Thing.closed == 0 and made == [1]
            """,
        )
        assert told.status == {"one": "passed", "two": "passed"}

    @pytest.mark.parametrize("kind", ["Sour", "Deadly"])
    def test_a_teardown_that_fails_after_an_early_end_breaks_nothing(self, suite, kind):
        told = suite(
            STUDENT,
            f"""
            import pytest, stu
            @pytest.fixture(scope="module")
            def thing():
                value = stu.{kind}()
                yield value
                value.close()
            @pytest.mark.parametrize("n", [1, 2, 3])
            def test_first(thing, n): assert stu.wrong(n) == n
            def test_second(): assert stu.double(1) == 2
            """,
        )
        assert told.status == {"first": "failed", "second": "passed"}
        assert told.of("broken") == []

    def test_a_teardown_that_is_cut_short_does_not_cost_the_next_file(self, suite):
        first = """
        import pytest, stu
        @pytest.fixture(scope="module")
        def outer(): yield
        @pytest.fixture
        def thing(outer):
            value = stu.Deadly()
            yield value
            value.close()
        def test_a(thing): pass
        """
        tests = {"test_public.py": first, "test_hidden.py": "def test_b(): pass"}
        assert suite(STUDENT, tests).status == {"a": "crashed", "b": "passed"}

    def test_conftest_and_its_fixtures_are_used(self, suite):
        told = suite(
            STUDENT,
            {
                "conftest.py": "import pytest\n@pytest.fixture\ndef seven(): return 7\n",
                "test_public.py": "import stu\ndef test_it(seven): assert stu.double(seven) == 14",
            },
        )
        assert told.status == {"it": "passed"}

    def test_a_conftest_outside_of_the_lab_is_nobodys(self, suite, tmp_path):
        """In plain processes anybody may have put one into a folder above."""
        (tmp_path / "conftest.py").write_text("raise RuntimeError('loaded')\n")
        told = suite(STUDENT, "import stu\ndef test_it(): assert stu.wrong(1) == 1")
        assert told.status == {"it": "failed"}

    def test_a_lab_may_have_its_own_pytest_settings(self, suite):
        told = suite(
            STUDENT,
            {
                "pytest.ini": "[pytest]\naddopts = --no-such-option\nmarkers = slow: takes long\n",
                "test_public.py": "import pytest\n@pytest.mark.slow\ndef test_it(): pass",
            },
        )
        assert told.status == {"it": "passed"}


class TestNeeds:
    TESTS = """
    from stu import double, wrong
    def test_child(): assert double(1) == 2
    def test_parent(): assert {parent}(1) == 2
    def test_grandchild(): assert double(1) == 2
    """

    def test_a_check_runs_after_what_it_needs(self, suite):
        needs = {"child": ("parent",), "grandchild": ("child",)}
        told = suite(STUDENT, self.TESTS.format(parent="double"), needs=needs)
        assert told.status == {"parent": "passed", "child": "passed", "grandchild": "passed"}

    def test_it_is_skipped_where_that_did_not_pass(self, suite):
        needs = {"child": ("parent",), "grandchild": ("child",)}
        told = suite(STUDENT, self.TESTS.format(parent="wrong"), needs=needs)
        assert told.status == {"parent": "failed", "child": "skipped", "grandchild": "skipped"}
        assert told["child"]["message"] == "Skipped, because parent did not pass."
        assert "child" not in [event["id"] for event in told.of("began")]

    def test_checks_may_need_those_of_an_earlier_file(self, suite):
        tests = {
            "test_public.py": "from stu import wrong\ndef test_a(): assert wrong(1) == 1",
            "test_hidden.py": "def test_b(): pass\ndef test_c(): pass",
        }
        told = suite(STUDENT, tests, needs={"b": ("a",)})
        assert told.status == {"a": "failed", "b": "skipped", "c": "passed"}

    def test_a_circle_of_needs_ends(self, suite):
        needs = {"child": ("parent",), "parent": ("child",)}
        told = suite(STUDENT, self.TESTS.format(parent="double"), needs=needs)
        assert set(told.status) == {"parent", "child", "grandchild"}


class TestCollection:
    """Only what the lab's own files define is a check; a file that cannot be read is somebody's."""

    def test_imported_tests_mint_nothing(self, suite):
        source = (
            STUDENT + "def test_mine(): pass\nclass TestMine:\n    def test_x(self): pass\n"
            "import enum\nclass TestEnum(enum.Enum):\n    A = 1\n"
        )
        told = suite(
            source,
            """
            from stu import *
            from stu import test_mine, TestMine, TestEnum
            def test_own(): assert double(1) == 2
            """,
        )
        assert told.status == {"own": "passed"}
        assert told.of("note") == []

    def test_a_test_that_is_not_declared_is_noted_and_not_run(self, suite):
        declared = [
            Declared(id="a", file="test_public.py", node="test_a", points=1, public=True, needs=())
        ]
        told = suite(STUDENT, "def test_a(): pass\ndef test_b(): assert 0", declared=declared)
        assert told.status == {"a": "passed"}
        assert "test_b" in told.of("note")[0]["text"]

    def test_a_check_that_is_not_there_is_not_reported(self, suite):
        declared = [
            Declared(
                id=name, file="test_public.py", node=f"test_{name}", points=1, public=True, needs=()
            )
            for name in ("a", "b")
        ]
        told = suite(STUDENT, "def test_a(): pass", declared=declared)
        assert told.status == {"a": "passed"}

    @pytest.mark.parametrize(
        "text",
        [
            "import no_such_library\ndef test_a(): pass",
            "def test_a(:",
            "1 / 0\ndef test_a(): pass",
            "import pytest\npytest.skip('no', allow_module_level=True)\ndef test_a(): pass",
        ],
    )
    def test_a_file_that_is_wrong_itself_is_the_labs_fault(self, suite, text):
        declared = [
            Declared(id="a", file="test_public.py", node="test_a", points=1, public=True, needs=())
        ]
        told = suite(STUDENT, text, declared=declared)
        assert told.status == {}
        assert [event["checks"] for event in told.of("broken")] in ([["a"]], [])

    @pytest.mark.parametrize(
        ("statement", "status"),
        [
            ("stu.fail()", "crashed"),
            ("stu.leave()", "crashed"),
            ("stu.hang()", "timed_out"),
            ("stu.Thing() == 1", "failed"),
        ],
    )
    def test_one_that_the_students_code_stops_is_the_students(self, suite, statement, status):
        tests = {
            "test_public.py": f"import stu\n{statement}\ndef test_a(): pass\ndef test_b(): pass",
            "test_hidden.py": "import stu\ndef test_c(): assert stu.double(1) == 2",
        }
        told = suite(STUDENT, tests, call_s=0.5)
        assert told.status == {"a": status, "b": status, "c": "passed"}
        assert told.of("broken") == []
        assert told["a"]["message"]


class TestFiles:
    def test_each_file_has_a_child_of_its_own(self, suite):
        count = """
        import stu
        def test_{name}():
            stu.counter = stu.counter + 1
            assert stu.counter == 1
        """
        tests = {
            "test_public.py": count.format(name="a"),
            "test_hidden.py": count.format(name="b"),
        }
        assert suite(STUDENT, tests).status == {"a": "passed", "b": "passed"}

    def test_what_one_file_s_calls_wrote_is_gone_in_the_next(self, suite):
        tests = {
            "test_public.py": "def test_a(student): student.write('left', b'x')",
            "test_hidden.py": "def test_b(student): assert 'left' not in student.files()",
        }
        assert suite(STUDENT, tests).status == {"a": "passed", "b": "passed"}


class TestTelling:
    def test_a_hidden_check_says_nothing_of_its_values(self, suite):
        tests = {
            "test_hidden.py": """
            from stu import wrong, say, fail
            def test_value(): assert wrong(4711) == 4711
            def test_output(): say("secret 4711"); assert 0
            def test_error(): fail()
            """
        }
        told = suite(STUDENT, tests)
        for check in ("value", "output", "error"):
            assert told[check]["message"] == ""
            assert told[check]["output"] == ""
        assert "4711" in told["value"]["detail"]

    def test_a_public_check_shows_what_was_printed(self, suite):
        told = suite(STUDENT, "from stu import say\ndef test_it(): say('hallo')")
        assert told["it"]["output"] == "hallo\n"

    def test_an_error_of_the_students_shows_its_line(self, suite):
        told = suite("def f():\n    return {}['key']\n", "from stu import f\ndef test_it(): f()")
        assert told["it"]["message"] == "KeyError: 'key' (stu.py, line 2)"
        assert "[in the student's code]" in told["it"]["detail"]

    def test_texts_are_cut(self, suite):
        told = suite(
            "def f(): raise ValueError('x' * 100_000)",
            "from stu import f\ndef test_it(): f()\ndef test_own(): assert 0, 'y' * 100_000",
        )
        for check in ("it", "own"):
            assert len(told[check]["message"]) <= MESSAGE_CAP
            assert len(told[check]["detail"]) <= DETAIL_CAP

    def test_an_object_that_cannot_be_shown_fails_its_check_alone(self, suite):
        source = """
class Mute:
    def __repr__(self): raise ValueError("no")
class Exits:
    def __repr__(self): raise SystemExit(3)
def same(x): return 1
"""
        told = suite(
            source,
            """
            import stu
            def test_mute(): x = stu.Mute(); assert stu.same(x) == 2, x
            def test_exits(): x = stu.Exits(); assert [x] == [1]
            def test_shown(): assert stu.same(1) == 1
            """,
        )
        assert told.status["shown"] == "passed"
        assert set(told.status) == {"mute", "exits", "shown"}
        assert {told.status["mute"], told.status["exits"]} <= {"failed", "crashed"}


def test_a_fault_in_a_fixture_fails_only_the_checks_that_use_it(suite):
    told = suite(
        "import os\ndef leave(): os._exit(1)\ndef fine(): return 1\n",
        """
        import pytest
        from stu import fine, leave

        @pytest.fixture
        def below(request):
            request.addfinalizer(lambda: None)
            return leave()

        @pytest.fixture
        def above(below):
            return below

        def test_one(above):
            pass

        def test_two(above):
            pass

        def test_three():
            assert fine() == 1
        """,
    )
    assert told.status == {"one": "crashed", "two": "crashed", "three": "passed"}
    assert all("_finalizers" not in told[check]["detail"] for check in ("one", "two"))
