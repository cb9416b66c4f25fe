"""The forecasting model: a mean per outlet, channel and weekday, on the scale of logarithms."""
# ruff: noqa: INP001

import csv
import math
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

Row = dict[str, str]


def read(path: Path) -> list[Row]:
    """Return the rows of a file of sales."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def key(row: Row) -> str:
    """Return the group that a row belongs to."""
    return f"{row['outlet']} {row['channel']} {date.fromisoformat(row['date']):%a}"


def train(rows: list[Row]) -> dict[str, Any]:
    """Return a model of these rows, with the last day that it has seen."""
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(math.log(int(row["units"])))
    means = {name: round(sum(values) / len(values), 6) for name, values in groups.items()}
    return {"scale": "log", "seen_until": max(row["date"] for row in rows), "means": means}


def predict(model: dict[str, Any], row: Row) -> float:
    """Return the units that a row will have."""
    mean = model["means"][key(row)]
    return math.exp(mean) if model["scale"] == "log" else mean


def errors_by_day(model: dict[str, Any], rows: list[Row]) -> dict[str, float]:
    """Return, for each day, the absolute errors of all its rows together."""
    found: dict[str, float] = defaultdict(float)
    for row in rows:
        found[row["date"]] += abs(predict(model, row) - int(row["units"]))
    return dict(found)


def wape(model: dict[str, Any], rows: list[Row]) -> float:
    """Return the sum of the absolute errors as a share of all units sold."""
    return sum(errors_by_day(model, rows).values()) / sum(int(row["units"]) for row in rows)
