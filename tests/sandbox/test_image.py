"""What goes into the images, when they are stale, and what a failed build says."""

from __future__ import annotations

import ast
import fnmatch
import io
import re
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader.errors import EngineError, ImageMissingError
from grader.sandbox import image
from grader.sandbox.base import Role
from grader.sandbox.engine import connect

ROOT = image.home()


def inputs() -> dict[str, bytes]:
    return image.inputs(ROOT)


def stage(name: str) -> str:
    recipe = (ROOT / "Dockerfile").read_text()
    return recipe.partition(f" AS {name}\n")[2].partition("\nFROM ")[0]


def test_the_inputs_are_the_code_of_the_boxes_and_the_locked_requirements():
    folders = {path.rpartition("/")[0] for path in inputs()}

    assert {
        "",
        "requirements",
        "grader",
        "grader/wire",
        "grader/worker",
        "grader/checker",
    } <= folders
    assert not any(path.endswith(".pyc") for path in inputs())


def test_nothing_private_can_enter_an_image():
    for path in inputs():
        assert path == "Dockerfile" or path.split("/")[0] in {"grader", "requirements"}, path


def test_the_student_side_gets_nothing_of_the_checker():
    sources = list(image._sources(stage("worker")))

    assert sources == ["grader/__init__.py", "grader/errors.py", "grader/wire", "grader/worker"]


def test_everything_that_the_boxes_import_of_ours_is_in_their_image():
    paths = set(inputs())
    modules = {p.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for p in paths}

    for path in sorted(paths):
        if path.endswith(".py") and path.startswith("grader/"):
            needed = set(imports_of(path))
            assert needed <= modules, f"{path} imports {needed - modules}"
            if path.startswith(("grader/worker/", "grader/wire/")):
                foreign = {name for name in needed if name.startswith("grader.checker")}
                assert not foreign, f"{path} imports {foreign}"


def imports_of(path: str):
    for node in ast.walk(ast.parse((ROOT / path).read_bytes())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "grader":
            for alias in node.names:
                as_module = f"{node.module}.{alias.name}"
                is_module = (ROOT / (as_module.replace(".", "/") + ".py")).exists()
                yield as_module if is_module else node.module
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] == "grader")


def test_the_ignore_file_lets_in_what_the_recipe_copies_and_no_more():
    lines = (ROOT / ".dockerignore").read_text().split("\n")
    let_in = {line[1:] for line in lines if line.startswith("!")}
    copied = set(image._sources((ROOT / "Dockerfile").read_text()))

    assert "*" in lines
    assert let_in == copied


def test_libraries_are_installed_before_any_code_of_ours():
    recipe = (ROOT / "Dockerfile").read_text()

    assert recipe.index("pip --python") < recipe.index("COPY grader/")


def test_no_address_and_no_secret_is_written_down():
    text = (ROOT / "Dockerfile").read_text() + (ROOT / "scripts/engine.sh").read_text()

    assert not re.findall(r"https?://", text)
    assert not re.findall(r"(?i)password|token|secret", text.replace("no password", ""))


def test_what_the_environment_tells_pip_stays_out_of_the_images():
    """Build arguments are in the history of the stage that declares them, and of no other."""
    recipe = (ROOT / "Dockerfile").read_text()
    declared = [found.start() for found in re.finditer(r"^ARG ", recipe, re.MULTILINE)]

    assert declared
    assert all(recipe.index(" AS libraries") < at < recipe.index(" AS worker") for at in declared)


def test_a_change_of_any_input_changes_the_digest():
    files = inputs()
    digests = {image.digest(files)}

    for path in files:
        digests.add(image.digest(files | {path: files[path] + b"\n"}))
    digests.add(image.digest(files | {"grader/new.py": b""}))

    assert len(digests) == len(files) + 2


def test_equal_inputs_make_equal_contexts():
    packed = image._context({"a": b"1", "b": b"2"}, b"")

    assert packed == image._context({"a": b"1", "b": b"2"}, b"")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert [(m.name, m.mtime, m.uid, m.mode) for m in archive] == [
            ("a", 0, 0, 0o644),
            ("b", 0, 0, 0o644),
        ]


def test_the_machines_own_certificates_enter_the_context_where_they_are_named(
    monkeypatch, tmp_path
):
    for name in image.CA_BUNDLES:
        monkeypatch.delenv(name, raising=False)
    assert image._ca_bundle() == b""
    (tmp_path / "ca.pem").write_bytes(b"bundle")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    with tarfile.open(fileobj=io.BytesIO(image._context({}, image._ca_bundle()))) as archive:
        assert archive.getnames() == ["ca-bundle.crt"]
    (pattern,) = set(re.findall(r"ca-bundle\S+\]", (ROOT / "Dockerfile").read_text()))
    assert fnmatch.fnmatch("ca-bundle.crt", pattern)


def test_a_recipe_that_copies_what_is_not_there_is_named(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM x\nCOPY gone.py /\n")

    with pytest.raises(ImageMissingError, match=re.escape("gone.py")):
        image.inputs(tmp_path)


def test_an_installation_without_its_source_tree_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(image, "__file__", str(tmp_path / "a" / "b" / "image.py"))

    with pytest.raises(ImageMissingError, match="no Dockerfile"):
        image.home()


@pytest.fixture
def client(engine):
    client = connect()
    yield client
    client.close()


@pytest.fixture
def toy(tmp_path) -> Path:
    """A recipe of the same form that builds in a second."""
    (tmp_path / "hello.txt").write_text("hello")
    (tmp_path / "Dockerfile").write_text(
        f"FROM {image.BASE} AS worker\nCOPY hello.txt /\n"
        "FROM worker AS checker\nCOPY hello.txt /x\n"
    )
    return tmp_path


@pytest.fixture
def cleaned(client, toy, monkeypatch):
    """Give the toy names of its own, and remove them."""
    monkeypatch.setattr(image, "ROLE_LABEL", "grader.test-image")
    monkeypatch.setattr(image, "tag", lambda role, digest: f"grader-toy-{role}:{digest[:12]}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(toy / "cache"))
    yield
    for found in client.api.images(filters={"label": "grader.test-image"}):
        for name in found["RepoTags"] or [found["Id"]]:
            client.api.remove_image(name, force=True)


@pytest.mark.needs_engine
def test_images_are_built_found_and_stale_after_a_change(client, toy, cleaned):
    lines: list[str] = []

    built = image.build(client, lines.append, toy)

    assert image.ensure(client, toy) == built
    assert built.of(Role.WORKER) == built.worker_id != built.checker_id
    assert built.worker_id.startswith("sha256:")
    assert any(line.startswith(("Step", "STEP")) for line in lines)
    assert "Step" in image.log_path(built.digest).read_text()

    (toy / "hello.txt").write_text("changed")
    with pytest.raises(ImageMissingError, match="older than the code") as caught:
        image.ensure(client, toy)
    assert "grader image build" in str(caught.value)


@pytest.mark.needs_engine
def test_old_builds_are_dropped_and_the_newest_stays(client, toy, cleaned, monkeypatch):
    monkeypatch.setattr(image, "KEEP", 1)
    older = image.build(client, root=toy)
    (toy / "hello.txt").write_text("changed")
    newer = image.build(client, root=toy)
    assert {one["Id"] for one in image._built(client, Role.WORKER)} == {
        older.worker_id,
        newer.worker_id,
    }, "of the last day all are kept"

    monkeypatch.setattr(image, "KEEP_S", -1)
    again = image.build(client, root=toy)

    assert [one["Id"] for one in image._built(client, Role.WORKER)] == [again.worker_id]
    assert again == newer


def test_of_two_builds_in_one_second_the_one_made_just_now_stays(monkeypatch):
    """Engines date images in whole seconds, so that dates alone may put the older one first."""

    class Api:
        def __init__(self):
            self.left = [image.tag(role, made) for role in Role for made in ("0" * 64, "1" * 64)]

        def images(self, filters):
            _, _, role = filters["label"].partition("=")
            mine = [name for name in self.left if name.startswith(image.tag(Role(role), ""))]
            return [{"Created": 1_700_000_000, "RepoTags": [name], "Id": name} for name in mine]

        def remove_image(self, name):
            self.left.remove(name)

    monkeypatch.setattr(image, "KEEP", 1)
    api = Api()
    image._drop_old(SimpleNamespace(api=api), "1" * 64)
    assert api.left == [image.tag(role, "1" * 64) for role in Role]


@pytest.mark.needs_engine
def test_a_failed_build_shows_its_last_lines_and_keeps_its_log(client, toy, cleaned):
    recipe = (toy / "Dockerfile").read_text()
    failing = "RUN echo one step too far && exit 7"
    (toy / "Dockerfile").write_text(recipe.replace("FROM worker", f"{failing}\nFROM worker"))

    with pytest.raises(EngineError) as caught:
        image.build(client, root=toy)

    assert "one step too far" in caught.value.message
    assert "7" in caught.value.message
    log = Path(caught.value.advice.split()[-1].rstrip("."))
    assert "one step too far" in log.read_text()


@pytest.mark.needs_engine
def test_a_missing_base_image_is_named_with_two_ways_to_get_it(client, toy, cleaned, monkeypatch):
    monkeypatch.setattr(image, "BASE", "python:0.0-nowhere")

    with pytest.raises(ImageMissingError, match=r"python:0\.0-nowhere") as caught:
        image.build(client, root=toy)

    assert "docker pull" in caught.value.advice
    assert "make engine" in caught.value.advice
