"""`grader batch --cluster`: gradings on the machines of a Dask cluster, results on this one.

Scheduling, retries and data on the wire are Dask's. It runs whatever it is sent, so a cluster is
for machines that trust each other; it protects nobody from student code: each machine's boxes do.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from grader.cli.boxes import NOT_CONTAINED, SandboxChoice, SandboxName
from grader.cli.console import err, say, warn
from grader.cli.places import has_source
from grader.errors import BrokenError, UsageError
from grader.lab_folder import LabFolder
from grader.outcome import Run
from grader.submission import Submission

if TYPE_CHECKING:
    from distributed import Client

    from grader.cli.elsewhere import Setup

ANSWER_S: Final = 30.0
"""Seconds in which the scheduler must answer, and one machine at least be there."""
SHOWN: Final = 5
INSTALL: Final = (
    "On this machine and on every machine of the cluster: pip install -r requirements/cluster.txt, "
    "then pip install --no-deps -e . in a clone of the course's repository."
)
IN_THE_OPEN: Final = (
    "whoever reaches this scheduler can run anything on its machines, and reads hidden tests. Use "
    "tls:// with certificates (Dask's configuration names them), or a tunnel."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Machines that grade one lab."""

    executor: Executor
    """Sends work to them."""
    grade: Callable[[Submission], Run]
    """What is sent: a few bytes, since the lab is there already."""
    slots: int
    """Gradings at the same time, on all machines together."""


@contextmanager
def open_cluster(
    address: str, folder: LabFolder, choice: SandboxChoice, secret: bytes
) -> Iterator[Cluster]:
    """Connect, look at every machine, and bring the lab there; it is forgotten at the end.

    `address` is tcp://HOST:PORT, tls://HOST:PORT, or Dask's scheduler file. Raises UsageError where
    there is no Dask or no such address, BrokenError where machines cannot grade or differ.
    """
    client = _connected(address)
    try:
        from grader.cli import elsewhere  # noqa: PLC0415 - needs Dask, which is an extra

        slots = sum(client.nthreads().values())
        setups = _looked_at(client, choice)
        _agree(setups, elsewhere.sources())
        _say(setups, slots)
        name = f"grading-{folder.lab.digest[:12]}-{secrets.token_hex(4)}"
        task = elsewhere.Task(
            lab=folder.lab,
            reference=folder.reference() if has_source(folder) else None,
            choice=choice,
            secret=secret,
        )
        try:
            client.register_plugin(elsewhere.Grading(task, name), name=name)
            yield Cluster(
                executor=client.get_executor(pure=False),  # the same hand-in may be sent again
                grade=partial(elsewhere.grade_here, name),
                slots=slots,
            )
        finally:
            if client.status == "running":  # otherwise there is no scheduler left to tell
                with suppress(OSError):
                    client.unregister_worker_plugin(name)
    finally:
        client.close()


def _connected(address: str) -> Client:
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(
            f"Dask is not installed here ({error}).", where="--cluster", advice=INSTALL
        ) from error
    _warn_of(address)
    place = {"address": address} if "://" in address else {"scheduler_file": _file(address)}
    try:
        client = Client(timeout=ANSWER_S, set_as_default=False, **place)
    except (OSError, ValueError, TypeError, ImportError) as error:
        raise UsageError(
            f"no Dask scheduler answers ({str(error).splitlines()[0]}).",
            where=f"--cluster {address}",
            advice="Start one with 'dask scheduler', or look at the address that it printed.",
        ) from error
    try:
        client.wait_for_workers(1, timeout=ANSWER_S)
    except TimeoutError as error:
        client.close()
        raise BrokenError(
            "the cluster has no machine yet.",
            where=f"--cluster {address}",
            advice="Start some: 'dask worker ADDRESS', or scale the cluster up.",
        ) from error
    return client


def _file(address: str) -> str:
    if not Path(address).is_file():
        raise UsageError(
            "this is neither an address nor a file.",
            where=f"--cluster {address}",
            advice="Write tcp://HOST:PORT, tls://HOST:PORT, or the path of the scheduler's file.",
        )
    return address


def _warn_of(address: str) -> None:
    """Warn where the way to the scheduler is neither encrypted nor on this machine."""
    parts = urlsplit(address)
    if parts.scheme != "tcp":
        return
    with suppress(ValueError):
        if ip_address(parts.hostname or "").is_loopback:
            return
    if parts.hostname != "localhost":
        warn(f"{address}: {IN_THE_OPEN}")


def _looked_at(client: Client, choice: SandboxChoice) -> list[Setup]:
    """Ask every machine what it would grade with."""
    from grader.cli.elsewhere import Setup, look  # noqa: PLC0415 - as above

    told = client.run(look, choice, on_error="return")
    return [
        found if isinstance(found, Setup) else Setup(machine=where, problem=f"{found!r}. {INSTALL}")
        for where, found in told.items()
    ]


def _agree(setups: list[Setup], sources: str) -> None:
    """Raise BrokenError unless every machine can grade, all in the same way, and as here."""
    for found in setups:
        if found.problem:
            raise BrokenError(found.problem, where=found.machine)
    for found in setups:
        if found.sources != sources:
            raise BrokenError(
                f"its grader or its libraries are not those of this machine ({found.sources[:12]} "
                f"there, {sources[:12]} here), so marks could differ.",
                where=found.machine,
                advice="Bring the same commit there, then: grader image build",
            )
    by_kind: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for found in setups:
        by_kind[found.sandbox, found.grader, found.python].append(found.machine)
    if len(by_kind) > 1:
        told = "; ".join(
            f"{', '.join(machines[:SHOWN])}: {kind[0]}, grader {kind[1]}, Python {kind[2]}"
            for kind, machines in by_kind.items()
        )
        raise BrokenError(
            f"the machines of this cluster differ ({told}).",
            where="--cluster",
            advice="Make them alike; --sandbox docker refuses machines without an engine.",
        )


def _say(setups: list[Setup], slots: int) -> None:
    contained = setups[0].sandbox != SandboxName.PROCESS
    if not contained:
        warn(f"on the machines of this cluster {NOT_CONTAINED}")
    where = "containers" if contained else "processes"
    say(
        err(),
        f"{len(setups)} machines of the cluster grade in {where}, {slots} hand-ins at a time.",
    )
