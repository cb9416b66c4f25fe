"""`grader image build`."""

from grader.cli import image
from grader.errors import EngineError, ImageMissingError
from grader.sandbox.image import Images
from tests.cli.conftest import call


def building(monkeypatch, result, lines=()):
    def build(_client, progress):
        for line in lines:
            progress(line)
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(image, "connect", lambda: None)
    monkeypatch.setattr(image, "build", build)


def test_steps_are_told_and_the_images_named(course, monkeypatch):
    made = Images(worker_id="sha256:w", checker_id="sha256:c", digest="d")
    building(monkeypatch, made, ["Step 1/9 : FROM python", "Collecting [pandas]", "\x1b[2J"])
    result = call("image", "build")
    assert result.exit_code == 0
    assert "sha256:w" in result.stdout
    assert "Step 1/9 : FROM python" in result.stderr
    assert "\x1b[2J" not in result.output


def test_a_build_that_fails_shows_its_last_lines_and_where_the_log_is(course, monkeypatch):
    error = EngineError("building failed: 1\nERROR: no space", advice="The whole log is in x.log.")
    building(monkeypatch, error)
    result = call("image", "build")
    assert result.exit_code == 5
    assert "ERROR: no space" in result.stderr
    assert "What to do: The whole log is in x.log." in result.stderr


def test_without_a_base_image_it_says_how_to_get_one(course, monkeypatch):
    building(monkeypatch, ImageMissingError("the base image is not there.", advice="docker pull"))
    assert "What to do: docker pull" in call("image", "build").stderr


def test_without_an_engine_it_refuses_with_advice(course, no_engine):
    result = call("image", "build")
    assert result.exit_code == 5
    assert "make engine" in result.stderr
