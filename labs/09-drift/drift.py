"""A watch for the forecasts of Kopi Lestari: did the inputs move, did the rule move, and what now?

Run `python drift.py` beside the folder `data` to diagnose four Mondays; `python drift.py report`
writes Evidently's report, and reads it.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import chi2, chi2_contingency, ks_2samp

# --------------------------------------------------------------------------------------------------
# The contract. Given: all limits of the lab stand here, and the README explains them.

INPUTS = ["channel", "temperature", "discount"]
"""What the model gets, and what may drift."""

BINS = 10
"""A column of numbers with more different values than this is cut into so many bins."""

LEVEL = 0.05
"""At most so large a share of quiet comparisons may alarm, all columns of a comparison together."""

WEEK = 7
"""Days of a window."""

PAST = 26
"""So many past windows are what the last one is compared with."""

YEAR = 52
"""So many windows before stands the same season of the year before."""

LABEL_DAYS = 10
"""So many days after a day, every label that will come has come."""

MIN_ROWS = 20
"""A channel with fewer rows to judge in a window says nothing there."""

MOST_OUTSIDE = 0.10
"""If more than this share of the rows lies outside of what the model knows, errors say too little."""


def is_number(column):
    """Return whether a column holds numbers. (Given.)"""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def describe(frame):
    """Return a frame that says in a few numbers what each column looks like. (Given.)"""
    told = {}
    for name, column in frame.items():
        said = {"rows": len(column), "missing": int(column.isna().sum()), "values": column.nunique()}
        if is_number(column):
            said |= {"lowest": column.min(), "mean": round(column.mean(), 2), "highest": column.max()}
        else:
            said["most_frequent"] = column.mode().iat[0] if len(column.dropna()) else None
        told[name] = said
    return pd.DataFrame(told).T


def windows_of(frame):
    """Return a list of windows of WEEK days, oldest first; the last one ends on the last date.

    A window is a frame. Days that do not fill a window at the beginning are left out. (Given.)
    """
    age = (frame["date"].max() - frame["date"]).dt.days // WEEK
    full = (frame["date"].max() - frame["date"].min()).days + 1
    windows = dict(list(frame.groupby(age)))
    return [windows.get(number, frame.iloc[:0]) for number in reversed(range(full // WEEK))]


# --------------------------------------------------------------------------------------------------
# Task 1: how far? (PSI)


def bin_counts(reference, current):
    """Return two arrays: how many values of each column fall into each bin. Missing ones do not count.

    Numbers with more than BINS different values in the reference: BINS bins of about equal size, cut
    at quantiles of the *reference*. The first and the last bin are open, so that every current value
    has a bin. Quantiles that are equal make one cut.

    Everything else (words, categories, numbers with few values): one bin for each value that occurs
    on either side.
    """
    raise NotImplementedError("This part is yours to write.")


def psi(reference, current):
    """Return the population stability index of two columns, a float.

    Half a row is added to each bin on both sides before counts become shares. 0.0 if one side has no
    value at all: nothing can be said then.
    """
    raise NotImplementedError("This part is yours to write.")


def psi_limit(rows, reference_rows, bins=BINS):
    """Return the limit that 95 % of PSIs stay below when nothing has changed and rows are independent."""
    raise NotImplementedError("This part is yours to write.")


# --------------------------------------------------------------------------------------------------
# Task 2: is it chance? (a test for each column of independent rows)


def column_tests(reference, current):
    """Return a dict: for each column of `reference` {"test": ..., "p": ..., "drift": True or False}.

    "ks" (Kolmogorov-Smirnov) for numbers with more than BINS different values in the reference,
    "chi2" (chi-square, on the counts of each value) for everything else. Missing values do not count.
    A column that has no value on one side, or one and the same value everywhere, has p = 1.0.

    "drift" keeps LEVEL over all columns together (Bonferroni).
    """
    raise NotImplementedError("This part is yours to write.")


# --------------------------------------------------------------------------------------------------
# Task 3: is it unusual? (windows of data that come in time)


def unusual(table):
    """Return the list of columns that are unusual in the last row of a table; [] if none is.

    The table has a row for each window, the last of them the present one, and a column for each thing
    that is watched; its numbers are never negative, and larger is worse. Columns are made comparable:
    each is divided by its mean over all rows (a column of zeros stays zero). The worst number of a row
    is the largest of its columns. A column is unusual if its present number is larger than the worst
    number of every past row. So, if nothing has happened, the chance of *any* alarm is one in the number
    of rows.
    """
    raise NotImplementedError("This part is yours to write.")


def data_drift(windows, references):
    """Return the list of INPUTS that have moved in the last of the windows; [] if none has.

    `references` is as long as `windows`: what each window is compared with. The distance of a window is
    the PSI of each input, in units of what chance does: divided by 1 / rows + 1 / rows of the reference,
    so that a small window is no alarm by itself.
    """
    raise NotImplementedError("This part is yours to write.")


# --------------------------------------------------------------------------------------------------
# Task 4: is the rule still right? (errors, from labels that have matured)


def wape(rows):
    """Return the sum of absolute errors over the sum of units; rows without a label are left out.

    0.0 if nothing was sold. (Given.)
    """
    known = rows.dropna(subset=["units"])
    sold = known["units"].sum()
    return float((known["forecast"] - known["units"]).abs().sum() / sold) if sold else 0.0


def in_support(rows, learnt):
    """Return a boolean array: True for rows of which each input lies where the model has learnt.

    A number: at most one standard deviation (of what was learnt) outside of the learnt range. Anything
    else: a value that was learnt.
    """
    raise NotImplementedError("This part is yours to write.")


def concept_drift(windows, learnt, now):
    """Return {"concept": "yes", "no" or "unknown", "channels": [...], "outside": share}.

    `windows` are windows in which the model was used, `learnt` the rows it learnt from, `now` the moment
    of the question. "outside" is the share of the last window's rows that are not in support.

    Not ripe: LABEL_DAYS have not passed between the last window's last date and `now`: "unknown", no
    channels. Otherwise the table has a row for each window and a column for each channel, the WAPE of the
    rows in support that have a label (0.0 where these are fewer than MIN_ROWS). If channels are `unusual`: "yes", and these channels. If
    not, and more than MOST_OUTSIDE is outside: "unknown". Otherwise "no".
    """
    raise NotImplementedError("This part is yours to write.")


# --------------------------------------------------------------------------------------------------
# Task 5: what is it, and what now?


def diagnose(log, trained_until, now, released=None, labels_changed=None):
    """Return {"verdict": ..., "inputs": [...], "channels": [...], "action": ...} for the last window.

    The model learnt from the rows up to `trained_until` (included); the last PAST + 1 windows are those
    that it is judged by. "inputs" are those of data_drift against what was learnt; "channels" those of
    concept_drift.

    The season: the move was expected if the log has a window YEAR windows before the last one, and for
    every input that has moved, the PSI against that window is less than half of the PSI against what was
    learnt.

    verdict            inputs moved     concept      action
    "none"             no               no           "nothing"
    "data"             yes              no           "watch"
    "data-expected"    as expected      no           "nothing"
    "concept"          no, or expected  yes          see below
    "both"             yes              yes          see below
    "unknown"          either           unknown      "watch"

    Where the concept has drifted, ask first what we did ourselves: "relabel" if the way labels are made
    changed (`labels_changed`, a date or None) in the last window; otherwise "roll back" if a version was
    released in it (`released`, a date or None); otherwise "retrain".
    """
    raise NotImplementedError("This part is yours to write.")


# --------------------------------------------------------------------------------------------------
# Task 6: what does a library say? (Evidently)


def write_report(reference, current, path, page=None):
    """Let Evidently compare two frames; write its report as JSON, and as a page for people. (Given.)"""
    import os

    os.environ["DO_NOT_TRACK"] = "1"  # nothing is sent anywhere
    from evidently import Report
    from evidently.presets import DataDriftPreset

    report = Report([DataDriftPreset()]).run(current, reference)
    report.save_json(str(path))
    if page:
        report.save_html(str(page))


def evidently_verdicts(path):
    """Return a dict: for each column of a report {"method": ..., "value": ..., "drift": True or False}.

    The report is a JSON file that write_report wrote: look into it. Evidently chooses the method by type
    and number of rows. Where the method's name ends in "p_value", the value is a p-value, and the column
    has drifted if it is below the threshold. All other methods are distances, and the column has drifted
    if the value is at least the threshold.
    """
    raise NotImplementedError("This part is yours to write.")


# --------------------------------------------------------------------------------------------------
# Many at once, and four Mondays. Given.


def drifted_columns(pairs):
    """Return for each pair (reference, current) the list of columns that have drifted. (Given.)"""
    found = [column_tests(reference, current) for reference, current in pairs]
    return [[name for name, said in tests.items() if said["drift"]] for tests in found]


def diagnose_all(cases):
    """Return the diagnosis of each case; a case is a dict of the arguments of diagnose. (Given.)"""
    return [diagnose(**case) for case in cases]


DATA = Path("data")
TRAINED_UNTIL = pd.Timestamp("2024-08-25")
MONDAYS = ["quiet", "counters", "habit", "campaign"]


def read(name):
    """Return a table of the folder data, with dates as Timestamps."""
    return pd.read_csv(DATA / f"{name}.csv", parse_dates=["date"])


def row_alarms(log):
    """Return in how many of the PAST quiet weeks a KS test of the rows' temperature alarms at LEVEL."""
    learnt, weeks = log[log["date"] <= TRAINED_UNTIL], windows_of(log)[-PAST:]
    p_values = [ks_2samp(learnt["temperature"], week["temperature"]).pvalue for week in weeks]
    return sum(p < LEVEL for p in p_values)


def mondays():
    """Diagnose four Mondays: the same past, and four different last weeks."""
    history = read("history")
    print(f"rows, one KS test at 5 %: alarm in {row_alarms(history)} of {PAST} weeks in which nothing happened")
    try:
        for name in MONDAYS:
            log = pd.concat([history, read(name)], ignore_index=True)
            now = log["date"].max() + pd.Timedelta(days=11)
            said = diagnose(log, TRAINED_UNTIL, now)
            moved = " ".join([*said["inputs"], *said["channels"]]) or "-"
            print(f"{name:9} {said['verdict']:9} {moved:11} {said['action']}")
    except NotImplementedError as gap:
        print(f"    not yet: {gap}")


def report():
    """Let Evidently compare the first weeks with the week of the closed counters."""
    history, week = read("history"), read("counters")
    learnt = history[history["date"] <= TRAINED_UNTIL]
    write_report(learnt[INPUTS], week[INPUTS], "drift.json", page="drift.html")
    for name, said in evidently_verdicts("drift.json").items():
        print(f"{name:12} {said['method']:30} {said['value']:.3f} {'drift' if said['drift'] else ''}".rstrip())


if __name__ == "__main__":
    report() if sys.argv[1:] == ["report"] else mondays()
