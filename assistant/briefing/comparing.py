"""Compares two cars, or a car with what a customer drives, from passages that may stand side by side. Nothing is ranked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assistant.answer import Citation, Statement
from assistant.assistant import Assistant
from assistant.briefing.composing import find_vehicle, passages
from assistant.briefing.model import BriefingError
from assistant.release import Release
from knowledge.document import Role
from knowledge.sentences import sentences
from knowledge.splitting import Chunk
from knowledge.vehicles import Vehicle

_SENTENCES = 6
_ADAPTIVE = ("sales-compare#dcc-principle", "sales-compare#dcc-each", "sales-compare#dcc-fair", "sales-compare#c5x-dcc")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Columns of statements by heading, with the passages they rest on."""

    language: str
    columns: tuple[tuple[str, tuple[Statement, ...]], ...]
    citations: tuple[Citation, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the object of the command line."""
        return {
            "language": self.language,
            "columns": [
                {"title": title, "statements": [{"text": one.text, "citations": list(one.citations)} for one in said]}
                for title, said in self.columns
            ],
            "citations": [citation.as_json() for citation in self.citations],
        }


def compare(assistant: Assistant, one: str, other: str, *, language: str) -> Comparison:
    """Return a Citroën beside another, or beside an adaptive damper where `other` is a car that has one.

    Raises `BriefingError` when `one` is not known, or nothing is known of what `other` is.
    """
    with assistant.release() as release:
        spoken = language if language in release.briefing.headings else "en"
        first, _ = find_vehicle(one, release)
        try:
            second, _ = find_vehicle(other, release)
        except BriefingError:
            if release.briefing.idea_for(other).id != "adaptive":
                raise
            rows = [
                (_name(first, release, spoken), _of_car(release, first, spoken)),
                ("", passages(release, _ADAPTIVE, first, spoken, ())),
            ]
        else:
            rows = [(_name(car, release, spoken), _of_car(release, car, spoken)) for car in (first, second)]
        return _written(rows, spoken)


def _name(vehicle: Vehicle, release: Release, language: str) -> str:
    return release.catalogue.phrases[language].car(vehicle, release.lexicon.cars)


def _of_car(release: Release, vehicle: Vehicle, language: str) -> list[Chunk]:
    page = f"car-{vehicle.model.lower().replace(' ', '-')}"
    stated = [chunk for chunk in passages(release, ("phc-cars",), vehicle, language, (Role.MODELS,)) if chunk.vehicles]
    return [
        *stated,
        *passages(release, ("phc-cars#overview",) if not stated else (), vehicle, language, ()),
        *passages(release, (page,), vehicle, language, ()),
    ]


def _written(rows: list[tuple[str, list[Chunk]]], language: str) -> Comparison:
    citations: dict[str, Citation] = {}
    columns = []
    for title, chunks in rows:
        said: list[Statement] = []
        for chunk in chunks:
            for sentence in sentences(chunk.text, language)[:2]:
                if len(said) < _SENTENCES and sentence.step is None:
                    known = citations.setdefault(chunk.id, Citation(n=len(citations) + 1, chunk=chunk, quote=sentence.text))
                    said.append(Statement(text=sentence.text, citations=(known.n,), grounded=sentence.text in chunk.text))
        columns.append((title or chunks[0].title, tuple(said)))
    return Comparison(language=language, columns=tuple(columns), citations=tuple(citations.values()))
