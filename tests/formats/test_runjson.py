from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta, timezone
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import ResultsError
from grader.formats.runjson import SCHEMA_VERSION, run_from_json, run_to_json
from grader.outcome import CheckResult, Run, Status
from tests.classroom import broken, make_run, not_passed, ungradable
from tests.formats.schema import problems

TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=30)
SECONDS = st.floats(min_value=0, max_value=1e6, allow_nan=False)
TIME = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=7))]),
)
RESULT = st.builds(
    CheckResult,
    id=TEXT,
    status=st.just(Status.PASSED),
    earned=st.integers(0, 10),
    message=TEXT,
    detail=TEXT,
    output=TEXT,
    seconds=SECONDS,
    student_seconds=SECONDS,
)
RUN = st.builds(
    Run,
    id=TEXT,
    student=TEXT,
    lab=TEXT,
    attempt=st.integers(0, 99),
    received_at=TIME,
    graded_at=TIME,
    bundle_digest=TEXT,
    verdict=st.sampled_from(list(make_run().verdict.__class__)),
    reason=TEXT,
    staff_notes=st.lists(TEXT, max_size=3).map(tuple),
    results=st.lists(RESULT, max_size=4, unique_by=lambda result: result.id).map(tuple),
    out_of=st.just(100),
    seed=st.integers(-(2**70), 2**70),
    lab_digest=TEXT,
    image=TEXT,
    sandbox=TEXT,
    versions=st.dictionaries(TEXT, TEXT, max_size=3),
    limits=st.dictionaries(TEXT, st.none() | st.booleans() | st.integers() | SECONDS | TEXT),
    phases=st.dictionaries(TEXT, SECONDS, max_size=3),
    machine=TEXT,
    trusts_student=st.booleans(),
)


def schema():
    text = resources.files("grader").joinpath("schemas/run.schema.json").read_text()
    return json.loads(text)


@settings(deadline=None, max_examples=60)
@given(RUN)
def test_any_run_comes_back_equal_through_text_and_fits_the_schema(run):
    text = json.dumps(run_to_json(run))
    assert run_from_json(json.loads(text)) == run
    assert problems(json.loads(text), schema()) == []


@pytest.mark.parametrize("run", [make_run(), ungradable(), broken()])
def test_runs_of_every_verdict_come_back_equal(run):
    assert run_from_json(run_to_json(run)) == run


def test_the_schema_names_every_field_and_says_what_it_is():
    top = schema()
    fields = {field.name for field in dataclasses.fields(Run)} | {"schema", "earned"}
    assert set(top["properties"]) == fields
    assert set(top["required"]) == fields
    result = top["$defs"]["result"]
    assert set(result["properties"]) == {field.name for field in dataclasses.fields(CheckResult)}
    for properties in (top["properties"], result["properties"]):
        assert all(value["description"] for value in properties.values())
    assert top["properties"]["schema"]["const"] == SCHEMA_VERSION


@pytest.mark.parametrize("key", sorted(run_to_json(make_run())))
def test_every_key_has_to_be_there_and_of_its_type(key):
    data = run_to_json(make_run())
    without = {name: value for name, value in data.items() if name != key}
    with pytest.raises(ResultsError, match=rf"run\.{key}: is missing"):
        run_from_json(without)
    with pytest.raises(ResultsError, match=rf"run\.{key}: is "):
        run_from_json(data | {key: object()})
    assert problems(without, schema()) == [f"$.{key} is missing"]


def test_an_unknown_key_is_refused():
    data = run_to_json(make_run()) | {"score": 100}
    with pytest.raises(ResultsError, match=r"run\.score: is not a key of this format"):
        run_from_json(data)
    assert problems(data, schema()) == ["$.score is unknown"]


def test_an_unknown_key_of_a_result_is_refused_with_its_place():
    data = run_to_json(make_run())
    data["results"][3]["bonus"] = 1
    with pytest.raises(ResultsError, match=r"run\.results\[3\]\.bonus: is not a key"):
        run_from_json(data)


def test_points_that_do_not_add_up_are_refused():
    data = run_to_json(make_run()) | {"earned": 99}
    with pytest.raises(ResultsError, match=r"run\.earned: is 99, but the results add up to 100"):
        run_from_json(data)


def test_more_points_than_there_are_is_refused():
    data = run_to_json(make_run()) | {"out_of": 50}
    with pytest.raises(ResultsError, match=r"run\.earned: is 100, more than 50"):
        run_from_json(data)


def test_points_of_a_check_that_did_not_pass_are_refused():
    data = run_to_json(make_run())
    data["results"][0]["status"] = "failed"
    with pytest.raises(ResultsError, match=r"results\[0\]\.earned: is 5, but the status is failed"):
        run_from_json(data)


def test_a_check_that_is_told_twice_is_refused():
    data = run_to_json(make_run(results=[not_passed("validity")]))
    data["results"].append(data["results"][1])
    with pytest.raises(ResultsError, match="hold the check 'validity' twice"):
        run_from_json(data)


def test_a_newer_format_asks_for_an_update():
    with pytest.raises(ResultsError, match="Update the grader"):
        run_from_json(run_to_json(make_run()) | {"schema": SCHEMA_VERSION + 1})


def test_a_run_of_the_first_version_had_everybodys_data_and_is_read():
    data = run_to_json(make_run()) | {"schema": 1}
    del data["variant"]
    assert run_from_json(data) == make_run()
    with pytest.raises(ResultsError, match=r"run\.variant: is not a key"):
        run_from_json(data | {"variant": 5})


def test_the_seed_of_a_students_data_is_kept():
    run = dataclasses.replace(make_run(), variant=2**53 - 1)
    assert run_from_json(json.loads(json.dumps(run_to_json(run)))).variant == 2**53 - 1


@pytest.mark.parametrize("version", [0, -1])
def test_a_version_that_never_was_is_refused(version):
    with pytest.raises(ResultsError, match="never was a version"):
        run_from_json(run_to_json(make_run()) | {"schema": version})


def test_a_time_without_a_zone_is_not_written():
    naive = dataclasses.replace(make_run(), graded_at=datetime(2025, 3, 3))  # noqa: DTZ001 - the point
    with pytest.raises(ResultsError, match="has no zone"):
        run_to_json(naive)
