"""The gate in plain Python: pandas only brings the rows and takes them away again."""

from collections import defaultdict
from datetime import date, datetime, timedelta

import pandas as pd

REQUIRED = "date closed_at ingested_at outlet channel product price units revenue".split()
KEY = ("date", "outlet", "channel", "product")
WORDS = {"", "-", "?", "n/a", "na", "nan", "nat", "none", "null", "<na>"}
CHANNELS = {"store", "app", "delivery"}


def absent(value):
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return True
    if isinstance(value, str):
        value = value.strip().lower()
        return value in WORDS or number(value) == -999
    return not isinstance(value, date) and value == -999


def number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def day(value):
    if absent(value):
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def moment(value):
    if absent(value):
        return None
    return datetime.fromisoformat(value) if isinstance(value, str) else value.to_pydatetime()


def share(answers):
    answers = list(answers)
    return sum(answers) / len(answers) if answers else 1.0


def completeness(frame):
    shares = {}
    for name in frame.columns:
        present = [not absent(value) for value in frame[name]]
        shares[name] = share(present) if present else 0.0
    return shares


def accuracy(frame, rules):
    shares = {}
    for name, rule in rules.items():
        if "product_of" in rule:
            answers = []
            for row in frame[[name, *rule["product_of"]]].to_dict("records"):
                if any(absent(value) or number(value) is None for value in row.values()):
                    continue
                product = 1
                for factor in rule["product_of"]:
                    product *= number(row[factor])
                answers.append(number(row[name]) == product)
            shares[name] = share(answers)
        else:
            ours = totals(frame, rule["total_of"])
            till = totals(rule["till"], rule["total_of"])
            shares[name] = share(ours.get(key) == total for key, total in till.items())
    return shares


def totals(frame, column="revenue"):
    sums = defaultdict(float)
    for when, outlet, amount in zip(frame["date"], frame["outlet"], frame[column]):
        sums[day(when), outlet] += number(amount)
    return sums


def possible(value, domain):
    if "values" in domain and value not in domain["values"]:
        return False
    if "min" in domain or "max" in domain or "whole" in domain:
        value = number(value)
        if value is None or value != value:
            return False
        if value < domain.get("min", value) or value > domain.get("max", value):
            return False
        if domain.get("whole") and value != int(value):
            return False
    if "from" in domain or "to" in domain:
        value = day(value)
        if value is None:
            return False
        if value < (day(domain.get("from")) or value) or value > (day(domain.get("to")) or value):
            return False
    return True


def validity(frame, domains):
    return {
        name: share(possible(value, domain) for value in frame[name] if not absent(value))
        for name, domain in domains.items()
    }


def stranger(outlet, when, table):
    if outlet not in table or when is None:
        return True
    opened, closed = table[outlet]
    return when < opened or (closed is not None and when > closed)


def opening(outlets):
    return {
        name: (day(opened), day(closed))
        for name, opened, closed in zip(outlets["outlet"], outlets["opened"], outlets["closed"])
    }


def keys(frame):
    return [(day(when), *rest) for when, *rest in frame[list(KEY)].itertuples(index=False)]


def consistency(sales, outlets, ledger):
    table, seen, twins, orphans = opening(outlets), set(), 0, 0
    for key in keys(sales):
        orphans += stranger(key[1], key[0], table)
        twins += key in seen
        seen.add(key)
    ours, theirs = totals(sales), totals(ledger)
    both = ours.keys() | theirs.keys()
    unlike = sum(ours.get(key) != theirs.get(key) for key in both)
    rows = len(sales) or 1
    return {
        "orphans": orphans / rows,
        "duplicates": twins / rows,
        "disagreements": unlike / (len(both) or 1),
    }


def timeliness(frame, now, sla):
    waiting, late = 0, []
    for closed, ingested in zip(frame["closed_at"], frame["ingested_at"]):
        due, came = moment(closed) + timedelta(hours=sla), moment(ingested)
        if came is None or came > now:
            if now <= due:
                waiting += 1
                continue
            came = now
        late.append((came - due).total_seconds() / 3600)
    return {
        "on_time": share(hours <= 0 for hours in late),
        "waiting": waiting / (len(frame) or 1),
        "worst_hours": max([0.0, *late]),
    }


def fault_of(row, key, taken, table, today):
    if any(absent(row[name]) for name in REQUIRED):
        return "incomplete"
    domains = {
        "date": {"from": "2024-01-01", "to": today},
        "channel": {"values": CHANNELS},
        "price": {"min": 1000, "max": 500000, "whole": True},
        "units": {"min": 0, "max": 5000, "whole": True},
        "revenue": {"min": 0, "whole": True},
    }
    for name, domain in domains.items():
        if not possible(row[name], domain):
            return f"invalid {name}"
    if number(row["revenue"]) != number(row["price"]) * number(row["units"]):
        return "inaccurate"
    if stranger(row["outlet"], key[0], table):
        return "orphan"
    if moment(row["ingested_at"]) - moment(row["closed_at"]) > timedelta(hours=48):
        return "late"
    return "duplicate" if key in taken else ""


def ingest(batch, history, outlets, now):
    table = opening(outlets)
    lacking = [name for name in REQUIRED if name not in batch.columns]
    if lacking or batch.empty:
        return told("reject", batch, ["refused"] * len(batch), f"columns missing: {lacking}")
    today = now.date()
    opened = {name for name in table if not stranger(name, today, table)}
    if 2 * len(opened & set(batch["outlet"])) < len(opened):
        return told("reject", batch, ["refused"] * len(batch), "half of the outlets are missing")
    taken, faults = set(keys(history)), []
    for row, key in zip(batch.to_dict("records"), keys(batch)):
        faults.append(fault_of(row, key, taken, table, str(today)))
        taken.add(key)
    bad = sum(fault not in {"", "duplicate"} for fault in faults)
    if 5 * bad > len(faults):
        return told("reject", batch, [fault or "refused" for fault in faults], "too many bad rows")
    aside = len(faults) - faults.count("")
    if aside:
        return told("quarantine", batch, faults, f"{aside} rows set aside")
    return told("accept", batch, faults, "")


def told(decision, batch, faults, reason):
    good = [place for place, fault in enumerate(faults) if not fault]
    bad = [place for place, fault in enumerate(faults) if fault]
    quarantined = batch.iloc[bad].copy()
    quarantined["reason"] = [faults[place] for place in bad]
    return {
        "decision": decision,
        "accepted": batch.iloc[good].reset_index(drop=True),
        "quarantined": quarantined.reset_index(drop=True),
        "reason": reason,
    }
