"""The checks that you see. `grader check` runs them; so does plain `pytest`, all but two."""

import hashlib

import pandas as pd
from track import best_run, file_version, is_better, run_experiment, split

FILE = "data/fresh.csv"


def test_split(make_sales):
    """Training ends before the first day of validation, and later days are in neither."""
    sales = make_sales(days=60, first_day="2026-06-01").sample(frac=1, random_state=1)
    for last, meant in {"2026-07-20": 20 * 6, "2026-07-01": 6}.items():
        train, validation = split(sales, "2026-07-01", last)
        told = f"split(sales of 1 June to 30 July, '2026-07-01', '{last}')"
        for name, part in {"train": train, "validation": validation}.items():
            assert isinstance(part, pd.DataFrame), (
                f"{told}: {name} should be a frame, not {type(part)}"
            )
            assert "date" in part, f"{told}: {name} has lost the column 'date'"
        seen = train["date"].max()
        assert seen == pd.Timestamp("2026-06-30"), (
            f"{told}: the last day of train is {seen}, not 30 June"
        )
        seen = validation["date"].agg(["min", "max"]).dt.strftime("%Y-%m-%d").tolist()
        assert seen == ["2026-07-01", last], f"{told}: the days of validation are {seen}"
        seen = (len(train), len(validation))
        assert seen == (180, meant), f"{told}: {seen} rows, not {(180, meant)}"


def test_file_version(student, rng):
    """The version of a file is the SHA-256 of its bytes, and one changed byte at the end changes it."""
    content = rng.bytes(200_000)
    for what, held in {
        "200,000 bytes": content,
        "the last byte changed": content[:-1] + b"!",
    }.items():
        meant = hashlib.sha256(held).hexdigest()
        student.write("data/some.bin", held)
        seen = file_version("data/some.bin")
        assert seen == meant, (
            f"file_version of {what}: {meant[:12]}… was meant, not {str(seen)[:12]}"
        )


def test_run_is_logged(make_sales, keep, student, store):
    """A run holds parameters, days, seed, the versions of data and code, both errors, and a model."""
    sales = make_sales(days=60)
    keep(sales)
    train, validation = sales[: 40 * 6], sales[40 * 6 :]
    days = dict(
        train_from="2026-06-01",
        train_to="2026-07-10",
        valid_from="2026-07-11",
        valid_to="2026-07-30",
    )
    version = hashlib.sha256(student.read(FILE)).hexdigest()
    run_id = run_experiment(
        train, validation, {"n_estimators": 5, "max_depth": 3}, data=FILE, seed=3
    )
    run = store.run(run_id)
    assert run["status"] == "FINISHED", f"the run should be FINISHED, not {run['status']}"
    for name, meant in {"n_estimators": "5", "max_depth": "3", "seed": "3", **days}.items():
        seen = run["params"].get(name, "nothing")
        assert seen == meant, f"the parameter {name}: {meant} was meant, not {seen}"
    for name, meant in {"data.path": FILE, "data.sha256": version}.items():
        seen = run["tags"].get(name, "nothing")
        assert seen == meant, f"the tag {name}: {meant} was meant, not {seen}"
    assert "code.sha256" in run["tags"], "the tag code.sha256 is not there"
    for name in ("wape_train", "wape_validation"):
        assert name in run["metrics"], (
            f"the metric {name} is not there; there are {[*run['metrics']]}"
        )
    assert store.signature(run_id) is not None, "the model has no signature"
    store.model(run_id)


def test_best_run(make_run):
    """The best run of a search has the smallest error on validation, whatever its other errors are."""
    search = make_run()
    errors = {0.25: 0.10, 0.19: 0.18, 0.21: 0.05}
    runs = {
        error: make_run(search, wape_validation=error, wape_train=trained)
        for error, trained in errors.items()
    }
    seen = best_run(search)
    found = next((error for error, run_id in runs.items() if run_id == seen), "none of them")
    assert found == 0.19, f"validation errors 0.25, 0.19 and 0.21: 0.19 is the best, not {found}"


def test_is_better(rng):
    """A candidate is better when it wins by more than chance, day by day, on enough days."""
    days = pd.date_range("2026-09-01", periods=28)
    champion = pd.Series(0.2 + 0.05 * rng.normal(size=28), index=days)
    lower = champion - 0.01 - 0.002 * rng.random(28)
    cases = {
        "lower by 0.010 to 0.012 on each of 28 days, in another order": (lower[::-1], True),
        "higher by 0.01 on each of 28 days": (champion + 0.01, False),
        "the same": (champion.copy(), False),
        "lower on each of 13 days": (lower[:13], False),
        "lower by 0.4 on one of 28 days, the same on the others": (
            champion - 0.4 * (days == days[9]),
            False,
        ),
    }
    for told, (candidate, meant) in cases.items():
        seen = is_better(champion.copy(), candidate)
        assert type(seen) is bool, f"is_better should return True or False, not {type(seen)}"
        assert seen == meant, f"the candidate's error is {told}: {meant} was meant, not {seen}"
