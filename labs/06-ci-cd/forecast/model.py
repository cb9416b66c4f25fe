"""The model: a mean for each outlet, channel and kind of day, of sales on a common scale."""

import datetime
import math


def kind_of_day(date):
    """Return "weekend" for Saturdays and Sundays, else "week"."""
    return "weekend" if datetime.date.fromisoformat(date).weekday() >= 5 else "week"


def key_of(row):
    """Return what a forecast depends on, as one text."""
    return "|".join([row["outlet"], row["channel"], kind_of_day(row["date"])])


def fit(rows):
    """Return a trained model: a dict with a scaler and scaled means."""
    logs = [math.log(float(row["units"]) + 1) for row in rows]
    mean = sum(logs) / len(logs)
    spread = math.sqrt(sum((value - mean) ** 2 for value in logs) / len(logs)) or 1.0
    groups = {}
    for row, value in zip(rows, logs):
        groups.setdefault(key_of(row), []).append((value - mean) / spread)
    means = {key: sum(values) / len(values) for key, values in groups.items()}
    return {"means": means, "scaler": {"mean": mean, "spread": spread}}


def predict(model, row):
    """Return the forecast of units; an outlet that is not known sells what the mean one sells."""
    scaler = model["scaler"]
    scaled = model["means"].get(key_of(row), 0.0)
    return math.exp(scaled * scaler["spread"] + scaler["mean"]) - 1
