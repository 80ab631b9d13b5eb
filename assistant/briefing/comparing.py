"""Compares two cars, or a car with what a customer drives, from passages that may stand side by side. Nothing is ranked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assistant.answer import Citation, Statement
from assistant.assistant import Assistant
from assistant.briefing.choosing import CarPages
from assistant.briefing.model import BriefingError
from assistant.briefing.naming import NamedCar, car_name, find_car
from assistant.briefing.plan import Technology
from assistant.release import Release
from knowledge.document import Role
from knowledge.splitting import Chunk
from knowledge.words import words

_SENTENCES = 6  # of a column
_ROLES = (Role.MODELS, Role.PROOF, Role.HOW, Role.WHAT)  # what is worth comparing, in this order
_A_PASSAGE = 2  # of a passage, so that a column speaks of several things


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Columns of statements by heading, with the passages they rest on. `phrases` are those of the language."""

    language: str
    columns: tuple[tuple[str, tuple[Statement, ...]], ...]
    citations: tuple[Citation, ...]
    phrases: dict[str, str]

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
    """Return a Citroën beside another, or beside the technology of what else the customer drives, in either order.

    Raises `BriefingError` when neither is a car of the range, or the pages know nothing of what the other is.
    """
    with assistant.release() as release:
        spoken = release.briefing.language(language)
        try:
            first = find_car(one, release, spoken)
        except BriefingError:
            if _technology(one, release) is None:
                raise
            one, other, first = other, one, find_car(other, release, spoken)
        try:
            cars = [first, find_car(other, release, spoken)]
        except BriefingError as error:
            pages, known = CarPages(release, first, spoken), _technology(other, release)
            chunks = pages.passages(known.passages) if known else []
            if known is None or not chunks:
                raise BriefingError(_nothing_known(other, release, spoken)) from error
            title = known.title[spoken][:1].upper() + known.title[spoken][1:]
            beside = [(chunk, pages.told(chunk, of_this_car=False)) for chunk in chunks]
            return _written(release, [_column(release, first, spoken), (title, beside)], spoken)
        return _written(release, [_column(release, car, spoken) for car in cars], spoken)


def _technology(named: str, release: Release) -> Technology | None:
    plain = " ".join(words(named))
    return next((known for known in release.briefing.technologies if known.called_by(plain)), None)


def _nothing_known(named: str, release: Release, language: str) -> str:
    known = ", ".join(one.title[language] for one in release.briefing.technologies)
    shown = "".join(character for character in named[:60] if character.isprintable()).strip()
    return release.briefing.phrases[language]["nothing-known"].format(named=shown, known=known)


def _column(release: Release, car: NamedCar, language: str) -> tuple[str, list[tuple[Chunk, list[str]]]]:
    """Return a car with the cushions it has or not, then a sentence each of what its own page says."""
    pages = CarPages(release, car, language)
    rows = [(chunk, pages.told(chunk, of_the_cushions=True)) for chunk in pages.own(car.cushions.passages)]
    own = [
        chunk
        for chunk in pages.passages(["advanced-comfort-seats", "acoustics-body", pages.page], roles=_ROLES)
        if chunk.vehicles
    ]
    own.sort(key=lambda chunk: _ROLES.index(chunk.role))
    rows += [(chunk, pages.told(chunk)[:1]) for chunk in own if not pages.speaks_of_cushions(chunk.text)]
    return car_name(car, release, language), rows


def _written(release: Release, rows: list[tuple[str, list[tuple[Chunk, list[str]]]]], language: str) -> Comparison:
    citations: dict[str, Citation] = {}
    columns = []
    for title, passages in rows:
        said: list[Statement] = []
        for chunk, texts in passages:
            for text in texts[:_A_PASSAGE]:
                if len(said) < _SENTENCES:
                    known = citations.setdefault(chunk.id, Citation(n=len(citations) + 1, chunk=chunk, quote=text))
                    said.append(Statement(text=text, citations=(known.n,), grounded=text in chunk.text))
        columns.append((title, tuple(said)))
    return Comparison(
        language=language,
        columns=tuple(columns),
        citations=tuple(citations.values()),
        phrases=release.briefing.phrases[language],
    )
