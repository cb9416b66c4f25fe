"""The model of lab 05: few numbers in a JSON file, fitted on the sales of the case.

Values in, text out. The lab's own fixtures change the numbers for every run.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

import numpy as np
import pandas as pd

from .outlets import make_outlets
from .sales import make_sales

FIRST_DAY = "2025-09-01"
FITTED_DAYS = 120
SEED = 20260504
"""Seed of the model in the lab's folder."""
HOLIDAY_FACTOR = (1.4, 1.9)
"""How much more is sold on a holiday: from, to."""


def make_model(rng: np.random.Generator, *, outlets: int = 8) -> dict[str, Any]:
    """Fit the model: mean units of each outlet, a factor for each weekday, and one for holidays."""
    sales = make_sales(rng, make_outlets(rng, outlets), first_day=FIRST_DAY, length=FITTED_DAYS)
    days = sales.groupby(["date", "outlet"], as_index=False)["units"].sum()
    usual = days.groupby("outlet")["units"].mean()
    weekday = days.groupby(pd.DatetimeIndex(days["date"]).dayofweek)["units"].mean()
    return {
        "version": "m" + base64.b32encode(rng.bytes(10)).decode().lower(),
        "outlets": {str(name): round(float(mean), 3) for name, mean in usual.items()},
        "weekdays": [round(float(mean / days["units"].mean()), 4) for mean in weekday],
        "holiday": round(float(rng.uniform(*HOLIDAY_FACTOR)), 3),
    }


def as_json(model: dict[str, Any]) -> str:
    """Return a model as its file."""
    return json.dumps(model, indent=1) + "\n"


if __name__ == "__main__":  # python -m kopi.shipping >05-container/source/model/model.json
    sys.stdout.write(as_json(make_model(np.random.default_rng(SEED))))
