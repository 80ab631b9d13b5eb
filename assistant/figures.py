"""Figures of a car that a question asks for by name (its boot, its top speed), and the passages that tell them.

Input: the understood question. Output: `Figures`. `decision.py` answers, asks back or declines with them: what is merely near
the subject of a figure does not tell it.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.release import Release
from assistant.understanding import Understood
from knowledge.document import Role
from knowledge.retrieval import RetrievedChunk
from knowledge.splitting import Chunk
from knowledge.vehicles import VehicleScope, holds_for

NAMED = 0.75  # weight from which a feature counts as named in the question
_MAY_TELL = 1.0  # how much worse than the first a passage may be and still be looked through for a figure


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The names of the figures asked for, and the passages of cars' own pages that tell one of them; both may be empty."""

    asked: frozenset[str]
    told_in: tuple[Chunk, ...]

    @property
    def scopes(self) -> set[VehicleScope]:
        """The cars whose own pages tell one."""
        return {scope for chunk in self.told_in for scope in chunk.vehicles}

    def of_car(self, understood: Understood, found: list[RetrievedChunk]) -> Chunk | None:
        """Return the passage on the car in question, its generation settled: the one found first, else one in its language."""
        car = understood.vehicle
        own = [chunk for chunk in self.told_in if car and car.generation and holds_for(chunk.vehicles, car)]
        rank = {item.chunk.id: item.rank for item in found}
        order = {language: place for place, language in enumerate(understood.languages)}
        return min(
            own, key=lambda chunk: (rank.get(chunk.id, len(rank) + 1), order.get(chunk.language, len(order))), default=None
        )

    def are_told(self, found: list[RetrievedChunk], release: Release) -> bool:
        """Say whether a passage nearly as good as the first found tells one of them; true where none is asked for."""
        near = [item.chunk for item in found if item.score >= found[0].score - _MAY_TELL]
        return not self.asked or any(release.lexicon.tells(self.asked, chunk.passage) for chunk in near)


def figures_in(understood: Understood, release: Release) -> Figures:
    """Return the figures that a question asks for: of the car and not of a feature, and not how to set one."""
    sets_one = any(role is Role.STEPS and weight >= 1 for (role, _), weight in understood.roles.items())
    features = {feature for feature, weight in understood.features.items() if weight >= NAMED}
    asked = frozenset[str]() if sets_one else release.lexicon.figures_in(understood.text, features)
    pages = (chunk for chunk in release.index.chunks.values() if asked and chunk.kind == "model" and chunk.vehicles)
    told_in = (chunk for chunk in pages if chunk.is_for(understood.market) and release.lexicon.tells(asked, chunk.passage))
    return Figures(asked=asked, told_in=tuple(told_in))
