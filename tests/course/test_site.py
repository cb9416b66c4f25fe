"""The site: built strictly, asking no other host for anything, every link leading somewhere."""

import gzip
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from grader.formats.html import learn_href
from grader.library import Library
from scripts import search_index
from tests.course.pages import COURSE, ROOT, pages

FETCHED = {
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("link", "href"),
}
FETCHED |= {
    ("video", "src"),
    ("audio", "src"),
    ("object", "data"),
    ("embed", "src"),
    ("use", "href"),
}
FOREIGN = re.compile(r"^(https?:)?//", re.IGNORECASE)
IN_STYLES = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


class Page(HTMLParser):
    """Collects what a built page fetches, links to and can be linked at."""

    def __init__(self, text):
        super().__init__()
        self.fetched, self.links, self.anchors = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if value is None:
                continue
            if (tag, name) in FETCHED or name == "srcset":
                self.fetched.append(value)
            if tag == "a" and name == "href":
                self.links.append(value)
            if name in {"id", "name"}:
                self.anchors.add(value)


@pytest.fixture(scope="session")
def built(site):
    """Return address inside the site -> page, for every page but 404."""
    return {
        f"/{path.relative_to(site).as_posix()}": Page(path.read_text(encoding="utf-8"))
        for path in site.rglob("*.html")
        if path.name != "404.html"
    }


def test_every_page_is_built(built):
    for page in pages():
        assert f"/{page.relative_to(COURSE).with_suffix('.html').as_posix()}" in built


def test_every_page_has_a_name_of_its_own(site, built):
    """MkDocs falls back to the name of the file, Index, when a page begins with a comment."""
    names = {}
    for address in built:
        text = (site / address.lstrip("/")).read_text(encoding="utf-8")
        names[address] = re.search("<title>([^<]*)</title>", text).group(1).split(" - ")[0]
    assert names["/labs/index.html"] == "Labs"
    assert not [address for address, name in names.items() if name in {"Index", ""}]


def test_no_page_fetches_anything_from_another_host(built):
    foreign = {
        (address, value)
        for address, page in built.items()
        for value in page.fetched
        if FOREIGN.match(value)
    }
    assert foreign == set()
    assert any(page.fetched for page in built.values())


def test_no_style_sheet_fetches_anything_from_another_host(site):
    sheets = list(site.rglob("*.css"))
    assert sheets
    for sheet in sheets:
        for groups in IN_STYLES.findall(sheet.read_text(encoding="utf-8")):
            assert not FOREIGN.match("".join(groups)), sheet.name


def test_every_link_and_anchor_inside_the_site_leads_somewhere(site, built):
    broken = []
    for address, page in built.items():
        for link in page.links:
            parts = urlsplit(urljoin(f"http://site{address}", link))
            if parts.netloc != "site" or parts.scheme not in {"http", "https"}:
                continue
            path = unquote(parts.path)
            target = built.get(f"{path}index.html" if path.endswith("/") else path)
            if target is None:
                if not (site / path.lstrip("/")).is_file():
                    broken.append((address, link))
            elif parts.fragment and unquote(parts.fragment) not in target.anchors | {"__top"}:
                broken.append((address, link))
    assert broken == []


def learn_links():
    library = Library(ROOT)
    return sorted(
        {
            (slug, target)
            for slug in library.slugs()
            for lab in [library.load(slug).lab]
            for target in [lab.page, *(check.learn for check in lab.checks)]
            if target
        }
    )


@pytest.mark.parametrize(("slug", "target"), learn_links(), ids=lambda value: value)
def test_what_feedback_tells_students_to_read_is_there(slug, target, built):
    page, _, anchor = target.partition("#")
    address = f"/{page.removesuffix('.md')}.html"
    assert address in built
    assert not anchor or anchor in built[address].anchors


def test_the_grader_links_to_pages_that_are_there(built):
    for _, target in learn_links():
        path, _, anchor = (
            learn_href(target, "http://site").removeprefix("http://site").partition("#")
        )
        assert path in built, target
        assert not anchor or unquote(anchor) in built[path].anchors, target


def test_every_lab_teaches_somewhere():
    assert len(learn_links()) >= 2


def test_every_lab_has_a_page():
    for slug in Library(ROOT).slugs():
        assert (COURSE / "labs" / f"{slug}.md").is_file(), "run: python scripts/lab_pages.py"


def test_figures_carry_their_text_alternative(built):
    chapter = (COURSE / "development/data-quality.md").read_text(encoding="utf-8")
    figures = re.findall(r'--8<-- "(figures/[\w-]+\.svg)"', chapter)
    assert len(figures) >= 3
    for name in figures:
        drawn = (COURSE / name).read_text(encoding="utf-8")
        told = re.search(r"<desc id=\"([\w-]+)\">([^<]{60,})</desc>", drawn)
        assert told, name
        assert (
            f'aria-labelledby="{told.group(1).replace("-desc", "-title")} {told.group(1)}"' in drawn
        )
        assert told.group(1) in built["/development/data-quality.html"].anchors


def test_the_first_page_is_small(site):
    """All that a first visit transfers, compressed: also the search, which the theme fetches."""
    home = Page((site / "index.html").read_text(encoding="utf-8"))
    files = {site / "index.html", site / search_index.PLACE}
    files |= set((site / "assets/javascripts/workers").glob("search.*.js"))
    files |= {
        site / urlsplit(value).path for value in home.fetched if not value.startswith("data:")
    }
    sizes = [len(gzip.compress(path.read_bytes())) for path in files if path.is_file()]
    assert len(sizes) > 5
    assert sum(sizes) < 300_000


def test_a_search_finds_sentences_and_neither_code_nor_answers(site):
    entries = json.loads((site / search_index.PLACE).read_text(encoding="utf-8"))["docs"]
    text = " ".join(entry["text"] for entry in entries)
    assert len(entries) > 500
    assert "stop them at a gate" in text.lower() or "a gate has three answers" in text.lower()
    assert "<pre>" not in text
    assert "(not right)" not in text
    assert "Design leads to development, development to deployment" not in text
    assert not any(entry["location"].startswith("decisions/") for entry in entries)


def test_code_and_decisions_are_taken_out_of_the_index_and_nothing_else(tmp_path, capsys):
    place = tmp_path / search_index.PLACE
    place.parent.mkdir()
    entry = {"location": "a.html", "title": "A", "text": "<p>Use <code>f</code></p><pre>f()</pre>"}
    aside = {"location": "decisions/0001.html", "title": "1", "text": "<p>Aside</p>"}
    index = {"config": {"lang": ["en"]}, "docs": [aside, entry]}
    place.write_text(json.dumps(index), encoding="utf-8")
    assert search_index.main([str(tmp_path)]) == 0
    made = json.loads(place.read_text(encoding="utf-8"))
    assert made["config"] == {"lang": ["en"]}
    assert made["docs"] == [{**entry, "text": "<p>Use <code>f</code></p>"}]
    assert search_index.main([str(tmp_path / "nowhere")]) == 1
    assert "Run: make site" in capsys.readouterr().err


@pytest.mark.needs_browser
@pytest.mark.slow
@pytest.mark.parametrize("page", ["index.html", "development/data-quality.html"])
def test_a_browser_draws_the_page(page, site, browser, tmp_path):
    """Chromium alone, no network: the text is there, so no script that failed hides it."""
    done = subprocess.run(
        [
            *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
            *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
            *(
                "--disable-sync",
                f"--user-data-dir={tmp_path}",
                "--host-resolver-rules=MAP * ~NOTFOUND",
            ),
            *("--dump-dom", (site / page).as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    drawn = Page(done.stdout)
    assert "<h1" in done.stdout
    assert "__toc" in drawn.anchors or "__drawer" in drawn.anchors


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_of_the_texts_beside_the_course_lead_somewhere(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not FOREIGN.match(target):
            assert (ROOT / target).exists(), f"{name}: {target}"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_paths_and_targets_that_the_texts_name_exist(name):
    """A path in backticks that begins with one of our folders, a `make` target: both are there."""
    text = (ROOT / name).read_text(encoding="utf-8")
    folders = "course|labs|solutions|grader|tests|scripts|requirements|benchmarks"
    for path in re.findall(rf"`((?:{folders})/[\w./-]*)`", text):
        if not re.search("NN|NAME|12-model-cards", path):  # names that stand for others
            assert (ROOT / path).exists(), path
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    used = set(re.findall(r"`(?:sudo )?make ([a-z-]+)", text)) | set(
        re.findall(r"^\$? ?(?:sudo )?make ([a-z-]+)", text, re.MULTILINE)
    )
    assert used
    assert used <= targets


def test_the_site_is_no_part_of_the_repository():
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    done = subprocess.run(
        ["git", "check-ignore", "site/index.html"], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0


def test_the_theme_needs_nothing_from_elsewhere():
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert re.search(r"^  font: false$", text, re.MULTILINE)
    assert re.search(r"^strict: true$", text, re.MULTILINE)
    assert "hooks:" not in text
    assert not FOREIGN.search(Path(COURSE / "assets/course.css").read_text(encoding="utf-8"))
