"""Plain pytest in a fresh container for each hand-in: the common way, tests beside student files.

The image is our checker's, since it has pytest; the container is the engine's default, without any
of our fences. It is what isolation alone costs, and it protects no score.
"""

from __future__ import annotations

import io
import tarfile
import time
from typing import Any

from benchmarks import light
from benchmarks.measure import Samples
from grader.sandbox.docker import DockerSandbox

COMMAND = ["/opt/venv/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "/work"]


def _packed() -> bytes:
    files = light.solution().as_dict() | {"test_public.py": light.tests().encode()}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(f"work/{path}")
            entry.size = len(content)
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def plain_runs(sandbox: DockerSandbox, hand_ins: int) -> Samples:
    """Return seconds from making a container to its removal, one hand-in after another."""
    api: Any = sandbox.client.api
    samples = Samples()
    for _ in range(hand_ins):
        began = time.perf_counter()
        made = api.create_container(
            sandbox.images.checker_id,
            entrypoint=COMMAND,
            working_dir="/work",
            network_disabled=True,
            user="0",  # who a container is, where nobody says otherwise
        )["Id"]
        try:
            api.put_archive(made, "/", _packed())
            api.start(made)
            code = api.wait(made)["StatusCode"]
        finally:
            api.remove_container(made, force=True, v=True)
        samples.values.append(time.perf_counter() - began)
        assert code == 0, f"plain pytest ended with {code}"
    return samples
