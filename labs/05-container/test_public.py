"""The checks that you see. They need a container engine: `python ship.py` tries the same with Docker."""

from datetime import date

from conftest import cups

WHY = {
    "syntax": "The Dockerfile cannot be read",
    "forbidden": "The Dockerfile asks for what is not allowed here",
    "time": "The build did not end in time and was stopped",
    "memory": "A step of the build used more memory than it may and was stopped",
    "size": "A step of the build wrote more than it may and was stopped",
    "output": "The build printed more than anybody can read and was stopped",
    "failed": "The build failed. Its last lines",
}


def where(image):
    """Return the line that is to blame, for a message."""
    return f"Dockerfile, line {image.line}: " if image.line else ""


def test_dockerfile_is_read(shipped):
    """The Dockerfile can be read, and asks for nothing that is not allowed here."""
    image = shipped.image
    if image.problem in {"syntax", "forbidden"}:
        raise AssertionError(f"{where(image)}{WHY[image.problem]}: {image.text}")


def test_base_is_supported(shipped):
    """The image begins with a base that is allowed here and still gets mended."""
    image = shipped.image
    if image.problem == "base":
        raise AssertionError(f"{where(image)}{image.text}")


def test_image_builds(shipped, linted, engine):
    """The image builds, without a network."""
    if linted:
        engine.advise("hadolint's advice on your Dockerfile (no points):\n" + "\n".join(linted))
    image = shipped.image
    if image.problem:
        raise AssertionError(f"{where(image)}{WHY[image.problem]}: {image.text}")


def test_service_answers(shipped):
    """The container answers /health and /predict on port 8000."""
    container, answered = shipped.service()
    said = container.logs().decode("utf-8", "replace")[-600:]
    told = container.problem or f"its last words were: {said or '(nothing)'}"
    got = answered.status or f"nothing ({answered.problem})"
    if answered.status != 200:
        raise AssertionError(f"GET /health should answer 200, not {got}; {told}")
    outlet, day = min(shipped.model["outlets"]), date(2026, 6, 9)
    code, number = shipped.predicted(container, outlet, day)
    meant = cups(shipped.model, outlet, day)
    assert code == 200, f"/predict for {outlet} on {day} should answer 200, not {code}; {told}"
    assert number == meant, f"{outlet} on {day} should get {meant} cups, not {number}"


def test_runs_as_a_user(shipped):
    """The container does not run as root."""
    container, _ = shipped.service()
    user = shipped.image.look()["user"].partition(":")[0]
    if user in {"", "root"} or not user.strip("0"):
        raise AssertionError(f"the image's USER should not be root; it is {user or 'not given'}")
    uids = container.condition().uids
    assert uids, "the container should run, and it has no process"
    assert 0 not in uids, "a process of the container runs as root"
