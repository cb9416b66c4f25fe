"""Experiments with the sales forecast of Kopi Lestari, so that every run can be found and repeated.

Run `python track.py` beside the folder `data` for one search, from its runs to the champion.
"""

# %% imports
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

# %% given [markdown]
# --------------------------------------------------------------------------------------------------
# Given: the names of the contract, and the plumbing.

# %% names
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


# %% load
def load(path):
    """Return the sales in a CSV file, with one more column: the weekday, 0 for Monday."""
    sales = pd.read_csv(path, parse_dates=["date"])
    return sales.assign(weekday=sales["date"].dt.dayofweek)


# %% between
def between(sales, first, last):
    """Return the rows from the first day to the last, both included."""
    return sales[sales["date"].between(pd.Timestamp(first), pd.Timestamp(last))]


# %% wape
def wape(actual, predicted):
    """Return the sum of the absolute errors, divided by the sum of what was sold."""
    actual, predicted = np.asarray(actual, dtype=float), np.asarray(predicted, dtype=float)
    return float(np.abs(actual - predicted).sum() / actual.sum())


# %% inputs
def inputs(sales):
    """Return what a model sees: the columns in FEATURES, numbers as floats."""
    return sales[FEATURES].astype({name: float for name in FEATURES if name not in TEXTS})


# %% make-model
def make_model(params, seed):
    """Return a new forest that forecasts units from `inputs`. Unknown params are a TypeError."""
    texts = [name for name in FEATURES if name in TEXTS]
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = make_column_transformer((encoder, texts), remainder="passthrough")
    return make_pipeline(columns, RandomForestRegressor(**params, random_state=seed))


# %% from-text
def from_text(text):
    """Return what a parameter was: the store keeps text, so 20 comes back as "20"."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


# %% daily-errors
def daily_errors(run_id, sales):
    """Return the WAPE of a run's model for each day of `sales`: a Series by date."""
    model = mlflow.sklearn.load_model(f"runs:/{run_id}/model")
    if sales.empty:
        return pd.Series(dtype=float)
    rows = sales[["date", "units"]].assign(error=np.abs(sales["units"] - model.predict(inputs(sales))))
    sums = rows.groupby("date")[["error", "units"]].sum()
    return sums["error"] / sums["units"]


# %% half-width
def half_width(values):
    """Return how far below their mean the true mean may lie: one-sided, 95 % (Student's t)."""
    values = np.asarray(values, dtype=float)
    spread = values.std(ddof=1) / np.sqrt(len(values))
    return float(stats.t.ppf(0.95, len(values) - 1) * spread)


# %% champion
def champion():
    """Return the run whose model has the alias champion, or None when there is no champion."""
    try:
        return mlflow.MlflowClient().get_model_version_by_alias(MODEL, "champion").run_id
    except mlflow.MlflowException:
        return None


# %% report
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


# %% task-1 [markdown]
# --------------------------------------------------------------------------------------------------
# Task 1: what goes in

# %% split
### BEGIN SOLUTION
#: FEATURES = ["outlet", "channel", "weekday", "price", "promo", "weather", "footfall"]
FEATURES = ["outlet", "channel", "weekday", "price", "promo", "weather_forecast"]
### END SOLUTION
"""What the model sees: every column of `load` that is known on the evening before, when the forecast
is made, and no other. `date` is no feature: a forest cannot see beyond the days of its training."""


def split(sales, valid_from, valid_to):
    """Return (train, validation), two frames: all rows before valid_from, and the rows from
    valid_from to valid_to, both days included. The rows may come in any order.

    Later rows are in neither: they are kept for the comparison with the champion.
    """
    ### BEGIN SOLUTION
    train = sales[sales["date"] < pd.Timestamp(valid_from)]
    return train, between(sales, valid_from, valid_to)
    ### END SOLUTION


# %% file-version
def file_version(path):
    """Return the SHA-256 of a file's bytes, as 64 hexadecimal digits. Every byte counts."""
    ### BEGIN SOLUTION
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    ### END SOLUTION


# %% task-2 [markdown]
# --------------------------------------------------------------------------------------------------
# Task 2: one run that can be found and understood


# %% run-experiment
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
    ### BEGIN SOLUTION
    ends = [train["date"].min(), train["date"].max(), validation["date"].min(), validation["date"].max()]
    days = {name: f"{day:%Y-%m-%d}" for name, day in zip(DAYS, ends)}
    with mlflow.start_run(nested=True) as run:
        mlflow.log_params({**params, **days, "seed": seed})
        mlflow.set_tags(
            {
                "data.sha256": file_version(data),
                "data.path": Path(os.path.relpath(data)).as_posix(),
                "code.sha256": file_version(CODE),
            }
        )
        model = make_model(params, seed).fit(inputs(train), train["units"])
        fitted = model.predict(inputs(train))
        forecast = model.predict(inputs(validation))
        mlflow.log_metric("wape_train", wape(train["units"], fitted))
        mlflow.log_metric("wape_validation", wape(validation["units"], forecast))
        signature = infer_signature(inputs(train), fitted)
        mlflow.sklearn.log_model(model, name="model", signature=signature, **SAVING)
    return run.info.run_id
    ### END SOLUTION


# %% task-3 [markdown]
# --------------------------------------------------------------------------------------------------
# Task 3: many runs, and the best of them


# %% search
def search(train, validation, grid, *, data, seed=0):
    """Try every dict of parameters in `grid`, and return the id of the search's own run.

    The search is a run, and each try is a run_experiment nested in it, so that MLflow shows which
    runs belong together. A try that fails is kept in the store and does not end the search.
    """
    connect()
    ### BEGIN SOLUTION
    with mlflow.start_run(run_name="search") as parent:
        for params in grid:
            try:
                run_experiment(train, validation, params, data=data, seed=seed)
            except (TypeError, ValueError) as error:
                print(f"{params}: {error}")
    return parent.info.run_id
    ### END SOLUTION


# %% best-run
def best_run(search_id):
    """Return the id of the search's best run: the smallest `wape_validation`.

    Only runs of this search count that are FINISHED and have the metric as a number (not NaN).
    LookupError when there is none.
    """
    connect()
    ### BEGIN SOLUTION
    runs = mlflow.search_runs(
        experiment_names=[EXPERIMENT],
        filter_string=f"tags.`mlflow.parentRunId` = '{search_id}' AND attributes.status = 'FINISHED'",
    )
    runs = runs.dropna(subset="metrics.wape_validation") if "metrics.wape_validation" in runs else []
    if not len(runs):
        raise LookupError(f"the search {search_id} has no finished run with a wape_validation")
    return runs.sort_values("metrics.wape_validation")["run_id"].iloc[0]
    ### END SOLUTION


# %% task-4 [markdown]
# --------------------------------------------------------------------------------------------------
# Task 4: the champion, and the proof that a run can be repeated


# %% is-better
def is_better(champion, candidate):
    """Return True when the candidate's daily errors are below the champion's beyond doubt.

    Both are Series of one number a day, by date, in any order. Compare the days that both have
    (NaN is no number), day by day: the mean of the differences must be above their half_width.
    With fewer than MIN_DAYS such days the answer is False.
    """
    ### BEGIN SOLUTION
    gains = (champion - candidate).dropna()
    if len(gains) < MIN_DAYS:
        return False
    return bool(gains.mean() > half_width(gains))
    ### END SOLUTION


# %% register
def register(run_id, sales):
    """Register the run's model as a new version of MODEL; return whether it is the champion now.

    Without a champion, the model becomes champion. Otherwise the alias `champion` moves only if the
    model is_better in its daily_errors on fresh days: rows of `sales` that are later than the last
    validation day of BOTH runs. Neither was trained on them, and neither was chosen by them.
    """
    connect()
    ### BEGIN SOLUTION
    present = champion()
    version = mlflow.register_model(f"runs:/{run_id}/model", MODEL).version
    if present is not None:
        seen = max(mlflow.get_run(run).data.params["valid_to"] for run in (present, run_id))
        fresh = sales[sales["date"] > pd.Timestamp(seen)]
        if not is_better(daily_errors(present, fresh), daily_errors(run_id, fresh)):
            return False
    mlflow.MlflowClient().set_registered_model_alias(MODEL, "champion", version)
    return True
    ### END SOLUTION


# %% reproduce
def reproduce(run_id):
    """Train a run's model again from nothing but what the store and the data file hold.

    ValueError that names the file, before any training, when what lies at `data.path` is not the file
    of the run any more (by file_version). Otherwise the training is a run of its own, tagged `reproduces`
    (the id of the old one). Return {"run_id": the new run, "wape": its wape_validation,
    "same": whether that equals the old run's to nine digits}.
    """
    connect()
    ### BEGIN SOLUTION
    old = mlflow.get_run(run_id).data
    path = old.tags["data.path"]
    if file_version(path) != old.tags["data.sha256"]:
        raise ValueError(f"{path} is not the file that run {run_id} was trained on")
    params = {name: from_text(text) for name, text in old.params.items()}
    train_from, train_to, valid_from, valid_to = (params.pop(name) for name in DAYS)
    seed, sales = params.pop("seed"), load(path)
    train, validation = between(sales, train_from, train_to), between(sales, valid_from, valid_to)
    new = run_experiment(train, validation, params, data=path, seed=seed)
    mlflow.MlflowClient().set_tag(new, "reproduces", run_id)
    error = mlflow.get_run(new).data.metrics["wape_validation"]
    same = bool(np.isclose(error, old.metrics["wape_validation"], rtol=1e-9, atol=0))
    return {"run_id": new, "wape": error, "same": same}
    ### END SOLUTION


# %% whole-way [markdown]
# --------------------------------------------------------------------------------------------------
# The whole way, from six runs to a champion. Given.

# %% main
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


# %% run
if __name__ == "__main__":
    main()
