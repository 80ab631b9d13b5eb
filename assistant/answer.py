"""What goes in and what comes out: `Question`, `Answer` and its parts, and the events of a streamed answer.

`Answer.as_json()` is the object of the command line and of batch files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from knowledge.splitting import Chunk
from knowledge.vehicles import Vehicle

Channel = Literal["website", "store", "social"]
Composer = Literal["extractive", "generative"]


class Decision(StrEnum):
    """What the assistant does with a question."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    DECLINE = "decline"
    HANDOVER = "handover"
    EMERGENCY = "emergency"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a person typed, and what is known around it. The audience is not here: an `Assistant` has exactly one.

    `earlier` are questions that a client says were asked before in a conversation that is not recorded: they help to
    understand this one, and nothing else. `owner` is the token of the visitor whose conversation it is.
    """

    text: str
    language: str | None = None
    market: str | None = None
    channel: Channel = "website"
    vehicle: str | None = None
    conversation_id: str | None = None
    earlier: tuple[str, ...] = ()
    owner: str | None = None


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One sentence that asserts something, with the numbers of the citations it rests on.

    `step` is its number in a list of steps, from 1. `grounded` is what verification found.
    """

    text: str
    citations: tuple[int, ...]
    grounded: bool
    step: int | None = None


@dataclass(frozen=True, kw_only=True)
class Citation:
    """A number in the answer, resolved to a passage. `quote` is verbatim text of the chunk."""

    n: int
    chunk: Chunk
    quote: str

    @property
    def url(self) -> str | None:
        """The first source address that may be shown to people: the maker's own page or a press outlet's."""
        return next((source.url for source in self.chunk.sources if source.url), None)

    def as_json(self) -> dict[str, Any]:
        """Return the object of the API."""
        return {
            "n": self.n,
            "document_id": self.chunk.document_id,
            "chunk_id": self.chunk.id,
            "title": self.chunk.title,
            "section": self.chunk.section,
            "language": self.chunk.language,
            "url": self.url,
            "quote": self.quote,
            "as_of": self.chunk.claims.as_of,
            "status": self.chunk.claims.status,
            "sources": [{"label": source.label, "year": source.year} for source in self.chunk.sources],
        }


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The whole answer to one question. `language` is that of `text`; times are in milliseconds."""

    decision: Decision
    text: str
    language: str
    question_language: str
    conversation_id: str
    turn: int = 0  # its number in the conversation as recorded, from 1; 0 when it was not; not part of the object
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    choices: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    vehicle: Vehicle | None = None
    rules: tuple[str, ...] = ()
    confidence: float = 0.0
    evidence: dict[str, float] = field(default_factory=dict)  # what the confidence rests on; not part of the API
    composer: Composer = "extractive"
    withheld: int = 0
    timings_ms: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the object of the API."""
        return {
            "decision": self.decision.value,
            "text": self.text,
            "language": self.language,
            "question_language": self.question_language,
            "conversation_id": self.conversation_id,
            "statements": [
                {"text": statement.text, "citations": list(statement.citations), "grounded": statement.grounded}
                for statement in self.statements
            ],
            "citations": [citation.as_json() for citation in self.citations],
            "choices": list(self.choices),
            "suggestions": list(self.suggestions),
            "vehicle": self.vehicle.as_json() if self.vehicle else None,
            "rules": list(self.rules),
            "confidence": round(self.confidence, 3),
            "composer": self.composer,
            "withheld": self.withheld,
            "timings_ms": {name: round(value, 1) for name, value in self.timings_ms.items()},
        }


@dataclass(frozen=True, kw_only=True)
class Started:
    """The first event: under which conversation the answer is given."""

    conversation_id: str


@dataclass(frozen=True, kw_only=True)
class Delta:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Cited:
    """A citation, sent before the first text that carries its number."""

    citation: Citation


@dataclass(frozen=True, kw_only=True)
class Done:
    """The last event: the whole answer."""

    answer: Answer


Event = Started | Delta | Cited | Done
