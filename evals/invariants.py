"""What must hold in a snapshot whatever the scores say: outlines in, `Cause`s that name what is wrong out.

Content is compared with the live snapshot where there is one; what can be known without it is checked in any case. The vectors
are `vector_checks.py`'s job.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable

from pydantic import BaseModel, ConfigDict

from evals.cases import Case
from evals.outline import LockedPhrase, Outline, sentence_hashes, text_of
from knowledge.document import Document, Role
from knowledge.language import identify

_BY_CAR = frozenset({Role.STEPS, Role.LIMITS, Role.DISPLAY, Role.NEEDS, Role.TROUBLE, Role.WARNING})
_WORDS_TO_TELL_A_LANGUAGE = 25
_EVERY_CAR = "any car"


class Cause(BaseModel):
    """Why a candidate is refused. `kind` groups, `text` says what is wrong and where."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    text: str


def broken(
    documents: list[Document], candidate: Outline, live: Outline | None, cases: Collection[Case], rules: dict[str, str]
) -> list[Cause]:
    """Return everything in a candidate's content that must not be. `rules` maps each required rule to its decision."""
    return [
        *_pages(candidate, live, cases),
        *_warnings(candidate, live),
        *_rules(candidate, live, rules),
        *_phrases(documents, candidate, live),
        *_cars(candidate, live),
        *_languages(documents, live),
    ]


def _pages(candidate: Outline, live: Outline | None, cases: Collection[Case]) -> Iterable[Cause]:
    """Pages that cases or required warnings need, in every language they were there in."""
    for page, names in sorted(_needed(candidate, live, cases).items()):
        there = _languages_of(candidate, page)
        lost = sorted(_languages_of(live or candidate, page) - there)
        if lost or not there:
            told = f" in {', '.join(lost)}" if lost and there else ""
            yield Cause(kind="page removed", text=f"the page {page!r} is gone{told}; {len(names)} cases and warnings need it")


def _needed(candidate: Outline, live: Outline | None, cases: Collection[Case]) -> dict[str, set[str]]:
    """Return what needs each page. Right pages are alternatives, so without a live version one of them is enough."""
    needed: dict[str, set[str]] = defaultdict(set)
    for case in cases:
        for turn in case.turns:
            wanted = {*turn.expect.documents, *(warning.split("#")[0] for warning in turn.expect.warnings)}
            if live:
                wanted &= live.page_ids
            elif wanted & candidate.page_ids:
                continue
            for page in wanted:
                needed[page].add(case.id)
    for row in live.warnings if live else ():
        if live and row.page in live.page_ids:
            needed[row.page].add(f"#{row.section}")
    return needed


def _languages_of(outline: Outline, page: str) -> set[str]:
    return {key.rpartition(".")[2] for key in outline.pages if key.rpartition(".")[0] == page}


def _warnings(candidate: Outline, live: Outline | None) -> Iterable[Cause]:
    """Required warnings: each on its page in every language of it, with the role of a warning, for its cars, not emptied."""
    if live:
        rows = {(row.page, row.section, car) for row in candidate.warnings for car in row.cars}
        for row in live.warnings:
            dropped = [car for car in row.cars if (row.page, row.section, car) not in rows]
            if dropped:
                text = f"the warning {row.page}#{row.section} is no longer required for {', '.join(dropped)}"
                yield Cause(kind="warning missing", text=text)
    for row in {(row.page, row.section): row for row in (*candidate.warnings, *(live.warnings if live else ()))}.values():
        for key in sorted(key for key in candidate.pages if key.rpartition(".")[0] == row.page):
            section = candidate.pages[key].get(row.section)
            if section is None or section.role is not Role.WARNING or not section.sentences:
                yield Cause(kind="warning missing", text=f"the warning {row.section!r} is missing from the page {key!r}")
                continue
            missing = [car for car in row.cars if car != "*" and section.cars and car not in section.cars]
            if missing:
                text = f"the warning {row.section!r} of the page {key!r} no longer holds for {', '.join(missing)}"
                yield Cause(kind="warning missing", text=text)
            old = live.pages.get(key, {}).get(row.section) if live else None
            if old and len(section.sentences) < len(old.sentences):
                lost = len(old.sentences) - len(section.sentences)
                text = f"the warning {row.section!r} of the page {key!r} lost {lost} of {len(old.sentences)} sentences"
                yield Cause(kind="warning missing", text=text)


def _rules(candidate: Outline, live: Outline | None, required: dict[str, str]) -> Iterable[Cause]:
    for name, decision in sorted(required.items()):
        rule = candidate.rules.get(name)
        if rule is None:
            yield Cause(kind="rule off", text=f"the rule {name!r} is missing")
        elif rule.decision != decision:
            yield Cause(kind="rule off", text=f"the rule {name!r} decides {rule.decision!r} and not {decision!r}")
    for name, old in sorted((live.rules if live else {}).items()):
        rule = candidate.rules.get(name)
        if rule is None:
            if name not in required:
                yield Cause(kind="rule off", text=f"the rule {name!r} is missing")
        elif old.triggers and not rule.triggers:
            yield Cause(kind="rule off", text=f"the rule {name!r} has no trigger left")
        elif set(old.audiences) - set(rule.audiences):
            lost = ", ".join(sorted(set(old.audiences) - set(rule.audiences)))
            yield Cause(kind="rule off", text=f"the rule {name!r} no longer binds {lost}")


def _phrases(documents: list[Document], candidate: Outline, live: Outline | None) -> Iterable[Cause]:
    locked = {phrase.phrase: phrase for phrase in (*(live.locked if live else ()), *candidate.locked)}
    for name in sorted(locked.keys() - {phrase.phrase for phrase in candidate.locked}):
        yield Cause(kind="locked phrase", text=f"the phrase {name!r} is no longer locked")
    versions: dict[str, dict[str, Document]] = defaultdict(dict)
    for document in documents:
        versions[document.front.id][document.front.language] = document
    for document in documents:
        text = text_of(document)
        for phrase in locked.values():
            yield from _translated(document, text, phrase)
            if _binds(phrase, document.front.language) and not text.count(phrase.phrase):
                others = [
                    language
                    for language, other in versions[document.front.id].items()
                    if language != document.front.language and _binds(phrase, language) and text_of(other).count(phrase.phrase)
                ]
                if others:
                    text_ = f"the page {document.key!r} lacks {phrase.phrase!r}, which its {', '.join(others)} version has"
                    yield Cause(kind="locked phrase", text=text_)


def _binds(phrase: LockedPhrase, language: str) -> bool:
    return not phrase.languages or language in phrase.languages


def _translated(document: Document, text: str, phrase: LockedPhrase) -> Iterable[Cause]:
    for form in phrase.never:
        if re.search(rf"\b{re.escape(form)}\b", text, re.IGNORECASE):
            told = f"the page {document.key!r} has {form!r} in place of {phrase.phrase!r}"
            yield Cause(kind="locked phrase", text=told)
    if phrase.kind == "signature":
        for found in sorted(set(re.findall(re.escape(phrase.phrase), text, re.IGNORECASE)) - {phrase.phrase}):
            yield Cause(kind="locked phrase", text=f"the page {document.key!r} writes {found!r} for {phrase.phrase!r}")


def _cars(candidate: Outline, live: Outline | None) -> Iterable[Cause]:
    """Sentences that one car's section lost to another car's; sections that hold for other cars in another language."""
    for key, sections in candidate.pages.items():
        page, _, language = key.rpartition(".")
        for other in ("fr", "en"):
            twin = candidate.pages.get(f"{page}.{other}", {})
            if other <= language:
                continue
            for name in sections.keys() & twin.keys():
                if sections[name].role in _BY_CAR and sections[name].cars != twin[name].cars:
                    told = f"{_named(sections[name].cars)} in {language}, {_named(twin[name].cars)} in {other}"
                    yield Cause(kind="cars swapped", text=f"the section {name!r} of the page {page!r} is for {told}")
        if live and key in live.pages:
            yield from _moved(key, _cars_by_sentence(candidate, key), _cars_by_sentence(live, key))


def _cars_by_sentence(outline: Outline, key: str) -> dict[str, set[str]]:
    cars: dict[str, set[str]] = defaultdict(set)
    for section in outline.pages[key].values():
        if section.role in _BY_CAR:
            for sentence in section.sentences:
                cars[sentence] |= set(section.cars) or {_EVERY_CAR}
    return cars


def _moved(key: str, now: dict[str, set[str]], before: dict[str, set[str]]) -> Iterable[Cause]:
    moves: dict[tuple[str, str], int] = defaultdict(int)
    for sentence, cars in now.items():
        old = before.get(sentence)
        if old and not old & cars and _EVERY_CAR not in old | cars:
            moves[_named(old), _named(cars)] += 1
    for (old_cars, new_cars), count in sorted(moves.items()):
        text = f"the page {key!r} tells for {new_cars} what held for {old_cars} ({count} sentences)"
        yield Cause(kind="cars swapped", text=text)


def _named(cars: Iterable[str]) -> str:
    return ", ".join(sorted(cars)) or _EVERY_CAR


def _languages(documents: list[Document], live: Outline | None) -> Iterable[Cause]:
    """Sections that are new or changed, and together read as another of the languages that pages are written in.

    A few words prove nothing (proper names read as anything), so it takes some words that do.
    """
    written = {document.front.language for document in documents} | {"fr", "en"}
    for document in documents:
        language = document.front.language
        known = live.pages.get(document.key, {}) if live else {}
        wrong: dict[str, list[str]] = defaultdict(list)
        words: dict[str, int] = defaultdict(int)
        for section in document.sections:
            if section.id in known and sentence_hashes(section.text, language) == known[section.id].sentences:
                continue
            found = identify(section.text)
            if found != language and found in written:
                wrong[found].append(section.id)
                words[found] += len(section.text.split())
        for found, sections in wrong.items():
            if words[found] >= _WORDS_TO_TELL_A_LANGUAGE:
                names = ", ".join(sections[:3]) + (" …" if len(sections) > 3 else "")  # noqa: PLR2004  enough to find it
                text = f"the page {document.key!r} is to be in {language} and reads as {found} in: {names}"
                yield Cause(kind="wrong language", text=text)
