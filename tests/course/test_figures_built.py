"""The interactive figures on the pages of the built site: each starts, in its place."""

import pytest

from tests.course.pages import pages
from tests.course.test_browser import address_of
from tests.course.test_figures import PLACED

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


def test_every_figure_has_a_place():
    assert {name for _, name in PLACES} == {
        "value-threshold",
        "drift",
        "concept-drift",
        "canary",
        "maturity",
    }
