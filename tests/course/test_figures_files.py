"""The files of the interactive figures: small, asking nobody, every name known."""

import re

from tests.course.figure_pages import FIGURES, NAMES, PLACED
from tests.course.pages import COURSE, ROOT, pages


def test_every_figure_has_a_page_and_no_page_asks_for_another():
    placed = {name for page in pages() for name in PLACED.findall(page.read_text("utf-8"))}
    assert placed == set(NAMES)
    loader = (FIGURES / "explorers.js").read_text(encoding="utf-8")
    assert set(re.findall(r'import\("\./([\w-]+)\.js"\)', loader)) == set(NAMES)


def test_next_steps_lead_to_pages_of_the_course():
    rules = (FIGURES / "numbers" / "maturity.js").read_text(encoding="utf-8")
    targets = set(re.findall(r'"([a-z]+/[a-z-]+)"\],', rules))
    assert len(targets) == 11
    assert [one for one in sorted(targets) if not (COURSE / f"{one}.md").is_file()] == []


def test_the_figures_fetch_nothing_and_stay_small():
    files = sorted(FIGURES.rglob("*.js"))
    assert files
    for path in [*files, FIGURES / "figures.css"]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), path.name
        assert not re.search(r"innerHTML|\beval\b|fetch\(|localStorage|Math\.random", text), (
            path.name
        )
        assert len(text.splitlines()) <= 400, path.name
    assert sum(path.stat().st_size for path in files) < 100_000


def test_every_module_of_numbers_has_a_twin():
    twins = {path.stem for path in (ROOT / "scripts/figures/numbers").glob("*.py")}
    modules = {path.stem for path in (FIGURES / "numbers").glob("*.js")}
    assert modules - {"normal", "distributions", "random"} == twins - {"__init__", "stream"}
