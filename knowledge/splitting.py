"""Cuts a document into chunks: one for each section, a long section on sentence ends.

Input: a `Document`. Output: `Chunk`s, each with all it takes to filter, show and cite it. See `index.py` for where they go.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from knowledge.document import Audience, Claims, Document, Kind, Role, Section, Source, Task
from knowledge.sentences import sentences
from knowledge.vehicles import VehicleScope

MAX_WORDS = 300  # about what the bundled embedder reads of one text (512 tokens), in French and English


class Chunk(BaseModel):
    """An indexed piece of a document. `id` is made of document, language, section and part, and fits into an address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    document_id: str
    kind: Kind
    title: str
    section_id: str
    section: str
    role: Role
    task: Task | None
    part: int
    language: str
    audience: Audience
    markets: tuple[str, ...]
    vehicles: tuple[VehicleScope, ...]
    features: tuple[str, ...]
    claims: Claims
    sources: tuple[Source, ...]
    text: str

    def is_for(self, market: str) -> bool:
        """Say whether it may be shown in a market."""
        return "*" in self.markets or market in self.markets

    @property
    def passage(self) -> str:
        """What is embedded and searched: the text with its document as context."""
        return f"{self.title} — {self.section}\n{self.text}"


def split(document: Document) -> list[Chunk]:
    """Return the chunks of `document` in reading order."""
    front = document.front
    return [
        Chunk(
            id=f"{document.key}.{section.id}" + (f".{part}" if part > 1 else ""),
            document_id=front.id, kind=front.kind, title=front.title, section_id=section.id, section=section.heading,
            role=section.role, task=section.task, part=part, language=front.language, audience=front.audience,
            markets=front.markets, vehicles=section.vehicles, features=front.features, claims=section.claims,
            sources=section.sources, text=text,
        )
        for section in document.sections
        for part, text in enumerate(_parts(section, front.language), start=1)
    ]  # fmt: skip


def _parts(section: Section, language: str) -> list[str]:
    """Cut on sentence ends, so that every part stays a verbatim piece of the section's text."""
    parts: list[str] = []
    start = position = words = 0
    for sentence in sentences(section.text, language):
        length = len(sentence.text.split())
        at = section.text.index(sentence.text, position)
        if words and words + length > MAX_WORDS:
            parts.append(section.text[start:position].strip())
            start, words = position, 0
        words += length
        position = at + len(sentence.text)
    return [*parts, section.text[start:].strip()]
