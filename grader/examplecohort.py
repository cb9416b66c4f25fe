"""Makes an example cohort from a lab's example submissions, so that a class can be graded at once.

The same lab gives the same cohort, byte for byte. It writes into a folder of its own and replaces
nothing but a cohort that it made itself. It grades nothing.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from grader.errors import UsageError
from grader.lab_folder import Example, LabFolder
from grader.pack import zip_of
from grader.submission import Bundle

DEADLINE: Final = datetime(2026, 3, 6, 16, 59, tzinfo=UTC)
"""23:59 in Jakarta."""
ABSENTEE: Final = "Daniel Kim"
WRONG_WANTED: Final = 14
HOSTILE_WANTED: Final = 4
_HEAD: Final = "# An example cohort, made by `make run`. It is made anew each time.\n"
_NAMES: Final = (
    *("Ayu Lestari", "Seán O'Brien", "Bima Kusuma", "Zoë Müller", "Citra Hartono"),
    *("Dewi Anggraini", "Amara Okafor", "Eka Prasetyo", "Nur'aini Rahmawati", "Fajar Nugroho"),
    *("José Álvarez", "Gita Maharani", "Hendra Wijaya", "Łukasz Wójcik", "Intan Permata"),
    *("Nguyễn Thị Mai", "Joko Santoso", "Kartika Sari", "Priya Raman", "Lukman Hakim"),
    *("Maya Putri", "Ingrid Sørensen", "Oki Setiawan", "Kenji Tanaka", "Putu Wirawan"),
    *("Fatima Zahra", "Ratna Dewi", "Olena Kovalenko", "Satria Utama", "Chloé Dubois"),
    *("Tri Handayani", "Mateus Silva", "Wayan Sudarsana", "Mei Chen", "Tariq Aziz"),
)
_LETTERS: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d"})


class Form(StrEnum):
    """How a hand-in lies in the folder of the class."""

    FOLDER = "a folder"
    ZIP = "a zip"
    ZIP_WITH_FOLDER = "a zip of a folder"
    TAR = "a tar.gz"
    EMPTY = "an empty zip"


_FORMS: Final = (Form.FOLDER, Form.ZIP, Form.ZIP_WITH_FOLDER, Form.TAR)
_LATE: Final = timedelta(hours=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleHandIn:
    """One hand-in of the example cohort."""

    name: str
    """Full name of the student."""
    story: str
    """What it shows: the name of an example submission, or a few words."""
    bundle: Bundle
    """Its files."""
    form: Form
    """How it lies there."""
    attempt: int = 1
    """1 for the student's first one."""
    of: int = 1
    """How many hand-ins the student has."""
    before_deadline: timedelta = timedelta(hours=5)
    """How long before the deadline it came; below zero when late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleCohort:
    """Where an example cohort lies."""

    submissions: Path
    """The folder of the class."""
    cohort_file: Path
    """Roster, deadline, an extension and an override."""
    hand_ins: int
    """How many hand-ins there are."""


def plan(folder: LabFolder, *, hostile: bool) -> tuple[ExampleHandIn, ...]:
    """Return the hand-ins of an example cohort; `hostile` ones only for a sandbox that isolates."""
    examples = folder.examples()
    reference = folder.reference()
    right = [each for each in examples if each.kind == "right"]
    wrong = _spread([each for each in examples if each.kind == "wrong"], WRONG_WANTED)
    attacks = _spread([each for each in examples if each.kind == "hostile"], HOSTILE_WANTED)
    works = [("reference", reference), ("reference", reference), ("starter", folder.starter())]
    works += [(each.name, each.bundle) for each in (*right, *wrong, *(attacks if hostile else ()))]
    names = iter(_NAMES)
    planned = [
        ExampleHandIn(
            name=next(names),
            story=story,
            bundle=bundle,
            form=_FORMS[number % len(_FORMS)],
            before_deadline=timedelta(hours=3 + number, minutes=7 * number % 60),
        )
        for number, (story, bundle) in enumerate(works)
    ]
    return (*planned, *_odd_ones(names, folder, reference, wrong))


def write(folder: LabFolder, into: Path, *, hostile: bool) -> ExampleCohort:
    """Write an example cohort. Raises UsageError where `into` is something else's folder."""
    cohort_file, submissions = into / "cohort.toml", into / "submissions"
    planned = plan(folder, hostile=hostile)
    try:
        if into.exists():
            _demand_ours(into, cohort_file)
            shutil.rmtree(into)
        submissions.mkdir(parents=True)
        for hand_in in planned:
            _place(hand_in, submissions)
        cohort_file.write_text(_cohort_text(planned, folder.lab.slug), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the example cohort cannot be written ({error.strerror}).",
            where=str(error.filename or into),
            advice="Make room, or choose another place.",
        ) from error
    return ExampleCohort(submissions=submissions, cohort_file=cohort_file, hand_ins=len(planned))


def student_id(name: str) -> str:
    """Return the id of a student on the roster: `Zoë Müller` is `zoe.muller`."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    letters = plain.encode("ascii", "ignore").decode()
    return "".join(
        letter for letter in letters.replace(" ", ".") if letter.isalnum() or letter == "."
    )


# -- the plan


def _spread(examples: Sequence[Example], count: int) -> list[Example]:
    """Return so many of them, evenly from first to last."""
    if len(examples) <= count:
        return list(examples)
    return [examples[number * len(examples) // count] for number in range(count)]


def _odd_ones(
    names: Iterator[str], folder: LabFolder, reference: Bundle, wrong: Sequence[Example]
) -> Iterator[ExampleHandIn]:
    """Yield what goes astray in every class, and those who try again."""
    files = reference.as_dict()
    first = folder.lab.submit.required[0]
    broken = files | {first: files[first] + b"\ndef unfinished(:\n    return\n"}
    lacking = {f"notes-{first}.txt": b"I could not find the upload button.\n"}
    worse, better = wrong[0].bundle, wrong[-1].bundle
    late = timedelta(hours=1) - _LATE
    for story, form, attempts, before in (
        ("a syntax error", Form.ZIP, [Bundle.of(broken)], timedelta(hours=2)),
        ("the file is missing", Form.FOLDER, [Bundle.of(lacking)], timedelta(hours=4)),
        ("nothing in the zip", Form.EMPTY, [Bundle.of({})], timedelta(hours=6)),
        ("a second try", Form.ZIP, [worse, reference], timedelta(hours=30)),
        ("three tries", Form.ZIP_WITH_FOLDER, [worse, better, reference], timedelta(hours=40)),
        ("the same files twice", Form.TAR, [better, better], timedelta(hours=9)),
        ("late", Form.FOLDER, [better], late),
        ("late, with more time", Form.ZIP, [reference], late),
    ):
        name = next(names)
        for number, bundle in enumerate(attempts, start=1):
            yield ExampleHandIn(
                name=name,
                story=story,
                bundle=bundle,
                form=form,
                attempt=number,
                of=len(attempts),
                before_deadline=before - timedelta(hours=number - 1),
            )


# -- writing


def _demand_ours(into: Path, cohort_file: Path) -> None:
    made_here = cohort_file.is_file() and cohort_file.read_text("utf-8").startswith(_HEAD)
    if not made_here and any(into.iterdir()):
        raise UsageError(
            "this folder holds other things than an example cohort.",
            where=str(into),
            advice="Move it away, or choose another place.",
        )


def _place(hand_in: ExampleHandIn, submissions: Path) -> None:
    """Write one hand-in, with the time at which it came."""
    # Some are named by id and some by full name, as downloads of different systems are.
    label = hand_in.name if len(hand_in.story) % 2 else student_id(hand_in.name)
    parent = submissions
    if hand_in.of > 1:
        parent = submissions / label
        parent.mkdir(exist_ok=True)
        label = f"attempt-{hand_in.attempt}"
    at = (DEADLINE - hand_in.before_deadline).timestamp()
    if hand_in.form is Form.FOLDER:
        _write_folder(parent / label, hand_in.bundle.as_dict(), at)
        return
    ending = ".tar.gz" if hand_in.form is Form.TAR else ".zip"
    target = parent / f"{label}{ending}"
    target.write_bytes(_archive(hand_in))
    os.utime(target, (at, at))


def _write_folder(place: Path, files: Mapping[str, bytes], at: float) -> None:
    for path, content in files.items():
        target = place / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        os.utime(target, (at, at))
    os.utime(place, (at, at))


def _archive(hand_in: ExampleHandIn) -> bytes:
    match hand_in.form:
        case Form.EMPTY:
            packed = io.BytesIO()
            zipfile.ZipFile(packed, "w").close()
            return packed.getvalue()
        case Form.TAR:
            return _tar(hand_in.bundle)
        case Form.ZIP_WITH_FOLDER:
            inside = {f"my work/{path}": text for path, text in hand_in.bundle.as_dict().items()}
            return zip_of(Bundle.of(inside))
        case _:
            return zip_of(hand_in.bundle)


def _tar(bundle: Bundle) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path, content in bundle.as_dict().items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _cohort_text(planned: Sequence[ExampleHandIn], lab: str) -> str:
    names = [*dict.fromkeys(hand_in.name for hand_in in planned), ABSENTEE]
    ids = {hand_in.story: _text(student_id(hand_in.name)) for hand_in in planned}
    roster = "\n".join(_student(name, number) for number, name in enumerate(sorted(names)))
    return f"""{_HEAD}
schema = 1
name = "An example class"
zone = "Asia/Jakarta"
attempts = "best"

[deadlines]
{lab} = 2026-03-06 23:59:00

{roster}
[[extension]]
student = {ids["late, with more time"]}
lab = "{lab}"
hours = 48
why = "Ill, with a certificate."

[[override]]
student = {ids["nothing in the zip"]}
lab = "{lab}"
points = 40
who = "Dr Roe"
why = "Showed the work in the lab hour; the zip was empty."
when = 2026-03-09 10:00:00
"""


def _student(name: str, number: int) -> str:
    return f"""[[student]]
id = {_text(student_id(name))}
name = {_text(name)}
section = "{"AB"[number % 2]}"
"""


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
