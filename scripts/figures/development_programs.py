"""Loads the example programs of the part on development: figures use what the pages show."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parents[2] / "course" / "development"


def program(name: str) -> Any:
    """Return an example program by its name, as a page beside it would import it."""
    if str(FOLDER) not in sys.path:
        sys.path.insert(0, str(FOLDER))
    return importlib.import_module(name)
