"""Finds labs on disk: by slug in the course's folders, or by the path of a folder.

A lab of the course lies in `labs/NN-slug/` (public) and `solutions/NN-slug/` (private). A folder
that is given as a path is a lab too, if it has a lab.toml and a pytest file. Nothing that is found
here is ever imported or run.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import grader
from grader.errors import LabNotFoundError
from grader.lab_folder import Example, LabFolder
from grader.lab_reader import read_lab
from grader.tables import nearest

__all__ = ["HOME_VARIABLE", "Example", "LabFolder", "Library"]

HOME_VARIABLE: Final = "GRADER_HOME"


class Library:
    """The labs below one root folder."""

    def __init__(self, root: Path) -> None:
        """Look for labs in `labs/` and `solutions/` of that folder."""
        self.root = root

    @classmethod
    def find(cls, start: Path | None = None, env: Mapping[str, str] = os.environ) -> Library:
        """Return the library of GRADER_HOME, of the folder around us, or of our own checkout.

        Raises LabNotFoundError when none of them holds labs.
        """
        home = env.get(HOME_VARIABLE)
        if home:
            if not (Path(home) / "labs").is_dir():
                raise LabNotFoundError(
                    "this folder has no folder `labs`.",
                    where=f"{HOME_VARIABLE}={home}",
                    advice=f"Correct the variable {HOME_VARIABLE}, or unset it.",
                )
            return cls(Path(home))
        here = (start or Path.cwd()).resolve()
        checkout = Path(grader.__file__).resolve().parent.parent
        for folder in (here, *here.parents, checkout):
            if any(folder.glob("labs/*/lab.toml")):
                return cls(folder)
        raise LabNotFoundError(
            "no labs were found, neither here nor in the folders above.",
            where=str(here),
            advice=f"Go to the course's folder, or name it in the variable {HOME_VARIABLE}.",
        )

    def slugs(self) -> tuple[str, ...]:
        """Return the names of the labs, in order."""
        return tuple(sorted(place.parent.name for place in self.root.glob("labs/*/lab.toml")))

    def load(self, slug_or_path: str | Path, *, public_only: bool = False) -> LabFolder:
        """Return the lab of that slug (its number is enough), or the lab in that folder.

        With `public_only` no private file is read, and checks whose tests are not public are
        named in `held_back`: that is how a student's own copy is loaded. Raises LabNotFoundError,
        ManifestError or LabError.
        """
        public = self._folder(slug_or_path)
        return read_lab(public, _private_of(public), public_only=public_only)

    def _folder(self, slug_or_path: str | Path) -> Path:
        if isinstance(slug_or_path, str):
            slug = self._slug(slug_or_path)
            if slug:
                return (self.root / "labs" / slug).resolve()
        path = Path(slug_or_path).expanduser()
        path = path.parent if path.name == "lab.toml" else path
        if (path / "lab.toml").is_file():
            return path.resolve()
        if path.is_dir():
            raise LabNotFoundError(
                "this folder has no lab.toml, so it is no lab.",
                where=str(path),
                advice='Three lines are enough: [submit], modules = ["name"], and a pytest file.',
            )
        slugs = self.slugs()
        known = f"Labs here: {', '.join(slugs) or 'none'}."
        raise LabNotFoundError(
            "there is no lab and no folder of that name.",
            where=str(slug_or_path),
            advice=f"{nearest(str(slug_or_path), slugs)} {known}".strip(),
        )

    def _slug(self, name: str) -> str | None:
        slugs = self.slugs()
        if name in slugs:
            return name
        matching = [slug for slug in slugs if name and slug.startswith(f"{name}-")]
        return matching[0] if len(matching) == 1 else None


def _private_of(public: Path) -> Path | None:
    """Return the lab's folder in solutions/, when the public one lies in labs/ beside it."""
    if public.parent.name != "labs":
        return None
    private = public.parent.parent / "solutions" / public.name
    return private if private.is_dir() else None
