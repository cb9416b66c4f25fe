"""Workflows that are traps for whoever reads them, and the reader of lab 06."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from tests.misbehaviour.world import ROOT

LIMIT_S = 60


def _conftest() -> ModuleType:
    path = ROOT / "labs" / "06-ci-cd" / "conftest.py"
    spec = importlib.util.spec_from_file_location("conftest_of_lab_06", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


READ: str = _conftest().READ
"""What lab 06 runs in the worker to read a workflow; `sys.argv[1]` is the file."""

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
TRAPS: dict[str, tuple[str, str]] = {
    "a billion laughs": (LAUGHS, "unfolds"),
    "a list in itself": ("jobs: &a [*a]\n", "itself"),
    "a mapping in itself": ("jobs: &a\n  b: *a\n", "itself"),
    "a merge of itself": ("jobs: &a\n  <<: *a\n", "itself"),
    "a key that is itself": ("jobs: &a\n  ? *a\n  : b\n", "itself"),
    "a hundred thousand brackets": ("jobs: " + "[" * 90_000, "deep"),
    "ten thousand levels": ("".join(" " * n + "a:\n" for n in range(600)), "line"),
    "an object of Python": ("jobs: !!python/object/apply:os.system ['touch canary']\n", "no jobs"),
    "a key of a megabyte": ("k" * 1_000_000 + ": 1\n", "200 kB"),
    "a key twice": ("on: push\njobs: {}\njobs: {a: {}}\n", "twice"),
    "on in two ways": ("on: push\njobs:\n  a: {if: on}\n", "another value"),
    "octal and sexagesimal": ("on: push\njobs:\n  a: {x: 010, y: 12:30}\n", "another value"),
    "a tab": ("on: push\njobs:\n\ta: 1\n", "tab"),
    "two documents": ("on: push\n---\njobs: {}\n", "not YAML"),
    "an unknown alias": ("on: *nothing\njobs: {}\n", "not YAML"),
    "bytes that are no text": ("on: \x00\x01\n", "not YAML"),
    "nothing": ("", "empty"),
    "a hundred thousand jobs": (
        "on: push\njobs: {" + ",".join(f"a{n}: 1" for n in range(18_000)) + "}\n",
        "unfolds",
    ),
}
"""Name -> (text, words that the student reads)."""


def as_file(folder: Path, text: str) -> str:
    """Write the text, and return the path."""
    path = folder / "ml.yml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
    return str(path)
