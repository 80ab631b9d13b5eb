"""Whatever bytes a file holds, the loader gives a document or says what is wrong: nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.document import Document
from knowledge.errors import DocumentError
from knowledge.markdown import read_markdown
from tests.knowledge.factories import page, section, write

GOOD = page(
    section("1. Sit down.\n2. Relax.", role="steps", attributes='task=on vehicles="C4 III" facts="c-1" sources="1"'),
    section("Text.", name="more", heading="More"),
    vehicles=[{"model": "C4", "generation": "III", "years": "2020-"}],
    questions=["Are the seats soft?"],
)
FRAGMENTS = [
    "---", "## ", "# ", "{#a .what}", "{", "}", "|", "|-|", "<b>", "<!--", "[a](b)", "[a]: b", "![", "```", "    ", "\t", "> ",
    "- ", "1. ", "'", '"', ": ", "? ", "&a ", "*a", "<<: ", "!!bool ", "!!int ''", "!!timestamp x", "!!set ", "!!python/none ",
    "0x", "~", ".inf", "[", "]", "\0", "\r", "\x85", "\u2028", "\ufeff", "é", "\\", "%YAML 9.9\n", "...\n", "\n", "\n\n",
]  # fmt: skip
# Where damage tells: line starts and values, beside anywhere at all.
PLACES = [match.start() for match in re.finditer(r"(?<=\n).|(?<=: ).|$", GOOD)]


@st.composite
def damaged_pages(draw: st.DrawFn) -> bytes:
    """A good page with up to four places overwritten, perhaps cut off."""
    text = GOOD
    for _ in range(draw(st.integers(0, 4))):
        start = min(len(text), draw(st.sampled_from(PLACES) | st.integers(0, len(GOOD))))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = text[:start] + draw(st.sampled_from(FRAGMENTS) | st.text(max_size=8)) + text[end:]
    if draw(st.booleans()):
        text = text[: draw(st.integers(0, len(text)))]
    return text.encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@given(content=st.binary(max_size=300) | damaged_pages())
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_any_bytes_give_a_document_or_a_document_error(content: bytes, scratch: Path) -> None:
    path = write(scratch / "page.md", content)

    try:
        read = read_markdown(path, name="page.md")
    except DocumentError as error:
        read = error

    assert isinstance(read, Document) or (read.path == "page.md" and read.line >= 1 and read.reason and read.cure)


@given(content=damaged_pages())
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
def test_a_line_that_is_blamed_is_in_the_file(content: bytes, scratch: Path) -> None:
    path = write(scratch / "page.md", content)

    try:
        line = read_markdown(path, name="page.md").sections[-1].line
    except DocumentError as error:
        line = error.line

    assert 1 <= line <= len(content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
