"""Figures of the chapter on experiment tracking: six runs in one picture, and lucky winners."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd

from scripts.figures.chart import BLUE, GREEN, INK, ORANGE, RED, Figure
from scripts.figures.development_programs import program

LEAVES: Final = (1, 5, 10, 20, 50, 100)
"""What the six runs of the page tried."""
TRIED: Final = (1, 2, 4, 6, 9, 12)
"""Number of candidates that are all as good as the champion."""
TONES: Final = {
    "margin of 1 %": RED,
    "paired, same days": ORANGE,
    "paired, fresh days": GREEN,
}


def figures() -> list[Figure]:
    """Return the figures of the page."""
    return [six_runs(), lucky_winners()]


def six_runs() -> Figure:
    """Draw the WAPE of each run, the range of its weeks, and the baseline."""
    table, baseline = _runs()
    base = alt.Chart(table).encode(y=alt.Y("leaf:O", title="rows in a leaf, at least"))
    percent = alt.Axis(format=".0%", labelFlush=False, tickCount=6)
    scale = alt.Scale(zero=False)
    weeks = base.mark_rule(color=BLUE, strokeWidth=4, opacity=0.35).encode(
        x=alt.X("least:Q", title="WAPE on July to September", axis=percent, scale=scale),
        x2="most:Q",
    )
    whole = base.mark_circle(color=BLUE, size=90, opacity=1).encode(x="wape:Q")
    line = alt.Chart(pd.DataFrame({"at": [baseline], "told": ["baseline"]}))
    rule = line.mark_rule(color=INK, strokeDash=[4, 3]).encode(x="at:Q")
    name = line.mark_text(color=INK, align="center").encode(
        x="at:Q", y=alt.value(-7), text="told:N"
    )
    chart = (weeks + whole + rule + name).properties(width=440, height=190)
    told = ", ".join(f"{one.wape:.1%} with leaves of {one.leaf}" for one in table.itertuples())
    says = (
        f"WAPE of six runs: {told}. The baseline has {baseline:.1%}. Single weeks of the same "
        f"models lie between {table.least.min():.0%} and {table.most.max():.0%}, so the runs "
        "differ by less than the weeks."
    )
    return Figure(name="tracking-six-runs", chart=chart, says=says)


def _runs() -> tuple[pd.DataFrame, float]:
    work = program("forecasting")
    sales, features = work.prepared()
    train, judge = work.by_time(sales, work.VALIDATION, work.TEST)
    units = sales["units"][judge]
    week = (sales["date"][judge] - pd.Timestamp(work.VALIDATION)).dt.days // 7
    whole = week < week.max()
    rows = [
        {"leaf": leaf, **_run(work, leaf, (features, sales["units"], train, judge), week[whole])}
        for leaf in LEAVES
    ]
    return pd.DataFrame(rows), work.wape(units, features["usual"][judge])


def _run(work: Any, leaf: int, data: tuple[Any, ...], week: pd.Series[int]) -> dict[str, float]:
    features, units, train, judge = data
    model = work.make_model(min_samples_leaf=leaf).fit(features[train], units[train])
    wrong = (pd.Series(model.predict(features[judge]), units[judge].index) - units[judge]).abs()
    weekly = wrong[week.index].groupby(week).sum() / units[week.index].groupby(week).sum()
    total = float(wrong.sum() / units[judge].sum())
    return {"wape": total, "least": float(weekly.min()), "most": float(weekly.max())}


def lucky_winners() -> Figure:
    """Draw how often a candidate that is no better gets promoted, by the number that were tried."""
    rules = program("champion_rules")
    rows = [
        {"tried": tried, "rule": rule, "share": share}
        for tried in TRIED
        for rule, share in rules.promotions([0.0] * (tried + 1)).items()
    ]
    table = pd.DataFrame(rows)
    base = alt.Chart(table).encode(
        x=alt.X(
            "tried:Q",
            title="candidates that were tried, all exactly as good as the champion",
            scale=alt.Scale(domain=[0, 12]),
            axis=alt.Axis(labelFlush=False),
        ),
        y=alt.Y(
            "share:Q",
            title="falsely promoted",
            axis=alt.Axis(format="%"),
            scale=alt.Scale(domain=[0, 1]),
        ),
        color=alt.Color(
            "rule:N", scale=alt.Scale(domain=list(TONES), range=list(TONES.values())), legend=None
        ),
    )
    last = base.transform_filter(alt.datum.tried == TRIED[-1])
    names = last.mark_text(align="right", dy=-12, fontWeight="bold").encode(text="rule:N")
    chart = (base.mark_line() + base.mark_circle(size=60, opacity=1) + names).properties(
        width=440, height=220
    )
    return Figure(name="tracking-lucky-winners", chart=chart, says=_told(table))


def _told(table: pd.DataFrame) -> str:
    parts = []
    for rule in TONES:
        of_rule = table[table["rule"] == rule].set_index("tried")["share"]
        shares = ", ".join(f"{of_rule[tried]:.0%} of {tried}" for tried in (1, 6, 12))
        parts.append(f"{rule}: {shares}")
    assert np.isfinite(table["share"]).all()
    return (
        "How often the best looking of some candidates is promoted although all are as good as "
        "the champion, over 28 days. " + "; ".join(parts) + "."
    )
