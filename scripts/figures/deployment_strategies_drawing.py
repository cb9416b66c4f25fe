"""Draws four ways to put a new version in front of people: who asks whom, and who hears what."""

from __future__ import annotations

from typing import Final

from scripts.figures.drawing import Drawing, arrow, box, text

WIDE: Final = 700
HIGH: Final = 128
MIDDLE: Final = {"text_anchor": "middle"}

Strategy = tuple[str, str, str, str, str]
STRATEGIES: Final[tuple[Strategy, ...]] = (
    ("Basic", "everybody, at once", "gone", "100 %", "the old version is replaced"),
    ("Shadow", "100 %", "old", "a copy of 100 %", "nobody hears the new version"),
    ("Canary", "95 %, then less", "old", "5 %, then more", "widen, or take back"),
    ("Blue-green", "0 % or 100 %", "blue", "100 % or 0 %", "both ready, one switch"),
)
"""Name, share of the old version, what it is called, share of the new one, what happens."""


def figures() -> list[Drawing]:
    """Return the figures of the page that are drawn by hand."""
    body: list[str] = []
    for at, strategy in enumerate(STRATEGIES):
        body += _row(strategy, at * HIGH)
    says = (
        "Basic: all users get the new version at once. Shadow: all users are answered by the old "
        "version; the new one gets a copy of every request, and its answers go to a log only. "
        "Canary: a few percent of the users get the new version, then step by step more. "
        "Blue-green: two complete versions stand ready, and one switch sends all users to either."
    )
    return [
        Drawing(
            name="deployment-ways",
            title="Basic, shadow, canary and blue-green deployment",
            says=says,
            size=(WIDE, HIGH * len(STRATEGIES)),
            body=tuple(body),
        )
    ]


def _row(strategy: Strategy, top: float) -> list[str]:
    name, old_share, old, new_share, note = strategy
    new = {"Blue-green": "green"}.get(name, "new")
    body = [
        text((0, top + 52), name, font_weight=600, font_size=15),
        text((0, top + 72), note, "soft", font_size=12),
        box((230, top + 38), (90, 44)),
        text((275, top + 65), "users", **MIDDLE),
    ]
    if name != "Basic":
        body += [
            box((530, top + 10), (110, 40)),
            text((585, top + 35), old, **MIDDLE),
            arrow(f"M320 {top + 52} L518 {top + 32}", (522, top + 31), "right"),
            text((420, top + 30), old_share, "soft", font_size=12, **MIDDLE),
        ]
    body += [
        box((530, top + 66), (110, 40)),
        text((585, top + 91), new, font_weight=600, **MIDDLE),
        *_to_new(name, top),
        text((420, top + 98), new_share, "soft", font_size=12, **MIDDLE),
    ]
    return body


def _to_new(name: str, top: float) -> list[str]:
    if name != "Shadow":
        return [arrow(f"M320 {top + 66} L518 {top + 84}", (522, top + 85), "right")]
    return [
        f'<path class="mark" d="M320 {top + 66} L526 {top + 85}"/>',
        text((650, top + 91), "→ log", "soft", font_size=12),
    ]
