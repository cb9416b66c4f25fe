"""The five steps as a Kubeflow pipeline; needs kfp, which this course keeps in its own environment."""
# ruff: noqa: INP001

from kfp import dsl


# --8<-- [start:pipeline]
@dsl.component
def collect() -> list:
    return [101, 99, 120, 118]


@dsl.component
def train(rows: list, window: int) -> float:
    return sum(rows[-window:]) / window


@dsl.component
def validate(forecast: float, rows: list, limit: float) -> bool:
    return abs(forecast - rows[-1]) / rows[-1] <= limit


@dsl.component
def deploy(forecast: float, place: str) -> str:
    return f"{place} forecasts {forecast:.0f}"


@dsl.pipeline(name="forecast")
def forecast_pipeline(window: int = 2, limit: float = 0.2) -> str:
    rows = collect()
    model = train(rows=rows.output, window=window)
    good = validate(forecast=model.output, rows=rows.output, limit=limit)
    with dsl.If(good.output == True):  # noqa: E712 - kfp records the comparison
        staged = deploy(forecast=model.output, place="staging")
        live = deploy(forecast=model.output, place="production").after(staged)
    return live.output


# --8<-- [end:pipeline]
