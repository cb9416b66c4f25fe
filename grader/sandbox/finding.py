"""One thing that the doctor examined: what was seen, and what must be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

UPGRADE: Final = "Do not grade hostile work here; use a current Docker Engine or Podman (rootful)."


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was examined."""

    name: str
    """What was examined, in a few words."""
    ok: bool
    """Whether it is as it must be."""
    saw: str
    """What was seen."""
    wants: str
    """What must be seen."""
    advice: str = ""
    """What to do when it is not so."""


def finding(name: str, *, ok: bool, saw: object, wants: str, advice: str = UPGRADE) -> Finding:
    """Return a Finding; one that is as it must be needs no advice."""
    return Finding(name=name, ok=ok, saw=str(saw), wants=wants, advice="" if ok else advice)
