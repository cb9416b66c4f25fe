"""The shipyard on a real engine: the contract, the fences, and that nothing is left behind."""

import dataclasses
import json
import secrets
import subprocess
import sys
import textwrap
import time

import pytest

from grader.errors import ImageMissingError
from grader.lab import EngineNeeds, Lab
from grader.sandbox.docker import DockerSandbox
from grader.sandbox.docker_shipyard import YARD
from grader.sandbox.engine import connect
from grader.sandbox.labels import REALM
from grader.sandbox.shipyard import Launch, Question
from tests.sandbox.yards import BASE, FILES, ShipyardContract, ask, recipe

pytestmark = pytest.mark.needs_engine
LAB = Lab(slug="ships", title="Ships", engine=EngineNeeds(bases=(BASE,), build_s=40, image_mb=64))


@pytest.fixture
def realm():
    return f"tests-{secrets.token_hex(4)}"


@pytest.fixture
def sandbox(engine, realm):
    with DockerSandbox(realm=realm) as sandbox:
        yield sandbox


@pytest.fixture
def yard(sandbox):
    with sandbox.shipyard(LAB) as yard:
        yield yard


def left_of(realm):
    """Return ids of containers and images that carry the realm."""
    client = connect()
    mark = {"label": f"{REALM}={realm}"}
    found = client.api.containers(all=True, filters=mark)
    found += client.api.images(all=True, filters=mark)
    client.close()
    return [one["Id"] for one in found]


class TestDockerShipyard(ShipyardContract):
    @pytest.fixture
    def yard(self, yard):
        return yard


def test_nothing_is_left_when_it_is_closed(sandbox, realm):
    with sandbox.shipyard(LAB) as yard:
        image = yard.build(recipe(), 40).image
        assert yard.build(recipe(f"FROM {BASE}\nRUN echo a\nRUN false\n".encode()), 40).text
        container = yard.launch(Launch(image=image)).container
        assert ask(yard, container).status == 200
        assert len(left_of(realm)) > 4
    assert left_of(realm) == []


def test_a_supervisor_that_was_killed_leaves_what_the_next_one_sweeps(engine, realm):
    code = textwrap.dedent(f"""
        import os, signal
        from grader.sandbox.docker import DockerSandbox
        from grader.sandbox.shipyard import Launch
        from tests.sandbox.test_docker_shipyard import LAB
        from tests.sandbox.yards import recipe
        sandbox = DockerSandbox(realm={realm!r})
        yard = sandbox.shipyard(LAB)
        yard.launch(Launch(image=yard.build(recipe(), 40).image))
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    subprocess.run([sys.executable, "-c", code], check=False, timeout=120)
    assert len(left_of(realm)) > 4
    with DockerSandbox(realm=realm) as sandbox:
        assert sandbox.sweep() > 1, "an image takes those below it along"
    assert left_of(realm) == []


def test_layers_of_one_run_are_not_used_in_another(sandbox):
    seen = []
    for _ in range(2):
        with sandbox.shipyard(LAB) as yard:
            image = yard.build(recipe(), 40).image
            seen.append({layer.id for layer in yard.look(image).history})
    assert not seen[0] & seen[1]


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ("RUN sleep 1000", "time"),
        ("RUN yes", "output"),
        ("RUN head -c 65000000 /dev/zero >/a && head -c 65000000 /dev/zero >/b && sleep 9", "size"),
        ('RUN python -c "x = bytearray(3_000_000_000)" || exit 137', "memory"),
        ("RUN f() { f | f & }; f; sleep 1000", ("time", "failed")),
        ("RUN head -c 99000000 /dev/zero >/a", "failed"),
        ("ADD --chown=1 nothing /a", "failed"),
    ],
)
def test_a_build_is_stopped_at_its_limits(sandbox, step, problem):
    lab = dataclasses.replace(LAB, engine=dataclasses.replace(LAB.engine, build_s=6))
    with sandbox.shipyard(lab) as yard:
        began = time.monotonic()
        built = yard.build(recipe(f"FROM {BASE}\n{step}\n".encode()), 60)
        assert built.image is None
        assert built.problem in problem, built
        assert built.line == 2
        assert time.monotonic() - began < 40


LOOK = r"""
import os, socket, json
def tried(do):
    try:
        do()
    except OSError as error:
        return error.errno
    return 0
status = dict(line.split(":\t", 1) for line in open("/proc/self/status") if ":\t" in line)
print(json.dumps({
    "uid": os.getuid(),
    "caps": int(status["CapEff"], 16),
    "nnp": status["NoNewPrivs"].strip(),
    "seccomp": status["Seccomp"].strip(),
    "disk": tried(lambda: open("/x", "w")),
    "tmp": tried(lambda: open("/tmp/x", "w")),
    "net": tried(lambda: socket.create_connection(("192.0.2.1", 80), 2)),
    "vsock": tried(lambda: socket.socket(40)),
    "one": open("/proc/1/comm").read().strip(),
}), flush=True)
import time; time.sleep(60)
"""


def test_a_container_has_the_fences_of_a_worker_and_no_init(yard):
    files = recipe(f'FROM {BASE}\nCOPY look.py /\nCMD ["python", "/look.py"]\n'.encode())
    files = dataclasses.replace(files, files=dict(files.files) | {"look.py": LOOK.encode()})
    image = yard.build(files, 40).image
    container = yard.launch(Launch(image=image)).container
    for _ in range(100):
        said = yard.logs(container)
        if said.strip():
            break
        time.sleep(0.1)
    found = json.loads(said)
    assert found.pop("disk") == 30, "the disk is read-only"
    assert found.pop("net") in {100, 101, 110, 113}, "there is no way out"
    assert found.pop("vsock") != 0
    assert found == {"uid": 65534, "caps": 0, "nnp": "1", "seccomp": "2", "tmp": 0, "one": "python"}


def test_root_under_another_name_is_not_run(yard):
    text = f"FROM {BASE}\nRUN useradd -o -u 0 kopi\nUSER kopi\nCMD sleep 60\n"
    image = yard.build(recipe(text.encode()), 40).image
    launched = yard.launch(Launch(image=image))
    assert launched.container is None
    assert "root under another name" in launched.problem


@pytest.mark.parametrize(
    "rest", ['CMD ["/no/such/program"]', "USER nobody_knows\nCMD true", "ENTRYPOINT []\nCMD []"]
)
def test_an_image_that_cannot_be_started_is_a_result(yard, rest):
    built = yard.build(recipe(f"FROM {BASE}\n{rest}\n".encode()), 40)
    assert built.image is not None
    launched = yard.launch(Launch(image=built.image))
    running = launched.container is not None and yard.state(launched.container).running
    assert not running
    assert launched.problem or yard.state(launched.container).exit_code is not None


def test_a_redirect_is_told_and_a_flood_is_not_read(yard):
    container = yard.launch(Launch(image=yard.build(recipe(), 40).image)).container
    assert ask(yard, container, "/away").status == 302
    assert ask(yard, container, "/flood").problem == "size"
    posted = ask(yard, container, "/", method="POST", body=b'{"a": 1}')
    assert (posted.status, posted.body) == (201, b'{"a": 1}')


def test_a_service_for_itself_alone_does_not_answer(yard):
    alone = FILES["server.py"].replace(b'("", 8000)', b'("127.0.0.1", 8000)')
    files = dataclasses.replace(recipe(), files=FILES | {"server.py": alone})
    container = yard.launch(Launch(image=yard.build(files, 40).image)).container
    time.sleep(1.5)
    assert b"listening" in yard.logs(container)
    assert yard.ask(Question(container=container)).problem == "refused"


def test_the_wheels_of_the_course_are_there(yard):
    text = f"FROM {BASE}\nCOPY wheels /w\nRUN ls /w | grep -q fastapi-\n"
    files = dataclasses.replace(recipe(text.encode()), wheels="wheels")
    assert yard.build(files, 40).problem == ""


def test_a_base_that_is_not_there_is_said_before_anything_is_built(sandbox):
    lab = dataclasses.replace(LAB, engine=EngineNeeds(bases=("kopi/not-there:1",)))
    with pytest.raises(ImageMissingError, match="kopi/not-there:1"):
        sandbox.shipyard(lab)


def test_the_labels_of_ours_cannot_be_taken_over(yard, realm):
    text = f'FROM {BASE}\nLABEL grader.realm="x" {YARD}="y" other="z"\nRUN true\n'
    image = yard.build(recipe(text.encode()), 40).image
    assert yard.look(image).labels == {"other": "z"}
    assert len(left_of(realm)) >= 3
