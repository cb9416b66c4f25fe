"""Experiments with the sales forecast of Kopi Lestari, so that every run can be found and repeated.

Run `python track.py` beside the folder `data` for one search, from its runs to the champion.
"""

import ast
import hashlib
import logging
import os
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

import mlflow
import mlflow.sklearn
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from mlflow.models import infer_signature
from scipy import stats
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

# --------------------------------------------------------------------------------------------------
# Given: the names of the contract, and the plumbing.

STORE = "sqlite:///kopi.db"
"""Where MLflow keeps runs and the registry: one file in the working folder."""

EXPERIMENT = "daily-sales"
"""The experiment that all runs belong to."""

MODEL = "daily-sales"
"""The name of the model in the registry."""

TEXTS = ["outlet", "channel", "weather_forecast", "weather"]
"""Columns that hold text; a model takes the others as numbers."""

DAYS = ["train_from", "train_to", "valid_from", "valid_to"]
"""Four parameters of every run: first and last day of training and validation, as 2026-08-31."""

SAVING = {
    "pip_requirements": ["scikit-learn", "pandas"],
    "skops_trusted_types": ["sklearn.tree._tree.Tree", "numpy.dtype"],
}
"""More arguments for log_model. Without the first, MLflow works the requirements out, slowly; the
second lets it load forests from its safe format, which runs no code."""

CODE = globals().get("__file__", "track.ipynb")
"""The file that this code stands in. A notebook does not know its own name, so it is written here."""

MIN_DAYS = 14
"""With fewer days, two models are not compared."""


def connect():
    """Use the store in the working folder; MLflow makes it when it is not there."""
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    mlflow.set_tracking_uri(STORE)
    mlflow.set_registry_uri(STORE)
    mlflow.set_experiment(EXPERIMENT)


def load(path):
    """Return the sales in a CSV file, with one more column: the weekday, 0 for Monday."""
    sales = pd.read_csv(path, parse_dates=["date"])
    return sales.assign(weekday=sales["date"].dt.dayofweek)


def between(sales, first, last):
    """Return the rows from the first day to the last, both included."""
    return sales[sales["date"].between(pd.Timestamp(first), pd.Timestamp(last))]


def wape(actual, predicted):
    """Return the sum of the absolute errors, divided by the sum of what was sold."""
    actual, predicted = np.asarray(actual, dtype=float), np.asarray(predicted, dtype=float)
    return float(np.abs(actual - predicted).sum() / actual.sum())


def inputs(sales):
    """Return what a model sees: the columns in FEATURES, numbers as floats."""
    return sales[FEATURES].astype({name: float for name in FEATURES if name not in TEXTS})


def make_model(params, seed):
    """Return a new forest that forecasts units from `inputs`. Unknown params are a TypeError."""
    texts = [name for name in FEATURES if name in TEXTS]
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = make_column_transformer((encoder, texts), remainder="passthrough")
    return make_pipeline(columns, RandomForestRegressor(**params, random_state=seed))


def from_text(text):
    """Return what a parameter was: the store keeps text, so 20 comes back as "20"."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def daily_errors(run_id, sales):
    """Return the WAPE of a run's model for each day of `sales`: a Series by date."""
    model = mlflow.sklearn.load_model(f"runs:/{run_id}/model")
    if sales.empty:
        return pd.Series(dtype=float)
    rows = sales[["date", "units"]].assign(error=np.abs(sales["units"] - model.predict(inputs(sales))))
    sums = rows.groupby("date")[["error", "units"]].sum()
    return sums["error"] / sums["units"]


def half_width(values):
    """Return how far below their mean the true mean may lie: one-sided, 95 % (Student's t)."""
    values = np.asarray(values, dtype=float)
    spread = values.std(ddof=1) / np.sqrt(len(values))
    return float(stats.t.ppf(0.95, len(values) - 1) * spread)


def champion():
    """Return the run whose model has the alias champion, or None when there is no champion."""
    try:
        return mlflow.MlflowClient().get_model_version_by_alias(MODEL, "champion").run_id
    except mlflow.MlflowException:
        return None


def report(search_id):
    """Log a table and a figure of a search, for people who do not read code; return the table."""
    runs = mlflow.search_runs(
        experiment_names=[EXPERIMENT], filter_string=f"tags.`mlflow.parentRunId` = '{search_id}'"
    ).sort_values("metrics.wape_validation")
    table = runs.rename(columns=lambda name: name.partition(".")[2] or name)
    tried = [name for name in GRID[0] if name in table]
    table = table[["run_id", "status", *tried, "wape_train", "wape_validation"]]
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.barh(table[tried].agg(", ".join, axis=1), table["wape_validation"])
    axes.set(xlabel="WAPE on the validation days (smaller is better)", ylabel=", ".join(tried))
    client = mlflow.MlflowClient()
    client.log_figure(search_id, figure, "report/search.png")
    client.log_text(search_id, table.to_csv(index=False), "report/search.csv")
    return table


# --------------------------------------------------------------------------------------------------
# Task 1: what goes in

FEATURES = ["outlet", "channel", "weekday", "price", "promo", "weather", "footfall"]
"""What the model sees: every column of `load` that is known on the evening before, when the forecast
is made, and no other. `date` is no feature: a forest cannot see beyond the days of its training."""


def split(sales, valid_from, valid_to):
    """Return (train, validation), two frames: all rows before valid_from, and the rows from
    valid_from to valid_to, both days included. The rows may come in any order.

    Later rows are in neither: they are kept for the comparison with the champion.
    """
    raise NotImplementedError("This part is yours to write.")


def file_version(path):
    """Return the SHA-256 of a file's bytes, as 64 hexadecimal digits. Every byte counts."""
    raise NotImplementedError("This part is yours to write.")


# --------------------------------------------------------------------------------------------------
# Task 2: one run that can be found and understood


def run_experiment(train, validation, params, *, data, seed=0):
    """Train one model, and return the id of the MLflow run that holds everything about it:

    - parameters: every entry of `params`; `seed`; and the four of DAYS, from the two frames;
    - tags: `data.sha256` (the file_version of `data`, the file that both frames come from),
      `data.path` (where that file is, from the working folder and with forward slashes, so that
      it holds on every machine; `data` itself may be absolute), and `code.sha256` (the
      file_version of CODE, the file that this function stands in);
    - metrics: `wape_train` and `wape_validation`, each on the frame that its name says;
    - the model as `model`, with its signature (from `inputs(train)` and its predictions).

    Train on `train` alone, with make_model(params, seed). A training that fails leaves a run, too:
    with its parameters and tags, and the status FAILED; the error goes on to the caller.
    """
    connect()
    raise NotImplementedError("This part is yours to write.")


# --------------------------------------------------------------------------------------------------
# Task 3: many runs, and the best of them


def search(train, validation, grid, *, data, seed=0):
    """Try every dict of parameters in `grid`, and return the id of the search's own run.

    The search is a run, and each try is a run_experiment nested in it, so that MLflow shows which
    runs belong together. A try that fails is kept in the store and does not end the search.
    """
    connect()
    raise NotImplementedError("This part is yours to write.")


def best_run(search_id):
    """Return the id of the search's best run: the smallest `wape_validation`.

    Only runs of this search count that are FINISHED and have the metric as a number (not NaN).
    LookupError when there is none.
    """
    connect()
    raise NotImplementedError("This part is yours to write.")


# --------------------------------------------------------------------------------------------------
# Task 4: the champion, and the proof that a run can be repeated


def is_better(champion, candidate):
    """Return True when the candidate's daily errors are below the champion's beyond doubt.

    Both are Series of one number a day, by date, in any order. Compare the days that both have
    (NaN is no number), day by day: the mean of the differences must be above their half_width.
    With fewer than MIN_DAYS such days the answer is False.
    """
    raise NotImplementedError("This part is yours to write.")


def register(run_id, sales):
    """Register the run's model as a new version of MODEL; return whether it is the champion now.

    Without a champion, the model becomes champion. Otherwise the alias `champion` moves only if the
    model is_better in its daily_errors on fresh days: rows of `sales` that are later than the last
    validation day of BOTH runs. Neither was trained on them, and neither was chosen by them.
    """
    connect()
    raise NotImplementedError("This part is yours to write.")


def reproduce(run_id):
    """Train a run's model again from nothing but what the store and the data file hold.

    ValueError that names the file, before any training, when what lies at `data.path` is not the file
    of the run any more (by file_version). Otherwise the training is a run of its own, tagged `reproduces`
    (the id of the old one). Return {"run_id": the new run, "wape": its wape_validation,
    "same": whether that equals the old run's to nine digits}.
    """
    connect()
    raise NotImplementedError("This part is yours to write.")


# --------------------------------------------------------------------------------------------------
# The whole way, from six runs to a champion. Given.

GRID = [
    {"n_estimators": 20, "max_depth": depth, "max_features": share}
    for depth in (4, 7, None)
    for share in (0.3, 0.7)
]


def main():
    """Search in April to August, register the best run on September, and repeat it."""
    sales = load("data/sales.csv")
    train, validation = split(sales, "2026-08-01", "2026-08-31")
    search_id = search(train, validation, GRID, data="data/sales.csv", seed=7)
    table = report(search_id).set_index("run_id")
    print(table.drop(columns="status").to_string(index=False, float_format="%.4f"))
    best = best_run(search_id)
    moved = register(best, sales)
    print(f"the best run has WAPE {table.loc[best, 'wape_validation']:.4f}; champion now: {moved}")
    print("trained again, the same WAPE:", reproduce(best)["same"])


if __name__ == "__main__":
    main()
