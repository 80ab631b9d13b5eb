"""Hard checks: what a claimed sentence says that its source does not, or says otherwise. Input: an `Alignment`. Output: reasons.

Each reason has a name before its colon: `number`, `unit`, `year`, `ordinal`, `name`, `car`, `car years`, `negation`, `opposite`,
`quantifier`. A reason vetoes the claim whatever its probability.
"""

from __future__ import annotations

import re
from collections import Counter

from rapidfuzz.distance import Levenshtein

from assistant.entailment.alignment import Aligner, Alignment
from assistant.entailment.names import CarMention
from assistant.entailment.polarity import Polarity
from assistant.entailment.quantities import Quantity, implies
from assistant.entailment.reading import Reading
from knowledge.words import fold, words

_UNITLESS = frozenset({"times", "year", "point"})  # units that prose leaves out
_COUNTED = _UNITLESS | {"", "s", "min", "h", "day", "week", "month"}  # "an hour" is 1 h, but nothing is 1 °C by an article
_STYLE_UP_TO = 2
_COVERS = 0.6
_NEARLY_VERBATIM = 0.9
_BESIDE = 2  # words
_LONGER = 1.2  # a claim that is longer than this has more in it than the one sentence
_SAME = 0.75  # share of both sentences' words from which they are the same sentence, perhaps with a word changed
_SILENT_CHANGES = frozenset({"about", "can", "must", "any", "needs"})  # classes that may come without being in the source
_HEDGES = ("only", "some", "most", "sometimes", "may")  # classes that may not get lost
_JOINS, _LONGEST_LIST = re.compile(r",|\b(?:and|or|et|ou)\b"), 4
_LONG_NAME, _SPELT_ALIKE = 5, 0.8
_OF_WORDING = frozenset({"negation", "opposite", "quantifier"})


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

    @staticmethod
    def only_of_wording(reasons: tuple[str, ...], alignment: Alignment) -> bool:
        """Say whether a sentence told anew, not copied with a word changed, clashes in nothing that wording alone may bring."""
        return not _same_sentence(alignment, _SAME) and all(reason.split(":")[0] in _OF_WORDING for reason in reasons)

    def _quantities(self, alignment: Alignment) -> list[str]:
        stated = [quantity for reading in _stated(alignment) for quantity in reading.quantities]
        return [reason for quantity in alignment.claim.quantities if (reason := _against_quantity(quantity, stated, alignment))]

    def _cars(self, alignment: Alignment) -> list[str]:
        stated = [car for reading in _stated(alignment) for car in reading.cars]
        return [reason for car in alignment.claim.cars if (reason := _against_car(car, stated))]

    def _names(self, alignment: Alignment) -> list[str]:
        form_of = self._polarity.form_of
        written = {form_of.get(word, word) for reading in alignment.source.stated for word in reading.tokens}
        known = {word.stem for reading in alignment.source.stated for word in reading.content}
        in_cars = {word for car in alignment.claim.cars for word in words(car.model)}
        reasons = []
        for name in sorted(alignment.claim.names - in_cars - self._polarity.exempt_names):
            if form_of.get(name, name) in written or f"e{name}" in written or name.removeprefix("e") in written:
                continue
            stem = _stem(alignment.claim, name)
            if not any(self._aligner.match(stem, other) for other in known) and not _spelt_alike(name, written):
                reasons.append(f"name: {name}")
        return reasons

    def _negations(self, alignment: Alignment) -> list[str]:
        """Hold each negation of one side against those of the other that turn the same words."""
        claim, best = alignment.claim, alignment.best
        one_sided = bool(claim.negated) != bool(best.negated) and _same_sentence(alignment, _SAME)
        if not self._turned_twice(alignment) and (
            one_sided or (len(claim.negated) != len(best.negated) and _same_sentence(alignment, _NEARLY_VERBATIM))
        ):
            return [f"negation: {len(claim.negated)} where the source has {len(best.negated)}"]
        evidence = [alignment.source.readings[number] for number in alignment.evidence]
        # Told anew, a sentence may say with a word like "replaces" what the other says with a negation.
        anew = not _same_sentence(alignment, _SAME)
        paired = len(claim.negated) == len(best.negated)
        reasons = [
            f"negation: {claim.tokens[cue]} is not in the source"
            for cue in claim.negated
            if not paired
            and not (anew and any(reading.stands_in for reading in evidence))
            and not any(self._turns_same(claim, cue, reading) for reading in evidence)
            and not self._turned_twice(alignment)
        ]
        for cue in best.negated:
            scope = best.scope(cue)
            shared = self._aligner.shared(scope, claim)
            if (
                not paired
                and not (anew and claim.stands_in)
                and scope
                and shared / len(scope) >= _COVERS
                and not self._turns_same(best, cue, claim)
            ):
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

    def _turned_twice(self, alignment: Alignment) -> bool:
        """Say whether a negation of the claim stands beside the opposite of the source's word: "not on" for "off"."""
        claim, stated = alignment.claim, alignment.best.sides
        return any(
            len(places) > len(stated.get((pair, side), ()))
            and (pair, 1 - side) in stated
            and any(abs(place - cue) <= _BESIDE for place in places for cue in claim.negated)
            for (pair, side), places in claim.sides.items()
        )

    def _opposites(self, alignment: Alignment) -> list[str]:
        """Find the pairs of which the claim takes one side more, and the other less, than the source.

        Where one sentence holds most of the claim, it alone is compared: its neighbours may take the other side. Two opposites
        side by side, "less heavy" for "lighter", undo each other, and so does a negation beside one.
        """
        claim = alignment.claim
        numbers = alignment.evidence[:1] if alignment.covered(alignment.evidence[:1]) >= _COVERS else alignment.evidence
        stated: Counter[tuple[int, int]] = Counter()
        for number in numbers:
            stated.update({side: len(places) for side, places in alignment.source.readings[number].sides.items()})
        found: list[tuple[tuple[int, ...], tuple[int, int]]] = []
        for (pair, side), places in sorted(claim.sides.items()):
            other = (pair, 1 - side)
            more = len(places) > stated[pair, side] and (_same_sentence(alignment, _SAME) or not stated[pair, side])
            if more and len(claim.sides.get(other, ())) < stated[other]:
                found.append((places, (pair, side)))
        reasons = []
        added = claim.negated if len(claim.negated) > len(alignment.best.negated) else ()
        for places, (pair, side) in found:
            beside = [at for others, other in found if other[0] != pair for at in others] + list(added)
            if not any(0 < abs(place - at) <= _BESIDE for place in places for at in beside):
                mine, theirs = (self._polarity.antonyms[pair][which][0] for which in (side, 1 - side))
                reasons.append(f"opposite: {mine} where the source says {theirs}")
        return reasons

    def _quantifiers(self, alignment: Alignment) -> list[str]:
        polarity, claim = self._polarity, alignment.claim
        same = _same_sentence(alignment, _SAME)
        evidence = [alignment.source.readings[number] for number in alignment.evidence]
        stated = alignment.best.classes if same else frozenset().union(*(reading.classes for reading in evidence))
        reasons = []
        for name in sorted(claim.classes - stated):
            if stated & set(polarity.alike.get(name, ())) and not same:
                continue
            negated = any(reading.negated for reading in evidence)
            if negated and ((name in ("none", "never") and not same) or (name == "only" and claim.negated)):
                continue  # the check of negations compares these; "only warns, does not steer" for "warns but does not steer"
            weaker = sorted((stated - claim.classes) & set(polarity.stronger.get(name, ())))
            if weaker:
                reasons.append(f"quantifier: {name} where the source says {weaker[0]}")
            elif name in polarity.unasked or (same and name not in _SILENT_CHANGES):
                reasons.append(f"quantifier: {name} is not in the source")
        lost = [
            name
            for name in _HEDGES
            if same and name in stated - claim.classes and not claim.classes & set(polarity.alike.get(name, ()))
        ]
        if not claim.classes - stated:
            reasons += [f"quantifier: {name} of the source is missing" for name in lost]
        return reasons


def _stated(alignment: Alignment) -> tuple[Reading, ...]:
    """Return where the claim's figures and cars may come from: when it repeats one sentence, that one and the headings."""
    if _same_sentence(alignment, _SAME):
        return (*alignment.source.headings, alignment.best)
    return alignment.source.stated


def _same_sentence(alignment: Alignment, share: float) -> bool:
    """Say whether claim and best sentence hold this share of each other's words, in one language."""
    claim, best = alignment.claim, alignment.best
    return (
        claim.language == best.language
        and claim.weight <= best.weight * _LONGER
        and alignment.covered(alignment.evidence[:1]) >= share
        and alignment.backward >= share
    )


def _against_quantity(quantity: Quantity, stated: list[Quantity], alignment: Alignment) -> str | None:
    """Return why the source does not state `quantity`, or None."""
    if quantity.ordinal:
        return _against_ordinal(quantity, stated)
    same = [other for other in stated if other.same_value(quantity)]
    if not same:
        return _against_number(quantity, alignment)
    if quantity.unit and not any(
        other.unit == quantity.unit or (not other.unit and quantity.unit in _UNITLESS) for other in same
    ):
        return f"unit: {quantity.written} {quantity.unit}"
    return None


def _against_ordinal(quantity: Quantity, stated: list[Quantity]) -> str | None:
    """A first or second that the source does not count is style ("press a second time" for "again")."""
    counted = any(other.ordinal for other in stated) or quantity.readings[0] > _STYLE_UP_TO
    return f"ordinal: {quantity.written}" if counted and not any(other.same_value(quantity) for other in stated) else None


def _against_number(quantity: Quantity, alignment: Alignment) -> str | None:
    """A number that does not stand in the source may be implied, or be a year within the span of the car it stands beside."""
    value, readings = quantity.readings[0], alignment.source.stated
    if _counts_a_list(quantity, alignment):
        return None
    if quantity.unit in _COUNTED and any(implies(reading.tokens, value, quantity.unit) for reading in readings):
        return None
    if not quantity.is_year:
        return f"number: {quantity.written}"
    spans = [car.span for reading in readings for car in reading.cars if car.span]
    of_car = any(car.span == (int(value), int(value)) for car in alignment.claim.cars)
    within = of_car and any(first <= value <= last for first, last in spans)
    return None if within else f"year: {quantity.written}"


def _counts_a_list(quantity: Quantity, alignment: Alignment) -> bool:
    """Say whether a small number in letters counts what the best sentence lists: "two cars" for "the C3 and the C4"."""
    value = quantity.readings[0]
    joins = len(_JOINS.findall(alignment.best.text))
    small = quantity.written.isalpha() and not quantity.unit and value <= _LONGEST_LIST
    return small and joins >= value - 1 and not _same_sentence(alignment, _SAME)


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


def _spelt_alike(name: str, written: set[str]) -> bool:
    """Say whether a word of the source is nearly spelt like the name: Vienna, Vienne."""
    return len(name) >= _LONG_NAME and any(
        word[0] == name[0] and Levenshtein.normalized_similarity(name, word) >= _SPELT_ALIKE for word in written
    )


def _stem(reading: Reading, name: str) -> str:
    return next((word.stem for word in reading.content if word.folded == name), fold(name))
