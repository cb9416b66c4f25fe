"""Columns as they arrive, turned into columns that can be compared."""

import numpy as np
import pandas as pd

ABSENT = frozenset(["", "-", "?", "n/a", "na", "nan", "nat", "none", "null", "<na>", "-999", "-999.0"])


def gaps(column):
    words = np.array([str(value).strip().casefold() in ABSENT for value in column], dtype=bool)
    return words | column.isna().to_numpy()


def numbers(column):
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)


def days(column):
    return pd.to_datetime(column, errors="coerce", format="ISO8601").to_numpy("datetime64[D]")


def moments(column):
    return pd.to_datetime(column, errors="coerce", format="ISO8601", utc=True)
