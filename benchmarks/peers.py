"""What other graders take for the light assignment: each in an environment of its own.

`.peers/NAME` is made at the first use (pinned below); what cannot be installed is skipped, and the
reason is told. Peers run as their own documentation says for one machine without containers, which
is their quickest way: nobody's isolation is counted against them.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchmarks import light
from benchmarks.measure import Samples

ROOT: Final = pathlib.Path(__file__).resolve().parent.parent
HOME: Final = ROOT / ".peers"
PINS: Final = {
    "nbgrader": ("nbgrader==0.9.6",),
    # It runs notebooks, but does not bring the kernel that runs them.
    "otter-grader": ("otter-grader==7.0.0", "ipykernel==7.4.0"),
}
INSTALL_S: Final = 600
RUN_S: Final = 600


class PeerError(Exception):
    """A peer could not be installed, or did not grade: it is left out, with this reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another grader in its own environment."""

    name: str
    """Name of its package."""
    home: pathlib.Path
    """Its virtual environment."""

    def run(self, *command: str, cwd: pathlib.Path) -> str:
        """Run one of its programs; return what it printed. Raises PeerError."""
        path = f"{self.home / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [str(self.home / "bin" / command[0]), *command[1:]],
            cwd=cwd,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=RUN_S,
            check=False,
        )
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip() or "no word").splitlines()[-1]
            raise PeerError(f"{' '.join(command[:2])} ended with {done.returncode}: {last[:200]}")
        return done.stdout


def installed(name: str) -> Peer:
    """Return a peer whose pinned version is there, installing it first. Raises PeerError."""
    home = HOME / name
    mark = home / "pins.txt"
    pins = PINS[name]
    if not mark.is_file() or mark.read_text() != "\n".join(pins):
        shutil.rmtree(home, ignore_errors=True)
        for command in (
            [sys.executable, "-m", "venv", str(home)],
            [str(home / "bin" / "pip"), "install", "-q", "--disable-pip-version-check", *pins],
        ):
            _install_step(command, name)
        mark.write_text("\n".join(pins))
    return Peer(name=name, home=home)


def _install_step(command: list[str], name: str) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=INSTALL_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise PeerError(f"{name} was not installed within {INSTALL_S} s") from error
    if done.returncode:
        last = (done.stderr.strip() or "no word").splitlines()[-1]
        raise PeerError(f"{name} cannot be installed here: {last[:200]}")


def nbgrader(hand_ins: int) -> Samples:
    """Return what `nbgrader autograde` takes for each of so many notebooks, in one command."""
    peer = installed("nbgrader")
    with tempfile.TemporaryDirectory() as scratch:
        course = pathlib.Path(scratch)
        source = course / "source" / "light"
        source.mkdir(parents=True)
        (source / "light.ipynb").write_text(light.nbgrader_source())
        peer.run("nbgrader", "generate_assignment", "light", "--create", cwd=course)
        for number in range(hand_ins):
            place = course / "submitted" / f"s{number:04}" / "light"
            place.mkdir(parents=True)
            shutil.copy(source / "light.ipynb", place)
        began = time.perf_counter()
        peer.run("nbgrader", "autograde", "light", cwd=course)
        each = (time.perf_counter() - began) / hand_ins
        peer.run("nbgrader", "export", "--to", "grades.csv", cwd=course)
        _demand_full_marks_of_nbgrader((course / "grades.csv").read_text(), hand_ins)
    return Samples([each])


def _demand_full_marks_of_nbgrader(table: str, hand_ins: int) -> None:
    header, *rows = (line.split(",") for line in table.splitlines())
    score, most = header.index("score"), header.index("max_score")
    full = sum(float(row[score]) == float(row[most]) > 0 for row in rows)
    if full != hand_ins:
        raise PeerError(f"nbgrader gave full marks to {full} of {hand_ins} right notebooks")


def otter(hand_ins: int) -> Samples:
    """Return what `otter run` takes for a right notebook, each time anew."""
    peer = installed("otter-grader")
    samples = Samples()
    with tempfile.TemporaryDirectory() as scratch:
        place = pathlib.Path(scratch)
        (place / "light.ipynb").write_text(light.otter_source())
        peer.run("otter", "assign", "light.ipynb", "dist", "--no-run-tests", cwd=place)
        made = place / "dist" / "autograder"
        (archive,) = made.glob("*.zip")
        for number in range(hand_ins):
            out = place / f"out{number}"
            out.mkdir()
            command = ["run", str(made / "light.ipynb"), "-a", str(archive), "-o", str(out)]
            began = time.perf_counter()
            peer.run("otter", *command, "--no-logo", cwd=place)
            samples.values.append(time.perf_counter() - began)
            told = json.loads((out / "results.json").read_text())["tests"]
            earned = sum(one.get("score") or 0 for one in told)
            if earned != light.POINTS * len(light.TASKS):
                raise PeerError(f"otter gave {earned} points to a right notebook")
    return samples


PEERS: Final[dict[str, Callable[[int], Samples]]] = {"nbgrader": nbgrader, "otter-grader": otter}
