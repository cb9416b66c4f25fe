"""Figures of the page on concept drift: where training ends, and where experience ends."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, INK, MUTED, ORANGE, RED, Figure
from scripts.figures.monitoring_programs import LEFT, ROOMY, program

TRAINING_WEEKS: Final = 18


def figures() -> list[Figure]:
    """Return the figures of the page."""
    return [in_sample(), support()]


def in_sample() -> Figure:
    """Draw the weekly error of a forest on what it learnt from, and on quiet weeks after it."""
    errors = program("errors")
    learnt, quiet, now = errors.three_parts(program("shops").make_sales(1, 210))
    forest = errors.grow(learnt)
    values = [
        float(value)
        for part in (learnt, quiet, now)
        for value in errors.weekly(part, forest.predict(program("shops").features(part)))
    ]
    table = pd.DataFrame({"week": range(1, len(values) + 1), "error": values})
    table["part"] = [
        "it learnt from these" if week <= TRAINING_WEEKS else "new to it" for week in table["week"]
    ]
    dots = alt.Chart(table).encode(
        x=alt.X(
            "week:Q",
            title="week",
            axis=alt.Axis(grid=False),
            scale=alt.Scale(domain=[0, 31], nice=False),
        ),
        y=alt.Y(
            "error:Q", title="WAPE", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 0.25])
        ),
        color=alt.Color("part:N", scale=alt.Scale(range=[ORANGE, BLUE]), legend=ROOMY),
        strokeDash=alt.StrokeDash("part:N"),
    )
    end = alt.Chart(pd.DataFrame({"week": [TRAINING_WEEKS + 0.5]}))
    rule = end.mark_rule(color=MUTED, strokeDash=[5, 4]).encode(x="week:Q")
    chart = (rule + dots.mark_line(point={"size": 55})).properties(width=480, height=200)
    own, new = values[:TRAINING_WEEKS], values[TRAINING_WEEKS:]
    return Figure(
        name="concept-in-sample",
        chart=chart,
        title="Where training ends",
        says=(
            f"Weekly error of a forest in a world where nothing changes. The {TRAINING_WEEKS} "
            f"weeks that it learnt from: {min(own):.1%} to {max(own):.1%}. The {len(new)} weeks "
            f"after them: {min(new):.1%} to {max(new):.1%}."
        ),
    )


def support() -> Figure:
    """Draw the error of rows like those before, and of rows that the model never saw."""
    errors, shops = program("errors"), program("shops")
    learnt, quiet, now = errors.three_parts(errors.campaign())
    forest = errors.grow(learnt)
    parts = {
        "before the campaign": quiet,
        "now, all rows": now,
        "now, discounts as before": now[now["discount"] <= learnt["discount"].max()],
        "now, a discount never seen": now[now["discount"] > learnt["discount"].max()],
    }
    found = {
        name: shops.wape(part, forest.predict(shops.features(part))) for name, part in parts.items()
    }
    table = pd.DataFrame({"rows": list(found), "error": list(found.values())})
    base = alt.Chart(table).encode(
        y=alt.Y("rows:N", sort=None, title=None, axis=alt.Axis(labelFontSize=13, labelLimit=220)),
        x=alt.X(
            "error:Q",
            title="WAPE of a forest",
            axis=alt.Axis(format="%"),
            scale=alt.Scale(domain=[0, 0.4]),
        ),
    )
    colours = alt.Scale(domain=list(parts), range=[BLUE, ORANGE, BLUE, RED])
    bars = base.mark_bar(height=22).encode(color=alt.Color("rows:N", scale=colours, legend=None))
    words = base.mark_text(align="left", dx=6, color=INK).encode(
        text=alt.Text("error:Q", format=".1%")
    )
    return Figure(
        name="concept-support",
        chart=(bars + words).properties(width=400, height=140, padding=LEFT),
        title="Error inside and outside of experience",
        says="Error of a forest. "
        + "; ".join(f"{name}: {error:.1%}" for name, error in found.items())
        + ".",
    )
