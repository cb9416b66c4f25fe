"""What ten questions before and after a course say, and what may be luck."""
# Read by instructors: few words, no annotations yet.
# ruff: noqa: ANN001, ANN201, INP001

from math import comb


def gain(before, after, people):
    """Return the share of what could be gained that was gained (normalised gain)."""
    return round((after - before) / (people - before), 2)


def surely(became_right, became_wrong):
    """Return the probability that a coin gives at least so many right ones (sign test)."""
    changed = became_right + became_wrong
    ways = sum(comb(changed, count) for count in range(became_right, changed + 1))
    return round(ways / 2**changed, 3)
