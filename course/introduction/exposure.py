"""The worked example of *Why MLOps?*: wrong days, risk of a release, worth of a try."""
# Read by students: short questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, D401, INP001

# --8<-- [start:teams]
FAULTS_A_YEAR = 4

TEAMS = {
    "by hand": {"notice": 14, "repair": 3, "release": 30},
    "repairs twice as fast": {"notice": 14, "repair": 1.5, "release": 30},
    "watches": {"notice": 1, "repair": 3, "release": 30},
    "releases every night": {"notice": 14, "repair": 3, "release": 1},
    "does both": {"notice": 1, "repair": 3, "release": 1},
}


def days_wrong(notice, repair, release):
    """Days from a fault to its mend; the next release is half an interval away."""
    return notice + repair + release / 2


# --8<-- [end:teams]


# --8<-- [start:release]
def goes_wrong(changes, each=0.05):
    """The chance that a release breaks something: each change may, by itself."""
    return 1 - (1 - each) ** changes


# --8<-- [end:release]


# --8<-- [start:tries]
def finds_one(tries, helps=0.25):
    """The chance that at least one of some tries really helps."""
    return 1 - (1 - helps) ** tries


def fooled_once(tries, level=0.05):
    """The chance that at least one of some useless tries looks like a success."""
    return 1 - (1 - level) ** tries


# --8<-- [end:tries]


# --8<-- [start:scale]
def person_days(models):
    """Work in the first year: (each model by hand, all models on one shared way)."""
    by_hand = 30 * models
    shared = 40 + 6 * models
    return by_hand, shared


# --8<-- [end:scale]
