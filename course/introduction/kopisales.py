"""Invented sales of one outlet, the same on every machine: the data of the introduction."""
# Read by students: short questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, D401, INP001, PLR2004, S311

import math
import random
from datetime import date, timedelta

FIRST = date(2026, 1, 5)
"""A Monday."""
USUAL = {"store": 120, "app": 40, "delivery": 60}
"""Cups that an ordinary weekday brings, by sales channel."""


def usual(channel, week, moved_from):
    """What a weekday brings; from week `moved_from` on, customers order by app instead."""
    if week < moved_from:
        return USUAL[channel]
    return {"store": 105, "app": 85, "delivery": 45}[channel]


def sales(weeks, moved_from=10**6, seed=4):
    """Rows of (date, channel, units): weekends bring 15 % more, days vary by about 10 %."""
    chance = random.Random(seed)
    rows = []
    for at in range(7 * weeks):
        day = FIRST + timedelta(days=at)
        weekend = 1.15 if day.weekday() >= 5 else 1.0
        for channel in USUAL:
            level = usual(channel, at // 7, moved_from) * weekend
            units = round(level * math.exp(chance.gauss(0, 0.1)))
            rows.append({"date": day, "channel": channel, "units": units})
    return rows
