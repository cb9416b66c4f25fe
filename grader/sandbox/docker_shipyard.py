"""The shipyard on an engine: images that carry our labels, containers with a worker's fences.

Nothing is pulled. Every build gets a label of its own at the start of each stage, so that no layer
of one run is reused in another, and all that a run left behind is found again, also by `sweep`.
Why it is done like this: decision 0013.
"""

from __future__ import annotations

import contextlib
import io
import secrets
import tarfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from grader.errors import EngineError, GraderError, ImageMissingError
from grader.sandbox.builder import BuildLimits, build, context
from grader.sandbox.crew import Containers
from grader.sandbox.dockerfile import Plan, RefusedError, plan
from grader.sandbox.engine import translated
from grader.sandbox.hardening import Dialect
from grader.sandbox.haystack import find
from grader.sandbox.ignoring import without_ignored
from grader.sandbox.labels import DEADLINE, OWNER, REALM, Owner, abandoned
from grader.sandbox.shipyard import (
    Built,
    Launch,
    Launched,
    Layer,
    Look,
    Question,
    Recipe,
    Reply,
    Shipyard,
    State,
    Stopped,
)

YARD: Final = "grader.yard"
WHEELS: Final = "/opt/wheels"
"""Where the worker's image has the course's wheels."""
MOST_CONTEXT: Final = 192 * 1024 * 1024
LIFE_S: Final = 3600.0
"""After this long anybody may sweep what a run left behind."""
MOST_IMAGES: Final = 4
PASSES: Final = 60
_NEVER_ASKED: Final = {"NONE", ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a shipyard works: one for all runs of a sandbox."""

    client: Any
    """The engine."""
    worker_image: str
    """Id of our worker's image: it has the wheels, and asks the questions."""
    dialect: Dialect
    """How the engine wants to be told about fences."""
    owner: Owner
    """Who is to be found on the labels."""
    clock: Callable[[], float] = time.time
    """Seconds since 1970, for the labels."""
    wheels: dict[str, bytes] = field(default_factory=dict)
    """Read from the worker's image once, when somebody needs them."""

    @property
    def api(self) -> Any:
        """The engine's interface."""
        return self.client.api


class DockerShipyard(Shipyard):
    """The images and containers of one run."""

    def __init__(self, site: Site, bases: tuple[str, ...], limits: BuildLimits) -> None:
        """Build on `bases`. Raises ImageMissingError where one of them is not on the engine."""
        self._site = site
        self._limits = limits
        self._nonce = secrets.token_hex(8)
        self._labels = {
            REALM: site.owner.realm,
            OWNER: str(site.owner),
            DEADLINE: str(int(site.clock() + LIFE_S)),
            YARD: self._nonce,
        }
        self._bases = {name: _base(site.api, name) for name in bases}
        self._images: list[tuple[str, Plan]] = []
        self._containers = Containers(site.client, site.worker_image, site.dialect, self._labels)
        self._closed = False

    def build(self, recipe: Recipe, seconds: float) -> Built:
        """Build an image."""
        began = time.monotonic()
        if len(self._images) >= MOST_IMAGES:
            raise LookupError(f"a run may build {MOST_IMAGES} images")
        files = dict(recipe.files)
        if "Dockerfile" not in files:
            return Built(image=None, problem="syntax", text="there is no Dockerfile.")
        ids = {name: str(found["Id"]) for name, found in self._bases.items()}
        labels = " ".join(f'{name}="{value}"' for name, value in self._labels.items())
        try:
            planned = plan(files["Dockerfile"], ids, labels, tuple(recipe.arguments))
            files = without_ignored(files | self._wheels(recipe.wheels))
        except RefusedError as refused:
            return Built(image=None, problem=refused.kind, line=refused.line, text=refused.text)
        if sum(map(len, files.values())) > MOST_CONTEXT:
            return Built(image=None, problem="size", text="the folder is too large to be sent.")
        return self._built(planned, files, recipe.arguments, seconds, began)

    def _built(
        self,
        planned: Plan,
        files: dict[str, bytes],
        arguments: Mapping[str, str],
        seconds: float,
        began: float,
    ) -> Built:
        limits = BuildLimits(
            seconds=min(seconds, self._limits.seconds),
            memory_mb=self._limits.memory_mb,
            size_mb=self._limits.size_mb,
        )
        mark = f"{YARD}={self._nonce}"
        end = build(self._site.api, context(files, planned), mark, arguments, limits)
        took = time.monotonic() - began
        if not end.image:
            line = planned.steps[end.step - 1].line if 0 < end.step <= len(planned.steps) else 0
            return Built(image=None, problem=end.problem, line=line, text=end.text, seconds=took)
        self._images.append((end.image, planned))
        return Built(image=len(self._images) - 1, seconds=took)

    def _wheels(self, folder: str) -> dict[str, bytes]:
        if not folder:
            return {}
        wheels = self._site.wheels
        if not wheels:
            wheels.update(_read_wheels(self._site.api, self._site.worker_image))
        return {f"{folder}/{name}": content for name, content in wheels.items()}

    def look(self, image: int) -> Look:
        """Return what an image says about itself."""
        found, base = self._inspected(image), self._base_of(image)
        config = found.get("Config") or {}
        health = tuple((config.get("Healthcheck") or {}).get("Test") or ())
        inherited = (base.get("Config") or {}).get("Labels") or {}
        labels = dict((config.get("Labels") or {}).items() - inherited.items())
        return Look(
            user=str(config.get("User") or ""),
            command=(*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ())),
            healthcheck=() if not health or health[0] in _NEVER_ASKED else health,
            environment=tuple(config.get("Env") or ()),
            ports=tuple(config.get("ExposedPorts") or ()),
            labels={k: str(v) for k, v in labels.items() if k not in self._labels},
            size=int(found["Size"]),
            added=int(found["Size"]) - int(base["Size"]),
            history=self._history(image, str(base["Id"])),
        )

    def _history(self, image: int, base: str) -> tuple[Layer, ...]:
        with translated("reading the history of a student's image"):
            told = self._site.api.history(self._images[image][0])
        layers = [
            Layer(
                id="" if one["Id"] == "<missing>" else str(one["Id"]),
                by=str(one.get("CreatedBy", ""))[:2000],
                size=int(one.get("Size", 0)),
            )
            for one in told
        ]
        ids = [layer.id for layer in layers]
        return tuple(reversed(layers[: ids.index(base)] if base in ids else layers))

    def search(self, image: int, needles: Mapping[str, bytes]) -> tuple[str, ...]:
        """Return the names of the needles that stand anywhere in an image."""
        with translated("reading a student's image"):
            chunks = self._site.api.get_image(self._images[image][0])
            return tuple(sorted(find(chunks, needles)))

    def launch(self, launch: Launch) -> Launched:
        """Start a container."""
        config = self._inspected(launch.image).get("Config") or {}
        return self._containers.launch(launch, self._images[launch.image][0], config)

    def ask(self, question: Question) -> Reply:
        """Send a request to a container."""
        return self._containers.ask(question)

    def state(self, container: int) -> State:
        """Return how a container is."""
        return self._containers.state(container)

    def logs(self, container: int) -> bytes:
        """Return what a container wrote."""
        return self._containers.logs(container)

    def stop(self, container: int, seconds: float) -> Stopped:
        """Send SIGTERM and wait."""
        return self._containers.stop(container, seconds)

    def remove(self, container: int) -> None:
        """Remove a container."""
        self._containers.remove(container)

    def close(self) -> None:
        """Remove containers first, then the images that they kept."""
        if self._closed:
            return
        self._closed = True
        self._containers.close()
        with contextlib.suppress(GraderError):
            remove_images(self._site.api, {"label": f"{YARD}={self._nonce}"}, lambda _labels: True)

    def _inspected(self, image: int) -> dict[str, Any]:
        with translated("looking at a student's image"):
            return dict(self._site.api.inspect_image(self._images[image][0]))

    def _base_of(self, image: int) -> dict[str, Any]:
        """Return the base that is below the image: the largest of those that it names."""
        used = [self._bases[name] for name in self._images[image][1].bases]
        return max(used, key=lambda found: int(found["Size"]))


def sweep(api: Any, realm: str, now: float) -> int:
    """Remove the images that dead supervisors left behind; return how many."""
    return remove_images(
        api, {"label": [f"{REALM}={realm}", YARD]}, lambda found: abandoned(found, now)
    )


def remove_images(
    api: Any, filters: dict[str, Any], wanted: Callable[[dict[str, str]], bool]
) -> int:
    """Remove images, the ones that others are built on last; return how many went.

    Raises EngineError when the engine cannot be asked.
    """
    gone = 0
    for _ in range(PASSES):
        with translated("looking for images to remove"):
            found = api.images(all=True, filters=filters)
        ids = [one["Id"] for one in found if wanted(one.get("Labels") or {})]
        removed = sum(_remove(api, image) for image in ids)
        gone += removed
        if not removed:
            break
    return gone


def _remove(api: Any, image: str) -> bool:
    try:
        with translated("removing an image"):
            api.remove_image(image, force=True)
    except GraderError:
        return False  # another is built on it, or it went with one that was
    return True


def _base(api: Any, name: str) -> dict[str, Any]:
    try:
        with translated(f"looking for the base image {name}"):
            return dict(api.inspect_image(name))
    except ImageMissingError as error:
        raise ImageMissingError(
            f"the base image {name}, which this lab builds on, is not on the engine.",
            advice=f"Run 'docker pull {name}', or 'make engine' where no registry answers.",
        ) from error


def _read_wheels(api: Any, image: str) -> dict[str, bytes]:
    """Return the wheels of our own image: name -> content."""
    with translated("reading the wheels"):
        made = api.create_container(image, network_disabled=True)["Id"]
        try:
            chunks, _ = api.get_archive(made, WHEELS)
            packed = b"".join(chunks)
        finally:
            api.remove_container(made, force=True, v=True)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        found = {
            member.name.rpartition("/")[2]: content.read()
            for member in archive
            if member.isfile() and (content := archive.extractfile(member)) is not None
        }
    if not found:
        raise EngineError(f"the worker's image has no wheels in {WHEELS}.")
    return found
