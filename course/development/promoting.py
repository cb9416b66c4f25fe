"""From a tracked run to the model in use: register, challenge the champion, roll back."""
# Read by students: questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, INP001

import mlflow
import numpy as np
import pandas as pd
from champion_rules import paired_rule
from tracked import load

NAME = "units-tomorrow"


# --8<-- [start:register]
def register(run_id, why):
    """Put a run's model into the registry; return its version, a whole number as text."""
    model = mlflow.get_run(run_id).outputs.model_outputs[0].model_id
    version = mlflow.register_model(f"models:/{model}", NAME, tags={"why": why})
    return str(version.version)


# --8<-- [end:register]


# --8<-- [start:alias]
def point(alias, version, why):
    """Let an alias name this version from now on, and leave a note on the version."""
    client = mlflow.MlflowClient()
    client.set_registered_model_alias(NAME, alias, version)
    client.set_model_version_tag(NAME, version, f"became_{alias}", why)


def version_of(alias):
    """Return the version that an alias names."""
    return str(mlflow.MlflowClient().get_model_version_by_alias(NAME, alias).version)


def forecast(features):
    """Answer as the service does: with whatever model is the champion now."""
    return mlflow.pyfunc.load_model(f"models:/{NAME}@champion").predict(features)


# --8<-- [end:alias]


# --8<-- [start:challenge]
def daily_wape(version, sales, features):
    """Return the WAPE of each day; a version's model is loaded, never trained again."""
    model = mlflow.pyfunc.load_model(f"models:/{NAME}/{version}")
    wrong = np.abs(model.predict(features) - sales["units"])
    return (wrong.groupby(sales["date"]).sum() / sales["units"].groupby(sales["date"]).sum()).array


def judged_until(version):
    """Return the day from which on a version's run has seen nothing."""
    run = mlflow.MlflowClient().get_model_version(NAME, version).run_id
    return mlflow.get_run(run).data.params["validation_to"]


def challenge(version, path):
    """Let a version meet the champion on days that neither has met; the alias moves if it wins."""
    champion = version_of("champion")
    sales, features = load(path)
    fresh = sales["date"] >= max(judged_until(version), judged_until(champion))
    days = sales[fresh], features[fresh]
    old, new = daily_wape(champion, *days), daily_wape(version, *days)
    won = bool(paired_rule(old, new))
    gain = f"{np.mean(old - new) * 100:+.2f} points over {len(old)} days"
    if won:
        point("champion", version, f"beat version {champion}: {gain}")
    return won, gain


# --8<-- [end:challenge]


# --8<-- [start:history]
def history():
    """Return one row for each version: its aliases, and why it is there."""
    client = mlflow.MlflowClient()
    aliases = client.get_registered_model(NAME).aliases
    rows = [
        {
            "version": int(one.version),
            "alias": ", ".join(name for name, at in aliases.items() if str(at) == str(one.version)),
            "why": one.tags.get("why", ""),
            "became_champion": one.tags.get("became_champion", ""),
        }
        for one in client.search_model_versions(f"name='{NAME}'")
    ]
    return pd.DataFrame(rows).sort_values("version", ignore_index=True)


# --8<-- [end:history]
