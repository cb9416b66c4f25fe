"""The five steps as a Kubeflow pipeline; needs kfp, in an environment of its own."""
# ruff: noqa: D103, INP001
# mypy: ignore-errors

from functools import partial

from kfp import dsl

# --8<-- [start:pipeline]
step = partial(dsl.component, base_image="kopi/steps:1.4", install_kfp_package=False)


@step
def collect() -> list:
    return [101, 99, 120, 118]


@step
def train(rows: list, window: int) -> float:
    return sum(rows[-window:]) / window


@step
def validate(forecast: float, rows: list, limit: float) -> float:
    if abs(forecast - rows[-1]) / rows[-1] > limit:
        raise ValueError("the model is not good enough")
    return forecast


@step
def deploy(forecast: float, place: str) -> str:
    return f"{place} forecasts {forecast:.0f}"


@dsl.pipeline(name="forecast")
def forecast_pipeline(window: int = 2, limit: float = 0.2) -> str:
    rows = collect()
    model = train(rows=rows.output, window=window)
    good = validate(forecast=model.output, rows=rows.output, limit=limit)
    staged = deploy(forecast=good.output, place="staging")
    live = deploy(forecast=good.output, place="production").after(staged)
    return live.output


# --8<-- [end:pipeline]
