"""Banks of batches for lab 02: good ones that look odd, and faulty ones with one fault each.

Each family mixes both, so that a gate which accepts everything, or refuses everything, fails every
family. What the gate must say is fixed here, before any student code has seen the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta, timezone

import numpy as np
import pandas as pd

from .faults import (
    arrive,
    as_text,
    in_thousands,
    lines_at,
    miscount,
    overwrite,
    repeat,
    reprice,
    some,
)
from .lines import KEY, make_lines, numbered
from .outlets import make_outlets

CLOSED_LONG_AGO = "K09"
"""A ninth outlet, which stands in the table and sells nothing any more."""
ALLOWED = 14
"""Most bad rows among 72 that leave the batch alive: 14 / 72 is 19.4 %, and 20 % is the limit."""
LIMIT_MINUTES = 48 * 60
"""A row may arrive so many minutes after its outlet closed."""
NINE_HOURS_AHEAD = timezone(timedelta(hours=9))
"""The clock of Jayapura."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One call of the gate, and what it must answer."""

    name: str
    """What is odd or wrong, for staff."""
    batch: pd.DataFrame
    """What arrives."""
    history: pd.DataFrame
    """What was accepted before."""
    outlets: pd.DataFrame
    """The outlets."""
    now: pd.Timestamp
    """The moment of the call."""
    decision: str = "accept"
    """accept, quarantine or reject."""
    aside: frozenset[int] = field(default_factory=frozenset)
    """Line numbers that must be set aside; all of them when the batch is rejected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A clean morning: 72 rows of yesterday, three days of history, eight open outlets."""

    rng: np.random.Generator
    """Where all choices come from."""
    day: pd.Timestamp
    """The day that the batch is about."""
    case: Case
    """The clean batch, accepted as a whole."""

    @property
    def batch(self) -> pd.DataFrame:
        """The clean batch; never changed in place."""
        return self.case.batch

    def some(self, count: int) -> list[int]:
        """Return positions of `count` rows of the clean batch."""
        return some(self.rng, self.batch, count)

    def a_few(self) -> list[int]:
        """Return positions of one to ALLOWED rows of the clean batch."""
        return self.some(int(self.rng.integers(1, ALLOWED + 1)))

    def apart(self, column: str, count: int) -> list[int]:
        """Return positions of rows that stay different sales when `column` is overwritten."""
        if column not in KEY:
            return self.some(count)
        pool = np.flatnonzero(self.batch[column] == self.batch[column].iloc[0])
        chosen = self.rng.choice(pool, size=min(count, len(pool)), replace=False)
        return sorted(chosen.tolist())

    def of(self, outlet: str) -> list[int]:
        """Return the positions of all rows of an outlet."""
        return np.flatnonzero(self.batch["outlet"] == outlet).tolist()

    def good(self, name: str, batch: pd.DataFrame | None = None, **changes: object) -> Case:
        """Return a case that must be accepted."""
        made = self.batch if batch is None else batch
        return replace(self.case, name=f"good: {name}", batch=made, **changes)

    def faulty(
        self, name: str, batch: pd.DataFrame, where: Sequence[int], **changes: object
    ) -> Case:
        """Return a case in which the rows at these positions must be set aside, and no others."""
        return replace(
            self.case,
            name=f"faulty: {name}",
            batch=batch,
            decision="quarantine",
            aside=lines_at(batch, where),
            **changes,
        )

    def refused(self, name: str, batch: pd.DataFrame, **changes: object) -> Case:
        """Return a case that must be rejected as a whole."""
        every = frozenset(batch["line"].tolist())
        return replace(
            self.case,
            name=f"refused: {name}",
            batch=batch,
            decision="reject",
            aside=every,
            **changes,
        )


def make_world(rng: np.random.Generator) -> World:
    """Return a fresh world on a day between February 2025 and December 2026."""
    day = pd.Timestamp("2025-02-01") + pd.Timedelta(days=int(rng.integers(0, 650)))
    outlets = make_outlets(rng, 9)
    outlets.loc[outlets["outlet"] == CLOSED_LONG_AGO, "closed"] = pd.Timestamp("2024-06-30")
    selling = outlets[outlets["closed"].isna()]
    lines = make_lines(rng, selling, first_day=str(day - pd.Timedelta(days=3)), length=4)
    clean = Case(
        name="good: a clean batch",
        batch=numbered(lines[lines["date"] == day]),
        history=numbered(lines[lines["date"] < day]),
        outlets=outlets,
        now=(day + pd.Timedelta(days=1, hours=5)).tz_localize("UTC"),
    )
    return World(rng=rng, day=day, case=clean)


def missing(world: World) -> Iterator[Case]:
    """Yield what is absent without being wrong, and what is missing in every disguise."""
    everything = range(len(world.batch))
    yield world.good("no weather for a day", overwrite(world.batch, everything, "weather", ""))
    gaps = overwrite(world.batch, world.a_few(), "weather", None)
    yield world.good("no weather for some rows", gaps)
    app = np.flatnonzero((world.batch["channel"] == "app") & (world.batch["outlet"] == "K02"))
    yield world.good("a channel without sales", reprice(world.batch, app.tolist(), units=0))
    nanas = overwrite(world.batch, world.apart("product", 9), "product", "Nanas")
    yield world.good("a product with `na` in its name", nanas)
    for column, value in (
        ("product", "  "),
        ("product", "N/A"),
        ("product", " Null"),
        ("product", None),
        ("units", None),
        ("outlet", " "),
        ("closed_at", ""),
        ("ingested_at", None),
        ("ingested_at", "-"),
        ("price", "-999"),
    ):
        where = world.apart(column, int(world.rng.integers(1, ALLOWED + 1)))
        batch = overwrite(world.batch, where, column, value)
        yield world.faulty(f"{column} is {value!r}", batch, where)


def invalid(world: World) -> Iterator[Case]:
    """Yield values at the edge of their domain, and values beyond it."""
    batch = world.batch
    new = overwrite(batch, world.apart("product", 6), "product", "merchandise")
    yield world.good("a new product", new)
    dear, cheap = world.some(2)
    limits = reprice(batch, [dear], price=500_000, units=5_000)
    yield world.good("prices at both limits", reprice(limits, [cheap], price=1_000))
    texts = batch.assign(**{name: as_text(batch[name]) for name in ("price", "units", "revenue")})
    yield world.good("numbers as text", texts)
    yield world.good("dates as text", batch.assign(date=as_text(batch["date"])))
    for name, values in (
        ("units below zero", {"units": -3}),
        ("units just above the limit", {"units": 5_001}),
        ("a price just above the limit", {"price": 500_001}),
        ("a price just below the limit", {"price": 999}),
    ):
        where = world.a_few()
        yield world.faulty(name, reprice(batch, where, **values), where)
    for column, value in (
        ("channel", "drive-in"),
        ("units", "12 cups"),
        ("date", pd.Timestamp("2062-05-04")),
        ("date", world.day + pd.Timedelta(days=3)),
        ("date", "2024-02-30"),
        ("date", "04/05/2026"),
    ):
        # The first row is always among them: a format guessed from it would condemn the others.
        where = sorted({0, *world.apart(column, 4)})
        yield world.faulty(f"{column} is {value!r}", overwrite(batch, where, column, value), where)
    where = world.some(3)
    halves = reprice(batch.astype({"units": "float64"}), where, units=2.5)
    yield world.faulty("half units", halves, where)
    halves = reprice(batch.astype({"price": "float64"}), where, price=20_000.5, units=2)
    yield world.faulty("half a rupiah", halves, where)
    where = world.of("K05")
    yield world.faulty("one outlet in thousands", in_thousands(batch, where), where)


def inaccurate(world: World) -> Iterator[Case]:
    """Yield revenue that is right in odd ways, and revenue that is wrong by little or much."""
    batch = world.batch
    half = batch.assign(price=batch["price"] // 1_000 * 500)
    yield world.good("everything at half price", reprice(half, range(len(half))))
    yield world.good("revenue as floats", batch.astype({"revenue": "float64"}))
    order = reprice(batch, world.some(2), price=480_000, units=4_900)
    yield world.good("a large order in int32", order.astype({"price": "int32", "units": "int32"}))
    for name, by in (("one rupiah more", 1), ("one rupiah less", -1), ("500 rupiah more", 500)):
        where = world.a_few()
        yield world.faulty(name, miscount(batch, where, by), where)
    where = world.some(2)
    order = reprice(batch, where, price=480_000, units=4_900)
    yield world.faulty("one rupiah in 2,352,000,000", miscount(order, where, 1), where)
    where = world.of("K04")
    before = batch.copy()
    before.iloc[where, before.columns.get_loc("price")] -= 5_000
    yield world.faulty("revenue from before the discount", before, where)
    where = world.a_few()
    yield world.faulty("revenue is zero", overwrite(batch, where, "revenue", 0), where)


def orphans(world: World) -> Iterator[Case]:
    """Yield outlets on their first and last day, and outlets one day outside."""
    outlets, day, one = world.case.outlets, world.day, pd.Timedelta(days=1)

    def dated(outlet: str, column: str, date: pd.Timestamp) -> pd.DataFrame:
        return outlets.assign(**{column: outlets[column].mask(outlets["outlet"] == outlet, date)})

    yield world.good("an outlet's first day", outlets=dated("K06", "opened", day))
    yield world.good("an outlet's last day", outlets=dated("K02", "closed", day))
    fresh = outlets[outlets["outlet"] == "K03"].assign(outlet="K10", opened=day)
    yield world.good(
        "a new outlet, and another on holiday",
        overwrite(world.batch, world.of("K03"), "outlet", "K10"),
        outlets=pd.concat([outlets, fresh], ignore_index=True),
    )
    for name in ("K99", CLOSED_LONG_AGO):
        where = world.apart("outlet", int(world.rng.integers(1, ALLOWED + 1)))
        batch = overwrite(world.batch, where, "outlet", name)
        yield world.faulty(f"sales of {name}", batch, where)
    where = world.of("K06")
    opens = dated("K06", "opened", day + one)
    yield world.faulty("opens tomorrow", world.batch, where, outlets=opens)
    where = world.of("K02")
    closed = dated("K02", "closed", day - one)
    yield world.faulty("closed yesterday", world.batch, where, outlets=closed)


def duplicates(world: World) -> Iterator[Case]:
    """Yield days that resemble each other, and sales that were sent before."""
    batch, history = world.batch, world.case.history
    yesterday = history[history["date"] == history["date"].max()]
    before = history[history["date"] < history["date"].max()]
    yield world.good("two days in one batch", _join(yesterday, batch), history=before)
    same = batch.assign(
        **{name: yesterday[name].to_numpy() for name in ("price", "units", "revenue", "weather")}
    )
    yield world.good("a day with yesterday's numbers", same)
    new = range(len(batch), 2 * len(batch))
    for name, units in (("one row twice", 0), ("one sale twice, with other units", 5)):
        twice = repeat(batch, world.some(1), extra_units=units)
        yield world.faulty(name, twice, [len(batch)])
    yield world.faulty("the file twice", repeat(batch, range(len(batch))), list(new))
    few = _join(batch, yesterday.iloc[world.some(5)])
    yield world.faulty("five rows of yesterday", few, range(len(batch), len(few)))
    where = world.some(12)
    other = _join(batch, reprice(yesterday, where[:6], units=321).iloc[where])
    yield world.faulty("rows of yesterday, corrected", other, range(len(batch), len(other)))
    replay = numbered(yesterday)
    yield world.faulty("yesterday again", replay, range(len(replay)))
    texts = replay.assign(date=as_text(replay["date"]))
    yield world.faulty("yesterday again, dates as text", texts, range(len(texts)))
    texts = history.assign(date=as_text(history["date"]))
    where = range(len(replay))
    yield world.faulty("yesterday again, history as text", replay, where, history=texts)


def late(world: World) -> Iterator[Case]:
    """Yield rows that arrive at the last moment, and rows that miss it by a minute."""
    batch, later = world.batch, world.case.now + pd.Timedelta(days=6)
    everything, east, west = range(len(batch)), world.of("K08"), world.of("K01")
    last = arrive(batch, everything, minutes_after=LIMIT_MINUTES)
    yield world.good("all at the last moment", last, now=later)
    utc = as_text(pd.to_datetime(batch["closed_at"], utc=True))
    local = as_text(last["ingested_at"].dt.tz_convert(NINE_HOURS_AHEAD))
    swapped = last.assign(closed_at=utc, ingested_at=local)
    yield world.good("the same moments on other clocks", swapped, now=later)
    for name, where, minutes in (
        ("a minute late in Jakarta", west, LIMIT_MINUTES + 1),
        ("a minute late in Jayapura", east, LIMIT_MINUTES + 1),
        ("five days late", world.a_few(), 5 * 24 * 60),
    ):
        delayed = arrive(batch, where, minutes_after=minutes)
        yield world.faulty(name, delayed, where, now=later)
    delayed = arrive(batch, east, minutes_after=LIMIT_MINUTES + 1)
    texts = delayed.assign(ingested_at=as_text(delayed["ingested_at"]))
    yield world.faulty("a minute late, moments as text", texts, east, now=later)


def whole(world: World) -> Iterator[Case]:
    """Yield batches that are odd as a whole, and batches that nobody should use."""
    batch = world.batch
    yield world.good("one more column", batch.assign(cashier="Sari"))
    order = world.rng.permutation(len(batch))
    yield world.good("rows and columns in another order", batch.iloc[order, ::-1])
    half = numbered(batch[batch["outlet"].isin(["K01", "K03", "K06", "K08"])])
    yield world.good("half of the outlets", half, outlets=_with_plans(world, opens_in=30))
    sixty, double = _shortened(world, 60), _two_days(world)
    earlier = world.case.history.iloc[:144]
    for rows, past, most in (
        (sixty, world.case.history, 12),
        (half, world.case.history, 7),
        (double, earlier, 28),
    ):
        where = some(world.rng, rows, most + 1)
        allowed = miscount(rows, where[:most], 500)
        name = f"{most} bad of {len(rows)}"
        yield world.faulty(name, allowed, where[:most], history=past)
        yield world.refused(f"one more than {name}", miscount(rows, where, 500), history=past)
    wrong, odd = world.of("K02")[:8], world.of("K07")[:8]
    mixed = reprice(miscount(batch, wrong, 500), odd, units=-1)
    yield world.refused("16 bad of 72, by two faults", mixed)
    yield world.refused("no column units", batch.drop(columns="units"))
    yield world.refused("no rows", batch.iloc[:0])
    yield world.refused("3 of 8 outlets", numbered(half[half["outlet"] != "K06"]))
    yield world.refused("4 of 9 outlets", half, outlets=_with_plans(world, opens_in=1))
    yield world.refused("all in thousands", in_thousands(batch, range(len(batch))))


FAMILIES: dict[str, Callable[[World], Iterator[Case]]] = {
    "missing": missing,
    "invalid": invalid,
    "inaccurate": inaccurate,
    "orphans": orphans,
    "duplicates": duplicates,
    "late": late,
    "whole": whole,
}
"""Name of a family, and what makes its cases."""


def bank(world: World, family: str) -> list[Case]:
    """Return the cases of a family, good and faulty mixed in random order."""
    cases = list(FAMILIES[family](world))
    return [cases[place] for place in world.rng.permutation(len(cases))]


def _join(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    return numbered(pd.concat([first, second], ignore_index=True))


def _shortened(world: World, rows: int) -> pd.DataFrame:
    # Every outlet keeps its store rows, so that all eight stay in the batch.
    keep = np.flatnonzero(world.batch["channel"] == "store")
    others = np.flatnonzero(world.batch["channel"] != "store")
    more = world.rng.choice(others, size=rows - len(keep), replace=False)
    return numbered(world.batch.iloc[np.sort(np.concatenate([keep, more]))])


def _with_plans(world: World, *, opens_in: int) -> pd.DataFrame:
    """Return the outlets with a tenth that opens some days after the batch, and a closing ahead."""
    outlets = world.case.outlets
    tenth = outlets[outlets["outlet"] == "K03"].assign(
        outlet="K10", opened=world.day + pd.Timedelta(days=opens_in)
    )
    ahead = world.day + pd.Timedelta(days=30)
    planned = outlets.assign(closed=outlets["closed"].mask(outlets["outlet"] == "K01", ahead))
    return pd.concat([planned, tenth], ignore_index=True)


def _two_days(world: World) -> pd.DataFrame:
    history = world.case.history
    return _join(history[history["date"] == history["date"].max()], world.batch)
