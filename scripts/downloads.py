"""Puts what can be downloaded into a built site: each lab, the student's kit, the site itself.

python scripts/downloads.py SITE_FOLDER, after the build. Only `labs/`, `grader/` and a few files
beside them are read; nothing of `solutions/` can get in. The same files make the same archives.
"""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path, PurePosixPath
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that it also runs where the package is not installed

from grader.layout import Files, not_junk, read_tree  # noqa: E402 - the path has to be set before
from grader.pack import zip_of  # noqa: E402 - as above
from grader.submission import Bundle  # noqa: E402 - as above
from scripts.curriculum import slugs  # noqa: E402 - as above

FOLDER: Final = "downloads"
KIT: Final = "mlops-course"
SITE: Final = "mlops-course-site"
KIT_FILES: Final = (
    "LICENSE",
    "pyproject.toml",
    "requirements/base.txt",
    "requirements/build.txt",
    "requirements/labs.txt",
    "requirements/tools.txt",
    "scripts/setup.py",
)
KIT_README: Final = """\
# An MLOps course whose labs grade themselves: the student's kit

Python 3.11 or later is all you need. In this folder, on Linux or macOS: `make setup`, then
`. .venv/bin/activate`. On Windows:

    py -m venv .venv
    .venv\\Scripts\\activate
    pip install -r requirements\\labs.txt
    pip install --no-deps -e .

Then `cd labs/02-data-quality` and `grader check`. The pages of the course say the rest.
"""
KIT_MAKEFILE: Final = """\
# The student's kit needs one target; all others are in the course's repository.

PYTHON ?= python3

.PHONY: help setup

help:
\t@echo "make setup    make .venv ready; then: . .venv/bin/activate"

setup:
\t@$(PYTHON) scripts/setup.py labs
"""
SITE_README: Final = """\
The course's pages, for reading without a network. In this folder, run

    python3 -m http.server 8000

and open http://localhost:8000 in a browser. To let a class read: open
http://ADDRESS-OF-THIS-MACHINE:8000 on the other machines of the same network.
"""
_TO_SITE: Final = re.compile(rb"<a [^>]*%s\.zip[^>]*>(.*?)</a>" % SITE.encode())
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE: Final = 0o100644 << 16


def lab_files(slug: str) -> Files:
    """Return what a student receives of a lab, without what a student's own work leaves there."""
    found = read_tree(ROOT / "labs" / slug, not_junk, f"labs/{slug}")
    return {path: data for path, data in found.items() if path != f"{slug}.zip"}


def kit_files() -> Files:
    """Return everything that a student needs to work on all labs."""
    kept: Files = {"README.md": KIT_README.encode(), "Makefile": KIT_MAKEFILE.encode()}
    kept |= {name: (ROOT / name).read_bytes() for name in KIT_FILES}
    kept |= _below("grader", read_tree(ROOT / "grader", not_junk, "grader"))
    for slug in slugs().values():
        kept |= _below(f"labs/{slug}", lab_files(slug))
    return kept


def site_files(site: Path) -> Files:
    """Return the built site with the labs and the kit, and a word on how to open it."""
    archive = f"{FOLDER}/{SITE}.zip"
    found = {
        path.relative_to(site).as_posix(): _unlinked(path)
        for path in sorted(site.rglob("*"))
        if path.is_file()
    }
    return {"README.txt": SITE_README.encode()} | {
        path: data for path, data in found.items() if path != archive
    }


def _unlinked(path: Path) -> bytes:
    """Return a file of the site; in the archive, what linked to the archive is plain text."""
    data = path.read_bytes()
    return _TO_SITE.sub(rb"\1", data) if path.suffix == ".html" else data


def _below(folder: str, files: Files) -> Files:
    return {str(PurePosixPath(folder) / path): data for path, data in files.items()}


def notebook_name(slug: str, path: str) -> str:
    """Return the name under which a notebook of a lab can be downloaded alone."""
    return f"{slug}-{PurePosixPath(path).name}"


def write(site: Path) -> list[Path]:
    """Write the archives into a built site and return where they are."""
    folder = site / FOLDER
    folder.mkdir(exist_ok=True)
    written = []
    for slug in slugs().values():
        bundle = Bundle.of(_below(slug, lab_files(slug)))
        (folder / f"{slug}.zip").write_bytes(zip_of(bundle))
        written.append(folder / f"{slug}.zip")
        for path, data in lab_files(slug).items():
            if path.endswith(".ipynb"):
                written.append(folder / notebook_name(slug, path))
                written[-1].write_bytes(data)
    for name, files in ((KIT, kit_files()), (SITE, {})):
        target = folder / f"{name}.zip"
        _write(target, _below(name, files or site_files(site)))
        written.append(target)
    return written


def _write(target: Path, files: Files) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sorted(files.items()):
            info = zipfile.ZipInfo(path, _EPOCH)
            info.external_attr = _PLAIN_FILE
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)


def main(arguments: list[str]) -> int:
    """Write the archives into the site that the first argument names."""
    site = Path(arguments[0]) if arguments else ROOT / "site"
    if not (site / "index.html").is_file():
        print(f"{site}: there is no built site. Run: make site", file=sys.stderr)
        return 1
    for path in write(site):
        print(f"written: {path.name} ({path.stat().st_size / 1000:,.0f} kB)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
