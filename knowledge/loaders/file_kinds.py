"""Tells what kind a file is, by its content, and refuses one that is too big or not what its name says.

Input: a path. Output: a `FileKind`, which names the reader. Only the first and last bytes are looked at; nothing is parsed.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import puremagic

from knowledge.errors import DocumentError

_HEAD = 4096
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CUE = re.compile(r"^\s*\d+\s*\r?\n\s*\d{1,2}:\d\d:\d\d[,.]\d{1,3}\s*-->", re.MULTILINE)
_MARKUP = re.compile(r"<(?:!doctype\s+html|html|head|body|main|article|section|h[1-6]|p|div|title|meta|script)\b", re.IGNORECASE)
_MEGABYTE = 2**20


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """One format: what people call it, its usual endings, its reader module, and the most bytes a file may have."""

    name: str
    endings: tuple[str, ...]
    reader: str
    most_bytes: int
    default_kind: str = "brand"


PDF = FileKind(
    name="PDF", endings=(".pdf",), reader="knowledge.loaders.pdf_pages", most_bytes=100 * _MEGABYTE, default_kind="tutorial"
)
WORD = FileKind(name="Word document", endings=(".docx",), reader="knowledge.loaders.word_document", most_bytes=50 * _MEGABYTE)
WEB_PAGE = FileKind(
    name="web page", endings=(".html", ".htm", ".xhtml"), reader="knowledge.loaders.web_page", most_bytes=10 * _MEGABYTE
)
SUBTITLES = FileKind(
    name="subtitles", endings=(".vtt", ".srt"), reader="knowledge.loaders.subtitles", most_bytes=5 * _MEGABYTE,
    default_kind="tutorial",
)  # fmt: skip
TABLE = FileKind(
    name="table", endings=(".csv", ".tsv"), reader="knowledge.loaders.faq_table", most_bytes=20 * _MEGABYTE, default_kind="faq"
)
JSON_LINES = FileKind(
    name="JSON lines", endings=(".jsonl", ".ndjson"), reader="knowledge.loaders.json_lines", most_bytes=20 * _MEGABYTE,
    default_kind="faq",
)  # fmt: skip
ARCHIVE = FileKind(name="zip archive", endings=(".zip",), reader="knowledge.loaders.archive", most_bytes=200 * _MEGABYTE)
FILE_KINDS = (PDF, WORD, WEB_PAGE, SUBTITLES, TABLE, JSON_LINES, ARCHIVE)
BY_ENDING = {ending: kind for kind in FILE_KINDS for ending in kind.endings}
_PLAIN_TEXT = (SUBTITLES, TABLE, JSON_LINES, WEB_PAGE)


def kind_of(path: Path, name: str) -> FileKind:
    """Return the kind of a file whose ending is known. Raises `DocumentError`: too big, empty, or not what its name says."""
    said = BY_ENDING[path.suffix.lower()]
    try:
        size = path.stat().st_size
        if size > said.most_bytes:
            reason = f"the file has {size:,} bytes; a {said.name} may have {said.most_bytes:,}"
            raise DocumentError(name, reason, "Split it into smaller files.")
        if not size:
            raise DocumentError(name, "the file is empty", "Save it again, or remove it.")
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        reason = f"the file can't be read ({error.strerror})"
        raise DocumentError(name, reason, "Check that it exists and is readable.") from error
    found = _found(path, head)
    if isinstance(found, FileKind):
        if found is said or (found is WEB_PAGE and said in (TABLE, JSON_LINES)):  # a cell may hold markup
            return said
        cure = f"Save it as {said.name}, or rename it to end in {found.endings[0]}."
        raise DocumentError(name, f"the name says {said.name}, the content is a {found.name}", cure)
    if found is None and said in _PLAIN_TEXT:
        return said
    content = found or "something else"
    raise DocumentError(name, f"the name says {said.name}, the content is {content}", f"Save it as a real {said.name}.")


def _found(path: Path, head: bytes) -> FileKind | str | None:
    """Return the kind by content, the name of a kind that can't be read, or None for plain text of no certain kind."""
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(path)
    if head.startswith(_OLD_OFFICE):
        return "an old Office file, or one locked with a password"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _written(head.decode("utf-16", "replace"))
    if b"\0" in head:
        return _binary(head)
    return _written(head.decode("utf-8-sig", "replace"))


def _zipped(path: Path) -> FileKind | str:
    """Tell a Word document from any other archive by the names in its directory."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return ARCHIVE  # its reader says what is wrong with it
    if "word/document.xml" in names:
        return WORD
    return "an Office file that is no Word document" if "[Content_Types].xml" in names else ARCHIVE


def _written(text: str) -> FileKind | None:
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("WEBVTT") or _CUE.match(start):
        return SUBTITLES
    if start.startswith("{"):
        return JSON_LINES
    return WEB_PAGE if _MARKUP.search(text) else None


def _binary(head: bytes) -> str:
    try:
        return f"a file of another kind ({puremagic.magic_string(head)[0].name})"
    except (puremagic.PureError, ValueError, IndexError):
        return "a file of another kind"
