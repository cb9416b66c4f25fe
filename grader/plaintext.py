"""Makes text that students wrote safe to show: names, messages, output, paths.

Pure text in, pure text out. It escapes nothing for HTML or for a shell: the faces do that. What it
promises is that no character moves a cursor, hides, reorders its neighbours or cannot be encoded.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MESSAGE_BYTES: Final = 2_000
"""Bytes of one message on a page."""
OUTPUT_BYTES: Final = 64_000
"""Bytes of what the student's code printed during one check."""
NAME_BYTES: Final = 200
"""Bytes of a name, an id or a path."""

_DELETE: Final = 0x7F
_HIDDEN_RANGES: Final = (
    "\u0080-\u009f"  # C1 controls: some terminals obey them like ESC sequences
    "\u00ad"  # soft hyphen
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction: can turn "05" into "50"
    "\u200b\u2060-\u2065\ufeff"  # invisible; joiners (200c, 200d) stay, real names need them
    "\u2028\u2029"  # line ends that only some programs see
    "\ufff9-\ufffb\U000e0000-\U000e0fff"  # annotations, tags
)
_ODD: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f" + _HIDDEN_RANGES + "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
# More than eight marks on one letter climb over the lines around it.
_STACK: Final = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{8})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def visible(text: str) -> str:
    """Return the text with every control or invisible character shown as a visible symbol.

    Line feeds and tabs stay, CR LF becomes a line feed, a lone surrogate becomes U+FFFD. The
    function is idempotent.
    """
    text = text.replace("\r\n", "\n")
    text = _ODD.sub(_symbol, text)
    return _STACK.sub(r"\1…", text)


def one_line(text: str, limit: int = NAME_BYTES) -> str:
    """Return the text visible, capped, and on one line: for names, ids and paths."""
    cut = capped(text, limit, said=False)
    return cut.replace("\n", "␊").replace("\t", "␉")


def capped(text: str, limit: int, *, said: bool = True) -> str:
    """Return visible text of at most `limit` bytes of UTF-8, from the beginning of `text`.

    When something is left out the result ends with `…`, or, with `said`, with a line that says how
    much was cut; that line is part of the limit.
    """
    # No character of `visible` is dropped without a trace, so a longer text cannot fit.
    shown = visible(text[: limit + 1])
    if len(text) <= limit and len(shown.encode()) <= limit:
        return shown
    ending = f"\n… (cut: {size(len(text))} in all)" if said else "…"
    room = limit - len(ending.encode())
    if room <= 0:
        return "…"
    return shown.encode()[:room].decode(errors="ignore").rstrip() + ending


def size(characters: int) -> str:
    """Return a number of characters for people: `812 characters`, `12 kB`, `3.4 MB`."""
    if characters < 1_000:  # noqa: PLR2004 - where kilo begins
        return f"{characters} characters"
    if characters < 1_000_000:  # noqa: PLR2004 - where mega begins
        return f"{characters // 1_000} kB"
    return f"{characters / 1_000_000:.1f} MB"


def _symbol(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:  # noqa: PLR2004 - C0 controls have pictures of their own from U+2400
        return chr(0x2400 + code)
    if code == _DELETE:
        return "␡"
    if unicodedata.category(match.group()) in {"Cs", "Cn"}:
        return "\ufffd"
    return f"⟨U+{code:04X}⟩"
