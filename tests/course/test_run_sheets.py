"""Run sheets add up: each row begins when the row before it ends."""

import re
from itertools import pairwise

import pytest

from tests.course.pages import COURSE

ROW = re.compile(r"^\| (\d\d):(\d\d) \| (\d*) ?\|", re.MULTILINE)
SHEETS = {"half-day": 210, "one-day": 510, "three-days": 3 * 480}
"""Page -> minutes from first to last row, lunch included."""


def rows(text):
    """Return (minute of the day, minutes) for each row of a table."""
    return [(60 * int(hour) + int(past), int(long or 0)) for hour, past, long in ROW.findall(text)]


@pytest.mark.parametrize("page", SHEETS)
def test_a_row_begins_when_the_one_before_it_ends(page):
    text = (COURSE / "instructors" / f"{page}.md").read_text(encoding="utf-8")
    found = rows(text)
    assert len(found) > 10
    for (begins, long), (following, _) in pairwise(found):
        assert long == 0 or begins + long == following, f"{page}: {begins // 60}:{begins % 60:02}"


@pytest.mark.parametrize("page", SHEETS)
def test_a_sheet_is_as_long_as_it_says(page):
    text = (COURSE / "instructors" / f"{page}.md").read_text(encoding="utf-8")
    assert sum(long for _, long in rows(text)) == SHEETS[page]


def test_a_gap_would_be_found():
    assert rows("| 09:00 | 10 | a |\n| 09:15 | 5 | b |\n| 09:20 | | End |") == [
        (540, 10),
        (555, 5),
        (560, 0),
    ]
