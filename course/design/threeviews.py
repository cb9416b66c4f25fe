"""The worked example of *Key metrics*: the same orders, seen by three people."""
# Read by students: short questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, D401, INP001

from pastries import PAID, PRICE, baseline, best_order, days, habit, model, split

# --8<-- [start:orders]
LEARN, JUDGE = split(days())


def orders(quantile):
    """What the model orders on each day of the third year, if it aims at this quantile."""
    past = {}
    for day in LEARN:
        past.setdefault((day["weekend"], day["rain"]), []).append(day["wanted"])
    plan = {kind: best_order(wanted, quantile) for kind, wanted in past.items()}
    return [(plan[day["weekend"], day["rain"]], day["wanted"]) for day in JUDGE]


def ordered_by(way):
    """What a way to order does on each day of the third year, beside what was wanted."""
    return [(way(LEARN, day), day["wanted"]) for day in JUDGE]


# --8<-- [end:orders]


# --8<-- [start:views]
def wape(pairs):
    """The data scientist: how far is the number from what was wanted? Less is better."""
    return sum(abs(order - wanted) for order, wanted in pairs) / sum(w for _, w in pairs)


def served(pairs):
    """The subject-matter expert: who wanted a croissant and got one? More is better."""
    return sum(min(order, wanted) for order, wanted in pairs) / sum(w for _, w in pairs)


def profit(pairs):
    """The business: what is left at the end of a day, in thousand rupiah? More is better."""
    sold = sum(min(order, wanted) for order, wanted in pairs)
    bought = sum(order for order, _ in pairs)
    return (PRICE * sold - PAID * bought) / len(pairs) / 1000


def revenue(pairs):
    """The business, if it forgets what croissants cost: thousand rupiah taken in a day."""
    return PRICE * sum(min(order, wanted) for order, wanted in pairs) / len(pairs) / 1000


# --8<-- [end:views]

WAYS = (habit, baseline, model)


# --8<-- [start:slices]
def bias(pairs):
    """Ordered too much (+) or too little (-), as a share of what was wanted."""
    return sum(order - wanted for order, wanted in pairs) / sum(w for _, w in pairs)


def only(pairs, key, value):
    """The days of one kind, such as those with rain."""
    return [pair for pair, day in zip(pairs, JUDGE, strict=True) if day[key] == value]


# --8<-- [end:slices]
