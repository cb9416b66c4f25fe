"""Builds and runs what you hand in, through the grader: once per run, whatever many checks ask.

The folder that is built from is the one you have, as it looks at work: with .git, .env, a key, a
.venv and old data in it. The secrets in it, and the model, are new every time.
"""

import base64
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from make_wheels import DAYS, calendar_wheel

HERE = Path(__file__).resolve().parent
GIVEN = ("requirements.txt", "service/__init__.py", "service/app.py", "service/check.py")
GIVEN += ("service/forecast.py",)
NEWER_DAYS = ("2026-03-21", "2026-05-14", "2026-08-17", "2026-12-25")
"""The list of kopi-calendar 1.3.0: two days have moved."""
MOVED = ("2026-03-20", "2026-05-01")
"""Days on which the two versions give different numbers."""
USUAL = ("/tmp", "/var/tmp", "/var/log", "/run")
"""Folders that can be written where a check is not about writing."""
START_S = 20.0
MADE = []
"""The one `Shipped` of this run."""


def secret(rng):
    """Return a secret that stands nowhere else."""
    return "kopi-" + base64.b32encode(rng.bytes(20)).decode().lower()


def fresh_model(rng):
    """Return the model with other numbers and another name, so that no image can know it."""
    model = json.loads((HERE / "model/model.json").read_text("utf-8"))
    model["version"] = "m" + base64.b32encode(rng.bytes(10)).decode().lower()
    for outlet, mean in model["outlets"].items():
        model["outlets"][outlet] = round(mean * float(rng.uniform(0.7, 1.4)), 3)
    return model


def cups(model, outlet, day):
    """Return what the service must answer, computed on this side."""
    usual = model["outlets"][outlet] * model["weekdays"][day.weekday()]
    return round(usual * (model["holiday"] if day.isoformat() in DAYS else 1.0), 1)


class Shipped:
    """What you handed in, built and run."""

    def __init__(self, engine, rng):
        self.engine, self.rng = engine, rng
        self.model = fresh_model(rng)
        self.token = secret(rng)
        self.secrets = {
            name: secret(rng) for name in (".env", ".git/config", "keys/id_ed25519", "notebook")
        }
        self.files = self._folder()
        self._images = []
        self._service = None

    def _folder(self):
        files = {path: (HERE / path).read_bytes() for path in GIVEN}
        files["model/model.json"] = json.dumps(self.model, indent=1).encode()
        for version, days in (("1.2.0", DAYS), ("1.3.0", NEWER_DAYS)):
            name, content = calendar_wheel(version, days)
            files[f"wheels/{name}"] = content
        told = self.secrets
        remote = f"https://sari:{told['.git/config']}@git.kopi.example/forecast.git"
        files[".env"] = f"TILL_PASSWORD={told['.env']}\n".encode()
        files[".git/config"] = f'[remote "origin"]\n\turl = {remote}\n'.encode()
        files[".git/HEAD"] = b"ref: refs/heads/main\n"
        files["keys/id_ed25519"] = f"-----BEGIN KEY-----\n{told['keys/id_ed25519']}\n".encode()
        files["notebooks/explore.ipynb"] = json.dumps({"cells": [told["notebook"]]}).encode()
        files[".venv/lib/libbig.so"] = self.rng.bytes(1 << 20) * 24
        files["data/sales_2019.bin"] = self.rng.bytes(1 << 20) * 24
        return files

    def _build(self, changes):
        return self.engine.build(
            self.files | changes,
            hand_in=["Dockerfile", ".dockerignore"],
            arguments={"TILL_TOKEN": self.token},
            wheels="wheels",
        )

    @property
    def image(self):
        """The image."""
        if not self._images:
            self._images.append(self._build({}))
        return self._images[0]

    @property
    def next_image(self):
        """The image after somebody has changed one line of the code."""
        if len(self._images) == 1:
            code = self.files["service/app.py"] + b"\nCHANGED = True\n"
            self._images.append(self._build({"service/app.py": code}))
        return self._images[1]

    def start(self, *, environment=None, writable=USUAL):
        """Start a container, and wait until its /health answers."""
        container = self.image.run(environment=environment, writable=writable)
        return container, container.wait_for("/health", START_S)

    def service(self):
        """Return the container that most checks look at, and its first answer."""
        if self._service is None:
            self._service = self.start()
        return self._service

    def stop_service(self):
        """Stop that container with SIGTERM, and remove it."""
        container, _ = self.service()
        self._service = None
        ended = container.stop(5.0)
        container.remove()
        return ended

    def predicted(self, container, outlet, day):
        """Return (status, what the service predicts); None where it says no number."""
        answered = container.ask("GET", f"/predict?outlet={outlet}&day={day.isoformat()}")
        return answered.status, number_in(answered.body)

    def questions(self, count):
        """Return outlets and ordinary days, on which every version of the calendar agrees."""
        found = []
        while len(found) < count:
            day = date(2026, 1, 1) + timedelta(days=int(self.rng.integers(0, 365)))
            if day.isoformat() not in {*DAYS, *NEWER_DAYS}:
                found.append((str(self.rng.choice(sorted(self.model["outlets"]))), day))
        return found


def number_in(body):
    """Return the cups of an answer, or None."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    found = told.get("cups") if isinstance(told, dict) else None
    return float(found) if type(found) in {int, float} else None


@pytest.fixture
def shipped(engine, rng):
    """Return what was handed in, built and run once."""
    if not MADE:
        MADE.append(Shipped(engine, rng))
    return MADE[0]


@pytest.fixture
def linted(student):
    """Return what hadolint says about the Dockerfile, one line for each rule that it breaks."""
    done = student.run(["hadolint", "--no-color", "--ignore", "DL3059", "Dockerfile"], timeout_s=10.0)
    return done.stdout.splitlines()[:12]
