"""Who a hand-in belongs to: ids that are safe to use as names, and ids that only look alike.

Pure text in, text out. It never decides that two different ids are one student: it keeps them
apart and says so, because a score on the wrong student is worse than a question to staff.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from grader.filenames import sameness
from grader.plaintext import one_line

ID_CHARS: Final = 80
"""Characters that an id may have."""

_KEPT: Final = frozenset("._@+-")
_SCRIPTS: Final = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN")
# Letters (lower case) that most fonts draw like a Latin one. A homoglyph list of all Unicode would
# find more; these three scripts have whole names' worth of them.
_CYRILLIC: Final = ("авгеікмнорстухьѕјһԁԛԝ", "abreikmhopctyxbsjhdqw")
_GREEK: Final = ("αεικνορπτυχω", "aeikvopntuxw")
_ARMENIAN: Final = ("հոսցօ", "hnugo")  # noqa: RUF001 - the point of it
_LIKE_LATIN: Final = str.maketrans(
    _CYRILLIC[0] + _GREEK[0] + _ARMENIAN[0], _CYRILLIC[1] + _GREEK[1] + _ARMENIAN[1]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Student:
    """Somebody who takes the course."""

    id: str
    """Safe as a name, unique, and the same in every file of the course."""
    name: str = ""
    """Full name."""
    email: str = ""
    """Address, or empty."""
    section: str = ""
    """Group or class that the student belongs to, or empty."""
    lms_id: str = ""
    """Number of the student in Moodle or Canvas, as their downloads spell it; or empty."""


class StudentIdError(ValueError):
    """An id that no student may have; the message is a whole sentence."""


def safe_id(raw: str) -> tuple[str, tuple[str, ...]]:
    """Return an id that is safe as a name, and what was odd about the one that was given.

    Raises StudentIdError where a repair could make it another student's id.
    """
    text = unicodedata.normalize("NFKC", raw)
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in text):
        raise StudentIdError(f"{raw!a} holds control characters and cannot be a student's id.")
    if "/" in text or "\\" in text or ".." in text:
        raise StudentIdError(f"{raw!a} is a path and cannot be a student's id.")
    plain = re.sub(r"\s+", "-", text.strip())
    made = "".join(letter if _is_kept(letter) else "-" for letter in plain)
    made = re.sub(r"-{2,}", "-", made).strip("-.")
    if not made:
        raise StudentIdError(f"{raw!a} has no letter or digit and cannot be a student's id.")
    if len(made) > ID_CHARS:
        raise StudentIdError(f"{one_line(made)} is longer than {ID_CHARS} characters.")
    notes = []
    if made != raw:
        notes.append(f"The id {raw!a} is written {one_line(made)} here.")
    if len(scripts(made)) > 1:
        mixed = " and ".join(script.capitalize() for script in scripts(made))
        notes.append(f"The id {made!a} mixes {mixed} letters: is it who it seems to be?")
    return made, tuple(notes)


def _is_kept(letter: str) -> bool:
    return letter in _KEPT or letter == "_" or unicodedata.category(letter)[0] in "LNM"


def scripts(text: str) -> list[str]:
    """Return which of the scripts with look-alike letters are used, in a fixed order."""
    names = {unicodedata.name(letter, "").partition(" ")[0] for letter in text}
    return [script for script in _SCRIPTS if script in names]


def skeleton(text: str) -> str:
    """Return a key that is equal for ids that look the same."""
    return sameness(text).translate(_LIKE_LATIN)


def look_alikes(ids: Iterable[str]) -> dict[str, str]:
    """Return, for each id that looks like another one of them, a sentence that shows both."""
    groups: dict[str, list[str]] = defaultdict(list)
    for known in sorted(set(ids)):
        groups[skeleton(known)].append(known)
    said = {}
    for group in groups.values():
        if len(group) > 1:
            for known in group:
                others = ", ".join(f"{other!a}" for other in group if other != known)
                said[known] = f"The id {known!a} looks like {others}; they are kept apart."
    return said


def distinct_ids(raws: Iterable[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return a different safe id, with notes, for each different raw id.

    Raw ids that would become one (`bob` and `bob `, `Bob` and `bob`) are told apart by a short
    mark. An id that needs no repair keeps its name. Raw ids must have passed `safe_id`.
    """
    made = {raw: safe_id(raw) for raw in raws}
    taken: dict[str, str] = {}
    result = {}
    for raw in sorted(made, key=lambda raw: (made[raw][0] != raw, raw)):
        plain, notes = made[raw]
        key = sameness(plain)
        if key in taken:
            mark = hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:6]
            notes = (*notes, f"{raw!a} is not {taken[key]!a}: they are kept apart. Which is it?")
            plain = f"{plain}-{mark}"
        else:
            taken[key] = raw
        result[raw] = plain, notes
    return result


def sort_name_keys(name: str) -> set[str]:
    """Return how Canvas may spell a full name in a file name: last name first, letters only."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", name).casefold())
    turns = (words[at:] + words[:at] for at in range(len(words)))
    return {"".join(turn) for turn in turns}


def person_key(name: str) -> str:
    """Return a key that is equal for one full name however it is spaced and capitalised."""
    return " ".join(re.findall(r"[\w']+", sameness(name)))


def unique_keys(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return key -> id for the keys that point to one id only."""
    found: dict[str, set[str]] = defaultdict(set)
    for key, known in pairs:
        if key:
            found[key].add(known)
    return {key: next(iter(ids)) for key, ids in found.items() if len(ids) == 1}
