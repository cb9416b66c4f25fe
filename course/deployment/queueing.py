"""Says how long requests wait: by the formula for M/M/c queues, and by a simulation."""
# ruff: noqa: INP001

import heapq
import math
import random


# --8<-- [start:formula]
def must_wait(load: float, replicas: int) -> float:
    """Return the share of requests that find every replica busy (Erlang's C).

    `load` is requests per second times seconds each: how many replicas are busy.
    """
    free = sum(load**k / math.factorial(k) for k in range(replicas))
    full = load**replicas / math.factorial(replicas) * replicas / (replicas - load)
    return full / (free + full)


def waits(rate: float, seconds: float, replicas: int, share: float = 0.95) -> float:
    """Return the time within which this share of the requests begins to be served."""
    load = rate * seconds
    if load >= replicas:
        return math.inf
    spare = replicas / seconds - rate
    return max(0.0, math.log(must_wait(load, replicas) / (1 - share)) / spare)


# --8<-- [end:formula]


def simulated(rate: float, seconds: float, replicas: int, seed: int = 1) -> float:
    """Return the same for 95 % of 200,000 requests with random gaps and random lengths."""
    rng = random.Random(seed)  # noqa: S311 - no secret depends on it
    free_at = [0.0] * replicas
    now, waited = 0.0, []
    for _ in range(200_000):
        now += rng.expovariate(rate)
        begins = max(now, heapq.heappop(free_at))
        waited.append(begins - now)
        heapq.heappush(free_at, begins + rng.expovariate(1 / seconds))
    return sorted(waited)[int(0.95 * len(waited))]


# --8<-- [start:rush]
def wanted(replicas: int, busy: float, target: float = 0.6) -> int:
    """Return how many replicas an autoscaler wants; `busy` is a share of one."""
    return math.ceil(replicas * busy / target)


def backlog(start_s: int, replicas: int = 2, each: int = 20, rush: int = 90) -> int:
    """Return the most requests that wait when 30 a second become 90 in one moment.

    The autoscaler looks every 15 seconds, but not while replicas that it ordered are
    starting: they work `start_s` seconds later. A busy replica reports 1, never more.
    """
    ready_at, ordered, queue, worst = 0, replicas, 0.0, 0.0
    for second in range(1, 1200):
        if second == ready_at:
            replicas = ordered
        queue = max(0.0, queue + rush - replicas * each)
        worst = max(worst, queue)
        if second % 15 == 0 and second >= ready_at:
            busy = 1.0 if queue else rush / (replicas * each)
            ordered = max(replicas, wanted(replicas, busy))
            ready_at = second + start_s
    return round(worst)


# --8<-- [end:rush]


# --8<-- [start:split]
def faster(workers: int, alone: float) -> float:
    """Return the speed-up of a job of which a share cannot be split (Amdahl)."""
    return 1 / (alone + (1 - alone) / workers)


# --8<-- [end:split]
