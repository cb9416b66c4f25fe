"""One lab on disk: the `Lab` itself, its reference, its starter and its example submissions.

Files are read when they are asked for; nothing is imported, run or written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.errors import LabError, ManifestError
from grader.expected import Expected, read_expected
from grader.lab import Lab
from grader.layout import Files, is_students, not_junk, place_of, read_tree, wanted_in_private
from grader.manifest import Manifest
from grader.notebook_building import solved_notebook
from grader.submission import Bundle
from grader.tables import nearest

EXAMPLE: Final = re.compile(r"(right|wrong|hostile)__[a-z0-9_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One example submission of a lab."""

    name: str
    """Name of its folder: `wrong__dropna_as_gate`."""
    kind: str
    """right, wrong or hostile."""
    bundle: Bundle
    """The reference's files with this example's files laid over them."""
    expected: Expected
    """How it must end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabFolder:
    """A lab, and the folders that it was read from."""

    lab: Lab
    """What the grader knows of it."""
    manifest: Manifest
    """What lab.toml says."""
    public: Path
    """What a student receives."""
    private: Path | None
    """Reference and hidden tests; None in a student's copy; the public one for a path lab."""
    held_back: tuple[str, ...] = ()
    """Ids of checks whose tests are not here; empty unless loaded with `public_only`."""

    @property
    def where(self) -> str:
        """Name of the manifest in messages."""
        return place_of(self.public / "lab.toml")

    @property
    def source(self) -> Path:
        """Folder of the reference solution. Raises LabError when there is none."""
        source = self.private / "source" if self.private is not None else None
        if source is None or not source.is_dir():
            raise LabError(
                "this lab has no reference solution here.",
                where=self.where,
                advice="It lies in source/ of the lab's private folder, under solutions/.",
            )
        return source

    def reference(self) -> Bundle:
        """Return the reference solution as a hand-in. Raises LabError when there is none."""
        return Bundle.of(read_tree(self.source, not_junk, place_of(self.source)))

    def starter(self) -> Bundle:
        """Return what a student hands in who has not begun.

        Raises LabError when a starter has not been built.
        """
        files = read_tree(self.public, not_junk, place_of(self.public), lenient=True)
        paths = [path for path in files if is_students(path, self.lab.submit)]
        for path in self._built():
            if path not in files:
                raise LabError(
                    "the starter is missing.",
                    where=place_of(self.public / path),
                    advice=f"Run: grader build {self.lab.slug}",
                )
            paths.append(path)
        return Bundle.of({path: files[path] for path in paths})

    def reference_as_notebook(self) -> Bundle | None:
        """Return the reference with notebooks in place of modules; None where there are none.

        Raises LabError or MarkerError when one cannot be made.
        """
        files = self.reference().as_dict()
        for name, path in self._in_cells(files):
            text = files.pop(name).decode()
            files[path] = solved_notebook(text, place_of(self.source / name), self.lab.title)
        return Bundle.of(files) if self._in_cells(self.reference().as_dict()) else None

    def starter_as_notebook(self) -> Bundle | None:
        """Return the starter without the modules that have notebooks; None where none has."""
        files = self.starter().as_dict()
        modules = [name for name, path in self._in_cells(files) if path in files]
        kept = {path: content for path, content in files.items() if path not in modules}
        return Bundle.of(kept) if modules else None

    def _in_cells(self, files: Files) -> list[tuple[str, str]]:
        """Return (file of a module, its notebook) for the modules that are there."""
        pairs = ((f"{module}.py", path) for module, path in self.lab.submit.notebooks)
        return [(name, path) for name, path in pairs if name in files]

    def examples(self) -> tuple[Example, ...]:
        """Return the example submissions, in order of name; there may be none.

        Raises LabError for a name that says no kind, an example without expected.toml, one that
        removes what is not there, or an expectation about checks that do not exist.
        """
        folder = self.private / "submissions" if self.private is not None else None
        if folder is None or not folder.is_dir():
            return ()
        reference = self.reference().as_dict()
        places = sorted(place for place in folder.iterdir() if place.is_dir())
        shown = [place for place in places if not place.name.startswith((".", "__"))]
        return tuple(self._example(place, reference) for place in shown)

    def hidden(self) -> tuple[Path, ...]:
        """Return the files of hidden tests on disk, their conftest.py and other code included."""
        if self.private is None:
            return ()
        if self.private == self.public:
            files = {check.file for check in self.lab.checks if check.visibility == "hidden"}
            return tuple(self.public / file for file in sorted(files))
        tree = read_tree(self.private, wanted_in_private, place_of(self.private))
        return tuple(self.private / path for path in tree if path.endswith(".py"))

    def _built(self) -> list[str]:
        if self.private is None or self.private == self.public:
            return []
        if not (self.private / "source").is_dir():
            return []
        source = read_tree(self.source, not_junk, place_of(self.source))
        built = [path for path in source if path not in self.manifest.build.withheld]
        notebooks = self.lab.submit.notebooks
        return built + [path for module, path in notebooks if f"{module}.py" in built]

    def _example(self, place: Path, reference: Files) -> Example:
        where = place_of(place)
        found = EXAMPLE.fullmatch(place.name)
        if not found:
            raise LabError(
                "the name of an example submission says how it ends.",
                where=where,
                advice="Call it right__…, wrong__… or hostile__…, in lower case.",
            )
        overlay = read_tree(place, not_junk, where)
        text = overlay.pop("expected.toml", None)
        if text is None:
            raise LabError("this example submission has no expected.toml.", where=where)
        expected = read_expected(text, f"{where}/expected.toml", found.group(1))
        self._demand_known(expected, f"{where}/expected.toml")
        for path in expected.removes:
            if path not in reference:
                raise LabError(
                    f"it removes {path!r}, which the reference does not have.",
                    where=f"{where}/expected.toml",
                    advice=nearest(path, list(reference)),
                )
        kept = {path: text for path, text in reference.items() if path not in expected.removes}
        bundle = Bundle.of(kept | overlay)
        return Example(name=place.name, kind=found.group(1), bundle=bundle, expected=expected)

    def _demand_known(self, expected: Expected, where: str) -> None:
        ids = [check.id for check in self.lab.checks]
        for check in (*(expected.loses or ()), *expected.status):
            if check not in ids:
                raise ManifestError(
                    f"the lab has no check {check!r}.", where=where, advice=nearest(check, ids)
                )
