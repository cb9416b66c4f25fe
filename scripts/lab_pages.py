"""Writes the course's pages of the labs from what the labs themselves say: `--check` only compares.

A page is the lab's README, with what its manifest adds: minutes, points, what to hand in, limits,
where each check is taught. Nothing private is read but `solutions/NN-slug/proof.md`, which is
written for the public by `grader prove NN-slug --keep`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that it also runs where the package is not installed

from grader.lab import Check, Lab, Visibility  # noqa: E402 - the path has to be set before
from grader.library import Library  # noqa: E402 - as above
from grader.notebook_choice import stands_in  # noqa: E402 - as above
from scripts import proofs  # noqa: E402 - as above
from scripts.contents import title_of  # noqa: E402 - as above
from scripts.curriculum import STAGES, TITLES, slugs, stage_of  # noqa: E402 - as above
from scripts.downloads import notebook_name  # noqa: E402 - as above

COURSE: Final = ROOT / "course"
MADE_BY: Final = "<!-- Written by scripts/lab_pages.py from labs/{}/. Change the files there. -->"
INTRODUCTION: Final = (
    "One case runs through all labs: the coffee shops of Kopi Lestari, which forecast their sales "
    "([the data, column by column](../reference/data.md)). "
    "Each lab takes about an hour, begins with something that is broken, and grades itself: the "
    "public checks on your machine at once, the hidden ones when you hand in."
)
FURTHER: Final = (
    "New here? [Your first lab](../start/first-lab.md) takes ten minutes. "
    "How work is handed in: [Students](../students/index.md). "
    "Why you can believe a mark: [how we know that the grader is right](proofs.md)."
)
MAP: Final = '<figure class="chart" markdown="0">\n--8<-- "figures/{}.svg"\n</figure>'
DOWNLOAD: Final = (
    '<p class="download" markdown="0"><a class="md-button md-button--primary" '
    'href="../downloads/{slug}.zip" download>Download the lab</a> '
    "<span>a zip of its folder: starter, public checks, data, this text. {notebooks}To run the "
    "checks you "
    'also need the grader: <a href="../start/index.html">set up in ten minutes</a>.</span></p>'
)
"""HTML, since the zip is put beside the pages after the build and is no page itself."""
NOTEBOOKS: Final = "The notebook alone, to look at: {}. "
DETAILS: Final = re.compile(r"<details>\s*<summary>(.*?)</summary>")


def page_of(lab: Lab, readme: str, proof: str) -> str:
    """Return the page of one lab."""
    parts = [
        f"---\ndescription: Lab {lab.slug[:2]}, {lab.title}\n---",
        f"# Lab {lab.slug[:2]}: {lab.title}",
        MADE_BY.format(lab.slug),
        "\n".join(_facts(lab)),
        DOWNLOAD.format(slug=lab.slug, notebooks=_notebooks(lab)),
        _map(lab.stage),
        _story(lab, readme),
        "## Where each check is taught",
        "\n".join(_checks(lab)),
        proofs.section(proof),
    ]
    return "\n\n".join(parts) + "\n"


def _map(stage: str) -> str:
    known = {one.slug for one in STAGES}
    return MAP.format(f"lifecycle-{stage}" if stage in known else "lifecycle")


def _facts(lab: Lab) -> Iterator[str]:
    limits = lab.limits
    hand_in = ", ".join(f"`{path}`{_or_notebook(lab, path)}" for path in lab.submit.required)
    optional = ", ".join(f"`{path}`" for path in lab.submit.optional)
    yield "| | |"
    yield "|---|---|"
    yield f"| Stage | {lab.stage} |"
    yield f"| Time | about {lab.minutes} minutes |"
    yield f"| Points | {lab.out_of}, in {len(lab.checks)} checks |"
    yield f"| Read first | {_link(lab.page)} |"
    yield f"| Folder | `labs/{lab.slug}` |"
    if lab.tools:
        yield "| Install first | [large libraries](../start/index.md#large-libraries) |"
    yield f"| Hand in | {hand_in}{f'; if you like, {optional}' if optional else ''} |"
    yield (
        f"| Limits | {limits.call_s:g} s for one call, {limits.wall_s:g} s for everything, "
        f"{limits.memory_mb} MB of memory |"
    )


def _or_notebook(lab: Lab, path: str) -> str:
    notebook = stands_in(path, lab.submit)
    return f" or [`{notebook}`](../students/work-on-a-lab.md#notebook)" if notebook else ""


def _notebooks(lab: Lab) -> str:
    links = [
        f'<a href="../downloads/{notebook_name(lab.slug, path)}" download>{path}</a>'
        for _, path in lab.submit.notebooks
    ]
    return NOTEBOOKS.format(" and ".join(links)) if links else ""


def _link(target: str) -> str:
    """Return a link to a page of the course from a page in `labs/`."""
    path, _, anchor = target.partition("#")
    page = COURSE / path
    name = title_of(page) if not anchor and page.is_file() else PurePosixPath(path).stem
    name = (anchor or name).replace("-", " ")
    return f"[{name[:1].upper()}{name[1:]}](../{target})"


def _story(lab: Lab, readme: str) -> str:
    """Return the README without its heading and its line of facts, ready for the site."""
    body = readme.split("\n", maxsplit=1)[1]
    body = re.sub(r"\A\s*\*\*Stage:\*\*.*?\n\n", "", body, flags=re.DOTALL)
    body = DETAILS.sub(r'<details markdown="1">\n<summary>\1</summary>', body)
    return body.replace(f"`{lab.page}`", _link(lab.page)).strip()


def _checks(lab: Lab) -> Iterator[str]:
    yield "| Check | The line on your feedback | Taught in |"
    yield "|---|---|---|"
    for check in sorted(lab.checks, key=_order(lab)):
        seen = "public" if check.visibility is Visibility.PUBLIC else "hidden"
        taught = _link(check.learn) if check.learn else ""
        title = check.title.replace("|", "\\|")
        yield f"| `{check.id}`<br>{check.points} points, {seen} | {title} | {taught} |"


def _order(lab: Lab) -> Callable[[Check], tuple[int, int]]:
    places = {check.id: place for place, check in enumerate(lab.checks)}

    def key(check: Check) -> tuple[int, int]:
        return check.task or 99, places[check.id]

    return key


def index_of(labs: list[Lab]) -> str:
    """Return the page that lists the labs, those that are planned included."""
    rows = {
        lab.slug[:2]: f"| {lab.slug[:2]} [{lab.title}]({lab.slug}.md) | {lab.stage} "
        f"| {lab.minutes} | {lab.out_of} |"
        for lab in labs
    }
    for number, title in TITLES.items():
        rows.setdefault(number, f"| {number} {title} | {stage_of(number)} | planned | |")
    lines = [
        "---\ndescription: The labs of the course\n---",
        "# Labs",
        MADE_BY.format("*"),
        INTRODUCTION,
        MAP.format("lifecycle"),
        "\n".join(
            [
                "| Lab | Stage | Minutes | Points |",
                "|---|---|--:|--:|",
                *(rows[number] for number in sorted(rows)),
            ]
        ),
        FURTHER,
    ]
    return "\n\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    """Return path -> text of every page."""
    library = Library(ROOT)
    labs = [library.load(slug).lab for slug in slugs().values()]
    told = [(lab, _proof(lab.slug)) for lab in labs]
    made = {
        COURSE / "labs" / "index.md": index_of(labs),
        COURSE / "labs" / "proofs.md": proofs.page_of(told, MADE_BY.format("*")),
    }
    for lab, proof in told:
        readme = (ROOT / "labs" / lab.slug / "README.md").read_text(encoding="utf-8")
        made[COURSE / "labs" / f"{lab.slug}.md"] = page_of(lab, readme, proof)
    return made


def _proof(slug: str) -> str:
    path = ROOT / "solutions" / slug / "proof.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which are not up to date."""
    stale = [
        path
        for path, text in pages().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in arguments:
        for path in stale:
            name = path.relative_to(ROOT).as_posix()
            print(f"{name}: not up to date. Run: python scripts/lab_pages.py", file=sys.stderr)
        return 1 if stale else 0
    for path, text in pages().items():
        if path in stale:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"written: {path.relative_to(ROOT).as_posix()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
