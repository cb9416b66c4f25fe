"""Containers: the contract of every sandbox, and what only containers promise."""

from __future__ import annotations

import secrets
from typing import ClassVar

import pytest

from grader.sandbox.docker import DockerSandbox
from grader.sandbox.engine import connect
from grader.sandbox.labels import REALM
from tests.sandbox import probes
from tests.sandbox.contract import SandboxContract, read_to_end

pytestmark = pytest.mark.needs_engine


class TestDocker(SandboxContract):
    KNOWN_GAPS: ClassVar[dict[str, str]] = {}

    @pytest.fixture
    def sandbox(self, engine):
        self.realm = f"tests-{secrets.token_hex(4)}"
        with DockerSandbox(realm=self.realm) as sandbox:
            yield sandbox

    @pytest.fixture
    def supervisor(self, sandbox) -> str:
        return (
            "from grader.sandbox.docker import DockerSandbox\n"
            f"sandbox = DockerSandbox(realm={self.realm!r})\n"
        )

    def leftovers(self, sandbox):
        return containers_of(self.realm)

    def test_eof_on_close_of_stdout(self, start):
        """Differs: the init process of a container holds stdout too, so its end is the box's end.

        Whoever waits for a box has a deadline anyway; here the lifetime of the box is the nearer.
        """
        box = start(probes.CLOSES_STDOUT, lifetime_s=2.0)

        assert read_to_end(box) == b"last words"
        assert box.read(5) == b""


def containers_of(realm: str) -> set[str]:
    client = connect()
    found = client.api.containers(all=True, filters={"label": f"{REALM}={realm}"})
    client.close()
    return {one["Id"] for one in found}
