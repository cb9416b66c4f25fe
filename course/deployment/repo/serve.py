"""What the service does with one question; the pipeline's smoke test asks the same function."""
# ruff: noqa: INP001

from typing import Any

import forecast


def answer(model: dict[str, Any], question: dict[str, str]) -> dict[str, Any]:
    """Return the forecast for one outlet, channel and day."""
    return {"units": round(forecast.predict(model, question))}
