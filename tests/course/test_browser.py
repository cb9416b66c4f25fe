"""The site in a real browser: every page, light and dark, wide and narrow, and what can be done.

Every page asks only the server it came from, writes no error to the console, fits a phone and has
no serious fault of accessibility. Pictures of some pages are left in build/pictures for a person.
"""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import axe_playwright_python
import pytest

from scripts.questions import read_questions
from tests.course.pages import COURSE, ROOT, pages

pytestmark = pytest.mark.needs_browser

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 375, "height": 800}
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
PICTURES = ROOT / "build" / "pictures"
KEY_PAGES = [
    "index.html",
    "start/progress.html",
    "labs/index.html",
    "labs/02-data-quality.html",
    "development/data-quality.html",
    "monitoring/data-drift.html",
    "deployment/strategies.html",
    "maturity/where-are-we.html",
    "instructors/index.html",
    "reference/coverage.html",
    "reference/glossary.html",
]
SCHEMES = {"light": "default", "dark": "slate"}
"""What a reader prefers -> what the theme calls it."""
SERIOUS = {"serious", "critical"}
MODEL = "development/data-quality.html"
NONE = "\u2013"
CONTRAST = "color-contrast"
BARE = (
    "() => document.querySelectorAll('.highlight code').forEach((one) => { one.textContent = ''; })"
)
"""Empties code: its thousands of pieces take most of the time, and have a test of their own."""
UNFOLD = "() => document.querySelectorAll('details').forEach((fold) => { fold.open = true; })"
STILL = "*, *::before, *::after { transition: none !important; }"
CROPPED = """() => [...document.querySelectorAll('figure.chart svg')].flatMap((drawing) => {
    const box = drawing.getBoundingClientRect();
    return [...drawing.querySelectorAll('text')].filter((word) => {
        const at = word.getBoundingClientRect();
        return at.width && Math.max(box.left - at.left, at.right - box.right,
                                    box.top - at.top, at.bottom - box.bottom) > 1.5;
    }).map((word) => word.textContent);
})"""
"""Words of figures that stick out of them, which browsers cut off."""
SMALLEST = """() => [...document.querySelectorAll('figure.chart svg')].flatMap((drawing) => {
    const grows = drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width;
    return [...drawing.querySelectorAll('text')]
        .filter((word) => word.getBoundingClientRect().width)
        .map((word) => grows * parseFloat(getComputedStyle(word).fontSize));
}).reduce((one, other) => Math.min(one, other), 100)"""
"""Pixels of the smallest letters of figures."""
MOVED = {"runOnly": {"type": "rule", "values": ["scrollable-region-focusable"]}}
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Waits until a new size has been seen by those who watch for it."""
LIVE = """() => {
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    return [wide, document.body.dataset.mdColorScheme];
}"""


def address_of(page):
    """Where a page is on the site, from its top."""
    return page.relative_to(COURSE).with_suffix(".html").as_posix()


class Visit:
    """A tab that remembers what went wrong in it."""

    def __init__(self, context, served):
        self.served = served
        self.errors = []
        self.foreign = []
        self.page = context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def _heard(self, message):
        if message.type == "error":
            self.errors.append(message.text)

    def _asked(self, request):
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != urlsplit(self.served).netloc:
            self.foreign.append(request.url)

    def _answered(self, response):
        if response.status >= 400:
            self.errors.append(f"{response.status} {response.url}")

    def open(self, address):
        self.page.goto(self.served + address)
        return self.page


@pytest.fixture(scope="module")
def tours(chromium, served):
    """For each scheme one tab that goes through many pages: a new tab costs more than a page."""
    made = {}
    for scheme in SCHEMES:
        context = chromium.new_context(viewport=WIDE, color_scheme=scheme, reduced_motion="reduce")
        context.add_init_script(AXE)
        made[scheme] = Visit(context, served)
    yield made
    for visit in made.values():
        visit.page.context.close()


@pytest.fixture
def tour(tours):
    """Return a function that gives the tab of a scheme; it begins and ends with a clean slate."""
    yield tours.__getitem__
    for visit in tours.values():
        if visit.page.url.startswith(visit.served):
            visit.page.evaluate(
                "localStorage.clear()"
            )  # the theme remembers a scheme chosen by hand
        visit.page.set_viewport_size(WIDE)
        visit.errors.clear()
        visit.foreign.clear()


@pytest.fixture
def alone(chromium, served):
    """A tab in a browser that remembers nothing."""
    fresh = chromium.new_context(viewport=WIDE, color_scheme="light", accept_downloads=True)
    yield Visit(fresh, served)
    fresh.close()


def serious(page, where, **options):
    """Return the serious findings of axe below a selector, each with the places it names."""
    options = {"resultTypes": ["violations"], "iframes": False, **options}
    found = page.evaluate("([where, options]) => axe.run(where, options)", [where, options])
    return [
        (one["id"], [node["target"] for node in one["nodes"]][:3])
        for one in found["violations"]
        if one["impact"] in SERIOUS
    ]


def choose_scheme(tab, scheme):
    """Choose a scheme as the button in the header does."""
    chosen = f'input[data-md-color-scheme="{SCHEMES[scheme]}"]'
    tab.evaluate("chosen => document.querySelector(chosen).click()", chosen)


def picture(tab, address, scheme, size):
    """Leave a picture of a page for a person to look at."""
    name = address.removesuffix(".html").replace("/", "-")
    path = PICTURES / f"{name}-{scheme}-{size['width']}.png"
    tab.screenshot(path=str(path), full_page=True)
    assert path.stat().st_size > 5_000


@pytest.mark.slow
@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(COURSE).as_posix())
def test_a_page_opens_light_and_dark_wide_and_narrow(page, tour):
    """One load for all of it; folds are open, since what is in them is read as well."""
    address = address_of(page)
    where = "html" if address in KEY_PAGES else ".md-content"  # around it, all pages are alike
    visit = tour("light")
    tab = visit.open(address)
    tab.add_style_tag(content=STILL)
    tab.evaluate(UNFOLD)
    found = serious(tab, where, rules={CONTRAST: {"enabled": False}})
    assert found == []
    assert tab.evaluate(CROPPED) == []
    for scheme, wanted in SCHEMES.items():
        choose_scheme(tab, scheme)
        for size in (NARROW, WIDE):
            tab.set_viewport_size(size)
            tab.evaluate(DRAWN)
            too_wide, seen = tab.evaluate(LIVE)
            assert seen == wanted
            assert too_wide <= 0, f"{too_wide} px too wide at {size['width']} px"
            assert tab.evaluate(SMALLEST) >= 8.5, f"letters of a figure at {size['width']} px"
            assert serious(tab, where, **MOVED) == []
    tab.evaluate(BARE)
    for scheme in reversed(SCHEMES):
        choose_scheme(tab, scheme)
        assert serious(tab, where, runOnly={"type": "rule", "values": [CONTRAST]}) == [], scheme
    assert visit.errors == []
    assert visit.foreign == []


@pytest.mark.slow
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("address", KEY_PAGES, ids=str)
def test_a_key_page_opens_as_its_reader_prefers_and_leaves_pictures(address, scheme, tour):
    PICTURES.mkdir(parents=True, exist_ok=True)
    visit = tour(scheme)
    tab = visit.open(address)
    assert tab.evaluate(LIVE)[1] == SCHEMES[scheme]
    for size in (WIDE, NARROW):
        tab.set_viewport_size(size)
        picture(tab, address, scheme, size)
    assert visit.errors == []
    assert visit.foreign == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_code_can_be_read_in_every_colour_that_it_has(scheme, tour, site):
    """Every class of the highlighter that any page uses, on the background of code."""
    classes = set()
    for path in site.rglob("*.html"):
        for block in re.findall(r"<code>.*?</code>", path.read_text("utf-8"), re.DOTALL):
            classes.update(re.findall(r'<span class="(\w{1,3})">', block))
    assert {"k", "s2", "mi", "c1", "gp", "go"} <= classes
    tab = tour(scheme).open(MODEL)
    shown = "".join(f'<span class="{one}">{one} </span>' for one in sorted(classes))
    tab.evaluate("shown => { document.querySelector('.highlight code').innerHTML = shown; }", shown)
    only = {"type": "rule", "values": [CONTRAST]}
    assert serious(tab, ".highlight", runOnly=only) == []


def test_a_figure_wider_than_a_phone_is_moved_by_keyboard_and_its_caption_stays(tour):
    tab = tour("light").open("deployment/scaling.html")
    figure = tab.locator("figure.chart", has=tab.locator("#deployment-waiting-title"))
    assert figure.get_attribute("tabindex") is None  # all of it is there: nowhere to go
    tab.set_viewport_size(NARROW)
    tab.wait_for_function("it => it.tabIndex === 0", arg=figure.element_handle())
    caption = figure.locator("figcaption")
    figure.focus()
    before = caption.bounding_box()
    tab.keyboard.press("ArrowRight")
    tab.wait_for_function("it => it.scrollLeft > 0", arg=figure.element_handle())
    assert caption.bounding_box() == before


# ---------------------------------------------------------------------------------- quizzes


def questions_of(address):
    path = (COURSE / address).with_suffix(".quiz.toml")
    return read_questions(path.read_text(encoding="utf-8"), path.name)


def right_place(question):
    return next(at for at, option in enumerate(question.options) if option.right)


def choose(tab, question, at):
    """Choose an option with the arrow keys, and answer with Enter."""
    tab.locator(f"#check-{question.id} input").first.focus()
    tab.keyboard.press("Space")
    for _ in range(at):
        tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")


def test_a_quiz_is_answered_right_and_wrong_by_keyboard(alone):
    tab = alone.open(MODEL)
    for question in questions_of(MODEL):
        right = right_place(question)
        box = tab.locator(f"#check-{question.id}")
        choose(tab, question, 0 if right else 1)
        assert box.locator(".verdict").text_content().startswith("Not right. ")
        assert box.locator(".option .why").count() == len(question.options)
        assert box.locator(".option.right .why").text_content().startswith("✓ Right. ")
        assert box.locator(".option").nth(right).get_attribute("class") == "option right"
        assert box.get_by_role("button", name="Try again").evaluate(
            "node => node === document.activeElement"
        )
        tab.keyboard.press("Enter")
        assert box.locator(".option .why").count() == 0
        choose(tab, question, right)
        assert box.locator(".verdict").text_content().startswith("Right. ")
        assert box.locator(".verdict").get_attribute("aria-live") == "polite"
    assert alone.errors == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_answered_quiz_can_be_read(scheme, tour):
    """Also the button that was just pressed: it has the focus, and colours of its own."""
    tab = tour(scheme).open(MODEL)
    tab.add_style_tag(content=STILL)
    for question, right in zip(questions_of(MODEL)[:2], (True, False), strict=True):
        at = right_place(question) if right else (right_place(question) + 1) % 3
        box = tab.locator(f"#check-{question.id}")
        box.locator("input").nth(at).check()
        box.get_by_role("button", name="Check").click()
        assert box.locator(".verdict").text_content().startswith("Right" if right else "Not right")
        assert box.get_by_role("button", name="Try again").is_visible()
        assert serious(tab, f"#check-{question.id}") == []


@pytest.mark.parametrize(
    ("address", "copied"),
    [
        ("start/first-lab.html", "cd labs/02-data-quality\ngrader check"),
        (MODEL, 'from deliveries import gate, measure, read\nmonday = read("monday")\n'),
    ],
)
def test_what_is_copied_can_be_pasted(address, copied, alone):
    """The first session that is shown on a page: no prompt, no output."""
    alone.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab = alone.open(address)
    code = tab.locator(".highlight:has(.gp):visible").first
    code.hover()
    code.get_by_role("button").first.click()
    tab.wait_for_selector(".md-dialog--active")
    seen = tab.evaluate("navigator.clipboard.readText()")
    assert seen.startswith(copied)
    assert ">>>" not in seen
    assert "$ " not in seen
    assert not re.search("'complete'|points", seen)  # words of the outputs


def test_a_quiz_without_an_answer_asks_for_one(alone):
    tab = alone.open(MODEL)
    question = questions_of(MODEL)[0]
    box = tab.locator(f"#check-{question.id}")
    box.get_by_role("button", name="Check").click()
    assert box.locator(".verdict").text_content() == "Choose an answer first."
    assert box.locator(".option .why").count() == 0


def test_what_has_the_focus_can_be_seen(alone):
    tab = alone.open(MODEL)
    tab.locator(".quiz input").first.focus()
    tab.keyboard.press("Tab")
    shown = tab.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert shown not in {"none", ""}


def test_without_javascript_the_answers_are_in_a_fold(chromium, served):
    bare = chromium.new_context(java_script_enabled=False)
    tab = bare.new_page()
    tab.goto(served + MODEL)
    question = questions_of(MODEL)[0]
    fold = tab.locator(f"#check-{question.id} details.answers")
    assert fold.is_visible()
    told = fold.locator('li[data-right="true"]').text_content()
    assert "(right)" in told
    assert tab.get_by_role("button", name="Check").count() == 0
    bare.close()


# ---------------------------------------------------------------------------------- progress


def answer_and_tick(tab):
    question = questions_of(MODEL)[0]
    choose(tab, question, right_place(question))
    tab.get_by_label("I have read this page").check()


def row_of(tab):
    row = tab.locator(f'tr[data-page="{MODEL}"]')
    return row.locator(".tick").text_content(), row.locator(".score").text_content()


def test_progress_survives_a_reload_and_is_listed(alone, served):
    tab = alone.open(MODEL)
    answer_and_tick(tab)
    tab.reload()
    assert tab.get_by_label("I have read this page").is_checked()
    assert tab.locator(".question.is-done").count() == 1
    tab.goto(f"{served}labs/02-data-quality.html")
    tab.get_by_label("I have handed this lab in").check()
    assert tab.locator('.map [data-lab="02-data-quality"].is-done').count() == 1
    tab.goto(f"{served}start/progress.html")
    tick, score = row_of(tab)
    assert re.fullmatch(r"✓ \d{4}-\d\d-\d\d", tick)
    assert score == f"1 of {len(questions_of(MODEL))} right"
    summary = tab.locator(".progress .summary").text_content()
    assert re.search(r"Read: 1 of \d+ pages\. Right: 1 of \d+ questions\. Handed in: 1 of", summary)
    assert alone.errors == []
    assert alone.foreign == []


def test_progress_moves_to_another_browser_as_a_file(alone, chromium, served, tmp_path):
    tab = alone.open(MODEL)
    answer_and_tick(tab)
    tab.goto(f"{served}start/progress.html")
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Save to a file").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    assert saved.name == "mlops-course-progress.json"
    assert json.loads(saved.read_text(encoding="utf-8"))["version"] == 1
    other = chromium.new_context()
    tab = other.new_page()
    tab.goto(f"{served}start/progress.html")
    assert row_of(tab)[0] == NONE
    tab.locator('.progress input[type="file"]').set_input_files(saved)
    tab.wait_for_function("document.querySelector('.summary').textContent.startsWith('Added')")
    tab.reload()
    assert row_of(tab)[0].startswith("✓")
    other.close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        '{"version": 99}',
        '{"version": 1, "read": [], "answers": {}, "labs": {}}',
    ],
)
def test_a_file_that_is_no_progress_changes_nothing(alone, tmp_path, text):
    tab = alone.open("start/progress.html")
    path = tmp_path / "wrong.json"
    path.write_text(text, encoding="utf-8")
    tab.locator('.progress input[type="file"]').set_input_files(path)
    tab.wait_for_function("document.querySelector('.summary').textContent.includes('wrong.json')")
    told = tab.locator(".progress .summary").text_content()
    assert "is no saved progress of this course; nothing was changed" in told
    assert tab.evaluate("() => localStorage.getItem('mlops-course:progress')") is None


def test_everything_is_forgotten_when_asked(alone, served):
    tab = alone.open(MODEL)
    answer_and_tick(tab)
    tab.goto(f"{served}start/progress.html")
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("button", name="Forget everything").click()
    assert row_of(tab)[0] == NONE


# ---------------------------------------------------------------------------------- the rest


def glossary_terms():
    """Return (term, anchor) of every term."""
    text = (COURSE / "reference/glossary.md").read_text(encoding="utf-8")
    return re.findall(r"^### (.+?) \{#([\w-]+)\}$", text, re.MULTILINE)


def test_search_finds_the_terms_of_the_glossary(alone):
    tab = alone.open("index.html")
    tab.keyboard.press("/")
    box = tab.get_by_role("textbox", name="Search")
    terms = glossary_terms()
    assert len(terms) > 80
    for term, anchor in terms[::10]:
        box.press("Control+A")
        box.press_sequentially(term)
        tab.wait_for_selector(
            f'.md-search-result__link[href*="reference/glossary"][href$="#{anchor}"]',
            state="attached",
            timeout=30_000,
        )
    assert alone.errors == []


@pytest.mark.parametrize(
    "start", ["index.html", "labs/index.html", MODEL, "labs/02-data-quality.html"]
)
def test_the_map_leads_from_everywhere_to_a_stage_and_a_lab(alone, start):
    tab = alone.open(start)
    tab.locator(".map .development > a").first.click()
    tab.wait_for_url(f"**/{MODEL}")
    tab.locator('.map a[data-lab="02-data-quality"]').click()
    tab.wait_for_url("**/labs/02-data-quality.html")
    assert alone.errors == []


def test_paper_has_no_buttons_light_colours_and_open_folds(chromium, served):
    """For a reader who prefers the dark: on paper everything is as for all others."""
    context = chromium.new_context(viewport=WIDE, color_scheme="dark")
    context.add_init_script(AXE)
    tab = Visit(context, served).open(MODEL)
    tab.add_style_tag(content=STILL)
    tab.emulate_media(media="print")
    assert tab.evaluate(LIVE)[1] == SCHEMES["dark"]
    assert serious(tab, ".md-content", runOnly={"type": "rule", "values": [CONTRAST]}) == []
    ink = tab.evaluate("() => getComputedStyle(document.body).getPropertyValue('--fig-ink').trim()")
    assert ink == "#1d2a25"
    assert tab.get_by_text("The other faults are no gaps at all.").is_visible()
    assert not tab.get_by_text("I have read this page").is_visible()
    assert tab.get_by_role("button", name="Check").count() == 0
    assert not tab.locator(".quiz .answers").first.is_visible()
    context.close()
