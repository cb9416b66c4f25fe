"""Five measures; each is the mean of a mask, so that the rules can use the masks, too."""

import numpy as np
import pandas as pd

from .reading import days, gaps, moments, numbers

KEY = ["date", "outlet", "channel", "product"]


def mean(mask, empty=1.0):
    return float(np.mean(mask)) if len(mask) else empty


def completeness(frame):
    return {name: mean(~gaps(column), empty=0.0) for name, column in frame.items()}


def accuracy(frame, rules):
    return {name: mean(_agreement(frame, name, rule)) for name, rule in rules.items()}


def _agreement(frame, name, rule):
    if "till" in rule:
        ours = totals(frame, rule["total_of"])
        till = totals(rule["till"], rule["total_of"])
        return ours.reindex(till.index).to_numpy() == till.to_numpy()
    columns = [name, *rule["product_of"]]
    table = np.column_stack([np.where(gaps(frame[c]), np.nan, numbers(frame[c])) for c in columns])
    table = table[~np.isnan(table).any(axis=1)]
    return table[:, 0] == table[:, 1:].prod(axis=1)


def totals(frame, column="revenue"):
    keys = [pd.Series(days(frame["date"])), frame["outlet"].reset_index(drop=True)]
    return pd.Series(numbers(frame[column])).groupby(keys).sum()


def inside(column, domain):
    mask = np.ones(len(column), dtype=bool)
    if "values" in domain:
        mask &= column.isin(list(domain["values"])).to_numpy()
    if domain.keys() & {"min", "max", "whole"}:
        value = numbers(column)
        with np.errstate(invalid="ignore"):
            mask &= (value >= domain.get("min", -np.inf)) & (value <= domain.get("max", np.inf))
            mask &= (np.floor(value) == value) | (not domain.get("whole", False))
    if domain.keys() & {"from", "to"}:
        value = days(column)
        mask &= ~np.isnat(value)
        if "from" in domain:
            mask &= value >= np.datetime64(pd.Timestamp(domain["from"]), "D")
        if "to" in domain:
            mask &= value <= np.datetime64(pd.Timestamp(domain["to"]), "D")
    return mask


def validity(frame, domains):
    return {
        name: mean(inside(frame[name][~gaps(frame[name])], domain))
        for name, domain in domains.items()
    }


def strangers(sales, outlets):
    place = pd.Index(outlets["outlet"]).get_indexer(sales["outlet"])
    opened = np.append(days(outlets["opened"]), np.datetime64("NaT"))[place]
    closed = np.append(days(outlets["closed"]), np.datetime64("NaT"))[place]
    date = days(sales["date"])
    return (place < 0) | (date < opened) | (~np.isnat(closed) & (date > closed))


def keys(sales):
    columns = [days(sales["date"]), *(sales[name] for name in KEY[1:])]
    return list(zip(*columns))


def consistency(sales, outlets, ledger):
    mine = keys(sales)
    pair = totals(sales).to_frame("ours").join(totals(ledger).rename("theirs"), how="outer")
    return {
        "orphans": mean(strangers(sales, outlets), empty=0.0),
        "duplicates": 1 - len(set(mine)) / len(mine) if mine else 0.0,
        "disagreements": mean(pair["ours"].ne(pair["theirs"]), empty=0.0),
    }


def timeliness(frame, now, sla):
    due = moments(frame["closed_at"]) + pd.to_timedelta(sla, unit="h")
    came = moments(frame["ingested_at"])
    absent = came.isna() | (came > now)
    counted = ~(absent & (due >= now))
    late = (came.mask(absent, now) - due)[counted] / pd.Timedelta(hours=1)
    return {
        "on_time": mean(late <= 0),
        "waiting": mean(~counted, empty=0.0),
        "worst_hours": float(late.clip(lower=0).max()) if len(late) else 0.0,
    }
