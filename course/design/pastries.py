"""Croissants of Kopi Lestari: invented demand, two costs, and the order that costs least."""
# Read by students: short questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, D401, INP001, PLR2004, S311

import math
import random

# --8<-- [start:costs]
PRICE, PAID = 24_000, 9_000
SHORT = PRICE - PAID
"""One too few: the margin of a croissant that somebody wanted is lost."""
OVER = PAID
"""One too many: what was paid is lost. It cannot be sold tomorrow."""


def cost(ordered, wanted):
    """What the difference between order and demand costs on one day."""
    return SHORT * max(wanted - ordered, 0) + OVER * max(ordered - wanted, 0)


# --8<-- [end:costs]


# --8<-- [start:best]
def best_order(demands, quantile=SHORT / (SHORT + OVER)):
    """The smallest order that is enough on at least this share of the days."""
    ranked = sorted(demands)
    return ranked[max(math.ceil(quantile * len(ranked)) - 1, 0)]


# --8<-- [end:best]

WEEKEND = 1.35
RAIN = 0.75


def days(count=1092, seed=11):
    """Days of one outlet, in order: weekend or not, rain forecast or not, croissants wanted."""
    chance = random.Random(seed)
    told = []
    for at in range(count):
        weekend = at % 7 >= 5
        rain = chance.random() < 0.3
        level = 40 * (WEEKEND if weekend else 1) * (RAIN if rain else 1)
        wanted = round(level * math.exp(chance.gauss(0, 0.18)))
        told.append({"weekday": at % 7, "weekend": weekend, "rain": rain, "wanted": wanted})
    return told


# --8<-- [start:ways]
def split(all_days):
    """The first two years to learn from, the third to judge on."""
    return all_days[:728], all_days[728:]


def habit(_learn, _day):
    """Do nothing: every day the same round number, as for years."""
    return 50


def baseline(learn, day):
    """A spreadsheet: the best order of all days with this weekday."""
    same = [past["wanted"] for past in learn if past["weekday"] == day["weekday"]]
    return best_order(same)


def model(learn, day):
    """A small model: it knows weekend and the rain forecast."""
    same = [
        past["wanted"]
        for past in learn
        if (past["weekend"], past["rain"]) == (day["weekend"], day["rain"])
    ]
    return best_order(same)


def perfect(_learn, day):
    """Nobody can do this: to know the demand."""
    return day["wanted"]


def costs(way):
    """What a way to order costs on each day that it did not learn from."""
    learn, judge = split(days())
    return [cost(way(learn, day), day["wanted"]) for day in judge]


def cost_a_day(way):
    """The mean of that."""
    each = costs(way)
    return round(sum(each) / len(each))


# --8<-- [end:ways]
