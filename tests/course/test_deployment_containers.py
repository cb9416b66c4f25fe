"""The chapter on containers: what it shows was seen on a real engine, and its model agrees with it.

The texts in course/deployment/box/*.txt are what an engine did. They are compared here wherever an
engine answers, and written again by `--update-golden`.
"""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import docker
import docker.errors
import pytest

from tests.course.pages import COURSE, ROOT

PAGE = COURSE / "deployment"
BOX = PAGE / "box"
BASE = "python:3.11-slim-bookworm"
HADOLINT = Path(sys.executable).parent / "hadolint"
CHANGES = ("app.py", "model/model.json", "requirements.txt", "README.md")
WAITS = "import signal, sys, time; {handler}print(1, flush=True); time.sleep(60)"
HANDLER = "signal.signal(15, lambda *_: sys.exit(0)); "


def wheel(folder):
    """Build the one package of the example, always with the same bytes."""
    name = "kopi_calendar-1.2.0"
    files = {
        "kopi_calendar.py": (BOX / "kopi_calendar.py").read_text(encoding="utf-8"),
        f"{name}.dist-info/METADATA": (
            "Metadata-Version: 2.1\nName: kopi-calendar\nVersion: 1.2.0\n"
        ),
        f"{name}.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: kopi\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{name}.dist-info/RECORD"])
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in (*files.items(), (f"{name}.dist-info/RECORD", record)):
            archive.writestr(zipfile.ZipInfo(inside), text)
    return path


@pytest.fixture
def place(tmp_path):
    """Return a copy of the example, with its wheel."""
    folder = tmp_path / "box"
    shutil.copytree(BOX, folder, ignore=shutil.ignore_patterns("__pycache__", "*.txt"))
    shutil.copy(BOX / "requirements.txt", folder)
    wheel(folder / "wheels")
    return folder


class Bench:
    """Builds and runs images, and removes what it made."""

    def __init__(self, client):
        self.client = client
        self.made = []

    def build(self, folder, text, **more):
        """Build a Dockerfile's text without a network; return the image and what was printed."""
        (folder / "Dockerfile").write_text(text, encoding="utf-8")
        image, said = self.client.images.build(
            path=str(folder), network_mode="none", pull=False, rm=True, forcerm=True, **more
        )
        if image.id not in self.made:
            self.made.append(image.id)
        return image, "".join(line.get("stream", "") for line in said)

    def run(self, image, command=None, **more):
        """Start a container and leave it running."""
        box = self.client.containers.run(
            image, command, detach=True, network_mode="none", mem_limit="128m", **more
        )
        self.made.append(box)
        return box

    def close(self):
        """Remove everything again, newest first."""
        for one in reversed(self.made):
            if isinstance(one, str):
                self._remove(one)
            else:
                one.remove(force=True)

    def _remove(self, image):
        """Remove an image, unless it went with another or another of its layers was built since."""
        try:
            self.client.images.remove(image, force=True)
        except docker.errors.APIError as error:
            if error.status_code not in (404, 409):
                raise


@pytest.fixture
def bench():
    """Skip, or fail where an engine was promised; the grader's own images are not needed."""
    try:
        client = docker.from_env(timeout=60)
        client.images.get(BASE)
    except docker.errors.DockerException as problem:
        if os.environ.get("GRADER_REQUIRE_ENGINE") == "1":
            pytest.fail(f"GRADER_REQUIRE_ENGINE=1, but there is no engine with {BASE}: {problem}")
        pytest.skip(f"no engine with {BASE} answers; try: make engine")
    tools = Bench(client)
    yield tools
    tools.close()
    tools.client.close()


@pytest.fixture
def shown(update_golden):
    """Compare with a text of the page, or write it."""

    def compare(name, text):
        path = BOX / name
        if update_golden:
            path.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text

    return compare


def source_moved():
    """Return the source's Dockerfile on a base that is here, installing from the wheels."""
    text = (BOX / "Dockerfile.2024").read_text(encoding="utf-8")
    text = text.replace("python:3.8", BASE)
    return text.replace("pip install", "pip install --no-index --find-links wheels")


def ours():
    return (BOX / "Dockerfile").read_text(encoding="utf-8")


def test_the_pin_is_the_digest_of_the_wheel(tmp_path):
    digest = hashlib.sha256(wheel(tmp_path).read_bytes()).hexdigest()
    pinned = (BOX / "requirements.txt").read_text(encoding="utf-8")
    assert pinned == f"kopi-calendar==1.2.0 --hash=sha256:{digest}\n"


@pytest.mark.parametrize("name", ["Dockerfile.2024", "Dockerfile"])
def test_the_linter_has_nothing_against_our_file_and_one_word_for_the_sources(name):
    done = subprocess.run(
        [HADOLINT, "--no-color", "--ignore", "DL3059", BOX / name],
        capture_output=True,
        text=True,
        check=False,
    )
    rules = re.findall(r"DL\d+", done.stdout)
    assert rules == (["DL3042"] if name == "Dockerfile.2024" else [])


def reused(said):
    """Return, for each step of a classic build's output, whether it came from the cache."""
    parts = re.split(r"^Step \d+/\d+ : ", said, flags=re.MULTILINE)[1:]
    return [part.startswith("FROM") or "Using cache" in part for part in parts]


@pytest.mark.needs_engine
@pytest.mark.parametrize("name", ["Dockerfile.2024", "Dockerfile"])
@pytest.mark.parametrize("changed", CHANGES)
def test_the_model_of_the_cache_agrees_with_the_engine(bench, place, monkeypatch, name, changed):
    monkeypatch.syspath_prepend(str(PAGE))
    import layers

    text = ours() if name == "Dockerfile" else source_moved()
    if name == "Dockerfile.2024":
        (place / ".dockerignore").unlink()
    (place / "README.md").write_text("one\n", encoding="utf-8")
    bench.build(place, text)
    (place / changed).write_text(
        (place / changed).read_text(encoding="utf-8") + "\n", encoding="utf-8"
    )
    _, said = bench.build(place, text)
    fresh = len(layers.again(name, changed))
    steps = len(layers.steps(name))
    assert reused(said) == [True] * (steps - fresh) + [False] * fresh
    sys.modules.pop("layers")


STOPS = {
    'CMD ["python", "app.py"], no handler': (["python3", "-c", WAITS.format(handler="")], {}),
    "the same, docker run --init": (["python3", "-c", WAITS.format(handler="")], {"init": True}),
    'CMD ["python", "app.py"], handler': (["python3", "-c", WAITS.format(handler=HANDLER)], {}),
    "CMD python app.py, handler": (
        ["/bin/sh", "-c", f"python3 -c '{WAITS.format(handler=HANDLER)}'"],
        {},
    ),
    "CMD exec python app.py, handler": (
        ["/bin/sh", "-c", f"exec python3 -c '{WAITS.format(handler=HANDLER)}'"],
        {},
    ),
}
"""What the page calls it -> command and options of the container."""


def stopped(bench, command, options):
    """Return who is process 1, how a container ended, and whether it had to be killed."""
    box = bench.run(BASE, command, **options)
    next(iter(box.logs(stream=True)))  # it speaks when its handler is set
    first = box.exec_run(["cat", "/proc/1/comm"]).output.decode().strip()
    before = time.monotonic()
    box.stop(timeout=3)
    seconds = time.monotonic() - before
    code = box.wait()["StatusCode"]
    return first, code, "after the grace period" if seconds > 2.5 else "at once"


@pytest.mark.needs_engine
@pytest.mark.slow
def test_what_stops_a_container_and_what_does_not(bench, shown):
    lines = [f"{'started as':<38}{'process 1':<14}{'exit':<6}ended"]
    for name, (command, options) in STOPS.items():
        first, code, when = stopped(bench, command, options)
        lines.append(f"{name:<38}{first:<14}{code:<6}{when}")
    shown("stops.txt", "\n".join(lines) + "\n")


LEAKY = f"""FROM {BASE}
ARG TILL_TOKEN
WORKDIR /app
COPY . /app
RUN rm .env && echo "length of the token: ${{#TILL_TOKEN}}"
"""


def layers_of(image):
    """Return the names and contents of an image's layers, base first."""
    raw = io.BytesIO(b"".join(image.save()))
    with tarfile.open(fileobj=raw) as whole:
        manifest = json.load(whole.extractfile("manifest.json"))[0]
        for name in manifest["Layers"]:
            with tarfile.open(fileobj=io.BytesIO(whole.extractfile(name).read())) as layer:
                yield {
                    member.name: layer.extractfile(member).read() if member.isfile() else b""
                    for member in layer.getmembers()
                    if "app/" in member.name
                }


@pytest.mark.needs_engine
def test_a_secret_that_was_removed_is_still_in_the_image(bench, place, shown):
    (place / ".dockerignore").unlink()
    (place / ".env").write_text("TILL_PASSWORD=robusta-4711\n", encoding="utf-8")
    image, _ = bench.build(place, LEAKY, buildargs={"TILL_TOKEN": "arabica-0815"})
    lines = ["$ docker run --rm leaky ls -a /app"]
    seen = bench.client.containers.run(image.id, "ls -a /app", remove=True, network_mode="none")
    lines.append("  ".join(seen.decode().split()))
    lines.append("$ docker save leaky    # then look into each layer for .env")
    for step, files in zip(("COPY", "RUN rm"), list(layers_of(image))[-2:], strict=True):
        for name, content in files.items():
            if name.endswith(".env"):
                told = content.decode().strip() or "(empty: it only says that .env is gone)"
                lines.append(f"layer of {step + ':':<8} {name:<13} {told}")
    lines.append("$ docker history --no-trunc leaky    # the last step")
    lines.append(image.history()[0]["CreatedBy"])
    shown("secrets.txt", "\n".join(lines) + "\n")


@pytest.mark.needs_engine
def test_nothing_leaks_through_our_file(bench, place):
    for name in (".env", "id_ed25519", "notes.md"):
        (place / name).write_text("TILL_PASSWORD=robusta-4711\n", encoding="utf-8")
    image, _ = bench.build(place, ours())
    for files in layers_of(image):
        assert not any(b"robusta" in content for content in files.values())
    assert "robusta" not in json.dumps(image.history())


ASK = (
    "import sys, urllib.request, urllib.error\n"
    "try: answer = urllib.request.urlopen('http://127.0.0.1:8000' + sys.argv[1], timeout=5)\n"
    "except urllib.error.HTTPError as refused: answer = refused\n"
    "print(answer.status, answer.read().decode())\n"
)
QUESTIONS = (
    "/health",
    "/ready",
    "/predict?outlet=K01&day=2026-05-01",
    "/predict?outlet=K9&day=2026-05-01",
)


def ask(box, path):
    """Ask the service from inside of its own container, which has no network."""
    code, said = box.exec_run(["python", "-c", ASK, path])
    assert code == 0, said.decode()
    return said.decode().strip()


@pytest.mark.needs_engine
@pytest.mark.slow
def test_the_service_answers_as_the_page_says(bench, place, shown):
    image, _ = bench.build(place, ours())
    lines = []
    for title, where in (
        ("with its model", {}),
        ("without a model", {"tmpfs": {"/app/model": ""}}),
    ):
        box = bench.run(image.id, read_only=True, cap_drop=["ALL"], **where)
        next(iter(box.logs(stream=True)))  # it speaks when it listens
        lines.append(title)
        lines += [f"  {path:<34} {ask(box, path)}" for path in QUESTIONS]
    assert box.exec_run(["python", "app.py", "check"]).exit_code == 0
    assert box.exec_run(["id", "-u"]).output == b"10001\n"
    assert box.exec_run(["touch", "/app/app.py"]).exit_code != 0
    box.stop(timeout=5)
    assert box.wait()["StatusCode"] == 0
    assert "Healthcheck" in image.attrs["Config"]
    shown("answers.txt", "\n".join(lines) + "\n")


SIZES = {
    "RUN make     then RUN rm": "RUN {make}\nRUN rm /tmp/big\n",
    "RUN make  &&  rm": "RUN {make} && rm /tmp/big\n",
    "two stages, COPY --from": "RUN {make} && echo result >/result\n"
    f"FROM {BASE}\nCOPY --from=tools /result /result\n",
}


@pytest.mark.needs_engine
def test_a_file_that_a_later_layer_removes_still_weighs(bench, tmp_path, shown):
    make = "head -c 50000000 /dev/zero >/tmp/big"
    base = bench.client.images.get(BASE).attrs["Size"]
    lines = []
    for name, rest in SIZES.items():
        text = f"FROM {BASE} AS tools\n" + rest.format(make=make)
        if "--from" in rest:
            bench.build(tmp_path, text, target="tools")  # so that the first stage goes, too
        image, _ = bench.build(tmp_path, text)
        grown = (image.attrs["Size"] - base) / 1e6
        lines.append(f"{name:<28}{grown:5.1f} MB more than the base")
    shown("sizes.txt", "\n".join(lines) + "\n")


def test_the_page_names_the_example_where_it_stands():
    assert (ROOT / "course/deployment/box/app.py").is_file()
