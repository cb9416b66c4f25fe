"""Importing the student's modules: found only where the manifest says, and failing when used."""

from __future__ import annotations

import importlib
import sys

import pytest

from grader.checker import faults
from grader.checker.modules import Finder
from grader.checker.remote import Missing, RemoteModule
from tests.checker.lines import module_of


@pytest.fixture
def importing(hand_in, monkeypatch):
    """Return a session whose modules can be imported by ordinary import statements."""

    def importing(source="", **fields):
        session = hand_in(source, **fields)
        finder = Finder(session)
        monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
        sessions.append(finder)
        return session

    sessions: list[Finder] = []
    yield importing
    for finder in sessions:
        finder.remove_modules()


def run(code: str) -> dict:
    """Run statements as a test file would."""
    space = {"__name__": "test_file"}
    exec(code, space)
    return space


class TestImports:
    def test_a_name_of_a_module(self, importing):
        importing("def f(): return 5")
        assert run("from stu import f\nvalue = f()")["value"] == 5

    def test_a_package_with_relative_imports_and_submodules(self, importing):
        files = {
            "pkg/__init__.py": "from .a import f\n",
            "pkg/a.py": "from . import b\ndef f(): return b.N\n",
            "pkg/b.py": "N = 7\n",
        }
        importing(files=files, modules=("pkg",))
        space = run("import pkg, pkg.a\nfrom pkg import b\nvalue = [pkg.f(), pkg.a.f(), b.N]")
        assert space["value"] == [7, 7, 7]

    def test_it_is_the_same_module_each_time(self, importing):
        importing("x = []")
        first = importlib.import_module("stu")
        assert isinstance(first, RemoteModule)
        assert importlib.import_module("stu") is first

    def test_a_module_that_is_not_listed_is_not_claimed(self, importing):
        importing(files={"other.py": "x = 1"})
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("other")

    def test_a_name_that_only_begins_like_a_listed_one_is_not_claimed(self, hand_in):
        finder = Finder(hand_in())
        assert finder.find_spec("stunt") is None
        assert finder.find_spec("stu") is not None
        assert finder.find_spec("stu.part") is not None

    def test_modules_are_forgotten_between_files(self, importing):
        importing("x = 1")
        importlib.import_module("stu")
        sys.meta_path[0].remove_modules()
        assert "stu" not in sys.modules

    def test_a_module_of_the_students_wins_over_a_library_there(self, importing):
        importing(files={"calendar.py": "def f(): return 'mine'"}, modules=("calendar",))
        mine = module_of(sys.meta_path[0]._session, "calendar")
        assert mine.f() == "mine"


class TestStar:
    def test_public_names_come_and_what_the_module_imported_does_not(self, importing):
        importing(
            "import json\nfrom math import sqrt\ndef f(): pass\n_x = 1\nN = 2",
            remote_operators=True,
        )
        space = run("from stu import *")
        assert {"f", "N"} <= set(space)
        assert not {"json", "sqrt", "_x"} & set(space)

    def test_all_decides_where_there_is_one(self, importing):
        importing("__all__ = ['f']\ndef f(): pass\ndef g(): pass")
        assert {"f", "g"} & set(run("from stu import *")) == {"f"}

    def test_a_strict_test_keeps_its_own_names_and_pythons(self, importing):
        importing("def abs(x): return 0\ndef mine(): return 0\ndef f(): return 1")
        space = run("def mine(): return 1\nfrom stu import *")
        assert "abs" not in space
        assert space["mine"]() == 1
        assert space["f"]() == 1

    @pytest.mark.parametrize("trusting", [False, True])
    def test_what_pytest_looks_for_never_comes(self, importing, trusting):
        names = ("pytest_plugins", "pytestmark", "setup_module", "collect_ignore", "__test__")
        source = "".join(f"{name} = 1\n" for name in names) + f"__all__ = {list(names)!r}"
        importing(source, remote_operators=trusting)
        assert not set(names) & set(run("from stu import *"))

    def test_asked_for_by_name_it_is_what_was_told(self, importing):
        importing("__all__ = ['abs', 'f']\ndef f(): pass\ndef abs(x): pass")
        assert importlib.import_module("stu").__all__ == ["abs", "f"]


class TestFailures:
    """What cannot be imported is imported all the same; using it fails the check and says why."""

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ("def f(:\n", r"\(stu\.py, line 1\): SyntaxError: .*: def f\(:"),
            ("x = 1\n1 / 0\n", r"\(stu\.py, line 2\): ZeroDivisionError: division by zero"),
            (
                "import nosuchthing\n",
                r"line 1\): ModuleNotFoundError: No module named 'nosuchthing'",
            ),
            ("raise SystemExit('bye')\n", "SystemExit: bye"),
            ("raise KeyboardInterrupt\n", "KeyboardInterrupt"),
            ("import os; os._exit(0)\n", "ended its own process"),
            ("\0\n", "null bytes"),
        ],
    )
    def test_each_says_what_and_where(self, importing, source, said):
        session = importing(source)
        name = run("from stu import f")["f"]
        assert isinstance(name, Missing)
        session.start_check()
        with pytest.raises(faults.Fault, match=said) as caught:
            name()
        assert caught.value.status == "crashed"
        assert caught.value.message.startswith("Your module could not be imported (stu")
        assert len(session.tally.faults) == 1

    def test_a_hang_is_told_and_not_waited_for_again(self, importing):
        session = importing("while True: pass", call_s=0.3)
        name = run("from stu import f")["f"]
        for _ in range(3):
            session.start_check()
            with pytest.raises(faults.WorkerTimedOut, match=r"could not be imported \(stu\)"):
                name()
        assert session.tally.seconds == 0.0

    def test_the_next_file_tries_again(self, importing):
        session = importing("import pathlib\nassert pathlib.Path('there').exists()")
        run("import stu")
        assert session.modules.failure("stu") is not None
        session.modules.forget_failures()
        session.start_check()
        session.request("write", "there", b"")
        assert session.modules.failure("stu") is None

    def test_a_module_that_is_not_there_fails_what_uses_it(self, importing):
        importing(files={}, modules=("stu", "absent"))
        space = run("import absent\nfrom absent import f")
        with pytest.raises(faults.ImportFailed, match="No module named 'absent'"):
            space["f"]()

    def test_a_submodule_that_is_not_there_fails_what_uses_it(self, importing):
        importing(files={"pkg/__init__.py": ""}, modules=("pkg",))
        space = run("from pkg.absent import f")
        with pytest.raises(faults.ImportFailed, match="absent"):
            space["f"]()

    def test_a_name_that_is_not_there_can_be_imported_and_fails_when_used(self, importing):
        importing("x = 1")
        name = run("from stu import nothing")["nothing"]
        with pytest.raises(faults.MissingName, match=r"Your module has no 'nothing' \(stu\.py\)"):
            name(1)


def test_a_new_child_imports_again_before_names_are_looked_up(importing):
    session = importing("import os\nN = 3\ndef f(): return N\ndef die(): os._exit(1)")
    space = run("import stu\nfrom stu import f")
    with pytest.raises(faults.WorkerEnded):
        space["stu"].die()
    session.start_check()
    assert space["f"]() == 3
    assert space["stu"].N == 3
