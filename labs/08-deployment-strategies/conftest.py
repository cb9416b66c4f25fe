"""Small fresh requests, versions and tallies for the public checks. Every run draws other numbers."""

import pytest

CHANNELS = ["store", "app", "delivery"]


@pytest.fixture
def make_requests(rng):
    """Return a function that makes requests, each with another id."""

    def make(count, first=1):
        users = rng.integers(0, 2_400, size=count)
        return [
            {
                "id": first + number,
                "user_id": f"U{user:04d}",
                "outlet": f"K{rng.integers(1, 9):02d}",
                "channel": CHANNELS[rng.integers(3)],
            }
            for number, user in enumerate(users)
        ]

    return make


@pytest.fixture
def users(rng):
    """Return a function that makes so many different user ids, in no order."""
    return lambda count: [f"U{number:05d}" for number in rng.permutation(90_000)[:count]]


class Version:
    """A version of the service: answers by a rule, and remembers what it was asked."""

    def __init__(self, answers):
        self.answers = answers
        self.seen = []

    def __call__(self, request):
        self.seen.append(request["id"])
        return dict(self.answers[request["id"]])


@pytest.fixture
def make_version(rng):
    """Return a function that makes a version, with an answer for each of the requests."""

    def make(requests):
        units = (rng.integers(200, 2_000, size=len(requests)) / 10).tolist()
        latency = (rng.integers(400, 4_000, size=len(requests)) / 10).tolist()
        return Version(
            {
                request["id"]: {"units": unit, "latency_ms": ms}
                for request, unit, ms in zip(requests, units, latency)
            }
        )

    return make


def counts_of(requests, labels, shares):
    """Return counts with these shares of bad answers, rounded down."""
    found = {"requests": requests, "labels": labels}
    for name, whole in (("errors", requests), ("slow", requests), ("misses", labels)):
        found[name] = int(shares.get(name, 0.0) * whole)
    return found


HEALTHY = {"errors": 0.01, "slow": 0.03, "misses": 0.15}


@pytest.fixture
def make_tally():
    """Return a function that makes a tally of 300 requests and labels in each channel.

    `share` is the candidate's share of them. `sick` says where the candidate is worse, such as
    {("store", "errors"): 0.2}; everything else is as HEALTHY says, for both versions.
    """

    def make(share, sick=(), requests=300, labels=300):
        sick = dict(sick)
        tally = {"champion": {}, "candidate": {}}
        for channel in CHANNELS:
            bad = {name: sick.get((channel, name), usual) for name, usual in HEALTHY.items()}
            theirs, known = round(requests * share), round(labels * share)
            tally["candidate"][channel] = counts_of(theirs, known, bad)
            tally["champion"][channel] = counts_of(requests - theirs, labels - known, HEALTHY)
        return tally

    return make
