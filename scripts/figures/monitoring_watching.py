"""Figures of the page on watching a model: a feed that hangs, and an error that comes too late."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, MUTED, ORANGE, RED, Figure
from scripts.figures.monitoring_programs import ROOMY, program

FIRST: Final = "as it looked on the next Monday"
FINAL: Final = "when all true numbers were there"


def figures() -> list[Figure]:
    """Return the figures of the page."""
    return [frozen(), provisional()]


def frozen() -> Figure:
    """Draw the temperature of two fortnights, the second from a feed that hangs."""
    before, now = program("watch").frozen_feed()
    days = pd.concat(
        [before.assign(part="the fortnight before"), now.assign(part="this fortnight")]
    )
    days["date"] = days["date"].dt.strftime("%Y-%m-%d")
    base = alt.Chart(days).encode(
        x=alt.X("date:T", title=None, axis=alt.Axis(format="%d %b", tickCount=7, grid=False)),
        y=alt.Y("temperature:Q", title="degrees Celsius", scale=alt.Scale(domain=[29, 36])),
        color=alt.Color("part:N", scale=alt.Scale(range=[BLUE, RED]), legend=ROOMY),
    )
    means = base.transform_aggregate(
        mean="mean(temperature)", start="min(date)", end="max(date)", groupby=["part"]
    ).mark_rule(strokeDash=[5, 4], strokeWidth=1.5)
    means = means.encode(x="start:T", x2="end:T", y="mean:Q")
    chart = (base.mark_line(point={"size": 45}) + means).properties(width=480, height=190)
    one, two = (program("watch").describe(part["temperature"]) for part in (before, now))
    return Figure(
        name="watching-frozen",
        chart=chart,
        title="A feed that hangs",
        says=(
            f"The temperature that the model got on 28 days. First fortnight: mean {one['mean']}, "
            f"spread {one['spread']}, {one['values']} different values. Second fortnight: mean "
            f"{two['mean']}, spread {two['spread']}, {two['values']} different values: from its "
            "fourth day on the line is flat."
        ),
    )


def provisional() -> Figure:
    """Draw each week's error twice: as known on the next Monday, and as known in the end."""
    table = _weeks()
    order = list(dict.fromkeys(table["monday"]))
    lines = alt.Chart(table).encode(
        x=alt.X(
            "monday:N",
            title="week that begins on",
            sort=order,
            axis=alt.Axis(labelAngle=0, labelPadding=9, values=order[::2]),
        ),
        y=alt.Y(
            "error:Q", title="WAPE", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 0.28])
        ),
        color=alt.Color(
            "seen:N", scale=alt.Scale(domain=[FINAL, FIRST], range=[BLUE, ORANGE]), legend=ROOMY
        ),
        strokeDash=alt.StrokeDash("seen:N", scale=alt.Scale(domain=[FINAL, FIRST]), legend=None),
    )
    habit = alt.Chart(pd.DataFrame({"monday": ["03 Nov"]}))
    change = habit.mark_rule(color=MUTED).encode(x=alt.X("monday:N", sort=order))
    words = habit.mark_text(align="right", dx=-8, y=14, color=MUTED, text="new habit")
    chart = (
        change + words.encode(x=alt.X("monday:N", sort=order)) + lines.mark_line(point={"size": 50})
    )
    return Figure(
        name="watching-provisional",
        chart=chart.properties(width=520, height=210),
        title="The same weeks, looked at too early and in time",
        says=_says(table),
    )


def _weeks() -> pd.DataFrame:
    watch = program("watch")
    rows = watch.served(at=182, habit=0.4)
    rows = rows[rows["date"] > watch.TRAINED_UNTIL]
    found = []
    for week in range(12):
        monday = watch.TRAINED_UNTIL + pd.Timedelta(days=1 + 7 * week)
        part = rows[rows["date"].between(monday, monday + pd.Timedelta(days=6))]
        for seen, until in ((FIRST, monday + pd.Timedelta(days=7)), (FINAL, pd.Timestamp.max)):
            error, _ = next(iter(watch.weekly_error(part, until).values()))
            found.append({"monday": f"{monday:%d %b}", "seen": seen, "error": error})
    return pd.DataFrame(found)


def _says(table: pd.DataFrame) -> str:
    wide = table.set_index(["monday", "seen"])["error"].unstack("seen")  # noqa: PD010 - one value each
    at = ["27 Oct", "03 Nov", "10 Nov", "17 Nov"]
    told = "; ".join(
        f"{day}: {wide.loc[day, FIRST]:.1%} and {wide.loc[day, FINAL]:.1%}" for day in at
    )
    return (
        "Weekly error of the forecasts, as it looked on the next Monday, and when all true numbers "
        f"were there. {told}. A new habit began on 3 November."
    )
