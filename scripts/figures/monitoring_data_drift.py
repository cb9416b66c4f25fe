"""Figures of the page on data drift: two kinds of drift, PSI by chance, quiet worlds that alarm."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd

from scripts.figures.chart import BLUE, GREEN, INK, MUTED, ORANGE, RED, Figure
from scripts.figures.monitoring_programs import ROOMY, program

CHANGE: Final = pd.Timestamp("2025-11-03")
TRAINED_UNTIL: Final = pd.Timestamp("2025-09-07")
WHEN: Final = ["4 weeks before", "4 weeks after"]
CHANNELS: Final = ["store", "app", "delivery"]
WORLDS: Final = {
    "data drift: counters close": {"closed": 0.4},
    "concept drift: a new habit": {"habit": 0.4},
}
SIZES: Final = (50, 100, 200, 500, 1_000, 2_000)
COMMON: Final = (0.0, 0.2, 0.6, 1.0)
WAYS: Final = {
    "by_rows": "all rows",
    "by_days": "one mean a day",
    "by_rank": "rank among 26 changes",
}


def figures() -> list[Figure]:
    """Return the figures of the page."""
    return [*two_kinds(), chance(), quiet()]


def two_kinds() -> list[Figure]:
    """Draw, for each kind of drift, the channels of the rows and what a row sells."""
    return [_kind(world) for world in WORLDS]


def _kind(world: str) -> Figure:
    shops = program("shops")
    rows = shops.make_sales(1, 210, at=182, **WORLDS[world])
    model = shops.fit(rows[rows["date"] <= TRAINED_UNTIL])
    rows = rows.assign(forecast=shops.forecast(model, rows))
    rows = rows[rows["date"] >= CHANGE - pd.Timedelta(days=28)]
    when = rows["date"].ge(CHANGE).map({False: WHEN[0], True: WHEN[1]}).rename("when")
    grouped = rows.groupby([when, "channel"])
    table = grouped[["units", "forecast"]].sum().assign(rows=grouped.size()).reset_index()
    table["share"] = table["rows"] / table.groupby("when")["rows"].transform("sum")
    table["ratio"] = table["units"] / table["forecast"]
    left = _bars(table, "share", "share of the rows: P(x)", "%")
    right = _bars(table, "ratio", "sold / forecast: P(y|x)", ".1f")
    at = table.set_index(["when", "channel"])
    told = [
        f"{channel}: share of rows {at.loc[(WHEN[0], channel), 'share']:.0%} before and "
        f"{at.loc[(WHEN[1], channel), 'share']:.0%} after, sold divided by forecast "
        f"{at.loc[(WHEN[0], channel), 'ratio']:.2f} and {at.loc[(WHEN[1], channel), 'ratio']:.2f}"
        for channel in CHANNELS
    ]
    return Figure(
        name="drift-of-data" if "data" in world else "drift-of-concept",
        chart=alt.hconcat(left, right, spacing=36),
        title=world.capitalize(),
        says=f"{world.capitalize()}. {'; '.join(told)}.",
    )


def _bars(table: pd.DataFrame, column: str, title: str, shape: str) -> Any:
    scale = alt.Scale(domain=WHEN, range=[BLUE, ORANGE])
    return (
        alt.Chart(table)
        .mark_bar()
        .encode(
            x=alt.X("channel:N", title=None, sort=CHANNELS, axis=alt.Axis(labelAngle=0)),
            xOffset=alt.XOffset("when:N", sort=WHEN),
            y=alt.Y(f"{column}:Q", title=title, axis=alt.Axis(format=shape, tickCount=5)),
            color=alt.Color("when:N", sort=WHEN, scale=scale, legend=ROOMY),
        )
        .properties(width=210, height=170)
    )


def chance() -> Figure:
    """Draw the PSI that chance alone reaches, and that of a real shift, by sample size."""
    compare = program("compare")
    quiet = {size: np.quantile(compare.chance_psi(size), 0.95) for size in SIZES}
    moved = {size: np.median(compare.shifted_psi(size, runs=300)) for size in SIZES}
    kinds = {
        "no change: 95 % of draws are below": quiet,
        "moved by 0.4 SD: middle draw": moved,
    }
    table = pd.DataFrame(
        [
            {"rows": size, "psi": value, "kind": kind}
            for kind, values in kinds.items()
            for size, value in values.items()
        ]
    )
    lines = alt.Chart(table).encode(
        x=alt.X(
            "rows:Q",
            scale=alt.Scale(type="log", domain=[45, 2_200], nice=False),
            title="rows in each sample (log scale)",
            axis=alt.Axis(values=[50, 100, 200, 500, 1000, 2000], grid=False),
        ),
        y=alt.Y("psi:Q", title="PSI with ten bins", scale=alt.Scale(domain=[0, 0.7])),
        color=alt.Color(
            "kind:N",
            sort=None,
            scale=alt.Scale(domain=list(kinds), range=[BLUE, RED]),
            legend=ROOMY,
        ),
    )
    limit = alt.Chart(pd.DataFrame({"psi": [0.2]}))
    rule = limit.mark_rule(color=INK, strokeDash=[6, 4]).encode(y="psi:Q")
    words = limit.mark_text(align="right", x=476, dy=-8, color=MUTED, text="usual limit 0.2")
    chart = (rule + words.encode(y="psi:Q") + lines.mark_line(point={"size": 45})).properties(
        width=480, height=230
    )
    told = ", ".join(
        f"{size} rows {quiet[size]:.3f} and {moved[size]:.3f}" for size in (100, 500, 2_000)
    )
    return Figure(
        name="drift-psi-chance",
        chart=chart,
        title="PSI by chance and PSI of a shift",
        says=(
            "PSI with ten bins. What 95 % of draws stay below when nothing has changed, and the "
            f"middle of the draws after a shift of 0.4 standard deviations: {told}. "
            "The usual limit is 0.2."
        ),
    )


def quiet() -> Figure:
    """Draw how often each way of comparing alarms, by what the rows of a day have in common."""
    shares = {common: program("false_alarms").false_alarms(common=common) for common in COMMON}
    table = pd.DataFrame(
        [
            {"common": common, "way": WAYS[way], "alarms": share}
            for common, found in shares.items()
            for way, share in found.items()
        ]
    )
    colours = alt.Scale(domain=list(WAYS.values()), range=[RED, ORANGE, GREEN])
    lines = alt.Chart(table).encode(
        x=alt.X(
            "common:Q",
            axis=alt.Axis(format="%", grid=False, values=list(COMMON)),
            title="share of the variance that all rows of a day have in common",
        ),
        y=alt.Y("alarms:Q", title="quiet worlds with an alarm", axis=alt.Axis(format="%")),
        color=alt.Color("way:N", sort=None, scale=colours, legend=ROOMY),
        strokeDash=alt.StrokeDash("way:N", sort=None, scale=alt.Scale(domain=list(WAYS.values()))),
    )
    promised = alt.Chart(pd.DataFrame({"alarms": [0.05]}))
    rule = promised.mark_rule(color=INK, strokeDash=[6, 4]).encode(y="alarms:Q")
    words = promised.mark_text(align="right", x=476, dy=-9, color=MUTED, text="promised: 5 %")
    chart = (rule + words.encode(y="alarms:Q") + lines.mark_line(point={"size": 60})).properties(
        width=480, height=230
    )
    at = shares[0.6]
    return Figure(
        name="drift-false-alarms",
        chart=chart,
        title="False alarms of three comparisons",
        says=(
            "Share of 400 quiet worlds with an alarm, when four weeks are compared with the four "
            "weeks before. Where all rows of a day share 60 % of the variance: "
            + ", ".join(f"{WAYS[way]} {share:.0%}" for way, share in at.items())
            + f". Where rows are independent: {shares[0.0]['by_rows']:.0%} with all rows. "
            "Promised were 5 %."
        ),
    )
