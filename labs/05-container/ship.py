"""Try your Dockerfile with Docker: build it, run it as the grader does, ask it, stop it.

    python ship.py            build and try everything
    python ship.py --keep     the same, and leave the image for you to look at (forecast:ship)

It needs the command `docker` and an engine, and the wheels: `python make_wheels.py` fills wheels/.
The grader does the same and more, and believes only what it sees itself.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
IMAGE = "forecast:ship"
TOKEN = "not-a-real-token"
ASK = (
    "import sys, urllib.request, urllib.error\n"
    "try: said = urllib.request.urlopen('http://127.0.0.1:8000' + sys.argv[1], timeout=3)\n"
    "except urllib.error.HTTPError as error: said = error\n"
    "print(said.status, said.read().decode())\n"
)
FENCES = "--network none --read-only --cap-drop ALL --memory 256m --pids-limit 64"
WRITABLE = ("/tmp", "/var/tmp", "/var/log", "/run")


def docker(*words: str, seconds: float = 300.0) -> subprocess.CompletedProcess[str]:
    """Run a docker command, and return what it said."""
    return subprocess.run(
        ["docker", *words], cwd=HERE, capture_output=True, text=True, timeout=seconds, check=False
    )


def say(good: bool, text: str) -> bool:
    """Print one line: whether something is as it should be, and what was seen."""
    print(f"  {'ok' if good else 'NO'}  {text}")
    return good


def build() -> bool:
    """Build the image, as the grader does: without a network."""
    began = time.monotonic()
    words = ["build", "--network", "none", "--build-arg", f"TILL_TOKEN={TOKEN}", "-t", IMAGE, "."]
    done = docker(*words, seconds=900)
    print("\n".join((done.stdout + done.stderr).strip().splitlines()[-6:]))
    return say(done.returncode == 0, f"the image builds ({time.monotonic() - began:.0f} s)")


def look() -> None:
    """Look at the image without running it."""
    found = json.loads(docker("image", "inspect", IMAGE).stdout)[0]
    user = found["Config"].get("User") or "root"
    say(user.partition(":")[0] not in {"root", "0"}, f"the image's user is {user}")
    health = (found["Config"].get("Healthcheck") or {}).get("Test")
    say(bool(health), f"its health check is {health}")
    history = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", IMAGE).stdout
    say(TOKEN not in history, "its history does not hold the token")
    print(f"      its size is {found['Size'] / 1e6:.0f} MB, base included")


def ask(box: str, path: str) -> str:
    """Ask the service from inside of its container, which has no network."""
    return docker("exec", box, "python3", "-c", ASK, path).stdout.strip()


def run(*more: str, writable: tuple[str, ...] = WRITABLE) -> str:
    """Start a container with the grader's fences, and return its id once it answers."""
    folders = [word for folder in writable for word in ("--tmpfs", folder)]
    started = docker("run", "--detach", *FENCES.split(), *folders, *more, IMAGE)
    box = started.stdout.strip()
    if started.returncode:
        print(started.stderr.strip())
        return ""
    for _ in range(40):
        if ask(box, "/health") or docker("top", box).returncode:
            break
        time.sleep(0.25)
    return box


def try_out() -> None:
    """Run the image, ask it, stop it."""
    box = run()
    if not box:
        say(False, "the container starts")
        return
    first = ask(box, "/health")
    say(first.startswith("200"), f"/health answers {first or 'nothing'}")
    told = ask(box, "/predict?outlet=K01&day=2026-06-09")
    say(told.startswith("200"), f"/predict answers {told or 'nothing'}")
    written = docker("logs", box)
    say("/health" in written.stdout + written.stderr, "its log can be read from outside")
    began = time.monotonic()
    docker("stop", "--time", "8", box)
    took = time.monotonic() - began
    code = docker("inspect", "--format", "{{.State.ExitCode}}", box).stdout.strip()
    say(took < 5 and code in {"0", "143"}, f"it stops in {took:.1f} s with exit code {code}")
    docker("rm", "--force", box)


def without_a_model() -> None:
    """Run the image without a model: alive, and not ready."""
    box = run("--env", "KOPI_MODEL=/nowhere/model.json")
    if box:
        alive, ready = ask(box, "/health"), ask(box, "/ready")
        good = alive.startswith("200") and ready.startswith("503")
        say(good, f"without a model: /health answers {alive}, /ready answers {ready}")
        docker("rm", "--force", box)


def on_a_closed_disk() -> None:
    """Run the image where only /tmp can be written."""
    box = run(writable=("/tmp",))
    if box:
        told = ask(box, "/health")
        say(told.startswith("200"), f"with /tmp alone to write: /health answers {told or 'nothing'}")
        docker("rm", "--force", box)


def main() -> int:
    """Do it all."""
    parser = argparse.ArgumentParser(description="Build your Dockerfile, run it, ask it, stop it.")
    parser.add_argument("--keep", action="store_true", help=f"leave the image as {IMAGE}")
    keep = parser.parse_args().keep
    if shutil.which("docker") is None or docker("version").returncode:
        print("No container engine answers here. Read your Dockerfile with the chapter, hand it in,")
        print("and let the course build it; or bring Docker to this machine.")
        return 1
    if not list((HERE / "wheels").glob("fastapi-*.whl")):
        print("The folder wheels/ is empty. First: python make_wheels.py")
        return 1
    if not build():
        return 1
    look()
    try_out()
    without_a_model()
    on_a_closed_disk()
    if not keep:
        docker("image", "rm", "--force", IMAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
