"""Selecting features: what happens when the choice is made before the split."""
# Read by students: questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, ANN202, INP001

import numpy as np
import pandas as pd
from sklearn.feature_selection import SelectKBest
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

# --8<-- [start:noise]
KEPT = 20


def noise(seed, rows=100, columns=2000):
    """Return columns of pure chance and a coin toss for each row: nothing can be learnt."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, columns)), rng.permutation(np.repeat([0, 1], rows // 2))


# --8<-- [end:noise]


# --8<-- [start:before]
def selected_before(table, answer):
    """Select with all rows, then cross-validate on the columns that were kept."""
    kept = SelectKBest(k=KEPT).fit_transform(table, answer)
    return cross_val_score(LogisticRegression(), kept, answer).mean()


# --8<-- [end:before]


# --8<-- [start:within]
def selected_within(table, answer):
    """Cross-validate the whole pipeline: each fold selects with its own training rows."""
    pipeline = make_pipeline(SelectKBest(k=KEPT), LogisticRegression())
    return cross_val_score(pipeline, table, answer).mean()


# --8<-- [end:within]


# --8<-- [start:importance]
def importances(model, features, units, metric):
    """Return feature -> how much the error grows when the feature's values are shuffled."""

    def goodness(fitted, rows, actual):
        return -metric(actual, fitted.predict(rows))

    found = permutation_importance(
        model, features, units, scoring=goodness, n_repeats=3, random_state=0
    )
    return pd.Series(found.importances_mean, features.columns).sort_values(ascending=False)


# --8<-- [end:importance]
