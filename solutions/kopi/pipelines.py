"""Repositories for lab 06: the forecasting service with its data, and the ways to break it.

Text in, text out: a repository is a dict of paths and texts. Rows are drawn from the case's own
generator, so every run has other data; the faults are edits whose effect is certain.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .outlets import make_outlets
from .sales import make_sales

Files = dict[str, str]
COLUMNS = ("date", "outlet", "channel", "units")
FIRST_DAY = "2026-06-01"
TRAINED = 70
"""Days that the model is trained on; the 28 days after them are the holdout."""
HELD_OUT = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One event, and what a good pipeline makes of it."""

    name: str
    """What it is, for staff."""
    kind: str
    """push, pull or fork."""
    branch: str
    """The ref of a push, or the branch that a pull request comes from."""
    files: Files
    """What differs from the repository; an empty text removes nothing, it empties the file."""
    title: str = "Better forecasts"
    """Title of the pull request, or message of the commit."""
    broken: bool = False
    """Staging does not answer."""
    green: bool = True
    """Whether the pipeline should be green."""
    trained: bool = True
    """Whether a model should have been trained."""
    staging: bool = True
    """Whether staging should have a new model."""
    production: bool = True
    """Whether production should have it, too."""


def pipeline_data(rng: np.random.Generator, *, outlets: int = 4) -> Files:
    """Return the three files of `data/`: training rows, holdout rows and the champion."""
    length = TRAINED + HELD_OUT
    table = make_sales(rng, make_outlets(rng, outlets), first_day=FIRST_DAY, length=length)
    sales = table[list(COLUMNS)].assign(date=table["date"].dt.strftime("%Y-%m-%d"))
    border = str((pd.Timestamp(FIRST_DAY) + pd.Timedelta(days=TRAINED)).date())
    train, holdout = sales[sales["date"] < border], sales[sales["date"] >= border]
    return {
        "data/train.csv": as_csv(train),
        "data/holdout.csv": as_csv(holdout),
        "data/champion.json": champion(train[train["date"] >= "2026-06-15"]),
    }


def as_csv(rows: pd.DataFrame) -> str:
    """Return rows as CSV text."""
    return str(rows.to_csv(index=False, lineterminator="\n"))


def champion(rows: pd.DataFrame) -> str:
    """Return the model that production runs today, as JSON: the same recipe, on fewer days."""
    logs = np.log(rows["units"] + 1.0)
    mean, spread = float(logs.mean()), float(logs.std(ddof=0))
    weekend = pd.to_datetime(rows["date"]).dt.dayofweek >= 5
    keys = (
        rows["outlet"] + "|" + rows["channel"] + "|" + weekend.map({True: "weekend", False: "week"})
    )
    means = ((logs - mean) / spread).groupby(keys).mean().round(6)
    scaler = {"mean": round(mean, 6), "spread": round(spread, 6)}
    return json.dumps({"means": means.to_dict(), "scaler": scaler}, indent=1) + "\n"


def ci_cd(seed: int) -> dict[str, str]:
    """Return path -> text for lab 06: what lies in `data/`."""
    made = pipeline_data(np.random.default_rng(seed))
    return {path.removeprefix("data/"): text for path, text in made.items()}


def edited(files: Mapping[str, str], path: str, old: str, new: str) -> Files:
    """Return one file with a text replaced, once. Raises ValueError when the text is not there."""
    if old not in files[path]:
        raise ValueError(f"{path} has no {old!r}")
    return {path: files[path].replace(old, new, 1)}


MAIN = "refs/heads/main"
INJECTION = 'Tests $(touch "$KOPI_CLOUD/injected") `touch "$KOPI_CLOUD/injected"`'
"""A title that does something where a shell reads it, inside quotes and outside."""
Maker = Callable[[Files, np.random.Generator], list[Case]]


def _push(name: str, files: Files, branch: str = MAIN) -> Case:
    return Case(name=name, kind="push", branch=branch, files=files)


def _red(name: str, files: Files) -> Case:
    """Return a push to main that must be stopped before anything is trained."""
    case = replace(_push(name, files), green=False, trained=False)
    return _nowhere(case)


def _nowhere(case: Case) -> Case:
    """Return the case as one that must be deployed nowhere."""
    return replace(case, staging=False, production=False)


def benign(repo: Files, rng: np.random.Generator) -> list[Case]:
    """Return changes that a pipeline must let through, each as far as its event says."""
    rows = repo["data/train.csv"].splitlines(keepends=True)
    rng.shuffle(moved := rows[1:])
    docs = edited(repo, "forecast/report.py", "A line for people", "A sentence for people")
    elsewhere = [
        _push("develop", docs, "refs/heads/develop"),
        _push("like main", {}, "refs/heads/maintenance"),
        _push("tag", {}, "refs/tags/main"),
    ]
    return [
        _push("words", docs),
        _push("rows moved", {"data/train.csv": "".join([rows[0], *moved])}),
        *(replace(case, production=False) for case in elsewhere),
        _nowhere(Case(name="pull", kind="pull", branch="better", files=docs)),
    ]


def code_faults(repo: Files, _rng: np.random.Generator) -> list[Case]:
    """Return faults of the code, from a name that is never used to a test that fails."""
    report, model = "forecast/report.py", "forecast/model.py"
    failing = {"unit/check_more.py": FAILING}
    return [
        _red("unused import", edited(repo, report, '"""A line', 'import os\n"""A line')),
        _red(
            "syntax error",
            edited(repo, report, "def line(outlet, units):", "def line(outlet units):"),
        ),
        _red("off by one", edited(repo, model, ">= 5", "> 5")),
        _red("failing test", failing),
        _push("passing test", {"unit/check_more.py": PASSING}),
    ]


FAILING = '''"""More unit tests."""

import unittest


class More(unittest.TestCase):
    """One that fails."""

    def test_that_fails(self):
        self.assertEqual(1 + 1, 3)
'''
PASSING = FAILING.replace("1 + 1, 3", "1 + 1, 2").replace("fails", "passes")


def data_faults(repo: Files, rng: np.random.Generator) -> list[Case]:
    """Return faults of the data: another schema, and rows that are in both files."""
    train, held = "data/train.csv", repo["data/holdout.csv"].splitlines(keepends=True)
    leaked = [held[number] for number in 1 + rng.choice(len(held) - 1, size=40, replace=False)]
    return [
        _red(
            "schema", edited(repo, train, "date,outlet,channel,units", "date,outlet,channel,sold")
        ),
        _red("leak", {train: repo[train] + "".join(leaked)}),
        _red("no number", {train: repo[train] + "2026-06-02,K01,kiosk,many\n"}),
        _push("new kiosk", {train: repo[train] + KIOSK}),
    ]


KIOSK = "2026-06-02,K01,kiosk,12\n"


def model_faults(repo: Files, _rng: np.random.Generator) -> list[Case]:
    """Return models that are worse than the champion, although all tests pass."""
    train = "data/train.csv"
    rows = repo[train].splitlines(keepends=True)
    few = [rows[0], *(row for row in rows[1:] if ",K01," in row)]
    doubled = [rows[0], *(_doubled(row) for row in rows[1:])]
    return [
        replace(_red("one outlet", {train: "".join(few)}), trained=True),
        replace(_red("doubled", {train: "".join(doubled)}), trained=True),
        _push("fewer days", {train: "".join([rows[0], *rows[61:]])}),
    ]


def _doubled(row: str) -> str:
    start, _, units = row.rpartition(",")
    return f"{start},{2 * int(units) + 10}\n"


def staging_faults(repo: Files, _rng: np.random.Generator) -> list[Case]:
    """Return what only a deployed service shows: a part was not shipped, or the place is down."""
    lost = edited(repo, "forecast/package.py", '("means", "scaler")', '("means",)')
    return [
        replace(_push("no scaler", lost), green=False, production=False),
        replace(_push("down", {}), broken=True, green=False, production=False),
        _push("up", {}),
    ]


def strangers(repo: Files, _rng: np.random.Generator) -> list[Case]:
    """Return pull requests from forks: a good one, one from a branch called main, a bad one."""
    bad = edited(repo, "forecast/model.py", ">= 5", "> 5")
    fork = _nowhere(Case(name="fork", kind="fork", branch="better", files={}, title=INJECTION))
    return [
        fork,
        replace(fork, name="fork's main", branch="main"),
        replace(fork, name="bad fork", files=bad, green=False, trained=False),
        replace(_push("message", {}), title=INJECTION),
    ]


FAMILIES: dict[str, Maker] = {
    "benign": benign,
    "code": code_faults,
    "data": data_faults,
    "model": model_faults,
    "staging": staging_faults,
    "strangers": strangers,
}
"""Name of a family, and what makes its cases."""
