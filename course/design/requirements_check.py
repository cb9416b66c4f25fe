"""The worked example of *Requirements*: a file of requirements, and a program that reads it."""
# Read by students: short questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, D401, INP001, PLR2004, S311

import math
import random
import re
import tomllib
from pathlib import Path

# --8<-- [start:check]
QUESTIONS = (
    *("end users", "speed", "accuracy", "transparency"),
    *("compliance", "budget", "team"),
)
NEEDED = ("measure", "limit", "unit", "better", "proof", "owner")
VAGUE = r"\b(fast|easy|good|robust|user-friendly|as \w+ as possible)\b"


def complaints(requirements):
    """What cannot be judged in a list of requirements, a sentence for each."""
    said = []
    for item in requirements:
        name = item["question"]
        missing = [key for key in NEEDED if key not in item]
        if missing:
            said.append(f"{name}: no {', '.join(missing)}")
        vague = re.search(VAGUE, item["says"], re.IGNORECASE)
        if vague:
            said.append(f"{name}: what is {vague[0]!r} in numbers?")
        if name == "accuracy" and "baseline" not in item:
            said.append(f"{name}: compared with what?")
    asked = {item["question"] for item in requirements}
    said += [f"{name}: not asked" for name in QUESTIONS if name not in asked]
    return said


# --8<-- [end:check]


def read(name):
    """The requirements of a file beside this one."""
    path = Path(__file__).with_name(f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))["requirement"]


# --8<-- [start:floor]
def poisson(count, mean):
    """The probability of exactly `count` sales when `mean` are expected."""
    return math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))


def best_wape(mean):
    """The WAPE of somebody who knows the true mean, if customers come independently.

    The best single number is the median; the error left is chance alone.
    """
    counts = range(int(mean + 12 * math.sqrt(mean) + 20))
    total, median = 0.0, 0
    for median in counts:
        total += poisson(median, mean)
        if total >= 0.5:
            break
    return sum(poisson(count, mean) * abs(count - median) for count in counts) / mean


# --8<-- [end:floor]


# --8<-- [start:speed]
def answers(count=1000, seed=5):
    """Invented answer times in milliseconds: most fast, a few very slow."""
    chance = random.Random(seed)
    return sorted(math.exp(chance.gauss(math.log(140), 0.7)) for _ in range(count))


def percentile(ranked, share):
    """The smallest value that this share of the ranked values do not exceed."""
    return ranked[math.ceil(share * len(ranked)) - 1]


# --8<-- [end:speed]
