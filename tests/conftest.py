"""What every test may ask for: an engine, a browser; and the header that lists what was found."""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests import sharing


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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return sharing.scheduler(config, log)


def pytest_collection_modifyitems(items) -> None:
    """Refuse a test that needs an engine or a browser and would run beside others of its kind."""
    for item in items:
        for name in sharing.ONE_AT_A_TIME:
            if item.get_closest_marker(name) and sharing.group(item.nodeid) != name:
                raise pytest.UsageError(f"{item.nodeid} has the mark {name}; its file must name it")


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


@pytest.fixture(autouse=True)
def _no_loop_of_the_browsers(request) -> Iterator[None]:
    """Hide the event loop that a browser of this process keeps open from tests that need none."""
    loop = asyncio._get_running_loop()
    if loop is None or request.node.get_closest_marker("needs_browser"):
        yield
        return
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)
