"""Is the relationship between inputs and sales still what it was? Ask the errors."""
# Read by students: questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, D400, D401, INP001

import numpy as np
import pandas as pd
from shops import features, make_sales, wape
from sklearn.ensemble import RandomForestRegressor

TRAINED_UNTIL = pd.Timestamp("2025-09-07")
CHANGE = pd.Timestamp("2025-11-03")
WEEK = pd.Timedelta(days=7)


def three_parts(rows):
    """Return what the model learnt from, its eight quiet weeks in use, and what came then."""
    learnt = rows[rows["date"] <= TRAINED_UNTIL]
    quiet = rows[(rows["date"] > TRAINED_UNTIL) & (rows["date"] < CHANGE)]
    return learnt, quiet, rows[rows["date"] >= CHANGE]


def weekly(rows, forecasts):
    """Return the error of each week, oldest first."""
    rows = rows.assign(forecast=forecasts)
    weeks = rows.groupby((rows["date"] - rows["date"].min()) // WEEK)
    return np.array([wape(week, week["forecast"]) for _, week in weeks])


# --8<-- [start:forest]
def grow(rows, trees=50):
    """A forest: it can follow any shape, inside of what it has seen."""
    made = RandomForestRegressor(trees, random_state=0)
    return made.fit(features(rows), rows["units"])


# --8<-- [end:forest]


# --8<-- [start:history]
def quiet_worlds(worlds=30):
    """How often does a quiet week look worse than all weeks of a history of errors?"""
    in_sample = out_of_sample = 0
    for seed in range(worlds):
        learnt, quiet, now = three_parts(make_sales(seed, 182 + 7))
        forest = grow(learnt, trees=20)
        own, past, week = (
            weekly(part, forest.predict(features(part))) for part in (learnt, quiet, now)
        )
        in_sample += week[0] > own.max()
        out_of_sample += week[0] > past.max()
    return {"against its own training": int(in_sample), "out of sample": int(out_of_sample)}


# --8<-- [end:history]


# --8<-- [start:support]
def campaign(outlets="K05"):
    """From K05 on, outlets give 50 % off. What a discount does to sales is the same as ever."""
    usual, offered = make_sales(1, 210), make_sales(1, 210, at=182, campaign=0.5)
    return usual.where(usual["outlet"] < outlets, offered)


# --8<-- [end:support]
