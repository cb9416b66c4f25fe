"""Moves an alias in MLflow's registry: this is what a release and a rollback are."""
# ruff: noqa: INP001, T201

import sys

import mlflow
from mlflow import MlflowClient


# --8<-- [start:promote]
def main(store: str) -> None:
    """Register two versions, release the second, and take it back."""
    mlflow.set_tracking_uri(f"sqlite:///{store}")
    client = MlflowClient()
    client.create_registered_model("forecast")
    for digest in ("15b533ef", "9c41d7a0"):
        version = client.create_model_version("forecast", source=f"models/{digest}")
        client.set_model_version_tag("forecast", version.version, "digest", digest)
    for number in ("1", "2", "1"):  # release, release, roll back
        client.set_registered_model_alias("forecast", "champion", number)
        live = client.get_model_version_by_alias("forecast", "champion")
        print(f"champion is version {live.version}, digest {live.tags['digest']}")


# --8<-- [end:promote]

if __name__ == "__main__":
    main(sys.argv[1])
