"""Figures of the chapter on strategies: what many looks cost, and which harm can be seen at all."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd

from scripts.figures.chart import BLUE, GREEN, MUTED, ORANGE, RED, Figure
from scripts.figures.deployment_examples import beside

REQUESTS: Final = 40_000
RULES: Final = {
    "three metrics, each at 5 %": RED,
    "one metric at 5 %": ORANGE,
    "three metrics, z above 3 after 500 requests": GREEN,
}
RATES: Final = (0.01, 0.0125, 0.015, 0.0175, 0.02, 0.0225, 0.025, 0.03)
SIZES: Final = {5_000: ORANGE, 20_000: BLUE, 80_000: GREEN}


def figures() -> list[Figure]:
    """Return the figures of the page."""
    looks = beside("looks")
    back, seen = false_alarms(looks), sensitivity(looks)
    return [
        Figure(
            name="deployment-looks",
            title="Healthy candidates that are rolled back, by the number of looks",
            chart=looks_chart(back),
            says=looks_says(back),
        ),
        Figure(
            name="deployment-found",
            title="How often a sick candidate is found",
            chart=found_chart(seen),
            says=found_says(seen),
        ),
    ]


def false_alarms(looks: Any) -> pd.DataFrame:
    """Return the share of healthy candidates that is rolled back by each look, for each rule."""
    rng = np.random.default_rng(1)
    z = [looks.errors_z(rng, REQUESTS, looks.PRESENT)]
    z += [looks.means_z(rng, REQUESTS) for _ in range(2)]
    enough = looks.arms(REQUESTS)[0].cumsum() >= 500  # noqa: PLR2004 - the rule's own number
    above = {
        "three metrics, each at 5 %": np.any([one > looks.AT_5_PERCENT for one in z], axis=0),
        "one metric at 5 %": z[0] > looks.AT_5_PERCENT,
        "three metrics, z above 3 after 500 requests": np.any([one > 3 for one in z], axis=0)  # noqa: PLR2004 - as above
        & enough,
    }
    return pd.DataFrame(
        [
            {"rule": rule, "look": look, "back": float(back)}
            for rule, flags in above.items()
            for look, back in enumerate(np.maximum.accumulate(flags, axis=1).mean(axis=0), 1)
        ]
    )


def looks_chart(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw a curve for each rule over the looks, and the 5 % that were meant."""
    legend = alt.Legend(columns=1, labelLimit=400)
    lines = (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=alt.X("look:Q", title="looks so far", scale=alt.Scale(domain=[0, 20])),
            y=alt.Y("back:Q", title="healthy, and rolled back", axis=alt.Axis(format=".0%")),
            color=alt.Color(
                "rule:N",
                scale=alt.Scale(domain=list(RULES), range=list(RULES.values())),
                legend=legend,
            ),
            strokeDash=alt.StrokeDash("rule:N", scale=alt.Scale(domain=list(RULES))),
        )
    )
    meant = (
        alt.Chart(pd.DataFrame({"at": [0.05]}))
        .mark_rule(color=MUTED, strokeDash=[2, 3])
        .encode(y="at:Q")
    )
    return alt.LayerChart(layer=[meant, lines]).properties(width=460, height=240)


def looks_says(frame: pd.DataFrame) -> str:
    """Tell where each curve begins and ends."""
    told = []
    for rule in RULES:
        mine = frame[frame["rule"] == rule]["back"]
        told.append(
            f"{rule}: {mine.iloc[0]:.0%} after the first look, {mine.iloc[-1]:.0%} after 20"
        )
    return "Share of healthy candidates that is rolled back. " + "; ".join(told) + "."


def sensitivity(looks: Any) -> pd.DataFrame:
    """Return how often a candidate is found, by its error rate and the rollout's size."""
    return pd.DataFrame(
        [
            {
                "requests": f"{size:,} requests",
                "rate": rate,
                "found": looks.found(rate, requests=size),
            }
            for size in SIZES
            for rate in RATES
        ]
    )


def found_chart(frame: pd.DataFrame) -> alt.Chart:
    """Draw a curve for each size of rollout."""
    names = [f"{size:,} requests" for size in SIZES]
    drawn: alt.Chart = (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=alt.X(
                "rate:Q",
                title="errors of the candidate (the present model has 1 %)",
                scale=alt.Scale(domain=[0.01, 0.03]),
                axis=alt.Axis(format=".1%", tickCount=5),
            ),
            y=alt.Y("found:Q", title="rolled back", axis=alt.Axis(format=".0%")),
            color=alt.Color(
                "requests:N",
                scale=alt.Scale(domain=names, range=list(SIZES.values())),
                legend=alt.Legend(columnPadding=24),
            ),
            strokeDash=alt.StrokeDash("requests:N", scale=alt.Scale(domain=names)),
        )
        .properties(width=460, height=230)
    )
    return drawn


def found_says(frame: pd.DataFrame) -> str:
    """Tell how often 1.5 %, 2 % and 3 % are found."""
    told = []
    for name, rows in frame.groupby("requests", sort=False):
        seen = rows.set_index("rate")["found"]
        some = ", ".join(
            f"{rate:.1%} of errors in {seen[rate]:.0%}" for rate in (0.015, 0.02, 0.03)
        )
        told.append(f"With {name}: {some}")
    return "Share of rollouts that find a candidate with more errors. " + ". ".join(told) + "."
