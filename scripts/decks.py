"""Cuts a chapter into slides: title, objectives, figures, predictions, mistakes, take-away.

Pure: the text of a chapter in, slides out. How they look is the matter of scripts/slides.py.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import markdown  # type: ignore[import-untyped]  # it has no types of its own

_FRONT: Final = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_TITLE: Final = re.compile(r"^# (.+)$", re.MULTILINE)
_PROMISE: Final = re.compile(r'<p class="promise">(.+?)</p>', re.DOTALL)
_OBJECTIVES: Final = re.compile(r"^After this page you can\n\n((?:- .+\n)+)", re.MULTILINE)
_FENCE: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_PIECE: Final = re.compile(
    r"^(?P<rank>##+) (?P<heading>[^\n]+?)(?: \{[^}\n]*\})?$"
    r'|^<figure class="chart" markdown="0">\n(?P<figure>.*?)</figure>$'
    r'|^\?\?\? question "Predict first: (?P<asked>[^\n]+)"\n(?:\n|    [^\n]*\n)*',
    re.MULTILINE | re.DOTALL,
)
_INCLUDE: Final = re.compile(r'^( *)--8<-- "([^":]+)(?::([\w-]+))?"$', re.MULTILINE)
_CAPTION: Final = re.compile(r"<figcaption>(.*?)</figcaption>", re.DOTALL)
_LEAD: Final = re.compile(r"^- \*\*(.+?)\*\*", re.MULTILINE)
_LINK: Final = re.compile(r"</?a\b[^>]*>")
_MARK: Final = re.compile(r"^ *<!-- (?:run|no-run).*?-->\n", re.MULTILINE)

Read = Callable[[str], str]
"""Returns the text of a file below course/."""


class DeckError(ValueError):
    """A chapter cannot be cut into slides: why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """One slide."""

    kind: str
    """title, list, figure, question, answer or text: decides how it looks."""
    heading: str
    """Its heading, as HTML without links."""
    body: str
    """What stands below it, as HTML without links."""


def slides_of(text: str, read: Read) -> list[Slide]:
    """Return the slides of a chapter; `read` finds what it includes. Raises DeckError."""
    body = _FRONT.sub("", text)
    title, promise = _TITLE.search(body), _PROMISE.search(body)
    if title is None or promise is None:
        raise DeckError("it has no title or no promise.")
    slides = [Slide(kind="title", heading=inline(title.group(1)), body=inline(promise.group(1)))]
    objectives = _OBJECTIVES.search(body)
    if objectives:
        items = objectives.group(1)
        slides.append(Slide(kind="list", heading="After this you can", body=block(items, read)))
    slides += _pieces(body, read)
    for heading in ("What goes wrong in practice", "Take-away"):
        slides += _closing(body, heading, read)
    return slides


def _pieces(body: str, read: Read) -> Iterator[Slide]:
    """Return figures and predictions in the order of the page; the map at its top is left out."""
    heading, figures = "", 0
    for found in _PIECE.finditer(_FENCE.sub("", body)):
        if found["heading"]:
            heading = inline(found["heading"])
        elif found["figure"]:
            figures += 1
            if figures > 1:
                yield _figure(heading, found["figure"], read)
        else:
            asked = _capital(inline(found["asked"].replace('\\"', '"')))
            yield Slide(kind="question", heading="Predict first", body=f"<p>{asked}</p>")
            answer = _answer(body, found["asked"])
            yield Slide(kind="answer", heading=asked, body=block(answer, read))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _answer(body: str, asked: str) -> str:
    """Return the fold of a question with its code, which the search for pieces leaves out."""
    begin = body.index(f'??? question "Predict first: {asked}"\n')
    rest = body[begin:].split("\n")[1:]
    inside: list[str] = []
    for line in rest:
        if line.strip() and not line.startswith("    "):
            break
        inside.append(line)
    return textwrap.dedent("\n".join(inside))


def _figure(heading: str, inside: str, read: Read) -> Slide:
    caption = _CAPTION.search(inside)
    told = f"<figcaption>{_LINK.sub('', caption.group(1))}</figcaption>" if caption else ""
    drawn = included(_CAPTION.sub("", inside), read)
    body = f'<figure class="chart">\n{drawn.strip()}\n{told}\n</figure>'
    return Slide(kind="figure", heading=heading, body=body)


def _closing(body: str, heading: str, read: Read) -> Iterator[Slide]:
    found = re.search(rf"^## {heading}[^\n]*\n(.*?)(?=^## |\Z)", body, re.MULTILINE | re.DOTALL)
    if found is None:
        return
    leads = _LEAD.findall(found.group(1))
    if leads:
        items = "".join(f"<li>{inline(lead)}</li>" for lead in leads)
        yield Slide(kind="list", heading=heading, body=f"<ul>{items}</ul>")
    elif heading == "Take-away":
        first = found.group(1).strip().split("\n\n")[0]
        yield Slide(kind="text", heading=heading, body=block(first, read))


def inline(text: str) -> str:
    """Return inline Markdown as HTML, without a paragraph around it and without links."""
    made = _LINK.sub("", markdown.markdown(text.strip()))
    return made.removeprefix("<p>").removesuffix("</p>")


def block(text: str, read: Read) -> str:
    """Return Markdown as HTML without links; what it includes is put in."""
    whole = included(_MARK.sub("", text), read)
    figures: list[str] = []

    def aside(found: re.Match[str]) -> str:
        figures.append(found.group(0))
        return f"\n\nfigure-{len(figures) - 1}-here\n\n"

    bare = re.sub(r"<figure.*?</figure>", aside, whole, flags=re.DOTALL)
    extensions = ["fenced_code", "tables", "attr_list"]
    made = _LINK.sub("", markdown.markdown(bare, extensions=extensions))
    for number, drawn in enumerate(figures):
        shown = _LINK.sub("", drawn.replace(' markdown="0"', ""))
        made = made.replace(f"<p>figure-{number}-here</p>", shown)
    return made


def included(text: str, read: Read) -> str:
    """Put in what `--8<--` names: a file, or the part of it between two marks."""

    def put(found: re.Match[str]) -> str:
        indent, path, part = found.groups()
        told = read(path)
        if part:
            inside = re.search(
                rf"\[start:{re.escape(part)}\]\n(.*?)^[^\n]*\[end:{re.escape(part)}\]",
                told,
                re.DOTALL | re.MULTILINE,
            )
            if inside is None:
                raise DeckError(f"{path} has no part {part!r}.")
            told = inside.group(1)
        return textwrap.indent(told.strip("\n"), indent)

    return _INCLUDE.sub(put, text)
