"""Empties folders of what was not there before: a box that serves a second hand-in begins anew."""

from __future__ import annotations

import contextlib
import os
import pathlib
from collections.abc import Iterable


def everything_in(folders: Iterable[pathlib.Path]) -> frozenset[str]:
    """Return the paths of all files and folders below these folders."""
    return frozenset(
        os.path.join(top, name)  # noqa: PTH118 - a name may be one that pathlib would tidy
        for folder in folders
        for top, folders_here, files in os.walk(folder)
        for name in (*folders_here, *files)
    )


def remove_all_but(folders: Iterable[pathlib.Path], kept: frozenset[str]) -> None:
    """Remove from these folders what is not `kept`; raise OSError for what cannot be removed."""
    for folder in folders:
        for top, folders_here, files in os.walk(folder, topdown=False):
            for name in files:
                _remove(os.path.join(top, name), kept)  # noqa: PTH118 - as above
            for name in folders_here:
                path = os.path.join(top, name)  # noqa: PTH118 - as above
                (_remove if os.path.islink(path) else _remove_folder)(path, kept)  # noqa: PTH114 - as above


def _remove(path: str, kept: frozenset[str]) -> None:
    if path not in kept:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)  # noqa: PTH108 - as above


def _remove_folder(path: str, kept: frozenset[str]) -> None:
    if path not in kept:
        with contextlib.suppress(FileNotFoundError):
            os.rmdir(path)  # noqa: PTH106 - as above
