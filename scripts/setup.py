"""Makes .venv ready: a virtual environment, the locked requirements, and the grader itself.

    python3 scripts/setup.py labs|dev

`labs` is what running needs, `dev` what tests and linters need on top. Where everything is ready
already, this ends at once. Standard library only, and readable by old Pythons, so that they can be
told what is missing.
"""

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


def say(text):
    """Print a line at once, also into a pipe."""
    print("setup: " + text, flush=True)


def fail(text, log=()):
    """Print why it cannot go on, with the last lines of what was tried, and end."""
    for line in list(log)[-20:]:
        print("  " + line, file=sys.stderr)
    print("setup: " + text, file=sys.stderr)
    sys.exit(1)


def find_python():
    """Return a Python that is new enough; this one, if it is."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for name in NEWER:
        found = shutil.which(name)
        if found:
            return found
    have = "%d.%d" % sys.version_info[:2]
    fail(
        "Python 3.11 or later is needed, and python3 is %s. Install a newer one "
        "(Debian, Ubuntu: apt-get install python3.11 python3.11-venv)." % have
    )
    return ""


def digest(level):
    """Return a number for all that the environment is made from."""
    whole = hashlib.sha256(str(VENV).encode())
    for name in ("requirements/build.txt", "requirements/%s.txt" % level, "pyproject.toml"):
        whole.update((ROOT / name).read_bytes())
    return whole.hexdigest()


def ready(level):
    """Say whether this level, or one that holds it, is there and up to date."""
    try:
        stamped = STAMP.read_text().split()
    except OSError:
        return False
    enough = LEVELS[LEVELS.index(level) :]
    return PYTHON.exists() and any("%s:%s" % (each, digest(each)) in stamped for each in enough)


def works(python):
    """Say whether the Python of the environment starts; after an upgrade of the system it may not."""
    try:
        return (
            subprocess.call([str(python), "-m", "pip", "--version"], stdout=subprocess.DEVNULL) == 0
        )
    except OSError:
        return False


def make_venv(python):
    """Make the virtual environment, or say which package of the system is missing."""
    probe = "import venv, ensurepip"
    if subprocess.call([python, "-c", probe], stderr=subprocess.DEVNULL) != 0:
        version = subprocess.check_output(
            [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], text=True
        ).strip()
        fail(
            "this Python cannot make virtual environments. Debian, Ubuntu: "
            "apt-get install python%s-venv (as root), then the same command again." % version
        )
    done = subprocess.run(
        [python, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        fail("the virtual environment could not be made.", (done.stdout + done.stderr).splitlines())


def pip(what, *arguments):
    """Run pip and show how far it is; on failure show the last lines of what it said."""
    began = time.time()
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input",
               "--progress-bar", "off", *arguments]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=str(ROOT), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    log, packages = [], 0
    for line in process.stdout or ():
        log.append(line.rstrip())
        if line.startswith("Collecting "):
            packages += 1
            show("setup: %s: %d packages, %.0f s" % (what, packages, time.time() - began))
        elif line.startswith("Installing collected"):
            show("setup: %s: %d packages fetched, now installing" % (what, packages))
    show("")
    if process.wait() != 0:
        fail(
            "%s could not be installed; the lines above are the end of what pip said. If they speak "
            "of the network, pip's settings (pip config list) say where it looks." % what, log
        )  # fmt: skip
    say("%s: done in %.0f s" % (what, time.time() - began))


def show(line):
    """Keep one line up to date on a terminal; say nothing elsewhere."""
    if sys.stdout.isatty():
        print("\r\033[K" + line, end="", flush=True)


def main(level):
    """Do what is missing."""
    if ready(level):
        return
    began = time.time()
    python = find_python()
    if not works(PYTHON):
        say("1/3 virtual environment in .venv")
        make_venv(python)
    STAMP.unlink() if STAMP.exists() else None
    say("2/3 locked requirements (requirements/%s.txt); about a minute" % level)
    pip("requirements", "-r", "requirements/build.txt", "-r", "requirements/%s.txt" % level)
    say("3/3 the grader itself")
    # Without isolation: the build's own requirement is installed above, from the same lock.
    pip("grader", "--no-deps", "--no-build-isolation", "--editable", ".")
    STAMP.write_text("%s:%s\n" % (level, digest(level)))
    say("ready in %.0f s" % (time.time() - began))


if __name__ == "__main__":
    if sys.argv[1:] not in (["labs"], ["dev"]):
        fail("say which: python3 scripts/setup.py labs|dev")
    main(sys.argv[1])
