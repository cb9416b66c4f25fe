"""Two samples side by side: has the distribution moved, and could chance do that as well?"""
# Read by students: questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, D400, INP001, PLR2004

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp
from shops import make_sales, temperatures


# --8<-- [start:psi]
def psi(was, now):
    """Return the population stability index of two lists of counts, bin by bin.

    Half a row is added to each bin, so that an empty one has no share of zero.
    """
    was, now = np.asarray(was) + 0.5, np.asarray(now) + 0.5
    was, now = was / was.sum(-1, keepdims=True), now / now.sum(-1, keepdims=True)
    return ((now - was) * np.log(now / was)).sum(-1)


# --8<-- [end:psi]


# --8<-- [start:chance]
def chance_psi(rows, bins=10, runs=20_000, seed=1):
    """Return PSI of many pairs of samples in which every row falls into any bin alike."""
    rng = np.random.default_rng(seed)
    was, now = rng.multinomial(rows, [1 / bins] * bins, size=(2, runs))
    return psi(was, now)


# --8<-- [end:chance]


def shifted_psi(rows, shift=0.4, runs=4_000, seed=1):
    """Return PSI of many pairs of normal samples, the second moved by `shift` of its spread."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(runs):
        was = rng.normal(size=rows)
        edges = np.quantile(was, np.arange(1, 10) / 10)
        bins = [
            np.bincount(np.searchsorted(edges, one), minlength=10)
            for one in (was, shift + rng.normal(size=rows))
        ]
        made.append(psi(*bins))
    return np.array(made)


def counters_close():
    """Return four weeks of rows before and after 40 % of the store rows disappear."""
    rows = make_sales(1, 182 + 28, at=182, closed=0.4)
    change = pd.Timestamp("2025-11-03")
    before = rows[(rows["date"] < change) & (rows["date"] >= change - pd.Timedelta(days=28))]
    return before, rows[rows["date"] >= change]


def autumns(worlds=200):
    """In how many quiet worlds does January look unlike October, and unlike last January?"""
    dates = pd.date_range("2025-01-01", "2026-02-01")
    october, before = slice("2025-10-06", "2025-11-02"), slice("2025-01-06", "2025-02-02")
    unlike = np.zeros(2, dtype=int)
    for seed in range(worlds):
        days = pd.Series(temperatures(np.random.default_rng(seed), dates), index=dates)
        now = days["2026-01-05":"2026-02-01"]
        unlike += [ks_2samp(now, days[past]).pvalue < 0.05 for past in (october, before)]
    return {"October": int(unlike[0]), "last January": int(unlike[1])}
