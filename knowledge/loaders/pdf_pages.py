"""Reads some pages of a PDF: lines in reading order with their place and size, and tables as rows.

Input: a PDF and, in the options, `first` (from 0) and `count`. Output: `PdfPages`, plain data that `pdf_sections.py` makes
sections of. A handbook has hundreds of pages, so it is read a few pages at a time, each time in a child of its own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.page import Page
from pdfplumber.utils.exceptions import PdfminerException

from knowledge.errors import DocumentError
from knowledge.loaders.outline import rows_as_text
from knowledge.loaders.pdf_layout import Line, PdfLine, PdfPage, PdfPages, Word, lines_in_order
from knowledge.loaders.plain_text import clean

_HYPHENATED = re.compile("\u00ad$")  # a soft hyphen shows only where a line ends
_SMALLEST = 3.0  # points: smaller letters are not meant to be read
_SPACE = 0.15  # of the letter size: the least space between two words
_MOST_PAGES = 3_000
_PICTURE = 0.4  # share of a page from which a picture may be a scan


def read(path: Path, options: dict[str, Any]) -> PdfPages:
    """Return the pages. Raises `DocumentError` when the file is locked or damaged."""
    try:
        with pdfplumber.open(path) as pdf:
            total = len(pdf.pages)
            if total > _MOST_PAGES:
                raise DocumentError(path, f"it has {total:,} pages; at most {_MOST_PAGES:,} are read", "Split the file.")
            wanted = pdf.pages[options.get("first", 0) :][: options.get("count", total)]
            pages = []
            for page in wanted:
                pages.append(_page(page))
                page.close()  # pdfplumber keeps every letter of a page until then
            stated = {str(key): str(value) for key, value in (pdf.metadata or {}).items()}
    except PdfminerException as error:
        if error.args and isinstance(error.args[0], PDFPasswordIncorrect):
            raise DocumentError(path, "the PDF is locked with a password", "Save it without a password.") from error
        if error.args and isinstance(error.args[0], MemoryError):
            raise MemoryError from error
        reason = f"the PDF is damaged ({error.args[0] if error.args else error!r})"
        raise DocumentError(path, reason, "Open it in its own program and save it again.") from error
    if not total:
        raise DocumentError(path, "the PDF has no pages", "Open it in its own program and save it again.")
    return PdfPages(
        total=total, pages=tuple(pages), title=clean(stated.get("Title", "")),
        date=_date(stated.get("ModDate", "")) or _date(stated.get("CreationDate", "")),
    )  # fmt: skip


def _date(value: str) -> str:
    """Return `D:20210405120000` as `2021-04-05`."""
    digits = value.removeprefix("D:")[:8]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 and digits.isdigit() else ""  # noqa: PLR2004


def _page(page: Page) -> PdfPage:
    tables = [table for table in page.find_tables() if _is_table(table.extract())]
    words = [
        Word(
            text=word["text"], left=word["x0"], right=word["x1"], top=word["top"], bottom=word["bottom"], size=word["size"],
            bold="bold" in word["fontname"].lower() or "black" in word["fontname"].lower(),
        )
        for word in page.extract_words(extra_attrs=["size", "fontname"], x_tolerance_ratio=_SPACE)
        if word["size"] >= _SMALLEST and _on_page(word, page) and not any(_inside(word, table.bbox) for table in tables)
    ]  # fmt: skip
    lines = lines_in_order(words, [_row_lines(table) for table in tables])
    return PdfPage(
        number=page.page_number,
        height=float(page.height),
        lines=tuple(
            PdfLine(
                text=text, left=line.left, top=line.top, bottom=line.bottom, size=round(line.size, 1), bold=line.bold,
                column=line.column, row=line.row,
            )
            for line in lines
            if (text := clean(_HYPHENATED.sub("-", line.text)))
        ),
        scanned=not words and any(_share(image, page) >= _PICTURE for image in page.images),
    )  # fmt: skip


def _is_table(rows: list[list[str | None]]) -> bool:
    """A box around a text is no table; a table has at least two rows and columns with something in them."""
    filled = [[cell for cell in row if cell and cell.strip()] for row in rows]
    return len([row for row in filled if len(row) > 1]) > 1


def _row_lines(table: Any) -> list[Line]:
    """Return the rows of a table as lines at the table's place."""
    rows = [[" ".join(clean(cell or "").split()) for cell in row] for row in table.extract()]
    left, top, right, bottom = table.bbox
    texts = rows_as_text(rows, headed=True)
    step = (bottom - top) / max(1, len(texts))
    return [
        Line(text=text, left=left, right=right, top=top + place * step, bottom=top + (place + 1) * step, size=0.0, row=True)
        for place, text in enumerate(texts)
    ]


def _on_page(word: dict[str, Any], page: Page) -> bool:
    return bool(0 <= (word["x0"] + word["x1"]) / 2 <= page.width and 0 <= (word["top"] + word["bottom"]) / 2 <= page.height)


def _inside(word: dict[str, Any], box: tuple[float, float, float, float]) -> bool:
    across, down = float(word["x0"] + word["x1"]) / 2, float(word["top"] + word["bottom"]) / 2
    return box[0] <= across <= box[2] and box[1] <= down <= box[3]


def _share(image: dict[str, Any], page: Page) -> float:
    return float(abs(image["x1"] - image["x0"]) * abs(image["bottom"] - image["top"]) / (page.width * page.height))
