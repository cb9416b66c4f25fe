"""The check that the page on writing labs shows. It is collected by nobody; it is read."""
# ruff: noqa: ANN001, ANN201, INP001

import pytest
from quality import completeness


# --8<-- [start:check]
def test_completeness(make_sales):
    """Completeness counts blank text as missing."""
    frame = make_sales(rows=200)  # other data in every run
    frame.loc[:19, "channel"] = "  "
    seen = completeness(frame)["channel"]  # runs in the student's process; a number comes back
    assert seen == pytest.approx(0.9), (
        f"20 of 200 channels are blank; completeness 0.9 was meant, not {seen}"
    )


# --8<-- [end:check]
