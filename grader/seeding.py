"""The seed of a hand-in's test data, worked out from the course's secret.

The same hand-in gets the same data again, also in a regrade; nobody without the secret can know
them beforehand. Without a secret, grading draws each seed anew.
"""

from __future__ import annotations

import hmac
from typing import Final

from grader.submission import Submission

_BITS: Final = 53
"""As many as a number in JSON keeps exactly."""


def seed_of(secret: bytes, submission: Submission) -> int:
    """Return the seed of one attempt of one student at one lab."""
    named = f"{submission.lab}\n{submission.student}\n{submission.attempt}"
    whole = hmac.digest(secret, named.encode("utf-8", "surrogatepass"), "sha256")
    return int.from_bytes(whole[:8], "big") >> (64 - _BITS)
