"""The images that boxes are made from: are they there, are they fresh, and building them.

An image is fresh when its label carries the digest of what the Dockerfile copies. Nothing is pulled
or built unless `build` is called.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import sys
import tarfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from grader.errors import EngineError, GraderError, ImageMissingError
from grader.sandbox.base import Role
from grader.sandbox.engine import NO_IMAGE, cache_folder, connect, translated

if TYPE_CHECKING:
    import docker

BASE: Final = "python:3.11-slim-bookworm"
INPUTS_LABEL: Final = "grader.inputs"
ROLE_LABEL: Final = "grader.image"
KEEP: Final = 3
KEEP_S: Final = 24 * 3600
"""The newest builds stay, and those of the last day: another checkout may be using one."""
LOG_TAIL: Final = 25
BUILD_S: Final = 900
"""Seconds of silence that a build may have (compiling byte code says nothing for a while)."""
PASSED_ON: Final = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "PIP_DEFAULT_TIMEOUT",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)
"""What the machine's environment may tell the build; only what is set is passed."""
CA_BUNDLES: Final = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_COPY = re.compile(r"^COPY (?!--)(.+) \S+$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """The two images, by id: a tag can be moved, an id cannot."""

    worker_id: str
    """Runs a student's code."""
    checker_id: str
    """Runs a lab's tests. It is built on the worker's image, so its id stands for both."""
    digest: str
    """SHA-256 of what the images were built from."""

    def of(self, role: Role) -> str:
        """Return the id for one side."""
        return self.worker_id if role is Role.WORKER else self.checker_id


def home() -> Path:
    """Return the folder that holds the Dockerfile and the package.

    Raises ImageMissingError where the grader was installed without its source tree.
    """
    root = Path(__file__).resolve().parents[2]
    if not (root / "Dockerfile").is_file():
        raise ImageMissingError(
            "there is no Dockerfile beside the grader's package, so its images cannot be built.",
            where=str(root),
            advice="Work in a clone of the course's repository.",
        )
    return root


def inputs(root: Path) -> dict[str, bytes]:
    """Return path -> content of the Dockerfile and of all that it copies, sorted."""
    recipe = (root / "Dockerfile").read_bytes()
    found = {"Dockerfile": recipe}
    for source in _sources(recipe.decode()):
        found.update(_files(root, source))
    return dict(sorted(found.items()))


def _sources(recipe: str) -> Iterable[str]:
    for sources in _COPY.findall(recipe):
        yield from (source for source in sources.split() if "[" not in source)


def _files(root: Path, source: str) -> dict[str, bytes]:
    start = root / source
    if start.is_file():
        return {source: start.read_bytes()}
    if not start.is_dir():
        raise ImageMissingError(
            "the Dockerfile copies something that is not there.",
            where=str(start),
            advice="Restore it from the repository.",
        )
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in start.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and "__pycache__" not in path.parts
    }


def digest(files: dict[str, bytes]) -> str:
    """Return the SHA-256 over paths and contents."""
    whole = hashlib.sha256()
    for path, content in sorted(files.items()):
        whole.update(f"{path}:{hashlib.sha256(content).hexdigest()}\n".encode())
    return whole.hexdigest()


def tag(role: Role, inputs_digest: str) -> str:
    """Return the name of one image. Two checkouts on one engine do not meet."""
    return f"grader-{role.value}:{inputs_digest[:12]}"


def ensure(client: docker.DockerClient, root: Path | None = None) -> Images:
    """Return the fresh images. Raises ImageMissingError when one is absent or stale."""
    return _images(client, digest(inputs(root or home())))


def _images(client: docker.DockerClient, wanted: str) -> Images:
    ids = {role: _fresh_id(client, role, wanted) for role in Role}
    return Images(worker_id=ids[Role.WORKER], checker_id=ids[Role.CHECKER], digest=wanted)


def _fresh_id(client: docker.DockerClient, role: Role, wanted: str) -> str:
    with translated(f"looking for the image {tag(role, wanted)}"):
        from docker.errors import ImageNotFound  # noqa: PLC0415 - loaded with the client

        try:
            found = _api(client).inspect_image(tag(role, wanted))
        except ImageNotFound:
            found = {}
        older = [] if found else _built(client, role)
    labels = (found.get("Config") or {}).get("Labels") or {}
    if labels.get(INPUTS_LABEL) == wanted:
        return str(found["Id"])
    state = "older than the code and the requirements" if found or older else "not on the engine"
    raise ImageMissingError(f"the image of the {role.value} is {state}.", advice=NO_IMAGE)


def build(
    client: docker.DockerClient,
    progress: Callable[[str], None] | None = None,
    root: Path | None = None,
) -> Images:
    """Build both images and return them; every line of the build goes to `progress` and a log.

    Raises EngineError with the last lines and the place of the log.
    """
    root = root or home()
    files = inputs(root)
    made = digest(files)
    _require_base(client)
    log = log_path(made)
    context = _context(files, _ca_bundle())
    lines: list[str] = []
    with log.open("w", encoding="utf-8") as kept:

        def say(line: str) -> None:
            lines.append(line)
            kept.write(line + "\n")
            if progress is not None:
                progress(line)

        for role in (Role.WORKER, Role.CHECKER):
            error = _build_one(client, role, made, context, say)
            if error:
                tail = "\n".join(lines[-LOG_TAIL:])
                raise EngineError(
                    f"building the image of the {role.value} failed: {error}\n{tail}",
                    advice=f"The whole log is in {log}.",
                )
    images = _images(client, made)
    _drop_old(client, made)
    return images


def _require_base(client: docker.DockerClient) -> None:
    with translated(f"looking for the base image {BASE}"):
        from docker.errors import ImageNotFound  # noqa: PLC0415 - loaded with the client

        try:
            _api(client).inspect_image(BASE)
        except ImageNotFound:
            raise ImageMissingError(
                f"the base image {BASE} is not on the engine.",
                advice=f"Run 'docker pull {BASE}'; where no registry answers, 'make engine' makes "
                "it from the distribution's packages.",
            ) from None


def _build_one(
    client: docker.DockerClient,
    role: Role,
    made: str,
    context: bytes,
    say: Callable[[str], None],
) -> str:
    """Build one target; return what went wrong, or an empty string."""
    with translated(f"building the image of the {role.value}"):
        for event in client.api.build(
            fileobj=io.BytesIO(context),
            custom_context=True,
            target=role.value,
            tag=tag(role, made),
            labels={INPUTS_LABEL: made, ROLE_LABEL: role.value},
            buildargs={name: os.environ[name] for name in PASSED_ON if os.environ.get(name)},
            rm=True,
            forcerm=True,
            pull=False,
            timeout=BUILD_S,
            decode=True,
        ):
            for line in str(event.get("stream", "")).splitlines():
                if line.strip():
                    say(line.rstrip())
            if "error" in event:
                return str(event["error"])
    return ""


def _context(files: dict[str, bytes], ca_bundle: bytes) -> bytes:
    """Return a tar without times and owners, so that equal inputs hit the builder's cache."""
    if ca_bundle:
        files = files | {"ca-bundle.crt": ca_bundle}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _ca_bundle() -> bytes:
    for name in CA_BUNDLES:
        path = Path(os.environ.get(name) or "/nonexistent")
        if path.is_file():
            return path.read_bytes()
    return b""


def _api(client: docker.DockerClient) -> Any:
    return client.api  # much of it has no annotations


def _built(client: docker.DockerClient, role: Role) -> list[dict[str, Any]]:
    found = client.api.images(filters={"label": f"{ROLE_LABEL}={role.value}"})
    return sorted(found, key=lambda image: -int(image["Created"]))


def _drop_old(client: docker.DockerClient, made: str) -> None:
    """Remove builds that are neither new nor `made` just now; one that a box uses stays."""
    from docker.errors import APIError  # noqa: PLC0415 - loaded with the client

    for role in (Role.CHECKER, Role.WORKER):
        # `made` comes first: found in the cache it keeps its old date, and dates are whole seconds.
        kept_first = sorted(_built(client, role), key=lambda image: not _is(image, role, made))
        for image in kept_first[KEEP:]:
            if time.time() - int(image["Created"]) < KEEP_S:
                continue
            for name in image.get("RepoTags") or [image["Id"]]:
                with contextlib.suppress(APIError):
                    client.api.remove_image(name)


def _is(image: dict[str, Any], role: Role, made: str) -> bool:
    return tag(role, made) in (image.get("RepoTags") or ())


def log_path(inputs_digest: str) -> Path:
    """Return where the log of a build is kept."""
    return cache_folder() / f"image-build-{inputs_digest[:12]}.log"


def main() -> int:
    """Build both images, telling the steps: what `python -m grader.sandbox.image` does."""

    def step(line: str) -> None:
        if line.startswith(("Step ", "STEP ", "Successfully built")):
            sys.stdout.write(f"image: {line}\n")
            sys.stdout.flush()

    try:
        images = build(connect(), step)
    except GraderError as error:
        sys.stderr.write(f"image: {error}\n")
        return error.exit_code
    sys.stdout.write(f"image: worker  {images.worker_id}\nimage: checker {images.checker_id}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
