"""Runs a small lab's test files by the checker's plugin, in this process; keeps what it tells."""

from __future__ import annotations

import os
import pathlib
import sys
import textwrap
from dataclasses import dataclass, field
from typing import Any

from grader.checker import run as running
from grader.checker.fixtures import Fixtures, Student
from grader.checker.modules import Finder
from grader.checker.plugin import CheckerPlugin, Declared
from grader.checker.session import Session
from grader.checker.share import Share
from grader.discovery import find_tests


@dataclass
class Told:
    """What a run told."""

    events: list[dict[str, Any]] = field(default_factory=list)
    phases: dict[str, float] = field(default_factory=dict)

    def of(self, event: str) -> list[dict[str, Any]]:
        return [told for told in self.events if told["event"] == event]

    @property
    def status(self) -> dict[str, str]:
        """Statuses by check id, in the order in which they were told."""
        return {told["id"]: told["status"] for told in self.of("check")}

    def __getitem__(self, check: str) -> dict[str, Any]:
        (found,) = [told for told in self.of("check") if told["id"] == check]
        return found


def run_suite(
    session: Session,
    root: pathlib.Path,
    tests: dict[str, str],
    *,
    needs: dict[str, tuple[str, ...]] | None = None,
    declared: list[Declared] | None = None,
) -> Told:
    """Run these files; every test is a check of ten points unless the checks are `declared`."""
    texts = {name: textwrap.dedent(text) for name, text in tests.items()}
    running.lay_out({name: text.encode() for name, text in texts.items()}, root)
    checks = declared or [
        Declared(
            id=found.id,
            file=name,
            node=found.node,
            points=10,
            public=name.endswith("public.py"),
            needs=(needs or {}).get(found.id, ()),
        )
        for name, text in texts.items()
        if name.startswith("test_")
        for found in find_tests(text, name)
    ]
    told = Told()
    finder = Finder(session)
    plugin = CheckerPlugin(session, finder, root, checks, told.events.append)
    session.share = Share(session, root.with_name(f"{root.name}-shared"))
    with _Surroundings(finder, root):
        running._pytest(root, session.share._root, [plugin, Fixtures(7, Student(session))])
    told.phases = plugin.phases
    return told


class _Surroundings:
    """What a run changes in its process, put back afterwards."""

    def __init__(self, finder: Finder, root: pathlib.Path) -> None:
        self._finder = finder
        self._root = str(root)

    def __enter__(self) -> None:
        self._before = (sys.path[:], sys.meta_path[:], pathlib.Path.cwd(), dict(os.environ))
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        sys.meta_path.insert(0, self._finder)
        os.chdir(self._root)

    def __exit__(self, *exc: object) -> None:
        path, meta_path, folder, environment = self._before
        sys.path[:], sys.meta_path[:] = path, meta_path
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        self._finder.remove_modules()
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None)).startswith(self._root):
                del sys.modules[name]
