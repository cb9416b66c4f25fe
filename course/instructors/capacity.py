"""How long grading takes, and how many people one machine can carry."""
# Read by instructors: few words, no annotations yet.
# ruff: noqa: ANN001, ANN201, INP001

from math import ceil


# --8<-- [start:batch]
def minutes_for(hand_ins, core_seconds, cores):
    """Return how long a batch takes if all cores have work."""
    return hand_ins * core_seconds / cores / 60


# --8<-- [end:batch]


# --8<-- [start:deadline]
def queue(people, last_minutes, core_seconds, cores):
    """Return the wait (minutes) of the last one, if all hand in at one rate before a deadline."""
    work = minutes_for(people, core_seconds, cores)
    return max(0.0, work - last_minutes)


# --8<-- [end:deadline]


# --8<-- [start:server]
def cores_for_checks(people, check_seconds, minutes_between):
    """Return how many cores are busy on average when people check themselves on one server."""
    return ceil(people * check_seconds / (60 * minutes_between))


# --8<-- [end:server]
