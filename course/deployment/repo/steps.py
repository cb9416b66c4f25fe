"""The steps of the pipeline, one word each, as in `python3 steps.py lint`.

A step that fails says why on stderr and ends with 1; the pipeline goes red there.
"""
# ruff: noqa: INP001, T201

import ast
import csv
import hashlib
import json
import math
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import forecast
import serve

SALES = Path("data/sales.csv")
SPLIT = "2026-03-30"
T_ONE_SIDED_5_PERCENT = 1.703
"""Quantile 0.95 of Student's t with 27 degrees of freedom: 28 days are compared."""
SAMPLE = {"date": "2026-04-27", "outlet": "K01", "channel": "store"}


def fail(why: str) -> None:
    """End the step."""
    raise SystemExit(f"RED: {why}")


def lint() -> None:
    """Refuse code that swallows every error or imports what it does not use."""
    for path in sorted(Path().glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=path.name)
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and node.type is None:
                fail(f"{path}:{node.lineno}: a bare except hides every error")
            if isinstance(node, ast.Import):
                for name in node.names:
                    if (name.asname or name.name).split(".")[0] not in used:
                        fail(f"{path}:{node.lineno}: {name.name} is imported and not used")
    print("lint: fine")


def test() -> None:
    """Run the unit tests."""
    done = subprocess.run([sys.executable, "-m", "unittest", "-q"], check=False)
    if done.returncode:
        fail("a unit test fails")


def data() -> None:
    """Refuse a file that does not look like sales."""
    with SALES.open(newline="", encoding="utf-8") as file:
        header = next(csv.reader(file), [])
    if header != ["date", "outlet", "channel", "units"]:
        fail(f"the columns are {', '.join(header)}")
    rows = forecast.read(SALES)
    bad = [row for row in rows if not row["units"].isdigit() or int(row["units"]) == 0]
    if len(bad) > len(rows) * 0.01:
        fail(f"{len(bad)} of {len(rows)} rows have no proper units")
    print(f"data: {len(rows)} rows are fine")


# --8<-- [start:train]
def store() -> Path:
    """Return the folder that plays the registry: it must outlive a job."""
    return Path(os.environ.get("STORE") or "store")


def training_rows() -> list[forecast.Row]:
    """Return the rows of the days before the split."""
    return [row for row in forecast.read(SALES) if row["date"] < SPLIT]


def train() -> None:
    """Train on the days before the split; keep the model by its digest."""
    model = forecast.train(training_rows())
    content = json.dumps(model, sort_keys=True).encode()
    digest = hashlib.sha256(content).hexdigest()
    store().mkdir(parents=True, exist_ok=True)
    (store() / digest).write_bytes(content)
    print(f"digest={digest}")


def fetch(digest: str) -> dict[str, Any]:
    """Return the model with this digest, and nothing else."""
    content = (store() / digest).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        fail("the stored model is not the one that was trained")
    return dict(json.loads(content))


# --8<-- [end:train]


# --8<-- [start:validate]
def validate(digest: str) -> None:
    """Let a candidate pass that beats the champion on days that neither saw."""
    candidate = fetch(digest)
    champion = json.loads(Path("champion.json").read_text(encoding="utf-8"))
    rows = [row for row in forecast.read(SALES) if row["date"] >= SPLIT]
    if candidate["seen_until"] >= SPLIT:
        fail(f"a leak: it has seen days until {candidate['seen_until']}")
    ours = forecast.errors_by_day(candidate, rows)
    theirs = forecast.errors_by_day(champion, rows)
    gains = [theirs[day] - ours[day] for day in sorted(ours)]
    spread = statistics.stdev(gains) / math.sqrt(len(gains))
    sure = statistics.mean(gains) - T_ONE_SIDED_5_PERCENT * spread
    new, old = forecast.wape(candidate, rows), forecast.wape(champion, rows)
    told = f"WAPE {new:.3f} against {old:.3f}"
    if sure <= 0:
        fail(f"not surely better than the champion: {told}")
    print(f"validate: {told}, at least {sure:.1f} units a day better")


# --8<-- [end:validate]


def stage(digest: str) -> None:
    """Put the model where staging looks for it."""
    fetch(digest)
    (store() / "staging").write_text(digest, encoding="utf-8")
    print(f"staging has {digest[:12]}")


def smoke(digest: str) -> None:
    """Ask staging one question, and compare with what the model answered in training."""
    staged = (store() / "staging").read_text(encoding="utf-8")
    answered = serve.answer(fetch(staged), SAMPLE)["units"]
    expected = forecast.predict(fetch(digest), SAMPLE)
    if abs(answered - expected) > 1:
        fail(f"staging answers {answered}, the trained model {expected:.1f}")
    print(f"smoke: staging answers {answered}")


def release(digest: str) -> None:
    """Put into production the very model that staging has."""
    if (store() / "staging").read_text(encoding="utf-8") != digest:
        fail("this is not the model that was tested in staging")
    (store() / "production").write_text(digest, encoding="utf-8")
    print(f"production has {digest[:12]}")


# --8<-- [start:accuracy]
def accuracy() -> None:
    """Train, measure, and release above 80 %: the naive pipeline's only question."""
    rows = forecast.read(SALES)
    model = forecast.train(training_rows())
    share = 1 - forecast.wape(model, [row for row in rows if row["date"] >= SPLIT])
    print(f"accuracy: {share:.0%}")
    if share < 0.8:  # noqa: PLR2004 - a number somebody once wrote down
        fail("below 80 %")
    train_again = forecast.train(training_rows())
    store().mkdir(parents=True, exist_ok=True)
    (store() / "production").write_text(json.dumps(train_again), encoding="utf-8")


# --8<-- [end:accuracy]

STEPS = {
    step.__name__: step
    for step in (lint, test, data, train, validate, stage, smoke, release, accuracy)
}

if __name__ == "__main__":
    STEPS[sys.argv[1]](*sys.argv[2:])
