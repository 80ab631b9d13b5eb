"""Machine mutations of corpus sentences: each says something that its passage does not.

Input: the pages of a corpus and a seed. Output: `Mutation`s of ten kinds; `paraphrases.py` has them checked. What a mutation
changes is never also true of the passage: a new number, year or car does not stand anywhere in it.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.ingest import LEXICON, PAGES
from knowledge.lexicon import Lexicon
from knowledge.loading import load
from knowledge.sentences import sentences
from knowledge.splitting import Chunk, split
from knowledge.vehicles import CarRange
from knowledge.words import fold

KINDS = ("number", "unit", "year", "car", "negation", "opposite", "quantifier", "page", "section", "foreign")
_SHORTEST = 5  # words
_UNITS = {
    "km/h": "mph", "kWh": "kg", "kW": "Nm", "mm": "cm", "cm": "mm", "km": "miles", "kg": "g", "°C": "%", "%": "°C", "V": "A",
    "bar": "psi",
    "secondes": "minutes", "seconde": "minute", "minutes": "heures", "minute": "heure", "heures": "jours", "jours": "mois",
    "mois": "semaines",
    "seconds": "minutes", "second": "minute", "hours": "days", "days": "months", "months": "weeks", "metres": "kilometres",
    "mètres": "kilomètres", "litres": "kg", "ans": "mois", "years": "months",
}  # fmt: skip
_ENGLISH_MINUTES = {"minutes": "hours", "minute": "hour"}
_NEGATIONS = {
    "fr": [
        (r"\bne (\w+) (?:pas|jamais)\b", r"\1"), (r"\bn['\u2019](\w+) (?:pas|jamais)\b", r"\1"), (r"\bsans\b", "avec"),
        (r"(?<!['\u2019])\best\b", "n'est pas"), (r"\bsont\b", "ne sont pas"), (r"\bpeut\b", "ne peut pas"), (r"\bpeuvent\b",
        "ne peuvent pas"),
        (r"\bpermet\b", "ne permet pas"), (r"\b(?P<verb>a|ont)\b(?= \w+é)", r"n'\g<verb> pas"), (r"^Appuyez\b", "N'appuyez pas"),
        (r"^(?P<verb>Tournez|Maintenez|Fermez|Coupez|Vérifiez|Serrez|Placez|Laissez|Choisissez|Passez|Mettez)\b",
        r"Ne \g<verb> pas"),
    ],
    "en": [
        (r"\b(?:do not|don't|does not|doesn't) ", ""), (r"\b(is|are|was|were|can|has|have|must) not\b", r"\1"), (r"\bcannot\b",
        "can"),
        (r"\bnever\b", ""), (r"\bwithout\b", "with"), (r"\b(is|are|was|were)\b", r"\1 not"), (r"\bcan\b", "cannot"),
        (r"\bmust\b", "must not"),
        (r"^(?P<verb>Press|Turn|Hold|Close|Switch|Check|Keep|Place|Select|Choose|Put|Set|Open|Move)\b", r"Do not \g<verb>"),
    ],
}  # fmt: skip
_OPPOSITES = {
    "fr": [("avant de", "après"), ("roues avant", "roues arrière"), ("l'avant", "l'arrière"), ("passager avant",
    "passager arrière"), ("pare-chocs avant", "pare-chocs arrière"), ("gauche", "droite"), ("activer", "désactiver"),
    ("s'allume", "s'éteint"), ("augmenter", "diminuer"),
           ("plus de", "moins de"), ("la plus", "la moins"), ("est plus", "est moins"), ("au-dessus", "au-dessous"),
           ("de série", "en option"), ("ouverte", "fermée"),
           ("verrouiller", "déverrouiller"), ("vers le haut", "vers le bas"), ("automatiquement", "manuellement"), ("ouvrir",
           "fermer"),
           ("au moins", "au plus"), ("clignote", "reste fixe"), ("ouvrez", "fermez")],
    "en": [("before", "after"), ("the left", "the right"), ("switch on", "switch off"), ("turn on", "turn off"), ("more",
    "less"), ("above", "below"),
           ("standard", "optional"), ("rear", "front"), ("open", "closed"), ("lock", "unlock"), ("up", "down"),
           ("automatically", "manually"),
           ("increase", "decrease"), ("at least", "at most"), ("activate", "deactivate"), ("over", "under"), ("is on",
           "is off"), ("are on", "are off")],
}  # fmt: skip
_QUANTIFIERS = {
    "fr": [("tous", "certains"), ("toutes", "certaines"), ("chaque", "aucun"), ("certains", "tous"), ("certaines", "toutes"),
    ("plusieurs", "tous les"),
           ("toujours", "parfois"), ("parfois", "toujours"), ("souvent", "toujours"), ("seulement", "toujours"), ("uniquement",
           "aussi"),
           ("peut", "doit"), ("peuvent", "doivent"), ("pouvez", "devez"), ("la plupart", "la totalité"), ("jamais",
           "toujours"), ("doit", "peut"),
           ("quelques", "toutes les")],
    "en": [("all", "some"), ("every", "no"), ("each", "no"), ("some", "all"), ("several", "all"), ("always", "sometimes"),
    ("sometimes", "always"),
           ("often", "always"), ("only", "always"), ("may", "must"), ("can", "must"), ("most", "all"), ("never", "always"),
           ("must", "may"),
           ("usually", "always")],
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A sentence changed so that the passage it stands in does not support it; `kind` says how."""

    kind: str
    language: str
    original: str
    claim: str
    chunk: Chunk


@dataclass(frozen=True, kw_only=True)
class Place:
    """A sentence of the corpus with the passage it stands in."""

    sentence: str
    chunk: Chunk
    number: int


def places(corpus: Path) -> list[Place]:
    """Return every sentence of the pages in `corpus`, in the order of the pages."""
    loaded = load(corpus / PAGES, Lexicon.read(corpus / LEXICON), root_name=PAGES)
    return [
        Place(sentence=sentence.text, chunk=chunk, number=number)
        for document in loaded.documents
        for chunk in split(document)
        for number, sentence in enumerate(sentences(chunk.text, chunk.language))
    ]


def mutate(found: list[Place], cars: CarRange, *, per_kind: int, seed: int) -> list[Mutation]:
    """Return up to `per_kind` mutations of each kind and language; the same seed gives the same ones."""
    chance = random.Random(seed)  # noqa: S311  nothing secret hangs on it
    makers: dict[str, Callable[[Place], str | None]] = {
        "number": lambda place: _other_number(place, chance),
        "unit": _other_unit,
        "year": lambda place: _other_year(place, chance),
        "car": lambda place: _other_car(place, cars, chance),
        "negation": lambda place: _substituted(place, _NEGATIONS[place.chunk.language], chance),
        "opposite": lambda place: _swapped(place, _OPPOSITES[place.chunk.language], chance, both_ways=True),
        "quantifier": lambda place: _swapped(place, _QUANTIFIERS[place.chunk.language], chance, both_ways=False),
        "page": lambda place: _elsewhere(place, found, chance),
        "section": lambda place: _other_section(place, by_page, chance),
        "foreign": lambda place: _elsewhere(place, found, chance, foreign=True),
    }
    by_page: dict[str, list[Place]] = defaultdict(list)
    for place in found:
        by_page[place.chunk.document_id].append(place)
    mutations: list[Mutation] = []
    for language in ("fr", "en"):
        suited = [place for place in found if place.chunk.language == language and len(place.sentence.split()) >= _SHORTEST]
        for kind in KINDS:
            chance.shuffle(suited)
            mutations += _first(kind, suited, makers[kind], per_kind)
    return mutations


def _first(kind: str, suited: list[Place], make: Callable[[Place], str | None], count: int) -> Iterator[Mutation]:
    made = 0
    for place in suited:
        claim = make(place)
        if claim is not None and claim != place.sentence and claim not in place.chunk.passage:
            yield Mutation(kind=kind, language=_language(kind, place), original=place.sentence, claim=claim, chunk=place.chunk)
            made += 1
        if made == count:
            return


def _language(kind: str, place: Place) -> str:
    """Return the language of the claim."""
    return {"fr": "en", "en": "fr"}[place.chunk.language] if kind == "foreign" else place.chunk.language


def _other_number(place: Place, chance: random.Random) -> str | None:
    numbers = list(re.finditer(r"(?<![\w.,-])\d{1,3}(?:[.,]\d+)?(?![\w-])", place.sentence))
    if not numbers:
        return None
    match = chance.choice(numbers)
    value = int(re.split(r"[.,]", match[0])[0])
    fresh = [other for other in (value + 1, value + 2, value * 2 + 3, value + 10, value * 3 + 4) if not _holds(place, str(other))]
    return _replaced(place.sentence, match, str(chance.choice(fresh))) if fresh else None


def _other_unit(place: Place) -> str | None:
    table = _UNITS | (_ENGLISH_MINUTES if place.chunk.language == "en" else {})
    for unit, other in table.items():
        match = re.search(rf"(?<=\d )\s?{re.escape(unit)}(?!\w)|(?<=\d){re.escape(unit)}(?!\w)", place.sentence)
        if match and not _holds(place, other):
            return _replaced(place.sentence, match, other)
    return None


def _other_year(place: Place, chance: random.Random) -> str | None:
    years = list(re.finditer(r"\b(?:19|20)\d\d\b", place.sentence))
    if not years:
        return None
    match = chance.choice(years)
    fresh = [str(int(match[0]) + step) for step in (-7, -3, -2, -1, 1, 2, 3, 5) if not _holds(place, str(int(match[0]) + step))]
    return _replaced(place.sentence, match, chance.choice(fresh)) if fresh else None


def _other_car(place: Place, cars: CarRange, chance: random.Random) -> str | None:
    names = sorted((model.model for model in cars.models), key=len, reverse=True)
    match = re.search("|".join(rf"\b{re.escape(name)}\b" for name in names), place.sentence)
    fresh = [name for name in names if not _holds(place, name)]
    return _replaced(place.sentence, match, chance.choice(fresh)) if match and fresh else None


def _elsewhere(place: Place, found: list[Place], chance: random.Random, *, foreign: bool = False) -> str | None:
    """Take a sentence of another page, in the same language or in the other."""
    other = chance.choice(found)
    same_language = other.chunk.language == place.chunk.language
    unsuited = (
        other.chunk.document_id == place.chunk.document_id or same_language == foreign or len(other.sentence.split()) < _SHORTEST
    )
    return None if unsuited else other.sentence


def _other_section(place: Place, by_page: dict[str, list[Place]], chance: random.Random) -> str | None:
    """Take a sentence of another section of the same page: the same subject, another fact."""
    other = chance.choice(by_page[place.chunk.document_id])
    unsuited = other.chunk.section_id == place.chunk.section_id or other.chunk.language != place.chunk.language
    return None if unsuited or len(other.sentence.split()) < _SHORTEST else other.sentence


def _substituted(place: Place, patterns: list[tuple[str, str]], chance: random.Random) -> str | None:
    """Apply one of the patterns that fit; removing a negation goes before adding one."""
    fitting = [(pattern, new) for pattern, new in patterns if re.search(pattern, place.sentence)]
    if not fitting:
        return None
    pattern, new = fitting[0] if chance.random() < 0.5 else chance.choice(fitting)  # noqa: PLR2004
    changed = re.sub(r"\s{2,}", " ", re.sub(pattern, new, place.sentence, count=1)).strip()
    return re.sub(r"^(Do not|Ne) ([A-Z])", lambda match: f"{match[1]} {match[2].lower()}", changed)


def _swapped(place: Place, pairs: list[tuple[str, str]], chance: random.Random, *, both_ways: bool) -> str | None:
    """Swap a word for its counterpart where the passage does not hold the counterpart itself."""
    options = [*pairs, *((new, old) for old, new in pairs)] if both_ways else list(pairs)
    fitting = [
        (old, new)
        for old, new in options
        if re.search(rf"(?<![\w'\u2019-]){re.escape(old)}(?![\w'\u2019-])", place.sentence) and not _holds(place, new)
    ]
    if not fitting:
        return None
    old, new = chance.choice(fitting)
    return re.sub(rf"(?<![\w'\u2019-]){re.escape(old)}(?![\w'\u2019-])", new, place.sentence, count=1)


def _holds(place: Place, words: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(fold(words))}(?!\w)", fold(place.chunk.passage)) is not None


def _replaced(sentence: str, match: re.Match[str], new: str) -> str:
    return sentence[: match.start()] + new + sentence[match.end() :]
