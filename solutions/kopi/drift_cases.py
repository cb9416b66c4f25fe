"""Cases for lab 09: logs with a story, as they stand at a moment, and what to say of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .drifting import HABIT, TWO_YEARS, WEEK, WEEKS, Story, as_known, make_log, trained_until

RIPE_DAYS = 11
"""Days after the last one at which every label has come."""
PAST = 26
"""Weeks in use before the one that is asked about."""
LOST = 0.01
"""Share of the labels that never come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One log, and the moment of the question."""

    log: pd.DataFrame
    """Inputs, forecasts, and the sales that are known."""
    trained_until: pd.Timestamp
    """Last day from which the model learnt."""
    now: pd.Timestamp
    """The moment."""

    @property
    def arguments(self) -> dict[str, object]:
        """Return the arguments of `diagnose`. The log is a copy: student code may change it."""
        return {"log": self.log.copy(), "trained_until": self.trained_until, "now": self.now}

    @property
    def learnt(self) -> pd.DataFrame:
        """Return the rows from which the model learnt."""
        return self.log[self.log["date"] <= self.trained_until]

    @property
    def windows(self) -> list[pd.DataFrame]:
        """Return the 26 past weeks and the last one."""
        age = (self.log["date"].max() - self.log["date"]).dt.days // WEEK
        return [self.log[age == number] for number in range(PAST, -1, -1)]


def make_case(
    rng: np.random.Generator,
    story: Story,
    *,
    two_years: bool = False,
    days_after: int = RIPE_DAYS,
    habit: float = HABIT,
) -> Case:
    """Return a case. Rows in no order: a log need not be sorted."""
    log = make_log(rng, story, weeks=TWO_YEARS if two_years else WEEKS, habit=habit)
    last = log["date"].max()
    now = pd.Timestamp(last + pd.Timedelta(days=days_after))
    known = as_known(log, now).drop(columns="label_available_at")
    lost = rng.random(len(known)) < LOST
    known["units"] = known["units"].mask(lost)
    mixed = known.iloc[rng.permutation(len(known))].reset_index(drop=True)
    return Case(log=mixed, trained_until=trained_until(log), now=now)
