"""What every test may ask for: an engine, a browser; and the header that lists what was found."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys

import pytest

_ONE_AT_A_TIME = ("needs_engine", "needs_browser")


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files again from the results"
    )


@functools.cache
def _engine_problem() -> str:
    """Return why containers cannot be used here, or an empty string when they can."""
    probe = (
        "import docker\n"
        "c = docker.from_env(timeout=10)\n"
        "print(c.version()['Version'])\n"
        "from grader.sandbox.image import ensure\n"
        "ensure(c)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode == 0:
        return ""
    return (done.stderr.strip().splitlines() or ["no reason given"])[-1][:300]


def _browser() -> str:
    return shutil.which("chromium") or shutil.which("chromium-browser") or ""


def _skip_or_fail(reason: str, variable: str) -> None:
    if os.environ.get(variable) == "1":
        pytest.fail(f"{variable}=1, but {reason}")
    pytest.skip(reason)


def pytest_collection_modifyitems(items) -> None:
    """Say which tests stay together when several processes share them (`pytest -n 2`).

    One engine and one browser at a time: their tests look at what is left of others. Every other
    file stays whole, since its tests share what they made.
    """
    for item in items:
        shared = [name for name in _ONE_AT_A_TIME if item.get_closest_marker(name)]
        item.add_marker(pytest.mark.xdist_group((shared or [item.location[0]])[0]))


def pytest_report_header() -> list[str]:
    engine = _engine_problem()
    return [
        f"back end: process sandbox: yes (fork: {'yes' if hasattr(os, 'fork') else 'no'})",
        f"back end: container engine: {'yes' if not engine else 'no: ' + engine}",
        f"back end: browser: {_browser() or 'no'}",
    ]


@pytest.fixture(scope="session")
def engine() -> None:
    """Skip, or fail where an engine was promised (GRADER_REQUIRE_ENGINE=1)."""
    problem = _engine_problem()
    if problem:
        _skip_or_fail(
            f"no container engine is ready ({problem}); try: make engine", "GRADER_REQUIRE_ENGINE"
        )


@pytest.fixture(scope="session")
def browser() -> str:
    """Return the path of Chromium; skip, or fail where it was promised."""
    path = _browser()
    if not path:
        _skip_or_fail(
            "Chromium is not installed; try: apt-get install chromium", "GRADER_REQUIRE_BROWSER"
        )
    return path


@pytest.fixture
def update_golden(request) -> bool:
    return request.config.getoption("--update-golden")
