"""Finding secrets in an image's archive, whatever way the engine keeps its layers."""

import gzip
import io
import tarfile

import pytest

from grader.errors import EngineError
from grader.sandbox import haystack
from grader.sandbox.haystack import find

SECRET = b"kopi-secret"


def archive(**members):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as whole:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            whole.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def in_chunks(data, size):
    return (data[at : at + size] for at in range(0, len(data), size))


LAYER = archive(env=b"a" * 700 + SECRET + b"b" * 700)


@pytest.mark.parametrize("size", [1, 7, 512, 10_000])
@pytest.mark.parametrize("layer", [LAYER, gzip.compress(LAYER)], ids=["plain", "gzip"])
def test_a_secret_is_found_in_a_layer(layer, size):
    data = archive(layer=layer, settings=b"{}")
    found = find(in_chunks(data, size), {"secret": SECRET, "other": b"not there"})
    assert found == {"secret"}


def test_a_secret_across_two_pieces_is_found(monkeypatch):
    monkeypatch.setattr(haystack, "CHUNK", 4)
    assert find([archive(layer=b"xx" + SECRET)], {"secret": SECRET}) == {"secret"}
    assert find([archive(layer=gzip.compress(b"xx" + SECRET))], {"s": SECRET}) == {"s"}


def test_what_stands_in_the_settings_is_found_too():
    assert find([archive(config=b'{"history": "TOKEN=kopi-secret"}')], {"a": SECRET}) == {"a"}


def test_members_do_not_run_into_one_another():
    assert find([archive(a=b"x" * 512 + b"kopi-", b=b"secret")], {"a": SECRET}) == set()


@pytest.mark.parametrize(
    "data",
    [b"no archive" * 100, archive(layer=b"\x28\xb5\x2f\xfdxxxx"), archive(layer=b"\x1f\x8bxx")],
    ids=["no tar", "zstd", "broken gzip"],
)
def test_what_cannot_be_searched_is_an_error_and_no_clean_bill(data):
    with pytest.raises(EngineError):
        find([data], {"a": SECRET})


def test_a_bomb_is_given_up(monkeypatch):
    monkeypatch.setattr(haystack, "MOST", 1_000_000)
    with pytest.raises(EngineError, match="holds more"):
        find([archive(layer=gzip.compress(bytes(5_000_000)))], {"a": SECRET})


def test_an_empty_needle_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="everywhere"):
        find([archive()], {"a": b""})
