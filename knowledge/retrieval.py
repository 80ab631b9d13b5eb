"""Finds the passages that may answer a question: vectors and words fused, filtered, in the right language.

Input: a `Query`. Output: `RetrievedChunk`s, best first, each with the evidence behind its score, so that whoever decides
whether the knowledge answers at all can weigh it (`assistant/decision.py`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict

from knowledge.document import Role, Task
from knowledge.embedding import Vectors
from knowledge.errors import ConfigurationError
from knowledge.index import QUESTION_MARK, Index, page_asked, section_asked
from knowledge.splitting import Chunk
from knowledge.vehicles import Vehicle, holds_for
from knowledge.words import stems
from knowledge.yaml_text import parse

_DENSE_CANDIDATES, _WORD_CANDIDATES = 400, 120
_WORDS_SCORED = 2_000  # a passage that comes in by its vector or its page still gets its words counted
_PAGE_OF = 3  # entries of a page that say how near it is: one alone may be near by chance
_SECTION_OF = 2  # the same of a section's questions: two gained 1.3 points on the development questions against the nearest
_NAMED = 1.0  # weight of a feature that the question calls by a name of its own: what is told of it is a candidate, however far
_ASKED_DOCUMENTS = 6  # pages whose own questions come nearest: all their sections are candidates


@dataclass(frozen=True, kw_only=True)
class Query:
    """A question ready for retrieval. `languages` is the order in which versions of a passage are preferred."""

    text: str
    vector: Vectors
    languages: tuple[str, ...]
    market: str | None = None
    vehicle: Vehicle | None = None
    features: dict[str, float] = field(default_factory=dict)
    roles: dict[tuple[Role, Task | None], float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Why a passage was found; each from 0 (none) to 1.

    dense: nearness of question and passage; page: nearness of the question and the passage's page; words: share of the
    question's words in it; asked: nearness to a question that its page says it answers; asked_here: nearness to those that its
    section is known to answer; topic: what it has in common with
    all of those and with no other page's; silent: nearness to questions that no page answers, the same for all passages;
    feature: the question names a feature of the page; title: share of the page's
    title in the question; role: the section does what is to be done; car: it is about the car in question, not about any.
    """

    dense: float
    page: float
    words: float
    asked: float
    asked_here: float
    topic: float
    silent: float
    feature: float
    title: float
    role: float
    car: float


@dataclass(frozen=True, kw_only=True)
class RetrievedChunk:
    """A chunk with its rank (from 1), score and evidence."""

    chunk: Chunk
    rank: int
    score: float
    evidence: Evidence


class SectionWeights(BaseModel):
    """How much each evidence counts among the passages of one page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dense: float
    words: float
    role: float
    asked_here: float
    car: float

    def score(self, evidence: Evidence) -> float:
        """Return the weighted sum."""
        weights: dict[str, float] = self.model_dump()
        return sum(weight * float(getattr(evidence, name)) for name, weight in weights.items())


class Weights(BaseModel):
    """How much each evidence counts when pages are ranked, by their best passage; read from a release.

    `section` then puts the passages of a page in order: which page a question is about and which part of it answers are two
    questions, and what tells pages apart does not tell their parts apart.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    section: SectionWeights

    dense: float
    page: float
    words: float
    asked: float
    topic: float
    feature: float
    title: float
    role: float

    @classmethod
    def read(cls, path: Path) -> Weights:
        """Return the weights in a YAML file. Raises `ConfigurationError`."""
        try:
            return cls.model_validate(parse(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, yaml.YAMLError) as error:
            message = f"The weights in {path} can't be used: {error}"
            raise ConfigurationError(message) from error

    def score(self, evidence: Evidence) -> float:
        """Return the weighted sum."""
        weights: dict[str, float] = self.model_dump(exclude={"section"})
        return sum(weight * float(getattr(evidence, name)) for name, weight in weights.items())


_BEGINNING = 160  # characters
_OTHER_THAN = re.compile(r"(?:autre que|other than)(?: le| la| les| un| une| a| an| the)? (\w+)", re.IGNORECASE)

Part = TypeVar("Part", str, tuple[str, str])
Passage = tuple[str, str, int]  # document, section, part: what the language versions of a chunk have in common


class Retriever:
    """Ranks the passages of one index."""

    def __init__(self, index: Index, weights: Weights) -> None:
        self._index = index
        self.weights = weights
        self._versions: dict[Passage, list[Chunk]] = defaultdict(list)
        self._passages: dict[str, set[Passage]] = defaultdict(set)
        self._about: dict[str, set[Passage]] = defaultdict(set)  # by feature
        self._titles: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        self._passage_counts = Counter(chunk.document_id for chunk in index.chunks.values())
        for chunk in index.chunks.values():
            self._versions[_passage(chunk)].append(chunk)
            self._passages[chunk.document_id].add(_passage(chunk))
            for feature in chunk.features:
                self._about[feature].add(_passage(chunk))
            self._titles[chunk.document_id][chunk.language] = frozenset(stems(chunk.title, chunk.language))

    def retrieve(self, query: Query, k: int) -> list[RetrievedChunk]:
        """Return up to `k` passages, best first: each once, in the first of the query's languages it exists in."""
        near = self._index.nearest(query.vector, _DENSE_CANDIDATES)
        dense = {name: nearness for name, nearness in near if QUESTION_MARK not in name}
        asked = _nearest_of_each(near, page_asked, 1)
        asked_here = _nearest_of_each(near, section_asked, _SECTION_OF)
        pages = _nearest_of_each(near, self._page_told, _PAGE_OF, self._passage_counts)
        words = self._index.words.match(query.text, _WORDS_SCORED)
        best_words = sorted(words, key=lambda name: -words[name])[:_WORD_CANDIDATES]
        floor = min(dense.values(), default=0.0)
        candidates = self._candidates(query, {*dense, *best_words}, asked)
        topics = self._index.topics.scores(query.text, query.vector) if self._index.topics else {}
        silent = self._index.silence(query.vector)
        titles = self._title_shares(query.text, {versions[0].document_id for versions in candidates})
        scored = []
        for versions in candidates:
            shown = _preferred(versions, query.languages)
            evidence = Evidence(
                dense=max(dense.get(chunk.id, floor) for chunk in versions),
                page=pages.get(shown.document_id, 0.0),
                words=max(words.get(chunk.id, 0.0) for chunk in versions),
                asked=asked.get(shown.document_id, 0.0),
                asked_here=asked_here.get((shown.document_id, shown.section_id), 0.0),
                topic=topics.get(shown.document_id, 0.0),
                silent=silent,
                feature=max((query.features.get(feature, 0.0) for feature in shown.features), default=0.0),
                title=titles[shown.document_id],
                role=_role_evidence(shown, query.roles),
                car=float(query.vehicle is not None and bool(shown.vehicles)),
            )
            scored.append((shown, evidence))
        ranked = self._in_order(scored)
        ranked.sort(key=lambda item: (-item[0], item[1].id))
        return [
            RetrievedChunk(chunk=chunk, rank=rank, score=score, evidence=evidence)
            for rank, (score, chunk, evidence) in enumerate(ranked[:k], start=1)
        ]

    def _in_order(self, scored: list[tuple[Chunk, Evidence]]) -> list[tuple[float, Chunk, Evidence]]:
        """Return passages with their scores: the page's, less what a passage lacks against the best one of its page."""
        pages: dict[str, float] = defaultdict(lambda: float("-inf"))
        sections: dict[str, float] = defaultdict(lambda: float("-inf"))
        own = [self.weights.section.score(evidence) for _, evidence in scored]
        for (chunk, evidence), section in zip(scored, own, strict=True):
            pages[chunk.document_id] = max(pages[chunk.document_id], self.weights.score(evidence))
            sections[chunk.document_id] = max(sections[chunk.document_id], section)
        return [
            (pages[chunk.document_id] + section - sections[chunk.document_id], chunk, evidence)
            for (chunk, evidence), section in zip(scored, own, strict=True)
        ]

    def _page_told(self, name: str) -> str | None:
        """Return the page whose passage an entry is, or None for a question."""
        chunk = self._index.chunks.get(name)
        return chunk.document_id if chunk else None

    def _candidates(self, query: Query, found: set[str], asked: dict[str, float]) -> list[list[Chunk]]:
        """Return the passages worth scoring, every language version of each, without those that may not be shown."""
        passages = {_passage(self._index.chunks[name]) for name in found}
        for document in sorted(asked, key=lambda name: -asked[name])[:_ASKED_DOCUMENTS]:
            passages |= self._passages[document]
        for feature, weight in query.features.items():
            if weight >= _NAMED:
                passages |= self._about.get(feature, set())
        visible = ([chunk for chunk in self._versions[passage] if _may_show(chunk, query)] for passage in passages)
        return [versions for versions in visible if versions]

    def _title_shares(self, text: str, documents: set[str]) -> dict[str, float]:
        """Return, by document, the share of its title's stems that the question holds, in its best language."""
        asked: dict[str, frozenset[str]] = {}
        shares: dict[str, float] = {}
        for document in documents:
            for language, title in self._titles[document].items():
                if language not in asked:
                    asked[language] = frozenset(stems(text, language))
                share = len(title & asked[language]) / len(title) if title else 0.0
                shares[document] = max(share, shares.get(document, 0.0))
        return shares


def _passage(chunk: Chunk) -> Passage:
    return chunk.document_id, chunk.section_id, chunk.part


def _may_show(chunk: Chunk, query: Query) -> bool:
    in_market = query.market is None or chunk.is_for(query.market)
    return in_market and holds_for(chunk.vehicles, query.vehicle) and not is_for_others(chunk, query.text)


def is_for_others(chunk: Chunk, question: str) -> bool:
    """Say whether a passage begins as being for all but what the question names ("a diesel other than a BlueHDi")."""
    left_out = _OTHER_THAN.search(f"{chunk.section} {chunk.text[:_BEGINNING]}")
    return left_out is not None and left_out[1].lower() in question.lower()


def _nearest_of_each(
    near: list[tuple[str, float]], part_of: Callable[[str], Part | None], count: int, entries: Mapping[Part, int] | None = None
) -> dict[Part, float]:
    """Return, by page or section, the mean nearness of its `count` nearest entries; one not found counts as the last found.

    `entries`: how many each has, so that a page of one passage does not count as one of which two were not found.
    """
    found: dict[Part, list[float]] = defaultdict(list)
    for name, nearness in near:
        part = part_of(name)
        if part is not None and len(found[part]) < count:
            found[part].append(nearness)
    last = near[-1][1] if near else 0.0
    of = {part: min(count, entries[part]) if entries else count for part in found}
    return {part: (sum(values) + last * (of[part] - len(values))) / of[part] for part, values in found.items()}


def _preferred(versions: list[Chunk], languages: tuple[str, ...]) -> Chunk:
    order = {language: position for position, language in enumerate(languages)}
    return min(versions, key=lambda chunk: (order.get(chunk.language, len(order)), chunk.language))


def _role_evidence(chunk: Chunk, roles: dict[tuple[Role, Task | None], float]) -> float:
    return max(
        (weight for (role, task), weight in roles.items() if chunk.role is role and task in (None, chunk.task)), default=0.0
    )
