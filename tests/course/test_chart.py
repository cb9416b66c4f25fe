"""Charts become SVG that fits the pages: our colours only, as variables; the same every time."""

import re

import altair as alt
import pytest

from scripts import course_figures
from scripts.figures import lifecycle
from scripts.figures.chart import BLUE, VARIABLES, Figure
from scripts.figures.drawing import Drawing, arrow, box, text
from tests.course.pages import COURSE


def chart(colour=BLUE):
    rows = [{"x": at, "y": at * at / 7} for at in range(5)]
    return alt.Chart(alt.Data(values=rows)).mark_line(color=colour).encode(x="x:Q", y="y:Q")


def figure(**more):
    return Figure(**{"name": "a-b", "chart": chart(), "says": "It grows < twice."} | more)


def test_a_chart_says_what_it_shows():
    made = figure().svg()
    assert '<title id="a-b-title">A b</title>' in made
    assert '<desc id="a-b-desc">It grows &lt; twice.</desc>' in made
    assert 'role="img" aria-labelledby="a-b-title a-b-desc"' in made
    assert '<title id="a-b-title">Growth</title>' in figure(title="Growth").svg()


def test_colours_are_variables_of_the_style_sheet():
    made = figure().svg()
    used = set(re.findall(r'(?:fill|stroke)="([^"]+)"', made))
    assert f"var(--fig-blue,{BLUE})" in used
    assert all(value.startswith(("var(--", "none", "url(")) for value in used), used


def test_every_variable_is_in_the_style_sheet_for_light_and_dark():
    styles = (COURSE / "assets/course.css").read_text(encoding="utf-8")
    for name in set(VARIABLES.values()) - {"--md-default-bg-color"}:
        assert styles.count(f"{name}:") >= 2, name


@pytest.mark.parametrize("colour", [value for value in VARIABLES if value != "#ffffff"])
def test_the_colours_of_charts_are_those_of_light_pages(colour):
    styles = (COURSE / "assets/course.css").read_text(encoding="utf-8")
    assert f"{VARIABLES[colour]}: {colour};" in styles


def test_another_colour_is_refused_by_name():
    with pytest.raises(ValueError, match=r"figure a-b: the colour .* is not one of the course's"):
        figure(chart=chart("steelblue")).svg()


def test_the_same_chart_is_the_same_file_with_short_numbers():
    made = figure().svg()
    assert made == figure().svg()
    assert not re.search(r' d="[^"]*\d\.\d\d', made)
    assert "font-family" not in made
    assert "class=" not in made


def test_ids_carry_the_name_of_the_figure():
    rows = alt.Data(values=[{"x": 1}])
    clipped = alt.Chart(rows).mark_point(clip=True, color=BLUE).encode(x="x:Q")
    made = figure(chart=clipped).svg()
    ids = re.findall(r'id="([^"]+)"', made)
    assert all(one.startswith("a-b-") for one in ids)
    assert set(re.findall(r"url\(#([^)]+)\)", made)) <= set(ids)


def test_ids_do_not_tell_what_was_drawn_before():
    """Vega counts its clips within a process; which module a process draws is left to chance."""
    rows = alt.Data(values=[{"x": 1}])
    clipped = figure(chart=alt.Chart(rows).mark_point(clip=True, color=BLUE).encode(x="x:Q"))
    first, second = clipped.svg(), clipped.svg()
    assert first == second
    assert 'id="a-b-1"' in first


def test_a_drawing_escapes_its_words():
    made = Drawing(
        name="d", title="<t>", says="a & b", size=(10, 20), body=(text((1, 2), "<x>"),)
    ).svg()
    assert '<svg viewBox="0 0 10 20"' in made
    assert "&lt;t&gt;" in made
    assert "a &amp; b" in made
    assert "&lt;x&gt;" in made
    assert 'class="card"' in box((0, 0), (5, 5))
    assert 'class="head"' in arrow("M0 0 H5", (5, 0), "right")


@pytest.mark.parametrize("picture", lifecycle.figures(), ids=lambda one: one.name)
def test_the_map_links_every_stage_and_every_lab_that_is_there(picture):
    made = picture.svg()
    assert 'role="group"' in made  # a picture with links is no single image
    up = "" if picture.name == "lifecycle-home" else "../"
    links = re.findall(r'href="([^"]+)"', made)
    assert all(link.startswith(up) for link in links)
    assert [link.removeprefix(up) for link in links if "/labs/" not in f"/{link}"] == [
        stage.page for stage in lifecycle.STAGES
    ]
    labs = {link.removesuffix(".html").rpartition("/")[2] for link in links if "labs/" in link}
    assert labs == set(lifecycle.slugs().values())
    assert made.count('class="chip planned"') == len(lifecycle.TITLES) - len(lifecycle.slugs())


def test_two_modules_cannot_draw_the_same_file(monkeypatch):
    monkeypatch.setattr(
        course_figures,
        "drawn",
        lambda _: iter([("one", [("a-b.svg", "")]), ("two", [("a-b.svg", "")])]),
    )
    with pytest.raises(SystemExit, match=r"a-b\.svg is drawn by scripts/figures/one\.py and two"):
        course_figures.files([])


def test_an_unknown_module_is_told_with_those_that_are_there():
    with pytest.raises(
        SystemExit, match=r"there is no scripts/figures/nothing\.py; there are: .*lifecycle"
    ):
        course_figures.modules(["nothing"])


def test_a_stale_figure_and_one_that_nothing_draws_are_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(course_figures, "FIGURES", tmp_path)
    monkeypatch.setattr(
        course_figures, "drawn", lambda _: iter([("one", [("a-b.svg", figure().svg())])])
    )
    (tmp_path / "old.svg").write_text("", encoding="utf-8")
    assert course_figures.main(["--check"]) == 1
    told = capsys.readouterr().err
    assert "not up to date: a-b.svg" in told
    assert "nothing draws course/figures/old.svg: remove it" in told
    course_figures.main([])
    (tmp_path / "old.svg").unlink()
    assert course_figures.main(["--check"]) == 0
