"""Answers over HTTP how many cups an outlet will sell on a day. Given; you do not change it.

GET /health     is the process alive?
GET /ready      can it do its work, that is, does it have a model?
GET /predict?outlet=K01&day=2026-05-01
"""

import os
from datetime import date
from typing import Any

from fastapi import FastAPI, HTTPException

from service.forecast import cups, read_model

app = FastAPI(title="Kopi Lestari")
MODEL: dict[str, Any] = {}


def model() -> dict[str, Any]:
    """Return the model, and look for it again where there was none."""
    if not MODEL:
        MODEL.update(read_model() or {})
    if not MODEL:
        raise HTTPException(503, "there is no model yet")
    return MODEL


@app.get("/health")
def health() -> dict[str, bool]:
    """Tell that the process answers. KOPI_SICK=1 plays a process that has gone wrong."""
    if os.environ.get("KOPI_SICK"):
        raise HTTPException(500, "this service is sick")
    return {"alive": True}


@app.get("/ready")
def ready() -> dict[str, Any]:
    """Tell whether there is a model, and which."""
    return {"ready": True, "model": model()["version"]}


@app.get("/predict")
def predict(outlet: str, day: date) -> dict[str, Any]:
    """Return the cups that an outlet will sell."""
    known = model()
    if outlet not in known["outlets"]:
        raise HTTPException(404, f"there is no outlet {outlet}")
    return {"cups": cups(known, outlet, day), "model": known["version"]}
