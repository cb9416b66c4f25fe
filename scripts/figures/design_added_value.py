"""Figures of *Added value*: what an order costs, and what three decisions may bring."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, GREEN, INK, ORANGE, PAPER, RED, Figure
from scripts.figures.introduction_what_is_mlops import taught

ORDERS = range(20, 76)


def order_costs() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (mean daily cost by order, orders that are marked), on an ordinary dry weekday."""
    pastries = taught("design", "pastries")
    wanted = [day["wanted"] for day in pastries.days() if not day["weekend"] and not day["rain"]]
    rows = []
    for order in ORDERS:
        short = sum(pastries.SHORT * max(w - order, 0) for w in wanted) / len(wanted)
        over = sum(pastries.OVER * max(order - w, 0) for w in wanted) / len(wanted)
        for kind, cost in (
            ("too few: lost margin", short),
            ("too many: thrown away", over),
            ("together", short + over),
        ):
            rows.append({"order": order, "kind": kind, "cost": cost / 1000})
    table = pd.DataFrame(rows)
    marked = pd.DataFrame(
        [
            {"order": pastries.best_order(wanted, 0.5), "what": "the usual demand"},
            {"order": pastries.best_order(wanted), "what": "the cheapest order"},
        ]
    )
    together = table[table["kind"] == "together"]
    return table, marked.merge(together, on="order")


def order_figure() -> Figure:
    """Draw both costs and their sum over the order."""
    table, marked = order_costs()
    kinds = ["too few: lost margin", "too many: thrown away", "together"]
    lines = (
        alt.Chart(table)
        .mark_line()
        .encode(
            x=alt.X("order:Q", title="croissants ordered", scale=alt.Scale(domain=[20, 75])),
            y=alt.Y("cost:Q", title="mean cost of a day, thousand rupiah"),
            color=alt.Color(
                "kind:N",
                sort=kinds,
                scale=alt.Scale(domain=kinds, range=[RED, ORANGE, BLUE]),
                legend=alt.Legend(title=None, columnPadding=26),
            ),
            strokeDash=alt.StrokeDash(
                "kind:N",
                sort=kinds,
                legend=None,
                scale=alt.Scale(domain=kinds, range=[[6, 3], [2, 2], [1, 0]]),
            ),
        )
    )
    dots = alt.Chart(marked).mark_circle(size=80, color=INK, opacity=1)
    words = (
        alt.Chart(marked.assign(at=[205, 172]))
        .transform_calculate(text="datum.what + ': ' + datum.order")
        .mark_text(color=INK, fontWeight=600)
        .encode(x=alt.datum(42), y="at:Q", text="text:N")
    )
    said = "; ".join(
        f"{row.what}, {row.order}, costs {row.cost:.1f} thousand rupiah a day"
        for row in marked.itertuples()
    )
    return Figure(
        name="order-cost",
        title="What an order costs on an ordinary dry weekday",
        chart=(lines + dots.encode(x="order:Q", y="cost:Q") + words).properties(
            width=500, height=240
        ),
        says=f"Mean daily cost of ordering, from lost margin and waste. {said}.",
    )


def decisions() -> pd.DataFrame:
    """Return what each decision brings in each outcome, in million rupiah over three years."""
    worth = taught("design", "worth")
    ways: dict[str, Any] = {
        "build at once": worth.gain,
        "pilot first, then build what pays": worth.after_pilot,
    }
    names = {0.0: "no better", 0.5: "half as hoped", 1.0: "as hoped"}
    return pd.DataFrame(
        [
            {
                "decision": way,
                "outcome": f"{names[share]} ({chance:.0%})",
                "value": value(share),
                "mean": worth.expected(value),
                "bad": value(share) < 0,
            }
            for way, value in ways.items()
            for share, chance in worth.OUTCOMES.items()
        ]
    )


def decision_figure() -> Figure:
    """Draw the outcomes of each decision and their mean."""
    table = decisions()
    outcomes = list(dict.fromkeys(table["outcome"]))
    bars = (
        alt.Chart()
        .mark_bar(size=20)
        .encode(
            x=alt.X(
                "value:Q",
                title="million rupiah in three years, beyond the baseline",
                axis=alt.Axis(values=[-40, -20, 0, 20, 40, 60]),
            ),
            y=alt.Y("outcome:N", sort=outcomes, title=None, axis=alt.Axis(labelLimit=260)),
            color=alt.condition(alt.datum.bad, alt.value(RED), alt.value(GREEN)),
        )
    )
    numbers = (
        alt.Chart()
        .transform_filter("abs(datum.value) > 9")
        .transform_calculate(at="datum.value / 2")
        .mark_text(color=PAPER, fontWeight=600)
        .encode(
            x="at:Q", y=alt.Y("outcome:N", sort=outcomes), text=alt.Text("value:Q", format="+.0f")
        )
    )
    small = (
        alt.Chart()
        .transform_filter("abs(datum.value) <= 9")
        .mark_text(color=INK, fontWeight=600, align="left", dx=8)
        .encode(
            x=alt.X("edge:Q"),
            y=alt.Y("outcome:N", sort=outcomes),
            text=alt.Text("value:Q", format="+.0f"),
        )
    )
    table["edge"] = table["value"].clip(lower=0)
    means = alt.Chart().mark_rule(color=INK, strokeDash=[4, 4], strokeWidth=2).encode(x="mean:Q")
    chart = alt.layer(bars, numbers, small, means, data=table).properties(width=400, height=92)
    said = " ".join(
        f"{way}: "
        + ", ".join(f"{row.outcome} {row.value:+.0f}" for row in part.itertuples())
        + f"; mean {part['mean'].iloc[0]:+.1f}."
        for way, part in table.groupby("decision", sort=False)
    )
    return Figure(
        name="pilot-first",
        title="What two decisions may bring",
        chart=chart.facet(
            row=alt.Row(
                "decision:N",
                sort=list(dict.fromkeys(table["decision"])),
                title=None,
                header=alt.Header(labelOrient="top", labelAnchor="start", labelFontWeight=600),
            )
        ).properties(padding={"left": 22, "top": 4, "right": 8, "bottom": 4}),
        says=f"Million rupiah in three years beyond the baseline. {said}",
    )


def figures() -> list[Figure]:
    """Return the figures of the page."""
    return [order_figure(), decision_figure()]
