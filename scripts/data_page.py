"""Writes `course/reference/data.md`: Kopi Lestari's tables, column by column, and their statistics.

python scripts/data_page.py [--check]. Numbers come from `scripts/data_facts.py`, the list of files
from `labs/*/data`; what a column means is written here, and a column without its line is an error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pandas as pd

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that it also runs where the package is not installed

from scripts.curriculum import slugs  # noqa: E402 - the path has to be set before
from scripts.data_facts import (  # noqa: E402 - as above
    CHANNELS,
    FORESTS,
    MISS,
    REQUEST_DAYS,
    SLOW_MS,
    WEATHER,
    WORLDS,
    Spread,
    all_facts,
    outlets_of,
    requests,
    world,
)

PAGE: Final = ROOT / "course" / "reference" / "data.md"
INTRO: Final = """\
---
description: The tables of Kopi Lestari, column by column, and what their numbers are
---

<!-- Written by scripts/data_page.py from the tables themselves. Change the scripts. -->

# The data

One invented case runs through all labs: **Kopi Lestari**, eight coffee shops in Indonesia that \
forecast what each sells through each channel. One generator makes every table from a seed, so \
nothing is downloaded, and nobody's data are in it. What it makes is described here; how each \
number was computed stands in `scripts/data_facts.py`.

## Whose data {#whose-data}

What lies in a lab's `data/` is an *extract*: at most 300 kB, drawn once. It comes in two kinds.

- **Everybody's copy** is what the course's repository and the downloads of this site hold.
- **A student's own copy** is what \
[an instructor hands out](../instructors/grade-a-cohort.md#own-data) with `grader release`: the \
same files with the same columns and the same story, drawn from a seed that belongs to this \
student. Answers then differ between students, and a number that was copied can be recognised.

The seed of a copy is the first 53 bits of HMAC-SHA256 under the course's secret, over the lab's \
slug, the student's id and the word `variant`, on a line each. Whatever the seed, each lab's story \
holds: in lab 02 each day of the bad week has its own fault, in lab 06 the data pass their check \
and the first model is good enough, in lab 09 each of the four weeks shows what its name says, \
and nothing else. Hidden checks draw fresh data for every run, and need none of these files.
"""
MEASURED: Final = (
    f"Measured on {WORLDS} worlds that were drawn anew, {FORESTS} where models are trained: the "
    "mean, and in brackets the smallest and the largest. Effects come from one least-squares fit "
    "of the logarithm of units, all at once; 15 % means 15 % more.\n"
)
FOREST: Final = (
    "WAPE of a random forest, trained on 18 months and tested on 6, or on as many rows that were "
    "drawn at random:\n"
)
FLATTERY: Final = """\
In this world it is the features that flatter, and hardly the split: each row's noise is its own, \
so that other rows of a day tell little about it. Where rows of a day share a shock, a random \
split flatters, too: [Training](../development/training.md) shows it. Split by time anyway. You do \
not know beforehand which world is yours.
"""
OUTLETS: Final = {
    "outlet": "id, `K01` to `K08`",
    "city": "where it is",
    "time_zone": "whose clock it lives by; three of them, without summer time",
    "channels": "what it sells through, with commas between",
    "opened": "first day",
    "closed": "last day; empty for an outlet that is open",
}
SALES: Final = {
    "date": ("day, on the outlet's own clock", "always"),
    "outlet": ("id", "always"),
    "channel": ("`store`, `app` or `delivery`", "always"),
    "price": ("of a mean cup, in whole rupiah; a promotion takes 20 % off", "planned"),
    "promo": ("1 on days with a promotion, else 0", "planned"),
    "weather_forecast": ("`sunny`, `cloudy` or `rain`, as was forecast", "the evening before"),
    "weather": ("the same, as it was", "in the evening of the day"),
    "footfall": ("people who came in; 0 for channels without a door", "in the evening of the day"),
    "units": ("cups sold: what is forecast", "when the label is available"),
    "revenue": ("price times units, in whole rupiah", "when the label is available"),
    "ingested_at": ("when the row arrived (UTC)", "then"),
    "label_available_at": ("day on which the final count is known", "always: it is a rule"),
}
REQUESTS: Final = {
    "id": ("number of the request on its day", "at once"),
    "user_id": ("who asked, `U0000` to `U2399`", "at once"),
    "ts": ("when, to the second, between 7:00 and 21:00", "at once"),
    "outlet": ("about which outlet", "at once"),
    "channel": ("about which channel", "at once"),
    "latency_ms": ("how long the answer took, in milliseconds", "with the answer"),
    "error": ("1 if there was no answer, else 0", "with the answer"),
    "prediction": ("the forecast, in cups", "with the answer"),
    "actual": ("what was sold, in cups", "when the label is available"),
    "label_available_at": ("day on which that is known", "always: it is a rule"),
}


class Numbers:
    """Facts as cells of a table: the mean, and the smallest and the largest in brackets."""

    def __init__(self, facts: Mapping[str, Spread]) -> None:
        """Take the facts by name."""
        self._facts = facts

    def share(self, name: str, digits: int = 1) -> str:
        """Return a share in percent."""
        one = self._facts[name]
        mean, low, high = (f"{100 * value:.{digits}f}" for value in (one.mean, one.low, one.high))
        return f"{mean} % ({low} to {high})"

    def plain(self, name: str, digits: int = 2) -> str:
        """Return a number."""
        one = self._facts[name]
        mean, low, high = (f"{value:,.{digits}f}" for value in (one.mean, one.low, one.high))
        return f"{mean} ({low} to {high})"

    def mean(self, name: str) -> float:
        """Return the mean alone."""
        return self._facts[name].mean


def page() -> str:
    """Return the page. Raises SystemExit for a column that is described nowhere, or not there."""
    numbers = Numbers(all_facts())
    sales, asked, outlets = world(1).drop(columns="time_zone"), requests(1), outlets_of(1)
    parts = [INTRO, *_files()]
    parts += ["## Outlets {#outlets}\n", f"{len(outlets)} rows, one for each outlet.\n"]
    parts += _columns(outlets, {name: (text,) for name, text in OUTLETS.items()}, ())
    parts += ["## Sales {#sales}\n", _sales_words(sales)]
    parts += _columns(sales, SALES, ("known",))
    parts += ["## Requests {#requests}\n", _request_words(asked)]
    parts += _columns(asked, REQUESTS, ("known",))
    parts += ["## Statistics {#statistics}\n", MEASURED]
    for section in (_effects, _likeness, _channels, _delays, _wape, _users):
        parts += section(numbers)
    return "\n".join(parts)


def _files() -> Iterator[str]:
    yield "## Files {#files}\n"
    yield "| lab | file | rows | columns | kB |\n|---|---|--:|--:|--:|"
    for slug in slugs().values():
        data = ROOT / "labs" / slug / "data"
        for path in sorted(data.rglob("*")):
            if path.is_file():
                yield _file(slug, data, path)
    yield ""


def _file(slug: str, data: Path, path: Path) -> str:
    rows, columns = ("", "")
    if path.suffix == ".csv":
        table = pd.read_csv(path)
        rows, columns = f"{len(table):,}", str(table.shape[1])
    size = path.stat().st_size / 1000
    lab = f"[{slug[:2]}](../labs/{slug}.md)"
    return f"| {lab} | `{path.relative_to(data).as_posix()}` | {rows} | {columns} | {size:.0f} |"


def _columns(
    table: pd.DataFrame, told: Mapping[str, tuple[str, ...]], more: tuple[str, ...]
) -> list[str]:
    if list(told) != list(table.columns):
        raise SystemExit(f"columns are {list(table.columns)}, and described are {list(told)}")
    head = " | ".join(("column", "what it is", *more))
    lines = [f"| {head} |", "|" + "---|" * (2 + len(more))]
    lines += [f"| `{name}` | {' | '.join(words)} |" for name, words in told.items()]
    return ["\n".join(lines), ""]


def _sales_words(sales: pd.DataFrame) -> str:
    days, outlets = sales["date"].nunique(), sales["outlet"].nunique()
    return (
        f"One row for each day, outlet and channel: {days} days of {outlets} outlets with "
        f"{len(CHANNELS)} channels are {len(sales):,} rows in the full table, from "
        f"{sales['date'].min():%Y-%m-%d} on. A forecast may use what is known on the evening "
        "before, and nothing else.\n"
    )


def _request_words(asked: pd.DataFrame) -> str:
    a_day = len(asked) // REQUEST_DAYS
    return f"One row for each request to the forecasting service; {a_day} a day.\n"


def _effects(numbers: Numbers) -> Iterator[str]:
    share = numbers.share
    yield "### What moves a day {#effects}\n"
    yield _table(
        {
            "weekend, against the other days": share("weekend"),
            "season, half the swing from the lowest to the highest day": share("season"),
            "season, day of the year at which it is highest": numbers.plain("peak_day", 0),
            "Ramadan, 30 days that begin about 11 days earlier each year": share("ramadan"),
            "a promotion": share("promo"),
            **{f"rain, {name}": share(f"rain {name}") for name in CHANNELS},
            "what is left of a row: standard deviation of the logarithm": numbers.plain("noise"),
        }
    )


def _likeness(numbers: Numbers) -> Iterator[str]:
    share, plain = numbers.share, numbers.plain
    yield "### How alike rows are {#likeness}\n"
    yield _table(
        {
            "rows of one outlet: intra-class correlation, with all that moves a day": plain("icc"),
            "the same, without what moves a day": plain("icc_rest"),
            "weather of a day and the next: correlation of ranks": plain("weather_lag"),
            "the same, of the score that the three words are cut from": plain("score_lag"),
            "the forecast of the weather is right": share("forecast_right"),
            **{f"days of {name} weather": share(f"is {name}") for name in WEATHER[:2]},
            "days of rain": share("is rain"),
        }
    )


def _channels(numbers: Numbers) -> Iterator[str]:
    share, plain = numbers.share, numbers.plain
    yield "### Who sells what {#channels}\n"
    yield "| channel | share of units | share of revenue | median units a day |\n|---|--:|--:|--:|"
    for name in CHANNELS:
        cells = (share(f"units {name}"), share(f"revenue {name}"), plain(f"median {name}", 0))
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""
    yield _table(
        {
            "outlet-days with a promotion": share("promoted"),
            "lowest full price, rupiah": plain("price_low", 0),
            "highest full price, rupiah": plain("price_high", 0),
            "people in the store for each cup": plain("footfall"),
        }
    )


def _delays(numbers: Numbers) -> Iterator[str]:
    yield "### When things are known {#delays}\n"
    yield "| channel | days until the final count: first | mean | last |\n|---|--:|--:|--:|"
    for name in CHANNELS:
        first, mean, last = (numbers.mean(f"{part} {name}") for part in ("from", "mean", "to"))
        yield f"| {name} | {first:.0f} | {mean:.1f} | {last:.0f} |"
    first, last = numbers.mean("arrives_from"), numbers.mean("arrives_to")
    yield (
        f"\nA row arrives {first:.1f} to {last:.1f} hours after its outlet closed, at 22:00 on its "
        "own clock.\n"
    )


def _wape(numbers: Numbers) -> Iterator[str]:
    yield f"### How well it can be forecast {{#wape}}\n\n{FOREST}"
    yield "| features | split by time | split at random |\n|---|--:|--:|"
    for what, prefix in (
        ("known on the evening before", ""),
        ("with footfall and weather of the day", "leaky_"),
    ):
        cells = (numbers.plain(f"{prefix}{split}", 3) for split in ("by_time", "at_random"))
        yield f"| {what} | {' | '.join(cells)} |"
    yield f"\n{FLATTERY}"


def _users(numbers: Numbers) -> Iterator[str]:
    share, plain = numbers.share, numbers.plain
    yield "### How users ask {#users}\n"
    yield _table(
        {
            f"different users in {REQUEST_DAYS} days": plain("users", 0),
            "requests that come from the busiest tenth": share("busy_tenth"),
            "latency, median, ms": plain("median_ms", 0),
            "latency, 95 % are faster, ms": plain("p95_ms", 0),
            f"slower than {SLOW_MS} ms": share("slow", 2),
            "errors": share("errors", 2),
            f"forecasts that miss by more than {100 * MISS:.0f} %": share("misses"),
            **{f"requests about {name}": share(f"asked {name}") for name in CHANNELS},
        }
    )


def _table(rows: Mapping[str, str]) -> str:
    lines = ["| what | how much |", "|---|--:|"]
    lines += [f"| {name} | {value} |" for name, value in rows.items()]
    return "\n".join([*lines, ""])


def main(arguments: list[str]) -> int:
    """Write the page, or with --check say whether it is as it should be."""
    text = page()
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    place = PAGE.relative_to(ROOT).as_posix()
    if "--check" in arguments:
        print(f"{place}: not up to date. Run: python scripts/data_page.py", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    print(f"written: {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
