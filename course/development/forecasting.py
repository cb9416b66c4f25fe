"""Training and offline validation of the sales forecast: metric, splits, slices."""
# Read by students: questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN002, ANN201, INP001

import numpy as np
import pandas as pd
from sales_features import NAMES, add_features, make_model
from shop_sales import make_sales
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def prepared(seed=7):
    """Return (sales, features) of the days for which every feature has a value."""
    sales = make_sales(seed=seed)
    features = add_features(sales)
    complete = features.notna().all(axis=1)
    return sales[complete].reset_index(drop=True), features[complete].reset_index(drop=True)


# --8<-- [start:metric]
def wape(actual, forecast):
    """Units that the forecast is wrong by, as a share of all units sold."""
    return float(np.abs(actual - forecast).sum() / actual.sum())


# --8<-- [end:metric]


# --8<-- [start:split]
VALIDATION = "2025-07-01"
TEST = "2025-10-01"
END = "2026-01-01"


def by_time(sales, start, end):
    """Return two masks: rows that were known before `start`, and the days from `start` to `end`."""
    return sales["known_at"] < start, (sales["date"] >= start) & (sales["date"] < end)


# --8<-- [end:split]


def at_random(sales, end, share=0.2, seed=0):
    """Return two masks over the days before `end`: rows to train on, and rows drawn by lot."""
    drawn = np.random.default_rng(seed).random(len(sales)) < share
    before = sales["date"] < end
    return before & ~drawn, before & drawn


# --8<-- [start:dated]
def dated(sales, features):
    """Return the features and two more: where in the year a day is, and where in the data."""
    first = sales["date"].min()
    return features.assign(
        day_of_year=sales["date"].dt.dayofyear,
        day_number=(sales["date"] - first).dt.days,
    )


# --8<-- [end:dated]


# --8<-- [start:score]
def score(model, sales, features, masks):
    """Train on the rows of the first mask, and return the WAPE on those of the second."""
    train, judge = masks
    model.fit(features[train], sales["units"][train])
    return wape(sales["units"][judge], model.predict(features[judge]))


# --8<-- [end:score]


# --8<-- [start:rolling]
def rolling(sales, features, starts, days=28):
    """Return the WAPE of `days` days from each start, each time with a model trained before it."""
    found = {}
    for start in pd.DatetimeIndex(starts):
        masks = by_time(sales, start, start + pd.Timedelta(days=days))
        found[f"{start:%b %d}"] = round(score(make_model(), sales, features, masks), 3)
    return found


# --8<-- [end:rolling]


# --8<-- [start:slices]
def by_slice(sales, forecast, column):
    """Return the WAPE of each value of a column, and its bias: forecast too high or too low."""
    error = forecast - sales["units"]
    table = pd.DataFrame({"units": sales["units"], "wrong": error.abs(), "error": error})
    sums = table.groupby(sales[column]).sum()
    shares = {"wape": sums["wrong"] / sums["units"], "bias": sums["error"] / sums["units"]}
    return pd.DataFrame(shares).round(3)


# --8<-- [end:slices]


# --8<-- [start:candidates]
def candidates():
    """Return name -> untrained model: other algorithms, parameters and architectures."""
    return {
        "linear": scaled(Ridge()),
        "forest, leaves of 1": make_model(min_samples_leaf=1),
        "forest, leaves of 5": make_model(),
        "forest, leaves of 50": make_model(min_samples_leaf=50),
        "network, 8": scaled(network(8)),
        "network, 32 + 32": scaled(network(32, 32)),
    }


# --8<-- [end:candidates]


def scaled(last):
    """Return a model whose last step needs numbers of one size: names coded, numbers scaled."""
    encode = ColumnTransformer(
        [("names", OneHotEncoder(handle_unknown="ignore"), [*NAMES, "weekday"])],
        remainder=StandardScaler(),
    )
    return Pipeline([("encode", encode), ("last", last)])


def network(*layers):
    """Return a small neural network with hidden layers of these sizes."""
    return MLPRegressor(
        hidden_layer_sizes=layers, learning_rate_init=0.01, max_iter=40, tol=0.5, random_state=0
    )
