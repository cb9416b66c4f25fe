"""The interactive figures in a browser: driven by keyboard, shared by address, read aloud."""

import re
from pathlib import Path

import axe_playwright_python
import pytest

from scripts.figures.numbers import canary, concept, drift, value
from tests.course.figure_pages import NAMES, lay_out, serving

pytestmark = pytest.mark.needs_browser

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
SENTENCE = "document.querySelector('.explorer-says').textContent"
QUIET = """() => document.querySelector('[role=status]').textContent
  === document.querySelector('.explorer-says').textContent"""
GROWN = """() => [...document.querySelectorAll('.picture > svg')]
  .every((it) => it.clientWidth > 330 && it.clientWidth === it.parentElement.clientWidth)"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serving(lay_out(tmp_path_factory.mktemp("figures"))) as found:
        yield found


@pytest.fixture(scope="module")
def profile(chromium):
    """Return what most visits share, so that files are fetched once."""
    context = chromium.new_context()
    yield context
    context.close()


@pytest.fixture
def visit(chromium, profile, address):
    """Return a function that opens a figure; whatever goes wrong in it fails the test."""
    wrong, opened = [], []

    def open_(name, query="", *, scheme="light", width=1000, **more):
        page = chromium.new_page(**more) if more else profile.new_page()
        opened.append(page)
        page.set_viewport_size({"width": width, "height": 900})
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith(address) or wrong.append(asked.url))
        page.goto(f"{address}{scheme}/{name}.html{query}")
        if more.get("java_script_enabled", True):
            page.wait_for_selector(".explorer[data-ready], .explorer-failed")
        return page

    yield open_
    for page in opened:
        page.close()
    assert wrong == []


def plain(text):
    return text.replace("\u00a0", " ").replace("\u2212", "-")


def says(page):
    return plain(page.text_content(".explorer-says"))


def told(page, key):
    return plain(page.text_content(f"[data-number={key}]"))


def shows(text, wanted):
    """Whether the first number of a text is the wanted one, to the digits that are shown."""
    found = re.search(r"-?[\d,]*\d(?:\.(\d+))?", text)
    digits = len(found.group(1) or "")
    number = float(found.group(0).replace(",", ""))
    return abs(number - wanted) <= 0.5 * 10**-digits + 1e-9


# ------------------------------------------------------------------------------ what is shown


@pytest.mark.parametrize(
    "one", [(0.5, 60, 240, 0.1, 0.8), (0.03, 500, 490, 0.6, 0.5), (0.99, 10, 500, 0.01, 0.99)]
)
def test_the_value_figure_shows_what_python_computes(visit, one):
    names = ("threshold", "falseAlarm", "miss", "baseRate", "skill")
    query = "_".join(f"{name}-{given}" for name, given in zip(names, one, strict=True))
    page = visit("value-threshold", f"?value-threshold={query}")
    wanted = value.value(
        value.Setting(
            threshold=one[0], false_alarm=one[1], miss=one[2], base_rate=one[3], skill=one[4]
        )
    )
    keys = ("hits", "misses", "alarms", "quiet")
    assert tuple(int(told(page, key)) for key in keys) == wanted.counts
    for key, money in (("worth", wanted.worth), ("overAlways", wanted.worth - wanted.always)):
        if "million" in told(page, key):
            assert shows(told(page, key).replace("Rp ", ""), money / 1000)
        else:
            assert shows(told(page, key).replace("Rp ", ""), round(money) * 1000)
    assert shows(told(page, "best"), 100 * wanted.best)
    assert shows(told(page, "share"), 100 * wanted.worth / wanted.perfect)


def test_a_score_without_skill_is_told_to_be_worth_nothing(visit):
    page = visit("value-threshold", "?value-threshold=skill-0.5_baseRate-0.03")
    assert "no threshold does better than doing nothing" in says(page)
    better = visit("value-threshold", "?value-threshold=skill-0.5_baseRate-0.5_threshold-0.6")
    assert "Acting every morning would be better still" in says(better)


@pytest.mark.parametrize("one", [(0.3, 500, 8, 1), (0, 50, 30, 4), (0.15, 2000, 100, 9)])
def test_the_drift_figure_shows_what_python_computes(visit, one):
    shift, rows, columns, draw = one
    page = visit("drift", f"?drift=shift-{shift}_rows-{rows}_columns-{columns}_draw-{draw}")
    wanted = drift.drift(shift, rows, draw)
    assert shows(told(page, "psi"), wanted.psi)
    assert shows(told(page, "ks"), wanted.ks)
    assert shows(told(page, "any"), 100 * drift.false_alarm(rows, columns, 0.05)[1])
    corrected = drift.false_alarm(rows, columns, 0.05 / columns)[1]
    assert shows(told(page, "bonferroni"), 100 * corrected)
    assert told(page, "usual") == f"{drift.psi_above(rows, 0.0, 0.2)} of 500"
    assert shows(told(page, "noticed"), drift.noticed(rows, shift, 0.05))
    share = round(100 * drift.false_alarm(rows, columns, 0.05)[1])
    assert f"{share} of them raise a false alarm, {round(100 * corrected)} after" in says(page)
    if shift == 0:
        assert "every alarm is a false one" in says(page)


@pytest.mark.parametrize(
    ("inputs", "relation", "curved", "alarms", "truth"),
    [
        (0, 0, 0, (False, False), "nothing changed"),
        (0, 1.2, 0, (False, True), "concept drift"),
        (1.2, 0, 0, (True, False), "data drift"),
        (1.2, 0, 1, (True, True), "data drift"),
        (1.2, 1.2, 0, (True, True), "both changed"),
    ],
)
def test_the_concept_figure_tells_the_drifts_apart(visit, inputs, relation, curved, alarms, truth):
    setting = concept.Setting(
        inputs=inputs, relation=relation, rows=100, curved=bool(curved), delay=2, draw=1
    )
    query = f"inputs-{inputs}_relation-{relation}_rows-100_delay-2_curved-{curved}_draw-1"
    page = visit("concept-drift", f"?concept-drift={query}")
    wanted = concept.concept(setting)
    assert (wanted.p < 0.01, wanted.above > 0) == alarms
    assert ("The test on inputs rings" if alarms[0] else "says nothing") in says(page)
    assert truth in says(page)
    assert told(page, "above") == f"{wanted.above} of 10"
    first = [float(found) for found in re.findall(r"[\d.]+", told(page, "expected"))]
    assert first == pytest.approx(wanted.expected, abs=0.05 + 1e-9)
    assert wanted.p < 0.001 or shows(told(page, "p"), wanted.p)
    assert page.locator("path.cross[d*=l9]").count() == wanted.above


@pytest.mark.parametrize("looks", [1, 20])
def test_the_canary_figure_shows_what_python_computes(visit, looks):
    setting = canary.Setting(
        requests=50_000, share=0.1, looks=looks, metrics=3, minimum=200, budget=0, rate=0.02
    )
    query = f"share-0.1_requests-50000_looks-{looks}_metrics-3_minimum-200_budget-0_rate-0.02"
    page = visit("canary", f"?canary={query}")
    wanted = canary.canary(setting)
    assert shows(told(page, "false"), 100 * wanted["healthy.corrected"].back)
    assert shows(told(page, "caught"), 100 * wanted["sick.corrected"].back)
    assert shows(told(page, "hours"), wanted["sick.corrected"].hours)
    assert shows(told(page, "harm"), wanted["sick.corrected"].harm_most)
    assert shows(told(page, "once"), 500)
    naive = int(100 * wanted["healthy.naive"].back + 0.5)
    assert f"Of 100 healthy releases, {naive} would be rolled back by the naive" in says(page)


def test_a_minimum_that_is_never_reached_is_told(visit):
    page = visit("canary", "?canary=share-0.01_requests-5000_minimum-5000")
    assert "the corrected rule never decides" in says(page)
    assert told(page, "hours") == "never"


def test_answers_lead_to_a_level_and_to_the_next_steps(visit):
    page = visit("maturity")
    assert "Nothing is answered yet" in says(page)
    assert page.locator(".explorer-after li").count() == 0
    for group in page.locator("fieldset").all():
        group.get_by_label("always").check()
    page.wait_for_function(
        "document.querySelector('.explorer-says').textContent.includes('All twelve')"
    )
    assert "You are at Google's level 2" in says(page)
    page.locator("fieldset", has_text="New data pass a gate").get_by_label("in part").check()
    page.wait_for_function(
        "document.querySelector('.explorer-says').textContent.includes('level 0')"
    )
    assert "Level 1 needs 1 more statement" in says(page)
    assert "Put a gate before the data." in page.text_content(".explorer-after li >> nth=0")
    assert page.get_attribute(".explorer-after a >> nth=0", "href").endswith(
        "/development/data-quality.html"
    )


# ------------------------------------------------------------------------------ how it is used


@pytest.mark.parametrize("name", NAMES)
def test_every_input_works_by_keyboard_and_the_address_keeps_the_state(visit, name):
    page = visit(name)
    before = says(page)
    assert page.url.endswith(".html")
    wanted = page.locator(".explorer input, .explorer button").count()
    seen = set()
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        kind = page.evaluate("document.activeElement.type || document.activeElement.tagName")
        seen.add(kind)
        if kind == "range":
            page.keyboard.press("ArrowRight")
        elif kind in {"checkbox", "radio"}:
            page.keyboard.press("Space")
        elif page.evaluate("document.activeElement.textContent").startswith("Draw"):
            page.keyboard.press("Enter")
        if page.evaluate("document.activeElement.textContent") == "Link to this setting":
            break
    assert seen >= {"button", "A"}
    assert seen & {"range", "radio"}
    page.wait_for_function("window.location.search !== ''")
    page.wait_for_function(QUIET)
    assert says(page) != before
    again = visit(name, page.evaluate("window.location.search"))
    assert says(again) == says(page)
    assert (
        again.locator(".explorer-numbers").text_content()
        == page.locator(".explorer-numbers").text_content()
    )


def test_a_slider_says_its_name_and_its_value(visit):
    page = visit("value-threshold")
    slider = page.get_by_role("slider", name="Act when the probability is at least")
    assert plain(slider.get_attribute("aria-valuetext")) == "50 %"
    slider.focus()
    for key, wanted in (("ArrowRight", "51 %"), ("Home", "1 %"), ("End", "99 %")):
        slider.press(key)
        page.wait_for_function(
            f"document.querySelector('output').textContent === '{wanted.replace(' ', chr(160))}'"
        )
        assert plain(slider.get_attribute("aria-valuetext")) == wanted


def test_a_screen_reader_is_told_once_the_hand_rests(visit):
    """The sentence follows every step; the status region only the last one."""
    page = visit("drift")
    page.evaluate(
        """() => {
          window.heard = [];
          const status = document.querySelector('[role=status]');
          new MutationObserver(() => window.heard.push(status.textContent))
            .observe(status, { childList: true, characterData: true, subtree: true });
        }"""
    )
    slider = page.get_by_role("slider", name="Columns")
    # All three steps in one turn: between presses from outside, a busy machine may rest too.
    slider.evaluate(
        """it => [1, 2, 3].forEach(() => {
          it.stepUp();
          it.dispatchEvent(new Event('input', { bubbles: true }));
        })"""
    )
    page.wait_for_function("window.heard.length > 0")
    heard = page.evaluate("window.heard")
    assert [plain(text) for text in heard] == [says(page)]
    assert "With 20 columns" in says(page)
    assert page.get_attribute("[role=status]", "aria-live") == "polite"
    assert all(
        page.locator("svg[role=img]").evaluate_all(
            "them => them.map(it => it.ariaLabel.length > 40)"
        )
    )


def test_an_address_that_makes_no_sense_starts_as_usual(visit):
    usual = says(visit("value-threshold"))
    for query in (
        "?value-threshold=",
        "?value-threshold=miss",
        "?value-threshold=miss-_threshold--3_skill-NaN_baseRate-",
        "?value-threshold=miss-%3Cscript%3E_skill-0x10_constructor-1_threshold-1e1",
        "?value-threshold=moves-inputs&value-threshold=miss-500",
    ):
        assert says(visit("value-threshold", query)) == usual, query
    most = says(visit("value-threshold", "?value-threshold=threshold-" + "9" * 400))
    assert most.startswith("Acting from 99 % on")


def test_values_between_the_steps_go_to_the_nearest(visit):
    page = visit("drift", "?drift=shift-0.33_rows-600_columns-4000")
    outputs = [plain(text) for text in page.locator("output").all_text_contents()]
    assert outputs == ["0.35 SD", "500", "100", "draw 1"]


def test_starting_again_leaves_the_rest_of_the_address_alone(visit):
    page = visit("drift", "?h=words&drift=shift-0.5_rows-200_columns-3_draw-2#there")
    assert "shift-0.5" in page.get_attribute("text=Link to this setting", "href")
    page.get_by_role("button", name="Start again").press("Enter")
    page.wait_for_function("window.location.search === '?h=words'")
    assert page.evaluate("window.location.hash") == "#there"
    assert page.locator("output").first.text_content() == "0.30 SD"


# ------------------------------------------------------------------------------ how it looks


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_fits_a_phone_and_grows_with_its_place(visit, name):
    page = visit(name, width=375)
    sizes = "them => them.map(it => [it.clientWidth, it.parentElement.clientWidth])"
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    for drawn, room in page.locator(".picture > svg").evaluate_all(sizes):
        assert drawn == room
    beyond = page.locator(".explorer *").evaluate_all(
        """them => them.filter((it) => !it.closest('[role=status]') && !it.closest('defs')
             && it.getBoundingClientRect().right > 375).map((it) => it.outerHTML.slice(0, 80))"""
    )
    assert beyond == []
    page.set_viewport_size({"width": 1200, "height": 900})
    # A busy browser draws once or twice on the way from the old width to the new one.
    page.wait_for_function(GROWN)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_serious(visit, name, scheme):
    query = "?maturity=metric-2_gate-1_tests-0" if name == "maturity" else ""
    page = visit(name, query, scheme=scheme)
    page.evaluate(AXE)
    found = page.evaluate("axe.run('.explorer', { resultTypes: ['violations'] })")["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_without_javascript_a_sentence_stands_in_the_place(visit):
    page = visit("drift", java_script_enabled=False, reduced_motion="reduce")
    look = page.evaluate(
        """() => {
          const style = getComputedStyle(document.querySelector('.explorer'), '::before');
          return [style.content, style.opacity, style.animationName];
        }"""
    )
    assert "needs JavaScript" in look[0]
    assert look[1:] == ["1", "none"]


def test_a_name_that_no_figure_has_is_told(visit):
    page = visit("unheard-of")
    assert 'no interactive figure called "unheard-of"' in page.text_content(".explorer-failed")


def test_a_module_that_cannot_be_loaded_is_told(chromium, address):
    page = chromium.new_page()
    page.route("**/drift.js", lambda route: route.abort())
    page.goto(f"{address}light/drift.html")
    assert "could not be loaded" in page.wait_for_selector(".explorer-failed").text_content()
    page.close()
