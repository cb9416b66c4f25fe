from __future__ import annotations

import pytest

from grader.formats.marks import ASCII, SYMBOL, WORD, points_text
from grader.outcome import Status


@pytest.mark.parametrize("marks", [ASCII, SYMBOL, WORD])
def test_every_status_has_a_mark_of_its_own(marks):
    assert set(marks) == set(Status)
    assert len(set(marks.values())) == len(Status)


def test_plain_marks_are_plain():
    assert all(mark.isascii() and len(mark) == 1 for mark in ASCII.values())


@pytest.mark.parametrize(
    ("points", "said"), [(None, "—"), (0, "0"), (7, "7"), (7.5, "7.5"), (66.6667, "66.67")]
)
def test_points_are_written_as_people_write_them(points, said):
    assert points_text(points) == said
