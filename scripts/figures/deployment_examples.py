"""Loads the example programs beside the pages on deployment, so that figures use their numbers."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parents[2] / "course" / "deployment"


def beside(name: str) -> Any:
    """Return course/deployment/<name>.py as a module, without leaving byte code beside it."""
    spec = importlib.util.spec_from_file_location(f"deployment_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = written
    return module
