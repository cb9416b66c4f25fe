"""The worked example of the chapter on data quality: a roastery's delivery notes."""
# Read by students: questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, D401, INP001, PLR2004

import csv
from datetime import datetime, timedelta
from pathlib import Path

# --8<-- [start:rules]
OUTLETS = {"K01", "K02", "K03", "K08"}
GAPS = {"", "?", "n/a"}


def complete(line):
    """No cell is empty, in any disguise."""
    return all(cell.strip().lower() not in GAPS for cell in line.values())


def valid(line):
    """A delivery has 1 to 60 bags."""
    return 1 <= int(line["bags"]) <= 60


def accurate(line):
    """The total weight is what the bags weigh together."""
    return int(line["kg"]) == int(line["bags"]) * int(line["kg_each"])


def consistent(line):
    """The outlet is one that head office knows as well."""
    return line["outlet"] in OUTLETS


def timely(line):
    """The note reached us within a day after it was signed."""
    signed = datetime.fromisoformat(line["signed_at"])
    received = datetime.fromisoformat(line["received_at"])
    return received - signed <= timedelta(hours=24)


RULES = [complete, valid, accurate, consistent, timely]
# --8<-- [end:rules]


# --8<-- [start:measure]
def measure(lines):
    """The share of lines that keep each rule."""
    return {rule.__name__: sum(map(rule, lines)) / len(lines) for rule in RULES}


# --8<-- [end:measure]


# --8<-- [start:gate]
MAX_BAD = 0.2


def gate(lines, known):
    """Return (decision, accepted lines, [(line, reason) of all other lines])."""
    judged, notes = [], set(known)
    for line in lines:
        broken = [f"not {rule.__name__}" for rule in RULES if not rule(line)]
        if not broken and line["note"] in notes:
            broken = ["duplicate"]
        reason = broken[0] if broken else ""
        if not reason:
            notes.add(line["note"])
        judged.append((line, reason))
    bad = sum(reason not in ("", "duplicate") for _, reason in judged)
    if bad > MAX_BAD * len(lines):
        everything = [(line, reason or "rejected") for line, reason in judged]
        return "reject", [], everything
    accepted = [line for line, reason in judged if not reason]
    aside = [(line, reason) for line, reason in judged if reason]
    return ("quarantine" if aside else "accept"), accepted, aside


# --8<-- [end:gate]


def read(day):
    """Return the lines of a day's file, every cell as the text that was written."""
    path = Path(__file__).with_name(f"deliveries-{day}.csv")
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
