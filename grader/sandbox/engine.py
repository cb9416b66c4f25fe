"""The connection to a container engine, and the one place where its errors become ours.

Nothing here knows about boxes or images; importing it does not import the docker SDK.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from grader.errors import EngineError, EngineUnavailableError, GraderError, ImageMissingError

if TYPE_CHECKING:
    import docker

CALL_S: Final = 30.0
"""Seconds that any one call to the engine may take; a stuck engine must not hold a batch."""
POOL: Final = 64
"""Connections kept. The SDK keys its pools by address, and each box has addresses of its own; a
pool that is pushed out while a thread is about to use it would fail that call."""

NO_ENGINE: Final = (
    "Start one ('make engine' on Debian or Ubuntu), or point DOCKER_HOST at one; "
    "'--sandbox process' grades without, but does not contain hostile code."
)
NOT_ALLOWED: Final = (
    "Ask the machine's administrator for access to the engine (on Docker: the group 'docker', "
    "then log in again), or use a rootless engine through DOCKER_HOST."
)
NO_IMAGE: Final = "Run 'grader image build'."
TRY_AGAIN: Final = "Try again; 'grader doctor' shows what the engine can do."


def connect(timeout_s: float = CALL_S) -> docker.DockerClient:
    """Return a client for DOCKER_HOST, the current docker context, or the local socket.

    The API version is negotiated, never pinned. Raises EngineUnavailableError when nothing answers.
    """
    import docker  # noqa: PLC0415 - a tenth of a second that most commands need not pay

    where = os.environ.get("DOCKER_HOST", "the local engine")
    with translated(f"connecting to {where}"):
        client = docker.DockerClient.from_env(
            version="auto", timeout=int(timeout_s), max_pool_size=POOL
        )
        _widen(client)
        client.api.ping()
    return client


def is_podman(client: docker.DockerClient) -> bool:
    """Return whether Podman answers on the other side; its Docker interface differs in places."""
    with translated("asking the engine for its version"):
        components = client.version().get("Components") or ()
    return any("podman" in str(one.get("Name", "")).lower() for one in components)


def cache_folder() -> Path:
    """Return the folder for build logs and the like, made if it was not there."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "grader"
    cache.mkdir(parents=True, exist_ok=True)
    return cache


def _widen(client: docker.DockerClient) -> None:
    for adapter in client.api.adapters.values():
        pools: Any = getattr(adapter, "pools", None)
        if hasattr(pools, "_maxsize"):
            pools._maxsize = POOL  # noqa: SLF001 - from_env has no argument for it


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn whatever the SDK and its transport raise while `doing` something into our errors."""
    try:
        yield
    except GraderError:
        raise
    except Exception as error:
        raise _ours(error, doing) from error


def _ours(error: Exception, doing: str) -> Exception:
    import requests  # noqa: PLC0415 - comes with the SDK
    from docker import errors  # noqa: PLC0415 - see connect

    text = _short(error)
    if isinstance(error, errors.ImageNotFound) or "no such image" in text.lower():
        return ImageMissingError(f"{doing}: {text}.", advice=NO_IMAGE)
    if isinstance(error, errors.APIError):
        return EngineError(f"{doing}: the engine refused: {text}.", advice=TRY_AGAIN)
    if isinstance(error, requests.exceptions.ReadTimeout) or "Read timed out" in text:
        return EngineError(f"{doing}: the engine did not answer in time.", advice=TRY_AGAIN)
    if not isinstance(
        error, (errors.DockerException, requests.exceptions.RequestException, OSError)
    ):
        return error  # a mistake of ours: let it be seen as one
    if "Permission denied" in text:
        return EngineUnavailableError(f"{doing}: this user may not.", advice=NOT_ALLOWED)
    return EngineUnavailableError(f"{doing}: no container engine answers.", advice=NO_ENGINE)


def _short(error: Exception, limit: int = 600) -> str:
    text = getattr(error, "explanation", None) or str(error)
    return " ".join(str(text).split())[:limit].rstrip(".")
