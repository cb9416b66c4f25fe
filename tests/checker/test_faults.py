"""Faults cannot be caught as errors, and each has the status that its check gets."""

from __future__ import annotations

import contextlib

import pytest

from grader.checker import faults

STATUS = {
    faults.Refusal: "failed",
    faults.MissingName: "failed",
    faults.ImportFailed: "crashed",
    faults.WorkerEnded: "crashed",
    faults.WorkerTimedOut: "timed_out",
    faults.ProtocolFault: "crashed",
}


def test_every_fault_has_its_status():
    assert {kind: kind.status for kind in faults.Fault.__subclasses__()} == STATUS


@pytest.mark.parametrize("kind", STATUS)
def test_a_test_that_expects_any_error_does_not_catch_a_fault(kind):
    def call():
        raise kind("what happened")

    def careful():
        with contextlib.suppress(Exception):
            call()

    with pytest.raises(kind) as caught:
        careful()
    assert caught.value.message == str(caught.value) == "what happened"
