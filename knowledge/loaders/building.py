"""Makes a `Document` of an `Extract` and its front matter: names and roles for sections, pages and seconds for citations.

Input: what a reader found, completed. Output: a `Document` like any that was written as Markdown.
"""

from __future__ import annotations

import re
import shlex
from itertools import groupby
from typing import Any

from pydantic import ValidationError

from knowledge.document import Document, FrontMatter, Kind, Role, Section, Source
from knowledge.errors import DocumentError
from knowledge.loaders.extract import Extract, ExtractedSection
from knowledge.loaders.metadata import slug
from knowledge.vehicles import VehicleScope

_LETTER = re.compile(r"[^\W\d_]")
_ROOM_FOR_NUMBER = 58  # letters of a section's name, so that "-2" still fits
_STEP = re.compile(r"\d+\. ")
_WHOLE = frozenset({"faq", "glossary", "objection"})  # an answer stays in one piece, steps and all
_ROLES: dict[Kind, Role] = {
    "tutorial": Role.WHAT,
    "story": Role.STORY,
    "comfort": Role.WHAT,
    "heritage": Role.STORY,
    "model": Role.MODELS,
    "objection": Role.OBJECTION,
    "brand": Role.STORY,
    "faq": Role.QUESTION,
    "glossary": Role.DEFINITION,
}


def build(extract: Extract, front: FrontMatter, *, name: str) -> Document:
    """Return the document. Raises `DocumentError` when a heading's attributes are wrong, or no section holds a word."""
    taken: set[str] = set()
    parts = [piece for part in extract.sections for piece in _pieces(part, front.kind) if _LETTER.search(piece.text)]
    sections = tuple(_section(part, front, taken, name) for part in parts)
    if not sections:
        raise DocumentError(name, "there is no text in it", "Check that its text is not in pictures.")
    return Document(front=front, sections=sections, path=name)


def _section(part: ExtractedSection, front: FrontMatter, taken: set[str], name: str) -> Section:
    said = _tags(part, name)
    is_steps = front.kind not in _WHOLE and _is_steps(part.text)
    place = f" (p. {part.page})" if part.page else ""
    heading = part.heading if part.second is None else f"{front.title}, {part.heading}"
    try:
        return Section.model_validate(
            {
                "id": _name(said.get("id") or _default_name(part), taken),
                "heading": heading + place,
                "role": said.get("role") or (Role.STEPS if is_steps else _ROLES[front.kind]),
                "task": said.get("task") or ("use" if is_steps and "role" not in said else None),
                "vehicles": _vehicles(said.get("vehicles"), part, front, name),
                "sources": tuple(_placed(source, part) for source in front.sources),
                "claims": front.claims,
                "text": part.text,
                "line": part.line,
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(key) for key in first["loc"])
        reason = f"{first['msg']} (section {part.heading[:60]!r})"
        raise DocumentError(name, reason, "Correct the heading's attributes.", line=part.line, field=field) from error


def _pieces(part: ExtractedSection, kind: Kind) -> list[ExtractedSection]:
    """Take numbered steps apart from the prose around them, unless the author gave the section a role."""
    if kind in _WHOLE or part.tags:
        return [part]
    groups = groupby(part.text.split("\n\n"), key=_is_steps)
    return [part.model_copy(update={"text": "\n\n".join(paragraphs)}) for _, paragraphs in groups]


def _is_steps(text: str) -> bool:
    return all(_STEP.match(line) for line in text.split("\n") if line)


def _tags(part: ExtractedSection, name: str) -> dict[str, str]:
    """Return id, role, task and vehicles of a heading's attributes."""
    said: dict[str, Any] = {}
    try:
        words = shlex.split(part.tags)
    except ValueError as error:
        raise DocumentError(name, f"the attributes {part.tags!r} can't be read", "Close every quote.", line=part.line) from error
    for word in words:
        key, equals, value = word.partition("=")
        if word.startswith("#"):
            said["id"] = word[1:]
        elif word.startswith("."):
            said["role"] = word[1:]
        elif equals and key in ("task", "vehicles"):
            said[key] = value
        else:
            cure = "Known are #id, .role, task= and vehicles=."
            raise DocumentError(name, f"the section attribute {word!r} is not known", cure, line=part.line, field=key)
    return said


def _vehicles(value: str | None, part: ExtractedSection, front: FrontMatter, name: str) -> tuple[VehicleScope, ...]:
    """Return the cars that a section names among those of its page; all of them when it names none, none for "*"."""
    if value is None:
        return front.vehicles
    if value.strip() == "*":
        return ()
    by_label = {scope.label: scope for scope in front.vehicles}
    labels = [label.strip() for label in value.split(";")]
    unknown = [label for label in labels if label not in by_label]
    if unknown:
        reason = f"the section names {unknown[0]!r}, which is not among the page's cars"
        raise DocumentError(name, reason, "Add the car to 'vehicles:', or correct it.", line=part.line, field="vehicles")
    return tuple(by_label[label] for label in labels)


def _default_name(part: ExtractedSection) -> str:
    return f"t{part.second}" if part.second is not None else slug(part.heading)


def _name(wanted: str, taken: set[str]) -> str:
    """Return `wanted`, with a number when an earlier section of the document bears it."""
    base = wanted[:_ROOM_FOR_NUMBER].rstrip("-")
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name)
    return name


def _placed(source: Source, part: ExtractedSection) -> Source:
    """Return the source with the page or second, in its name and in its address (`#page=12`, `#t=83`)."""
    if part.page is not None:
        place, fragment = f"page {part.page}", f"page={part.page}"
    elif part.second is not None:
        place, fragment = part.heading, f"t={part.second}"
    else:
        return source
    url = f"{source.url.partition('#')[0]}#{fragment}" if source.url else None
    return source.model_copy(update={"label": f"{source.label}, {place}", "url": url})
