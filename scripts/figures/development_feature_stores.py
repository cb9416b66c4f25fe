"""Figure of the chapter on feature stores: what a plain join promises, and what then comes."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, ORANGE, Figure
from scripts.figures.development_programs import program

SHOPS: Final = range(7, 13)
"""Seeds of the invented chains."""
TREES: Final = 5
PLAIN: Final = "plain join"
POINT: Final = "point-in-time join"
ORDER: Final = (
    f"{PLAIN}: promised",
    f"{PLAIN}: came",
    f"{POINT}: promised",
    f"{POINT}: came",
)


def figures() -> list[Figure]:
    """Return the figures of the page."""
    return [joins()]


def joins() -> Figure:
    """Draw the error that was promised with each join, and the error that came in use."""
    table = pd.DataFrame([row for seed in SHOPS for row in _one(seed)])
    base = alt.Chart(table).encode(
        x=alt.X(
            "wape:Q",
            title="WAPE",
            axis=alt.Axis(format=".0%", labelFlush=False),
            scale=alt.Scale(zero=False),
        ),
        y=alt.Y(
            "what:N", title=None, sort=list(ORDER), axis=alt.Axis(labelFontSize=13, minExtent=210)
        ),
        color=alt.Color(
            "join:N", scale=alt.Scale(domain=[PLAIN, POINT], range=[ORANGE, BLUE]), legend=None
        ),
    )
    dots = base.mark_circle(size=70, opacity=0.6)
    middle = base.mark_tick(thickness=3, size=28).encode(x="mean(wape):Q")
    chart = (dots + middle).properties(width=440, height=170)
    means = table.groupby("what")["wape"].mean()
    told = ", ".join(f"{name} {means[name]:.1%}" for name in ORDER)
    says = f"Mean WAPE of {len(SHOPS)} invented chains: {told}."
    return Figure(name="feature-joins", chart=chart, says=says)


def _one(seed: int) -> list[dict[str, Any]]:
    work, views = program("forecasting"), program("feature_views")
    sales, plain, point = views.both_joins(work.make_sales(seed=seed))
    early = work.by_time(sales, work.VALIDATION, work.TEST)
    late = work.by_time(sales, work.TEST, work.END)
    rows = []
    for name, seen in ((PLAIN, plain), (POINT, point)):
        promised = work.score(work.make_model(n_estimators=TREES), sales, seen, early)
        model = work.make_model(n_estimators=TREES).fit(seen[late[0]], sales["units"][late[0]])
        # In use there is only what is known: every model gets the point-in-time values.
        came = work.wape(sales["units"][late[1]], model.predict(point[late[1]]))
        rows += [
            {"join": name, "what": f"{name}: promised", "wape": promised},
            {"join": name, "what": f"{name}: came", "wape": came},
        ]
    return rows
