"""Figure of the chapter on ingestion: the last days look bad, since they are not all there."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, ORANGE, Figure
from scripts.figures.development_programs import program

TODAY: Final = pd.Timestamp("2025-10-15")
DAYS: Final = 21
FINAL: Final = "final count, known later"
SO_FAR: Final = "known on 15 October"


def figures() -> list[Figure]:
    """Return the figures of the page."""
    return [so_far()]


def so_far() -> Figure:
    """Draw the units of each day as they are known on one day, and as they turn out."""
    table = _table()
    long = table.melt(id_vars="date", var_name="what", value_name="units")
    chart = (
        alt.Chart(long)
        .mark_line(point=alt.OverlayMarkDef(opacity=1, size=45))
        .encode(
            x=alt.X("date:T", title="day of sale", axis=alt.Axis(format="%e %b", tickCount=5)),
            y=alt.Y("units:Q", title="units of all outlets", scale=alt.Scale(zero=True)),
            color=alt.Color(
                "what:N",
                sort=[SO_FAR, FINAL],
                scale=alt.Scale(domain=[SO_FAR, FINAL], range=[ORANGE, BLUE]),
                legend=alt.Legend(columnPadding=50),
            ),
            strokeDash=alt.StrokeDash("what:N", sort=[SO_FAR, FINAL], legend=None),
        )
        .properties(width=440, height=220)
    )
    return Figure(name="ingestion-so-far", chart=chart, says=_says(table))


def _table() -> pd.DataFrame:
    sales = program("shop_sales").make_sales()
    since = TODAY - pd.Timedelta(days=DAYS)
    rows = sales[(sales["date"] >= since) & (sales["date"] < TODAY)]
    known = rows["known_at"] <= TODAY
    final = rows.groupby("date")["units"].sum()
    so_far = rows[known].groupby("date")["units"].sum().reindex(final.index, fill_value=0)
    return pd.DataFrame({"date": final.index, SO_FAR: so_far.array, FINAL: final.array})


def _says(table: pd.DataFrame) -> str:
    days = table.set_index("date")
    share = days[SO_FAR] / days[FINAL]
    told = ", ".join(
        f"{share[TODAY - pd.Timedelta(days=back)]:.0%} of the units of {back} "
        f"day{'s' if back > 1 else ''} ago"
        for back in (1, 2, 7, 8, 9, 10)
    )
    return f"Units of each day as known on 15 October and in the end. Known so far: {told}."
