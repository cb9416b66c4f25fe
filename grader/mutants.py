"""Makes mutants of a reference: the same solution with one small mistake in what students write.

The mistakes are those of cosmic-ray's operators. A mutant that compiles to the same code as the
reference, or not at all, is none. Text in, text out: nothing is run here.
"""

from __future__ import annotations

import difflib
import random
import types
import warnings
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from grader.errors import UsageError
from grader.manifest_values import InsidePath, Line
from grader.starter import regions
from grader.submission import Bundle
from grader.tables import Table, read_table

EQUIVALENT_FILE: Final = "equivalent.toml"


class Equivalent(Table):
    """`[[mutant]]` in equivalent.toml: a mutant that means the same as the reference."""

    file: InsidePath
    """Path in `source/`."""
    line: int
    """Line of the change."""
    operator: Line
    """Name of the operator."""
    why: Line
    """Why no check could ever notice it."""
    becomes: Line | None = None
    """The changed line, where the operator can change this line in more than one way."""


class _Equivalents(Table):
    mutant: list[Equivalent] = []  # noqa: RUF012 - a field of a pydantic model


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Spot:
    """A place where an operator can change the reference."""

    file: str
    """Path in the reference."""
    line: int
    """Line of the change."""
    operator: str
    """Name of the operator."""
    occurrence: int
    """Which of the operator's places in the file it is, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """The reference with one small change."""

    spot: Spot
    """Where it was changed, and how."""
    becomes: str
    """The changed line, without its indentation."""
    diff: str
    """The change as a unified diff."""
    content: bytes
    """The changed file."""

    @property
    def name(self) -> str:
        """Name it as people do: file, line and operator."""
        return f"{self.spot.file}:{self.spot.line} {self.spot.operator}"

    def bundle(self, reference: Bundle) -> Bundle:
        """Return the hand-in that has this mistake and no other."""
        return Bundle.of(reference.as_dict() | {self.spot.file: self.content})


class Orchard:
    """All mutants of one reference; each is made when it is asked for."""

    def __init__(self, reference: Bundle, withheld: Collection[str] = ()) -> None:
        """Find the places: between solution markers, and anywhere in files that are withheld.

        Raises UsageError when the operators are not installed.
        """
        self._texts = {
            path: content.decode("utf-8-sig", "replace")
            for path, content in reference.as_dict().items()
            if path.endswith(".py")
        }
        self.spots: tuple[Spot, ...] = tuple(
            sorted(
                spot
                for path, text in self._texts.items()
                for spot in _spots(path, text, whole=path in withheld)
            )
        )
        """Every place, in order; some of them give no mutant that differs."""

    def sample(self, count: int | None, seed: int) -> tuple[Mutant, ...]:
        """Return `count` mutants (None: all) in order, spread over as many lines as can be."""
        chosen: dict[object, Mutant] = {}
        for spot in self.spots if count is None else _shuffled(self.spots, seed):
            mutant = self.grow(spot)
            if mutant is not None:
                chosen.setdefault((spot.file, _meaning(mutant.content.decode())), mutant)
            if count is not None and len(chosen) >= count:
                break
        return tuple(sorted(chosen.values(), key=lambda mutant: mutant.spot))

    def grow(self, spot: Spot) -> Mutant | None:
        """Return the mutant of that place; None when it does not differ or does not compile."""
        before = self._texts[spot.file]
        after = _apply(spot, before)
        meaning = _meaning(after)
        if meaning is None or meaning == _meaning(before):
            return None
        return Mutant(
            spot=spot,
            becomes=_first_changed_line(before, after),
            diff=_diff(spot.file, before, after),
            content=after.encode(),
        )

    def matching(self, entry: Equivalent) -> tuple[Mutant, ...]:
        """Return the mutants that a declaration speaks of."""
        at = (entry.file, entry.line, entry.operator)
        grown = (
            self.grow(spot) for spot in self.spots if (spot.file, spot.line, spot.operator) == at
        )
        return tuple(
            mutant
            for mutant in grown
            if mutant is not None and entry.becomes in {None, mutant.becomes}
        )


def read_equivalents(private: Path, where: str) -> tuple[Equivalent, ...]:
    """Return what the author declares equivalent; nothing when the file is not there.

    Raises ManifestError for text that is wrong.
    """
    path = private / EQUIVALENT_FILE
    if not path.is_file():
        return ()
    return tuple(read_table(path.read_bytes(), _Equivalents, where).mutant)


def _spots(path: str, text: str, *, whole: bool) -> Iterator[Spot]:
    gaps = [range(region.begin, region.end) for region in regions(text, path)]
    if not (gaps or whole):
        return
    tree = _parse(text)
    elsewhere = list(_annotations(tree))
    nodes = list(_nodes(tree))
    for name, operator in _operators().items():
        places = [place for node in nodes for place in operator.mutation_positions(node)]
        for occurrence, (start, end) in enumerate(places):
            inside = whole or any(start[0] in gap for gap in gaps)
            if inside and not any(a <= start and end <= b for a, b in elsewhere):
                yield Spot(file=path, line=start[0], operator=name, occurrence=occurrence)


def _shuffled(spots: Sequence[Spot], seed: int) -> Iterator[Spot]:
    """Yield spots by chance, but each line once before any line a second time.

    One `a + b` has eleven spots: without this, arithmetic would crowd out everything else.
    """
    chance = random.Random(seed)  # noqa: S311 - a sample, not a secret
    lines: defaultdict[tuple[str, int], list[Spot]] = defaultdict(list)
    for spot in spots:
        lines[spot.file, spot.line].append(spot)
    rows = list(lines.values())
    for row in rows:
        chance.shuffle(row)
    chance.shuffle(rows)
    for turn in range(max(map(len, rows), default=0)):
        yield from (row[turn] for row in rows if turn < len(row))


def _first_changed_line(before: str, after: str) -> str:
    old = before.splitlines()
    for at, line in enumerate(after.splitlines()):
        if at >= len(old) or line != old[at]:
            return line.strip()
    return ""


def _diff(path: str, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", n=2, lineterm=""
    )
    return "\n".join(lines)


@lru_cache(maxsize=8)  # the reference, again and again
def _meaning(text: str) -> object:
    """Return what Python makes of a text, without the places of things; None if it is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `x is 1` is what some operators write
            code = compile(text, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    return _shape(code)


def _shape(code: types.CodeType) -> object:
    constants = tuple(
        _shape(value) if isinstance(value, types.CodeType) else (type(value).__name__, repr(value))
        for value in code.co_consts
    )
    return (
        code.co_name,
        code.co_code,
        constants,
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        code.co_cellvars,
        code.co_flags,
        code.co_exceptiontable,
        (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount),
    )


# cosmic-ray and parso are imported when they are needed: only authors have them installed.


@cache
def _operators() -> Mapping[str, Any]:
    """Return name -> operator. Those that need arguments are left out: they draw at random."""
    try:
        from cosmic_ray.operators.provider import OperatorProvider  # noqa: PLC0415 - see above
    except ImportError:
        raise UsageError(
            "the mutation operators are not installed.",
            advice="Install the development requirements (requirements/dev.txt), or prove the "
            "lab without mutants.",
        ) from None
    provider = OperatorProvider()
    return {name: provider[name]() for name in sorted(provider) if not provider[name].arguments()}


def _parse(text: str) -> Any:
    from cosmic_ray.ast import get_ast  # noqa: PLC0415 - see above

    return get_ast(text)


def _nodes(tree: Any) -> Iterator[Any]:
    from cosmic_ray.ast import ast_nodes  # noqa: PLC0415 - see above

    yield from ast_nodes(tree)


def _annotations(tree: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield where the annotations of functions stand: nothing that a check could notice."""
    for node in _nodes(tree):
        noted = node.annotation if node.type in {"funcdef", "param"} else None
        if noted is not None:
            yield noted.start_pos, noted.end_pos


def _apply(spot: Spot, text: str) -> str:
    from cosmic_ray.mutating import mutate_code  # noqa: PLC0415 - see above

    changed: str | None = mutate_code(text, _operators()[spot.operator], spot.occurrence)
    return text if changed is None else changed
