"""Figure of *The lifecycle*: the error of three ways to live with one model for a year."""

from __future__ import annotations

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, GREEN, INK, RED, Figure
from scripts.figures.introduction_what_is_mlops import taught

WAYS = {
    "never touched again": RED,
    "learnt anew every week": BLUE,
    "watched, and the loop walked": GREEN,
}
"""Way -> colour."""


def errors() -> pd.DataFrame:
    """Return the weekly error of each way."""
    year = taught("introduction", "yearloop")
    told = zip(WAYS, (year.frozen(), year.retrained(), year.one_year()[1]), strict=True)
    return pd.DataFrame(
        [
            {"way": way, "week": week, "error": error}
            for way, by_week in told
            for week, error in by_week.items()
        ]
    )


def figures() -> list[Figure]:
    """Return the figures of the page."""
    table = errors()
    moved = taught("introduction", "yearloop").MOVED
    lines = (
        alt.Chart(table)
        .mark_line()
        .encode(
            x=alt.X(
                "week:Q", title="week of the year", scale=alt.Scale(domain=[13, 52], nice=False)
            ),
            y=alt.Y("error:Q", title="WAPE of the week", axis=alt.Axis(format=".2f")),
            color=alt.Color(
                "way:N",
                sort=None,
                scale=alt.Scale(domain=list(WAYS), range=list(WAYS.values())),
                legend=alt.Legend(title=None, columnPadding=26),
            ),
            strokeDash=alt.StrokeDash(
                "way:N", sort=None, legend=None, scale=alt.Scale(range=[[7, 3], [2, 2], [1, 0]])
            ),
        )
    )
    mark = alt.Chart(pd.DataFrame({"week": [moved], "says": ["customers move to the app"]}))
    rule = mark.mark_rule(strokeDash=[4, 4], color=INK).encode(x="week:Q")
    words = mark.mark_text(align="right", dx=-6, dy=-92, color=INK).encode(
        x="week:Q", text="says:N"
    )
    after = table[table["week"] >= moved].groupby("way", sort=False)["error"].mean()
    said = "; ".join(f"{way}: {error:.3f}" for way, error in after.items())
    return [
        Figure(
            name="year-loop",
            title="One year with a model, in three ways",
            chart=(lines + rule + words).properties(width=520, height=230),
            says=(
                f"Weekly WAPE from week 14 to 51. All are near 0.09 until week {moved}, when "
                f"customers move to the app. Mean from then on: {said}."
            ),
        )
    ]
