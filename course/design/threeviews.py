"""The worked example of *Key metrics*: the same orders, seen by three people."""
# Read by students: short questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, D401, INP001

from pastries import PAID, PRICE, baseline, best_order, days, habit, model, split

# --8<-- [start:orders]
LEARN, JUDGE = split(days())


def orders(quantile):
    """What the model orders if it aims at this quantile, beside what was wanted."""
    past = {}
    for day in LEARN:
        past.setdefault((day["weekend"], day["rain"]), []).append(day["wanted"])
    plan = {kind: best_order(wanted, quantile) for kind, wanted in past.items()}
    return [(plan[day["weekend"], day["rain"]], day["wanted"]) for day in JUDGE]


def ordered_by(way):
    """What a way to order orders in the third year, beside what was wanted."""
    return [(way(LEARN, day), day["wanted"]) for day in JUDGE]


# --8<-- [end:orders]


# --8<-- [start:views]
def sold(pairs):
    """Croissants sold: no more than were ordered, no more than were wanted."""
    return sum(min(order, wanted) for order, wanted in pairs)


def wape(pairs):
    """The data scientist: how far from what was wanted? Less is better."""
    off = sum(abs(order - wanted) for order, wanted in pairs)
    return off / sum(wanted for _, wanted in pairs)


def served(pairs):
    """The subject-matter expert: who got what they wanted? More is better."""
    return sold(pairs) / sum(wanted for _, wanted in pairs)


def profit(pairs):
    """The business: what is left of a day, in thousand rupiah? More is better."""
    bought = sum(order for order, _ in pairs)
    return (PRICE * sold(pairs) - PAID * bought) / len(pairs) / 1000


def revenue(pairs):
    """The business, if it forgets what croissants cost: taken in a day."""
    return PRICE * sold(pairs) / len(pairs) / 1000


# --8<-- [end:views]

WAYS = (habit, baseline, model)


# --8<-- [start:slices]
def bias(pairs):
    """Ordered too much (+) or too little (-), as a share of what was wanted."""
    off = sum(order - wanted for order, wanted in pairs)
    return off / sum(wanted for _, wanted in pairs)


def only(pairs, key, value):
    """The days of one kind, such as those with rain."""
    days = zip(pairs, JUDGE, strict=True)
    return [pair for pair, day in days if day[key] == value]


# --8<-- [end:slices]
