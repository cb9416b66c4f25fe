"""Boxes that are containers: fresh, hardened (`hardening`), joined to us by their pipes alone.

create -> attach -> start -> bytes -> inspect -> remove. Nothing is pulled, mounted or executed in a
running box, and no box is ever stopped politely: student code may ignore that.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from grader.crash_points import Point, reached
from grader.errors import EngineError, EngineUnavailableError, GraderError
from grader.sandbox import seccomp
from grader.sandbox.attach import Attached
from grader.sandbox.base import Box, BoxSpec, Certificate, Sandbox
from grader.sandbox.builder import BuildLimits
from grader.sandbox.engine import cache_folder, connect, is_podman, translated
from grader.sandbox.hardening import DOCKER, Hardening, harden, podman
from grader.sandbox.image import Images, ensure
from grader.sandbox.labels import REALM, Owner, abandoned, labels
from grader.sandbox.usage import Usage, usage

if TYPE_CHECKING:
    import docker

    from grader.lab import Lab
    from grader.sandbox.docker_shipyard import Site
    from grader.sandbox.shipyard import Shipyard

KNOWN_WITHIN_S: Final = 2.0
"""How long a certificate waits for the engine to notice the end of a process."""
LOOK_AGAIN_S: Final = 0.02
REMOVE_AGAIN_S: Final = (0.05, 0.2, 0.0)


class DockerBox(Box):
    """One container."""

    def __init__(self, api: Any, container_id: str, name: str, spec: BoxSpec) -> None:
        """Take over a container that was created and not started yet."""
        self.spec = spec
        self.name = name
        self.id = container_id
        self._api = api
        self._attached: Attached | None = None
        self._usage = Usage()
        self._killed = False
        self._closed = False
        self.removed = False
        self._last: Certificate | None = None

    def launch(self) -> None:
        """Attach, then start: nothing that the process says can be missed."""
        with translated(f"starting the box {self.name}"):
            self._attached = Attached(
                self._api.attach_socket(
                    self.id, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
                )
            )
            self._api.start(self.id)

    def write(self, data: bytes, timeout_s: float) -> None:
        """Send all bytes to the box's stdin."""
        self._pipe().write(data, timeout_s)

    def read(self, timeout_s: float) -> bytes:
        """Return some bytes of the box's stdout, or b"" when the box has ended."""
        return self._pipe().read(timeout_s)

    def certificate(self) -> Certificate:
        """Return how the process ended, or that it lives."""
        if self._last is not None:
            return self._last
        pipe = self._pipe()
        deadline = time.monotonic() + KNOWN_WITHIN_S
        while True:
            state = self._state()
            lives = bool(state.get("Running")) or state.get("Status") == "created"
            if not lives or not (pipe.ended or self._killed) or time.monotonic() > deadline:
                break
            time.sleep(LOOK_AGAIN_S)
        if lives:
            self._note_usage()
        else:
            pipe.drain(LOOK_AGAIN_S)
        return self._certify(state, lives=lives)

    def kill(self) -> None:
        """End every process of the box at once."""
        if self._closed or self._killed:
            return
        self._note_usage()
        with translated(f"killing the box {self.name}"):
            try:
                self._api.kill(self.id, signal="KILL")
            except Exception as error:
                if not _is_over(error):
                    raise
        self._killed = True

    def close(self) -> None:
        """Kill and remove the container.

        What cannot be removed now is tried again when the sandbox is closed, and ends by its own
        deadline in any case.
        """
        if self.removed:
            return
        if not self._closed:
            self._note_usage()
        self._closed = True
        if self._attached is not None:
            self._attached.close()
        self.removed = remove(self._api, self.id)

    def let_go(self) -> None:
        """Drop the connection and nothing else, as happens when a supervisor dies."""
        self._pipe().close()

    def _pipe(self) -> Attached:
        if self._attached is None:
            raise EngineError(f"the box {self.name} was never started")
        return self._attached

    def _state(self) -> dict[str, Any]:
        if self._closed:
            return {"Running": False}
        with translated(f"looking at the box {self.name}"):
            try:
                found = self._api.inspect_container(self.id)
            except Exception as error:
                if not _is_over(error):
                    raise
                return {"Running": False}
        return dict(found.get("State") or {})

    def _certify(self, state: dict[str, Any], *, lives: bool) -> Certificate:
        made = Certificate(
            exit_code=None if lives else int(state.get("ExitCode", 137)),
            paused=lives and bool(state.get("Paused")),
            out_of_memory=bool(state.get("OOMKilled")) or self._usage.oom_kills > 0,
            stderr_tail=self._pipe().stderr_tail,
            peak_memory_mb=self._usage.peak_memory_mb,
            cpu_s=self._usage.cpu_s,
        )
        if not lives:
            self._last = made
        return made

    def _note_usage(self) -> None:
        """Read the control group while it is there: it goes when the last process does."""
        now = usage(self.id)
        if now.peak_memory_mb is not None or now.cpu_s is not None:
            self._usage = now


class DockerSandbox(Sandbox):
    """A maker of containers. Several threads may use one."""

    name = "docker"
    isolates = True

    def __init__(
        self,
        *,
        client: docker.DockerClient | None = None,
        images: Images | None = None,
        realm: str = "grader",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Connect to the engine and look up the images.

        Raises EngineUnavailableError or ImageMissingError; both say what to do.
        """
        self.client = client or connect()
        self.images = images or ensure(self.client)
        # The checker's image is built on the worker's, so its id covers both.
        self.image = self.images.checker_id
        self._api: Any = self.client.api
        self.dialect = DOCKER
        if is_podman(self.client):
            self.dialect = podman(str(seccomp.as_file(cache_folder())))
        self._clock = clock
        self._owner = Owner.me(realm)
        self._site: Site | None = None
        self._lock = threading.Lock()
        self._live: set[DockerBox] = set()

    def start(self, spec: BoxSpec) -> DockerBox:
        """Start one container; returns when its process has been started."""
        found = labels(spec, self._owner, self._clock())
        made = harden(spec, self.images.of(spec.role), found, self.dialect)
        box = self._create(spec, made)
        try:
            box.launch()
        except BaseException:
            box.close()
            raise
        with self._lock:
            self._live = {other for other in self._live if not other.removed}
            self._live.add(box)
        return box

    def shipyard(self, lab: Lab) -> Shipyard:
        """Return what builds and runs students' images for one run of a lab."""
        from grader.sandbox import docker_shipyard  # noqa: PLC0415 - they know each other

        if lab.engine is None:
            raise LookupError(f"{lab.slug} does not ask for an engine")
        with self._lock:
            self._site = self._site or docker_shipyard.Site(
                client=self.client,
                worker_image=self.images.worker_id,
                dialect=self.dialect,
                owner=self._owner,
                clock=self._clock,
            )
        needs = lab.engine
        limits = BuildLimits(
            seconds=needs.build_s, memory_mb=needs.build_mb, size_mb=needs.image_mb
        )
        return docker_shipyard.DockerShipyard(self._site, needs.bases, limits)

    def sweep(self) -> int:
        """Remove containers and students' images whose owner is dead or whose time is over."""
        from grader.sandbox import docker_shipyard  # noqa: PLC0415 - they know each other

        containers = self._sweep_containers()
        return containers + docker_shipyard.sweep(self._api, self._owner.realm, self._clock())

    def _sweep_containers(self) -> int:
        ours = {"label": f"{REALM}={self._owner.realm}"}
        with translated("looking for abandoned boxes"):
            found = self._api.containers(all=True, filters=ours)
        gone = [one["Id"] for one in found if abandoned(one.get("Labels") or {}, self._clock())]
        return sum(remove(self._api, container_id) for container_id in gone)

    def close(self) -> None:
        """Remove the boxes that are left, and let go of the connections."""
        with self._lock:
            left, self._live = self._live, set()
        for box in left:
            box.close()
        self.client.close()

    def _create(self, spec: BoxSpec, hardening: Hardening) -> DockerBox:
        name = f"grader-{spec.role.value}-{secrets.token_hex(6)}"
        with translated(f"creating the box {name}"):
            made = self._api.create_container(
                name=name,
                host_config=self._api.create_host_config(**hardening.host),
                **hardening.as_arguments(),
            )
        reached(Point.CONTAINER_CREATED, spec.role)
        return DockerBox(self._api, str(made["Id"]), name, spec)


def remove(api: Any, container_id: str) -> bool:
    """Remove a container at once, with what hangs on it; return whether it went now. Never raises.

    Never `stop`: that waits ten seconds for a process that ignores it. A container that ends at the
    same moment may confuse the engine, so it is asked again.
    """
    for pause in REMOVE_AGAIN_S:
        try:
            with translated("removing a box"):
                api.remove_container(container_id, force=True, v=True)
        except EngineUnavailableError:
            return False
        except GraderError as error:
            if _is_over(error.__cause__, codes=(404,)):
                return False
            time.sleep(pause)
        else:
            return True
    return False


def _is_over(error: BaseException | None, codes: tuple[int, ...] = (404, 409)) -> bool:
    """Return whether the engine says that the container has ended or is no longer there."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status in codes
