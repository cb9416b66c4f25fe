"""The gate: rules for rows, rules for batches, and the verdict."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .measures import inside, keys, strangers
from .reading import days, gaps, moments, numbers

REQUIRED = ["date", "closed_at", "ingested_at", "outlet", "channel", "product", "price", "units", "revenue"]
DOMAINS = {
    "channel": {"values": ["store", "app", "delivery"]},
    "price": {"min": 1_000, "max": 500_000, "whole": True},
    "units": {"min": 0, "max": 5_000, "whole": True},
    "revenue": {"min": 0, "whole": True},
}
SLA = pd.Timedelta(hours=48)


@dataclass
class Verdict:
    """A judged batch."""

    decision: str
    batch: pd.DataFrame
    reasons: np.ndarray
    reason: str = ""

    def as_dict(self):
        aside = self.reasons != ""
        quarantined = self.batch.loc[aside].copy()
        quarantined["reason"] = self.reasons[aside]
        return {
            "decision": self.decision,
            "accepted": self.batch.loc[~aside].copy(),
            "quarantined": quarantined,
            "reason": self.reason,
        }


@dataclass
class Gate:
    """Knows the outlets and the time."""

    outlets: pd.DataFrame
    now: pd.Timestamp

    def judge(self, batch, history):
        problem = self.problem(batch)
        if problem:
            return Verdict("reject", batch, np.full(len(batch), "refused", object), problem)
        reasons = self.reasons(batch, history)
        share = np.mean((reasons != "") & (reasons != "duplicate"))
        if share > 0.2:
            reasons = np.where(reasons == "", "refused", reasons)
            return Verdict("reject", batch, reasons, f"{share:.1%} of the rows are bad")
        if any(reasons):
            return Verdict("quarantine", batch, reasons, "some rows were set aside")
        return Verdict("accept", batch, reasons)

    def problem(self, batch):
        if not set(REQUIRED) <= set(batch.columns):
            return "a column is missing"
        if len(batch) == 0:
            return "there are no rows"
        today = np.datetime64(self.now.tz_localize(None), "D")
        closed = days(self.outlets["closed"])
        opened = (days(self.outlets["opened"]) <= today) & (np.isnat(closed) | (closed >= today))
        here = self.outlets["outlet"][opened].isin(batch["outlet"].unique())
        return "more than half of the outlets are missing" if here.mean() < 0.5 else ""

    def reasons(self, batch, history):
        today = self.now.strftime("%Y-%m-%d")
        domains = DOMAINS | {"date": {"from": "2024-01-01", "to": today}}
        waited = moments(batch["ingested_at"]) - moments(batch["closed_at"])
        revenue = numbers(batch["price"]) * numbers(batch["units"])
        masks = {
            "incomplete": np.any([gaps(batch[name]) for name in REQUIRED], axis=0),
            "invalid": ~np.all([inside(batch[n], domain) for n, domain in domains.items()], axis=0),
            "inaccurate": numbers(batch["revenue"]) != revenue,
            "orphan": strangers(batch, self.outlets),
            "late": (waited > SLA).to_numpy(),
            "duplicate": self.repeated(batch, history),
        }
        return np.select(list(masks.values()), [np.array(m, object) for m in masks], default="")

    @staticmethod
    def repeated(batch, history):
        seen, answers = set(keys(history)), []
        for key in keys(batch):
            answers.append(key in seen)
            seen.add(key)
        return np.array(answers, dtype=bool)
