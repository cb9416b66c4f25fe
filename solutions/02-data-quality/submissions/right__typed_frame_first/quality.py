"""Read everything into one typed frame first; then every question is a line of pandas."""

import pandas as pd

NUMBERS = ["price", "units", "revenue"]
TEXTS = ["outlet", "channel", "product"]
MOMENTS = ["closed_at", "ingested_at"]
KEY = ["date", "outlet", "channel", "product"]
WORDS = ["", "-", "?", "n/a", "na", "nan", "nat", "none", "null", "<na>", "-999", "-999.0"]


def blanked(column):
    """Return the column with NA wherever there is no value, as strings otherwise."""
    text = column.astype("string").str.strip()
    return text.mask(text.str.lower().isin(WORDS))


def typed(frame):
    """Return a new frame with Float64, datetime and string columns, numbered from 0."""
    made = {}
    for name in frame.columns:
        text = blanked(frame[name].reset_index(drop=True))
        if name in NUMBERS:
            made[name] = pd.to_numeric(text, errors="coerce").astype("Float64")
        elif name == "date":
            made[name] = pd.to_datetime(text, errors="coerce", format="ISO8601")
        elif name in MOMENTS:
            made[name] = pd.to_datetime(text, errors="coerce", format="ISO8601", utc=True)
        else:
            made[name] = text
    return pd.DataFrame(made, index=range(len(frame)))


def share(mask, empty):
    return float(mask.mean()) if len(mask) else empty


def completeness(frame):
    return {name: share(blanked(frame[name]).notna(), 0.0) for name in frame}


def by_outlet(frame):
    return typed(frame).groupby(["date", "outlet"], as_index=False)["revenue"].sum()


def accuracy(frame, rules):
    shares = {}
    for name, rule in rules.items():
        if "till" in rule:
            both = by_outlet(rule["till"]).merge(by_outlet(frame), "left", on=["date", "outlet"])
            shares[name] = share((both["revenue_x"] == both["revenue_y"]).fillna(False), 1.0)
        else:
            full = typed(frame)[[name, *rule["product_of"]]].dropna()
            product = full[rule["product_of"]].prod(axis=1)
            shares[name] = share(full[name] == product, 1.0)
    return shares


def outside(column, domain):
    """Return True for values outside the domain; missing ones are outside of nothing."""
    text = blanked(column.reset_index(drop=True))
    bad = pd.Series(False, index=text.index)
    if "values" in domain:
        bad |= ~text.isin(domain["values"])
    if set(domain) & {"min", "max", "whole"}:
        value = pd.to_numeric(text, errors="coerce").astype("Float64")
        bad |= value.isna()
        bad |= (value < domain.get("min", -1e300)).fillna(False)
        bad |= (value > domain.get("max", 1e300)).fillna(False)
        if domain.get("whole"):
            bad |= (value.round() != value).fillna(False)
    if set(domain) & {"from", "to"}:
        value = pd.to_datetime(text, errors="coerce", format="ISO8601")
        bad |= value.isna() | (value < pd.Timestamp(domain.get("from", "1900-01-01")))
        bad |= value > pd.Timestamp(domain.get("to", "2200-01-01"))
    return bad & text.notna()


def validity(frame, domains):
    shares = {}
    for name, domain in domains.items():
        present = blanked(frame[name].reset_index(drop=True)).notna()
        shares[name] = 1 - share(outside(frame[name], domain)[present], 0.0)
    return shares


def orphaned(rows, outlets):
    known = outlets[["outlet", "opened", "closed"]].assign(known=True)
    known["outlet"] = known["outlet"].astype("string")
    joined = rows[["date", "outlet"]].merge(known, how="left", on="outlet")
    opened, closed = pd.to_datetime(joined["opened"]), pd.to_datetime(joined["closed"])
    return joined["known"].isna() | (joined["date"] < opened) | (joined["date"] > closed)


def consistency(sales, outlets, ledger):
    rows = typed(sales)
    both = by_outlet(sales).merge(by_outlet(ledger), "outer", ["date", "outlet"], indicator=True)
    same = (both["_merge"] == "both") & (both["revenue_x"] == both["revenue_y"]).fillna(False)
    return {
        "orphans": share(orphaned(rows, outlets), 0.0),
        "duplicates": share(rows.groupby(KEY, dropna=False).cumcount() > 0, 0.0),
        "disagreements": share(~same, 0.0),
    }


def timeliness(frame, now, sla):
    rows = typed(frame)
    due = rows["closed_at"] + pd.Timedelta(hours=sla)
    here = rows["ingested_at"].notna() & (rows["ingested_at"] <= now)
    judged = rows["ingested_at"].where(here, now)[here | (due < now)] - due[here | (due < now)]
    hours = judged.dt.total_seconds() / 3600
    return {
        "on_time": share(hours <= 0, 1.0),
        "waiting": 1 - len(judged) / len(rows) if len(rows) else 0.0,
        "worst_hours": max(float(hours.max()), 0.0) if len(hours) else 0.0,
    }


def reasons_for(batch, history, outlets, now):
    rows = typed(batch)
    past = typed(history)[KEY].drop_duplicates()
    seen = rows[KEY].merge(past, how="left", on=KEY, indicator="where")["where"] == "both"
    today = now.tz_localize(None).normalize()
    bad_value = (
        outside(batch["channel"], {"values": ["store", "app", "delivery"]})
        | outside(batch["price"], {"min": 1_000, "max": 500_000, "whole": True})
        | outside(batch["units"], {"min": 0, "max": 5_000, "whole": True})
        | outside(batch["revenue"], {"min": 0, "whole": True})
        | outside(batch["date"], {"from": "2024-01-01", "to": today})
    )
    gap = pd.concat([blanked(batch[n].reset_index(drop=True)).isna() for n in
                     [*KEY, *MOMENTS, *NUMBERS]], axis=1).any(axis=1)
    reasons = pd.Series("", index=rows.index, dtype=object)
    # From the last rule to the first: a stronger reason overwrites a weaker one.
    reasons[seen | (rows.groupby(KEY, dropna=False).cumcount() > 0)] = "duplicate"
    reasons[rows["ingested_at"] - rows["closed_at"] > pd.Timedelta(hours=48)] = "late"
    reasons[orphaned(rows, outlets)] = "orphan"
    reasons[(rows["price"] * rows["units"] != rows["revenue"]).fillna(True)] = "inaccurate"
    reasons[bad_value] = "invalid"
    reasons[gap] = "incomplete"
    return reasons


def refusal(batch, outlets, now):
    if not {*KEY, *MOMENTS, *NUMBERS} <= set(batch.columns):
        return "not all columns are there"
    if batch.empty:
        return "not a single row"
    today = now.tz_localize(None)
    trading = outlets.query("opened <= @today and (closed.isna() or closed >= @today)")["outlet"]
    return "too few outlets" if trading.isin(batch["outlet"]).mean() < 0.5 else ""


def ingest(batch, history, outlets, now):
    why = refusal(batch, outlets, now)
    reasons = pd.Series("", index=range(len(batch)), dtype=object)
    if not why:
        reasons = reasons_for(batch, history, outlets, now)
        bad = share(~reasons.isin(["", "duplicate"]), 0.0)
        why = f"{100 * bad:.0f} % of the rows are bad" if bad > 0.20 else ""
    if why:
        decision, reasons = "reject", reasons.replace("", "with its batch")
    else:
        decision = "quarantine" if reasons.any() else "accept"
        why = "look at the rows that were set aside" if reasons.any() else ""
    aside = (reasons != "").to_numpy()
    quarantined = batch.loc[aside].copy()
    quarantined.insert(0, "reason", reasons[aside].to_numpy())
    return {
        "decision": decision,
        "accepted": batch.loc[~aside].copy(),
        "quarantined": quarantined,
        "reason": why,
    }
