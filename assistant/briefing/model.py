"""What goes into a briefing and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from assistant.answer import Citation, Statement
from knowledge.errors import BrandAssistantError
from knowledge.vehicles import Vehicle

Has = Literal["with", "without", "not-stated"]
Minutes = Literal[1, 2, 5]
WORDS_A_MINUTE = 150


class BriefingError(BrandAssistantError):
    """A briefing that can't be made; the message names the car at fault and the nearest ones there are."""


@dataclass(frozen=True, kw_only=True)
class BriefingRequest:
    """A car as people write it ("C3 2019"), the customer in a few free words, and the minutes there are.

    The customer's words choose what is said; they are neither shown nor kept.
    """

    vehicle: str
    customer: str = ""
    minutes: Minutes = 2
    language: str = "fr"


@dataclass(frozen=True, kw_only=True)
class Line(Statement):
    """A sentence. `lead` is the objection that it begins to answer, or the question that it gives the reason for."""

    lead: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part of a briefing, by what it is for."""

    role: str
    statements: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the pages say of the car's cushions, in one line, with the passage that says it."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class NeverSay:
    """A claim to keep from, and why."""

    claim: str
    why: str
    citations: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Briefing:
    """The whole briefing. `words` counts everything to be said or kept in mind; `notes` are phrases without facts."""

    vehicle: Vehicle
    car: str
    cushions: Has
    verdict: Verdict
    language: str
    minutes: int
    words: int
    idea: str
    idea_title: str
    notes: tuple[str, ...]
    sections: tuple[Section, ...]
    never_say: tuple[NeverSay, ...]
    citations: tuple[Citation, ...]
    rules: tuple[str, ...]
    headings: dict[str, str]
    phrases: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return the object of the command line and of the API."""
        return {
            "vehicle": self.vehicle.as_json(),
            "car": self.car,
            "cushions": self.cushions,
            "verdict": {"text": self.verdict.text, "citations": list(self.verdict.citations)},
            "language": self.language,
            "minutes": self.minutes,
            "words": self.words,
            "idea": self.idea,
            "notes": list(self.notes),
            "sections": [
                {
                    "role": section.role,
                    "statements": [
                        {"text": line.text, "citations": list(line.citations), "grounded": line.grounded}
                        | ({"lead": line.lead} if line.lead else {})
                        for line in section.statements
                    ],
                }
                for section in self.sections
            ],
            "never_say": [{"claim": item.claim, "why": item.why, "citations": list(item.citations)} for item in self.never_say],
            "citations": [citation.as_json() for citation in self.citations],
            "rules": list(self.rules),
        }
