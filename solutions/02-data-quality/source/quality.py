"""The gate for the sales of Kopi Lestari: five measures of data quality, and the gate itself.

Run `python quality.py` beside the folder `data` to send the week of bad batches through the gate.
"""

# %% imports
from pathlib import Path

import numpy as np
import pandas as pd

# %% contract [markdown]
# --------------------------------------------------------------------------------------------------
# The contract. Given: all limits of the lab stand here, and the README explains them.

# %% limits
REQUIRED = [
    "date", "closed_at", "ingested_at", "outlet", "channel", "product", "price", "units", "revenue",
]  # fmt: skip
"""Columns that a batch must have, without gaps. `line` and `weather` may be empty."""

KEY = ["date", "outlet", "channel", "product"]
"""Two rows with the same key are the same sale, whatever else they say."""

MISSING_WORDS = {"", "-", "?", "n/a", "na", "nan", "nat", "none", "null", "<na>", "-999", "-999.0"}
"""What people and programs write when they have no value (in small letters, without spaces)."""

DOMAINS = {
    "date": {"from": "2024-01-01"},
    "channel": {"values": ["store", "app", "delivery"]},
    "price": {"min": 1_000, "max": 500_000, "whole": True},
    "units": {"min": 0, "max": 5_000, "whole": True},
}
"""What a value may be. The gate adds `"to": now` to the dates."""

SLA_HOURS = 48
"""A row must arrive at most so many hours after its outlet closed."""

MAX_BAD = 0.20
"""More than this share of bad rows (duplicates not counted), and the whole batch is refused."""

MIN_OUTLETS = 0.50
"""Fewer than this share of the open outlets in a batch, and it is refused: half a file."""


def share(mask):
    """Return the share of True; 1.0 where there is nothing to judge. (Given.)"""
    return float(np.mean(mask)) if len(mask) else 1.0


# %% task-1 [markdown]
# --------------------------------------------------------------------------------------------------
# Task 1: is it there? (completeness)


# %% is-missing
def is_missing(column):
    """Return a boolean Series: True where the column has no value.

    No value is what pandas calls missing (NaN, None, NaT, pd.NA), and each of MISSING_WORDS in any
    case and with spaces around it. A number -999 is missing, too. A zero is a value.
    """
    ### BEGIN SOLUTION
    text = column.astype(str).str.strip().str.lower()
    return column.isna() | text.isin(MISSING_WORDS)
    ### END SOLUTION


# %% completeness
def completeness(frame):
    """Return a dict: for each column the share of rows that have a value (0.0 to 1.0).

    In a frame without rows every column is 0.0 complete: nothing is there.
    """
    ### BEGIN SOLUTION
    return {name: 1 - share(is_missing(frame[name])) for name in frame.columns}
    ### END SOLUTION


# %% task-2 [markdown]
# --------------------------------------------------------------------------------------------------
# Task 2: is it right? (accuracy and validity)


# %% as-numbers
def as_numbers(column):
    """Return the column as numbers; text such as "25000" counts, other text becomes NaN. (Given.)"""
    return pd.to_numeric(column, errors="coerce")


# %% product-agrees
def product_agrees(frame, column, factors):
    """Return True or False for each row that can be checked: is `column` the product of `factors`?

    A row can be checked when it has a number in all these columns. One rupiah off is wrong.
    """
    ### BEGIN SOLUTION
    numbers = pd.DataFrame({name: as_numbers(frame[name]) for name in [column, *factors]})
    numbers = numbers.astype("float64")  # exact up to 9e15; int32 would overflow at 2.1e9
    missing = pd.DataFrame({name: is_missing(frame[name]) for name in numbers})
    numbers = numbers.mask(missing).dropna()
    return numbers[column] == numbers[factors].prod(axis=1)
    ### END SOLUTION


# %% totals-agree
def totals_agree(till, frame, column):
    """Return, for each row of `till`, whether the frame's total for that date and outlet is the same.

    Given, as an example. The till is the truth here, so its rows decide what is checked: a left
    join keeps them all, and an outlet-day that the frame lacks counts as wrong.
    """
    ours = frame.assign(date=as_days(frame["date"]), ours=as_numbers(frame[column]))
    ours = ours.groupby(["date", "outlet"], as_index=False)["ours"].sum()
    both = till.assign(date=as_days(till["date"])).merge(ours, on=["date", "outlet"], how="left")
    return both[column] == both["ours"]


# %% accuracy
def accuracy(frame, rules):
    """Return a dict: for each rule the share of what can be checked that agrees with it. (Given.)

    Two kinds of rule:
    {"revenue": {"product_of": ["price", "units"]}}: the column is the product of the others;
    {"till": {"total_of": "revenue", "till": frame}}: the totals are those of the till, a frame with
    date, outlet and revenue.
    """
    shares = {}
    for name, rule in rules.items():
        if "product_of" in rule:
            shares[name] = share(product_agrees(frame, name, rule["product_of"]))
        else:
            shares[name] = share(totals_agree(rule["till"], frame, rule["total_of"]))
    return shares


# %% as-days
def as_days(column):
    """Return the column as Timestamps at midnight; what is not an ISO date (2026-05-04) is NaT.

    Takes Timestamps and text. "04/05/2026" is no date here: it is two different days.
    """
    ### BEGIN SOLUTION
    return pd.to_datetime(column, format="ISO8601", errors="coerce").dt.normalize()
    ### END SOLUTION


# %% in-domain
def in_domain(column, domain):
    """Return a boolean Series: True where the value lies in the domain.

    A domain has one or more of: "values" (a list), "min" and "max" (numbers, both included),
    "whole" (True: no fractions), "from" and "to" (dates, both included). Text that is not a number
    is in no domain of numbers; text that is not an ISO date is in no domain of dates.
    """
    ### BEGIN SOLUTION
    good = pd.Series(True, index=column.index)
    if "values" in domain:
        good &= column.isin(domain["values"])
    if {"min", "max", "whole"} & set(domain):
        numbers = as_numbers(column).astype("float64")
        good &= numbers.between(domain.get("min", -np.inf), domain.get("max", np.inf))
        if domain.get("whole"):
            good &= numbers % 1 == 0
    if {"from", "to"} & set(domain):
        days = as_days(column)
        first = pd.Timestamp(domain.get("from", pd.Timestamp.min))
        last = pd.Timestamp(domain.get("to", pd.Timestamp.max))
        good &= days.between(first, last)
    return good
    ### END SOLUTION


# %% validity
def validity(frame, domains):
    """Return a dict: for each column in `domains` the share of its values that lie in the domain.

    Only values that are there are judged: a missing one is completeness's matter, and is not
    counted twice. A column without any value is 1.0 valid.
    """
    ### BEGIN SOLUTION
    shares = {}
    for name, domain in domains.items():
        present = frame[name].mask(is_missing(frame[name])).dropna()
        shares[name] = share(in_domain(present, domain))
    return shares
    ### END SOLUTION


# %% task-3 [markdown]
# --------------------------------------------------------------------------------------------------
# Task 3: do the systems agree, and was it in time? (consistency and timeliness)


# %% is-orphan
def is_orphan(sales, outlets):
    """Return a boolean Series: True where the outlet is unknown, or was not open on that date.

    An outlet is open from `opened` to `closed`, both days included; without `closed` it is open
    still. Every row of `sales` gets an answer.
    """
    ### BEGIN SOLUTION
    known = outlets.set_index("outlet")
    opened = sales["outlet"].map(as_days(known["opened"]))
    closed = sales["outlet"].map(as_days(known["closed"]))
    days = as_days(sales["date"])
    return ~days.between(opened, closed.fillna(days))
    ### END SOLUTION


# %% keys-of
def keys_of(sales):
    """Return the columns of KEY in a form that can be compared: the date as a Timestamp."""
    ### BEGIN SOLUTION
    return sales[KEY].assign(date=as_days(sales["date"]))
    ### END SOLUTION


# %% disagreements
def disagreements(sales, ledger):
    """Return the share of outlet-days on which sales and ledger do not have the same revenue.

    Both systems count: an outlet-day that only one of them knows is a disagreement.
    """
    ### BEGIN SOLUTION
    by = ["date", "outlet"]
    ours, theirs = (
        frame.assign(date=as_days(frame["date"]), revenue=as_numbers(frame["revenue"]))
        .groupby(by)["revenue"]
        .sum()
        for frame in (sales, ledger)
    )
    both = pd.concat([ours, theirs], axis=1, keys=["ours", "theirs"])
    return 1 - share(both["ours"] == both["theirs"])
    ### END SOLUTION


# %% consistency
def consistency(sales, outlets, ledger):
    """Return {"orphans": share of rows, "duplicates": share of rows, "disagreements": share}.

    A duplicate is a row whose KEY stood in an earlier row. `ledger` is the payment provider's
    frame: date, outlet, revenue.
    """
    ### BEGIN SOLUTION
    return {
        "orphans": float(is_orphan(sales, outlets).mean()),
        "duplicates": float(keys_of(sales).duplicated().mean()),
        "disagreements": disagreements(sales, ledger),
    }
    ### END SOLUTION


# %% as-moments
def as_moments(column):
    """Return the column as Timestamps in UTC; what is not a moment is NaT.

    Takes Timestamps in any zone and ISO text with any offset, mixed as it comes:
    "2026-05-04T22:00:00+09:00" is 13:00 in UTC.
    """
    ### BEGIN SOLUTION
    return pd.to_datetime(column, format="ISO8601", errors="coerce", utc=True)
    ### END SOLUTION


# %% timeliness
def timeliness(frame, now, sla):
    """Return {"on_time": share, "waiting": share, "worst_hours": hours}.

    A row is due `sla` hours after `closed_at`. It has arrived if `ingested_at` is there and not
    after `now`. Arrived at the due moment or before: on time. Not arrived and not yet due: waiting.
    All others are late, by the hours from the due moment to the arrival, or to `now` for a row that
    has not arrived.

    "waiting" is a share of all rows; "on_time" a share of the rows that do not wait (1.0 if there
    is none); "worst_hours" the longest delay (0.0 if none is late).
    """
    ### BEGIN SOLUTION
    now = pd.Timestamp(now).tz_convert("UTC")
    due = as_moments(frame["closed_at"]) + pd.Timedelta(hours=sla)
    ingested = as_moments(frame["ingested_at"])
    arrived = ingested <= now
    judged = arrived | (due < now)
    hours_late = (ingested.where(arrived, now) - due)[judged].dt.total_seconds() / 3600
    return {
        "on_time": share(hours_late <= 0),
        "waiting": 1 - share(judged),
        "worst_hours": max([0.0, *hours_late]),
    }
    ### END SOLUTION


# %% task-4 [markdown]
# --------------------------------------------------------------------------------------------------
# Task 4: the gate


# %% batch-fault
def batch_fault(batch, outlets, now):
    """Return why this cannot be a day's batch, or "" if it can. (Given.)"""
    lacking = [name for name in REQUIRED if name not in batch.columns]
    if lacking:
        return f"columns are missing: {', '.join(lacking)}"
    if batch.empty:
        return "the batch has no rows"
    today = pd.Timestamp(now).tz_localize(None).normalize()
    trading = outlets[as_days(outlets["opened"]) <= today]
    trading = trading[as_days(trading["closed"]).fillna(today) >= today]
    present = trading["outlet"].isin(batch["outlet"])
    if share(present) < MIN_OUTLETS:
        return f"only {present.sum()} of {len(present)} open outlets are in the batch"
    return ""


# %% row-faults
def row_faults(batch, history, outlets, now):
    """Return a dict: for each reason a boolean Series, True for the rows that it applies to.

    The reasons, in this order (the first that applies is the one that is reported):
    "incomplete": one of REQUIRED is missing;
    "invalid": a value is outside its domain in DOMAINS, or the date is after `now`;
    "inaccurate": revenue is not price times units;
    "orphan": the outlet is unknown or was not open on that date;
    "late": arrived more than SLA_HOURS after closing;
    "duplicate": the KEY is in `history`, or in an earlier row of the batch.
    """
    ### BEGIN SOLUTION
    incomplete = pd.DataFrame({name: is_missing(batch[name]) for name in REQUIRED}).any(axis=1)
    domains = {**DOMAINS, "date": {**DOMAINS["date"], "to": pd.Timestamp(now).tz_localize(None)}}
    invalid = np.any([~in_domain(batch[name], domains[name]).to_numpy() for name in domains], axis=0)
    product = as_numbers(batch["price"]).astype("float64") * as_numbers(batch["units"])
    waited = as_moments(batch["ingested_at"]) - as_moments(batch["closed_at"])
    keys = pd.concat([keys_of(history), keys_of(batch)])
    return {
        "incomplete": incomplete,
        "invalid": invalid,
        "inaccurate": as_numbers(batch["revenue"]) != product,
        "orphan": is_orphan(batch, outlets),
        "late": waited > pd.Timedelta(hours=SLA_HOURS),
        "duplicate": keys.duplicated().iloc[len(history) :],
    }
    ### END SOLUTION


# %% first-reasons
def first_reasons(faults):
    """Return for each row the first reason that applies, or "": an array of text. (Given.)"""
    masks = [np.asarray(mask, dtype=bool) for mask in faults.values()]
    return np.select(masks, list(faults), default="").astype(object)


# %% ingest
def ingest(batch, history, outlets, now):
    """Judge a batch and return a dict; change none of the arguments.

    "decision": "accept" (every row is fine), "quarantine" (some rows are set aside) or "reject"
    (the whole batch is refused: batch_fault says why, or more than MAX_BAD of its rows are bad;
    duplicates are not counted as bad, because setting them aside is all that they need);
    "accepted": a frame, the rows to append to the history (none when the batch is rejected);
    "quarantined": a frame, all other rows, with one more column "reason" that begins with the word
    from row_faults (when the batch is rejected, a row without a fault of its own gets any text);
    "reason": "" for accept, otherwise a sentence for the person who will look at it.

    Rows stay as they came. accepted and quarantined together are the batch: no row is lost.
    Ingesting a batch a second time, with the accepted rows in the history, accepts nothing.
    """
    ### BEGIN SOLUTION
    fault = batch_fault(batch, outlets, now)
    if fault:
        return answer("reject", batch, np.full(len(batch), "batch rejected", dtype=object), fault)
    reasons = first_reasons(row_faults(batch, history, outlets, now))
    aside = reasons.astype(bool)
    bad = share(~np.isin(reasons, ["", "duplicate"]))
    if bad > MAX_BAD:
        reasons = np.where(aside, reasons, "batch rejected")
        return answer("reject", batch, reasons, f"{bad:.0%} of the rows are bad")
    if aside.any():
        counts = pd.Series(reasons[aside]).value_counts()
        told = ", ".join(f"{count} {reason}" for reason, count in counts.items())
        return answer("quarantine", batch, reasons, f"rows set aside: {told}")
    return answer("accept", batch, reasons, "")


def answer(decision, batch, reasons, reason):
    """Return what ingest promises, with every row on one side or the other."""
    aside = reasons.astype(bool)
    return {
        "decision": decision,
        "accepted": batch[~aside],
        "quarantined": batch[aside].assign(reason=reasons[aside]),
        "reason": reason,
    }
    ### END SOLUTION


# %% week [markdown]
# --------------------------------------------------------------------------------------------------
# The week. Given.


# %% load
def load(path):
    """Return a CSV file as a frame, with every blank and every "n/a" left as it was written."""
    return pd.read_csv(path, keep_default_na=False)


# %% main
def main():
    """Send the week's batches through the gate, one after the other."""
    data = Path("data")
    outlets, history = load(data / "outlets.csv"), load(data / "history.csv")
    now = pd.Timestamp("2026-05-13T02:00:00Z")
    for path in sorted((data / "batches").glob("*.csv")):
        result = ingest(load(path), history, outlets, now)
        history = pd.concat([history, result["accepted"]], ignore_index=True)
        counts = f"{len(result['accepted']):3} in, {len(result['quarantined']):3} aside"
        print(f"{path.stem}  {result['decision']:10}  {counts}  {result['reason']}".rstrip())


# %% run
if __name__ == "__main__":
    main()
