"""Makes .venv ready: a virtual environment, the locked requirements, and the grader itself.

    python3 scripts/setup.py labs|dev

`labs` is what running needs, `dev` what tests and linters need on top. Where everything is ready
already, this ends at once. Standard library only, and readable by old Pythons, so that they can be
told what is missing.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "ready.txt"
OLDEST = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")
LEVELS = ("labs", "dev")
TAIL = 20


def say(text: str) -> None:
    """Print a line at once, also into a pipe."""
    print(f"setup: {text}", flush=True)


def fail(text: str, log: list[str] | None = None) -> None:
    """Print why it cannot go on, with the last lines of what was tried, and end."""
    for line in (log or [])[-TAIL:]:
        print(f"  {line}", file=sys.stderr)
    print(f"setup: {text}", file=sys.stderr)
    sys.exit(1)


def find_python() -> str:
    """Return a Python that is new enough; this one, if it is."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for name in NEWER:
        found = shutil.which(name)
        if found:
            return found
    have = ".".join(str(part) for part in sys.version_info[:2])
    fail(
        f"Python 3.11 or later is needed, and this is {have}. Install a newer one, for example "
        "(Debian, Ubuntu) apt-get install python3.11 python3.11-venv."
    )
    return ""


def digest(level: str) -> str:
    """Return a number for all that the environment is made from."""
    whole = hashlib.sha256(str(VENV).encode())
    for name in ("requirements/build.txt", f"requirements/{level}.txt", "pyproject.toml"):
        whole.update((ROOT / name).read_bytes())
    return whole.hexdigest()


def ready(level: str) -> bool:
    """Say whether this level, or one that holds it, is there and up to date."""
    try:
        stamp = STAMP.read_text()
    except OSError:
        return False
    enough = LEVELS[LEVELS.index(level) :]
    return PYTHON.exists() and any(stamp == f"{each}:{digest(each)}\n" for each in enough)


def works(python: pathlib.Path) -> bool:
    """Say whether the environment starts; after an upgrade of the system it may not."""
    try:
        done = subprocess.run(
            [str(python), "-m", "pip", "--version"], capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def make_venv(python: str) -> None:
    """Make the virtual environment, or say which package of the system is missing."""
    probe = "import sys; print('%d.%d' % sys.version_info[:2]); import venv, ensurepip"
    found = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        fail(
            "this Python cannot make virtual environments. Debian, Ubuntu: as root, "
            f"apt-get install python{found.stdout.strip()}-venv; then the same command again."
        )
    done = subprocess.run(
        [python, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        fail("the virtual environment could not be made.", (done.stdout + done.stderr).splitlines())


def pip(what: str, *arguments: str) -> None:
    """Run pip and show how far it is; on failure show the last lines of what it said."""
    began = time.time()
    always = ("--disable-pip-version-check", "--no-input", "--progress-bar", "off")
    process = subprocess.Popen(
        [str(PYTHON), "-m", "pip", "install", *always, *arguments],
        cwd=str(ROOT),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    log: list[str] = []
    packages = 0
    for line in process.stdout or ():
        log.append(line.rstrip())
        if line.startswith("Collecting "):
            packages += 1
            show(f"setup: {what}: {packages} packages, {time.time() - began:.0f} s")
        elif line.startswith("Installing collected"):
            show(f"setup: {what}: {packages} packages fetched, now installing")
    show("")
    if process.wait() != 0:
        fail(
            f"{what} could not be installed; above is the end of what pip said. If it speaks of "
            "the network, see where pip looks: pip config list.",
            log,
        )
    say(f"{what}: done in {time.time() - began:.0f} s")


def show(line: str) -> None:
    """Keep one line up to date on a terminal; say nothing elsewhere."""
    if sys.stdout.isatty():
        print(f"\r\033[K{line}", end="", flush=True)


def main(level: str) -> None:
    """Do what is missing."""
    if ready(level):
        return
    began = time.time()
    # Taken first: a lock that changes while it is being installed is not what was installed.
    made_from = digest(level)
    if not works(PYTHON):
        say("1/3 virtual environment in .venv")
        make_venv(find_python())
    if STAMP.exists():
        STAMP.unlink()
    say(f"2/3 locked requirements (requirements/{level}.txt); about a minute")
    pip("requirements", "-r", "requirements/build.txt", "-r", f"requirements/{level}.txt")
    say("3/3 the grader itself")
    # Without isolation: the build's own requirement is installed above, from its lock.
    pip("grader", "--no-deps", "--no-build-isolation", "--editable", ".")
    STAMP.write_text(f"{level}:{made_from}\n")
    say(f"ready in {time.time() - began:.0f} s")


if __name__ == "__main__":
    if sys.argv[1:] not in ([LEVELS[0]], [LEVELS[1]]):
        fail("say which: python3 scripts/setup.py labs|dev")
    main(sys.argv[1])
