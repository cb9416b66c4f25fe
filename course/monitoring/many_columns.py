"""Thirty columns in which nothing has changed: how often does one of them raise an alarm?"""
# Read by students: questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, D400, INP001

import numpy as np
from scipy.stats import ks_2samp
from sklearn.datasets import load_breast_cancer


# --8<-- [start:halves]
def halves(draws=200, seed=1):
    """Cut a table of 569 rows into two random halves, again and again; test every column."""
    table = load_breast_cancer().data
    rng = np.random.default_rng(seed)
    smallest = []
    for _ in range(draws):
        rows = rng.permutation(len(table))
        one, two = table[rows[:284]], table[rows[284:]]
        smallest.append(ks_2samp(one, two).pvalue.min())
    return np.array(smallest)


# --8<-- [end:halves]


def found(shift, rows=500, columns=8, runs=400, seed=1):
    """Return how often KS with Bonferroni's correction finds a shift (in standard deviations)."""
    rng = np.random.default_rng(seed)
    pairs = [(rng.normal(size=rows), rng.normal(shift, size=rows)) for _ in range(runs)]
    return float(np.mean([ks_2samp(*pair).pvalue < 0.05 / columns for pair in pairs]))
