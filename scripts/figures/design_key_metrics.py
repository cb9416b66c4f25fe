"""Figure of *Key metrics*: the same orders under three metrics, each with an optimum of its own."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, INK, Figure
from scripts.figures.introduction_what_is_mlops import taught

QUANTILES: Final = tuple(round(0.05 * step, 2) for step in range(2, 20))


def table() -> pd.DataFrame:
    """Return each metric at each quantile."""
    views = taught("design", "threeviews")
    rows = []
    for quantile in QUANTILES:
        pairs = views.orders(quantile)
        rows.append(
            {
                "quantile": quantile,
                "error": views.wape(pairs),
                "served": views.served(pairs),
                "profit": views.profit(pairs),
            }
        )
    return pd.DataFrame(rows)


def panel(data: pd.DataFrame, metric: str, words: tuple[str, str], best: int) -> Any:
    """Draw one metric over the quantile; `best` is the row of its optimum."""
    title, axis_format = words
    x = alt.X(
        "quantile:Q",
        title="days with enough",
        axis=alt.Axis(values=[0.1, 0.5, 0.9], format="%"),
        scale=alt.Scale(domain=[0.05, 1.0], nice=False),
    )
    y = alt.Y(
        f"{metric}:Q",
        title=None,
        axis=alt.Axis(format=axis_format, tickCount=4),
        scale=alt.Scale(zero=False),
    )
    line = alt.Chart(data).mark_line(color=BLUE).encode(x=x, y=y)
    dot = alt.Chart(data.iloc[[best]]).mark_circle(size=90, color=INK, opacity=1).encode(x=x, y=y)
    return (line + dot).properties(width=150, height=150, title=title)


def figures() -> list[Figure]:
    """Return the figures of the page."""
    data = table()
    panels = (
        panel(data, "error", ("data scientist: WAPE", ".2f"), int(data["error"].idxmin())),
        panel(data, "served", ("expert: served", ".0%"), int(data["served"].idxmax())),
        panel(data, "profit", ("business: profit", ".0f"), int(data["profit"].idxmax())),
    )
    low, high = (
        data.loc[data["error"].idxmin(), "quantile"],
        data.loc[data["profit"].idxmax(), "quantile"],
    )
    return [
        Figure(
            name="three-views",
            title="Three metrics of the same orders",
            chart=alt.hconcat(*panels, spacing=30),
            says=(
                "Three metrics of the orders by the quantile that they aim at. The error is least "
                f"at {low:.0%}, the share of wishes served is largest at the right end "
                f"({data['served'].max():.1%} at {QUANTILES[-1]:.0%}), profit at {high:.0%}: "
                f"{data['profit'].max():.1f} thousand rupiah a day."
            ),
        )
    ]
