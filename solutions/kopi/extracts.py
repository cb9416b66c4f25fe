"""What students receive: extracts of the case as CSV files, the same bytes for the same seed.

Values in, text out; `python -m kopi extract` writes the files. `grader release` and grading ask
`extract` for a student's own.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from .experiments import experiment_tracking
from .faults import arrive, as_text, in_thousands, miscount, overwrite, repeat, reprice, some
from .lines import make_lines, numbered
from .mondays import drift_extract
from .outlets import make_outlets
from .pipelines import ci_cd
from .requests import deployment_strategies

MONDAY = pd.Timestamp("2026-05-04")
"""First day of the week that goes wrong; Ramadan is over."""
SEED = 20260504
"""Seed of the extracts in the repository: everybody's copy."""


def data_quality(seed: int) -> dict[str, str]:
    """Return path -> CSV for lab 02: outlets, a good week as history, and a week of batches."""
    rng = np.random.default_rng(seed)
    outlets = make_outlets(rng, 9)
    outlets.loc[8, ["city", "time_zone", "closed"]] = ["Bogor", "Asia/Jakarta", "2026-03-31"]
    open_outlets = outlets[outlets["closed"].isna()]
    start = str((MONDAY - pd.Timedelta(days=7)).date())
    lines = make_lines(rng, open_outlets, first_day=start, length=14)
    past, week = lines[lines["date"] < MONDAY], lines[lines["date"] >= MONDAY]
    ledger = week.groupby(["date", "outlet"], as_index=False)["revenue"].sum()
    files = {
        "outlets.csv": as_csv(outlets),
        "history.csv": as_csv(numbered(past)),
        "ledger.csv": as_csv(ledger),
    }
    days = sorted(week["date"].unique())
    for day, spoil in zip(days, WEEK, strict=True):
        batch = spoil(rng, numbered(week[week["date"] == day]))
        files[f"batches/{day:%Y-%m-%d}.csv"] = as_csv(batch)
    return files


def as_csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV: ISO dates, moments with their offset, nothing for what is missing."""
    moments = frame.select_dtypes(["datetime64[ns]", "datetimetz"])
    texts = {name: as_text(column) for name, column in moments.items()}
    return str(frame.assign(**texts).to_csv(index=False, lineterminator="\n"))


def _monday(rng: np.random.Generator, batch: pd.DataFrame) -> pd.DataFrame:
    """Put gaps in disguise: the till's keyboard was broken."""
    rows = some(rng, batch, 9)
    return overwrite(overwrite(batch, rows[:5], "product", " N/A "), rows[5:], "units", "-")


def _tuesday(rng: np.random.Generator, batch: pd.DataFrame) -> pd.DataFrame:
    """Send part of the file twice, some of it with other numbers."""
    rows = some(rng, batch, 12)
    twice = repeat(batch, rows[:6])
    return repeat(twice, rows[6:], extra_units=7).reset_index(drop=True)


def _wednesday(rng: np.random.Generator, batch: pd.DataFrame) -> pd.DataFrame:
    """Add sales of an outlet that nobody knows, and of one that closed in March."""
    rows = some(rng, batch, 8)
    return overwrite(overwrite(batch, rows[:3], "outlet", "K99"), rows[3:], "outlet", "K09")


def _thursday(rng: np.random.Generator, batch: pd.DataFrame) -> pd.DataFrame:
    """Lower the revenue of some deliveries by 500 rupiah."""
    deliveries = np.flatnonzero(batch["channel"] == "delivery")
    return miscount(batch, sorted(rng.choice(deliveries, size=8, replace=False).tolist()), -500)


def _friday(_rng: np.random.Generator, batch: pd.DataFrame) -> pd.DataFrame:
    """Let three outlets send thousands of rupiah, after an update of their tills."""
    return in_thousands(batch, np.flatnonzero(batch["outlet"].isin(["K02", "K03", "K07"])).tolist())


def _saturday(_rng: np.random.Generator, batch: pd.DataFrame) -> pd.DataFrame:
    """Let Jayapura's rows come an hour too late: its line was down."""
    jayapura = np.flatnonzero(batch["outlet"] == "K08").tolist()
    return arrive(batch, jayapura, minutes_after=49 * 60)


def _sunday(rng: np.random.Generator, batch: pd.DataFrame) -> pd.DataFrame:
    """Spoil nothing: no weather, a new product, and an order for a wedding."""
    tea = np.flatnonzero((batch["product"] == "tea") & (batch["outlet"] == "K04")).tolist()
    odd = overwrite(overwrite(batch, range(len(batch)), "weather", ""), tea, "product", "Nanas")
    return reprice(odd, some(rng, odd, 1), units=3_000)


WEEK: tuple[Callable[[np.random.Generator, pd.DataFrame], pd.DataFrame], ...] = (
    _monday,
    _tuesday,
    _wednesday,
    _thursday,
    _friday,
    _saturday,
    _sunday,
)
"""What happens to each day's batch, from Monday on."""

EXTRACTS: dict[str, Callable[[int], dict[str, str]]] = {
    "02-data-quality": data_quality,
    "04-experiment-tracking": experiment_tracking,
    "06-ci-cd": ci_cd,
    "08-deployment-strategies": deployment_strategies,
    "09-drift": drift_extract,
}
"""Slug of a lab, and what makes its files."""


def extract(lab: str, seed: int) -> dict[str, str]:
    """Return path below `data/` -> text for a lab, drawn from a seed (0 to 2**53 - 1).

    Raises KeyError for a lab without data.
    """
    return EXTRACTS[lab](seed)
