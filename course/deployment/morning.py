"""Hands a night's forecasts over to the morning's orders, so that a bad night does little harm."""
# ruff: noqa: INP001

import json
from datetime import datetime, timedelta
from pathlib import Path

EXPECTED = 24
"""Eight outlets times three channels."""
FRESH = timedelta(hours=30)
Cups = dict[str, int]


# --8<-- [start:publish]
def publish(cups: Cups, made_at: datetime, place: Path) -> None:
    """Write the forecasts of a night: all of them, or none."""
    if len(cups) != EXPECTED:
        raise ValueError(f"{len(cups)} of {EXPECTED} forecasts: nothing is published")
    text = json.dumps({"made_at": made_at.isoformat(), "cups": cups})
    beside = place.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(place)  # in one step: a reader sees the old file or the new one


# --8<-- [end:publish]


# --8<-- [start:order]
def order(key: str, now: datetime, place: Path, last_week: Cups) -> tuple[int, str]:
    """Return the cups to order, and where the number comes from."""
    try:
        night = json.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return last_week[key], "last week: there is no forecast"
    age = now - datetime.fromisoformat(night["made_at"])
    if age > FRESH:
        return last_week[key], f"last week: the forecast is {age.days} days old"
    return night["cups"][key], f"forecast of {night['made_at'][:10]}"


# --8<-- [end:order]


# --8<-- [start:slow]
def some_slow(calls: int, slow: float = 0.01) -> float:
    """Return the chance that one or more of several independent calls is slow."""
    return 1 - (1 - slow) ** calls


def all_up(services: int, up: float = 0.999) -> float:
    """Return the share of time in which a chain of independent services works."""
    return float(up**services)


# --8<-- [end:slow]


# --8<-- [start:age]
def error(age: float, half_life: float) -> float:
    """Return the error of the best forecast from data of this age; 1: of no use.

    For a quantity whose memory halves every `half_life` (AR(1)), in the same unit.
    """
    memory: float = 0.5 ** (age / half_life)
    return float((1 - memory**2) ** 0.5)


# --8<-- [end:age]
