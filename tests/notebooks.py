"""Notebooks for tests, as Jupyter would save them."""

from __future__ import annotations

import json
from typing import Any


def code(source_: str, mark: str = "", **fields: Any) -> dict[str, Any]:
    """Return a code cell."""
    return {
        "cell_type": "code",
        "id": mark,
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": source_.splitlines(keepends=True),
    } | fields


def text(source: str, mark: str = "") -> dict[str, Any]:
    """Return a cell of text."""
    return {"cell_type": "markdown", "id": mark, "metadata": {}, "source": source}


def notebook_of(*cells: str | dict[str, Any], **fields: Any) -> bytes:
    """Return a notebook of code cells (text) and cells as they are; `fields` are its own."""
    made = [dict(code(cell) if isinstance(cell, str) else cell) for cell in cells]
    for place, cell in enumerate(made):
        if cell.get("id") == "":
            cell["id"] = f"cell-{place + 1}"
    whole: dict[str, Any] = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole | fields, indent=1).encode()
