"""Exceptions of the student's code, made again on this side so that `pytest.raises` sees them.

Built-in subclasses of Exception arrive as themselves, and so does SystemExit. What would end,
interrupt, skip or satisfy the trusted side (KeyboardInterrupt, GeneratorExit, StopIteration,
pytest's and unittest's outcomes, other BaseExceptions) arrives as an ordinary RuntimeError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from grader.checker.remote import Ref, ref_of
from grader.errors import WireError
from grader.wire.names import EXCEPTIONS, arguments_of, nearest_builtin_exception

if TYPE_CHECKING:
    from grader.checker.opaque import Opaque
    from grader.wire.values import Decoder

MESSAGE_CAP: Final = 2_000
TRACEBACK_CAP: Final = 8_000
_CAUSES: Final = 6
_BUILTIN: Final = frozenset(EXCEPTIONS.values())
_PLAIN: Final = (str, int, float, bool, type(None))


def arrives_as_itself(kind: type[BaseException]) -> bool:
    """Whether raising this built-in class on the trusted side only fails the running test."""
    if kind is SystemExit:
        return True
    return issubclass(kind, Exception) and not issubclass(
        kind, (StopIteration, StopAsyncIteration, BaseExceptionGroup)
    )


def harmless(kind: type) -> type:
    """Return a class that the student's code named, or what a test may raise in its place."""
    ends = issubclass(kind, BaseException) and not arrives_as_itself(kind)
    only_fails = kind is BaseException or issubclass(kind, BaseExceptionGroup)
    return RuntimeError if ends and not only_fails else kind


def rebuild(opaque: Opaque, node: object, decoder: Decoder, depth: int = 0) -> BaseException:
    """Return the exception that a node tells of. Raises WireError when the node is malformed."""
    if not isinstance(node, dict) or depth > _CAUSES:
        raise WireError("an exception is malformed")
    try:
        name, message, number = str(node["n"])[:200], str(node["msg"])[:MESSAGE_CAP], node["id"]
        kind = opaque.classes.get(node["c"]) if "c" in node else None
        base = EXCEPTIONS[str(node["b"])]
    except KeyError as missing:
        raise WireError(f"an exception lacks {missing}") from None
    if type(number) is not int:
        raise WireError("an exception has no number")
    if kind is None or not issubclass(kind, BaseException):
        kind = base
    args = _args(node, decoder)
    error = _make(kind, name, args, message)
    ref = Ref(opaque.session, number)
    _set(error, "_grader_ref", ref)
    opaque.remember(error, ref)
    _furnish(error, node, decoder)
    if "cause" in node:
        error.__cause__ = rebuild(opaque, node["cause"], decoder, depth + 1)
    return error


def _args(node: dict[str, Any], decoder: Decoder) -> tuple[Any, ...] | None:
    args = decoder.decode(node["args"]) if node.get("args") is not None else None
    return args if isinstance(args, tuple) else None


def _make(
    kind: type[BaseException], name: str, args: tuple[Any, ...] | None, message: str
) -> BaseException:
    if not arrives_as_itself(nearest_builtin_exception(kind)):
        return RuntimeError(f"{name}: {message}" if message else name)
    given = (message,) if args is None else args
    if kind in _BUILTIN:
        try:
            return kind(*given)
        except Exception:  # noqa: BLE001 - UnicodeDecodeError and its like want other arguments
            return RuntimeError(f"{name}: {message}")
    return _without_init(kind, given, message)


def _without_init(kind: type[BaseException], args: tuple[Any, ...], message: str) -> BaseException:
    """Make an instance of a class with its own `__init__`, which must not run here."""
    if "_grader_class_ref" in vars(kind):
        made = kind  # a stand-in: it has no __init__ of its own
    else:
        space = {
            "__str__": lambda _self: message,
            "__init__": _nothing,
            "__module__": kind.__module__,
        }
        made = type(kind.__name__, (kind,), space)
    error: BaseException = made.__new__(made)
    error.args = args
    _set(error, "_grader_message", message)
    return error


def _nothing(*_args: object, **_kwargs: object) -> None:
    """Take the place of an `__init__` that belongs to the other side."""


def _furnish(error: BaseException, node: dict[str, Any], decoder: Decoder) -> None:
    """Give the exception the attributes, traceback text and line that were told."""
    attrs = decoder.decode(node["attrs"]) if node.get("attrs") is not None else {}
    if isinstance(attrs, dict):
        for name, value in attrs.items():
            if type(name) is str and not name.startswith("_"):
                _set(error, name, value)
    if isinstance(node.get("tb"), str):
        _set(error, "_grader_traceback", node["tb"][:TRACEBACK_CAP])
    line = node.get("line")
    if isinstance(line, list) and len(line) == 3:  # noqa: PLR2004 - file, line, text
        told = [str(line[0])[:200], line[1] if type(line[1]) is int else 0, str(line[2])[:200]]
        _set(error, "_grader_line", told)


def _set(error: BaseException, name: str, value: object) -> None:
    try:
        error.__dict__[name] = value
    except (AttributeError, TypeError):
        object.__setattr__(error, name, value)


def ref_of_error(value: object) -> Ref | None:
    """Return the Ref of an exception that came from the student's side."""
    return ref_of(value) if isinstance(value, BaseException) else None


def tell(opaque: Opaque, error: BaseException) -> dict[str, Any]:
    """Return what the student's side needs in order to raise the same."""
    ref = ref_of_error(error)
    told: dict[str, Any] = {"b": nearest_builtin_exception(type(error)).__name__}
    if ref is not None and ref.generation == opaque.session.generation:
        told["id"] = ref.number
    args = arguments_of(error)
    plain = all(type(value) in _PLAIN for value in args)
    told["args"] = _plain_args(args) if plain else None
    try:
        told["msg"] = str(error)[:MESSAGE_CAP]
    except Exception:  # noqa: BLE001 - an exception of the test that cannot be printed
        told["msg"] = type(error).__name__
    return told


def _plain_args(args: tuple[Any, ...]) -> Any:
    from grader.wire.values import Encoder  # noqa: PLC0415 - only this road needs it

    encoder = Encoder(_NoOpaque())
    node = encoder.encode(tuple(args))
    return None if encoder.blobs else node


class _NoOpaque:
    """Refuses everything that is not plain."""

    def encode(self, value: object) -> Any:
        raise WireError(f"a {type(value).__name__} is not plain")

    def decode(self, node: dict[str, Any]) -> object:
        raise WireError(f"{node.get('t')} is not plain")
