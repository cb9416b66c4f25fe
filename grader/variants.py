"""Students' own data: made by a lab's generator in a checker, and laid in place of everybody's.

A lab with other data is the same lab: its digest stays, and its `variant` says whose data it has.
The supervisor runs no generator; it takes bytes, and counts them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from grader.errors import BoxGoneError, LabError, UsageError, WireError
from grader.grading import layout_of
from grader.lab import Lab
from grader.layout import DATA, MAX_TREE_BYTES, Files
from grader.outcome import Verdict
from grader.results import Results
from grader.sandbox.link import Link
from grader.sandbox.pool import Boxes
from grader.seeding import variant_of
from grader.wire.frames import Kind, message, read_message

MAKE_S: Final = 60.0
"""Seconds that a generator may take for one student's data."""
_SEND_S: Final = 10.0


def own(lab: Lab, variant: int, boxes: Boxes) -> Lab:
    """Return the lab with the data of a student, whose seed `variant` is.

    A lab without a generator is returned as it is. Raises what `make` raises.
    """
    if not lab.data_from:
        return lab
    (files,) = make(lab, (variant,), boxes)
    return replace(
        lab,
        variant=variant,
        trusted_files=_with(lab.trusted_files, files),
        worker_files=_with(lab.worker_files, files),
    )


def make(lab: Lab, seeds: Sequence[int], boxes: Boxes) -> Iterator[Files]:
    """Yield for each seed path -> content of `data/`, in order; all of it in one checker.

    Raises LabError when the generator fails, or makes other files than lie in `data/`;
    BrokenError when the box does.
    """
    wanted = {path for path, _ in lab.worker_files if path.startswith(DATA)}
    with boxes.checker(lab) as checker:
        checker.send(Kind.MAKE, _make_message(lab, seeds), _SEND_S)
        for _ in seeds:
            files = _files(lab, _next(lab, checker, Kind.MADE))
            if files.keys() != wanted:
                raise _refused(lab, f"it made {_names(files)}, and data/ holds {_names(wanted)}.")
            yield files
        _next(lab, checker, Kind.END)


def refuse_other_data(results: Results, lab: Lab, secret: bytes) -> None:
    """Raise UsageError where recorded runs had other data than this secret (or none) gives.

    Runs with an earlier version of the lab may have had everybody's copy: a regrade changes that.
    """
    if not lab.data_from:
        return
    others = [
        found
        for found in results.official_summaries()
        if found.verdict is Verdict.GRADED
        and (found.variant is not None or found.key[-1] == lab.digest)
        and found.variant != (variant_of(secret, lab.slug, found.key[0]) if secret else None)
    ]
    if others:
        gives = "this secret gives" if secret else "there are without a secret"
        raise UsageError(
            f"{len(others)} of the runs in these results had other data than {gives}: "
            f"{others[0].key[0]}'s, for one.",
            where=str(results.folder),
            advice="Use the cohort.toml and the secret that they were graded with, or grade into a "
            "new folder.",
        )


def _make_message(lab: Lab, seeds: Sequence[int]) -> bytes:
    header = {
        "layout": layout_of(lab),
        "files": [name for name, _ in lab.trusted_files],
        "variant": lab.variant,
        "module": lab.data_from,
        "lab": lab.slug,
        "seeds": list(seeds),
    }
    return message(header, [content for _, content in lab.trusted_files])


def _next(lab: Lab, checker: Link, wanted: Kind) -> bytes:
    """Return the payload of the next frame, which must be of this kind."""
    got = checker.receive(MAKE_S)
    if got is None or got[0] == Kind.DIED:
        raise BoxGoneError("the box ended while it made a student's data")
    kind, payload = got
    if kind == Kind.EVENT:
        told = str(read_message(payload)[0].get("reason", "")).strip()
        raise _refused(lab, told.splitlines()[-1] if told else "it said nothing.")
    if kind != wanted:
        raise WireError(f"the checker sent a frame of kind {kind} where {wanted} was due")
    return payload


def _files(lab: Lab, payload: bytes) -> Files:
    header, blobs = read_message(payload)
    if sum(map(len, blobs)) > MAX_TREE_BYTES:
        raise _refused(lab, f"it made more than {MAX_TREE_BYTES:,} bytes for one student.")
    names = [f"{DATA}{name}" for name in header["files"]]
    return {name: bytes(blob) for name, blob in zip(names, blobs, strict=True)}


def _with(files: tuple[tuple[str, bytes], ...], data: Files) -> tuple[tuple[str, bytes], ...]:
    return tuple((path, data.get(path, content)) for path, content in files)


def _names(paths: Files | set[str]) -> str:
    return ", ".join(sorted(paths)) or "nothing"


def _refused(lab: Lab, what: str) -> LabError:
    return LabError(
        f"its generator {lab.data_from} could not make a student's data: {what}",
        where=f"labs/{lab.slug}/lab.toml: private.data",
        advice="Try it: cd solutions && python -m kopi extract LAB --seed 1 --out FOLDER"
        if lab.data_from.startswith("kopi.")
        else "Call its function extract(slug, seed) yourself.",
    )
