"""Small fresh tables for the public checks, and a reader of the store. Every run draws other numbers."""

import numpy as np
import pandas as pd
import pytest

HELD = "kopi.db"
STORE = f"sqlite:///{HELD}"
READY = "empty-mlflow-store.db"
EXPERIMENT = "daily-sales"
FILE = "data/fresh.csv"
COLUMNS = ["date", "outlet", "channel", "price", "promo", "weather_forecast", "weather"]
COLUMNS += ["footfall", "units", "revenue"]


@pytest.fixture
def make_sales(rng):
    """Return a function that makes sales of three outlets, as `load` returns them."""

    def make(days=60, first_day="2026-06-01"):
        dates = pd.date_range(first_day, periods=days)
        grid = pd.MultiIndex.from_product(
            [dates, ["K01", "K02", "K03"], ["store", "app"]], names=["date", "outlet", "channel"]
        )
        made = grid.to_frame(index=False)
        made["price"] = 28_000 + 500 * rng.integers(-4, 5, size=len(made))
        made["promo"] = (rng.random(len(made)) < 0.1).astype("int64")
        made["weather"] = rng.choice(["sunny", "cloudy", "rain"], size=len(made))
        made["weather_forecast"] = made["weather"].where(rng.random(len(made)) < 0.7, "cloudy")
        weekend = made["date"].dt.dayofweek >= 5
        mean = 3.5 + 0.8 * (made["channel"] == "store") + 0.3 * weekend + 0.4 * made["promo"]
        made["units"] = np.round(np.exp(mean + 0.2 * rng.normal(size=len(made)))).astype("int64")
        made["footfall"] = made["units"] * 2
        made["revenue"] = made["price"] * made["units"]
        return made[COLUMNS].assign(weekday=made["date"].dt.dayofweek)

    return make


@pytest.fixture
def keep(student):
    """Return a function that writes sales into a file of the working folder; it returns the bytes."""

    def write(sales, path=FILE):
        text = sales[COLUMNS].assign(date=sales["date"].dt.strftime("%Y-%m-%d"))
        content = text.to_csv(index=False, lineterminator="\n").encode()
        student.write(path, content)
        return content

    return write


class Reader:
    """Reads the store in a process of its own, which has never imported your code."""

    def __init__(self, fresh):
        self.mlflow = fresh.module("mlflow")
        self.folder = fresh.module("os").getcwd()
        self._begin_with_an_empty_store(fresh)
        self.mlflow.set_tracking_uri(STORE)
        self.mlflow.set_registry_uri(STORE)
        self.client = self.mlflow.MlflowClient()

    @staticmethod
    def _begin_with_an_empty_store(fresh):
        """Copy the one that the grader's box has ready; elsewhere MLflow takes a second to make it."""
        exists = fresh.module("os").path.exists
        ready = f"{fresh.module('tempfile').gettempdir()}/{READY}"
        if exists(ready) and not exists(HELD):
            fresh.module("shutil").copyfile(ready, HELD)

    def run(self, run_id):
        """Return what the store holds of a run: status, params, metrics and tags."""
        assert isinstance(run_id, str), (
            f"run_experiment should return the run's id, a text, not {type(run_id)}"
        )
        try:
            held = self.client.get_run(run_id).to_dictionary()
        except Exception as error:
            pytest.fail(
                f"the store kopi.db has no run {run_id!r} that can be read: {error}. Log it "
                "after connect(), and return its id"
            )
        return {"status": held["info"]["status"], **held["data"]}

    def holds(self, run_id):
        """Return whether the store has a run: it has not, when your code's process had to start again."""
        asked = f"attributes.run_id = '{run_id}'"
        return len(self.mlflow.search_runs(search_all_experiments=True, filter_string=asked)) == 1

    def signature(self, run_id):
        """Return the signature of a run's model; None when it has none."""
        try:
            return self.mlflow.models.get_model_info(f"runs:/{run_id}/model").signature
        except Exception as error:
            pytest.fail(f"run {run_id} has no model named 'model' that can be read: {error}")

    def model(self, run_id):
        """Return the model of a run, loaded here, where your code is not."""
        try:
            return self.mlflow.sklearn.load_model(f"runs:/{run_id}/model")
        except Exception as error:
            pytest.fail(
                f"the model of run {run_id} cannot be loaded by a process that has never seen your "
                f"code: {error}. Log it with mlflow.sklearn.log_model and SAVING"
            )

    def children(self, run_id):
        """Return the runs that are nested in a run, one row each."""
        runs = self.mlflow.search_runs(search_all_experiments=True)
        parent = "tags.mlflow.parentRunId"
        return runs[runs[parent] == run_id] if parent in runs else runs.iloc[:0]


@pytest.fixture
def store(student):
    """Read the store, after your code has written it."""
    student.files()  # the folder is there from now on
    with student.fresh() as fresh:
        yield Reader(fresh)


@pytest.fixture
def make_run(store):
    """Return a function that puts a run into the store by hand: quick, and without a model."""

    def make(parent=None, status="FINISHED", **metrics):
        store.mlflow.set_experiment(EXPERIMENT)
        experiment = store.client.get_experiment_by_name(EXPERIMENT).experiment_id
        tags = {"mlflow.parentRunId": parent} if parent else {}
        run_id = store.client.create_run(experiment, tags=tags).info.run_id
        for name, value in metrics.items():
            store.client.log_metric(run_id, name, value)
        store.client.set_terminated(run_id, status)
        return run_id

    return make
