"""What pytest would collect is found by reading; pytest is asked where they could differ."""

import subprocess
import sys
import textwrap

import pytest

from grader.discovery import find_tests, redefined
from grader.errors import LabError


def found(text):
    return find_tests(textwrap.dedent(text), "test_x.py")


def ids(text):
    return [test.id for test in found(text)]


def nodes(text):
    return [test.node for test in found(text)]


def test_functions_of_the_module_are_tests_async_ones_too():
    assert ids("def test_b(): ...\nasync def test_a(): ...\ndef other(): ...\n") == ["b", "a"]


def test_a_name_without_an_underscore_keeps_its_prefix():
    assert ids("def testfast(): ...\ndef test_(): ...\n") == ["testfast", "test_"]


def test_methods_carry_the_name_of_their_class():
    text = "class TestGate:\n    def test_rejects(self): ...\n    def help(self): ...\n"
    assert ids(text) == ["Gate.rejects"]
    assert nodes(text) == ["TestGate::test_rejects"]


def test_a_class_called_test_alone_keeps_its_name():
    assert ids("class Test:\n    def test_a(self): ...\n") == ["Test.a"]


def test_classes_inside_test_classes_are_followed():
    text = """
        class TestGate:
            class TestNight:
                def test_a(self): ...
        """
    assert ids(text) == ["Gate.Night.a"]
    assert nodes(text) == ["TestGate::TestNight::test_a"]


@pytest.mark.parametrize(
    "text",
    [
        "class Gate:\n    def test_a(self): ...\n",
        "class TestGate:\n    def __init__(self): ...\n    def test_a(self): ...\n",
        "class TestGate:\n    def __new__(cls): ...\n    def test_a(self): ...\n",
        "class TestGate:\n    __test__ = False\n    def test_a(self): ...\n",
        "from abc import *\nclass TestGate(ABC):\n    @abstractmethod\n    def test_a(self): ...\n",
        "import pytest\n@pytest.fixture\ndef test_a(): ...\n",
        "import pytest\n@pytest.fixture(scope='module')\ndef test_a(): ...\n",
        "from other import test_a, TestGate\n",
        "def outer():\n    def test_a(): ...\n",
        "if __name__ == '__main__':\n    def test_a(): ...\n",
        "def test_a(): ...\ndel test_a\n",
        "test_a = lambda: None\n",
    ],
)
def test_what_pytest_would_not_run_mints_nothing(text):
    assert ids(text) == []


@pytest.mark.parametrize(
    "head",
    [
        "import unittest\nclass GateTest(unittest.TestCase):",
        "from unittest import TestCase\nclass GateTest(TestCase):",
        "from unittest import TestCase as T\nclass GateTest(T):",
        "import unittest as u\nclass GateTest(u.IsolatedAsyncioTestCase):",
        "import django.test\nclass GateTest(django.test.SimpleTestCase):",
    ],
)
def test_subclasses_of_a_test_case_are_found_under_any_name(head):
    assert ids(f"{head}\n    def setUp(self): ...\n    def test_a(self): ...\n") == ["GateTest.a"]


def test_methods_come_down_from_classes_of_the_same_file():
    text = """
        import unittest
        class Mixin:
            def test_shared(self): ...
        class Base(unittest.TestCase):
            def test_base(self): ...
        class DerivedTest(Mixin, Base):
            def test_own(self): ...
        """
    assert ids(text) == ["Base.base", "DerivedTest.base", "DerivedTest.shared", "DerivedTest.own"]


def test_a_base_class_may_lie_inside_another_class():
    text = """
        import unittest
        class Shared:
            class Base(unittest.TestCase):
                def test_a(self): ...
        class FirstTest(Shared.Base):
            pass
        """
    assert ids(text) == ["FirstTest.a"]


def test_classes_that_replace_their_own_ancestor_end_the_search():
    text = """
        class TestB: ...
        class TestA(TestB):
            def test_a(self): ...
        class TestB(TestA): ...
        """
    assert ids(text) == ["A.a", "B.a"]


def test_parametrised_cases_belong_to_their_function():
    text = "import pytest\n@pytest.mark.parametrize('n', [1, 2])\ndef test_a(n): ...\n"
    assert ids(text) == ["a"]


def test_tests_behind_a_condition_count():
    text = """
        import sys
        if sys.version_info >= (3, 11):
            def test_new(): ...
        else:
            def test_old(): ...
        try:
            def test_tried(): ...
        except ImportError:
            pass
        """
    assert ids(text) == ["new", "old", "tried"]


def test_the_title_is_the_first_paragraph_on_one_line():
    text = '''
        def test_a():
            """Completeness counts
            blank text as missing.

            For authors: see issue 3.
            """
        '''
    assert found(text)[0].title == "Completeness counts blank text as missing."


def test_without_a_docstring_the_name_is_the_title():
    assert found("def test_rejects_blank_text(): ...\n")[0].title == "rejects blank text"


def test_ids_that_would_meet_are_spelled_in_full():
    text = """
        import unittest
        class TestGate:
            def test_a(self): ...
        class Gate(unittest.TestCase):
            def test_a(self): ...
        def test_b(): ...
        """
    assert ids(text) == ["TestGate.test_a", "Gate.test_a", "b"]


def test_a_file_that_is_no_python_is_refused_with_its_line():
    with pytest.raises(LabError, match="this is not Python") as caught:
        find_tests("x = 1\ndef test_a(:\n", "labs/02/test_public.py")
    assert caught.value.where == "labs/02/test_public.py:2"


def test_a_file_with_a_null_byte_is_refused():
    with pytest.raises(LabError):
        find_tests(b"x = 1\0\n", "test_public.py")


def test_a_declared_encoding_is_honoured():
    text = "# -*- coding: latin-1 -*-\ndef test_a():\n    '''Käse.'''\n".encode("latin-1")
    assert find_tests(text, "t")[0].title == "Käse."


def test_a_test_that_is_defined_twice_is_named():
    text = "def test_a(): ...\ndef test_b(): ...\ndef test_a(): ...\n"
    assert redefined(text, "t") == ("test_a",)
    assert ids(text) == ["b", "a"]


def test_a_method_that_is_defined_twice_is_named_with_its_class():
    text = "class TestA:\n    def test_a(self): ...\n    def test_a(self): ...\n"
    assert redefined(text, "t") == ("TestA.test_a",)


def test_reading_agrees_with_what_pytest_collects(tmp_path):
    text = textwrap.dedent(
        """
        import unittest
        from abc import ABC, abstractmethod
        import pytest

        def test_plain(): ...
        async def test_async(): ...
        @pytest.mark.parametrize("n", [1, 2])
        def test_cases(n): ...
        @pytest.fixture
        def test_data(): ...
        class TestOuter:
            def test_own(self): ...
            @staticmethod
            def test_static(): ...
            class TestInner:
                def test_inner(self): ...
        class TestDerived(TestOuter):
            def test_more(self): ...
        class TestBuilt:
            def __init__(self): ...
            def test_never(self): ...
        class Mixin:
            def test_mixed(self): ...
        class MixedCase(Mixin, unittest.TestCase):
            def test_case(self): ...
            class TestNested:
                def test_never(self): ...
        class TestAbstract(ABC):
            @abstractmethod
            def test_hole(self): ...
            def test_around(self): ...
        class TestFilled(TestAbstract):
            def test_hole(self): ...
        class TestOff:
            __test__ = False
            def test_never(self): ...
        class TestOffToo(TestOff):
            def test_never_either(self): ...
        class Gone(unittest.TestCase):
            def test_never(self): ...
        class TestHeir(Gone):
            def test_heir(self): ...
        del Gone
        """
    )
    (tmp_path / "test_all.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:randomly", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    listed = {
        line.partition("::")[2].partition("[")[0]
        for line in done.stdout.splitlines()
        if line.startswith("test_all.py::")
    }
    assert "TestOuter::TestInner::test_inner" in listed, done.stdout + done.stderr
    assert set(nodes(text)) == listed
