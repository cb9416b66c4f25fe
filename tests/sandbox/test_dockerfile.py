"""What of a Dockerfile may be built, what is said about the rest, and what the engine gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox.dockerfile import ENDED, MOST_BYTES, RefusedError, plan, read_steps

BASE = "python:3.11-slim-bookworm"
BASES = {BASE: "sha256:base"}
GOOD = f"""# a comment
FROM {BASE}
# between
RUN one \\
    # inside
    two

COPY a b
"""


def planned(text, **more):
    content = text if isinstance(text, bytes) else text.encode()
    return plan(content, BASES, 'mark="1"', **more)


def refused(text):
    with pytest.raises(RefusedError) as caught:
        planned(text)
    return caught.value


def test_what_the_engine_gets_is_one_instruction_a_line():
    assert planned(GOOD).text == (
        'FROM sha256:base\nLABEL mark="1"\nRUN one     two\nCOPY a b\n'.replace("     ", " " * 5)
    )


def test_steps_know_their_lines():
    assert [(step.word, step.line) for step in read_steps(GOOD.encode())] == [
        ("FROM", 2),
        ("RUN", 4),
        ("COPY", 8),
    ]


def test_every_stage_and_every_label_of_the_students_is_followed_by_ours():
    text = f"FROM {BASE} AS one\nLABEL mark=2\nFROM one\nCOPY --from=0 a b\n"
    words = [str(step) for step in planned(text).steps]
    assert words == [
        "FROM sha256:base AS one",
        'LABEL mark="1"',
        "LABEL mark=2",
        'LABEL mark="1"',
        "FROM one",
        'LABEL mark="1"',
        "COPY --from=0 a b",
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"ARG BASE={BASE}\nFROM $BASE\n",
        f"ARG BASE={BASE}\nFROM ${{BASE}} AS x\n",
        "ARG TAG=3.11-slim-bookworm\nFROM python:${TAG}\n",
        f"FROM ${{BASE:-{BASE}}}\n",
        f"from {BASE} as x\n",
        f"FROM docker.io/library/{BASE}\n",
        f"\ufeffFROM {BASE}\r\nRUN a\r\n",
        f"# escape=\\\nFROM {BASE}\n",
    ],
)
def test_a_base_is_found_in_every_spelling(text):
    made = planned(text)
    assert made.bases == (BASE,)
    assert "FROM sha256:base" in made.text


@pytest.mark.parametrize(
    ("text", "kind", "line", "said"),
    [
        ("", "syntax", 0, "no instruction"),
        ("# only a comment\n", "syntax", 0, "no instruction"),
        ("RUN x\n", "syntax", 1, "before the first FROM"),
        ("ARG A=1\n", "syntax", 0, "no FROM"),
        (f"FROM {BASE}\nEXPOZE 80\n", "syntax", 2, "no instruction of a Dockerfile"),
        (f"FROM {BASE}\nRUN\n", "syntax", 2, "says nothing"),
        (f"FROM {BASE}\nRUN x \\\n", "syntax", 2, "nothing follows"),
        (f"FROM {BASE}\nRUN x \\\\\nRUN y\n", "syntax", 2, "two backslashes"),
        (f"FROM {BASE} extra\n", "syntax", 1, "FROM image AS name"),
        (f"FROM {BASE} AS 0\n", "syntax", 1, "name of a stage"),
        (f"FROM {BASE}\nRUN a\u2028FROM evil\n", "syntax", 2, "U+2028"),
        (f"FROM\u00a0{BASE}\n", "syntax", 1, "U+00A0"),
        (f"FROM {BASE}\nRUN a\rFROM evil\n", "syntax", 2, "U+000D"),
        (f"FROM {BASE}\nRUN a\0\n", "syntax", 2, "U+0000"),
        (b"FROM x\nRUN \xff\n", "syntax", 2, "UTF-8"),
        (f"FROM {BASE}\n" + "RUN a\n" * 300, "syntax", 0, "200"),
        ("#" * (MOST_BYTES + 1), "syntax", 0, "64 kB"),
        ("FROM python:3.8\n", "base", 1, "October 2024"),
        ("FROM docker.io/library/python:3.9-slim\n", "base", 1, "October 2025"),
        ("FROM python\n", "base", 1, "tomorrow"),
        ("FROM python:latest\n", "base", 1, "tomorrow"),
        ("FROM alpine:3.20\n", "base", 1, f"Bases that are here: {BASE}"),
        ("FROM scratch\n", "base", 1, "Bases that are here"),
        (f"FROM {BASE}@sha256:{'0' * 64}\n", "base", 1, "digest"),
        ("ARG A\nFROM $A\n", "base", 2, "the ARG A has no value"),
        (f"ARG A={BASE}\nARG B=$A\nFROM $B\n", "base", 3, "too clever"),
        (f"FROM {BASE}\nFROM 0\n", "base", 2, "Bases"),
        (f"FROM --platform=linux/arm64 {BASE}\n", "forbidden", 1, "leave this option out"),
        (f"# syntax=evil/frontend\nFROM {BASE}\n", "forbidden", 1, "syntax"),
        (f"#escape=`\nFROM {BASE}\n", "forbidden", 1, "escape"),
        (f"FROM {BASE}\nONBUILD RUN x\n", "forbidden", 2, "ONBUILD"),
        (f"FROM {BASE}\nVOLUME /data\n", "forbidden", 2, "VOLUME"),
        (f"FROM {BASE}\nRUN --mount=type=secret,id=a x\n", "forbidden", 2, "BuildKit"),
        (f"FROM {BASE}\nRUN --network=host x\n", "forbidden", 2, "BuildKit"),
        (f"FROM {BASE}\nRUN --security=insecure x\n", "forbidden", 2, "BuildKit"),
        (f"FROM {BASE}\nRUN <<EOF\necho\nEOF\n", "forbidden", 2, "here-document"),
        (f"FROM {BASE}\nRUN cat <<'EOF' >x\n", "forbidden", 2, "here-document"),
        (f"FROM {BASE}\nCOPY --chmod=755 a b\n", "forbidden", 2, "BuildKit"),
        (f"FROM {BASE}\nCOPY --from=evil:1 / /\n", "forbidden", 2, "no stage"),
        (f"FROM {BASE} AS me\nCOPY --from=me / /\n", "forbidden", 2, "no stage"),
        (f"FROM {BASE}\nCOPY --fr\\om=evil / /\n", "syntax", 2, "unknown option"),
        (f"FROM {BASE}\nADD https://example.com/x /x\n", "forbidden", 2, "ADD"),
        (f'FROM {BASE}\nADD ["http:\\u002f\\u002fx", "/x"]\n', "forbidden", 2, "ADD"),
        (f"FROM {BASE}\nARG U\nADD $U /x\n", "forbidden", 3, "ADD"),
        (f"FROM {BASE}\nADD --checksum=sha256:0 a /x\n", "forbidden", 2, "BuildKit"),
    ],
)
def test_what_is_refused_and_what_is_said_about_it(text, kind, line, said):
    found = refused(text)
    assert (found.kind, found.line) == (kind, line)
    assert said in found.text


def test_a_build_argument_of_the_lab_names_no_base():
    text = f"ARG TOKEN={BASE}\nFROM $TOKEN\n"
    with pytest.raises(RefusedError, match="TOKEN has no value"):
        plan(text.encode(), BASES, "a=1", ("TOKEN",))


def test_the_versions_that_have_ended_are_in_order():
    assert list(ENDED)[-1] == "3.10"
    assert "3.11" not in ENDED, "3.11 is mended until October 2027"


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                f"FROM {BASE}",
                "FROM evil AS x",
                "RUN a \\",
                "  # comment",
                "COPY --from=x a b",
                "LABEL a=b \\",
                "",
                "\\",
            ]
        ),
        st.text(st.characters(codec="utf-8"), max_size=20),
    ),
    max_size=8,
)


@given(LINES)
def test_whatever_is_accepted_begins_each_stage_with_an_allowed_base(lines):
    try:
        made = planned("\n".join(lines))
    except RefusedError:
        return
    written = made.text.splitlines()
    assert len(written) == len(made.steps)
    for line in written:
        if line.startswith("FROM"):
            assert line.split()[1] in {"sha256:base", "x"}
    assert [line for line in written if not line.rstrip().endswith("\\")] == written
