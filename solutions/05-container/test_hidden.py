"""The hidden checks. Their docstrings are what a student reads about them."""

import time
from datetime import date

from conftest import MOVED, cups

SMALL_CHANGE = 8_000_000
"""Bytes of new layers that one changed line may cost: the installed packages have 17 MB, and the
wheels, which a `COPY . .` after the installation takes along, 3.5 MB."""
BUDGET = 40_000_000
"""Bytes that an image may add to its base; the reference adds 20.5 MB, its wheels included."""
STOP_S = 5.0
ONLY_TMP = ("/tmp",)  # noqa: S108 - in the container, where it is a tmpfs


def test_predicts_right(shipped):
    """The service gives the numbers of the model that lies in the folder."""
    container, _ = shipped.service()
    for outlet, day in shipped.questions(12):
        status, number = shipped.predicted(container, outlet, day)
        assert (status, number) == (200, cups(shipped.model, outlet, day)), f"{outlet} {day}"
    assert container.ask("GET", "/predict?outlet=K99&day=2026-06-09").status == 404
    assert container.ask("GET", "/predict?outlet=K01&day=soon").status == 422


def test_versions_are_pinned(shipped):
    """The image holds the versions of requirements.txt, whatever else lies in the wheelhouse."""
    container, _ = shipped.service()
    outlet = min(shipped.model["outlets"])
    for text in MOVED:
        day = date.fromisoformat(text)
        status, number = shipped.predicted(container, outlet, day)
        assert (status, number) == (200, cups(shipped.model, outlet, day)), text


def test_code_change_is_cheap(shipped):
    """After a changed line of code, the layer with the dependencies is used again."""
    first, second = shipped.image, shipped.next_image
    assert not second.problem, second.text
    known = {layer["id"] for layer in first.look()["history"] if layer["id"]}
    fresh = [layer for layer in second.look()["history"] if layer["id"] not in known]
    assert fresh, "the changed line changed nothing in the image"
    assert sum(layer["size"] for layer in fresh) < SMALL_CHANGE, [
        (layer["by"][:60], layer["size"]) for layer in fresh
    ]


def test_small_enough(shipped):
    """The image adds at most 40 MB to its base."""
    assert shipped.image.look()["added"] <= BUDGET, shipped.image.look()["added"]


def found_in(shipped):
    """Return the names of the secrets in the image, after showing that the search can find."""
    if not hasattr(shipped, "found"):
        needles = {name: text.encode() for name, text in shipped.secrets.items()}
        needles |= {"token": shipped.token.encode(), "model": shipped.model["version"].encode()}
        shipped.found = set(shipped.image.search(needles))
    assert "model" in shipped.found, "the search did not find the model, which must be there"
    return shipped.found - {"model"}


def test_no_secret_in_a_layer(shipped):
    """No layer of the image holds a password, a key, the folder .git or a notebook."""
    assert found_in(shipped) <= {"token"}, found_in(shipped)


def test_no_secret_in_the_history(shipped):
    """The build argument TILL_TOKEN stands neither in the history nor anywhere in the image."""
    assert "token" not in found_in(shipped)


def test_health_check_is_true(shipped):
    """HEALTHCHECK says healthy of a service that is well, and unhealthy of one that is not."""
    assert shipped.image.look()["healthcheck"], "the image has no HEALTHCHECK"
    container, _ = shipped.service()
    assert container.wait_for_health("healthy", 15.0) == "healthy"
    sick, answered = shipped.start(environment={"KOPI_SICK": "1"})
    with sick:
        assert answered.status == 500, answered
        assert sick.wait_for_health("unhealthy", 12.0) == "unhealthy"


def test_alive_without_a_model(shipped):
    """Without a model the container stays alive and healthy; it is just not ready."""
    container, answered = shipped.start(environment={"KOPI_MODEL": "/nowhere/model.json"})
    with container:
        assert answered.status == 200, answered
        assert container.ask("GET", "/ready").status == 503
        assert container.wait_for_health("healthy", 12.0) == "healthy"
        time.sleep(2.5)  # long enough for two more questions of a health check that asks /ready
        assert container.condition().health == "healthy"


def test_logs_to_stdout(shipped):
    """What the service logs can be read from outside."""
    container, _ = shipped.service()
    probe = f"kopi{int(shipped.rng.integers(10**9, 10**10))}"
    assert container.ask("GET", f"/health?probe={probe}").status == 200
    until = time.monotonic() + 3.0
    while probe.encode() not in container.logs() and time.monotonic() < until:
        time.sleep(0.1)
    assert probe.encode() in container.logs()


def test_stops_when_asked(shipped):
    """After SIGTERM the container ends within 5 seconds, with 0 or 143."""
    ended = shipped.stop_service()
    assert ended.exit_code in {0, 143}, ended
    assert ended.seconds <= STOP_S, ended


def test_writes_only_in_tmp(shipped):
    """The container works on a read-only disk, with /tmp as all that can be written."""
    container, answered = shipped.start(writable=ONLY_TMP)
    with container:
        assert answered.status == 200, answered
        outlet, day = shipped.questions(1)[0]
        assert shipped.predicted(container, outlet, day) == (
            200,
            cups(shipped.model, outlet, day),
        )
