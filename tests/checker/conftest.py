"""What the tests of the checker share: sessions with a student's code, and with a script."""

from __future__ import annotations

import pytest

from grader.checker.session import Session
from tests.checker.lines import LoopLine, ScriptedLine, module_of, settings
from tests.checker.suites import run_suite


@pytest.fixture
def hand_in(tmp_path):
    """Return sessions with the code that was handed in; every process ends with the test."""
    lines = []

    def hand_in(source="", *, files=None, boxes=3, notebooks=None, **fields):
        told = settings(**fields)
        handed = (files or {}) if notebooks else {"stu.py": source} | (files or {})
        line = LoopLine(
            tmp_path / f"worker{len(lines)}",
            handed,
            boxes=boxes,
            modules=list(told.modules),
            remote_operators=told.remote_operators,
            notebooks=notebooks or {},
        )
        lines.append(line)
        session = Session(line, told)
        session.start_check()
        return session

    yield hand_in
    for line in lines:
        line.close()


@pytest.fixture
def meet(hand_in):
    """Return the student's module `stu` with this source, as a test would have imported it."""

    def meet(source, **fields):
        return module_of(hand_in(source, **fields), "stu")

    return meet


@pytest.fixture
def scripted():
    """Return a session whose worker says these answers, and its line."""

    def scripted(*answers, **fields):
        line = ScriptedLine(*answers)
        session = Session(line, settings(**fields))
        session.start_check()
        return session, line

    return scripted


@pytest.fixture
def suite(hand_in, tmp_path):
    """Return what a run of test files told about a student's code."""

    def suite(source="", tests="", *, needs=None, declared=None, **fields):
        files = {"test_public.py": tests} if isinstance(tests, str) else tests
        session = hand_in(source, **fields)
        return run_suite(session, tmp_path / "lab", files, needs=needs, declared=declared)

    return suite
