"""The containers of one shipyard: started as a worker is fenced, asked over HTTP, stopped politely.

A container has no init and no command of ours, since the student's own is what is judged. So it
cannot end itself as a box does; its labels say until when it may live, and `sweep` ends it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
import secrets
import time
from collections.abc import Mapping
from typing import Any, Final

from grader.errors import BoxError, EngineError, GraderError, WireError
from grader.lab import Limits
from grader.sandbox.base import BoxSpec, Role
from grader.sandbox.docker import DockerBox, remove
from grader.sandbox.engine import translated
from grader.sandbox.hardening import Dialect, Hardening, harden, launch_config
from grader.sandbox.link import Link
from grader.sandbox.shipyard import Launch, Launched, Question, Reply, State, Stopped
from grader.wire.frames import Kind, message, read_message

NOBODY: Final = "65534:65534"
"""Who an image runs as that would run as root: no container has more rights than a worker."""
ROOT: Final = re.compile(r"|root|0+")
LOG_KB: Final = 64
LOOK_AGAIN_S: Final = 0.02
SECOND: Final = 1_000_000_000
MOST_CONTAINERS: Final = 12
MESSENGER: Final = Limits(memory_mb=64, processes=16, disk_mb=1)
MESSENGER_LIFE_S: Final = 600.0
READY_S: Final = 20.0
SLACK_S: Final = 3.0
WRITABLE: Final = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+")


class _Container:
    """One running container, and the messenger that asks it."""

    def __init__(self, container_id: str) -> None:
        self.id = container_id
        self.messenger: Link | None = None
        self.removed = False


class Containers:
    """All containers of one shipyard, by number."""

    def __init__(
        self, client: Any, worker_image: str, dialect: Dialect, labels: Mapping[str, str]
    ) -> None:
        """Fence containers as the engine wants to be told, and mark them with labels."""
        self._api: Any = client.api
        self._worker_image = worker_image
        self._dialect = dialect
        self._labels = dict(labels)
        self._all: list[_Container] = []

    def launch(self, launch: Launch, image: str, config: Mapping[str, Any]) -> Launched:
        """Start a container of an image with this configuration."""
        if len(self._all) >= MOST_CONTAINERS:
            raise LookupError(f"a run may start {MOST_CONTAINERS} containers")
        if not all(WRITABLE.fullmatch(folder) for folder in launch.writable):
            raise LookupError(f"writable folders must be absolute paths: {launch.writable}")
        if config.get("Volumes"):
            return Launched(container=None, problem="It has a VOLUME, which is not allowed here.")
        try:
            made = self._started(launch, image, config)
        except EngineError as error:
            if _is_theirs(error):
                return Launched(container=None, problem=_reason(error))
            raise
        number = len(self._all) - 1
        if 0 in self.state(number).uids:
            self._remove(made)
            return Launched(container=None, problem="It runs as root under another name.")
        return Launched(container=number)

    def _started(self, launch: Launch, image: str, config: Mapping[str, Any]) -> _Container:
        made = self._create(launch, image, config)
        self._all.append(made)
        try:
            with translated("starting a student's container"):
                self._api.start(made.id)
        except BaseException:
            self._remove(made)
            raise
        return made

    def _create(self, launch: Launch, image: str, config: Mapping[str, Any]) -> _Container:
        user = str(config.get("User") or "").partition(":")[0]
        health = (config.get("Healthcheck") or {}).get("Test")
        with translated("creating a student's container"):
            made = self._api.create_container(
                image=image,
                name=f"grader-student-{secrets.token_hex(6)}",
                environment=dict(launch.environment),
                labels=self._labels,
                user=NOBODY if ROOT.fullmatch(user) else None,
                hostname="box",
                healthcheck=_every_second(health) if health else None,
                host_config=self._api.create_host_config(**launch_config(launch, self._dialect)),
            )
        return _Container(str(made["Id"]))

    def ask(self, question: Question) -> Reply:
        """Send a request to a container, through a box of ours in its network."""
        container = self._all[question.container]
        try:
            if container.messenger is None:
                container.messenger = self._messenger(container)
            return self._asked(container.messenger, question)
        except (BoxError, WireError):
            self._dismiss(container)
            return Reply(status=None, problem="time")
        except EngineError:
            self._dismiss(container)
            if self.state(question.container).running:
                raise
            return Reply(status=None, problem="refused")

    @staticmethod
    def _asked(messenger: Link, question: Question) -> Reply:
        header = {
            "method": question.method,
            "target": question.target,
            "port": question.port,
            "seconds": question.seconds,
        }
        body = [question.body] if question.body else []
        messenger.send(Kind.TO_WORKER, message(header, body), question.seconds)
        got = messenger.receive(question.seconds + SLACK_S)
        if got is None or got[0] != Kind.FROM_WORKER:
            raise WireError("the messenger did not answer")
        told, blobs = read_message(got[1])
        status = told.get("status")
        return Reply(
            status=status if type(status) is int else None,
            body=bytes(blobs[0]) if blobs else b"",
            problem=str(told.get("problem", "nonsense")),
        )

    def _messenger(self, container: _Container) -> Link:
        spec = BoxSpec(
            role=Role.WORKER,
            argv=("-m", "grader.worker.messenger"),
            limits=MESSENGER,
            lifetime_s=MESSENGER_LIFE_S,
        )
        made = _in_network_of(
            container.id, harden(spec, self._worker_image, self._labels, self._dialect)
        )
        name = f"grader-messenger-{secrets.token_hex(6)}"
        with translated("creating a messenger"):
            created = self._api.create_container(
                name=name,
                host_config=self._api.create_host_config(**made.host),
                **made.as_arguments(),
            )
        box = DockerBox(self._api, str(created["Id"]), name, spec)
        try:
            box.launch()
            link = Link(box)
            link.await_ready(READY_S)
        except BaseException:
            box.close()
            raise
        return link

    def state(self, number: int) -> State:
        """Return how a container is."""
        container = self._all[number]
        with translated("looking at a student's container"):
            found = self._api.inspect_container(container.id)["State"]
        running = bool(found.get("Running"))
        return State(
            running=running,
            exit_code=None if running else int(found.get("ExitCode", 137)),
            out_of_memory=bool(found.get("OOMKilled")),
            health=str((found.get("Health") or {}).get("Status") or ""),
            uids=self._uids(container) if running else (),
        )

    def _uids(self, container: _Container) -> tuple[int, ...]:
        """Return the users of its processes: what the kernel says, not what the image says."""
        try:
            with translated("looking at a student's processes"):
                told = self._api.top(container.id, ps_args="-eo pid,uid")
        except EngineError:
            return ()  # it has just ended
        return tuple(int(row[1]) for row in told.get("Processes") or ())

    def logs(self, number: int) -> bytes:
        """Return the last kilobytes of what a container wrote."""
        with translated("reading what a student's container wrote"):
            read: bytes = self._api.logs(self._all[number].id, tail=2000)
        return read[-LOG_KB * 1024 :]

    def stop(self, number: int, seconds: float) -> Stopped:
        """Send SIGTERM to process 1 and wait for the end of the container."""
        container = self._all[number]
        began = time.monotonic()
        with translated("stopping a student's container"), contextlib.suppress(EngineError):
            self._api.kill(container.id, signal="TERM")
        while (now := self.state(number)).running and time.monotonic() - began < seconds:
            time.sleep(LOOK_AGAIN_S)
        took = time.monotonic() - began
        if now.running:
            with translated("killing a student's container"), contextlib.suppress(EngineError):
                self._api.kill(container.id, signal="KILL")
        return Stopped(seconds=took, exit_code=None if now.running else now.exit_code)

    def remove(self, number: int) -> None:
        """Remove a container and its messenger."""
        self._remove(self._all[number])

    def close(self) -> None:
        """Remove them all."""
        for container in self._all:
            self._remove(container)

    def _remove(self, container: _Container) -> None:
        self._dismiss(container)
        if not container.removed:
            container.removed = remove(self._api, container.id)

    @staticmethod
    def _dismiss(container: _Container) -> None:
        if container.messenger is not None:
            with contextlib.suppress(GraderError):
                container.messenger.close()
            container.messenger = None


def _in_network_of(container_id: str, made: Hardening) -> Hardening:
    """Return the same box in another container's network: it has no name of its own there."""
    fixed = {k: v for k, v in made.fixed.items() if k not in {"hostname", "network_disabled"}}
    host = made.host | {"network_mode": f"container:{container_id}"}
    return dataclasses.replace(made, fixed=fixed, host=host)


def _every_second(test: list[str]) -> dict[str, Any]:
    """Return an image's own health check, asked often: a run cannot wait for half a minute."""
    return {
        "test": list(test),
        "interval": SECOND,
        "timeout": 3 * SECOND,
        "retries": 2,
        "start_period": SECOND // 1000,  # 0 would be the image's own: failures would not count
    }


def _is_theirs(error: EngineError) -> bool:
    """Return whether a start failed because of what the image says: no such program, user, folder.

    The engine has a status for these: 400 for what cannot be executed, 404 for what is not there.
    """
    status = getattr(getattr(error.__cause__, "response", None), "status_code", None)
    said = error.message
    return status in {400, 404} or "unable to find user" in said or "OCI runtime create" in said


def _reason(error: EngineError) -> str:
    said = error.message.rpartition("starting container process caused: ")[2]
    said = said.rpartition("the engine refused: ")[2]
    return f"It could not be started: {said[:200]}"
