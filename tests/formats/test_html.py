from __future__ import annotations

import re
from dataclasses import fields, replace
from html.parser import HTMLParser

import pytest

from grader.formats.html import PAGE_BYTES, class_page, learn_href, learn_name, prose, student_page
from grader.lab import Submit
from grader.outcome import CheckResult, Status
from grader.report import for_staff, for_student
from grader.summary import summarise
from tests.classroom import (
    broken,
    make_class,
    make_grade,
    make_lab,
    make_run,
    not_passed,
    ungradable,
)

COURSE = "https://example.org/course"
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=//evil onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea></title></style></pre><script>",
    "javascript:alert(1)",
    "[x](javascript:alert(1)) ![x](//evil)",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1'>",
    "{{ 7 * 7 }} {% include '/etc/passwd' %} ${7*7}",
    "`<b>` ``</code><i>`` `",
    "\x1b]8;;http://evil\x07\x1b[2J\r\x08\u202e",
]


class Elements(HTMLParser):
    """Every element with the names of its attributes, and every link."""

    VOID = frozenset({"meta", "link", "br", "img", "input"})

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.found = []
        self.links = []
        self.ids = []
        self.open = []
        self.text = []
        self.feed(page)
        self.close()
        assert self.open == [], "elements that nothing closes"

    def handle_starttag(self, name, attributes):
        self.found.append((name, tuple(sorted(key for key, _ in attributes))))
        self.links += [value for key, value in attributes if key in {"href", "src", "action"}]
        self.ids += [value for key, value in attributes if key == "id"]
        if name not in self.VOID:
            self.open.append(name)

    def handle_endtag(self, name):
        assert self.open.pop() == name

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)

    @property
    def said(self):
        return " ".join("".join(self.text).split())


def page_of(run, lab=None, tell=for_student, **more):
    lab = lab or make_lab()
    return student_page(tell(run, lab), course_url=COURSE, **more)


def said(page):
    return Elements(page).said


MIXED = make_run(
    results=[
        not_passed("accuracy", message="Row 17:\nseen 1.0, meant 0.9", output="rows: 200"),
        not_passed("timeliness", Status.TIMED_OUT, message="Too slow."),
        not_passed("sentinels", detail="E   assert 1 == 2"),
        not_passed("orphans_kept", Status.CRASHED),
        not_passed("idempotent", Status.SKIPPED),
    ]
)


def every_page():
    lab, grades, runs = make_class(24)
    links = {grade.student: "students/x.html" for grade in grades}
    return {
        "mixed": page_of(MIXED),
        "total": student_page(for_student(MIXED, lab, show_hidden="total")),
        "staff": page_of(MIXED, tell=for_staff, home="../index.html"),
        "perfect": page_of(make_run()),
        "ungradable": page_of(ungradable()),
        "broken": page_of(broken()),
        "broken for staff": page_of(broken(), tell=for_staff),
        "class": class_page(summarise(lab, grades, runs), links=links, staff_links=links),
        "large class": class_page(summarise(*make_class(100)), links=links),
        "empty class": class_page(summarise(lab, [], [])),
    }


PAGES = every_page()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_has_no_script_and_loads_nothing(name):
    elements = Elements(PAGES[name])
    kinds = {kind for kind, _ in elements.found}
    assert not kinds & {"script", "img", "iframe", "object", "link", "form", "base", "embed"}
    assert not [key for _, keys in elements.found for key in keys if key.startswith("on")]
    assert "url(" not in PAGES[name]
    assert "@import" not in PAGES[name]
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert f'http-equiv="Content-Security-Policy" content="{policy}"' in PAGES[name]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_by_those_who_cannot_see_it(name):
    elements = Elements(PAGES[name])
    kinds = [kind for kind, _ in elements.found]
    assert (kinds.count("main"), kinds.count("header"), kinds.count("footer")) == (1, 1, 1)
    assert kinds.count("h1") == 1
    assert len(elements.ids) == len(set(elements.ids))
    assert 'lang="en"' in PAGES[name]
    assert all("scope" in keys for kind, keys in elements.found if kind == "th")
    assert all("aria-label" in keys for kind, keys in elements.found if kind == "svg")
    for target in re.findall(r'aria-labelledby="([^"]+)"', PAGES[name]):
        assert target in elements.ids


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_control_character(name):
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", PAGES[name])


def filled(payload, *, lab=None):
    """Return a run in which every text that a student can write is the payload."""
    texts = {"message": payload, "output": payload, "detail": payload}
    results = [not_passed("accuracy", **texts), not_passed("sentinels", **texts)]
    return make_run(
        lab, results=results, student=payload, staff_notes=(payload,), id=payload, machine=payload
    )


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("tell", [for_student, for_staff])
def test_what_students_write_makes_no_element_and_no_attribute(payload, tell):
    harmless = Elements(page_of(filled("harmless"), tell=tell))
    hostile = Elements(page_of(filled(payload), tell=tell))
    without_code = [each for each in hostile.found if each != ("code", ())]
    assert without_code == [each for each in harmless.found if each != ("code", ())]
    assert hostile.links == harmless.links


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("size", [1, 61])
def test_what_students_write_makes_no_element_on_the_class_page(payload, size):
    def page(text):
        runs = [replace(filled(text), id=f"r{at}", student=f"{text}{at}") for at in range(size)]
        grades = [make_grade(run.student, points=80, run=run, why=text) for run in runs]
        grades.append(make_grade(text, run=ungradable(text), why=text))
        links = {run.student: "students/x.html" for run in runs}
        return Elements(class_page(summarise(make_lab(), grades, runs), links=links))

    harmless, hostile = page("harmless 1"), page(f"{payload} 1")
    plain = [each for each in hostile.found if each != ("code", ())]
    assert plain == [each for each in harmless.found if each != ("code", ())]
    assert set(hostile.links) == set(harmless.links)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_titles_hints_and_names_of_a_lab_are_escaped_too(payload):
    def page(text):
        checks = tuple(replace(each, title=text, hints=(text,)) for each in make_lab().checks)
        lab = make_lab(title=text, slug=text, checks=checks, submit=Submit(required=(text,)))
        return [Elements(page_of(run, lab)) for run in (MIXED, ungradable())]

    for hostile, harmless in zip(page(payload), page("harmless"), strict=True):
        plain = [each for each in hostile.found if each != ("code", ())]
        assert plain == [each for each in harmless.found if each != ("code", ())]


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "//evil/x", "/\\evil", "data:text/html,x", "a b"]
)
def test_a_link_back_leads_only_to_places_of_our_own(target):
    assert target not in Elements(page_of(MIXED, home=target)).links


def test_what_to_do_next_comes_first_and_teaches():
    text = said(page_of(MIXED))
    order = [
        "55 of 100 points",
        "What to do next",
        "Accuracy compares revenue with price * units, exactly.",
        "seen 1.0, meant 0.9",
        "Think about this: What does pandas call a missing value?",
        "Read in the course: data quality: accuracy",
        "Task 1",
        "Task 2",
        "Task 3",
    ]
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    assert f'href="{COURSE}/development/data-quality.html#accuracy"' in page_of(MIXED)


def test_when_only_hidden_checks_are_left_the_student_is_told_how_to_look():
    text = said(page_of(make_run(results=[not_passed("sentinels")])))
    assert "This is hidden check 3" in text
    assert "Not yet: this check saw a wrong result." in text


def test_hints_are_folded_from_gentle_to_plain():
    page = page_of(MIXED)
    first = page.index("<summary>Hint 1 of 2</summary>")
    second = page.index("<summary>Hint 2 of 2</summary>")
    assert "</details>" not in page[first:second]
    assert "<details open" not in page


def test_a_perfect_hand_in_is_told_so_and_shown_where_to_go_on():
    page = page_of(make_run())
    assert "Every check passes. Well done." in page
    assert f'href="{COURSE}/development/data-quality.html"' in page


def test_without_a_course_the_page_is_named_but_not_linked():
    page = student_page(for_student(MIXED, make_lab()))
    assert "development/data-quality.md#accuracy" in page
    assert [link for link in Elements(page).links if not link.startswith("#")] == []


def test_an_ungradable_hand_in_says_what_was_wrong_and_how_to_put_it_right():
    text = said(page_of(ungradable(reason="quality.py is missing.")))
    assert "Not graded yet" in text
    assert "No attempt was spent" in text
    assert "What was wrong with the hand-in quality.py is missing." in text
    assert "grader pack" in text
    assert "points" not in text


def test_a_broken_run_is_our_fault_and_no_zero():
    text = said(page_of(broken(reason="docker is gone")))
    assert "This is our fault" in text
    assert "your hand-in is safe" in text
    assert "points, no attempt" in text
    assert "0 of" not in text
    assert "docker" not in text
    assert "docker is gone" in said(page_of(broken(reason="docker is gone"), tell=for_staff))


def test_the_page_of_a_student_has_no_detail_and_the_page_of_staff_has():
    assert "assert 1 == 2" not in page_of(MIXED)
    staff = page_of(MIXED, tell=for_staff)
    assert "assert 1 == 2" in staff
    assert "For staff only" in staff
    assert "tests" in said(staff)


def test_the_footer_says_what_a_question_about_the_run_needs():
    text = said(page_of(MIXED))
    for each in ("9c1e9c1e", "20250303", "5f0c5f0c5f0c", "2025-03-03 12:03 UTC"):
        assert each in text


@pytest.mark.parametrize("tell", [for_student, for_staff])
def test_a_warning_reaches_the_page(tell):
    page = page_of(replace(MIXED, sandbox="process"), tell=tell)
    assert "Graded without isolation" in page


def test_a_grade_that_differs_from_the_run_is_told_with_its_reason():
    grade = make_grade("ayu.lestari", points=49.5, run=MIXED, why="1 day late: 10 % off.")
    text = said(page_of(MIXED, grade=grade))
    assert "In your grades: 49.5 of 100 points. 1 day late: 10 % off." in text


def test_a_grade_from_another_attempt_is_told():
    grade = make_grade("ayu.lestari", points=90, run=replace(MIXED, id="other"))
    assert "Another attempt counts: 90 of 100 points" in said(page_of(MIXED, grade=grade))


def test_a_grade_without_points_is_never_shown_as_a_number():
    run = ungradable()
    grade = make_grade("bima", run=run, why="No attempt was spent.")
    assert page_of(run, grade=grade) == page_of(run)


def test_a_grade_that_says_the_same_is_not_repeated():
    grade = make_grade("ayu.lestari", points=55, run=MIXED)
    assert page_of(MIXED, grade=grade) == page_of(MIXED)


@pytest.mark.parametrize(
    "filling", ["x" * 64_000, "<&\"'>" * 12_000, "\x00" * 64_000, "é\n" * 30_000]
)
@pytest.mark.parametrize("tell", [for_student, for_staff])
def test_a_page_keeps_its_size_whatever_was_printed(filling, tell):
    texts = {"message": filling, "output": filling, "detail": filling}
    results = [not_passed(check.id, **texts) for check in make_lab().checks]
    page = page_of(make_run(results=results), tell=tell)
    assert len(page.encode()) <= PAGE_BYTES
    assert "cut:" in page


def test_a_page_of_a_thousand_checks_keeps_its_size_and_says_what_is_cut():
    check = make_lab().checks[0]
    checks = tuple(replace(check, id=f"check{at}", hints=("h" * 400,)) for at in range(1_000))
    lab = make_lab(checks=checks)
    page = page_of(make_run(lab, results=[not_passed("check999")]), lab)
    assert len(page.encode()) <= PAGE_BYTES
    assert "4995 of 5000 points" in page
    results = [not_passed(each.id, message="m" * 2_000) for each in checks]
    page = page_of(make_run(lab, results=results), lab)
    assert len(page.encode()) <= PAGE_BYTES
    assert "more checks are cut" in page


def test_a_lab_with_huge_hints_still_tells_the_points():
    checks = tuple(replace(check, hints=("h" * 300_000,)) for check in make_lab().checks)
    lab = make_lab(checks=checks)
    page = page_of(make_run(lab, results=[not_passed("accuracy")]), lab)
    assert len(page.encode()) <= PAGE_BYTES
    assert "90 of 100 points" in page
    assert "12 more checks are cut" in page
    assert "Nothing is left to do" not in page


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_has_enough_contrast_in_light_and_dark(name):
    style = PAGES["mixed"]
    blocks = re.findall(r":root \{([^}]*)\}", style)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", blocks[name == "dark"]))
    pairs = [
        (ink, back)
        for ink in ("ink", "muted", "link")
        for back in ("paper", "card", "code" if ink != "link" else "card")
    ]
    pairs += [(kind, f"{kind}-back") for kind in ("pass", "fail", "slow", "crash", "skip")]
    for ink, back in pairs:
        assert contrast(colours[ink], colours[back]) >= 4.5, (ink, back)


def contrast(one, other):
    """Return the contrast of two colours as WCAG 2 defines it."""

    def light(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted([light(one), light(other)], reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_class_page_names_every_student_and_leads_to_the_pages():
    lab, grades, runs = make_class(300)
    links = {grade.student: f"students/{at}.html" for at, grade in enumerate(grades)}
    staff = {run.student: f"runs/{run.id}/staff.html" for run in runs}
    page = class_page(summarise(lab, grades, runs), links=links, staff_links=staff)
    elements = Elements(page)
    assert set(links.values()) | set(staff.values()) <= set(elements.links)
    assert all(grade.student in elements.said for grade in grades)


def test_a_small_class_has_a_table_and_a_large_one_a_picture():
    small = class_page(summarise(*make_class(60)))
    large = class_page(summarise(*make_class(120)))
    assert '<table class="map">' in small
    assert 'class="heat-map"' not in small
    assert '<table class="map">' not in large
    assert 'class="heat-map"' in large


def test_every_cell_of_the_map_has_a_symbol_and_says_what_it_is():
    lab, grades, runs = make_class(24)
    page = class_page(summarise(lab, grades, runs))
    cells = re.findall(r'<td class="cell (s-[a-z-]+)" title="([^"]+)">(.)</td>', page)
    assert len(cells) == 20 * len(lab.checks)
    for kind, title, mark in cells:
        status = Status(kind.removeprefix("s-").replace("-", "_"))
        assert title.endswith(f": {status.replace('_', ' ')}")
        assert mark == {"passed": "✓", "failed": "✗"}.get(status, mark)


def test_the_hardest_checks_come_with_their_reasons():
    runs = [
        make_run(
            student=f"s{at}",
            id=f"r{at}",
            results=[not_passed("accuracy", message=f"seen {at} on row {at}")],
        )
        for at in range(5)
    ]
    grades = [make_grade(run.student, points=90, run=run) for run in runs]
    text = said(class_page(summarise(make_lab(), grades, runs), course_url=COURSE))
    assert "5 of 5 did not pass" in text
    assert "seen N on row N" in text
    assert "(s0, s1, s2 and 2 more; for example: seen 0 on row 0)" in text
    assert "Taught in: data quality: accuracy" in text


def test_who_has_no_points_is_named_with_what_to_do():
    runs = [broken("citra"), ungradable("bima")]
    grades = [make_grade(run.student, run=run) for run in runs]
    grades.append(make_grade("dewi", why="Nothing was handed in."))
    text = said(class_page(summarise(make_lab(), grades, runs)))
    for each in (
        "1 pending Our fault: nothing was recorded, and it is not a zero.",
        "1 ungradable The form of the hand-in is wrong; no attempt was spent.",
        "1 absent Nothing was handed in. Ask whether something stood in the way. dewi",
        "citra: The engine stopped",
    ):
        assert each in text


def test_a_class_that_passed_everything_is_told_so():
    run = make_run()
    page = class_page(summarise(make_lab(), [make_grade(run.student, points=100, run=run)], [run]))
    assert "Nowhere: everybody passed every check." in page


def test_a_class_without_runs_says_so():
    text = said(PAGES["empty class"])
    assert "Nobody has points yet." in text
    assert "Nothing was graded yet." in text


@pytest.mark.parametrize(
    ("learn", "base", "href"),
    [
        ("a/b.md#c", "https://x.org/", "https://x.org/a/b.html#c"),
        ("a/index.md", "https://x.org", "https://x.org/a/index.html"),
        ("index.md", "/course", "/course/index.html"),
        ("a/b.md", "../../site", "../../site/a/b.html"),
        ("a/b.md", "", ""),
        ("", "https://x.org", ""),
        ("a/b.md", "javascript:alert(1)//", ""),
        ("a/b.md", "https://x.org/ onclick=x", ""),
        ('a/"><b>.md#"x', "https://x.org", "https://x.org/a/%22%3E%3Cb%3E.html#%22x"),
    ],
)
def test_pages_of_the_course_are_found_where_the_site_puts_them(learn, base, href):
    assert learn_href(learn, base) == href


@pytest.mark.parametrize(
    ("learn", "name"),
    [("development/data-quality.md#empty-cells", "data quality: empty cells"), ("a/index.md", "a")],
)
def test_pages_of_the_course_have_names(learn, name):
    assert learn_name(learn) == name


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("use `isna()` here", "use <code>isna()</code> here"),
        ("``a < b``", "<code>a &lt; b</code>"),
        ("a ` b", "a ` b"),
        ("<b>`<i>`", "&lt;b&gt;<code>&lt;i&gt;</code>"),
    ],
)
def test_code_in_backticks_is_set_as_code(text, markup):
    assert prose(text) == markup


def test_every_text_of_a_result_that_students_may_see_reaches_the_page():
    shown = {"message": "MESSAGE", "output": "OUTPUT"}
    page = page_of(make_run(results=[not_passed("accuracy", **shown)]))
    assert all(text in page for text in shown.values())
    assert {field.name for field in fields(CheckResult)} == {
        "id", "status", "earned", "message", "detail", "output", "seconds", "student_seconds",
    }  # fmt: skip
