"""Reads the part of JSON Schema that our schemas use, so that tests need no library for it."""

from __future__ import annotations

from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_KNOWN = {
    "$schema", "$defs", "$ref", "title", "description", "type", "const", "enum", "minimum",
    "required", "properties", "additionalProperties", "items", "format",
}  # fmt: skip


def problems(value: Any, schema: dict[str, Any], at: str = "$", root: Any = None) -> list[str]:
    """Return what is wrong with a document, as one line each. Unknown keywords are an error."""
    root = root or schema
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    assert set(schema) <= _KNOWN, set(schema) - _KNOWN
    if not _has_type(value, schema.get("type")):
        return [f"{at} is no {schema['type']}"]
    return _of_scalar(value, schema, at) + _inside(value, schema, at, root)


def _of_scalar(value: Any, schema: dict[str, Any], at: str) -> list[str]:
    found = []
    if "const" in schema and value != schema["const"]:
        found.append(f"{at} is not {schema['const']}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at} is none of {schema['enum']}")
    if "minimum" in schema and value is not None and value < schema["minimum"]:
        found.append(f"{at} is below {schema['minimum']}")
    return found


def _inside(value: Any, schema: dict[str, Any], at: str, root: Any) -> list[str]:
    found = []
    if isinstance(value, list):
        for index, item in enumerate(value):
            found += problems(item, schema["items"], f"{at}[{index}]", root)
    if isinstance(value, dict):
        found += _of_object(value, schema, at, root)
    return found


def _of_object(value: dict[str, Any], schema: dict[str, Any], at: str, root: Any) -> list[str]:
    known = schema.get("properties", {})
    found = [f"{at}.{key} is missing" for key in schema.get("required", []) if key not in value]
    for key, item in value.items():
        if key in known:
            found += problems(item, known[key], f"{at}.{key}", root)
        elif schema["additionalProperties"] is False:
            found.append(f"{at}.{key} is unknown")
        else:
            found += problems(item, schema["additionalProperties"], f"{at}.{key}", root)
    return found


def _has_type(value: Any, names: str | list[str] | None) -> bool:
    if names is None:
        return True
    wanted = [names] if isinstance(names, str) else names
    if isinstance(value, bool):
        return "boolean" in wanted
    return any(isinstance(value, _TYPES[name]) for name in wanted)
