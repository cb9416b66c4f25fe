"""What a monitoring library says about four weeks of inputs: Evidently, as it comes."""
# Read by students: few words, no annotations yet.
# ruff: noqa: ANN001, ANN201, INP001

import os

os.environ["DO_NOT_TRACK"] = "1"  # before the import: nothing is sent

from evidently import Report
from evidently.presets import DataDriftPreset


# --8<-- [start:report]
def verdicts(reference, current):
    """Return column -> (test, p-value, drifted?) as the report has them."""
    report = Report([DataDriftPreset()]).run(current, reference)
    # report.save_html("drift.html") writes the page for people
    found = {}
    for metric in report.dict()["metrics"]:
        asked = metric["config"]
        if "column" in asked:
            drifted = metric["value"] < asked["threshold"]  # a p-value; see asked["method"]
            found[asked["column"]] = asked["method"], float(metric["value"]), bool(drifted)
    return found


# --8<-- [end:report]
