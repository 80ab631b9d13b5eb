"""What was said so far: an ordered, immutable list of turns, and what they settled (language, car, topic).

Only what this product itself recorded counts; a client's own idea of the history is never trusted.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace

from assistant.answer import Decision
from knowledge.document import Role, Task
from knowledge.vehicles import Vehicle

Roles = dict[tuple[Role, Task | None], float]


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What the last question was about, for questions that leave it out."""

    text: str
    features: dict[str, float] = field(default_factory=dict)
    roles: Roles = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """The state that earlier turns left behind. `rule` is the one that acted on the last, `choices` the cars it offered."""

    id: str
    turns: int = 0
    language: str | None = None
    vehicle: Vehicle | None = None
    topic: Topic | None = None
    decision: Decision | None = None
    rule: str | None = None
    choices: tuple[Vehicle, ...] = ()

    @classmethod
    def new(cls) -> Conversation:
        """Return an empty conversation with an id that can't be guessed (192 bits)."""
        return cls(id=secrets.token_urlsafe(24))

    def after(
        self,
        *,
        language: str,
        vehicle: Vehicle | None,
        topic: Topic,
        decision: Decision,
        rule: str | None,
        choices: tuple[Vehicle, ...],
    ) -> Conversation:
        """Return the conversation with one more turn."""
        return replace(
            self,
            turns=self.turns + 1,
            language=language,
            vehicle=vehicle,
            topic=topic,
            decision=decision,
            rule=rule,
            choices=choices,
        )
