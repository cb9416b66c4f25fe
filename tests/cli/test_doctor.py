"""`grader doctor`."""

import json

from grader.cli import doctor
from grader.sandbox.finding import Finding
from tests.cli.conftest import call

GOOD = Finding(name="network", ok=True, saw="nothing reached", wants="nothing reached")
BAD = Finding(name="memory", ok=False, saw="exit 0", wants="killed", advice="Use another engine.")


def test_without_an_engine_it_refuses_with_advice(course, no_engine):
    result = call("doctor")
    assert result.exit_code == 5
    assert "NO   engine and images" in result.stdout
    assert "What to do: Start one ('make engine'" in result.stdout


def test_all_well_is_zero(course, monkeypatch):
    monkeypatch.setattr(doctor, "diagnose", lambda: [GOOD])
    result = call("doctor")
    assert result.exit_code == 0
    assert "This machine may grade" in result.stdout


def test_one_restriction_that_does_not_act_is_enough_to_refuse(course, monkeypatch):
    monkeypatch.setattr(doctor, "diagnose", lambda: [GOOD, BAD, BAD])
    result = call("doctor")
    assert result.exit_code == 5
    assert "may not grade hostile work: 2 findings." in result.stdout
    assert result.stdout.count("Use another engine.") == 1


def test_findings_are_data_too(course, monkeypatch):
    monkeypatch.setattr(doctor, "diagnose", lambda: [GOOD, BAD])
    found = json.loads(call("doctor", "--json").stdout)
    assert [(each["name"], each["ok"]) for each in found] == [("network", True), ("memory", False)]
