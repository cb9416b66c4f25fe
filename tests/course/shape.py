"""The one shape of a chapter, as rules: each is a function from a page's text to what is wrong.

Pure: the text of a page in, sentences out. What is required is told in course/instructors and in
CONTRIBUTING.md; the page that is the model is course/development/data-quality.md.
"""

import re
from dataclasses import dataclass

PARTS = {
    "introduction": "lifecycle",
    "design": "lifecycle-design",
    "development": "lifecycle-development",
    "deployment": "lifecycle-deployment",
    "monitoring": "lifecycle-monitoring",
    "maturity": "lifecycle",
}
"""Folder of chapters -> the map that its pages show."""
EXPLORERS = {"value-threshold", "drift", "concept-drift", "canary", "maturity"}
WORDS = (800, 1_800)
MINUTES = (8, 45)
DESCRIPTION_CHARS = 170
ORDER = ("What goes wrong in practice", "Check yourself", "Take-away", "Sources")
FENCE = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
INCLUDE = re.compile(r'^--8<-- "([^"]+)"$', re.MULTILINE)
FIGURE = re.compile(r'<figure class="chart" markdown="0">\n(.*?)</figure>', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A chapter's text and where it stands."""

    part: str
    """Its folder."""
    name: str
    """Its file, without `.md`."""
    text: str
    """All of it, front matter included."""

    @property
    def body(self):
        """The text without front matter and code."""
        return FENCE.sub("", FRONT.sub("", self.text))

    def section(self, heading):
        """What stands below a heading of the second rank."""
        found = re.search(
            rf"^## {re.escape(heading)}[^\n]*\n(.*?)(?=^## |\Z)",
            self.body,
            re.MULTILINE | re.DOTALL,
        )
        return found.group(1) if found else ""

    @property
    def words(self):
        """How many words of prose: no code, no HTML, no addresses, no list of sources."""
        prose = self.body.split("## Sources")[0]
        prose = re.sub(r"<figcaption>.*?</figcaption>", "", prose, flags=re.DOTALL)
        prose = re.sub(r"<[^>]+>|^--8<--.*$|\]\([^)]*\)", " ", prose, flags=re.MULTILINE)
        return len(re.findall(r"[^\W_]+(?:[-'\u2019.,][^\W_]+)*", prose))


def description(chapter):
    """The front matter describes the page in one sentence."""
    front = FRONT.match(chapter.text)
    told = re.search(r"^description: (.+)$", front.group(1), re.MULTILINE) if front else None
    if told is None:
        yield "there is no `description:` in the front matter"
    elif len(told.group(1)) > DESCRIPTION_CHARS:
        yield f"the description is longer than {DESCRIPTION_CHARS} characters"


def opening(chapter):
    """Title, promise, minutes, objectives, in this order and nothing between."""
    expected = (
        (r"\s*(?:<!--.*?-->\s*)?# [^\n]+\n+", "it begins with `# Title`"),
        (r'<p class="promise">.+?</p>\n+', 'then `<p class="promise">…</p>`'),
        (r"\*\*\d+ minutes\*\* to read[^\n]*\n+", "then `**NN minutes** to read · …`"),
        (r"After this page you can\n\n", "then `After this page you can` and an empty line"),
    )
    rest = FRONT.sub("", chapter.text)
    for pattern, told in expected:
        found = re.match(pattern, rest, re.DOTALL)
        if not found:
            yield f"the opening is not in order: {told}; found {rest[:50]!r}"
            return
        rest = rest[found.end() :]
    objectives = re.match(r"(?:- [^\n]+\n)+", rest)
    count = len(objectives.group(0).splitlines()) if objectives else 0
    if not 3 <= count <= 5:
        yield f"there are {count} objectives; three to five are meant"
    after = rest[objectives.end() :] if objectives else rest
    if not after.lstrip().startswith('<figure class="chart" markdown="0">'):
        yield "the map of the lifecycle must follow the objectives"


def minutes(chapter):
    """The time to read is a time that somebody could need."""
    found = re.search(r"^\*\*(\d+) minutes\*\*", chapter.body, re.MULTILINE)
    if found and not MINUTES[0] <= int(found.group(1)) <= MINUTES[1]:
        yield f"{found.group(1)} minutes to read; {MINUTES[0]} to {MINUTES[1]} are plausible"


def one_title(chapter):
    """One heading of the first rank."""
    count = len(re.findall(r"^# ", chapter.body, re.MULTILINE))
    if count != 1:
        yield f"there are {count} headings of the first rank"


def figures(chapter):
    """The map of its part first, and at least one more figure, each further one with a caption."""
    found = FIGURE.findall(chapter.text)
    includes = [(INCLUDE.findall(inside) or [""])[0] for inside in found]
    wanted = f"figures/{PARTS[chapter.part]}.svg"
    if not includes or includes[0] != wanted:
        yield f"the first figure must be {wanted}"
    if len(found) < 2 and "data-explorer" not in chapter.text:
        yield "there is no figure beside the map"
    for name, inside in list(zip(includes, found, strict=True))[1:]:
        if not re.search(r"<figcaption>.{30,}?</figcaption>", inside, re.DOTALL):
            yield f"the figure {name} has no <figcaption> that says what it shows"


def explorers(chapter):
    """An interactive figure is one that exists, and a sentence before it says what to try."""
    pattern = r'([^\n]*)\n+<div class="explorer" data-explorer="([\w-]+)">'
    for before, name in re.findall(pattern, chapter.text):
        if name not in EXPLORERS:
            yield f"there is no interactive figure {name!r}; known: {', '.join(sorted(EXPLORERS))}"
        if len(before.split()) < 5:
            yield f"no sentence before the interactive figure {name!r} says what to try"


def predict_first(chapter):
    """A question to answer before a result is shown."""
    if not re.search(r'^ *\?\?\? question "Predict first: ', chapter.text, re.MULTILINE):
        yield 'there is no `??? question "Predict first: …"`'


def sections(chapter):
    """What every chapter ends with, in order."""
    headings = re.findall(r"^## (.+?)(?: \{[^}]*\})?$", chapter.body, re.MULTILINE)
    there = [heading for heading in headings if heading in ORDER]
    if there != list(ORDER):
        yield f"the last headings must be {', '.join(ORDER)}; found {', '.join(there) or 'none'}"
    elif headings[-len(ORDER) :] != list(ORDER):
        yield "between the last four headings stands another one"


def quiz(chapter):
    """The quiz of the page, and nothing else, under its heading."""
    include = f'--8<-- ".parts/quizzes/{chapter.part}-{chapter.name}.html"'
    if chapter.section("Check yourself").strip() != include:
        yield f"under `## Check yourself` must stand {include} and nothing else"


def going_on(chapter):
    """The take-away ends with what to do now."""
    lines = chapter.section("Take-away").strip().splitlines()
    last = lines[-1] if lines else ""
    if not (last.startswith("**") and "](" in last):
        yield "the take-away must end with `**Now do it:** [lab …]`, or where the topic goes on"


def sources(chapter):
    """Numbered sources; the first is the course's own, with the heading of its slide."""
    found = re.findall(r"^\d+\. (.+)$", chapter.section("Sources"), re.MULTILINE)
    if len(found) < 2:
        yield f"there are {len(found)} numbered sources; two at least are meant"
    if found and not ("Alfarizi" in found[0] and re.search(r"[\"“][^\"”]+[\"”]", found[0])):
        yield "the first source must be the course's (Alfarizi), with the heading of its slide"


def length(chapter):
    """Long enough to teach, short enough to read."""
    low, high = WORDS
    if not low <= chapter.words <= high:
        yield f"{chapter.words} words of prose; {low} to {high} are meant"


def terms(chapter):
    """A term is bold where it is defined."""
    prose = chapter.body.split("## Take-away")[0]
    if not re.search(r"^(?!\*\*\d+ minutes).*\*\*[^*]+\*\*", prose, re.MULTILINE):
        yield "no term is bold at its definition"


RULES = (
    description,
    opening,
    minutes,
    one_title,
    figures,
    explorers,
    predict_first,
    sections,
    quiz,
    going_on,
    sources,
    length,
    terms,
)


def faults(chapter):
    """Return all that is wrong with a chapter's shape."""
    return [told for rule in RULES for told in rule(chapter)]


def quiz_faults(questions):
    """Return what is wrong with a chapter's questions as a whole."""
    found = []
    if not 3 <= len(questions) <= 5:
        found.append(f"{len(questions)} questions; three to five are meant")
    places = {
        tuple(at for at, option in enumerate(one.options) if option.right) for one in questions
    }
    if len(questions) > 1 and len(places) == 1:
        found.append("the right answer always stands in the same place")
    longest = [
        max(one.options, key=lambda option: len(option.text)).right
        for one in questions
        if not one.many
    ]
    if len(longest) > 1 and all(longest):
        found.append("the right answer is always the longest")
    return found
