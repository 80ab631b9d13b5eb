"""Reads JSON lines: one object a line, each a page or a question with its answer.

Input: a .jsonl file. Output: a `Reading`. A page is `{"title", "text"}` or `{"title", "sections": [{"heading", "text",
"tags"?}]}` with any front-matter key beside them; `{"question", "answer"}` rows of one id and language become one page.
Lines that are neither are refused by number, and the rest is read.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from knowledge.document import FrontMatter
from knowledge.errors import DocumentError
from knowledge.loaders.extract import Extract, ExtractedSection, Reading, Refusal
from knowledge.loaders.plain_text import clean

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_METADATA = frozenset(FrontMatter.model_fields)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Entry(_Strict):
    question: Text
    answer: Text
    tags: str = ""


class _Part(_Strict):
    heading: Text
    text: Text
    tags: str = ""


class _Page(_Strict):
    text: Text | None = None
    sections: tuple[_Part, ...] = ()


def read(path: Path, options: dict[str, Any]) -> Reading:  # noqa: ARG001  every reader is called the same way
    """Return pages and entries. Raises `DocumentError` when the file is not UTF-8."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(path, f"byte {error.start} is not UTF-8", "Save the file as UTF-8.") from error
    pages: list[Extract] = []
    entries: dict[tuple[str, str], list[ExtractedSection]] = {}
    refusals: list[Refusal] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            _take(line, number, pages, entries)
        except (ValueError, RecursionError) as error:
            refusals.append(_refusal(error, number))
    for (page, language), sections in entries.items():
        stated = {key: value for key, value in (("id", page), ("language", language)) if value}
        pages.append(Extract(metadata=stated, sections=tuple(sections)))
    return Reading(extracts=tuple(pages), refusals=tuple(refusals))


def _take(line: str, number: int, pages: list[Extract], entries: dict[tuple[str, str], list[ExtractedSection]]) -> None:
    values = json.loads(line)
    if not isinstance(values, dict):
        message = "the line is not an object"
        raise ValueError(message)  # noqa: TRY004  told like any other wrong line
    if "question" in values:
        key = (str(values.pop("id", "")), str(values.pop("language", "")))
        entry = _Entry.model_validate(values)
        heading = " ".join(clean(entry.question).split())
        entries.setdefault(key, []).append(
            ExtractedSection(heading=heading, text=clean(entry.answer), tags=entry.tags, line=number)
        )
        return
    metadata = {name: values.pop(name) for name in list(values) if name in _METADATA}
    page = _Page.model_validate(values)
    parts = list(page.sections)
    if page.text:
        parts.insert(0, _Part(heading=str(metadata.get("title") or "…"), text=page.text))
    if not parts:
        message = "the page has neither 'text' nor 'sections'"
        raise ValueError(message)
    sections = tuple(
        ExtractedSection(heading=clean(part.heading), text=clean(part.text), tags=part.tags, line=number) for part in parts
    )
    pages.append(Extract(metadata=metadata, sections=sections))


def _refusal(error: Exception, line: int) -> Refusal:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        return Refusal(reason=first["msg"], cure="Correct the value, or remove the key.", line=line, field=field)
    if isinstance(error, json.JSONDecodeError):
        return Refusal(reason=f"the line is not JSON ({error.msg})", cure="Write one object on each line.", line=line)
    return Refusal(reason=str(error) or "nested too deeply", cure="Write one page or question on each line.", line=line)
