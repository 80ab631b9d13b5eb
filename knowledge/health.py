"""Looks over all pages of a snapshot together: what contradicts, repeats, lacks its translation, or has not been read for long.

Input: documents. Output: findings. Nothing here stops an ingest; pages are compared as text, so each finding is for a person
to judge.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from knowledge.document import Document, Role, Section
from knowledge.findings import Finding, FindingKind
from knowledge.injection_flags import flags_of
from knowledge.sentences import sentences
from knowledge.vehicles import VehicleScope
from knowledge.words import stems, words

TRANSLATED = ("en", "fr")  # every page is kept in both
_SHINGLE = 5  # words
_SHORTEST = 12  # words of a section that is compared at all
_ALIKE = 0.8  # share of common shingles (Jaccard) from which two sections repeat each other
_COMMONEST = 20  # sections that share a shingle: beyond it is a set phrase
_SAME_STATEMENT = 0.6  # share of common stems, figures aside, from which two sentences speak of the same thing
_FEWEST_STEMS = 3
_UNIT = (
    r"km/h|mph|kWh|kW|km|mm|cm|kg|bar|litres?|liters?|l|m|seconds?|secondes?|s|minutes?|min|hours?|heures?|h|%|°C|hp|ch|Nm|dB|V"
)
_FIGURE = re.compile(rf"(?<![\w.,])(\d+(?:[.,]\d+)?)\s?({_UNIT})(?![\w/])")
_SAME_UNIT = {
    "second": "s", "seconds": "s", "seconde": "s", "secondes": "s", "minute": "min", "minutes": "min", "hour": "h", "hours": "h",
    "heure": "h", "heures": "h", "litre": "l", "litres": "l", "liter": "l", "liters": "l", "ch": "hp",
}  # fmt: skip


def findings_of(documents: list[Document], *, today: date, review_after_days: int) -> list[Finding]:
    """Return everything there is to say about these documents, in order of kind and page."""
    found = [finding for document in documents for finding in flags_of(document)]
    found += _near_duplicates(documents)
    found += _contradictions(documents)
    found += _missing_translations(documents)
    found += _due_for_review(documents, today, review_after_days)
    return sorted(found)


def _near_duplicates(documents: list[Document]) -> Iterator[Finding]:
    """Compare sections of different pages in one language by their runs of five words.

    Warnings are left out: a page must repeat those of its feature.
    """
    bearers: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    parts: list[tuple[Document, Section, set[tuple[str, ...]]]] = []
    for document in documents:
        for section in document.sections:
            text = words(section.text)
            if section.role is Role.WARNING or len(text) < _SHORTEST:
                continue
            shingles = {tuple(text[start : start + _SHINGLE]) for start in range(len(text) - _SHINGLE + 1)}
            for shingle in shingles:
                bearers[document.front.language, shingle].append(len(parts))
            parts.append((document, section, shingles))
    common: dict[tuple[int, int], int] = defaultdict(int)
    for places in bearers.values():
        if 1 < len(places) <= _COMMONEST:
            for pair in combinations(places, 2):
                common[pair] += 1
    for (first, second), count in sorted(common.items()):
        (one, section, shingles), (other, repeated, others) = parts[first], parts[second]
        if one.key != other.key and count >= _ALIKE * len(shingles | others):
            where = f"section {repeated.id!r} of {other.path} repeats section {section.id!r} of {one.path}"
            yield _finding("near-duplicate", other, f"{where}. Keep one, or tell what differs")


@dataclass(frozen=True, kw_only=True)
class _Stated:
    """A sentence with figures of one unit: what it speaks of, and for which cars."""

    document: Document
    section: Section
    figures: frozenset[float]
    about: frozenset[str]
    text: str


def _contradictions(documents: list[Document]) -> Iterator[Finding]:
    """Compare sentences of different pages about the same feature and car: nearly the same words, other figures."""
    groups: dict[tuple[str, str, str], list[_Stated]] = defaultdict(list)
    for document in documents:
        for feature in document.front.features or ("",):
            for unit, stated in _figures(document):
                groups[document.front.language, feature, unit].append(stated)
    told: set[frozenset[tuple[str, str]]] = set()
    for (_, feature, unit), group in sorted(groups.items(), key=lambda item: item[0]):
        for one, other in combinations(group, 2):
            pair = frozenset({(one.document.key, one.text), (other.document.key, other.text)})
            if one.document.front.id != other.document.front.id and pair not in told and _contradict(one, other):
                told.add(pair)
                figures = f"{_shown(one.figures)} in {one.document.path}, {_shown(other.figures)} in {other.document.path}"
                yield _finding(
                    "contradiction", other.document, f"{feature or 'the same thing'}, in {unit}: {figures}: {other.text[:120]!r}"
                )


def _figures(document: Document) -> Iterator[tuple[str, _Stated]]:
    for section in document.sections:
        for sentence in sentences(section.text, document.front.language):
            by_unit: dict[str, set[float]] = defaultdict(set)
            for number, unit in _FIGURE.findall(sentence.text):
                by_unit[_SAME_UNIT.get(unit, unit)].add(float(number.replace(",", ".")))
            about = frozenset(stems(_FIGURE.sub(" ", sentence.text), document.front.language))
            for unit, figures in by_unit.items():
                yield (
                    unit,
                    _Stated(document=document, section=section, figures=frozenset(figures), about=about, text=sentence.text),
                )


def _contradict(one: _Stated, other: _Stated) -> bool:
    if one.figures & other.figures or not _share_a_car(one.section.vehicles, other.section.vehicles):
        return False
    if min(len(one.about), len(other.about)) < _FEWEST_STEMS:
        return False
    return len(one.about & other.about) >= _SAME_STATEMENT * len(one.about | other.about)


def _share_a_car(one: tuple[VehicleScope, ...], other: tuple[VehicleScope, ...]) -> bool:
    """Say whether two sections hold for one car; one without cars is compared only with others without."""
    if not one or not other:
        return not one and not other
    return any(
        first.model == second.model
        and (first.generation is None or second.generation is None or first.generation == second.generation)
        and (first.energy is None or second.energy is None or first.energy == second.energy)
        for first in one
        for second in other
    )


def _missing_translations(documents: list[Document]) -> Iterator[Finding]:
    languages: dict[str, set[str]] = defaultdict(set)
    for document in documents:
        languages[document.front.id].add(document.front.language)
    for document in documents:
        missing = [language for language in TRANSLATED if language not in languages[document.front.id]]
        if missing and document.front.language == min(languages[document.front.id]):
            yield _finding("missing-translation", document, f"{document.path}: there is no version in {', '.join(missing)}")


def _due_for_review(documents: list[Document], today: date, days: int) -> Iterator[Finding]:
    for document in documents:
        due = document.front.reviewed + timedelta(days=days)
        if due < today:
            reviewed = document.front.reviewed.isoformat()
            yield _finding("review-due", document, f"{document.path}: last reviewed on {reviewed}, due since {due.isoformat()}")


def _shown(figures: frozenset[float]) -> str:
    return ", ".join(f"{figure:g}" for figure in sorted(figures))


def _finding(kind: FindingKind, document: Document, message: str) -> Finding:
    return Finding(kind=kind, document_id=document.front.id, language=document.front.language, message=message)
