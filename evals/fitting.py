"""Fits the retrieval weights on labelled questions, development halves only; `calibrating.py` fits the rest.

`python -m evals.fitting weights` and `… sections` print the YAML of the release files; nothing is
written, so that a person decides what goes into the next release.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from assistant.release import Release
from assistant.settings import Settings
from evals.content_bench import read_content_questions
from evals.conversations import LabelledTurn, read_conversations
from evals.metrics.answering import holds
from evals.questions import SETS, read_questions
from knowledge.embedding import Embedder, make_embedder
from knowledge.retrieval import Query, RetrievedChunk, SectionWeights, Weights
from knowledge.serving import LiveSnapshot
from knowledge.snapshots import SnapshotStore

_ALL = 5_000
_SHARPNESS = 8.0  # where the search for weights begins: how much surer a page gets by one point of score
_RIDGE = 0.001
_NOT_FITTED = ("role", "section")
_SECTION_RIDGE = 0.0003


@dataclass(frozen=True, kw_only=True)
class _Candidates:
    relevant: set[str]
    pages: list[str]
    page_of: NDArray[np.int64]
    evidence: NDArray[np.float64]

    @property
    def page_count(self) -> int:
        return len(self.pages)

    @property
    def right(self) -> list[int]:
        return [place for place, page in enumerate(self.pages) if page in self.relevant]


def fit_weights(questions: list[tuple[str, set[str]]], release: Release, embedder: Embedder) -> Weights:
    """Return, for questions with their right pages, the weights under which the right pages are likeliest.

    A conditional logit (McFadden 1974) over the pages found for each question, a page's score being its best passage's. It
    moves smoothly with every question, where counting right first places would chase a few. `role` keeps its weight, since
    page labels say nothing about sections; the sum is scaled so that `dense` is 1, since only ratios matter.
    """
    found = [_candidates(text, relevant, release, embedder) for text, relevant in questions]
    found = [candidates for candidates in found if candidates.relevant & set(candidates.pages)]
    fitted = [name for name in Weights.model_fields if name not in _NOT_FITTED]
    present = release.retriever.weights

    def loss(logits: NDArray[np.float64]) -> float:
        missed = sum(-_log_likelihood(candidates, fitted, logits, present.role) for candidates in found) / len(found)
        return missed + _RIDGE * float(logits @ logits)

    start = np.array([getattr(present, name) for name in fitted]) * _SHARPNESS
    best = minimize(loss, start, method="L-BFGS-B", bounds=[(0.0, None)] * len(fitted)).x
    dense = best[fitted.index("dense")]
    return present.model_copy(update={name: round(float(value / dense), 2) for name, value in zip(fitted, best, strict=True)})


def fit_sections(questions: list[tuple[str, set[str], tuple[str, ...]]], release: Release, embedder: Embedder) -> SectionWeights:
    """Return, for questions with their right pages and required facts, the weights that put the passage with the facts first.

    A conditional logit over the passages of the right page that retrieval found; those that hold most of the facts are right.
    """
    fitted = list(SectionWeights.model_fields)
    pages = []
    for text, relevant, facts in questions:
        found = [item for item in _retrieve(text, release, embedder, _ALL) if item.chunk.document_id in relevant]
        held = np.array([sum(holds(item.chunk.text, fact) for fact in facts) for item in found])
        if len(found) > 1 and held.max() > 0 and held.min() < held.max():
            evidence = [[getattr(item.evidence, name) for name in fitted] for item in found]
            pages.append((np.array(evidence), np.flatnonzero(held == held.max())))

    def loss(logits: NDArray[np.float64]) -> float:
        missed = sum(logsumexp(rows @ logits) - logsumexp(rows[right] @ logits) for rows, right in pages) / len(pages)
        return float(missed + _SECTION_RIDGE * logits @ logits)

    best = minimize(loss, np.ones(len(fitted)), method="L-BFGS-B", bounds=[(0.0, None)] * len(fitted)).x
    return SectionWeights(**{name: round(float(value / best[0]), 2) for name, value in zip(fitted, best, strict=True)})


def _log_likelihood(candidates: _Candidates, fitted: list[str], logits: NDArray[np.float64], role: float) -> float:
    dense = logits[fitted.index("dense")]
    evidence = candidates.evidence
    scores = evidence[:, : len(fitted)] @ logits + evidence[:, -1] * role * dense
    best = np.full(candidates.page_count, -np.inf)
    np.maximum.at(best, candidates.page_of, scores)
    return float(logsumexp(best[candidates.right]) - logsumexp(best))


def _candidates(text: str, relevant: set[str], release: Release, embedder: Embedder) -> _Candidates:
    retrieved = _retrieve(text, release, embedder, _ALL)
    pages = list(dict.fromkeys(item.chunk.document_id for item in retrieved))
    fitted = [name for name in Weights.model_fields if name not in _NOT_FITTED]
    return _Candidates(
        relevant=relevant,
        pages=pages,
        page_of=np.array([pages.index(item.chunk.document_id) for item in retrieved]),
        evidence=np.array([[getattr(item.evidence, name) for name in (*fitted, "role")] for item in retrieved]),
    )


def _retrieve(text: str, release: Release, embedder: Embedder, k: int) -> list[RetrievedChunk]:
    query = Query(
        text=text,
        vector=embedder.embed_query(text),
        languages=("fr", "en"),
        vehicle=release.recognition.find(text),
        features=release.lexicon.features_in(text),
        roles=release.lexicon.roles_in(text),
    )
    return release.retriever.retrieve(query, k)


def main(what: str) -> None:
    """Print the fitted weights for the live snapshot."""
    settings = Settings.read()
    embedder = make_embedder(settings)
    live = LiveSnapshot(SnapshotStore(settings.home), "customer")
    questions = [question for question in read_questions(SETS / "retrieval.jsonl") if question.half == "development"]
    contents = [one for one in read_content_questions(SETS / "content.jsonl") if one.half == "development"]
    with live.lease() as snapshot:
        release = Release.read(snapshot)
        if what == "weights":
            placed = [(question.question, set(question.relevant)) for question in questions]
            placed += [(turn.question, set(turn.expect.documents)) for turn in _openings() if turn.expect.documents]
            placed += [(question.question, set(question.documents)) for question in contents]
            for name, value in fit_weights(placed, release, embedder).model_dump().items():
                print(f"{name}: {value}")
        elif what == "sections":
            told = [(question.question, set(question.documents), question.must) for question in contents]
            told += [(turn.question, set(turn.expect.documents), tuple(turn.expect.must)) for turn in _openings()]
            print(fit_sections(told, release, embedder).model_dump())
    live.close()


def _openings() -> list[LabelledTurn]:
    """Return the turns of the development half that open a conversation."""
    conversations = read_conversations(SETS / "conversations.jsonl")
    return [conversation.turns[0] for conversation in conversations if conversation.half == "development"]


if __name__ == "__main__":
    main(sys.argv[1])
