"""A small feature store: one definition, a history for training, the newest values for serving."""
# Read by students: questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, INP001

from dataclasses import dataclass

import pandas as pd
from sales_features import add_features

# --8<-- [start:view]
SERIES = ["outlet", "channel"]


@dataclass(frozen=True, kw_only=True)
class FeatureView:
    """A group of features that are computed together, and what others must know about them."""

    name: str
    """How everybody calls it."""
    owner: str
    """Who answers for it."""
    entity: list
    """What a value belongs to: the columns of its key."""
    fresh_days: int
    """A value that is older than this is not served any more."""
    compute: object
    """The only program that makes it: a table -> key, values, known_at."""


def weekly_means(sales):
    """Return the mean units of each series and week, and when the last of its days was final."""
    week = sales["date"].dt.to_period("W").dt.start_time.rename("week")
    groups = sales.groupby([*SERIES, week])
    return groups.agg(week_mean=("units", "mean"), known_at=("known_at", "max")).reset_index()


WEEKLY = FeatureView(
    name="weekly",
    owner="forecast team",
    entity=SERIES,
    fresh_days=28,
    compute=weekly_means,
)
# --8<-- [end:view]


# --8<-- [start:naive]
def joined_by_week(rows, table):
    """Give each row the value of its own week: a plain join."""
    week = rows["date"].dt.to_period("W").dt.start_time
    return rows.assign(week=week).merge(table, on=[*SERIES, "week"], how="left")["week_mean"]


# --8<-- [end:naive]


# --8<-- [start:historical]
def historical(view, rows, table):
    """Give each row the newest value that was known when it asked: a point-in-time join."""
    asked = rows.reset_index().sort_values("asked_at", kind="stable")
    found = pd.merge_asof(
        asked,
        table.sort_values("known_at", kind="stable"),
        left_on="asked_at",
        right_on="known_at",
        by=view.entity,
        tolerance=pd.Timedelta(days=view.fresh_days),
    )
    return found.set_index("index")["week_mean"].reindex(rows.index)


# --8<-- [end:historical]


# --8<-- [start:online]
def materialize(view, table, now):
    """Return the online store: for each key the newest value that is known now, and its age."""
    known = table[table["known_at"] <= now].sort_values("known_at", kind="stable")
    newest = known.groupby(view.entity).tail(1)
    return {
        tuple(one[name] for name in view.entity): (one["week_mean"], one["known_at"])
        for one in newest.to_dict("records")
    }


def online(view, store, key, now):
    """Return one value, at once, or None if there is none or it is too old."""
    value, known_at = store.get(key, (None, None))
    if value is None or (now - known_at).days > view.fresh_days:
        return None
    return value


# --8<-- [end:online]


# --8<-- [start:agree]
def disagreements(view, table, now):
    """Return the keys for which training and serving would see different values."""
    store = materialize(view, table, now)
    keys = table[view.entity].drop_duplicates().reset_index(drop=True)
    asked = keys.assign(asked_at=now).astype({"asked_at": table["known_at"].dtype})
    offline = historical(view, asked, table)
    return [
        key
        for key, value in zip(keys.itertuples(index=False, name=None), offline, strict=True)
        if online(view, store, key, now) != (None if pd.isna(value) else value)
    ]


# --8<-- [end:agree]


# --8<-- [start:both]
def both_joins(sales):
    """Return (sales, features by a plain join, features by a point-in-time join)."""
    table = WEEKLY.compute(sales)
    rows = sales[["date", *SERIES]].assign(asked_at=sales["date"] - pd.Timedelta(days=1))
    point = historical(WEEKLY, rows, table)
    there = point.notna()
    others = add_features(sales).drop(columns=["two_weeks_ago", "usual"])[there]
    plain = joined_by_week(rows, table).set_axis(rows.index)
    return (
        sales[there],
        others.assign(week_mean=plain[there]),
        others.assign(week_mean=point[there]),
    )


# --8<-- [end:both]
