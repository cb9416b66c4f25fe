"""Fixtures of the trusted side: Kopi Lestari's sales, fresh for every run, and a look at the store.

The public conftest.py lies one folder above, so its fixtures are here, too.
"""

import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
# `[private] include` puts the folder kopi beside this file; in the repository it is one folder up.
sys.path.insert(0, str(HERE if (HERE / "kopi").is_dir() else HERE.parent))

from kopi.experiments import FIRST_DAY, experiment_sales, with_weekday  # noqa: E402 - after the path

MODEL = "daily-sales"
MADE = {}
"""Runs that several checks look at: a new one costs a quarter of a second."""


@pytest.fixture
def make_kopi(rng):
    """Return a function that makes sales of four outlets and three channels: 12 rows a day."""

    def make(days=75, first_day=FIRST_DAY):
        return with_weekday(experiment_sales(rng, outlets=4, length=days, first_day=first_day))

    return make


@pytest.fixture
def parts(make_kopi, keep):
    """Return a function that makes and keeps sales, and cuts off the last 25 days."""

    def make(days=75, path="data/fresh.csv"):
        sales = make_kopi(days)
        content = keep(sales, path)
        before = sales["date"] < sales["date"].max() - np.timedelta64(24, "D")
        return sales[before], sales[~before], hashlib.sha256(content).hexdigest()

    return make


@pytest.fixture
def once(store):
    """Return a function that makes a run once, for all checks that look at it.

    What failed for one check is tried again for the next, and so is what a process took with it
    when it died.
    """

    def made(name, make):
        if name not in MADE or not store.holds(MADE[name][0]):
            MADE.pop(name, None)
            MADE[name] = make()
        return MADE[name]

    return made


@pytest.fixture
def sales(make_kopi, keep):
    """Make 110 days of sales, the same for all checks of the registry, and keep them."""
    if "sales" not in MADE:
        MADE["sales"] = make_kopi(110)
    keep(MADE["sales"])
    return MADE["sales"]


@pytest.fixture
def forecast(store):
    """Return a function that loads a run's model in the fresh process, and forecasts with it."""

    def predict(run_id, sales):
        frame = sales[list(store.signature(run_id).inputs.input_names())]
        frame = frame.astype(dict.fromkeys(frame.select_dtypes("number"), float))
        # As a scikit-learn model: as a pyfunc, every process would first look through all packages.
        seen = store.model(run_id).predict(frame)
        assert isinstance(seen, np.ndarray)
        assert seen.shape == (len(sales),)
        return seen

    return predict


class Registry:
    """The registry, as the fresh process sees it."""

    def __init__(self, store):
        self._client = store.client

    def forget(self):
        """Remove the model with its versions and aliases, so that there is no champion."""
        names = [str(model.name) for model in self._client.search_registered_models()]
        if MODEL in names:
            self._client.delete_registered_model(MODEL)

    def champion(self):
        """Return the run that the alias points at."""
        return str(self._client.get_model_version_by_alias(MODEL, "champion").run_id)

    def runs(self):
        """Return the runs of all versions, sorted."""
        versions = self._client.search_model_versions(f"name = '{MODEL}'")
        return sorted(str(version.run_id) for version in versions)


@pytest.fixture
def registry(store):
    """Look at the registry, which is empty at first."""
    seen = Registry(store)
    seen.forget()
    return seen
