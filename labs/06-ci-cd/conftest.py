"""Rehearsals of your workflow: repositories go out, journals come back. Every run has other data."""

import json
import random
from pathlib import Path

import pytest

HERE = Path(__file__).parent
WORKFLOW = ".github/workflows/ml.yml"
PARTS = ("ci", "data", "forecast", "unit")
SECONDS = 80.0
STUCK = []
"""Why no more rehearsals are made: one that never ends would cost every check the same time."""

BANK = """
import concurrent.futures, json, pathlib, shutil, sys, tempfile
sys.path.insert(0, ".rehearsal")
from rehearse import WORKFLOW, rehearse

bank = json.loads(pathlib.Path(".rehearsal/bank.json").read_text("utf-8"))
base = bank["base"] | {WORKFLOW: pathlib.Path(WORKFLOW).read_text("utf-8", "replace")}

stuck = False

def one(case):
    global stuck
    if stuck:
        return None
    folder = pathlib.Path(tempfile.mkdtemp())
    try:
        seen = rehearse(folder, case | {"files": base | case["files"], "base": base})
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    stuck = stuck or seen["slow"]
    return seen | {"said": seen["said"][-1200:]}

with concurrent.futures.ThreadPoolExecutor(2) as pool:
    print(json.dumps(list(pool.map(one, bank["cases"]))))
"""

READ = """
import json, pathlib, subprocess, sys
import yaml

path = sys.argv[1]
tools = pathlib.Path(sys.executable).parent
found = {"odd": [], "schema": [], "facts": []}
text = pathlib.Path(path).read_text("utf-8", "replace")
root = None
try:
    if len(text) > 200_000:
        raise ValueError("it is longer than 200 kB; a workflow fits into a few pages")
    root = yaml.compose(text, Loader=yaml.SafeLoader)
except ValueError as error:
    found["odd"].append(f"line 1: {error}")
except RecursionError:
    found["odd"].append("line 1: it is nested too deeply to be read")
except yaml.YAMLError as error:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    problem = str(getattr(error, "problem", None) or error).splitlines()[0]
    if problem.startswith("found character") and chr(92) + "t" in problem:
        problem = "a tab stands where only spaces may; indent with spaces"
    found["odd"].append(f"line {line}: this is not YAML: {problem}")

def parts_of(node, sizes, above):
    # An alias is the same node again: without this, 300 bytes can unfold into a billion parts.
    if id(node) in above:
        raise ValueError(f"line {node.start_mark.line + 1}: it contains itself")
    if id(node) not in sizes:
        inside = []
        if isinstance(node, yaml.MappingNode):
            inside = [one for pair in node.value for one in pair]
        elif isinstance(node, yaml.SequenceNode):
            inside = node.value
        sizes[id(node)] = 1 + sum(parts_of(one, sizes, above | {id(node)}) for one in inside)
        if sizes[id(node)] > 10_000:
            line = node.start_mark.line + 1
            raise ValueError(f"line {line}: it unfolds into more than 10000 parts; a workflow has a few hundred")
    return sizes[id(node)]

if root is not None:
    try:
        parts_of(root, {}, frozenset())
    except ValueError as error:
        found["odd"].append(str(error))
        root = None
    except RecursionError:
        found["odd"].append("line 1: it is nested too deeply to be read")
        root = None

WORDS = {"yes", "no", "on", "off", "y", "n"}

def visit(node, top=False):
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in seen:
                found["odd"].append(f"line {line}: the key {name!r} stands here twice; some programs "
                                    "take the first, others the last, and GitHub takes neither")
            seen.add(name)
            if not (top and name == "on"):
                visit(key)
            visit(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            visit(item)
    elif isinstance(node, yaml.ScalarNode) and node.style is None:
        line, word = node.start_mark.line + 1, str(node.value)
        number = node.tag.endswith(":int") and (":" in word or (word.startswith("0") and len(word) > 1))
        if word.lower() in WORDS or number:
            found["odd"].append(f"line {line}: {word} is read as another value by some programs; "
                                "write it in quotes")

def has_jobs(node):
    for key, value in node.value:
        if key.value == "jobs":
            return isinstance(value, yaml.MappingNode) and bool(value.value)
    return False

if root is not None:
    visit(root, top=True)
    if not isinstance(root, yaml.MappingNode):
        found["odd"].append("line 1: this is no workflow; it begins with a key such as on:")
    elif not has_jobs(root):
        found["odd"].append("line 1: it has no jobs, so nothing would ever run; write them below jobs:")
elif not found["odd"]:
    found["odd"].append("line 1: the file is empty; a workflow says when it runs (on:) and what (jobs:)")
"""

LOOK = READ + """
if not found["odd"]:
    def run(*words):
        done = subprocess.run([str(tools / words[0]), *words[1:]], capture_output=True, text=True)
        try:
            return json.loads(done.stdout)
        except ValueError:
            return {"errors": [{"path": "$", "message": (done.stderr or done.stdout)[-300:]}]}
    checked = run("check-jsonschema", "-o", "json", "--builtin-schema", "vendor.github-workflows", path)
    errors = checked.get("errors", [])
    found["schema"] = [f"{e.get('path', '$')}: {e['message'][:300]}" for e in errors]
    facts = run("zizmor", "--offline", "--format", "json", path)
    if isinstance(facts, dict):
        found["facts"] = None
    else:
        found["facts"] = sorted({fact["ident"] for fact in facts})
print(json.dumps(found))
"""


@pytest.fixture
def base():
    """Return the repository as it was handed out: path -> text, without the workflow."""
    files = {}
    for part in PARTS:
        for path in sorted((HERE / part).rglob("*")):
            if path.is_file() and path.suffix in {".py", ".csv", ".json"}:
                files[path.relative_to(HERE).as_posix()] = path.read_text("utf-8")
    return files


def of_student(student, script, *words):
    """Run a script of ours beside the workflow, and return the JSON that it prints."""
    done = student.run(["python", "-c", script, *words], timeout_s=SECONDS)
    assert done.exit_code == 0, f"the rehearsal ended early: {done.stderr[-400:]}"
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert isinstance(told, (list, dict))
    return told


@pytest.fixture
def rehearsed(student, base):
    """Return a function that rehearses cases in random order, and returns what each one did."""

    def carry_out(cases, order=None):
        assert not STUCK, STUCK[0]
        numbers = list(range(len(cases)))
        (order or random.Random()).shuffle(numbers)
        bank = {"base": base, "cases": [cases[number] for number in numbers]}
        student.write(".rehearsal/bank.json", json.dumps(bank).encode())
        student.write(".rehearsal/rehearse.py", (HERE / "rehearse.py").read_bytes())
        STUCK.append("an earlier rehearsal came to no end")
        seen = of_student(student, BANK)
        slow = any(one is None or one["slow"] for one in seen)
        assert not slow, "the pipeline did not end within 45 seconds"
        STUCK.clear()
        assert len(seen) == len(cases), "the rehearsal lost a case"
        return [one for _, one in sorted(zip(numbers, seen, strict=True), key=lambda pair: pair[0])]

    return carry_out


@pytest.fixture
def looked(student):
    """Look at the workflow without running it; return what is odd, wrong or risky about it."""
    return of_student(student, LOOK, WORKFLOW)


@pytest.fixture
def make_case(base):
    """Return a function that makes a case; `edits` are (path, old text, new text)."""

    def make(kind="push", branch="refs/heads/main", edits=(), broken=False):
        files = {path: base[path].replace(old, new, 1) for path, old, new in edits}
        return {
            "kind": kind, "branch": branch, "title": "Better", "files": files, "broken": broken
        }  # fmt: skip

    return make
