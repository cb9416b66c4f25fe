"""The worked example of *What is MLOps?*: a nightly forecast that is wrong without an error."""
# Read by students: short questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, D401, INP001, PLR2004

from collections import defaultdict
from datetime import date, timedelta

from kopisales import sales

RENAMED = date(2026, 3, 2)
"""From this day on the partner's file says `courier` where it said `delivery`."""


# --8<-- [start:model]
def train(rows, today, weeks):
    """Learn the mean units of each channel and weekday of the last weeks."""
    totals = defaultdict(int)
    for row in rows:
        if today - timedelta(weeks=weeks) <= row["date"] < today:
            totals[row["channel"], row["date"].weekday()] += row["units"]
    return {key: total / weeks for key, total in totals.items()}


def forecast(model, day, channels=("store", "app", "delivery")):
    """Forecast the cups of one day, all channels together."""
    return round(sum(model.get((channel, day.weekday()), 0) for channel in channels))


# --8<-- [end:model]


# --8<-- [start:test]
def test_the_forecast_of_a_quiet_shop():
    """Two equal weeks are forecast to go on."""
    days = [date(2026, 1, 5) + timedelta(days=at) for at in range(14)]
    rows = [{"date": day, "channel": "store", "units": 100} for day in days]
    model = train(rows, today=date(2026, 1, 19), weeks=2)
    assert forecast(model, date(2026, 1, 19)) == 100


# --8<-- [end:test]


def received(weeks=16, seed=4):
    """The sales as the outlet's files tell them: the channel has a new name after a while."""
    rows = sales(weeks, seed=seed)
    for row in rows:
        if row["channel"] == "delivery" and row["date"] >= RENAMED:
            row["channel"] = "courier"
    return rows


# --8<-- [start:nights]
def nights(rows, first, last, weeks=4):
    """Train each night, forecast the next day: (day, forecast, what was sold)."""
    told = []
    for at in range((last - first).days + 1):
        day = first + timedelta(days=at)
        model = train(rows, today=day, weeks=weeks)
        sold = sum(row["units"] for row in rows if row["date"] == day)
        told.append((day, forecast(model, day), sold))
    return told


# --8<-- [end:nights]


# --8<-- [start:guards]
def gate(rows, known=("store", "app", "delivery")):
    """The first day with a channel that we do not know, or None."""
    strange = [row["date"] for row in rows if row["channel"] not in known]
    return min(strange, default=None)


def monitor(told, limit=0.10):
    """The first day when seven forecasts together are off by more than `limit`."""
    for end in range(7, len(told) + 1):
        week = told[end - 7 : end]
        off = sum(guess for _, guess, _ in week) / sum(sold for *_, sold in week) - 1
        if abs(off) > limit:
            return week[-1][0], round(off, 3)
    return None


# --8<-- [end:guards]


def rings(seed):
    """When the monitor rings with other chance: (with the renamed channel, without)."""
    eight_weeks = date(2026, 2, 16), date(2026, 4, 12)
    with_fault = monitor(nights(received(seed=seed), *eight_weeks))
    without = monitor(nights(sales(16, seed=seed), *eight_weeks))
    return with_fault and with_fault[0], without and without[0]
