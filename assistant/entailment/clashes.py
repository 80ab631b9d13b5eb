"""Hard checks: what a claimed sentence says that its source does not, or says otherwise. Input: an `Alignment`. Output: reasons.

Each reason has a name before its colon: `number`, `unit`, `year`, `ordinal`, `name`, `car`, `car years`, `negation`, `opposite`,
`quantifier`. A reason vetoes the claim whatever its probability.
"""

from __future__ import annotations

from assistant.entailment.alignment import Aligner, Alignment
from assistant.entailment.names import CarMention
from assistant.entailment.polarity import Polarity
from assistant.entailment.quantities import Quantity, states_one
from assistant.entailment.reading import Reading
from knowledge.words import fold, words

_UNITLESS = frozenset({"times", "year", "point", "day"})  # units that prose leaves out
_NEAR_EVIDENCE = 0.5  # of the best sentence's coverage
_COVERS = 0.6


class Clashes:
    """Finds clashes with one polarity lexicon and one way to match words."""

    def __init__(self, polarity: Polarity, aligner: Aligner) -> None:
        self._polarity = polarity
        self._aligner = aligner

    def find(self, alignment: Alignment) -> tuple[str, ...]:
        """Return the reasons against the claim, none when nothing clashes."""
        return (
            *self._quantities(alignment),
            *self._cars(alignment),
            *self._names(alignment),
            *self._negations(alignment),
            *self._opposites(alignment),
            *self._quantifiers(alignment),
        )

    def _quantities(self, alignment: Alignment) -> list[str]:
        stated = [
            (quantity, number) for number, reading in enumerate(alignment.source.readings) for quantity in reading.quantities
        ]
        reasons = []
        for quantity in alignment.claim.quantities:
            reason = _against_quantity(quantity, [other for other, _ in stated], alignment)
            if reason:
                reasons.append(reason)
        return reasons

    def _cars(self, alignment: Alignment) -> list[str]:
        stated = [car for reading in alignment.source.readings for car in reading.cars]
        return [reason for car in alignment.claim.cars if (reason := _against_car(car, stated))]

    def _names(self, alignment: Alignment) -> list[str]:
        form_of = self._polarity.form_of
        written = {form_of.get(word, word) for reading in alignment.source.readings for word in reading.tokens}
        in_cars = {word for car in alignment.claim.cars for word in words(car.model)}
        reasons = []
        for name in sorted(alignment.claim.names - in_cars - self._polarity.exempt_names):
            if form_of.get(name, name) in written or f"e{name}" in written or name.removeprefix("e") in written:
                continue
            if not any(self._aligner.match(_stem(alignment.claim, name), stem) for stem in alignment.source.places):
                reasons.append(f"name: {name}")
        return reasons

    def _negations(self, alignment: Alignment) -> list[str]:
        """Hold each negation of one side against those of the other that turn the same words."""
        claim = alignment.claim
        evidence = [alignment.source.readings[number] for number in alignment.evidence]
        reasons = []
        for cue in claim.negated:
            if not any(self._turns_same(claim, cue, reading) for reading in evidence):
                reasons.append(f"negation: {claim.tokens[cue]} is not in the source")
        best = alignment.best
        for cue in best.negated:
            scope = best.scope(cue)
            shared = self._aligner.shared(scope, claim)
            if scope and shared / len(scope) >= _COVERS and not self._turns_same(best, cue, claim):
                reasons.append(f"negation: {best.tokens[cue]} of the source is missing")
        return reasons

    def _turns_same(self, reading: Reading, cue: int, other: Reading) -> bool:
        if not other.negated:
            return False
        scope = reading.scope(cue)
        if not scope or not self._aligner.shared(scope, other):
            return True  # nothing to compare, across languages for one
        turned = tuple(word for at in other.negated for word in other.scope(at))
        return any(self._aligner.match(word.stem, one.stem) for word in scope for one in turned)

    def _opposites(self, alignment: Alignment) -> list[str]:
        evidence = [alignment.source.readings[number] for number in alignment.evidence]
        stated = frozenset().union(*(reading.sides for reading in evidence))
        reasons = []
        for pair, side in sorted(alignment.claim.sides):
            if (pair, side) not in stated and (pair, 1 - side) in stated and (pair, 1 - side) not in alignment.claim.sides:
                mine, theirs = (self._polarity.antonyms[pair][which][0] for which in (side, 1 - side))
                reasons.append(f"opposite: {mine} where the source says {theirs}")
        return reasons

    def _quantifiers(self, alignment: Alignment) -> list[str]:
        polarity = self._polarity
        evidence = [alignment.source.readings[number] for number in alignment.evidence]
        stated = frozenset().union(*(reading.classes for reading in evidence))
        reasons = []
        for name in sorted(alignment.claim.classes - stated):
            if stated & set(polarity.alike.get(name, ())):
                continue
            weaker = sorted((stated - alignment.claim.classes) & set(polarity.stronger.get(name, ())))
            if weaker:
                reasons.append(f"quantifier: {name} where the source says {weaker[0]}")
            elif name in polarity.unasked:
                reasons.append(f"quantifier: {name} is not in the source")
        return reasons


def _against_quantity(quantity: Quantity, stated: list[Quantity], alignment: Alignment) -> str | None:
    """Return why the source does not state `quantity`, or None."""
    value = quantity.readings[0]
    if quantity.ordinal:
        ordinals = {other.readings[0] for other in stated if other.ordinal}
        wrong = value not in ordinals and (value > 2 or bool(ordinals)) and not any(other.same_value(quantity) for other in stated)  # noqa: PLR2004
        return f"ordinal: {quantity.written}" if wrong else None
    same = [other for other in stated if other.same_value(quantity)]
    if not same:
        if value == 1 and any(states_one(reading.text) for reading in alignment.source.readings):
            return None
        if quantity.is_year:
            spans = [car.span for reading in alignment.source.readings for car in reading.cars if car.span]
            of_car = any(car.span and car.span == (int(value), int(value)) for car in alignment.claim.cars)
            if of_car and any(first <= value <= last for first, last in spans):
                return None
            return f"year: {quantity.written}"
        return f"number: {quantity.written}"
    if quantity.unit and not any(other.unit == quantity.unit or (not other.unit and quantity.unit in _UNITLESS) for other in same):
        return f"unit: {quantity.written} {quantity.unit}"
    return None


def _against_car(car: CarMention, stated: list[CarMention]) -> str | None:
    """Return why the source does not speak of this car, or None."""
    same = [other for other in stated if other.model == car.model]
    if not same:
        return f"car: {car.model}"
    if car.electric and not any(other.electric for other in same):
        return f"car: electric {car.model}"
    if car.span is not None and (spans := [other.span for other in same if other.span]):
        first, last = car.span
        if not any(start <= first and last <= end for start, end in spans):
            return f"car years: {car.model} {first}-{last}"
    if car.generation and (known := {other.generation for other in same if other.generation}) and car.generation not in known:
        return f"car: {car.model} {car.generation}"
    return None


def _stem(reading: Reading, name: str) -> str:
    return next((word.stem for word in reading.content if word.folded == name), fold(name))
