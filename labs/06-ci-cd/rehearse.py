"""Rehearse the pipeline: run .github/workflows/ml.yml here with `act`, in a cloud that is a folder.

    python rehearse.py main                 somebody pushes to main
    python rehearse.py develop              somebody pushes to another branch
    python rehearse.py pull                 a pull request from a branch of this repository
    python rehearse.py fork                 a pull request from somebody else's copy
    python rehearse.py main --break unit    the same with something broken: lint, unit, data, leak,
                                            model, scaler or staging

Your files are copied first; nothing here is changed. The grader runs your workflow in the same way.
"""

import argparse
import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

WORKFLOW = ".github/workflows/ml.yml"
PARTS = ("ci", "data", "forecast", "unit")
TOOLS = Path(sys.executable).parent
SECONDS = 45

CHECKOUT = """
name: checkout
inputs:
  ref: {default: ""}
  repository: {default: ""}
  persist-credentials: {default: ""}
  fetch-depth: {default: ""}
runs:
  using: composite
  steps:
    - shell: bash
      env: {ASKED: "${{ inputs.ref }}${{ inputs.repository }}"}
      run: if [ -n "$ASKED" ]; then cp -R "$KOPI_CODE/head/." .; else cp -R "$KOPI_CODE/here/." .; fi
"""
"""What stands for actions/checkout: it copies the code that the event is about. As on GitHub, that of
`pull_request_target` is the code of this repository, and with `ref` that of the pull request."""

NOTHING = """
name: nothing
runs: {using: composite, steps: [{shell: bash, run: "true"}]}
"""
"""What stands for actions/setup-python: Python is there already."""


def payload(kind, branch, title="Better forecasts"):
    """Return the event that GitHub would send: for a push, or for a pull request."""
    ours = "kopi-lestari/forecast"
    if kind == "push":
        return {"ref": branch, "head_commit": {"message": title}, "repository": {"full_name": ours}}
    source = "somebody/forecast" if kind == "fork" else ours
    head = {"ref": branch, "sha": "1" * 40, "repo": {"full_name": source, "fork": kind == "fork"}}
    base = {"ref": "main", "sha": "2" * 40, "repo": {"full_name": ours, "fork": False}}
    request = {"number": 7, "title": title, "head": head, "base": base, "body": title}
    return {"action": "opened", "number": 7, "pull_request": request, "repository": {"full_name": ours}}


def runs_of(kind):
    """Return what GitHub starts for an event: (name of the event, whether secrets are given).

    A pull request from a fork gets no secrets; but `pull_request_target` always gets them.
    """
    if kind == "push":
        return [("push", True)]
    return [("pull_request", kind == "pull"), ("pull_request_target", True)]


def stand_ins(folder):
    """Return act's arguments for the actions that the workflow uses: folders instead of a network."""
    words = []
    used = re.findall(
        r"uses:[\s\"']*(actions/(checkout|setup-python)@[^\s\"'}]+)",
        (folder / "repo" / WORKFLOW).read_text(encoding="utf-8", errors="replace"),
    )
    for spelled, name in sorted(set(used)):
        place = folder / "actions" / name
        place.mkdir(parents=True, exist_ok=True)
        (place / "action.yml").write_text(CHECKOUT if name == "checkout" else NOTHING)
        words += ["--local-repository", f"{spelled}={place}"]
    return words


def act(folder, event, given, tokens):
    """Run the workflow for one event; return the exit code (None: too slow) and the last lines."""
    words = [str(TOOLS / "act"), event, "-P", "ubuntu-latest=-self-hosted", "--no-cache-server"]
    words += ["--artifact-server-addr", "127.0.0.1", "-C", "repo", "-e", str(folder / "event.json")]
    words += stand_ins(folder)
    for place, token in tokens.items() if given else ():
        words += ["-s", f"{place.upper()}_TOKEN={token}"]
    around = {
        "PATH": os.pathsep.join([str(TOOLS), "/usr/local/bin", "/usr/bin", "/bin"]),
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "home"),
        "KOPI_CLOUD": str(folder / "cloud"),
        "KOPI_CODE": str(folder / "code"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
    }
    process = subprocess.Popen(
        words,
        cwd=folder,
        env=around,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    kept = bytearray()
    reader = threading.Thread(target=keep_end, args=(process.stdout, kept), daemon=True)
    reader.start()
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        return None, f"the pipeline did not end within {SECONDS} seconds"
    reader.join(2)
    said = bytes(kept).decode("utf-8", "replace")
    if "Could not find any stages to run" in said:
        return 0, ""  # no job is meant for this event
    noise = ("git repository", "git revision", "level=info")
    lines = [line for line in said.splitlines() if not any(word in line for word in noise)]
    return process.returncode, "\n".join(lines[-30:])[-3000:]


def keep_end(stream, kept, most=65_536):
    """Read a stream to its end, and keep the last bytes of it."""
    while chunk := stream.read1(most):
        kept += chunk
        del kept[:-most]


def rehearse(folder, case):
    """Carry out one case in an empty folder, and return what happened.

    `case` has `kind` (push, pull or fork), `branch`, `title`, `files` (path -> text, the whole
    repository), `base` (the same without the change, for a pull request) and `broken` (True:
    staging does not answer).
    """
    lay_out(folder / "repo", case["files"])
    lay_out(folder / "code" / "head", case["files"])
    if case["kind"] == "fork":
        (folder / "code" / "head" / ".stranger").touch()
    cloud = folder / "cloud"
    cloud.mkdir()
    (folder / "home").mkdir()
    tokens = {place: secrets.token_hex(12) for place in ("staging", "production")}
    prints = {place: hashlib.sha256(token.encode()).hexdigest()[:12] for place, token in tokens.items()}
    (cloud / "tokens.json").write_text(json.dumps(prints))
    if case["broken"]:
        (cloud / "staging.broken").touch()
    event = payload(case["kind"], case["branch"], case["title"])
    (folder / "event.json").write_text(json.dumps(event))
    codes, said = [], []
    for name, given in runs_of(case["kind"]):
        known = len(journal_of(cloud))
        at_home = name == "pull_request_target"
        shutil.rmtree(folder / "code" / "here", ignore_errors=True)
        if at_home:
            lay_out(folder / "code" / "here", case.get("base") or case["files"])
        else:
            shutil.copytree(folder / "code" / "head", folder / "code" / "here")
        code, lines = act(folder, name, given, tokens)
        codes.append(code)
        said.append(lines)
        if at_home and any(line.get("stranger") for line in journal_of(cloud)[known:]):
            said.append("pull_request_target ran the code of a stranger, with your secrets")
            (cloud / "target").touch()
    return {
        "green": all(code == 0 for code in codes),
        "slow": None in codes,
        "journal": journal_of(cloud),
        "staging": digest_in(cloud / "staging.json"),
        "production": digest_in(cloud / "production.json"),
        "target": (cloud / "target").exists(),
        "injected": (cloud / "injected").exists(),
        "said": "\n".join(said)[-3000:],
    }


def lay_out(folder, files):
    """Write files below a folder."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def journal_of(cloud):
    """Return the lines of the journal."""
    path = cloud / "journal.jsonl"
    lines = path.read_text(errors="replace").splitlines()[:200] if path.exists() else []
    found = []
    for line in lines:
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found


def digest_in(path):
    """Return the digest of what is deployed to a place, or an empty text."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads(path.read_text())["digest"])
    return ""


def broken(files, what):
    """Return the files with something broken, as a pull request might break it."""
    edits = {
        "lint": ("forecast/report.py", '"""A line', 'import os\n"""A line'),
        "unit": ("forecast/model.py", ">= 5", "> 5"),
        "data": ("data/train.csv", "units", "unit"),
        "scaler": ("forecast/package.py", '("means", "scaler")', '("means",)'),
    }
    changed = dict(files)
    if what in edits:
        path, old, new = edits[what]
        changed[path] = changed[path].replace(old, new, 1)
    if what == "model":
        rows = changed["data/train.csv"].splitlines(True)
        changed["data/train.csv"] = "".join(row for row in rows if ",K01," in row or row is rows[0])
    if what == "leak":
        changed["data/train.csv"] += "".join(changed["data/holdout.csv"].splitlines(True)[1:40])
    return changed


def tell(seen):
    """Print what happened, one line for each step that a script of ci/ carried out."""
    for line in seen["journal"]:
        facts = [str(line[name])[:12] for name in ("place", "digest") if line.get(name)]
        if line["tokens"]:
            facts.append(f"  (sees the token of {', '.join(line['tokens'])})")
        print("  " + " ".join(["ok " if line.get("ok") else "NO ", line["step"], *facts]))
    print(f"  the pipeline is {'green' if seen['green'] else 'RED'}")
    for place in ("staging", "production"):
        print(f"  {place}: {seen[place][:12] or 'nothing new'}")
    if not seen["green"] and seen["said"]:
        print("  last words of the run:\n    " + seen["said"][-900:].replace("\n", "\n    "))


def main():
    """Rehearse one event with the files of this folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["main", "develop", "pull", "fork"])
    parser.add_argument("--break", dest="fault", default="", help="what to break first")
    asked = parser.parse_args()
    paths = [path for part in PARTS for path in sorted(Path(part).rglob("*")) if path.is_file()]
    files = {path.as_posix(): path.read_text("utf-8") for path in paths if path.suffix != ".pyc"}
    files[WORKFLOW] = Path(WORKFLOW).read_text("utf-8")
    kind = asked.what if asked.what in ("pull", "fork") else "push"
    branch = f"refs/heads/{asked.what}" if kind == "push" else "better-forecasts"
    case = {"kind": kind, "branch": branch, "title": "Better forecasts", "broken": asked.fault == "staging"}
    folder = Path(tempfile.mkdtemp())
    try:
        tell(rehearse(folder, case | {"files": broken(files, asked.fault), "base": files}))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
