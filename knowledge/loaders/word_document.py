"""Reads a Word document: headings, paragraphs, lists and tables in reading order.

Input: a .docx file of any program. Output: a `Reading` with one extract. Deleted, hidden and commented text is left out,
as are page headers and footers.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import docx
from docx.document import Document as WordFile
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from knowledge.errors import DocumentError
from knowledge.loaders.extract import Extract, Reading
from knowledge.loaders.outline import Outline, rows_as_text
from knowledge.loaders.plain_text import clean

_HEADING = re.compile(r"^(?:heading|titre|überschrift)\s*(\d)", re.IGNORECASE)
_NUMBERED = frozenset({"decimal", "decimalZero", "lowerLetter", "upperLetter", "lowerRoman", "upperRoman"})


def read(path: Path, options: dict[str, Any]) -> Reading:  # noqa: ARG001  every reader is called the same way
    """Return the text of the document. Raises `DocumentError` when it is damaged or holds no text."""
    try:
        word = docx.Document(str(path))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise DocumentError(path, f"the Word document is damaged ({error})", "Open it in Word and save it again.") from error
    outline = _Gathering(word).outline
    sections = outline.sections(path.stem)
    if not sections:
        raise DocumentError(path, "the document holds no text", "Check that its text is not in pictures.")
    properties = word.core_properties
    # The language in its properties is that of the program it was written with, so it is told by the text.
    stated = {
        "title": outline.title or clean(properties.title or ""),
        "date": properties.modified.date().isoformat() if properties.modified else "",
    }
    metadata = {key: value for key, value in stated.items() if value}
    return Reading(extracts=(Extract(metadata=metadata, sections=sections),))


class _Gathering:
    """Walks through the body and keeps headings and paragraphs."""

    def __init__(self, word: WordFile) -> None:
        self.outline = Outline()
        self._formats = _list_formats(word)
        self._list: str | None = None  # the numbered list that the last paragraph was in
        for block in word.iter_inner_content():
            if isinstance(block, Table):
                self._list = None
                rows = [[clean(_text(cell._tc)) for cell in row.cells] for row in block.rows]  # noqa: SLF001  python-docx has no other way to an element
                for row in rows_as_text(rows, headed=True):
                    self.outline.add(row)
            else:
                self._take(block)

    def _take(self, paragraph: Paragraph) -> None:
        text = " ".join(clean(_text(paragraph._p)).split())  # noqa: SLF001
        if not text:
            return
        style = (paragraph.style.name or "") if paragraph.style is not None else ""
        heading = _HEADING.match(style)
        before, self._list = self._list, None
        if style.lower() in ("title", "titre", "titel"):
            self.outline.head(1, text)
        elif heading:
            # The document's own title stands above its first level of headings.
            self.outline.head(int(heading[1]) + 1, text)
        else:
            self._list = self._list_of(paragraph, style)
            if self._list is None:
                self.outline.add(text)
            else:
                self.outline.add_item(text, first=self._list != before)

    def _list_of(self, paragraph: Paragraph, style: str) -> str | None:
        """Return which numbered list a paragraph belongs to, if any; bullets count as none."""
        properties: Any = paragraph._p.pPr  # noqa: SLF001
        numbering = properties.numPr if properties is not None else None
        if numbering is not None and numbering.numId is not None:
            level = numbering.ilvl.val if numbering.ilvl is not None else 0
            key = f"{numbering.numId.val}.{level}"
            return key if self._formats.get(key) in _NUMBERED else None
        return style if style.lower().startswith("list number") else None


def _text(element: Any) -> str:
    """Return the text below an element as a reader of the document sees it: with insertions, without deletions."""
    pieces: list[str] = []
    for part in element.iter():
        if part.tag in (qn("w:p"), qn("w:tab"), qn("w:br")):
            pieces.append(" ")
        elif part.tag == qn("w:t") and not _is_hidden(part):
            pieces.append(part.text or "")
    return "".join(pieces)


def _is_hidden(text: Any) -> bool:
    run = text.getparent()
    properties = run.find(qn("w:rPr")) if run is not None else None
    vanish = properties.find(qn("w:vanish")) if properties is not None else None
    return vanish is not None and vanish.get(qn("w:val")) not in ("0", "false")


def _list_formats(word: WordFile) -> dict[str, str]:
    """Return the number format of every list level, by "list.level"."""
    try:
        root = word.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return {}
    abstract = {
        item.get(qn("w:abstractNumId")): {
            level.get(qn("w:ilvl")): (
                level.find(qn("w:numFmt")).get(qn("w:val")) if level.find(qn("w:numFmt")) is not None else ""
            )
            for level in item.findall(qn("w:lvl"))
        }
        for item in root.findall(qn("w:abstractNum"))
    }
    return {
        f"{item.get(qn('w:numId'))}.{level}": name
        for item in root.findall(qn("w:num"))
        for level, name in abstract.get(item.find(qn("w:abstractNumId")).get(qn("w:val")), {}).items()
    }
