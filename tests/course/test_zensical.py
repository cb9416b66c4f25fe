"""The site builds with Zensical, too, from the same settings, and has the same pages and parts.

Material for MkDocs ends in 2027 and names Zensical as its successor; what it does not understand
it leaves out without a word. So pages, navigation and the elements that matter are compared.
"""

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from tests.course.figure_pages import serving
from tests.course.pages import COURSE, ROOT, pages

pytestmark = pytest.mark.slow

VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


PARTS = {
    "figures": lambda tag, _, values: tag == "svg" and values.get("aria-labelledby"),
    "questions": lambda _, kinds, values: "question" in kinds and values.get("data-question"),
    "explorers": lambda _tag, _, values: values.get("data-explorer"),
    "inputs": lambda tag, _, values: tag == "input" and values.get("name"),
    "code": lambda _tag, kinds, _: "highlight" in kinds and kinds[0],
    "folds": lambda tag, _, values: tag == "details" and (values.get("class") or "plain"),
    "links": lambda tag, kinds, values: (
        tag == "a" and "headerlink" not in kinds and values.get("href")
    ),
}
"""Part of a page -> what is kept of an element (tag, classes, attributes), if it is one."""


class Article(HTMLParser):
    """What matters in the article of a page, in order; and the links of the navigation."""

    def __init__(self, address, text):
        super().__init__()
        self.address = address
        self.depth = 0
        self.heading = None
        self.found = {part: [] for part in ("headings", *PARTS)}
        self.navigation = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "a" and "md-nav__link" in (values.get("class") or "") and "href" in values:
            self._navigate(values["href"])
        if tag == "article" or self.depth:
            self.depth += tag not in VOID
            self._keep(tag, values)

    def handle_endtag(self, tag):
        if self.depth and tag not in VOID:
            self.depth -= 1
        if re.fullmatch(r"h[1-6]", tag) and self.heading is not None:
            id_, words = self.heading
            self.found["headings"].append((tag, id_, " ".join("".join(words).split())))
            self.heading = None

    def handle_data(self, data):
        if self.heading is not None:
            self.heading[1].append(data)

    def _navigate(self, href):
        parts = urlsplit(urljoin(f"http://site/{self.address}", href))
        if not parts.fragment and parts.path not in self.navigation:
            self.navigation.append(parts.path)

    def _keep(self, tag, values):
        kinds = (values.get("class") or "").split()
        if re.fullmatch(r"h[1-6]", tag):
            self.heading = (values.get("id"), [])
        for part, rule in PARTS.items():
            value = rule(tag, kinds, values)
            if value:
                self.found[part].append(value)


def articles(folder):
    """Return address -> page of a built site."""
    found = {}
    for path in sorted(folder.rglob("*.html")):
        if path.name != "404.html":
            address = path.relative_to(folder).as_posix()
            found[address] = Article(address, path.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def zensical_site(tmp_path_factory):
    """Build a copy with Zensical, which writes beside its settings, and return the site."""
    folder = tmp_path_factory.mktemp("zensical")
    shutil.copy(ROOT / "mkdocs.yml", folder)
    shutil.copytree(COURSE, folder / "course")
    program = Path(sys.executable).with_name("zensical")
    done = subprocess.run(
        [program, "build"],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(f"Zensical does not build the site:\n{done.stdout[-3000:]}", pytrace=False)
    return folder / "site"


@pytest.fixture(scope="module")
def by_zensical(zensical_site):
    return articles(zensical_site)


@pytest.fixture(scope="module")
def by_mkdocs(site):
    return articles(site)


def test_both_build_the_same_pages(by_zensical, by_mkdocs):
    assert set(by_zensical) == set(by_mkdocs)
    assert len(by_mkdocs) >= len(pages())


@pytest.mark.parametrize(
    "address", ["index.html", "development/data-quality.html", "reference/cli.html"]
)
def test_both_have_the_same_navigation(address, by_zensical, by_mkdocs):
    assert by_zensical[address].navigation == by_mkdocs[address].navigation
    assert len(by_mkdocs[address].navigation) >= len(pages())


@pytest.mark.parametrize("part", ["headings", *PARTS])
def test_both_have_the_same_elements_that_matter(part, by_zensical, by_mkdocs):
    seen = 0
    for address, page in by_mkdocs.items():
        assert by_zensical[address].found[part] == page.found[part], address
        seen += len(page.found[part])
    assert seen > 0


def test_what_is_made_for_inclusion_is_published_by_neither(by_zensical, by_mkdocs):
    assert not [address for address in [*by_zensical, *by_mkdocs] if ".parts" in address]


@pytest.mark.needs_browser
def test_what_can_be_done_on_a_page_can_be_done_in_zensicals_too(zensical_site, chromium):
    context = chromium.new_context()
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with serving(zensical_site) as address:
        page.goto(f"{address}development/data-quality.html")
        box = page.locator("#check-disguises")
        box.get_by_label("50 %").check()
        box.get_by_role("button", name="Check").click()
        assert box.locator(".verdict").text_content().startswith("Right. ")
        page.get_by_label("I have read this page").check()
        page.goto(f"{address}start/progress.html")
        assert "Read: 1 of" in page.locator(".progress .summary").text_content()
    assert errors == []
    context.close()
