"""Reads a web page: the main content in sections, one for each heading.

Input: an HTML file. Output: a `Reading` with one extract. Menus, scripts, forms and whatever the page hides from its
readers are left out; links to other files of the folder are kept for `health.py` to follow.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Comment, Tag
from bs4.element import NavigableString

from knowledge.errors import DocumentError
from knowledge.loaders.extract import Extract, Reading
from knowledge.loaders.outline import Outline, rows_as_text
from knowledge.loaders.plain_text import clean, decode, invisible

_DROPPED = (
    "script", "style", "noscript", "template", "nav", "footer", "aside", "form", "iframe", "object", "embed", "svg", "canvas",
    "button", "select", "input", "textarea", "dialog", "head",
)  # fmt: skip
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])|text-indent\s*:\s*-\d{3,}",
    re.IGNORECASE,
)
_MENU_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary", "menu"})
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "summary")
_PARAGRAPHS = ("p", "li", "pre", "blockquote", "figcaption", "dt", "dd", "tr", "div", "td", "th", "address", "section", "article")
_BLOCKS = (*_HEADINGS, *_PARAGRAPHS, "table", "ol", "ul")
_SUMMARY_LEVEL = 6  # the question of a fold-out answer stands below any heading


def read(path: Path, options: dict[str, Any]) -> Reading:  # noqa: ARG001  every reader is called the same way
    """Return the main content of the page. Raises `DocumentError` when it holds no text."""
    soup = BeautifulSoup(_decoded(path.read_bytes()), "lxml")
    title = clean(soup.title.get_text(" ")) if soup.title else ""
    metadata = {"language": _language(soup), "date": _date(soup)}
    identifiers = {str(tag[key]) for tag in _tags(soup) for key in ("id", "name") if tag.get(key)}
    hidden = _drop(soup)
    main = soup.find("main") or soup.select_one("[role=main]") or soup.find("article") or soup.body or soup
    marks = invisible(main.get_text())
    links = tuple(sorted({str(tag["href"]) for tag in main.find_all("a", href=True)} - {f"#{name}" for name in identifiers}))
    gathering = _Gathering()
    gathering.walk(main)
    sections = gathering.outline.sections(title or path.stem)
    if not sections:
        raise DocumentError(path, "the page holds no text", "Save the page as it is shown, with its text in it.")
    metadata["title"] = gathering.outline.title or title
    stated = {key: value for key, value in metadata.items() if value}
    notes = [f"{marks} invisible characters were taken out"] if marks else []
    notes += [f"text hidden from readers was left out: {excerpt!r}" for excerpt in hidden]
    return Reading(extracts=(Extract(metadata=stated, sections=sections, links=links),), notes=tuple(notes))


def _decoded(raw: bytes) -> str | bytes:
    """Return text where the encoding is certain; otherwise bytes, for the parser to follow the page's own declaration."""
    if b"charset" in raw[:2048].lower():
        return raw
    try:
        return decode(raw)[0]
    except UnicodeError:
        return raw


def _language(soup: BeautifulSoup) -> str:
    root = soup.find("html")
    said = str(root.get("lang") or root.get("xml:lang") or "") if isinstance(root, Tag) else ""
    code = said.strip().lower()[:2]
    return code if re.fullmatch(r"[a-z]{2}", code) else ""


def _date(soup: BeautifulSoup) -> str:
    """Return the day of the last change, or else of publication, that the page states, as `YYYY-MM-DD`."""
    names = ("article:modified_time", "last-modified", "dcterms.modified", "article:published_time", "date", "dcterms.date")
    stated = {str(tag.get("property") or tag.get("name")).lower(): str(tag.get("content") or "") for tag in soup.find_all("meta")}
    days = (re.match(r"\d{4}-\d\d-\d\d", stated.get(name, "")) for name in names)
    return next((day.group() for day in days if day), "")


def _drop(soup: BeautifulSoup) -> list[str]:
    """Take out what is no content, in place; return the beginnings of what was hidden from readers."""
    for comment in soup.find_all(string=lambda string: isinstance(string, Comment)):
        comment.extract()
    for tag in soup.find_all(_DROPPED):
        tag.decompose()
    hidden = []
    for tag in _tags(soup):
        if tag.decomposed:
            continue
        if _is_hidden(tag):
            text = clean(tag.get_text(" "))
            hidden += [text[:60]] if text else []
            tag.decompose()
        elif str(tag.get("role", "")).lower() in _MENU_ROLES:
            tag.decompose()
    return hidden


def _tags(soup: BeautifulSoup) -> list[Tag]:
    return [tag for tag in soup.descendants if isinstance(tag, Tag)]


def _is_hidden(tag: Tag) -> bool:
    return (
        tag.has_attr("hidden")
        or str(tag.get("aria-hidden", "")).lower() == "true"
        or bool(_HIDDEN_STYLE.search(str(tag.get("style", ""))))
    )


class _Gathering:
    """Walks through the content and keeps headings and paragraphs in reading order."""

    def __init__(self) -> None:
        self.outline = Outline()
        self._inline: list[str] = []

    def walk(self, tag: Tag) -> None:
        """Take in everything below `tag`."""
        for child in tag.children:
            if isinstance(child, NavigableString):
                self._inline.append(str(child))
            elif isinstance(child, Tag):
                self._take(child)
        self._flush()

    def _take(self, tag: Tag) -> None:
        if tag.name == "br":
            self._inline.append(" ")
        elif tag.name in _HEADINGS:
            self._flush()
            self.outline.head(int(tag.name[1]) if tag.name != "summary" else _SUMMARY_LEVEL, _line(tag))
        elif tag.name == "table":
            self._flush()
            for row in _rows(tag):
                self.outline.add(row)
        elif tag.name in ("ol", "ul"):
            self._flush()
            self._list(tag)
        elif tag.name in _PARAGRAPHS or tag.find(_BLOCKS):
            self._flush()
            self.walk(tag)
        else:
            self._inline.append(tag.get_text())

    def _list(self, tag: Tag) -> None:
        """Keep the items of a list; those of an ordered one stay together as numbered lines."""
        items = (_line(item) for item in tag.find_all("li") if item.find_parent(("ol", "ul")) is tag)
        for number, text in enumerate(text for text in items if text):
            if tag.name == "ol":
                self.outline.add_item(text, first=number == 0)
            else:
                self.outline.add(text)

    def _flush(self) -> None:
        text = " ".join(clean("".join(self._inline)).split())
        self._inline.clear()
        if text:
            self.outline.add(text)


def _line(tag: Tag) -> str:
    return " ".join(clean(tag.get_text(" ")).split())


def _rows(table: Tag) -> list[str]:
    """Return a paragraph for each row, every cell with the head of its column where the table has one."""
    rows = [
        ([_line(cell) for cell in row.find_all(("td", "th"))], not row.find("td"))
        for row in table.find_all("tr")
        if row.find_parent("table") is table
    ]
    return rows_as_text([cells for cells, _ in rows], headed=bool(rows) and rows[0][1])
