from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from grader.formats.charts import heat_map, histogram, points_bar, share_bar, symbol, tag
from grader.outcome import Status
from grader.report import for_student
from grader.summary import summarise
from tests.classroom import make_class, make_grade, make_lab, make_run, not_passed

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


def drawn(markup):
    """Return the chart as a tree: what does not parse as XML is not well made."""
    return ET.fromstring(str(markup))


def of_class(tree, name):
    return [each for each in tree.iter() if each.get("class") == name]


def class_of(size):
    return summarise(*make_class(size))


def charts_of(summary):
    report = for_student(make_run(results=[not_passed("accuracy")]), make_lab())
    return [
        points_bar(report),
        share_bar(summary.checks[0]),
        histogram(summary.bins),
        heat_map(summary, {}),
    ]


@pytest.mark.parametrize("size", [1, 24, 500])
def test_every_chart_is_well_made_and_says_in_words_what_it_shows(size):
    for markup in charts_of(class_of(size)):
        tree = drawn(markup)
        assert tree.get("role") == "img"
        assert re.search(r"\d+ [a-z]|: \d", tree.get("aria-label"))


def test_text_and_attributes_are_escaped_and_markup_is_kept():
    inner = tag("b", EVIL)
    tree = drawn(tag("a", inner, EVIL, href=EVIL, class_="x", aria_label="y"))
    assert [each.tag for each in tree.iter()] == ["a", "b"]
    assert tree.attrib == {"href": EVIL, "class": "x", "aria-label": "y"}
    assert tree[0].text == EVIL


def test_control_characters_are_made_visible():
    assert "\x1b" not in tag("text", "\x1b[2J", title="\x07")


def test_segments_are_as_wide_as_their_points_and_filled_as_far_as_earned():
    report = for_student(make_run(results=[not_passed("accuracy")]), make_lab())
    tree = drawn(points_bar(report))
    earned = sum(float(each.get("width")) for each in of_class(tree, "earned"))
    room = sum(float(each.get("width")) for each in of_class(tree, "unearned"))
    assert earned / room == pytest.approx(0.9, abs=0.001)
    assert tree.get("aria-label") == "90 of 100 points, one segment per check"


def test_a_hundred_checks_still_fit_into_the_bar():
    check = make_lab().checks[0]
    lab = make_lab(checks=tuple(replace(check, id=f"c{at}", points=1) for at in range(400)))
    tree = drawn(points_bar(for_student(make_run(lab), lab)))
    last = of_class(tree, "unearned")[-1]
    assert float(last.get("x")) + float(last.get("width")) <= 600.5
    assert all(float(each.get("width")) > 0 for each in of_class(tree, "unearned"))


def test_a_lab_without_points_has_no_bar():
    lab = make_lab(checks=tuple(replace(each, points=0) for each in make_lab().checks))
    run = replace(make_run(), results=())
    assert points_bar(for_student(run, lab)) == ""


def test_the_shares_of_a_check_add_up():
    summary = class_of(60)
    tree = drawn(share_bar(summary.stuck[0]))
    widths = [float(each.get("width")) for each in tree.iter() if each.tag == "rect"]
    assert sum(widths) == pytest.approx(100, abs=0.1)
    assert f"{summary.stuck[0].counts[Status.PASSED]} passed" in tree.get("aria-label")


def test_a_check_that_nobody_met_draws_nothing_and_says_so():
    summary = summarise(make_lab(), [], [])
    assert drawn(share_bar(summary.checks[0])).get("aria-label") == "no hand-in met this check"


def test_columns_are_as_high_as_their_students():
    students = {"a": 5, "b": 5, "c": 95}
    grades = [make_grade(name, points=points) for name, points in students.items()]
    tree = drawn(histogram(summarise(make_lab(), grades, []).bins))
    heights = [float(each.get("height")) for each in of_class(tree, "column")]
    assert heights[0] == 2 * heights[9] > 0
    assert tree.get("aria-label") == "Students by points: 0 to 9: 2; 90 to 99: 1"


def test_no_bins_draw_no_histogram():
    assert histogram(()) == ""


def test_every_student_of_a_large_class_has_a_row_with_a_name_and_a_link():
    summary = class_of(500)
    rows = [row for row in summary.students if any(row.statuses)]
    tree = drawn(heat_map(summary, {row.key: f"students/{row.run_id}.html" for row in rows}))
    links = [each for each in tree.iter() if each.tag == "a"]
    assert [each.get("href") for each in links] == [f"students/{row.run_id}.html" for row in rows]
    titles = [next(each.iter("title")).text for each in links]
    assert titles[0] == f"{rows[0].student}: 100 points"


def test_the_cells_of_a_large_class_cover_every_status_once():
    summary = class_of(300)
    tree = drawn(heat_map(summary, {}))
    row_height = float(of_class(tree, "over")[0].get("height"))
    for status in (Status.PASSED, Status.FAILED, Status.SKIPPED):
        shapes = "".join(each.get("d") for each in of_class(tree, f"s-{status}") if each.get("d"))
        drawn_rows = sum(float(high) for high in re.findall(r"v([0-9.]+)", shapes)) / row_height
        counted = sum(check.counts.get(status, 0) for check in summary.checks)
        assert drawn_rows == pytest.approx(counted, rel=0.001)


def test_a_large_heat_map_stays_small():
    assert len(heat_map(class_of(500), {})) < 150_000


def test_a_class_without_results_has_no_heat_map():
    assert heat_map(summarise(make_lab(), [make_grade("ann")], []), {}) == ""


def test_hostile_names_stay_text_in_every_chart():
    lab = make_lab(checks=(replace(make_lab().checks[0], id=EVIL, title=EVIL, learn=EVIL),))
    run = make_run(lab, student=EVIL)
    summary = summarise(lab, [make_grade(EVIL, points=5, run=run)], [run])
    charts = [
        points_bar(for_student(run, lab)),
        share_bar(summary.checks[0]),
        histogram(summary.bins),
        heat_map(summary, {EVIL: "a.html"}),
    ]
    for markup in charts:
        assert not {each.tag for each in drawn(markup).iter()} & {"script", "img"}


def test_a_cell_without_a_result_has_a_dot():
    assert symbol(None) == "·"
    assert symbol(Status.PASSED) == "✓"
