"""Makes students' own data inside the checker: the lab's own generator, one call for each seed.

The generator is private code of the course, so it runs where the hidden tests run. No student code
and no worker is near.
"""

from __future__ import annotations

import importlib
import pathlib
import sys
import traceback
from typing import Any

from grader.checker.line import PipeLine

_REASON_CHARS = 4000


def make(header: dict[str, Any], root: pathlib.Path, line: PipeLine) -> None:
    """Hand over the files of each seed of `header`, in order, and say the end.

    `module` lies beside the hidden tests, and has `extract(lab, seed)`, which returns path ->
    text or bytes. Whatever goes wrong in it is told as a broken event.
    """
    sys.path.insert(0, str(root / "hidden"))
    try:
        extract = importlib.import_module(header["module"]).extract
        for seed in header["seeds"]:
            made = extract(header["lab"], seed)
            line.made({str(path): _bytes(content) for path, content in made.items()})
    except Exception:  # noqa: BLE001 - a lab's author reads what it was
        reason = traceback.format_exc()[-_REASON_CHARS:]
        line.event({"event": "broken", "reason": reason, "checks": []})
    line.end({"phases": {}})


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else bytes(content)
