"""The workflows of the chapters on CI/CD: valid, safe where they say so, and run for real.

`act` runs only the workflows of this repository, each in a temporary folder. The texts beside them
(course/deployment/workflows/*.txt) are what it did; `--update-golden` writes them again.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.course.pages import COURSE
from tests.course.test_examples import try_page

PAGE = COURSE / "deployment"
WORKFLOWS = PAGE / "workflows"
BIN = Path(sys.executable).parent
GITHUB = sorted(path for path in WORKFLOWS.glob("*.yml") if path.name != "gitlab-ci.yml")
FINDINGS = {
    "ml.yml": set(),
    "naive.yml": {"artipacked", "excessive-permissions", "unpinned-uses"},
    "dangerous.yml": {
        "artipacked",
        "dangerous-triggers",
        "excessive-permissions",
        "template-injection",
        "unpinned-uses",
    },
    "title.yml": {"template-injection"},
}
"""Workflow -> what zizmor says about it, and the page with it."""

BANK = {
    "nothing changed": None,
    "a comment": ("forecast.py", "import csv\n", "import csv  # rows come as text\n"),
    "an import that nobody uses": ("forecast.py", "import csv\n", "import csv\nimport os\n"),
    "WAPE divided by rows": (
        "forecast.py",
        'sum(int(row["units"]) for row in rows)',
        "len(rows)",
    ),
    "two columns exchanged": (
        "data/sales.csv",
        "date,outlet,channel,units",
        "date,channel,outlet,units",
    ),
    "a leak: trained on all days": (
        "steps.py",
        'read(SALES) if row["date"] < SPLIT]',
        "read(SALES)]",
    ),
    "a model without weekdays": (
        "forecast.py",
        "{date.fromisoformat(row['date']):%a}",
        "any day",
    ),
    "serving forgets the logarithm": (
        "serve.py",
        "forecast.predict(model, question)",
        'model["means"][forecast.key(question)]',
    ),
}
"""What was changed -> (file, old text, new text)."""


def check_schema(kind, path):
    return subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", f"vendor.{kind}", path],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.name)
def test_every_github_workflow_fits_the_schema(path):
    done = check_schema("github-workflows", path)
    assert done.returncode == 0, done.stdout


def test_the_gitlab_pipeline_fits_the_schema():
    done = check_schema("gitlab-ci", WORKFLOWS / "gitlab-ci.yml")
    assert done.returncode == 0, done.stdout


def test_the_schema_can_say_no(tmp_path):
    path = tmp_path / "ml.yml"
    path.write_text("name: ml\non: push\njobs:\n  a:\n    steps: []\n", encoding="utf-8")
    assert check_schema("github-workflows", path).returncode != 0


@pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.name)
def test_zizmor_finds_what_the_page_says_and_nothing_else(path):
    done = subprocess.run(
        [BIN / "zizmor", "--offline", "--no-progress", "--format", "json", path],
        capture_output=True,
        text=True,
        check=False,
    )
    found = {one["ident"] for one in json.loads(done.stdout) if not one.get("ignored")}
    assert found == FINDINGS[path.name]
    chapter = (PAGE / "ci-cd.md").read_text(encoding="utf-8")
    if path.name == "dangerous.yml":
        assert all(f"`{ident}`" in chapter for ident in found)


def commands(text):
    """Return the pipeline's steps in their order, as a text names them."""
    return re.findall(r"python3 steps\.py (\w+)", text)


@pytest.mark.parametrize("name", ["gitlab-ci.yml", "Jenkinsfile"])
def test_the_same_pipeline_has_the_same_steps_everywhere(name):
    meant = commands((WORKFLOWS / "ml.yml").read_text(encoding="utf-8"))
    assert commands((WORKFLOWS / name).read_text(encoding="utf-8")) == meant
    assert meant == ["lint", "test", "data", "train", "validate", "stage", "smoke", "release"]


def test_every_action_is_pinned_by_digest_and_every_job_has_a_limit():
    jobs = yaml.safe_load((WORKFLOWS / "ml.yml").read_text(encoding="utf-8"))["jobs"]
    for name, job in jobs.items():
        assert job["timeout-minutes"] <= 30, name
        assert job["permissions"] == {"contents": "read"}
        for step in job["steps"]:
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step.get("uses", "a@" + "0" * 40))


def repository(folder, change):
    """Make a repository of the example, with one change."""
    shutil.copytree(PAGE / "repo", folder, ignore=shutil.ignore_patterns("__pycache__"))
    if change:
        name, old, new = change
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} has not exactly one {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")
    git = ["git", "-c", "user.name=Sari", "-c", "user.email=sari@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *words], cwd=folder, check=True)
    return folder


def act(folder, workflow, event="push", payload=None):
    """Run one of our workflows for real; return what act said, an event a line."""
    place = folder / ".github/workflows"
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(WORKFLOWS / workflow, place)
    (folder / ".git/event.json").write_text(json.dumps(payload or {}), encoding="utf-8")
    words = [BIN / "act", event, "-W", f".github/workflows/{workflow}", "--json"]
    words += ["-P", "ubuntu-latest=-self-hosted", "--no-cache-server"]
    words += ["--artifact-server-addr", "127.0.0.1", "-e", ".git/event.json"]
    words += ["--var", f"MODEL_STORE={folder}/.git/store"]
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    done = subprocess.run(
        words,
        cwd=folder,
        env={**kept, "HOME": str(folder / ".git"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert said, done.stderr
    return said


def results(said):
    """Return job -> success, failure."""
    return {one["jobID"]: one["jobResult"] for one in said if "jobResult" in one}


def outcome(said, folder):
    """Say in a word where a pipeline ended, and whether production changed."""
    reds = [job for job, result in results(said).items() if result != "success"]
    reached = (folder / ".git/store/production").exists()
    assert not (reds and reached), "red, and in production all the same"
    return f"red at {reds[0]}" if reds else "in production" if reached else "green"


@pytest.fixture
def shown(update_golden):
    """Compare with a text of the page, or write it."""

    def compare(name, text):
        path = WORKFLOWS / name
        if update_golden:
            path.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text

    return compare


@pytest.mark.slow
def test_the_bank_goes_red_and_green_as_the_page_shows(tmp_path, shown):
    lines = [f"{'pushed to main':<32}{'naive.yml':<20}ml.yml"]
    for at, (name, change) in enumerate(BANK.items()):
        ends = []
        for workflow in ("naive.yml", "ml.yml"):
            folder = repository(tmp_path / f"{at}-{workflow}", change)
            ends.append(outcome(act(folder, workflow), folder))
        lines.append(f"{name:<32}{ends[0]:<20}{ends[1]}")
    shown("bank.txt", "\n".join(lines) + "\n")


@pytest.mark.slow
def test_a_pull_request_is_checked_and_deploys_nothing(tmp_path):
    folder = repository(tmp_path / "pull", None)
    said = act(folder, "ml.yml", event="pull_request")
    assert results(said) == {"check": "success", "train": "success"}
    assert not (folder / ".git/store/staging").exists()


@pytest.mark.slow
def test_production_has_the_digest_that_staging_tested(tmp_path):
    folder = repository(tmp_path / "main", None)
    act(folder, "ml.yml")
    store = folder / ".git/store"
    assert (store / "production").read_text() == (store / "staging").read_text()
    assert (store / (store / "production").read_text()).is_file()


def test_a_title_that_is_pasted_into_a_command_runs(tmp_path, shown):
    folder = repository(tmp_path / "title", None)
    title = 'a "; echo "I run on your machine'
    said = act(folder, "title.yml", "pull_request", {"pull_request": {"title": title}})
    lines = [f"the title: {title}"]
    lines += [
        f"{one['step'] + ':':<13}{one['msg'].strip()}" for one in said if one.get("raw_output")
    ]
    shown("title.txt", "\n".join(lines) + "\n")


def test_the_examples_of_the_repository_are_made_by_its_program(tmp_path):
    folder = tmp_path / "repo"
    shutil.copytree(PAGE / "repo", folder, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "-B", "make_sales.py"], cwd=folder, check=True)
    for name in ("data/sales.csv", "champion.json"):
        assert (folder / name).read_bytes() == (PAGE / "repo" / name).read_bytes()


@pytest.mark.parametrize("page", ["containers"])
def test_commands_of_the_pages_print_what_is_shown(tmp_path, page):
    folder = tmp_path / "deployment"
    shutil.copytree(PAGE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    assert try_page(f"deployment/{page}.md", folder) >= 1
