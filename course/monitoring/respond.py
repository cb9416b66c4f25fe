"""Five causes, five answers: what each does to the error of the four weeks that follow."""
# Read by students: few words, no annotations yet.
# ruff: noqa: ANN001, ANN201, D103, D401, INP001

from dataclasses import dataclass

import numpy as np
import pandas as pd
from shops import fit, forecast, make_sales, wape

TRAINED_UNTIL = pd.Timestamp("2025-09-07")
CHANGE = pd.Timestamp("2025-11-03")  # the world, the release or the labels change
TODAY = pd.Timestamp("2025-12-08")  # somebody decides: five weeks later
LAST = pd.Timestamp("2026-01-04")  # what is judged: four weeks from today


def known(rows, weeks):
    """Return the last weeks of rows whose true number has arrived today."""
    there = rows[rows["known_on"] <= TODAY]
    return there[there["date"] > TODAY - pd.Timedelta(weeks=weeks)]


# --8<-- [start:answers]
def nothing(case):
    return case.served


def tune(case):
    """Keep the model; correct the level of each channel by the last four weeks."""
    recent = known(case.rows, 4)
    sums = (
        recent.assign(forecast=case.served(recent)).groupby("channel")[["seen", "forecast"]].sum()
    )
    level = sums["seen"] / sums["forecast"]
    return lambda asked: case.served(asked) * asked["channel"].map(level)


def retrain(case):
    """Learn again from the last five weeks, and serve it with the release of today."""
    return learn(known(case.rows, 5), case.release)


def roll_back(case):
    """Serve the model and the release of before."""
    return case.before


def relabel(case):
    """Correct the labels first; then learn again."""
    return learn(known(case.rows.assign(seen=case.rows["units"]), 5), case.release)


# --8<-- [end:answers]
ANSWERS = [nothing, tune, retrain, roll_back, relabel]


def learn(rows, release):
    """Return a function that forecasts: a model that learnt from what was seen, in a release."""
    model = fit(rows.assign(units=rows["seen"]))
    return lambda asked: forecast(model, release(asked))


def good_release(asked):
    return asked


def bad_release(asked):
    """It mixes up two channels on the way to the model."""
    return asked.assign(channel=asked["channel"].replace({"app": "delivery", "delivery": "app"}))


# --8<-- [start:causes]
CAUSES = {
    "nothing happened": {},
    "counters closed": {"closed": 0.4},
    "new delivery habit": {"habit": 0.4},
    "bad release": {},
    "wrong labels": {},
}


# --8<-- [end:causes]
@dataclass
class Case:
    """What is there when somebody has to decide."""

    rows: pd.DataFrame  # with the units that were seen, right or wrong
    before: object  # what was served until the change
    served: object  # what is served since
    release: object  # the code around the model


def situation(cause, seed):
    rows = make_sales(seed, 245, at=182, **CAUSES[cause])
    twice = (rows["date"] >= CHANGE) & (rows["channel"] == "delivery") & (cause == "wrong labels")
    rows["seen"] = np.where(twice, 2 * rows["units"], rows["units"])
    learnt = rows[rows["date"] <= TRAINED_UNTIL]
    release = bad_release if cause == "bad release" else good_release
    return Case(rows, learn(learnt, good_release), learn(learnt, release), release)


def outcomes(worlds=10):
    """Return cause by answer: the mean error from today on, against what was really sold."""
    table = pd.DataFrame(0.0, index=list(CAUSES), columns=[answer.__name__ for answer in ANSWERS])
    for cause in CAUSES:
        for seed in range(worlds):
            case = situation(cause, seed)
            future = case.rows[case.rows["date"].between(TODAY, LAST)]
            for answer in ANSWERS:
                made = answer(case)
                table.loc[cause, answer.__name__] += wape(future, made(future)) / worlds
    return table


# --8<-- [start:windows]
def window_errors(since, used, worlds=10):
    """Retrain some weeks after a new habit, with the last so many weeks: error by both numbers."""
    table = pd.DataFrame(0.0, index=since, columns=used)
    for seed in range(worlds):
        rows = make_sales(seed, 182 + 7 * (max(since) + 4), at=182, habit=0.4)
        for weeks in since:
            today = CHANGE + pd.Timedelta(weeks=weeks)
            there = rows[rows["known_on"] <= today]
            future = rows[rows["date"].between(today, today + pd.Timedelta(days=27))]
            for length in used:
                model = fit(there[there["date"] > today - pd.Timedelta(weeks=length)])
                table.loc[weeks, length] += wape(future, forecast(model, future)) / worlds
    return table


# --8<-- [end:windows]
