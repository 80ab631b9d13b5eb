"""Makes sections of the lines of a PDF: headings, paragraphs and steps, each with its page.

Input: the pages that `pdf_pages.py` read. Output: an `Extract`. Headers, footers and page numbers, which stand on every
page, are dropped; a sentence that runs over a page is put together, and belongs to the page on which it begins.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from knowledge.errors import DocumentError
from knowledge.loaders.extract import Extract, Reading
from knowledge.loaders.outline import Outline
from knowledge.loaders.pdf_layout import PdfLine, PdfPage

_EDGE = 0.12  # share of the height at either end where headers and footers stand
_SAME_HEIGHT = 3.0  # points that lines of one header may differ by
_AROUND_NUMBER = " -\u2013/|"
_NEAR = 4.0  # points that a header's place may differ by
_BIGGER = 1.12  # size of a heading to the size of the text
_LONGEST_HEADING = 100
_WIDE_GAP = 1.4  # of the usual gap: a wider one ends a paragraph
_ITEM = re.compile(r"^(\d{1,2})[.)]\s+(?=\S)")
_BULLET = re.compile(r"^[•‣▪■●◦\uf0b7\uf0a7\uf02d·\u2013\u2014*►▶-]\s+(?=\S)")
_DIGITS = re.compile(r"\d+")
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010]$")
_ENDED = re.compile(r"[.!?…:;][\"»”)]*$")


@dataclass(frozen=True, kw_only=True)
class _Placed:
    page: int
    line: PdfLine


@dataclass(kw_only=True)
class _Paragraph:
    page: int
    text: str
    kind: str  # "heading", "item", "bullet", "row" or "text"
    size: float = 0.0
    number: int = 0


def sections_of(pages: list[PdfPage], *, name: str) -> Reading:
    """Return the text of the pages as one extract. Raises `DocumentError` when there is none; `name` is the file's."""
    kept = _without_repeats(pages)
    if not kept:
        if any(page.scanned for page in pages):
            reason = "the PDF holds pictures of its pages and no text"
            raise DocumentError(name, reason, "Run text recognition (OCR) on it, and save the result.")
        raise DocumentError(name, "the PDF holds no text", "Export it again from the program that made it.")
    outline = Outline()
    paragraphs = list(_paragraphs(kept))
    sizes = sorted({paragraph.size for paragraph in paragraphs if paragraph.kind == "heading"}, reverse=True)
    for paragraph in paragraphs:
        if paragraph.kind == "heading":
            outline.head(min(sizes.index(paragraph.size) + 1, 6), paragraph.text, page=paragraph.page)
        elif paragraph.kind == "item":
            outline.add_item(paragraph.text, page=paragraph.page, first=paragraph.number == 1)
        else:
            outline.add(paragraph.text, page=paragraph.page)
    blank = [page.number for page in pages if page.scanned]
    notes = (f"{len(blank)} pages are pictures without text (first: page {blank[0]})",) if blank else ()
    only_title = sum(paragraph.kind == "heading" and paragraph.size == sizes[0] for paragraph in paragraphs) == 1
    metadata = {"title": outline.title} if only_title else {}
    return Reading(extracts=(Extract(metadata=metadata, sections=outline.sections(name)),), notes=notes)


def _without_repeats(pages: list[PdfPage]) -> list[_Placed]:
    """Return the lines of all pages but headers, footers and page numbers."""
    seen: dict[str, list[tuple[int, float]]] = defaultdict(list)
    edges = [(page, _edge_rows(page)) for page in pages]
    for page, rows in edges:
        for row in rows:
            seen[_pattern(row)].append((page.number, _from_edge(row[0], page)))
    fewest = min(3, len(pages))

    def repeats(row: list[PdfLine], page: PdfPage) -> bool:
        here = _from_edge(row[0], page)
        return len({number for number, place in seen[_pattern(row)] if abs(place - here) <= _NEAR}) >= fewest

    kept = []
    for page, rows in edges:
        dropped = [row for row in rows if _pattern(row).strip(_AROUND_NUMBER) == "#" or (len(pages) > 1 and repeats(row, page))]
        gone = {id(line) for row in dropped for line in row}
        kept += [_Placed(page=page.number, line=line) for line in page.lines if id(line) not in gone]
    return kept


def _edge_rows(page: PdfPage) -> list[list[PdfLine]]:
    """Return what stands at either end of a page, the lines of one height together: a header may reach over columns."""
    rows: list[list[PdfLine]] = []
    for line in sorted(page.lines, key=lambda line: line.top):
        if line.bottom > _EDGE * page.height and line.top < (1 - _EDGE) * page.height:
            continue
        if rows and line.top - rows[-1][0].top <= _SAME_HEIGHT:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.left) for row in rows]


def _from_edge(line: PdfLine, page: PdfPage) -> float:
    """Return the place of a line; from the bottom, in the lower half, as a negative number, since pages differ in height."""
    return line.top if line.top < page.height / 2 else line.bottom - page.height


def _pattern(row: list[PdfLine]) -> str:
    """Return the text with every number alike: "Page 12 of 40" is the header of page 13 too."""
    return _DIGITS.sub("#", " ".join(line.text for line in row).casefold())


def _paragraphs(placed: list[_Placed]) -> Iterator[_Paragraph]:
    """Yield paragraphs; lines join while they are of one kind, near each other, and the text goes on."""
    letters: Counter[float] = Counter()
    for item in placed:
        letters[item.line.size] += 0 if item.line.row else len(item.line.text)
    usual = letters.most_common(1)[0][0] or 10.0
    gap = _usual_gap(placed, usual)
    current: _Paragraph | None = None
    last: _Placed | None = None
    for item in placed:
        begun = _begun(item, usual)
        if current and last and _goes_on(current, last, begun, item, gap):
            current.text = _joined(current.text, begun.text)
        else:
            if current:
                yield current
            current = begun
        last = item
    if current:
        yield current


def _begun(item: _Placed, usual: float) -> _Paragraph:
    """Return the paragraph that begins with a line, if one does."""
    line, text = item.line, item.line.text
    if line.row:
        return _Paragraph(page=item.page, text=text, kind="row")
    number = _ITEM.match(text)
    bigger = line.size >= _BIGGER * usual
    if (bigger or (line.bold and not _ENDED.search(text))) and len(text) <= _LONGEST_HEADING and (bigger or not number):
        return _Paragraph(page=item.page, text=text, kind="heading", size=line.size)
    if number:
        return _Paragraph(page=item.page, text=text[number.end() :], kind="item", number=int(number[1]))
    bullet = _BULLET.match(text)
    if bullet:
        return _Paragraph(page=item.page, text=text[bullet.end() :], kind="bullet")
    return _Paragraph(page=item.page, text=text, kind="text")


def _goes_on(current: _Paragraph, last: _Placed, begun: _Paragraph, item: _Placed, gap: float) -> bool:
    """Say whether a line belongs to the paragraph before it."""
    moved = item.page != last.page or item.line.column != last.line.column
    near = not moved and item.line.top - last.line.bottom <= gap
    if current.kind == "heading":
        return begun.kind == "heading" and near and abs(begun.size - current.size) < 1.0
    if begun.kind != "text" or current.kind == "row":
        return False
    if moved:  # over a page or column a sentence goes on only when it had not ended
        return not _ENDED.search(current.text) and begun.text[:1].islower()
    return near


def _usual_gap(placed: list[_Placed], usual: float) -> float:
    """Return the largest distance in points between lines of one paragraph."""
    gaps = [
        after.line.top - before.line.bottom
        for before, after in pairwise(placed)
        if (before.page, before.line.column) == (after.page, after.line.column)
        and not before.line.row
        and not after.line.row
        and abs(before.line.size - after.line.size) < 1.0
        and -usual < after.line.top - before.line.bottom < usual
    ]
    return max(median(gaps), 0.1 * usual) * _WIDE_GAP + 0.1 * usual if gaps else 0.5 * usual


def _joined(text: str, more: str) -> str:
    """Join two lines; a word divided at the line's end is made whole, a compound that goes on in capitals keeps its hyphen."""
    if _HYPHEN.search(text) and more[:1].islower():
        return text[:-1] + more
    return f"{text} {more}" if not _HYPHEN.search(text) else text + more
