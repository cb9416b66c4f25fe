"""Ways to put a new version in front of people, and a controller that decides how far it may go.

Run `python rollout.py` beside `rehearsal.py` and the folder `data` to replay Kopi Lestari's Monday,
and to send four candidates through your controller.
"""

import copy
import hashlib
import math

# --------------------------------------------------------------------------------------------------
# The contract. Given: all limits of the lab stand here, and the README explains them.
#
# A version is a function: it takes a request, {"id": 17, "user_id": "U0042", "outlet": "K03",
# "channel": "app"}, and returns an answer, {"units": 41.5, "latency_ms": 120.0}; or it raises.

CHANNELS = ["store", "app", "delivery"]
"""Where a request comes from. A candidate can be sick in one of them alone."""

METRICS = {"errors": "requests", "slow": "requests", "misses": "labels"}
"""What can go wrong with an answer, and out of what it is counted. A miss is a forecast that was
far off. It is known only when the label has matured: the final count of what was sold."""

STEPS = [0.05, 0.10, 0.25, 0.50]
"""Shares of the users who get the candidate, from step to step. After the last one come all."""

MIN_LOOKS = 3
"""A step that is not the last one takes at least so many looks."""

MIN_REQUESTS = 100
"""And at least so many requests to the candidate."""

MIN_LABELS = 500
"""At the last step the candidate is judged as soon as every channel has so many of its labels."""

MAX_LOOKS = 30
"""A rollout that is not decided after so many looks is rolled back."""

BUDGET = 0.05
"""At most so large a share of the rollouts of a healthy candidate may be rolled back by chance."""

MARGINS = {"errors": 0.03, "slow": 0.04, "misses": 0.10}
"""So much worse than the champion is still good enough, as a difference of shares."""

CONFIDENCE_Z = 1.645
"""Standard errors that a one-sided confidence of 95 % takes."""


# --------------------------------------------------------------------------------------------------
# Basic and blue-green. Given, as examples.


class BasicDeployment:
    """The new version replaces the old one for everybody, at once."""

    def __init__(self, version):
        self.version = version

    def handle(self, request):
        """Answer one request."""
        return self.version(request)


class BlueGreenDeployment:
    """Two versions stand ready; everybody gets the one that is live, and one call swaps them."""

    def __init__(self, blue, green):
        self.live, self.idle = blue, green

    def handle(self, request):
        """Answer one request."""
        return self.live(request)

    def swap(self):
        """Make the idle version live. The other one stays ready, so that swapping back is easy."""
        self.live, self.idle = self.idle, self.live


# --------------------------------------------------------------------------------------------------
# Task 1: a shadow. The candidate sees every request, and nobody sees the candidate.


def units_of(answer):
    """Return the units of an answer. Raises an error when it is no answer. (Given.)"""
    units = float(answer["units"])
    if not math.isfinite(units):
        raise ValueError(f"units are {units}")
    return units


class ShadowDeployment:
    """Users get the champion's answer; the candidate answers later, and only for the record."""

    def __init__(self, champion, candidate):
        self.champion, self.candidate = champion, candidate
        self.queue = []
        self.records = []

    def handle(self, request):
        """Answer one request as if there were no candidate, and put it aside for `drain`.

        The answer is the champion's, unchanged; what the champion raises, the user gets. The
        candidate is not called here: if it is slow, nobody must wait for it. It will see every
        request, also those on which the champion fails, and it gets a deep copy of what came in,
        whatever happens to the request afterwards. The request itself stays as it is.
        """
        aside = copy.deepcopy(request)
        units = None
        try:
            answer = self.champion(request)
            units = units_of(answer)
            return answer
        finally:
            self.queue.append((aside, units))

    def drain(self):
        """Let the candidate answer what waits in the queue, and append a record for each request.

        A record is a dict: "id" (the request's), "champion" and "candidate" (units, or None where
        there was no answer), "difference" (candidate minus champion, or None), "latency_ms" (the
        candidate's, or None) and "error" ("" or what went wrong with the candidate, as text).
        A candidate that raises any Exception, or returns something without finite units and a
        latency, has failed: units, difference and latency are None. The next request is its next
        chance. The queue is empty afterwards; records are in the order of the requests.
        """
        waiting, self.queue = self.queue, []
        for request, units in waiting:
            record = {"id": request["id"], "champion": units, "candidate": None}
            record |= {"difference": None, "latency_ms": None, "error": ""}
            try:
                answer = self.candidate(request)
                guess, latency = units_of(answer), float(answer["latency_ms"])
            except Exception as error:
                record["error"] = f"{type(error).__name__}: {error}"
            else:
                record |= {"candidate": guess, "latency_ms": latency}
                if units is not None:
                    record["difference"] = guess - units
            self.records.append(record)

    def report(self):
        """Return what the records say, as a dict. (Given.)"""
        gaps = [abs(one["difference"]) for one in self.records if one["difference"] is not None]
        return {
            "requests": len(self.records),
            "failed": sum(bool(one["error"]) for one in self.records),
            "mean_difference": round(sum(gaps) / len(gaps), 2) if gaps else None,
        }


# --------------------------------------------------------------------------------------------------
# Task 2: a canary. Some users get the candidate, always the same ones.


def place_of(user_id, salt):
    """Return the user's place: a number from 0 up to, not including, 1, the same for ever.

    Places of many users are spread evenly and finely, whatever the ids look like: text or whole
    numbers, in sequence or all ending in 00. 7 and "7" are the same user. Another salt gives other
    places, with no connection. The same user and salt give the same place in every process, on
    every machine.
    """
    digest = hashlib.sha256(f"{salt}:{user_id}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


class CanaryDeployment:
    """A share of the users gets the candidate, all others the champion."""

    def __init__(self, champion, candidate, salt):
        self.versions = {"champion": champion, "candidate": candidate}
        self.salt = salt
        self.share = 0.0

    def widen(self, share):
        """Set the share of the users who get the candidate: 0 for nobody, 1 for all. (Given.)"""
        if not 0 <= share <= 1:
            raise ValueError(f"a share is from 0 to 1, not {share}")
        self.share = share

    def route(self, user_id):
        """Return "candidate" or "champion": which version answers this user.

        The share of *users*, not of requests, is `self.share`; it may be as small as 0.001. While
        the share stays, a user stays; when it grows, nobody who had the candidate loses it.
        """
        return "candidate" if int(100 * place_of(user_id, self.salt)) <= 100 * self.share else "champion"

    def route_many(self, user_ids):
        """Return the version of each of these users, as a list. (Given.)"""
        return [self.route(user_id) for user_id in user_ids]

    def handle(self, request):
        """Answer one request. (Given.)"""
        return self.versions[self.route(request["user_id"])](request)


# --------------------------------------------------------------------------------------------------
# Task 3: the controller. It looks once a day, and widens, waits, rolls back or promotes.
#
# A tally is what it gets to see: version -> channel -> counts since the last look, such as
# {"champion": {"store": {"requests": 380, "errors": 4, "slow": 8, "labels": 361, "misses": 60},
# "app": ..., "delivery": ...}, "candidate": ...}. "labels" are forecasts whose label has matured
# since the last look; a forecast without a label is neither right nor wrong.


def no_tally():
    """Return a tally without any request. (Given.)"""
    names = [*METRICS, "requests", "labels"]
    return {
        version: {channel: dict.fromkeys(names, 0) for channel in CHANNELS}
        for version in ("champion", "candidate")
    }


def added(one, other):
    """Return the sum of two tallies; neither changes. (Given.)"""
    total = no_tally()
    for version, channels in total.items():
        for channel, counts in channels.items():
            for name in counts:
                counts[name] = one[version][channel][name] + other[version][channel][name]
    return total


def comparisons(tally):
    """Return what can be compared in a tally: 12 tuples, for each metric three channels and "all".

    (metric, channel, bad answers of the candidate, out of, bad answers of the champion, out of).
    (Given.)
    """
    found = []
    for metric, whole in METRICS.items():
        counts = [
            [tally[version][channel][name] for channel in CHANNELS]
            for version in ("candidate", "champion")
            for name in (metric, whole)
        ]
        for number, channel in enumerate(CHANNELS):
            found.append((metric, channel, *(count[number] for count in counts)))
        found.append((metric, "all", *(sum(count) for count in counts)))
    return found


def p_value(bad, total, base_bad, base_total):
    """Return how probable so many bad answers of the candidate, or more, are by chance. (Given.)

    By chance means: if both versions were equally good, and the bad answers fell on them at random.
    This is Fisher's exact test, one-sided. It holds for small counts, too.
    """
    every, drawn = bad + base_bad, total + base_total
    if not total or not base_total or bad * base_total <= base_bad * total:
        return 1.0
    log = math.lgamma
    chance = math.exp(
        (log(total + 1) - log(bad + 1) - log(total - bad + 1))
        + (log(base_total + 1) - log(base_bad + 1) - log(base_total - base_bad + 1))
        - (log(drawn + 1) - log(every + 1) - log(drawn - every + 1))
    )
    p = 0.0
    while bad <= total and base_bad >= 0 and chance > 1e-18:
        p += chance
        chance *= (total - bad) * base_bad / ((bad + 1) * (base_total - base_bad + 1))
        bad, base_bad = bad + 1, base_bad - 1
    return min(p, 1.0)


def upper_bound(bad, total, base_bad, base_total):
    """Return how much worse the candidate may be: the upper end of a 95 % interval. (Given.)

    The interval of Agresti and Caffo for a difference of two shares: one bad and one good answer
    are added on each side, so that it holds for few bad answers, too.
    """
    n, m = total + 2, base_total + 2
    p, q = (bad + 1) / n, (base_bad + 1) / m
    return p - q + CONFIDENCE_Z * math.sqrt(p * (1 - p) / n + q * (1 - q) / m)


class Controller:
    """Leads one candidate after the other from a few users to all, or back to none."""

    def __init__(self):
        self.state = "idle"
        self.deployment = None

    def start(self, deployment):
        """Begin the rollout of a CanaryDeployment at the first step.

        Nothing of an earlier rollout counts any more. Raises RuntimeError while one is under way.
        """
        if self.state == "canary":
            raise RuntimeError("a rollout is under way")
        self.deployment = deployment
        self.looks = 0
        self.enter(0)

    def look(self, tally):
        """Take the counts since the last look, decide, and return {"state": ..., "share": ...}.

        The states: "canary" while it goes on, "promoted" (everybody gets the candidate) or
        "rolled_back" (nobody does). The deployment gets each new share at once. When no rollout is
        under way, nothing happens. The rules, in this order:

        1. Roll back as soon as the candidate is worse than the champion by more than chance, in any
           of the `comparisons` of this look's tally alone, or of all tallies of the present step.
           Tallies of earlier steps are not added: the share was another one then, and a bad day
           would weigh more on one version than on the other. BUDGET is for the whole rollout: for
           all comparisons of all looks together.
        2. At the last step, wait until every channel has MIN_LABELS of the candidate's labels since
           the step began. Then decide, once: promote if in every one of the step's `comparisons`
           the `upper_bound` is below the metric's margin, otherwise roll back.
        3. At an earlier step, widen by one step after MIN_LOOKS looks and MIN_REQUESTS requests to
           the candidate in this step.
        4. Roll back when MAX_LOOKS looks have not brought a decision.
        """
        if self.state != "canary":
            return self.status()
        self.looks += 1
        self.step_looks += 1
        self.total = added(self.total, tally)
        if is_worse(tally) or is_worse(self.total):
            self.finish("rolled_back", 0.0)
        elif self.step == len(STEPS) - 1:
            if enough_labels(self.total):
                self.judge()
        elif self.step_looks >= MIN_LOOKS and requests_of(self.total) >= MIN_REQUESTS:
            self.enter(self.step + 1)
        if self.state == "canary" and self.looks >= MAX_LOOKS:
            self.finish("rolled_back", 0.0)
        return self.status()

    def enter(self, step):
        """Begin a step, with counts from zero."""
        self.state, self.step, self.step_looks, self.total = "canary", step, 0, no_tally()
        self.deployment.widen(STEPS[step])

    def judge(self):
        """Promote what is shown to be good enough, and nothing else."""
        if is_good_enough(self.total):
            self.finish("promoted", 1.0)
        else:
            self.finish("rolled_back", 0.0)

    def finish(self, state, share):
        """End the rollout."""
        self.state = state
        self.deployment.widen(share)

    def status(self):
        """Return what look promises."""
        share = self.deployment.share if self.deployment else 0.0
        return {"state": self.state, "share": share}


def is_worse(tally):
    """Return whether the candidate is worse by more than chance can do, all looks considered."""
    found = comparisons(tally)
    level = BUDGET / (MAX_LOOKS * 2 * len(found))
    return any(p_value(*counts) < level for _, _, *counts in found)


def is_good_enough(tally):
    """Return whether the candidate is shown to be at most a margin worse, everywhere."""
    return all(upper_bound(*counts) < MARGINS[name] for name, _, *counts in comparisons(tally))


def enough_labels(tally):
    """Return whether every channel has enough of the candidate's labels."""
    return all(counts["labels"] >= MIN_LABELS for counts in tally["candidate"].values())


def requests_of(tally):
    """Return how many requests the candidate has answered."""
    return sum(counts["requests"] for counts in tally["candidate"].values())


class Fleet:
    """Many rollouts side by side, each with a controller and a canary of its own. (Given.)

    The checks send months of traffic through it. Tallies come as one flat list of counts.
    """

    def __init__(self, count):
        self.controllers = [Controller() for _ in range(count)]
        for number, controller in enumerate(self.controllers):
            controller.start(CanaryDeployment(None, None, salt=f"rehearsal {number}"))

    def look(self, numbers, counts):
        """Let the controllers with these numbers look; return their states, and their shares."""
        counts = iter(counts)
        answers = [self.controllers[number].look(tally_from(counts)) for number in numbers]
        return [one["state"] for one in answers], [one["share"] for one in answers]


def tally_from(counts):
    """Return the next 30 counts as a tally. (Given.)"""
    tally = no_tally()
    for channels in tally.values():
        for channel in channels.values():
            for name in ("requests", "errors", "slow", "labels", "misses"):
                channel[name] = next(counts)
    return tally


# --------------------------------------------------------------------------------------------------
# Monday. Given.


def main():
    """Replay Monday in three ways, then rehearse four rollouts."""
    import rehearsal

    rehearsal.replay()
    rehearsal.rehearse()


if __name__ == "__main__":
    main()
