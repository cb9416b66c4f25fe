"""Banks of batches for lab 02: good ones that look odd, and faulty ones.

Each family mixes both, so that a gate which accepts everything, or refuses everything, fails every
family. What the gate must say is fixed here, before any student code has seen the batch. Oddities
that do not touch each other share a batch, and faults do so in rows of their own: a row that is
judged wrong still tells which fault it was, and there is less to grade.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta, timezone

import numpy as np
import pandas as pd

from .faults import (
    arrive,
    as_text,
    in_thousands,
    miscount,
    overwrite,
    repeat,
    reprice,
    some,
)
from .gate_world import ALLOWED, CLOSED_LONG_AGO, Case, World
from .lines import numbered

LIMIT_MINUTES = 48 * 60
"""A row may arrive so many minutes after its outlet closed."""
NINE_HOURS_AHEAD = timezone(timedelta(hours=9))
"""The clock of Jayapura."""

DISGUISES: tuple[tuple[tuple[str, str | None], ...], ...] = (
    (("product", "  "), ("product", "N/A"), ("product", " Null"), ("product", None)),
    (("units", None), ("price", "-999"), ("ingested_at", "-")),
    (("outlet", " "), ("closed_at", ""), ("ingested_at", None)),
)
"""Column and value of each gap, a line for each batch: among text, and among numbers and times."""


def missing(world: World) -> Iterator[Case]:
    """Yield what is absent without being wrong, and what is missing in every disguise."""
    everything = range(len(world.batch))
    app = np.flatnonzero((world.batch["channel"] == "app") & (world.batch["outlet"] == "K02"))
    idle = reprice(world.batch, app.tolist(), units=0)
    yield world.good(
        "no weather for a day, a channel without sales", overwrite(idle, everything, "weather", "")
    )
    nanas = overwrite(world.batch, world.apart("product", 9), "product", "Nanas")
    yield world.good(
        "no weather for some rows, a product with `na` in its name",
        overwrite(nanas, world.a_few(), "weather", None),
    )
    for disguises in DISGUISES:
        yield _overwritten(world, disguises, world.each_apart([column for column, _ in disguises]))


def invalid(world: World) -> Iterator[Case]:
    """Yield values at the edge of their domain, and values beyond it."""
    batch = world.batch
    new = overwrite(batch, world.apart("product", 6), "product", "merchandise")
    dear, cheap = world.some(2)
    limits = reprice(new, [dear], price=500_000, units=5_000)
    yield world.good("a new product, prices at both limits", reprice(limits, [cheap], price=1_000))
    numbers = {name: as_text(batch[name]) for name in ("price", "units", "revenue")}
    yield world.good(
        "numbers and dates as text", batch.assign(**numbers, date=as_text(batch["date"]))
    )
    yield _beyond_limits(world)
    for changes in (
        (("channel", "drive-in"), ("units", "12 cups")),
        (("date", pd.Timestamp("2062-05-04")), ("date", world.day + pd.Timedelta(days=3))),
        (("date", "2024-02-30"),),
        (("date", "04/05/2026"),),
    ):
        places = world.each_apart([column for column, _ in changes])
        _begin_with_first_row(places)
        yield _overwritten(world, changes, places)
    halves, dear = world.each_apart(["units", "price"])
    floats = reprice(batch.astype({"units": "float64", "price": "float64"}), halves, units=2.5)
    floats = reprice(floats, dear, price=20_000.5, units=2)
    yield world.several(floats, {"half units": halves, "half a rupiah": dear})
    where = world.of("K05")
    yield world.faulty("one outlet in thousands", in_thousands(batch, where), where)


def _overwritten(
    world: World, changes: Sequence[tuple[str, object]], places: Sequence[Sequence[int]]
) -> Case:
    """Return a case in which each change, a column and a value, was made at its places."""
    batch, faults = world.batch, {}
    for (column, value), rows in zip(changes, places, strict=True):
        batch = overwrite(batch, rows, column, value)
        faults[f"{column} is {value!r}"] = rows
    return world.several(batch, faults)


def _begin_with_first_row(places: list[list[int]]) -> None:
    """Put row 0 among the first rows: a format guessed from it would condemn the others."""
    first, *others = places
    for rows in others:
        if 0 in rows:
            rows[rows.index(0)] = first[0]
            first[0] = 0
    if 0 not in first:
        first[0] = 0


def _beyond_limits(world: World) -> Case:
    """Return a case with values on the wrong side of each limit of DOMAINS."""
    beyond = {"units": (-3, 5_001), "price": (500_001, 999)}
    changes = [(column, value) for column, values in beyond.items() for value in values]
    batch, faults = world.batch, {}
    places = world.each_apart([column for column, _ in changes])
    for (column, value), rows in zip(changes, places, strict=True):
        batch = reprice(batch, rows, **{column: value})
        faults[f"{column} is {value:,}"] = rows
    return world.several(batch, faults)


def inaccurate(world: World) -> Iterator[Case]:
    """Yield revenue that is right in odd ways, and revenue that is wrong by little or much."""
    batch = world.batch
    half = batch.assign(price=batch["price"] // 1_000 * 500)
    half = reprice(half, range(len(half))).astype({"revenue": "float64"})
    yield world.good("everything at half price, revenue as floats", half)
    order = reprice(batch, world.some(2), price=480_000, units=4_900)
    yield world.good("a large order in int32", order.astype({"price": "int32", "units": "int32"}))
    more, less, much, nothing = world.each_apart(["revenue"] * 4)
    wrong = miscount(miscount(miscount(batch, more, 1), less, -1), much, 500)
    wrong = overwrite(wrong, nothing, "revenue", 0)
    yield world.several(
        wrong,
        {
            "one rupiah more": more,
            "one rupiah less": less,
            "500 rupiah more": much,
            "revenue is zero": nothing,
        },
    )
    where = world.some(2)
    order = reprice(batch, where, price=480_000, units=4_900)
    yield world.faulty("one rupiah in 2,352,000,000", miscount(order, where, 1), where)
    where = world.of("K04")
    before = batch.copy()
    before.iloc[where, before.columns.get_loc("price")] -= 5_000
    yield world.faulty("revenue from before the discount", before, where)


def orphans(world: World) -> Iterator[Case]:
    """Yield outlets on their first and last day, and outlets one day outside."""
    outlets, day, one = world.case.outlets, world.day, pd.Timedelta(days=1)

    def dated(outlet: str, column: str, date: pd.Timestamp, of: pd.DataFrame) -> pd.DataFrame:
        return of.assign(**{column: of[column].mask(of["outlet"] == outlet, date)})

    edges = dated("K02", "closed", day, dated("K06", "opened", day, outlets))
    yield world.good("one outlet's first day, another's last day", outlets=edges)
    fresh = outlets[outlets["outlet"] == "K03"].assign(outlet="K10", opened=day)
    yield world.good(
        "a new outlet, and another on holiday",
        overwrite(world.batch, world.of("K03"), "outlet", "K10"),
        outlets=pd.concat([outlets, fresh], ignore_index=True),
    )
    batch, faults = world.batch, {}
    for name, rows in zip(("K99", CLOSED_LONG_AGO), world.each_apart(["outlet"] * 2), strict=True):
        batch = overwrite(batch, rows, "outlet", name)
        faults[f"sales of {name}"] = rows
    yield world.several(batch, faults)
    # Each by itself: the rows of two outlets are a quarter of the batch, which would be refused.
    opens = dated("K06", "opened", day + one, outlets)
    yield world.faulty("opens tomorrow", world.batch, world.of("K06"), outlets=opens)
    closed = dated("K02", "closed", day - one, outlets)
    yield world.faulty("closed yesterday", world.batch, world.of("K02"), outlets=closed)


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
    one, other = world.some(2)
    twice = repeat(repeat(batch, [one]), [other], extra_units=5)
    ends = {"a row twice": [len(batch)], "a sale twice, with other units": [len(batch) + 1]}
    yield world.several(twice, ends)
    yield world.faulty("the file twice", repeat(batch, range(len(batch))), list(new))
    where = world.some(12)
    few = _join(batch, reprice(yesterday, where[:6], units=321).iloc[where])
    yield world.several(
        few,
        {
            "a row of yesterday, corrected": range(len(batch), len(batch) + 6),
            "a row of yesterday": range(len(batch) + 6, len(few)),
        },
    )
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
    in_jakarta = arrive(batch, west, minutes_after=LIMIT_MINUTES + 1)
    yield world.faulty("a minute late in Jakarta", in_jakarta, west, now=later)
    in_jayapura = arrive(batch, east, minutes_after=LIMIT_MINUTES + 1)
    others = [row for row in everything if row not in east]
    very = sorted(world.rng.choice(others, size=ALLOWED - len(east), replace=False).tolist())
    very_late = arrive(in_jayapura, very, minutes_after=5 * 24 * 60)
    faults = {"a minute late in Jayapura": east, "five days late": very}
    yield world.several(very_late, faults, now=later)
    texts = in_jayapura.assign(ingested_at=as_text(in_jayapura["ingested_at"]))
    yield world.faulty("a minute late, moments as text", texts, east, now=later)


def whole(world: World) -> Iterator[Case]:
    """Yield batches that are odd as a whole, and batches that nobody should use."""
    batch = world.batch
    order = world.rng.permutation(len(batch))
    yield world.good(
        "one more column, and rows and columns in another order",
        batch.assign(cashier="Sari").iloc[order, ::-1],
    )
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
