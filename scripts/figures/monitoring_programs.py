"""Loads the example programs of the part on monitoring: figures use what the pages show."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, Final

import altair as alt

FOLDER: Final = Path(__file__).resolve().parents[2] / "course" / "monitoring"


ROOMY: Final = alt.Legend(columnPadding=44, labelLimit=400)
"""A legend whose words have room, also in a wider font than the one they were measured in."""
LEFT: Final = {"left": 40, "right": 12, "top": 4, "bottom": 4}
"""The same for the words beside an axis."""


def program(name: str) -> Any:
    """Return an example program by its name, as a page beside it would import it."""
    if str(FOLDER) not in sys.path:
        sys.path.insert(0, str(FOLDER))
    return importlib.import_module(name)
