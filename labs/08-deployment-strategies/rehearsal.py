"""Given: Kopi Lestari's Monday, two versions of the service, and a small world to rehearse in.

`python rollout.py` uses it. Nothing here is graded, and you need not hand it in; read it, and change
it if you want to try another candidate.
"""

import csv
import random
from pathlib import Path

from rollout import (
    CHANNELS, METRICS, BasicDeployment, CanaryDeployment, Controller, ShadowDeployment, no_tally,
)  # fmt: skip

DATA = Path(__file__).parent / "data"
SPLIT = [0.45, 0.30, 0.25]
HEALTHY = {"errors": 0.005, "slow": 0.022, "misses": 0.145}
REQUESTS = 600


def monday():
    """Return Monday's requests, in order."""
    with open(DATA / "monday.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{**row, "id": int(row["id"])} for row in rows]


def champion(request):
    """Answer as last week's version does."""
    level = {"store": 100.0, "app": 49.0, "delivery": 36.0}[request["channel"]]
    place = int(request["outlet"][1:])
    return {"units": round(level * (0.8 + 0.05 * place), 1), "latency_ms": 110.0 + place}


def candidate(request):
    """Answer as the new version does: 4 % higher, and lost in Jayapura's deliveries."""
    latency = {"K08": 900.0}.get(request["outlet"], 130.0)
    if request["channel"] == "delivery" and request["outlet"] in {"K07", "K08"}:
        raise KeyError(f"no delivery zone for {request['outlet']}")
    return {"units": round(1.04 * champion(request)["units"], 1), "latency_ms": latency}


def count_failures(deployment, requests):
    """Return how many users got no answer, and how many waited more than 400 ms."""
    failed = slow = 0
    for request in requests:
        try:
            slow += deployment.handle(request)["latency_ms"] > 400
        except NotImplementedError:
            raise
        except Exception:
            failed += 1
    return failed, slow


def replay():
    """Send Monday's requests through three deployments, and say what users noticed."""
    requests = monday()
    say("basic: the candidate for all", *count_failures(BasicDeployment(candidate), requests))
    try:
        shadow = ShadowDeployment(champion, candidate)
        say("shadow: the candidate for nobody", *count_failures(shadow, requests))
        shadow.drain()
        print("    its records:", shadow.report())
        canary = CanaryDeployment(champion, candidate, salt="monday")
        canary.widen(0.05)
        say("canary: the candidate for 5 %", *count_failures(canary, requests))
    except NotImplementedError as gap:
        print(f"    not yet: {gap}")


def say(what, failed, slow):
    """Print a line."""
    print(f"{what:34} {failed:3} failed, {slow:3} slow, of 600")


CANDIDATES = {
    "as good as the champion": lambda day, share: {},
    "raises errors": lambda day, share: {"errors": 0.15},
    "breaks when many use it": lambda day, share: {"errors": 0.08} if share >= 0.25 else {},
    "wrong for deliveries": lambda day, share: {"delivery misses": 0.35},
}
"""Name -> what is worse than HEALTHY on that day, at that share."""

DELAY = {"store": (1, 1), "app": (2, 2), "delivery": (7, 10)}
"""Days until a label is known, from and to."""


def a_day(rng, day, share, sickness, waiting):
    """Return the tally of one day. `waiting` holds labels that have not matured yet."""
    tally, sick = no_tally(), sickness(day, share)
    for channel in rng.choices(CHANNELS, SPLIT, k=REQUESTS):
        version = "candidate" if rng.random() < share else "champion"
        rates = dict(HEALTHY)
        if version == "candidate":
            rates |= {name: sick.get(f"{channel} {name}", sick.get(name, HEALTHY[name])) for name in METRICS}
        counts = tally[version][channel]
        counts["requests"] += 1
        counts["slow"] += rng.random() < rates["slow"]
        if rng.random() < rates["errors"]:
            counts["errors"] += 1
            continue
        due = day - 1 + rng.randint(*DELAY[channel])
        waiting.setdefault(due, []).append((version, channel, rng.random() < rates["misses"]))
    for version, channel, missed in waiting.pop(day, []):
        tally[version][channel]["labels"] += 1
        tally[version][channel]["misses"] += missed
    return tally


def rehearse(seed=8):
    """Lead four candidates through your controller, and say how each of them ends."""
    rng = random.Random(seed)
    for name, sickness in CANDIDATES.items():
        controller, canary = Controller(), CanaryDeployment(None, None, salt=name)
        waiting = {}
        try:
            controller.start(canary)
            path = [canary.share]
            for day in range(60):
                answer = controller.look(a_day(rng, day, canary.share, sickness, waiting))
                path += [answer["share"]] if answer["share"] not in path[-1:] else []
                if answer["state"] != "canary":
                    break
        except NotImplementedError as gap:
            print(f"    not yet: {gap}")
            return
        shares = " ".join(f"{share:.0%}" for share in path)
        print(f"{name:26} {answer['state']:11} after {day + 1:2} looks: {shares}")
