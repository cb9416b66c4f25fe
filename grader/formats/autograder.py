"""Gradescope's autograder as a zip: the files of a lab and of this grader -> bytes.

The zip holds hidden tests and the reference: it is for Gradescope and staff, never for students.
On Gradescope student code runs as plain processes beside them; only the score is kept apart.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Final

import jinja2

SETUP: Final = "setup.sh"
RUN: Final = "run_autograder"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_FILE: Final = 0o100644 << 16
_PROGRAM: Final = 0o100755 << 16
_UNIX: Final = 3


def autograder_zip(files: Mapping[str, bytes], slug: str) -> bytes:
    """Return the zip; `files` are by their path in it, the lab in `labs/SLUG`.

    The same files give the same bytes. Raises ValueError for a file that has the name of a script.
    """
    scripts = {name: _script(name, slug) for name in (SETUP, RUN)}
    if scripts.keys() & files.keys():
        raise ValueError(f"{SETUP} and {RUN} are written here")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted((scripts | dict(files)).items()):
            info = zipfile.ZipInfo(path, _EPOCH)
            info.create_system = _UNIX
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = _PROGRAM if path in scripts else _FILE
            archive.writestr(info, content)
    return buffer.getvalue()


def workflow_yaml(slug: str, *, folder: str = ".") -> bytes:
    """Return a GitHub workflow that runs a lab's public checks; `folder` is the lab's in there."""
    return _rendered("github_workflow.yml.j2", slug=slug, folder=folder).encode()


def _script(name: str, slug: str) -> bytes:
    return _rendered(f"gradescope/{name}.j2", slug=slug).encode()


def _rendered(template: str, **values: str) -> str:
    loader = jinja2.PackageLoader("grader", "templates")
    # Shell and YAML, from our own templates and a checked slug: nothing here is a page.
    environment = jinja2.Environment(
        loader=loader,
        autoescape=False,  # noqa: S701 - see above
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        variable_start_string="[[",
        variable_end_string="]]",
    )
    return environment.get_template(template).render(**values)
