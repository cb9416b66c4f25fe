"""Features for the forecast of tomorrow's units: what is known on the evening before."""
# Read by students: questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN003, ANN201, INP001

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

# --8<-- [start:features]
DELAY = 11
"""Days back to the last day whose units are final everywhere: deliveries need up to 10."""


def add_features(sales):
    """Return one column for each feature; every value is known on the evening before."""
    units = sales.groupby(["outlet", "channel"])["units"]
    return pd.DataFrame(
        {
            "outlet": sales["outlet"],
            "channel": sales["channel"],
            "weekday": sales["date"].dt.weekday.astype(float),
            "promo": sales["promo"].astype(float),
            "rain_forecast": sales["rain_forecast"],
            "two_weeks_ago": units.shift(14),
            "usual": units.transform(lambda one: one.shift(DELAY).rolling(28).mean()),
        }
    )


# --8<-- [end:features]


# --8<-- [start:model]
NAMES = ["outlet", "channel"]


def make_model(**settings):
    """Return a forest that takes the features as they are, names included."""
    encode = ColumnTransformer(
        [("names", OneHotEncoder(handle_unknown="ignore"), NAMES)],
        remainder="passthrough",
    )
    usual = {"n_estimators": 10, "max_samples": 0.5, "min_samples_leaf": 5, "random_state": 0}
    return Pipeline([("encode", encode), ("forest", RandomForestRegressor(**usual | settings))])


# --8<-- [end:model]


# --8<-- [start:log]
def in_logs(features):
    """Return the features with both levels as logarithms: effects that multiply become sums."""
    levels = features[["two_weeks_ago", "usual"]]
    return features.assign(**np.log(levels))


# --8<-- [end:log]
