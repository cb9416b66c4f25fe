"""The hidden checks. Their docstrings are what a student reads about them.

Bounds on numbers of rollouts are binomial. A solution that does exactly what the contract allows
(5 % of healthy candidates rolled back, 95 % of sick ones stopped with at most 40 excess bad
answers) stays inside with a probability above 0.9999. The arithmetic stands beside each bound, and
`tests/labs/test_deployment_rates.py` repeats it.
"""

import pytest
from kopi.rollouts import Health
from rollout import CanaryDeployment, Controller, Fleet, ShadowDeployment, place_of

SICK = 40
"""Sick candidates of one kind."""
STOPPED = 30
"""Of 40 at 95 %, at least 30 are stopped in all but 3e-6 of runs: binom.cdf(29, 40, 0.95)."""
HARM = 40
"""Excess bad answers that a rollout may cost."""


def answers(requests, rng):
    """Return an answer for each id."""
    units = (rng.integers(200, 2_000, size=len(requests)) / 10).tolist()
    return {
        request["id"]: {"units": unit, "latency_ms": 80.0 + number}
        for number, (request, unit) in enumerate(zip(requests, units, strict=True))
    }


def test_shadow_failures(make_requests, rng):
    """Whatever the candidate does, users do not notice, and the record says that it failed."""
    requests = make_requests(20)
    champion, candidate = answers(requests, rng), answers(requests, rng)
    garbage = [None, {}, {"units": float("nan"), "latency_ms": 5.0}, {"units": float("inf")}]
    garbage += [{"units": "many", "latency_ms": 5.0}, {"units": None}, [], {"units": 3.0}, 17]
    errors = [ZeroDivisionError("no"), KeyError("units"), OSError("gone"), StopIteration()]
    bad = dict(enumerate([*garbage, *errors], start=int(rng.integers(2, 6))))

    def ask_candidate(request):
        found = bad.get(request["id"], candidate[request["id"]])
        if isinstance(found, Exception):
            raise found
        return found

    shadow = ShadowDeployment(lambda request: champion[request["id"]], ask_candidate)
    for request in requests:
        meant = dict(champion[request["id"]])
        assert shadow.handle(request) == meant
    shadow.drain()
    records = shadow.records
    assert [record["id"] for record in records] == list(range(1, 21))
    for record in records:
        number = record["id"]
        assert record["champion"] == champion[number]["units"]
        if number in bad:
            gaps = [record[name] for name in ("candidate", "difference", "latency_ms")]
            assert gaps == [None] * 3, f"a failure: {bad[number]!r}"
            assert isinstance(record["error"], str)
            assert record["error"], f"no error is told for {bad[number]!r}"
        else:
            assert record["candidate"] == candidate[number]["units"]
            assert record["error"] == ""
    assert len(shadow.queue) == 0


def test_shadow_isolated(make_requests, rng):
    """The candidate sees every request as it came, also those on which the champion fails."""
    requests = make_requests(12)
    for request in requests:
        request["basket"] = {"cups": [int(cups) for cups in rng.integers(1, 9, size=3)]}
    came = [
        {**request, "basket": {"cups": list(request["basket"]["cups"])}} for request in requests
    ]
    units, failing, seen = answers(requests, rng), set(range(3, 6)), []

    def champion(request):
        number = request["id"]
        request["basket"]["cups"].clear()
        request["note"] = "changed by the champion"
        if number in failing:
            raise TimeoutError(f"request {number}")
        return units[number]

    def candidate(request):
        seen.append({**request, "basket": {"cups": list(request["basket"]["cups"])}})
        return units[request["id"]]

    shadow = ShadowDeployment(champion, candidate)
    for request in requests:
        number = request["id"]
        if number in failing:
            with pytest.raises(TimeoutError, match=f"request {number}"):
                shadow.handle(request)
        else:
            assert shadow.handle(request) == units[number]
    assert seen == []
    shadow.drain()
    assert seen == came
    records = {record["id"]: record for record in shadow.records}
    assert sorted(records) == list(range(1, 13))
    for number, record in records.items():
        known = None if number in failing else units[number]["units"]
        assert record["champion"] == known
        assert record["difference"] == (None if known is None else 0.0)
        assert record["candidate"] == units[number]["units"]
        assert record["error"] == ""


def routes_of(canary, people):
    """Return the version of each user. What goes out is a copy: it may come back changed."""
    routes = canary.route_many(list(people))
    assert type(routes) is list
    assert len(routes) == len(people)
    return routes


def within(got, count, share):
    """Say whether a number of users fits a share, within five binomial standard errors.

    Outside by chance: one of 1.7 million for each comparison where the normal approximation holds;
    below 1e-5 for the smallest share used here, 0.004 of 20,000 (Poisson, mean 80).
    """
    return abs(got / count - share) <= 5 * (share * (1 - share) / count) ** 0.5


def test_canary_any_ids(rng):
    """The share is right for every kind of id, and for a share far below one percent."""
    canary = CanaryDeployment(None, None, salt=f"ids {rng.integers(1_000)}")
    start = int(rng.integers(1, 1_000)) * 100
    kinds = {
        "numbers in sequence": list(range(start, start + 20_000)),
        "numbers that end in 00": list(range(start, start + 2_000_000, 100)),
        "text that ends in 7": [f"kopi-{number}7" for number in range(start, start + 20_000)],
    }
    for name, people in kinds.items():
        for share in (0.004, 0.10):
            canary.widen(share)
            got = routes_of(canary, people).count("candidate")
            assert within(got, 20_000, share), f"{name}: {got} of 20,000 at {share}"
    canary.widen(0.5)
    numbers = kinds["numbers in sequence"][:300]
    texts = [str(number) for number in numbers]
    assert routes_of(canary, numbers) == routes_of(canary, texts), "7 and '7' are the same user"
    places = [place_of(user, "places") for user in texts]
    assert all(type(place) is float and 0 <= place < 1 for place in places)
    assert len(set(places)) == 300


def test_canary_widens(users):
    """When the share grows, nobody loses the candidate; when it shrinks, nobody gains it."""
    canary = CanaryDeployment(None, None, salt="widens")
    people = users(3_000)
    before = set()
    for share in (0.0, 0.01, 0.05, 0.10, 0.25, 0.50, 0.9, 1.0):
        canary.widen(share)
        routes = routes_of(canary, people)
        have = {
            user for user, version in zip(people, routes, strict=True) if version == "candidate"
        }
        assert before <= have, f"at {share}, {len(before - have)} users lost the candidate"
        before = have
    assert len(before) == 3_000
    canary.widen(0.25)
    quarter = routes_of(canary, people)
    canary.widen(0.05)
    small = routes_of(canary, people)
    pairs = list(zip(quarter, small, strict=True))
    assert ("champion", "candidate") not in pairs
    assert ("candidate", "champion") in pairs


def test_canary_restart(users, rng, student):
    """After a restart, and on another machine, every user gets the same version as before."""
    canary = CanaryDeployment(None, None, salt="restart")
    canary.widen(0.5)
    people = users(200)
    before = "".join("C" if one == "candidate" else "." for one in routes_of(canary, people))
    ask = (
        "from rollout import CanaryDeployment; import sys\n"
        "canary = CanaryDeployment(None, None, salt='restart'); canary.widen(0.5)\n"
        "users = sys.stdin.read().split()\n"
        "print(''.join('C' if one == 'candidate' else '.' for one in canary.route_many(users)))\n"
    )
    # Python salts hash() anew in every process, unless this variable says how.
    again = (
        "import os, subprocess, sys\n"
        f"env = {{**os.environ, 'PYTHONHASHSEED': '{rng.integers(1, 2**31)}'}}\n"
        f"sys.exit(subprocess.call([sys.executable, '-B', '-c', {ask!r}], env=env))\n"
    )
    done = student.run(["python", "-c", again], stdin=" ".join(people), timeout_s=9.0)
    assert done.exit_code == 0, done.stderr[-300:]
    assert done.stdout.split() == [before]


def test_canary_salt(users, rng):
    """The next rollout begins with other users: the same people do not always try what is new."""
    people, number = users(8_000), int(rng.integers(10_000))
    chosen = []
    for salt in (f"rollout-{number}", f"rollout-{number + 1}"):
        canary = CanaryDeployment(None, None, salt=salt)
        canary.widen(0.25)
        routes = routes_of(canary, people)
        chosen.append(
            {user for user, one in zip(people, routes, strict=True) if one == "candidate"}
        )
    both = len(chosen[0] & chosen[1])
    assert within(both, 8_000, 0.0625), f"{both} of 8,000 users are in both quarters"


def last_step(make_tally):
    """Return a controller that has just reached the last step, with no label seen."""
    controller = Controller()
    controller.start(CanaryDeployment(None, None, salt="last step"))
    for share in [0.05] * 3 + [0.10] * 3 + [0.25] * 3:
        answer = controller.look(make_tally(share, labels=0))
    assert answer == {"state": "canary", "share": 0.50}
    return controller


CLOSE = [
    ("promoted", {}, "both alike"),
    ("promoted", {("delivery", "misses"): 0.18}, "3 points more misses, 10 are allowed"),
    ("promoted", {("app", "errors"): 0.002, ("app", "slow"): 0.0}, "better in the app"),
    ("rolled_back", {("delivery", "misses"): 0.23}, "8 points more misses: is it below 10?"),
    ("rolled_back", {("store", "errors"): 0.034}, "2.4 points more errors: is it below 3?"),
    ("rolled_back", {("app", "slow"): 0.062}, "3.2 points more slow answers: is it below 4?"),
]
"""At the last step: the end, where the candidate differs, and what a person would say about it."""


@pytest.mark.parametrize(("meant", "sick", "why"), CLOSE)
def test_controller_judges(make_tally, meant, sick, why):
    """Promoted is what is shown to be good enough; what could still be too bad goes back."""
    controller = last_step(make_tally)
    for _ in range(4):
        # Per look 290 requests and labels in each channel on both sides: 580 after two looks.
        answer = controller.look(make_tally(0.5, sick, requests=580, labels=580))
        if answer["state"] != "canary":
            break
    share = 1.0 if meant == "promoted" else 0.0
    assert answer == {"state": meant, "share": share}, why


def test_controller_patient(make_tally):
    """Few requests decide nothing, and no label means no promotion."""
    controller = Controller()
    canary = CanaryDeployment(None, None, salt="patient")
    controller.start(canary)
    few = make_tally(0.0, requests=90, labels=0)
    few["candidate"]["app"] |= {"requests": 10, "errors": 1, "slow": 1}
    quiet = make_tally(0.0, requests=90, labels=0)
    quiet["candidate"]["app"]["requests"] = 10
    assert controller.look(few) == {"state": "canary", "share": 0.05}, "one error in ten requests"
    for _ in range(8):
        assert controller.look(quiet) == {"state": "canary", "share": 0.05}, "below 100 requests"
    assert controller.look(quiet) == {"state": "canary", "share": 0.10}, (
        "100 requests, no new error"
    )
    controller = last_step(make_tally)
    for _ in range(5):
        tally = make_tally(0.5, requests=900, labels=900)
        tally["candidate"]["delivery"] |= {"labels": 20, "misses": 3}
        seen = controller.look(tally)
        assert seen == {"state": "canary", "share": 0.50}, "20 labels of deliveries a look"
    assert controller.look(make_tally(0.5, requests=900, labels=900))["state"] == "promoted"


def test_controller_ends(make_tally):
    """A rollout that brings no decision is rolled back after 30 looks, neither before nor never."""
    controller = last_step(make_tally)
    for look in range(10, 31):
        answer = controller.look(make_tally(0.5, labels=0))
        if look < 30:
            assert answer == {"state": "canary", "share": 0.50}, f"look {look}"
    assert answer == {"state": "rolled_back", "share": 0.0}
    controller.start(CanaryDeployment(None, None, salt="quiet"))
    for look in range(1, 31):
        answer = controller.look(make_tally(0.05, requests=20, labels=0))
        if look < 30:
            assert answer == {"state": "canary", "share": 0.05}, f"look {look}, one request each"
    assert answer == {"state": "rolled_back", "share": 0.0}


def test_controller_again(make_tally):
    """After a rollback or a promotion the next candidate starts afresh; before, none does."""
    controller, first = Controller(), CanaryDeployment(None, None, salt="first")
    controller.start(first)
    with pytest.raises(RuntimeError):
        controller.start(CanaryDeployment(None, None, salt="too early"))
    controller.look(make_tally(0.05, labels=0))
    controller.look(make_tally(0.05, labels=0))
    sick = {("store", "errors"): 0.8, ("app", "errors"): 0.8}
    assert controller.look(make_tally(0.05, sick))["state"] == "rolled_back"
    for salt in ("second", "third", "fourth"):
        mended = CanaryDeployment(None, None, salt=salt)
        controller.start(mended)
        assert mended.share == 0.05
        seen = [controller.look(make_tally(mended.share, labels=0))["share"] for _ in range(9)]
        assert seen == [0.05] * 2 + [0.10] * 3 + [0.25] * 3 + [0.50]
        end = [
            controller.look(make_tally(0.5, requests=900, labels=900))["state"] for _ in range(2)
        ]
        assert end == ["canary", "promoted"]
        assert mended.share == 1.0
    assert first.share == 0.0


def test_controller_calm(play):
    """A candidate as good as the champion is usually promoted.

    At most 10 of 30 are not. A controller that keeps its budget of 5 % fails this with a
    probability of 4e-7: binom.sf(10, 30, 0.05).
    """
    ending = play(Fleet, [Health.CALM] * 30)
    assert ending.count("promoted") >= 20, ending.states


def test_controller_healthy(play):
    """At most 5 % of healthy candidates are rolled back, over all looks, channels and metrics.

    120 rollouts: equal candidates, better ones, and equal ones that meet a bad day, on which both
    versions fail more often. At most 17 may be rolled back. A controller that rolls back exactly
    5 % of them fails this with a probability of 3e-5: binom.sf(17, 120, 0.05).
    """
    healthy = [Health.CALM, Health.BETTER, Health.BAD_DAY] * 40
    ending = play(Fleet, healthy)
    back = [one for one, state in zip(healthy, ending.states, strict=True) if state != "promoted"]
    assert len(back) <= 17, f"{len(back)} of 120: {', '.join(back)}"


def stopped(play, health):
    """Assert that nearly all sick candidates are rolled back before they did much harm."""
    ending = play(Fleet, [health] * SICK)
    good = ending.count("rolled_back", HARM)
    worst = max(ending.excess)
    assert good >= STOPPED, (
        f"{good} of {SICK} in time; {ending.count('promoted')} promoted; {worst:.0f}"
    )


def test_controller_errors(play):
    """A candidate that raises errors is rolled back before it costs 40 errors."""
    stopped(play, Health.ERRORS)


def test_controller_slow(play):
    """A candidate that is slow is rolled back before 40 users have waited."""
    stopped(play, Health.SLOW)


def test_controller_channel(play):
    """A candidate that is wrong for deliveries alone is found when their labels mature."""
    stopped(play, Health.CHANNEL)


def test_controller_load(play):
    """A candidate that breaks when many use it is rolled back as soon as it breaks."""
    stopped(play, Health.LOAD)


def test_controller_late(play):
    """A candidate that gets sick after many good days is rolled back at once all the same."""
    stopped(play, Health.LATE)
