"""The days on which Kopi Lestari sells more: the same list in training and in serving."""
# ruff: noqa: INP001

from datetime import date

HOLIDAYS = {date(2026, 3, 20), date(2026, 5, 1), date(2026, 8, 17), date(2026, 12, 25)}


def is_holiday(day: date) -> bool:
    """Whether a day is one of the list."""
    return day in HOLIDAYS
