"""Seeds that are worked out from the course's secret: a hand-in's, and a student's.

The same hand-in gets the same test data again, also in a regrade, and the same student the same
`data/`; nobody without the secret can know them beforehand. Without a secret, grading draws each
seed anew, and everybody has the same `data/`.
"""

from __future__ import annotations

import hmac
from typing import Final

from grader.submission import Submission

_BITS: Final = 53
"""As many as a number in JSON keeps exactly."""


def seed_of(secret: bytes, submission: Submission) -> int:
    """Return the seed of one attempt of one student at one lab."""
    return _seed(secret, f"{submission.lab}\n{submission.student}\n{submission.attempt}")


def variant_of(secret: bytes, lab: str, student: str) -> int:
    """Return the seed of the data that a student receives with a lab (its slug).

    The first 53 bits of HMAC-SHA256 under the secret, over slug, id and the word `variant`, a line
    each. An attempt is a number, so no hand-in's seed is ever the same by construction.
    """
    return _seed(secret, f"{lab}\n{student}\nvariant")


def _seed(secret: bytes, named: str) -> int:
    whole = hmac.digest(secret, named.encode("utf-8", "surrogatepass"), "sha256")
    return int.from_bytes(whole[:8], "big") >> (64 - _BITS)
