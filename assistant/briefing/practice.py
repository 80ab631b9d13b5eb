"""Practice: the assistant plays a customer with a worry, and says how a seller's reply holds up against the pages.

Deterministic and without a model: facts used are found by shared word stems, claims to avoid by the headings of the sales
page, prices and rudeness by the rules.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from assistant.assistant import Assistant
from assistant.briefing.composing import find_vehicle, passages
from assistant.policy import rule_in_words
from assistant.release import Release
from assistant.understanding import clean
from knowledge.document import Role
from knowledge.sentences import sentences
from knowledge.splitting import Chunk
from knowledge.vehicles import Vehicle
from knowledge.words import stems

_LONGEST = 2_000
_USED = 0.5  # share of a sentence's stems that a reply must hold to have used its fact
_MADE = 0.6  # share of a forbidden claim's stems that a reply must hold to have made it
_REFUSED = ("price", "discount", "financing", "trade-in", "delivery", "promise", "abuse", "competitor")


@dataclass(frozen=True, kw_only=True)
class Practice:
    """A customer's worry and, once there is a reply, what it used, what it should not have said, and a better one."""

    car: str
    language: str
    worry: str
    used: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    claims_made: tuple[tuple[str, str], ...] = ()
    rules: tuple[str, ...] = ()
    score: float | None = None
    better: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the object of the command line."""
        return {
            "car": self.car, "language": self.language, "worry": self.worry, "used": list(self.used), "missed": list(self.missed),
            "claims_made": [{"claim": claim, "why": why} for claim, why in self.claims_made], "rules": list(self.rules),
            "score": self.score, "better": list(self.better), "sources": list(self.sources),
        }  # fmt: skip


def practise(assistant: Assistant, named: str, *, language: str, reply: str | None = None, turn: int = 0) -> Practice:
    """Return the worry number `turn` of a customer for a car and, with a `reply`, how it holds up.

    Raises `BriefingError` for a car that is not known, `QuestionError` for a reply that can't be read.
    """
    with assistant.release() as release:
        vehicle, _ = find_vehicle(named, release)
        spoken = language if language in release.briefing.headings else "en"
        objections = passages(release, ("sales-objections",), vehicle, spoken, (Role.OBJECTION,))
        objections.sort(key=lambda chunk: (not chunk.vehicles, hashlib.sha256(chunk.section_id.encode()).hexdigest()))
        objection = objections[turn % len(objections)]
        car = release.catalogue.phrases[spoken].car(vehicle, release.lexicon.cars)
        worry = objection.section.strip('«»"“” \u00a0\u202f')
        if reply is None:
            return Practice(car=car, language=spoken, worry=worry)
        return _judged(clean(reply, _LONGEST), objection, car, worry, vehicle, release)


def _judged(reply: str, objection: Chunk, car: str, worry: str, vehicle: Vehicle, release: Release) -> Practice:
    language = objection.language
    said = frozenset(stems(reply, language))
    facts = [sentence.text for sentence in sentences(objection.text, language)]
    used = tuple(fact for fact in facts if _share(fact, said, language) >= _USED)
    made = claims_made(reply, vehicle, language, release)
    rule = rule_in_words(reply, release.rules, "sales")
    rules = (rule.rule,) if rule and rule.rule in _REFUSED else ()
    score = max(0.0, len(used) / len(facts) - 0.5 * len(made) - 0.5 * len(rules))
    return Practice(
        car=car, language=language, worry=worry, used=used, missed=tuple(fact for fact in facts if fact not in used),
        claims_made=made, rules=rules, score=round(score, 2), better=tuple(facts),
        sources=tuple(source.label for source in objection.sources),
    )  # fmt: skip


def claims_made(said: str, vehicle: Vehicle, language: str, release: Release) -> tuple[tuple[str, str], ...]:
    """Return which claims of the never-say page a text makes, each with the reason; what it denies it does not claim."""
    stemmed = frozenset(stems(said, language))
    never = passages(release, ("sales-never-say",), vehicle, language, (Role.NEVER_SAY,))
    return tuple(
        (chunk.section.strip('«»"“” \u00a0\u202f'), sentences(chunk.text, language)[0].text)
        for chunk in never
        if chunk.part == 1 and _share(chunk.section, stemmed, language) >= _MADE and not _denies(said)
    )


def _share(text: str, said: frozenset[str], language: str) -> float:
    wanted = frozenset(stems(text, language))
    return len(wanted & said) / len(wanted) if wanted else 0.0


def _denies(reply: str) -> bool:
    """Say whether a reply denies: what it denies it does not claim."""
    plain = f" {reply.lower()} "
    return any(word in plain for word in (" not ", "n't ", " no ", " pas ", " non ", " ni ", " never ", " jamais "))
