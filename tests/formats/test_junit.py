"""JUnit XML: read back by a parser that others use, counts agree, no points without a grade."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

from junitparser import Error, Failure, JUnitXml, Skipped

from grader.formats.junit import junit_xml
from tests.formats.standings import LAB, SECRET, same_as_golden, standings


def parsed(**telling):
    data = junit_xml(standings(**telling), LAB.slug)
    return {suite.name: suite for suite in JUnitXml.fromroot(ET.parse(io.BytesIO(data)).getroot())}


def properties(suite):
    return {each.name: each.value for each in suite.properties()}


def test_the_file_is_what_it_was(update_golden):
    same_as_golden("junit.xml", junit_xml(standings(), LAB.slug), update_golden)


def test_a_parser_finds_a_suite_for_each_student_and_a_case_for_each_check():
    suites = parsed()
    assert set(suites) == {
        *["ada", "budi", "citra", "dewi", "eko", "fitri", "gilang", "hana", "zed"]
    }
    kinds = [[type(found) for found in case.result] for case in suites["budi"]]
    assert kinds == [[Failure], [Error], [Failure], [Skipped]]
    assert all(not case.result for case in suites["ada"])
    assert suites["budi"].tests == 4


def test_the_counts_are_those_of_the_cases():
    data = junit_xml(standings(), LAB.slug)
    root = JUnitXml.fromroot(ET.parse(io.BytesIO(data)).getroot())
    said = (root.tests, root.failures, root.errors, root.skipped)
    for suite in root:
        stated = (suite.tests, suite.failures, suite.errors, suite.skipped)
        suite.update_statistics()
        assert stated == (suite.tests, suite.failures, suite.errors, suite.skipped), suite.name
    root.update_statistics()
    assert said == (root.tests, root.failures, root.errors, root.skipped) == (20, 2, 4, 2)


def test_points_are_properties_and_missing_where_there_is_no_grade():
    suites = parsed()
    points = {name: properties(suite).get("points") for name, suite in suites.items()}
    assert points == {
        "ada": "10",
        "budi": "0",
        "citra": "3",
        "gilang": "6",
        "hana": "8",
        "zed": "0",
        **dict.fromkeys(("dewi", "eko", "fitri")),
    }
    assert properties(suites["fitri"])["state"] == "absent"
    assert properties(suites["dewi"])["why"].startswith("quality.py is missing")


def test_text_of_students_comes_back_as_it_was():
    case = next(iter(parsed()["budi"]))
    assert case.result[0].message == '::error::0.5 was meant, not <b>1.0</b>\n```\n"]]> & 100%'
    assert case.system_out == "=cmd()\nprinted by the student\n"


def test_what_hidden_checks_saw_is_for_staff():
    assert SECRET not in junit_xml(standings(), LAB.slug).decode()
    assert SECRET in junit_xml(standings(audience="staff"), LAB.slug).decode()


def test_a_class_of_nobody_is_a_document_too():
    assert JUnitXml.fromstring(junit_xml([], LAB.slug)).tests == 0
