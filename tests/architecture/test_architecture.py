"""The arrows point inward, modules stay small, names stay ours, and every module has its test.

Everything is read from the source with ast; nothing of grader is imported here but by a process of
its own. The tables below are the rules: a change of a rule is a change of a table, with a reason.
"""

import ast
import functools
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "grader"
TESTS = ROOT / "tests"

MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = (
    60  # the budget is 35; ruff counts statements, this counts what one must scroll
)

LONGER_MODULES: dict[str, str] = {}
"""Module -> why it may be longer than the limit."""
LONGER_FUNCTIONS: dict[str, str] = {}
"""module:function -> why it may be longer than the limit."""

NOUNS = ("errors", "lab", "submission", "outcome", "grade", "report", "starter", "summary")
PURE_TEXT = ("redaction", "plaintext", "discovery")
MOMENTS = ("crash_points",)
CORE = {f"grader.{name}" for name in (*NOUNS, *PURE_TEXT, *MOMENTS)}
"""The nouns of design.md, the pure text that they stand on, and names of moments."""
PORTS = {
    "grader.sandbox.base": "the port itself",
    "grader.sandbox.link": "deadlines and frames over any Box",
    "grader.sandbox.pool": "keeps boxes of any Sandbox",
    "grader.sandbox.shipyard": "images and containers of one run",
    "grader.sandbox.live": "counts the boxes that a pool keeps",
    "grader.sandbox.reuse": "keeps used workers of any pool, for proofs",
}
IMPURE = {
    *("os", "pathlib", "shutil", "tempfile", "subprocess", "socket"),
    *("time", "random", "secrets", "threading"),
}
"""What core modules may not import: they have no I/O, no clock and no chance."""
CORE_EXCEPTIONS = {("grader.starter", "io"): "StringIO, which tokenize reads from"}

# layer -> prefixes of our own modules that it may import, besides itself
MAY_IMPORT = {
    "core": CORE,
    "wire": {"grader.errors"},
    "worker": {"grader.errors", "grader.wire"},
    "checker": {
        *("grader.errors", "grader.lab", "grader.outcome", "grader.submission", "grader.wire"),
        "grader.worker.__main__",  # `preload`: both boxes load libraries in the same way
    },
    "sandbox": {*CORE, "grader.wire.frames", "grader"},
    "formats": {*CORE, "grader.cohort", "grader.identity"},  # the class that a table is about
    "service": {*CORE, *PORTS, "grader.wire", "grader.formats", "grader"},
    "face": {"grader"},
}

# library -> prefixes of the modules that may import it
THIRD_PARTY = {
    "alembic": ["grader.formats.nbgrader"],
    "click": ["grader.cli"],
    "cosmic_ray": ["grader.proving", "grader.mutants", "grader.mutation"],
    "parso": ["grader.proving", "grader.mutants", "grader.mutation"],
    "distributed": ["grader.cli.cluster", "grader.cli.elsewhere"],
    "docker": ["grader.sandbox"],
    "requests": ["grader.sandbox"],
    "urllib3": ["grader.sandbox"],
    "jinja2": ["grader.formats", "grader.scaffold"],
    "markupsafe": ["grader.formats"],
    "mlflow": ["grader.worker.stores"],
    "nbgrader": ["grader.formats.nbgrader"],
    "numpy": ["grader.wire", "grader.checker", "grader.worker"],
    "pandas": ["grader.wire", "grader.checker", "grader.worker"],
    "psutil": [],
    "pydantic": [
        *("grader.tables", "grader.manifest", "grader.manifest_values"),
        *("grader.expected", "grader.cohort_file", "grader.nbgrader_course.table"),
    ],
    "IPython": ["grader.worker.shell"],
    "traitlets": ["grader.worker.shell"],
    "pydantic_core": ["grader.tables"],
    "pytest": ["grader.checker"],
    "_pytest": ["grader.checker"],
    "pluggy": ["grader.checker"],
    "rich": ["grader.cli", "grader.formats.terminal"],
    "sqlalchemy": ["grader.formats.nbgrader"],
}
HEAVY = ["docker", "pandas", "numpy", "pytest", "mkdocs", "pydantic", "rich", "jinja2", "click"]

TESTED_ELSEWHERE: dict[str, str] = {
    "grader/cli/exported.py": "tests/cli/test_export.py",
    "grader/archives.py": "tests/test_door.py",
    "grader/entry.py": "tests/test_door.py",
    "grader/filenames.py": "tests/test_door.py",
    "grader/folders.py": "tests/test_door.py",
    "grader/listed.py": "tests/test_door.py",
    "grader/cohort_file.py": "tests/test_cohort.py",
    "grader/moments.py": "tests/test_cohort.py",
    "grader/roster.py": "tests/test_collect.py",
    "grader/identity.py": "tests/test_collect.py",
    "grader/platforms.py": "tests/test_collect.py",
    "grader/shelf.py": "tests/test_collect.py",
    "grader/errors.py": "tests/cli/test_exits.py",
    "grader/manifest_values.py": "tests/test_manifest.py",
    "grader/outcome.py": "tests/test_report.py",
    "grader/submission.py": "tests/test_door.py",
    "grader/sandbox/base.py": "tests/sandbox/test_fake.py",
    "grader/sandbox/shipyard.py": "tests/sandbox/test_fake_shipyard.py",
    "grader/sandbox/crew.py": "tests/sandbox/test_docker_shipyard.py",
    "grader/sandbox/canary.py": "tests/sandbox/test_doctor.py",
    "grader/sandbox/inside.py": "tests/sandbox/test_doctor.py",
    "grader/sandbox/budgets.py": "tests/sandbox/test_doctor.py",
    "grader/sandbox/finding.py": "tests/sandbox/test_doctor.py",
    "grader/checker/tally.py": "tests/checker/test_session.py",
    "grader/checker/run.py": "tests/checker/test_plugin.py",
    "grader/checker/__main__.py": "tests/misbehaviour/test_cheats.py",
    "grader/worker/__main__.py": "tests/misbehaviour/test_cheats.py",
    "grader/wire/names.py": "tests/checker/test_exceptions.py",
    "grader/worker/exceptions.py": "tests/checker/test_exceptions.py",
    "grader/worker/objects.py": "tests/checker/test_opaque.py",
    "grader/worker/operations.py": "tests/checker/test_remote.py",
    "grader/worker/serving.py": "tests/worker/test_children.py",
}
"""Module -> the test file that tries it through its only user."""

BANNED_NAMES = re.compile(
    r"(^|_)(utils?|helpers?|managers?|common|misc|stuff)(_|$)|(Util|Utils|Helper|Manager|Mixin)$",
)
OTHER_WORDS = re.compile(r"assignment|exercise|pupil|learner|homework", re.IGNORECASE)
FOREIGN_WORDS_ALLOWED = (
    "grader/formats/nbgrader",  # speaks nbgrader's language
    "grader/platforms.py",  # reads what learning platforms hand out, in their words
    "grader/collect.py",  # as above
    "grader/shelf.py",  # as above
)


def modules():
    return sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


def short(path):
    return path.relative_to(ROOT).as_posix()


def dotted(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path, *, top_level_only=False):
    """Return (module, line) of what a module imports, `from a import b` as a.b where b is one."""
    found = []
    for node in _nodes(parsed(path).body) if top_level_only else ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{short(path)}:{node.lineno}: relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.append((full if _is_module(full) else node.module, node.lineno))
    return found


def _nodes(body):
    """Yield statements that run at import: not those in functions or behind TYPE_CHECKING."""
    for node in body:
        yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            yield from _nodes(node.orelse)
        elif isinstance(node, (ast.If, ast.With, ast.Try, ast.ClassDef)):
            for field in ("body", "orelse", "finalbody"):
                yield from _nodes(getattr(node, field, []))
            for handler in getattr(node, "handlers", []):
                yield from _nodes(handler.body)


def _is_module(name):
    place = ROOT / Path(*name.split("."))
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


def layer(name):
    if name in CORE or name == "grader":
        return "core"
    folder = name.split(".")[1]
    if folder in {"wire", "worker", "checker", "sandbox", "formats"}:
        return folder
    return "face" if folder in {"cli", "web", "__main__"} else "service"


def within(name, prefixes):
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def outward_arrows(name, path):
    """Return what a module imports of ours although its layer may not."""
    own = layer(name)
    bad = []
    for target, line in imports(path):
        if not within(target, ["grader"]) or layer(target) == own:
            continue
        allowed = MAY_IMPORT[own]
        exact = target in allowed and (target != "grader" or own in {"sandbox", "service"})
        below = {prefix for prefix in allowed if prefix != "grader"}
        if not (exact or within(target, below) or own == "face"):
            bad.append(f"{short(path)}:{line}: {own} imports {target}, which is {layer(target)}")
    return bad


@pytest.mark.parametrize("path", modules(), ids=short)
def test_no_arrow_points_outward(path):
    assert outward_arrows(dotted(path), path) == []


def test_a_port_stands_on_nothing_but_the_core_and_ports():
    for name in PORTS:
        path = ROOT / Path(*name.split(".")).with_suffix(".py")
        if path.exists():
            ours = [target for target, _ in imports(path) if within(target, ["grader"])]
            bad = [
                target
                for target in ours
                if target not in {*CORE, *PORTS} and not within(target, ["grader.wire"])
            ]
            assert bad == [], name


def test_the_core_is_all_there_and_pure():
    for name in sorted(CORE):
        path = ROOT / Path(*name.split(".")).with_suffix(".py")
        assert path.is_file(), f"{name} is a core module and is not there"
        for target, line in imports(path):
            top = target.split(".")[0]
            if within(target, ["grader"]):
                continue
            assert top in sys.stdlib_module_names, f"{name}:{line} imports {target}"
            impure = top in IMPURE and not target.startswith("pathlib.Pure")
            assert not impure or (name, top) in CORE_EXCEPTIONS, f"{name}:{line} imports {target}"


@pytest.mark.parametrize("path", modules(), ids=short)
def test_each_library_is_imported_only_where_it_belongs(path):
    name = dotted(path)
    bad = []
    for target, line in imports(path):
        top = target.split(".")[0]
        if top == "grader" or top in sys.stdlib_module_names:
            continue
        assert top in THIRD_PARTY, f"{short(path)}:{line}: say in THIRD_PARTY who may import {top}"
        if not within(name, THIRD_PARTY[top]):
            bad.append(f"{short(path)}:{line}: {top} belongs to {THIRD_PARTY[top]}")
    assert bad == []


LOADED_LATER = {"grader/worker/shell.py": "loaded for labs with notebooks alone"}


def on_the_students_side():
    both = [path for path in modules() if layer(dotted(path)) in {"wire", "worker"}]
    return [path for path in both if short(path) not in LOADED_LATER]


def test_what_is_loaded_later_is_imported_by_no_module_as_it_starts():
    names = {dotted(ROOT / path) for path in LOADED_LATER}
    early = [
        short(path)
        for path in modules()
        if names & {target for target, _ in imports(path, top_level_only=True)}
    ]
    assert early == []


@pytest.mark.parametrize("path", on_the_students_side(), ids=short)
def test_the_students_side_starts_with_the_standard_library_alone(path):
    foreign = [
        f"{short(path)}:{line}: {target}"
        for target, line in imports(path, top_level_only=True)
        if not within(target, ["grader"]) and target.split(".")[0] not in sys.stdlib_module_names
    ]
    assert foreign == []


OPENS_NOTEBOOKS = {
    "grader.wire.notebooks": {
        "grader.worker.notebooks": "runs a student's, in the worker",
        "grader.worker.shell": "as above",
        "grader.worker.stepping": "as above, step by step",
        "grader.notebook_handin": "looks at one's own, on one's own machine",
        "grader.notebook_building": "looks at what it has just made from a lab's source",
    },
    "grader.notebook_handin": {
        "grader.pack": "packs one's own work",
        "grader.cli.options": "its flags",
        "grader.cli.check": "as above",
        "grader.cli.pack": "as above",
    },
    "grader.nbgrader_course.cells": {
        "grader.building": "an instructor's source becomes the starter",
        "grader.nbgrader_course.course": "reads an instructor's course",
        "grader.nbgrader_course.flat": "reads the reference of an imported lab, for its proof",
        "grader.nbgrader_course.making": "its nouns",
        "grader.nbgrader_course.plan": "its nouns",
        "grader.nbgrader_course.regions": "its nouns",
    },
}
"""Module that opens notebooks -> who may use it: nothing that grades the work of others."""


@pytest.mark.parametrize("name", OPENS_NOTEBOOKS)
def test_where_work_is_graded_a_notebook_is_bytes(name):
    users = {
        dotted(path)
        for path in modules()
        if any(within(target, [name]) for target, _ in imports(path))
    }
    assert users == set(OPENS_NOTEBOOKS[name])


def loaded_by(statement):
    code = f"import sys; {statement}; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_a_bare_import_brings_nothing_heavy():
    plain = loaded_by("pass")
    assert not (loaded_by("import grader") - plain) & set(HEAVY)


@pytest.mark.parametrize("name", ["grader.library", "grader.building", "grader.grading"])
def test_reading_and_grading_bring_neither_engine_nor_tables_nor_pytest(name):
    assert not loaded_by(f"import {name}") & {"docker", "pandas", "numpy", "pytest", "mkdocs"}


@pytest.mark.parametrize("path", modules(), ids=short)
def test_a_module_fits_in_the_head(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_MODULE_LINES or short(path) in LONGER_MODULES, f"{lines} lines"


@pytest.mark.parametrize("path", modules(), ids=short)
def test_a_function_fits_on_the_screen(path):
    long = [
        f"{short(path)}:{node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(parsed(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES
        and f"{short(path)}:{node.name}" not in LONGER_FUNCTIONS
    ]
    assert long == []


def test_exceptions_to_the_sizes_are_still_needed():
    for name in LONGER_MODULES:
        assert len((ROOT / name).read_text().splitlines()) > MAX_MODULE_LINES, name
    for name in LONGER_FUNCTIONS:
        module, _, function = name.partition(":")
        lengths = [
            node.end_lineno - node.lineno + 1
            for node in ast.walk(parsed(ROOT / module))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == function
        ]
        assert max(lengths, default=0) > MAX_FUNCTION_LINES, name


@pytest.mark.parametrize("path", modules(), ids=short)
def test_a_module_says_what_it_is_for(path):
    docstring = ast.get_docstring(parsed(path))
    assert docstring, f"{short(path)} has no docstring"
    assert docstring.split("\n\n")[0].rstrip().endswith((".", ":", "`.", ")")), docstring


def mirror(path):
    inside = path.relative_to(PACKAGE)
    return TESTS / inside.parent / f"test_{inside.stem.strip('_')}.py"


def untested(paths):
    """Return what has neither a mirror nor a place in TESTED_ELSEWHERE that exists."""
    return [
        short(path)
        for path in paths
        if path.name != "__init__.py"
        and not mirror(path).is_file()
        and not (ROOT / TESTED_ELSEWHERE.get(short(path), "nowhere")).is_file()
    ]


def test_every_module_has_its_test_file():
    assert untested(modules()) == []


def test_a_module_with_a_test_file_is_not_tested_elsewhere():
    both = [name for name in TESTED_ELSEWHERE if mirror(ROOT / name).is_file()]
    gone = [name for name in TESTED_ELSEWHERE if not (ROOT / name).is_file()]
    assert (both, gone) == ([], [])


def names_of(path, kinds):
    """Yield (name, line) of the module and of the definitions of these kinds in it."""
    yield path.stem, 1
    for node in ast.walk(parsed(path)):
        if isinstance(node, kinds):
            yield node.name, node.lineno


@pytest.mark.parametrize("path", modules(), ids=short)
def test_names_say_what_things_are(path):
    bad = [
        f"{short(path)}:{line}: {name}"
        for name, line in names_of(path, ast.ClassDef)
        if BANNED_NAMES.search(name)
    ]
    assert bad == []


@pytest.mark.parametrize("path", modules(), ids=short)
def test_one_word_per_idea(path):
    if short(path).startswith(FOREIGN_WORDS_ALLOWED):
        return
    definitions = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bad = [
        f"{short(path)}:{line}: {name}"
        for name, line in names_of(path, definitions)
        if OTHER_WORDS.search(name)
    ]
    assert bad == []


@pytest.mark.parametrize("path", modules(), ids=short)
def test_pytest_would_collect_nothing_of_the_package(path):
    classes = [node.name for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef)]
    assert [name for name in classes if name.startswith("Test") or name.endswith("TestCase")] == []
    assert not path.name.startswith("test_")
    assert not path.name.endswith("_test.py")


def test_the_rules_can_say_no(tmp_path, monkeypatch):
    """A rule that never refuses is no rule: each is shown a module that breaks it."""
    module = sys.modules[__name__]
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "PACKAGE", tmp_path / "grader")
    monkeypatch.setattr(module, "TESTS", tmp_path / "tests")
    place = tmp_path / "grader" / "wire" / "helpers.py"
    place.parent.mkdir(parents=True)
    (tmp_path / "grader" / "cli").mkdir()
    (tmp_path / "grader" / "cli" / "main.py").write_text("")
    place.write_text("import numpy\nfrom grader.cli import main\nclass TestThing: ...\n")
    assert outward_arrows("grader.wire.helpers", place) == [
        "grader/wire/helpers.py:2: wire imports grader.cli.main, which is face"
    ]
    assert untested([place]) == ["grader/wire/helpers.py"]
    for rule in (
        test_no_arrow_points_outward,
        test_the_students_side_starts_with_the_standard_library_alone,
        test_a_module_says_what_it_is_for,
        test_names_say_what_things_are,
        test_pytest_would_collect_nothing_of_the_package,
    ):
        with pytest.raises(AssertionError):
            rule(place)
