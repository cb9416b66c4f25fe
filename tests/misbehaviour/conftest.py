"""The sandboxes that hand-ins are graded in: two processes always, containers where there are any."""

from __future__ import annotations

import pytest

from grader.sandbox.pool import Pool
from grader.sandbox.process import ProcessSandbox
from tests.misbehaviour.toy import Grader


@pytest.fixture(scope="session")
def in_processes():
    with ProcessSandbox() as sandbox, Pool(sandbox, slots=1, warm=1) as pool:
        yield Grader(pool)


@pytest.fixture(scope="session")
def in_containers(engine):
    from grader.sandbox.docker import DockerSandbox

    with DockerSandbox() as sandbox, Pool(sandbox, slots=1, warm=1) as pool:
        yield Grader(pool)


@pytest.fixture(params=["process", pytest.param("docker", marks=pytest.mark.needs_engine)])
def grader(request):
    name = "in_containers" if request.param == "docker" else "in_processes"
    return request.getfixturevalue(name)
