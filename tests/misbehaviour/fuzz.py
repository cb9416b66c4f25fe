"""Mutated frames, archives, workflows and Dockerfiles: declared errors only, in little room.

    python -m tests.misbehaviour.fuzz frames|archives|workflows|dockerfiles COUNT [SEED]

It runs with limits of memory and processor of its own, prints what it saw as JSON, and ends with 1
at the first input that brings another error or takes too long; that input is printed, and goes into
`found/`, whose files are tried first each time. The same count and seed make the same inputs.
"""

from __future__ import annotations

import base64
import json
import random
import resource
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.door import read_bundle
from grader.errors import BundleRefusedError, WireError
from grader.sandbox.dockerfile import RefusedError, plan
from grader.wire.frames import FrameReader, frame
from tests.misbehaviour.workflows import READ, TRAPS

SEED = 20261130
FOUND = Path(__file__).parent / "found"
SLOW_S = 10.0
"""One input may take this long; a hundredth of it is usual, but machines are shared."""
ROOM_MB = 2_500
"""Of addresses, not of memory: the libraries' own maps are most of it."""
GROWTH_MB = 192
"""What the process may grow by while it reads everything."""
BASES = {"python:3.11-slim-bookworm": "sha256:base"}


@dataclass(frozen=True)
class Target:
    """A reader, what it may raise, and what is changed for it."""

    read: Callable[[bytes], object]
    declared: tuple[type[BaseException], ...]
    seeds: Callable[[], list[bytes]]
    mutate: Callable[[bytes, random.Random], bytes]


# -- frames -------------------------------------------------------------------------------------


def _frame_seeds() -> list[bytes]:
    from tests.wire.crossing import pack
    from tests.wire.test_fuzz import PLAIN, TABLES

    return [frame(18 + n % 3, pack(value)) for n, value in enumerate([*PLAIN, *TABLES])]


def _read_frames(data: bytes) -> object:
    from tests.wire.crossing import unpack

    pieces = iter([data[at : at + 700] for at in range(0, len(data), 700)])
    reader = FrameReader(lambda _: next(pieces, b""))
    seen: list[object] = []
    while (one := reader.frame(lambda: 1.0)) is not None:
        seen.append(unpack(one[1]))
    return seen


def _change_frame(data: bytes, chance: random.Random) -> bytes:
    from tests.wire.test_fuzz import (
        _change_buffers,
        _change_bytes,
        _change_tree,
        _tags,
    )

    way = chance.randrange(6)
    if way == 0:
        return _change_bytes(data, chance)
    if way == 1:  # two of them, the first one cut
        return data[: chance.randrange(len(data))] + data
    body = data[5:]
    changed = _change_tree(body, chance, _tags()) if way < 4 else _change_buffers(body, chance)
    return frame(data[4], changed)


# -- archives -----------------------------------------------------------------------------------


def _archive_seeds() -> list[bytes]:
    from tests.test_door import SEEDS, overlapping_zip

    return [*SEEDS, overlapping_zip(20)]


def _change_archive(data: bytes, chance: random.Random) -> bytes:
    import gzip

    from tests.test_door import mutated

    changed = mutated(data, chance)
    return gzip.compress(changed, 1) if chance.randrange(5) == 0 else changed


# -- text ---------------------------------------------------------------------------------------

YAML_BITS = (
    "&a ", "*a", "<<: *a\n", "? ", ": ", "- ", "[", "]", "{", "}", "|\n", ">\n", "!!python/name:os ", "!!binary ",
    "\t", "on", "yes", "010", "1:30", "---\n", "...\n", "%YAML 9\n", "'", '"', "\\x00", "\ufeff", "  ", "\n", "#", "jobs:\n",
)  # fmt: skip
DOCKER_BITS = (
    "FROM ", "FROM python:3.11-slim-bookworm\n", " AS x", "COPY --from=x ", "RUN ", "ARG A=1\n", "$A", "${A:-b}",
    "\\\n", "# syntax=x\n", "<<EOF\n", "--mount=type=bind ", "ADD http://x ", "ONBUILD ", '["a", "b"]', "\t", "\r", "\0", "\u2028", "`",
    "LABEL a=b", "HEALTHCHECK ", "VOLUME /x\n", "\\\\\n", "ENV ", "EXPOSE 1\n",
)  # fmt: skip
GOOD_WORKFLOW = (
    "on:\n  push:\n    branches: [main]\njobs:\n  test: &t\n    runs-on: ubuntu-latest\n    steps:\n"
    "      - run: python ci/lint.py\n      - run: |\n          echo 'a'\n  again: *t\n"
)
GOOD_DOCKERFILE = (
    "ARG TAG=3.11-slim-bookworm\nFROM python:${TAG} AS x\nWORKDIR /a\nCOPY . .\nRUN a && \\\n    b\n"
    'FROM python:3.11-slim-bookworm\nCOPY --from=x /a /a\nUSER 1000\nCMD ["python", "-m", "a"]\n'
)


def _change_text(bits: tuple[str, ...]) -> Callable[[bytes, random.Random], bytes]:
    def change(data: bytes, chance: random.Random) -> bytes:
        made = bytearray(data)
        for _ in range(chance.choice((1, 2, 3, 8, 20))):
            at, way = chance.randrange(len(made) + 1), chance.randrange(5)
            if way == 0:
                made[at:at] = chance.choice(bits).encode() * chance.choice((1, 1, 1, 2, 40))
            elif way == 1:
                del made[at : at + chance.randrange(1, 12)]
            elif way == 2:
                made[at:at] = made[chance.randrange(len(made) + 1) :][:60]
            elif way == 3:
                made[at : at + 1] = chance.randbytes(1)
            else:
                lines = bytes(made).splitlines(keepends=True)
                chance.shuffle(lines)
                made = bytearray(b"".join(lines))
        return bytes(made)

    return change


class UndeclaredError(Exception):
    """The script of a lab ended in another way than by saying what is odd."""


def _workflow_reader() -> Callable[[bytes], object]:
    """Return lab 06's reader, run in this process: it may raise nothing at all."""
    code = compile(READ, "READ", "exec")
    place = Path("/dev/shm" if Path("/dev/shm").is_dir() else "/tmp") / f"fuzz-{time.time_ns()}.yml"

    def read(data: bytes) -> object:
        place.write_bytes(data)
        sys.argv[1:] = [str(place)]
        names: dict[str, object] = {"__name__": "read"}
        try:
            exec(code, names)
        finally:
            place.unlink()
        found = names["found"]
        if not isinstance(found, dict) or not all(one.startswith("line ") for one in found["odd"]):
            raise UndeclaredError(repr(found)[:500])
        return found["odd"]

    return read


def _dockerfile(data: bytes) -> object:
    return plan(data, BASES, "run=1")


def target(name: str) -> Target:
    """Return what is fuzzed under that name; KeyError if there is none."""
    made: dict[str, Callable[[], Target]] = {
        "frames": lambda: Target(_read_frames, (WireError,), _frame_seeds, _change_frame),
        "archives": lambda: Target(
            lambda data: read_bundle(data, name="a"), (BundleRefusedError,), _archive_seeds,
            _change_archive,
        ),
        "workflows": lambda: Target(
            _workflow_reader(), (),
            lambda: [GOOD_WORKFLOW.encode(), *(
                text.encode() for text, _ in TRAPS.values() if len(text) < 20_000
            )],
            _change_text(YAML_BITS),
        ),
        "dockerfiles": lambda: Target(
            _dockerfile, (RefusedError,), lambda: [GOOD_DOCKERFILE.encode()],
            _change_text(DOCKER_BITS),
        ),
    }  # fmt: skip
    return made[name]()


def inputs(name: str, aim: Target, count: int, seed: int) -> Iterator[bytes]:
    """Yield the examples that were found once, and then `count` changed seeds."""
    for path in sorted(FOUND.glob(f"{name}-*")):
        yield path.read_bytes()
    chance = random.Random(f"{name} {seed}")
    seeds = aim.seeds()
    for number in range(count):
        yield aim.mutate(seeds[number % len(seeds)], chance)


def fuzz(name: str, count: int, seed: int) -> dict[str, object]:
    """Try `count` inputs; return what was seen. `failure` is there when one must not have been."""
    aim = target(name)
    values = refused = 0
    slowest = 0.0
    warnings.simplefilter("ignore")
    aim.read(aim.seeds()[0])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for data in inputs(name, aim, count, seed):
        began = time.perf_counter()
        try:
            aim.read(data)
            values += 1
        except aim.declared:
            refused += 1
        except BaseException as error:  # noqa: BLE001 - it is what we look for
            return _failure(name, data, f"{type(error).__name__}: {error}"[:500])
        slowest = max(slowest, time.perf_counter() - began)
        if slowest > SLOW_S:
            return _failure(name, data, f"took {slowest:.1f} s")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    seen: dict[str, object] = {
        "target": name, "count": count, "seed": seed, "read": values, "refused": refused,
        "slowest_s": round(slowest, 3), "grown_mb": grown,
    }  # fmt: skip
    if grown > GROWTH_MB:
        seen["failure"] = f"the process grew by {grown} MB"
    return seen


def _failure(name: str, data: bytes, why: str) -> dict[str, object]:
    return {"target": name, "failure": why, "input": base64.b64encode(data).decode()[:100_000]}


def limited() -> None:
    """Bound this process: what fuzzing finds must not be this machine's trouble."""
    room = ROOM_MB << 20
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    resource.setrlimit(resource.RLIMIT_CPU, (3_600, 3_600))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    """Read the command line."""
    name, count, *rest = sys.argv[1:]
    limited()
    seen = fuzz(name, int(count), int(rest[0]) if rest else SEED)
    sys.stdout.write(json.dumps(seen) + "\n")
    return 1 if "failure" in seen else 0


if __name__ == "__main__":
    sys.exit(main())
