"""The worked example of *Where are we?*: three maturity models as lists of what must be there."""
# Read by students: short questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, D401, INP001, T201

# --8<-- [start:practices]
PRACTICES = {
    "code": "All code is under version control, and its tests run on every change.",
    "service": "The service that answers is built and released by a pipeline.",
    "training": "Training is one pipeline that runs without a hand on the keyboard.",
    "tracking": "Data, code and settings of each model are on record.",
    "data checks": "Bad data stop the pipeline.",
    "features": "Training and serving compute features with the same code.",
    "model checks": "A model that is worse than the one in use stops the pipeline.",
    "staging": "A model is tested in a copy of production before it is released.",
    "release": "A model that passed is released by the pipeline; there is a way back.",
    "watching": "The model's error in use is measured and watched.",
    "trigger": "Training starts by itself: new data came, or it is time.",
    "alarm": "An alarm about the model in use starts the training.",
    "pipeline release": "The training pipeline itself is released by a pipeline.",
    "templates": "A new team starts from a template that has all this.",
}
# --8<-- [end:practices]

# --8<-- [start:models]
MODELS = {
    "Google Cloud": {
        "0 manual process": set(),
        "1 pipeline for training": {
            *("training", "tracking", "data checks", "features"),
            *("model checks", "release", "trigger"),
        },
        "2 pipeline for the pipeline": {"code", "staging", "pipeline release", "watching"},
    },
    "Microsoft": {
        "0 no MLOps": set(),
        "1 DevOps, no MLOps": {"code", "service"},
        "2 automated training": {"training", "tracking"},
        "3 automated release of models": {"model checks", "staging", "release"},
        "4 automated operations": {"watching", "alarm"},
    },
    "AWS": {
        "1 initial": set(),
        "2 repeatable": {"code", "training", "tracking"},
        "3 reliable": {"model checks", "staging", "release", "watching"},
        "4 scalable": {"templates"},
    },
}
# --8<-- [end:models]


# --8<-- [start:level]
def level(levels, have):
    """The highest level that is complete, and what the next one lacks."""
    reached = ""
    for name, needs in levels.items():
        if needs - have:
            return reached, sorted(needs - have)
        reached = name
    return reached, []


def report(have):
    """One line for each model."""
    for model, levels in MODELS.items():
        reached, lacks = level(levels, have)
        print(f"{model}: {reached}; next: {', '.join(lacks) or 'nothing'}")


# --8<-- [end:level]


# --8<-- [start:teams]
TEAMS = {
    "Kopi Lestari in January": set(),
    "the app team": {"code", "service", "staging"},
    "Kopi Lestari after lab 06": {
        *("code", "service", "training", "tracking"),
        *("data checks", "features", "model checks", "staging", "release"),
    },
}
# --8<-- [end:teams]


# --8<-- [start:score]
def ml_test_score(sections):
    """Half a point by hand, one by machine; the weakest section counts."""
    points = {"no": 0, "by hand": 0.5, "by machine": 1}
    return min(sum(points[done] for done in tests) for tests in sections.values())


# --8<-- [end:score]
SECTIONS = {
    "data": ["by machine"] * 4 + ["by hand"] * 2 + ["no"],
    "model": ["by machine"] * 3 + ["by hand"] * 3 + ["no"],
    "infrastructure": ["by machine"] * 6 + ["no"],
    "monitoring": ["by hand"] * 2 + ["no"] * 5,
}
"""Kopi Lestari after lab 06, as the chapter judges it: seven tests in each section."""
