"""What stands for the cloud in this lab: a folder with an artifact store, two places to deploy to,
and a journal of what happened.

`KOPI_CLOUD` says where the folder is. Other scripts use this one; a workflow does not call it.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

CLOUD = Path(os.environ.get("KOPI_CLOUD") or ".cloud")
PLACES = ("staging", "production")


def fingerprint(text):
    """Return the beginning of the SHA-256 of a text: enough to recognise a token, not to use it."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def tokens_seen():
    """Return the places whose token some environment variable of this process holds."""
    known = json.loads((CLOUD / "tokens.json").read_text()) if (CLOUD / "tokens.json").exists() else {}
    held = {fingerprint(value) for value in os.environ.values()}
    return sorted(place for place, print_of in known.items() if print_of in held)


def note(step, **facts):
    """Write one line into the journal."""
    CLOUD.mkdir(parents=True, exist_ok=True)
    whose = {"stranger": Path(".stranger").exists()}  # rehearse.py marks the code of a fork
    line = json.dumps({"step": step, **facts, **whose, "tokens": tokens_seen()})
    with (CLOUD / "journal.jsonl").open("a", encoding="utf-8") as journal:
        journal.write(line + "\n")


def end(step, problems, **facts):
    """Note how a step ended, say what is wrong, and leave with 0 or 1."""
    note(step, ok=not problems, **facts)
    for problem in problems:
        print(f"{step}: {problem}", file=sys.stderr)
    sys.exit(1 if problems else 0)


def store(artifact):
    """Put an artifact into the store, and return its digest. What is stored never changes."""
    text = json.dumps(artifact, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    (CLOUD / "artifacts").mkdir(parents=True, exist_ok=True)
    (CLOUD / "artifacts" / f"{digest}.json").write_text(text)
    return digest


def fetch(digest):
    """Return the artifact with that digest; None when there is none, or when it was changed."""
    path = CLOUD / "artifacts" / f"{digest}.json"
    if not digest.isalnum() or not path.is_file():
        return None
    text = path.read_text()
    return json.loads(text) if hashlib.sha256(text.encode()).hexdigest() == digest else None


def argument(number, what):
    """Return an argument of the script; leave with 2 and a sentence when it is missing or empty."""
    if len(sys.argv) <= number or not sys.argv[number]:
        print(f"{Path(sys.argv[0]).name}: {what} is missing", file=sys.stderr)
        sys.exit(2)
    return sys.argv[number]
