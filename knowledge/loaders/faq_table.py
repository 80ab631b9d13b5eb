"""Reads a table of questions and answers.

Input: a CSV file in any usual encoding, with commas, semicolons or tabs. Output: a `Reading` with one extract for each
language and page id in it, one section a row. Rows without a question or an answer are refused by their line.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from knowledge.errors import DocumentError
from knowledge.loaders.extract import Extract, ExtractedSection, Reading, Refusal
from knowledge.loaders.plain_text import clean, decode
from knowledge.words import fold

_DELIMITERS = ";,\t|"
_SAMPLE = 65_536
_LONGEST_CELL = 100_000
_COLUMNS = {
    "question": ("question", "questions", "frage", "pregunta", "domanda", "pergunta", "vraag", "q"),
    "answer": ("answer", "reponse", "reponses", "antwort", "respuesta", "risposta", "resposta", "antwoord", "a", "r"),
    "language": ("language", "langue", "sprache", "lang"),
    "id": ("id", "page"),
    "tags": ("tags",),
}


def read(path: Path, options: dict[str, Any]) -> Reading:  # noqa: ARG001  every reader is called the same way
    """Return the rows as sections. Raises `DocumentError` when there are no columns for question and answer."""
    try:
        text, encoding = decode(path.read_bytes())
    except UnicodeError as error:
        raise DocumentError(path, "its encoding can't be told", "Save it as CSV UTF-8.") from error
    csv.field_size_limit(_LONGEST_CELL)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        heads = next((row for row in rows if any(cell.strip() for cell in row)), [])
        columns, unused = _columns(heads)
        if not {"question", "answer"} <= columns.keys():
            found = ", ".join(repr(head.strip()[:40]) for head in heads[:8])
            reason = f"it has no columns 'question' and 'answer' (found: {found})"
            raise DocumentError(path, reason, "Name the two columns in the first line.")
        extracts, refusals = _gathered(rows, columns)
    except csv.Error as error:
        cure = "Close every quotation mark, or save the table anew."
        raise DocumentError(path, f"the table can't be read ({error})", cure, line=max(1, rows.line_num)) from error
    notes = [] if encoding in ("UTF-8", "UTF-16") else [f"read as {encoding}"]
    notes += [f"the column {head!r} is not used" for head in unused]
    return Reading(extracts=extracts, refusals=refusals, notes=tuple(notes))


def _delimiter(text: str) -> str:
    """Return the delimiter: the sniffer's, or else the one that the first line holds most of."""
    first = text.lstrip("\ufeff\r\n").split("\n", 1)[0]
    try:
        found = csv.Sniffer().sniff(text[:_SAMPLE], delimiters=_DELIMITERS).delimiter
    except csv.Error:
        found = ""
    return found if found in first and found else max(_DELIMITERS, key=first.count)


def _columns(heads: list[str]) -> tuple[dict[str, int], list[str]]:
    """Return where the known columns stand, and the heads of the others."""
    columns: dict[str, int] = {}
    unused = []
    for place, head in enumerate(heads):
        name = next((known for known, names in _COLUMNS.items() if fold(head.strip()) in names), None)
        if name is not None and name not in columns:
            columns[name] = place
        elif head.strip():
            unused.append(head.strip()[:40])
    return columns, unused


def _gathered(rows: Any, columns: dict[str, int]) -> tuple[tuple[Extract, ...], tuple[Refusal, ...]]:
    found: dict[tuple[str, str], list[ExtractedSection]] = {}
    refusals = []
    end = rows.line_num
    for row in rows:
        line, end = end + 1, rows.line_num
        cells = {name: clean(row[place]) if place < len(row) else "" for name, place in columns.items()}
        if not any(cells.values()):
            continue
        missing = [name for name in ("question", "answer") if not cells[name]]
        if missing:
            refusals.append(Refusal(reason=f"the row has no {missing[0]}", cure="Write it, or remove the row.", line=line))
            continue
        heading = " ".join(cells["question"].split())
        section = ExtractedSection(heading=heading, text=cells["answer"], tags=cells.get("tags", ""), line=line)
        found.setdefault((cells.get("id", ""), cells.get("language", "").lower()[:2]), []).append(section)
    extracts = tuple(
        Extract(metadata={key: value for key, value in (("id", page), ("language", language)) if value}, sections=tuple(sections))
        for (page, language), sections in found.items()
    )
    return extracts, tuple(refusals)
