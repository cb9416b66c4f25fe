"""The interactive figures on the pages of the built site: each starts, in its place."""

import re

import pytest

from tests.course.figure_pages import FIGURES, PLACED
from tests.course.pages import pages
from tests.course.test_browser import address_of

RULES = FIGURES / "numbers" / "maturity.js"
PLACES = [
    (address_of(page), name)
    for page in pages()
    for name in PLACED.findall(page.read_text(encoding="utf-8"))
]


@pytest.mark.needs_browser
@pytest.mark.slow
@pytest.mark.parametrize(("where", "name"), PLACES)
def test_a_figure_starts_on_its_page(where, name, served, chromium):
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(served + where)
    host = page.locator(f".explorer[data-explorer='{name}'][data-ready]")
    host.wait_for()
    assert len(host.locator(".explorer-says").text_content()) > 40
    before = host.locator(".explorer-says").text_content()
    host.locator("input[type=range], input[type=radio]").first.press("ArrowRight")
    page.wait_for_function(
        "([name, before]) => document.querySelector(`[data-explorer='${name}'] .explorer-says`)"
        ".textContent !== before",
        arg=[name, before],
    )
    page.close()


@pytest.mark.needs_browser
@pytest.mark.slow
def test_every_next_step_leads_to_a_page_of_the_site(served, chromium):
    page = chromium.new_page()
    where = next(where for where, name in PLACES if name == "maturity")
    keys = re.findall(r'^  \["(\w+)", "', RULES.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(keys) == 12
    missing = set()
    for at in range(0, 12, 3):
        answers = [f"{key}-{0 if at <= index < at + 3 else 2}" for index, key in enumerate(keys)]
        page.goto(f"{served}{where}?maturity={'_'.join(answers)}")
        page.wait_for_selector(".explorer[data-ready]")
        links = page.locator(".explorer-after a").evaluate_all("them => them.map(it => it.href)")
        assert len(links) == 3
        missing |= {link for link in links if not page.request.get(link).ok}
    page.close()
    assert missing == set()
