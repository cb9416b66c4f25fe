"""What the pages show was run: every fence is an include, is run here, or says why it is not.

A mark stands on the line before a fence: `<!-- run -->`, `<!-- run: FILE -->` (the fence is that
file), or `<!-- no-run: reason -->`. In what a command prints, `…` stands for anything.
"""

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cohort import parse_cohort
from grader.expected import read_expected
from grader.manifest import read_manifest
from tests.course.pages import COURSE, ROOT, fences, written_pages

BIN = Path(sys.executable).parent
PICTURES = {"text"}
"""Languages of fences that are no code."""
EXAMPLES = {
    "ada": "right__plain_python",
    "budi": "wrong__dropna_as_gate",
    "citra": "wrong__zones_dropped",
    "dewi": "wrong__never_rejects",
    "eko": "wrong__syntax_error",
}
"""Student of the page -> example submission of lab 02."""


def all_fences():
    return [fence for page in written_pages() for fence in fences(page)]


@pytest.mark.parametrize("fence", all_fences(), ids=lambda fence: fence.name)
def test_every_fence_is_run_or_says_why_not(fence):
    if fence.mark == "no-run":
        assert len(fence.more) > 5, "say why it is not run"
    elif fence.lang in PICTURES or fence.includes:
        assert all((COURSE / path).is_file() for path in fence.includes)
    else:
        assert fence.mark == "run", "mark it with <!-- run --> or <!-- no-run: reason -->"
        assert fence.lang in {"pycon", "console", "toml", "python"}


def test_there_are_fences_to_look_at():
    assert {fence.lang for fence in all_fences()} >= {"pycon", "console", "toml", "python"}


def pycon_pages():
    return sorted({fence.page for fence in all_fences() if fence.lang == "pycon"})


@pytest.mark.parametrize("page", pycon_pages(), ids=lambda page: page.stem)
def test_what_the_interpreter_shows_is_what_it_shows(page, monkeypatch):
    monkeypatch.chdir(page.parent)
    monkeypatch.syspath_prepend(str(page.parent))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    names = {}
    runner = doctest.DocTestRunner(verbose=False)
    shown = []
    for fence in fences(page):
        if fence.lang == "pycon":
            test = doctest.DocTestParser().get_doctest(
                fence.code, names, fence.name, str(page), fence.line
            )
            names = test.globs
            runner.run(test, out=shown.append, clear_globs=False)
            names = test.globs
    for module in ("deliveries",):
        sys.modules.pop(module, None)
    result = runner.summarize(verbose=False)
    assert result.attempted > 0
    assert result.failed == 0, "".join(shown)


READERS = {
    "lab.toml": lambda text: read_manifest(text, "lab.toml"),
    "expected.toml": lambda text: read_expected(text, "expected.toml", "wrong"),
    "cohort.toml": lambda text: parse_cohort(text, where="cohort.toml", folder=ROOT),
}


TOML = [fence for fence in all_fences() if fence.lang == "toml"]


@pytest.mark.parametrize("fence", TOML, ids=lambda fence: fence.name)
def test_a_toml_file_of_a_page_is_read_without_complaint(fence):
    assert READERS[fence.more](fence.code)


class Shell:
    """Runs the commands of a page one after another, as a reader would, in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if "GRADER" not in name},
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "GRADER_HOME": str(ROOT),
            "COLUMNS": "200",
            "NO_COLOR": "1",
        }

    def run(self, command):
        words = shlex.split(command)
        if words[0] == "cd":
            self.folder /= words[1]
            return ""
        if words[:2] in (["grader", verb] for verb in ("grade", "batch", "release")):
            words += ["--sandbox", "process"]  # the text is the same; only stderr has a warning
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert done.returncode in {0, 1}, done.stdout + done.stderr
        return done.stdout


def commands(code):
    """Return (command, what it should print) for each command of a console fence."""
    parts = re.split(r"^\$ (.*)\n", code, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def agrees(meant, seen):
    """Compare without regard for spaces and line ends; `…` stands for anything."""
    parts = [re.escape(" ".join(part.split())) for part in meant.split("…")]
    return re.fullmatch(r"\s*" + ".*?".join(parts) + r"\s*", " ".join(seen.split())) is not None


def try_page(page, folder):
    shell = Shell(folder)
    tried = 0
    for fence in fences(COURSE / page):
        if fence.mark != "run":
            continue
        if fence.lang == "python":
            with (shell.folder / fence.more).open("a", encoding="utf-8") as file:
                file.write(f"\n\n{fence.code}")
        elif fence.lang == "toml":
            (shell.folder / fence.more).write_text(fence.code, encoding="utf-8")
        elif fence.lang == "console":
            for command, meant in commands(fence.code):
                seen = shell.run(command)
                assert agrees(meant, seen), f"{fence.name}: $ {command}\n{seen}"
                tried += 1
    return tried


def test_what_the_set_up_page_shows_is_printed(tmp_path):
    assert try_page("start/index.md", tmp_path) == 1


@pytest.mark.slow
def test_the_first_lab_goes_as_its_page_says(tmp_path):
    kept = shutil.ignore_patterns("__pycache__", "*.zip")
    shutil.copytree(ROOT / "labs/02-data-quality", tmp_path / "labs/02-data-quality", ignore=kept)
    assert try_page("start/first-lab.md", tmp_path) == 4


@pytest.mark.slow
def test_a_class_is_graded_as_the_instructors_page_says(tmp_path):
    private = ROOT / "solutions/02-data-quality"
    for student, example in EXAMPLES.items():
        place = tmp_path / "submissions" / student
        shutil.copytree(private / "source", place, ignore=shutil.ignore_patterns("__pycache__"))
        for path in (private / "submissions" / example).glob("*.py"):
            shutil.copy(path, place)
    (tmp_path / "submissions/fitri").mkdir()
    (tmp_path / "submissions/fitri/notes.md").write_text("see my mail", encoding="utf-8")
    assert try_page("instructors/grade-a-cohort.md", tmp_path) == 8


@pytest.mark.parametrize(
    ("meant", "seen", "does"),
    [
        ("a … c", "a b c", True),
        ("a\n…\nc", "a\nb\nb\nc\n", True),
        ("a   b", "a b", True),
        ("a b", "a b c", False),
        ("… c", "a b", False),
        ("a.c", "abc", False),
    ],
)
def test_the_comparison_can_say_no(meant, seen, does):
    assert agrees(meant, seen) is does


def test_commands_are_cut_out_of_a_fence():
    assert commands("$ one\n1\n2\n$ two\n") == [("one", "1\n2\n"), ("two", "")]
