"""Ingestion of receipts that come one by one, and not in order: windows, a watermark, late ones."""
# Read by students: questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, INP001

import csv
from datetime import datetime, timedelta
from pathlib import Path

HOUR = timedelta(hours=1)


def read(name):
    """Return the receipts of a file in the order in which they arrived."""
    with Path(__file__).with_name(f"receipts-{name}.csv").open(encoding="utf-8") as file:
        lines = [
            line
            | {
                "sold_at": datetime.fromisoformat(line["sold_at"]),
                "arrived_at": datetime.fromisoformat(line["arrived_at"]),
                "cups": int(line["cups"]),
            }
            for line in csv.DictReader(file)
        ]
    return sorted(lines, key=lambda line: line["arrived_at"])


# --8<-- [start:by-arrival]
def by_arrival(receipts):
    """Cups by the hour in which the receipt arrived."""
    cups = {}
    for receipt in receipts:
        hour = f"{receipt['arrived_at']:%H}"
        cups[hour] = cups.get(hour, 0) + receipt["cups"]
    return cups


# --8<-- [end:by-arrival]


# --8<-- [start:watermark]
def by_hour_sold(receipts, patience):
    """Return (cups by the hour of sale, receipts that came after their hour was closed).

    The watermark trails the latest sale that was seen by `patience`. It says: I do not expect
    anything older any more. An hour is closed when the watermark has reached its end.
    """
    cups, late, seen = {}, [], set()
    watermark = receipts[0]["sold_at"] - patience
    for receipt in receipts:
        if receipt["receipt"] in seen:
            continue  # it came twice
        seen.add(receipt["receipt"])
        hour = receipt["sold_at"].replace(minute=0)
        if hour + HOUR <= watermark:
            late.append(receipt["receipt"])
            continue
        cups[f"{hour:%H}"] = cups.get(f"{hour:%H}", 0) + receipt["cups"]
        watermark = max(watermark, receipt["sold_at"] - patience)
    return cups, late


# --8<-- [end:watermark]


# --8<-- [start:append]
def append(store, day, rows):
    """Add a day's rows to what is there."""
    return [*store, *({"day": day, **row} for row in rows)]


# --8<-- [end:append]


# --8<-- [start:replace]
def replace(store, day, rows):
    """Let a day's rows be exactly these, whatever was there before."""
    others = [row for row in store if row["day"] != day]
    return [*others, *({"day": day, **row} for row in rows)]


# --8<-- [end:replace]


# --8<-- [start:contract]
CONTRACT = {
    "owner": "till team",
    "version": 3,
    "key": ["receipt"],
    "due_hours": 2,
    "columns": {
        "receipt": {"type": "text", "required": True},
        "outlet": {"type": "text", "required": True},
        "sold_at": {"type": "time", "required": True, "zone": "with offset"},
        "cups": {"type": "whole number", "required": True, "unit": "cup"},
        "note": {"type": "text", "required": False},
    },
}
# --8<-- [end:contract]


# --8<-- [start:breaks]
def breaks(old, new):
    """Return what a new version of a contract takes from those who rely on the old one."""
    lost = [f"{name} is gone" for name in old["columns"] if name not in new["columns"]]
    for name in old["columns"].keys() & new["columns"].keys():
        before, after = old["columns"][name], new["columns"][name]
        lost += [
            f"{name}: {rule} was {before.get(rule)}, is {after.get(rule)}"
            for rule in ("type", "unit", "zone")
            if before.get(rule) != after.get(rule)
        ]
        if before["required"] and not after["required"]:
            lost.append(f"{name} may be empty now")
    if new["key"] != old["key"]:
        lost.append("the key is another one")
    if new["due_hours"] > old["due_hours"]:
        lost.append("it may come later now")
    return sorted(lost)


# --8<-- [end:breaks]
