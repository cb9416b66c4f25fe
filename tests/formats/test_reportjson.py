from __future__ import annotations

import dataclasses
import json
from importlib import resources

import pytest

from grader.errors import ResultsError
from grader.formats.reportjson import SCHEMA_VERSION, report_from_json, report_to_json
from grader.outcome import Status
from grader.report import Report, ReportLine, for_staff, for_student
from tests.classroom import broken, make_lab, make_run, not_passed, ungradable
from tests.formats.schema import problems

FAILED = make_run(
    results=[not_passed("accuracy", message="\ud800 é", output="x"), not_passed("sentinels")]
)


def schema():
    text = resources.files("grader").joinpath("schemas/report.schema.json").read_text()
    return json.loads(text)


@pytest.mark.parametrize("run", [make_run(), FAILED, ungradable(), broken()])
@pytest.mark.parametrize("tell", [for_student, for_staff])
def test_a_report_comes_back_equal_through_text_and_fits_the_schema(run, tell):
    report = tell(run, make_lab())
    text = json.dumps(report_to_json(report))
    assert report_from_json(json.loads(text)) == report
    assert problems(json.loads(text), schema()) == []


def test_the_schema_names_every_field_and_says_what_it_is():
    top = schema()
    assert set(top["required"]) == {field.name for field in dataclasses.fields(Report)} | {"schema"}
    line = top["$defs"]["line"]
    assert set(line["required"]) == {field.name for field in dataclasses.fields(ReportLine)}
    for properties in (top["properties"], line["properties"]):
        assert all(value["description"] for value in properties.values())
    assert set(line["properties"]["status"]["enum"]) == set(Status)
    assert top["properties"]["schema"]["const"] == SCHEMA_VERSION


@pytest.mark.parametrize("key", sorted(report_to_json(for_student(make_run(), make_lab()))))
def test_every_key_has_to_be_there_and_of_its_type(key):
    data = report_to_json(for_student(make_run(), make_lab()))
    with pytest.raises(ResultsError, match=rf"report\.{key}: is missing"):
        report_from_json({name: value for name, value in data.items() if name != key})
    with pytest.raises(ResultsError, match=rf"report\.{key}: is "):
        report_from_json(data | {key: object()})


def test_an_audience_that_there_is_not_is_refused():
    data = report_to_json(for_student(make_run(), make_lab())) | {"audience": "everybody"}
    with pytest.raises(ResultsError, match="is none of: student, staff"):
        report_from_json(data)


def test_an_unknown_key_of_a_line_is_refused_with_its_place():
    data = report_to_json(for_student(make_run(), make_lab()))
    data["lines"][2]["answer"] = 42
    with pytest.raises(ResultsError, match=r"report\.lines\[2\]\.answer: is not a key"):
        report_from_json(data)


def test_a_run_that_was_not_graded_has_null_points_and_not_zero():
    assert report_to_json(for_student(broken(), make_lab()))["earned"] is None
