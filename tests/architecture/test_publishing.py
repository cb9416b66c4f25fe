"""What is private stays private: nothing of `solutions/` shows in `labs/` or `course/`.

Lines are compared without their spaces, so that a line which moved into a notebook, a table or a
fenced block is found as well. Lines that say nothing (imports, decorators, short ones) and
docstrings of tests, which students read anyway, are no secret.
"""

import ast
import functools
import os
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from grader.building import build
from grader.layout import JUNK
from grader.library import Library
from grader.starter import BEGIN, END, regions

ROOT = Path(__file__).resolve().parents[2]
SECRET_CHARS = 24
"""Shorter lines, spaces left out, are found everywhere and betray nothing."""
LONG_CHARS = 50
MANY_LINES = 3
TRIVIAL = re.compile(
    r"import |from |@|def |async def |class |#|\"\"\"|raise NotImplementedError|[\w-]+: \$\{\{"
)
SHARED_LINES = {
    "frame=make_sales(rows=216)": "asks a public fixture for data",
    "sales=make_sales(rows=216)": "asks a public fixture for data",
    'frame["units"]=frame["units"].astype("float64")': "a type, no value",
    'closed=pd.to_datetime(frame["closed_at"],utc=True)': "the meaning of a column",
    'made["revenue"]=made["price"]*made["units"]': "the meaning of a column",
    'assertdecision=="quarantine"': "a word of the README",
    "returnfloat(np.abs(actual-predicted).sum()/actual.sum())": "WAPE, as the README defines it",
    'returnsales.assign(weekday=sales["date"].dt.dayofweek)': "given to students",
    "units=(rng.integers(200,2_000,size=len(requests))/10).tolist()": "random answers",
    "requests=make_requests(12)": "asks a public fixture for data",
    "shadow=ShadowDeployment(champion,candidate)": "a call of the contract",
    "controller.start(canary)": "a call of the contract",
    "answer=controller.look(make_tally(0.5,labels=0))": "a call of the contract",
    'assertanswer=={"state":"canary","share":0.50}': "an answer that the contract shows",
    'ifanswer["state"]!="canary":': "a word of the contract",
    "persist-credentials:false": "a setting that the chapter teaches",
    "if:github.event_name=='push'": "a condition that the chapter teaches",
    "if:github.event_name=='push'&&github.ref=='refs/heads/main'": "as above",
}
"""Line without its spaces -> why it may stand on both sides."""

# The names below are put together here, so that this file does not contain what it forbids.
WORKSHOP = "/work/" + "(main|shared|hooks|incoming|\\.library|\\.mirror)\\b"
HOMES = "/(home|Users)" + "/[a-z][a-z0-9_-]*/"
HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "ana" + "conda.org",
    "jfrog" + ".io",
    "art" + "ifactory",
    "index-url" + "=http",
    "index-url" + " http",
]


def library():
    return Library(ROOT)


def files_below(*folders):
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and not JUNK & set(path.parts) and path.suffix != ".pyc"
    ]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def squeezed(text):
    return "".join(text.split())


def is_secret(line):
    letters = re.search(r"[A-Za-z]{2}", line)
    return bool(letters) and len(squeezed(line)) >= SECRET_CHARS and not TRIVIAL.match(line.strip())


def docstring_lines(text):
    """Return the numbers of lines that belong to docstrings."""
    numbers = set()
    for node in ast.walk(ast.parse(text)):
        body = getattr(node, "body", None)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)):
            first = body[0] if body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                numbers.update(range(first.lineno, first.end_lineno + 1))
    return numbers


def secret_lines_of_code(text):
    told = docstring_lines(text)
    return {
        squeezed(line)
        for number, line in enumerate(text.splitlines(), start=1)
        if number not in told and is_secret(line)
    }


def secret_lines_of_source(text, name):
    """Return lines of solution regions that the rest of the file does not show."""
    found = regions(text, name)
    inside = {number for region in found for number in range(region.begin, region.end + 1)}
    lines = list(enumerate(text.splitlines(), start=1))
    shown = {squeezed(line) for number, line in lines if number not in inside}
    withheld = {squeezed(line) for region in found for line in region.withheld if is_secret(line)}
    return withheld - shown


@functools.cache
def secrets():
    """Return secret line -> where it stands, for all that is private."""
    found = {}
    for path in files_below("solutions"):
        inside = path.relative_to(ROOT / "solutions").parts
        if "submissions" in inside:
            continue  # written by hand from the source: its own lines are misconceptions
        if "source" in inside:
            text = path.read_bytes().decode(errors="replace")
            lines = secret_lines_of_source(text, path.name)
        elif path.suffix == ".py":
            lines = secret_lines_of_code(path.read_text(encoding="utf-8"))
        else:
            continue
        found.update(dict.fromkeys(lines - SHARED_LINES.keys(), name_of(path)))
    return found


def leaks(text):
    """Return the secret lines that a text holds."""
    squeezed_text = squeezed(text.replace("\\n", "\n").replace('\\"', '"'))
    return {line: place for line, place in secrets().items() if line in squeezed_text}


def betrayals(text):
    """Return the secret lines of a text that cannot be chance: a long one, or three of one file.

    Two programs about the same coffee shops both say `rng = np.random.default_rng(seed)`; nobody
    writes three such lines of one hidden file, or one long one, without having seen it.
    """
    found = leaks(text)
    counts = Counter(found.values())
    return {
        line: place
        for line, place in found.items()
        if len(line) >= LONG_CHARS or counts[place] >= MANY_LINES
    }


def public_files():
    return files_below("labs", "course")


@pytest.mark.parametrize("path", public_files(), ids=name_of)
def test_no_line_of_a_solution_or_a_hidden_test_is_published(path):
    assert betrayals(path.read_bytes().decode(errors="replace")) == {}


@pytest.mark.parametrize("path", files_below("labs"), ids=name_of)
def test_no_solution_marker_reaches_students(path):
    text = path.read_bytes().decode(errors="replace")
    assert BEGIN not in text
    assert END not in text


def test_no_private_file_lies_in_a_public_folder():
    private = {"expected.toml", "DESIGN.md", "source", "submissions"}
    names = [path for path in public_files() if private & set(path.relative_to(ROOT).parts)]
    hidden = [path for path in public_files() if path.name.startswith("test_hidden")]
    assert [*names, *hidden] == []


def test_no_link_leads_out_of_a_public_folder():
    links = [
        path
        for folder in ("labs", "course")
        for path in (ROOT / folder).rglob("*")
        if path.is_symlink()
    ]
    assert links == []


@pytest.mark.parametrize("slug", library().slugs())
def test_the_starters_are_up_to_date(slug):
    changes = build(library().load(slug), check=True)
    assert [change.diff for change in changes] == [], f"run: grader build {slug}"


@pytest.mark.parametrize("slug", library().slugs())
def test_every_lab_has_secrets_to_keep(slug):
    """Were the search for secrets to find none, the tests above could not fail."""
    places = {place for place in secrets().values() if place.startswith(f"solutions/{slug}/")}
    assert any("/source/" in place for place in places)
    assert f"solutions/{slug}/test_hidden.py" in places


@pytest.mark.parametrize("form", ["{}", '    "        {}\\n",', "> {}", "| a | `{}` |"])
def test_a_secret_line_is_found_in_any_dress(form):
    for slug in library().slugs():
        text = (ROOT / "solutions" / slug / "test_hidden.py").read_text(encoding="utf-8")
        lines = [line.strip() for line in text.splitlines() if squeezed(line) in secrets()]
        line = next(line for line in lines if '"' not in line)
        assert leaks("Text before.\n" + form.format(line) + "\nText after.\n")


def test_three_short_lines_of_one_hidden_file_are_a_betrayal():
    for slug in library().slugs():
        place = f"solutions/{slug}/test_hidden.py"
        own = [line for line, home in secrets().items() if home == place and '"' not in line]
        assert betrayals("\n".join(own[:MANY_LINES]))


def tracked_files():
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this is no git checkout, so nothing is tracked")
    names = [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def found_in_tracked_files(pattern):
    compiled = re.compile(pattern.encode(), re.IGNORECASE)
    hits = []
    for path in tracked_files():
        content = path.read_bytes()
        found = compiled.search(content)
        if found:
            line = content[: found.start()].count(b"\n") + 1
            hits.append(f"{name_of(path)}:{line}: {os.fsdecode(found.group())}")
    return hits


def test_no_path_of_a_machine_is_tracked():
    here = re.escape(str(ROOT)) if len(ROOT.parts) > 2 else WORKSHOP
    assert found_in_tracked_files(f"{here}\\b|{WORKSHOP}") == []
    allowed = re.compile(r"/(home|Users)/(student|you|name|user|work|box)/")
    hits = [hit for hit in found_in_tracked_files(HOMES) if not allowed.search(hit)]
    assert hits == []


@pytest.mark.parametrize("host", HOSTS)
def test_no_registry_is_named(host):
    assert found_in_tracked_files(re.escape(host)) == []


def test_the_search_of_tracked_files_finds_what_is_there():
    assert found_in_tracked_files("schema = 1")
