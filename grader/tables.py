"""Reads TOML text strictly into a pydantic model; every mistake becomes one clear ManifestError.

Says where (file and key), what was found and what was wanted, and for an unknown key which known
key is nearest. It knows nothing about labs, and touches no files.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from grader.errors import ManifestError

MAX_BYTES: Final = 256 * 1024
SHOWN_CHARS: Final = 60
SHOWN_PROBLEMS: Final = 8

Location = tuple[int | str, ...]
Model = TypeVar("Model", bound=BaseModel)


class Table(BaseModel):
    """A TOML table in which unknown keys and loose types are errors."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, validate_default=False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with a file."""

    location: Location
    """Keys from the top of the file: ("check", 2, "points") is `points` of the third check."""
    message: str
    """What is wrong."""
    advice: str = ""
    """What to do about it."""


def read_table(text: bytes | str, model: type[Model], where: str) -> Model:
    """Return the model that the TOML text describes; `where` names the file in messages.

    Raises ManifestError for bytes that are not UTF-8, TOML that does not parse, unknown keys, and
    values of the wrong type or out of range.
    """
    try:
        return model.model_validate(_parse(text, where))
    except ValidationError as error:
        refuse(where, [_problem(model, detail) for detail in error.errors(include_url=False)])


def refuse(where: str, problems: Iterable[Problem]) -> NoReturn:
    """Raise one ManifestError for all problems: the single one in place, several as a list."""
    found = list(problems)
    if len(found) == 1:
        only = found[0]
        raise ManifestError(only.message, where=_place(where, only.location), advice=only.advice)
    lines = [f"{len(found)} things are wrong."]
    for problem in found[:SHOWN_PROBLEMS]:
        advice = f" {problem.advice}" if problem.advice else ""
        key = spell(problem.location)
        lines.append(
            f"  {key}: {problem.message}{advice}" if key else f"  {problem.message}{advice}"
        )
    if len(found) > SHOWN_PROBLEMS:
        lines.append(f"  and {len(found) - SHOWN_PROBLEMS} more.")
    raise ManifestError("\n".join(lines), where=where)


def spell(location: Location) -> str:
    """Write a location as a person counts: ("check", 2, "points") is `check[3].points`."""
    spelled = ""
    for part in location:
        if isinstance(part, int):
            spelled += f"[{part + 1}]"
        else:
            spelled += f".{part}" if spelled else part
    return spelled


def nearest(word: str, known: Sequence[str]) -> str:
    """Return `Did you mean …?` for the nearest known word, or an empty string."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"Did you mean {close[0]!r}?" if close else ""


def shown(value: object) -> str:
    """Return the value for a message: short, on one line."""
    text = repr(value)
    return text if len(text) <= SHOWN_CHARS else text[: SHOWN_CHARS - 1] + "…"


def _parse(text: bytes | str, where: str) -> dict[str, Any]:
    if len(text) > MAX_BYTES:
        raise ManifestError(
            f"the file has {len(text):,} bytes; {MAX_BYTES:,} are the limit.", where=where
        )
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise ManifestError(
                "this line is not UTF-8 text.",
                where=f"{where}:{line}",
                advice="Save the file as UTF-8.",
            ) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(str(error), where, text) from None
    except RecursionError:
        raise ManifestError("the values are nested too deeply.", where=where) from None


def _not_toml(message: str, where: str, text: str) -> ManifestError:
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    line = int(found.group(1)) if found else text.count("\n") + 1
    reason = re.sub(r"\s*\(at .*\)$", "", message)
    return ManifestError(
        f"this is not TOML: {reason[:1].lower()}{reason[1:]}.",
        where=f"{where}:{line}",
        advice="Text needs quotes, lists need square brackets, true and false are lower case.",
    )


def _place(where: str, location: Location) -> str:
    key = spell(location)
    return f"{where}: {key}" if key else where


def _problem(model: type[BaseModel], detail: ErrorDetails) -> Problem:
    location = tuple(detail["loc"])
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown_key(model, location)
    if kind == "missing":
        return Problem(location=location, message="this key is missing, and it is needed.")
    return Problem(location=location, message=_reason(kind, detail))


def _unknown_key(model: type[BaseModel], location: Location) -> Problem:
    known = _keys(_model_at(model, location[:-1]))
    advice = nearest(str(location[-1]), known)
    listed = f"Known keys here: {', '.join(known)}."
    return Problem(
        location=location,
        message="this key is unknown.",
        advice=f"{advice} {listed}" if advice else listed,
    )


_WANTED: Final = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "tuple_type": "a list in square brackets",
    "list_type": "a list in square brackets",
    "model_type": "a table",
    "dict_type": "a table",
}


def _reason(kind: str, detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    value = shown(detail["input"])
    if kind in _WANTED:
        return f"this must be {_WANTED[kind]}, not {value}."
    if kind in {"greater_than_equal", "greater_than"}:
        return f"this must be at least {context.get('ge', context.get('gt'))}, not {value}."
    if kind in {"less_than_equal", "less_than"}:
        return f"this must be at most {context.get('le', context.get('lt'))}, not {value}."
    if kind == "literal_error":
        return f"this must be {context['expected']}, not {value}."
    if kind == "value_error":
        return str(context["error"])
    return f"{detail['msg']} (found {value})."


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(model: type[BaseModel], location: Location) -> type[BaseModel]:
    for part in location:
        if isinstance(part, int):
            continue
        for name, field in model.model_fields.items():
            if part == (field.alias or name):
                model = next(_models_in(field.annotation), model)
    return model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)
