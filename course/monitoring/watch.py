"""Three ways to watch a model: numbers about the rows, a picture, and its error."""
# Read by students: few words, no annotations yet.
# ruff: noqa: ANN001, ANN003, ANN201, INP001

import pandas as pd
from shops import fit, forecast, make_sales, wape

TRAINED_UNTIL = pd.Timestamp("2025-09-07")


# --8<-- [start:describe]
def describe(column):
    """Return a few numbers that say what a column of numbers looks like."""
    return {
        "rows": len(column),
        "missing": int(column.isna().sum()),
        "lowest": round(float(column.min()), 1),
        "mean": round(float(column.mean()), 1),
        "highest": round(float(column.max()), 1),
        "spread": round(float(column.std()), 1),
        "values": column.nunique(),
    }


# --8<-- [end:describe]


# --8<-- [start:error]
def weekly_error(rows, until):
    """Return, for each week: its error by what was known on a day, and the share that was known."""
    weeks = {}
    mondays = rows["date"] - pd.to_timedelta(rows["date"].dt.dayofweek, "D")
    for monday, week in rows.groupby(mondays):
        known = week[week["known_on"] <= until]
        if len(known):
            error = round(wape(known, known["forecast"]), 3)
            weeks[f"{monday:%d %b}"] = error, round(len(known) / len(week), 2)
    return weeks


# --8<-- [end:error]


def served(days=238, **changes):
    """Return the sales since May with what a model forecast that learnt until early September."""
    rows = make_sales(1, days, **changes)
    model = fit(rows[rows["date"] <= TRAINED_UNTIL])
    return rows.assign(forecast=forecast(model, rows))


def frozen_feed():
    """Return two fortnights of weather as the model got it. In the second the feed hangs."""
    rows = make_sales(1, 182)
    days = rows.groupby("date", as_index=False)["temperature"].first()
    before, now = days[-28:-14], days[-14:].copy()
    now.loc[now.index[4:], "temperature"] = now["temperature"].iloc[3]
    return before, now
