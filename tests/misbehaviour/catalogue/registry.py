"""All 167 rows in order, and what is counted about them."""

from __future__ import annotations

from tests.misbehaviour.catalogue import (
    artefacts,
    elsewhere,
    exhaustion,
    forging,
    honest,
    lasting,
    reading,
)
from tests.misbehaviour.catalogue.rows import Case, Row

PARTS = (
    forging.ROWS,
    reading.ROWS,
    exhaustion.ROWS,
    lasting.ROWS,
    artefacts.TRAPS,
    artefacts.TEXTS,
    honest.ROWS,
    elsewhere.MALFORMED,
    elsewhere.NOTEBOOKS,
    elsewhere.PAGES,
    elsewhere.IMAGES,
    elsewhere.WORKFLOWS,
    elsewhere.OPERATION,
)
ROWS: tuple[Row, ...] = tuple(
    sorted((one for part in PARTS for one in part), key=lambda one: one.number)
)
"""Every row of the catalogue."""


def cases() -> dict[str, tuple[Row, Case]]:
    """Return every hand-in of the corpus, by `row: name`."""
    return {f"{one.number}: {case.name}": (one, case) for one in ROWS for case in one.cases}


def node_ids() -> tuple[str, ...]:
    """Return every test elsewhere that rows name, each once."""
    return tuple(dict.fromkeys(node for one in ROWS for node in one.by))
