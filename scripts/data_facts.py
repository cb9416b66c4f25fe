"""Computes what `course/reference/data.md` says of Kopi Lestari's tables, from the tables alone.

Worlds are drawn anew from the generator in `solutions/kopi/`, and measured as a stranger would:
nothing is read off the generator's constants. Units are in the names; effects are shares (0.15 is
15 % more).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "solutions"))  # a folder that is no package

from kopi.outlets import make_outlets  # type: ignore[import-not-found]  # noqa: E402 - after the path
from kopi.requests import make_requests  # type: ignore[import-not-found]  # noqa: E402
from kopi.sales import make_sales  # type: ignore[import-not-found]  # noqa: E402
from kopi.weather import scores  # type: ignore[import-not-found]  # noqa: E402

WORLDS: Final = 12
"""Worlds that are drawn; each has its own seed, from 1 on."""
FORESTS: Final = 3
"""Worlds in which models are trained: the first ones. A minute would be too long for a check."""
CHANNELS: Final = ("store", "app", "delivery")
WEATHER: Final = ("sunny", "cloudy", "rain")
YEAR_DAYS: Final = 365.25
REQUEST_DAYS: Final = 20
SLOW_MS: Final = 400
MISS: Final = 0.30
"""A forecast off by more than this share, up or (on the log scale) down, is a miss."""
CUT: Final = "2025-07-01"
"""Where the split by time begins to test."""
KNOWN: Final = ("outlet", "channel", "price", "promo", "weather_forecast")
"""Columns that are known on the evening before; the date is known, too."""
LEAKY: Final = (*KNOWN, "weather", "footfall")
"""The same with two columns that nobody knows then."""

Facts = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """One number in many worlds."""

    mean: float
    """Mean over the worlds."""
    low: float
    """The smallest."""
    high: float
    """The largest."""


def spreads(facts: list[Facts]) -> dict[str, Spread]:
    """Return for each name of the facts its mean and range over the worlds."""
    table = pd.DataFrame(facts)
    return {
        str(name): Spread(mean=float(each.mean()), low=float(each.min()), high=float(each.max()))
        for name, each in table.items()
    }


def world(seed: int) -> pd.DataFrame:
    """Return two years of sales of eight outlets: 17,520 rows, with each outlet's time zone."""
    rng = np.random.default_rng(seed)
    outlets = make_outlets(rng)
    zones = outlets.set_index("outlet")["time_zone"]
    sales: pd.DataFrame = make_sales(rng, outlets)
    sales["time_zone"] = sales["outlet"].map(zones)
    return sales


def outlets_of(seed: int) -> pd.DataFrame:
    """Return the outlets of a world."""
    made: pd.DataFrame = make_outlets(np.random.default_rng(seed))
    return made


def requests(seed: int) -> pd.DataFrame:
    """Return the requests of some days, as a healthy service answers them."""
    rng = np.random.default_rng(seed)
    outlets = make_outlets(rng)
    days = pd.date_range("2026-06-01", periods=REQUEST_DAYS).strftime("%Y-%m-%d")
    parts: list[pd.DataFrame] = [make_requests(rng, outlets, day=day) for day in days]
    return pd.concat(parts, ignore_index=True)


def effects(sales: pd.DataFrame) -> Facts:
    """Return what moves a day's sales: least squares on log units, all effects at once.

    Season: a yearly sine and cosine; `season` is its amplitude, `peak_day` the day of the year at
    which it is highest. Ramadan: its two spans within the table's two years.
    """
    design = _design(sales)
    log = np.log(sales["units"].to_numpy())
    found, *_ = np.linalg.lstsq(design.to_numpy(), log, rcond=None)
    named = dict(zip(design.columns, found, strict=True))
    wave = complex(named["cosine"], named["sine"])
    shares = {
        name: float(np.expm1(value))
        for name, value in named.items()
        if name in {"weekend", "ramadan", "promo"} or name.startswith("rain ")
    }
    rest = log - design.to_numpy() @ found
    return shares | {
        "season": float(np.expm1(abs(wave))),
        "peak_day": float(np.angle(wave) % (2 * np.pi) * YEAR_DAYS / (2 * np.pi)),
        "noise": float(rest.std()),
    }


def _design(sales: pd.DataFrame) -> pd.DataFrame:
    dates = pd.DatetimeIndex(sales["date"])
    turn = 2 * np.pi * dates.dayofyear.to_numpy() / YEAR_DAYS
    rain = (sales["weather"] == "rain").to_numpy()
    columns = {
        "weekend": dates.dayofweek.to_numpy() >= 5,  # noqa: PLR2004 - Saturday and Sunday
        "ramadan": _fasting(dates),
        "promo": sales["promo"].to_numpy(),
        "sine": np.sin(turn),
        "cosine": np.cos(turn),
        **{f"rain {name}": rain & (sales["channel"] == name).to_numpy() for name in CHANNELS},
    }
    places = pd.get_dummies(sales["outlet"], drop_first=True).to_numpy()
    names = pd.get_dummies(sales["channel"]).to_numpy()
    columns |= {f"outlet {number}": places[:, number] for number in range(places.shape[1])}
    columns |= {f"channel {number}": names[:, number] for number in range(names.shape[1])}
    return pd.DataFrame(columns).astype(float)


def _fasting(dates: pd.DatetimeIndex) -> np.ndarray:
    """Return True in Ramadan of 2024 and 2025, 30 days each, from the calendar of Indonesia."""
    inside = np.zeros(len(dates), dtype=bool)
    for first in pd.to_datetime(["2024-03-12", "2025-03-01"]):
        inside |= np.asarray((dates >= first) & (dates < first + pd.Timedelta(days=30)))
    return inside


def likeness(sales: pd.DataFrame) -> Facts:
    """Return how alike rows are: of one outlet (ICC), and weather of one day and the next.

    The ICC is of log units: `icc` with only the channel's mean taken out, `icc_rest` without what
    weekend, season, Ramadan, promotion and rain do, too.
    """
    design = _design(sales)
    channel = [name for name in map(str, design) if name.startswith("channel")]
    moved = [name for name in map(str, design) if not name.startswith("outlet")]
    rank = sales["weather"].map(dict(zip(WEATHER, range(3), strict=True)))
    days = sales.assign(rank=rank).pivot_table(index="date", columns="outlet", values="rank")
    near = [days[name].corr(days[name].shift()) for name in days]
    return {
        "icc": _icc(sales, design[channel]),
        "icc_rest": _icc(sales, design[moved]),
        "weather_lag": float(np.mean(near)),
        "score_lag": _score_lag(seed=int(sales["units"].sum()), days=len(days)),
        "forecast_right": float((sales["weather"] == sales["weather_forecast"]).mean()),
        **{f"is {name}": float((sales["weather"] == name).mean()) for name in WEATHER},
    }


def _score_lag(seed: int, days: int) -> float:
    """Return the correlation of one day and the next of the score that the words are cut from."""
    scored = scores(np.random.default_rng(seed), days, 8)
    return float(np.mean([np.corrcoef(one[1:], one[:-1])[0, 1] for one in scored.T]))


def _icc(sales: pd.DataFrame, taken_out: pd.DataFrame) -> float:
    """Return ICC(1) of outlets: (MSB - MSW) / (MSB + (k - 1) MSW) for k rows of each outlet.

    Shrout and Fleiss, Psychological Bulletin 86 (1979), 420.
    """
    known, log = taken_out.to_numpy(), np.log(sales["units"].to_numpy())
    rest = pd.Series(log - known @ np.linalg.lstsq(known, log, rcond=None)[0])
    groups = rest.groupby(sales["outlet"].to_numpy())
    size = len(rest) / groups.ngroups
    between, within = size * groups.mean().var(ddof=1), groups.var(ddof=1).mean()
    return float((between - within) / (between + (size - 1) * within))


def shares(sales: pd.DataFrame) -> Facts:
    """Return who sells what, and how prices lie."""
    by = sales.groupby("channel")
    sold, earned = by["units"].sum(), by["revenue"].sum()
    days = sales.drop_duplicates(["date", "outlet"])
    store = sales[sales["channel"] == "store"]
    return {
        **{f"units {name}": float(sold[name] / sold.sum()) for name in CHANNELS},
        **{f"revenue {name}": float(earned[name] / earned.sum()) for name in CHANNELS},
        **{f"median {name}": float(by["units"].median()[name]) for name in CHANNELS},
        "promoted": float(days["promo"].mean()),
        "price_low": float(sales.loc[sales["promo"] == 0, "price"].min()),
        "price_high": float(sales["price"].max()),
        "footfall": float(store["footfall"].sum() / store["units"].sum()),
    }


def arrivals(sales: pd.DataFrame) -> Facts:
    """Return hours from an outlet's closing, at 22:00 on its own clock, until its rows arrive."""
    hours = []
    for zone, rows in sales.groupby("time_zone"):
        closed = (rows["date"] + pd.Timedelta(hours=22)).dt.tz_localize(str(zone))
        hours.append((rows["ingested_at"] - closed).dt.total_seconds() / 3600)
    waited = pd.concat(hours)
    return {"arrives_from": float(waited.min()), "arrives_to": float(waited.max())}


def waits(sales: pd.DataFrame) -> Facts:
    """Return days until the final count is known: from, mean and to, by channel."""
    days = (sales["label_available_at"] - sales["date"]).dt.days.groupby(sales["channel"])
    parts: Mapping[str, pd.Series] = {"from": days.min(), "mean": days.mean(), "to": days.max()}
    return {
        f"{part} {name}": float(values[name]) for part, values in parts.items() for name in CHANNELS
    }


def forecasts(sales: pd.DataFrame) -> Facts:
    """Return the WAPE of one model recipe under two splits of the same size.

    A forest on what is known on the evening before, with the date as numbers (weekday, day of the
    year, day of the table). By time: trained before CUT, tested from then on. At random: as many
    test rows, drawn from all days. `leaky`: with the day's own weather and footfall as well.
    """
    features, leaky = _features(sales, KNOWN), _features(sales, LEAKY)
    units = sales["units"].to_numpy()
    later = np.asarray(sales["date"] >= pd.Timestamp(CUT))
    drawn = np.zeros(len(sales), dtype=bool)
    drawn[np.random.default_rng(1).permutation(len(sales))[: later.sum()]] = True
    return {
        "by_time": _wape(features, units, later),
        "at_random": _wape(features, units, drawn),
        "leaky_by_time": _wape(leaky, units, later),
        "leaky_at_random": _wape(leaky, units, drawn),
    }


def _features(sales: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    dates = pd.DatetimeIndex(sales["date"])
    codes = [
        sales[name] if sales[name].dtype != object else pd.factorize(sales[name], sort=True)[0]
        for name in names
    ]
    day = (dates - dates.min()).days
    return np.column_stack([*codes, dates.dayofweek, dates.dayofyear, day])


def _wape(features: np.ndarray, units: np.ndarray, tested: np.ndarray) -> float:
    model = RandomForestRegressor(n_estimators=30, min_samples_leaf=5, random_state=1, n_jobs=1)
    model.fit(features[~tested], units[~tested])
    off = np.abs(model.predict(features[tested]) - units[tested])
    return float(off.sum() / units[tested].sum())


def answers(asked: pd.DataFrame) -> Facts:
    """Return how users ask and how a healthy service answers."""
    per_user = asked["user_id"].value_counts()
    tenth = per_user.head(round(0.1 * per_user.size)).sum() / len(asked)
    right = asked[asked["error"] == 0]
    off = np.abs(np.log(right["prediction"] / right["actual"]))
    return {
        "users": float(per_user.size),
        "busy_tenth": float(tenth),
        "median_ms": float(asked["latency_ms"].median()),
        "p95_ms": float(asked["latency_ms"].quantile(0.95)),
        "slow": float((asked["latency_ms"] > SLOW_MS).mean()),
        "errors": float(asked["error"].mean()),
        "misses": float((off > np.log1p(MISS)).mean()),
        **{f"asked {name}": float((asked["channel"] == name).mean()) for name in CHANNELS},
    }


def all_facts() -> dict[str, Spread]:
    """Return every number of the page."""
    rows = list(_worlds())
    trained = spreads([forecasts(world(seed)) for seed in range(1, FORESTS + 1)])
    asked = spreads([answers(requests(seed)) for seed in range(1, WORLDS + 1)])
    return spreads(rows) | trained | asked


def _worlds() -> Iterator[Facts]:
    measures: tuple[Callable[[pd.DataFrame], Facts], ...] = (
        effects,
        likeness,
        shares,
        waits,
        arrivals,
    )
    for seed in range(1, WORLDS + 1):
        sales = world(seed)
        yield {name: value for measure in measures for name, value in measure(sales).items()}
