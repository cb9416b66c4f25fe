"""Reads a student's Dockerfile, refuses what may not be built, and writes it anew, line by line.

Pure text in, pure text out. What the engine gets is never the student's text but `Plan.text`: one
instruction a line, no comments, bases by their id. So the engine cannot read it in another way than
this module did, and the base that was judged is the base that is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 64 * 1024
MOST_STEPS: Final = 200
KNOWN: Final = frozenset(
    {
        *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK"),
        *("LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME"),
        "WORKDIR",
    }
)
ENDED: Final = {
    "2.7": "January 2020",
    "3.5": "September 2020",
    "3.6": "December 2021",
    "3.7": "June 2023",
    "3.8": "October 2024",
    "3.9": "October 2025",
    "3.10": "October 2026",
}
"""Python versions whose support has ended, and when: https://devguide.python.org/versions/."""

_DIRECTIVE: Final = re.compile(r"#\s*(syntax|escape|check)\s*=\s*(\S+)", re.IGNORECASE)
_HEREDOC: Final = re.compile(r"""(?:^|\s)\d*<<-?["']?\w""")
_VARIABLE: Final = re.compile(r"\$(?:(\w+)|\{(\w+)(?::-([^{}$]*))?\})")
_FLAG: Final = re.compile(r"--([a-z-]+)(?:=(\S+))?(?:\s+|$)")
_PYTHON: Final = re.compile(r"(?:docker\.io/)?(?:library/)?python:(\d+\.\d+)(?:\D|$)")
_STAGE: Final = re.compile(r"[a-z][a-z0-9_.-]*")
_BUILDKIT: Final = (
    "it needs BuildKit, which is not used here. Every engine understands the same thing as an"
    " ordinary RUN or COPY."
)


class RefusedError(Exception):
    """A Dockerfile that is not built: `kind` is syntax, base or forbidden."""

    def __init__(self, kind: str, line: int, text: str) -> None:
        """Keep the three apart; `line` counts from 1, 0 where no line is to blame."""
        super().__init__(text)
        self.kind = kind
        self.line = line
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One instruction."""

    line: int
    """Where it begins in the student's file, from 1; 0 for one of ours."""
    word: str
    """The instruction, in capitals."""
    rest: str
    """What follows, continuation lines joined."""

    def __str__(self) -> str:
        return f"{self.word} {self.rest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A Dockerfile that may be built."""

    steps: tuple[Step, ...]
    """The steps, ours included, as the engine will count them from 1."""
    bases: tuple[str, ...]
    """Names of the bases, as the lab spells them."""

    @property
    def text(self) -> str:
        """What the engine gets."""
        return "".join(f"{step}\n" for step in self.steps)


def plan(
    content: bytes, bases: Mapping[str, str], labels: str, arguments: Sequence[str] = ()
) -> Plan:
    """Return how a Dockerfile is built.

    `bases` maps the names that a FROM may use to ids of images. `labels` is the rest of a LABEL
    instruction, which is set at the start of each stage and again after each LABEL of the student's
    own: whatever the build leaves behind carries it. `arguments` names build arguments of the lab,
    which a FROM cannot use. Raises RefusedError.
    """
    return _Planner(bases, labels, arguments).plan(read_steps(content))


def read_steps(content: bytes) -> list[Step]:
    """Return the instructions of a Dockerfile. Raises RefusedError for what is none."""
    lines = _lines(content)
    _refuse_directives(lines)
    steps: list[Step] = []
    begun, first = "", 0
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("#") or not line.strip():
            continue
        first = first or number
        bare = line.rstrip(" \t")
        if bare.endswith("\\\\"):
            raise RefusedError("syntax", number, "a line may not end with two backslashes.")
        if bare.endswith("\\"):
            begun += bare[:-1]
            continue
        steps.append(_step(begun + line, first))
        _refuse_heredoc(steps[-1])
        begun, first = "", 0
    if first:
        raise RefusedError("syntax", first, "the last line ends with a backslash: nothing follows.")
    if len(steps) > MOST_STEPS:
        raise RefusedError("syntax", 0, f"it has more than {MOST_STEPS} instructions.")
    if not steps:
        raise RefusedError("syntax", 0, "it has no instruction. The first one is FROM.")
    return steps


def _lines(content: bytes) -> list[str]:
    if len(content) > MOST_BYTES:
        raise RefusedError("syntax", 0, f"it has more than {MOST_BYTES // 1024} kB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = content[: error.start].count(b"\n") + 1
        raise RefusedError("syntax", where, "this is not UTF-8 text.") from None
    lines = text.replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        for letter in line:
            odd = letter.isspace() and letter not in " \t"
            if odd or (not letter.isprintable() and letter not in " \t"):
                raise RefusedError(
                    "syntax", number, f"it has the odd character U+{ord(letter):04X}; remove it."
                )
    return lines


def _refuse_directives(lines: list[str]) -> None:
    for number, line in enumerate(lines, 1):
        if not line.lstrip().startswith("#"):
            return
        found = _DIRECTIVE.match(line.strip())
        if found and not (found[1].lower() == "escape" and found[2] == "\\"):
            raise RefusedError(
                "forbidden", number, f"`# {found[1]}=` changes how the file is read. Remove it."
            )


def _step(text: str, line: int) -> Step:
    word, _, rest = text.strip().replace("\t", " ").partition(" ")
    step = Step(line=line, word=word.upper(), rest=rest.strip())
    if step.word not in KNOWN:
        shown = word[:40]
        raise RefusedError("syntax", line, f"`{shown}` is no instruction of a Dockerfile.")
    if not step.rest:
        raise RefusedError("syntax", line, f"{step.word} says nothing after its name.")
    return step


class _Planner:
    """One file on its way from steps to a plan."""

    def __init__(self, bases: Mapping[str, str], labels: str, arguments: Sequence[str]) -> None:
        self._bases = bases
        self._label = Step(line=0, word="LABEL", rest=labels)
        self._arguments = arguments
        self._values: dict[str, str] = {}
        self._stages: list[str] = []  # "" for one without a name
        self._used: list[str] = []

    def plan(self, steps: list[Step]) -> Plan:
        made: list[Step] = []
        judges: dict[str, Callable[[Step], None]] = {
            "RUN": _judge_run,
            "ADD": _judge_add,
            "COPY": self._judge_copy,
        }
        for step in steps:
            if step.word == "FROM":
                made += [self._from(step), self._label]
                continue
            if not self._stages:
                self._remember(step)
            _judge_word(step)
            if step.word in judges:
                judges[step.word](step)
            made.append(step)
            if step.word == "LABEL":
                made.append(self._label)
        if not self._stages:
            raise RefusedError("syntax", 0, "it has no FROM.")
        return Plan(steps=tuple(made), bases=tuple(self._used))

    def _remember(self, step: Step) -> None:
        """Note an ARG before the first FROM: the only thing that may stand there."""
        if step.word != "ARG":
            raise RefusedError("syntax", step.line, f"{step.word} stands before the first FROM.")
        for pair in step.rest.split():
            name, equals, value = pair.partition("=")
            if equals and name not in self._arguments:
                self._values[name] = value.strip("\"'")

    def _from(self, step: Step) -> Step:
        words = step.rest.split()
        if words[0].startswith("--"):
            raise RefusedError("forbidden", step.line, f"FROM {words[0]}: leave this option out.")
        named = words[2].lower() if len(words) > 2 else ""  # noqa: PLR2004 - image AS name
        if len(words) not in {1, 3} or (named and words[1].upper() != "AS"):
            raise RefusedError("syntax", step.line, "write FROM image, or FROM image AS name.")
        if named and not _STAGE.fullmatch(named):
            raise RefusedError("syntax", step.line, "this cannot be the name of a stage.")
        wanted = self._filled(words[0], step.line)
        if wanted.lower() in set(self._stages) - {""}:
            image = wanted.lower()
        else:
            image = self._base(wanted, step.line)
        self._stages.append(named)
        return Step(line=step.line, word="FROM", rest=f"{image} AS {named}" if named else image)

    def _filled(self, text: str, line: int) -> str:
        """Put global ARGs into the name of a base."""

        def value(found: re.Match[str]) -> str:
            name = found[1] or found[2]
            filled = self._values.get(name, "") or found[3] or ""
            if not filled:
                raise RefusedError(
                    "base", line, f"the ARG {name} has no value here. Give it one before FROM."
                )
            return filled

        filled = _VARIABLE.sub(value, text)
        if "$" in filled or "\\" in filled:
            raise RefusedError("base", line, "the name of this base is too clever. Write it out.")
        return filled

    def _base(self, wanted: str, line: int) -> str:
        plain = wanted.removeprefix("docker.io/").removeprefix("library/")
        if plain in self._bases:
            self._used.append(plain)
            return self._bases[plain]
        here = "Bases that are here: " + ", ".join(self._bases) + "."
        python = _PYTHON.match(wanted)
        if python and python[1] in ENDED:
            why = (
                f"Python {python[1]} has been without support since {ENDED[python[1]]}: no hole in"
                " it is mended any more."
            )
        elif "@" in wanted:
            why = (
                "a digest is the right pin, but no registry answers here that would know it."
                " Name the tag alone."
            )
        elif plain.endswith(":latest") or ":" not in plain:
            why = "nobody can say which version this is tomorrow. Name one."
        else:
            why = "it is not in the list of allowed bases."
        raise RefusedError("base", line, f"`{wanted[:80]}`: {why} {here}")

    def _judge_copy(self, step: Step) -> None:
        for name, value in _flags(step):
            if name in {"chmod", "link", "parents", "exclude"}:
                raise RefusedError("forbidden", step.line, f"COPY --{name}: {_BUILDKIT}")
            if name == "from" and value.lower() not in self._known():
                raise RefusedError(
                    "forbidden",
                    step.line,
                    f"COPY --from={value[:40]}: there is no stage of that name above, and other"
                    " images may not be used.",
                )

    def _known(self) -> set[str]:
        earlier = self._stages[:-1]
        return {*earlier, *(str(number) for number in range(len(earlier)))} - {""}


def _judge_word(step: Step) -> None:
    if step.word == "ONBUILD":
        raise RefusedError("forbidden", step.line, "ONBUILD has no use here. Remove it.")
    if step.word == "VOLUME":
        raise RefusedError(
            "forbidden", step.line, "VOLUME keeps data beside the container; this one has none."
        )


def _judge_run(step: Step) -> None:
    for name, _ in _flags(step):
        raise RefusedError("forbidden", step.line, f"RUN --{name}: {_BUILDKIT}")


def _judge_add(step: Step) -> None:
    text = step.rest
    # A variable or an escape could become an address after it was judged.
    if "://" in text or "git@" in text or "$" in text or "\\" in text:
        raise RefusedError(
            "forbidden",
            step.line,
            "ADD from an address puts something into the image that nobody has tested. COPY"
            " copies files.",
        )
    for name, _ in _flags(step):
        if name != "chown":
            raise RefusedError("forbidden", step.line, f"ADD --{name}: {_BUILDKIT}")


def _flags(step: Step) -> list[tuple[str, str]]:
    """Return the options that stand before the rest of an instruction."""
    found, rest = [], step.rest
    while rest.startswith("--"):
        option = _FLAG.match(rest)
        if option is None:
            raise RefusedError("syntax", step.line, f"{step.word} {rest[:30]}: unknown option.")
        found.append((option[1], option[2] or ""))
        rest = rest[option.end() :]
    return found


def _refuse_heredoc(step: Step) -> None:
    """Refuse before the next line is read: the text that follows is no instruction."""
    if step.word in {"RUN", "COPY", "ADD"} and _HEREDOC.search(step.rest):
        raise RefusedError("forbidden", step.line, f"a here-document: {_BUILDKIT}")
