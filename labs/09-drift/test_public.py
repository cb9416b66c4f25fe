"""The checks that you see. `grader check` runs them; so does plain `pytest`."""

import json
from math import log

import pandas as pd
import pytest
from drift import (
    column_tests,
    concept_drift,
    data_drift,
    diagnose,
    evidently_verdicts,
    psi,
    unusual,
    windows_of,
)


def test_psi():
    """PSI compares shares, bin by bin, with half a row added to each bin."""
    before = pd.Series(["store"] * 50 + ["app"] * 30 + ["delivery"] * 20)
    now = pd.Series(["store"] * 20 + ["app"] * 30 + ["delivery"] * 50)
    p, q = ([(count + 0.5) / 101.5 for count in counts] for counts in ((50, 30, 20), (20, 30, 50)))
    meant = sum((b - a) * log(b / a) for a, b in zip(p, q))
    seen = psi(before, now)
    told = f"50, 30, 20 rows before and 20, 30, 50 now: {meant:.4f} was meant, not {seen}"
    assert seen == pytest.approx(meant, abs=1e-6), told
    seen = psi(before, before.copy())
    assert seen == pytest.approx(0, abs=1e-9), f"the same column twice has a PSI of 0, not {seen}"


def test_psi_numbers(rng):
    """A column of numbers is cut into ten bins of equal size, at quantiles of the reference."""
    before = pd.Series(rng.permutation(1_000) * 1.0)
    now = pd.Series(rng.permutation(400) % 200 * 1.0)
    p = [100.5 / 1005] * 10
    q = [200.5 / 405] * 2 + [0.5 / 405] * 8
    meant = sum((b - a) * log(b / a) for a, b in zip(p, q))
    seen = psi(before, now)
    told = f"0 to 999 before, 0 to 199 now: two full bins, eight empty ones, {meant:.2f}; not {seen}"
    assert seen == pytest.approx(meant, rel=0.02), told


def test_column_tests(rng):
    """Numbers get a KS test, everything else a chi-square test, and the level is shared."""
    before = pd.DataFrame(
        {
            "temperature": rng.normal(30, 2, size=400),
            "price": rng.normal(28_000, 900, size=400),
            "weekday": rng.integers(0, 7, size=400),
            "channel": rng.choice(["store", "app", "delivery"], size=400),
        }
    )
    now = before.sample(frac=1, random_state=int(rng.integers(1_000))).reset_index(drop=True)
    now["price"] += 1_800
    now.loc[now["channel"] == "store", "channel"] = "app"
    tests = column_tests(before, now)
    meant = {"temperature": "ks", "price": "ks", "weekday": "chi2", "channel": "chi2"}
    drifts = {"temperature": False, "price": True, "weekday": False, "channel": True}
    for name in meant:
        said = tests[name]
        assert said["test"] == meant[name], f"{name}: {meant[name]} was meant, not {said['test']}"
        told = f"{name}: drift is {drifts[name]} (rows were {'changed' if drifts[name] else 'shuffled'})"
        assert said["drift"] is drifts[name], f"{told}; p was {said['p']}"
        assert 0 <= said["p"] <= 1, f"{name}: a p-value lies between 0 and 1, not {said['p']}"


def test_unusual():
    """Unusual is what is larger, compared with its own mean, than the worst of every past row."""
    quiet = pd.DataFrame({"a": [1.0, 2, 3, 2, 1, 3], "b": [10.0, 20, 30, 20, 30, 10]})
    seen = unusual(quiet)
    assert seen == [], f"a ends with 3 and has had 3 before, b has had more than 10: [], not {seen}"
    loud = pd.DataFrame({"a": [1.0, 2, 3, 2, 1, 9], "b": [10.0, 20, 30, 20, 30, 10]})
    seen = unusual(loud)
    assert seen == ["a"], f"a ends with 9 after at most 3: ['a'], not {seen}"
    small = pd.DataFrame({"a": [1.0, 2, 1, 2, 2.2], "b": [0.0, 30, 10, 0, 10], "c": [0.0] * 5})
    seen = unusual(small)
    told = "b was once three times its mean, a ends higher than ever, at 1.34 times its mean: [] was meant"
    assert seen == [], f"{told}, not {seen}"


def test_data_drift(make_log, trained_until):
    """The last week is compared with past weeks, and the input that moved is named."""
    for discount, meant in ((None, []), (0.2, ["discount"])):
        log = make_log(discount=discount)
        learnt = log[log["date"].le(trained_until)]
        seen = data_drift(windows_of(log)[-27:], [learnt] * 27)
        what = "a copy of an earlier week" if discount is None else "20 % off in all rows of the last week"
        assert seen == meant, f"{what}: {meant} was meant, not {seen}"


def test_concept_drift(make_log, trained_until, later):
    """Errors that have grown where the model knows its way are concept drift."""
    for habit, meant in ((2.0, "yes"), (1.0, "no")):
        log = make_log(habit=habit)
        learnt, windows = log[log["date"].le(trained_until)], windows_of(log)[-27:]
        seen = concept_drift(windows, learnt, later)
        told = f"delivery sells {habit:.0f} times as much as in an earlier week: {meant} was meant; {seen}"
        assert seen["concept"] == meant, told
        assert list(seen["channels"]) == (["delivery"] if meant == "yes" else []), told
        assert seen["outside"] == pytest.approx(0, abs=0.02), f"all rows are like learnt ones; {seen}"


def test_diagnose(make_log, trained_until, later):
    """A diagnosis says what moved, and what to do."""
    seen = diagnose(make_log(habit=2.0), trained_until, later)
    told = f"delivery sells twice as much, nothing was released: retrain; {seen}"
    assert seen["verdict"] == "concept", told
    assert seen["action"] == "retrain", told
    seen = diagnose(make_log(discount=0.9), trained_until, later)
    told = f"90 % off in all rows, and at most 20 % was learnt: unknown, watch; {seen}"
    assert seen["verdict"] == "unknown", told
    assert seen["action"] == "watch", told
    assert "discount" in list(seen["inputs"]), told


REPORT = {
    "metrics": [
        {
            "id": "0",
            "metric_name": "DriftedColumnsCount(drift_share=0.5)",
            "config": {"type": "evidently:metric_v2:DriftedColumnsCount", "drift_share": 0.5},
            "value": {"count": 1.0, "share": 0.5},
        },
        {
            "id": "1",
            "metric_name": "ValueDrift(column=channel,method=chi-square p_value,threshold=0.05)",
            "config": {
                "type": "evidently:metric_v2:ValueDrift",
                "column": "channel",
                "method": "chi-square p_value",
                "threshold": 0.05,
            },
            "value": 0.003,
        },
        {
            "id": "2",
            "metric_name": "ValueDrift(column=temperature,method=K-S p_value,threshold=0.05)",
            "config": {
                "type": "evidently:metric_v2:ValueDrift",
                "column": "temperature",
                "method": "K-S p_value",
                "threshold": 0.05,
            },
            "value": 0.41,
        },
    ],
    "tests": [],
}
"""A small report, as Evidently 0.7 writes it."""


def test_evidently(student):
    """A verdict for each column of Evidently's report, read from its file."""
    student.write("small.json", json.dumps(REPORT).encode())
    seen = evidently_verdicts("small.json")
    meant = {
        "channel": {"method": "chi-square p_value", "value": 0.003, "drift": True},
        "temperature": {"method": "K-S p_value", "value": 0.41, "drift": False},
    }
    assert seen == meant, f"two columns, p = 0.003 and 0.41 at a threshold of 0.05: {meant}; not {seen}"
