"""Runs a pipeline of five steps: each only when its inputs or its code have changed."""
# ruff: noqa: INP001

import hashlib
import inspect
import json
from collections.abc import Callable
from typing import Any

Cache = dict[str, Any]
"""Key of a step's work -> what it returned. A folder or a database in real life."""


# --8<-- [start:steps]
def collect(source: dict[str, list[int]]) -> list[int]:
    """Step 1: take the latest data, and refuse what cannot be."""
    rows = source["units"]
    if min(rows) < 0:
        raise ValueError("negative sales")
    return rows


def train(collect: list[int], window: int) -> dict[str, float]:
    """Step 2: the model is the mean of the last days."""
    recent = collect[-window:]
    return {"forecast": sum(recent) / len(recent)}


def validate(train: dict[str, float], collect: list[int], limit: float) -> str:
    """Step 3: refuse a model that is further than `limit` from the last day."""
    error = abs(train["forecast"] - collect[-1]) / collect[-1]
    if error > limit:
        raise ValueError(f"error {error:.0%} is above {limit:.0%}")
    return f"error {error:.0%}"


def stage(train: dict[str, float], validate: str, staging: str) -> str:
    """Step 4: only a validated model goes to staging."""
    if staging == "down":
        raise ConnectionError("staging does not answer")
    return f"{staging} forecasts {train['forecast']:.0f} ({validate})"


def release(stage: str) -> str:
    """Step 5: and only what was staged goes to production."""
    return stage.replace("staging", "production")


STEPS: list[Callable[..., Any]] = [collect, train, validate, stage, release]
# --8<-- [end:steps]


# --8<-- [start:run]
def digest(*things: Any) -> str:
    """Return a short hash of anything that can be written as JSON."""
    return hashlib.sha256(json.dumps(things, sort_keys=True).encode()).hexdigest()[:12]


def run(given: dict[str, Any], cache: Cache) -> str:
    """Run the steps in order, and say of each whether it ran or was reused."""
    values, told = dict(given), []
    for step in STEPS:
        inputs = {name: values[name] for name in inspect.signature(step).parameters}
        key = digest(step.__name__, inspect.getsource(step), inputs)
        told.append(f"{step.__name__}: {'reused' if key in cache else 'ran'}")
        if key not in cache:
            try:
                cache[key] = step(**inputs)
            except (ValueError, ConnectionError) as problem:
                return ", ".join([*told[:-1], f"{step.__name__}: RED, {problem}"])
        values[step.__name__] = cache[key]
    return ", ".join(told)


# --8<-- [end:run]
