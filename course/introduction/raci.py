"""The worked example of *People and roles*: a RACI table as a file, and a program that reads it."""
# Read by students: short questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, D401, INP001

import csv
from pathlib import Path


def read(name):
    """Return (roles, rows) of a table beside this file."""
    path = Path(__file__).with_name(f"{name}.csv")
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        return reader.fieldnames[2:], list(reader)


# --8<-- [start:check]
def who(row, roles, letter):
    """The roles that have a letter in this row."""
    return [role for role in roles if letter in row[role]]


def complaints(roles, rows):
    """What is wrong with a table, one sentence for each fault."""
    said = []
    for row in rows:
        deciders = who(row, roles, "A")
        if len(deciders) != 1:
            names = ", ".join(deciders) or "nobody"
            said.append(f"{row['task']}: {len(deciders)} decide ({names})")
        if not who(row, roles, "R"):
            said.append(f"{row['task']}: nobody does it")
    asked = {role for role in roles for row in rows if row[role] not in ("", "I")}
    return said + [f"{role}: never asked" for role in roles if role not in asked]


# --8<-- [end:check]
