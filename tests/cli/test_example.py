"""`grader example`: what `make run` shows."""

import pytest

from grader.cli import example
from grader.errors import EngineUnavailableError, ImageMissingError
from tests.cli.conftest import SLUG, call
from tests.cli.test_batch import grades


@pytest.fixture
def processes(monkeypatch, pretend, no_engine):
    return pretend


def made(course, *more):
    return call("example", "07", "--out", course.results, "--jobs", "2", *more)


def test_an_example_class_is_made_and_graded(course, processes):
    result = made(course)
    assert result.exit_code == 0, result.output
    assert "The hostile hand-ins are left out" in result.stdout
    assert result.stderr.count("Warning: no container engine answers") == 1
    last = result.stdout.rpartition("Where to look:")[2]
    assert "results-cohort/submissions" in last
    states = {row["state"] for row in grades(course).values()}
    assert states == {"graded", "absent", "ungradable", "overridden"}
    assert (course.root / "results-cohort" / "cohort.toml").exists()


def test_a_second_time_starts_anew_and_keeps_the_last_results(course, processes):
    made(course)
    first = (course.results / "batch.json").read_text()
    for _ in range(2):
        result = made(course)
        assert result.exit_code == 0, result.output
    assert (course.root / "results-last-time" / "batch.json").exists()
    assert (course.results / "batch.json").read_text() != first
    assert "results-last-time" in result.stdout


@pytest.mark.parametrize("name", ["results", "results-last-time", "results-cohort"])
def test_what_is_not_its_own_is_not_replaced(course, processes, name):
    course.results.mkdir()
    (course.results / "batch.json").write_text("{}")
    other = course.root / name
    other.mkdir(exist_ok=True)
    (other / "batch.json").unlink(missing_ok=True)
    (other / "thesis.txt").write_text("Years of work.\n")
    result = made(course)
    assert result.exit_code == 2, result.output
    assert "holds other things" in result.stderr
    assert (other / "thesis.txt").read_text() == "Years of work.\n"


def test_images_that_are_missing_are_built(course, monkeypatch, capsys):
    def missing(_client):
        raise ImageMissingError("the image of the worker is not on the engine.")

    class Client:
        def close(self):
            pass

    built = []
    monkeypatch.setattr(example, "connect", Client)
    monkeypatch.setattr(example, "ensure", missing)
    monkeypatch.setattr(example, "_pull_base", lambda: built.append("base"))
    monkeypatch.setattr(example, "build_images", lambda: built.append("images"))
    example._bring_images()
    assert built == ["base", "images"]
    assert "not on the engine. Building it" in capsys.readouterr().err


def test_without_an_engine_nothing_is_built(monkeypatch):
    def gone():
        raise EngineUnavailableError("no engine")

    monkeypatch.setattr(example, "connect", gone)
    monkeypatch.setattr(example, "build_images", lambda: pytest.fail("it was built"))
    example._bring_images()


def test_the_lab_of_make_run_is_there():
    [argument] = [each for each in example.command.params if each.name == "lab"]
    assert argument.default == "02-data-quality"
    assert argument.default != SLUG
