"""Reads the folders of one lab into a `Lab`: manifest, tests, layout, digest.

Tests are found by reading them. A lab that is wrong in any way is refused here, long before
anybody is graded by it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

from grader.checks import PlacedTest, join_checks, without_absent
from grader.discovery import find_tests, redefined
from grader.errors import LabError, ManifestError
from grader.lab import Lab, Submit, Visibility
from grader.lab_folder import LabFolder
from grader.layout import (
    DATA,
    HIDDEN,
    STARTERS,
    Files,
    Layout,
    course_layout,
    is_students,
    not_junk,
    path_layout,
    place_of,
    read_tree,
    wanted_in_path_lab,
    wanted_in_private,
    wanted_in_public,
    without_hidden_tests,
)
from grader.manifest import Manifest, engine_of, floors_of, limits_of, read_manifest, submit_of
from grader.nbgrader_course.table import origin_of
from grader.notebook_building import read_record

DIGEST_VERSION = 1


def read_lab(public: Path, private: Path | None, *, public_only: bool = False) -> LabFolder:
    """Return the lab of a public and a private folder; without a private one it is a path lab.

    With `public_only` nothing private is read, and checks whose tests are hidden are left out.
    Raises ManifestError or LabError.
    """
    return _Reader(public, private, public_only=public_only).folder()


def digest_of(lab: Lab) -> str:
    """Return the SHA-256 over all that can change a mark.

    In it: what is handed in, limits, libraries loaded ahead, whether operators are trusted; of
    each check its id, points, visibility, test and needs; every byte of the checker's files and of
    the files beside the student's. Not in it: title, stage, page, minutes, tasks, hints and learn
    text, and what proving demands.
    """
    content = {
        "version": DIGEST_VERSION,
        "submit": _submit(lab.submit),
        "limits": asdict(lab.limits),
        "preload": lab.preload,
        "tools": lab.tools,
        "remote_operators": lab.remote_operators,
        "checks": [
            [check.id, check.points, check.visibility, check.file, check.node, check.needs]
            for check in lab.checks
        ],
        "trusted": _hashes(lab.trusted_files),
        "worker": _hashes(lab.worker_files),
    }
    if lab.data_from:
        content["data_from"] = lab.data_from
    if lab.engine is not None:  # so that the digests of labs without one stay as they were
        content["engine"] = asdict(lab.engine)
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _submit(submit: Submit) -> dict[str, object]:
    told = asdict(submit)
    # Empty for labs without notebooks, so that their digests stay as they were.
    return {key: told[key] for key in told if told[key] or key not in {"notebooks", "starters"}}


def _hashes(files: tuple[tuple[str, bytes], ...]) -> list[list[str]]:
    return sorted([path, hashlib.sha256(content).hexdigest()] for path, content in files)


class _Reader:
    """Reads one lab; a class only to keep its places together."""

    def __init__(self, public: Path, private: Path | None, *, public_only: bool) -> None:
        self._public = public
        self._private = private
        self._public_only = public_only
        self._where = place_of(public / "lab.toml")

    def folder(self) -> LabFolder:
        """Return the lab, with everything that makes it wrong refused."""
        manifest = read_manifest((self._public / "lab.toml").read_bytes(), self._where)
        self._demand_course_keys(manifest)
        files = self._public_files()
        submit = self._submit(manifest, files)
        layout = self._layout(manifest, submit, files)
        tests = self._tests(layout, strict=bool(manifest.check))
        held_back: list[str] = []
        if self._public_only:
            manifest, held_back = without_absent(manifest, tests)
        lab = Lab(
            slug=self._public.name,
            title=manifest.title or self._public.name,
            stage=manifest.stage,
            page=manifest.page,
            minutes=manifest.minutes,
            submit=submit,
            limits=limits_of(manifest),
            checks=join_checks(manifest, tests, self._where),
            preload=manifest.image.preload,
            tools=manifest.image.tools,
            engine=engine_of(manifest),
            remote_operators=manifest.remote_operators,
            floors=floors_of(manifest),
            trusted_files=tuple(sorted(layout.trusted.items())),
            worker_files=tuple(sorted(layout.worker.items())),
            data_from=self._data_from(manifest, layout),
            origin=origin_of(manifest.nbgrader),
        )
        return LabFolder(
            lab=replace(lab, digest=digest_of(lab)),
            manifest=manifest,
            public=self._public,
            private=None if self._public_only else (self._private or self._public),
            held_back=tuple(held_back),
        )

    def _submit(self, manifest: Manifest, files: Files) -> Submit:
        """Return what is handed in, and how the starters looked."""
        submit = submit_of(manifest, self._required(manifest, files))
        place = self._public / STARTERS
        if not submit.notebooks or not place.is_file():
            return submit
        prints, _ = read_record(place.read_bytes(), place_of(place))
        return replace(submit, starters=tuple(sorted(prints.items())))

    def _demand_course_keys(self, manifest: Manifest) -> None:
        if self._private is None:
            return
        for key, value in (("schema", manifest.schema_), ("title", manifest.title)):
            if value is None:
                raise ManifestError(
                    "a lab of the course needs this key.",
                    where=f"{self._where}: {key}",
                    advice="Write schema = 1." if key == "schema" else "",
                )

    def _public_files(self) -> Files:
        where = place_of(self._public)
        wanted = wanted_in_public if self._private else wanted_in_path_lab
        files = read_tree(self._public, wanted, where, lenient=self._public_only)
        return without_hidden_tests(files) if self._public_only else files

    def _required(self, manifest: Manifest, files: Files) -> tuple[str, ...]:
        """Return what is required: as written, or one file for each module."""
        if manifest.submit.required or manifest.nbgrader:
            return manifest.submit.required  # in nbgrader, a notebook that is missing costs its own
        built = self._source_files() if self._private else {}
        return tuple(_file_of(module, files.keys() | built) for module in manifest.submit.modules)

    def _source_files(self) -> Files:
        source = self._private / "source" if self._private and not self._public_only else None
        if source is None or not source.is_dir():
            return {}
        return read_tree(source, not_junk, place_of(source))

    def _layout(self, manifest: Manifest, submit: Submit, files: Files) -> Layout:
        given = {
            path: files[path]
            for path in manifest.build.given
            if path in files and not is_students(path, submit)
        }
        if self._public_only or self._private is None:
            if manifest.private.include and not self._public_only:
                raise ManifestError(
                    "only a lab with a folder in solutions/ can include others of that folder.",
                    where=f"{self._where}: private.include",
                )
            return path_layout(files, submit=submit, given=given)
        private = read_tree(self._private, wanted_in_private, place_of(self._private))
        shared = {
            name: self._shared(name, self._private.parent) for name in manifest.private.include
        }
        return course_layout(files, private, shared, submit=submit, given=given)

    def _shared(self, name: str, solutions: Path) -> Files:
        if not (solutions / name).is_dir():
            raise ManifestError(
                f"there is no folder solutions/{name}.", where=f"{self._where}: private.include"
            )
        return read_tree(solutions / name, wanted_in_public, place_of(solutions / name))

    def _data_from(self, manifest: Manifest, layout: Layout) -> str:
        """Return the module that makes the data; a student's copy has none."""
        module = manifest.private.data
        if not module or self._public_only:
            return ""
        where = f"{self._where}: private.data"
        if f"{HIDDEN}/{module.replace('.', '/')}.py" not in layout.trusted:
            raise ManifestError(
                f"there is no module {module!r} beside the hidden tests.",
                where=where,
                advice="Write it into the lab's folder in solutions/, or include its folder.",
            )
        if not any(path.startswith(DATA) for path in layout.worker):
            raise ManifestError(
                "this lab has no folder data/ that could differ from student to student.",
                where=where,
                advice="Write the files first, or leave this key out.",
            )
        return module

    def _tests(self, layout: Layout, *, strict: bool) -> list[PlacedTest]:
        placed = []
        for visibility, files in (
            (Visibility.PUBLIC, layout.public_tests),
            (Visibility.HIDDEN, layout.hidden_tests),
        ):
            for file in files:
                text, where = layout.trusted[file], self._on_disk(file)
                twice = redefined(text, where) if strict else ()
                if twice:
                    raise LabError(
                        f"{twice[0]} is defined twice; only the second one would run.", where=where
                    )
                placed += [
                    PlacedTest(file=file, visibility=visibility, test=test)
                    for test in find_tests(text, where)
                ]
        return placed

    def _on_disk(self, file: str) -> str:
        if self._private is not None and file.startswith("hidden/"):
            return place_of(self._private / file.removeprefix("hidden/"))
        return place_of(self._public / file)


def _file_of(module: str, files: set[str]) -> str:
    """Return the file without which the module is not there: a package's own, or `module.py`."""
    package = f"{module}/__init__.py"
    return package if package in files and f"{module}.py" not in files else f"{module}.py"
