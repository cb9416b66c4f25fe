"""The model: numbers in a JSON file, and the arithmetic that turns them into cups."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

from kopi_calendar import is_holiday

BESIDE = Path(__file__).resolve().parent.parent / "model" / "model.json"


def read_model() -> dict[str, Any] | None:
    """Return the model, or None while there is none. KOPI_MODEL names another place."""
    path = Path(os.environ.get("KOPI_MODEL") or BESIDE)
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def cups(model: dict[str, Any], outlet: str, day: date) -> float:
    """Return the cups that an outlet will sell on a day, with one decimal."""
    usual = model["outlets"][outlet] * model["weekdays"][day.weekday()]
    return round(usual * (model["holiday"] if is_holiday(day) else 1.0), 1)
