"""Experiments with the sales forecast, tracked with MLflow: what a run says, how to repeat it."""
# Read by students: questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, INP001

import hashlib
import logging
import os
from pathlib import Path

# Both have to be said before the import.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

import mlflow
import pandas as pd
import sales_features
import sklearn
from forecasting import END, TEST, VALIDATION, by_time, wape
from mlflow.models import infer_signature
from sales_features import add_features, make_model
from shop_sales import make_sales

CODE = Path(sales_features.__file__)
DATES = ["date", "known_at"]
logging.getLogger("mlflow").setLevel(logging.ERROR)  # it tells a lot while it makes a store


# --8<-- [start:store]
def open_store(folder):
    """Track in this folder from now on: a database for the notes, a place for the files."""
    mlflow.set_tracking_uri(f"sqlite:///{folder.as_posix()}/mlflow.db")
    if mlflow.get_experiment_by_name("units-tomorrow") is None:
        files = (folder / "artifacts").as_uri()
        mlflow.create_experiment("units-tomorrow", artifact_location=files)
    mlflow.set_experiment("units-tomorrow")


# --8<-- [end:store]


# --8<-- [start:data]
def collect(path, today):
    """Write the sales that are known on a day to a file: the data of an experiment."""
    sales = make_sales()
    sales[sales["known_at"] <= today].to_csv(path, index=False, lineterminator="\n")


def sha256(path):
    """Return the version of a file: the digest of all of its bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load(path):
    """Return (sales, features) of the days for which every feature has a value."""
    sales = pd.read_csv(path, parse_dates=DATES)
    features = add_features(sales)
    complete = features.notna().all(axis=1)
    return sales[complete], features[complete]


# --8<-- [end:data]


# --8<-- [start:train]
def trained(path, settings):
    """Return (model, WAPE on validation, features of the days that were judged)."""
    sales, features = load(path)
    train, judge = by_time(sales, VALIDATION, TEST)
    model = make_model(**settings).fit(features[train], sales["units"][train])
    return model, wape(sales["units"][judge], model.predict(features[judge])), features[judge]


# --8<-- [end:train]


# --8<-- [start:run]
def track_run(path, settings, why):
    """Train once, and write down all that it takes to understand and to repeat it."""
    with mlflow.start_run(nested=True) as run:
        mlflow.log_params(settings)
        mlflow.log_params({"train_before": VALIDATION, "validation_to": TEST})
        mlflow.set_tags(
            {
                "why": why,
                "data": path.name,
                "data_sha256": sha256(path),
                "code": CODE.name,
                "code_sha256": sha256(CODE),
            }
        )
        model, error, judged = trained(path, settings)
        mlflow.log_metric("validation_wape", error)
        mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(judged, model.predict(judged)),
            pip_requirements=[f"scikit-learn=={sklearn.__version__}"],
            skops_trusted_types=["sklearn.tree._tree.Tree"],
        )
    return run.info.run_id


# --8<-- [end:run]


# --8<-- [start:search]
def runs():
    """Return the runs that came to an end and were judged, the best on validation first."""
    return mlflow.search_runs(
        filter_string="attributes.status = 'FINISHED' and metrics.validation_wape > 0",
        order_by=["metrics.validation_wape"],
    )


# --8<-- [end:search]


# --8<-- [start:repeat]
def repeat(run_id, folder):
    """Train again from nothing but what the run says; return (WAPE then, WAPE now)."""
    noted = mlflow.get_run(run_id).data
    path = folder / noted.tags["data"]
    if sha256(path) != noted.tags["data_sha256"]:
        raise ValueError(f"{path.name} is not the file that run {run_id} was trained on")
    if sha256(CODE) != noted.tags["code_sha256"]:
        raise ValueError(f"{CODE.name} has changed since run {run_id}: check out its version")
    settings = {name: int(noted.params[name]) for name in ("min_samples_leaf", "random_state")}
    return noted.metrics["validation_wape"], trained(path, settings)[1]


# --8<-- [end:repeat]


# --8<-- [start:test]
def final_test(run_id, path):
    """Judge a run's model on the test days, once, and note the result in that run."""
    if "test_wape" in mlflow.get_run(run_id).data.metrics:
        raise ValueError(f"run {run_id} has met the test set before: wait for new days")
    sales, features = load(path)
    _, judge = by_time(sales, TEST, END)
    model = mlflow.sklearn.load_model(f"runs:/{run_id}/model")
    error = wape(sales["units"][judge], model.predict(features[judge]))
    mlflow.MlflowClient().log_metric(run_id, "test_wape", error)
    return error


# --8<-- [end:test]
