"""The table of contents, the list of labs, and the list of progress made from them."""

import re
import subprocess
import sys

import pytest

from scripts.contents import CHAPTERS, Entry, read_contents, title_of
from scripts.curriculum import STAGES, TITLES, slugs, stage_of
from scripts.progress import listed
from tests.course.pages import COURSE, ROOT, pages, written_pages
from tests.course.shape import PARTS

NAV = """
nav:
  - Home: index.md
  - Course:
      - Design:
          - Added value: design/added-value.md
  - Reference:
      - reference/index.md
      - Decisions:
          - decisions/index.md
"""


def test_parts_inside_parts_are_parts(tmp_path):
    settings = tmp_path / "mkdocs.yml"
    settings.write_text(NAV, encoding="utf-8")
    parts = read_contents(settings)
    assert [part.title for part in parts] == ["Home", "Design", "Reference", "Decisions"]
    assert [part.is_chapters for part in parts] == [False, True, False, False]
    assert parts[2].entries[0].title == title_of(COURSE / "reference/index.md")


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("index.md", "index.html"),
        ("labs/index.md", "labs/index.html"),
        ("design/added-value.md", "design/added-value.html"),
    ],
)
def test_an_address_is_where_the_page_is_built(path, address):
    assert Entry(path=path, title="x").address == address


def test_the_navigation_has_every_page_once():
    listed_pages = [entry.path for part in read_contents() for entry in part.entries]
    assert sorted(listed_pages) == [page.relative_to(COURSE).as_posix() for page in pages()]


def test_chapters_are_those_that_the_linter_holds_to_their_shape():
    assert set(CHAPTERS) == set(PARTS)


def test_every_lab_has_one_stage_and_a_title():
    numbers = [number for stage in STAGES for number in stage.labs]
    assert sorted([*numbers, "11"]) == sorted(TITLES)
    assert stage_of("02") == "development"
    assert stage_of("11") == "all stages"
    assert set(slugs()) <= set(TITLES)


def test_first_pages_of_stages_are_pages():
    for stage in STAGES:
        assert (COURSE / stage.page).with_suffix(".md").is_file()


def test_the_list_of_progress_has_every_chapter_and_lab():
    made = listed(read_contents())
    for page in pages():
        part = page.relative_to(COURSE).parts[0]
        if part in PARTS and page.stem != "index":
            assert f'data-page="{part}/{page.stem}.html"' in made
    for slug in slugs().values():
        assert f'data-lab="{slug}"' in made


@pytest.mark.parametrize("name", ["quizzes", "progress", "coverage"])
def test_what_is_made_before_the_build_is_up_to_date(name):
    command = [sys.executable, f"scripts/{name}.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def outdated(text, there):
    """Return the labs that a text calls planned, or links to the list, though they are there."""
    planned = re.findall(r"\b[Ll]ab (\d\d)\b[^.|;]*?\bplanned\b", text)
    listed_only = re.findall(r"\[[Ll]ab (\d\d)\b[^\]]*\]\(\.\./labs/index\.md\)", text)
    return sorted({number for number in [*planned, *listed_only] if number in there})


@pytest.mark.parametrize(
    "page",
    [page for page in written_pages() if page.parent.name in PARTS],
    ids=lambda page: f"{page.parent.name}/{page.stem}",
)
def test_no_chapter_calls_a_lab_planned_that_is_there(page):
    assert outdated(page.read_text(encoding="utf-8"), slugs()) == []


def test_a_lab_that_is_there_is_no_longer_planned():
    text = (
        "lab 05 (planned) and [lab 08](../labs/08-x.md); [lab 09](../labs/index.md). "
        "Lab 10, planned"
    )
    assert outdated(text, {"05", "08", "09", "10"}) == ["05", "09", "10"]
    assert outdated(text, {"08"}) == []
