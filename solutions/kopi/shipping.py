"""The forecasting service of lab 05: its model, its decoy secrets, and a day's mess around it.

Values in, values and bytes out. A model is fitted on fresh sales for every run, so no image can
know its numbers; secrets are drawn anew, so what is found in an image was put there by its build.
"""

from __future__ import annotations

import base64
import json
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from .outlets import make_outlets
from .sales import make_sales

FIRST_DAY = "2025-09-01"
FITTED_DAYS = 120
SEED = 20261019
"""Seed of the model in the lab's folder."""
HOLIDAYS = ("2026-03-20", "2026-05-01", "2026-08-17", "2026-12-25")
"""The list of kopi-calendar 1.2.0, with which the model was fitted."""
NEWER_HOLIDAYS = ("2026-03-21", "2026-05-14", "2026-08-17", "2026-12-25")
"""The list of kopi-calendar 1.3.0: two days have moved."""
MOVED = ("2026-03-20", "2026-05-01")
"""Days on which both versions give different numbers."""
HOLIDAY_FACTOR = (1.4, 1.9)


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


def cups(model: dict[str, Any], outlet: str, day: date) -> float:
    """Return what the service must answer: computed here, never taken from a student's side."""
    usual = model["outlets"][outlet] * model["weekdays"][day.weekday()]
    return round(usual * (model["holiday"] if day.isoformat() in HOLIDAYS else 1.0), 1)


def questions(rng: np.random.Generator, model: dict[str, Any], count: int) -> list[tuple[str, date]]:
    """Return outlets and ordinary days, on which every version of the calendar agrees."""
    odd = {*HOLIDAYS, *NEWER_HOLIDAYS}
    found: list[tuple[str, date]] = []
    while len(found) < count:
        day = date(2026, 1, 1) + timedelta(days=int(rng.integers(0, 365)))
        if day.isoformat() not in odd:
            found.append((str(rng.choice(sorted(model["outlets"]))), day))
    return found


def secret(rng: np.random.Generator) -> str:
    """Return a secret that stands nowhere else in the world."""
    return "kopi-" + base64.b32encode(rng.bytes(20)).decode().lower()


def shipping(seed: int) -> dict[str, str]:
    """Return path -> text for the lab's folder: the model that students try their image with."""
    return {"model.json": as_json(make_model(np.random.default_rng(seed)))}
