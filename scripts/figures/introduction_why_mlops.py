"""Figure of *Why MLOps?*: where the days with wrong forecasts come from."""

from __future__ import annotations

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, INK, ORANGE, PAPER, RED, Figure
from scripts.figures.introduction_what_is_mlops import taught


def days() -> pd.DataFrame:
    """Return for each team the days that it takes to notice, to repair and to release."""
    exposure = taught("introduction", "exposure")
    rows = []
    for team, times in exposure.TEAMS.items():
        parts = {
            "until noticed": times["notice"],
            "until repaired": times["repair"],
            "until released": times["release"] / 2,
        }
        start = 0.0
        for part, long in parts.items():
            rows.append(
                {"team": team, "part": part, "days": long, "from": start, "to": start + long}
            )
            start += long
    return pd.DataFrame(rows)


def figures() -> list[Figure]:
    """Return the figures of the page."""
    table = days()
    teams = list(table["team"].unique())
    totals = table.groupby("team", sort=False)["to"].max().reset_index()
    y = alt.Y("team:N", sort=teams, title=None, axis=alt.Axis(labelLimit=230))
    bars = (
        alt.Chart(table)
        .mark_bar(size=24)
        .encode(
            x=alt.X("from:Q", title="days from the fault to its mend, on average"),
            x2="to:Q",
            y=y,
            color=alt.Color(
                "part:N",
                sort=None,
                scale=alt.Scale(range=[RED, ORANGE, BLUE]),
                legend=alt.Legend(title=None, columnPadding=26),
            ),
        )
    )
    inside = (
        alt.Chart(table[table["days"] >= 3])  # noqa: PLR2004 - a number needs this much room
        .transform_calculate(middle="(datum.from + datum.to) / 2")
        .mark_text(color=PAPER)
        .encode(x="middle:Q", y=y, text=alt.Text("days:Q", format="~g"))
    )
    ends = (
        alt.Chart(totals)
        .mark_text(align="left", dx=6, color=INK, fontWeight=600)
        .encode(x="to:Q", y=y, text=alt.Text("to:Q", format="~g"))
    )
    said = "; ".join(f"{row.team}: {row.to:g} days" for row in totals.itertuples())
    return [
        Figure(
            name="days-wrong",
            title="Days with wrong forecasts for each fault",
            chart=(bars + inside + ends).properties(
                width=400, height=200, padding={"left": 26, "top": 4, "right": 4, "bottom": 4}
            ),
            says=f"Days from a fault to its mend, by how a team works. {said}.",
        )
    ]
