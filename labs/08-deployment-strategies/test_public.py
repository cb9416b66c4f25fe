"""The checks that you see. `grader check` runs them; so does plain `pytest`."""

import pytest
from rollout import CanaryDeployment, Controller, ShadowDeployment


def test_shadow_answers(make_requests, make_version):
    """In a shadow deployment users get the champion's answers, and nobody waits for the candidate."""
    requests = make_requests(12)
    champion, candidate = make_version(requests), make_version(requests)
    shadow = ShadowDeployment(champion, candidate)
    for request in requests:
        meant, kept = champion.answers[request["id"]], dict(request)
        seen = shadow.handle(request)
        assert seen == meant, f"request {kept}: the champion said {meant}, the user got {seen}"
        assert request == kept, f"the request was {kept}; after handle it was {request}"
    asked = len(candidate.seen)
    assert asked == 0, f"12 requests, no drain yet: the candidate was called {asked} times, not 0"


def test_shadow_records(make_requests, make_version):
    """A shadow's candidate sees every request, and the differences are recorded."""
    requests = make_requests(12)
    ids = [request["id"] for request in requests]
    champion, candidate = make_version(requests), make_version(requests)
    shadow = ShadowDeployment(champion, candidate)
    for request in requests[:8]:
        shadow.handle(request)
    shadow.drain()
    for request in requests[8:]:
        shadow.handle(request)
    shadow.drain()
    shadow.drain()
    assert candidate.seen == ids, f"requests {ids} came; the candidate was asked {candidate.seen}"
    records = shadow.records
    told = [record["id"] for record in records]
    assert told == ids, f"one record for each of {ids} was meant, in this order; there are {told}"
    for record in records:
        ours, theirs = (one.answers[record["id"]] for one in (champion, candidate))
        meant = {
            "id": record["id"],
            "champion": ours["units"],
            "candidate": theirs["units"],
            "difference": pytest.approx(theirs["units"] - ours["units"]),
            "latency_ms": theirs["latency_ms"],
            "error": "",
        }
        assert record == meant, f"champion {ours}, candidate {theirs}: {meant} was meant, not {record}"


def test_canary_sticky(users):
    """A canary sends a user to the same version every time, however often others ask between."""
    canary = CanaryDeployment(None, None, salt="sticky")
    canary.widen(0.4)
    people = users(400)
    first = canary.route_many(list(people))
    again = canary.route_many(people[::-1])[::-1]
    count = len(first), len(again)
    assert count == (400, 400), f"400 users asked twice; there were {count[0]} and {count[1]} answers"
    moved = [user for user, one, other in zip(people, first, again) if one != other]
    assert not moved, f"at a share of 0.4, {len(moved)} of 400 users were moved, among them {moved[:3]}"
    names = set(first)
    assert names == {"champion", "candidate"}, f"both versions should have users at 0.4, not only {names}"


def test_canary_share(users):
    """A canary's share is a share of the users.

    The bounds are five standard errors of a binomial share: a right solution is outside of them in
    one of 1.7 million runs.
    """
    canary = CanaryDeployment(None, None, salt="share")
    people = users(8_000)
    for share in (0.0, 0.05, 0.25, 1.0):
        canary.widen(share)
        got = canary.route_many(list(people)).count("candidate")
        margin = 5 * (share * (1 - share) / 8_000) ** 0.5
        low, high = share - margin, share + margin
        told = f"share {share} of 8,000 users: {low:.4f} to {high:.4f} was meant, {got / 8_000:.4f} got it"
        assert low <= got / 8_000 <= high, told


def begin(salt="public"):
    """Return a canary and a controller that has just begun its rollout."""
    canary, controller = CanaryDeployment(None, None, salt=salt), Controller()
    controller.start(canary)
    return canary, controller


def test_controller_widens(make_tally):
    """A healthy candidate goes from 5 to 10, 25 and 50 % of the users, and then to all."""
    canary, controller = begin()
    assert canary.share == 0.05, f"after start the share should be 0.05, not {canary.share}"
    steps = [0.05] * 2 + [0.10] * 3 + [0.25] * 3 + [0.50]
    for look, meant in enumerate(steps, start=1):
        answer = controller.look(make_tally(canary.share, labels=0))
        wanted = {"state": "canary", "share": meant}
        told = f"look {look}: 900 healthy requests, no labels yet: {wanted} was meant, not {answer}"
        assert answer == wanted, told
        assert canary.share == meant, f"look {look}: the deployment's share is {canary.share}, not {meant}"
    for look in range(10, 16):
        answer = controller.look(make_tally(0.5, labels=0))
        told = f"look {look}: at the last step, no label has matured: it waits; {answer}"
        assert answer == {"state": "canary", "share": 0.50}, told
    for look in range(16, 19):
        answer = controller.look(make_tally(0.5))
        told = f"look {look}: {150 * (look - 15)} of 500 labels in each channel: it waits; {answer}"
        assert answer == {"state": "canary", "share": 0.50}, told
    answer = controller.look(make_tally(0.5))
    told = f"look 19: 600 labels in each channel, both alike: it promotes; {answer}"
    assert answer == {"state": "promoted", "share": 1.0}, told
    assert canary.share == 1.0, f"promoted: the deployment's share is {canary.share}, not 1.0"


@pytest.mark.parametrize("metric", ["errors", "slow", "misses"])
def test_controller_rolls_back(make_tally, metric):
    """A candidate that is clearly worse goes back to nobody at the first look, and stays there."""
    canary, controller = begin()
    sick = {("delivery", metric): 0.8, ("app", metric): 0.8}
    answer = controller.look(make_tally(0.05, sick))
    meant = {"state": "rolled_back", "share": 0.0}
    told = f"80 % {metric} in two channels, 15 requests each: {meant} was meant, not {answer}"
    assert answer == meant, told
    assert canary.share == 0.0, f"rolled back: the deployment's share is {canary.share}, not 0.0"
    answer = controller.look(make_tally(0.0))
    assert answer == meant, f"after the rollback nothing happens: {meant}, not {answer}"
