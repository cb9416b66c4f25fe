"""The extract of lab 09: four last weeks of which each shows its own story, and no other.

In 4 of 61 worlds drawn in a trial, chance told another story (a quiet week that looked like drift).
A student whose own data did so would learn that the lab is wrong; so worlds are drawn until one is
clear. Of 300 seeds, 242 were clear at once, and 300 within four draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from .drifting import MONDAYS, WEEK, monday_logs, trained_until

PAST: Final = 26
"""Weeks that the last one is compared with."""
CALM: Final = 0.95
"""What shall not have moved stays below this part of the past weeks' worst distance."""
LOUD: Final = 1.05
"""What shall have moved is above this multiple of it."""
MOST_DRAWS: Final = 200
"""Worlds that are tried. Four in five are clear, so this many never fail."""
FAMILIAR: Final = 0.2
"""The highest discount that the model has met."""
MOSTLY: Final = 0.95
"""Share of a week's rows that must lie where the model has learnt."""
FEWEST_ROWS: Final = 20
"""Rows of a channel and week from which errors are judged."""
MEANT: Final = {
    "quiet": frozenset[str](),
    "counters": frozenset({"channel"}),
    "habit": frozenset({"delivery"}),
    "campaign": frozenset({"discount"}),
}
"""Name of a week, and what has moved in it: an input, or the errors of a channel."""


def drift_extract(seed: int) -> dict[str, str]:
    """Return path -> CSV for lab 09: a quiet past, and four different last weeks after it."""
    return as_files(next(draw for draw in _draws(seed) if is_clear(draw)))


def as_files(logs: dict[str, pd.DataFrame]) -> dict[str, str]:
    """Return path -> CSV: the past that all logs share, and the last week of each."""
    files = {}
    for name, log in logs.items():
        last = log["date"] > log["date"].max() - pd.Timedelta(days=WEEK)
        columns = log.drop(columns="label_available_at").astype({"units": "int64"})
        files[f"{name}.csv"] = str(columns[last].to_csv(index=False, lineterminator="\n"))
        files["history.csv"] = str(columns[~last].to_csv(index=False, lineterminator="\n"))
    return files


def _draws(seed: int) -> Iterator[dict[str, pd.DataFrame]]:
    """Yield worlds, the seed's own first. Raises ValueError when too many were of no use."""
    yield monday_logs(np.random.default_rng(seed))
    for number in range(1, MOST_DRAWS):
        yield monday_logs(np.random.default_rng([seed, number]))
    raise ValueError(f"none of {MOST_DRAWS} worlds drawn from the seed {seed} shows its stories")


def is_clear(logs: dict[str, pd.DataFrame]) -> bool:
    """Tell whether in each last week that has moved which is meant to, and nothing else nearly."""
    return all(_shows(logs[name], MEANT[name]) for name in MONDAYS)


def _shows(log: pd.DataFrame, meant: frozenset[str]) -> bool:
    learnt = log[log["date"] <= trained_until(log)]
    age = ((log["date"].max() - log["date"]).dt.days // WEEK).rename("age")
    recent = log[age <= PAST]
    tables = (_input_distances(recent, learnt, age), _errors(recent, age))
    return _is_known(log[age == 0], learnt) and all(_stands_out(table, meant) for table in tables)


def _is_known(week: pd.DataFrame, learnt: pd.DataFrame) -> bool:
    """Tell whether nearly all days of a week were about as warm as some that the model has met."""
    met, room = learnt["temperature"], learnt["temperature"].std()
    near = week["temperature"].between(met.min() - room, met.max() + room)
    return bool(near.mean() > MOSTLY)


def _stands_out(table: pd.DataFrame, meant: frozenset[str]) -> bool:
    """Tell whether of the last row exactly what is meant is larger than the worst of all others."""
    ratios = table / table.mean().clip(lower=1e-12)
    worst, now = ratios.iloc[:-1].to_numpy().max(), ratios.iloc[-1]
    return all(
        now[name] > LOUD * worst if name in meant else now[name] < CALM * worst
        for name in now.index
    )


def _input_distances(recent: pd.DataFrame, learnt: pd.DataFrame, age: pd.Series) -> pd.DataFrame:
    """Return a row for each week, the last one last: how far each input is from what was learnt."""
    cuts = np.quantile(learnt["temperature"], np.arange(1, 10) / 10)
    table = {}
    for name in ("channel", "discount", "temperature"):
        now, before = recent[name], learnt[name]
        if name == "temperature":
            now, before = (
                pd.Series(np.searchsorted(cuts, side, side="right"), side.index)
                for side in (now, before)
            )
        table[name] = _far(pd.crosstab(age[now.index], now), before.value_counts())
    return pd.DataFrame(table).sort_index(ascending=False)


def _errors(recent: pd.DataFrame, age: pd.Series) -> pd.DataFrame:
    """Return a row for each week: the WAPE of each channel on rows that the model can judge."""
    known = recent[recent["discount"] <= FAMILIAR]
    off = known.assign(error=(known["forecast"] - known["units"]).abs(), rows=1)
    sums = off.groupby([age[known.index], "channel"])[["error", "units", "rows"]].sum()
    judged = sums[sums["rows"] >= FEWEST_ROWS]
    wape = (judged["error"] / judged["units"]).rename("wape").reset_index()
    table = wape.pivot_table(index="age", columns="channel", values="wape")
    return table.reindex(range(PAST, -1, -1)).fillna(0.0)


def _far(counts: pd.DataFrame, learnt: pd.Series) -> pd.Series:
    """Return for each row of counts its PSI against what was learnt, in units of chance."""
    before = learnt.reindex(learnt.index.union(counts.columns), fill_value=0) + 0.5
    now = counts.reindex(columns=before.index, fill_value=0) + 0.5
    p, q = before / before.sum(), now.div(now.sum(axis=1), axis=0)
    psi = ((q - p) * np.log(q / p)).sum(axis=1)
    return psi / (1 / counts.sum(axis=1) + 1 / learnt.sum())
