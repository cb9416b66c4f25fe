"""Makes an empty MLflow store ahead of time: MLflow needs a second for one, whoever asks.

A lab's fixtures may copy it to where the student's code will look for its store. On a laptop it is
not there, and MLflow makes the store at its first use, as ever.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Final

NAME: Final = "empty-mlflow-store.db"


def make_empty_store() -> None:
    """Write the store into this box's folder for temporary files, if it is not there."""
    from mlflow.store.tracking.sqlalchemy_store import (  # noqa: PLC0415 - where it was preloaded
        SqlAlchemyStore,
    )

    path = Path(tempfile.gettempdir()) / NAME
    if path.exists():
        return
    logging.getLogger("alembic").setLevel(logging.ERROR)
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    SqlAlchemyStore(f"sqlite:///{path}", "./mlruns").engine.dispose()  # type: ignore[no-untyped-call]
