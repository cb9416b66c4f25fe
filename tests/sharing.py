"""Which tests stay together when several processes share them (`pytest -n 2`).

One engine and one browser at a time: their tests look at what is left of others. Every other file
stays whole, since its tests share what they made. The groups are told by file and not by marks:
the process that deals the tests out knows nothing but their names.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final

ONE_AT_A_TIME: Final = ("needs_engine", "needs_browser")
ROOT: Final = Path(__file__).resolve().parent.parent


def group(nodeid: str) -> str:
    """Return what a test stays together with: the engine's tests, the browser's, or its file."""
    return _group_of(nodeid.split("::", 1)[0])


@functools.cache
def _group_of(file: str) -> str:
    path = ROOT / file
    said = [one.read_text(encoding="utf-8") for one in (path, path.parent / "conftest.py")
            if one.is_file() and one != ROOT / "tests" / "conftest.py"]  # fmt: skip
    return next((name for name in ONE_AT_A_TIME if any(name in text for text in said)), file)


def scheduler(config: object, log: object) -> object:
    """Return what deals the groups out to processes: the largest first."""
    from xdist.scheduler import LoadFileScheduling

    class Groups(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    return Groups(config, log)
