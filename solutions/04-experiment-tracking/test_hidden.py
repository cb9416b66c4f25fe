"""The hidden checks. Their docstrings are what a student reads about them."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from kopi.experiments import FIRST_DAY, KNOWN, SECOND_DAY, halved
from track import best_run, is_better, register, reproduce, run_experiment, search

FILE = "data/fresh.csv"
SMALL = {"n_estimators": 3, "max_depth": 5}


def error(actual, predicted):
    """Return the WAPE."""
    actual = actual.to_numpy(dtype=float)
    return float(np.abs(actual - predicted).sum() / actual.sum())


@pytest.fixture
def one_run(parts, store, once):
    """Return a function: one run with an absolute path to its data, its id and what went in."""

    def make():
        path = "data/more/fresh.csv"
        train, validation, version = parts(path=path)
        whole = f"{store.folder}/{path}"
        run_id = run_experiment(train, validation, SMALL, data=whole, seed=5)
        return run_id, train, validation, {"data.path": path, "data.sha256": version}

    return lambda: once("one run", make)


def test_features_are_known(one_run, store):
    """The model in the store asks for what is known on the evening before, and for nothing else."""
    signature = store.signature(one_run()[0])
    assert sorted(signature.inputs.input_names()) == sorted(KNOWN)
    assert signature.outputs is not None


def test_metrics_are_of_their_data(one_run, store, forecast):
    """The errors in the store are those of the stored model on training and on validation data."""
    run_id, train, validation, _ = one_run()
    metrics = store.run(run_id)["metrics"]
    for name, part in {"wape_train": train, "wape_validation": validation}.items():
        assert metrics[name] == pytest.approx(
            error(part["units"], forecast(run_id, part)), rel=1e-6
        )


def test_data_can_be_found(one_run, student, store):
    """A run says which bytes it was trained on, where they are for everybody, and its code."""
    run_id, train, validation, tags = one_run()
    sources = [name for name in student.files() if name.endswith((".py", ".ipynb"))]
    codes = {hashlib.sha256(student.read(name)).hexdigest() for name in sources}
    run = store.run(run_id)
    assert {name: run["tags"][name] for name in tags} == tags
    assert run["tags"]["code.sha256"] in codes
    days = [
        f"{day:%Y-%m-%d}"
        for part in (train, validation)
        for day in (part.date.min(), part.date.max())
    ]
    names = ["train_from", "train_to", "valid_from", "valid_to"]
    assert [run["params"][name] for name in names] == days


def test_seed_is_used(one_run, store, forecast):
    """The same seed gives the same model, and another seed gives another one."""
    first, train, validation, tags = one_run()
    path = tags["data.path"]
    again = run_experiment(train, validation, SMALL, data=path, seed=5)
    other = run_experiment(train, validation, SMALL, data=path, seed=6)
    runs = [first, again, other]
    assert [store.run(run_id)["params"]["seed"] for run_id in runs] == ["5", "5", "6"]
    forecasts = [forecast(run_id, validation) for run_id in runs]
    assert np.array_equal(forecasts[0], forecasts[1])
    assert not np.allclose(forecasts[0], forecasts[2])


def test_failure_is_kept(parts, store):
    """A training that fails leaves a FAILED run with its parameters, and the caller hears of it."""
    train, validation, version = parts()
    with pytest.raises(TypeError):
        run_experiment(train, validation, {"trees": 987_123}, data=FILE)
    runs = store.mlflow.search_runs(search_all_experiments=True)
    assert "params.trees" in runs
    kept = runs[runs["params.trees"] == "987123"]
    assert kept["status"].tolist() == ["FAILED"]
    assert kept["params.seed"].tolist() == ["0"]
    assert kept["tags.data.sha256"].tolist() == [version]


def test_search_keeps_all(parts, store):
    """A search keeps every try as a run of its own, nested in the search, also one that fails."""
    train, validation, version = parts()
    grid = [{"n_estimators": 1, "max_depth": depth} for depth in (1, 2, 3, 4, 5, None)]
    grid.insert(2, {"n_estimators": -1, "max_depth": 3})
    search_id = search(train, validation, grid, data=FILE, seed=21)
    runs = store.children(search_id)
    tried = sorted(zip(runs["params.n_estimators"], runs["params.max_depth"], strict=True))
    assert tried == sorted((str(p["n_estimators"]), str(p["max_depth"])) for p in grid)
    finished = runs[runs["status"] == "FINISHED"]
    assert len(finished) == 6
    assert runs["status"].tolist().count("FAILED") == 1
    assert finished["metrics.wape_validation"].gt(0).all()
    assert finished["metrics.wape_validation"].nunique() >= 5
    assert set(runs["params.seed"]) == {"21"}
    assert set(runs["tags.data.sha256"]) == {version}
    assert store.run(search_id)["status"] == "FINISHED"


def test_best_run_chooses(make_run):
    """The best run is a finished run of this search, chosen by validation and never by test."""
    here, elsewhere, empty = make_run(), make_run(), make_run()
    make_run(here, wape_validation=0.31, wape_test=0.02, wape_train=0.01)
    best = make_run(here, wape_validation=0.099, wape_test=0.40, wape_train=0.30)
    make_run(here, wape_validation=0.1, wape_test=0.05)
    make_run(here, status="FAILED", wape_validation=0.01)
    make_run(here, status="RUNNING", wape_validation=0.02)
    make_run(here, wape_validation=float("nan"))
    make_run(here, wape_test=0.01)
    make_run(elsewhere, wape_validation=0.03)
    make_run(wape_validation=0.04)
    make_run(empty, status="FAILED", wape_validation=0.01)
    make_run(empty, wape_test=0.2)
    lonely = make_run(empty)
    assert best_run(here) == best
    for search_id in (empty, lonely):
        with pytest.raises(LookupError):
            best_run(search_id)


def daily(rng, days, level=0.2, spread=0.0):
    """Return daily errors: a level, and what all models find hard about a day."""
    dates = pd.date_range("2026-09-01", periods=days)
    return pd.Series(level + spread * rng.normal(size=days), index=dates)


def test_decision(rng):
    """The decision pairs days, weighs the mean against its half-width, and wants enough days."""
    champion = daily(rng, 40, 0.4, spread=0.05)
    wave = np.resize([1.0, -1.0], 40)
    # 40 days, differences m ± s: the half-width is 1.685 · s · sqrt(40/39) / sqrt(40) = 0.270 s.
    sure, unsure = champion - 0.01 - 0.033 * wave, champion - 0.01 - 0.042 * wave
    shuffled = sure.iloc[rng.permutation(40)]
    gaps = sure.mask(np.arange(40) < 27)
    cases = [
        (champion, sure, True),
        (champion, unsure, False),
        (champion, shuffled, True),
        (champion, champion + 0.01 + 0.03 * wave, False),
        (champion[:14], (champion - 0.001)[:14], True),
        (champion[:13], (champion - 0.100)[:13], False),
        (champion[:20], (champion - 0.1)[7:], False),
        (champion[:27], (champion - 0.1)[13:], True),
        (champion, gaps, False),
        (champion, (champion - 0.1).mask(np.arange(40) < 26), True),
        (champion, champion.copy(), False),
        (champion.iloc[:0], champion, False),
        # The candidate wins on 26 of 40 days, and loses more on the others.
        (champion, champion + np.resize([-0.01] * 13 + [0.02] * 7, 40), False),
        # It wins on 14 of 40 days, and by much more than it loses on the others.
        (champion, champion + np.resize([-0.10] * 7 + [0.004] * 13, 40), True),
    ]
    for number in rng.permutation(len(cases)):
        first, second, meant = cases[number]
        seen = is_better(first.copy(), second.copy())
        assert isinstance(seen, bool)
        assert seen == meant, f"case {number}"


@pytest.fixture
def train_on(sales, once):
    """Return a function that trains a run on 50 days from `first` and returns its id.

    `odd` halves the units of those days: a model of a world that nobody else has seen.
    """

    def train(first, *, odd=False):
        days, begin = sales["date"], pd.Timestamp(first)
        mine = sales.assign(units=halved(sales)) if odd else sales
        cut, end = begin + pd.Timedelta(days=36), begin + pd.Timedelta(days=50)
        parts = mine[days.between(begin, cut)], mine[(days > cut) & (days < end)]
        made = lambda: (run_experiment(*parts, SMALL, data="data/fresh.csv", seed=1),)  # noqa: E731
        return once(f"{first} {odd}", made)[0]

    return train


def test_register_moves(sales, train_on, registry):
    """The first model becomes champion, and a clearly better one takes its place."""
    bad, good = train_on(FIRST_DAY, odd=True), train_on(FIRST_DAY)
    assert register(bad, sales) is True
    assert registry.champion() == bad
    assert register(good, sales) is True
    assert registry.champion() == good
    assert registry.runs() == sorted([bad, good])


def test_register_stays(sales, train_on, registry):
    """Who is not better, or is compared on too few days, is registered and not made champion."""
    good, bad = train_on(FIRST_DAY), train_on(FIRST_DAY, odd=True)
    assert register(good, sales) is True
    assert register(bad, sales) is False
    assert register(good, sales) is False
    assert registry.champion() == good
    assert registry.runs() == sorted([good, bad, good])
    registry.forget()
    assert register(bad, sales) is True
    # The last validation day is 20 May: 13 fresh days are too few, and 14 are enough.
    assert register(good, sales[sales["date"] < "2026-06-03"]) is False
    assert registry.champion() == bad
    assert register(good, sales[sales["date"] < "2026-06-04"]) is True
    assert registry.champion() == good


@pytest.mark.parametrize("later", ["champion", "candidate"])
def test_register_fresh_days(later, sales, train_on, registry):
    """Only days after the training and selection of both models decide who is champion."""
    begins = (SECOND_DAY, FIRST_DAY) if later == "champion" else (FIRST_DAY, SECOND_DAY)
    # Until both have seen their last day, the world is the one that the candidate knows. On the
    # days after, the champion is better: it was trained on what comes back.
    fresh = sales["date"] >= pd.Timestamp(SECOND_DAY) + pd.Timedelta(days=50)
    odd = sales.assign(units=sales["units"].where(fresh, halved(sales)))
    champion, candidate = train_on(begins[0]), train_on(begins[1], odd=True)
    assert register(champion, odd) is True
    assert register(candidate, odd) is False
    assert registry.champion() == champion


@pytest.fixture
def old_run(parts, once, student):
    """Return a function: one run with parameters of every kind, its id and what went in."""

    def make():
        path = "data/again.csv"
        train, validation, version = parts(path=path)
        params = {"n_estimators": 3, "max_depth": None, "max_features": 0.6}
        params["criterion"] = "squared_error"
        run_id = run_experiment(train, validation, params, data=path, seed=77)
        return run_id, validation, version, student.read(path)

    def kept():
        made = once("old run", make)
        student.write("data/again.csv", made[3])
        return made

    return kept


def test_reproduce_repeats(old_run, store, forecast):
    """A run is trained again from store and file alone: a new run, with the same forecasts."""
    old, validation, version, _ = old_run()
    again = reproduce(old)
    assert isinstance(again, dict)
    new = again["run_id"]
    runs = store.run(old), store.run(new)
    assert new != old
    assert runs[0]["params"] == runs[1]["params"]
    assert runs[1]["tags"]["data.sha256"] == version
    assert runs[1]["tags"]["reproduces"] == old
    assert np.array_equal(forecast(old, validation), forecast(new, validation))
    assert again["wape"] == runs[0]["metrics"]["wape_validation"]
    assert again["same"] is True


def test_reproduce_is_honest(old_run, student, store):
    """A changed data file is refused, and a number that the store holds wrongly is found out."""
    run_id, _, _, content = old_run()
    true = store.run(run_id)["metrics"]["wape_validation"]
    store.client.log_metric(run_id, "wape_validation", true * 1.0001)
    again = reproduce(run_id)
    assert again["wape"] == pytest.approx(true, rel=1e-9)
    assert again["same"] is False
    student.write("data/again.csv", content[:-2] + b"?\n")
    with pytest.raises(ValueError, match=r"again\.csv"):
        reproduce(run_id)
