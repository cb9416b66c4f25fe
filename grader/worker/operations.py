"""What the checker may ask for: import, call, get, set, special methods, files, commands.

One method per operation; `carry_out` decodes, runs the student's code, and encodes. Arguments that
the student's code changed travel back with the answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import dataclasses
import importlib
import inspect
import operator
import pathlib
import sys
import types
from collections.abc import Callable
from typing import Any, Final

from grader.errors import WireError
from grader.wire.names import EXCEPTIONS, READABLE, SPECIAL_NAMES, text_of
from grader.wire.shared import Fingerprint, Shared, content, fill, fingerprint
from grader.wire.values import Decoder, Encoder
from grader.worker import many
from grader.worker.exceptions import describe_exception
from grader.worker.folder import Folder
from grader.worker.notebooks import told_of
from grader.worker.objects import Objects, class_attribute
from grader.worker.shared_files import SharedFiles
from grader.worker.stepping import step

Ask = Callable[[dict[str, Any], list[bytes]], tuple[dict[str, Any], Any]]

_OPERATORS: Final[dict[str, Callable[..., Any]]] = {
    **{
        name: getattr(operator, name)
        for name in (
            "add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "lshift", "rshift",
            "and_", "or_", "xor", "iadd", "isub", "imul", "imatmul", "itruediv", "ifloordiv",
            "imod", "ipow", "ilshift", "irshift", "iand", "ior", "ixor", "neg", "pos", "abs",
            "invert", "index", "eq", "ne", "lt", "le", "gt", "ge", "contains", "getitem",
            "setitem", "delitem", "truth", "length_hint",
        )
    },
    "divmod": divmod, "pow": pow, "float": float, "int": int, "complex": complex, "round": round,
    "len": len, "iter": iter, "reversed": reversed, "str": str, "repr": repr, "format": format,
    "bytes": bytes, "hash": hash, "copy": copy.copy, "deepcopy": copy.deepcopy,
}  # fmt: skip


class Operations:
    """Carries out requests on the student's modules and objects."""

    def __init__(self, folder: pathlib.Path, setup: dict[str, Any], *, ask: Ask) -> None:
        """Work in `folder`; `ask` sends a callback to the test."""
        self.folder_name = str(folder.resolve())
        self.objects = Objects(folder, self._call_back)
        self.objects.encode_plain = self._encode_into
        self.objects.tell_exception = lambda error: describe_exception(error, self, self._current)
        self.objects.make_exception = lambda node: self._exception(node, self._decoder)
        self._decoder = Decoder(self.objects, [], None)
        self._remote_operators = bool(setup.get("remote_operators"))
        self._modules = frozenset(setup.get("modules", ()))
        self._ask = ask
        self._shared = Shared(first=1)
        self._prints: dict[int, Fingerprint] = {}
        self._current: Encoder | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._folder = Folder(folder.resolve())
        self._shared_files = SharedFiles()

    # -- values

    def begin(self, *, clear: bool) -> None:
        """Start a request of the test itself; without remote operators nothing stays shared."""
        if clear or not self._remote_operators:
            self._shared.clear()
            self._prints.clear()

    def encoder(self) -> Encoder:
        """Return a codec for one message to the checker."""
        self._current = Encoder(self.objects, self._shared, keep_subclasses=self._remote_operators)
        return self._current

    def _encode_into(self, value: object) -> Any:
        assert self._current is not None
        return self._current.encode(value)

    def updates(self, encoder: Encoder) -> list[Any]:
        """Return [number, contents] of every shared container that changed since last time."""
        told: list[Any] = []
        for number in self._shared.numbers():
            value = self._shared.get(number)
            now = fingerprint(value)
            if self._prints.get(number, now) != now:
                told.append([number, content(value, encoder)])
            self._prints[number] = now
        return told

    def _take_updates(self, header: dict[str, Any], decoder: Decoder) -> None:
        for number, node in header.get("upd", ()):
            value = self._shared.get(number)
            fill(value, node, decoder)
            self._prints[number] = fingerprint(value)

    def _remember(self) -> None:
        for number in self._shared.numbers():
            if number not in self._prints:
                self._prints[number] = fingerprint(self._shared.get(number))

    # -- requests

    def carry_out(
        self, header: dict[str, Any], blobs: list[memoryview], encoder: Encoder
    ) -> dict[str, Any]:
        """Decode, act, encode. Exceptions of the student's code pass through."""
        self.objects.handles.drop(header.get("drop", []))
        decoder = self._decoder = Decoder(self.objects, blobs, self._shared)
        self._take_updates(header, decoder)
        args = [decoder.decode(node) for node in header.get("args", ())]
        kwargs = {name: decoder.decode(node) for name, node in header.get("kw", {}).items()}
        if header.get("op") != "each":  # its calls get copies: what they change is not told
            self._remember()
        act = getattr(self, f"do_{header.get('op')}", None)
        if act is None:
            raise WireError(f"unknown operation {header.get('op')!r}")
        answer: dict[str, Any] = {"ok": True}
        try:
            value = act(header, args, kwargs)
        except StopIteration as stop:
            if header.get("op") not in {"special", "method", "exception"} or not header.get(
                "stops"
            ):
                raise
            value, answer["stop"] = stop.value, True
        except StopAsyncIteration:
            if header.get("op") not in {"await", "anext", "exception"}:
                raise
            value, answer["stop"] = None, True
        self._current = encoder
        answer["upd"] = self.updates(encoder)
        answer["val"] = encoder.encode(value)
        if self._remote_operators:
            self._remember()
        return answer

    def do_import(self, header: dict[str, Any], _args: Any, _kwargs: Any) -> Any:
        """Import one of the student's modules, never one of the same name from elsewhere."""
        name = str(header["n"])
        if name not in sys.modules or not self._is_here(sys.modules[name]):
            if name.partition(".")[0] in self._modules:
                sys.modules.pop(name, None)
            importlib.invalidate_caches()
        module = importlib.import_module(name)
        return told_of(module)

    def do_step(self, header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Run a notebook up to one of its cells."""
        return step(str(header["n"]), str(header["until"]), args[0])

    def _is_here(self, module: types.ModuleType) -> bool:
        file = getattr(module, "__file__", None)
        return isinstance(file, str) and file.startswith(self.folder_name)

    def do_name(self, header: dict[str, Any], _args: Any, _kwargs: Any) -> Any:
        """Return what a module holds under a dotted path."""
        found: Any = importlib.import_module(str(header["m"]))
        for part in str(header["n"]).split("."):
            found = getattr(found, part)
        return found

    def do_names(self, header: dict[str, Any], _args: Any, _kwargs: Any) -> Any:
        """Return what `from module import *` takes.

        Without `__all__`, what the module itself imported from libraries is left out: in process it
        would be the very object that the test imported under that name, here it would hide it.
        """
        module = importlib.import_module(str(header["m"]))
        listed = getattr(module, "__all__", None)
        if listed is None:
            listed = [
                name
                for name, value in vars(module).items()
                if not name.startswith("_") and not self._is_a_library_s(value)
            ]
        return [text_of(name) for name in listed][:5000]

    def _is_a_library_s(self, value: object) -> bool:
        if isinstance(value, types.ModuleType):
            return not self._is_here(value)
        if not isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
            return False
        home = sys.modules.get(str(value.__module__))
        return home is not None and not self._is_here(home)

    def do_set_name(self, header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Set a name of a module."""
        setattr(importlib.import_module(str(header["m"])), str(header["n"]), args[0])

    def do_del_name(self, header: dict[str, Any], _args: Any, _kwargs: Any) -> Any:
        """Delete a name of a module."""
        delattr(importlib.import_module(str(header["m"])), str(header["n"]))

    def do_dir(self, header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Return `dir()` of a module or an object."""
        found = dir(args[0]) if args else dir(importlib.import_module(str(header["m"])))
        return [text_of(name) for name in found][:5000]

    def do_call(self, _header: dict[str, Any], args: Any, kwargs: Any) -> Any:
        """Call the first argument with the others."""
        return args[0](*args[1:], **kwargs)

    def do_each(self, _header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Call the first argument once for each list of arguments in the second."""
        packed = many.each(self, *args)
        self.begin(clear=True)
        return packed

    def do_method(self, header: dict[str, Any], args: Any, kwargs: Any) -> Any:
        """Call a method of the first argument by its name."""
        name = _readable(str(header["n"]), also=("__init__",))
        return getattr(args[0], name)(*args[1:], **kwargs)

    def do_get(self, header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Read an attribute."""
        name = _readable(str(header["n"]), also=("__init__",))
        value = getattr(args[0], name)
        return dict(value) if isinstance(value, types.MappingProxyType) else value

    def do_set(self, header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Set an attribute."""
        self.objects.keep_member(args[0], str(header["n"]))
        setattr(args[0], str(header["n"]), args[1])

    def do_delete(self, header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Delete an attribute."""
        self.objects.keep_member(args[0], str(header["n"]))
        delattr(args[0], str(header["n"]))

    def do_special(self, header: dict[str, Any], args: Any, kwargs: Any) -> Any:
        """Call a special method as the interpreter does: on the type."""
        name = str(header["n"])
        if name not in SPECIAL_NAMES:
            raise WireError(f"{name} is not forwarded")
        return getattr(type(args[0]), name)(*args, **kwargs)

    def do_oper(self, header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Apply an operator or a conversion, with all its reflection."""
        return _OPERATORS[str(header["n"])](*args)

    def do_about(self, _header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Return the signature of a callable: [[name, kind, default?, annotation?], …]."""
        signature = inspect.signature(args[0])
        told = [
            [
                text_of(parameter.name),
                int(parameter.kind),
                *_maybe(parameter.default, parameter.empty),
                *_maybe(parameter.annotation, parameter.empty),
            ]
            for parameter in signature.parameters.values()
        ]
        return [told, *_maybe(signature.return_annotation, signature.empty)]

    def do_fields(self, _header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Return a dataclass's fields: [name, default?, [init, repr, compare, kw_only], type]."""
        told = []
        for field in dataclasses.fields(args[0]):
            flags = [bool(field.init), bool(field.repr), bool(field.compare), field.kw_only is True]
            kind = (
                field.type if isinstance(field.type, str) else getattr(field.type, "__name__", "")
            )
            told.append([field.name, *_maybe(field.default, dataclasses.MISSING), flags, kind])
        return told

    def do_await(self, _header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Run an awaitable of the student's in this process's own event loop."""

        async def wait() -> Any:
            return await args[0]

        return self._running().run_until_complete(wait())

    def do_anext(self, _header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Take one item of an asynchronous iterator."""

        async def take() -> Any:
            return await args[0].__anext__()

        return self._running().run_until_complete(take())

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        return self._loop

    def do_subclass(self, header: dict[str, Any], args: Any, kwargs: Any) -> Any:
        """Make a class whose functions are the test's: [kind, value…] by name in `kwargs`."""
        space = {name: class_attribute(told) for name, told in kwargs.items()}
        space["__module__"] = "test"
        return types.new_class(str(header["n"]), tuple(args), {}, lambda names: names.update(space))

    # -- files and commands

    def do_run(self, _header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Run a command in the student's folder: [exit code or None, stdout, stderr]."""
        return self._folder.run(*args)

    def do_read(self, _header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Return the bytes of a file in the student's folder."""
        return self._folder.read(*args)

    def do_write(self, _header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Write a file into the student's folder."""
        self._folder.write(*args)

    def do_files(self, _header: dict[str, Any], _args: Any, _kwargs: Any) -> Any:
        """Return [path, size] of every regular file in the student's folder."""
        return self._folder.files()

    def do_put_files(self, header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Write files of the test's `tmp_path`."""
        self._shared_files.put(str(header["root"]), args[0])

    def do_changed_files(self, header: dict[str, Any], args: Any, _kwargs: Any) -> Any:
        """Return what has changed in the test's `tmp_path`."""
        return self._shared_files.changed(str(header["root"]), args[0], args[1])

    # -- functions of the test

    def _call_back(
        self, number: int, args: Any, kwargs: Any, *, op: str = "", name: str = ""
    ) -> Any:
        header = {"cb": op, "n": number, "name": name} if op else {"cb": number}
        return self._asked(header, list(args), kwargs)

    def input(self, prompt: str, *, raw: bool = False) -> str:
        """Ask the test for a line; EOFError when it provides none."""
        return str(self._asked({"input": prompt[:2000], "raw": raw}, [], {}))

    def _asked(self, header: dict[str, Any], args: list[Any], kwargs: dict[str, Any]) -> Any:
        before = self._current
        encoder = self.encoder()
        header["upd"] = self.updates(encoder)
        header["args"] = [encoder.encode(value) for value in args]
        header["kw"] = {str(name): encoder.encode(value) for name, value in kwargs.items()}
        self._remember()
        answer, blobs = self._ask(header, encoder.blobs)
        self._current = before
        decoder = self._decoder = Decoder(self.objects, blobs, self._shared)
        self._take_updates(answer, decoder)
        if answer["op"] == "raise":
            raise self._exception(answer["exc"], decoder)
        value = decoder.decode(answer.get("val"))
        self._remember()
        return value

    def _exception(self, told: dict[str, Any], decoder: Decoder) -> BaseException:
        if "id" in told:
            with contextlib.suppress(WireError):
                known = self.objects.handles.get(told["id"])
                if isinstance(known, BaseException):
                    return known
        kind = EXCEPTIONS.get(str(told.get("b")), RuntimeError)
        try:
            return kind(*decoder.decode(told.get("args")))
        except Exception:  # noqa: BLE001 - some exceptions want other arguments
            return RuntimeError(str(told.get("msg", "")))

    def do_exception(self, header: dict[str, Any], args: Any, kwargs: Any) -> Any:
        """Call a method of the first argument with an exception of the test as argument."""
        error = self._exception(header["exc"], Decoder(self.objects, [], self._shared))
        name = str(header["n"])
        del kwargs
        if name == "throw":
            return args[0].throw(error)
        if name == "athrow":
            return self._running().run_until_complete(args[0].athrow(error))
        value = getattr(type(args[0]), name)(args[0], type(error), error, error.__traceback__)
        if inspect.isawaitable(value):
            return self._running().run_until_complete(_wait(value))
        return value


async def _wait(value: Any) -> Any:
    return await value


def _readable(name: str, *, also: tuple[str, ...] = ()) -> str:
    special = name.startswith("__") and name.endswith("__")
    if special and name not in READABLE and name not in SPECIAL_NAMES and name not in also:
        raise AttributeError(name)
    return name


def _maybe(value: object, empty: object) -> list[Any]:
    return [False, None] if value is empty else [True, value]
