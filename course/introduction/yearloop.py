"""The worked example of *The lifecycle*: one year of one outlet, and three ways to live with it."""
# Read by students: short questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, D401, INP001

from collections import defaultdict
from datetime import timedelta

from kopisales import FIRST, sales

MOVED = 30
"""In this week the app gets a loyalty card, and customers move to it."""
ROWS = sales(52, moved_from=MOVED)


# --8<-- [start:parts]
def learn(first, last):
    """Develop: the mean of each channel and weekday over the weeks first..last-1."""
    seen = defaultdict(list)
    for row in ROWS:
        if first <= week_of(row["date"]) < last:
            seen[row["channel"], row["date"].weekday()].append(row["units"])
    return {key: sum(units) / len(units) for key, units in seen.items()}


def wape(model, week):
    """Measure: the error of a week as a share of what was sold (0 is perfect)."""
    rows = [row for row in ROWS if week_of(row["date"]) == week]
    off = 0
    for row in rows:
        off += abs(row["units"] - model[row["channel"], row["date"].weekday()])
    return off / sum(row["units"] for row in rows)


# --8<-- [end:parts]


def week_of(day):
    """The number of a day's week, from 0."""
    return (day - FIRST) // timedelta(weeks=1)


# --8<-- [start:loop]
LIMIT = 0.15


def one_year():
    """Walk the loop: (what happened, error of the model in use by week)."""
    story, errors = [], {}
    plain = mean(wape(learn(week - 1, week), week) for week in range(8, 12))
    story.append((12, "design", f"last week again has a WAPE of {plain:.3f}"))

    tried = {}
    for weeks in (2, 4, 8):
        tried[weeks] = mean(wape(learn(w - weeks, w), w) for w in range(8, 12))
    best = min(tried, key=tried.get)
    story.append((12, "development", f"{best} weeks are best: {tried[best]:.3f}"))

    new, old = (mean(wape(learn(w - n, w), w) for w in (12, 13)) for n in (best, 1))
    story.append((14, "deployment", f"in the shadow {new:.3f} against {old:.3f}"))

    model, since = learn(14 - best, 14), 0
    for week in range(14, 52):
        errors[week] = wape(model, week)
        if errors[week] > LIMIT:
            story.append((week, "monitoring", f"WAPE {errors[week]:.3f}, over {LIMIT}"))
            story.append((week + 1, "development", f"learn from week {week} on"))
            since = week
        model = learn(max(since, week + 1 - best), week + 1)
    return story, errors


# --8<-- [end:loop]


def frozen():
    """The same first model, never touched again: its error by week."""
    return {week: wape(learn(6, 14), week) for week in range(14, 52)}


def retrained():
    """A model of the last eight weeks, learnt anew every week, with nobody watching."""
    return {week: wape(learn(week - 8, week), week) for week in range(14, 52)}


def mean(values):
    """The mean of some numbers."""
    values = list(values)
    return sum(values) / len(values)
