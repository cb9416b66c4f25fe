"""What scripts write is up to date, and says what it was made from."""

import importlib.util
import random
import re
import subprocess
import sys

import pytest

from grader.library import Library
from scripts.figures import development_data_quality as figures
from tests.course.pages import COURSE, ROOT


def script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "name",
    [
        "lab_pages",
        "cluster_numbers",
        pytest.param("data_page", marks=pytest.mark.slow),  # draws a dozen worlds and measures them
        # a minute of simulations
        pytest.param("course_figures", marks=[pytest.mark.slow, pytest.mark.timeout(1_200)]),
    ],
)
def test_what_is_generated_is_up_to_date(name):
    command = [sys.executable, f"scripts/{name}.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_stale_page_is_noticed_and_named(tmp_path, monkeypatch, capsys):
    lab_pages = script("lab_pages")
    page = ROOT / "course" / "labs" / "index.md"
    monkeypatch.setattr(lab_pages, "pages", lambda: {page: "other text"})
    assert lab_pages.main(["--check"]) == 1
    assert "course/labs/index.md: not up to date. Run:" in capsys.readouterr().err


@pytest.mark.parametrize("slug", Library(ROOT).slugs())
def test_a_labs_page_tells_what_its_manifest_says(slug):
    lab = Library(ROOT).load(slug).lab
    page = (COURSE / "labs" / f"{slug}.md").read_text(encoding="utf-8")
    assert f"| Points | {lab.out_of}, in {len(lab.checks)} checks |" in page
    for check in lab.checks:
        taught = f"(../{check.learn})" if check.learn else ""
        seen = f"{check.points} points, {check.visibility.value}"
        assert re.search(rf"\| `{check.id}`<br>{seen} \|.*{re.escape(taught)}", page)


def test_folded_hints_are_markdown_on_the_page():
    page = (COURSE / "labs" / "02-data-quality.md").read_text(encoding="utf-8")
    assert page.count('<details markdown="1">') == page.count("</details>") > 0
    assert "<details><summary>" not in page


def test_the_lab_page_shows_a_proof_where_there_is_one():
    lab_pages = script("lab_pages")
    lab = Library(ROOT).load("02-data-quality").lab
    readme = "# Title\n\n**Stage:** x\n\nText."
    assert "has not been published yet" in lab_pages.page_of(lab, readme, "")
    shown = lab_pages.page_of(lab, readme, "| What was graded |\n")
    assert "## How we know that the grader is right\n\n| What was graded |\n" in shown
    assert "published yet" not in shown


def test_the_week_is_what_the_readme_of_the_lab_says():
    days, shares, decisions = figures.week()
    readme = (ROOT / "labs/02-data-quality/README.md").read_text(encoding="utf-8")
    told = re.findall(r"^2026-05-\d\d  (\w+) +(\d+) in, +(\d+) aside", readme, re.MULTILINE)
    assert [decision for decision, _, _ in told] == decisions
    assert days == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    for at, (decision, accepted, aside) in enumerate(told):
        bad = sum(values[at] for values in shares.values())
        if decision != "reject":
            assert bad == pytest.approx(int(aside) / (int(accepted) + int(aside)))


def test_no_measure_sees_more_than_two_of_the_six_faults():
    _, shares, _ = figures.week()
    assert max(sum(value > 0 for value in values) for values in shares.values()) == 2
    assert sum(value > 0 for values in shares.values() for value in values) == 6


def test_probabilities_of_the_figure_agree_with_a_simulation():
    """20,000 days a point: three standard errors are at most 0.011."""
    rng = random.Random(20260504)
    for limit, broken in [(0.0, 0), (0.05, 0), (0.15, 9), (0.4, 27)]:
        days = 20_000
        others = figures.ROWS - broken
        refused = sum(
            broken + sum(rng.random() < figures.SLIPS for _ in range(others))
            > limit * figures.ROWS + 1e-9
            for _ in range(days)
        )
        assert figures.refused(limit, broken) == pytest.approx(refused / days, abs=0.011)


def test_the_chapter_says_the_numbers_of_the_figure():
    chapter = (COURSE / "development/data-quality.md").read_text(encoding="utf-8")
    stopped = figures.refused(0.0, 0)
    assert f"{stopped * 100:.0f} of 100" in chapter
    assert f"0.98⁷² = {1 - stopped:.2f}" in chapter
    assert "A limit of 0 stops three ordinary days in four" in chapter
    assert 0.7 < stopped < 0.8
    assert figures.refused(0.2, 0) < 1e-6
    assert figures.refused(0.2, 9) < 0.005
    assert figures.refused(0.2, 27) == 1


def test_the_chapter_keeps_its_length():
    text = (COURSE / "development/data-quality.md").read_text(encoding="utf-8")
    text = re.sub(r"```.*?```|<[^>]+>", "", text.split("## Sources")[0], flags=re.DOTALL)
    assert 900 <= len(text.split()) <= 1_600
