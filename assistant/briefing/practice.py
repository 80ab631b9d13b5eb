"""Practice: the assistant plays a customer with a worry, and says how a seller's reply holds up against the pages.

Deterministic and without a model: facts used are found by shared word stems, claims to avoid by the headings of the sales
page, tone by words of the plan, prices and rudeness by the rules.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from assistant.answer import Citation
from assistant.assistant import Assistant
from assistant.briefing.choosing import CarPages
from assistant.briefing.composing import lead, rules_on
from assistant.briefing.naming import NamedCar, car_name, find_car
from assistant.briefing.rendering import source_rows
from assistant.release import Release
from assistant.understanding import clean
from knowledge.document import Role
from knowledge.sentences import sentences
from knowledge.splitting import Chunk
from knowledge.words import stems, words

_LONGEST = 2_000
_USED = 0.5  # share of a sentence's stems that a reply must hold to have used its fact
_MADE = 0.6  # share of a forbidden claim's stems that a clause of a reply must hold to have made it
_FACTS = 3  # of a worry's passage: more than that nobody says in a reply
_A_CLAIM, _A_RULE, _A_TONE = 0.5, 0.5, 0.25  # what each costs
_REFUSED = ("price", "discount", "financing", "trade-in", "delivery", "promise", "abuse", "competitor")
# Where what is denied ends: the sentence, a "but", or an "and" after which something new is said.
_CLAUSES = re.compile(
    r"[.!?;:]+|\b(?:but|mais|and (?=(?:it|this|the|that|we)\b)|et (?=(?:c['\u2019]est|elle|il|nous|la|le|cette)\b))"
)
_DENIALS = re.compile(r"n['\u2019]t\b|\b(?:not|no|none|never|pas|non|ni|aucune?|jamais|rien)\b")


@dataclass(frozen=True, kw_only=True)
class Practice:
    """A customer's worry and, once there is a reply, what it used, what it should not have said, and a better one.

    `phrases` are those of the language; they are no part of the object.
    """

    car: str
    language: str
    worry: str
    used: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    claims_made: tuple[tuple[str, str], ...] = ()
    rules: tuple[str, ...] = ()
    tone: tuple[tuple[str, str], ...] = ()
    score: float | None = None
    better: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    phrases: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the object of the command line."""
        return {
            "car": self.car, "language": self.language, "worry": self.worry, "used": list(self.used), "missed": list(self.missed),
            "claims_made": [{"claim": claim, "why": why} for claim, why in self.claims_made], "rules": list(self.rules),
            "tone": [{"said": said, "why": why} for said, why in self.tone],
            "score": self.score, "better": list(self.better), "sources": list(self.sources),
        }  # fmt: skip


def practise(assistant: Assistant, named: str, *, language: str, reply: str | None = None, turn: int = 0) -> Practice:
    """Return the worry number `turn` of a customer for a car and, with a `reply`, how it holds up.

    Raises `BriefingError` for a car that is not known, `QuestionError` for a reply that can't be read.
    """
    with assistant.release() as release:
        spoken = release.briefing.language(language)
        car = find_car(named, release, spoken)
        pages = CarPages(release, car, spoken)
        worries = [one for one in pages.passages(["sales-objections"], roles=(Role.OBJECTION,)) if pages.told(one)]
        worries.sort(key=lambda chunk: (not chunk.vehicles, hashlib.sha256(chunk.section_id.encode()).hexdigest()))
        worry = worries[turn % len(worries)]
        if reply is None:
            return Practice(car=car_name(car, release, spoken), language=spoken, worry=lead(worry))
        return _judged(clean(reply, _LONGEST), worry, car, pages, release)


def _judged(reply: str, worry: Chunk, car: NamedCar, pages: CarPages, release: Release) -> Practice:
    language, plain = worry.language, " ".join(words(reply))
    said = frozenset(stems(reply, language))
    facts = pages.told(worry)[:_FACTS]
    used = tuple(fact for fact in facts if _share(fact, said, language) >= _USED)
    made = _claims_made(reply, pages)
    rules = rules_on(reply, _REFUSED, release)
    heard = [(one.pattern.search(plain), one.why) for one in release.briefing.tone[language] if one.pattern]
    tone = tuple((match.group(), why) for match, why in heard if match)
    lost = _A_CLAIM * len(made) + _A_RULE * len(rules) + _A_TONE * len(tone)
    cited = (Citation(n=1, chunk=worry, quote=" ".join(facts)),)
    return Practice(
        car=car_name(car, release, language), language=language, worry=lead(worry), used=used,
        missed=tuple(fact for fact in facts if fact not in used), claims_made=made, rules=rules, tone=tone,
        score=round(max(0.0, len(used) / len(facts) - lost), 2), better=tuple(facts),
        sources=tuple(source_rows(cited, release.briefing.phrases[language])), phrases=release.briefing.phrases[language],
    )  # fmt: skip


def _claims_made(reply: str, pages: CarPages) -> tuple[tuple[str, str], ...]:
    """Return which claims of the never-say page a reply makes, each with the reason. What a clause denies it does not claim."""
    clauses = [clause for clause in _CLAUSES.split(reply.lower()) if not _DENIALS.search(clause)]
    stemmed = [frozenset(stems(clause, pages.language)) for clause in clauses]
    never = pages.own(["sales-never-say"])
    return tuple(
        (lead(chunk), sentences(chunk.text, chunk.language)[0].text)
        for chunk in never
        if chunk.part == 1 and any(_share(chunk.section, one, pages.language) >= _MADE for one in stemmed)
    )


def _share(text: str, said: frozenset[str], language: str) -> float:
    wanted = frozenset(stems(text, language))
    return len(wanted & said) / len(wanted) if wanted else 0.0
